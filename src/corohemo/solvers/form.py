"""Weak form of the Navier-Stokes equations, steady or of one time step: equal-order, stabilised.

All quantities are divided by length L, velocity U and pressure rho U^2, so that the only
parameter is nu / (U L). Velocity and pressure share one blocked quadratic space.

Galerkin form with the velocity gradient in the viscous term, whose natural condition
``nu du/dn - p n = -P n`` holds exactly for Poiseuille flow; plus, in every cell,
``tau (u.grad v + grad q) . R`` with the momentum residual R (SUPG and PSPG) and
``1 / (tau tr G) div u div v``, tau = (4 u.G.u + 324 nu^2 G:G)^(-1/2), G = J^-T J^-1 (Bazilevs et
al., Comput Methods Appl Mech Eng 2007;197:173). Testing with q = 1 leaves the flux through the
boundary: mass is conserved to the tolerance of the iteration. ``div u`` is not zero at every point;
``(u.grad u + 1/2 u div u, v)`` keeps what of it is left from making kinetic energy (Temam 1968,
Bull Soc Math France 96:115), which halves the error of the pressure drop over a 60 % stenosis.

In a time step R and the Galerkin form hold du/dt = ``rate u - past``, whatever formula of
differences the caller chose. The usual 4 / dt^2 under the root of tau would make the solution in
space depend on the step: behind a 50 % stenosis on a coarse mesh 1 ms took 5 % off the pressure
drop. Tau is bound by ten steps instead, which matters for steps far below the usual only.

Where the viscosity varies, the viscous term is that of the whole rate of strain; on the open faces
the part with the transposed gradient is taken off again, so that their natural condition stays the
same and a tube's profile leaves it undisturbed.

At an inlet whose pressure is given, that condition leaves the profile of a fast flow open: what a
coarse mesh gets wrong there is carried far downstream. A steady form can hold the normal velocity
to a multiple of a given profile s: ``k (u - s Q(u), v - s Q(v))`` on the inlet, Q the flux and k
large. It vanishes for v = s, so that the pressure stays the given one in the mean over the profile.
In time a part a without flow, which the past leaves, is taken off u (``transient_inlet``).
The form has ``k (u, v)``; the problem adds the rest, which couples all nodes of the inlet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from corohemo.solvers.cell_jacobian import CellJacobian, Jacobian, Regime
from corohemo.solvers.domain import INLET, OUTLET, FlowDomain
from corohemo.solvers.form_compile import compiled
from corohemo.solvers.form_data import Drift, Inertia, InletHold
from corohemo.solvers.thinning import Thinning

INVERSE_CONSTANTS = {1: 36.0, 2: 324.0, 3: 1296.0}
"""Factor of nu^2 G:G in tau, by the degree k of the element: 9 (k (k + 1))^2."""

COMPILER_FLAGS = (
    *("-O3", "-g0", "-fno-tree-slp-vectorize"),
    *("-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math", "-fno-math-errno"),
)
"""Sums may be reordered, which lets loops become vector instructions: a compiled Jacobian takes 19
instead of 45 us a cell. Pairs of numbers outside loops may not: the residual takes 1.6 instead of
3.2 us. NaN stays NaN, and nothing depends on the machine's instruction set."""

MASS_DEGREE = 4
"""Degree of the rule for the mass of a step in time or pseudo-time, exact in straight cells. The
six points of degree 3 leave quadratic velocities without mass, which grow from step to step."""

LONGEST_TAU = 10.0
"""Most time steps that tau may last."""


@dataclass(frozen=True)
class FlowForm:
    """Compiled residual and Jacobian, without the pressures on the open faces.

    Attributes:
        state: Velocity (first three) and pressure (last) per node, dimensionless.
        viscosity: nu / (U L).
        convection: 1, or 0 for Stokes flow.
        carrier: Field that carries the momentum; a copy of ``state`` when either is assembled.
        sharpness: 1 for Newton's Jacobian, 0 for Picard's, in which the carrier is held.
        residual: Compiled residual, without the drift of pseudo-time.
        drift: What a step of pseudo-time from the carrier adds, None in an unsteady form.
        jacobian: Derivative of the residual.
        inertia: What a time step adds, None in a steady form.
        thinning: Law of the viscosity, None where it is constant.
        hold: What holds the profile at the inlet.
        vertex_jacobian: The same between linear functions on the same cells, or None.
    """

    state: Any
    viscosity: Any
    convection: Any
    carrier: Any
    sharpness: Any
    residual: Any
    drift: Drift | None
    jacobian: Jacobian
    hold: InletHold
    inertia: Inertia | None = None
    thinning: Thinning | None = None
    vertex_jacobian: Jacobian | None = None


