"""The report as one page of HTML: the river as a map, the source with its margins, and what was found.

The page is self-contained. It loads nothing, and its content security policy forbids it to; its one script
and its one style sheet are named there by their hashes: nothing else could run even if it came in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .model import Backward, LeafFlow, Report, Site
from .page.details import Details
from .page.drawing import Marks, Scale, draw
from .page.fold import Pool, View, views
from .page.listing import Listing, anchors, listings
from .words import (
    ALL_WELL,
    SEVERITIES,
    clean,
    counted,
    fold_families,
    fold_leaves,
    fold_members,
    norm,
    severities,
    shape,
    size,
    where,
    worst_first,
)

if TYPE_CHECKING:
    from jinja2 import Environment, Template

__all__ = ["fragment", "page"]

TEMPLATES = Path(__file__).parent / "templates"
ROOM = 1_400_000  # bytes of the packed maps
MANY = 200  # findings, rows of a table; what is left out is counted


def page(report: Report, sources: Mapping[str, str] | None = None) -> str:
    """The report as a page. `sources` gives the text of files; without it, those that exist are read.

    ImportError where jinja2 is missing. The result is text for a UTF-8 file.
    """
    environment = _environment()
    backwards = sorted(report.backwards, key=_trouble)
    listing = listings(report, sources)
    rivers = _Rivers(environment.get_template("map.svg.jinja"), report, listing)
    for backward in backwards:
        rivers.add(backward)
    style, script = (_text(name) for name in ("report.css", "report.js"))
    text = environment.get_template("page.html.jinja").render(
        report=report, backwards=backwards, rivers=rivers, pack=rivers.packed(), listing=listing,
        anchors=anchors(listing), counts=severities(report), findings=worst_first(report.findings),
        glance=_glance(report), severities=SEVERITIES, all_well=ALL_WELL, many=MANY,
        style=style, script=script, style_hash=_hash(style), script_hash=_hash(script),
    )  # fmt: skip
    return text.encode("utf-8", "backslashreplace").decode()  # a lone surrogate has no UTF-8


def fragment(report: Report, sources: Mapping[str, str] | None = None) -> str:
    """The page in a frame of its own, for a notebook: neither can reach into the other."""
    template = _environment().get_template("fragment.html.jinja")
    return template.render(page=page(report, sources), title=f"flow report {clean(report.script)}".strip())


@cache
def _environment() -> Environment:
    """The templates, everything escaped."""
    try:
        import jinja2
    except ImportError as error:
        raise ImportError("the HTML report needs jinja2: pip install 'upriver[tools]'") from error
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"clean": clean, "size": size, "norm": norm, "shape": shape, "where": where}
    environment.globals |= {
        "counted": counted, "fold_families": fold_families, "fold_leaves": fold_leaves,
        "fold_members": fold_members,
    }  # fmt: skip
    return environment


@cache
def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """As a content security policy names a script or a style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _trouble(backward: Backward) -> int:
    """Backwards with blocked gradients come first."""
    return -sum(leaf.status in ("cut", "structurally-zero") for leaf in backward.leaves)


def _glance(report: Report) -> list[tuple[str, str, Site | None]]:
    """A report in a few numbers: name, value, and the statement that it is about."""
    leaves = [leaf for backward in report.backwards for leaf in backward.leaves]
    reached = [leaf for leaf in leaves if leaf.status == "reached" and leaf.grad_norm is not None]
    facts: list[tuple[str, str, Site | None]] = []
    if leaves:
        facts.append(("leaves reached", f"{len(reached):,} of {len(leaves):,}", None))
    if reached:
        small, large = (pick(reached, key=_grad_norm) for pick in (min, max))
        facts += [
            ("largest gradient", f"{norm(large.grad_norm)}  {clean(large.name)}", large.created),
            ("smallest gradient", f"{norm(small.grad_norm)}  {clean(small.name)}", small.created),
        ]
    if report.memory.keepers:
        most = report.memory.keepers[0]
        facts.append(("keeps the most", f"{size(most.bytes)}  {clean(most.operator)}", most.site))
    return facts


def _grad_norm(leaf: LeafFlow) -> float:
    return leaf.grad_norm or 0.0


class _Rivers:
    """The maps of a report: the first in the page itself, all in a pack that the page's script opens."""

    def __init__(self, template: Template, report: Report, listing: list[Listing]) -> None:
        self.template = template
        self.marks = Marks(report.findings, report.cuts)
        self.cuts = report.cuts
        self.anchors = anchors(listing)
        self.roots: list[int] = []  # the view of each backward's whole river
        self.first = ""
        self.left_out = 0  # views without room
        self.maps: list[dict[str, Any]] = []

    def add(self, backward: Backward) -> None:
        """Draw a backward's river, and the insides of its folds."""
        self.roots.append(len(self.maps))
        found = list(views(backward.river))
        start, ids = len(self.maps), _numbered(found, self.maps)
        number = {view: start + n for n, view in enumerate(found)}
        inside = {view.fold: number[view] for view in found if view.fold}
        scale, details = Scale.of(backward.river), Details(backward.leaves, self.cuts, self.anchors)
        for view in found:
            drawing = draw(view, scale, self.marks, ids)
            svg = self.template.render(map=drawing, title=view.title)
            self.first = self.first or svg
            pools = {ids[pool]: details.of(pool, inside.get(pool)) for pool in view.pools[: view.outside]}
            up = number[view.parent] if view.parent else None
            self.maps.append({"title": clean(view.title), "up": up, "svg": svg, "pools": pools})

    def packed(self) -> str:
        """All maps, compressed, as text; the innermost are left out where there are too many."""
        roots = set(self.roots)
        order = sorted(range(len(self.maps)), key=lambda number: number not in roots)
        while True:
            data = json.dumps({"maps": {number: self.maps[number] for number in order}, "roots": self.roots})
            packed = base64.b64encode(zlib.compress(data.encode())).decode()
            if len(packed) <= ROOM or len(order) < 2:
                self.left_out = len(self.maps) - len(order)
                return packed
            order = order[: len(order) * 3 // 4]


def _numbered(found: list[View], before: list[dict[str, Any]]) -> dict[Pool, int]:
    """A number for each pool, unlike those of the maps before."""
    start = 1 + max((number for one in before for number in one["pools"]), default=-1)
    ids: dict[Pool, int] = {}
    for view in found:
        for pool in view.pools:
            ids.setdefault(pool, start + len(ids))
    return ids
