"""Parts of the report that need no solve."""

import json
import math

import numpy as np
import pytest

from corohemo.errors import InputError
from corohemo.report.colors import FFR, WSS, fitted
from corohemo.report.document import empty_document
from corohemo.report.files import plain, write_json
from corohemo.report.labels import place_labels
from corohemo.report.page import distinct_notes
from corohemo.report.scene import View, three_views
from corohemo.report.verdict import band_of


def test_json_never_holds_nan(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": math.nan, "b": np.float64(1.5), "c": np.array([1, 2]), "d": [math.inf]})
    assert json.loads(path.read_text()) == {"a": None, "b": 1.5, "c": [1, 2], "d": [None]}


def test_plain_keeps_whole_numbers_whole():
    assert plain(np.int64(3)) == 3
    assert isinstance(plain(np.int64(3)), int)


def test_writing_into_a_missing_folder_is_a_sentence(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_json(tmp_path / "no" / "a.json", {})


def test_an_empty_document_gives_its_reason():
    document = empty_document("a", status="failed", message="The file is broken.")
    assert document["notes"]["states"] == "The file is broken."


@pytest.mark.parametrize(
    ("ffr", "band"),
    [(0.81, "normal"), (0.80, "grey"), (0.76, "grey"), (0.75, "abnormal"), (None, "unknown")],
)
def test_bands_follow_the_reporting_rule(ffr, band):
    assert band_of(ffr) == band


def test_a_remark_stands_once_with_the_entries_it_is_on():
    entries = [
        {"name": "a", "notes": {"x": "One.", "y": "One.", "z": "All."}},
        {"name": "b", "notes": {"z": "All."}},
    ]
    assert distinct_notes(entries) == ["a: One.", "All."]


def test_fitted_scales_hold_the_values_and_keep_their_symmetry():
    wss = fitted(WSS, np.linspace(0.0, 37.0, 1000))
    assert (wss.low, wss.high) == (0.0, 40.0)
    assert fitted(WSS, np.full(3, np.nan)).high == WSS.high


def test_ffr_colours_turn_at_the_clinical_bands():
    red, green, blue, _ = FFR.colormap()((0.70 - 0.5) / 0.5)
    assert red > 0.6 > green > blue - 0.2
    assert FFR.colormap()(1.0)[2] > 0.5


def test_labels_keep_off_the_vessel_and_each_other():
    taken = np.zeros((400, 600), dtype=bool)
    taken[190:210, :] = True
    anchors = np.array([[300.0, 200.0], [310.0, 200.0], [320.0, 200.0]])
    labels = place_labels(["LAD", "D1", "D2"], anchors, taken, font_px=20)
    assert len(labels) == 3
    for label in labels:
        assert abs(label.center[1] - 200.0) > 15.0
    centers = np.array([label.center for label in labels])
    gaps = np.abs(centers[:, None] - centers[None])
    assert all((gaps[i, j] > (20, 20)).any() for i in range(3) for j in range(i))


def test_a_label_without_room_is_left_out():
    taken = np.ones((100, 100), dtype=bool)
    assert place_labels(["LAD"], np.array([[50.0, 50.0]]), taken, font_px=20) == []


def test_views_share_one_scale_and_project_rightly():
    points = np.random.default_rng(3).normal(size=(500, 3)) * (30.0, 10.0, 20.0)
    views = three_views(points, 800)
    assert len({round(view.px_per_mm, 6) for view in views}) <= 2
    for view in views:
        assert view.right @ view.up == pytest.approx(0.0, abs=1e-12)
        pixels = view.project(points)
        assert (pixels >= 0).all()
        assert (pixels <= view.size).all()


def test_projection_puts_the_center_in_the_middle():
    view = View("", np.eye(3)[0], np.eye(3)[1], np.ones(3), 10.0, (200, 100))
    assert view.project(np.ones((1, 3))) == pytest.approx(np.array([[100.0, 50.0]]))
    assert view.project(np.array([[2.0, 1.0, 1.0]]))[0, 0] == pytest.approx(105.0)
