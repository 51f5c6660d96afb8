"""One case from its settings to its folder: the seven stages, called in order."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.case_boundaries import case_boundaries
from corohemo.case_clock import Clock
from corohemo.case_errors import NO_MESH, case_errors, told_errors
from corohemo.case_flow import case_flow, case_pulses, reduced_flow, told_reduced
from corohemo.case_folder import log_file, prepare_folder
from corohemo.case_steps import Steps
from corohemo.case_territories import case_territories
from corohemo.case_thermodilution import (
    NOT_WANTED,
    case_thermodilution,
    check_thermodilution,
    told_thermodilution,
)
from corohemo.case_uncertainty import case_uncertainty, told
from corohemo.config import CaseConfig, read_case
from corohemo.errors import CorohemoError, NotConvergedError
from corohemo.indices.compute import compute_indices
from corohemo.indices.reduced import ReducedIndices, reduced_indices
from corohemo.indices.results import Indices
from corohemo.indices.sampling import branch_flows
from corohemo.lumen import Lumen
from corohemo.lumen_build import build_lumen
from corohemo.lumen_edit import edited
from corohemo.meshing.lumen_mesher import mesh_lumen
from corohemo.progress import NullProgress, Progress
from corohemo.provenance import provenance
from corohemo.report import write_report
from corohemo.report.document import Document, empty_document, has_numbers
from corohemo.report.files import write_json, write_text
from corohemo.solvers.solution import FlowSolution
from corohemo.thermodilution.vessels import VesselThermodilution

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CaseResult:
    """What became of one case.

    Attributes:
        case_id: Name of the case.
        status: converged, not_converged or failed.
        message: One sentence.
        directory: The case folder.
        document: Content of ``result.json``.
        indices: Everything computed; None when the case failed.
        error: What stopped the case, if anything did.
    """

    case_id: str
    status: str
    message: str
    directory: Path
    document: Document
    indices: Indices | ReducedIndices | None = None
    error: BaseException | None = None

    @property
    def has_numbers(self) -> bool:
        """Whether it converged, or holds the mean in time of a flow that does not settle."""
        return has_numbers(self.document)


def run_case(
    config: CaseConfig | Path | str,
    directory: Path | str,
    *,
    progress: Progress | None = None,
    on_failure: Literal["raise", "return"] = "raise",
    steps: Steps | None = None,
) -> CaseResult:
    """Solve one case and write its folder.

    Args:
        config: Settings, or the path of a case file or bare centerline file.
        directory: The case folder; files of an earlier run are replaced.
        progress: Listener of the stages; none by default.
        on_failure: Whether a failure is raised or returned in ``CaseResult.error``. Either way
            ``result.json`` says what happened.
        steps: Where mesh and steady flow are kept and taken from; nowhere by default.

    Returns:
        The result, whose folder holds the files of ``case_folder.PRODUCTS``.

    Raises:
        InputError: If the settings or the centerline cannot be used, or the folder not be written.
        GeometryError: If the lumen cannot exist.
        MeshingError: If no valid mesh was found.
        SolverError: If the flow did not converge.
    """
    if not isinstance(config, CaseConfig):
        config = read_case(config)
    directory = Path(directory)
    prepare_folder(directory)
    clock = Clock(progress or NullProgress())
    with log_file(directory / "log.txt"):
        logger.info("case %s from %s", config.case_id, config.centerline)
        write_text(directory / "case.toml", config.to_toml())
        try:
            return _solve(config, directory, clock, steps or Steps())
        except (Exception, KeyboardInterrupt) as error:
            result = _failed(config, directory, clock, error)
            if on_failure == "raise" or not isinstance(error, CorohemoError):
                raise
            return result


def _solve(config: CaseConfig, directory: Path, clock: Clock, steps: Steps) -> CaseResult:
    before, lumen = _lumen(config, clock)
    if config.solver.is_reduced:
        return _solve_reduced(config, before, lumen, directory, clock)
    mesh = clock.run(
        "mesh",
        lambda: steps.mesh(lambda: mesh_lumen(lumen, config.mesh)),
        lambda mesh: f"{len(mesh.cells)} curved tetrahedra, {len(mesh.points)} nodes",
    )
    boundaries = _boundaries(config, before, clock)

    def solve() -> dict[str, FlowSolution]:
        return case_flow(
            config, lumen, mesh, boundaries, directory=directory, progress=clock.progress
        )

    solutions = clock.run(
        "solve",
        lambda: steps.flow(mesh, boundaries, solve),
        lambda done: "; ".join(f"{name}: {flow.message}" for name, flow in done.items()),
    )
    main, resting = next(iter(solutions.values())), solutions.get("resting")
    indices = clock.run(
        "indices",
        lambda: compute_indices(
            main,
            lumen,
            resting=None if main is resting else resting,
            myocardial_mass_g=config.hyperemia.myocardial_mass_g,
            options=config.indices,
        ),
        lambda indices: f"{len(indices.vessels)} vessels, {len(indices.lesions)} lesions",
    )
    errors = clock.run(
        "numerical_error", lambda: case_errors(config, indices.states, lumen), told_errors
    )
    beside = _beside(config, before, indices, branch_flows(main, lumen), clock)
    made = provenance(inputs=_inputs(config), ranks=main.stats.ranks)
    write_json(directory / "provenance.json", made)
    document = clock.run(
        "report",
        lambda: write_report(
            indices,
            directory,
            **beside,
            numerical_error=errors,
            timing_s=clock.table(),
            provenance=made,
        ),
        lambda _: str(directory / "report.html"),
    )
    return _finished(config, directory, clock, document, indices)


def _solve_reduced(
    config: CaseConfig, before: Lumen, lumen: Lumen, directory: Path, clock: Clock
) -> CaseResult:
    """The same by the reduced model: no mesh, no wall."""
    boundaries = _boundaries(config, before, clock)
    solutions = clock.run(
        "solve",
        lambda: reduced_flow(config, lumen, boundaries),
        told_reduced,
    )
    indices = reduced_indices(
        solutions,
        myocardial_mass_g=config.hyperemia.myocardial_mass_g,
        options=config.indices,
    )
    beside = _beside(config, before, indices, next(iter(indices.states.values())).flows, clock)
    made = provenance(inputs=_inputs(config))
    write_json(directory / "provenance.json", made)
    document = write_report(
        indices,
        directory,
        **beside,
        numerical_error=NO_MESH,
        timing_s=clock.table(),
        provenance=made,
    )
    return _finished(config, directory, clock, document, indices)


def _beside(
    config: CaseConfig,
    before: Lumen,
    indices: Indices | ReducedIndices,
    flows: NDArray[np.float64],
    clock: Clock,
) -> dict[str, Any]:
    """Arguments of ``write_report`` that either model gives, from its indices and branch flows."""
    uncertainty = clock.run(
        "uncertainty", lambda: case_uncertainty(config, before, indices, flows), told
    )
    thermodilution: tuple[VesselThermodilution, ...] | str = NOT_WANTED
    if config.thermodilution.on:
        thermodilution = clock.run(
            "thermodilution", lambda: case_thermodilution(config, indices), told_thermodilution
        )
    return {
        "case_id": config.case_id,
        **vars(config.report),
        "uncertainty": uncertainty,
        "territories": case_territories(config, before, indices.vessels),
        "thermodilution": thermodilution,
        "pulses": case_pulses(config, indices),
        "settings": [vars(setting) for setting in config.settings],
    }


def _finished(
    config: CaseConfig,
    directory: Path,
    clock: Clock,
    document: Document,
    indices: Indices | ReducedIndices,
) -> CaseResult:
    """Write the last timings and give the result."""
    document["timing_s"] |= clock.table()
    write_json(directory / "result.json", document)
    return CaseResult(
        config.case_id, document["status"], document["message"], directory, document, indices
    )


def _lumen(config: CaseConfig, clock: Clock) -> tuple[Lumen, Lumen]:
    """From the centerline file to the lumen before any edit and the lumen."""
    tree = clock.run(
        "read",
        config.read_tree,
        lambda tree: f"{len(tree.branches)} branches, {len(tree.outlets)} outlets",
    )
    before = clock.run(
        "lumen",
        lambda: build_lumen(tree, config.lumen),
        lambda lumen: f"{len(lumen.lesions)} lesions",
    )
    lumen = edited(before, config.edit)
    check_thermodilution(config, lumen)
    return before, lumen


def _boundaries(config: CaseConfig, lumen: Lumen, clock: Clock) -> dict[str, Boundaries]:
    """Conditions of every wanted state, the hyperemic one first."""
    return clock.run(
        "boundaries",
        lambda: case_boundaries(config, lumen),
        lambda found: ", ".join(found),
    )


def _failed(config: CaseConfig, directory: Path, clock: Clock, error: BaseException) -> CaseResult:
    """Write down a case that stopped."""
    expected = isinstance(error, CorohemoError)
    logger.info("stopped: %s", error, exc_info=not expected)
    status = "not_converged" if isinstance(error, NotConvergedError) else "failed"
    message = _told(error)
    document = empty_document(config.case_id, status=status, message=message)
    document["timing_s"] |= clock.table()
    document["provenance"] = provenance(inputs=_inputs(config))
    document["settings"] = [vars(setting) for setting in config.settings]
    write_json(directory / "provenance.json", document["provenance"])
    write_json(directory / "result.json", document)
    return CaseResult(config.case_id, status, message, directory, document, error=error)


def _told(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "The run was interrupted."
    known = isinstance(error, CorohemoError)
    return str(error) if known else f"Unexpected {type(error).__name__}: {error}"


def _inputs(config: CaseConfig) -> dict[str, Path]:
    inputs = config.input_files
    return inputs if config.file is None else inputs | {"case": config.file}
