"""Computational coronary hemodynamics: centerline to CT-FFR, plaque stress, wall shear, IMR_CT.

Data walk one way::

    read_centerline -> build_lumen -> mesh_lumen -> prescribe_boundaries -> solve_flow
                    -> compute_indices -> write_report

Research use only.
"""

from corohemo.lazy_names import lazy_names

__version__ = "0.1.0"

_names, __getattr__ = lazy_names(__name__, __file__)
__all__ = sorted([*_names, "__version__"])


def __dir__() -> list[str]:
    """Public names."""
    return __all__
