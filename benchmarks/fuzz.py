"""Wrong files through the command line: no traceback, no hang, and a sentence that says where.

``python benchmarks/fuzz.py KIND FIRST COUNT [--jobs N] [--docs]`` feeds the specimens of seeds
FIRST to FIRST + COUNT - 1 that are not in ``.cache/fuzz/VERSION-KIND.jsonl`` yet to ``main`` of
``corohemo``, in a worker that is replaced if it hangs or dies, and prints the table of outcomes.
KIND is ``case`` (case files and ``--set``), ``vessels`` (centerlines, contours, surfaces),
``manifest`` (``batch --dry-run``) or ``all``. ``--show SEED`` shows a specimen and what is said.

*accepted*: exit 0. *refused*: a sentence with the file and the place in it, as ``fuzz_judge.py``
asks for it. *failed*: exit 1, a case that cannot be solved, with its file. *vague*: a sentence
without them. *traceback*: an exception that nobody meant, or a warning of Python. *hung*: not
done in 60 s. *died*: the process was lost. The last four are defects.
"""

import argparse
import contextlib
import hashlib
import io
import logging
import os
import re
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from datetime import date
from functools import cache, partial
from pathlib import Path

import fuzz_cases
import fuzz_manifests
import fuzz_vessels
from fuzz_cases import Specimen
from fuzz_judge import names_case, says_where
from seed_pool import Job, Record, complete, ranges, read

from corohemo.case_key import code_version

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / ".cache" / "fuzz"
DOCS = ROOT / "docs" / "fuzz.md"
KINDS = {
    "case": fuzz_cases.specimen,
    "vessels": fuzz_vessels.specimen,
    "manifest": fuzz_manifests.specimen,
}
LIMIT_S = 60.0
MEMORY_BYTES = 8_000_000_000
GOOD = ("accepted", "refused", "failed")
OUTCOMES = (*GOOD, "vague", "traceback", "hung", "died")


def judge(specimen: Specimen) -> tuple[str, str]:
    """Outcome of a specimen, and what was said of it."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in specimen.files.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        code, said, trace = spoken(specimen.command, folder)
    if trace:
        return "traceback", trace
    if code == 0:
        return "accepted", ""
    good, needed = ("failed", names_case) if code == 1 else ("refused", says_where)
    return (good if needed(specimen, said) else "vague"), said


def spoken(command: list[str], folder: str) -> tuple[int, str, str]:
    """Exit code, standard error and traceback, if any, of a command in a folder."""
    from corohemo.cli import main

    seen = io.StringIO()
    handler = logging.StreamHandler(seen)
    logger = logging.getLogger("corohemo.cli.failures")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    before, arguments = os.getcwd(), sys.argv
    errors = io.StringIO()
    trace, code = "", 0
    os.chdir(folder)
    sys.argv = ["corohemo", *command]
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(errors),
            warnings.catch_warnings(record=True) as warned,
        ):
            warnings.simplefilter("always")
            main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        trace = traceback.format_exc()
    finally:
        os.chdir(before)
        sys.argv = arguments
        logger.removeHandler(handler)
    trace = trace or seen.getvalue()
    if not trace and warned:
        first = warned[0]
        trace = f"{first.filename}:{first.lineno}: {first.category.__name__}: {first.message}"
    return code, errors.getvalue(), trace


@cache
def warm_up(kind: str) -> None:
    """Read every file that is right, so that what is compiled once counts for no specimen."""
    if kind == "vessels":
        for name, data in fuzz_vessels.bases().items():
            judge(Specimen({name: data}, fuzz_vessels.command_of(name), ()))
        return
    case = {"case.toml": fuzz_cases.written(fuzz_cases.bases()["elements"]).encode()}
    judge(Specimen(fuzz_cases.vessels() | case, ["check", "case.toml"], ()))
    judge(Specimen(fuzz_cases.vessels() | case, [*fuzz_cases.RUN, "--set", "case.tree=1"], ()))


def run(seed: int, kind: str) -> Record:
    """Record of a seed."""
    warm_up(kind)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.RLIM_INFINITY))
    begin = time.perf_counter()
    outcome, said = judge(KINDS[kind](seed))
    seconds = round(time.perf_counter() - begin, 3)
    return {"seed": seed, "outcome": outcome, "message": said[-3000:], "seconds": seconds}


def label(seed: int) -> Record:
    return {"seed": seed}


def table(kind: str, records: list[Record]) -> str:
    """One line of Markdown."""
    counts = Counter(record["outcome"] for record in records)
    seconds = sorted(record["seconds"] for record in records)
    middle = seconds[len(seconds) // 2]
    cells = [kind, len(records), *(counts[outcome] for outcome in OUTCOMES)]
    return f"| {' | '.join(map(str, cells))} | {middle:.2f} | {seconds[-1]:.1f} |"


def faults(records: list[Record]) -> list[str]:
    """Defects, one line for each kind of them with how often and the first seed."""
    found: dict[tuple[str, str], list[int]] = {}
    for record in records:
        if record["outcome"] not in GOOD:
            last = record["message"].strip().splitlines()[-1:] or [""]
            short = re.sub(r"\d+", "0", last[0])[:110]
            found.setdefault((record["outcome"], short), []).append(record["seed"])
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    return [f"- {outcome} {len(seeds)} times, seed {seeds[0]}: {short}"
            for (outcome, short), seeds in ordered]  # fmt: skip


HEAD = f"| kind | files | {' | '.join(OUTCOMES)} | median s | longest s |\n|---|{'---:|' * 10}"


def write_docs(commit: str) -> None:
    lines = ["# Wrong files", "", *(__doc__ or "").split("\n")[2:], f"{date.today().isoformat()}, "
             f"sources {commit}.", "", HEAD]  # fmt: skip
    more: list[str] = []
    for kind in KINDS:
        records = list(read(STORE / f"{commit}-{kind}.jsonl").values())
        if records:
            lines.append(table(kind, records))
            more += ["", f"{kind}: seeds {', '.join(ranges([r['seed'] for r in records]))}.", ""]
            more += faults(records)
    DOCS.write_text("\n".join(lines + more).rstrip() + "\n")


def sources() -> str:
    """Digest of what the outcomes depend on."""
    digest = hashlib.sha256(code_version().encode())
    for path in sorted(Path(__file__).parent.glob("fuzz*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:7]


def show(kind: str, seed: int) -> None:
    specimen = KINDS[kind](seed)
    print(specimen.command, "words:", [word[:60] for word in specimen.words])
    for name in specimen.command:
        if name in specimen.files:
            print(specimen.files[name][:3000].decode("utf-8", "backslashreplace"))
    print(*judge(specimen), sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=[*KINDS, "all"])
    parser.add_argument("first", type=int, nargs="?", default=0)
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--show", type=int)
    given = parser.parse_args()
    if given.show is not None:
        show(given.kind, given.show)
        return
    commit = sources()
    bad = 0
    print(HEAD)
    for kind in KINDS if given.kind == "all" else [given.kind]:
        job = Job(partial(run, kind=kind), label, LIMIT_S)
        seeds = range(given.first, given.first + given.count)
        records = complete(STORE / f"{commit}-{kind}.jsonl", seeds, job, given.jobs)
        print(table(kind, records))
        found = faults(records)
        print("\n".join(found))
        bad += len(found)
    if given.docs:
        write_docs(commit)
    raise SystemExit(bool(bad))


if __name__ == "__main__":
    main()
