"""The main job end to end: a left coronary tree with lesions, from centerline to report.

The tree is the gallery's: segment lengths, diameters and angles follow published human dimensions
(sources in ``corohemo.gallery.left_tree``). It is written to a centerline file and solved by the
same command that takes a real tree.
"""

import subprocess
import sys
from pathlib import Path

import corohemo as ch

FOLDER = Path("out/demo")


def run(folder: Path = FOLDER) -> int:
    """Solve the demo case into ``folder``; returns the command's exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    centerline = folder / "left_tree.vtp"
    ch.write_centerline(ch.gallery.left_tree(), centerline, length_unit="mm")
    command = [sys.executable, "-m", "corohemo", "run", str(centerline), "-o", str(folder)]
    return subprocess.run([*command, "--length-unit", "mm", "--np", "2"], check=False).returncode


if __name__ == "__main__":
    sys.exit(run())
