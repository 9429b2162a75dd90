"""Rules about memory: graphs that pile up, graphs recorded for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Finding, Severity
from ..recorder import Recorder
from .raised import Raised

__all__ = ["dropped", "growth"]


def growth(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """A name that keeps the graphs of past iterations."""
    for each in recorder.growths():
        message = f"{each.holder} keeps the graphs of {each.graphs} past iterations alive."
        fix = "Keep numbers, not tensors: add loss.item(), or detach() what is kept."
        yield Finding("graph-growth", "warning", each.site, message, fix, [], [each.holder])


def dropped(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """A graph that was recorded for nothing."""
    starved = sum(leaf.mask for leaf in recorder.tracker.leaves if leaf.optimised and not leaf.grads)
    behind = {cut.site: cut.behind for cut in recorder.tracker.cuts.values()}
    for each in recorder.drops():
        if behind.get(each.site, 0) & starved:
            continue  # no_grad is not what these parameters need: another rule says what is
        message = (
            f"The graph behind this detach() is recorded and dropped {each.count} times: {each.nodes} "
            f"operators and {each.nbytes:,} bytes each time ({each.share:.1%} of the run)."
        )
        severity: Severity = "warning" if each.share >= 0.01 else "note"
        yield Finding("built-then-dropped", severity, each.site, message,
                      "Compute it under no_grad, which records nothing.", count=each.count)  # fmt: skip
