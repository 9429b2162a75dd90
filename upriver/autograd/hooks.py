"""Hooks on tensors, nodes and leaves, in PyTorch's order.

For one node: hooks of the tensors it made (then ``retain_grad``), pre-hooks of the node, the node, its
post-hooks. For a leaf: its tensor hooks, then accumulation, then its post-accumulate hooks.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..tensor import Tensor, from_array
from .modes import state
from .node import Node, RemovableHandle, edge_of

__all__ = ["TensorExtra", "register_multi_grad_hook", "run_leaf_hooks", "run_post_hooks", "run_pre_hooks"]


class TensorExtra:
    """What few tensors have: a leaf's hooks, a gradient type of its own."""

    __slots__ = ("grad_dtype", "hooks", "post_accumulate")

    def __init__(self) -> None:
        self.hooks: dict[int, Callable[..., Any]] = {}
        self.post_accumulate: dict[int, Callable[..., Any]] = {}
        self.grad_dtype: Any = None


def extra_of(t: Tensor) -> TensorExtra:
    """The tensor's rarities, made when first asked for."""
    if t._extra is None:
        t._extra = TensorExtra()
    return t._extra


def _call(hooks: dict[int, Callable[..., Any]], gradient: Any) -> Any:
    """Run tensor hooks on a gradient (array or tensor); each may return another, of the same form."""
    plain = not isinstance(gradient, Tensor)
    t = from_array(gradient.copy() if _aliased(gradient) else gradient) if plain else gradient
    for hook in list(hooks.values()):
        answer = hook(t)
        if answer is None:
            continue
        name = getattr(hook, "__name__", repr(hook))
        if not isinstance(answer, Tensor):
            raise TypeError(
                f"expected Variable, but hook returned '{type(answer).__name__}' (the hook is {name})"
            )
        if answer.shape != t.shape:
            raise RuntimeError(
                f"hook '{name}' has changed the size of value (from {list(t.shape)} to {list(answer.shape)})"
            )
        if answer.dtype != t.dtype:
            raise RuntimeError(
                f"hook '{name}' has changed the type of value (was {t.type()} got {answer.type()})"
            )
        t = answer
    return t._array if plain else t


def _aliased(gradient: Any) -> bool:
    """Whether a hook's in-place edit would show elsewhere: the array is a view, or not writeable."""
    return not isinstance(gradient, np.ndarray) or gradient.base is not None or not gradient.flags.writeable


def run_leaf_hooks(leaf: Tensor, gradient: Any) -> Any:
    """A leaf's own tensor hooks."""
    extra = leaf._extra
    return gradient if extra is None or not extra.hooks else _call(extra.hooks, _own(gradient))


def _own(gradient: Any) -> Any:
    """A gradient that a hook may edit in place without the change showing on another path."""
    return gradient if isinstance(gradient, Tensor) else np.array(gradient)


def run_post_accumulate_hooks(leaf: Tensor) -> None:
    """Hooks that run when a leaf's ``grad`` has been updated."""
    for hook in list(extra_of(leaf).post_accumulate.values()):
        hook(leaf)


def run_pre_hooks(node: Node, gradient: Any, capture: Callable[[Node, Any], None]) -> Any:
    """Tensor hooks of the node's outputs, ``retain_grad``, capture, then the node's own pre-hooks."""
    extra = node._extra
    if extra is None:
        capture(node, gradient)
        return gradient
    several = node.outputs > 1
    for number in sorted({*extra.tensor_hooks, *extra.retains}):
        one = gradient[number] if several else gradient
        if one is None:
            continue
        hooks = extra.tensor_hooks.get(number)
        if hooks:
            one = _call(hooks, _own(one))
        retained = extra.retains.get(number)
        target = retained() if retained is not None else None
        if target is not None:
            _retain(target, one)
        if several:
            gradient[number] = one
        else:
            gradient = one
    capture(node, gradient)
    for hook in list(extra.pre.values()):
        answer = hook(as_tensors(gradient if several else [gradient]))
        if answer is not None:
            replaced = _replacements(answer, 1 if not several else node.outputs, gradient)
            gradient = replaced if several else replaced[0]
    return gradient


def _retain(t: Tensor, gradient: Any) -> None:
    if isinstance(gradient, Tensor):
        t._grad = gradient if t._grad is None else t._grad + gradient
    elif t._grad is None:
        t._grad = from_array(np.array(gradient))
    else:
        t._grad._array[...] += gradient


def run_post_hooks(node: Node, gradients: tuple[Any, ...], gradient: Any) -> tuple[Any, ...]:
    """The node's own hooks: ``hook(grad_inputs, grad_outputs)``, which may replace the first."""
    extra = node._extra
    if extra is None or not extra.post:
        return gradients
    outputs = as_tensors(gradient if node.outputs > 1 else [gradient])
    for hook in list(extra.post.values()):
        answer = hook(as_tensors(gradients), outputs)
        if answer is not None:
            gradients = tuple(_replacements(answer, len(gradients), gradients))
    return gradients


def as_tensors(gradients: Sequence[Any]) -> tuple[Tensor | None, ...]:
    """Gradients as hooks see them."""
    return tuple(g if g is None or isinstance(g, Tensor) else from_array(g) for g in gradients)


def _replacements(answer: Any, count: int, before: Any) -> list[Any]:
    """A hook's answer in the form of what it replaces: plain arrays stay plain."""
    given = list(answer) if isinstance(answer, (tuple, list)) else [answer]
    if len(given) != count:
        raise RuntimeError(
            f"hook has returned an incorrect number of values (got {len(given)}, but expected {count})"
        )
    tensors = any(isinstance(g, Tensor) for g in (before if isinstance(before, (tuple, list)) else [before]))
    return [g if tensors or g is None else g._array for g in given]


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[..., Any], *, mode: str = "all"
) -> _Handles:
    """Call ``fn`` when gradients of ``tensors`` have been computed.

    ``mode="all"``: once a backward, with the list of gradients (None where there is none). ``mode="any"``:
    with the first one.
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    collectors: weakref.WeakKeyDictionary[Any, _Collector] = weakref.WeakKeyDictionary()

    def arrived(index: int) -> Callable[[Tensor], None]:
        def hook(gradient: Tensor) -> None:
            current = state.passes[-1]
            if current not in collectors:
                visited = current.visits()
                collectors[current] = _Collector(
                    len(tensors), sum(edge_of(t)[0] in visited for t in tensors if t.requires_grad)
                )
            if collectors[current].add(index, gradient, mode):
                fn(gradient if mode == "any" else collectors[current].gradients)

        return hook

    return _Handles([t.register_hook(arrived(index)) for index, t in enumerate(tensors) if t.requires_grad])


class _Collector:
    """What one backward pass has brought so far for a hook on several tensors."""

    def __init__(self, count: int, expected: int) -> None:
        self.gradients: list[Tensor | None] = [None] * count
        self.expected = expected
        self.seen = 0

    def add(self, index: int, gradient: Tensor, mode: str) -> bool:
        """Note a gradient; whether it is time to call the hook."""
        self.seen += 1
        self.gradients[index] = gradient
        return self.seen == (1 if mode == "any" else self.expected)


class _Handles:
    """Removes several hooks as one."""

    def __init__(self, handles: list[RemovableHandle]) -> None:
        self._handles = handles

    def remove(self) -> None:
        """Take all of the hooks away."""
        for handle in self._handles:
            handle.remove()

    def __enter__(self) -> _Handles:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()
