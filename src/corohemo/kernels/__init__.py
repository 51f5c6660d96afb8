"""Numba kernels on plain arrays: they import numpy and numba only."""
