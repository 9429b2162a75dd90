"""The report in a terminal: what is wrong first, the worst at the top, and then where everything went.

The layout is made here, out of plain lines, so that it is the same with and without rich. rich, where it is
installed, adds the colours.
"""

from __future__ import annotations

import importlib.util
import textwrap
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .model import AliasFamily, Backward, Cut, Finding, Memory, Report, Site
from .words import (
    ALL_WELL,
    LeafGroup,
    clean,
    counted,
    fold_families,
    fold_leaves,
    fold_members,
    severities,
    size,
    where,
    worst_first,
)

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["render", "show"]

# a line is its parts: each a text and the style that rich gives it
Part = tuple[str, str]
Line = list[Part]

PLACE, CODE, QUIET, HEAD = "cyan", "italic", "dim", "bold underline"
STYLES = {
    "error": "bold red", "warning": "bold yellow", "note": "bold blue",
    "cut": "red", "structurally-zero": "yellow", "zero": "yellow", "unused": "dim", "reached": "green",
    "frozen": "dim",
}  # fmt: skip
FAMILIES = 8  # of shared memory
MANY = 20  # rows of one table; what is left out is counted


def render(report: Report, width: int = 100, notes: bool = False, color: bool = False) -> str:
    """The report as text, at most `width` columns wide. `color` needs rich; without it the text is plain.

    >>> print(render(Report("upriver", "0.1.0", "train.py")))
    upriver flow report: train.py
    upriver 0.1.0, 0 operators, 0 backwards
    <BLANKLINE>
    No errors, no warnings: every gradient arrives where it should.
    """
    lines = _lay_out(report, width, notes)
    if color and _has_rich():
        return _colored(lines, width)
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def show(report: Report, console: Console | None = None, notes: bool = False) -> None:
    """Print the report: to a rich console, or plainly where rich is missing."""
    if console is None and not _has_rich():
        print(render(report, notes=notes))
        return
    from rich.console import Console

    target = console or Console()
    for line in _lay_out(report, min(target.width, 100), notes):
        target.print(_rich(line), soft_wrap=True)


def _has_rich() -> bool:
    return importlib.util.find_spec("rich") is not None


def _rich(line: Line) -> object:
    """One line as rich knows it; nothing in it is markup."""
    from rich.text import Text

    return Text.assemble(*((text, style) for text, style in line), no_wrap=True)


def _colored(lines: Iterable[Line], width: int) -> str:
    """Lines with the codes of a terminal."""
    import io

    from rich.console import Console

    written = io.StringIO()
    console = Console(file=written, force_terminal=True, color_system="standard", width=width)
    for line in lines:
        console.print(_rich(line), soft_wrap=True)
    return written.getvalue().rstrip("\n")


# cells, wrapping


