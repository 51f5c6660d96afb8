"""Propagation of input uncertainty through the calibrated reduced model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.checks import require_numbers, require_whole
from corohemo.errors import ConfigError, NotConvergedError
from corohemo.indices.microvascular import is_informative
from corohemo.indices.options import IndexOptions
from corohemo.indices.reduced import reduced_pullbacks
from corohemo.indices.venous import venous_pressure
from corohemo.lumen import Lumen
from corohemo.physiology import prescribe_boundaries
from corohemo.solvers.reduced import ReducedModel
from corohemo.states import Hyperemia
from corohemo.uncertainty.calibration import CalibratedModel
from corohemo.uncertainty.distributions import Fixed
from corohemo.uncertainty.ensemble import Ensemble, Places
from corohemo.uncertainty.inputs import InputUncertainty
from corohemo.uncertainty.results import Spread, Uncertainty
from corohemo.uncertainty.sampling import InputSpace
from corohemo.uncertainty.sobol import sobol_indices
from corohemo.units import MMHG

FloatArray = NDArray[np.float64]


MOST_IMPOSSIBLE = 0.05
"""Part of the samples that may contradict themselves before the result is refused."""


@dataclass(frozen=True, kw_only=True)
class UncertaintyOptions:
    """How the uncertainty is propagated.

    Attributes:
        samples: Samples of the Latin hypercube; 0 turns the propagation off.
        level: Part of the samples inside an interval.
        sobol_base: Base samples of the Sobol indices, a power of two; 0 for none. They take nine
            or ten solves each.
        seed: Seed of the samples.
    """

    samples: int = 2000
    level: float = 0.95
    sobol_base: int = 256
    seed: int = 0

    def __post_init__(self) -> None:
        require_numbers(self, positive=("level",), nonnegative=("samples", "sobol_base", "seed"))
        require_whole(self, ("samples", "sobol_base", "seed"))
        if self.level >= 1:
            raise ConfigError(
                f"UncertaintyOptions.level must lie between 0 and 1, got {self.level!r}.",
                field="level",
            )
        if self.sobol_base & (self.sobol_base - 1):
            raise ConfigError(
                f"UncertaintyOptions.sobol_base must be a power of two, got {self.sobol_base!r}.",
                field="sobol_base",
            )


def propagate_uncertainty(
    lumen: Lumen,
    flow: Hyperemia | Boundaries,
    *,
    model: CalibratedModel | None = None,
    inputs: InputUncertainty | None = None,
    options: UncertaintyOptions | None = None,
    index_options: IndexOptions | None = None,
    beds_of: Lumen | None = None,
) -> Uncertainty:
    """Intervals, probabilities and Sobol indices of every FFR and microvascular index.

    Args:
        lumen: The lumen.
        flow: The person behind a population flow, or boundaries whose flow was given or measured;
            then the flow's factor replaces index and exponent.
        model: Reduced model calibrated on the case's 3-D run; the plain one if None.
        inputs: Distributions; the recommended ones if None, with the flow's own spread where the
            boundaries know it.
        options: Numbers of samples.
        index_options: Where lesions and vessels are read, and the cut-offs.
        beds_of: Lumen whose healthy diameters split the flow, for an edited lumen; its own if None.

    Returns:
        The uncertainty; 95 % intervals by default.

    Raises:
        ConfigError: If the boundaries prescribe the flow at the inlet, the flow is at rest, or
            fewer than two samples are asked for.
        NotConvergedError: If more than 5 % of the samples have no possible flow.

    Reference:
        Fossan et al., Cardiovasc Eng Technol 2018; Ho, Lee, Lee, Front Cardiovasc Med 2023.
    """
    options = options or UncertaintyOptions()
    index_options = index_options or IndexOptions()
    if options.samples < 2:
        raise ConfigError("Uncertainty needs at least two samples.", field="samples")
    person = flow if isinstance(flow, Hyperemia) else None
    if (flow.state if isinstance(flow, Boundaries) else flow.name) == "resting":
        raise ConfigError(
            "FFR and IMR are those of hyperemia, and this flow is at rest; give a Hyperemia or the "
            "hyperemic boundaries.",
            field="flow",
        )
    if isinstance(flow, Boundaries):
        boundaries = flow
    elif model is None:
        boundaries = prescribe_boundaries(beds_of or lumen, flow)
    else:
        boundaries = prescribe_boundaries(beds_of or lumen, flow, blood=model.model.blood)
    inputs = inputs or InputUncertainty().of_flow(boundaries.flow_relative_sd)
    model = model or CalibratedModel.plain(lumen, boundaries.blood)
    nominal_run = ReducedModel.from_lumen(lumen, boundaries.blood).solve(boundaries)
    places = Places.of(lumen, reduced_pullbacks(nominal_run), index_options)
    ensemble = Ensemble(
        InputSpace(lumen, inputs), model, places, person, boundaries, beds_of or lumen
    )

    outputs, usable = ensemble(ensemble.space.spread(options.samples, options.seed))
    impossible = int((~usable).sum())
    if impossible > MOST_IMPOSSIBLE * options.samples:
        raise NotConvergedError(
            f"{impossible} of {options.samples} samples have no possible flow, so their "
            "distribution means nothing: narrow the input distributions."
        )
    kept = {key: values[usable] for key, values in outputs.items()}
    nominal = _nominal(ensemble)
    measured = is_informative(
        boundaries, prescribed_flow_is_measured=index_options.prescribed_flow_is_measured
    )
    notes = _notes(model, person, measured, impossible, options)
    try:
        sensitivities = sobol_indices(ensemble, options.sobol_base, options.seed)
    except NotConvergedError as error:
        sensitivities, notes = (), (*notes, str(error))
    return Uncertainty(
        level=options.level,
        n_samples=options.samples - impossible,
        n_impossible=impossible,
        spreads=tuple(
            _spread(key, values, nominal[key], options.level, index_options)
            for key, values in kept.items()
        ),
        sensitivities=sensitivities,
        inputs=inputs.described(),
        notes=notes,
        samples=kept,
    )


def _nominal(ensemble: Ensemble) -> dict[tuple[str, str, str], float]:
    """The numbers with the case's own inputs."""
    person, boundaries = ensemble.person, ensemble.boundaries
    index = 1.0 if person is None else person.total_coronary_resistance_index
    exponent = 1.0 if person is None else person.diameter_exponent
    behind = [venous_pressure(boundaries, name) for name in ensemble.space.lumen.outlet_names]
    certain = replace(
        ensemble.space.inputs,
        diameter_bias_mm=Fixed(0.0),
        station_sd_mm=0.0,
        flow_factor=Fixed(1.0),
        territory_sd=0.0,
        hyperemic_index=Fixed(index),
        diameter_exponent=Fixed(exponent),
        aortic_pressure_mmhg=Fixed(0.0),
        viscosity_pa_s=Fixed(boundaries.blood.dynamic_viscosity),
        venous_pressure_mmhg=Fixed(max(value or 0.0 for value in behind) / MMHG),
    )
    space = InputSpace(ensemble.space.lumen, certain)
    middle = np.full((1, len(space.groups)), 0.5)
    outputs, _ = replace(ensemble, space=space)(middle)
    return {key: float(values[0]) for key, values in outputs.items()}


