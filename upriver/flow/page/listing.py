"""The user's source with what the report says of each line in its margins."""

from __future__ import annotations

import io
import keyword
import linecache
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..model import Report, Site
from ..words import clean, counted, size, worst_first

__all__ = ["Listing", "Note", "Row", "anchors", "listings"]

WHOLE = 400  # lines of a file that is shown from end to end
AROUND = 5  # lines before and after one that is told of
ROWS = 1500  # of all listings together
LONG = 240  # characters of a line
PAINTED = 4000  # lines of a file that is read as Python, for its colours

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Note:
    """One entry in the right margin."""

    css: str  # a severity, "cut", "meant", "mouth", "grows"
    text: str
    target: str = ""  # the id of what it is about


@dataclass(slots=True)
class Row:
    """One line of source."""

    number: int
    parts: list[tuple[str, str]]  # (css, text)
    id: str
    kept: str = ""  # bytes that its operators keep, in words
    share: int = 0  # of the most that a line keeps, from 0 to 100
    notes: list[Note] = field(default_factory=list)
    skipped: int = 0  # lines left out before it


@dataclass(slots=True)
class Listing:
    """One file."""

    file: str  # as the report has it
    rows: list[Row]
    total: int  # lines of the file; 0 where only single lines are known
    left_out: int  # lines told of that found no room


def listings(report: Report, sources: Mapping[str, str] | None) -> list[Listing]:
    """Every file that the report tells of, the script first."""
    margins = _Margins(report)
    files = dict.fromkeys(file for file, line in margins.known if line > 0 and file)
    if report.script in files:
        files = {report.script: None, **files}
    found: list[Listing] = []
    for number, file in enumerate(files):
        room = ROWS - sum(len(one.rows) for one in found)
        found.append(margins.listing(number, file, _text(file, sources), room))
    return found


def anchors(found: Iterable[Listing]) -> dict[Place, str]:
    """The id of each line that is shown."""
    return {(one.file, row.number): row.id for one in found for row in one.rows}


def _text(file: str, sources: Mapping[str, str] | None) -> str:
    """A file's text; "" where it cannot be had. linecache also knows the cells of a notebook."""
    if sources is not None:
        return sources.get(file, "")
    linecache.checkcache(file)
    return "".join(linecache.getlines(file))


def _sites(report: Report) -> Iterator[Site]:
    """Every statement that the report names, the ones that matter first."""
    for finding in worst_first(report.findings):
        yield finding.site
        yield from (site for _, site in finding.related)
    yield from (cut.site for cut in report.cuts)
    for backward in report.backwards:
        yield backward.site
        yield from (leaf.created for leaf in backward.leaves if leaf.created)
        yield from (leaf.because for leaf in backward.leaves if leaf.because)
        yield from (node.site for node in backward.river.nodes if node.site)
    yield from (keeper.site for keeper in report.memory.keepers)
    yield from (growth.site for growth in report.memory.growth)
    for family in report.aliases:
        yield from (access.site for access in family.accesses)


def _known(report: Report) -> dict[Place, str]:
    """The text of each line that is named."""
    known: dict[Place, str] = {}
    for site in _sites(report):
        known.setdefault((site.file, site.line), clean(site.source))
    return known


