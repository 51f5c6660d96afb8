"""Wall time of a case's stages."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from corohemo.progress import Progress

logger = logging.getLogger(__name__)


@dataclass
class Clock:
    """Wall time of each stage, told to the progress listener."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    begin: float = field(default_factory=time.perf_counter)

    def run[T](self, stage: str, work: Callable[[], T], told: Callable[[T], str]) -> T:
        """Result of ``work``, timed under ``stage``."""
        self.progress.start(stage)
        begin = time.perf_counter()
        result = work()
        self.seconds[stage] = time.perf_counter() - begin
        summary = told(result)
        logger.info("%s: %.2f s, %s", stage, self.seconds[stage], summary)
        self.progress.finish(stage, self.seconds[stage], summary)
        return result

    def table(self) -> dict[str, float]:
        """Seconds per stage and in total."""
        return self.seconds | {"total": time.perf_counter() - self.begin}
