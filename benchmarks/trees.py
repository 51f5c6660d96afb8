"""Mesh random trees of every kind, check each mesh, and keep the table of outcomes.

``python benchmarks/trees.py FIRST COUNT [--size coarse|default] [--jobs N] [--docs]`` meshes the
trees of seeds FIRST to FIRST + COUNT - 1 that are not in ``.cache/trees/VERSION-SIZE.jsonl`` yet,
appends a line for each, and prints the table of all that are there. VERSION is the last commit that
touched what a mesh depends on. Each tree has 60 s; a mesher that hangs or dies is recorded and
replaced. ``--docs`` writes docs/mesh-trees.md from the results of both sizes.
"""

import argparse
import json
import multiprocessing as mp
import os
import platform
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / ".cache" / "trees"
DOCS = ROOT / "docs" / "mesh-trees.md"
KERNELS = "centerline crossings facets frames implicit jacobian polar quadratic union union_grid"
SOURCES = ["src/corohemo/meshing", "src/corohemo/gallery/random_trees.py",
           *(f"src/corohemo/kernels/{name}.py" for name in KERNELS.split()),
           *(f"src/corohemo/gallery/{name}.py" for name in ("clearances", "growth", "recipes")),
           "src/corohemo/lumen_build.py", "src/corohemo/vessel_curve.py",
           "src/corohemo/vessel_chains.py", "benchmarks/tree_checks.py"]  # fmt: skip
REFINEMENT = {"coarse": 0.6, "default": 1.0}
WANTED = {"coarse": 10_000, "default": 1_500}
LIMIT_S = 60.0
OUTCOMES = ("valid", "refused", "failed", "invalid", "hung", "died")
PREFACE = """\
`make validate-trees` draws trees of every kind of `gallery.random_tree`, meshes each with a limit
of 60 s, and checks each mesh anew (`benchmarks/tree_checks.py`): Jacobians at 35 points of every
curved cell, closed boundary, no facets that cross, caps planar, in place and of the right area,
wall nodes and volume against the lumen's own away from other vessels.

*valid*: meshed and passed. *refused*: `GeometryError` with branch and abscissa. *failed*: any other
error. *invalid*: a mesh was returned that does not pass. *hung*: not done in 60 s. *died*: the
process was lost. The kinds `kissing` and `crimped` are impossible on purpose; some of their trees
become possible when the lumen is smoothed. Seconds are CPU seconds of lumen and mesh.
"""
Record = dict[str, Any]


def mesh_tree(seed: int, size: str) -> Record:
    """Outcome of one seed."""
    import tree_checks

    import corohemo as ch
    from corohemo.gallery import RECIPES, labelled_tree

    tree, kind = labelled_tree(seed)
    record: Record = {
        "seed": seed,
        "kind": kind,
        "feasible": RECIPES[kind].feasible,
        "branches": len(tree.branches),
    }
    start = time.process_time()
    try:
        lumen = ch.build_lumen(tree)
        mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=REFINEMENT[size]))
    except ch.GeometryError as error:
        placed = error.branch is not None and error.abscissa is not None
        outcome, said = "refused" if placed else "failed", str(error)
    except Exception as error:
        outcome, said = "failed", f"{type(error).__name__}: {error}"
    else:
        record |= {"cells": len(mesh.cells), "notes": list(mesh.notes)}
        record["seconds"] = round(time.process_time() - start, 3)
        said = tree_checks.faults(lumen, mesh)
        outcome = "invalid" if said else "valid"
    record.setdefault("seconds", round(time.process_time() - start, 3))
    return record | {"outcome": outcome, "message": said}


def work(pipe: Connection, size: str) -> None:
    """Mesh the seeds that come through the pipe until it closes; the first tree warms up."""
    os.environ["NUMBA_NUM_THREADS"] = "1"
    mesh_tree(0, size)
    pipe.send(None)
    while True:
        try:
            pipe.send(mesh_tree(pipe.recv(), size))
        except EOFError:
            return


class Worker:
    """A process that meshes one seed after the other."""

    def __init__(self, size: str) -> None:
        self.size = size
        self.seed: int | None = None
        self.start()

    def start(self) -> None:
        self.pipe, other = mp.Pipe()
        self.process = mp.Process(target=work, args=(other, self.size), daemon=True)
        self.process.start()
        other.close()
        self.ready = False
        self.deadline = time.monotonic() + 10 * LIMIT_S

    def give(self, seed: int) -> None:
        self.seed = seed
        self.deadline = time.monotonic() + LIMIT_S
        self.pipe.send(seed)

    def take(self) -> Record | None:
        """What came of its seed, if anything did; a lost process is replaced."""
        lost = ""
        try:
            if self.pipe.poll():
                record = self.pipe.recv()
                self.ready = True
                self.seed = None
                return record
        except (EOFError, ConnectionResetError):
            lost = "died"
        if not lost and time.monotonic() < self.deadline:
            return None
        self.process.kill()
        self.process.join()
        seed, self.seed = self.seed, None
        if seed is None:
            raise SystemExit("A worker could not mesh the first tree.")
        self.start()
        return {"seed": seed, **label(seed), "outcome": lost or "hung", "message": "",
                "seconds": LIMIT_S}  # fmt: skip


