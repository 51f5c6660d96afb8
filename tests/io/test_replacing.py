"""Files appear whole or not at all, and errors speak of them by their own names."""

import os
from pathlib import Path

import numpy as np
import pytest

from corohemo.errors import InputError
from corohemo.io import write_mesh
from corohemo.io.replacing import replacing
from corohemo.io.vtk_files import polydata, write_polydata
from corohemo.meshing.mesh import LumenMesh


def write_half(path: Path, error: Exception) -> None:
    with replacing(path) as temporary:
        temporary.write_text("half")
        raise error


def test_a_failed_write_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError):
        write_half(path, RuntimeError())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["a.txt", "map.nii.gz", "without", ".hidden", "two words.vtp"])
def test_the_temporary_file_has_the_suffixes_of_the_real_one(tmp_path: Path, name: str):
    path = tmp_path / name
    with replacing(path) as temporary:
        assert temporary.parent == path.parent
        assert temporary != path
        assert temporary.name.endswith(name)
        temporary.write_text("whole")
    assert list(tmp_path.iterdir()) == [path]


def test_errors_name_the_real_file(tmp_path: Path):
    path = tmp_path / "a.vtp"
    temporary = path.parent / f".{os.getpid()}.{path.name}"
    with pytest.raises(InputError) as told:
        write_half(path, OSError(f"no room for {temporary}"))
    assert told.value.file == str(path)
    assert str(os.getpid()) not in str(told.value)


@pytest.mark.parametrize("extension", [".vtu", ".msh", ".xdmf", ".stl", ".inp"])
def test_a_folder_that_is_a_file_is_a_sentence(mesh: LumenMesh, tmp_path: Path, extension: str):
    (tmp_path / "file").touch()
    path = tmp_path / "file" / f"mesh{extension}"
    with pytest.raises(InputError, match="cannot be written") as told:
        write_mesh(mesh, path)
    assert told.value.file == str(path)
    assert f".{os.getpid()}." not in str(told.value)


@pytest.mark.parametrize("extension", [".vtu", ".msh", ".xdmf", ".stl", ".inp"])
def test_a_mesh_that_cannot_be_put_in_its_place_leaves_nothing(
    mesh: LumenMesh, tmp_path: Path, extension: str
):
    path = tmp_path / f"mesh{extension}"
    path.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_mesh(mesh, path)
    assert list(tmp_path.iterdir()) == [path]


def test_vtk_files_need_one_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    renamed = []
    replace = os.replace

    def counted(source: Path, target: Path) -> None:
        renamed.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", counted)
    path = tmp_path / "a.vtp"
    write_polydata(polydata(np.zeros((3, 3)), triangles=np.arange(3)[None]), path)
    assert renamed == [path]
