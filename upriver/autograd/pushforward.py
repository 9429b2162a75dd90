"""The tangents of a custom Function's results: its ``jvp`` called and its answer checked, in PyTorch's
words.
"""

from __future__ import annotations

from typing import Any

from ..errors import explain
from ..tensor import Tensor
from .forward_ad import check_tangent, constants
from .modes import state
from .namespaces import ON_TENSORS
from .views import CUSTOM

__all__ = ["push", "tangents_of"]


def tangents_of(function: Any, base: Any, args: tuple[Any, ...]) -> list[Any] | None:
    """The arguments' tangents, or None if no argument is dual; refuses a Function without a ``jvp``."""
    level = state.dual
    if level is None or state.inference:
        return None
    tangents = [level.tangent(each) if isinstance(each, Tensor) else None for each in args]
    if all(each is None for each in tangents):
        return None
    if function.jvp is base.jvp:
        raise NotImplementedError(
            explain(
                "You must implement the jvp function for custom autograd.Function to use it with forward "
                "mode AD.",
                f"{function.__name__} was applied to a dual tensor, and has none.",
                "mend it: add `@staticmethod def jvp(ctx, *tangents)`, a tangent for each argument in and "
                "one for each result out; what ctx.save_for_forward() kept is in ctx.saved_tensors.",
            )
        )
    return tangents


def push(
    function: Any, context: Any, args: tuple[Any, ...], tangents: list[Any], made: list[Any],
    results: list[Any],
) -> None:  # fmt: skip
    """Give ``results`` (``made``, before they were recorded) the tangents that ``jvp`` computes."""
    level = state.dual
    with constants():
        given = [
            ON_TENSORS.zeros_like(each)
            if tangent is None and isinstance(each, Tensor) and context._materialize
            else tangent
            for each, tangent in zip(args, tangents, strict=True)
        ]
        context._in_jvp = True
        try:
            answer = function.jvp(context, *given)
        finally:
            context._in_jvp = False
    answers = answer if isinstance(answer, tuple) else (answer,)
    if len(answers) != len(results):
        raise RuntimeError(
            "Function's jvp returned an invalid number of forward gradients (expected "
            f"{len(results)} but got {len(answers)})\n  the Function is {function.__name__}."
        )
    for index, (before, result, tangent) in enumerate(zip(made, results, answers, strict=True)):
        if tangent is not None and not isinstance(tangent, Tensor):
            raise RuntimeError(
                f"expected Variable or None (got {type(tangent).__name__}) for grad output {index}."
            )
        differentiable = isinstance(result, Tensor) and result._array.dtype.kind in "fc"
        if tangent is None or not differentiable or any(before is t for t in context._non_differentiable):
            continue
        check_tangent(result, tangent)
        _check_memory(context, args, given, before, result, tangent)
        level.hold(result, tangent)


def _check_memory(
    context: Any, args: tuple[Any, ...], given: list[Any], before: Any, result: Tensor, tangent: Tensor
) -> None:
    """What forward does to memory, ``jvp`` must do: write in place, or return a view."""
    for each, own in zip(args, given, strict=True):
        if each is before and any(each is t for t in context._dirty):
            if tangent is not own:
                raise RuntimeError(
                    "An inplace custom Function is not modifying the forward mode gradients inplace. If the "
                    "forward is modifying an input inplace, then the jvp function must modify the "
                    "corresponding gradient inplace."
                )
            return
    view = result._view is not None and (result._view.creation == CUSTOM or not result._requires_grad)
    as_is = any(each is before for each in args)
    if (view or as_is) and not any(t is not None and t._storage is tangent._storage for t in given):
        raise RuntimeError(
            "A custom Function's forward is returning a view (or an input as-is) but the jvp is not "
            "returning a view."
        )
