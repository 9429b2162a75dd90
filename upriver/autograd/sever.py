"""Cutting a graph that is already built: what PyTorch's ``detach_()`` does not do (pytorch#49236).

NOTE [ Severing ]. Whoever was computed from a tensor holds its **node**, so that is what is changed, where it
stands: it becomes the end of the path. Hooks on the tensor still see the gradient that arrives there; edges,
saved values and rules are dropped, and with them all that only this node led to.

A node with several outputs goes on for the outputs that were not severed. It becomes a **junction**: its
place is taken by a copy, to which it hands on the gradients of those outputs and of no other.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import cache
from typing import Any

from ..errors import explain, here
from ..tensor import Tensor, cut_origin
from .function import CustomNode
from .node import Extra, Node
from .views import refresh

__all__ = ["sever"]

Rules = Callable[[Node, Any, bool], tuple[Any, ...]]


def sever(t: Tensor) -> Tensor:
    """Cut the graph behind ``t``, also for what was computed from it before; return ``t``.

    ``t`` becomes a leaf that does not require grad, as after ``detach_()``. Results computed from it keep
    their history down to ``t``, where their gradients now end; hooks on ``t``, and ``retain_grad``, still get
    them. What lies beyond is freed at once, unless something else leads to it. A view becomes an ordinary
    alias of its memory, as ``detach()`` would have made it. Of a node with several outputs only this output
    is cut: what lies beyond is freed with the last of them.

    A tensor without history is returned as it is: nothing lies beyond it. Raises RuntimeError for a leaf that
    requires grad, TypeError for what is no tensor of upriver.

    Truncated backpropagation with a sliding window, no step computed twice:

    >>> import upriver as up
    >>> from collections import deque
    >>> from upriver.autograd.sever import sever
    >>> w, h, window = up.tensor(0.5, requires_grad=True), up.tensor(1.0), deque()
    >>> for _ in range(5):
    ...     h = h * w
    ...     window.append(h)
    ...     if len(window) > 2:
    ...         _ = sever(window.popleft())
    ...     h.backward(retain_graph=True)  # through the last two steps only
    >>> window[-1].grad_fn.next_functions[0][0].next_functions[0][0].name()
    'Severed'
    """
    if not isinstance(t, Tensor):
        raise TypeError(_not_ours(t))
    if t._view is not None:
        refresh(t)
    if not t._requires_grad:
        return t
    if t._node is None:
        raise RuntimeError(
            explain(
                "sever() cuts a graph behind the result of an operation, but this tensor is a leaf that "
                "requires grad: nothing lies beyond it.",
                f"the leaf has shape {list(t.shape)} and type {t.dtype.name}; sever() was called at "
                f"{here()}.",
                "mend it: sever what was computed from it, or call requires_grad_(False) before the forward.",
            )
        )
    origin = cut_origin("sever()", t, here())
    _cut(t._node, t._number)
    t._origin = origin
    t._node, t._number, t._requires_grad, t._view = None, 0, False, None
    return t


def _not_ours(given: Any) -> str:
    kind = type(given)
    if kind.__module__.partition(".")[0] == "torch" or hasattr(given, "grad_fn"):
        return explain(
            f"sever() cuts graphs of upriver only, but got a {kind.__module__}.{kind.__qualname__}.",
            "PyTorch's graph cannot be cut once it is built: its nodes do not let go of their edges.",
            "mend it: in PyTorch keep the state with .detach().requires_grad_() at the start of the window, "
            "and recompute the window from there.",
        )
    return explain(
        f"sever() expected a Tensor, but got {kind.__name__}.",
        "mend it: give the tensor behind which to cut; for several, call it for each.",
    )


def _cut(node: Node, number: int) -> None:
    """End the paths through output ``number`` of ``node``, for all who hold the node."""
    others = [each for each in _differentiable(node) if each != number]
    if not others:
        _end(node)
    elif _is_junction(node):
        node.edges = tuple(edge if index in others else None for index, edge in enumerate(node.edges))
    else:
        _join(node, others)


def _differentiable(node: Any) -> list[int]:
    """The outputs of ``node`` from which a gradient goes on."""
    if node.outputs == 1:
        return [0]
    if _is_junction(node):
        return [index for index, edge in enumerate(node.edges) if edge is not None]
    metas = node.metas if isinstance(node, CustomNode) else node.made  # shape and type, of each output
    return [index for index, meta in enumerate(metas) if meta is not None and meta[1].kind in "fc"]


# -- what a node becomes -------------------------------------------------------------------------------------


def _end(node: Node) -> None:
    """Make ``node`` the end of its paths, and let go of all that it led to."""
    where = here()
    _become(node, _nothing)
    node.edges, node.numbers, node.saved, node.restore = (), None, (), None
    node.code, node.instruction = where.code, where.instruction
    node.plain = node._extra is None and node.outputs == 1
    if node._extra is not None:
        node._extra.post.clear()  # they watch an operation that is no more


def _join(node: Node, others: list[int]) -> None:
    """Make ``node`` a junction to a copy of itself, which serves the outputs ``others``."""
    inner: Any = object.__new__(type(node))
    for slot in (*_BASE_SLOTS, *_own_slots(type(node))):
        setattr(inner, slot, getattr(node, slot))
    inner.order = node.order + 0.5  # older than the junction, newer than all that it was computed from
    inner.plain = False
    inner._extra = None
    if node._extra is not None:
        inner._extra = Extra()
        # the handles of the user's hooks hold these dictionaries: they move as they are
        inner._extra.post, node._extra.post = node._extra.post, {}
        inner._extra.metadata = node._extra.metadata
    if isinstance(inner, CustomNode):
        inner.context._node = weakref.ref(inner)
    _become(node, _as_they_came)
    node.edges = tuple(inner if index in others else None for index in range(node.outputs))
    node.numbers = tuple(range(node.outputs))
    node.saved, node.restore, node.plain = (), None, False


_BASE_SLOTS = tuple(slot for slot in Node.__slots__ if slot != "__weakref__")


def _own_slots(kind: type[Any]) -> tuple[str, ...]:
    """The slots that a kind of node has beyond those of every node."""
    kinds = kind.__mro__[: kind.__mro__.index(Node)]
    return tuple(slot for each in kinds for slot in vars(each).get("__slots__", ()))


def _become(node: Node, rules: Rules) -> None:
    """Give ``node`` another class, with these ``rules``, and empty what only its old one knew."""
    slots = _own_slots(type(node))
    node.__class__ = _class(rules, slots, node.outputs)
    for slot in slots:
        setattr(node, slot, None)


def _nothing(node: Node, gradient: Any, keep: bool) -> tuple[Any, ...]:
    """The rules of an end: there are no inputs any more."""
    return ()


def _as_they_came(node: Node, gradient: Any, keep: bool) -> tuple[Any, ...]:
    """The rules of a junction: each output's gradient goes on to the same output of the copy."""
    return tuple(gradient)


NAMES: dict[Rules, str] = {_nothing: "Severed", _as_they_came: "SeveredInPart"}


def _is_junction(node: Node) -> bool:
    return type(node).vjp is _as_they_came


@cache
def _class(rules: Rules, slots: tuple[str, ...], outputs: int) -> type[Node]:
    """A kind of node that another can become: Python wants the same base and the same slots."""
    members = {"__slots__": slots, "outputs": outputs, "fresh": False, "vjp": rules, "vjp_recorded": rules}
    return type(NAMES[rules], (Node,), members)
