"""The interactive tree of report.html: colours, values and the pullback behind each point.

FFR on the tree is the section mean of the pullback at the point's branch and abscissa, so that what
is read under the cursor is what ``result.json`` reads there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import MissingDependencyError
from corohemo.report.colors import APS, FFR, WSS, Scale, fitted, hex_colors
from corohemo.report.figures import colorbar_svg
from corohemo.report.files import plain
from corohemo.report.scene import three_views
from corohemo.report.sections import Sections
from corohemo.report.surface import TreeSurface
from corohemo.report.verdict import path_of

FloatArray = NDArray[np.float64]
COLOR_STEPS = 256
NO_LESION = "There is no lesion, and plaque stress is computed in lesions only."
NO_VALUE = "It was not computed."


def explorer(
    document: Mapping[str, Any], sections: Sections, surface: TreeSurface
) -> dict[str, Any]:
    """What the template needs to draw the tree: data, scripts and one colour bar per quantity.

    Args:
        document: Content of ``result.json``.
        sections: Columns of ``sections.csv``.
        surface: The tree.

    Raises:
        MissingDependencyError: If plotly is not installed.
    """
    library = _library()
    main = next(iter(document["states"]))
    names = [branch["name"] for branch in document["branches"]]
    quantities = _quantities(document, sections, surface, names)
    data = {
        "main": main,
        "branches": [_branch(name, document, sections) for name in names],
        "vessels": [
            {
                "name": vessel["name"],
                "path": [names.index(branch) for branch in path_of(vessel["name"], document)],
                "ffr": vessel["ffr_ct"],
            }
            for vessel in document["vessels"]
        ],
        "lesions": [_lesion(lesion, names) for lesion in document["lesions"]],
        "readings": _readings(document, names),
        "surface": _packed(surface),
        "quantities": [quantity.pop("data") for quantity in quantities],
        "camera": _camera(surface.points),
    }
    return {
        "library": library,
        "script": files("corohemo.report").joinpath("templates/explore.js").read_text("utf-8"),
        "data": json.dumps(plain(data), ensure_ascii=False, separators=(",", ":")).replace(
            "<", "\\u003c"
        ),
        "quantities": quantities,
    }


def ratio_title(state: str) -> str:
    """Name of the pressure ratio of a state; FFR is defined at hyperemia."""
    return "Pd/Pa (resting)" if state == "resting" else "FFR"


def _library() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError:
        raise MissingDependencyError(
            "plotly",
            needed_for="The interactive view",
            how_to_install="pip install 'corohemo[report]'",
        ) from None
    return str(get_plotlyjs())


def _quantities(
    document: Mapping[str, Any], sections: Sections, surface: TreeSurface, names: Sequence[str]
) -> list[dict[str, Any]]:
    """FFR, WSS and APS: their button, colour bar and data, or why there are none."""
    main = next(iter(document["states"]))
    ffr = np.full(len(surface.points), np.nan)
    for index, name in enumerate(names):
        own = surface.branch == index
        part = sections[main, name]
        ffr[own] = np.interp(surface.abscissa_mm[own], part["abscissa_mm"], part["ffr"])
    found = [_quantity("ffr", ratio_title(main), FFR, ffr, digits=3)]
    for key, scale, digits in (("wss", WSS, 1), ("aps", APS, 0)):
        values = surface.values.get(scale.array)
        if values is not None and np.isfinite(values).any():
            fit = fitted(scale, values)
            found.append(_quantity(key, key.upper(), fit, values, digits=digits, unit="Pa"))
        else:
            reason = _reason(key, document, values is not None)
            found.append(_quantity(key, key.upper(), scale, None, reason=reason))
    return found


def _reason(key: str, document: Mapping[str, Any], has_array: bool) -> str:
    if key == "aps" and (has_array or not document["lesions"]):
        return NO_LESION
    notes = document["lesions"][0]["notes"] if document["lesions"] else {}
    return str(notes.get(f"{key}_mean_pa") or document["notes"].get("aps") or NO_VALUE)


def _quantity(
    key: str,
    short: str,
    scale: Scale,
    values: FloatArray | None,
    *,
    digits: int = 0,
    unit: str = "",
    reason: str = "",
) -> dict[str, Any]:
    return {
        "key": key,
        "short": short,
        "title": scale.title,
        "reason": reason,
        "bar": "" if values is None else colorbar_svg(scale),
        "data": {
            "key": key,
            "short": short,
            "unit": unit,
            "digits": digits,
            "low": scale.low,
            "high": scale.high,
            "colors": hex_colors(scale, COLOR_STEPS),
            "values": None if values is None else _base64(values, np.float32),
        },
    }


def _branch(name: str, document: Mapping[str, Any], sections: Sections) -> dict[str, Any]:
    main = next(iter(document["states"]))
    part = sections[main, name]
    columns = ("abscissa_mm", "x_mm", "y_mm", "z_mm", "radius_mm", "reference_radius_mm")
    return {
        "name": name,
        **{column: np.round(part[column], 4) for column in columns},
        "ratio": {state: sections[state, name]["ffr"] for state in document["states"]},
    }


def _lesion(lesion: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {
        "name": lesion["name"],
        "branch": names.index(lesion["branch"]),
        "start_mm": lesion["start_mm"],
        "end_mm": lesion["end_mm"],
        "stenosis": lesion["percent_diameter_stenosis"],
    }


def _readings(document: Mapping[str, Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """Where ``result.json`` reads an FFR: of each vessel, behind each lesion, at each tip."""
    ends = {branch["name"]: branch["end_mm"] for branch in document["branches"]}
    places = [
        ("lesion", one["name"], one["ffr_ct_branch"], one["ffr_ct_position_mm"], one["ffr_ct"])
        for one in document["lesions"]
    ]
    places += [
        ("tip", one["name"], one["name"], ends[one["name"]], one["ffr_ct_distal"])
        for one in document["vessels"]
    ]
    places += [
        ("vessel", one["name"], one["ffr_ct_branch"], one["ffr_ct_position_mm"], one["ffr_ct"])
        for one in document["vessels"]
        if "ffr_ct_branch" in one
    ]
    return [
        {
            "kind": kind,
            "name": name,
            "branch": names.index(branch),
            "abscissa_mm": at,
            "ffr": ffr,
        }
        for kind, name, branch, at, ffr in places
        if ffr is not None and at is not None
    ]


def _packed(surface: TreeSurface) -> dict[str, str]:
    coordinates = dict(zip("xyz", surface.points.T, strict=True))
    corners = dict(zip("ijk", surface.triangles.T, strict=True))
    return {
        **{name: _base64(values, np.float32) for name, values in coordinates.items()},
        **{name: _base64(values, np.uint32) for name, values in corners.items()},
        "branch": _base64(surface.branch, np.uint16),
        "abscissa_mm": _base64(surface.abscissa_mm, np.float32),
    }


def _base64(values: NDArray[Any], kind: type[np.generic]) -> str:
    little = np.dtype(kind).newbyteorder("<")
    return base64.b64encode(np.ascontiguousarray(values, dtype=little).tobytes()).decode("ascii")


def _camera(points: FloatArray) -> dict[str, FloatArray]:
    """The front view: where the eye is, and what is up."""
    front = three_views(points, 100)[0]
    return {"eye": np.cross(front.right, front.up), "up": front.up}
