"""The report as a page: self-contained, escaped, small, no overlaps; and in a browser, where there is one."""

from __future__ import annotations

import base64
import html
import json
import re
import sys
import time
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.flow import reports
from tests.flow.browser import Tab, chromium
from tests.flow.samples import Mapper
from upriver.flow import html as faces
from upriver.flow.html import fragment, page
from upriver.flow.model import MapEdge, Report, River, Site
from upriver.flow.page.drawing import Marks, Scale, draw
from upriver.flow.page.fold import LIMIT, SPRINGS, views
from upriver.flow.page.layout import place
from upriver.flow.page.tidy import tidied

pytest.importorskip("jinja2")

SAMPLES = {
    "healthy": reports.healthy,
    "broken": reports.broken,
    "transformer": lambda: reports.transformer(12, cut_after=8),
    "hostile": reports.hostile,
    "huge": reports.huge,
}
PAGES: dict[str, str] = {}


def made(name: str) -> str:
    """The page of a sample, made once."""
    if name not in PAGES:
        PAGES[name] = page(*SAMPLES[name]())
    return PAGES[name]


def pack(text: str) -> Any:
    """The maps that a page carries."""
    found = re.search(r'id="pack">([^<]*)<', text)
    assert found
    return json.loads(zlib.decompress(base64.b64decode(found[1])))


