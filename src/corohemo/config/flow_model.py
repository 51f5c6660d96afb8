"""Which model solves the flow of a case, beside the settings of the finite-element solver."""

from __future__ import annotations

from dataclasses import dataclass

from corohemo.checks import require_choice
from corohemo.solvers.options import SteadyOptions

MODELS = ("elements", "reduced")
LOSSES = ("jet", "profile")


@dataclass(frozen=True)
class FlowOptions(SteadyOptions):
    """Flow of a case.

    Attributes:
        model: "elements" solves Navier-Stokes on a mesh, "reduced" a network in milliseconds,
            without DOLFINx, wall shear and plaque stress.
        losses: Closure of the reduced model, "jet" or "profile".
        numerical_error: Whether the numerical error of each steady FFR is estimated, by cubic
            elements on the same cells, for two to three times the time of one state.
    """

    model: str = "elements"
    losses: str = "jet"
    numerical_error: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        require_choice(self, "model", MODELS)
        require_choice(self, "losses", LOSSES)

    @property
    def is_reduced(self) -> bool:
        """Whether the reduced model solves the case."""
        return self.model == "reduced"
