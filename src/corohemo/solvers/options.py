"""What a user may ask of the flow solver."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corohemo.checks import require_choice, require_numbers
from corohemo.errors import ConfigError

ON_FAILURE = ("raise", "return")
FACTORS = ("blocks", "ilu0", "ilu1", "mumps")
STARTS = ("mean", "rest")
LEAST_STEPS = 8


@dataclass(frozen=True)
class SteadyOptions:
    """Steady solve.

    Attributes:
        tolerance: Residual that ends Newton's method, against the residual of blood at rest.
        mass_tolerance: Imbalance of the flows through the faces that must also be reached.
        max_iterations: Newton steps in a row; a march in pseudo-time may take eight times as many.
        quadrature_degree: Degree of the rule in the cells; 3 is the least that conserves mass.
        backflow: Share of the kinetic energy entering through an outlet that is taken away.
        factors: What preconditions below the coarse space: "blocks", block ILU without fill in
            single precision; or PETSc's "ilu0" or "ilu1", block ILU with no or one level of fill,
            or "mumps", a complete factorisation. PETSc's options with the prefix
            ``corohemo_ilu0_`` and so on change those.
        averaging_s: Window over which a flow without a steady state is averaged [s]; 0 to fail
            instead.
        averaging_steps: Time steps in it.
        on_failure: "raise" an error, or "return" the last field with its status.
    """

    tolerance: float = 1e-9
    mass_tolerance: float = 1e-8
    max_iterations: int = 25
    quadrature_degree: int = 3
    backflow: float = 0.5
    factors: str = "blocks"
    averaging_s: float = 0.1
    averaging_steps: int = 200
    on_failure: str = "raise"

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=("tolerance", "mass_tolerance"),
            nonnegative=("backflow", "averaging_s"),
            whole=("max_iterations", "averaging_steps"),
        )
        require_steps(self, "averaging_steps", self.averaging_steps)
        require_choice(self, "factors", FACTORS)
        require_choice(self, "on_failure", ON_FAILURE)
        _require_degree(self)


@dataclass(frozen=True)
class TransientOptions:
    """Pulsatile solve, cycle after cycle until they repeat.

    Attributes:
        steps_per_cycle: Time steps in a cycle; with a ``step_tolerance``, the most there may be.
        step_tolerance: Error that a step may make, over the range of what it changes: steps are
            as long as that allows in a 0-D model of the cycle, short in systole and long in
            diastole, the same in every cycle. None for equal steps.
        period_s: Length of a cycle; None takes it from the waveforms of the boundaries.
        max_cycles: Cycles after which the run ends, periodic or not.
        min_cycles: Cycles that are computed in any case; a change can be told from the second on.
        periodicity: Estimated distance of the faces' pressures and flows from periodic ones that
            ends the run, over the largest pressure and flow.
        start: "mean" starts from the steady flow under the mean conditions, "rest" from rest.
        tolerance: Residual that ends a time step, over the size of the terms that balance in it.
        max_iterations: Linear solves in a time step before it is given up.
        quadrature_degree: Degree of the rule in the cells, as in a steady solve; inertia has at
            least 4.
        backflow: Share of the kinetic energy entering through an outlet that is taken away; of a
            flow that turns round as a whole, what deviates from a round profile.
        wall_statistics: Whether to accumulate the wall shear of the last cycle.
        checkpoint: File that the state is written to after every cycle, and read from if it
            exists; None for no checkpoints.
        checkpoint_steps: Also write it after so many steps; None for cycles only.
        on_failure: What to do if the cycles do not repeat: "return" the last one with its status,
            or "raise". A step that does not converge always raises.
    """

    steps_per_cycle: int = 200
    step_tolerance: float | None = None
    period_s: float | None = None
    max_cycles: int = 10
    min_cycles: int = 2
    periodicity: float = 1e-3
    start: str = "mean"
    tolerance: float = 1e-5
    max_iterations: int = 50
    quadrature_degree: int = 3
    backflow: float = 0.5
    wall_statistics: bool = True
    checkpoint: Path | str | None = None
    checkpoint_steps: int | None = None
    on_failure: str = "return"

    def __post_init__(self) -> None:
        counts = ["steps_per_cycle", "max_cycles", "min_cycles", "max_iterations"]
        if self.checkpoint_steps is not None:
            counts.append("checkpoint_steps")
        optional = [
            name for name in ("step_tolerance", "period_s") if getattr(self, name) is not None
        ]
        require_numbers(
            self,
            positive=("periodicity", "tolerance", *optional),
            nonnegative=("backflow",),
            whole=counts,
        )
        if not isinstance(self.checkpoint, Path | str | None):
            raise ConfigError(
                f"TransientOptions.checkpoint must be a path, got {self.checkpoint!r}.",
                field="checkpoint",
            )
        require_choice(self, "on_failure", ON_FAILURE)
        require_choice(self, "start", STARTS)
        _require_degree(self)
        if self.min_cycles > self.max_cycles:
            raise ConfigError(
                f"TransientOptions.min_cycles is {self.min_cycles}, more than max_cycles, "
                f"{self.max_cycles}.",
                field="min_cycles",
            )
        require_steps(self, "steps_per_cycle", self.steps_per_cycle)


def require_steps(options: object, name: str, steps: int) -> None:
    """Refuse fewer time steps than any motion needs."""
    if steps < LEAST_STEPS:
        raise ConfigError(
            f"{type(options).__name__}.{name} must be at least {LEAST_STEPS}, got {steps}; a cycle "
            "usually takes 100 to 1000.",
            field=name,
        )


def _require_degree(options: SteadyOptions | TransientOptions) -> None:
    """Refuse quadrature degrees that are too low or not there."""
    if options.quadrature_degree not in range(3, 7):
        raise ConfigError(
            f"{type(options).__name__}.quadrature_degree must lie between 3 and 6, got "
            f"{options.quadrature_degree!r}; below 3 mass is not conserved on curved cells.",
            field="quadrature_degree",
        )
