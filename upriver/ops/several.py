"""Recording of operators with several outputs, or with a sequence of tensors as input.

These are few and not the hot ones, so one general function serves them all; see :mod:`upriver.ops.recorder`
for the rest. A several-output VIEW operator has a setting ``indices``: output i is ``input[indices[i]]``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.modes import DUAL, INFERENCE, state
from ..autograd.namespaces import ON_ARRAYS, ON_TENSORS, OPERATORS
from ..autograd.node import Node, blank, edge_of
from ..autograd.saved import observe, rebuilt, restored
from ..autograd.views import NO_GRAD, SEVERAL, Step, refresh, view_of
from ..errors import Where, user_frame
from ..storage import Storage
from ..tensor import Tensor, from_array, joint_origin
from . import operands
from .namespace import xp
from .tangents import propagate

if TYPE_CHECKING:
    from .registry import Operator

__all__ = ["several"]


def several(operator: Operator, defaults: dict[str, Any]) -> Callable[..., Any]:
    """The function users call for an ``operator`` with several outputs or a sequence of inputs."""
    names = operator.parameters
    positional = len(names) - operator.keyword_only

    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) > positional:
            raise TypeError(
                f"{operator.shown}() takes {positional} positional arguments but {len(args)} were given"
            )
        values = {**defaults, **dict(zip(names, args, strict=False)), **kwargs}
        missing = [name for name in names if name not in values]
        unknown = [name for name in values if name not in names]
        if missing or unknown:
            what = (
                f"misses the argument {missing[0]!r}"
                if missing
                else f"got an unexpected keyword argument {unknown[0]!r}"
            )
            raise TypeError(f"{operator.shown}() {what}; its arguments are ({', '.join(names)})")
        return _run(operator, values)

    call.__name__ = call.__qualname__ = operator.name
    call.__doc__ = operator.forward.__doc__
    call.__module__ = operator.forward.__module__
    return call


def _run(operator: Operator, values: dict[str, Any]) -> Any:
    tensors, arrays = _operands(operator, values)
    made = operator.forward(xp, **{**values, **arrays})
    outputs = [np.asarray(each) for each in (made if operator.several else (made,))]
    frame = user_frame(sys._getframe(2))
    level = state.level
    recording = level > 0 or (level == DUAL and state.grad)
    node = _node(operator, values, outputs, Where(frame.f_code, frame.f_lasti)) if recording else None
    results = tuple(_result(operator, values, each, index, node, frame) for index, each in enumerate(outputs))
    if node is not None:
        node.saved = _save(operator, values, arrays, results)
        if state.observers:
            observe(node, results)
    else:
        origin = joint_origin(operator.shown, tensors, recording)
        for result in results:
            result._origin = origin
            if level == INFERENCE:
                operands.mark_inference(result)
    if level == DUAL and operator.rules:
        propagate(operator, values, results)
    return results if operator.several else results[0]


def _operands(operator: Operator, values: dict[str, Any]) -> tuple[list[Tensor], dict[str, Any]]:
    """All tensor operands (put back into ``values`` as tensors), and the arrays of each by name."""
    tensors: list[Tensor] = []
    arrays: dict[str, Any] = {}
    for name in operator.inputs:
        given = values[name]
        if operator.variadic:
            sequence = [operands.tensor(each, operator, name) for each in given]
            arrays[name] = operands.in_common_type(sequence)
            values[name] = tuple(sequence)
            tensors += sequence
        elif given is not None:
            values[name] = operands.tensor(given, operator, name)
            arrays[name] = values[name]._array
            tensors.append(values[name])
        else:
            arrays[name] = None
    for t in tensors:
        if t._view is not None:
            refresh(t)
    return tensors, arrays


def _node(operator: Operator, values: dict[str, Any], outputs: list[Any], where: Where) -> Any:
    """The node, if this is to be recorded; ``made`` holds shape and type of each output with a gradient."""
    if not operator.rules:
        return None
    made = tuple(
        (each.shape, each.dtype)
        if each.dtype.kind in "fc" and index not in operator.undifferentiated
        else None
        for index, each in enumerate(outputs)
    )
    wanted = _wanted(operator, values)
    if not any(made) or not any(t is not None and t._requires_grad for t in wanted):
        return None
    edges = [(None, 0) if t is None else edge_of(t) for t in wanted]
    cls = _node_class(operator, len(outputs))
    node = blank(cls, tuple(edge for edge, _ in edges), tuple(number for _, number in edges), where)
    node.made = made
    kind = next(each[1] for each in made if each is not None)
    conjugate = kind.kind == "c" and not operator.wirtinger
    targets = tuple(
        (None, t._array.dtype) if operator.variadic and t is not None and t._array.dtype != kind else None
        for t in wanted
    )
    if not _is_view(operator) and (conjugate or any(targets)):
        node.restore = operands.Restoration(conjugate, targets)
    return node


def _is_view(operator: Operator) -> bool:
    return operator.kind.name == "VIEW"


def _wanted(operator: Operator, values: dict[str, Any]) -> list[Tensor | None]:
    """The operands that have a rule, in the order of the node's edges."""
    if operator.variadic:
        return list(values[operator.inputs[0]])
    return [values[name] for name in operator.rules]


