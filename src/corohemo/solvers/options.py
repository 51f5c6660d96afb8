"""What a user may ask of the flow solver."""

from __future__ import annotations

from dataclasses import dataclass

from corohemo.checks import require_choice, require_numbers
from corohemo.errors import ConfigError

ON_FAILURE = ("raise", "return")


@dataclass(frozen=True)
class SteadyOptions:
    """Steady solve.

    Attributes:
        tolerance: Residual that ends Newton's method, against the residual of blood at rest.
        mass_tolerance: Imbalance of the flows through the faces that must also be reached.
        max_iterations: Newton steps before continuation in viscosity, and in each of its stages.
        quadrature_degree: Degree of the rule in the cells; 3 is the least that conserves mass.
        backflow: Share of the kinetic energy entering through an outlet that is taken away.
        on_failure: "raise" an error, or "return" the last field with its status.
    """

    tolerance: float = 1e-9
    mass_tolerance: float = 1e-8
    max_iterations: int = 25
    quadrature_degree: int = 3
    backflow: float = 0.5
    on_failure: str = "raise"

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=("tolerance", "mass_tolerance", "max_iterations"),
            nonnegative=("backflow",),
        )
        require_choice(self, "on_failure", ON_FAILURE)
        if self.quadrature_degree not in range(3, 7):
            raise ConfigError(
                "SteadyOptions.quadrature_degree must be 3, 4, 5 or 6, got "
                f"{self.quadrature_degree!r}; below 3 mass is not conserved on curved cells.",
                field="quadrature_degree",
            )
