"""From flow fields on plain arrays to clinical and mechanical indices."""

from corohemo.indices.adverse import AdverseThresholds, adverse_characteristics
from corohemo.indices.compute import compute_indices
from corohemo.indices.endotypes import Endotype, MicrovascularThresholds, endotype
from corohemo.indices.ffr import compute_ffr
from corohemo.indices.options import IndexOptions
from corohemo.indices.plaque_stress import compute_plaque_stress
from corohemo.indices.results import Indices, WallSectors, WallShear
from corohemo.indices.section_weights import section_probes
from corohemo.indices.volume_to_mass import VolumeToMass, volume_to_mass
from corohemo.indices.wall_divergence import compute_shear_divergence
from corohemo.indices.wall_sectors import sector_wall_shear
from corohemo.indices.wall_series import compute_wall_statistics
from corohemo.indices.wall_shear import compute_wall_shear

__all__ = [
    "AdverseThresholds",
    "Endotype",
    "IndexOptions",
    "Indices",
    "MicrovascularThresholds",
    "VolumeToMass",
    "WallSectors",
    "WallShear",
    "adverse_characteristics",
    "compute_ffr",
    "compute_indices",
    "compute_plaque_stress",
    "compute_shear_divergence",
    "compute_wall_shear",
    "compute_wall_statistics",
    "endotype",
    "section_probes",
    "sector_wall_shear",
    "volume_to_mass",
]
