"""Sobol indices by SALib, the diameter errors of all stations as one input."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from corohemo.errors import MissingDependencyError, NotConvergedError
from corohemo.uncertainty.results import Sensitivity

if TYPE_CHECKING:
    from corohemo.uncertainty.ensemble import Ensemble

QUANTITIES = ("ffr_ct", "imr_ct_u")
"""Numbers whose sensitivity is computed."""


def sobol_indices(ensemble: Ensemble, base: int, seed: int) -> tuple[Sensitivity, ...]:
    """First-order and total Sobol indices of every FFR_CT and IMR_CT.

    Args:
        ensemble: Solver of points of the unit cube.
        base: Base samples, a power of two; none are computed for 0.
        seed: Seed of the samples.

    Raises:
        MissingDependencyError: If SALib is not installed.
        NotConvergedError: If a sample has no possible flow.

    Reference:
        Saltelli et al., Comput Phys Commun 2010;181:259.
    """
    if base == 0:
        return ()
    sample, analyze = _salib()
    groups = ensemble.space.groups
    problem = {
        "num_vars": len(groups),
        "names": [f"{name}-{column}" for column, name in enumerate(groups)],
        "groups": list(groups),
        "bounds": [[0.0, 1.0]] * len(groups),
    }
    points = sample(problem, base, calc_second_order=False, seed=seed)
    edge = 0.5 / len(points)
    outputs, usable = ensemble(np.clip(points, edge, 1.0 - edge))
    if not usable.all():
        raise NotConvergedError(
            f"Sobol indices are not computed: {int((~usable).sum())} of their {len(points)} "
            "samples have no possible flow; narrow the input distributions for them."
        )
    found = []
    for key, values in outputs.items():
        if key[2] not in QUANTITIES or np.ptp(values) <= 1e-12 * np.abs(values).max():
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = analyze(problem, values, calc_second_order=False, seed=seed)
        names = list(dict.fromkeys(groups))
        found.append(
            Sensitivity(
                *key,
                first_order=dict(zip(names, map(float, result["S1"]), strict=True)),
                total=dict(zip(names, map(float, result["ST"]), strict=True)),
                confidence=dict(zip(names, map(float, result["S1_conf"]), strict=True)),
            )
        )
    return tuple(found)


def _salib() -> tuple[Any, Any]:
    try:
        from SALib.analyze.sobol import analyze
        from SALib.sample.sobol import sample
    except ImportError as error:
        raise MissingDependencyError(
            "SALib", needed_for="Sobol indices", how_to_install="pip install SALib"
        ) from error
    return sample, analyze
