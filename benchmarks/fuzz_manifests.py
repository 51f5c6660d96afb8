"""Manifests with something wrong in them, drawn from a seed."""

import csv
import io
import random

import fuzz_bytes
from fuzz_cases import SCALARS, Raw, Specimen, vessels, written

COLUMNS = (
    *fuzz_bytes.words("case_id input centerline case_file length_unit vessel solver tree"),
    *fuzz_bytes.words("wire_position_mm"),
    *fuzz_bytes.words(
        "mean_aortic_pressure_mmhg myocardial_mass_g mesh.refinement blood.density_kg_m3"
    ),
    *("x.y", ".", "age", "ffr_invasive", "", "input "),
)
CELLS = (
    *fuzz_bytes.words(
        "a.toml tree.swc tree.swc case.toml missing.swc manifest.csv mm inch LAD reduced"
    ),
    *fuzz_bytes.words(
        "-1 nan 1e999 .. /etc/passwd ../../x.swc ~ é🫀 \x1b[31m [/red] \" ' =1+1 CON"
    ),
    *("", " ", "a\nb", "a" * 300, "9" * 400),
)
RIGHT = [
    ["case_id", "input", "length_unit", "vessel", "wire_position_mm", "sex"],
    ["a", "tree.swc", "mm", "branch1", "20", "female"],
    ["a", "tree.swc", "mm", "branch2", "", "female"],
    ["b", "case.toml", "", "", "", "male"],
]
COMMAND = ["batch", "manifest.csv", "-o", "out", "--dry-run", "--resume"]


def _cell(draw: random.Random) -> str:
    if draw.random() < 0.6:
        return draw.choice(CELLS)
    value = draw.choice(SCALARS)
    return str(value)[:20_000].replace("\0", "0") if isinstance(value, Raw) else str(value)


def files(rows: list[list[str]]) -> dict[str, bytes]:
    """A folder with a manifest of some rows."""
    return _folder() | {"manifest.csv": _table(rows)}


def _folder() -> dict[str, bytes]:
    case = {"case": {"centerline": "tree.swc"}, "solver": {"model": "reduced"}}
    return {**vessels(), "case.toml": written(case).encode()}


def _table(rows: list[list[str]], separator: str = ",") -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows(rows)
    return fuzz_bytes.encoded(stream.getvalue())


def specimen(seed: int) -> Specimen:
    """A folder with a manifest in which something is wrong, and the batch that plans it."""
    draw = random.Random(seed)
    rows = [list(row) for row in RIGHT]
    for _ in range(draw.choice((0, 1, 1, 2, 4))):
        row = draw.randrange(len(rows))
        kind = draw.randrange(6)
        if kind < 2 and rows[row]:
            rows[row][draw.randrange(len(rows[row]))] = _cell(draw)
        elif kind == 2:
            rows[0][draw.randrange(len(rows[0]))] = draw.choice(COLUMNS)
        elif kind == 3:
            name, at = draw.choice(COLUMNS), draw.randrange(len(rows[0]) + 1)
            for number, cells in enumerate(rows):
                cells.insert(at, _cell(draw) if number else name)
        elif kind == 4:
            rows.insert(row, list(rows[draw.randrange(len(rows))]))
        else:
            rows[row] = rows[row][: draw.randrange(len(rows[row]) + 1)]
        if not rows[0]:
            rows[0] = ["input"]
    data = _table(rows, draw.choice(",,;\t"))
    if draw.random() < 0.4:
        data = fuzz_bytes.mutated(draw, data)
    name = "manifest.parquet" if draw.random() < 0.02 else "manifest.csv"
    command = [word.replace("manifest.csv", name) for word in COMMAND]
    if draw.random() < 0.1:
        command += ["--only", draw.choice(("a", "z", "[", "*", "a*", "\\", ""))]
    return Specimen(_folder() | {name: data}, command, (name,))
