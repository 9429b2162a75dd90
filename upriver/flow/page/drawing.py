"""A view as shapes: boxes with their words, streams with their widths. The template only writes them down."""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model import Cut, Finding, River, Severity, Site
from ..words import SEVERITIES, clean, counted, norm, shape, shortened, size
from .fold import Pool, View, site_of
from .layout import Layout, Point, place

__all__ = ["Box", "Drawing", "Marks", "Scale", "draw", "file_name"]

MARGIN = 28.0
SEA = 58.0  # below the mouth
NARROW, WIDE = 2.5, 17.0  # of a stream
BED = 9.0  # of a dry one


@dataclass(frozen=True, slots=True)
class Scale:
    """How wide a gradient is: logarithmic, over at least two decades."""

    low: float
    high: float

    @staticmethod
    def of(river: River) -> Scale:
        """The scale on which all streams of a river can be told apart."""
        norms = [n for n in (node.norm for node in river.nodes) if n and math.isfinite(n) and n > 0]
        high = max(norms, default=1.0)
        return Scale(min(min(norms, default=1.0), high / 100), high)

    def width(self, value: float | None) -> float:
        """In pixels."""
        if value is None:
            return BED
        if not math.isfinite(value):
            return WIDE / 2
        if value <= 0:
            return 1.2
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return NARROW + (WIDE - NARROW) * min(max(share, 0.0), 1.0)


class Marks:
    """What a report says of lines, for the pools on them."""

    def __init__(self, findings: list[Finding], cuts: list[Cut]) -> None:
        self.worst: dict[tuple[str, int], Severity] = {}
        for finding in findings:
            key = (finding.site.file, finding.site.line)
            known = self.worst.get(key, "note")
            self.worst[key] = min(finding.severity, known, key=SEVERITIES.index)
        self.intended = {(cut.site.file, cut.site.line) for cut in cuts if cut.intended}

    def severity(self, pool: Pool) -> Severity | None:
        """The worst finding on the lines of a pool."""
        found = {self.worst.get((node.site.file, node.site.line)) for node in pool.nodes if node.site}
        return min((kind for kind in found if kind), key=SEVERITIES.index, default=None)

    def meant(self, pool: Pool) -> bool:
        """Whether a cut is one that the program says it wants."""
        return all(node.site and (node.site.file, node.site.line) in self.intended for node in pool.nodes)


@dataclass(slots=True)
class Box:
    """One pool, drawn around its middle."""

    id: int
    css: str
    x: float
    y: float
    width: float
    height: float
    title: str
    below: str
    mark: str  # the worst finding on its lines
    dams: int = 0  # cuts inside a fold


@dataclass(slots=True)
class Ribbon:
    """One stream, as a path."""

    css: str
    path: str
    width: float
    ends: tuple[int, int]
    title: str

    @property
    def bed(self) -> float:
        """The width of the bed beneath: banks on both sides of the water."""
        return BED if self.css == "dry" else round(self.width + 5, 1)


@dataclass(slots=True)
class Drawing:
    """All of a view, and its size."""

    boxes: list[Box] = field(default_factory=list)
    ribbons: list[Ribbon] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0
    mouths: list[Box] = field(default_factory=list)

    @property
    def fits(self) -> str:
        """The css class that lets a map of middling width shrink, while it can still be read."""
        return "shrinks" if 620 < self.width <= 860 else "shrinks-less" if 860 < self.width <= 1200 else ""


def file_name(site: Site) -> str:
    """The last part of a path, and the line."""
    return f"{site.file.replace(chr(92), '/').rpartition('/')[2]}:{site.line}"


def _width(text: str, each: float) -> float:
    """About how wide a text is."""
    return sum(each * (1.8 if unicodedata.east_asian_width(c) in "WF" else 1.0) for c in text)


def _within(path: str, view: View) -> str:
    """A dotted path as it is called in a module that a view shows the inside of."""
    inside = view.fold.module if view.fold else ""
    return (path + ".").removeprefix(inside + ".").rstrip(".") if inside else path


def _label(pool: Pool, view: View) -> str:
    """A pool's name, fitted."""
    text = clean(_within(pool.label, view) or pool.label)
    if len(text) <= 30:
        return text
    return "…" + text[-29:] if "." in text and " " not in text else shortened(text, 30)


def _below(pool: Pool, view: View) -> str:
    """The small print of a pool."""
    site = site_of(pool)
    if pool.kind == "leaf":
        return shape(pool.nodes[0].shape) if len(pool.nodes) == 1 else counted(len(pool.nodes), "parameter")
    if pool.kind == "fold":
        kept = f", {size(pool.bytes)}" if pool.bytes else ""
        return counted(pool.operators, "operator") + kept
    parts = [
        _within(pool.module, view) if pool.kind == "operator" else "",
        file_name(site) if site and site.line else "",
    ]
    return clean(shortened(" · ".join(filter(None, parts)), 36))


