"""Case files with one or more things wrong in them, drawn from a seed."""

import copy
import random
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import fuzz_bytes
import numpy as np

import corohemo as ch
from corohemo.config import read_case
from corohemo.config.toml import toml_value

SET = ("--set", "report.page=false", "--set", "solver.model=reduced")
RUN = ("run", "case.toml", "-o", "out", "-q", *SET)
WAVE = "0 80\n0.2 90\n0.4 110\n0.6 90\n0.8 80\n"


class Specimen(NamedTuple):
    """Files of a folder in which something is wrong, and the command that reads them.

    Attributes:
        files: Content by name.
        command: Arguments of ``corohemo``.
        wrong: Files of which a refusal must name one.
        words: Settings of which a refusal must name one; none if any place in the file will do.
        before: The file before it was damaged.
    """

    files: dict[str, bytes]
    command: list[str]
    wrong: tuple[str, ...]
    words: tuple[str, ...] = ()
    before: bytes = b""


class Raw(str):
    """Text that stands in a case file as it is."""


def text(content: Any) -> str:
    return content if isinstance(content, Raw) else toml_value(content)


def written(table: dict[str, Any]) -> str:
    """A table of tables as TOML."""
    parts = []
    for section, values in table.items():
        if isinstance(values, dict):
            parts.append(f"[{section}]")
            parts += [f"{key} = {text(value)}" for key, value in values.items()]
        else:
            parts.insert(0, f"{section} = {text(values)}")
    return "\n".join(parts) + "\n"


