"""Random trees as closed surfaces and back: what the reader of surfaces loses.

``python benchmarks/surface_round_trip.py FIRST LAST`` meshes ``gallery.random_tree`` of these
seeds, writes the flattened surface as STL, reads it with its ends found by their shape, meshes it
again and prints the note on the distance, the outlets and the stenoses before and after.
"""

import sys
import tempfile
from pathlib import Path

import corohemo as ch
from corohemo.gallery.random_trees import random_tree


def stenoses(lumen: ch.Lumen) -> list[int]:
    return sorted(round(lesion.percent_diameter_stenosis) for lesion in lumen.lesions)


def round_trip(seed: int, folder: Path) -> str:
    before = ch.build_lumen(random_tree(seed))
    path = folder / f"{seed}.stl"
    ch.write_mesh(ch.mesh_lumen(before), path)
    text = path.read_text()
    path.write_text("".join(line for line in text.splitlines(True) if "solid" not in line))
    path.write_text(f"solid lumen\n{path.read_text()}endsolid lumen\n")
    after = ch.build_lumen(ch.read_surface(path, length_unit="mm", check_scale=False))
    note = ch.mesh_lumen(after).notes[-1]
    return f"outlets {len(before.outlets)} {len(after.outlets)}, stenoses {stenoses(before)} " + (
        f"{stenoses(after)}. {note}"
    )


def main(first: int, last: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, last + 1):
            try:
                print(seed, round_trip(seed, Path(folder)), flush=True)
            except ch.CorohemoError as error:
                print(seed, f"{type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
