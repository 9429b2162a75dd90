"""From a recording to findings: which rule holds, which line is to blame, why, and how to mend it.

Each rule is one function over the recording; :data:`RULES` lists them in the order of the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from . import syntax
from .model import Finding, Severity, Site
from .recorder import Recorder
from .values import CutRecord, Leaf

__all__ = ["RULES", "Raised", "findings"]


class Raised:
    """The exception that ended the program."""

    def __init__(self, error: BaseException, site: Site, failed: Any) -> None:
        self.message = str(error)
        self.error = error
        self.site = site
        self.run: Any = None  # the Pass that raised, if one did
        self.backward = site
        if failed is not None:
            self.run, self.backward = failed[1]
        self.explained = ""


Rule = Callable[[Recorder, "Raised | None"], Iterable[Finding]]

PHRASE = {
    "detach": "detach() cuts here", "detach_": "detach_() cuts here", "data": ".data cuts here",
    "no_grad": "nothing is recorded under no_grad", "inference_mode": "nothing is recorded in inference mode",
    "item": "the value becomes a Python number", "tolist": "the values become Python numbers",
    "numpy": "the value becomes a NumPy array", "tensor": "a new tensor is made of the value",
    "parameter": "Parameter() makes a new leaf of a computed tensor",
    "custom-backward": "the Function's backward returns None",
    "non-differentiable": "has no derivative", "late-requires-grad": "it was used before it required grad",
    "requires-grad-off": "requires_grad is switched off",
}  # fmt: skip
REPAIR = {
    "detach": "Drop the detach(), or mark it `# upriver: cut` if the cut is meant.",
    "detach_": "Drop the detach_(), or mark it `# upriver: cut` if the cut is meant.",
    "data": "Use the tensor itself; for a copy outside the graph that is meant, detach() says so.",
    "no_grad": "Compute it outside the no_grad block, or leave these parameters out of the optimiser.",
    "inference_mode": "Move the computation out of inference_mode.",
    "item": "Stay with tensors to the loss; use item() only for what is printed.",
    "tolist": "Stay with tensors to the loss: torch.stack() joins tensors.",
    "numpy": "Compute with tensor functions instead of NumPy's.",
    "tensor": "Use the tensors themselves, or torch.stack() to join them: tensor(...) copies and cuts.",
    "parameter": "Make the Parameter once, from data, and compute from it.",
    "custom-backward": "Return the gradient of each input that wants one from backward().",
    "non-differentiable": "Use a differentiable stand-in: softmax for argmax, sigmoid for a comparison.",
}  # fmt: skip
# One line, one cause: where the first holds, the others are how it shows.
OUTRANKS = {
    "stale-saved-value": ("alias-write",),
    "saved-value-modified": ("alias-write",),
    "unreached-parameter": ("built-then-dropped",),
    "no-history": ("built-then-dropped",),
    "left-the-graph": ("built-then-dropped",),
}
EXITS = ("item", "tolist", "numpy", "tensor")


def findings(recorder: Recorder, raised: Raised | None) -> list[Finding]:
    """All findings, worst first."""
    found: dict[tuple[str, str, int], Finding] = {}
    for rule in RULES:
        for each in rule(recorder, raised):
            known = found.setdefault((each.rule, each.site.file, each.site.line), each)
            if known is not each:
                known.tensors += [name for name in each.tensors if name not in known.tensors]
    places = {(rule, file, line) for rule, file, line in found}
    for name, file, line in places:
        for weaker in OUTRANKS.get(name, ()):
            found.pop((weaker, file, line), None)
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(found.values(), key=lambda each: order[each.severity])


def _rule_of(kind: str) -> str:
    if kind in EXITS:
        return "left-the-graph"
    return "non-differentiable" if kind == "non-differentiable" else "unreached-parameter"


def _list(names: list[str], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _leaves(recorder: Recorder, mask: int) -> list[Leaf]:
    return [leaf for leaf in recorder.tracker.leaves if leaf.mask & mask]


def _says(cut: CutRecord) -> str:
    if cut.kind == "non-differentiable":
        return f"{cut.operator}() has no derivative"
    return PHRASE.get(cut.kind, cut.kind)


# -- cuts ----------------------------------------------------------------------------------------------------


def no_history(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """``backward()`` on a tensor whose every path was cut."""
    if raised is None or "does not require grad" not in raised.message or raised.run is None:
        return
    raised.explained = "no-history"
    cuts = [cut for cut, _ in raised.run.cuts] or [cut for cut, _ in raised.run.maybe][-1:]
    late = [leaf for leaf in recorder.tracker.leaves if leaf.switched is not None and not leaf.grads]
    if not cuts and late:
        raised.explained = "late-requires-grad"
        yield from (_late(leaf, "error") for leaf in late)
        return
    if not cuts:
        off = recorder.turned_off[-1:] or [raised.backward]
        message = "backward() has nothing to follow: nothing that the loss was computed from requires grad."
        fix = "Create the parameters with requires_grad=True, and compute the loss from them."
        yield Finding(
            "no-history", "error", off[0], message, fix, [("backward() raised here", raised.backward)]
        )
        return
    last = cuts[-1]
    related = [("also cut here", cut.site) for cut in cuts[:-1]] + [
        ("backward() raised here", raised.backward)
    ]
    message = (
        f"backward() has nothing to follow: every path to the loss was cut; {_says(last)} ({last.what})."
    )
    yield Finding("no-history", "error", last.site, message, REPAIR.get(last.kind, REPAIR["detach"]), related)
    for cut in cuts:
        rule = _rule_of(cut.kind)
        if rule != "unreached-parameter":
            message = f"{_says(cut)}: no gradient passes to {cut.what}."
            yield Finding(rule, "error", cut.site, message, REPAIR[cut.kind], related[-1:])


def unreached(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """Parameters that never got a gradient, with the statements to blame, by what kind these are."""
    if not any(s.reached or (s.count and not s.error) for s in recorder.statements.values()):
        return
    if raised is not None and (
        raised.run is not None or all(s.count < 2 for s in recorder.statements.values())
    ):
        return  # it might have got one yet
    by_cut: dict[CutRecord, list[Leaf]] = {}
    for leaf in recorder.tracker.leaves:
        if leaf.grads or (leaf.switched is None and not _wanted(recorder, leaf)):
            continue
        statements = [s for s in leaf.statements if leaf.bit in s.cut] or list(recorder.statements.values())
        cuts = [cut for s in statements for cut, _ in s.cut.get(leaf.bit, ())]
        cuts = cuts or [cut for s in recorder.statements.values() for cut, _ in s.weak.get(leaf.bit, ())]
        if leaf.switched is not None and not cuts:
            yield _late(leaf)
        elif cuts:
            if not any(cut.marked for cut in cuts):
                for cut in dict.fromkeys(cuts):
                    by_cut.setdefault(cut, []).append(leaf)
        else:
            yield from _without_cut(recorder, leaf, by_cut)
    for cut, leaves in by_cut.items():
        names = [leaf.name for leaf in leaves]
        message = f"{_list(names)} never get{'s' if len(names) == 1 else ''} a gradient: {_says(cut)}."
        fix, related = REPAIR.get(cut.kind, REPAIR["detach"]), [("created here", leaves[0].created)]
        yield Finding(_rule_of(cut.kind), "warning", cut.site, message, fix, related, names, cut.count)


def _wanted(recorder: Recorder, leaf: Leaf) -> bool:
    """Whether the program means to train a leaf."""
    t = leaf.ref()
    if t is not None and (not t.requires_grad or t.grad is not None):
        return False
    if recorder.has_optimizer:
        return leaf.optimised
    return leaf.parameter or (t is not None and (leaf.used > 0 or leaf.switched is not None))


def _late(leaf: Leaf, severity: Severity = "warning") -> Finding:
    assert leaf.switched is not None
    message = (
        f"{leaf.name} got requires_grad after it was used: what was computed before does not lead back to it."
    )
    return Finding("late-requires-grad", severity, leaf.switched, message,
                   "Switch requires_grad on before the tensor is first used.", [], [leaf.name])  # fmt: skip


def _without_cut(recorder: Recorder, leaf: Leaf, by_cut: dict[CutRecord, list[Leaf]]) -> Iterator[Finding]:
    """A parameter behind no known cut: it came back as a constant, or was never used."""
    exits = [exit for s in recorder.statements.values() for exit, _ in s.maybe.get(leaf.bit, ())]
    exits += [exit for exit, mask, _ in recorder.exits if mask == leaf.mask and _goes_on(exit)]
    if exits:
        by_cut.setdefault(exits[-1], []).append(leaf)
        return
    used = "is used, but nothing computed from it reaches a loss" if leaf.used else "is never used"
    message = f"{leaf.name} never gets a gradient: it {used}."
    fix = "Use it on the way to the loss, or leave it out of the optimiser."
    yield Finding("unreached-parameter", "warning", leaf.created, message, fix, [], [leaf.name])


def _goes_on(exit: CutRecord) -> bool:
    """Whether the statement that takes a value out keeps it under a name, rather than printing it."""
    return syntax.assigned_name(exit.site.file, exit.site.line) is not None


def useless_terms(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """Terms of a loss that left the graph: they shift its value, and no gradient."""
    for statement in recorder.statements.values():
        for cut, mask in statement.added:
            names = [leaf.name for leaf in _leaves(recorder, mask) if _trained(recorder, leaf)]
            if names and not cut.marked and not statement.error:
                message = f"{_says(cut)}: this term of the loss has no effect on {_list(names)}."
                rule, related = _rule_of(cut.kind), [("added to the loss of this backward", statement.site)]
                yield Finding(rule, "warning", cut.site, message, REPAIR[cut.kind], related, names, cut.count)


def _trained(recorder: Recorder, leaf: Leaf) -> bool:
    return leaf.optimised if recorder.has_optimizer else leaf.grads > 0


def non_leaf_grad(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """``.grad`` of a tensor that is no leaf."""
    for made, read in recorder.non_leaf_reads.items():
        name = syntax.assigned_name(made.file, made.line) or "this tensor"
        message = f"{name} was computed by an operation, so it is no leaf: its .grad stays None."
        fix = "Create it with requires_grad=True as the last step, or call retain_grad() on it."
        yield Finding("non-leaf-grad", "warning", made, message, fix, [(".grad is read here", read)], [name])
    for made, given in recorder.non_leaf_given.items():
        name = syntax.assigned_name(made.file, made.line) or "this tensor"
        message = f"{name} was computed by an operation, so no optimiser can step it."
        fix = "Create it with requires_grad=True as the last step: x = x.detach().requires_grad_()."
        if raised is not None and "non-leaf" in raised.message:
            raised.explained = "non-leaf-grad"
        yield Finding(
            "non-leaf-grad", "error", made, message, fix, [("given to an optimiser here", given)], [name]
        )


def redundant_detach(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """A detach with nothing to cut."""
    for site, times in recorder.tracker.redundant.items():
        if not recorder.tracker.detached[site]:
            message = "detach() of a tensor that has no history: there is nothing to cut."
            yield Finding("redundant-detach", "note", site, message, "Leave it out.", count=times)


# -- gradients and optimisers --------------------------------------------------------------------------------


def wasted(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """Gradients that were zeroed or dropped before anybody used them."""
    contributions = recorder.contributions
    for statement in recorder.statements.values():
        mask = contributions.wasted.get(statement.site, 0) & ~contributions.useful.get(statement.site, 0)
        mask |= contributions.always.get(statement.site, 0)
        mask &= sum(leaf.mask for leaf in recorder.tracker.leaves if leaf.optimised) | contributions.stepped
        if not mask:
            continue
        names = [leaf.name for leaf in _leaves(recorder, mask)]
        message = (
            f"This backward computes gradients of {_list(names)} that are zeroed before any step uses them."
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
            leaf for bit in statement.reached
            if (leaf := recorder.tracker.leaves[bit]).parameter and not leaf.optimised
            and not contributions.read & leaf.mask and leaf.ledger is not None and not leaf.rewrapped
        ]  # fmt: skip
        if leaves:
            names = [leaf.name for leaf in leaves]
            message = (
                f"{_list(names)} get gradients here, but no optimiser steps them and no code reads them."
            )
            fix = "Give them to the optimiser, or freeze them with requires_grad_(False)."
            related = [("created here", leaves[0].created)]
            yield Finding("not-in-optimizer", "warning", statement.site, message, fix, related, names)


def accumulated(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """A step that applies once more what an earlier one has applied."""
    contributions = recorder.contributions
    for site, times in contributions.repeated.items():
        names = [leaf.name for leaf in _leaves(recorder, contributions.repeated_leaves[site])]
        message = f"This step applies gradients of {_list(names)} that an earlier step has applied already."
        yield Finding("accumulated-gradient", "warning", site, message,
                      "Call zero_grad() between a step and the next backward.", [], names, times)  # fmt: skip


# -- writes --------------------------------------------------------------------------------------------------


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
    for saved, operator, write in raised.run.victims[:1]:
        message = f"{write.how} overwrites a value that {operator} has saved for backward."
        fix = "Write out of place (x = x + 1), write after backward(), or save a copy with clone()."
        related = [("saved here", saved), ("backward() raised here", raised.backward)]
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
    name = syntax.assigned_name(carried.file, carried.line) if carried is not None else None
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


# -- memory --------------------------------------------------------------------------------------------------


def growth(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """A name that keeps the graphs of past iterations."""
    for each in recorder.growths():
        message = f"{each.holder} keeps the graphs of {each.graphs} past iterations alive."
        fix = "Keep numbers, not tensors: add loss.item(), or detach() what is kept."
        yield Finding("graph-growth", "warning", each.site, message, fix, [], [each.holder])


def dropped(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """A graph that was recorded for nothing."""
    for each in recorder.drops():
        message = (
            f"The graph behind this detach() is recorded and dropped {each.count} times: {each.nodes} "
            f"operators and {each.nbytes:,} bytes each time ({each.share:.1%} of the run)."
        )
        severity: Severity = "warning" if each.share >= 0.01 else "note"
        yield Finding("built-then-dropped", severity, each.site, message,
                      "Compute it under no_grad, which records nothing.", count=each.count)  # fmt: skip


RULES: tuple[Rule, ...] = (
    no_history, unreached, useless_terms, alias_write, stale, saved_modified, twice, non_leaf_grad, growth,
    wasted, not_in_optimizer, accumulated, dropped, redundant_detach,
)  # fmt: skip
