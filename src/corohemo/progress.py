"""Progress of a case, told to whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from corohemo.solvers.transient_run import StepNews


class Progress(Protocol):
    """What a listener offers; all calls come from one thread of one rank."""

    def start(self, stage: str) -> None:
        """A stage of the case begins."""

    def finish(self, stage: str, seconds: float, summary: str) -> None:
        """A stage ended; ``summary`` says in a few words what it gave."""

    def clock(self, state: str) -> Callable[[StepNews], None] | None:
        """What to call after every time step of ``state``; None for nothing."""


class NullProgress:
    """Listens to nothing."""

    def start(self, stage: str) -> None:
        """Ignore the begin of a stage."""

    def finish(self, stage: str, seconds: float, summary: str) -> None:
        """Ignore the end of a stage."""

    def clock(self, state: str) -> None:
        """Ignore time steps."""
        return
