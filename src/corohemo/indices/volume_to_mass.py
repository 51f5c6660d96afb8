"""Epicardial lumen volume over myocardial mass, with the cut-off that it depends on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corohemo.checks import require_positive
from corohemo.indices.options import IndexOptions
from corohemo.lumen import Lumen
from corohemo.units import MM


@dataclass(frozen=True)
class VolumeToMass:
    """V/M and what it was taken from.

    Attributes:
        volume_mm3: Lumen volume above the cut-off [mm3].
        left_out_mm3: Lumen volume below it [mm3].
        mass_g: Myocardial mass [g].
        minimum_diameter_mm: Healthy diameter from which a vessel counts [mm].
        smallest_diameter_mm: Smallest healthy diameter in the lumen [mm].
    """

    volume_mm3: float
    left_out_mm3: float
    mass_g: float
    minimum_diameter_mm: float
    smallest_diameter_mm: float

    @property
    def ratio_mm3_g(self) -> float:
        """V/M [mm3/g]."""
        return self.volume_mm3 / self.mass_g

    def sentence(self) -> str:
        """How the ratio is to be read."""
        text = (
            f"Volume of vessels with a healthy diameter of {self.minimum_diameter_mm:.2f} mm and "
            f"more; {self.left_out_mm3:.1f} mm3 of narrower ones are left out."
        )
        if self.smallest_diameter_mm > self.minimum_diameter_mm:
            text += (
                f" The lumen ends at {self.smallest_diameter_mm:.2f} mm, so what lies between is "
                "missing."
            )
        return text + (
            " The ratio depends strongly on that cut-off and on whether both coronary trees are in "
            "the volume."
        )


def volume_to_mass(
    lumen: Lumen,
    mass_g: float,
    *,
    minimum_diameter_mm: float = 1.0,
    outlets: tuple[str, ...] | None = None,
) -> VolumeToMass:
    """Lumen volume of all vessels above a healthy diameter, over the myocardial mass.

    A throat in a wide vessel counts, since the cut-off is on the healthy diameter. 1 mm is that of
    the NXT and PACIFIC analyses (medians 18.6 and 20.7 mm3/g, both trees, after nitrates).

    Args:
        lumen: The lumen.
        mass_g: Mass of the myocardium it feeds [g].
        minimum_diameter_mm: Segmentation cut-off [mm].
        outlets: Outlets of one vessel's subtree for the vessel-specific ratio, with the mass of its
            territory; branches that feed other outlets too are left out. All if None.

    Raises:
        InputError: If the mass or the cut-off is not positive.
        GeometryError: If an outlet is not one of the lumen's.
    """
    require_positive(mass_g=mass_g, minimum_diameter_mm=minimum_diameter_mm)
    chosen = _feeders(lumen, outlets)
    kept = left_out = 0.0
    smallest = np.inf
    for index in chosen:
        branch = lumen.branches[index]
        inner, outer = branch.radii[:-1], branch.radii[1:]
        frusta = np.pi / 3.0 * np.diff(branch.abscissas) * (inner**2 + inner * outer + outer**2)
        frusta = frusta * lumen.is_outside_parent(index)[1:]
        healthy = branch.reference_radii[:-1] + branch.reference_radii[1:]
        wide = healthy >= minimum_diameter_mm * MM * (1.0 - 1e-12)
        kept += float(frusta[wide].sum())
        left_out += float(frusta[~wide].sum())
        smallest = min(smallest, float(2.0 * branch.reference_radii.min()))
    return VolumeToMass(
        volume_mm3=kept / MM**3,
        left_out_mm3=left_out / MM**3,
        mass_g=mass_g,
        minimum_diameter_mm=minimum_diameter_mm,
        smallest_diameter_mm=smallest / MM,
    )


def ratio_of_case(
    lumen: Lumen, volume_mm3: float, mass_g: float | None, options: IndexOptions
) -> tuple[float | None, str]:
    """V/M of a case [mm3/g] with the volume that was computed for it, and how to read it.

    None where the mass is not known, or no vessel is wide enough.
    """
    if mass_g is None:
        return None, "Needs the myocardial mass."
    found = volume_to_mass(lumen, mass_g, minimum_diameter_mm=options.volume_cutoff_mm)
    if found.volume_mm3 == 0:
        return None, f"No vessel has a healthy diameter of {options.volume_cutoff_mm:g} mm or more."
    return (volume_mm3 - found.left_out_mm3) / found.mass_g, found.sentence()


def _feeders(lumen: Lumen, outlets: tuple[str, ...] | None) -> list[int]:
    """Branches that feed nothing but ``outlets``."""
    if outlets is None:
        return list(range(len(lumen.branches)))
    for name in outlets:
        lumen.outlet_plane(name)
    wanted = {lumen.index(name) for name in outlets}
    fed: dict[int, set[int]] = {}
    for outlet in lumen.outlets:
        for index in lumen.path(outlet):
            fed.setdefault(index, set()).add(outlet)
    return [index for index, behind in sorted(fed.items()) if behind <= wanted]
