"""Time of a comparison: 1,000 vessels of 500 patients, 2,000 bootstrap draws.

python benchmarks/agreement.py
"""

import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from corohemo.agreement import (
    QUANTITIES,
    CompareOptions,
    compare,
    make_pairs,
    read_vessels,
    write_comparison,
)


def write_table(path: Path, n_vessels: int) -> None:
    draw = np.random.default_rng(1)
    rows = ["case_id,vessel,ffr_ct,ffr_invasive,percent_diameter_stenosis,sex,diabetes"]
    for i in range(n_vessels):
        true = draw.uniform(0.5, 1.0)
        computed, stenosis = true + draw.normal(0, 0.05), 100 * (1 - true) + draw.normal(0, 10)
        patient = i // 2
        signs = f"{'mf'[patient % 2]},{'yes' if patient % 3 else 'no'}"
        rows.append(f"p{patient},v{i % 2},{computed:.5f},{true:.5f},{stenosis:.2f},{signs}")
    path.write_text("\n".join(rows))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vessels.csv"
        write_table(path, 1000)
        marks = [(time.process_time(), time.perf_counter())]
        pairs = make_pairs(read_vessels(path), QUANTITIES["FFR"])
        document = compare(pairs, CompareOptions(draws=2000))
        marks.append((time.process_time(), time.perf_counter()))
        write_comparison({"FFR": (pairs, document)}, Path(folder) / "out")
        marks.append((time.process_time(), time.perf_counter()))
    for name, (before, after) in zip(("numbers", "figures and page"), pairwise(marks), strict=True):
        print(f"{name}: {after[0] - before[0]:.2f} s CPU, {after[1] - before[1]:.2f} s")


if __name__ == "__main__":
    main()
