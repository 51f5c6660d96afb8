"""Computational coronary hemodynamics: centerline to CT-FFR, plaque stress, wall shear, IMR_CT.

Data walk one way::

    read_centerline -> build_lumen -> mesh_lumen -> prescribe_boundaries -> solve_flow
                    -> compute_indices -> write_report

Research use only.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from corohemo.errors import (
    ConfigError,
    CorohemoError,
    FileFormatError,
    GeometryError,
    InputError,
    MeshingError,
    MissingArrayError,
    MissingDependencyError,
    NonFiniteError,
    NotConvergedError,
    SolverError,
    UnitError,
)

if TYPE_CHECKING:
    from corohemo import gallery
    from corohemo.boundary import (
        RCR,
        Blood,
        Boundaries,
        CoronaryBed,
        FlowInlet,
        FlowOutlet,
        PressureInlet,
        PressureOutlet,
        Resistance,
    )
    from corohemo.case import CaseResult, run_case
    from corohemo.cite import cite
    from corohemo.cohort import CohortOptions, run_cohort
    from corohemo.config import CaseConfig
    from corohemo.crate import write_crate
    from corohemo.flow import (
        AllometricFlow,
        ConstantIndex,
        DeformationFlow,
        DemographicResponse,
        FlowEstimate,
        GivenFlow,
        PerfusionFlow,
        PerfusionResponse,
        boundaries_from_flow,
    )
    from corohemo.heartbeat import Heartbeat, beating
    from corohemo.indices import (
        AdverseThresholds,
        Endotype,
        IndexOptions,
        Indices,
        MicrovascularThresholds,
        WallSectors,
        WallShear,
        adverse_characteristics,
        compute_indices,
        compute_shear_divergence,
        compute_wall_shear,
        endotype,
        sector_wall_shear,
        volume_to_mass,
    )
    from corohemo.io import (
        read_centerline,
        read_contours,
        read_mesh,
        read_polylines,
        read_surface,
        read_svoned,
        read_svzerod,
        read_waveform,
        write_centerline,
        write_mesh,
        write_svzerod,
    )
    from corohemo.lumen import Lesion, Lumen, LumenBranch
    from corohemo.lumen_build import LumenOptions, build_lumen
    from corohemo.meshing.lumen_mesher import mesh_lumen
    from corohemo.meshing.mesh import LumenMesh
    from corohemo.meshing.options import MeshOptions
    from corohemo.network import FlowNetwork
    from corohemo.perfusion import (
        TimeAttenuation,
        VoxelMap,
        assign_territories,
        fermi_deconvolution,
        maximum_slope,
        patlak,
        perfusion_by_territory,
        perfusion_mismatch,
        perfusion_reserve,
        read_nifti_map,
        write_nifti_map,
    )
    from corohemo.physiology import Hyperemia, Rest, prescribe_boundaries
    from corohemo.radius_law import RadiusLaw
    from corohemo.report import write_report
    from corohemo.rheology import CarreauYasuda, viscosity_from_hematocrit
    from corohemo.solvers.network import solve_network
    from corohemo.solvers.network_export import build_network
    from corohemo.solvers.options import SteadyOptions, TransientOptions
    from corohemo.solvers.reduced import ReducedSolution, solve_reduced
    from corohemo.solvers.reduced_cycle import (
        ReducedCycle,
        ReducedCycleOptions,
        solve_reduced_cycle,
    )
    from corohemo.solvers.solution import FlowSolution
    from corohemo.solvers.steady import solve_flow
    from corohemo.solvers.transient_solution import TransientSolution, WallStatistics
    from corohemo.study import MeshStudy, study_mesh
    from corohemo.thermodilution import (
        Thermodilution,
        ThermodilutionOptions,
        measure_thermodilution,
    )
    from corohemo.tree import Branch, VesselTree
    from corohemo.uncertainty import (
        CalibratedModel,
        InputUncertainty,
        Uncertainty,
        UncertaintyOptions,
        propagate_uncertainty,
    )
    from corohemo.virtual import virtual_cohort
    from corohemo.waveform import Waveform

__version__ = "0.1.0"

_LAZY = {
    "Blood": "boundary",
    "Boundaries": "boundary",
    "Branch": "tree",
    "CarreauYasuda": "rheology",
    "CaseConfig": "config",
    "CaseResult": "case",
    "CohortOptions": "cohort",
    "CoronaryBed": "boundary",
    "FlowInlet": "boundary",
    "FlowNetwork": "network",
    "FlowOutlet": "boundary",
    "FlowSolution": "solvers.solution",
    "Heartbeat": "heartbeat",
    "Hyperemia": "physiology",
    "IndexOptions": "indices",
    "Indices": "indices",
    "Lesion": "lumen",
    "Lumen": "lumen",
    "LumenBranch": "lumen",
    "LumenMesh": "meshing.mesh",
    "LumenOptions": "lumen_build",
    "MeshOptions": "meshing.options",
    "PressureInlet": "boundary",
    "PressureOutlet": "boundary",
    "RCR": "boundary",
    "ReducedCycle": "solvers.reduced_cycle",
    "ReducedCycleOptions": "solvers.reduced_cycle",
    "MeshStudy": "study",
    "ReducedSolution": "solvers.reduced",
    "Resistance": "boundary",
    "Rest": "physiology",
    "SteadyOptions": "solvers.options",
    "TransientOptions": "solvers.options",
    "TransientSolution": "solvers.transient_solution",
    "VesselTree": "tree",
    "WallSectors": "indices",
    "WallShear": "indices",
    "WallStatistics": "solvers.transient_solution",
    "Waveform": "waveform",
    "build_lumen": "lumen_build",
    "build_network": "solvers.network_export",
    "cite": "cite",
    "compute_indices": "indices",
    "compute_shear_divergence": "indices",
    "compute_wall_shear": "indices",
    "mesh_lumen": "meshing.lumen_mesher",
    "prescribe_boundaries": "physiology",
    "read_centerline": "io",
    "read_contours": "io",
    "RadiusLaw": "radius_law",
    "read_polylines": "io",
    "read_surface": "io",
    "read_mesh": "io",
    "read_svoned": "io",
    "read_svzerod": "io",
    "read_waveform": "io",
    "run_case": "case",
    "run_cohort": "cohort",
    "sector_wall_shear": "indices",
    "solve_flow": "solvers.steady",
    "solve_network": "solvers.network",
    "solve_reduced": "solvers.reduced",
    "solve_reduced_cycle": "solvers.reduced_cycle",
    "study_mesh": "study",
    "virtual_cohort": "virtual",
    "viscosity_from_hematocrit": "rheology",
    "write_centerline": "io",
    "write_crate": "crate",
    "write_mesh": "io",
    "write_report": "report",
    "write_svzerod": "io",
    "AllometricFlow": "flow",
    "ConstantIndex": "flow",
    "DeformationFlow": "flow",
    "DemographicResponse": "flow",
    "FlowEstimate": "flow",
    "GivenFlow": "flow",
    "PerfusionFlow": "flow",
    "PerfusionResponse": "flow",
    "beating": "heartbeat",
    "boundaries_from_flow": "flow",
    "Endotype": "indices",
    "MicrovascularThresholds": "indices",
    "endotype": "indices",
    "volume_to_mass": "indices",
    "CalibratedModel": "uncertainty",
    "InputUncertainty": "uncertainty",
    "Uncertainty": "uncertainty",
    "UncertaintyOptions": "uncertainty",
    "propagate_uncertainty": "uncertainty",
    "Thermodilution": "thermodilution",
    "ThermodilutionOptions": "thermodilution",
    "measure_thermodilution": "thermodilution",
    "TimeAttenuation": "perfusion",
    "VoxelMap": "perfusion",
    "assign_territories": "perfusion",
    "fermi_deconvolution": "perfusion",
    "maximum_slope": "perfusion",
    "patlak": "perfusion",
    "perfusion_by_territory": "perfusion",
    "perfusion_mismatch": "perfusion",
    "perfusion_reserve": "perfusion",
    "read_nifti_map": "perfusion",
    "write_nifti_map": "perfusion",
    "AdverseThresholds": "indices",
    "adverse_characteristics": "indices",
}

__all__ = [
    "RCR",
    "AdverseThresholds",
    "AllometricFlow",
    "Blood",
    "Boundaries",
    "Branch",
    "CalibratedModel",
    "CarreauYasuda",
    "CaseConfig",
    "CaseResult",
    "CohortOptions",
    "ConfigError",
    "ConstantIndex",
    "CorohemoError",
    "CoronaryBed",
    "DeformationFlow",
    "DemographicResponse",
    "Endotype",
    "FileFormatError",
    "FlowEstimate",
    "FlowInlet",
    "FlowNetwork",
    "FlowOutlet",
    "FlowSolution",
    "GeometryError",
    "GivenFlow",
    "Heartbeat",
    "Hyperemia",
    "IndexOptions",
    "Indices",
    "InputError",
    "InputUncertainty",
    "Lesion",
    "Lumen",
    "LumenBranch",
    "LumenMesh",
    "LumenOptions",
    "MeshOptions",
    "MeshStudy",
    "MeshingError",
    "MicrovascularThresholds",
    "MissingArrayError",
    "MissingDependencyError",
    "NonFiniteError",
    "NotConvergedError",
    "PerfusionFlow",
    "PerfusionResponse",
    "PressureInlet",
    "PressureOutlet",
    "RadiusLaw",
    "ReducedCycle",
    "ReducedCycleOptions",
    "ReducedSolution",
    "Resistance",
    "Rest",
    "SolverError",
    "SteadyOptions",
    "Thermodilution",
    "ThermodilutionOptions",
    "TimeAttenuation",
    "TransientOptions",
    "TransientSolution",
    "Uncertainty",
    "UncertaintyOptions",
    "UnitError",
    "VesselTree",
    "VoxelMap",
    "WallSectors",
    "WallShear",
    "WallStatistics",
    "Waveform",
    "__version__",
    "adverse_characteristics",
    "assign_territories",
    "beating",
    "boundaries_from_flow",
    "build_lumen",
    "build_network",
    "cite",
    "compute_indices",
    "compute_shear_divergence",
    "compute_wall_shear",
    "endotype",
    "fermi_deconvolution",
    "gallery",
    "maximum_slope",
    "measure_thermodilution",
    "mesh_lumen",
    "patlak",
    "perfusion_by_territory",
    "perfusion_mismatch",
    "perfusion_reserve",
    "prescribe_boundaries",
    "propagate_uncertainty",
    "read_centerline",
    "read_contours",
    "read_mesh",
    "read_nifti_map",
    "read_polylines",
    "read_surface",
    "read_svoned",
    "read_svzerod",
    "read_waveform",
    "run_case",
    "run_cohort",
    "sector_wall_shear",
    "solve_flow",
    "solve_network",
    "solve_reduced",
    "solve_reduced_cycle",
    "study_mesh",
    "virtual_cohort",
    "viscosity_from_hematocrit",
    "volume_to_mass",
    "write_centerline",
    "write_crate",
    "write_mesh",
    "write_nifti_map",
    "write_report",
    "write_svzerod",
]


def __getattr__(name: str) -> object:
    """Load names with heavy imports behind them when they are first used."""
    if name == "gallery":
        return import_module("corohemo.gallery")
    if name in _LAZY:
        return getattr(import_module(f"corohemo.{_LAZY[name]}"), name)
    raise AttributeError(f"module 'corohemo' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Public names."""
    return sorted(__all__)
