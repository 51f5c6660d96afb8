"""How a cohort is run; what is computed stands in the manifest and the case files."""

from __future__ import annotations

from dataclasses import dataclass

from corohemo.checks import require_choice, require_numbers
from corohemo.config.flow_model import MODELS
from corohemo.errors import ConfigError

DASK = "dask://"
SLURM = "slurm-array"
SCHEDULERS = ("local", SLURM)


@dataclass(frozen=True, kw_only=True)
class CohortOptions:
    """How the cases of a cohort are run.

    Attributes:
        jobs: Cases at a time on this machine.
        threads: Threads of each case; 1 keeps jobs from fighting.
        memory_limit_gb: Resident memory at which a case is ended; None for no limit.
        time_limit_min: Wall time at which a case is ended; None for no limit.
        resume: Whether results of the same inputs, settings and version are kept.
        only: Case ids or shell patterns; empty for all cases.
        only_index: Position of the one case to run, from 0, for array jobs; no tables are written.
        scheduler: "local", "dask://HOST:PORT" or "slurm-array".
        solver: Flow model of cases that do not say it themselves: "elements" or "reduced".
        overrides: ``section.key=value`` for every case; the manifest's columns win.
        allow_outside: Whether cases may lie outside of the manifest's folder.
    """

    jobs: int = 1
    threads: int = 1
    memory_limit_gb: float | None = None
    time_limit_min: float | None = None
    resume: bool = False
    only: tuple[str, ...] = ()
    only_index: int | None = None
    scheduler: str = "local"
    solver: str | None = None
    overrides: tuple[str, ...] = ()
    allow_outside: bool = False

    def __post_init__(self) -> None:
        limits = ("memory_limit_gb", "time_limit_min")
        given = [name for name in limits if getattr(self, name) is not None]
        require_numbers(self, positive=("jobs", "threads", *given))
        if self.solver is not None:
            require_choice(self, "solver", MODELS)
        if not self.scheduler.startswith(DASK):
            if self.scheduler not in SCHEDULERS:
                raise ConfigError(
                    f"scheduler must be local, slurm-array or dask://HOST:PORT, not "
                    f"{self.scheduler!r}.",
                    field="scheduler",
                )
        elif not self.scheduler.removeprefix(DASK).rpartition(":")[2].isdigit():
            raise ConfigError(
                f"A Dask scheduler is given as dask://HOST:PORT, not {self.scheduler!r}.",
                field="scheduler",
            )
