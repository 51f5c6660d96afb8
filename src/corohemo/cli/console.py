"""What the command line shows: progress, tables, logs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from rich.status import Status

    from corohemo.config import Setting
    from corohemo.progress import Progress
    from corohemo.solvers.transient_run import StepNews


def standard_output() -> Console:
    """Console of results; as wide as the terminal, or wide enough for tables when piped."""
    console = Console(highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(highlight=False, width=140)


def standard_error() -> Console:
    """Console of progress and logs."""
    return Console(stderr=True, highlight=False)


@contextmanager
def logs_shown(verbosity: int) -> Iterator[None]:
    """Show the package's log on standard error: warnings, with -v steps, with -vv everything."""
    from rich.logging import RichHandler

    level = {0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)
    package = logging.getLogger("corohemo")
    handler = RichHandler(
        console=standard_error(), show_path=False, level=level, log_time_format="%H:%M:%S"
    )
    previous = package.level
    package.addHandler(handler)
    package.setLevel(level)
    try:
        yield
    finally:
        package.setLevel(previous)
        package.removeHandler(handler)


class RichProgress(logging.Handler):
    """One line per finished stage and a live line for the running one, on a terminal."""

    def __init__(self, console: Console) -> None:
        super().__init__(level=logging.INFO)
        self._console = console
        self._stage = ""
        self._status: Status = console.status("")

    def start(self, stage: str) -> None:
        """Show the stage as running."""
        self._stage = stage
        self._status.update(f"[bold]{stage}[/]")
        self._status.start()

    def finish(self, stage: str, seconds: float, summary: str) -> None:
        """Replace the live line with the stage's time and summary."""
        self._status.stop()
        self._console.print(f"[green]✓[/] {stage:<10} {seconds:7.2f} s  [dim]{escape(summary)}[/]")

    def clock(self, state: str) -> Callable[[StepNews], None]:
        """Show after every time step how far a pulsatile state is, and how long it may take."""
        begin = time.perf_counter()

        def told(news: StepNews) -> None:
            self._status.update(f"[bold]{self._stage}[/] {state}: {step_line(news, begin)}")

        return told

    def emit(self, record: logging.LogRecord) -> None:
        """Show the newest log record beside the running stage."""
        self._status.update(f"[bold]{self._stage}[/] [dim]{escape(record.getMessage())}[/]")


def step_line(news: StepNews, begin: float) -> str:
    """One line about a pulsatile solve that began at ``begin`` [s of ``perf_counter``]."""
    done = (news.cycle - 1) * news.steps_per_cycle + news.step
    each = (time.perf_counter() - begin) / done
    left = news.steps_per_cycle - news.step
    most = news.max_cycles * news.steps_per_cycle - done
    change = "" if news.change is None else f", last change {news.change:.1e}"
    return (
        f"cycle {news.cycle} of at most {news.max_cycles}, step {news.step} of "
        f"{news.steps_per_cycle}{change}; {clock_time(each * left)} to the end of the cycle, at "
        f"most {clock_time(each * most)}"
    )


def clock_time(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@contextmanager
def progress_shown(*, quiet: bool) -> Iterator[Progress]:
    """A listener that draws on a terminal and is silent elsewhere."""
    from corohemo.progress import NullProgress

    console = standard_error()
    if quiet or not console.is_terminal:
        yield NullProgress()
        return
    progress = RichProgress(console)
    package = logging.getLogger("corohemo")
    previous = package.level
    package.addHandler(progress)
    package.setLevel(min(previous or logging.INFO, logging.INFO))
    try:
        yield progress
    finally:
        package.setLevel(previous)
        package.removeHandler(progress)
        progress._status.stop()


def settings_table(settings: Sequence[Setting], *, title: str) -> Table:
    """Every setting with its value, unit and source."""
    table = Table(
        title=escape(title), title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    table.add_column("setting", no_wrap=True)
    table.add_column("value", overflow="fold", max_width=32)
    table.add_column("unit", no_wrap=True)
    table.add_column("source", overflow="fold")
    for setting in settings:
        source = "given" if setting.given else setting.source
        cells = (setting.key, _shown(setting.value), setting.unit)
        table.add_row(*map(escape, cells), f"[dim]{escape(source)}[/]")
    return table


def vessels_table(document: dict[str, Any]) -> Table:
    """FFR and microvascular numbers of each vessel."""
    table = Table(title="Vessels", title_justify="left", box=None, pad_edge=False)
    columns = {
        "vessel": "name",
        "FFR": "ffr_ct",
        "FFR distal": "ffr_ct_distal",
        "PPG": "ppg",
        "IMR_CT [U]": "imr_ct_u",
        "R_mu [WU]": "microvascular_resistance_wu",
        "CFR": "cfr",
        "MRR": "mrr",
        "flow source": "flow_source",
    }
    for column in columns:
        table.add_column(column, justify="left" if column in ("vessel", "flow source") else "right")
    for vessel in document["vessels"]:
        table.add_row(*(escape(_shown(vessel[key], digits=2)) for key in columns.values()))
    return table


def _shown(value: Any, *, digits: int | None = None) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.{digits}f}" if digits is not None else f"{value:g}"
    return str(value)
