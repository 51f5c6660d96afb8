"""Viscosity that falls with the shear rate, as a coefficient of the flow form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corohemo.boundary import Blood
from corohemo.solvers.scales import LENGTH, VELOCITY

if TYPE_CHECKING:
    from corohemo.solvers.domain import FlowDomain

LEAST_RATE_SQUARED = 1e-10
"""Added to the squared dimensionless shear rate, whose root has no derivative at rest."""


@dataclass(frozen=True)
class ThinningLaw:
    """Carreau and Yasuda's law over the Newtonian viscosity, dimensionless.

    Attributes:
        zero, infinite: Viscosity at rest and at high shear rate.
        time: Relaxation time.
        index, transition: Exponents n and a.
    """

    zero: float
    infinite: float
    time: float
    index: float
    transition: float

    @classmethod
    def of(cls, blood: Blood) -> ThinningLaw | None:
        """The law of ``blood``, None for a Newtonian one."""
        law = blood.rheology
        if law is None:
            return None
        return cls(
            zero=law.zero_shear_viscosity_pa_s / blood.dynamic_viscosity,
            infinite=law.infinite_shear_viscosity_pa_s / blood.dynamic_viscosity,
            time=law.relaxation_time_s * VELOCITY / LENGTH,
            index=law.index,
            transition=law.transition,
        )


@dataclass(frozen=True)
class Thinning:
    """The law in a form, its numbers exchangeable without compiling again."""

    constants: dict[str, Any]

    @classmethod
    def on(cls, domain: FlowDomain) -> Thinning:
        """A law of constant viscosity."""
        from dolfinx import default_scalar_type, fem

        names = ThinningLaw.__dataclass_fields__
        return cls({name: fem.Constant(domain.mesh, default_scalar_type(1.0)) for name in names})

    def set(self, law: ThinningLaw) -> None:
        """Take the numbers of a law."""
        for name, constant in self.constants.items():
            constant.value = getattr(law, name)

    def factor(self, u: Any) -> Any:
        """Viscosity over the Newtonian one at a velocity."""
        import ufl

        c = self.constants
        strain = ufl.sym(ufl.grad(u))
        rate = ufl.sqrt(2 * ufl.inner(strain, strain) + LEAST_RATE_SQUARED)
        thinned = (1 + (c["time"] * rate) ** c["transition"]) ** (
            (c["index"] - 1) / c["transition"]
        )
        return c["infinite"] + (c["zero"] - c["infinite"]) * thinned
