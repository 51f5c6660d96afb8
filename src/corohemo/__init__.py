"""Computational coronary hemodynamics: centerline to CT-FFR, plaque stress, wall shear, IMR_CT.

Data walk one way::

    read_centerline -> build_lumen -> mesh_lumen -> prescribe_boundaries -> solve_flow
                    -> compute_indices -> write_report

Research use only.
"""

import ast
from importlib import import_module
from pathlib import Path

__version__ = "0.1.0"


def _public_names() -> dict[str, str]:
    """Module of each public name, as ``__init__.pyi`` imports it for type checkers and editors."""
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    return {
        alias.name: node.module
        for node in stub.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


_MODULES = _public_names()

__all__ = sorted([*_MODULES, "__version__"])


def __getattr__(name: str) -> object:
    """Load a name, and what it needs, when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module 'corohemo' has no attribute {name!r}")
    if _MODULES[name] == __name__:
        return import_module(f"{__name__}.{name}")
    value = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return value


def __dir__() -> list[str]:
    """Public names."""
    return __all__
