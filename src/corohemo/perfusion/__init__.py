"""CT perfusion: blood flow from curves, maps, territories of the tree, flow of each outlet."""

from corohemo.perfusion.blood_flow import (
    FermiFit,
    PatlakFit,
    fermi_deconvolution,
    maximum_slope,
    maximum_slope_bias,
    patlak,
    tissue_curve,
)
from corohemo.perfusion.curves import TimeAttenuation
from corohemo.perfusion.grid import VoxelMap
from corohemo.perfusion.mismatch import Mismatch, PerfusionThresholds, perfusion_mismatch
from corohemo.perfusion.nifti import read_nifti_map, write_nifti_map
from corohemo.perfusion.synthetic import SyntheticVentricle, arterial_curve, synthetic_ventricle
from corohemo.perfusion.territories import Territories, assign_territories
from corohemo.perfusion.territory_flow import (
    PerfusionByTerritory,
    TerritoryFlow,
    perfusion_by_territory,
    perfusion_reserve,
)
from corohemo.perfusion.transmural import transmural_depth, transmural_ratio

__all__ = [
    "FermiFit",
    "Mismatch",
    "PatlakFit",
    "PerfusionByTerritory",
    "PerfusionThresholds",
    "SyntheticVentricle",
    "Territories",
    "TerritoryFlow",
    "TimeAttenuation",
    "VoxelMap",
    "arterial_curve",
    "assign_territories",
    "fermi_deconvolution",
    "maximum_slope",
    "maximum_slope_bias",
    "patlak",
    "perfusion_by_territory",
    "perfusion_mismatch",
    "perfusion_reserve",
    "read_nifti_map",
    "synthetic_ventricle",
    "tissue_curve",
    "transmural_depth",
    "transmural_ratio",
    "write_nifti_map",
]
