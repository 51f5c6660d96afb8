"""Points of the unit cube, and what they mean: inputs, diameter errors, radii."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from corohemo.lumen import Lumen
from corohemo.uncertainty.distributions import LogNormal
from corohemo.uncertainty.inputs import FACTORS, STATIONS, TERRITORIES, InputUncertainty
from corohemo.units import MM

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class InputSpace:
    """The uncertain inputs of one lumen as coordinates of a unit cube.

    Attributes:
        lumen: The lumen.
        inputs: Distributions.
    """

    lumen: Lumen
    inputs: InputUncertainty

    @cached_property
    def _hats(self) -> tuple[FloatArray, ...]:
        """Per branch, weight of its stations' errors at each section (n_sections, n_nodes).

        The weights between two stations keep the variance of a station.
        """
        hats = []
        for branch in self.lumen.branches:
            spacing = self.inputs.correlation_mm * MM
            n_spans = max(round(branch.length / spacing), 1)
            place = (branch.abscissas - branch.abscissas[0]) / branch.length * n_spans
            weights = np.maximum(1.0 - np.abs(place[:, None] - np.arange(n_spans + 1)), 0.0)
            hats.append(weights / np.linalg.norm(weights, axis=1, keepdims=True))
        return tuple(hats)

    @cached_property
    def _columns(self) -> tuple[NDArray[np.int64], ...]:
        """Per branch, columns of its stations; a continuing branch shares its parent's last."""
        columns: list[NDArray[np.int64]] = []
        free = len(FACTORS)
        for branch, hats in zip(self.lumen.branches, self._hats, strict=True):
            own = hats.shape[1]
            if branch.continues and branch.parent >= 0:
                fresh = np.arange(free, free + own - 1)
                columns.append(np.concatenate([columns[branch.parent][-1:], fresh]))
            else:
                fresh = np.arange(free, free + own)
                columns.append(fresh)
            free += len(fresh)
        return tuple(columns)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Name of the input that each coordinate belongs to (n_coordinates,)."""
        outlets = [TERRITORIES] * len(self.lumen.outlets)
        stations = [STATIONS] * (self._first_territory - len(FACTORS))
        return (*FACTORS, *stations, *(outlets if self.inputs.territory_sd > 0 else []))

    @property
    def _first_territory(self) -> int:
        """Coordinate behind those of the stations."""
        return max(int(columns.max()) for columns in self._columns) + 1

    def spread(self, n_samples: int, seed: int) -> FloatArray:
        """A Latin hypercube (n_samples, n_coordinates)."""
        return latin_hypercube(n_samples, len(self.groups), np.random.default_rng(seed))

    def draws(self, points: FloatArray) -> dict[str, FloatArray]:
        """Values of the scalar inputs (k,) each, and "territories" (k, n_outlets) as factors."""
        values = {
            name: getattr(self.inputs, name).quantile(points[:, column])
            for column, name in enumerate(FACTORS)
        }
        values[TERRITORIES] = np.ones((len(points), len(self.lumen.outlets)))
        if self.inputs.territory_sd > 0:
            each = LogNormal(1.0, self.inputs.territory_sd)
            values[TERRITORIES] = each.quantile(points[:, self._first_territory :])
        return values

    def radii(self, points: FloatArray) -> FloatArray:
        """Radius of every section of every branch in turn (k, n_sections) [m].

        An error e of a diameter D makes it D exp(e / D): D + e where e is small, and never closed.
        """
        bias = self.inputs.diameter_bias_mm.quantile(points[:, FACTORS.index("diameter_bias_mm")])
        errors = self.inputs.station_sd_mm * ndtri(points)
        parts = []
        for branch, hats, columns in zip(
            self.lumen.branches, self._hats, self._columns, strict=True
        ):
            error_mm = bias[:, None] + errors[:, columns] @ hats.T
            parts.append(branch.radii * np.exp(0.5 * error_mm * MM / branch.radii))
        return np.concatenate(parts, axis=1)


def latin_hypercube(n_points: int, n_axes: int, generator: np.random.Generator) -> FloatArray:
    """Points of the unit cube, one in each of ``n_points`` layers of every axis.

    They are those of ``scipy.stats.qmc.LatinHypercube``, which draws from a child of the generator
    as well; its import takes longer than a case of the reduced model.

    Returns:
        Points (n_points, n_axes).
    """
    (generator,) = generator.spawn(1)
    depths = generator.uniform(size=(n_points, n_axes))
    layers = np.tile(np.arange(1, n_points + 1), (n_axes, 1))
    for layer in layers:
        generator.shuffle(layer)
    return np.asarray((layers.T - depths) / n_points, dtype=np.float64)