@cache
def vessels() -> dict[str, bytes]:
    """Vessel files and waveforms that the case files name."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        ch.write_centerline(ch.gallery.y_bifurcation(), root / "tree.swc", length_unit="mm")
        line = np.column_stack([np.linspace(0, 30, 121), *np.zeros((2, 121))])
        np.save(root / "line.npy", line)
        found = {path.name: path.read_bytes() for path in sorted(root.iterdir())}
    return found | {"wave.txt": WAVE.encode()}


@cache
def every_setting() -> dict[str, dict[str, Any]]:
    """All settings at their defaults."""
    table: dict[str, dict[str, Any]] = {}
    for setting in read_case("tree.swc").settings:
        if setting.value is not None:
            table.setdefault(setting.section, {})[setting.name] = setting.value
    table.pop("rest")
    table["hyperemia"].pop("tree_share", None)
    table["case"]["id"] = "patient"
    return table


def bases() -> dict[str, dict[str, dict[str, Any]]]:
    """Case files that are right."""
    case = {"centerline": "tree.swc"}
    reduced = {"model": "reduced"}
    rcr = {
        "model": "rcr", "proximal_resistance_wu": 20.0, "compliance_ml_mmhg": 0.01,
        "distal_resistance_wu": 400.0,
    }  # fmt: skip
    full = copy.deepcopy(every_setting())
    full["case"]["centerline"] = "tree.swc"
    full["solver"]["model"] = "reduced"
    return {
        "short": {"case": case, "solver": reduced},
        "full": full,
        "physiology": {
            "case": case,
            "solver": reduced,
            "physiology": {"mean_aortic_pressure_mmhg": 90.0, "myocardial_mass_g": 120.0},
            "rest": {"venous_pressure_mmhg": 5.0},
        },
        "given": {
            "case": case,
            "solver": reduced,
            "boundaries": {
                "state": "hyperemic",
                "inlet": {"model": "pressure", "pressure_mmhg": "wave.txt"},
                "outlets": {"*": rcr},
            },
        },
        "prescribed": {
            "case": case,
            "solver": reduced,
            "flow": {"source": "prescribed", "total_ml_min": 200.0, "is_measured": True},
        },
        "edited": {
            "case": case,
            "solver": reduced,
            "edit": {"stents": [["parent", 2.0, 8.0, 4.5]]},
            "indices": {"wire_mm": 20.0, "wire_positions_mm": {"main": 30.0}},
        },
        "line": {
            "case": {
                "centerline": "line.npy",
                "length_unit": "mm",
                "ostium_diameter_mm": 3.5,
                "outlet_diameter_mm": 2.0,
            },
            "solver": reduced,
        },
        "elements": {"case": case, "mesh": {"refinement": 0.5, "sectors": 8}},
        "pulsatile": {
            "case": case,
            "mesh": {"refinement": 0.4, "sectors": 8},
            "pulsatile": {"on": True, "aortic_pressure": "wave.txt", "steps_per_cycle": 100},
            "heartbeat": {"pulse_pressure_mmhg": 40.0},
        },
    }


WORDS = (
    *fuzz_bytes.words(
        "a mm 1 nan \x00 \x1b[31m [/red] [bold {} é🫀 a/b .. . ~ ~nobody ~stranger /dev/zero"
    ),
    *fuzz_bytes.words("/proc/self/mem ../../../etc/passwd missing.swc case.toml wave.txt tree.swc"),
    *fuzz_bytes.words("line.npy"),
    *("", " ", "a" * 5000),
)
LISTS: tuple[Any, ...] = (
    [], [1], ["a"], [[]], [1.0, float("nan")], [[0.0, 1.0], [1.0, 2.0]], [0.0, 0.5, 1.0],
    [1.0, 1.0], list(range(3000)), Raw("[" * 60 + "]" * 60), Raw("[" * 20_000 + "]" * 20_000),
)  # fmt: skip
TABLES: tuple[Any, ...] = (
    {}, {"a": 1}, {"file": 1}, {"file": "wave.txt", "factor": "x"}, {"model": "rcr"},
    Raw("{a=" * 3000 + "1" + "}" * 3000),
)  # fmt: skip
SCALARS: tuple[Any, ...] = (
    *(-1, 0, 1, -0.0, 1e300, -1e300, 1e-300, 1e9, 10**12, 10**30, 2**63, True, False),
    *map(Raw, ("nan", "inf", "-inf", "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "9" * 5000)),
    *WORDS,
    *LISTS,
    *TABLES,
)
"""Values of every kind."""


def _scalar(draw: random.Random) -> Any:
    return copy.deepcopy(draw.choice(SCALARS))


def _leaves(table: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Paths of all values that are no tables."""
    found = []
    for key, value in table.items():
        if isinstance(value, dict) and value:
            found += [(*path, key), *_leaves(value, (*path, key))]
        else:
            found.append((*path, key))
    return found