def compile_form(
    domain: FlowDomain,
    *,
    vertices: FlowDomain | None = None,
    quadrature_degree: int,
    backflow: float,
    is_unsteady: bool = False,
    is_thinning: bool = False,
) -> FlowForm:
    """Compile the form on a domain; collective.

    Args:
        domain: The distributed mesh.
        vertices: The same with a linear space, for a Jacobian on it too.
        quadrature_degree: Degree of the rule in the cells; 3 integrates div u exactly. Inertia
            against the test function has at least degree ``MASS_DEGREE``.
        backflow: Share of the kinetic energy that enters through an outlet and is taken away.
        is_unsteady: Whether to compile the form of a time step.
        is_thinning: Whether the viscosity depends on the shear rate.
    """
    import ufl
    from dolfinx import default_scalar_type, fem

    state = fem.Function(domain.space)
    carrier = fem.Function(domain.space)
    viscosity = fem.Constant(domain.mesh, default_scalar_type(1.0))
    convection = fem.Constant(domain.mesh, default_scalar_type(1.0))
    sharpness = fem.Constant(domain.mesh, default_scalar_type(1.0))
    slowness = fem.Constant(domain.mesh, default_scalar_type(0.0))
    share = fem.Constant(domain.mesh, default_scalar_type(backflow))
    cells, whole = (
        ufl.Measure("dx", domain=domain.mesh, metadata={"quadrature_degree": degree})
        for degree in (quadrature_degree, max(quadrature_degree, MASS_DEGREE))
    )
    faces = ufl.Measure(
        "ds",
        domain=domain.mesh,
        subdomain_data=domain.facet_tags,
        metadata={"quadrature_degree": 4},
    )
    wind = convection * (sharpness * _split(state)[0] + (1 - sharpness) * _split(carrier)[0])
    inertia = Inertia.on(domain) if is_unsteady else None
    thinning = Thinning.on(domain) if is_thinning else None
    nu = held = viscosity
    if thinning:
        nu, held = (viscosity * thinning.factor(_split(field)[0]) for field in (state, carrier))
    strength = fem.Constant(domain.mesh, default_scalar_type(0.0))
    profile = fem.Function(domain.space)
    known = fem.Function(domain.space) if is_unsteady else None

    def residual_of(test: Any) -> Any:
        return _cell_terms(state, test, (nu, held), wind, inertia, cells) + rest_of(test)

    def rest_of(test: Any) -> Any:
        terms = _face_terms(state, test, nu, convection * share, inertia, faces)
        if inertia is not None:
            terms += ufl.dot(inertia.of(state), _split(test)[0]) * whole
        if is_thinning:
            terms += _transposed_traction(state, test, nu, faces)
        return terms + _held(state if known is None else state - known, test, strength, faces)

    def jacobian_on(other: FlowDomain) -> Jacobian:
        test, trial = ufl.TestFunction(other.space), ufl.TrialFunction(other.space)
        terms = residual_of(test) if is_thinning else rest_of(test)
        derivative = compiled(ufl.derivative(terms, state, trial), COMPILER_FLAGS)
        drift = drift_of(test, trial)
        if is_thinning:
            return Jacobian(derivative, derivative, drift)
        pattern = compiled(ufl.inner(trial, test) * cells, COMPILER_FLAGS)
        cell_terms = CellJacobian(domain, other, quadrature_degree, regime)
        return Jacobian(pattern, derivative, drift, cell_terms)

    def drift_of(test: Any, trial: Any | None = None) -> Drift | None:
        if is_unsteady:
            return None
        terms = ufl.dot(_drift(state, carrier, slowness, held), _split(test)[0]) * whole
        if trial is not None:
            terms = ufl.derivative(terms, state, trial)
        return Drift(slowness, compiled(terms, COMPILER_FLAGS))

    regime = Regime(
        state=state,
        carrier=carrier,
        viscosity=viscosity,
        convection=convection,
        sharpness=sharpness,
        inertia=inertia,
        inverse_constant=INVERSE_CONSTANTS[domain.space.ufl_element().degree],
        longest_tau=LONGEST_TAU,
    )
    test = ufl.TestFunction(domain.space)
    return FlowForm(
        state=state,
        viscosity=viscosity,
        convection=convection,
        carrier=carrier,
        sharpness=sharpness,
        residual=compiled(residual_of(test), COMPILER_FLAGS),
        drift=drift_of(test),
        jacobian=jacobian_on(domain),
        vertex_jacobian=None if vertices is None else jacobian_on(vertices),
        inertia=inertia,
        thinning=thinning,
        hold=InletHold(
            strength,
            profile,
            known,
            compiled(_held(profile, test, strength, faces), COMPILER_FLAGS),
        ),
    )


