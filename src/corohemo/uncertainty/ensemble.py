"""Every sample solved and read at the places where the case itself is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.indices.distal import read_distal
from corohemo.indices.ffr import main_path, vessel_path
from corohemo.indices.microvascular import (
    coronary_flow_reserve,
    microvascular_resistance_reserve,
)
from corohemo.indices.options import IndexOptions
from corohemo.indices.results import Pullback
from corohemo.kernels.ensemble import solve_ensemble
from corohemo.lumen import Lesion, Lumen
from corohemo.states import Hyperemia
from corohemo.uncertainty.beds import Beds, population_beds, scaled_beds
from corohemo.uncertainty.calibration import CalibratedModel
from corohemo.uncertainty.sampling import InputSpace
from corohemo.units import MM, MMHG_S, WOOD_UNIT

FloatArray = NDArray[np.float64]
Outputs = dict[tuple[str, str, str], FloatArray]
"""Samples (k,) by kind ("lesions" or "vessels"), name and quantity."""


@dataclass(frozen=True)
class Place:
    """A path from the ostium and a path length on it [m]."""

    branches: tuple[int, ...]
    abscissa: float


@dataclass(frozen=True)
class LesionPlaces:
    """Where a lesion is read: its borders and the place of its distal FFR."""

    name: str
    start: Place
    end: Place
    distal: Place


@dataclass(frozen=True)
class VesselPlaces:
    """Where a vessel is read: its outlet, its wire and, on its own path, behind its lesions."""

    name: str
    tip: Place
    wire: Place
    distal: tuple[Place, ...]


@dataclass(frozen=True)
class Places:
    """Where lesions and vessels are read."""

    lesions: tuple[LesionPlaces, ...]
    vessels: tuple[VesselPlaces, ...]

    @classmethod
    def of(cls, lumen: Lumen, pullbacks: Sequence[Pullback], options: IndexOptions) -> Places:
        """The places of ``compute_indices`` under the same options."""

        def behind(lesion: Lesion, branches: tuple[int, ...]) -> Place:
            reading = read_distal(
                vessel_path(pullbacks, lumen, branches),
                lesion,
                distance=options.distal_reading_mm * MM,
                lesions=lumen.lesions,
            )
            return Place(branches, reading.abscissa)

        lesions, vessels = [], []
        for lesion in lumen.lesions:
            branches = main_path(lumen, lumen.index(lesion.branch))
            ends = Place(branches, lesion.start), Place(branches, lesion.end)
            lesions.append(LesionPlaces(lesion.name, *ends, behind(lesion, branches)))
        for outlet, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
            branches = lumen.path(outlet)
            tip = float(lumen.branches[outlet].abscissas[-1])
            wire = min(options.wire_positions_mm.get(name, options.wire_mm) * MM, tip)
            own = tuple(
                behind(item, branches)
                for item in lumen.lesions
                if lumen.index(item.branch) in branches
            )
            vessels.append(VesselPlaces(name, Place(branches, tip), Place(branches, wire), own))
        return cls(tuple(lesions), tuple(vessels))


@dataclass(frozen=True)
class Ensemble:
    """Solves points of an input space.

    Attributes:
        space: The inputs.
        model: The calibrated model.
        places: Where to read.
        person: Person whose laws give the beds; None takes ``boundaries`` with a factor.
        boundaries: The case's boundaries.
        beds_of: Lumen whose healthy diameters split the flow of a person.
    """

    space: InputSpace
    model: CalibratedModel
    places: Places
    person: Hyperemia | None
    boundaries: Boundaries
    beds_of: Lumen

    def __call__(self, points: FloatArray) -> tuple[Outputs, NDArray[np.bool_]]:
        """Outputs of every point (k, n_coordinates), and whether it is a possible state (k,).

        A point is impossible if its flow did not converge, left no pressure before a bed, or has no
        positive viscosity.
        """
        lumen = self.space.lumen
        draws, radii = self.space.draws(points), self.space.radii(points)
        if self.person is not None:
            beds = population_beds(self.beds_of, self.person, draws)
        else:
            beds = scaled_beds(lumen, self.boundaries, draws)
        flows, pressures, usable = self._solve(beds, radii, draws)
        reader = _Reader(lumen, self.model.model.law.offsets, pressures)
        outputs: Outputs = {}
        for lesion in self.places.lesions:
            outputs["lesions", lesion.name, "ffr_ct"] = reader.at(lesion.distal) / beds.aortic
            outputs["lesions", lesion.name, "delta_ffr"] = (
                reader.at(lesion.start) - reader.at(lesion.end)
            ) / beds.aortic
        for vessel in self.places.vessels:
            tip, pressure = reader.at(vessel.tip) / beds.aortic, reader.at(vessel.wire)
            readings = [reader.at(place) / beds.aortic for place in vessel.distal] or [tip]
            flow = flows[:, self._holder(vessel.wire)]
            transit = self._transit(vessel.wire, radii, flows)
            numbers = {
                "ffr_ct": np.min(readings, axis=0),
                "ffr_ct_distal": tip,
                "imr_ct_u": pressure * transit / MMHG_S,
                "microvascular_resistance_wu": (pressure - beds.venous) / flow / WOOD_UNIT,
            }
            outputs |= {("vessels", vessel.name, key): values for key, values in numbers.items()}
        if self.person is not None:
            reserves, possible = self._reserves(flows, radii, draws, reader, beds.aortic)
            outputs |= reserves
            usable = usable & possible
        return outputs, usable

    def _solve(
        self, beds: Beds, radii: FloatArray, draws: dict[str, FloatArray]
    ) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
        options = self.model.model.options
        flows, pressures, changes = solve_ensemble(
            self.model.model.law,
            self.model.corrections,
            radii,
            draws["viscosity_pa_s"],
            options.mixing,
            beds.is_outlet,
            beds.resistance,
            beds.pressure,
            beds.drain,
            beds.aortic,
            options.tolerance,
            options.max_iterations,
        )
        solved = (changes <= max(options.tolerance, 1e-9)) & np.isfinite(pressures).all(axis=1)
        ends = self.model.model.law.offsets[1:][list(self.space.lumen.outlets)] - 1
        possible = (pressures[:, ends] > beds.venous[:, None]).all(axis=1) & (flows > 0).all(axis=1)
        possible &= draws["viscosity_pa_s"] > 0
        return flows, pressures, solved & possible

    def _reserves(
        self,
        hyperemic: FloatArray,
        radii: FloatArray,
        draws: dict[str, FloatArray],
        reader: _Reader,
        aortic: FloatArray,
    ) -> tuple[Outputs, NDArray[np.bool_]]:
        """CFR and MRR from the same samples at rest, and whether those are possible."""
        assert self.person is not None
        resting = population_beds(self.beds_of, self.person, draws, resting=True)
        flows, _, usable = self._solve(resting, radii, draws)
        found: Outputs = {}
        for vessel in self.places.vessels:
            holder = self._holder(vessel.wire)
            reserve = coronary_flow_reserve(hyperemic[:, holder], flows[:, holder])
            found["vessels", vessel.name, "cfr"] = reserve
            found["vessels", vessel.name, "mrr"] = microvascular_resistance_reserve(
                reserve,
                reader.at(vessel.wire) / aortic,
                resting_aortic_pressure=resting.aortic,
                hyperemic_aortic_pressure=aortic,
            )
        return found, usable

    def _holder(self, place: Place) -> int:
        """Branch of a path that holds its place."""
        lumen = self.space.lumen
        starts = [float(lumen.branches[i].abscissas[0]) for i in place.branches]
        position = max(int(np.searchsorted(starts, place.abscissa, side="left")) - 1, 0)
        return place.branches[position]

    def _transit(self, wire: Place, radii: FloatArray, flows: FloatArray) -> FloatArray:
        """Transit time from the ostium to the wire in every sample (k,) [s]."""
        lumen, offsets = self.space.lumen, self.model.model.law.offsets
        total = np.zeros(len(radii))
        for index in wire.branches:
            branch = lumen.branches[index]
            if branch.abscissas[0] >= wire.abscissa:
                break
            own = radii[:, offsets[index] : offsets[index + 1]]
            near, far = own[:, :-1], own[:, 1:]
            frusta = np.pi / 3.0 * np.diff(branch.abscissas) * (near**2 + near * far + far**2)
            kept = np.clip(
                (wire.abscissa - branch.abscissas[:-1]) / np.diff(branch.abscissas), 0.0, 1.0
            )
            total += frusta @ kept / flows[:, index]
        return total


@dataclass(frozen=True)
class _Reader:
    """Section pressures of all samples (k, n_sections)."""

    lumen: Lumen
    offsets: NDArray[np.int64]
    pressures: FloatArray

    def at(self, place: Place) -> FloatArray:
        """Pressure at a place of a path (k,) [Pa], linear between sections."""
        abscissas, columns = [], []
        for position, index in enumerate(place.branches):
            first = 0 if position == 0 else 1
            abscissas.append(self.lumen.branches[index].abscissas[first:])
            columns.append(np.arange(self.offsets[index] + first, self.offsets[index + 1]))
        s, column = np.concatenate(abscissas), np.concatenate(columns)
        right = int(np.clip(np.searchsorted(s, place.abscissa), 1, s.size - 1))
        share = (place.abscissa - s[right - 1]) / (s[right] - s[right - 1])
        low, high = self.pressures[:, column[right - 1]], self.pressures[:, column[right]]
        return np.asarray((1.0 - share) * low + share * high)
