"""What the caller of a form changes between solves: inertia of a time step, hold of a profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from corohemo.solvers.domain import FlowDomain


@dataclass(frozen=True)
class Inertia:
    """du/dt = ``rate u - past``, dimensionless.

    Attributes:
        rate: Factor of the new velocity.
        past: Field whose velocity is the part known from earlier steps.
        frequency: One over the time step.
        entering: Velocity with which blood that comes back through an outlet is expected.
    """

    rate: Any
    past: Any
    frequency: Any
    entering: Any

    @classmethod
    def on(cls, domain: FlowDomain) -> Inertia:
        """At rest, with a step of one."""
        from dolfinx import default_scalar_type, fem

        one = default_scalar_type(1.0)
        return cls(
            rate=fem.Constant(domain.mesh, one),
            past=fem.Function(domain.space),
            frequency=fem.Constant(domain.mesh, one),
            entering=fem.Function(domain.space),
        )

    def of(self, field: Any) -> Any:
        """du/dt, if the velocity has become that of ``field``."""
        import ufl

        return ufl.as_vector([self.rate * field[i] - self.past[i] for i in range(3)])


@dataclass(frozen=True)
class Drift:
    """Change of velocity since the carrier over a step of pseudo-time, or its derivative.

    Attributes:
        slowness: One over the step, in times that blood or friction takes through each cell.
        compiled: Its form.
    """

    slowness: Any
    compiled: Any

    @property
    def is_on(self) -> bool:
        """Whether it is not zero."""
        return bool(self.slowness.value != 0.0)


@dataclass(frozen=True)
class InletHold:
    """What holds the velocity at the inlet to a profile.

    Attributes:
        strength: k times the width of a cell, 0 where the profile is free.
        profile: Field whose velocity is s.
        known: Field whose velocity is a, None where that is zero.
        load: Compiled ``k (s, v)``.
    """

    strength: Any
    profile: Any
    known: Any
    load: Any
