"""Compiling a form, and what it means if that does not end."""

from __future__ import annotations

from typing import Any

from corohemo.errors import SolverError

TIMEOUT_S = 300
"""How long a process waits for another that compiles the same form."""
WAITED, ELSEWHERE = "timed out", "failed on rank 0"
"""What FFCx says on the rank that waited, and DOLFINx on the others."""


def compiled(form: Any, flags: tuple[str, ...]) -> Any:
    """A form as machine code, from the cache or by the C compiler; collective.

    Args:
        form: The form.
        flags: Flags of the compiler.

    Raises:
        SolverError: If another process began to compile it and does not come to an end.
    """
    from dolfinx import fem

    options = {"cffi_extra_compile_args": list(flags), "timeout": TIMEOUT_S}
    try:
        return fem.form(form, jit_options=options)
    except (TimeoutError, RuntimeError) as error:
        if not any(words in str(error) for words in (WAITED, ELSEWHERE)):
            raise
        raise SolverError(
            f"A form was not compiled within {TIMEOUT_S} s: another run is still at it, and then "
            "it helps to wait, or one was ended while it compiled, and its file has to be removed. "
            f"FFCx says: {error}"
        ) from error
