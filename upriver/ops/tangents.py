"""Forward mode for the table: what an operator does to tangents, from the rules it has.

A rule takes the cotangent u of the result to that of an input: it computes J'u, by operators, linearly in u.
So the tangent of the result, the sum of J t over the inputs, is what backward of J'u yields for u when it
starts from t; the value of u plays no part. Views are linear themselves: they are applied to the tangent, in
whose memory the result's tangent then lies. See NOTE [ Forward mode ].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.differentiate import grad
from ..autograd.forward_ad import constants
from ..autograd.modes import enable_grad, state
from ..autograd.namespaces import ON_TENSORS
from ..tensor import Tensor, from_array
from . import operands

if TYPE_CHECKING:
    from .registry import Operator

__all__ = ["carry", "in_dual_level", "propagate", "write_tangent"]


def in_dual_level(
    function: Any, operator: Operator, result: Tensor, inputs: tuple[Any, ...], settings: dict[str, Any]
) -> Tensor:
    """What :mod:`upriver.ops.recorder` returns in a dual level, where it leaves the ``result`` unrecorded.

    Where a history is wanted the operator is run again, outside the level: so a level is but one more number
    for the recorder, which has nothing to do in it.
    """
    values = {**settings, **dict(zip(operator.inputs, inputs, strict=True))}
    if state.grad and any(t is not None and t.requires_grad for t in inputs):
        with constants():
            result = function(**values)
    propagate(operator, values, (result,))
    return result


def propagate(operator: Operator, values: dict[str, Any], results: tuple[Tensor, ...]) -> None:
    """Give ``results``, which ``operator`` made of ``values``, their tangents in this thread's dual level."""
    level = state.dual
    inputs = _wanted(operator, values)
    tangents = [None if t is None else level.tangent(t) for t in inputs]
    if not any(each is not None for each in tangents):
        if inputs and inputs[0] is not None and level.is_constant(inputs[0]):
            for result in results:
                if result._view is not None:  # its base may be dual all the same
                    level.hold(result, None)
        return
    pushed = (
        _viewed(operator, values, tangents[0])
        if operator.kind.name in ("VIEW", "MAYBE_VIEW")
        else _transposed(operator, values, results, inputs, tangents)
    )
    for result, tangent in zip(results, pushed, strict=True):
        if tangent is not None:
            level.hold(result, tangent)
    node = next((each._node for each in results if each._node is not None), None)
    if node is not None and node.operator is operator:
        level.note_saved(node, _of_saved(operator, values, results))


def _wanted(operator: Operator, values: dict[str, Any]) -> list[Any]:
    """The operands that have a rule: all of a sequence, or those of the rules in their order."""
    if operator.variadic:
        return list(values[operator.inputs[0]])
    return [values[name] for name in operator.rules]


def _viewed(operator: Operator, values: dict[str, Any], tangent: Any) -> list[Tensor]:
    with constants():
        viewed = operator.function(**{**values, operator.inputs[0]: tangent})
    return list(viewed) if operator.several else [viewed]


def _transposed(
    operator: Operator, values: dict[str, Any], results: tuple[Tensor, ...], inputs: list[Any],
    tangents: list[Any],
) -> list[Tensor | None]:  # fmt: skip
    followed = [
        t._array.dtype.kind in "fc" and index not in operator.undifferentiated
        for index, t in enumerate(results)
    ]
    if not any(followed):
        return [None] * len(results)
    create = state.grad and any(t is not None and t.requires_grad for t in (*inputs, *tangents))
    with constants(silently=True), enable_grad(), np.errstate(all="ignore"):
        cotangents = [
            from_array(np.zeros_like(t._array)) if wanted else None
            for t, wanted in zip(results, followed, strict=True)
        ]
        seeds = [u for u in cotangents if u is not None]
        for u in seeds:
            u._requires_grad = True
        pulled = _pulled(operator, values, results, inputs, tangents, cotangents, create)
    pairs = [
        (of_input, tangent)
        for of_input, tangent in zip(pulled, tangents, strict=True)
        if of_input is not None and tangent is not None and of_input._requires_grad
    ]
    with constants():
        pushed: tuple[Any, ...] = (None,) * len(seeds)
        if pairs:
            outputs, directions = zip(*((m, _like(t, m)) for m, t in pairs), strict=True)
            pushed = grad(outputs, seeds, directions, create_graph=create, allow_unused=True)
        apart = [_apart(each, u, tangents) for each, u in zip(pushed, seeds, strict=True)]
    remaining = iter(apart)
    return [next(remaining) if wanted else None for wanted in followed]


