"""Temporary files of a killed run."""

from corohemo.cohort.worker import _remove_leftovers


def test_only_temporary_files_are_removed(tmp_path):
    left = (".result.4711.json", "..lumen.4711.vtp.part")
    kept = (".stamp.json", ".lock", "lumen.vtp", "wall.4711.vtp")
    for name in (*left, *kept):
        (tmp_path / name).touch()
    _remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)
