"""Files come from outside: nothing in one is run, and none reaches another file."""

import ast
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

import corohemo as ch
from corohemo.config import read_case
from corohemo.errors import ConfigError, CorohemoError, FileFormatError

PACKAGE = Path(__file__).parents[2] / "src" / "corohemo"
RUNNING_MODULES = {
    "pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml",
    "pandas", "torch", "xmlrpc", "imp",
}  # fmt: skip
RUNNING_CALLS = {"eval", "exec", "compile", "__import__"}
XML_READERS = {"fromstring", "parse", "iterparse", "XMLParser"}
EVIL = '<?xml version="1.0" encoding="{}"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def calls(tree):
    """Name of the object, name of what is called of it, and the call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name):
                yield "", function.id, node
            elif isinstance(function, ast.Attribute):
                yield ast.unparse(function.value), function.attr, node


def keyword(call, name):
    found = [word.value for word in call.keywords if word.arg == name]
    return ast.unparse(found[0]) if found else None


def test_nothing_in_the_package_unpickles():
    found = {name: RUNNING_MODULES & set(imported(tree)) for name, tree in modules()}
    assert {name: which for name, which in found.items() if which} == {}
    loads = [
        (name, keyword(call, "allow_pickle"))
        for name, tree in modules()
        for owner, called, call in calls(tree)
        if (owner, called) in {("np", "load"), ("numpy", "load")}
    ]
    assert loads
    assert {allowed for _, allowed in loads} == {"False"}


def test_nothing_in_the_package_runs_text():
    wrong = [
        (name, ast.unparse(call))
        for name, tree in modules()
        for owner, called, call in calls(tree)
        if (not owner and called in RUNNING_CALLS)
        or (owner == "os" and called in ("system", "popen"))
        or keyword(call, "shell") not in (None, "False")
    ]
    assert wrong == []


def test_every_reader_of_xml_refuses_entities_first():
    readers = {
        name: {called for _, called, _ in calls(tree)}
        for name, tree in modules()
        if "xml" in set(imported(tree))
        and any(called in XML_READERS for _, called, _ in calls(tree))
    }
    assert set(readers) == {"io/vtkxml.py", "io/xdmf_file.py"}
    assert all("refuse_entities" in called for called in readers.values())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("name", ["tree.vtp", "mesh.vtu", "mesh.xdmf"])
def test_entities_are_refused_and_no_file_is_read_through_them(tmp_path, name, encoding):
    path = tmp_path / name
    path.write_bytes((EVIL.format(encoding) + "<VTKFile>&x;</VTKFile>").encode(encoding))
    read = ch.read_centerline if name.endswith("vtp") else ch.read_mesh
    with pytest.raises(FileFormatError) as refusal:
        read(path, length_unit="mm")
    assert "root:" not in str(refusal.value)
    assert "ENTITY" in str(refusal.value) or "binary" in str(refusal.value)


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickle_in_an_array_is_not_opened(tmp_path):
    mark = tmp_path / "opened"
    np.save(tmp_path / "line.npy", np.array([[Bomb(mark)] * 3], dtype=object), allow_pickle=True)
    with pytest.raises(CorohemoError, match=r"line\.npy"):
        ch.read_centerline(
            tmp_path / "line.npy", length_unit="mm", radius_law=ch.RadiusLaw(4.0, 2.0)
        )
    assert not mark.exists()
    pickle.loads((tmp_path / "line.npy").read_bytes()[128:])  # noqa: S301
    assert mark.exists(), "the bomb itself works"


@pytest.mark.parametrize("name", ["..", ".", " . ", "../x", "a/b", "/tmp/x"])
def test_the_name_of_a_case_is_no_path(tmp_path, name):
    with pytest.raises(ConfigError, match="id"):
        read_case(tmp_path / "tree.swc", overrides=[f'case.id="{name}"'])
