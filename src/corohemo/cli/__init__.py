"""The ``corohemo`` command: exit 0 when done, 1 when a case failed, 2 for bad input or usage."""

from __future__ import annotations

import sys

from corohemo.cli.failures import exit_code_of, sentence_of


def main() -> None:
    """Run the command line and leave with its exit code."""
    from corohemo.cli.app import app

    try:
        app()
    except Exception as error:
        sys.stderr.write(f"corohemo: {sentence_of(error)}\n")
        raise SystemExit(exit_code_of(error)) from None
