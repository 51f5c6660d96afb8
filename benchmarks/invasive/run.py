"""Batch and compare on synthetic patients with known sources of error, or on real pairs.

    python benchmarks/invasive/run.py [--patients 120] [--jobs 2] [-o DIR]
    python benchmarks/invasive/run.py --manifest M.csv --invasive I.csv [--solver elements] [-o DIR]

The first form writes a synthetic cohort (corohemo.virtual), solves it by the reduced model four
times, with the scanned or the true lumen and with population or known boundary conditions, and
prints how much of the variance of computed minus invasive goes away with each source of error. The
second form runs the same commands on a user's own manifest and measurements.
"""

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from corohemo.virtual import virtual_cohort

COMPUTED = {
    "ffr": "ffr_ct_wire",
    "imr_u": "imr_ct_u",
    "resistance_wu": "microvascular_resistance_wu",
}
KINDS = ("scan-population", "true-population", "scan-known", "true-known")


def corohemo(*words: object) -> None:
    command = [sys.executable, "-m", "corohemo", *map(str, words)]
    done = subprocess.run(command, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.returncode)


def table(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    with path.open(newline="") as stream:
        return {(row["case_id"], row["vessel"]): row for row in csv.DictReader(stream)}


def column(rows, keys, name: str) -> np.ndarray:
    return np.array([float(rows[key][name] or "nan") for key in keys])


class Errors:
    """Computed, true and measured values of the same vessels."""

    def __init__(self, folder: Path) -> None:
        self.truth, self.invasive = table(folder / "truth.csv"), table(folder / "invasive.csv")
        self.computed = {kind: table(folder / kind / "vessels.csv") for kind in KINDS}
        self.keys = [key for key in self.truth if all(key in self.computed[k] for k in KINDS)]

    def true(self, name: str) -> np.ndarray:
        return column(self.truth, self.keys, f"{name}_true")

    def measured(self, name: str) -> np.ndarray:
        return column(self.invasive, self.keys, name)

    def found(self, kind: str, name: str) -> np.ndarray:
        return column(self.computed[kind], self.keys, COMPUTED[name])


def explained(errors: Errors, name: str, measured: np.ndarray, *, log: bool) -> None:
    """Variance of the disagreement, and what is left of it without each source."""

    def scale(values: np.ndarray) -> np.ndarray:
        return np.log(values) if log else values

    def variance(one: np.ndarray, other: np.ndarray) -> float:
        return float(np.nanvar(scale(one) - scale(other), ddof=1))

    true = errors.true(name)
    whole = variance(errors.found("scan-population", name), measured)
    bias = float(np.nanmean(scale(errors.found("scan-population", name)) - scale(measured)))
    print(
        f"  SD of the disagreement {np.sqrt(whole):.3f}, bias {bias:+.3f}"
        + (" (ln)" if log else "")
    )
    sources = {
        "catheter": 1.0 - variance(errors.found("scan-population", name), true) / whole,
        "lumen of the scan": 1.0
        - variance(errors.found("true-population", name), measured) / whole,
        "patient's flow, response, pressure": 1.0
        - variance(errors.found("scan-known", name), measured) / whole,
        "left when all three are known": variance(errors.found("true-known", name), true) / whole,
    }
    for source, share in sources.items():
        print(f"    {source:<36} {100.0 * share:6.1f} %")


def shown(value: float | None) -> str:
    """A number, or a dash where all or none of the vessels are diseased."""
    return "-" if value is None else f"{value:.2f}"


def print_agreement(folder: Path) -> None:
    for kind in KINDS:
        found = json.loads((folder / f"compare-{kind}" / "compare.json").read_text())["quantities"]
        print(f"{kind}:")
        for name in ("FFR", "IMR", "resistance"):
            part = found[name]["vessel"]
            drawn = part["patient_bootstrap"]["pearson"]
            rates = part["diagnostic"]
            limits = part["bland_altman"]
            print(
                f"  {name:<10} n {part['n']}, r {part['pearson']['value']:.2f} "
                f"({drawn['low']:.2f}-{drawn['high']:.2f}), bias {limits['bias']['value']:+.3g}, "
                f"limits {limits['lower']['value']:.3g} to {limits['upper']['value']:.3g}, "
                f"AUC {shown(part['auc']['value'])}, "
                f"accuracy {100 * rates['accuracy']['value']:.1f} %"
            )


def synthetic(folder: Path, patients: int, jobs: int) -> None:
    paths = virtual_cohort(patients).write(folder)
    for kind in KINDS:
        batch = ("batch", paths[kind], "-o", folder / kind, "--solver", "reduced", "--resume")
        corohemo(*batch, "--jobs", jobs)
        words = ("compare", folder / kind, paths["invasive"], "-o", folder / f"compare-{kind}")
        corohemo(*words, "-q")
    print(f"\n{patients} synthetic patients\n")
    print_agreement(folder)
    errors = Errors(folder)
    print("\nShare of the variance of computed minus invasive that goes with each source alone")
    print("(they overlap and interact, so they need not add up to 100 %)\n")
    print("FFR")
    explained(errors, "ffr", errors.measured("ffr_invasive"), log=False)
    print("IMR, by bolus thermodilution")
    explained(errors, "imr_u", errors.measured("imr_invasive"), log=True)
    print("IMR, had it the error of continuous thermodilution")
    explained(errors, "imr_u", errors.measured("imr_continuous"), log=True)
    print("resistance, by continuous thermodilution")
    explained(errors, "resistance_wu", errors.measured("resistance_invasive_wu"), log=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--patients", type=int, default=120)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--manifest", type=Path)
    parser.add_argument("--invasive", type=Path)
    parser.add_argument("--solver", default="elements")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/invasive"))
    given = parser.parse_args()
    if given.manifest is None:
        synthetic(given.output, given.patients, given.jobs)
        return
    words = ("batch", given.manifest, "-o", given.output / "cohort", "--solver", given.solver)
    corohemo(*words, "--resume", "--jobs", given.jobs)
    pairs = [] if given.invasive is None else [given.invasive]
    corohemo("compare", given.output / "cohort", *pairs, "-o", given.output / "compare")


if __name__ == "__main__":
    main()