def _cells(text: str) -> int:
    """How many columns a terminal needs: East Asian wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def _fit(text: str, room: int) -> str:
    """The beginning of a text, if it needs more columns than there are."""
    text = clean(text)
    if _cells(text) <= room:
        return text
    while text and _cells(text) > room - 1:
        text = text[: min(len(text) - 1, room)]
    return text.rstrip() + "…"


def _where(site: Site, room: int) -> str:
    """A place; of a path that is too long, the end."""
    text = where(site)
    if _cells(text) <= room:
        return text
    while text and _cells(text) > room - 1:
        text = text[max(len(text) - room, 1) :]
    return "…" + text


def _clipped(line: Line, width: int) -> Line:
    """A line that ends where the terminal does."""
    clipped: Line = []
    for text, style in line:
        if _cells(text) > width:
            return [*clipped, (_fit(text, width), style)] if width > 0 else clipped
        clipped.append((text, style))
        width -= _cells(text)
    return clipped


def _pad(text: str, room: int) -> str:
    """A text cut or filled to a number of columns."""
    text = _fit(text, room)
    return text + " " * (room - _cells(text))


def _wrapped(text: str, width: int, indent: int, first: str = "", style: str = "") -> list[Line]:
    """A paragraph, indented; `first` stands before its first line, in its own style."""
    margin, room = " " * indent, max(width - indent, 20)
    # wide characters count twice: the worst case for all keeps the paragraph inside
    text = clean(text)
    narrow = room if _cells(text) == len(text) else room // 2
    rows = textwrap.wrap(first + text, narrow, break_on_hyphens=False) or [first]
    lines: list[Line] = [[(margin + row, style)] for row in rows]
    if first and rows[0].startswith(first):
        lines[0] = [(margin + first, QUIET), (rows[0][len(first) :], style)]
    return lines


def _place(site: Site, width: int, indent: int, before: str) -> Line:
    """A statement in one line: what it is, where, and as much of its text as there is room for."""
    head = " " * indent + before
    place = _where(site, max(width - _cells(head) - 2, 12))
    room = width - _cells(head) - _cells(place) - 4
    line = [(head + "  ", QUIET), (place, PLACE)]
    return [*line, ("  " + _fit(site.source, room), CODE)] if site.source and room > 8 else line


# the sections


def _lay_out(report: Report, width: int, notes: bool) -> list[Line]:
    """All lines, in order."""
    lines = [*_header(report, width), [], *_findings(report, width, notes)]
    families = fold_families(report.aliases)
    for section in (
        [line for backward in report.backwards for line in _backward(backward, width)],
        _cuts(report, width),
        _memory(report.memory, width),
        [line for family, count in families[:FAMILIES] for line in _family(family, count, width)],
    ):
        lines += [[], *section] if section else []
    if len(families) > FAMILIES:
        more = sum(count for _, count in families[FAMILIES:])
        lines.append([(f"… and {counted(more, 'more buffer')} shared, none worse than these", QUIET)])
    return [_clipped(line, width) for line in lines]


def _header(report: Report, width: int) -> list[Line]:
    """What was run, on what, and how it ended."""
    command = " ".join([report.script, *report.arguments]).strip()
    counts = [counted(report.operators, "operator"), counted(len(report.backwards), "backward")]
    if report.steps:
        counts.append(counted(report.steps, "optimizer step"))
    if report.seconds:
        counts.append(f"{report.seconds:.1f} s")
    lines: list[Line] = [
        [("upriver flow report", "bold"), (_fit(f": {command}" if command else "", width - 19), "")],
        [(_fit(f"{report.framework} {report.version}, {', '.join(counts)}", width), QUIET)],
    ]
    if report.raised:
        raised = report.raised
        lines.append([])
        lines += _wrapped(f"{raised.type}: {raised.message}", width, 0, "ended by  ", STYLES["error"])
        lines.append(_place(raised.site, width, 8, ""))
        if raised.explained:
            lines += _wrapped(raised.explained, width, 10, "explained below by  ")
    return lines


def _findings(report: Report, width: int, notes: bool) -> list[Line]:
    """The verdict, then each finding, worst first."""
    counts = severities(report)
    shown = [f for f in worst_first(report.findings) if notes or f.severity != "note"]
    said = [counted(counts[kind], kind) for kind in ("error", "warning") if counts[kind]]
    said += [counted(counts["note"], "note")] if notes and counts["note"] else []
    calm = "green" if not counts["error"] + counts["warning"] else ""
    lines: list[Line] = [[(ALL_WELL, "green")]] if calm else [[(", ".join(said), "bold")]]
    for finding in shown:
        lines += [[], *_finding(finding, width)]
    hidden = 0 if notes else counts["note"]
    if hidden:
        tail = f"{counted(hidden, 'note')} not shown: ask with notes=True, or --notes."
        lines += [[], [(tail, QUIET)]] if shown else [[(tail, QUIET)]]
    return lines


def _finding(finding: Finding, width: int) -> list[Line]:
    """One finding: where, the statement, the cause, the repair, and what else has to do with it."""
    severity = finding.severity
    times = f"  {finding.count:,} times" if finding.count > 1 else ""
    rule = _fit(finding.rule, max(width // 3, 12))
    place = _where(finding.site, max(width - len(severity) - _cells(rule) - len(times) - 4, 12))
    lines: list[Line] = [
        [(severity, STYLES[severity]), (f"  {rule}  ", "bold"), (place, PLACE), (times, QUIET)]
    ]
    if finding.site.source:
        lines.append([("    | ", QUIET), (_fit(finding.site.source, width - 6), CODE)])
    lines += _wrapped(finding.message, width, 4)
    if finding.fix:
        lines += _wrapped(finding.fix, width, 4, "fix: ")
    lines += [_place(site, width, 4, _fit(what, 32)) for what, site in finding.related]
    if len(finding.tensors) > 1:
        rest = len(finding.tensors) - 6
        names = ", ".join(finding.tensors[:6]) + (f" and {rest:,} more" if rest > 0 else "")
        lines += _wrapped(names, width, 4, "about: ")
    return lines


def _backward(backward: Backward, width: int) -> list[Line]:
    """One backward and what became of its leaves."""
    facts = [counted(backward.count, "time"), counted(backward.nodes, "operator")]
    facts += [f"keeps {size(backward.saved_bytes)}"] if backward.saved_bytes else []
    title = backward.site.source or f"backward of {backward.loss}"
    tail = ", ".join(facts)
    place = _where(backward.site, max(width // 3, 16))
    room = width - _cells(place) - len(tail) - 4
    lines: list[Line] = [[(_fit(title, max(room, 12)), HEAD), (f"  {place}", PLACE), (f"  {tail}", QUIET)]]
    if backward.error:
        lines += _wrapped(backward.error, width, 4, "raised: ", STYLES["error"])
    groups = fold_leaves(backward.leaves)
    for group in groups[:MANY]:
        lines += _leaf_row(group, width)
    if len(groups) > MANY:
        rest = sum(len(group.leaves) for group in groups[MANY:])
        lines.append([(f"    … and {counted(rest, 'leaf', 'leaves')} more, none worse than these", QUIET)])
    return lines


def _leaf_row(group: LeafGroup, width: int) -> list[Line]:
    """A leaf, or leaves of one module with one outcome; further cuts on lines below."""
    names = max(width * 42 // 100, 24)
    extent = f"  ({group.extent})" if len(group.leaves) > 1 else f"  {group.extent}"
    head = _pad(_fit(group.label, names - _cells(extent)) + extent, names)
    lines: list[Line] = []
    for words, style, site in _outcome(group):
        before = [("    " + (" " * names if lines else head) + "  ", ""), (words, style)]
        room = width - names - 6 - _cells(words)
        lines.append([*before, *(_place(site, room, 0, "") if site else [])])
    return lines


def _outcome(group: LeafGroup) -> list[tuple[str, str, Site | None]]:
    """What became of a gradient: in words, the style, and the statement that made it so."""
    leaf = group.first
    style = STYLES[leaf.status]
    if leaf.status == "cut":
        return [(_cut_words(cut), style, cut.site) for cut in leaf.cuts] or [("cut", style, None)]
    if leaf.status == "structurally-zero":
        return [("always zero" + (" by" if leaf.because else ""), style, leaf.because)]
    if leaf.status == "reached":
        parts = [("in part " + _cut_words(cut), QUIET, cut.site) for cut in leaf.partly]
        return [(f"reached  |g| {group.norms}", style, None), *parts]
    plain = {
        "zero": "zero in every element",
        "unused": "not used by this loss",
        "frozen": "does not require grad",
    }
    return [(plain[leaf.status], style, None)]


def _cut_words(cut: Cut) -> str:
    """How a cut is told of before its place."""
    return f"cut by {_fit(cut.operator or cut.kind, 16)}" + (", as intended" if cut.intended else "")


def _cuts(report: Report, width: int) -> list[Line]:
    """The statements that no gradient passes."""
    if not report.cuts:
        return []
    lines: list[Line] = [[("cuts", HEAD), (f"  {counted(len(report.cuts), 'statement')}", QUIET)]]
    ranked = sorted(report.cuts, key=lambda cut: (cut.intended, -len(cut.leaves)))
    for cut in ranked[:MANY]:
        stops = f"  stops {counted(len(cut.leaves), 'leaf', 'leaves')}" if cut.leaves else ""
        times = f"  {cut.count:,} times" if cut.count > 1 else ""
        tail = _fit(stops + times + ("  intended" if cut.intended else ""), 40)
        line = _place(cut.site, width - _cells(tail), 4, _pad(cut.kind, 18))
        lines.append([*line, (tail, "red" if cut.leaves and not cut.intended else QUIET)])
    if len(ranked) > MANY:
        lines.append([(f"    … and {len(ranked) - MANY:,} more", QUIET)])
    return lines


def _memory(memory: Memory, width: int) -> list[Line]:
    """What graphs keep alive, what grows, what goes round in a circle."""
    if not (memory.peak_saved_bytes or memory.keepers or memory.growth or memory.cycles):
        return []
    lines: list[Line] = [[("memory", HEAD), (f"  graphs keep at most {size(memory.peak_saved_bytes)}", "")]]
    if memory.peak_site:
        lines.append(_place(memory.peak_site, width, 4, "at"))
    for growth in memory.growth:
        each = f"{counted(growth.graphs, 'graph')}, {size(growth.bytes_per_iteration)} an iteration"
        left = f"; room for {growth.iterations_left:,} more" if growth.iterations_left is not None else ""
        lines += _wrapped(f"{growth.holder} keeps {each}{left}", width, 4, "grows: ", STYLES["warning"])
        lines.append(_place(growth.site, width, 8, "by"))
    for keeper in memory.keepers[:8]:
        what = f"{size(keeper.bytes):>8}  {keeper.operator}: {keeper.value}, for {keeper.rule}"
        lines.append(_place(keeper.site, width, 4, _pad(what, max(width * 42 // 100, 24))))
    if len(memory.keepers) > 8:
        rest = sum(keeper.bytes for keeper in memory.keepers[8:])
        tail = f"    {size(rest):>8}  in {counted(len(memory.keepers) - 8, 'more place')}"
        lines.append([(tail, QUIET)])
    for cycle in memory.cycles:
        lines += _wrapped(" -> ".join(cycle.path), width, 4, "cycle: ", STYLES["warning"])
    return lines


def _family(family: AliasFamily, count: int, width: int) -> list[Line]:
    """Tensors and arrays on one buffer, and what happened to it."""
    members = fold_members(family)
    facts = f"  {size(family.bytes)}, {counted(len(family.members), 'member')}"
    again = f", {count:,} times" if count > 1 else ""
    lines: list[Line] = [[("shared memory", HEAD), (facts + again, "")]]
    if family.pinned_by:
        lines += _wrapped(f"{family.pinned_by} alone keeps all of it alive", width, 4, "", STYLES["warning"])
    for member, same in members[:MANY]:
        tail = (f" x {same}" if same > 1 else "") + ("" if member.alive else "  (gone)")
        what = _pad(f"{member.kind}  {member.name}{tail}", 40)
        place = _place(member.site, width, 4, what) if member.site else [("    " + what.rstrip(), QUIET)]
        lines.append(place)
    for access in family.accesses[:MANY]:
        unseen = "" if access.seen else "  unseen by autograd"
        line = _place(access.site, width, 4, _pad(f"{access.what} by {access.how}{unseen}", 40))
        lines.append([(line[0][0], STYLES["error"]), *line[1:]] if unseen else line)
    more = max(len(members) - MANY, 0) + max(len(family.accesses) - MANY, 0)
    return [*lines, [(f"    … and {more:,} more", QUIET)]] if more else lines
