"""The public surface is what ``__init__.pyi`` says, and importing it is cheap."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import corohemo


def test_every_public_name_resolves():
    assert len(set(corohemo.__all__)) == len(corohemo.__all__)
    for name in corohemo.__all__:
        assert getattr(corohemo, name) is not None, name
        assert name in dir(corohemo)


def test_no_module_takes_the_place_of_a_public_name():
    modules = {module.name for module in pkgutil.iter_modules(corohemo.__path__)}
    assert modules & set(corohemo.__all__) == {"gallery"}
    first = corohemo.cite
    import_module("corohemo.citation")
    assert corohemo.cite is first
    assert callable(first)


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
