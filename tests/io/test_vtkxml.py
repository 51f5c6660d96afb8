from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from corohemo.errors import CorohemoError, FileFormatError
from corohemo.io.vtk_files import captured_messages, polydata
from corohemo.io.vtkxml import read_vtk_xml, to_float64

MODES = ["ascii", "binary", "appended raw", "appended base64"]
COMPRESSORS = ["none", "zlib", "lzma"]
ALL_MODES = list(product(MODES, COMPRESSORS))
BINARY_MODES = list(product(MODES[1:], COMPRESSORS))


def vtk_file(path: Path, mode: str, compressor: str, *, header: int = 32, big: bool = False):
    """A small centerline that VTK itself wrote."""
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    rng = np.random.default_rng(0)
    points = rng.normal(size=(40, 3))
    arrays = {
        "Radius": rng.uniform(1, 2, 40),
        "Ids": np.arange(40, dtype=np.int32),
        "Normals": rng.normal(size=(40, 3)).astype(np.float32),
    }
    lines = [np.arange(0, 25), np.arange(25, 40)]
    cells = {"GroupIds": np.array([3, 4])}
    data = polydata(
        points, lines=lines, point_data=arrays, cell_data=cells, texts={"Words": ("a", "bç", "")}
    )
    writer = vtkXMLPolyDataWriter()
    writer.SetFileName(str(path))
    writer.SetInputData(data)
    {
        "ascii": writer.SetDataModeToAscii,
        "binary": writer.SetDataModeToBinary,
        "appended raw": lambda: (writer.SetDataModeToAppended(), writer.EncodeAppendedDataOff()),
        "appended base64": lambda: (writer.SetDataModeToAppended(), writer.EncodeAppendedDataOn()),
    }[mode]()
    {
        "none": writer.SetCompressorTypeToNone,
        "zlib": writer.SetCompressorTypeToZLib,
        "lzma": writer.SetCompressorTypeToLZMA,
        "lz4": writer.SetCompressorTypeToLZ4,
    }[compressor]()
    (writer.SetHeaderTypeToUInt64 if header == 64 else writer.SetHeaderTypeToUInt32)()
    (writer.SetByteOrderToBigEndian if big else writer.SetByteOrderToLittleEndian)()
    writer.SetBlockSize(128)
    writer.Write()
    return points, arrays, cells


@pytest.mark.parametrize(("mode", "compressor"), ALL_MODES)
@pytest.mark.parametrize(("header", "big"), [(32, False), (64, False), (32, True)])
def test_every_encoding_reads_the_same(
    tmp_path: Path, mode: str, compressor: str, header: int, big: bool
):
    path = tmp_path / "t.vtp"
    points, arrays, cells = vtk_file(path, mode, compressor, header=header, big=big)
    data = read_vtk_xml(path, "PolyData")
    compare = np.testing.assert_array_equal if mode != "ascii" else np.testing.assert_allclose
    compare(data.points, points)
    for name, values in arrays.items():
        compare(data.point_data[name], values)
    np.testing.assert_array_equal(data.cell_data["GroupIds"], cells["GroupIds"])
    np.testing.assert_array_equal(data.cells["Lines"][0], np.arange(40))
    assert data.text_data["Words"] == ("a", "bç", "")


def test_unknown_compression_says_what_to_do(tmp_path: Path):
    vtk_file(tmp_path / "t.vtp", "binary", "lz4")
    with pytest.raises(FileFormatError, match="save it with zlib or uncompressed"):
        read_vtk_xml(tmp_path / "t.vtp", "PolyData")


