"""Arithmetic in PyTorch's signatures, composed of the table's operators: they need no rules of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes
from ..tensor import Tensor, from_array
from . import comparison, elementwise

__all__ = [
    "absolute",
    "add",
    "addcdiv",
    "addcmul",
    "allclose",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "clamp",
    "clamp_max",
    "clamp_min",
    "clip",
    "deg2rad",
    "detach",
    "div",
    "divide",
    "equal",
    "fix",
    "float_power",
    "greater",
    "greater_equal",
    "is_complex",
    "is_conj",
    "is_floating_point",
    "is_inference",
    "is_neg",
    "is_nonzero",
    "is_same_size",
    "is_signed",
    "is_tensor",
    "ldexp",
    "lerp",
    "less",
    "less_equal",
    "multiply",
    "negative",
    "not_equal",
    "positive",
    "rad2deg",
    "resolve_conj",
    "resolve_neg",
    "result_type",
    "rsub",
    "sub",
    "subtract",
    "true_divide",
]  # fmt: skip


def add(input: Any, other: Any, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input + alpha * other``."""
    if alpha.__class__ is not int or alpha != 1:
        other = elementwise.mul(other, alpha) if isinstance(other, Tensor) else other * alpha
    return elementwise.add(input, other, out=out)


def sub(input: Any, other: Any, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input - alpha * other``."""
    if alpha.__class__ is not int or alpha != 1:
        other = elementwise.mul(other, alpha) if isinstance(other, Tensor) else other * alpha
    return elementwise.sub(input, other, out=out)


subtract = sub


def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """``other - alpha * input``."""
    return sub(other, input, alpha=alpha)


def div(input: Any, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None) -> Tensor:
    """``input / other``, rounded towards zero ("trunc") or minus infinity ("floor") if asked."""
    if rounding_mode is None:
        return elementwise.div(input, other, out=out)
    if rounding_mode == "floor":
        return elementwise.floor_divide(input, other, out=out)
    if rounding_mode == "trunc":
        return elementwise.trunc_divide(input, other, out=out)
    raise RuntimeError(
        f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
    )


def divide(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """:func:`div`."""
    return div(input, other, rounding_mode=rounding_mode)


def true_divide(input: Any, other: Any) -> Tensor:
    """``input / other``."""
    return elementwise.div(input, other)


def clamp(input: Tensor, min: Any = None, max: Any = None, *, out: Tensor | None = None) -> Tensor:
    """``input`` limited to [``min``, ``max``]; at the bounds themselves the gradient passes.

    >>> import upriver as up
    >>> up.tensor([-1.0, 0.5, 2.0]).clamp(0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if max is None:
        return elementwise.clamp_below(input, min, out=out)
    if min is None:
        return elementwise.clamp_above(input, max, out=out)
    return elementwise.clamp_between(input, min, max, out=out)


clip = clamp


def clamp_min(input: Tensor, min: Any) -> Tensor:
    """``input`` but at least ``min``."""
    return elementwise.clamp_below(input, min)


def clamp_max(input: Tensor, max: Any) -> Tensor:
    """``input`` but at most ``max``."""
    return elementwise.clamp_above(input, max)


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """``input + value * tensor1 * tensor2``."""
    return add(input, tensor1 * tensor2, alpha=value)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """``input + value * tensor1 / tensor2``."""
    return add(input, tensor1 / tensor2, alpha=value)


def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """``input + weight * (end - input)``: from ``input`` (weight 0) to ``end`` (weight 1)."""
    return input + (end - input) * weight


def float_power(input: Any, exponent: Any) -> Tensor:
    """``input ** exponent`` in float64 (complex128 for complex operands)."""
    wide = [
        each.double() if isinstance(each, Tensor) and not each.is_complex() else each
        for each in (input, exponent)
    ]
    if not isinstance(wide[0], Tensor):
        wide[0] = from_array(np.asarray(wide[0], np.float64))
    return elementwise.pow(*wide)


def ldexp(input: Tensor, other: Tensor) -> Tensor:
    """``input * 2 ** other``."""
    return input * elementwise.pow(2.0, other)


def deg2rad(input: Tensor) -> Tensor:
    """Degrees as radians."""
    return input * (np.pi / 180.0)


def rad2deg(input: Tensor) -> Tensor:
    """Radians as degrees."""
    return input * (180.0 / np.pi)


def positive(input: Tensor) -> Tensor:
    """``+input``: the tensor itself."""
    return input


def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Whether every ``|input - other| <= atol + rtol * |other|``."""
    if input._array.dtype != other._array.dtype:
        raise RuntimeError(f"{input.dtype.tensor_type} did not match {other.dtype.tensor_type}")
    return bool(np.allclose(input._array, other._array, rtol, atol, equal_nan))


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether shapes and all elements are equal."""
    return input._array.shape == other._array.shape and bool((input._array == other._array).all())


def is_tensor(obj: Any) -> bool:
    """Whether ``obj`` is a tensor."""
    return isinstance(obj, Tensor)


def is_floating_point(input: Tensor) -> bool:
    """Whether the elements are real floating numbers."""
    return input.is_floating_point()


def is_complex(input: Tensor) -> bool:
    """Whether the elements are complex numbers."""
    return input.is_complex()


def is_signed(input: Tensor) -> bool:
    """Whether the elements may be negative."""
    return input.dtype.is_signed


def is_inference(input: Tensor) -> bool:
    """Whether it was made in inference mode, and is of no use to autograd."""
    return input.is_inference()


def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Whether the shapes are equal."""
    return input._array.shape == other._array.shape


def is_conj(input: Tensor) -> bool:
    """Whether it is a conjugate still to be computed: never, ``conj()`` computes at once."""
    return False


def is_neg(input: Tensor) -> bool:
    """Whether it is a negative still to be computed: never."""
    return False


def resolve_conj(input: Tensor) -> Tensor:
    """The tensor itself: nothing is left to be computed."""
    return input


resolve_neg = resolve_conj


def detach(input: Tensor) -> Tensor:
    """The same memory outside the graph: see :meth:`upriver.Tensor.detach`."""
    return input.detach()


def result_type(tensor1: Any, tensor2: Any) -> dtypes.dtype:
    """The type that arithmetic on two tensors or numbers has.

    >>> import upriver as up
    >>> up.result_type(up.tensor([1, 2]), 2.5)
    torch.float32
    """
    return elementwise.add(_sample(tensor1), _sample(tensor2)).dtype


def _sample(operand: Any) -> Any:
    """An operand without elements, or a number."""
    if not isinstance(operand, Tensor):
        return operand
    shape = (0,) if operand._array.ndim else ()
    return from_array(np.zeros(shape, operand._array.dtype))


def is_nonzero(input: Tensor) -> bool:
    """Whether the single element is not zero."""
    return bool(input)


multiply = elementwise.mul
negative = elementwise.neg
absolute = elementwise.abs
fix = elementwise.trunc
arcsin, arccos, arctan, arctan2 = elementwise.asin, elementwise.acos, elementwise.atan, elementwise.atan2
arcsinh, arccosh, arctanh = elementwise.asinh, elementwise.acosh, elementwise.atanh
greater, greater_equal, less, less_equal = comparison.gt, comparison.ge, comparison.lt, comparison.le
not_equal = comparison.ne
