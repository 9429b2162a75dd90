"""What the recorders know of a program's tensors, without holding any of them.

NOTE [ Masks ]. Every leaf has a bit. A :class:`Value` says with two kinds of masks what it was computed from:
``open`` has the bits of the leaves that a gradient can still reach, and ``cuts`` says for each cutting
statement on the way which leaves lie behind it. Masks flow forward as operators run, so nothing of the graph
needs to be kept: memory does not grow with the length of the program, and the question "which statements
block this loss from that leaf" is one look at the loss.
"""

from __future__ import annotations

import weakref
from typing import Any

from .model import Access, Site

__all__ = ["Blocked", "CutRecord", "Leaf", "StorageRecord", "Value", "behind", "joined"]

KEPT_ACCESSES = 12
KEPT_MEMBERS = 24


class Leaf:
    """A tensor that gradients end at."""

    __slots__ = (
        "bit", "created", "dtype", "frozen", "grads", "ledger", "mask", "name", "optimised", "parameter",
        "ref", "rewrapped", "shape", "statements", "switched", "used",
    )  # fmt: skip

    def __init__(self, bit: int, t: Any, shape: tuple[int, ...], dtype: str, created: Site) -> None:
        self.bit = bit
        self.mask = 1 << bit
        self.ref = weakref.ref(t)
        self.shape = shape
        self.dtype = dtype
        self.created = created
        self.name = ""  # learnt when somebody can see the tensor
        self.parameter = False  # whether it is an nn.Parameter
        self.optimised = False  # whether some optimiser steps it
        self.frozen: Site | None = None  # where requires_grad was last switched off
        self.rewrapped = False  # whether Parameter() made it of a computed tensor
        self.used = 0  # in how many operators
        self.statements: set[Any] = set()  # the backward statements that its optimiser's steps follow
        self.switched: Site | None = None  # where requires_grad was turned on
        self.grads = 0  # how many gradients it has received
        self.ledger: Any = None  # what became of them, see contributions.py


class CutRecord:
    """One cutting statement."""

    __slots__ = ("behind", "blocked", "count", "dropped", "kind", "marked", "operator", "site", "what")

    def __init__(self, kind: str, site: Site, operator: str, what: str, marked: bool) -> None:
        self.kind = kind
        self.site = site
        self.operator = operator
        self.what = what
        self.marked = marked  # `# upriver: cut`
        self.count = 0
        self.behind = 0  # the leaves that its values have depended on
        self.blocked = 0  # the leaves it has kept from some loss
        self.dropped: Any = None  # what was recorded and then dropped behind it, see keepers.py


Blocked = tuple[tuple[CutRecord, int], ...]  # for each cut the leaves that lie behind it


class StorageRecord:
    """One buffer: who shares it, who wrote it, and how often anybody did."""

    # Class attributes are the defaults: one is made with every operator, and most of it is never set.
    unseen: tuple[tuple[int, Access], ...] = ()  # writes that no version counter saw, by write number
    alias_write: tuple[int, Access] | None = None  # the last through an alias outside the graph,
    alias_writer: Value | None = None  # and the alias that did
    superseded = False  # whether from_numpy() has made another tensor of its memory since
    accesses: tuple[Access, ...] = ()
    history: tuple[tuple[int, Access], ...] = ()  # the latest writes, by number
    # weak reference, kind, where it was made, shape, bytes
    members: tuple[tuple[Any, str, Site | None, tuple[int, ...], int], ...] = ()
    arrays: tuple[Any, ...] = ()  # weak references to ndarrays on it
    checksum: int | None = None  # of its bytes at the last look, while arrays are out,
    polled = 0  # and how many writes there had been then

    def __init__(self, key: int, nbytes: int) -> None:
        self.key = key
        self.nbytes = nbytes
        self.writes = 0  # by any route

    def note(self, access: Access) -> None:
        """Remember something that happened to it; the first and the latest are kept."""
        if access not in self.accesses:
            kept = self.accesses
            if len(kept) >= KEPT_ACCESSES:
                kept = kept[: KEPT_ACCESSES // 2] + kept[KEPT_ACCESSES // 2 + 1 :]
            self.accesses = (*kept, access)

    def wrote(self, access: Access) -> None:
        """Count one write."""
        self.writes += 1
        self.history = (*self.history[1 - KEPT_ACCESSES :], (self.writes, access))
        self.note(access)
        if not access.seen:
            self.unseen = (*self.unseen, (self.writes, access))

    def join(self, t: Any, kind: str, site: Site | None) -> None:
        """Add a tensor or an array that shares it."""
        if len(self.members) >= KEPT_MEMBERS:
            self.members = tuple(member for member in self.members if member[0]() is not None)
        if len(self.members) < KEPT_MEMBERS:
            self.members = (*self.members, (weakref.ref(t), kind, site, tuple(t.shape), int(t.nbytes)))


NONE: frozenset[tuple[int, int]] = frozenset()


class Value:
    """What is known of one tensor: where it was made, and what it descends from; see NOTE [ Masks ]."""

    __slots__ = (
        "__weakref__",
        "added",
        "alias",
        "carried",
        "cuts",
        "epoch",
        "graph",
        "leaf",
        "maybe",
        "module",
        "of_grads",
        "oldest",
        "open",
        "operands",
        "operator",
        "owner",
        "reused",
        "seen_writes",
        "shape",
        "site",
        "storage",
        "upstream",
        "watch",
        "weak",
    )  # fmt: skip

    def __init__(self, site: Site | None, operator: str) -> None:
        self.site = site
        self.operator = operator
        self.leaf: Leaf | None = None
        self.open = 0
        self.cuts: Blocked = ()
        self.added: Blocked = ()  # cuts of constants that are only added on: terms without any effect
        self.of_grads: frozenset[tuple[int, int]] = (
            NONE  # leaves (and which of their gradients) it comes from
        )
        self.owner: Leaf | None = None  # the leaf whose memory it shows, outside the graph
        self.maybe: Blocked = ()  # exits that a constant may have come back from
        self.weak: Blocked = ()  # cuts on the way to an index or a mask, which chose among its elements
        self.carried: frozenset[tuple[str, int]] = frozenset()  # lines at which it met older history
        self.upstream = 0  # all leaves it depends on: `open` and what is behind `cuts`
        self.graph = False  # whether it has a history
        self.epoch = 0  # how many backward passes had been run when it was made,
        self.oldest = 0  # and when the oldest part of its history was made
        self.module = ""  # the module that was running
        self.operands: tuple[tuple[StorageRecord | None, int], ...] = ()  # storages, and writes at the time
        self.alias = ""  # "detach", ".data": outside the graph on memory that is inside
        self.storage: StorageRecord | None = None
        self.seen_writes = 0  # writes of its storage that it knows of
        self.reused = False  # whether an operator of the graph took it up
        self.shape: tuple[int, ...] = ()
        self.watch: Any = None  # tells when the tensor dies


def joined(first: Blocked, second: Blocked) -> Blocked:
    """Both sets of cuts, a cut's masks united."""
    if not second or first is second:
        return first
    if not first:
        return second
    merged = dict(first)
    for cut, mask in second:
        merged[cut] = merged.get(cut, 0) | mask
    return tuple(merged.items())


def behind(value: Value, mask: int) -> list[CutRecord]:
    """The cuts of ``value`` behind which one of the leaves in ``mask`` lies."""
    return [cut for cut, blocked in value.cuts if blocked & mask]
