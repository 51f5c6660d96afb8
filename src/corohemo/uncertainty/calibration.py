"""The reduced model corrected so that it returns the case's own 3-D pressures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Blood
from corohemo.errors import InputError
from corohemo.indices.results import Pullback
from corohemo.kernels.stenosis import section_drops
from corohemo.lumen import Lumen
from corohemo.solvers.reduced import ReducedModel, ReducedOptions
from corohemo.units import MMHG

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class CalibratedModel:
    """A reduced model and a correction of its losses at every section.

    Attributes:
        model: The reduced model of the lumen as given.
        corrections: Loss from the parent's end to each section, over Q |Q|, that the model lacks
            (n_sections,) [Pa s2/m6]; zero without calibration.
        largest: Largest correction in the run it was calibrated on [Pa].
        source: What it was calibrated on.
    """

    model: ReducedModel
    corrections: FloatArray
    largest: float
    source: str

    @classmethod
    def plain(cls, lumen: Lumen, blood: Blood) -> CalibratedModel:
        """The reduced model as it is."""
        model = ReducedModel.from_lumen(lumen, blood)
        return cls(model, np.zeros(model.law.abscissas.size), 0.0, "not calibrated")

    @classmethod
    def of_run(
        cls,
        lumen: Lumen,
        blood: Blood,
        flows: FloatArray,
        pullbacks: Sequence[Pullback],
        *,
        source: str = "the case's 3-D run",
        options: ReducedOptions | None = None,
    ) -> CalibratedModel:
        """Fit the corrections to flows and section pressures of one run.

        With the boundaries of that run the calibrated model returns its flows and pressures.

        Args:
            lumen: The lumen of the run.
            blood: The blood of the run.
            flows: Flow of each branch (n_branches,) [m3/s].
            pullbacks: Section pressures of each branch, in the lumen's order.
            source: What the run was, for the notes.
            options: Closure of the reduced model; "profile" losses cannot be corrected.

        Raises:
            InputError: If the run has other branches, or no flow in one of them.
        """
        model = ReducedModel.from_lumen(lumen, blood, options=options)
        names = tuple(branch.name for branch in lumen.branches)
        if tuple(pullback.branch for pullback in pullbacks) != names or flows.shape != (
            len(names),
        ):
            raise InputError(
                "The run to calibrate on must have a pullback and a flow for each of the branches "
                f"{', '.join(names)}."
            )
        idle = [name for name, flow in zip(names, flows, strict=True) if not flow > 0]
        if idle:
            raise InputError(
                f"There is no forward flow in branch {', '.join(idle)}, so the reduced model "
                "cannot be calibrated on this run."
            )
        law = model.law
        jets = section_drops(
            law.offsets, law.abscissas, law.inverse_areas, flows, law.density, law.mixing_time
        )
        lacking = []
        for index, (branch, pullback) in enumerate(zip(lumen.branches, pullbacks, strict=True)):
            run = slice(law.offsets[index], law.offsets[index + 1])
            drop = model.viscous[index] * flows[index] + jets[run]
            above = float(pullbacks[0].pressure[0])
            if branch.parent >= 0:
                above = float(pullbacks[branch.parent].pressure[-1])
                entry = (
                    law.quadratic[index] * flows[index]
                    + law.coupling[index] * (flows[branch.parent])
                )
                drop = drop + entry * flows[index]
            seen = above - np.interp(branch.abscissas, pullback.abscissa, pullback.pressure)
            lacking.append(seen - drop)
        squares = np.concatenate(
            [np.full(part.size, flow**2) for part, flow in zip(lacking, flows, strict=True)]
        )
        values = np.concatenate(lacking)
        return cls(model, values / squares, float(np.abs(values).max()), source)

    def sentence(self) -> str:
        """What was done, in words."""
        if not self.corrections.any():
            return "The reduced model is used as it is, not calibrated on a 3-D run."
        return (
            f"The reduced model is calibrated on {self.source}; its largest correction there is "
            f"{self.largest / MMHG:.2f} mmHg."
        )