def _box(pool: Pool, number: int, view: View, marks: Marks, ids: Mapping[Pool, int]) -> Box:
    """A pool's box, not yet placed."""
    title, below = _label(pool, view), _below(pool, view)
    outside = number >= view.outside
    if outside:
        below = ""
    wide = max(_width(title, 7.9), _width(below, 6.2)) + (48 if pool.kind in ("leaf", "fold") else 30)
    css = [pool.kind, "dry" if pool.dry and pool.kind in ("leaf", "operator", "fold") else ""]
    css += ["outside" if outside else "", "meant" if pool.kind == "cut" and marks.meant(pool) else ""]
    dams = sum(node.kind == "cut" for node in pool.nodes) if pool.kind == "fold" else 0
    mark = marks.severity(pool) or ""
    tall = 24.0 if outside else 42.0 if below else 30.0
    return Box(ids[pool], " ".join(filter(None, css)), 0, 0, max(wide, 72.0), tall, title, below, mark, dams)


def draw(view: View, scale: Scale, marks: Marks, ids: Mapping[Pool, int]) -> Drawing:
    """The view, laid out."""
    boxes = [_box(pool, n, view, marks, ids) for n, pool in enumerate(view.pools)]
    light = {n for n, pool in enumerate(view.pools) if pool.kind == "leaf"}
    ends = [(stream.source, stream.target) for stream in view.streams]
    layout = place([(box.width, box.height) for box in boxes], ends, light)
    for box, (x, y) in zip(boxes, layout.centers, strict=True):
        box.x, box.y = round(x + MARGIN), round(y + MARGIN)
    mouths = [box for box in boxes if box.css.startswith("loss")]
    height = layout.height + 2 * MARGIN + (SEA if mouths else 0)
    drawing = Drawing(boxes, [], round(layout.width + 2 * MARGIN), round(height), mouths)
    _ribbons(drawing, view, layout, scale)
    return drawing


def _ribbons(drawing: Drawing, view: View, layout: Layout, scale: Scale) -> None:
    """The streams, side by side where they leave and enter a box."""
    widths = [scale.width(stream.norm) for stream in view.streams]
    routes = [[(x + MARGIN, y + MARGIN) for x, y in route] for route in layout.routes]
    offsets = _berths(drawing.boxes, view, routes, widths)
    for n, (stream, route) in enumerate(zip(view.streams, routes, strict=True)):
        points = _landed(route, drawing.boxes[stream.source], drawing.boxes[stream.target], offsets[n])
        odd = stream.norm is not None and not math.isfinite(stream.norm)
        css = "dry" if stream.norm is None else "odd" if odd else "still" if not stream.norm else "water"
        flows = "no gradient passes" if stream.norm is None else f"gradient norm {norm(stream.norm)}"
        ends = (drawing.boxes[stream.source].id, drawing.boxes[stream.target].id)
        drawing.ribbons.append(Ribbon(css, _path(points), round(widths[n], 1), ends, flows))
    drawing.ribbons.sort(key=lambda ribbon: ribbon.css != "dry")  # water over sand


def _berths(
    boxes: list[Box], view: View, routes: list[list[Point]], widths: list[float]
) -> list[tuple[float, float]]:
    """For each stream, how far from the middle of a box it leaves, and how far from another's it enters."""
    berths = [[0.0, 0.0] for _ in routes]
    sides: dict[tuple[int, bool], list[tuple[float, int, int]]] = defaultdict(list)
    for n, (stream, route) in enumerate(zip(view.streams, routes, strict=True)):
        falls = route[-1][1] > route[0][1]
        sides[stream.source, falls].append((route[1][0], n, 0))
        sides[stream.target, not falls].append((route[-2][0], n, 1))
    for (number, _), there in sides.items():
        room = boxes[number].width - 20
        total = sum(widths[n] for _, n, _ in there)
        shrink = min(1.0, room / total)
        left = -total * shrink / 2
        for _, n, end in sorted(there):
            berths[n][end] = left + widths[n] * shrink / 2
            left += widths[n] * shrink
    return [(leave, enter) for leave, enter in berths]


def _landed(route: list[Point], source: Box, target: Box, offsets: tuple[float, float]) -> list[Point]:
    """A route from the edge of one box to that of another."""
    falls = 1 if route[-1][1] > route[0][1] else -1
    start = (source.x + offsets[0], source.y + falls * source.height / 2)
    end = (target.x + offsets[1], target.y - falls * target.height / 2)
    return [start, *route[1:-1], end]


def _path(points: list[Point]) -> str:
    """A smooth way through the points, upright at each."""
    x, y = points[0]
    parts = [f"M{x:.0f} {y:.0f}"]
    for to_x, to_y in points[1:]:
        middle = (y + to_y) / 2
        parts.append(f"C{x:.0f} {middle:.0f} {to_x:.0f} {middle:.0f} {to_x:.0f} {to_y:.0f}")
        x, y = to_x, to_y
    return "".join(parts)