class _Margins:
    """What is told of each line, by file and line."""

    def __init__(self, report: Report) -> None:
        self.known = _known(report)
        self.kept: defaultdict[Place, int] = defaultdict(int)
        for keeper in report.memory.keepers:
            self.kept[keeper.site.file, keeper.site.line] += keeper.bytes
        self.most = max(self.kept.values(), default=0) or 1
        self.notes: defaultdict[Place, list[Note]] = defaultdict(list)
        self._of_findings(report)
        self._of_the_rest(report)

    def _add(self, site: Site, css: str, text: str, target: str = "") -> None:
        there = self.notes[site.file, site.line]
        if len(there) < 6:
            there.append(Note(css, clean(text), target))

    def _of_findings(self, report: Report) -> None:
        """Findings and cuts."""
        for number, finding in enumerate(worst_first(report.findings)):
            self._add(
                finding.site, finding.severity, f"{finding.severity}: {finding.rule}", f"finding-{number}"
            )
        for cut in report.cuts:
            stops = f", stops {counted(len(cut.leaves), 'leaf', 'leaves')}" if cut.leaves else ""
            meant = ", as intended" if cut.intended else ""
            css = "meant" if cut.intended else "cut"
            self._add(cut.site, css, f"{cut.operator or cut.kind}{stops}{meant}")

    def _of_the_rest(self, report: Report) -> None:
        """Growth, hidden writes, backwards."""
        for growth in report.memory.growth:
            each = size(growth.bytes_per_iteration)
            self._add(growth.site, "grows", f"{growth.holder} grows by {each}")
        for family in report.aliases:
            for access in family.accesses:
                if access.what == "wrote" and not access.seen:
                    self._add(access.site, "hidden", f"{access.how} writes unseen by autograd")
        for backward in report.backwards:
            self._add(backward.site, "mouth", f"backward, {counted(backward.count, 'time')}")

    def listing(self, number: int, file: str, text: str, room: int) -> Listing:
        """One file, or as much of it as there is room for."""
        lines = text.splitlines()
        told = [line for name, line in self.known if name == file and line > 0]
        told = [line for line in told if line <= len(lines)] if lines else told
        ranked = sorted(told, key=lambda line: (-len(self.notes[file, line]), -self.kept[file, line], line))
        shown, left_out = _chosen(ranked, len(lines), room)
        painted = _painted(text, lines, shown) if lines else {n: [("", self.known[file, n])] for n in shown}
        found = Listing(file, [], len(lines), left_out)
        before = 0
        for line in sorted(shown):
            kept = self.kept[file, line]
            found.rows.append(
                Row(
                    line, painted[line], f"f{number}-{line}", size(kept) if kept else "",
                    round(100 * kept / self.most), self.notes[file, line], line - before - 1,
                )
            )  # fmt: skip
            before = line
        return found


def _chosen(ranked: list[int], total: int, room: int) -> tuple[set[int], int]:
    """The lines to show, and how many of those told of are not among them."""
    if total and total <= min(WHOLE, room):
        return set(range(1, total + 1)), 0
    shown: set[int] = set()
    for place, line in enumerate(ranked):
        around = range(max(line - AROUND, 1), min(line + AROUND, total) + 1) if total else [line]
        if len(shown | set(around)) > room // 2:
            return shown, len([left for left in ranked[place:] if left not in shown])
        shown |= set(around)
    return shown, 0


def _painted(text: str, lines: list[str], shown: set[int]) -> dict[int, list[tuple[str, str]]]:
    """Lines in parts, by what Python reads them as; plain where it cannot read the text."""
    styles: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    if len(lines) > PAINTED:
        return {line: _parts(lines[line - 1], []) for line in shown}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            css = _style(token)
            first, last = token.start[0], token.end[0]
            for line in range(first, last + 1) if css else ():
                start = token.start[1] if line == first else 0
                styles[line].append((start, token.end[1] if line == last else LONG, css))
    except (tokenize.TokenError, SyntaxError, ValueError):
        styles.clear()
    return {line: _parts(lines[line - 1], styles[line]) for line in shown}


def _style(token: tokenize.TokenInfo) -> str:
    """The css class of a token; "" for most."""
    if token.type == tokenize.NAME and (keyword.iskeyword(token.string) or token.string in ("self", "match")):
        return "k"
    if token.type == tokenize.STRING or tokenize.tok_name[token.type].startswith("FSTRING"):
        return "s"
    return {tokenize.COMMENT: "c", tokenize.NUMBER: "n"}.get(token.type, "")


def _parts(line: str, styles: list[tuple[int, int, str]]) -> list[tuple[str, str]]:
    """A line cut at its styles."""
    text = line if len(line) <= LONG else line[: LONG - 1] + "…"
    text = "".join(c if c.isprintable() or c == "\t" else clean(c) for c in text).expandtabs(4)
    if text != line:  # columns have moved
        return [("", text)]
    parts, at = [], 0
    for start, end, css in styles:
        parts += [("", text[at:start]), (css, text[start:end])]
        at = max(end, at)
    return [(css, part) for css, part in [*parts, ("", text[at:])] if part]
