"""The kernels run as plain Python and say the same."""

import os
import subprocess
import sys

import numpy as np

SCRIPT = """
import numpy as np
from corohemo.kernels.oscillation import oscillation
from corohemo.kernels.plaque import axial_stress
from corohemo.kernels.quadratic import TRIANGLE_POINTS, TRIANGLE_WEIGHTS, facet_quadrature
from corohemo.kernels.cell_hash import CellGrid, cell_boxes, cell_planes, hash_cells
from corohemo.kernels.tetrahedra import interpolate, locate_points
from corohemo.kernels.wall import wall_stress
from corohemo.kernels.cycle import add_shear, add_variation, fill_means, start_cycle
from corohemo.kernels.cycle_series import average_series
from corohemo.kernels.divergence import add_edge_fluxes, edge_fluxes, flux_divergence
from corohemo.kernels.facets import facet_edges
from corohemo.kernels.space import space_values
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

from corohemo.kernels.advection import advect_chain, taylor_dispersion
from corohemo.kernels.ensemble import solve_ensemble
from corohemo.kernels.fermi import fermi_model
from corohemo.kernels.network import TreeLaw

def ensemble():
    sections = np.array([0.0, 0.01, 0.02, 0.0, 0.01, 0.0, 0.02])
    radii = np.array([[2.0, 1.5, 2.0, 1.6, 1.2, 1.4, 1.1], [1.9, 1.4, 1.8, 1.5, 1.3, 1.2, 1.0]])
    radii *= 1e-3
    law = TreeLaw(
        np.array([-1, 0, 0]), np.zeros(3), np.array([0, 1e13, 2e13]), np.array([0, -9e12, -8e12]),
        np.array([0, 3, 5, 7]), sections, 1.0 / (np.pi * radii[0] ** 2), 1060.0, 8e3,
    )
    outlet = np.array([False, True, True])
    beds = np.tile([0.0, 4e9, 6e9], (2, 1))
    return solve_ensemble(
        law, np.full(7, 1e11), radii, np.array([3.5e-3, 4e-3]), 0.025, outlet, beds,
        np.zeros((2, 3)), np.zeros((2, 3)), np.array([12e3, 11e3]), 1e-12, 60,
    )

def transport():
    cells = np.array([0, 4, 7])
    inlet = np.array([1.0, 0.5] + [0.0] * 20)
    return advect_chain(
        cells, np.array([1e-9, 1.2e-9]), np.array([2e-6, 1e-6]), np.full(7, 3e-7), inlet, 4e-4
    )

def fermi():
    lags = np.arange(0.0, 20.0, 0.5)
    integral = 0.5 * np.maximum(lags[::4, None] - lags[None], 0.0) * np.exp(-0.1 * lags[::4, None])
    slopes = np.empty((len(integral), 3))
    return fermi_model(integral, lags, np.log(np.array([0.02, 0.3, 0.2])), slopes), slopes

from corohemo.heart import ClosedLoopHeart
from corohemo.outlet import CoronaryBed
from corohemo.solvers.loop_network import LoopNetwork
from corohemo.solvers.tree_network import TreeNetwork, generalised_alpha

def beat():
    heart = ClosedLoopHeart(preset="simaan2009")
    bed = CoronaryBed(290.0, 9e-4, 470.0, 7e-3, 140.0, ventricular_share=1.5).circuit()
    none = np.zeros(0)
    law = TreeLaw(
        np.array([-1]), np.array([2.6e7]), np.array([1e12]), np.zeros(1), np.zeros(2, np.int64),
        none, none, 1060.0, 0.0,
    )
    tree = TreeNetwork(law, np.array([3e6]), np.zeros(1), {0: bed}, 0.0, False)
    network = LoopNetwork(tree, heart.loop())
    scheme = generalised_alpha(heart.period_s / 100, 0.5)
    series, loop = network.march(network.resting(), scheme, 0.0, 60, 1e-10)
    return series.flows, loop.pressures, loop.volumes

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
planes = cell_planes(points, cells)
grid = CellGrid(lower, upper, planes, lower[0], 0.7, shape)
targets = np.array([[0.2, 0.3, 0.1], [2.0, 0.1, 0.1]])
cell, reference, distance = locate_points(targets, points, cells, grid, *hash_cells(grid))
place, _ = place_on_centerline(
    targets, vertices[[0, 1]], np.tile([1.0, 0, 0], (2, 1)), np.array([0.0, 1.0])
)
values = interpolate(points, cells, cell, reference)
everything = [positions, vectors, shear, pressure, axial, reference, distance, place, values]
everything += facet_quadrature(points, facets)

def cycle():
    sums, sample = np.zeros((2, 17, 8)), np.concatenate([shear.reshape(-1, 3)] * 2)
    mean, spread = np.zeros(6), np.zeros(6)
    normals = np.tile([0.6, 0.0, 0.8], (16, 1))
    add_shear((sample, 0 * sample, sample, sample), 1e-9, sums)
    start_cycle(sums, 3, normals, 1e-9)
    add_shear(tuple((2.5 - k) * sample[:, ::-1] for k in range(4)), 1e-9, sums)
    for k in range(1, 4):
        add_variation(k * k * sample[:6, 0], k, mean, spread)
    found = [np.zeros((16, 3)), np.zeros((6, 16))]
    fill_means(sums, normals, 4, 1e-9, *found)
    sample, normals = sample[:6], normals[:6]
    series = np.stack([sample, 0.5 * sample, sample[:, ::-1]])
    averages = [np.zeros((6, 3)), *(np.zeros(6) for _ in range(4))]
    average_series(series.reshape(3, -1), normals, 1e-9, *averages)
    ratios = oscillation(averages[0], averages[1], 1e-9, 1e-3)
    return [sums, mean, spread, found[0][:12], found[1][:, :12], *averages, *ratios]

def divergence():
    fluxes = edge_fluxes(points, cells, facets, np.array([0]), velocity, 0.1, 1e-9)
    edges, signs, shares = facet_edges(facets)
    through = np.zeros(3)
    add_edge_fluxes(fluxes, edges, signs, shares, through)
    return [fluxes, through, flux_divergence(through, edges, signs, np.array([0.8]))]

everything += [*cycle(), *divergence()]
everything += [space_values(points, cells, velocity, np.array([0, 0]), targets)]
everything += march()
everything += [*ensemble()[:2], transport(), np.array([taylor_dispersion(0.3, 1e-3, 0.1, 1.4e-7)])]
everything += [*fermi(), *beat()]
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