def _pulled(
    operator: Operator, values: dict[str, Any], results: tuple[Tensor, ...], inputs: list[Any],
    tangents: list[Any], cotangents: list[Any], create: bool,
) -> tuple[Any, ...]:  # fmt: skip
    """The cotangents that the rules make of ``cotangents`` for the inputs that have a tangent."""
    kind = next(u._array.dtype for u in cotangents if u is not None)
    elementwise = operator.kind.name == "ELEMENTWISE"
    targets = tuple(
        None if t is None else (t._array.shape if elementwise else None, t._array.dtype)
        for t in (None if tangent is None else t for t, tangent in zip(inputs, tangents, strict=True))
    )
    restore = operands.Restoration(kind.kind == "c" and not operator.wirtinger, targets)
    g = restore.before(ON_TENSORS, cotangents)
    g = tuple(g) if operator.several else g[0]
    saved = {name: _value(operator, name, values, results, create) for name in operator.saved_names}

    def run(name: str) -> Any:
        return operator.rules[name](ON_TENSORS, g, *[saved[each] for each in operator.saves[name]])

    if operator.variadic:
        made = tuple(run(operator.inputs[0]))
    else:
        made = tuple(
            None if tangent is None else run(name)
            for name, tangent in zip(operator.rules, tangents, strict=True)
        )
    return restore.after(ON_TENSORS, made)


def _value(
    operator: Operator, name: str, values: dict[str, Any], results: tuple[Tensor, ...], create: bool
) -> Any:
    """What a rule knows as ``name``; without a history unless the tangent is to have one."""
    if name in ("out", "outs") or name in operator.inputs:
        held = results if name == "outs" else results[0] if name == "out" else values[name]
        return tuple(_plain(t, create) for t in held) if isinstance(held, tuple) else _plain(held, create)
    if name in operator.parameters:
        return values[name]
    owner, _, what = name.rpartition("_")
    if operator.variadic:
        sequence = values[owner if owner in values else owner.removesuffix("s")]
        return tuple(getattr(t._array, what.removesuffix("s")) for t in sequence)
    return None if values[owner] is None else getattr(values[owner]._array, what)


def _plain(t: Tensor | None, create: bool) -> Tensor | None:
    return t if create or t is None or not t._requires_grad else from_array(t._array, t._storage)


def _like(tangent: Tensor, cotangent: Tensor) -> Tensor:
    """``tangent`` in the type of the value it belongs to, in which it starts backward."""
    if tangent._array.dtype == cotangent._array.dtype:
        return tangent
    converted: Tensor = ON_TENSORS.to_dtype(tangent, cotangent._array.dtype)
    return converted


def _apart(pushed: Tensor | None, seed: Tensor, tangents: list[Any]) -> Tensor:
    """A result's tangent, in memory of its own: later writes to the operand's must not show in it."""
    if pushed is None:
        return from_array(np.zeros_like(seed._array))
    if any(t is not None and pushed._storage is t._storage for t in tangents):
        pushed = ON_TENSORS.clone_(pushed)
    return pushed


def _of_saved(operator: Operator, values: dict[str, Any], results: tuple[Tensor, ...]) -> dict[Any, Tensor]:
    """The tangents of what a node saved: by name, or by name and position in a sequence."""
    found: dict[Any, Any] = {}
    for name in operator.saved_tensors:
        held = results if name == "outs" else results[0] if name == "out" else values[name]
        if isinstance(held, tuple):
            found |= {(name, index): state.dual.tangent(t) for index, t in enumerate(held)}
        elif held is not None:
            found[name] = state.dual.tangent(held)
    return {key: tangent for key, tangent in found.items() if tangent is not None}


# -- writes in place -----------------------------------------------------------------------------------------


def carry(t: Tensor, snapshot: Tensor) -> None:
    """Give ``snapshot``, a copy of ``t`` that a write computes from, a copy of its tangent."""
    level = state.dual
    tangent = level.tangent(t)
    if tangent is not None:
        with constants():
            level.hold(snapshot, ON_TENSORS.clone_(tangent))


def write_tangent(t: Tensor, result: Tensor) -> None:
    """Write the tangent of ``result`` into that of ``t``, which was just written with the value of
    ``result``.

    Where ``t`` is a view whose base has no tangent yet, the base gets one, zero elsewhere.
    """
    level = state.dual
    written, held = level.tangent(result), level.tangent(t)
    if written is None and held is None:
        return
    if held is None and t._view is not None and not level.is_constant(t):
        base = t._view.base
        level.hold(base, from_array(np.zeros_like(base._array)))
        level.held.pop(id(t), None)
        held = level.tangent(t)
    if held is None:
        level.hold(t, written)
        return
    with constants():
        if written is None:
            held.zero_()
        else:
            held.copy_(written)
