"""Kernels on a million facets against the same numbers by NumPy and VTK.

Prints a table: CPU seconds of each on one core (best of a few calls), their ratio, and the largest
difference over the largest value. The wall is that of the gallery's left tree, many times over;
NumPy works on whole arrays, and again on pieces that fit the cache. Sections are sampled for the
places themselves, which curved cells hold exactly: the difference is that from the points asked
for, and that of VTK's probe, which ends Newton's method early, is printed below.
"""

from kernel_averages import averages_rows
from kernel_divergence import divergence_row
from kernel_row import MILLION
from kernel_sampling import sampling_row
from kernel_traction import traction_row
from kernel_wall import Wall

import corohemo as ch


def main() -> None:
    """Print the table."""
    lumen = ch.build_lumen(ch.gallery.left_tree())
    mesh = ch.mesh_lumen(lumen)
    print("| kernel | ours | others on whole arrays, ratio | in pieces, ratio | difference | met |")
    print("|---|---|---|---|---|---|")
    sampling_row(lumen, mesh)
    wall, small = Wall.many(mesh, MILLION), Wall.many(mesh, 10)
    areas = traction_row(wall, small)
    divergence_row(wall, small, areas)
    averages_rows()


if __name__ == "__main__":
    main()
