"""Why one tensor got a gradient, or none: the part of a report that is about it, in words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from types import FrameType
from typing import Any

from ..errors import explain
from .model import Backward, Cut, Finding, LeafFlow, Report, Site
from .names import Names
from .reach import is_tensor
from .words import norm

__all__ = ["why"]


def why(report: Report, what: Any, frame: FrameType) -> str:
    """What became of the gradient of ``what``, a tensor or a name, in each backward of the report.

    A tensor is known by the names that ``frame``, the code that asks, has for it. Raises ValueError if the
    report has no such leaf.
    """
    name = _known(report, what, frame)
    found = [(b, leaf) for b in report.backwards for leaf in b.leaves if leaf.name == name]
    arrived = any(leaf.status in ("reached", "zero", "structurally-zero") for _, leaf in found)
    lines = [f"{name}: {'a gradient' if arrived else 'no gradient'} arrived."]
    for backward, leaf in found:
        lines += [f"  {line}" for line in _outcome(backward, leaf)]
    for finding in _about(report, name, [cut.site for _, leaf in found for cut in leaf.cuts]):
        if not any(cut.site == finding.site for _, leaf in found for cut in leaf.cuts):
            lines.append(f"  {finding.rule} at {_at(finding.site)}: {finding.message}")
        lines.append(f"  fix: {finding.fix}")
    return "\n".join(dict.fromkeys(lines))


def _known(report: Report, what: Any, frame: FrameType) -> str:
    """The name under which the report has ``what``."""
    told = {leaf.name for backward in report.backwards for leaf in backward.leaves}
    told |= {name for finding in report.findings for name in finding.tensors}
    names = _names_of(what, frame) if is_tensor(what) else [str(what)]
    for name in names:
        ends = [each for each in told if each.endswith(f".{name}")]
        if name in told or len(ends) == 1:
            return name if name in told else ends[0]
    near = difflib.get_close_matches(names[0], told, 5, 0.4) if names else []
    shown = near or sorted(told)[:8]
    raise ValueError(
        explain(
            f"this report has no leaf {f'called {names[0]!r}' if names else 'that is this tensor'}.",
            f"{'alike' if near else 'leaves'}: {', '.join(shown) or 'none: no backward was recorded'}.",
            "mend it: ask for a parameter, or another leaf that requires grad.",
        )
    )


def _names_of(t: Any, frame: FrameType) -> list[str]:
    """What the running code calls a tensor: as the report would, then its paths and its variable."""
    names = Names()
    paths = []
    for variable, module in names.find_modules(frame):
        names.learn_module(variable, module)
        for path, parameter in module.named_parameters():
            if parameter is t:
                paths += [f"{variable}.{path}", path]
    first = names.of(t, frame)
    return list(dict.fromkeys([*([first] if first else []), *paths]))


def _at(site: Site) -> str:
    return f"{site} `{site.source}`" if site.source else str(site)


def _outcome(backward: Backward, leaf: LeafFlow) -> Iterator[str]:
    """Lines on one leaf in one backward."""
    here = f"in `{backward.loss}` at {_at(backward.site)}"
    blocked = leaf.cuts or leaf.partly
    unused = "the loss was not computed from it" if backward.count else "no path of the graph leads there"
    said = {
        "reached": f"one arrived, |g| = {norm(leaf.grad_norm)}"
        if leaf.grad_norm is not None
        else "one arrives",
        "zero": "one arrived, and every element of it is zero",
        "structurally-zero": "one arrived, and whatever the values it is zero",
        "cut": "every path is cut",
        "unused": unused,
        "frozen": "it does not require grad",
    }[leaf.status]
    more = "; other paths are cut" if leaf.status == "reached" and leaf.partly else ""
    yield f"{here}: {said}{more}"
    if leaf.because is not None:
        yield f"  because of {_at(leaf.because)}"
    yield from (f"  by {_by(cut)}" for cut in blocked)


def _by(cut: Cut) -> str:
    times = f", {cut.count:,} times" if cut.count > 1 else ""
    return f"{cut.operator or cut.kind} at {_at(cut.site)}{times}{', as intended' if cut.intended else ''}"


def _about(report: Report, name: str, cuts: list[Site]) -> Iterator[Finding]:
    """The findings on a tensor, and on the statements that cut it."""
    return (each for each in report.findings if name in each.tensors or each.site in cuts)
