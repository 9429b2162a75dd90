"""Backward, on one page.

1. Each root's gradient is put into a table (node -> gradient so far) and its node onto a heap.
2. The newest node is taken from the heap. Everything that feeds gradients into it is newer, so its gradient
   is complete.
3. Its rules give the gradients of its inputs, which are added into the table; until the heap is empty.

No recursion, one visit a node. Gradients are plain arrays, or tensors when ``create_graph`` asks for a
history of their own.

NOTE [ Who owns a gradient ]. A rule returns its argument ``g``, a view, or a fresh array (see the operators'
table). Only a fresh array may be added to in place, or become a leaf's ``grad`` without a copy.
"""

from __future__ import annotations

from heapq import heappop, heappush, heappushpop
from typing import Any

from .accumulate import accumulate
from .hooks import run_leaf_hooks, run_post_hooks, run_pre_hooks
from .modes import state
from .namespaces import ON_ARRAYS, ON_TENSORS
from .node import AccumulateGrad, Node
from .views import run_node

__all__ = ["run"]

Root = tuple[Node, int, Any]
Target = tuple[Node, int]


def run(
    roots: list[Root],
    keep: bool,
    create: bool,
    targets: list[Target] | None = None,
    tensors: bool = False,
) -> dict[Target, Any]:
    """Propagate gradients from ``roots``, each a (node, output number, gradient).

    ``keep``: do not free saved values. ``create``: gradients are tensors with a history. ``targets``: whose
    gradients to return instead of accumulating them into all leaves. ``tensors``: gradients are tensors, for
    they may have tangents.
    """
    grad, outer = state.grad, state.passes
    backward = _Pass(keep, create or tensors, roots, targets)
    state.grad, state.passes = create, (*outer, backward)
    state.settle()
    try:
        backward.propagate()
        return backward.captured
    finally:
        state.grad, state.passes = grad, outer
        state.settle()


class _Pass:
    """One backward pass: the table, the heap, and what was asked for."""

    __slots__ = (
        "F",
        "__weakref__",
        "aims",
        "captured",
        "heap",
        "keep",
        "leaves",
        "needed",
        "owned",
        "roots",
        "table",
        "targets",
    )

    def __init__(self, keep: bool, tensors: bool, roots: list[Root], targets: list[Target] | None) -> None:
        self.keep = keep
        self.F = ON_TENSORS if tensors else ON_ARRAYS
        self.roots = roots
        self.targets = None if targets is None else set(targets)
        self.needed = (
            None
            if targets is None
            else _leading_to({node for node, _ in targets}, [node for node, _, _ in roots])
        )
        self.aims = {node for node, _ in targets or ()}
        self.captured: dict[Target, Any] = {}
        self.table: dict[Node, Any] = {}
        # as the table, for leaves nobody watches: added to their grad at the end
        self.leaves: dict[AccumulateGrad, Any] = {}
        self.owned: set[Node] = set()  # the leaves whose entry is ours to keep
        self.heap: list[tuple[int, Node]] = []

    def receive(self, node: Node, number: int, gradient: Any, fresh: bool = False) -> None:
        """Add ``gradient`` to what has arrived for output ``number`` of ``node``."""
        held = self.table.get(node)
        if held is None:
            heappush(self.heap, (node.order, node))
            held = [None] * node.outputs if node.outputs > 1 else gradient
        elif node.outputs == 1 and fresh:
            gradient += held
            held = gradient
        elif node.outputs == 1:
            held = held + gradient
        if node.outputs > 1:
            held[number] = gradient if held[number] is None else held[number] + gradient
        self.table[node] = held

    def receive_leaf(self, leaf: AccumulateGrad, gradient: Any, fresh: bool) -> None:
        """As :meth:`receive` for a leaf that nobody watches: it waits in ``leaves``, not in the heap."""
        if leaf.variable._extra is not None or leaf._extra is not None:
            self.receive(leaf, 0, gradient)
        elif leaf not in self.leaves:
            self.leaves[leaf] = gradient
            if fresh and gradient.base is None:
                self.owned.add(leaf)
        elif leaf in self.owned:
            self.leaves[leaf] += gradient  # in place, but for NumPy's scalars
        else:
            self.leaves[leaf] = self.leaves[leaf] + gradient
            self.owned.add(leaf)

    def propagate(self) -> None:
        """Steps 2 and 3. Plain nodes are handled inline, the others take the careful path.

        ``following`` is the newest node that was just given a gradient: mostly it is the next one, and never
        enters the heap.
        """
        table, heap, keep, recorded = self.table, self.heap, self.keep, self.F is ON_TENSORS
        careful = self.targets is not None or recorded or bool(state.observers)
        for root, number, gradient in self.roots:
            self.receive(root, number, gradient)
        following: Node | None = None
        while heap or following is not None:
            if following is None:
                node = heappop(heap)[1]
            else:
                node = heappushpop(heap, (following.order, following))[1] if heap else following
            following = None
            gradient = table.pop(node)
            plain = node.plain and not careful
            gradients = node.vjp(gradient, keep) if plain else self.step(node, gradient)
            if node.numbers is not None:
                self.distribute(node, gradients)
                continue
            for edge, g in zip(node.edges, gradients):  # noqa: B905 - as long as each other by construction
                if edge is None or g is None:
                    continue
                if edge.plain and edge not in table:
                    table[edge] = g
                    if following is None or edge.order < following.order:
                        edge, following = following, edge
                    if edge is not None:
                        heappush(heap, (edge.order, edge))
                elif edge.__class__ is AccumulateGrad and not careful:
                    self.receive_leaf(edge, g, node.fresh and g is not gradient)
                else:
                    fresh = node.fresh and not recorded and g is not gradient and g.base is None
                    self.receive(edge, 0, g, fresh)
        for leaf, gradient in self.leaves.items():
            accumulate(leaf.variable, gradient, leaf in self.owned)

    def distribute(self, node: Node, gradients: tuple[Any, ...]) -> None:
        """Gradients of a node some of whose inputs were later outputs of another."""
        for edge, number, g in zip(node.edges, node.numbers or (), gradients, strict=True):
            if edge is not None and g is not None:
                self.receive(edge, number, g)

    def step(self, node: Node, gradient: Any) -> tuple[Any, ...]:
        """One node with hooks, targets and restoration: the order is tensor hooks, capture, pre-hooks, rules,
        post-hooks.
        """
        nothing = (None,) * len(node.edges)
        if self.needed is not None and node not in self.needed and node not in self.aims:
            return nothing
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
            try:
                gradients = run_node(node, self.F, gradient, self.keep)
            except Exception:
                for observer in state.observers:
                    observer.failed(node)
                raise
        for observer in state.observers:
            observer.ran(node, gradients)
        return run_post_hooks(node, gradients, gradient)

    def visits(self) -> set[Node]:
        """The nodes that this pass runs, or captures at."""
        reached = _reachable([node for node, _, _ in self.roots])
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
    """The nodes from which a target can be reached, so that nothing else is computed. Targets themselves only
    if so.
    """
    leading: set[Node] = set()
    # oldest first: edges lead to older nodes
    for node in sorted(_reachable(roots), key=lambda each: -each.order):
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
