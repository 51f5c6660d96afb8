"""Centerlines, contours, surfaces and polylines with something wrong in them, drawn from a seed."""

import base64
import random
import re
import struct
import tempfile
import zlib
from functools import cache
from pathlib import Path

import fuzz_bytes
import numpy as np
from fuzz_bytes import Mutation
from fuzz_cases import Specimen

import corohemo as ch

REDUCED = ("--set", "solver.model=reduced")
VTP = """<?xml version="1.0"?>
<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">
<PolyData><FieldData><Array type="String" Name="LengthUnit" NumberOfTuples="1" format="ascii">
109 109 0</Array></FieldData><Piece NumberOfPoints="6" NumberOfLines="2">
<PointData><DataArray type="Float64" Name="Radius" format="ascii">2 1.9 1.8 1.5 1.6 1.4</DataArray>
</PointData><Points><DataArray type="Float64" NumberOfComponents="3" format="ascii">
0 0 0 0 0 5 0 0 10 3 0 15 0 0 10 -3 0 15</DataArray></Points>
<Lines><DataArray type="Int64" Name="connectivity" format="ascii">0 1 2 3 2 5</DataArray>
<DataArray type="Int64" Name="offsets" format="ascii">4 6</DataArray></Lines>
</Piece></PolyData></VTKFile>
"""
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">%s]>
""" % b"".join(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 10))
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>
"""


def _ring(center: tuple[float, float, float], radius: float) -> np.ndarray:
    angle = 2 * np.pi * np.arange(16) / 16
    flat = np.column_stack([0 * angle, 1.2 * np.cos(angle), np.sin(angle)])
    return np.array(center) + radius * flat


def _contour_table() -> str:
    lines = ["branch,contour,x_mm,y_mm,z_mm"]
    for k in range(25):
        for x, y, z in _ring((0.6 * k, 0, 0), 1.5):
            lines.append(f"LAD,{k},{x:.4f},{y:.4f},{z:.4f}")
    return "\n".join(lines) + "\n"


def _qangio(offset: float = 0.0) -> str:
    lines = ["# LkebCurveSet Data File version 1.0", "Number of curves: 25", ""]
    for k in range(25):
        lines += ["Number of points: 16", "Data:"]
        lines += [f"{x:.4f} {y:.4f} {z:.4f}" for x, y, z in _ring((0.6 * k, offset, 0), 1.5)]
        lines.append("")
    return "\n".join(lines)


def _binary_vtp(*, raw: bool, packed: bool) -> bytes:
    """The same two lines, as VTK writes them with appended data."""
    arrays = {
        "Radius": np.array([2, 1.9, 1.8, 1.5, 1.6, 1.4]),
        "Points": np.array([0, 0, 0, 0, 0, 5, 0, 0, 10, 3, 0, 15, 0, 0, 10, -3, 0, 15.0]),
        "connectivity": np.array([0, 1, 2, 3, 2, 5]),
        "offsets": np.array([4, 6]),
    }
    blocks, places = b"", {}
    for name, values in arrays.items():
        places[name] = len(blocks)
        content = values.astype("<f8" if name in ("Radius", "Points") else "<i8").tobytes()
        if packed:
            small = zlib.compress(content)
            head, body = struct.pack("<4Q", 1, len(content), len(content), len(small)), small
        else:
            head, body = struct.pack("<Q", len(content)), content
        together = packed is False
        blocks += (
            head + body
            if raw
            else base64.b64encode(head + body)
            if together
            else base64.b64encode(head) + base64.b64encode(body)
        )
    at = {name: f'format="appended" offset="{place}"' for name, place in places.items()}
    compressor = ' compressor="vtkZLibDataCompressor"' if packed else ""
    xml = f"""<?xml version="1.0"?>
<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64"{compressor}>
<PolyData><Piece NumberOfPoints="6" NumberOfLines="2"><PointData>
<DataArray type="Float64" Name="Radius" {at["Radius"]}/></PointData><Points>
<DataArray type="Float64" Name="Points" NumberOfComponents="3" {at["Points"]}/></Points><Lines>
<DataArray type="Int64" Name="connectivity" {at["connectivity"]}/>
<DataArray type="Int64" Name="offsets" {at["offsets"]}/></Lines></Piece></PolyData>
<AppendedData encoding="{"raw" if raw else "base64"}">_"""
    return xml.encode() + blocks + b"</AppendedData></VTKFile>"


