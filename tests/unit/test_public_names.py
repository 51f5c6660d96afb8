"""The public surface is what ``__init__.pyi`` says, and importing it is cheap."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import corohemo
import corohemo.cohort


@pytest.mark.parametrize("package", [corohemo, corohemo.cohort])
def test_every_public_name_resolves(package):
    assert len(set(package.__all__)) == len(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is not None, name
        assert name in dir(package)
    assert not hasattr(package, "solve_everything")


def test_no_module_takes_the_place_of_a_public_name():
    modules = {module.name for module in pkgutil.iter_modules(corohemo.__path__)}
    assert modules & set(corohemo.__all__) == {"gallery"}
    first = corohemo.cite
    import_module("corohemo.citation")
    assert corohemo.cite is first
    assert callable(first)


@pytest.mark.parametrize(
    "modules", ["corohemo", "corohemo.cohort.pool, corohemo.cli.app"], ids=["package", "starter"]
)
def test_import_loads_nothing_heavy(modules):
    code = (
        f"import sys, {modules};"
        "heavy = {'numpy', 'numba', 'vtk', 'vtkmodules', 'gmsh', 'dolfinx', 'scipy', 'matplotlib',"
        "'pydantic', 'pyarrow'};"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
