"""Is the default mesh fine enough? Twelve trees against meshes of eight times their unknowns.

``python benchmarks/size_study.py [word ...]`` runs the trees whose name holds a word, or all, in
hyperemia with all defaults, and prints a line of Markdown for each: differences of the outlets'
FFR, of the drops over lesions and of the wall shear by sectors of 3 mm and 45 degrees. Finished
trees are kept in ``.cache/size_study/VERSION.jsonl``; a real tree is left out where the shared data
is absent. One tree takes two to ten minutes and up to 5 GB.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from seed_pool import version

import corohemo as ch
from corohemo.study import study_mesh

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
STORE = ROOT / ".cache" / "size_study"
SOURCES = ["src/corohemo/meshing", "src/corohemo/solvers", "src/corohemo/indices/wall_shear.py",
           "src/corohemo/indices/wall_slope.py"]  # fmt: skip
FINE = 2.15
"""Refinement at which a mesh has about eight times the unknowns."""
BOUNDS = {"ffr": 0.005, "drop": 0.01, "wss": 0.03}
REACH_MM = 22.0
"""How far from its ostium the real tree is kept: all of it would need three million unknowns."""


@dataclass(frozen=True)
class Case:
    """A name and how to make its tree."""

    name: str
    tree: Callable[[], ch.VesselTree]


def random(kind: str, seed: int) -> Case:
    return Case(f"random {kind} {seed}", lambda: ch.gallery.random_tree(seed, kind))


def start_of_left_tree() -> ch.VesselTree:
    """The real left coronary tree up to ``REACH_MM`` of path from its ostium."""
    table = np.loadtxt(DATA / "left_coronary_tree" / "left_coronary_tree.swc", comments="#")
    row = {int(number): k for k, number in enumerate(table[:, 0])}
    parents = np.array([row.get(int(parent), -1) for parent in table[:, 6]])
    path = np.zeros(len(table))
    for k, parent in enumerate(parents):
        if parent >= 0:
            path[k] = path[parent] + np.linalg.norm(table[k, 2:5] - table[parent, 2:5])
    kept = np.flatnonzero(path <= REACH_MM)
    place = np.full(len(table) + 1, -1)
    place[kept] = np.arange(len(kept))
    return ch.VesselTree.from_arrays(
        table[kept, 2:5], table[kept, 5], place[parents[kept]], length_unit="mm"
    )


CASES = (
    Case("real left tree, first 22 mm", start_of_left_tree),
    Case("gallery Y", ch.gallery.y_bifurcation),
    random("plain", 11),
    random("plain", 14),
    random("curved", 2),
    random("thin", 6),
    random("stub", 1),
    random("angled", 3),
    random("alongside", 3),
    random("stenosed", 11),
    random("jumping", 9),
    random("crowded", 1),
)


def run(case: Case) -> dict[str, Any]:
    """Differences between the default mesh and the fine one."""
    lumen = ch.build_lumen(case.tree())
    study = study_mesh(
        lumen, ch.prescribe_boundaries(lumen, ch.Hyperemia()), refinements=(1.0, FINE)
    )
    coarse, fine = study.levels
    ffr = [q for q in study.quantities if q.unit == "-"]
    drops = [q for q in study.quantities if q.unit == "mmHg"]
    return {
        "name": case.name,
        "outlets": len(lumen.outlets),
        "unknowns": coarse.unknowns,
        "ratio": fine.unknowns / coarse.unknowns,
        "lowest_ffr": min(q.values[-1] for q in ffr),
        "ffr": max(abs(q.values[0] - q.values[1]) for q in ffr),
        "drop": max((abs(q.values[0] / q.values[1] - 1.0) for q in drops), default=None),
        "wss": study.wss_mean_difference,
        "wss_high": study.wss_high_difference,
        "seconds": fine.seconds,
    }


def outcomes(
    words: list[str], path: Path, solve: Callable[[Case], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Rows of the cases whose name holds a word; those kept in ``path`` are not solved again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    for case in CASES:
        if words and not any(word in case.name for word in words):
            continue
        if case.name.startswith("real") and not DATA.exists():
            continue
        row = next((row for row in kept if row["name"] == case.name), None)
        if row is None:
            row = solve(case)
            with path.open("a") as stream:
                stream.write(json.dumps(row) + "\n")
        yield row


def line(row: dict[str, Any]) -> str:
    drop = "" if row["drop"] is None else f"{100 * row['drop']:.2f}"
    return (
        f"| {row['name']} | {row['outlets']} | {row['unknowns']:,} | {row['ratio']:.1f} "
        f"| {row['lowest_ffr']:.3f} | {row['ffr']:.5f} | {drop} "
        f"| {100 * row['wss']:.1f} | {100 * row['wss_high']:.1f} |"
    )


if __name__ == "__main__":
    print(
        "| tree | outlets | unknowns | of the fine mesh, times | lowest FFR | FFR, largest "
        "difference | lesion drop [%] | sector wall shear, mean [%] | 95 % of the wall below [%] |"
    )
    print("|---|" + "---:|" * 8, flush=True)
    for outcome in outcomes(sys.argv[1:], STORE / f"{version(SOURCES)}.jsonl", run):
        print(line(outcome), flush=True)