def _inside(table: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    for key in path[:-1]:
        table = table[key]
    return table


def _typo(draw: random.Random, name: str) -> str:
    at = draw.randrange(len(name))
    return draw.choice((name[:at] + name[at + 1 :], name[:at] + "x" + name[at:], name.upper(),
                        name + "_mm", f'"{name} "'))  # fmt: skip


def _near(draw: random.Random, value: Any) -> Any:
    """A value like the one that is there."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        factor = draw.choice((-1, 0, 0.01, 0.1, 0.5, 2, 10, 100, 1e4, 1e8))
        return type(value)(value * factor) if draw.random() < 0.8 else str(value)
    if isinstance(value, list | tuple):
        items = list(value)
        if items and draw.random() < 0.5:
            items[draw.randrange(len(items))] = _scalar(draw)
        return draw.choice((items, items[:-1], items * 2, items[::-1], [items]))
    if isinstance(value, str):
        return draw.choice((value.upper(), value + "x", value[:-1], f" {value}", value * 50))
    return _scalar(draw)


def _wrong_setting(draw: random.Random, table: dict[str, Any]) -> tuple[str, ...]:
    """Change one setting; the words of which a refusal should hold one."""
    path = draw.choice([leaf for leaf in _leaves(table) if len(leaf) > 1] or [("case", "id")])
    target, key = _inside(table, path), path[-1]
    kind = draw.randrange(10)
    if kind < 5:
        target[key] = _scalar(draw)
    elif kind < 8:
        target[key] = _near(draw, target.get(key))
    elif kind == 8:
        target.pop(key, None)
    else:
        name = _typo(draw, key)
        target[name] = target.pop(key, 1)
        return (name.strip('"'),)
    return *path[1:], *_named_file(target.get(key))


def _named_file(value: Any) -> tuple[str, ...]:
    """A text may be taken for the name of a file, which then is the place."""
    if not isinstance(value, str) or not value.strip():
        return ()
    return (value[:40],) if len(value.strip()) > 2 else (f"{value}:",)


def _unset_setting(draw: random.Random, table: dict[str, Any]) -> tuple[str, ...]:
    """Give one that the file did not hold."""
    section = draw.choice([name for name in every_setting() if name != "case"])
    key = draw.choice(list(every_setting()[section]))
    value = _scalar(draw) if draw.random() < 0.5 else _near(draw, every_setting()[section][key])
    if isinstance(table.get(section, {}), dict):
        table.setdefault(section, {})[key] = value
    return key, *_named_file(value)


def _wrong_section(draw: random.Random, table: dict[str, Any]) -> tuple[str, ...]:
    section = draw.choice(list(table))
    kind = draw.randrange(4)
    if kind == 0:
        table[section] = _scalar(draw)
        return (section,)
    if kind == 1:
        del table[section]
        return (section,)
    name = _typo(draw, section) if kind == 2 else draw.choice(("x", "a.b", '""', "rest", "edit"))
    table[name] = table.pop(section)
    return (name.strip('"').partition(".")[0],)


def _affordable(table: dict[str, Any]) -> None:
    """Keep a finite-element case small: a fine mesh is no wrong setting, but takes its time."""
    if isinstance(mesh := table.get("mesh"), dict):
        for key, limits in {"refinement": (1.0, 8.0), "sectors": (16, 96)}.items():
            value = mesh.get(key)
            if isinstance(value, int | float) and limits[0] < value <= limits[1]:
                mesh[key] = limits[0]


def specimen(seed: int) -> Specimen:
    """A folder with a case file in which something is wrong, and the verb that reads it."""
    draw = random.Random(seed)
    name = draw.choices(list(bases()), (4, 6, 3, 5, 3, 3, 2, 1.5, 0.3))[0]
    kind = draw.random()
    if kind >= 0.7 and name in ("elements", "pulsatile"):
        name = "short"
    table = copy.deepcopy(bases()[name])
    files = dict(vessels())
    command = ["check", "case.toml"]
    if name not in ("elements", "pulsatile") and draw.random() < 0.15:
        command = list(RUN)
    if kind < 0.7:
        ways = draw.choices(
            (_wrong_setting, _unset_setting, _wrong_section), (6, 3, 1), k=draw.choice((1, 1, 1, 2))
        )
        wrong = [way(draw, table) for way in ways]
        _affordable(table)
        data = fuzz_bytes.encoded(written(table))
        return _specimen(files, data, command, tuple(chain(*wrong)))
    if kind < 0.8:
        path = draw.choice([leaf for leaf in _leaves(every_setting()) if len(leaf) == 2])
        word = text(_scalar(draw)).replace("\0", "")
        if len(word) < 100_000:
            command += ["--set", f"{'.'.join(path)}={word}"]
        return _specimen(files, written(table).encode(), command, (path[-1],))
    if kind < 0.84:
        files["wave.txt"] = fuzz_bytes.mutated(draw, files["wave.txt"])
        table = copy.deepcopy(bases()["given"])
        files["case.toml"] = written(table).encode()
        return Specimen(files, command, ("wave.txt",), before=WAVE.encode())
    broken = fuzz_bytes.mutated(draw, fuzz_bytes.encoded(written(table)))
    return _specimen(files, broken, command, ())


def _specimen(
    files: dict[str, bytes], case: bytes, command: list[str], words: tuple[str, ...]
) -> Specimen:
    return Specimen(files | {"case.toml": case}, command, ("case.toml",), words)
