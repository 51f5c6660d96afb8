"""Files in and out. VTK and meshio are imported only when a file is written with them."""

from corohemo.io.centerline import read_centerline, write_centerline
from corohemo.io.mesh_files import read_mesh, write_mesh
from corohemo.io.results import write_centerline_sections, write_flow_vtu, write_wall_vtp
from corohemo.io.svoned import read_svoned
from corohemo.io.svzerod import read_svzerod
from corohemo.io.svzerod_writer import write_svzerod
from corohemo.io.vessels import read_contours, read_polylines, read_surface
from corohemo.io.waveform import read_waveform

__all__ = [
    "read_centerline",
    "read_contours",
    "read_mesh",
    "read_polylines",
    "read_surface",
    "read_svoned",
    "read_svzerod",
    "read_waveform",
    "write_centerline",
    "write_centerline_sections",
    "write_flow_vtu",
    "write_mesh",
    "write_svzerod",
    "write_wall_vtp",
]
