"""Solve hyperemia on random trees of every feasible kind and keep the table of outcomes.

``python benchmarks/flow_trees.py FIRST COUNT [--jobs N] [--docs]`` meshes the trees of seeds FIRST
to FIRST + COUNT - 1, solves those that are not in ``.cache/flow_trees/VERSION.jsonl`` yet, those
that the bound is about first, and prints the table of all that are there. VERSION is the last
commit that touched mesh or solver.
Flows are drawn with the tree: aortic pressure 70 to 110 mmHg, mass 90 to 220 g, index 0.2 to 0.4,
share of the heart's flow 0.7 to 1.6 times what the ostium's width lets expect. A pressure drives
them against microvascular resistances. ``--docs`` writes docs/flow-trees.md.
"""

import argparse
import platform
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
from seed_pool import Job, Record, complete, ranges, version

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / ".cache" / "flow_trees"
DOCS = ROOT / "docs" / "flow-trees.md"
SOURCES = ["src/corohemo/meshing", "src/corohemo/gallery", "src/corohemo/solvers"]
REFINEMENT = 1.0
LIMIT_S = 1800.0
WANTED = 500
MOST_SOLVES = 12
SEVEREST = 80.0
OSTIUM_MM = 4.0
"""Diameter of a left ostium that carries the left tree's share of the flow."""
FLOW_EXPONENT = 2.33
AVERAGED = "time_averaged"
OUTCOMES = ("converged", AVERAGED, "not_converged", "no mesh", "error", "hung", "died")
PREFACE = f"""\
`make validate-flows` solves hyperemia on trees of every feasible kind of `gallery.random_tree` at
refinement {REFINEMENT}, driven by a pressure at the ostium against microvascular resistances;
pressure, mass, response and share of the flow are drawn with the tree (`benchmarks/flow_trees.py`).

*Jacobians* are matrices assembled and factorised on quadratic elements, *solves* linear systems
with new or kept ones; linear elements are not counted. Seconds are CPU seconds of the solve.
*time_averaged*: no steady state was found; the status is `not_converged` and the mean in time is
given with its fluctuation. Trees with a stenosis above {SEVEREST:.0f} % diameter have a row of
their own and are not in the others.
"""


def label(seed: int) -> Record:
    """Kind of a seed's tree and its worst stenosis [%]."""
    import corohemo as ch
    from corohemo.gallery import RECIPES, random_tree

    feasible = [name for name, recipe in RECIPES.items() if recipe.feasible]
    kind = feasible[seed % len(feasible)]
    lesions = ch.build_lumen(random_tree(seed, kind)).lesions
    worst = max((lesion.percent_diameter_stenosis for lesion in lesions), default=0.0)
    return {"kind": kind, "stenosis": round(worst, 1)}


def solve_tree(seed: int) -> Record:
    """Outcome of one seed."""
    import corohemo as ch
    from corohemo.gallery import random_tree

    record: Record = {"seed": seed, **label(seed)}
    try:
        lumen = ch.build_lumen(random_tree(seed, record["kind"]))
        mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=REFINEMENT))
    except ch.CorohemoError as error:
        return record | {"outcome": "no mesh", "message": str(error), "seconds": 0.0}
    boundaries = ch.prescribe_boundaries(lumen, draw_state(seed, 2e3 * lumen.inlet_plane.radius))
    record["cells"] = len(mesh.cells)
    start = time.process_time()
    try:
        solution = ch.solve_flow(mesh, boundaries, ch.SteadyOptions(on_failure="return"))
    except ch.CorohemoError as error:
        seconds = round(time.process_time() - start, 2)
        return record | {"outcome": "error", "message": str(error), "seconds": seconds}
    stats = solution.stats
    return record | {
        "outcome": AVERAGED if solution.average else solution.status.value,
        "message": solution.message,
        "seconds": round(time.process_time() - start, 2),
        "unknowns": stats.unknowns,
        "solves": stats.newton_iterations,
        "jacobians": stats.jacobians,
        "krylov": stats.linear_iterations,
        "balance": stats.mass_balance_relative,
        "flow_ml_min": round(solution.face_flow_ml_min("inlet"), 2),
    }


