"""The kernels run as plain Python and say the same."""

import os
import subprocess
import sys

import numpy as np

SCRIPT = """
import numpy as np
from corohemo.kernels.plaque import axial_stress
from corohemo.kernels.quadratic import TRIANGLE_POINTS, TRIANGLE_WEIGHTS, facet_quadrature
from corohemo.kernels.tetrahedra import cell_boxes, hash_boxes, interpolate, locate_points
from corohemo.kernels.wall import wall_stress
from corohemo.kernels.centerline import place_on_centerline

from corohemo.network import FlowNetwork, NetworkTiming, NetworkVessel, Terminal
from corohemo.solvers.network import solve_network
from corohemo.waveform import Waveform

def march():
    wave = Waveform.from_fourier(1.0, [5.0, 2.0 - 1.0j])
    bed = {"Ra1": 9.0, "Ra2": 8.0, "Rv1": 7.0, "Ca": 1e-3, "Cc": 2e-3, "P_v": 1.0, "Pim": wave}
    network = FlowNetwork(
        (NetworkVessel("a", 0, 1, 3.0, 0.5, 1e-3, 0.1), NetworkVessel("b", 1, 2, 4.0)),
        {0: Terminal("in", "FLOW", {"Q": wave})}, {2: Terminal("out", "CORONARY", bed)},
        NetworkTiming(points_per_cycle=21, cycles=1),
    )
    solution = solve_network(network)
    return [solution.pressure_in["a"], solution.flow_out["b"]]

vertices = np.array([[0, 0, 0], [1.0, 0, 0], [0, 1, 0], [0, 0, 1]])
pairs = [(0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3)]
points = np.concatenate([vertices, [0.5 * (vertices[a] + vertices[b]) for a, b in pairs]])
points[5] *= 1.1
cells = np.arange(10)[None]
facets = np.array([[1, 2, 3, 5, 9, 8]])
velocity = np.column_stack([points[:, 1] ** 2, points[:, 0] * points[:, 2], points[:, 0]])
positions, vectors, shear, pressure = wall_stress(
    points, cells, facets, np.array([0]), velocity, points[:, 2].copy(), 0.1,
    TRIANGLE_POINTS, TRIANGLE_WEIGHTS,
)
flat = vectors.reshape(-1, 3)
axial = axial_stress(flat, pressure.reshape(-1), shear.reshape(-1, 3), np.tile([0, 0, 1.0], (6, 1)))
lower, upper = cell_boxes(points, cells)
shape = np.array([2, 2, 2])
starts, members = hash_boxes(lower, upper, lower[0], 0.7, shape)
targets = np.array([[0.2, 0.3, 0.1], [2.0, 0.1, 0.1]])
cell, reference, distance = locate_points(
    targets, points, cells, lower, upper, lower[0], 0.7, shape, starts, members
)
place, _ = place_on_centerline(
    targets, vertices[[0, 1]], np.tile([1.0, 0, 0], (2, 1)), np.array([0.0, 1.0])
)
values = interpolate(points, cells, cell, reference)
everything = [positions, vectors, shear, pressure, axial, reference, distance, place, values]
everything += facet_quadrature(points, facets)
everything += march()
print(" ".join(repr(float(v)) for a in everything for v in np.ravel(a)))
"""


def run(**environment):
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return np.array(result.stdout.split(), dtype=np.float64)


def test_kernels_give_the_same_without_compilation():
    assert np.allclose(run(NUMBA_DISABLE_JIT="1"), run(NUMBA_DISABLE_JIT="0"), rtol=1e-12, atol=0)
