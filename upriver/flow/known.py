"""What is known of a program's tensors, leaves, cuts and buffers; looked up by the tensor at hand.

Tensors are looked at while a call is handled and never kept: see :mod:`upriver.flow.values`.
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Iterator
from typing import Any

from . import syntax
from .framework import Framework
from .model import Access, Site
from .names import Names
from .sites import NOWHERE, Sites
from .values import CutRecord, Leaf, StorageRecord, Value, joined

__all__ = ["KEY", "Known", "Made"]

MANY = 1000  # addresses from which those of the dead are cleared away
KEY = "upriver.flow"  # under which a node's metadata holds the Value of its output


class Made:
    """The tensors with history that one statement has made and that are alive."""

    __slots__ = ("alive", "first", "site")

    def __init__(self, site: Site) -> None:
        self.site = site
        self.alive = 0
        self.first: list[tuple[Any, int]] = []  # weak references to the earliest, and when they were made

    def died(self, _: Any) -> None:
        """One of them is gone."""
        self.alive -= 1


class Known:
    """The tables of a recording."""

    def __init__(self, framework: Framework, sites: Sites) -> None:
        self.framework = framework
        self.sites = sites
        self.names = Names(sites)
        self.leaves: list[Leaf] = []
        self.cuts: dict[tuple[str, str, int, str], CutRecord] = {}
        self.values: dict[int, tuple[Any, Value]] = {}  # of tensors without history, by id
        self._storages: dict[int, weakref.ref[StorageRecord]] = {}  # by the address of their buffers
        self._most_storages = MANY
        self.exported_to: weakref.WeakSet[StorageRecord] = weakref.WeakSet()  # that ndarrays show
        # buffers of from_numpy(), by address
        self.sources: weakref.WeakValueDictionary[int, StorageRecord] = weakref.WeakValueDictionary()
        self.epoch = 0  # backward passes so far that ended an iteration
        self.operators = 0
        self.off: Site | None = None  # where the program switched gradients off
        self.enabled = True  # the grad mode that the program asked for
        self.module = ""  # path of the module that is running
        self.made: dict[int, Made] = {}  # what statements have made and is alive, by id of the site
        self.detached: Counter[Site] = Counter()  # how often a detach had something to cut
        self.crossings: dict[
            Site, tuple[int, int]
        ] = {}  # statements that carry old history on: epochs, how many
        self.redundant: Counter[Site] = Counter()  # detach of what has no history
        # write, use, where the tensor was made, and for a leaf the alias that wrote it
        self.alias_writes: dict[Site, tuple[Access, Site, Site | None, Value | None]] = {}
        self.on_manual_step: Any = None  # hears of updates by hand: the leaf, and where
        self.accesses: dict[tuple[str, int, bool], Access] = {}  # one for all writes of a statement
        self.unseen = False  # whether any write went past the version counters

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
        reference = self._storages.get(key)
        record = reference() if reference is not None else None
        if record is None:
            record = self.new_storage(key, nbytes)
        value.storage = record
        value.seen_writes = record.writes

    def new_storage(self, key: int, nbytes: int) -> StorageRecord:
        """A record for a new buffer; whatever was known at its address has died."""
        record = StorageRecord(key, nbytes)
        self._storages[key] = weakref.ref(record)
        if len(self._storages) > self._most_storages:
            self._storages = {
                k: reference for k, reference in self._storages.items() if reference() is not None
            }
            self._most_storages = max(MANY, 2 * len(self._storages))
        return record

    def storages(self) -> list[StorageRecord]:
        """The records of all buffers that are still of use."""
        return [record for reference in self._storages.values() if (record := reference()) is not None]

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
