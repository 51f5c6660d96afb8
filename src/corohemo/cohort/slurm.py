"""A job script that runs a cohort as an array of Slurm."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from corohemo.cohort.options import CohortOptions

SCRIPT = """\
#!/bin/bash
#SBATCH --job-name=corohemo
#SBATCH --array=0-{last}%{jobs}
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


def slurm_script(manifest: Path, output: Path, n_cases: int, options: CohortOptions) -> str:
    """The script; everything else stays as it was on the command line.

    Args:
        manifest: The manifest.
        output: Folder of the cohort.
        n_cases: Cases in the manifest.
        options: How each case is run.
    """
    words = [sys.executable, "-m", "corohemo", "batch", str(manifest.resolve())]
    words += ["-o", str(output.resolve()), "--resume", "--threads", str(options.threads)]
    if options.solver:
        words += ["--solver", options.solver]
    for override in options.overrides:
        words += ["--set", override]
    if options.allow_outside:
        words.append("--allow-outside")
    command = shlex.join(words)
    return SCRIPT.format(
        last=n_cases - 1,
        jobs=options.jobs,
        threads=options.threads,
        minutes=round(options.time_limit_min or DEFAULT_MINUTES),
        memory_mb=round(1e3 * (options.memory_limit_gb or DEFAULT_MEMORY_GB)),
        output=output.resolve(),
        collect=shlex.quote(command),
        command=command,
    )
