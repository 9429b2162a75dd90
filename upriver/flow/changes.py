"""What changed between two flow reports of the same program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import Backward, Cut, Finding, LeafFlow, Report, Site

__all__ = ["diff"]

NOTABLE = 0.1  # a change of the kept memory by this part is told


def diff(old: Report, new: Report) -> list[str]:
    """What changed from ``old`` to ``new``, a sentence each: losses, leaves, cuts, findings, kept memory.

    Statements are recognised by their text, so that a line that only moved is no change; losses by their
    name, and by their order where several have the same.

    >>> from upriver.flow.contracts import diff
    >>> from upriver.flow.model import Finding, Report, Site
    >>> finding = Finding("lost-gradient", "error", Site("a.py", 3), "w gets no gradient", "keep the tensor")
    >>> diff(Report("upriver", "1"), Report("upriver", "1", findings=[finding]))
    ['new error lost-gradient at a.py:3: w gets no gradient']
    """
    return [*_backwards(old, new), *_cuts(old, new), *_findings(old, new), *_memory(old, new)]


def _backwards(old: Report, new: Report) -> Iterator[str]:
    before, after = _by_loss(old), _by_loss(new)
    for key, backward in before.items():
        if key not in after:
            yield f"loss `{backward.loss}` ({backward.site}) no longer runs backward"
    for key, backward in after.items():
        if key not in before:
            yield f"new loss `{backward.loss}` ({backward.site})"
        else:
            yield from _leaves(before[key], backward)


def _by_loss(report: Report) -> dict[Any, Backward]:
    return _numbered((backward.loss, backward) for backward in report.backwards)


def _numbered(pairs: Iterator[tuple[Any, Any]]) -> dict[Any, Any]:
    """Entries by key, and by their number among those of the same key."""
    found: dict[Any, Any] = {}
    seen: dict[Any, int] = {}
    for key, value in pairs:
        number = seen[key] = seen.get(key, -1) + 1
        found[key, number] = value
    return found


def _leaves(old: Backward, new: Backward) -> Iterator[str]:
    where = f"in `{new.loss}` ({new.site})"
    before, after = ({leaf.name: leaf for leaf in each.leaves} for each in (old, new))
    for name, leaf in before.items():
        if name not in after:
            yield f"leaf {name} is gone {where}; it was {leaf.status}"
    for name, leaf in after.items():
        if name not in before:
            yield f"new leaf {name} {where}: {leaf.status}{_by(leaf)}"
        elif before[name].status != leaf.status:
            yield f"leaf {name} was {before[name].status}, is {leaf.status}{_by(leaf)} {where}"


def _by(leaf: LeafFlow) -> str:
    """What a leaf's gradient was lost to."""
    return f" by {', '.join(f'{cut.kind} at {cut.site}' for cut in leaf.cuts)}" if leaf.cuts else ""


def _statement(site: Site) -> tuple[str, str]:
    """What recognises a statement in another version of its file."""
    file = site.file.replace("\\", "/").rpartition("/")[2]
    return file, site.source or str(site.line)


def _cuts(old: Report, new: Report) -> Iterator[str]:
    def keyed(report: Report) -> dict[Any, Cut]:
        return _numbered(((cut.kind, *_statement(cut.site)), cut) for cut in report.cuts)

    before, after = keyed(old), keyed(new)
    for key, cut in before.items():
        if key not in after:
            yield f"cut gone: {_cut(cut)}"
    for key, cut in after.items():
        if key not in before:
            blocked = f", which blocks {', '.join(cut.leaves[:5])}" if cut.leaves else ""
            yield f"new cut: {_cut(cut)}{blocked}"


def _cut(cut: Cut) -> str:
    return f"{cut.kind} at {cut.site}" + (f" `{cut.site.source}`" if cut.site.source else "")


def _findings(old: Report, new: Report) -> Iterator[str]:
    def keyed(report: Report) -> dict[Any, Finding]:
        return _numbered(
            ((finding.rule, *_statement(finding.site), *finding.tensors), finding)
            for finding in report.findings
        )

    before, after = keyed(old), keyed(new)
    for key, finding in before.items():
        if key not in after:
            yield f"fixed {finding.severity} {finding.rule} at {finding.site}: {finding.message}"
    for key, finding in after.items():
        if key not in before:
            yield f"new {finding.severity} {finding.rule} at {finding.site}: {finding.message}"


def _memory(old: Report, new: Report) -> Iterator[str]:
    before, after = old.memory.peak_saved_bytes, new.memory.peak_saved_bytes
    if abs(after - before) > NOTABLE * before:
        change = f" ({(after - before) / before:+.0%})" if before else ""
        yield f"graphs keep {after:,} bytes at their peak, before {before:,}{change}"
