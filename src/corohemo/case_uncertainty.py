"""Uncertainty of a case that was solved: calibration on its own run, then propagation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.config import CaseConfig
from corohemo.errors import CorohemoError
from corohemo.indices.reduced import ReducedIndices
from corohemo.indices.results import Indices
from corohemo.lumen import Lumen
from corohemo.uncertainty import CalibratedModel, Uncertainty, propagate_uncertainty

OWN_CONDITIONS = "The conditions are given by name, not by a physiology whose inputs could vary."
RESTING_ONLY = "Only a resting flow was solved; the uncertainty is that of the hyperemic state."
NOT_WANTED = "The uncertainty of the inputs was not asked for; set uncertainty.samples to do so."


def case_uncertainty(
    config: CaseConfig,
    before: Lumen,
    indices: Indices | ReducedIndices,
    flows: NDArray[np.float64],
) -> Uncertainty | str:
    """Uncertainty of a solved case, or the sentence that says why there is none.

    Args:
        config: Settings of the case.
        before: Lumen that the beds belong to, before any edit.
        indices: What was computed; its lumen was solved and its pullbacks are calibrated on.
        flows: Hyperemic flow of each branch (n_branches,) [m3/s].
    """
    reduced = config.solver.is_reduced
    options = config.uncertainty.options(reduced=reduced)
    if options.samples == 0:
        return NOT_WANTED
    if config.boundaries.is_given:
        return OWN_CONDITIONS
    if "hyperemic" not in indices.states:
        return RESTING_ONLY
    source = "the case's reduced run" if reduced else "the case's 3-D run"
    lumen, pullbacks = indices.lumen, indices.pullbacks["hyperemic"]
    boundaries = indices.states["hyperemic"].boundaries
    inputs = config.uncertainty.inputs(flow_sd=boundaries.flow_relative_sd)
    try:
        model = CalibratedModel.of_run(lumen, config.blood, flows, pullbacks, source=source)
        return propagate_uncertainty(
            lumen,
            boundaries if config.flow.is_used else config.hyperemia,
            model=model,
            inputs=inputs,
            options=options,
            index_options=config.indices,
            beds_of=before,
        )
    except CorohemoError as error:
        return f"The uncertainty of the inputs could not be propagated: {error}"


def told(found: Uncertainty | str) -> str:
    """One line for the log."""
    return found if isinstance(found, str) else f"{found.n_samples} samples"
