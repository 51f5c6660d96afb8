"""The local scheduler: so many cases at a time, each in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from corohemo.errors import CorohemoError
from corohemo.threads import pinned_environment

if TYPE_CHECKING:
    from corohemo.cohort.worker import Outcome

RESTARTS = 3
Task = Mapping[str, Any]
Listener = Callable[[str], None]


def ignore(case_id: str) -> None:
    """Listen to nothing."""


def rest() -> None:
    """Do nothing meanwhile."""


class Nursery:
    """Owner of a nursery process; ends it, and with it every case, on leaving.

    Args:
        threads: Threads of each case.
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._environment = pinned_environment(threads)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Nursery:
        """Start the process, which imports what cases need while its owner does something else."""
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def run(
        self,
        tasks: Iterable[Task],
        *,
        jobs: int,
        started: Listener = ignore,
        meanwhile: Callable[[], None] = rest,
    ) -> Iterator[Outcome]:
        """Outcome of each task, in the order in which they end.

        A nursery that is killed is replaced and its cases begin again, up to ``RESTARTS`` times.

        Args:
            tasks: Tasks as ``Plan.task`` gives them.
            jobs: Tasks at a time.
            started: Told the name of each case that begins.
            meanwhile: What to do once, with the first tasks handed over.
        """
        waiting = deque(tasks)
        running: dict[str, Task] = {}
        restarts = 0
        while waiting or running:
            while waiting and len(running) < jobs and self._send(waiting[0]):
                task = waiting.popleft()
                running[task["case_id"]] = task
            meanwhile()
            meanwhile = rest
            event = self._next()
            if event is None:
                restarts += 1
                if restarts > RESTARTS:
                    raise CorohemoError(
                        "The processes that run the cases are ended again and again; look at the "
                        "memory of the machine, then go on with --resume."
                    )
                waiting.extendleft(reversed(running.values()))
                running.clear()
            elif event["event"] == "started":
                started(event["case_id"])
            elif event["event"] == "ended":
                outcome: Outcome = event["outcome"]
                del running[outcome["case_id"]]
                yield outcome

    def _start(self) -> subprocess.Popen[bytes]:
        """The process, started if it does not run."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "corohemo.cohort.nursery", str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment,
                start_new_session=True,
            )
        return self._process

    def _send(self, task: Task) -> bool:
        """Whether the nursery took the task."""
        pipe = self._start().stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps(task).encode() + b"\n")
            pipe.flush()
        except BrokenPipeError:
            return False
        return True

    def _next(self) -> dict[str, Any] | None:
        """The next event; None if the nursery is gone."""
        if self._process is not None and self._process.stdout is not None:
            line = self._process.stdout.readline()
            if line.endswith(b"\n"):
                event: dict[str, Any] = json.loads(line)
                return event
        self.end()
        return None

    def end(self) -> None:
        """End the process and every case that still runs."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        process.wait()
