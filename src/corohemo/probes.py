"""Area means over the sections of a lumen, as linear functionals of a mesh's nodal values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import nearest_word
from corohemo.errors import ConfigError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SectionProbes:
    """Sections along all branches, one branch after the other.

    Attributes:
        branches: Name of each section's branch (k,).
        abscissa: Path length from the ostium (k,) [m].
        weights: Weights of the nodal values in the area means (k, n_nodes), a SciPy array of
            compressed rows; those of a section sum to one.
    """

    branches: tuple[str, ...]
    abscissa: FloatArray
    weights: Any

    def rows(self, branch: str) -> slice:
        """Where the sections of a branch lie.

        Raises:
            ConfigError: If there is no such branch.
        """
        if branch not in self.branches:
            names = tuple(dict.fromkeys(self.branches))
            raise ConfigError(
                f"There is no branch {branch!r}; branches are {', '.join(names)}.",
                field="branch",
                nearest=nearest_word(branch, names),
            )
        first = self.branches.index(branch)
        return slice(first, first + self.branches.count(branch))
