"""Templates of pages; texts are escaped, and what a page does not get is an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def load_template(
    name: str, filters: Mapping[str, Callable[..., str]], package: str = "corohemo.report"
) -> Any:
    """A template with its filters.

    Args:
        name: File of the template.
        filters: What its texts pass through, by name.
        package: Where it lies; it may include templates of the report.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("corohemo.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters)
    return environment.get_template(name)
