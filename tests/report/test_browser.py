"""The pages in headless Chromium: offline, without errors, and what is under the cursor."""

import csv

import numpy as np
import pytest

from .browser import chromium, opened

pytestmark = pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")

READY = "document.getElementById('explore')?.dataset.ready"
MARKED = "JSON.parse(document.getElementById('explore').dataset.marked)"
MIB = 1 << 20
PLACES = """(() => {
  const tree = document.getElementById("tree"), box = tree.getBoundingClientRect();
  const {model, view, projection} = tree._fullLayout.scene._scene.glplot.cameraParams;
  const four = [0, 1, 2, 3];
  const times = (m, v) => four.map((r) => four.reduce((s, c) => s + m[4 * c + r] * v[c], 0));
  const scale = tree._fullLayout.scene._scene.dataScale, mesh = tree._fullData[0];
  return indices => indices.map((n) => {
    const point = [mesh.x[n] * scale[0], mesh.y[n] * scale[1], mesh.z[n] * scale[2], 1];
    const clip = times(projection, times(view, times(model, point)));
    const [across, down] = [0.5 + 0.5 * clip[0] / clip[3], 0.5 - 0.5 * clip[1] / clip[3]];
    return [box.x + across * box.width, box.y + down * box.height];
  });
})()"""
LISTEN = """(() => {
  const tree = document.getElementById("tree");
  tree.on("plotly_hover", (event) => {
    const point = event.points[0];
    if (point.curveNumber === 0) window.hovered = {n: point.pointNumber};
  });
  return true;
})()"""


@pytest.fixture(scope="module")
def page(reduced_case, tmp_path_factory):
    with opened(reduced_case / "report.html", tmp_path_factory.mktemp("profile")) as page:
        page.wait(READY)
        page.evaluate("document.getElementById('explore').scrollIntoView()")
        page.evaluate(LISTEN)
        yield page


def hover(page, n):
    """What the tree says at the cursor, moved to a vertex: number and lines of the label."""
    ((x, y),) = page.evaluate(f"{PLACES}([{n}])")
    page.evaluate("window.hovered = null")
    for step in (3.0, 0.0):
        page.move(x + step, y + step)
    found = page.wait("window.hovered")
    shown = page.wait("document.querySelector('#tree .hovertext')?.textContent")
    return found["n"], shown


VERTICES = """(name) => {
  const data = JSON.parse(document.getElementById("case").textContent);
  const own = data.branches.findIndex((one) => one.name === name);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const branch = new Uint16Array(bytes(data.surface.branch));
  const at = new Float32Array(bytes(data.surface.abscissa_mm));
  return [...at.keys()].filter((n) => branch[n] === own).map((n) => [n, at[n]]);
}"""


def vertices(page, branch):
    """Vertices of a branch and their abscissas."""
    return page.evaluate(f"({VERTICES})('{branch}')")


def test_page_loads_offline_without_errors_within_15_mb(page, reduced_case):
    assert page.errors == []
    assert {url.split(":")[0] for url in page.requests} <= {"file", "data", "blob"}
    assert sum(url.startswith("file") for url in page.requests) == 1
    assert (reduced_case / "report.html").stat().st_size < 15 * MIB