@cache
def bases() -> dict[str, bytes]:
    """Files that are right, by name."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        tree = ch.gallery.y_bifurcation()
        for suffix in ("swc", "csv", "vtp"):
            ch.write_centerline(tree, root / f"tree.{suffix}", length_unit="mm")
        short = ch.mesh_lumen(
            ch.build_lumen(ch.gallery.tube(length_mm=12)), ch.MeshOptions(refinement=0.4, sectors=8)
        )
        ch.write_mesh(short, root / "surface.stl")
        _surfaces(root)
        line = np.column_stack([np.linspace(0, 30, 121), *np.zeros((2, 121))])
        np.save(root / "line.npy", line)
        found = {path.name: path.read_bytes() for path in sorted(root.iterdir())}
    texts = {
        "small.swc": "# length_unit: mm\n1 0 0 0 0 2 -1\n2 0 0 0 5 1.8 1\n3 0 3 0 9 1.6 2\n"
        "4 0 -3 0 9 1.5 2\n",
        "branches.csv": "x_mm,y_mm,z_mm,r_mm,branch\n0,0,0,2,A\n0,0,5,1.8,A\n0,0,10,1.7,A\n"
        "0,0,5,1.6,B\n3,0,9,1.6,B\n6,0,13,1.5,B\n",
        "bare.txt": "".join(f"0 0 {k} {2 - 0.02 * k}\n" for k in range(20)),
        "semicolons.csv": "x [mm];y [mm];z [mm];diameter [mm]\n"
        + "".join(f"0;0;{k};{4 - 0.02 * k}\n" for k in range(20)),
        "lines.vtp": VTP,
        "contours.csv": _contour_table(),
        "qangio.data": _qangio(),
    }
    found |= {name: content.encode() for name, content in texts.items()}
    found["raw.vtp"] = _binary_vtp(raw=True, packed=False)
    found["base64.vtp"] = _binary_vtp(raw=False, packed=False)
    found["zlib.vtp"] = _binary_vtp(raw=True, packed=True)
    return found


def _surfaces(root: Path) -> None:
    """The surface as text, as PLY and as polygons of VTK."""
    from vtkmodules.vtkIOGeometry import vtkSTLReader, vtkSTLWriter
    from vtkmodules.vtkIOPLY import vtkPLYWriter
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    reader = vtkSTLReader()
    reader.SetFileName(str(root / "surface.stl"))
    for name, kind in (("text.stl", vtkSTLWriter), ("surface.ply", vtkPLYWriter),
                       ("surface.vtp", vtkXMLPolyDataWriter)):  # fmt: skip
        writer = kind()
        writer.SetFileName(str(root / name))
        writer.SetInputConnection(reader.GetOutputPort())
        if name == "text.stl":
            writer.SetFileTypeToASCII()
        elif name == "surface.vtp":
            writer.SetDataModeToAscii()
        writer.Write()


def _parents(draw: random.Random, data: bytes) -> bytes:
    """Cycles, parents that are not there, ids given twice, several roots, in an SWC file."""
    rows = data.decode().splitlines()
    points = [i for i, row in enumerate(rows) if row and not row.startswith("#")]
    if not points:
        return data
    ids = [rows[i].split()[0] for i in points]
    for _ in range(draw.choice((1, 1, 2, 20))):
        i = draw.choice(points)
        words = rows[i].split()
        kind = draw.randrange(6)
        if kind == 0:
            words[0] = draw.choice(ids)
        elif kind == 1:
            words[-1] = words[0]
        elif kind == 2:
            words[-1] = draw.choice([*ids, "-1", "0", "999999", "-2"])
        elif kind == 3:
            words[-1] = draw.choice(ids[points.index(i) :])
        elif kind == 4:
            words[2:5] = rows[draw.choice(points)].split()[2:5]
        else:
            words[5] = draw.choice(fuzz_bytes.NUMBERS)
        rows[i] = " ".join(words)
    return fuzz_bytes.encoded("\n".join(rows) + "\n")


def _unit(draw: random.Random, data: bytes) -> bytes:
    return re.sub(rb"\b(mm|109 109 0)\b", fuzz_bytes.encoded(draw.choice(
        ("m", "um", "cm", "inch", "MM", "", "mm mm", "109", "-5 3", "nan"))), data)  # fmt: skip


def _header(draw: random.Random, data: bytes) -> bytes:
    """Another name or number of columns."""
    first, _, rest = data.partition(b"\n")
    names = re.split(rb"[,;]", first)
    names[draw.randrange(len(names))] = fuzz_bytes.encoded(draw.choice(
        ("x", "x_mm", "radius_cm", "radius", "d_mm", "parent", "id", "branch", "contour", "", "é",
         "x_inch", "points:0")))  # fmt: skip
    return b",".join(names) + b"\n" + rest


def _attribute(draw: random.Random, data: bytes) -> bytes:
    """Another value of an attribute of an XML element."""
    found = list(re.finditer(rb'="([^"]*)"', data))
    if not found:
        return data
    place = draw.choice(found)
    word = draw.choice(("Float32", "Int8", "UInt64", "String", "Bit", "appended", "binary", "ascii",
                        "vtkLZMADataCompressor", "vtkLZ4DataCompressor", "UnstructuredGrid", "x",
                        "BigEndian", "UInt32", *fuzz_bytes.NUMBERS))  # fmt: skip
    return data[: place.start(1)] + fuzz_bytes.encoded(word) + data[place.end(1) :]


def _element(draw: random.Random, data: bytes) -> bytes:
    """An element dropped, doubled or put into itself."""
    found = list(re.finditer(rb"<(\w+)[^>]*>.*?</\1>", data, re.DOTALL))
    if not found:
        return data
    place = draw.choice(found)
    kind = draw.randrange(3)
    new = (b"", place[0] * 2, place[0].replace(b">", b">" + place[0], 1))[kind]
    return data[: place.start()] + new + data[place.end() :]


def _entities(draw: random.Random, data: bytes) -> bytes:
    """Entities that grow, or that read another file."""
    kind = draw.choice((ENTITIES, OUTSIDE, ENTITIES.replace(b"DOCTYPE", b"doctype")))
    body = data.partition(b"?>")[2].replace(b"0 0 0", draw.choice((b"&l9;", b"&x;")), 1)
    if draw.random() < 0.2:
        return (kind + body).decode("latin-1").encode("utf-16")
    return kind + body


def _bomb(draw: random.Random, data: bytes) -> bytes:
    """Data that unpack to far more than they promise, or sizes beyond all memory."""
    marker = data.find(b">_") + 2
    if marker < 2:
        return data
    huge = draw.choice((2**20, 2**31, 2**33, 2**40, 2**63 - 1, 2**64 - 1))
    small = zlib.compress(b"\0" * 200_000_000, 9)
    head = struct.pack("<4Q", draw.choice((1, huge)), huge, huge, len(small))
    return data[:marker] + head + small + data[marker:]


def _binary_number(draw: random.Random, data: bytes) -> bytes:
    """NaN, infinity or a huge value somewhere in binary numbers; or another count in a header."""
    if len(data) < 100:
        return data
    word = struct.pack(draw.choice(("<f", "<d", "<q", "<I")), draw.choice((0, 1, 2**31, 7)))
    word = draw.choice((word, struct.pack("<f", float("nan")), struct.pack("<d", float("inf")),
                        b"\xff" * 4, b"\xff" * 8))  # fmt: skip
    at = draw.choice((80, draw.randrange(len(data) - 8), draw.randrange(len(data) - 8)))
    return data[:at] + word + data[at + len(word) :]


def _array_header(draw: random.Random, data: bytes) -> bytes:
    """Another shape or type of numbers in the header of NumPy's file, of the same length."""
    old = data[:128]
    new = old
    for was, becomes in draw.sample(
        [
            (b"(121, 3)", draw.choice((b"(3, 121)", b"(363,  )", b"(0, 3)  ", b"(-1, 3) "))),
            (b"(121, 3)", draw.choice((b"(9**9,3)", b"(120, 3)", b"(1,2,3) "))),
            (b"'<f8'", draw.choice((b"'|O' ", b"'<c16", b"'<i8'", b"'<U9'", b"'<M8'", b"'<f4'"))),
            (b"False", b"True "),
        ],
        draw.choice((1, 2)),
    ):
        new = new.replace(was, becomes, 1)
    if draw.random() < 0.3:
        new = new.replace(b"(121, 3), }      ", b"(99999999999, 3)}", 1)
    return new + data[128:]


