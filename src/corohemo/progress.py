"""Progress of a case, told to whoever listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a listener offers; all calls come from one thread of one rank."""

    def start(self, stage: str) -> None:
        """A stage of the case begins."""

    def finish(self, stage: str, seconds: float, summary: str) -> None:
        """A stage ended; ``summary`` says in a few words what it gave."""


class NullProgress:
    """Listens to nothing."""

    def start(self, stage: str) -> None:
        """Ignore the begin of a stage."""

    def finish(self, stage: str, seconds: float, summary: str) -> None:
        """Ignore the end of a stage."""
