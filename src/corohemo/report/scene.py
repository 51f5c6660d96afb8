"""Views of the lumen's wall, rendered off-screen and labelled in SVG."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.report.colors import INK, NO_DATA, Scale
from corohemo.report.labels import place_labels

FloatArray = NDArray[np.float64]
FILL = 0.86
SCALE_BAR_MM = 10.0


@dataclass(frozen=True)
class View:
    """An orthographic view: ``right`` and ``up`` span the picture (3,), in millimetres of it.

    Attributes:
        title: What the picture is called.
        right, up: Unit vectors of the picture.
        center: Point in the middle of the picture [mm].
        half_height: Half of the picture's height [mm].
        size: Width and height [px].
    """

    title: str
    right: FloatArray
    up: FloatArray
    center: FloatArray
    half_height: float
    size: tuple[int, int]

    @property
    def px_per_mm(self) -> float:
        """Scale of the picture."""
        return self.size[1] / (2.0 * self.half_height)

    def project(self, points: FloatArray) -> FloatArray:
        """Pixels (n, 2), from the upper left corner, of points (n, 3) [mm]."""
        offset = points - self.center
        plane = np.column_stack([offset @ self.right, -(offset @ self.up)])
        return plane * self.px_per_mm + np.array(self.size) / 2.0


def read_wall(path: Path) -> Any:
    """The wall surface with smooth normals, cell values moved to the points."""
    from vtkmodules.vtkFiltersCore import vtkCellDataToPointData
    from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(path))
    to_points = vtkCellDataToPointData()
    to_points.SetInputConnection(reader.GetOutputPort())
    return with_normals(to_points.GetOutputPort())


def with_normals(port: Any) -> Any:
    """The polygons that leave ``port``, with smooth normals."""
    from vtkmodules.vtkFiltersCore import vtkPolyDataNormals

    normals = vtkPolyDataNormals()
    normals.SetInputConnection(port)
    normals.SplittingOff()
    normals.ConsistencyOff()
    normals.Update()
    return normals.GetOutput()


def surface_points(surface: Any) -> FloatArray:
    """Points (n, 3) of a surface [mm]."""
    from vtkmodules.util.numpy_support import vtk_to_numpy

    return np.asarray(vtk_to_numpy(surface.GetPoints().GetData()), dtype=np.float64)


def point_values(surface: Any, array: str) -> FloatArray:
    """Values (n,) of an array at the points of a surface."""
    from vtkmodules.util.numpy_support import vtk_to_numpy

    return np.asarray(vtk_to_numpy(surface.GetPointData().GetArray(array)), dtype=np.float64)


def has_values(surface: Any, array: str) -> bool:
    """Whether a surface has an array with a value anywhere."""
    known = bool(surface.GetPointData().HasArray(array))
    return known and bool(np.isfinite(point_values(surface, array)).any())


def three_views(points: FloatArray, width: int) -> tuple[View, View, View]:
    """Front, side and top of a tree, all at one scale; the front shows its two longest axes."""
    center = (points.min(axis=0) + points.max(axis=0)) / 2.0
    axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2]
    first = axes[0] * np.sign(axes[0][np.argmax(np.abs(axes[0]))])
    second = axes[1] * np.sign(axes[1][np.argmax(np.abs(axes[1]))])
    up, right = (first, second) if abs(first[2]) >= abs(second[2]) else (second, first)
    depth = np.cross(right, up)
    spans = (("Front", right, up), ("Side", depth, up), ("Top", right, -depth))
    extents = [(np.ptp(points @ across), np.ptp(points @ along)) for _, across, along in spans]
    width_mm = max(extent[0] for extent in extents) / FILL
    views = []
    for (title, across, along), extent in zip(spans, extents, strict=True):
        height_mm = max(extent[1] / FILL, 0.35 * width_mm)
        middle = _middle(points, across, along, center)
        size = (width, max(1, round(width * height_mm / width_mm)))
        views.append(View(title, across, along, middle, height_mm / 2.0, size))
    return views[0], views[1], views[2]


def _middle(
    points: FloatArray, right: FloatArray, up: FloatArray, center: FloatArray
) -> FloatArray:
    middle = center.copy()
    for axis in (right, up):
        along = points @ axis
        middle += axis * ((along.min() + along.max()) / 2.0 - middle @ axis)
    return middle


def render_png(surface: Any, view: View, scale: Scale) -> tuple[bytes, FloatArray]:
    """A PNG of the surface and its pixels (height, width, 3), 0-255."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOImage import vtkPNGWriter
    from vtkmodules.vtkRenderingCore import vtkWindowToImageFilter

    window = _window(surface, view, scale)
    window.Render()
    grab = vtkWindowToImageFilter()
    grab.SetInput(window)
    grab.ReadFrontBufferOff()
    writer = vtkPNGWriter()
    writer.SetInputConnection(grab.GetOutputPort())
    writer.WriteToMemoryOn()
    writer.Write()
    image = grab.GetOutput()
    columns, rows, _ = image.GetDimensions()
    pixels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, -1)[::-1]
    png = bytes(memoryview(writer.GetResult()))
    window.Finalize()
    return png, np.asarray(pixels, dtype=np.float64)


