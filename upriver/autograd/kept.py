"""How much memory a graph keeps alive for backward."""

from __future__ import annotations

from collections.abc import Iterator
from types import MemberDescriptorType
from typing import Any

import numpy as np

from ..storage import Storage, root_buffer
from ..tensor import Tensor
from .backward import _reachable
from .node import AccumulateGrad, Node

__all__ = ["saved_bytes"]


def saved_bytes(*tensors: Tensor) -> int:
    """Bytes that the graphs behind ``tensors`` keep alive: what their nodes saved, each buffer once.

    A view counts as its whole buffer, which it keeps. Leaves that require grad are not counted: they are
    there anyway; other constants are. What saved-tensor hooks put elsewhere, in a file say, is not counted.
    Raises TypeError for what is no tensor of upriver.

    >>> import upriver as up
    >>> from upriver.autograd.kept import saved_bytes
    >>> x = up.ones(1000, requires_grad=True)
    >>> y = x.exp()  # exp saves its result, and sin what it was given: the same
    >>> saved_bytes(y), saved_bytes(y.sin()), saved_bytes(x + 1)
    (4000, 4000, 0)
    """
    for each in tensors:
        if not isinstance(each, Tensor):
            raise TypeError(f"saved_bytes() expected Tensors, but got {type(each).__name__}")
    nodes = _reachable([each.grad_fn for each in tensors if each.grad_fn is not None])
    leaves = {id(_root(node.variable)) for node in nodes if isinstance(node, AccumulateGrad)}
    seen: dict[int, Any] = {}  # what was looked at, kept so that no id is given twice
    buffers: dict[int, int] = {}
    for node in nodes:
        if not isinstance(node, AccumulateGrad):
            for array in _arrays(list(_held(node)), seen):
                root = root_buffer(array)
                buffers[id(root)] = root.nbytes
    return sum(count for key, count in buffers.items() if key not in leaves)


def _root(t: Tensor) -> np.ndarray[Any, Any]:
    return root_buffer(t._array)


_BASE = frozenset(Node.__slots__)


def _held(node: Node) -> Iterator[Any]:
    """What a node holds beyond its edges: saved values, and what only its kind has."""
    yield node.saved
    yield from (value for name, value in _slots(node) if name not in _BASE)


def _arrays(stack: list[Any], seen: dict[int, Any]) -> Iterator[np.ndarray[Any, Any]]:
    """The arrays among values, in collections and in upriver's own objects; other nodes are not entered."""
    while stack:
        value = stack.pop()
        if id(value) in seen or isinstance(value, (Node, type, str, bytes, int, float)) or value is None:
            continue
        seen[id(value)] = value
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, Tensor):
            yield value._array
        elif isinstance(value, Storage):
            yield value.array
        elif isinstance(value, (tuple, list)):
            stack.extend(value)
        elif isinstance(value, dict):
            stack.extend(value.values())
        elif type(value).__module__.startswith("upriver.") and not callable(value):
            stack.extend(getattr(value, "__dict__", {}).values())
            stack.extend(held for _, held in _slots(value))


def _slots(value: object) -> Iterator[tuple[str, Any]]:
    """What the slots of an object hold."""
    for cls in type(value).__mro__:
        if "__slots__" in vars(cls):
            for name, slot in vars(cls).items():
                if isinstance(slot, MemberDescriptorType) and hasattr(value, name):
                    yield name, slot.__get__(value)
