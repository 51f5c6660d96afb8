"""Everything that corohemo raises on purpose.

::

    CorohemoError
    ├── InputError            (file, field)
    │   ├── FileFormatError
    │   ├── MissingArrayError
    │   └── UnitError
    ├── ConfigError           (file, field, nearest)
    ├── GeometryError         (branch, abscissa)
    ├── MeshingError          (branch, abscissa, stage)
    ├── SolverError
    │   ├── NotConvergedError
    │   └── NonFiniteError
    └── MissingDependencyError (package, how_to_install)

Each message is a sentence that names the place and what to do; the facts are attributes too.
"""

from pathlib import Path

LONGEST_PATH = 1000
"""Characters of a path that a message holds."""


class CorohemoError(Exception):
    """Base of every error of the package."""


class InputError(CorohemoError):
    """A value or file that cannot be used."""

    def __init__(
        self, message: str, *, file: str | Path | None = None, field: str | None = None
    ) -> None:
        self.file = None if file is None else str(file)
        self.field = field
        shown = self.file or ""
        if len(shown) > LONGEST_PATH:
            shown = f"{shown[:LONGEST_PATH]} ..."
        super().__init__(f"{shown}: {message}" if shown else message)


class FileFormatError(InputError):
    """A file that is not what its name promises."""


class MissingArrayError(InputError):
    """A file without an array that is needed."""


class UnitError(InputError):
    """A length unit that is missing, unknown or implausible."""


class ConfigError(InputError):
    """A setting that is unknown or out of range."""

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        field: str | None = None,
        nearest: str | None = None,
    ) -> None:
        self.nearest = nearest
        super().__init__(message, file=file, field=field)


class _PlacedError(CorohemoError):
    """An error at a place of the tree: branch name and abscissa [m]."""

    def __init__(
        self, message: str, *, branch: str | None = None, abscissa: float | None = None
    ) -> None:
        self.branch = branch
        self.abscissa = abscissa
        place = "" if branch is None else f"Branch {branch}"
        if branch is not None and abscissa is not None:
            place += f" at {abscissa * 1e3:.1f} mm from the ostium"
        super().__init__(f"{place}: {message}" if place else message)


class GeometryError(_PlacedError):
    """A tree or lumen that cannot exist or cannot be meshed."""


class CrossingWallError(GeometryError):
    """The wall of a mesh runs through itself."""


class MeshingError(_PlacedError):
    """A mesh that could not be made valid."""

    def __init__(
        self,
        message: str,
        *,
        branch: str | None = None,
        abscissa: float | None = None,
        stage: str | None = None,
    ) -> None:
        self.stage = stage
        super().__init__(message, branch=branch, abscissa=abscissa)


class SolverError(CorohemoError):
    """A flow problem that could not be solved."""


class NotConvergedError(SolverError):
    """The iteration ended above its tolerance."""


class NonFiniteError(SolverError):
    """A NaN or infinity appeared in the field."""


class MissingDependencyError(CorohemoError):
    """An optional package is needed and not there."""

    def __init__(self, package: str, *, needed_for: str, how_to_install: str) -> None:
        self.package = package
        self.how_to_install = how_to_install
        super().__init__(f"{needed_for} needs {package}: {how_to_install}.")
