"""The public surface is what ``__all__`` says, and importing it is cheap."""

import subprocess
import sys

import corohemo


def test_every_public_name_resolves():
    assert len(set(corohemo.__all__)) == len(corohemo.__all__)
    for name in corohemo.__all__:
        assert getattr(corohemo, name) is not None, name


def test_lazy_names_are_public():
    assert set(corohemo._LAZY) <= set(corohemo.__all__)


def test_unknown_names_raise_attribute_errors():
    assert not hasattr(corohemo, "solve_everything")


def test_import_loads_nothing_heavy():
    code = (
        "import sys, corohemo;"
        "heavy = {'numpy', 'numba', 'vtk', 'vtkmodules', 'gmsh', 'dolfinx', 'scipy', 'matplotlib'};"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
