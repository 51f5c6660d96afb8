"""One synthetic patient: lumen, lesions, microcirculation, all drawn and all known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries, Resistance
from corohemo.checks import require_numbers
from corohemo.errors import ConfigError
from corohemo.gallery.left import left_tree
from corohemo.gallery.shapes import cosine_dip
from corohemo.lumen import Lumen
from corohemo.physiology import prescribe_boundaries
from corohemo.states import Hyperemia, Rest
from corohemo.tree import VesselTree
from corohemo.units import MM

FloatArray = NDArray[np.float64]

LESION_CHANCES = {"pLAD": 0.75, "mLAD": 0.5, "pCx": 0.45, "mCx": 0.5, "OM1": 0.5, "D1": 0.2}
STRUCTURAL, FUNCTIONAL, NORMAL = "structural", "functional", "normal"


@dataclass(frozen=True, kw_only=True)
class Population:
    """Distributions of the synthetic patients; choices of this package, not of a registry.

    Attributes:
        mass_male_g: Mean and SD of the myocardial mass of men.
        mass_female_g: The same of women.
        pressure_mmhg: Mean and SD of the mean aortic pressure.
        resting_flow_ml_min_g: Median resting flow per gram at the reference mass; more than the
            default of the boundary conditions, so that these are biased as well as spread.
        resting_flow_sd: SD of its logarithm.
        stenosis: Least, most frequent and greatest diameter stenosis of a lesion [-].
        hyperemic_index: Median of hyperemic over resting resistance.
        hyperemic_index_sd: SD of its logarithm.
        territory_sd: SD of the logarithm of an outlet's resistance about the law of diameters.
        diameter_exponent: Range of the exponent of that law.
        diameter_sd: SD of the logarithm of the vessels' size about that of the mass.
        structural_chance: Part with a hyperemic resistance 1.7 times as high.
        functional_chance: Part with 1.5 times the resting flow and the same hyperemic one.
        diabetes_chance: Part with diabetes, which raises the hyperemic resistance by 15 %.
    """

    mass_male_g: tuple[float, float] = (145.0, 22.0)
    mass_female_g: tuple[float, float] = (115.0, 18.0)
    pressure_mmhg: tuple[float, float] = (93.0, 10.0)
    resting_flow_ml_min_g: float = 1.1
    resting_flow_sd: float = 0.25
    stenosis: tuple[float, float, float] = (0.35, 0.65, 0.85)
    hyperemic_index: float = 0.27
    hyperemic_index_sd: float = 0.25
    territory_sd: float = 0.15
    diameter_exponent: tuple[float, float] = (2.0, 3.0)
    diameter_sd: float = 0.07
    structural_chance: float = 0.15
    functional_chance: float = 0.10
    diabetes_chance: float = 0.30

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=("hyperemic_index", "resting_flow_ml_min_g"),
            nonnegative=("resting_flow_sd", "hyperemic_index_sd", "territory_sd", "diameter_sd"),
        )
        for name in ("structural_chance", "functional_chance", "diabetes_chance"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"Population.{name} must lie in [0, 1].", field=name)
        if self.structural_chance + self.functional_chance > 1.0:
            raise ConfigError(
                "structural_chance and functional_chance exceed 1 together.",
                field="functional_chance",
            )
        if not 0.0 <= self.stenosis[0] < self.stenosis[2] < 1.0 or not (
            self.stenosis[0] <= self.stenosis[1] <= self.stenosis[2]
        ):
            raise ConfigError(
                "Population.stenosis must be least, most frequent and greatest, in [0, 1).",
                field="stenosis",
            )
        if not self.diameter_exponent[0] <= self.diameter_exponent[1]:
            raise ConfigError(
                "Population.diameter_exponent must be a range, the lower end first.",
                field="diameter_exponent",
            )


@dataclass(frozen=True)
class VirtualPatient:
    """A synthetic patient.

    Attributes:
        name: "synthetic-000" and so on.
        tree: The true vessels.
        state: The true hyperemic state; ``state.at_rest()`` the resting one.
        territory: Factor on the law's resistance by outlet, the same in both states.
        sex: "female" or "male".
        diabetes: Whether diabetic.
        age: Years.
        agatston: Calcium score, more with more disease.
        endotype: "normal", "structural" or "functional", as drawn.
    """

    name: str
    tree: VesselTree
    state: Hyperemia
    territory: dict[str, float]
    sex: str
    diabetes: bool
    age: float
    agatston: float
    endotype: str

    def boundaries(self, lumen: Lumen, state: Rest) -> Boundaries:
        """The true boundaries of a state: the law of diameters times each territory's factor."""
        law = prescribe_boundaries(lumen, state)
        outlets = {}
        for name, bed in law.outlets.items():
            assert isinstance(bed, Resistance)
            outlets[name] = Resistance(
                bed.resistance_wu * self.territory[name], bed.distal_pressure_mmhg
            )
        return replace(law, outlets=outlets)


