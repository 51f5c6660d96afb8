"""Mesh random trees of every kind, check each mesh, and keep the table of outcomes.

``python benchmarks/trees.py FIRST COUNT [--size coarse|default] [--jobs N] [--docs]`` meshes the
trees of seeds FIRST to FIRST + COUNT - 1 that are not in ``.cache/trees/VERSION-SIZE.jsonl`` yet,
appends a line for each, and prints the table of all that are there. VERSION is the last commit that
touched what a mesh depends on. Each tree has 60 s; a mesher that hangs or dies is recorded and
replaced. ``--docs`` writes docs/mesh-trees.md from the results of both sizes.
"""

import argparse
import platform
import time
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from seed_pool import Job, Record, complete, ranges, read, version

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


def label(seed: int) -> Record:
    from corohemo.gallery import RECIPES, labelled_tree

    tree, kind = labelled_tree(seed)
    return {"kind": kind, "feasible": RECIPES[kind].feasible, "branches": len(tree.branches)}


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


def stores(commit: str, size: str) -> Iterator[tuple[str, list[Record]]]:
    """Commits with their records of a size: this one, then the one with more trees, if any."""
    mine = list(read(STORE / f"{commit}-{size}.jsonl").values())
    if mine:
        yield commit, mine
    others = {p.name.split("-")[0]: list(read(p).values()) for p in STORE.glob(f"*-{size}.jsonl")}
    largest = max(others, key=lambda name: len(others[name]), default=commit)
    if len(others.get(largest, ())) > len(mine):
        yield largest, others[largest]


def write_docs(commit: str) -> None:
    lines = [
        "# Random trees through the mesher",
        "",
        *PREFACE.split("\n"),
        f"{date.today().isoformat()}, {platform.machine()}, CPython {platform.python_version()}.",
    ]
    for size, refinement in REFINEMENT.items():
        for of, records in stores(commit, size):
            seeds = ", ".join(ranges([r["seed"] for r in records]))
            lines += [
                "",
                f"## {size.capitalize()} size (`refinement={refinement}`), mesher of commit {of}: "
                f"{len(records)} trees",
                "",
                f"Of {WANTED[size]} wanted. Seeds {seeds}.",
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
    commit = version(SOURCES)
    path = STORE / f"{commit}-{arguments.size}.jsonl"
    seeds = range(arguments.first, arguments.first + arguments.count)
    job = Job(partial(mesh_tree, size=arguments.size), label, LIMIT_S)
    records = complete(path, seeds, job, arguments.jobs)
    print(f"{len(records)} trees, {arguments.size} size, mesher of commit {commit}")
    print("\n".join([*table(records), "", *examples(records)]))
    if arguments.docs:
        write_docs(commit)


if __name__ == "__main__":
    main()
