"""Backward, on one page.

1. Each root's gradient is put into a table (node -> gradient so far) and its node onto a heap.
2. The newest node is taken from the heap. Everything that feeds gradients into it is newer, so its gradient is complete.
3. Its rules give the gradients of its inputs, which are added into the table; until the heap is empty.

No recursion, one visit a node. Gradients are plain arrays, or tensors when ``create_graph`` asks for a history of their own.

NOTE [ Who owns a gradient ]. A rule returns its argument ``g``, a view, or a fresh array (see the operators' table). Only a
fresh array may be added to in place, or become a leaf's ``grad`` without a copy.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from .accumulate import accumulate
from .node import AccumulateGrad, Node
from .hooks import run_leaf_hooks, run_post_hooks, run_pre_hooks
from .modes import state
from .views import run_node
from .namespaces import ON_ARRAYS, ON_TENSORS

__all__ = ["run"]

Root = tuple[Node, int, Any]
Target = tuple[Node, int]


def run(roots: list[Root], keep: bool, create: bool, targets: list[Target] | None = None) -> dict[Target, Any]:
    """Propagate gradients from ``roots``, each a (node, output number, gradient).

    ``keep``: do not free saved values. ``create``: gradients are tensors with a history. ``targets``: whose gradients to
    return instead of accumulating them into all leaves.
    """
    previous, outer = state.grad, state.passes
    backward = _Pass(keep, create, roots, targets)
    state.grad, state.passes = create, (*outer, backward)
    state.settle()
    try:
        backward.propagate()
        return backward.captured
    finally:
        state.grad, state.passes = previous, outer
        state.settle()


class _Pass:
    """One backward pass: the table, the heap, and what was asked for."""

    __slots__ = ("F", "__weakref__", "captured", "heap", "keep", "needed", "owned", "roots", "table", "targets")

    def __init__(self, keep: bool, create: bool, roots: list[Root], targets: list[Target] | None) -> None:
        self.keep = keep
        self.F = ON_TENSORS if create else ON_ARRAYS
        self.targets = None if targets is None else set(targets)
        self.needed = None if targets is None else _leading_to({node for node, _ in targets}, [node for node, _, _ in roots])
        self.captured: dict[Target, Any] = {}
        self.table: dict[Node, Any] = {}
        self.owned: set[Node] = set()  # nodes whose entry in the table is ours to add to
        self.heap: list[tuple[int, Node]] = []
        self.roots = [node for node, _, _ in roots]
        for node, number, gradient in roots:
            self.receive(node, number, gradient, False)

    def receive(self, node: Node, number: int, gradient: Any, owned: bool) -> None:
        """Add ``gradient`` to what has arrived for output ``number`` of ``node``."""
        table = self.table
        held = table.get(node)
        if held is None:
            heappush(self.heap, (node.order, node))
            if node.outputs > 1:
                held = [None] * node.outputs
        if node.outputs > 1:
            held[number] = gradient if held[number] is None else held[number] + gradient
            table[node] = held
        elif held is None:
            table[node] = gradient
            if owned:
                self.owned.add(node)
        elif node in self.owned and self.F is ON_ARRAYS:
            held += gradient
            table[node] = held
        else:
            table[node] = held + gradient
            self.owned.add(node)

    def propagate(self) -> None:
        """Steps 2 and 3. The loop is written out for plain nodes, the others take the careful path."""
        table, owned, heap, keep = self.table, self.owned, self.heap, self.keep
        receive, recorded = self.receive, self.F is ON_TENSORS
        careful = self.targets is not None or recorded or bool(state.observers)
        while heap:
            node = heappop(heap)[1]
            gradient = table.pop(node)
            if careful or node._extra is not None or node.restore is not None:
                gradients = self.step(node, gradient)
            elif node.__class__ is AccumulateGrad:
                accumulate(node.variable, gradient, node in owned)  # type: ignore[attr-defined]
                continue
            else:
                gradients = node.vjp(gradient, keep)
            numbers = node.numbers
            index = 0
            for edge in node.edges:
                if edge is not None:
                    g = gradients[index]
                    if g is not None:
                        # Inlined from receive(): a first gradient for a node with one output.
                        if edge in table or edge.outputs > 1:
                            receive(edge, 0 if numbers is None else numbers[index], g, False)
                        else:
                            table[edge] = g
                            heappush(heap, (edge.order, edge))
                            if not recorded and g is not gradient and node.fresh and g.base is None:
                                owned.add(edge)
                index += 1

    def step(self, node: Node, gradient: Any) -> tuple[Any, ...]:
        """One node with hooks, targets and restoration: the order is tensor hooks, capture, pre-hooks, rules, post-hooks."""
        nothing = (None,) * len(node.edges)
        if isinstance(node, AccumulateGrad):
            gradient = run_leaf_hooks(node.variable, gradient)
        gradient = run_pre_hooks(node, gradient, self.capture)
        if self.needed is not None and node not in self.needed:
            return nothing
        if isinstance(node, AccumulateGrad):
            if self.targets is None:
                accumulate(node.variable, gradient, False, hooked=True)
            gradients: tuple[Any, ...] = ()
        else:
            gradients = run_node(node, self.F, gradient, self.keep)
        for observer in state.observers:
            observer.ran(node, gradients)
        return run_post_hooks(node, gradients, gradient)

    def visits(self) -> set[Node]:
        """The nodes that this pass runs, or captures at."""
        reached = _reachable(self.roots)
        if self.needed is None:
            return reached
        return self.needed | {node for node, _ in self.targets or () if node in reached}

    def capture(self, node: Node, gradient: Any) -> None:
        """Keep the gradients that were asked for."""
        if self.targets is None:
            return
        for number in range(node.outputs):
            if (node, number) in self.targets:
                self.captured[node, number] = gradient[number] if node.outputs > 1 else gradient


def _leading_to(targets: set[Node], roots: list[Node]) -> set[Node]:
    """The nodes from which a target can be reached, so that nothing else is computed. Targets themselves only if so."""
    leading: set[Node] = set()
    for node in sorted(_reachable(roots), key=lambda each: -each.order):  # oldest first: edges lead to older nodes
        if any(edge in leading or edge in targets for edge in node.edges if edge is not None):
            leading.add(node)
    return leading


def _reachable(roots: list[Node]) -> set[Node]:
    reached: set[Node] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node not in reached:
            reached.add(node)
            stack.extend(edge for edge in node.edges if edge is not None)
    return reached