def draw_patient(
    number: int, *, seed: int = 2026, population: Population | None = None
) -> VirtualPatient:
    """Patient ``number`` of the cohort of a seed; the same whatever else is drawn."""
    population = population or Population()
    draw = np.random.default_rng([seed, number])
    sex = "female" if draw.random() < 0.45 else "male"
    mean, sd = population.mass_female_g if sex == "female" else population.mass_male_g
    mass = float(np.clip(draw.normal(mean, sd), 70.0, 240.0))
    diabetes = bool(draw.random() < population.diabetes_chance)
    size = (mass / 130.0) ** (1.0 / 3.0) * np.exp(population.diameter_sd * draw.normal())
    tree, burden = _diseased(left_tree(lesions=False), float(size), population, draw)
    state, endotype = _physiology(mass, diabetes, population, draw)
    parents = {branch.parent for branch in tree.branches}
    outlets = [b.name for i, b in enumerate(tree.branches) if i not in parents]
    territory = {name: float(np.exp(population.territory_sd * draw.normal())) for name in outlets}
    score = 0.0 if draw.random() < 0.2 * np.exp(-burden) else 120.0 * burden * np.exp(draw.normal())
    return VirtualPatient(
        name=f"synthetic-{number:03d}",
        tree=tree,
        state=state,
        territory=territory,
        sex=sex,
        diabetes=diabetes,
        age=float(np.round(np.clip(draw.normal(63.0, 9.0), 35.0, 90.0))),
        agatston=float(np.round(score)),
        endotype=endotype,
    )


def _physiology(
    mass: float, diabetes: bool, population: Population, draw: np.random.Generator
) -> tuple[Hyperemia, str]:
    flow = population.resting_flow_ml_min_g * float(
        np.exp(population.resting_flow_sd * draw.normal())
    )
    spread = population.hyperemic_index_sd * draw.normal()
    index = population.hyperemic_index * float(np.exp(spread)) * (1.15 if diabetes else 1.0)
    chance = draw.random()
    endotype = NORMAL
    if chance < population.structural_chance:
        endotype, index = STRUCTURAL, 1.7 * index
    elif chance < population.structural_chance + population.functional_chance:
        endotype, flow, index = FUNCTIONAL, 1.5 * flow, 1.5 * index
    mean, sd = population.pressure_mmhg
    state = Hyperemia(
        mean_aortic_pressure_mmhg=float(np.clip(draw.normal(mean, sd), 65.0, 125.0)),
        myocardial_mass_g=mass,
        reference_flow_ml_min_g=flow,
        total_coronary_resistance_index=float(np.clip(index, 0.12, 0.9)),
        diameter_exponent=float(draw.uniform(*population.diameter_exponent)),
        venous_pressure_mmhg=float(draw.uniform(2.0, 8.0)),
    )
    return state, endotype


def _diseased(
    tree: VesselTree, size: float, population: Population, draw: np.random.Generator
) -> tuple[VesselTree, float]:
    """The tree scaled and with drawn lesions, and the sum of their diameter stenoses [-]."""
    branches, burden = [], 0.0
    for branch in tree.branches:
        radii = branch.radii * size
        if draw.random() < LESION_CHANCES.get(branch.name, 0.0):
            along = branch.abscissas - branch.abscissas[0]
            length = min(float(draw.uniform(7.0, 18.0)) * MM, 0.6 * float(along[-1]))
            throat = float(draw.uniform(0.35, 0.65)) * along[-1]
            stenosis = float(draw.triangular(*population.stenosis))
            radii = radii * (1.0 - stenosis * cosine_dip(along - throat, length))
            burden += stenosis
        branches.append(replace(branch, radii=radii))
    return VesselTree(tuple(branches), source="virtual"), burden
