"""Public names of a package that are loaded, with what they need, when they are first used.

The package lists them once, as imports in its ``__init__.pyi``, which type checkers and editors
read as well.
"""

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path


def lazy_names(package: str, file: str) -> tuple[list[str], Callable[[str], object]]:
    """Names of a package and the ``__getattr__`` that loads them.

    Args:
        package: Its ``__name__``.
        file: Its ``__file__``; the list of names lies beside it.
    """
    modules = _modules(Path(file).with_suffix(".pyi"))

    def load(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if modules[name] == package:
            return import_module(f"{package}.{name}")
        value = getattr(import_module(modules[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return sorted(modules), load


def _modules(stub: Path) -> dict[str, str]:
    """Module of each name that a stub imports."""
    return {
        alias.name: node.module
        for node in ast.parse(stub.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