OWN: dict[str, tuple[Mutation, ...]] = {
    ".swc": (_parents, _parents, _parents, _unit),
    ".csv": (_header, _unit),
    ".txt": (_unit,),
    ".vtp": (_attribute, _attribute, _element, _entities, _bomb, _unit),
    ".data": (),
    ".stl": (_binary_number,),
    ".ply": (_binary_number,),
    ".npy": (_array_header, _array_header, _binary_number),
}
BINARY = ("surface.stl", "surface.ply", "line.npy", "raw.vtp", "zlib.vtp")


UNITLESS = (
    "line.npy", "surface.ply", "surface.stl", "surface.vtp", "text.stl", "bare.txt", "qangio.data",
    "raw.vtp", "base64.vtp", "zlib.vtp",
)  # fmt: skip
"""Files that do not say their unit."""


def command_of(name: str) -> list[str]:
    """Check a file, with what it does not say itself."""
    command = ["check", name, *REDUCED]
    suffix = Path(name).suffix
    if name in UNITLESS or name not in bases():
        command += ["--length-unit", "mm"]
    if suffix == ".npy":
        command += ["--set", "case.ostium_diameter_mm=3.5", "--set", "case.outlet_diameter_mm=2.0"]
    return command


def specimen(seed: int) -> Specimen:
    """A folder with a vessel file in which something is wrong, and the verb that reads it."""
    draw = random.Random(seed)
    names = list(bases())
    weights = [0.3 if name in ("surface.stl", "surface.ply", "text.stl", "surface.vtp") else 1.0
               for name in names]  # fmt: skip
    name = draw.choices(names, weights)[0]
    suffix = Path(name).suffix
    common = fuzz_bytes.RAW if name in BINARY else fuzz_bytes.ANY
    own = OWN[suffix]
    data = before = bases()[name]
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        kinds = own if own and draw.random() < 0.5 else common
        try:
            data = draw.choice(kinds)(draw, data)
        except (UnicodeDecodeError, IndexError):
            data = fuzz_bytes.flip(draw, data)
    if draw.random() < 0.03:
        name = name.replace(suffix, draw.choice(list(OWN)))
    command = command_of(name)
    if draw.random() < 0.1:
        command += ["--length-unit", draw.choice(("mm", "mm", "mm", "m", "inch"))]
    if suffix == ".data" and draw.random() < 0.3:
        files = {"export/CrossSectionEllipseSet1.data": data,
                 "export/CrossSectionEllipseSet2.data": _qangio(0.1).encode()}  # fmt: skip
        return Specimen(files, ["check", "export", *command[2:]], (next(iter(files)), "export"))
    return Specimen({name: data}, command, (name,), before=before)
