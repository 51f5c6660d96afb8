"""Kinds of random trees: what each is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Recipe:
    """Ranges that a random tree is drawn from; lengths in radii are radii of the branch.

    Attributes:
        feasible: Whether every tree of the kind can be meshed; the lumens of such trees keep clear
            of themselves.
        n_bifurcations: Least and greatest number of bifurcations.
        daughters: Least and greatest number of daughters at a bifurcation.
        angle_deg: Angle between the wider daughter and each other one [deg].
        root_radius_mm: Radius at the ostium [mm].
        least_radius_mm: No healthy vessel is narrower [mm].
        stenosis_chance: Chance of a stenosis, per branch.
        percent_stenosis: Its diameter stenosis [%].
        length_radii: Length of a branch [radii].
        root_length_radii: Length of the first branch [radii]; as the others if None.
        short_chance: Chance that a branch which divides again is short.
        stub_chance: Chance that a branch which ends in an outlet is short.
        short_radii: Length of a short branch [radii].
        bend_radii: Radius of curvature of a bend [radii].
        turn_deg: Angle through which a bend turns [deg].
        jump_chance: Chance of a sudden change of the radius, per branch.
        jump: Factor of a sudden narrowing; a sudden widening is its inverse.
        alongside: Gap between two daughters that run side by side [radii of the smaller], negative
            where they overlap after having parted; None if they go their own ways.
    """

    feasible: bool = True
    n_bifurcations: tuple[int, int] = (1, 3)
    daughters: tuple[int, int] = (2, 2)
    angle_deg: Range = (30.0, 90.0)
    root_radius_mm: Range = (1.2, 2.4)
    least_radius_mm: float = 0.45
    stenosis_chance: float = 0.25
    percent_stenosis: Range = (20.0, 60.0)
    length_radii: Range = (10.0, 24.0)
    root_length_radii: Range | None = None
    short_chance: float = 0.0
    stub_chance: float = 0.0
    short_radii: Range = (0.2, 1.2)
    bend_radii: Range = (5.0, 30.0)
    turn_deg: Range = (0.0, 70.0)
    jump_chance: float = 0.0
    jump: Range = (0.5, 0.8)
    alongside: Range | None = None


RECIPES: dict[str, Recipe] = {
    "plain": Recipe(),
    "stenosed": Recipe(stenosis_chance=0.7, percent_stenosis=(60.0, 90.0)),
    "thin": Recipe(root_radius_mm=(0.45, 0.9), least_radius_mm=0.3),
    "crowded": Recipe(
        daughters=(3, 5), n_bifurcations=(1, 2), angle_deg=(30.0, 110.0), least_radius_mm=0.3
    ),
    "angled": Recipe(angle_deg=(10.0, 120.0), length_radii=(14.0, 30.0)),
    "alongside": Recipe(alongside=(0.08, 0.6), n_bifurcations=(1, 2)),
    "curved": Recipe(bend_radii=(1.4, 3.0), turn_deg=(40.0, 150.0), n_bifurcations=(1, 2)),
    "short": Recipe(short_chance=0.8, n_bifurcations=(2, 4)),
    "stub": Recipe(stub_chance=0.5, root_length_radii=(0.3, 15.0), short_radii=(0.2, 1.5)),
    "jumping": Recipe(jump_chance=0.7),
    "kissing": Recipe(feasible=False, alongside=(-0.9, -0.2), n_bifurcations=(1, 1)),
    "crimped": Recipe(
        feasible=False, bend_radii=(0.3, 0.8), turn_deg=(120.0, 180.0), n_bifurcations=(1, 2)
    ),
}
"""Recipe of each kind, by name."""

KINDS: tuple[str, ...] = tuple(RECIPES)
"""Names of the kinds; those whose trees cannot be meshed come last."""
