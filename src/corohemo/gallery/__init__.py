"""Sample trees: for the documentation, the tests, the benchmarks and a first try.

All lengths are in millimetres and all angles in degrees; every tree is the same each time.
"""

from corohemo.gallery.left import left_tree
from corohemo.gallery.random_trees import labelled_tree, random_tree
from corohemo.gallery.recipes import KINDS, RECIPES, Recipe
from corohemo.gallery.shapes import bend, cone, cosine_stenosis, tube, y_bifurcation

__all__ = [
    "KINDS",
    "RECIPES",
    "Recipe",
    "bend",
    "cone",
    "cosine_stenosis",
    "labelled_tree",
    "left_tree",
    "random_tree",
    "tube",
    "y_bifurcation",
]
