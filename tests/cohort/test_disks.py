"""A full or read-only disk ends the cases it concerns with a sentence; the others finish."""

import shlex
import shutil
import subprocess

import pytest

from .conftest import batch_command, rows


def in_own_mounts(script):
    """Run a script whose mounts nobody else sees."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    probe = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a tmpfs")
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("options", "sentence"), [("size=64k", "No space left"), ("size=1m,ro", "Read-only")]
)
def test_one_bad_disk_leaves_the_other_cases(manifest, tmp_path, options, sentence):
    output = tmp_path / "out"
    place = output / "cases" / "p01"
    place.mkdir(parents=True)
    command = shlex.join(batch_command(manifest, output))
    mount = f"mount -t tmpfs -o {options} tmpfs {shlex.quote(str(place))}"
    done = in_own_mounts(f"{mount} && {command}")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    cases = {row["case_id"]: row for row in rows(output / "cases.csv")}
    assert cases["p01"]["status"] == "failed"
    assert sentence in cases["p01"]["message"]
    assert [row["status"] for name, row in cases.items() if name.startswith("p")].count(
        "converged"
    ) == 5


def test_a_full_disk_for_everything_is_told(manifest, tmp_path):
    command = shlex.join(batch_command(manifest, tmp_path / "out"))
    mount = f"mount -t tmpfs -o size=128k tmpfs {shlex.quote(str(tmp_path))}"
    done = in_own_mounts(f"{mount} && {command}")
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr
