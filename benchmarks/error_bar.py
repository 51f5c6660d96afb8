"""Are the numerical error bars of FFR as long as the errors? The twelve trees of the size study.

``python benchmarks/error_bar.py [word ...]`` runs the trees whose name holds a word, or all, in
hyperemia with all defaults, and prints a line of Markdown for the FFR of each outlet and behind
each lesion: its error on the default mesh against cubic elements on a mesh of refinement 1.5, how
far these are from cubic elements on the default mesh (an error below that is not told from none),
both changes of ``estimate_ffr_error``, its bar, and the ratio of bar and error. Finished trees are
kept in ``.cache/error_bar/VERSION.jsonl``; a real tree is left out where the shared data is absent.
One tree takes two to six minutes and up to 6 GB.
"""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seed_pool import version
from size_study import Case, outcomes

import corohemo as ch
from corohemo.error_bar import COARSE
from corohemo.indices.ffr import compute_ffr
from corohemo.indices.lesions import read_lesion
from corohemo.solvers.cubic import solve_cubic
from corohemo.solvers.solution import FlowSolution

STORE = Path(__file__).resolve().parents[1] / ".cache" / "error_bar"
SOURCES = ["src/corohemo/meshing", "src/corohemo/solvers", "src/corohemo/error_bar.py"]
FINE = 1.5
"""Refinement of the reference; its cubic elements have some twelve times the unknowns."""
FACTOR = 2.0
"""Bound of the ratio of bar and error, either way."""


@dataclass(frozen=True)
class Reading:
    """One FFR: where, its value, its bar, the reference's value."""

    place: str
    ffr: float
    bar: float
    reference: float

    @property
    def error(self) -> float:
        return self.ffr - self.reference

    @property
    def ratio(self) -> float:
        return self.bar / max(abs(self.error), 1e-12)


def readings(solution: FlowSolution, lumen: ch.Lumen) -> dict[str, float]:
    """FFR of every outlet and behind every lesion."""
    options = ch.IndexOptions()
    pullbacks = compute_ffr(solution, lumen)
    ends = zip(lumen.outlets, lumen.outlet_names, strict=True)
    found = {name: float(pullbacks[outlet].ffr[-1]) for outlet, name in ends}
    for lesion in lumen.lesions:
        value = read_lesion(lumen, lesion, pullbacks, options).ffr_ct
        assert value is not None
        found[f"behind {lesion.name}"] = value
    return found


def row(
    name: str,
    lumen: ch.Lumen,
    solution: FlowSolution,
    errors: ch.FfrErrors,
    reference: FlowSolution,
) -> dict[str, Any]:
    """What is kept of a tree."""
    bars = dict(errors.outlets) | {f"behind {name}": bar for name, bar in errors.lesions.items()}
    exact = readings(reference, lumen)
    return {
        "name": name,
        "unknowns": solution.stats.unknowns,
        "seconds": solution.stats.seconds,
        "bar_seconds": errors.stats.seconds,
        "changes": dict(errors.outlet_changes)
        | {f"behind {k}": v for k, v in errors.lesion_changes.items()},
        "wall_changes": dict(errors.outlet_wall_changes or {})
        | {f"behind {k}": v for k, v in (errors.lesion_wall_changes or {}).items()},
        "readings": [
            asdict(Reading(place, ffr, bars[place], exact[place]))
            for place, ffr in readings(solution, lumen).items()
        ],
    }


def run(case: Case) -> dict[str, Any]:
    """Bars on the default mesh, and the FFRs of the reference."""
    lumen = ch.build_lumen(case.tree())
    boundaries = ch.prescribe_boundaries(lumen, ch.Hyperemia())
    solution, coarse = (
        ch.solve_flow(ch.mesh_lumen(lumen, ch.MeshOptions(refinement=refinement)), boundaries)
        for refinement in (1.0, COARSE)
    )
    errors = ch.estimate_ffr_error(solution, lumen, coarse=coarse)
    fine = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=FINE))
    reference = solve_cubic(ch.solve_flow(fine, boundaries))
    return row(case.name, lumen, solution, errors, reference)


def main(words: list[str]) -> None:
    print(
        "| tree | FFR of | FFR | error [1e-5] | known to | by elements | by the coarser mesh "
        "| bar | bar over error |"
    )
    print("|---|---|" + "---:|" * 7, flush=True)
    found, told = [], []
    for outcome in outcomes(words, STORE / f"{version(SOURCES)}.jsonl", run):
        for one in (Reading(**entry) for entry in outcome["readings"]):
            elements, wall = (outcome[key][one.place] for key in ("changes", "wall_changes"))
            known_to = abs(one.error + elements)
            found.append(one)
            told += [one] if abs(one.error) > known_to else []
            print(
                f"| {outcome['name']} | {one.place} | {one.ffr:.4f} | {1e5 * one.error:+.1f} "
                f"| {1e5 * known_to:.1f} | {1e5 * elements:+.1f} | {1e5 * wall:+.1f} "
                f"| {1e5 * one.bar:.1f} | {one.ratio:.2f} |",
                flush=True,
            )
    for name, rows in (("all", found), ("errors told from none", told)):
        safe = sum(one.ratio >= 1.0 / FACTOR for one in rows)
        near = sum(1.0 / FACTOR <= one.ratio <= FACTOR for one in rows)
        print(
            f"\n{name}: not below half the error {safe} of {len(rows)}, within a factor of "
            f"{FACTOR:g} {near} of {len(rows)}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
