"""``corohemo check`` and ``corohemo doctor``: what can be said before a solve."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from corohemo.cli.console import logs_shown, settings_table, standard_output
from corohemo.cli.failures import FAILED

if TYPE_CHECKING:
    from corohemo.boundary import Boundaries
    from corohemo.config import CaseConfig
    from corohemo.lumen import Lumen
    from corohemo.solvers.reduced_cycle_solution import ReducedCycle
    from corohemo.solvers.reduced_solution import ReducedSolution

BYTES_PER_UNKNOWN = 4500.0
"""Peak memory: 2.0 GiB at 468k unknowns."""
SECONDS_PER_UNKNOWN = 5e-4
"""One state on one core: 1e-4 for small healthy trees to 8e-4 for the left tree with lesions."""

SECONDS_PER_STEP = 6e-6
"""One time step of one unknown on one core."""


def check_one(
    input_file: Path, *, length_unit: str | None, overrides: Sequence[str], verbosity: int
) -> None:
    """Read, build, mesh and solve the reduced model of a case; show what a run would meet."""
    from corohemo.config import read_case
    from corohemo.lumen_build import build_lumen
    from corohemo.lumen_edit import edited

    config = read_case(input_file, length_unit=length_unit, overrides=overrides)
    console = standard_output()
    with logs_shown(verbosity):
        tree = config.read_tree()
        before = build_lumen(tree, config.lumen)
        lumen = edited(before, config.edit)
        lines = [
            *_geometry(lumen),
            *_wires(config, lumen),
            *_reduced(config, before, lumen),
            *_size(config, lumen),
        ]
    console.print(settings_table(config.settings, title=f"Case {config.case_id}"))
    console.print("\n".join(lines), soft_wrap=True, markup=False)


def _geometry(lumen: Lumen) -> list[str]:
    ostium = 2e3 * float(lumen.branches[0].radii[0])
    lesions = [
        f"lesion {lesion.name}: {1e3 * lesion.start:.1f}-{1e3 * lesion.end:.1f} mm, "
        f"{lesion.percent_diameter_stenosis:.0f} % diameter stenosis"
        for lesion in lumen.lesions
    ]
    outlets = [
        f"outlet {branch.name}: healthy diameter {2e3 * float(branch.reference_radii[-1]):.2f} mm"
        for branch in (lumen.branches[i] for i in lumen.outlets)
    ]
    first = f"{len(lumen.branches)} branches, ostium diameter {ostium:.2f} mm"
    return [first, *outlets, *lesions, *lumen.notes]


def _wires(config: CaseConfig, lumen: Lumen) -> list[str]:
    """Where thermodilution is measured; checks the names of vessels that settings hold."""
    from corohemo.case_thermodilution import check_thermodilution
    from corohemo.indices.vessels import check_wire_positions

    check_wire_positions(lumen, config.indices)
    names = check_thermodilution(config, lumen)
    how = f"thermodilution in {config.thermodilution.dimensions}-D"
    return [f"{how}: {', '.join(names)}"] if names else []


def _reduced(config: CaseConfig, before: Lumen, lumen: Lumen) -> list[str]:
    """Pressures and flows of the reduced model: checks the boundaries and shows what to expect."""
    from corohemo.boundary_remarks import boundary_remarks
    from corohemo.case_boundaries import case_boundaries
    from corohemo.solvers.reduced_cycle_solution import ReducedCycle

    states = case_boundaries(config, before)
    remarks = [
        f"conditions, {state}: {remark}"
        for state, conditions in states.items()
        for remark in boundary_remarks(conditions, lumen.outlet_names)
    ]
    main, boundaries = next(iter(states.items()))
    if boundaries.period_s is not None and not config.pulsatile.on:
        remarks.append("waveforms act by their means: pulsatile.on is false")
    reduced = _solved(config, lumen, boundaries)
    if isinstance(reduced, ReducedCycle):
        if reduced.heart is not None:
            remarks.append(f"reduced model, {main}: {reduced.heart.summary()}")
        remarks.append(f"reduced model, {main}: repeats in cycle {reduced.cycles}; means follow")
        reduced = reduced.mean
    inlet = reduced.face_pressure_mmhg("inlet")
    if inlet <= 0.0:
        remarks.append(
            f"the reduced model finds {inlet:.1f} mmHg at the inlet, but FFR needs a positive "
            "pressure: give the outlets their pressures above atmosphere"
        )
    return [*remarks, *(_expected(reduced, main, name) for name in lumen.outlet_names)]


def _solved(
    config: CaseConfig, lumen: Lumen, boundaries: Boundaries
) -> ReducedSolution | ReducedCycle:
    """The flow of a reduced case, or what is expected of another: steady but for a heart."""
    from corohemo.boundary import ClosedLoopHeart
    from corohemo.case_flow import reduced_flow
    from corohemo.solvers.reduced import solve_reduced
    from corohemo.solvers.reduced_cycle import solve_reduced_cycle

    if config.solver.is_reduced:
        (flow,) = reduced_flow(config, lumen, {"main": boundaries}).values()
        return flow
    if isinstance(boundaries.inlet, ClosedLoopHeart):
        return solve_reduced_cycle(lumen, boundaries)
    return solve_reduced(lumen, boundaries)


def _expected(reduced: ReducedSolution, state: str, outlet: str) -> str:
    """What the reduced model says of an outlet."""
    inlet, pressure = (reduced.face_pressure_mmhg(face) for face in ("inlet", f"outlet:{outlet}"))
    name = "Pd/Pa" if state == "resting" else "FFR"
    ratio = f", {name} {pressure / inlet:.2f}" if inlet > 0.0 else ""
    flow = reduced.face_flow_ml_min(f"outlet:{outlet}")
    return f"reduced model, {state}: outlet {outlet} {flow:.1f} mL/min, {pressure:.1f} mmHg{ratio}"


def _size(config: CaseConfig, lumen: Lumen) -> list[str]:
    """Size of the mesh itself, and memory and time of the solve from it."""
    if config.solver.is_reduced:
        from corohemo.case_flow import idle_settings

        idle = idle_settings(config) if config.pulsatile.on else []
        unused = [f"without effect on the reduced model: {', '.join(idle)}"] if idle else []
        return ["no mesh: the case asks for the reduced model", *unused]
    from corohemo.meshing.lumen_mesher import mesh_lumen

    mesh = mesh_lumen(lumen, config.mesh)
    unknowns = 4 * len(mesh.points)
    states = 2 if config.case.resting_state and not config.boundaries.is_given else 1
    return [
        *mesh.notes,
        f"mesh: {len(mesh.cells)} curved tetrahedra, {len(mesh.points)} nodes, {unknowns} unknowns",
        _estimate(config, unknowns, states),
    ]


def _estimate(config: CaseConfig, unknowns: int, states: int) -> str:
    """Memory and time of the solve."""
    memory = f"rough estimate: {unknowns * BYTES_PER_UNKNOWN / 2**30:.1f} GiB"
    seconds, pulsatile = states * unknowns * SECONDS_PER_UNKNOWN, config.pulsatile
    if not pulsatile.on:
        return f"{memory}, {seconds:.0f} s for {states} states on one core"
    cycle = states * unknowns * pulsatile.steps_per_cycle * SECONDS_PER_STEP
    return (
        f"{memory}, {seconds:.0f} s to start and {cycle / 60.0:.1f} min a cycle for {states} "
        "states on one core"
    )


def show_doctor(*, as_json: bool) -> None:
    """Show every finding; exit 1 if something that a run needs is missing."""
    from corohemo.doctor import examine

    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            mark = "ok  " if finding.ok else "MISS"
            remedy = f"  -> {finding.remedy}" if finding.remedy else ""
            typer.echo(f"{mark} {finding.name:<24} {finding.detail}{remedy}")
    healthy = all(finding.ok for finding in findings)
    if as_json:
        document = {"ok": healthy, "findings": [asdict(finding) for finding in findings]}
        typer.echo(json.dumps(document, indent=2))
    if not healthy:
        raise typer.Exit(FAILED)
