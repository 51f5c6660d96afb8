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


def mount(options, place):
    place.mkdir(parents=True, exist_ok=True)
    return f"mount -t tmpfs -o {options} tmpfs {shlex.quote(str(place))}"


def test_bad_disks_leave_the_other_cases(manifest, tmp_path):
    output = tmp_path / "out"
    full = mount("size=64k", output / "cases" / "p01")
    fixed = mount("size=1m,ro", output / "cases" / "p03")
    done = in_own_mounts(f"{full} && {fixed} && {shlex.join(batch_command(manifest, output))}")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    cases = {row["case_id"]: row for row in rows(output / "cases.csv")}
    assert "No space left" in cases["p01"]["message"]
    assert "Read-only" in cases["p03"]["message"]
    status = [row["status"] for name, row in cases.items() if name.startswith("p")]
    assert (status.count("failed"), status.count("converged")) == (2, 4)


def test_a_full_disk_for_everything_is_told(manifest, tmp_path):
    command = shlex.join(batch_command(manifest, tmp_path / "out"))
    done = in_own_mounts(f"{mount('size=128k', tmp_path)} && {command}")
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr
