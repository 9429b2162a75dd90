"""What nodes keep for backward: rebuilding it as tensors, and the hooks that let users keep it elsewhere."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, cast

from ..storage import Storage
from ..tensor import Tensor, from_array
from .modes import Observer, state
from .node import AccumulateGrad, Node

__all__ = ["disable_saved_tensors_hooks", "observe", "saved_tensors_hooks", "saved_values"]


def saved_values(node: Any) -> dict[str, Any]:
    """What ``node`` saved, by name: tensors with the history they had, versions checked, and settings."""
    operator = node.operator
    saved = node.saved if node.saved.__class__ is tuple else node.unpack()
    values: dict[str, Any] = {}
    parts = iter(saved)
    for name in operator.saved_names:
        if name not in operator.saved_tensors:
            values[name] = next(parts)
            continue
        array, storage, version = next(parts), next(parts), next(parts)
        if array is None:
            values[name] = None
            continue
        if storage.version != version:
            node.stale(name, array, storage, version)
        values[name] = rebuilt(node, name, array, storage)
    return values


def rebuilt(node: Any, name: str, array: Any, storage: Storage) -> Tensor:
    """A saved value as a tensor in the graph: the output of ``node``, or the input that ``name`` was."""
    return restored(node, name, _rebuilt(node, name, array, storage))


def restored(node: Any, name: Any, t: Tensor) -> Tensor:
    """``t``, a saved value of ``node``, dual again if it was."""
    return t if state.dual is None else cast(Tensor, state.dual.restored(node, name, t))


def _rebuilt(node: Any, name: str, array: Any, storage: Storage) -> Tensor:
    t = from_array(array, storage)
    if name == "out":
        t._node, t._requires_grad = node, True
        return t
    differentiable = list(node.operator.rules)
    if name not in differentiable:
        return t
    index = differentiable.index(name)
    edge = node.edges[index]
    if edge is None:
        return t
    if (
        isinstance(edge, AccumulateGrad)
        and edge.variable._storage is storage
        and edge.variable._array.shape == array.shape
    ):
        return edge.variable
    target = node.restore.targets[index] if node.restore is not None else None
    if target is not None and target[1] != array.dtype:  # saved promoted: back to what the edge expects
        t = from_array((array.real if target[1].kind != "c" else array).astype(target[1]), storage)
    t._requires_grad = True
    if isinstance(edge, AccumulateGrad):
        t._accumulator = weakref.ref(edge)
    else:
        t._node, t._number = edge, node.numbers[index] if node.numbers else 0
    return t


def observe(node: Node, result: Any) -> None:
    """Tell this thread's observers (anomaly mode, saved-tensor hooks, recorders) that a node was made."""
    for observer in state.observers:
        observer.made(node, result)


class Packed:
    """What a node holds in place of its saved tuple when the user's hooks keep the values.

    ``layout`` has an entry for each saved name: how it was kept (see below), and what was kept.
    """

    __slots__ = ("layout", "unpack_hook")

    PLAIN, TENSOR, TENSORS = range(3)  # as it is; by the hook; a sequence of tensors, each by the hook

    def __init__(self, layout: list[tuple[int, Any]], unpack_hook: Callable[[Any], Any]) -> None:
        self.layout = layout
        self.unpack_hook = unpack_hook

    def unpack(self, node: Node) -> tuple[Any, ...]:
        """The saved tuple again, each tensor fetched by the user's hook."""
        saved: list[Any] = []
        for how, value in self.layout:
            if how == Packed.PLAIN:
                saved.append(value)
            elif how == Packed.TENSOR:
                saved += self._fetch(value)
            else:
                saved += zip(*map(self._fetch, value), strict=True)
        return tuple(saved)

    def _fetch(self, kept: Any) -> tuple[Any, Storage, Any]:
        t = self.unpack_hook(kept)
        if not isinstance(t, Tensor):
            raise TypeError(
                "Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                f"{type(t).__name__}"
            )
        return t._array, t._storage, t._storage.version


class saved_tensors_hooks(Observer):
    """Let ``pack_hook(tensor)`` decide what nodes keep, and ``unpack_hook(kept)`` give it back at backward.

    The innermost pair counts. Raises RuntimeError if ``pack_hook`` writes its argument, TypeError if
    ``unpack_hook`` returns no tensor.

    >>> import upriver as up
    >>> x = up.tensor([2.0], requires_grad=True)
    >>> with up.autograd.graph.saved_tensors_hooks(lambda t: t.numpy().copy(), up.from_numpy):
    ...     y = x * x
    >>> y.backward()
    >>> x.grad
    tensor([4.])
    """

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self) -> None:
        message = next(
            (o.message for o in state.observers if isinstance(o, disable_saved_tensors_hooks)), None
        )
        if message is not None:
            raise RuntimeError(message)
        state.observers = (*state.observers, self)
        state.settle()

    def __exit__(self, *error: object) -> None:
        state.observers = _without(self)
        state.settle()

    def made(self, node: Any, result: Any) -> None:
        """Pack what ``node`` saved, if this is the innermost pair of hooks."""
        innermost = [o for o in state.observers if isinstance(o, saved_tensors_hooks)][-1]
        if (
            innermost is not self
            or node.operator is None
            or not node.operator.saved_tensors
            or type(node.saved) is not tuple
        ):
            return
        layout: list[tuple[int, Any]] = []
        parts = iter(node.saved)
        for name in node.operator.saved_names:
            if name not in node.operator.saved_tensors:
                layout.append((Packed.PLAIN, next(parts)))
                continue
            array, storage, version = next(parts), next(parts), next(parts)
            if isinstance(array, tuple):
                pairs = zip(array, storage, strict=True)
                kept = tuple(self.pack_saved(node, name, from_array(*pair)) for pair in pairs)
                layout.append((Packed.TENSORS, kept))
            elif array is None:
                layout += [(Packed.PLAIN, each) for each in (array, storage, version)]
            else:
                layout.append((Packed.TENSOR, self.pack_saved(node, name, from_array(array, storage))))
        node.saved = Packed(layout, self.unpack_hook)

    def pack_saved(self, node: Node | None, name: str, t: Tensor) -> Any:
        """What is kept of ``t``, which ``node`` saved as ``name``."""
        return self.pack(t)

    def pack(self, t: Tensor) -> Any:
        """What ``pack_hook`` makes of ``t``; refuses hooks that write it."""
        before = t._storage.counter
        without = state.observers
        state.observers = ()  # what the hook computes is not itself packed
        state.settle()
        try:
            packed = self.pack_hook(t)
        finally:
            state.observers = without
            state.settle()
        if t._storage.counter != before:
            raise RuntimeError(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack "
                "hook cannot be modified by in-place operations as this can lead to unexpected "
                "side-effects. Please open an issue if you need to perform in-place operations on the input "
                "to a pack hook."
            )
        return packed


class disable_saved_tensors_hooks(Observer):
    """Inside it, entering :class:`saved_tensors_hooks` raises RuntimeError with ``error_message``."""

    def __init__(self, error_message: str) -> None:
        self.message = error_message

    def __enter__(self) -> None:
        state.observers = (*state.observers, self)
        state.settle()

    def __exit__(self, *error: object) -> None:
        state.observers = _without(self)
        state.settle()


def _without(observer: Any) -> tuple[Any, ...]:
    kept = list(state.observers)
    for index in range(len(kept) - 1, -1, -1):
        if kept[index] is observer:
            del kept[index]
            break
    return tuple(kept)