def _split(function: Any) -> tuple[Any, Any]:
    import ufl

    return ufl.as_vector([function[i] for i in range(3)]), function[3]


def _drift(state: Any, carrier: Any, slowness: Any, viscosity: Any) -> Any:
    """Change of velocity since the carrier over a step of pseudo-time."""
    import ufl

    before = _split(carrier)[0]
    inverse = ufl.JacobianInverse(state.function_space.mesh)
    metric, along = inverse.T * inverse, inverse * before
    rate = ufl.sqrt(ufl.dot(along, along) + viscosity**2 * ufl.inner(metric, metric))
    return slowness * rate * (_split(state)[0] - before)


def _cell_terms(
    state: Any,
    test: Any,
    viscosities: tuple[Any, Any],
    wind: Any,
    inertia: Inertia | None,
    dx: Any,
) -> Any:
    """Galerkin terms but for inertia, and stabilising ones with the second viscosity, held."""
    import ufl
    from ufl import div, dot, grad, inner

    (u, p), (v, q) = _split(state), _split(test)
    nu, held = viscosities
    degree = state.function_space.ufl_element().degree
    inverse = ufl.JacobianInverse(dx.ufl_domain())
    metric = inverse.T * inverse
    along = inverse * wind
    carried = grad(u) * wind
    changed = carried
    fastest = 4 * dot(along, along) + INVERSE_CONSTANTS[degree] * held**2 * inner(metric, metric)
    if inertia is not None:
        fastest += (inertia.frequency / LONGEST_TAU) ** 2
        changed = carried + inertia.of(state)
    tau = 1 / ufl.sqrt(fastest)
    strain, friction = grad(u), held * div(grad(u))
    if nu is not held:
        strain = 2 * ufl.sym(grad(u))
        friction += strain * grad(held)
    momentum = changed + grad(p) - friction
    galerkin = (
        dot(carried + 0.5 * div(wind) * u, v)
        + nu * inner(strain, grad(v))
        - p * div(v)
        + q * div(u)
    )
    stabilisation = tau * dot(momentum, grad(v) * wind + grad(q)) + div(u) * div(v) / (
        tau * ufl.tr(metric)
    )
    return (galerkin + stabilisation) * dx


def _face_terms(
    state: Any, test: Any, nu: Any, share: Any, inertia: Inertia | None, ds: Any
) -> Any:
    """Energy that flows in through outlets taken away; no swirl through the inlet.

    In a time step the flow of a whole outlet may turn round. Then only what deviates from the
    expected profile is taken away: otherwise the pressure would jump by a dynamic pressure.
    """
    import ufl
    from ufl import dot

    (u, _), (v, _) = _split(state), _split(test)
    n = ufl.FacetNormal(ds.ufl_domain())
    inverse = ufl.JacobianInverse(ds.ufl_domain())
    inwards = (abs(dot(u, n)) - dot(u, n)) / 2
    along = inverse * n
    tangential = u - dot(u, n) * n
    stray = u if inertia is None else u - _split(inertia.entering)[0]
    backflow = share * inwards * dot(stray, v) * ds(OUTLET)
    inlet = (inwards + 4 * nu * ufl.sqrt(dot(along, along))) * dot(tangential, v) * ds(INLET)
    return backflow + inlet


def _held(field: Any, test: Any, strength: Any, ds: Any) -> Any:
    """Normal velocities against each other on the inlet."""
    import ufl
    from ufl import dot

    (u, _), (v, _) = _split(field), _split(test)
    n = ufl.FacetNormal(ds.ufl_domain())
    along = ufl.JacobianInverse(ds.ufl_domain()) * n
    return strength * ufl.sqrt(dot(along, along)) * dot(u, n) * dot(v, n) * ds(INLET)


def _transposed_traction(state: Any, test: Any, nu: Any, ds: Any) -> Any:
    """Takes the transposed velocity gradient off the natural condition of the open faces."""
    import ufl
    from ufl import dot, grad

    (u, _), (v, _) = _split(state), _split(test)
    traction = nu * dot(grad(u).T * ufl.FacetNormal(ds.ufl_domain()), v)
    return -traction * ds(INLET) - traction * ds(OUTLET)
