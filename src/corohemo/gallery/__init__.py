"""Sample trees: for the documentation, the tests, the benchmarks and a first try.

All lengths are in millimetres and all angles in degrees; every tree is the same each time.
"""

from corohemo.gallery.shapes import bend, cone, cosine_stenosis, tube, y_bifurcation

__all__ = ["bend", "cone", "cosine_stenosis", "tube", "y_bifurcation"]
