"""A warm process that forks one child per case and watches over it.

Tasks come in as lines of JSON on standard input, events leave as lines of JSON on standard output;
nothing is pickled. Everything heavy is imported once, so a case of the reduced model costs
milliseconds, not seconds. The kernel ends the children with their nursery and the nursery with its
owner (PR_SET_PDEATHSIG), whatever kills them, and with them go their locks. The owner is the thread
that started the nursery: it must live as long as the cases run.
"""

from __future__ import annotations

import ctypes
import faulthandler
import json
import os
import selectors
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from corohemo.errors import CorohemoError

PR_SET_PDEATHSIG = 1
TICK_S = 0.05
LONGEST_MESSAGE = 8000
OUTPUT = "output.txt"
FOR_PAGES = ("matplotlib.pyplot", "jinja2")


@dataclass
class _Child:
    """A running case."""

    task: dict[str, Any]
    pipe: int
    text: bytes = b""
    is_silent: bool = False
    begin: float = field(default_factory=time.monotonic)
    ended_by: str | None = None


def main() -> None:
    """Serve the owner named on the command line until its pipe closes."""
    _die_with(int(sys.argv[1]))
    events = os.dup(1)
    os.dup2(2, 1)
    warm_up()
    _serve(events)


def warm_up() -> None:
    """Solve a small case by the reduced model, so that children find all that it loads."""
    from corohemo.cohort.worker import run_task

    with suppress(OSError, CorohemoError), tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "warm.swc"
        tree.write_text(_warm_tree())
        run_task(
            {
                "case_id": "warm",
                "input": str(tree),
                "directory": str(Path(folder) / "case"),
                "overrides": [
                    "case.length_unit=mm",
                    "solver.model=reduced",
                    "report.page=false",
                ],
            }
        )


def _warm_tree() -> str:
    """A bifurcation as SWC, in millimetres."""
    trunk = [f"{k} 0 {k} 0 0 1.7 {k - 1 or -1}" for k in range(1, 16)]
    main = [f"{15 + k} 0 {15 + k} {0.3 * k} 0 1.5 {14 + k}" for k in range(1, 21)]
    side = [f"{35 + k} 0 {15 + 0.6 * k} {-0.8 * k} 0 1.2 {34 + k if k > 1 else 15}"
            for k in range(1, 16)]  # fmt: skip
    return "\n".join([*trunk, *main, *side])


def _die_with(owner: int) -> None:
    """Have the kernel kill this process when its parent ends, if it has not already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != owner:
        os._exit(1)


def _serve(events: int) -> None:
    """Take tasks and tell events until the owner closes the pipe."""
    children: dict[int, _Child] = {}
    selector = selectors.DefaultSelector()
    selector.register(0, selectors.EVENT_READ)
    buffer = b""
    pages_come = True
    _tell(events, {"event": "ready"})
    while True:
        ready = selector.select(TICK_S if children else None)
        for key, _ in ready:
            if key.fd != 0:
                _hear(key.data)
                continue
            chunk = os.read(0, 1 << 16)
            if not chunk:
                for pid in children:
                    os.kill(pid, signal.SIGKILL)
                return
            *lines, buffer = (buffer + chunk).split(b"\n")
            for line in lines:
                child = _start(json.loads(line), children, events)
                selector.register(child.pipe, selectors.EVENT_READ, child)
        for pipe in _watch(children, events):
            selector.unregister(pipe)
            os.close(pipe)
        if pages_come and not ready and any(map(_has_page, children.values())):
            pages_come = False
            _load_for_pages()


def _has_page(child: _Child) -> bool:
    return "report.page=false" not in child.task["overrides"]


def _load_for_pages() -> None:
    """Import what pages are made with, for the cases to come, while the first ones run."""
    for name in FOR_PAGES:
        with suppress(ImportError):
            import_module(name)


def _start(task: dict[str, Any], children: dict[int, _Child], events: int) -> _Child:
    reader, writer = os.pipe()
    nursery = os.getpid()
    pid = os.fork()
    if pid == 0:
        _die_with(nursery)
        os.close(events)
        _run_child(task, writer)
    os.close(writer)
    os.set_blocking(reader, False)
    children[pid] = _Child(task, reader)
    _tell(events, {"event": "started", "case_id": task["case_id"], "pid": pid})
    return children[pid]


def _hear(child: _Child) -> None:
    """Read what a child wrote; where its pipe ends, the child is about to."""
    with suppress(BlockingIOError):
        while chunk := os.read(child.pipe, 1 << 16):
            child.text += chunk
        child.is_silent = True


def _run_child(task: dict[str, Any], writer: int) -> None:
    """The life of a child; never returns."""
    code = 1
    try:
        from corohemo.cohort.worker import run_task

        log = _redirect(Path(task["directory"]))
        outcome = run_task(task)
        outcome["message"] = outcome["message"][:LONGEST_MESSAGE]
        os.write(writer, json.dumps(outcome).encode())
        if log is not None and log.stat().st_size == 0:
            log.unlink()
        code = 0
    finally:
        os._exit(code)


def _redirect(directory: Path) -> Path | None:
    """Send what libraries print to a file of the case, or nowhere if it cannot be made."""
    log: Path | None = directory / OUTPUT
    try:
        directory.mkdir(parents=True, exist_ok=True)
        target = os.open(directory / OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    except OSError:
        log, target = None, os.open(os.devnull, os.O_WRONLY)
    empty = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((empty, 0), (target, 1), (target, 2)):
        os.dup2(old, new)
    faulthandler.enable(2)
    return log


def _watch(children: dict[int, _Child], events: int) -> Iterator[int]:
    """Collect the children that ended, giving their pipes, and end those beyond their limits."""
    for pid, child in list(children.items()):
        ended, status = os.waitpid(pid, 0 if child.is_silent else os.WNOHANG)
        if ended:
            _hear(child)
            _tell(events, {"event": "ended", "outcome": _outcome(child, status)})
            del children[pid]
            yield child.pipe
        elif child.ended_by is None:
            child.ended_by = _excess(pid, child)
            if child.ended_by is not None:
                os.kill(pid, signal.SIGKILL)


def _excess(pid: int, child: _Child) -> str | None:
    """The limit that a child has passed, as a sentence."""
    seconds, gigabytes = child.task.get("time_limit_s"), child.task.get("memory_limit_gb")
    if seconds is not None and time.monotonic() - child.begin > seconds:
        return f"The case was ended at the time limit of {seconds / 60:g} min; raise --time-limit."
    if gigabytes is not None and _resident_bytes(pid) > gigabytes * 1e9:
        return (
            f"The case was ended at the memory limit of {gigabytes:g} GB; raise --memory-limit, "
            "run fewer jobs or refine less."
        )
    return None


def _resident_bytes(pid: int) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _outcome(child: _Child, status: int) -> dict[str, Any]:
    """What the child wrote, else what can be said of its end."""
    if child.text and child.ended_by is None:
        outcome: dict[str, Any] = json.loads(child.text)
        return outcome
    code = os.waitstatus_to_exitcode(status)
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    message = child.ended_by or (
        f"The process of the case ended with {how}; {OUTPUT} in its folder may say more."
    )
    return {
        "case_id": child.task["case_id"],
        "status": "failed",
        "message": message,
        "seconds": time.monotonic() - child.begin,
    }


def _tell(events: int, event: dict[str, Any]) -> None:
    os.write(events, json.dumps(event).encode() + b"\n")


if __name__ == "__main__":
    main()
