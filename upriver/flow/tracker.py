"""From a program's calls to what is known of its tensors: who descends from whom, what was cut, who wrote.

Both recorders call the same few methods, one for each kind of event; a recorder adds only how it hears of
them. Tensors are looked at while a call is handled and never kept: see :mod:`upriver.flow.values`.
"""

from __future__ import annotations

import linecache
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

from . import syntax
from .framework import Framework
from .model import Access, Site
from .names import Names
from .sites import NOWHERE, Sites
from .values import CutRecord, Leaf, StorageRecord, Value, joined

__all__ = ["KEY", "Tracker"]

KEY = "upriver.flow"  # under which a node's metadata holds the Value of its output

# Operators through which a constant term stays a constant term.
ADDITIVE = frozenset({"add", "__add__", "__radd__", "sub", "__sub__", "__rsub__", "rsub", "add_", "sub_", "__iadd__",
                      "__isub__", "sum", "mean", "stack", "cat", "neg", "__neg__", "subtract"})  # fmt: skip
TERMS = ("item", "tolist", "numpy", "tensor", "non-differentiable")

ARRAYS = ("ndarray", "numpy source")
SWITCHES = ("no_grad", "inference_mode", "set_grad_enabled")


class Made:
    """The tensors with history that one statement has made and that are alive."""

    __slots__ = ("alive", "first", "site")

    def __init__(self, site: Site) -> None:
        self.site = site
        self.alive = 0
        self.first: list[Any] = []  # weak references to the earliest

    def died(self, _: Any) -> None:
        """One of them is gone."""
        self.alive -= 1


