"""Comparisons, logic and bits: results without gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import FROM_NUMPY
from .namespace import Namespace
from .registry import Kind, op

__all__ = [
    "bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor",
    "eq", "gcd", "ge", "gt", "isclose", "isfinite", "isinf", "isnan", "isneginf", "isposinf", "isreal", "lcm",
    "le", "logical_and", "logical_not", "logical_or", "logical_xor", "lt", "ne", "signbit",
]  # fmt: skip

Array = np.ndarray[Any, Any]

ELEMENTWISE = Kind.ELEMENTWISE


@op(ELEMENTWISE)
def eq(xp: Namespace, input: Array, other: Array) -> Array:
    """``input == other``."""
    return xp.equal(input, other)


@op(ELEMENTWISE)
def ne(xp: Namespace, input: Array, other: Array) -> Array:
    """``input != other``."""
    return xp.not_equal(input, other)


@op(ELEMENTWISE, ordered=True)
def lt(xp: Namespace, input: Array, other: Array) -> Array:
    """``input < other``."""
    return xp.less(input, other)


@op(ELEMENTWISE, ordered=True)
def le(xp: Namespace, input: Array, other: Array) -> Array:
    """``input <= other``."""
    return xp.less_equal(input, other)


@op(ELEMENTWISE, ordered=True)
def gt(xp: Namespace, input: Array, other: Array) -> Array:
    """``input > other``."""
    return xp.greater(input, other)


@op(ELEMENTWISE, ordered=True)
def ge(xp: Namespace, input: Array, other: Array) -> Array:
    """``input >= other``."""
    return xp.greater_equal(input, other)


@op(ELEMENTWISE)
def isnan(xp: Namespace, input: Array) -> Array:
    """Whether each element is NaN."""
    return xp.isnan(input)


@op(ELEMENTWISE)
def isinf(xp: Namespace, input: Array) -> Array:
    """Whether each element is infinite."""
    return xp.isinf(input)


@op(ELEMENTWISE)
def isfinite(xp: Namespace, input: Array) -> Array:
    """Whether each element is neither infinite nor NaN."""
    return xp.isfinite(input)


@op(ELEMENTWISE)
def signbit(xp: Namespace, input: Array) -> Array:
    """Whether each element has its sign bit set."""
    return xp.signbit(input) if input.dtype.kind == "f" else xp.less(input, 0)


@op(ELEMENTWISE)
def logical_not(xp: Namespace, input: Array) -> Array:
    """Whether each element is zero."""
    return xp.logical_not(input)


@op(ELEMENTWISE)
def logical_and(xp: Namespace, input: Array, other: Array) -> Array:
    """Whether both are nonzero."""
    return xp.logical_and(input, other)


@op(ELEMENTWISE)
def logical_or(xp: Namespace, input: Array, other: Array) -> Array:
    """Whether either is nonzero."""
    return xp.logical_or(input, other)


@op(ELEMENTWISE)
def logical_xor(xp: Namespace, input: Array, other: Array) -> Array:
    """Whether exactly one is nonzero."""
    return xp.logical_xor(input, other)


def _integral(name: str, *arrays: Array) -> None:
    for array in arrays:
        if array.dtype.kind in "fc":
            kernel = {"bitwise_left_shift": "lshift", "bitwise_right_shift": "rshift"}.get(name, name)
            kind = FROM_NUMPY[array.dtype].tensor_type
            raise NotImplementedError(
                f"\"{kernel}_cpu\" not implemented for '{kind}': give integers or bools"
            )


@op(ELEMENTWISE)
def bitwise_not(xp: Namespace, input: Array) -> Array:
    """Each bit flipped; logical for bools."""
    _integral("bitwise_not", input)
    return xp.invert(input)


@op(ELEMENTWISE)
def bitwise_and(xp: Namespace, input: Array, other: Array) -> Array:
    """Bits set in both; logical for bools."""
    _integral("bitwise_and", input, other)
    return xp.bitwise_and(input, other)


@op(ELEMENTWISE)
def bitwise_or(xp: Namespace, input: Array, other: Array) -> Array:
    """Bits set in either; logical for bools."""
    _integral("bitwise_or", input, other)
    return xp.bitwise_or(input, other)


@op(ELEMENTWISE)
def bitwise_xor(xp: Namespace, input: Array, other: Array) -> Array:
    """Bits set in exactly one; logical for bools."""
    _integral("bitwise_xor", input, other)
    return xp.bitwise_xor(input, other)


@op(ELEMENTWISE)
def bitwise_left_shift(xp: Namespace, input: Array, other: Array) -> Array:
    """Bits moved ``other`` places up."""
    _integral("bitwise_left_shift", input, other)
    return xp.left_shift(input, other)


@op(ELEMENTWISE)
def bitwise_right_shift(xp: Namespace, input: Array, other: Array) -> Array:
    """Bits moved ``other`` places down, keeping the sign."""
    _integral("bitwise_right_shift", input, other)
    return xp.right_shift(input, other)


@op(ELEMENTWISE)
def gcd(xp: Namespace, input: Array, other: Array) -> Array:
    """The greatest common divisor of integers."""
    return xp.gcd(input, other)


@op(ELEMENTWISE)
def lcm(xp: Namespace, input: Array, other: Array) -> Array:
    """The least common multiple of integers."""
    return xp.lcm(input, other)


@op(ELEMENTWISE)
def isclose(
    xp: Namespace,
    input: Array,
    other: Array,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> Array:
    """Whether ``|input - other| <= atol + rtol * |other|``."""
    return xp.isclose(input, other, rtol, atol, equal_nan)


@op(ELEMENTWISE, ordered=True)
def isposinf(xp: Namespace, input: Array) -> Array:
    """Whether it is plus infinity."""
    return xp.isposinf(input)


@op(ELEMENTWISE, ordered=True)
def isneginf(xp: Namespace, input: Array) -> Array:
    """Whether it is minus infinity."""
    return xp.isneginf(input)


@op(ELEMENTWISE)
def isreal(xp: Namespace, input: Array) -> Array:
    """Whether the imaginary part is 0."""
    return xp.isreal(input)
