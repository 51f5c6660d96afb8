"""Names beside the things they name: near, clear of the picture and of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

GLYPH_WIDTH = 0.6
DIRECTIONS = 24
DISTANCES = 14


@dataclass(frozen=True)
class Label:
    """A placed text: the point it names, the end of the line to it, and its middle [px]."""

    text: str
    anchor: tuple[float, float]
    tip: tuple[float, float]
    center: tuple[float, float]


def place_labels(
    texts: Sequence[str], anchors: FloatArray, is_taken: BoolArray, *, font_px: int
) -> list[Label]:
    """Place each text at the nearest free spot around its anchor; one that finds none is left out.

    Args:
        texts: What to write.
        anchors: Pixels they belong to (n, 2).
        is_taken: Pixels that must stay uncovered (height, width).
        font_px: Height of the letters.
    """
    taken = is_taken.copy()
    placed = []
    for text, anchor in zip(texts, anchors, strict=True):
        half = np.array([GLYPH_WIDTH * font_px * len(text), 1.2 * font_px]) / 2.0
        center = _free_spot(anchor, half, _integral(taken), font_px)
        if center is None:
            continue
        low, high = (center - half).astype(int), (center + half).astype(int) + 1
        taken[low[1] : high[1], low[0] : high[0]] = True
        reach = center - anchor
        cut = float(np.min(half / np.maximum(np.abs(reach), 1e-9)))
        tip = center - reach * min(cut, 1.0)
        placed.append(Label(text, _pair(anchor), _pair(tip), _pair(center)))
    return placed


def _free_spot(
    anchor: FloatArray, half: FloatArray, integral: NDArray[np.int64], font_px: int
) -> FloatArray | None:
    height, width = integral.shape[0] - 1, integral.shape[1] - 1
    angles = 2.0 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    for step in range(1, DISTANCES + 1):
        for angle in angles:
            reach = np.array([np.cos(angle), np.sin(angle)])
            center = anchor + reach * (0.5 * font_px * step + half * np.abs(reach))
            low, high = (center - half - 4).astype(int), (center + half + 4).astype(int)
            inside = low.min() >= 0 and high[0] < width and high[1] < height
            if inside and not _count(integral, low, high):
                return np.asarray(center)
    return None


def _integral(taken: BoolArray) -> NDArray[np.int64]:
    sums = np.cumsum(np.cumsum(taken, axis=0, dtype=np.int64), axis=1)
    return np.pad(sums, ((1, 0), (1, 0)))


def _count(integral: NDArray[np.int64], low: NDArray[np.int64], high: NDArray[np.int64]) -> int:
    (left, top), (right, bottom) = low, high
    return int(
        integral[bottom, right]
        - integral[top, right]
        - integral[bottom, left]
        + integral[top, left]
    )


def _pair(point: FloatArray) -> tuple[float, float]:
    return float(point[0]), float(point[1])
