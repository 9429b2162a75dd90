"""One backward statement: which leaves it reached, with what norm, through which graph.

Every pass compares what leaves hold before and after. The first pass of a statement, and then ever rarer
ones, are *inspected*: the graph is walked, what it saved is added up, and hooks on its nodes see how large
the gradient is at each. Nothing of the graph is kept afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from .model import Access, Site
from .sites import NOWHERE
from .tracker import KEY, Tracker
from .values import Blocked, Leaf, Value, joined

__all__ = ["NodeView", "Pass", "Statement"]

# Operators whose derivative is zero where they are flat.
FLAT = ("Round", "Floor", "Ceil", "Trunc", "Sign", "Sgn", "Relu", "Threshold", "Clamp", "Hardtanh", "Where",
        "MaskedFill", "Hardshrink", "Softshrink", "Fmod", "Heaviside", "Hardsigmoid", "Hardswish",
        "FloorDivide", "Masked", "Zeros")  # fmt: skip
INSPECTED = 6  # passes of one statement: the 1st, 2nd, 4th, 8th ...


class NodeView:
    """What an inspection has seen of one node."""

    __slots__ = (
        "behind",
        "call",
        "custom",
        "leaf",
        "name",
        "norm",
        "number",
        "parents",
        "returned_none",
        "saved",
        "stale",
        "value",
    )

    def __init__(self, number: int, name: str, value: Value | None, call: Value | None) -> None:
        self.number = number
        self.name = name
        self.value = value
        self.call = call  # its value, or what the call returned that made this node on the way
        self.parents: list[tuple[int, Leaf | None]] = []  # nodes it passes gradients to
        self.behind = 0  # the leaves behind it
        self.norm: float | None = None  # of the gradient that came to it
        self.saved: list[tuple[str, int, int]] = []  # name, storage, bytes
        self.stale = ""  # what reading its saved values raised
        self.returned_none: list[int] = []  # which parents a custom backward gave None
        self.custom = False
        self.leaf: Leaf | None = None  # whose gradient ends here


class Statement:
    """All passes that one statement of the program has run."""

    def __init__(self, site: Site, loss: str) -> None:
        self.site = site
        self.loss = loss
        self.count = 0
        self.reached: dict[int, float | None] = {}  # norm of the last contribution, by bit of the leaf
        self.cut: dict[int, Blocked] = {}  # of leaves never reached
        self.maybe: dict[int, Blocked] = {}
        self.partly: dict[int, Blocked] = {}
        self.flat: dict[int, Site] = {}  # why a gradient must be zero
        self.error = ""
        self.nodes: list[NodeView] = []  # of the last inspection
        self.saved_bytes = 0
        self.narrow: set[int] = set()  # sets of leaves that lie behind one intermediate value
        self.weak: dict[int, Blocked] = {}  # cuts on the way to an index
        self.added: Blocked = ()  # cuts of terms that only shift the loss
        self.whole = 0  # all leaves behind it

    def wants_inspection(self) -> bool:
        """Whether the next pass is one to look into."""
        return self.count < 2**INSPECTED and self.count & (self.count + 1) == 0


class Pass:
    """One pass of a statement, from before it runs until after."""

    def __init__(self, tracker: Tracker, statement: Statement, roots: list[Any]) -> None:
        self.tracker = tracker
        self.statement = statement
        self.values = [tracker.value_of(t) for t in roots]
        self.open = self.upstream = 0
        self.cuts: Blocked = ()
        self.maybe: Blocked = ()
        self.weak: Blocked = ()
        for value in self.values:
            self.open |= value.open
            self.upstream |= value.upstream
            self.cuts = joined(self.cuts, value.cuts)
            self.maybe = joined(self.maybe, value.maybe)
            self.weak = joined(self.weak, value.weak)
            statement.added = joined(statement.added, value.added)
        self.freed_epoch = 0
        statement.whole |= self.open
        self.before: dict[int, tuple[int, int]] = {}
        self.handles: list[Any] = []
        self.views: dict[Any, NodeView] = {}
        self.victims: list[tuple[Site, str, Access]] = []  # saved where, by what, written by whom
        self.old = False  # whether a victim was saved before this iteration
        self.freed: tuple[Site | None, Site | None] = (None, None)  # built where, carried over where
        self.roots = [t.grad_fn for t in roots if t.grad_fn is not None]
        self.inspected = statement.wants_inspection()
        if self.inspected:
            self._inspect(self.roots)
            for view in self.views.values():
                self.open |= view.leaf.mask if view.leaf is not None else 0
        for leaf in self._leaves(self.open):
            t = leaf.ref()
            gradient = t.grad if t is not None else None
            self.before[leaf.bit] = (0, 0) if gradient is None else (id(gradient), gradient._version)

    def _leaves(self, mask: int) -> list[Leaf]:
        return [leaf for leaf in self.tracker.leaves if leaf.mask & mask]

    # -- looking into the graph ------------------------------------------------------------------------------

    def _inspect(self, roots: list[Any]) -> None:
        """Walk the graph, oldest nodes last, and hang a hook on each node."""
        order: list[Any] = []
        for node, call in _nodes(roots):
            self.views[node] = view = NodeView(len(self.views), node.name(), _value(node), call)
            order.append((node, view))
        counted: set[int] = set()
        for node, view in order:
            view.parents = [
                (self.views[following].number, self._leaf(following)) if following is not None else (-1, None)
                for following, _ in node.next_functions
            ]
            view.leaf = self._leaf(node)
            self._watch(node, view)
            self._add_up(node, view, counted)
        self._spread_masks(order)

    def _leaf(self, node: Any) -> Leaf | None:
        variable = getattr(node, "variable", None)
        return None if variable is None else self.tracker.value_of(variable).leaf

    def _watch(self, node: Any, view: NodeView) -> None:
        norm = self.tracker.framework.norm

        def arrived(gradients: Any) -> None:
            total = math.hypot(*(norm(g) for g in gradients if g is not None)) if gradients else 0.0
            view.norm = math.hypot(view.norm, total) if view.norm is not None else total

        self.handles.append(node.register_prehook(arrived))
        if self.tracker.framework.custom(node):
            view.custom = True

            def passed(given: Any, _: Any) -> None:
                view.returned_none = [
                    index for index, g in enumerate(given) if g is None and view.parents[index][0] >= 0
                ]

            self.handles.append(node.register_hook(passed))

    def _add_up(self, node: Any, view: NodeView, counted: set[int]) -> None:
        """The bytes that a node keeps; storages are counted once, those of leaves not at all."""
        framework = self.tracker.framework
        try:
            for name, t in framework.saved(node):
                key, nbytes = framework.storage(t)
                if key in counted or (t.requires_grad and t.grad_fn is None):
                    continue
                counted.add(key)
                view.saved.append((name, key, nbytes))
        except RuntimeError as error:
            view.stale = str(error)

    def _spread_masks(self, order: list[tuple[Any, NodeView]]) -> None:
        """Say for each node which leaves lie behind it."""
        by_number = {view.number: view for _, view in order}
        waiting = [view for _, view in order]
        done: set[int] = set()
        while waiting:
            view = waiting[-1]
            missing = [by_number[n] for n, leaf in view.parents if n >= 0 and n not in done and leaf is None]
            if missing and view.number not in done:
                waiting.extend(missing)
                continue
            waiting.pop()
            if view.number not in done:
                for number, leaf in view.parents:
                    if leaf is not None:
                        view.behind |= leaf.mask
                    elif number >= 0:
                        view.behind |= by_number[number].behind
                done.add(view.number)

    # -- values that were written --------------------------------------------------------------------------

    def stale(self) -> list[tuple[Access, Site, str, Site]]:
        """Saved values that were written since by a route that no version counter sees."""
        if not self.tracker.unseen:
            return []
        found = []
        for node, value in _nodes(self.roots):
            changed = [
                (storage, access)
                for storage, at in (value.operands if value is not None else ())
                if storage is not None
                for number, access in storage.unseen
                if number > at
            ]
            if value is None or not changed:
                continue
            kept = {key for key, _ in self._saved_storages(node)}
            found += [
                (access, value.site or NOWHERE, value.operator, self.statement.site)
                for storage, access in changed
                if storage.key in kept
            ]
        return found

    def failed(self, error: str) -> None:
        """The pass has raised: look in the graph for what explains it."""
        second = "second time" in error
        for node, value in _nodes(self.roots) if second or "inplace operation" in error else ():
            try:
                list(self.tracker.framework.saved(node))
            except RuntimeError as stale:
                if value is None:
                    continue
                if "inplace operation" in str(stale):
                    self._victim(value)
                elif second and (self.freed[0] is None or value.epoch < self.freed_epoch):
                    self.freed_epoch = value.epoch
                    self.freed = (value.site, self.freed[1])
        if second or self.old:
            self.freed = (self.freed[0], self._carrier())

    def _victim(self, value: Value) -> None:
        own = ((value.storage, value.seen_writes),)
        for storage, at in (*value.operands, *own):
            if storage is not None:
                writes = [access for number, access in storage.history if number > at and access.seen]
                self.victims += [(value.site or NOWHERE, value.operator, access) for access in writes[-1:]]
                self.old |= bool(writes) and value.epoch < max(root.epoch for root in self.values)

    def _carrier(self) -> Site | None:
        """The value of an earlier iteration that this one took up."""
        epoch = max((value.epoch for value in self.values), default=0)
        for node, value in _nodes(self.roots):
            if value is None or value.epoch != epoch:
                continue
            for following, number in node.next_functions:
                known = following.metadata.get((KEY, number)) if following is not None else None
                if known is not None and known.epoch < epoch:
                    return known.site  # type: ignore[no-any-return]
        return None

    def _saved_storages(self, node: Any) -> list[tuple[int, int]]:
        framework = self.tracker.framework
        try:
            return [framework.storage(t) for _, t in framework.saved(node)]
        except RuntimeError:  # written where it is seen, or freed: the pass itself will say so
            return []

    # -- afterwards ------------------------------------------------------------------------------------------

    def finish(
        self, error: str, contributed: Callable[[Leaf, Site, Any], None] | None, asked: int = 0
    ) -> None:
        """The pass has ended: see what it did. ``contributed`` hears of each ``grad`` that has grown;
        ``asked`` are the leaves whose gradients ``autograd.grad()`` returns.
        """
        self.roots = []
        for handle in self.handles:
            handle.remove()
        statement = self.statement
        statement.count += 1
        if error:
            statement.error = error
        reached = 0
        for leaf in self._leaves(self.open):
            t = leaf.ref()
            gradient = t.grad if t is not None else None
            if gradient is None or self.before.get(leaf.bit) == (id(gradient), gradient._version):
                continue
            reached |= leaf.mask
            statement.reached.setdefault(leaf.bit, None)
            if contributed is not None:
                contributed(leaf, statement.site, gradient)
        if contributed is None and not error:  # autograd.grad() returns what it finds
            reached = self.open & asked
            for leaf in self._leaves(reached):
                leaf.grads += 1
                statement.reached.setdefault(leaf.bit, None)
        if self.inspected:
            self._conclude()
        self.views = {}
        self._note_cuts(reached)

    def _note_cuts(self, reached: int) -> None:
        """For leaves that got nothing, the statements to blame; for the others, what blocks some paths."""
        statement = self.statement
        for cut, mask in self.cuts:
            cut.blocked |= mask & ~reached
        for leaf in self._leaves(self.upstream & ~reached):
            if leaf.bit in statement.reached:
                continue
            blocked = tuple((cut, mask) for cut, mask in self.cuts if mask & leaf.mask)
            if blocked:
                statement.cut[leaf.bit] = joined(statement.cut.get(leaf.bit, ()), blocked)
        for leaf in self._leaves(reached):
            statement.cut.pop(leaf.bit, None)
            blocked = tuple((cut, mask) for cut, mask in self.cuts if mask & leaf.mask)
            if blocked:
                statement.partly[leaf.bit] = joined(statement.partly.get(leaf.bit, ()), blocked)
        for found, blocked in ((statement.maybe, self.maybe), (statement.weak, self.weak)):
            for cut, mask in blocked:
                for leaf in self._leaves(mask & ~reached):
                    found[leaf.bit] = joined(found.get(leaf.bit, ()), ((cut, mask),))

    def _conclude(self) -> None:
        """What the hooks of an inspection saw."""
        statement = self.statement
        views = list(self.views.values())
        statement.nodes = views
        statement.saved_bytes = max(statement.saved_bytes, sum(b for view in views for _, _, b in view.saved))
        for view in views:
            leaf = view.leaf
            if leaf is not None and view.norm is not None:
                statement.reached[leaf.bit] = view.norm
                if view.norm == 0:
                    self._why_zero(leaf, view, views)
            elif view.value is not None and view.value.leaf is None:
                statement.narrow.add(view.behind)
            if view.returned_none:
                self._gave_none(view)

    def _why_zero(self, leaf: Leaf, reached: NodeView, views: list[NodeView]) -> None:
        """The operator at which a gradient on its way to ``leaf`` has become zero, if it is a flat one."""
        downstream: dict[int, list[NodeView]] = {}
        for view in views:
            for number, _ in view.parents:
                downstream.setdefault(number, []).append(view)
        stack, seen = [reached], set()
        while stack:
            for view in downstream.get(stack.pop().number, ()):
                if view.number in seen:
                    continue
                seen.add(view.number)
                if view.norm == 0 or view.norm is None:
                    stack.append(view)
                elif view.name.startswith(FLAT):
                    self.statement.flat[leaf.bit] = (view.call.site if view.call else None) or NOWHERE

    def _gave_none(self, view: NodeView) -> None:
        """A custom backward returned None for an input that wanted a gradient."""
        site = (view.call.site if view.call is not None else None) or self.statement.site
        behind = {v.number: v.behind for v in self.views.values()}
        mask = 0
        for index in view.returned_none:
            number, leaf = view.parents[index]
            mask |= leaf.mask if leaf is not None else behind[number]
        cut = self.tracker.cut("custom-backward", site, view.name.removesuffix("Backward"), "")
        for leaf in self._leaves(mask):
            if leaf.bit not in self.statement.reached:
                self.statement.cut[leaf.bit] = joined(self.statement.cut.get(leaf.bit, ()), ((cut, mask),))


def _nodes(roots: list[Any]) -> Iterator[tuple[Any, Value | None]]:
    """The nodes behind ``roots``, each with the value it made; nodes that a call made on its way to a result,
    which nobody has seen, come with that result.
    """
    stack: list[tuple[Any, Value | None]] = [(node, None) for node in roots]
    seen = set()
    while stack:
        node, value = stack.pop()
        if node not in seen:
            seen.add(node)
            value = _value(node) or value
            yield node, value
            stack.extend((following, value) for following, _ in node.next_functions if following is not None)


def _value(node: Any) -> Value | None:
    """What is known of a node's output, or of one of them."""
    metadata = node.metadata
    if not metadata:
        return None
    known = metadata.get((KEY, 0))
    if known is None:
        known = next((v for k, v in metadata.items() if isinstance(k, tuple) and k[0] == KEY), None)
    return known  # type: ignore[no-any-return]