@pytest.mark.parametrize("branch", ["pLAD", "D1", "dCx"])
def test_ffr_under_the_cursor_is_that_of_the_pullback(page, reduced_case, branch):
    with (reduced_case / "sections.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["state"] == "hyperemic"]
    own = vertices(page, branch)
    n, text = hover(page, own[len(own) // 2][0])
    value, place = text.split(" from the ostium")[0].removeprefix("FFR ").split(branch + ", ")
    at, ffr = np.array(
        [[row["abscissa_mm"], row["ffr"]] for row in rows if row["branch"] == branch], dtype=float
    ).T
    abscissas = dict(own)
    assert float(place.removesuffix(" mm")) == pytest.approx(abscissas[n], abs=0.051)
    assert float(value) == pytest.approx(np.interp(abscissas[n], at, ffr), abs=5.1e-4)


def test_ffr_under_the_cursor_at_a_tip_is_that_of_the_result(page, reduced_result):
    for vessel in ("dLAD", "OM1"):
        entry = next(one for one in reduced_result["vessels"] if one["name"] == vessel)
        own = vertices(page, vessel)
        end = max(at for _, at in own)
        n, text = hover(page, next(n for n, at in own if at == end))
        assert dict(own)[n] > end - 1.5
        value = float(text.removeprefix("FFR ").split(vessel)[0])
        assert value == pytest.approx(entry["ffr_ct_distal"], abs=1.6e-3)


def marked(page):
    return page.evaluate(MARKED)


def readout(page):
    return dict(
        page.evaluate(
            "[...document.getElementById('readout').rows]"
            ".map((row) => [...row.cells].map((cell) => cell.textContent))"
        )
    )


def test_a_click_on_the_tree_marks_the_pullback(page):
    own = vertices(page, "OM2")
    n, text = hover(page, own[len(own) // 2][0])
    before = marked(page)
    page.click(*page.evaluate(f"{PLACES}([{own[len(own) // 2][0]}])")[0])
    page.wait(f"{MARKED}.branch !== '{before['branch']}'")
    place = marked(page)
    assert place == {"branch": "OM2", "abscissa_mm": pytest.approx(dict(own)[n])}
    assert text.startswith(f"FFR {readout(page)['FFR']}")
    vessel = page.evaluate("document.getElementById('vessel').selectedOptions[0].textContent")
    assert vessel.startswith("OM2")
    lines = page.evaluate("document.getElementById('pullback').layout.shapes.map((one) => one.x0)")
    assert place["abscissa_mm"] in lines


def test_a_click_in_the_pullback_marks_the_tree_and_reads_the_result(page, reduced_result):
    names = [one["name"] for one in reduced_result["vessels"]]
    entry = next(one for one in reduced_result["vessels"] if one["name"] == "D2")
    page.evaluate(
        f"(() => {{ const s = document.getElementById('vessel'); s.value = {names.index('D2')};"
        "s.dispatchEvent(new Event('change')); })()"
    )
    page.wait(f"{MARKED}.branch === 'D2'")
    assert marked(page)["abscissa_mm"] == pytest.approx(entry["ffr_ct_position_mm"])
    assert float(readout(page)["FFR"]) == pytest.approx(entry["ffr_ct"], abs=5.1e-4)
    lesion = next(one for one in reduced_result["lesions"] if one["name"] == "pLAD-1")
    x, y = page.evaluate(
        "(() => { const p = document.getElementById('pullback'), l = p._fullLayout;"
        "const b = p.getBoundingClientRect();"
        f"return [b.x + l.xaxis._offset + l.xaxis.d2p({lesion['ffr_ct_position_mm']}),"
        f"b.y + l.yaxis._offset + l.yaxis.d2p({lesion['ffr_ct']})]; }})()"
    )
    page.move(x - 2, y)
    page.move(x, y)
    page.wait("document.querySelector('#pullback .hovertext')?.textContent.includes('FFR')")
    page.click(x, y)
    page.wait(f"{MARKED}.branch === 'mLAD'")
    assert float(readout(page)["FFR"]) == pytest.approx(lesion["ffr_ct"], abs=5.1e-4)
    ring = page.evaluate("(({x, y, z}) => [x, y, z])(document.getElementById('tree').data[1])")
    with_place = page.evaluate(
        "JSON.parse(document.getElementById('case').textContent)"
        ".branches.find((one) => one.name === 'mLAD')"
    )
    at = lesion["ffr_ct_position_mm"]
    center = [np.interp(at, with_place["abscissa_mm"], with_place[f"{a}_mm"]) for a in "xyz"]
    assert np.mean(np.array(ring)[:, :-1], axis=1) == pytest.approx(np.array(center), abs=0.02)


def test_what_the_reduced_model_lacks_is_a_sentence_in_the_page(page):
    for key in ("wss", "aps"):
        assert page.evaluate(f"document.querySelector('[data-quantity={key}]').disabled")
    text = page.evaluate("document.getElementById('explore').innerText")
    assert "The reduced model has no wall" in text
    assert "Research use only" in page.evaluate("document.querySelector('header').innerText")


def test_wall_shear_and_plaque_stress_have_their_own_colours_and_print_shows_pictures(
    wall_case, tmp_path
):
    with opened(wall_case / "report.html", tmp_path) as page:
        page.wait(READY)
        shown = {}
        for key in ("ffr", "wss", "aps"):
            page.evaluate(f"document.querySelector('[data-quantity={key}]').click()")
            page.wait(
                f"document.querySelector('[data-quantity={key}][aria-pressed=true]') !== null"
            )
            colors, texts = page.evaluate(
                "(({vertexcolor, text}) => [vertexcolor, text])"
                "(document.getElementById('tree').data[0])"
            )
            shown[key] = tuple(colors)
            assert all(key.upper() in one and "from the ostium" in one for one in texts)
        assert len(set(shown.values())) == 3
        assert any("outside of lesions" in one for one in texts)
        assert any(" Pa<" in one for one in texts)
        assert page.errors == []
        heights = (
            "[...document.querySelectorAll('.explore, .still')].map((one) => one.offsetHeight > 0)"
        )
        assert page.evaluate(heights) == [True, False, False, False]
        page.resize(400, 800)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        page.media("print")
        assert page.evaluate(heights) == [False, True, True, True]


def test_dashboard_sorts_filters_and_links_what_is_there(cohort, tmp_path):
    with opened(cohort / "dashboard.html", tmp_path) as page:
        column = (
            "[...document.querySelectorAll('.sortable tbody tr')]"
            ".filter((row) => !row.hidden).map((row) => row.cells[0].textContent)"
        )
        button = "document.querySelectorAll('.sortable thead button')[2].click()"
        page.evaluate(button)
        assert page.evaluate(column) == ["ds70", "ds50", "ds30"]
        page.evaluate(button)
        assert page.evaluate(column) == ["ds30", "ds50", "ds70"]
        page.evaluate(
            "(() => { const find = document.getElementById('find'); find.value = 'ds50';"
            "find.dispatchEvent(new Event('input')); })()"
        )
        assert page.evaluate(column) == ["ds50"]
        links = page.evaluate("[...document.links].map((one) => one.getAttribute('href'))")
        assert all((cohort / link).is_file() for link in links)
        assert page.errors == []
        assert len(page.requests) == 1
