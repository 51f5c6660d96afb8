"""Flows through the faces and the pressures they cause, on the ranks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.solvers.conditions import Opening
from corohemo.solvers.domain import FlowDomain
from corohemo.solvers.flux_loads import FluxLoads, summed

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class LocalOpenings:
    """The part of the openings that this rank owns.

    The flux functionals are the columns b of a thin matrix B; the openings add ``B response B^T``
    to the Jacobian. Where the inlet's profile is held there is one more column than faces.

    Attributes:
        between: Pressures that unit flows cause at other faces (f, f).
    """

    def __init__(self, domain: FlowDomain, openings: tuple[Opening, ...]) -> None:
        self.comm = domain.mesh.comm
        place = np.full(domain.n_nodes, -1)
        place[domain.nodes[: domain.n_owned]] = np.arange(domain.n_owned)
        rows, columns, values = [], [], []
        for column, opening in enumerate(openings):
            local = place[opening.nodes]
            mine = local >= 0
            rows.append((4 * local[mine][:, None] + np.arange(3)).ravel())
            values.append(opening.weights[mine].ravel())
            columns.append(np.full(rows[-1].size, column))
        self._entries = np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
        self.count = self.n_faces = len(openings)
        self._loads = FluxLoads(self.comm, *self._entries, self.count)
        self.resistance = np.array([opening.resistance for opening in openings])
        self.target = np.array([opening.flow or 0.0 for opening in openings])
        self.is_driven = np.array([opening.flow is not None for opening in openings])
        self.offset = np.array([opening.offset for opening in openings])
        self.between = np.zeros((self.count, self.count))
        self._own = self._known = 0.0

    def hold_first(
        self, rows: IntArray, load: FloatArray, profile: FloatArray, known: FloatArray
    ) -> None:
        """Couple the first face's rows: ``k (u - a - s Q(u), v - s Q(v))`` but ``k (u - a, v)``.

        Args:
            rows: Owned rows of the face (m,).
            load: k (s, v) there (m,).
            profile: s there, which carries a flow of one (m,).
            known: a there, which carries none (m,).
        """
        if not self.is_held:
            self.count += 1
            self.resistance, self.target, self.offset = (
                np.append(column, 0.0) for column in (self.resistance, self.target, self.offset)
            )
            self.is_driven = np.append(self.is_driven, False)
        face_rows, columns, values = self._entries
        self._loads = FluxLoads(
            self.comm,
            np.append(face_rows, rows),
            np.append(columns, np.full(rows.size, self.n_faces)),
            np.append(values, load),
            self.count,
        )
        self._own, self._known = summed(self.comm, np.array([load @ profile, load @ known]))

    @property
    def is_held(self) -> bool:
        """Whether the profile of the first face is held."""
        return self.count > self.n_faces

    @property
    def response(self) -> FloatArray:
        """Pressures that unit flows cause, within a Newton step (k, k)."""
        result = self._coupling
        result.flat[:: self.count + 1] += self.resistance
        return result

    @property
    def _coupling(self) -> FloatArray:
        """The same but for the faces' own resistances (k, k)."""
        result = np.zeros((self.count, self.count))
        result[: self.n_faces, : self.n_faces] = self.between
        if self.is_held:
            result[0, 0] += self._own
            result[0, -1] = result[-1, 0] = -1.0
        return result

    def flows(self, field: FloatArray) -> FloatArray:
        """Flow out of each opening by the owned unknowns ``field``; collective (k,)."""
        return self._loads.flows(field)

    def face_flows(self, field: FloatArray) -> FloatArray:
        """The same for the faces alone; collective (f,)."""
        return self.flows(field)[: self.n_faces]

    def pressures(self, flows: FloatArray) -> FloatArray:
        """Pressure at each opening (k,): of a prescribed outflow, the unknown in ``offset``."""
        free = flows.copy()
        if self.is_held:
            free[-1] -= self._known
        return (
            self.offset
            + self._coupling @ free
            + np.where(self.is_driven, 0.0, self.resistance * flows)
        )

    def excess(self, flows: FloatArray) -> FloatArray:
        """Flow above a prescribed outflow, zero at other openings (k,)."""
        return np.where(self.is_driven, flows - self.target, 0.0)

    def add(self, pressures: FloatArray, residual: FloatArray) -> None:
        """Add the load of ``pressures`` (k,) to the owned rows of ``residual``."""
        self._loads.add(pressures, residual)