def draw_state(seed: int, ostium_mm: float):  # type: ignore[no-untyped-def]
    """Hyperemia with a random person and a flow that suits the ostium."""
    import corohemo as ch

    rng = np.random.default_rng([seed, len("hyperemia")])
    usual = ch.Hyperemia().share * (ostium_mm / OSTIUM_MM) ** FLOW_EXPONENT
    return ch.Hyperemia(
        mean_aortic_pressure_mmhg=float(rng.uniform(70.0, 110.0)),
        myocardial_mass_g=float(rng.uniform(90.0, 220.0)),
        total_coronary_resistance_index=float(rng.uniform(0.2, 0.4)),
        tree_share=min(1.0, float(rng.uniform(0.7, 1.6)) * usual),
    )


def table(records: list[Record]) -> Iterator[str]:
    """Outcomes by kind, as lines of Markdown."""
    yield (
        "| kind | trees | "
        + " | ".join(OUTCOMES)
        + f" | solves: median, most | over {MOST_SOLVES} | Jacobians: median, most | Krylov steps "
        "| median s |"
    )
    yield "|---|" + "---:|" * (len(OUTCOMES) + 6)
    severe = [r for r in records if r["stenosis"] > SEVEREST]
    others = [r for r in records if r["stenosis"] <= SEVEREST]
    groups = [
        (kind, [r for r in others if r["kind"] == kind])
        for kind in sorted({r["kind"] for r in others})
    ]
    groups += [("**all**", others), (f"stenosis above {SEVEREST:.0f} %", severe)]
    for name, mine in groups:
        if mine:
            yield row(name, mine)


def row(name: str, records: list[Record]) -> str:
    """One group's line."""
    counts = [sum(r["outcome"] == outcome for r in records) for outcome in OUTCOMES]
    cells = [name, len(records), *counts]
    solved = [r for r in records if r["outcome"] == "converged"]
    if solved:
        solves, jacobians = (np.array([r[key] for r in solved]) for key in ("solves", "jacobians"))
        cells += [f"{np.median(solves):.0f}, {solves.max()}", int((solves > MOST_SOLVES).sum())]
        cells += [f"{np.median(jacobians):.0f}, {jacobians.max()}"]
        cells += [f"{np.median([r['krylov'] for r in solved]):.0f}"]
        cells += [f"{np.median([r['seconds'] for r in solved]):.1f}"]
    else:
        cells += ["-"] * 5
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def examples(records: list[Record]) -> Iterator[str]:
    """Trees that did not converge or took many solves, one line each."""
    for record in sorted(records, key=lambda r: r["seed"]):
        if record["outcome"] != "converged" or record["solves"] > MOST_SOLVES:
            stenosis = record["stenosis"]
            yield (
                f"- seed {record['seed']} ({record['kind']}, {stenosis:.0f} %): "
                f"{record['outcome']}. {record['message']}"
            )


def write_docs(commit: str, records: list[Record]) -> None:
    within = sum(record["stenosis"] <= SEVEREST for record in records)
    lines = [
        "# Random trees through the steady solver",
        "",
        *PREFACE.split("\n"),
        f"Commit {commit}, {date.today().isoformat()}, {platform.machine()}, CPython "
        f"{platform.python_version()}: {len(records)} trees, of which {within} have no stenosis "
        f"above {SEVEREST:.0f} % ({WANTED} wanted), seeds "
        f"{', '.join(ranges([r['seed'] for r in records]))}.",
        "",
        *table(records),
    ]
    if told := list(examples(records)):
        lines += ["", f"Not converged, or with more than {MOST_SOLVES} solves:", "", *told]
    DOCS.write_text("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("first", type=int, nargs="?", default=0)
    parser.add_argument("count", type=int, nargs="?", default=60)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--docs", action="store_true")
    arguments = parser.parse_args()
    commit = version(SOURCES)
    every = range(arguments.first, arguments.first + arguments.count)
    seeds = sorted(every, key=lambda seed: label(seed)["stenosis"] > SEVEREST)
    job = Job(solve_tree, label, LIMIT_S, first=8)
    records = complete(STORE / f"{commit}.jsonl", seeds, job, arguments.jobs)
    print(f"{len(records)} trees, commit {commit}")
    print("\n".join([*table(records), "", *examples(records)]))
    if arguments.docs:
        write_docs(commit, records)


if __name__ == "__main__":
    main()
