"""Rules about what cuts: no path at all, parameters left without gradient, terms without effect."""

from __future__ import annotations

from collections.abc import Iterator

from .. import syntax
from ..model import Finding, Severity, Site
from ..recorder import Recorder
from ..values import CutRecord, Leaf
from .raised import Raised
from .wording import EXITS, leaves_in, listed, repair, rule_of, says

__all__ = ["late", "no_history", "non_leaf_grad", "redundant_detach", "unreached", "useless_terms"]


def no_history(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """``backward()`` on a tensor whose every path was cut."""
    if raised is None or "does not require grad" not in raised.message or raised.run is None:
        return
    raised.explained = "no-history"
    run, here = raised.run, ("backward() raised here", raised.backward)
    reached = [leaf for leaf in recorder.tracker.leaves if leaf.bit in run.statement.reached]
    frozen = [leaf.frozen for leaf in reached if leaf.frozen is not None]
    cuts = [cut for cut, _ in run.cuts] or [cut for cut, _ in (*run.weak, *run.maybe[-1:])]
    late = [leaf for leaf in recorder.tracker.leaves if leaf.switched is not None and not leaf.grads]
    if frozen:
        message = "backward() has nothing to follow: what it reached before has requires_grad switched off."
        fix = "Switch requires_grad on again before this loss is computed."
        yield Finding("no-history", "error", frozen[-1], message, fix, [here])
    elif cuts:
        yield from _all_cut(cuts, here)
    elif late:
        raised.explained = "late-requires-grad"
        yield from (_late(leaf, "error") for leaf in late)
    else:
        off = recorder.turned_off[-1:] or [raised.backward]
        message = "backward() has nothing to follow: nothing that the loss was computed from requires grad."
        fix = "Create the parameters with requires_grad=True, and compute the loss from them."
        yield Finding("no-history", "error", off[0], message, fix, [here])


def _all_cut(cuts: list[CutRecord], here: tuple[str, Site]) -> Iterator[Finding]:
    """Each of the statements behind which everything lies, under the rule's name and that of its kind."""
    for cut in cuts:
        if cut.marked:
            continue
        related = [*(("also cut here", other.site) for other in cuts if other is not cut), here]
        fix = repair(cut)
        message = (
            f"backward() has nothing to follow: every path to the loss is cut; {says(cut)} ({cut.what})."
        )
        yield Finding("no-history", "error", cut.site, message, fix, related)
        rule = rule_of(cut.kind)
        if rule != "unreached-parameter":
            message = f"{says(cut)}: no gradient passes to {cut.what}."
            yield Finding(rule, "error", cut.site, message, fix, [here])


def late(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """``requires_grad`` that came too late."""
    unused = raised is not None and "not have been used in the graph" in raised.message
    for leaf in recorder.tracker.leaves:
        if leaf.switched is None or leaf.grads:
            continue
        if raised is not None and (unused or "NoneType" in raised.message):
            raised.explained = "late-requires-grad"
        if not any(leaf.bit in statement.cut for statement in recorder.statements.values()):
            yield _late(leaf, "error" if unused else "warning")


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
        if leaf.grads or leaf.switched is not None or not _wanted(recorder, leaf):
            continue
        statements = [s for s in leaf.statements if leaf.bit in s.cut] or list(recorder.statements.values())
        cuts = [cut for s in statements for cut, _ in s.cut.get(leaf.bit, ())]
        cuts = cuts or [cut for s in recorder.statements.values() for cut, _ in s.weak.get(leaf.bit, ())]
        if not cuts:
            yield from _without_cut(recorder, leaf, by_cut)
        elif not any(cut.marked for cut in cuts):
            for cut in _to_blame(cuts):
                by_cut.setdefault(cut, []).append(leaf)
    for cut, leaves in by_cut.items():
        names = [leaf.name for leaf in leaves]
        message = f"{listed(names)} never get{'s' if len(names) == 1 else ''} a gradient: {says(cut)}."
        fix, related = repair(cut), [("created here", leaves[0].created)]
        yield Finding(rule_of(cut.kind), "warning", cut.site, message, fix, related, names, cut.count)


def _to_blame(cuts: list[CutRecord]) -> list[CutRecord]:
    """Those of a leaf's cuts that nobody means: a detach is written on purpose, an integer cast is not."""
    unmeant = [cut for cut in cuts if cut.kind in (*EXITS, "non-differentiable", "custom-backward")]
    return list(dict.fromkeys(unmeant or cuts))


def _wanted(recorder: Recorder, leaf: Leaf) -> bool:
    """Whether the program means to train a leaf."""
    t = leaf.ref()
    if leaf.frozen is not None or (t is not None and (not t.requires_grad or t.grad is not None)):
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
    """Whether the statement that takes a value out keeps or returns it, rather than printing it."""
    site = exit.site
    return syntax.assigned_name(site.file, site.line) is not None or site.source.startswith("return ")


def useless_terms(recorder: Recorder, raised: Raised | None) -> Iterator[Finding]:
    """Terms of a loss that left the graph: they shift its value, and no gradient."""
    for statement in recorder.statements.values():
        for cut, mask in statement.added:
            names = [leaf.name for leaf in leaves_in(recorder, mask) if _trained(recorder, leaf)]
            if names and not cut.marked and not statement.error:
                message = f"{says(cut)}: this term of the loss has no effect on {listed(names)}."
                rule, related = rule_of(cut.kind), [("added to the loss of this backward", statement.site)]
                yield Finding(rule, "warning", cut.site, message, repair(cut), related, names, cut.count)


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
