"""The one door to DOLFINx and PETSc."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from corohemo.errors import MissingDependencyError

ROUNDING_BY_CHANCE = ("vec_mdot_use_gemv", "vec_maxpy_use_gemv")
"""Options by which PETSc sums vectors in another order if they happen to lie side by side in
memory: two equal runs would differ in their last bits."""


@cache
def require_dolfinx(needed_for: str = "The 3-D flow solver") -> None:
    """Load DOLFINx, with the wheel's own libraries first where they come from the wheel.

    Raises:
        MissingDependencyError: If DOLFINx or petsc4py cannot be imported.
    """
    try:
        if find_spec("dolfinx_solver") is not None:
            import_module("dolfinx_solver")
        import_module("dolfinx.fem.petsc")
    except (ImportError, OSError) as error:
        raise MissingDependencyError(
            "DOLFINx 0.11 with PETSc",
            needed_for=needed_for,
            how_to_install="on Linux x86-64 use pip install 'corohemo[fem]', elsewhere conda "
            f"install -c conda-forge fenics-dolfinx=0.11 (import failed with: {error})",
        ) from error


def repeat_sums() -> None:
    """Have PETSc sum the vectors made from now on in one order, unless its user wants otherwise."""
    from petsc4py import PETSc

    options = PETSc.Options()
    for name in ROUNDING_BY_CHANCE:
        if not options.hasName(name):
            options.setValue(name, False)