def _spread(
    key: tuple[str, str, str],
    values: FloatArray,
    nominal: float,
    level: float,
    index_options: IndexOptions,
) -> Spread:
    tail = 0.5 * (1.0 - level)
    low, median, high = np.quantile(values, [tail, 0.5, 1.0 - tail])
    threshold, probability = None, None
    if key[2].startswith("ffr"):
        threshold = index_options.ffr_threshold
        probability = float(np.mean(values <= threshold))
    elif key[2] == "imr_ct_u":
        threshold = index_options.imr_threshold_u
        probability = float(np.mean(values >= threshold))
    return Spread(
        *key,
        nominal=nominal,
        mean=float(values.mean()),
        sd=float(values.std(ddof=1)),
        median=float(median),
        low=float(low),
        high=float(high),
        threshold=threshold,
        probability=probability,
    )


def _notes(
    model: CalibratedModel,
    person: Hyperemia | None,
    measured: bool,
    impossible: int,
    options: UncertaintyOptions,
) -> tuple[str, ...]:
    notes = [
        model.sentence(),
        "The intervals hold what the input distributions hold: not the error of the segmentation's "
        "topology, of rigid walls, or of laws that do not fit this patient.",
    ]
    if person is not None:
        notes.append(
            "The hyperemic index of the samples has its own distribution, so their median differs "
            f"from the case's value at {person.total_coronary_resistance_index:g}."
        )
    if not measured:
        notes.append(
            "IMR_CT and resistance of the samples, and the probability of IMR_CT, are those of an "
            "assumed flow, not of this patient's microcirculation."
        )
    if impossible:
        notes.append(
            f"{impossible} of {options.samples} samples have no possible flow and are left out."
        )
    least = int(np.ceil(2.0 / (1.0 - options.level) - 1e-9))
    if options.samples - impossible < least:
        notes.append(
            f"A {100 * options.level:g} % interval needs {least} samples to have any beyond its "
            "ends, so these intervals are too narrow."
        )
    return tuple(notes)
