"""Flows through the faces and the pressures they cause, on the ranks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.solvers.conditions import Opening
from corohemo.solvers.domain import FlowDomain
from corohemo.solvers.flux_loads import FluxLoads

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class LocalOpenings:
    """The part of the openings that this rank owns.

    The flux functionals are the columns b of a thin matrix B; the outlets add
    ``B diag(resistance) B^T`` to the Jacobian. Where the inlet's profile is held, one more column
    and ``coupling`` add ``B coupling B^T``.
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
        self.count = len(openings)
        self._loads = FluxLoads(self.comm, *self._entries, self.count)
        self.resistance = np.array([opening.resistance for opening in openings])
        self.target = np.array([opening.flow or 0.0 for opening in openings])
        self.is_driven = np.array([opening.flow is not None for opening in openings])
        self.offset = np.array([opening.offset for opening in openings])
        self.coupling = np.zeros((self.count, self.count))

    def hold_first(self, rows: IntArray, load: FloatArray, profile: FloatArray) -> None:
        """Couple the first opening's rows: ``k (u - s Q(u), v - s Q(v))`` but for ``k (u, v)``.

        Args:
            rows: Owned rows of the opening (m,).
            load: k (s, v) there (m,).
            profile: s there (m,).
        """
        known_rows, known_columns, known_values = self._entries
        self._entries = (
            np.append(known_rows, rows),
            np.append(known_columns, np.full(rows.size, self.count)),
            np.append(known_values, load),
        )
        own = float(self.comm.allreduce(float(load @ profile)))
        self.count += 1
        self._loads = FluxLoads(self.comm, *self._entries, self.count)
        self.resistance, self.target, self.offset = (
            np.append(column, 0.0) for column in (self.resistance, self.target, self.offset)
        )
        self.is_driven = np.append(self.is_driven, False)
        self.coupling = np.zeros((self.count, self.count))
        self.coupling[0, 0] = own
        self.coupling[0, -1] = self.coupling[-1, 0] = -1.0

    @property
    def response(self) -> FloatArray:
        """Pressures that unit flows cause, within a Newton step (k, k)."""
        result = self.coupling.copy()
        result.flat[:: self.count + 1] += self.resistance
        return result

    def flows(self, field: FloatArray) -> FloatArray:
        """Flow out of each opening by the owned unknowns ``field``; collective (k,)."""
        return self._loads.flows(field)

    def pressures(self, flows: FloatArray) -> FloatArray:
        """Pressure at each opening (k,): of a prescribed outflow, the unknown in ``offset``."""
        held = self.coupling @ flows
        return self.offset + held + np.where(self.is_driven, 0.0, self.resistance * flows)

    def excess(self, flows: FloatArray) -> FloatArray:
        """Flow above a prescribed outflow, zero at other openings (k,)."""
        return np.where(self.is_driven, flows - self.target, 0.0)

    def add(self, pressures: FloatArray, residual: FloatArray) -> None:
        """Add the load of ``pressures`` (k,) to the owned rows of ``residual``."""
        self._loads.add(pressures, residual)