class Tracker:
    """The state of a recording."""

    def __init__(self, framework: Framework, sites: Sites) -> None:
        self.framework = framework
        self.sites = sites
        self.names = Names(sites)
        self.leaves: list[Leaf] = []
        self.cuts: dict[tuple[str, str, int, str], CutRecord] = {}
        self.values: dict[int, tuple[Any, Value]] = {}  # of tensors without history, by id
        self.storages: weakref.WeakValueDictionary[int, StorageRecord] = weakref.WeakValueDictionary()
        self.epoch = 0  # backward passes so far that ended an iteration
        self.operators = 0
        self.off: Site | None = None  # where the program switched gradients off
        self.enabled = True  # the grad mode that the program asked for
        self.module = ""  # path of the module that is running
        self.files: dict[str, None] = {}  # of the program, in the order of their first backward
        self.made: dict[int, Made] = {}  # what statements have made and is alive, by id of the site
        self.detached: Counter[Site] = Counter()  # how often a detach had something to cut
        self.crossings: dict[
            Site, tuple[int, int]
        ] = {}  # statements that carry old history on: epochs, how many
        self.redundant: Counter[Site] = Counter()  # detach of what has no history
        # write, use, where the tensor was made, and for a leaf the alias that wrote it
        self.alias_writes: dict[Site, tuple[Access, Site, Site | None, Value | None]] = {}
        self.on_manual_step: Any = None  # hears of updates by hand: the leaf, and where
        self.unseen = False  # whether any write went past the version counters

    # -- looking up ------------------------------------------------------------------------------------------

    def value_of(self, t: Any) -> Value:
        """What is known of ``t``; made up from what can be seen where nothing is."""
        node = self.framework.history(t)
        if node is not None:
            known: Value | None = node.metadata.get((KEY, t.output_nr))
            return known if known is not None else self._unknown_history(t, node)
        entry = self.values.get(id(t))
        if entry is not None and entry[0]() is t:
            value = entry[1]
            if t.requires_grad:
                if value.leaf is None:
                    self._make_leaf(t, value, None)
                value.open = value.leaf.mask  # type: ignore[union-attr]
            elif value.leaf is not None:
                value.open = 0
            return value
        value = Value(None, "")
        self.remember(t, value)
        if t.requires_grad:
            self._make_leaf(t, value, None)
        return value

    def remember(self, t: Any, value: Value) -> Value:
        """Attach ``value`` to ``t``: through its node if it has one, else by its identity."""
        value.shape = tuple(t.shape)
        node = self.framework.history(t)
        if node is not None:
            node.metadata[KEY, t.output_nr] = value
            value.graph = True
        else:
            key, values = id(t), self.values
            values[key] = (weakref.ref(t, lambda _: values.pop(key, None)), value)
        if value.storage is None:
            self._place(t, value)
        return value

    def _place(self, t: Any, value: Value) -> None:
        """Find or make the record of the storage of ``t``."""
        key, nbytes = self.framework.storage(t)
        record = self.storages.get(key)
        if record is None:
            record = self.storages[key] = StorageRecord(key, nbytes)
        value.storage = record
        value.seen_writes = record.writes

    def _unknown_history(self, t: Any, node: Any) -> Value:
        """The Value of a tensor whose node nobody saw being made: a custom Function's, a rebuilt view's."""
        entry = self.values.get(id(t))
        value = Value(entry[1].site if entry is not None and entry[0]() is t else None, node.name())
        value.oldest = value.epoch = self.epoch
        for known in self.known_behind(node):
            value.open |= known.open
            value.upstream |= known.upstream
            value.cuts = joined(value.cuts, known.cuts)
            value.oldest = min(value.oldest, known.oldest)
        return self.remember(t, value)

    def known_behind(self, node: Any) -> Iterator[Value]:
        """The nearest known Values behind a node, and those of the leaves it reaches."""
        stack, seen = [node], set()
        while stack:
            for following, number in stack.pop().next_functions:
                if following is None or (following, number) in seen:
                    continue
                seen.add((following, number))
                variable = getattr(following, "variable", None)
                known = following.metadata.get((KEY, number)) if variable is None else self.value_of(variable)
                if known is not None:
                    yield known
                else:
                    stack.append(following)

    def _make_leaf(self, t: Any, value: Value, site: Site | None) -> Leaf:
        """A new leaf for ``t``; one that was made by the same statement and has died gives up its bit."""
        shape = tuple(t.shape)
        created = site or value.site or NOWHERE
        parameter = self.framework.is_parameter(t)
        if created.line and not parameter:
            for old in self.leaves:
                if old.created == created and old.shape == shape and not old.parameter and old.ref() is None:
                    old.ref = weakref.ref(t)
                    self._attach(old, value)
                    return old
        leaf = Leaf(len(self.leaves), t, shape, str(t.dtype), created)
        leaf.parameter = parameter
        self.leaves.append(leaf)
        self._attach(leaf, value)
        return leaf

    def _attach(self, leaf: Leaf, value: Value) -> None:
        value.leaf = leaf
        value.open = leaf.mask
        value.upstream |= leaf.mask

    def cut(self, kind: str, site: Site, operator: str, what: str) -> CutRecord:
        """The record of a cutting statement."""
        key = (kind, site.file, site.line, operator)
        record = self.cuts.get(key)
        if record is None:
            record = self.cuts[key] = CutRecord(kind, site, operator, what, self.sites.marked(site))
        record.count += 1
        return record

    def what(self, t: Any, value: Value) -> str:
        """One phrase for a tensor: its name if it can be told from the statement, type and shape."""
        kind = f"{str(t.dtype).removeprefix('torch.')}{list(value.shape or t.shape)}"
        if value.leaf is not None:
            return f"{value.leaf.name or 'a leaf'}, {kind}"
        site = value.site
        name = syntax.assigned_name(site.file, site.line) if site is not None else None
        return f"{name or 'a tensor'}, {kind}"

    # -- operators -------------------------------------------------------------------------------------------

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
        chosen = [not self.framework.differentiable(t) for t in inputs] if len(inputs) > 1 else ()
        selects = any(chosen) and not all(chosen)
        for index, value in enumerate((*values, *more)):
            made.open |= value.open
            made.upstream |= value.upstream if value.leaf is None or value.open else 0
            if value.of_grads:
                made.of_grads |= value.of_grads
            if value.upstream != value.open or value.maybe or value.carried or value.added or value.weak:
                _inherit(made, value, additive, selects and index < len(chosen) and chosen[index])
            if value.graph and value.oldest < made.oldest:
                made.oldest = value.oldest
        for t, value in zip(inputs, values, strict=True):
            if value.leaf is not None:
                value.leaf.used += 1
            if not t.requires_grad and before is None:
                value.reused = True
            self._check_use(t, value, made, frame)
        if additive and made.open:
            self._check_terms(values, more, made)
        made.operands = tuple([(value.storage, value.seen_writes) for value in values])
        if before is not None:
            self._written(outputs[0], before, made, frame)
        else:
            for out in outputs:
                self._result(out, values, inputs, made, frame)
                made = _copy(made)

    def _result(
        self, out: Any, values: list[Value], inputs: list[Any], made: Value, frame: FrameType
    ) -> None:
        value, recorded = made, out.requires_grad
        if not recorded and value.upstream:
            self._block(out, value, values, inputs, frame)
        key, nbytes = self.framework.storage(out)
        shared = next((v for v in values if v.storage is not None and v.storage.key == key), None)
        if shared is not None:
            value.storage, value.seen_writes = shared.storage, shared.seen_writes
            if not recorded:
                value.alias = shared.alias
        else:
            value.storage = self.storages[key] = StorageRecord(key, nbytes)
        value.operands = (*value.operands, (value.storage, value.seen_writes))
        self.remember(out, value)
        if shared is not None and value.storage is not None:
            value.storage.join(weakref.ref(out), value.alias or "view", value.site)
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
        if self.off is not None and any(word in self.off.source for word in SWITCHES):
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
        if len(first) >= 4:
            first[:] = [each for each in first if each() is not None]
        if len(first) < 4:
            first.append(watch)

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

    # -- memory ----------------------------------------------------------------------------------------------

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
        before.cuts, before.upstream = made.cuts, made.upstream
        if not self.framework.grad_enabled() and not self.enabled:
            cut = self.cut("no_grad", self.switch_site(frame, made.site or NOWHERE), made.operator, "")
            before.cuts = joined(made.cuts, ((cut, made.upstream),))

    def wrote(self, storage: StorageRecord, through: Value, operator: str, site: Site) -> None:
        """Count one write of ``storage`` by the alias that ``through`` is."""
        access = Access("wrote", operator, site, through.alias != ".data")
        storage.wrote(access)
        if through.alias:
            storage.alias_write, storage.alias_writer = (storage.writes, access), through
        self.unseen = self.unseen or not access.seen

    def _check_terms(self, values: list[Value], more: Iterable[Value], made: Value) -> None:
        """Scalars without history that are added to one with history have no effect on any gradient."""
        for value in (*values, *more):
            if value.cuts and not value.graph and not value.open and not any(value.shape):
                constant = tuple(pair for pair in value.cuts if pair[0].kind in TERMS)
                made.added = joined(made.added, constant)

    def _check_use(self, t: Any, value: Value, made: Value, frame: FrameType) -> None:
        """Whether an operand was written through an alias since it was made."""
        storage = value.storage
        if storage is None:
            return
        if storage.arrays:
            self.poll(t, storage, frame)
        write = storage.alias_write
        if write is None or value.alias or write[0] <= value.seen_writes:
            return
        value.seen_writes = storage.writes
        if value.graph or (value.leaf is not None and not value.leaf.parameter):
            writer = None if value.graph else storage.alias_writer
            self.alias_writes.setdefault(write[1].site, (write[1], made.site or NOWHERE, value.site, writer))

    def exported(self, array: Any, storage: StorageRecord, t: Any, site: Site, kind: str) -> None:
        """``array`` is a plain ndarray on this storage: from now on its bytes are compared."""
        storage.arrays = [each for each in storage.arrays if each() is not None]
        storage.arrays.append(weakref.ref(array))
        if not storage.members:
            storage.join(weakref.ref(t), "tensor", None)
        storage.join(storage.arrays[-1], kind, site)
        storage.checksum = self.framework.checksum(t)

    def poll(self, t: Any, storage: StorageRecord, frame: FrameType | None = None) -> None:
        """Look whether somebody wrote the bytes through an ndarray since the last look."""
        total = self.framework.checksum(t)
        if storage.checksum is not None and total != storage.checksum and storage.writes == storage.polled:
            site = self.array_writer(storage, frame)
            access = Access("wrote", "numpy", site, False)
            storage.wrote(access)
            storage.alias_write, storage.alias_writer = (storage.writes, access), None
            self.unseen = True
        storage.checksum, storage.polled = total, storage.writes
        storage.arrays = [each for each in storage.arrays if each() is not None]

    def poll_all(self, frame: FrameType) -> None:
        """Look at every storage that an ndarray may have written."""
        for storage in list(self.storages.values()):
            if storage.arrays:
                alive = (reference() for reference, kind, _ in storage.members if kind not in ARRAYS)
                t = next((each for each in alive if each is not None), None)
                if t is not None:
                    self.poll(t, storage, frame)

    def array_written(self, storage: StorageRecord, site: Site) -> None:
        """An assignment to an ndarray on this storage was seen."""
        access = Access("wrote", "numpy", site, False)
        storage.wrote(access)
        storage.alias_write, storage.alias_writer = (storage.writes, access), None
        storage.checksum = None
        self.unseen = True

    def array_writer(self, storage: StorageRecord, frame: FrameType | None) -> Site:
        """The statement that most likely wrote an ndarray: it adds to, or assigns into, its name."""
        for reference, kind, site in storage.members:
            array = reference()
            if kind in ARRAYS and site is not None:
                name = self.names.of(array, frame) if array is not None else None
                name = name or syntax.assigned_name(site.file, site.line)
                for line in syntax.accumulating_statement(site.file, name) if name else ():
                    if line >= site.line:
                        return Site(
                            site.file, line, site.function, linecache.getline(site.file, line).strip()
                        )
                return site
        return NOWHERE

    # -- leaving the graph -----------------------------------------------------------------------------------

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
            made.cuts = joined(value.cuts, ((cut, value.upstream),))
            made.upstream = value.upstream
        made.owner = value.leaf or value.owner
        made.of_grads = value.of_grads
        if kind == "detach":
            (self.detached if t.requires_grad else self.redundant)[site] += 1
        self.remember(result, made)
        if value.storage is not None:
            if not value.storage.members:
                value.storage.join(weakref.ref(t), "tensor", value.site)
            value.storage.join(weakref.ref(result), made.alias, site)

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
