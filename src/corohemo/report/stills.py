"""Rendered pictures of the tree, for print and for browsers that cannot draw it."""

from __future__ import annotations

from typing import Any

import numpy as np

from corohemo.report.colors import APS, FFR, WSS, Scale, fitted
from corohemo.report.figures import colorbar_svg
from corohemo.report.scene import (
    View,
    has_values,
    point_values,
    surface_points,
    three_views,
    view_svg,
)
from corohemo.report.sections import Sections


def stills(surface: Any, sections: Sections, width: int) -> list[dict[str, Any]]:
    """Pictures of FFR from three sides, of WSS and APS, where known, from two; colour bars.

    Args:
        surface: Polygons of ``read_surface``.
        sections: Columns of sections.csv, which say where the names of the branches belong.
        width: Width of a view [px].
    """
    views = three_views(surface_points(surface), width)
    main = next(iter(sections))[0]
    labels = [
        (branch, np.array([part[axis][len(part[axis]) // 2] for axis in ("x_mm", "y_mm", "z_mm")]))
        for (state, branch), part in sections.items()
        if state == main
    ]
    groups: list[tuple[Scale, tuple[View, ...], int]] = [(FFR, views, width // 28)]
    groups += [
        (fitted(scale, point_values(surface, scale.array)), views[:2], width // 38)
        for scale in (WSS, APS)
        if has_values(surface, scale.array)
    ]
    return [
        {
            "title": scale.title,
            "bar": colorbar_svg(scale),
            "pictures": [
                {
                    "title": view.title,
                    "svg": view_svg(surface, view, scale, labels=labels, font_px=font_px),
                }
                for view in chosen
            ],
        }
        for scale, chosen, font_px in groups
    ]
