"""What earlier corrections have taught about the Jacobian: pairs of a step and what it removed.

Each step s of a time step's iteration took d off the defect, so that the Jacobian takes s to d but
for what is nonlinear. The next defects have much in common with the last ones: what of a defect
lies in the span of the pairs is removed by the same combination of their steps, without a linear
solve, and also where a Jacobian that has grown old would not. A new Jacobian knows better than all
pairs. Related to the nonlinear Krylov
acceleration of Carlson and Miller (1998, SIAM J Sci Comput 19:728), but across time steps.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LIMIT = 16
"""Pairs that are kept."""
INDEPENDENT = 1e-6
"""Least eigenvalue of the pairs' Gram matrix that counts, over the largest."""


class Secants:
    """The newest pairs.

    Args:
        products: Inner products of rows (k, n) with a defect (n,), over all ranks.
    """

    def __init__(self, products: Callable[[FloatArray, FloatArray], FloatArray]) -> None:
        self._products = products
        self._steps = self._removed = np.empty((LIMIT, 0))
        self._gram = np.zeros((LIMIT, LIMIT))
        self._count = 0

    def clear(self) -> None:
        """Forget all pairs."""
        self._count = 0

    def add(self, step: FloatArray, removed: FloatArray) -> None:
        """Keep that ``step`` (n,) took ``removed`` (n,) off the defect; collective."""
        if self._steps.shape[1] != step.size:
            self._steps, self._removed = np.empty((2, LIMIT, step.size))
        place = self._count % LIMIT
        self._count += 1
        self._steps[place], self._removed[place] = step, removed
        used = self._used
        self._gram[place, used] = self._gram[used, place] = self._products(
            self._removed[used], removed
        )

    def split(self, defect: FloatArray) -> tuple[FloatArray, FloatArray, float]:
        """What the pairs know of a defect; collective.

        Returns:
            The step (n,) that removes what it can of ``defect`` (n,); what is left of it (n,); the
            norm of that.
        """
        used = self._used
        if not self._count:
            return np.zeros_like(defect), defect, self._norm(defect)
        gram = self._gram[used, used]
        scale = np.sqrt(np.diag(gram))
        values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
        counts = values > INDEPENDENT * values[-1]
        along = vectors[:, counts].T @ (self._products(self._removed[used], defect) / scale)
        shares = vectors[:, counts] @ (along / values[counts]) / scale
        left = defect - shares @ self._removed[used]
        return shares @ self._steps[used], left, self._norm(left)

    @property
    def _used(self) -> slice:
        return slice(min(self._count, LIMIT))

    def _norm(self, defect: FloatArray) -> float:
        return float(np.sqrt(self._products(defect[None], defect)[0]))