def _window(surface: Any, view: View, scale: Scale) -> Any:
    from vtkmodules.vtkRenderingCore import (
        vtkActor,
        vtkLightKit,
        vtkPolyDataMapper,
        vtkRenderer,
    )

    window = off_screen_window()
    window.SetMultiSamples(8)
    window.SetSize(view.size)
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(surface)
    mapper.SetScalarModeToUsePointFieldData()
    mapper.SelectColorArray(scale.array)
    mapper.SetLookupTable(_lookup_table(scale))
    mapper.UseLookupTableScalarRangeOn()
    mapper.InterpolateScalarsBeforeMappingOn()
    actor = vtkActor()
    actor.SetMapper(mapper)
    surface_look = actor.GetProperty()
    surface_look.SetAmbient(0.36)
    surface_look.SetDiffuse(0.70)
    surface_look.SetSpecular(0.18)
    surface_look.SetSpecularPower(25)
    renderer = vtkRenderer()
    renderer.SetBackground(1.0, 1.0, 1.0)
    renderer.AddActor(actor)
    light = vtkLightKit()
    light.SetKeyLightIntensity(0.85)
    light.AddLightsToRenderer(renderer)
    camera = renderer.GetActiveCamera()
    camera.ParallelProjectionOn()
    camera.SetFocalPoint(*view.center)
    camera.SetPosition(*(view.center + 1000.0 * np.cross(view.right, view.up)))
    camera.SetViewUp(*view.up)
    camera.SetParallelScale(view.half_height)
    renderer.ResetCameraClippingRange()
    window.AddRenderer(renderer)
    return window


def off_screen_window() -> Any:
    """A window that needs no display.

    It is made before what is drawn in it: importing the backend gives VTK its drawing classes.
    """
    from vtkmodules import vtkRenderingOpenGL2 as backend

    window = getattr(backend, "vtkEGLRenderWindow", backend.vtkOSOpenGLRenderWindow)()
    window.SetOffScreenRendering(1)
    return window


def _lookup_table(scale: Scale) -> Any:
    from vtkmodules.vtkCommonCore import vtkLookupTable

    colors = scale.colormap()(np.linspace(0.0, 1.0, 512))
    table = vtkLookupTable()
    table.SetNumberOfTableValues(len(colors))
    table.SetTableRange(scale.low, scale.high)
    for index, (red, green, blue, alpha) in enumerate(colors):
        table.SetTableValue(index, red, green, blue, alpha)
    table.SetNanColor(*NO_DATA, 1.0)
    return table


def view_svg(
    surface: Any,
    view: View,
    scale: Scale,
    *,
    labels: Sequence[tuple[str, FloatArray]],
    font_px: int,
) -> str:
    """An inline SVG: the rendered view, branch labels that keep off it, and a scale bar.

    Args:
        surface: Wall with the arrays of ``scale``.
        view: From where.
        scale: Colours.
        labels: Names and the points (3,) [mm] they belong to.
        font_px: Height of the letters.
    """
    png, pixels = render_png(surface, view, scale)
    is_vessel = pixels.min(axis=2) < 245.0
    anchors = view.project(np.array([point for _, point in labels]).reshape(-1, 3))
    width, height = view.size
    placed = place_labels([name for name, _ in labels], anchors, is_vessel, font_px=font_px)
    texts = "".join(
        f'<line x1="{label.anchor[0]:.0f}" y1="{label.anchor[1]:.0f}" x2="{label.tip[0]:.0f}" '
        f'y2="{label.tip[1]:.0f}" stroke="{INK}" stroke-width="2" opacity="0.45"/>'
        f'<text x="{label.center[0]:.0f}" y="{label.center[1] + 0.35 * font_px:.0f}" '
        f'text-anchor="middle">{escape(label.text)}</text>'
        for label in placed
    )
    bar = SCALE_BAR_MM * view.px_per_mm
    encoded = base64.b64encode(png).decode("ascii")
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(view.title)} view, {escape(scale.title)}" '
        f'font-size="{font_px}" fill="{INK}">'
        f'<image href="data:image/png;base64,{encoded}" width="{width}" height="{height}"/>'
        f"{texts}"
        f'<path d="M24 {height - 24}h{bar:.1f}" stroke="{INK}" stroke-width="5"/>'
        f'<text x="24" y="{height - 36}">{SCALE_BAR_MM:g} mm</text></svg>'
    )