def _result(
    operator: Operator, values: dict[str, Any], array: Any, index: int, node: Any, frame: Any
) -> Tensor:
    if _is_view(operator):
        source = values[operator.inputs[0]]
        result = from_array(array, source._storage)
        if not state.inference:
            step = Step(OPERATORS["getitem_view"], {"index": values["indices"][index]}, source._array.shape)
            maker = f"Output {index} of {operator.node_name.removesuffix('Backward0')}"
            result._view = view_of(source, step, SEVERAL if state.grad else NO_GRAD, frame, maker)
    else:
        result = from_array(array)
    if node is not None and node.made[index] is not None:
        result._node, result._number, result._requires_grad = node, index, True
    return result


def _save(
    operator: Operator, values: dict[str, Any], arrays: dict[str, Any], results: tuple[Tensor, ...]
) -> tuple[Any, ...]:
    """The saved tuple: (array, storage, version) for each tensor, or tuples of them for a sequence."""
    saved: list[Any] = []
    for name in operator.saved_names:
        if name in ("out", "outs") or (name in operator.inputs):
            source: Any = results if name == "outs" else results[0] if name == "out" else values[name]
            if source is None:
                saved += [None, None, 0]
            elif isinstance(source, tuple):
                saved.append(tuple(t._array for t in source))
                saved.append(tuple(t._storage for t in source))
                saved.append(tuple(t._storage.version for t in source))
            else:
                saved += [source._array, source._storage, source._storage.version]
        elif name in operator.parameters:
            saved.append(values[name])
        else:
            owner, _, what = name.rpartition("_")
            held = arrays[owner.removesuffix("s") if owner not in arrays else owner]
            what = what.removesuffix("s")
            saved.append(
                tuple(getattr(a, what) for a in held)
                if isinstance(held, (tuple, list))
                else getattr(held, what, None)
            )
    return tuple(saved)


def _values(node: Any, as_tensors: bool) -> dict[str, Any]:
    """What the node saved by name, versions checked; as arrays, or as tensors with their history."""
    operator = node.operator
    parts = iter(node.saved if node.saved.__class__ is tuple else node.unpack())
    values: dict[str, Any] = {}
    for name in operator.saved_names:
        if name not in operator.saved_tensors:
            values[name] = next(parts)
            continue
        array, storage, version = next(parts), next(parts), next(parts)
        if isinstance(array, tuple):
            for each in zip(array, storage, version, strict=True):
                _check(node, name, *each)
            values[name] = (
                tuple(
                    restored(node, (name, index), _tensor(node, name, index, *each))
                    for index, each in enumerate(zip(array, storage, strict=True))
                )
                if as_tensors
                else array
            )
        else:
            _check(node, name, array, storage, version)
            values[name] = rebuilt(node, name, array, storage) if as_tensors and array is not None else array
    return values


def _check(node: Node, name: str, array: Any, storage: Storage | None, version: Any) -> None:
    if storage is not None and storage.version != version:
        node.stale(name, array, storage, version)


def _tensor(node: Any, name: str, index: int, array: Any, storage: Storage) -> Tensor:
    """Entry ``index`` of a saved sequence: an output of ``node``, or one of its inputs."""
    t = from_array(array, storage)
    if name == "outs":
        if node.made[index] is not None:
            t._node, t._number, t._requires_grad = node, index, True
        return t
    edge = node.edges[index]
    if edge is None:
        return t
    if hasattr(edge, "variable"):
        return edge.variable
    t._node, t._number, t._requires_grad = edge, node.numbers[index] if node.numbers else 0, True
    return t


def _gradients(node: Any, gradient: Any, keep: bool, as_tensors: bool) -> tuple[Any, ...]:
    operator = node.operator
    values = _values(node, as_tensors)
    if not keep and operator.saved_tensors:
        node.saved = None
    if operator.several:
        received = gradient if node.outputs > 1 else [gradient]
        gradient = tuple(
            g
            if g is not None or made is None
            else (from_array(np.zeros(*made)) if as_tensors else np.zeros(*made))
            for g, made in zip(received, node.made, strict=True)
        )
    F = ON_TENSORS if as_tensors else ON_ARRAYS
    if operator.variadic:
        name = operator.inputs[0]
        return tuple(operator.rules[name](F, gradient, *[values[each] for each in operator.saves[name]]))
    return tuple(
        None if edge is None else rule(F, gradient, *[values[each] for each in operator.saves[name]])
        for edge, (name, rule) in zip(node.edges, operator.rules.items(), strict=True)
    )


def _node_class(operator: Operator, outputs: int) -> type[Node]:
    """The Node subclass for ``outputs`` outputs, made once."""
    known = _CLASSES.get((operator.name, outputs))
    if known is None:
        members = {
            **operator.saved_attributes, "__slots__": ("made",), "operator": operator, "outputs": outputs,
            "__module__": "upriver.autograd.node",
            "vjp": lambda node, gradient, keep: _gradients(node, gradient, keep, False),
            "vjp_recorded": lambda node, gradient, keep: _gradients(node, gradient, keep, True),
            "saved_values": lambda node: _values(node, True),
        }  # fmt: skip
        known = _CLASSES[operator.name, outputs] = type(operator.node_name, (Node,), members)
    return known


_CLASSES: dict[tuple[str, int], type[Node]] = {}
