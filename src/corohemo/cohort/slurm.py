"""A job script that runs a cohort as an array of Slurm."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from corohemo.cohort.options import CohortOptions

SCRIPT = """\
#!/bin/bash
#SBATCH --job-name=corohemo
#SBATCH --array={tasks}%{jobs}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={threads}
#SBATCH --time={minutes}
#SBATCH --mem={memory_mb}M
#SBATCH --output={output}/slurm-%A_%a.txt
# One case per array task; case folders are locked and finished ones are kept.
# Submit, then collect the tables when all tasks ended:
#   job=$(sbatch --parsable THIS_FILE)
#   sbatch --dependency=afterany:$job --wrap {collect}
exec {command} --only-index "$SLURM_ARRAY_TASK_ID"
"""
DEFAULT_MINUTES = 120.0
DEFAULT_MEMORY_GB = 6.0


def slurm_script(
    manifest: Path, output: Path, places: Sequence[int], options: CohortOptions
) -> str:
    """The script; everything else stays as it was on the command line.

    Args:
        manifest: The manifest.
        output: Folder of the cohort.
        places: Positions of the wanted cases in the manifest, in order.
        options: How each case is run.
    """
    words = [sys.executable, "-m", "corohemo", "batch", str(manifest.resolve())]
    words += ["-o", str(output.resolve()), "--resume", "--threads", str(options.threads)]
    if options.solver:
        words += ["--solver", options.solver]
    for override in options.overrides:
        words += ["--set", override]
    for pattern in options.only:
        words += ["--only", pattern]
    if options.allow_outside:
        words.append("--allow-outside")
    command = shlex.join(words)
    return SCRIPT.format(
        tasks=",".join(_ranges(places)),
        jobs=options.jobs,
        threads=options.threads,
        minutes=round(options.time_limit_min or DEFAULT_MINUTES),
        memory_mb=round(1e3 * (options.memory_limit_gb or DEFAULT_MEMORY_GB)),
        output=output.resolve(),
        collect=shlex.quote(command),
        command=command,
    )


def _ranges(places: Sequence[int]) -> Iterator[str]:
    """Positions as Slurm lists them: 0-3, 7."""
    for _, run in groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
        first, *others = [place for _, place in run]
        yield f"{first}-{others[-1]}" if others else f"{first}"
