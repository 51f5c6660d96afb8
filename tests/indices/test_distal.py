"""Where the FFR of a lesion is read, and what is said of the place."""

from dataclasses import replace

import numpy as np
import pytest

from corohemo.indices.compute import compute_indices
from corohemo.indices.distal import FARTHEST, NEAREST, read_distal
from corohemo.indices.ffr import VesselPath, compute_ffr, vessel_path
from corohemo.lumen import Lumen

DISTANCE = 15e-3


@pytest.fixture
def vessel():
    """A vessel of 100 mm with two branches whose FFR falls by 0.001 per mm."""
    abscissa = np.linspace(0.0, 0.1, 101)
    ffr = 1.0 - abscissa
    return VesselPath((0, 1), ("trunk", "main"), (0.0, 0.03), abscissa, 12e3 * ffr, ffr)


@pytest.fixture
def read(tools, vessel):
    """Reading behind the first of some lesions of branch "main", from their borders in mm."""

    def lesion(name, start, end):
        borders = (1e-3 * start, 5e-4 * (start + end), 1e-3 * end)
        return replace(tools.make_lesion(*borders, branch="main"), name=name)

    def reading(*borders, distance=DISTANCE):
        lesions = [lesion(name, *pair) for name, pair in zip("abcd", borders, strict=False)]
        return read_distal(vessel, lesions[0], distance=distance, lesions=lesions)

    return reading


def test_lesion_of_the_trunk_is_read_in_the_daughter(tools):
    tree = tools.y_tree()
    path = vessel_path(compute_ffr(tree.solution, tree.lumen), tree.lumen, (0, 1))
    lesion = tools.make_lesion(5e-3, 8e-3, 12e-3, branch="trunk")
    reading = read_distal(path, lesion, distance=DISTANCE, lesions=(lesion,))
    assert (reading.branch, reading.note) == ("big", None)
    assert reading.abscissa == pytest.approx(27e-3)
    assert path.ffr[-1] < reading.ffr < path.ffr_at(20e-3)


@pytest.mark.parametrize(("start", "end"), [(0.1, 4.0), (31.0, 39.0), (40.0, 40.5)])
def test_a_single_lesion_is_read_at_the_distance_asked_for(read, start, end):
    for distance in (10e-3, 15e-3, 20e-3):
        reading = read((start, end), distance=distance)
        assert reading.abscissa == pytest.approx(1e-3 * end + distance)
        assert reading.ffr == pytest.approx(1.0 - reading.abscissa)
        assert reading.note is None


@pytest.mark.parametrize(("end", "words"), [(94.0, "ends 6.0 mm"), (100.0, "ends 0.0 mm")])
def test_reading_stops_at_the_vessels_end_and_says_so(read, vessel, end, words):
    reading = read((85.0, end))
    assert reading.abscissa == pytest.approx(vessel.end)
    assert reading.ffr == vessel.ffr[-1]
    assert words in reading.note


def test_an_end_beyond_ten_millimetres_needs_no_words(read, vessel):
    reading = read((80.0, 88.0))
    assert reading.abscissa == vessel.end
    assert reading.note is None


def test_reading_names_the_lesions_it_includes(read):
    reading = read((40.0, 44.0), (46.0, 48.0))
    assert reading.abscissa == pytest.approx(59e-3)
    assert reading.note == "The reading includes the drop of b."


def test_a_reading_keeps_out_of_the_throat_of_the_next_lesion(read):
    """11 mm behind the first lesion the second begins; 15 mm would lie inside it."""
    reading = read((40.0, 50.0), (61.0, 70.0))
    assert reading.abscissa == pytest.approx(61e-3)
    assert reading.note == "FFR is read 11.0 mm behind lesion a, where the next lesion begins."


def test_two_lesions_five_millimetres_apart_are_read_behind_both(read):
    reading = read((40.0, 50.0), (55.0, 64.0))
    assert reading.abscissa == pytest.approx(70e-3)
    assert "6.0 mm behind lesion b" in reading.note
    assert "includes the drop of b" in reading.note


def test_a_lesion_that_takes_the_whole_stretch_is_read_behind(read):
    reading = read((40.0, 50.0), (55.0, 72.0))
    assert reading.abscissa == pytest.approx(87e-3)
    assert "37.0 mm behind lesion a, 15.0 mm behind lesion b" in reading.note


def test_no_reading_lies_in_a_lesion_or_nearer_than_ten_millimetres(read):
    """And none farther than twenty unless lesions fill all that lies between."""
    rng = np.random.default_rng(7)
    for _ in range(300):
        edges = 5.0 + np.cumsum(rng.uniform(0.5, 9.0, 8))
        borders = tuple(edges.reshape(-1, 2))
        reading = read(*borders, distance=rng.uniform(NEAREST, FARTHEST))
        place, end = 1e3 * reading.abscissa, borders[0][1]
        assert place >= min(end + 10.0, 100.0) - 1e-9
        assert not any(low + 1e-9 < place < high - 1e-9 for low, high in borders)
        free = [p for p in np.arange(end + 10.0, end + 20.0, 0.01)
                if not any(low <= p <= high for low, high in borders)]  # fmt: skip
        assert (place <= end + 20.0 + 1e-9) == bool(free) or place == 100.0


def test_a_lesion_of_another_vessel_is_no_obstacle(tools, vessel):
    first = replace(tools.make_lesion(40e-3, 45e-3, 50e-3, branch="main"), name="a")
    other = replace(tools.make_lesion(60e-3, 65e-3, 70e-3, branch="side"), name="b")
    reading = read_distal(vessel, first, distance=DISTANCE, lesions=(first, other))
    assert reading.abscissa == pytest.approx(65e-3)
    assert reading.note is None


def test_lesion_at_the_ostium_has_its_drop_behind_the_inlet_and_says_what_it_lacks(tools):
    """It starts at the inlet face, where FFR is one; the blood was accelerated before it."""
    tube = tools.poiseuille_tube()
    lesion = tools.make_lesion(0.0, 4e-3, 8e-3)
    item = compute_indices(tube.solution, Lumen(tube.lumen.branches, (lesion,))).lesions[0]
    assert item.delta_ffr == pytest.approx((1.0 - item.ffr_ct) * 8.0 / 23.0, rel=1e-3)
    assert item.ffr_ct_position == pytest.approx(23e-3)
    assert "begins at the ostium" in item.notes["ffr_ct"]
