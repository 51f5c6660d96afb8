"""Vessels, patients, subgroups: the sets of pairs that are looked at separately."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from corohemo.agreement.pairs import Pairs, number

USUAL_SUBGROUPS = ("sex", "diabetes", "calcification", "agatston")
AGATSTON_EDGES = (1.0, 100.0, 400.0)
MOST_CLASSES = 6
LEAST_PAIRS = 5


def worst_of_patients(pairs: Pairs) -> Pairs:
    """One pair per patient: the worst computed value and the worst measured one.

    Both are taken on their own, as a patient counts as diseased if any vessel is.
    """
    score = pairs.quantity.score
    computed, invasive, first = [], [], []
    for patient in dict.fromkeys(pairs.patients):
        members = [i for i, name in enumerate(pairs.patients) if name == patient]
        first.append(members[0])
        computed.append(pairs.computed[members][np.argmax(score(pairs.computed[members]))])
        invasive.append(pairs.invasive[members][np.argmax(score(pairs.invasive[members]))])
    patients = tuple(pairs.patients[i] for i in first)
    return Pairs(
        pairs.quantity,
        np.array(computed, dtype=np.float64),
        np.array(invasive, dtype=np.float64),
        patients,
        patients,
        tuple(pairs.rows[i] for i in first),
    )


def subgroups(pairs: Pairs, columns: Sequence[str]) -> Iterator[tuple[str, str, Pairs]]:
    """Column, class and pairs of every class with enough pairs.

    A column of words or few numbers has its values as classes, a calcium score (``agatston``) 0,
    below 100, below 400 and above, any other number halves at its median.
    """
    for column in columns:
        cells = [row.get(column) for row in pairs.rows]
        labels = _classes(column, [None if cell is None else str(cell) for cell in cells])
        for label in sorted({one for one in labels if one is not None}):
            chosen = [i for i, one in enumerate(labels) if one == label]
            if len(chosen) >= LEAST_PAIRS:
                yield column, label, pairs.subset(chosen)


def _classes(column: str, cells: Sequence[str | None]) -> list[str | None]:
    values = np.array([number(cell) for cell in cells])
    filled = {cell for cell in cells if cell is not None}
    numeric = bool(filled) and not np.isnan(values[[c is not None for c in cells]]).any()
    if numeric and column == "agatston":
        names = ("0", "1-99", "100-399", "400 and more")
        places = np.digitize(values, AGATSTON_EDGES)
        return [None if np.isnan(v) else names[k] for v, k in zip(values, places, strict=True)]
    if numeric and len(filled) > MOST_CLASSES:
        middle = float(np.nanmedian(values))
        return [
            None if np.isnan(v) else f"{'below' if v < middle else 'from'} {middle:g}"
            for v in values
        ]
    return list(cells)
