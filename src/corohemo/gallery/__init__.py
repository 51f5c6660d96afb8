"""Sample trees: for the documentation, the tests, the benchmarks and a first try.

All lengths are in millimetres and all angles in degrees; every tree is the same each time.
"""

from corohemo.gallery.left import left_tree
from corohemo.gallery.random_trees import random_tree
from corohemo.gallery.shapes import bend, cone, cosine_stenosis, tube, y_bifurcation

__all__ = ["bend", "cone", "cosine_stenosis", "left_tree", "random_tree", "tube", "y_bifurcation"]