class Reader(HTMLParser):
    """Notes every element and attribute."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_loaded_and_nothing_is_smuggled_in(name: str) -> None:
    text = made(name)
    maps = "".join(one["svg"] for one in pack(text)["maps"].values())
    for part in (text, maps):
        reader = Reader(part)
        assert not {"img", "link", "iframe", "object", "embed", "base", "form", "image", "use"} & set(
            reader.tags
        )
        for attribute, value in reader.attributes:
            assert not attribute.startswith("on") and attribute not in ("src", "style"), attribute
            assert attribute != "href" or (value or "").startswith("#"), value
    assert Reader(text).tags.count("script") == 2 and Reader(text).tags.count("style") == 1
    assert "script" not in Reader(maps).tags
    assert "default-src 'none'" in text and "http" not in text.replace("http-equiv", "")


def test_the_policy_names_the_script_and_the_style() -> None:
    text = made("broken")
    for tag, name in (("script", "report.js"), ("style", "report.css")):
        source = (faces.TEMPLATES / name).read_text()
        assert f"<{tag}>{source}</{tag}>" in text
        assert (
            f"{tag}-src &#39;{faces._hash(source)}&#39;" in text
            or f"{tag}-src '{faces._hash(source)}'" in text
        )


def test_what_the_report_says_is_there() -> None:
    text = html.unescape(made("broken"))
    for part in (
        "2 errors", "1 warning", "1 note", "examples/broken.py --epochs 1",
        "No gradient reaches the 4 parameters",
        'features = h.detach()  # "saves memory"', "leave its parameters out of the optimizer", "encoder.*",
        "structurally zero", "history[...]", "w → w.grad → MulBackward0 → w", "unseen by autograd",
        "detach, stops 4 leaves", "argmax, as intended", "10.8 kB",
    ):  # fmt: skip
        assert part in text, part
    assert "every gradient arrives" not in text and "every gradient arrives" in made("healthy")


def test_places_lead_to_their_lines() -> None:
    text = made("broken")
    for anchor in re.findall(r'href="#(f\d+-\d+|finding-\d+|found)"', text):
        assert f'id="{anchor}"' in text
    assert 'href="#f0-17"' in text


def test_pools_tell_of_lines_tensors_and_leaves() -> None:
    maps = pack(made("broken"))["maps"]
    told = {one["title"]: one for one in maps["0"]["pools"].values()}
    assert told["div"]["saves"] == [["dividend", "2.6 kB", "divisor"], ["divisor", "4 B", "dividend"]]
    assert told["div"]["lines"][0][:3] == [
        "examples/broken.py:18", "logits = head(features) / temperature.round()", "f0-18",
    ]  # fmt: skip
    assert ["cut by", "detach  examples/broken.py:17"] in told["encoder.0.weight"]["facts"]
    assert ["cuts off", "h: float32[64, 32] made by linear"] in told["detach"]["facts"]


def test_sources_are_read_where_they_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report, sources = reports.healthy()
    assert "adam.step()" not in page(report)  # only the lines that the report names
    (tmp_path / "train.py").write_text(sources["train.py"])
    assert "adam.step()" in page(report)


def test_ten_thousand_operators_are_two_megabytes_at_most() -> None:
    begin = time.perf_counter()
    text = page(*reports.huge())
    assert len(text.encode()) < 2_000_000
    assert time.perf_counter() - begin < 30  # about 2 seconds where nothing else runs
    assert re.search(r"\d+ inner maps? left out", text) or len(pack(text)["maps"]) > 500


def test_a_page_is_utf_8() -> None:
    assert "\\ud800" in made("hostile").encode("utf-8").decode()


def test_an_empty_report_has_a_page() -> None:
    assert "No backward ran" in page(Report("torch", "2.13.0"))


def test_a_fragment_is_a_frame_that_holds_the_page() -> None:
    report, sources = reports.broken()
    [(_, held)] = [pair for pair in Reader(fragment(report, sources)).attributes if pair[0] == "srcdoc"]
    assert held == page(report, sources)


def test_without_jinja2_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    faces._environment.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"pip install 'upriver\[tools\]'"):
        page(Report("torch", "2.13.0"))
    faces._environment.cache_clear()


# the map


def recurrent(steps: int) -> River:
    """A loop: each line feeds the other, as in a recurrent network."""
    m = Mapper()
    weight = m.node("leaf", "w", norm=1.0)
    first = m.node("operator", "matmul", weight, norm=1.0, count=steps)
    second = m.node("operator", "tanh", first, norm=1.0, count=steps)
    m.river.edges.append(MapEdge(second, first, 1.0))
    m.node("loss", "loss", second, norm=1.0)
    return m.river


RIVERS = {
    "healthy": reports.healthy()[0].backwards[0].river,
    "broken": reports.broken()[0].backwards[0].river,
    "transformer": reports.transformer()[0].backwards[0].river,
    "huge": reports.huge(3000)[0].backwards[0].river,
    "recurrent": recurrent(50),
    "empty": River(),
}


@pytest.mark.parametrize("name", RIVERS)
def test_every_node_can_be_reached_and_every_map_can_be_read(name: str) -> None:
    seen: set[int] = set()
    for view in views(RIVERS[name]):
        own = view.pools[: view.outside]
        assert sum(pool.kind != "leaf" for pool in own) <= LIMIT
        assert sum(pool.kind == "leaf" for pool in own) <= max(2 * LIMIT, SPRINGS)
        seen |= {pool.nodes[0].id for pool in own if len(pool.nodes) == 1}
        seen |= {node.id for pool in own if pool.kind == "leaf" for node in pool.nodes}
    assert seen == {node.id for node in tidied(RIVERS[name]).nodes}


def test_parts_of_a_call_are_drawn_as_the_call() -> None:
    """As PyTorch records `linear`: two nodes that no line called, listed from the loss upwards."""
    at, m = Site("a.py", 3, "<module>", "y = f(x)"), Mapper()
    loss = m.node("loss", "loss", norm=1.0)
    call = m.node("operator", "linear", norm=1.0, module="f", site=at, bytes=1)
    inner = m.node("operator", "AddmmBackward0", norm=1.0, bytes=7, saves=[("mat1", 7, "mat2")])
    turned = m.node("operator", "TBackward0", norm=1.0)
    weight = m.node("leaf", "f.weight", norm=1.0)
    chain = [weight, turned, inner, call, loss]
    m.river.edges = [MapEdge(a, b, 1.0) for a, b in pairwise(chain)]
    tidy = tidied(m.river)
    assert [node.label for node in tidy.nodes] == ["f.weight", "linear", "loss"]
    assert (tidy.nodes[1].bytes, tidy.nodes[1].saves) == (8, [("mat1", 7, "mat2")])
    assert [(edge.source, edge.target) for edge in tidy.edges] == [(0, 1), (1, 2)]


@pytest.mark.parametrize("name", RIVERS)
def test_boxes_do_not_overlap_and_water_runs_down(name: str) -> None:
    river = RIVERS[name]
    for view in list(views(river))[:40]:
        drawing = draw(view, Scale.of(river), Marks([], []), {pool: n for n, pool in enumerate(view.pools)})
        boxes = drawing.boxes
        for n, one in enumerate(boxes):
            assert one.x >= one.width / 2 and one.x + one.width / 2 <= drawing.width
            for other in boxes[:n]:
                apart_x = abs(one.x - other.x) >= (one.width + other.width) / 2
                assert apart_x or abs(one.y - other.y) >= (one.height + other.height) / 2
        rising = [s for s in view.streams if boxes[s.source].y >= boxes[s.target].y]
        assert len(rising) <= (1 if name == "recurrent" else 0)


def test_wider_is_larger_and_dry_is_dry() -> None:
    scale = Scale(1e-6, 1.0)
    widths = [scale.width(value) for value in (0.0, 1e-6, 1e-3, 1.0, 50.0)]
    assert widths == sorted(widths) and widths[-1] == widths[-2]
    [view] = views(RIVERS["broken"])
    drawing = draw(view, Scale.of(RIVERS["broken"]), Marks([], []), {p: n for n, p in enumerate(view.pools)})
    css = [ribbon.css for ribbon in drawing.ribbons]
    assert css.count("dry") == 8 and css.count("still") == 2 and css.count("water") == 5


def test_a_layout_of_nothing() -> None:
    layout = place([], [], set())
    assert (layout.centers, layout.routes, layout.width, layout.height) == ([], [], 0.0, 0.0)


# in a browser


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with chromium() as opened:
        opened.size(1440, 1000)
        yield opened


def opened(tab: Tab, folder: Path, name: str) -> float:
    """Show a sample; the seconds that it took."""
    file = folder / f"{name}.html"
    file.write_text(made(name), encoding="utf-8")
    seconds = tab.open(file)
    assert tab.requests == [file.as_uri()]
    return seconds


@pytest.mark.browser
@pytest.mark.parametrize("name", SAMPLES)
def test_it_opens_quickly_and_asks_for_nothing(tab: Tab, tmp_path: Path, name: str) -> None:
    assert opened(tab, tmp_path, name) < 3
    assert tab.run("document.querySelectorAll('#map .pool').length") > 3
    assert tab.run("document.documentElement.scrollWidth <= innerWidth")
    assert not tab.problems


@pytest.mark.browser
def test_light_and_dark_differ(tab: Tab, tmp_path: Path) -> None:
    opened(tab, tmp_path, "broken")
    colors = {}
    for scheme in ("light", "dark"):
        tab.scheme(scheme)
        colors[scheme] = tab.run("getComputedStyle(document.body).backgroundColor")
        assert len(tab.picture(tmp_path / f"{scheme}.png")) > 20_000
    assert colors["light"] != colors["dark"]


@pytest.mark.browser
def test_a_click_looks_inside_and_escape_comes_out(tab: Tab, tmp_path: Path) -> None:
    opened(tab, tmp_path, "transformer")
    trail = "document.getElementById('trail').innerText.replace(/\\s+/g, ' ')"
    tab.click("#map .pool.fold")
    assert tab.run(trail) == "the whole river \u203a encoder.layers.0"
    assert "13" in tab.run("document.getElementById('panel').innerText")
    tab.press("Escape")
    assert tab.run("document.getElementById('trail').hidden")
    assert "encoder.layers.0" in tab.run("document.activeElement.textContent")
    assert not tab.problems


@pytest.mark.browser
def test_the_keyboard_is_enough(tab: Tab, tmp_path: Path) -> None:
    opened(tab, tmp_path, "broken")
    tab.run("document.querySelector('#map .pool.cut').focus()")
    tab.press("ArrowDown")
    assert "linear" in tab.run("document.activeElement.textContent")
    tab.press("Enter")
    panel = tab.run("document.getElementById('panel').innerText")
    assert "gradient norm" in panel and "input, for the gradient of weight" in panel
    tab.press("Escape")
    assert tab.run("document.getElementById('panel').hidden")


@pytest.mark.browser
def test_a_pool_leads_to_its_line(tab: Tab, tmp_path: Path) -> None:
    opened(tab, tmp_path, "broken")
    tab.click("#map .pool.cut")
    tab.click("#panel a")
    assert tab.run("location.hash") == "#f0-17"
    assert "h.detach()" in tab.run("document.querySelector(':target').innerText")


@pytest.mark.browser
def test_no_text_of_the_report_is_read_as_markup(tab: Tab, tmp_path: Path) -> None:
    opened(tab, tmp_path, "hostile")
    for kind in ("leaf", "cut", "operator", "loss"):
        tab.click(f"#map .pool.{kind}")
        assert "<img" in tab.run("document.getElementById('panel').innerText")
        assert tab.run("document.querySelectorAll('img, #map script, #panel svg, #panel style').length") == 0
    assert not tab.problems


@pytest.mark.browser
def test_the_fragment_works_in_its_frame(tab: Tab, tmp_path: Path) -> None:
    file = tmp_path / "notebook.html"
    ready = "<script>onload = () => document.documentElement.dataset.ready = 'yes'</script>"
    file.write_text(f"<!doctype html><html><body>{fragment(*reports.broken())}{ready}</body></html>")
    tab.open(file)
    assert len(tab.picture(tmp_path / "notebook.png")) > 20_000
    assert not tab.problems
