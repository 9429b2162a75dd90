"""From a program's calls to what is known of its tensors: who descends from whom, and what was cut.

Both recorders call the same few methods, one for each kind of event; a recorder adds only how it hears of
them.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from types import FrameType
from typing import Any

from . import syntax
from .known import KEY, Made
from .model import Site
from .sites import NOWHERE
from .values import Value, joined
from .writes import Writes

__all__ = ["KEY", "Made", "Tracker"]

# Operators through which a constant term stays a constant term.
ADDITIVE = frozenset({
    "add", "__add__", "__radd__", "sub", "__sub__", "__rsub__", "rsub", "add_", "sub_", "__iadd__",
    "__isub__", "sum", "mean", "stack", "cat", "neg", "__neg__", "subtract",
})  # fmt: skip
# Operators with operands that only choose among the elements of others: indices and masks.
CHOOSING = frozenset({
    "__getitem__", "__setitem__", "gather", "index_select", "take", "take_along_dim", "embedding",
    "embedding_bag", "where", "masked_fill", "masked_fill_", "masked_select", "masked_scatter",
    "masked_scatter_", "scatter", "scatter_", "scatter_add", "scatter_add_", "scatter_reduce",
    "scatter_reduce_", "index_add", "index_add_", "index_copy", "index_copy_", "index_fill",
    "index_fill_", "index_put", "index_put_", "cross_entropy", "nll_loss", "multi_margin_loss", "select",
    "narrow", "roll", "repeat_interleave",
})  # fmt: skip
EARLIEST = 6  # living tensors of a statement that can be asked who holds them
TERMS = ("item", "tolist", "numpy", "tensor", "non-differentiable")


class Tracker(Writes):
    """The state of a recording."""

    def operated(self, name: str, inputs: list[Any], outputs: list[Any], frame: FrameType,
                 before: Value | None = None, more: Iterable[Value] = ()) -> None:  # fmt: skip
        """An operator has run. ``before``: what was known of the tensor that it wrote, ``more``: Values of
        operands that are no tensors.
        """
        self.operators += 1
        made = Value(self.sites.here(frame), name)
        made.epoch = made.oldest = self.epoch
        made.module = self.module
        values = [self.value_of(t) if before is None or t is not outputs[0] else before for t in inputs]
        additive = name in ADDITIVE
        chosen = [not self.framework.differentiable(t) for t in inputs] if name in CHOOSING else ()
        selects = any(chosen) and not all(chosen)
        for index, value in enumerate((*values, *more)):
            made.open |= value.open
            made.upstream |= value.upstream if value.leaf is None or value.open else 0
            if value.of_grads:
                made.of_grads |= value.of_grads
            if value.cuts or value.maybe or value.carried or value.added or value.weak:
                _inherit(made, value, additive, selects and index < len(chosen) and chosen[index])
            if value.graph and value.oldest < made.oldest:
                made.oldest = value.oldest
        for t, value in zip(inputs, values, strict=True):
            if value.leaf is not None:
                value.leaf.used += 1
            if not t.requires_grad and before is None:
                value.reused = True
            storage = value.storage
            if storage is not None and (value.alias or storage.alias_write is not None or storage.arrays):
                self._check_use(t, value, storage, made, frame)
        if additive and made.open:
            self._check_terms(values, more, made)
        made.operands = tuple([(value.storage, value.seen_writes) for value in values])
        if before is not None:
            self._written(outputs[0], before, made, frame)
        elif len(outputs) == 1:
            self._result(outputs[0], values, inputs, made, frame)
        else:
            self._results(outputs, values, inputs, made, frame)

    def _results(self, outputs: list[Any], values: list[Value], inputs: list[Any], made: Value,
                 frame: FrameType) -> None:  # fmt: skip
        """Several results of one operator, each with a Value of its own."""
        # broadcast_tensors() returns what comes of a constant beside what comes of a parameter.
        aside = any(out.requires_grad for out in outputs) and not all(v.upstream for v in values)
        for out in outputs:
            value = _copy(made)
            if aside and not out.requires_grad and self.framework.differentiable(out):
                value.open = value.upstream = 0
            self._result(out, values, inputs, value, frame)

    def _result(
        self, out: Any, values: list[Value], inputs: list[Any], made: Value, frame: FrameType
    ) -> None:
        value, recorded = made, out.requires_grad
        if not recorded and value.upstream:
            self._block(out, value, values, inputs, frame)
        key, nbytes = self.framework.storage(out)
        shared = None
        for v in values:
            if v.storage is not None and v.storage.key == key:
                shared = v
                break
        if shared is not None:
            value.storage, value.seen_writes = shared.storage, shared.seen_writes
            if not recorded:
                value.alias = shared.alias
        else:
            value.storage = self.new_storage(key, nbytes)
        value.operands = (*value.operands, (value.storage, value.seen_writes))
        self.remember(out, value)
        if shared is not None and value.storage is not None:
            if not value.storage.members:
                base = inputs[values.index(shared)]
                value.storage.join(base, "tensor", shared.site)
            value.storage.join(out, value.alias or "view", value.site)
        if recorded and out.grad_fn is not None:
            self._count_alive(out, value)
            if value.oldest < self.epoch and value.oldest < value.epoch:
                self._carried(value, values)

    def _block(
        self, out: Any, value: Value, values: list[Value], inputs: list[Any], frame: FrameType
    ) -> None:
        """A result without history whose operands depend on leaves: say what cut it."""
        site = value.site or NOWHERE
        if value.open and not self._blocking(out):
            return  # inside a custom Function's forward: its node will speak for it
        first = next((n for n, v in enumerate(values) if v.upstream), 0)
        what = self.what(inputs[first], values[first]) if values else ""
        if not self.framework.grad_enabled():
            if self.enabled and not self.framework.inference():
                return
            kind = "inference_mode" if self.framework.inference() else "no_grad"
            cut = self.cut(kind, self.switch_site(frame, site), value.operator, what)
        elif value.open or not self.framework.differentiable(out):
            if not value.open and any(c.kind == "non-differentiable" for c, _ in value.cuts):
                return  # the operator before it has no derivative already
            cut = self.cut("non-differentiable", site, value.operator, what)
        else:
            return
        value.cuts = joined(value.cuts, ((cut, value.upstream),))
        value.open = 0

    def _blocking(self, out: Any) -> bool:
        """Whether gradients are off, or impossible, by the program's own will."""
        if self.framework.grad_enabled():
            return True
        return not self.enabled or self.framework.inference()

    def switch_site(self, frame: FrameType, site: Site) -> Site:
        """The statement that has switched gradients off."""
        if self.off is not None and any(word in self.off.source for word in syntax.OFF):
            return self.off
        for each in self.sites.stack(frame):
            found = syntax.enclosing_no_grad(each.file, each.line, each.function)
            if found is not None:
                return found
        return self.off or site

    def _count_alive(self, t: Any, value: Value) -> None:
        """Count ``t`` among the living until it dies."""
        site = value.site or NOWHERE
        made = self.made.get(id(site))
        if made is None:
            made = self.made[id(site)] = Made(site)
        made.alive += 1
        value.watch = watch = weakref.ref(t, made.died)
        first = made.first
        if len(first) >= EARLIEST:
            first[:] = [each for each in first if each[0]() is not None]
        if len(first) < EARLIEST:
            first.append((watch, self.epoch))

    def _carried(self, value: Value, values: list[Value]) -> None:
        """Note the statement at which history of earlier iterations meets that of this one."""
        if any(v.graph and v.epoch == self.epoch and v.oldest == value.oldest for v in values):
            return  # it has met it before
        site = value.site or NOWHERE
        line = (site.file, site.line)
        if line in value.carried:  # and so it did in an iteration before
            _, times = self.crossings.get(site, (0, 0))
            self.crossings[site] = (self.epoch - value.oldest, times + 1)
        value.carried |= {line}

    def _written(self, t: Any, before: Value, made: Value, frame: FrameType) -> None:
        """``t`` was written in place; ``made`` is what its new content descends from."""
        storage = before.storage
        assert storage is not None
        self.wrote(storage, before, made.operator, made.site or NOWHERE)
        made.storage, made.seen_writes = storage, storage.writes
        if self.framework.history(t) is not None:
            self.remember(t, made)
            if made.oldest < self.epoch:
                self._carried(made, [before])
            return
        before.seen_writes = storage.writes
        leaf = before.leaf or before.owner
        if leaf is None:
            before.of_grads |= made.of_grads
        elif made.of_grads and self.on_manual_step is not None:
            self.on_manual_step(leaf, made.of_grads, made.site or NOWHERE)
        if before.leaf is not None or before.owner is not None or before.operator == "" or not made.upstream:
            return  # an update of weights or buffers: they stay where gradients begin
        before.cuts, before.weak, before.upstream = made.cuts, made.weak, made.upstream
        if not self.framework.grad_enabled() and not self.enabled:
            cut = self.cut("no_grad", self.switch_site(frame, made.site or NOWHERE), made.operator, "")
            before.cuts = joined(made.cuts, ((cut, made.upstream),))

    def _check_terms(self, values: list[Value], more: Iterable[Value], made: Value) -> None:
        """Scalars without history that are added to one with history have no effect on any gradient."""
        for value in (*values, *more):
            if value.cuts and not value.graph and not value.open and not any(value.shape):
                constant = tuple(pair for pair in value.cuts if pair[0].kind in TERMS)
                made.added = joined(made.added, constant)

    def aliased(self, kind: str, t: Any, result: Any, frame: FrameType) -> None:
        """``detach()`` or ``.data`` of ``t`` gave ``result``, on the same memory."""
        site = self.sites.here(frame)
        value = self.value_of(t)
        made = Value(site, kind)
        made.epoch = made.oldest = self.epoch
        made.alias = ".data" if kind == "data" else kind
        made.storage, made.seen_writes = value.storage, value.seen_writes
        made.maybe = value.maybe
        if value.upstream:
            cut = self.cut(kind, site, kind, self.what(t, value))
            cut.behind |= value.upstream
            made.cuts = joined(value.cuts, ((cut, value.upstream),))
            made.upstream = value.upstream
        made.owner = value.leaf or value.owner
        made.of_grads = value.of_grads
        if kind == "detach":
            (self.detached if t.requires_grad else self.redundant)[site] += 1
        self.remember(result, made)
        if value.storage is not None:
            if not value.storage.members:
                value.storage.join(t, "tensor", value.site)
            value.storage.join(result, made.alias, site)

    def left(self, kind: str, operator: str, t: Any, frame: FrameType) -> Value:
        """The value of ``t`` leaves for Python or NumPy: what is known of whatever comes back of it."""
        site = self.sites.here(frame)
        value = self.value_of(t)
        made = Value(site, operator)
        if value.upstream:
            cut = self.cut(kind, site, operator, self.what(t, value))
            # x.detach().numpy() is one statement, and one cut
            before = tuple(
                pair for pair in value.cuts if pair[0].kind != "detach" or pair[0].site.line != site.line
            )
            made.cuts = joined(before, ((cut, value.upstream),))
            made.upstream = value.upstream
        return made

    def switched(self, t: Any, on: bool, frame: FrameType) -> None:
        """``requires_grad`` was set."""
        if not on or t.grad_fn is not None:
            return
        value = self.value_of(t)
        leaf = value.leaf or self._make_leaf(t, value, None)
        leaf.frozen = None
        site = self.sites.here(frame)
        if not leaf.created.line:
            leaf.created = site
        if value.reused:
            leaf.switched = site


def _inherit(made: Value, value: Value, additive: bool, chooses: bool) -> None:
    """What of an operand's past, beside its leaves, goes on to the result."""
    made.carried |= value.carried
    made.maybe = joined(made.maybe, value.maybe)
    made.weak = joined(made.weak, value.weak)
    if additive:
        made.added = joined(made.added, value.added)
    if chooses:
        made.weak = joined(made.weak, value.cuts)
    else:
        made.cuts = joined(made.cuts, value.cuts)


def _copy(value: Value) -> Value:
    made = Value(value.site, value.operator)
    made.open, made.cuts, made.maybe, made.upstream = value.open, value.cuts, value.maybe, value.upstream
    made.epoch, made.oldest = value.epoch, value.oldest
    made.module, made.operands = value.module, value.operands
    made.added, made.of_grads = value.added, value.of_grads
    made.weak, made.carried = value.weak, value.carried
    return made
