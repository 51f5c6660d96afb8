"""NIfTI maps in and out, through nibabel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from corohemo.errors import FileFormatError, InputError, MissingDependencyError, UnitError
from corohemo.io.replacing import replacing
from corohemo.perfusion.grid import VoxelMap
from corohemo.units import MM, length_factor

SYSTEMS = ("ras", "lps")
_UNITS = {"mm": "mm", "meter": "m", "micron": "um"}


def read_nifti_map(
    path: str | Path, *, coordinates: str, length_unit: str | None = None
) -> VoxelMap:
    """Read a three-dimensional map or mask.

    Args:
        path: ``.nii`` or ``.nii.gz``; a series of one image counts as that image.
        coordinates: Patient system of the *tree*, "ras" or "lps" (DICOM, ITK and current Slicer
            files are LPS). NIfTI itself is RAS; for "lps" the map is turned.
        length_unit: Unit of the file's coordinates where its header does not say.

    Returns:
        The map, its positions in the tree's system.

    Raises:
        InputError: If the file cannot be read, the system is unknown, or the map has no position.
        UnitError: If neither the header nor the caller states the unit.
        FileFormatError: If the file is not NIfTI.
        MissingDependencyError: If nibabel is not installed.
    """
    nibabel = _nibabel()
    flip = _turn(coordinates)
    try:
        image = nibabel.load(path)
        kind = image.get_data_dtype().kind
        if kind not in "iuf":
            raise ValueError("its voxels are colors or complex numbers, not a map's values")
        values = np.asarray(image.get_fdata(dtype=np.float64))
    except FileNotFoundError:
        raise InputError("There is no such file.", file=path) from None
    except (OSError, EOFError, ValueError, nibabel.filebasedimages.ImageFileError) as error:
        raise FileFormatError(f"This is not a readable NIfTI file: {error}.", file=path) from error
    if not isinstance(image, nibabel.Nifti1Image):
        raise FileFormatError("This is not a NIfTI file.", file=path)
    if not (image.header["sform_code"] or image.header["qform_code"]):
        raise InputError(
            "The file has neither a qform nor an sform, so the map has no place in the patient.",
            file=path,
        )
    stated = _UNITS.get(image.header.get_xyzt_units()[0])
    unit = stated or length_unit
    if unit is None:
        raise UnitError(
            "The file does not state its length unit; give length_unit (mm for most).",
            file=path,
            field="length_unit",
        )
    if stated and length_unit and stated != length_unit:
        raise UnitError(
            f"The file states {stated}, but length_unit is {length_unit}.",
            file=path,
            field="length_unit",
        )
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim != 3:
        raise InputError(
            f"A map must have three axes, got {values.ndim}; give one image of a series.", file=path
        )
    affine = flip @ np.asarray(image.affine, dtype=np.float64)
    affine[:3] *= length_factor(unit)
    return VoxelMap(values, affine)


def write_nifti_map(voxels: VoxelMap, path: str | Path, *, coordinates: str) -> None:
    """Write a map so that ``read_nifti_map`` returns the same one; the file states mm.

    Args:
        voxels: The map.
        path: ``.nii`` or ``.nii.gz``.
        coordinates: Patient system of the map's positions, "ras" or "lps".

    Raises:
        InputError: If the file cannot be written, or the system is unknown.
        MissingDependencyError: If nibabel is not installed.
    """
    path, nibabel = Path(path), _nibabel()
    if not path.name.endswith((".nii", ".nii.gz")):
        raise InputError("Maps are written as .nii or .nii.gz.", file=path)
    affine = voxels.affine.copy()
    affine[:3] /= MM
    image = nibabel.Nifti1Image(voxels.values, _turn(coordinates) @ affine)
    image.header.set_xyzt_units("mm", "sec")
    with replacing(path) as temporary:
        nibabel.save(image, temporary)


def _turn(coordinates: str) -> Any:
    if coordinates not in SYSTEMS:
        raise InputError(
            f"The patient system must be 'ras' or 'lps', got {coordinates!r}.", field="coordinates"
        )
    return np.diag([1.0, 1.0, 1.0, 1.0] if coordinates == "ras" else [-1.0, -1.0, 1.0, 1.0])


def _nibabel() -> Any:
    try:
        import nibabel
    except ImportError as error:
        raise MissingDependencyError(
            "nibabel", needed_for="NIfTI", how_to_install="pip install corohemo[nifti]"
        ) from error
    return nibabel
