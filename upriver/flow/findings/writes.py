"""Rules about writes: through aliases, behind the version counter, and into what was saved."""

from __future__ import annotations

from collections.abc import Iterator

from .. import syntax
from ..model import Finding
from ..recorder import Recorder
from .raised import Raised

__all__ = ["alias_write", "saved_modified", "stale", "twice"]


def alias_write(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """A write through an alias outside the graph, to a value that the graph uses afterwards."""
    for write, used, made, writer in recorder.tracker.alias_writes.values():
        if writer is not None and writer.of_grads and not writer.reused:
            continue  # an update by hand, through detach()
        if writer is not None and writer.alias == ".data":
            continue  # how leaves are set before and between iterations
        related = [("used here afterwards", used)] + ([("made here", made)] if made is not None else [])
        message = f"{write.how} writes memory that a tensor of the graph shares: its value changes as well."
        fix = "Write to a copy: .detach().clone(), or .numpy().copy()."
        yield Finding("alias-write", "error", write.site, message, fix, related)


def stale(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """A saved value that was changed behind the version counter."""
    for write, saved, operator, backward in recorder.stale:
        message = (
            f"{write.how} changes a value that {operator} has saved, unseen: the gradient is silently wrong."
        )
        fix = "Write after backward(), or through detach(), where the version counter sees it."
        related = [("saved here", saved), ("used by this backward", backward)]
        yield Finding("stale-saved-value", "error", write.site, message, fix, related)


def saved_modified(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """The version error, with both ends."""
    if raised is None or "modified by an inplace operation" not in raised.message or raised.run is None:
        return
    raised.explained = "saved-value-modified"
    carried = raised.run.freed[1]
    for saved, operator, write in raised.run.victims[:1]:
        message = f"{write.how} overwrites a value that {operator} has saved for backward."
        fix = "Write out of place (x = x + 1), write after backward(), or save a copy with clone()."
        related = [("saved here", saved), ("backward() raised here", raised.backward)]
        if carried is not None:
            name = syntax.carried_name(carried.file, carried.line)
            message += f" {name or 'A value'} carries that graph over from the last pass."
            fix = f"detach() {name or 'what is carried over'} before it is used again, or compute it anew."
            related.append(("carried over here", carried))
        yield Finding("saved-value-modified", "error", write.site, message, fix, related)


def twice(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """Backward through a graph that was freed."""
    if (
        raised is None
        or "backward through the graph a second time" not in raised.message
        or raised.run is None
    ):
        return
    raised.explained = "backward-twice"
    built, carried = raised.run.freed
    name = syntax.carried_name(carried.file, carried.line) if carried is not None else None
    over = f" {name or 'A value'} carries it over from the last pass." if carried is not None else ""
    message = f"Part of this graph was freed by an earlier backward.{over}"
    fix = (
        f"detach() {name or 'what is carried over'} before it is used again."
        if carried is not None
        else "Run the forward again before each backward, or add the losses and run one backward."
    )
    related = [("built here", built)] if built is not None else []
    related += [("carried over here", carried)] if carried is not None else []
    yield Finding("backward-twice", "error", raised.backward, message, fix, related)
