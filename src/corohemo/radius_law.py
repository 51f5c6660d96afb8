r"""Radii for centerlines that have none, from a law that the user states.

The crown of a place is everything downstream of it, of total length L. Choy and Kassab (J Appl
Physiol 2008;104:1281) found the diameter of a coronary stem to scale with its crown's length,

.. math:: D(s) = D_{ostium} \left( \frac{L(s) + L_0}{L_{ostium} + n L_0} \right)^{3/7},

which also divides the diameter at bifurcations, with the exponent 7/3. The vessels end in the
picture before they end in the heart: each of the n outlets stands for a crown L_0, chosen so that
an outlet has the diameter stated for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import require_numbers
from corohemo.errors import ConfigError, GeometryError
from corohemo.nodes import topological_order
from corohemo.units import MM

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class RadiusLaw:
    """Diameters of a tree whose file has none; both have to be stated.

    Attributes:
        ostium_diameter_mm: Diameter at the ostium [mm].
        outlet_diameter_mm: Diameter of every outlet [mm].
        length_exponent: Exponent of the crown's length; 3/7 after Choy and Kassab 2008.
    """

    ostium_diameter_mm: float
    outlet_diameter_mm: float
    length_exponent: float = 3.0 / 7.0

    def __post_init__(self) -> None:
        require_numbers(
            self, positive=("ostium_diameter_mm", "outlet_diameter_mm", "length_exponent")
        )
        if not self.outlet_diameter_mm < self.ostium_diameter_mm:
            raise ConfigError(
                "RadiusLaw needs outlet_diameter_mm < ostium_diameter_mm; got "
                f"{self.outlet_diameter_mm!r} and {self.ostium_diameter_mm!r}.",
                field="outlet_diameter_mm",
            )


def law_radii(points: FloatArray, parents: IntArray, law: RadiusLaw) -> FloatArray:
    """Radius of every point of a tree (n,) [m].

    Args:
        points: Positions (n, 3) [m].
        parents: Index of each point's parent (n,), -1 at the ostium.
        law: The diameters.

    Raises:
        GeometryError: If the outlets are too many and wide for the ostium.
    """
    order = topological_order(parents)
    steps = np.linalg.norm(points - points[np.maximum(parents, 0)], axis=1)
    crown, outlets = np.zeros(len(points)), np.zeros(len(points))
    outlets[np.setdiff1d(np.arange(len(points)), parents)] = 1.0
    for node in reversed(order):
        if parents[node] >= 0:
            crown[parents[node]] += crown[node] + steps[node]
            outlets[parents[node]] += outlets[node]
    share = (law.outlet_diameter_mm / law.ostium_diameter_mm) ** (1.0 / law.length_exponent)
    whole, n = crown[order[0]], outlets[order[0]]
    if not n * share < 1.0:
        most = law.ostium_diameter_mm / n**law.length_exponent
        raise GeometryError(
            f"{n:.0f} outlets of {law.outlet_diameter_mm:g} mm are too wide for an ostium of "
            f"{law.ostium_diameter_mm:g} mm; they must be below {most:.2f} mm."
        )
    beyond = share * whole / (1.0 - n * share)
    parts = (crown + outlets * beyond) / (whole + n * beyond)
    radii: FloatArray = 0.5 * law.ostium_diameter_mm * MM * parts**law.length_exponent
    return radii