@pytest.mark.parametrize(
    ("pattern", "replacement", "message"),
    [
        (r'NumberOfPoints="40"', 'NumberOfPoints="41"', "holds 120 values, expected 41 x 3"),
        (r'NumberOfPoints="40"', 'NumberOfPoints="9999999999999"', "expected 9999999999999 x 3"),
        (r'NumberOfPoints="40"', 'NumberOfPoints="-1"', "not a count"),
        (r'NumberOfLines="2"', 'NumberOfLines="3"', "expected 3 x 1"),
        (r"<VTKFile", '<!DOCTYPE a [<!ENTITY b "c">]><VTKFile', "DOCTYPE or ENTITY"),
        (r'type="PolyData"', 'type="ImageData"', "Expected a VTKFile of type PolyData"),
        (r"</Piece>", "", "not a VTK XML file"),
        (r'header_type="UInt32"', 'header_type="Float32"', "header_type"),
        (r'type="Float64"', 'type="Complex"', "unknown type"),
        (r'format="ascii"', 'format="morse"', "unknown format"),
        (r'NumberOfComponents="3"', 'NumberOfComponents="2"', "expected 40 x 2"),
        (r'NumberOfComponents="3"', 'NumberOfComponents="zero"', "components"),
        (r'(?s)(<Lines>.*?)Name="connectivity"', r'\1Name="links"', "lacks connectivity"),
        (r'(Name="offsets"[^>]*>\s*)25', r"\g<1>41", "offsets of Lines do not fit"),
        (r'(Name="connectivity"[^>]*>\s*)0', r"\g<1>77", "refers to points that are not"),
        (r"(<Points>[^>]*>\s*)\d", r"\g<1>" + 500 * "a", r"not numbers: .{1,90}\.\.\.\.$"),
        (r"<Points>", "<Points></Points><Nothing>", "not a VTK XML file"),
    ],
)
def test_damage_is_a_sentence(tmp_path: Path, pattern: str, replacement: str, message: str):
    path = tmp_path / "t.vtp"
    vtk_file(path, "ascii", "none")
    text = path.read_text(encoding="utf-8")
    changed = re.sub(pattern, replacement, text, count=1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(FileFormatError, match=message):
        read_vtk_xml(path, "PolyData")


def test_signaling_nan_is_found_without_a_warning(tmp_path: Path):
    path = tmp_path / "t.vtp"
    vtk_file(path, "appended raw", "none")
    content = path.read_bytes()
    normals = read_vtk_xml(path, "PolyData").point_data["Normals"]
    start = content.index(normals.tobytes())
    path.write_bytes(content[:start] + b"\x01\x00\x80\x7f" + content[start + 4 :])
    normals = read_vtk_xml(path, "PolyData").point_data["Normals"]
    assert np.isnan(to_float64(normals)[0, 0])


def test_document_types_are_refused_in_wide_encodings_too(tmp_path: Path):
    text = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><VTKFile type="PolyData"/>'
    (tmp_path / "t.vtp").write_bytes(text.encode("utf-16"))
    with pytest.raises(FileFormatError, match="binary"):
        read_vtk_xml(tmp_path / "t.vtp", "PolyData")


@pytest.mark.parametrize(("mode", "compressor"), BINARY_MODES)
def test_truncated_files_are_refused(tmp_path: Path, mode: str, compressor: str):
    path = tmp_path / "t.vtp"
    vtk_file(path, mode, compressor)
    content = path.read_bytes()
    for share in np.linspace(0.02, 0.9, 23):
        path.write_bytes(content[: int(share * len(content))])
        with pytest.raises(FileFormatError):
            read_vtk_xml(path, "PolyData")


@pytest.mark.parametrize(("mode", "compressor"), ALL_MODES)
def test_edited_bytes_never_escape_our_errors(tmp_path: Path, mode: str, compressor: str):
    path = tmp_path / "t.vtp"
    vtk_file(path, mode, compressor)
    content = path.read_bytes()
    rng = np.random.default_rng(7)
    for _ in range(150):
        damaged = bytearray(content)
        for place in rng.integers(0, len(damaged), rng.integers(1, 5)):
            damaged[place] = rng.integers(0, 256)
        path.write_bytes(bytes(damaged))
        try:
            read_vtk_xml(path, "PolyData")
        except CorohemoError:
            continue


def test_vtk_messages_are_kept_from_the_terminal(capfd: pytest.CaptureFixture[str]):
    from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

    with captured_messages() as messages:
        reader = vtkXMLPolyDataReader()
        reader.SetFileName("/nowhere/t.vtp")
        reader.Update()
    assert "nowhere" in messages[0]
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
