"""Orders of convergence in space on curved cells, by manufactured solutions of the solver's form.

The time step's form holds du/dt = ``rate u - past``; with a rate of zero ``past`` is a body force,
in the stabilising terms too. The force is chosen so that on a bent tube

    u = w(y, z) n + curl (s^3 a(x)),    p = s h(x),

s the distance from the outlet's plane, n its normal, y and z across it. At the outlet u leaves
through the natural condition with a pressure of zero, which it meets exactly: du/dn and p vanish
there. Everywhere else the velocity is prescribed, on the curved wall too.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import corohemo as ch
from corohemo.meshing.assemble import VertexMesh, cell_edges, oriented, second_order
from corohemo.meshing.mesh import VTK_EDGES
from corohemo.solvers.coarse import CoarseGrid
from corohemo.solvers.conditions import FlowConditions, Opening
from corohemo.solvers.domain import FlowDomain
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.form import FlowForm, compile_form
from corohemo.solvers.linear import LinearSolver
from corohemo.solvers.newton import solve_newton
from corohemo.solvers.openings import face_nodes, flux_weights
from corohemo.solvers.options import SteadyOptions
from corohemo.solvers.problem import FlowProblem
from corohemo.solvers.scales import LENGTH

require_dolfinx()

import ufl  # noqa: E402
from dolfinx import fem  # noqa: E402
from mpi4py import MPI  # noqa: E402

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Line = tuple[str, float, float, str]

REACH = 5.0
"""Distance from the outlet [mm] over which the velocity changes by its own size."""
VISCOSITIES = {"viscosity of blood": 0.0165, "creeping flow": 3.0}
"""nu / (U L) with U = 0.2 m/s and L = 1 mm."""
HALVINGS = 2
CORNERS = ((0, 4, 6, 7), (4, 1, 5, 8), (6, 5, 2, 9), (7, 8, 9, 3))
"""Nodes of a tetrahedron that are the vertices of its parts at the corners."""
OCTAHEDRON = ((4, 9, 5, 8, 7, 6), (5, 7, 4, 8, 9, 6), (6, 8, 4, 5, 9, 7))
"""What is left: the ends of each diagonal, and the nodes around it."""
QUADRATURE_DEGREE = 8
"""Degree of the rule of the errors."""


def manufactured_rows() -> Iterator[Line]:
    """Orders between the two finest meshes, with the viscosity of blood and in creeping flow."""
    meshes = list(bend_meshes())
    for name, viscosity in VISCOSITIES.items():
        errors = [manufactured_errors(mesh, viscosity) for mesh in meshes]
        orders = np.log2(np.divide(errors[-2], errors[-1]))
        for field, order, wanted, error in zip(
            ("velocity", "pressure"), orders, (3.0, 2.0), errors[-1], strict=True
        ):
            yield (
                f"bent tube, {name}: order of the {field} in L2 falls short by",
                0.15,
                wanted - float(order),
                f"{wanted:g} wanted, {order:.2f} found, relative error {error:.1e}",
            )


def bend_meshes() -> Iterator[ch.LumenMesh]:
    """A coarse bend of 60 degrees, and the same curved domain with every edge halved, twice."""
    lumen = ch.build_lumen(ch.gallery.bend(3.0, 6.0, 60.0, 0.0))
    options = ch.MeshOptions(sectors=8, rings=(0.55, 1.0), axial_step_radii=0.8)
    mesh = ch.mesh_lumen(lumen, options)
    yield mesh
    for _ in range(HALVINGS):
        mesh = halved(mesh)
        yield mesh


def halved(mesh: ch.LumenMesh) -> ch.LumenMesh:
    """Every tetrahedron cut in eight along its own curved coordinates."""
    cells = oriented(mesh.points, np.concatenate(parts(mesh), axis=1).reshape(-1, 4))
    parents = np.repeat(np.arange(len(mesh.cells)), 8)
    edges, edge_of_cell = cell_edges(cells)
    middles = np.empty((len(edges), 3))
    places = reference_places(mesh.cells[parents], cells)
    for k, (a, b) in enumerate(VTK_EDGES):
        shapes = shapes_at(0.5 * (places[:, a] + places[:, b]))
        nodes = mesh.points[mesh.cells[parents]]
        middles[edge_of_cell[:, k]] = np.einsum("ca,cad->cd", shapes, nodes)
    caps = {face: face_nodes(mesh, face) for face in mesh.faces[:-1]}
    vertices = VertexMesh(mesh.points, cells, caps, mesh.node_branch, mesh.node_abscissa)
    return second_order(vertices, edges, edge_of_cell, middles)


def parts(mesh: ch.LumenMesh) -> tuple[IntArray, IntArray]:
    """Parts at the corners, and around the shortest diagonal of what is left (m, 4, 4) each."""
    ends = mesh.points[mesh.cells[:, [around[:2] for around in OCTAHEDRON]]]
    shortest = np.linalg.norm(ends[:, :, 0] - ends[:, :, 1], axis=2).argmin(axis=1)
    around = [[(a, b, ring[k], ring[(k + 1) % 4]) for k in range(4)] for a, b, *ring in OCTAHEDRON]
    inner = np.take_along_axis(
        mesh.cells, np.array(around)[shortest].reshape(len(mesh.cells), 16), axis=1
    )
    return mesh.cells[:, CORNERS], inner.reshape(-1, 4, 4)


def reference_places(parents: IntArray, cells: IntArray) -> FloatArray:
    """Coordinates in its parent of each vertex of a cell (m, 4, 3)."""
    local = (parents[:, None, :] == cells[:, :, None]).argmax(axis=2)
    corners = np.vstack([np.zeros(3), np.eye(3)])
    nodes = np.vstack([corners, [0.5 * (corners[a] + corners[b]) for a, b in VTK_EDGES]])
    return nodes[local]


def shapes_at(places: FloatArray) -> FloatArray:
    """Shape functions of the ten nodes at places in the reference tetrahedron (m, 10)."""
    last = np.column_stack([1.0 - places.sum(axis=1), places])
    edges = [4.0 * last[:, a] * last[:, b] for a, b in VTK_EDGES]
    return np.column_stack([last * (2.0 * last - 1.0), *edges])


def manufactured_errors(mesh: ch.LumenMesh, viscosity: float) -> tuple[float, float]:
    """Relative L2 errors of velocity and pressure."""
    domain = FlowDomain.distribute(MPI.COMM_SELF, mesh, LENGTH)
    form = compile_form(domain, quadrature_degree=4, backflow=0.0, is_unsteady=True)
    velocity, pressure = exact_fields(domain, mesh)
    force_on(form, domain, velocity, pressure, viscosity)
    problem = FlowProblem(
        domain,
        form,
        LinearSolver(form.jacobian),
        conditions(mesh, domain, velocity, viscosity),
        CoarseGrid.along(mesh),
    )
    converged, log = solve_newton(problem, SteadyOptions(mass_tolerance=1.0), None)
    if not converged:
        raise RuntimeError(f"The manufactured flow did not converge: {log.residual:.1e}")
    found, exact = ufl.split(form.state), (velocity, pressure)
    u = ufl.as_vector([form.state[i] for i in range(3)])
    return (
        size(domain, u - exact[0]) / size(domain, exact[0]),
        size(domain, found[3] - exact[1]) / size(domain, exact[1]),
    )


def exact_fields(domain: FlowDomain, mesh: ch.LumenMesh) -> tuple[Any, Any]:
    """Velocity and pressure as expressions, dimensionless."""
    nodes, weights = flux_weights(mesh, mesh.faces[1])
    normal = weights.sum(axis=0) / np.linalg.norm(weights.sum(axis=0))
    across = np.cross(normal, [0.0, 0.0, 1.0])
    offset = ufl.SpatialCoordinate(domain.mesh) - ufl.as_vector(
        (mesh.points[nodes].mean(axis=0) / LENGTH).tolist()
    )
    n, side, up = (ufl.as_vector(list(map(float, v))) for v in (normal, across, (0, 0, 1)))
    s, y, z = (ufl.dot(offset, v) for v in (n, side, up))
    potential = ufl.sin(0.7 * y + 0.3) * n + ufl.cos(0.5 * z + 0.4 * y) * side
    potential += ufl.sin(0.6 * s - 0.5 * y + 0.2 * z) * up
    through = 1.0 + 0.5 * ufl.cos(0.8 * y) * ufl.sin(0.6 * z + 0.5)
    velocity = through * n + ufl.curl((s / REACH) ** 3 * potential)
    pressure = s / REACH * (1.0 + ufl.sin(0.9 * y + 0.4 * s) * ufl.cos(0.7 * z))
    return velocity, pressure


def force_on(
    form: FlowForm, domain: FlowDomain, velocity: Any, pressure: Any, viscosity: float
) -> None:
    """Set the body force under which the exact fields are the flow."""
    assert form.inertia is not None
    form.inertia.rate.value = form.inertia.frequency.value = 0.0
    friction = viscosity * ufl.div(ufl.grad(velocity))
    force = ufl.grad(velocity) * velocity + ufl.grad(pressure) - friction
    four = ufl.as_vector([force[0], force[1], force[2], 0 * force[0]])
    points = domain.space.element.interpolation_points
    form.inertia.past.interpolate(fem.Expression(four, points))


def conditions(
    mesh: ch.LumenMesh, domain: FlowDomain, velocity: Any, viscosity: float
) -> FlowConditions:
    """The exact velocity on wall and inlet, a pressure of zero behind the outlet."""
    outlet = mesh.faces[1]
    fixed = np.zeros(len(mesh.points), dtype=bool)
    fixed[face_nodes(mesh, "wall")] = fixed[face_nodes(mesh, "inlet")] = True
    field = fem.Function(domain.space)
    four = ufl.as_vector([*(velocity[i] for i in range(3)), 0 * velocity[0]])
    field.interpolate(fem.Expression(four, domain.space.element.interpolation_points))
    nodal = domain.gather(field.x.array.reshape(-1, 4)[: domain.n_owned, :3])
    nodes, weights = flux_weights(mesh, outlet)
    free = ~fixed[nodes]
    opening = Opening(nodes[free], weights[free] / LENGTH**2, resistance=0.0, offset=0.0)
    return FlowConditions(
        viscosity=viscosity,
        reference_pressure=0.0,
        fixed=fixed,
        velocity=np.where(fixed[:, None], nodal, 0.0),
        openings=(opening,),
        inflow=None,
    )


def size(domain: FlowDomain, expression: Any) -> float:
    """L2 norm."""
    cells = ufl.dx(domain=domain.mesh, metadata={"quadrature_degree": QUADRATURE_DEGREE})
    square = fem.form(ufl.inner(expression, expression) * cells)
    return float(np.sqrt(fem.assemble_scalar(square)))