def label(seed: int) -> Record:
    from corohemo.gallery import RECIPES, labelled_tree

    tree, kind = labelled_tree(seed)
    return {"kind": kind, "feasible": RECIPES[kind].feasible, "branches": len(tree.branches)}


def run(seeds: list[int], size: str, jobs: int) -> Iterator[Record]:
    """Records of the seeds, as they are done."""
    todo = list(reversed(seeds))
    workers = [Worker(size) for _ in range(min(jobs, len(seeds)))]
    left = len(seeds)
    while left:
        wait([worker.pipe for worker in workers], timeout=0.5)
        for worker in workers:
            record = worker.take()
            if record is not None:
                left -= 1
                yield record
            if worker.ready and worker.seed is None and todo:
                worker.give(todo.pop())


def version() -> str:
    command = ["git", "log", "-1", "--format=%h", "--", *SOURCES]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout[:7]


def read(path: Path) -> dict[int, Record]:
    if not path.exists():
        return {}
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return {record["seed"]: record for record in records}


def table(records: list[Record]) -> Iterator[str]:
    """Outcomes by kind, as lines of Markdown."""
    yield "| kind | trees | " + " | ".join(OUTCOMES) + " | median s | longest s | cells |"
    yield "|---|" + "---:|" * (len(OUTCOMES) + 4)
    kinds = list(dict.fromkeys(r["kind"] for r in sorted(records, key=lambda r: r["seed"] % 12)))
    groups = [(kind, [r for r in records if r["kind"] == kind]) for kind in kinds]
    for name, wanted in (("**all feasible**", True), ("**all impossible**", False)):
        groups.append((name, [r for r in records if r["feasible"] is wanted]))
    groups.append(("**feasible, 3 branches**", [
        r for r in records if r["feasible"] and r["branches"] == 3
    ]))  # fmt: skip
    for name, mine in groups:
        if not mine:
            continue
        counts = [sum(r["outcome"] == outcome for r in mine) for outcome in OUTCOMES]
        seconds = [r["seconds"] for r in mine]
        cells = [r["cells"] for r in mine if "cells" in r]
        yield (
            f"| {name} | {len(mine)} | "
            + " | ".join(str(count) for count in counts)
            + f" | {np.median(seconds):.2f} | {max(seconds):.1f}"
            + f" | {int(np.median(cells)) if cells else 0} |"
        )


def examples(records: list[Record]) -> Iterator[str]:
    """The feasible trees that got no valid mesh, one line each."""
    for record in sorted(records, key=lambda r: r["seed"]):
        wanted = ("valid",) if record["feasible"] else ("valid", "refused")
        if record["outcome"] not in wanted:
            yield (
                f"- seed {record['seed']} ({record['kind']}): {record['outcome']}. "
                f"{record['message']}"
            )


def ranges(numbers: list[int]) -> Iterator[str]:
    """Runs of numbers that follow one another."""
    ordered = np.unique(numbers)
    for run in np.split(ordered, np.flatnonzero(np.diff(ordered) > 1) + 1):
        yield f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0])


def write_docs(commit: str) -> None:
    lines = [
        "# Random trees through the mesher",
        "",
        *PREFACE.split("\n"),
        f"Mesher of commit {commit}, {date.today().isoformat()}, {platform.machine()}, "
        f"CPython {platform.python_version()}.",
    ]
    for size, refinement in REFINEMENT.items():
        records = list(read(STORE / f"{commit}-{size}.jsonl").values())
        if not records:
            continue
        seeds = [r["seed"] for r in records]
        lines += [
            "",
            f"## {size.capitalize()} size (`refinement={refinement}`): {len(records)} trees",
            "",
            f"Of {WANTED[size]} wanted. Seeds {', '.join(ranges(seeds))}.",
            "",
            *table(records),
        ]
        if faulty := list(examples(records)):
            lines += ["", "Not as wanted:", "", *faulty]
    DOCS.write_text("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("first", type=int, nargs="?", default=0)
    parser.add_argument("count", type=int, nargs="?", default=120)
    parser.add_argument("--size", choices=REFINEMENT, default="coarse")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--docs", action="store_true")
    arguments = parser.parse_args()
    commit = version()
    path = STORE / f"{commit}-{arguments.size}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    done = read(path)
    seeds = range(arguments.first, arguments.first + arguments.count)
    missing = [seed for seed in seeds if seed not in done]
    with path.open("a") as store:
        for record in run(missing, arguments.size, arguments.jobs):
            store.write(json.dumps(record) + "\n")
            store.flush()
    records = list(read(path).values())
    print(f"{len(records)} trees, {arguments.size} size, mesher of commit {commit}")
    print("\n".join([*table(records), "", *examples(records)]))
    if arguments.docs:
        write_docs(commit)


if __name__ == "__main__":
    main()
