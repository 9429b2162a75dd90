"""Rules about gradients: wasted, without an optimiser, applied twice."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Finding, Severity
from ..recorder import Recorder
from .raised import Raised
from .wording import leaves_in, listed

__all__ = ["accumulated", "not_in_optimizer", "wasted"]


def wasted(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """Gradients that were zeroed or dropped before anybody used them."""
    contributions = recorder.contributions
    for statement in recorder.statements.values():
        mask = contributions.wasted.get(statement.site, 0) & ~contributions.useful.get(statement.site, 0)
        mask |= contributions.always.get(statement.site, 0)
        if not mask:
            continue
        names = [leaf.name for leaf in leaves_in(recorder, mask)]
        message = (
            f"This backward computes gradients of {listed(names)} that are zeroed before any step uses them."
        )
        spared = mask & statement.whole != statement.whole and _spared_by_a_detach(statement.narrow, mask)
        severity: Severity = "warning" if spared else "note"
        fix = (
            "detach() what this loss takes from them: the work behind it is then not done."
            if spared
            else "Switch their requires_grad off around this loss; no detach can spare the work."
        )
        yield Finding("wasted-gradient", severity, statement.site, message, fix, [], names)


def _spared_by_a_detach(narrow: set[int], mask: int) -> bool:
    """Whether a few intermediate values have all of ``mask``, and nothing else, behind them."""
    left = mask
    for candidate in sorted(
        (each for each in narrow if each and not each & ~mask), key=lambda m: -m.bit_count()
    )[:3]:
        left &= ~candidate
    return not left


def not_in_optimizer(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """Parameters with gradients that no optimiser steps."""
    if not recorder.has_optimizer or not recorder.contributions.steps:
        return
    contributions = recorder.contributions
    for statement in recorder.statements.values():
        leaves = [
            leaf for leaf in leaves_in(recorder, contributions.made.get(statement.site, 0))
            if leaf.parameter and not leaf.optimised
            and not contributions.read & leaf.mask and leaf.ledger is not None and not leaf.rewrapped
        ]  # fmt: skip
        if leaves:
            names = [leaf.name for leaf in leaves]
            message = (
                f"{listed(names)} get gradients here, but no optimiser steps them and no code reads them."
            )
            fix = "Give them to the optimiser, or freeze them with requires_grad_(False)."
            related = [("created here", leaves[0].created)]
            yield Finding("not-in-optimizer", "warning", statement.site, message, fix, related, names)


def accumulated(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """A step that applies once more what an earlier one has applied."""
    contributions = recorder.contributions
    for site, times in contributions.repeated.items():
        names = [leaf.name for leaf in leaves_in(recorder, contributions.repeated_leaves[site])]
        message = f"This step applies gradients of {listed(names)} that an earlier step has applied already."
        yield Finding("accumulated-gradient", "warning", site, message,
                      "Call zero_grad() between a step and the next backward.", [], names, times)  # fmt: skip
