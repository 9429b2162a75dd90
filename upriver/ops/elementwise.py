"""Arithmetic, element by element: operands are broadcast and promoted, derivatives are one line each.

At ties, bounds and singular points the derivatives follow PyTorch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .namespace import Namespace
from .registry import Kind, op

__all__ = [
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "frac",
    "heaviside",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "maximum",
    "minimum",
    "mul",
    "nan_to_num",
    "neg",
    "pow",
    "reciprocal",
    "remainder",
    "round",
    "rsqrt",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "trunc",
]  # fmt: skip

Array = np.ndarray[Any, Any]

ELEMENTWISE = Kind.ELEMENTWISE
LN2 = float(np.log(2.0))
LN10 = float(np.log(10.0))

# -- arithmetic ----------------------------------------------------------------------------------------------


@op(ELEMENTWISE, ufunc="add", input=lambda F, g: g, other=lambda F, g: g)
def add(xp: Namespace, input: Array, other: Array) -> Array:
    """``input + other``."""
    return xp.logical_or(input, other) if input.dtype == np.bool_ else xp.add(input, other)


@op(ELEMENTWISE, ufunc="subtract", input=lambda F, g: g, other=lambda F, g: -g)
def sub(xp: Namespace, input: Array, other: Array) -> Array:
    """``input - other``."""
    if input.dtype == np.bool_:
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
            "`logical_xor()` operator instead."
        )
    return xp.subtract(input, other)


@op(ELEMENTWISE, ufunc="multiply",
    input=lambda F, g, other: g * other,
    other=lambda F, g, input: g * input)  # fmt: skip
def mul(xp: Namespace, input: Array, other: Array) -> Array:
    """``input * other``."""
    return xp.multiply(input, other)


@op(ELEMENTWISE, floating=True, ufunc="true_divide",
    input=lambda F, g, other: g / other,
    other=lambda F, g, input, other: -g * ((input / other) / other))  # fmt: skip
def div(xp: Namespace, input: Array, other: Array) -> Array:
    """``input / other``; integers give the default floating type."""
    return xp.true_divide(input, other)


@op(ELEMENTWISE, ordered=True, input=lambda F, g: g,
    other=lambda F, g, input, other: -g * F.floor_divide(input, other))  # fmt: skip
def remainder(xp: Namespace, input: Array, other: Array) -> Array:
    """``input % other`` with the sign of ``other``."""
    return xp.remainder(input, other)


@op(ELEMENTWISE, ordered=True,
    input=lambda F, g: g,
    other=lambda F, g, input, other: -g * F.trunc_divide(input, other))  # fmt: skip
def fmod(xp: Namespace, input: Array, other: Array) -> Array:
    """The remainder of ``input / other`` with the sign of ``input``."""
    return xp.fmod(input, other)


@op(ELEMENTWISE, ordered=True,
    input=lambda F, g, input: F.zeros_like(input),
    other=lambda F, g, other: F.zeros_like(other))  # fmt: skip
def floor_divide(xp: Namespace, input: Array, other: Array) -> Array:
    """``input // other``, rounded towards minus infinity."""
    if input.dtype.kind in "iu" and not xp.all(other):
        raise RuntimeError("ZeroDivisionError")
    return xp.floor_divide(input, other)


@op(ELEMENTWISE, input=lambda F, g, input: F.zeros_like(input), other=lambda F, g, other: F.zeros_like(other))
def trunc_divide(xp: Namespace, input: Array, other: Array) -> Array:
    """``input / other``, rounded towards zero."""
    if input.dtype.kind in "iu":
        return (xp.sign(input) * xp.sign(other) * (xp.abs(input) // xp.abs(other))).astype(input.dtype)
    return xp.trunc(xp.true_divide(input, other))


@op(ELEMENTWISE, ufunc="negative", input=lambda F, g: -g)
def neg(xp: Namespace, input: Array) -> Array:
    """``-input``."""
    if input.dtype == np.bool_:
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a "
            "mask, use the `~` or `logical_not()` operator instead."
        )
    return xp.negative(input)


@op(ELEMENTWISE,
    input=lambda F, g, input, other: g * F.pow_slope(input, other),
    other=lambda F, g, input, other, out:
        F.mask_where((input == 0) & (F.real(other) >= 0), g * (out * F.log(input))))  # fmt: skip
def pow(xp: Namespace, input: Array, other: Array) -> Array:
    """``input ** other``."""
    if input.dtype.kind in "iu" and xp.any(other < 0):
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    return pow_array(input, other)


def pow_array(input: Array, other: Array) -> Array:
    """Powers of a plain array."""
    if not other.shape:  # the common powers cost a product, not a call of libm for each element
        exponent = other.item()
        if exponent == 2:
            return np.multiply(input, input)
        if exponent == 1:
            return np.multiply(input, other)
        if exponent == 3:
            return np.multiply(np.multiply(input, input), input)
        if exponent == 0.5:
            return np.sqrt(input)
    return np.power(input, other)


@op(ELEMENTWISE,
    input=lambda F, g, input, other: g * (other * F.pow_slope(input, other - 1)),
    other=lambda F, g, input, other:
        F.mask_where(input == 0, g * (F.pow(input, other - 1) * (1 + other * F.log(input)))))  # fmt: skip
def pow_slope(xp: Namespace, input: Array, other: Array) -> Array:
    """``other * input ** (other - 1)``, and 0 where ``other`` is 0."""
    if not other.shape:
        exponent = other.item()
        if exponent == 2:
            return xp.add(input, input)
        if exponent == 0:
            return xp.zeros_like(input)
    return xp.where(other == 0, input.dtype.type(0), other * pow_array(input, other - 1))


@op(ELEMENTWISE, ufunc="absolute", wirtinger=True, input=lambda F, g, input: g * F.sgn(input))
def abs(xp: Namespace, input: Array) -> Array:
    """``|input|``; the derivative at 0 is 0."""
    return xp.absolute(input)


@op(ELEMENTWISE, ufunc="square", input=lambda F, g, input: g * (input + input))
def square(xp: Namespace, input: Array) -> Array:
    """``input ** 2``."""
    return xp.square(input.astype(np.int64) if input.dtype == np.bool_ else input)


@op(ELEMENTWISE, floating=True, ufunc="reciprocal", input=lambda F, g, out: -g * (out * out))
def reciprocal(xp: Namespace, input: Array) -> Array:
    """``1 / input``."""
    return xp.reciprocal(input)


@op(ELEMENTWISE, floating=True, ufunc="sqrt", input=lambda F, g, out: g / (out + out))
def sqrt(xp: Namespace, input: Array) -> Array:
    """The square root; the derivative at 0 is infinite."""
    return xp.sqrt(input)


@op(ELEMENTWISE, floating=True, input=lambda F, g, out: g * (-0.5 * (out * out * out)))
def rsqrt(xp: Namespace, input: Array) -> Array:
    """``1 / sqrt(input)``."""
    return xp.reciprocal(xp.sqrt(input))


# -- exponentials and logarithms -----------------------------------------------------------------------------


@op(ELEMENTWISE, floating=True, ufunc="exp", input=lambda F, g, out: g * out)
def exp(xp: Namespace, input: Array) -> Array:
    """``e ** input``."""
    return xp.exp(input)


@op(ELEMENTWISE, floating=True, ufunc="exp2", input=lambda F, g, out: g * (out * LN2))
def exp2(xp: Namespace, input: Array) -> Array:
    """``2 ** input``."""
    return xp.exp2(input)


@op(ELEMENTWISE, floating=True, ufunc="expm1", input=lambda F, g, out: g * (out + 1))
def expm1(xp: Namespace, input: Array) -> Array:
    """``exp(input) - 1``, exact for small input."""
    return xp.expm1(input)


@op(ELEMENTWISE, floating=True, ufunc="log", input=lambda F, g, input: g / input)
def log(xp: Namespace, input: Array) -> Array:
    """The natural logarithm."""
    return xp.log(input)


@op(ELEMENTWISE, floating=True, ufunc="log2", input=lambda F, g, input: g / (input * LN2))
def log2(xp: Namespace, input: Array) -> Array:
    """The logarithm to base 2."""
    return xp.log2(input)


@op(ELEMENTWISE, floating=True, ufunc="log10", input=lambda F, g, input: g / (input * LN10))
def log10(xp: Namespace, input: Array) -> Array:
    """The logarithm to base 10."""
    return xp.log10(input)


@op(ELEMENTWISE, floating=True, ufunc="log1p", input=lambda F, g, input: g / (input + 1))
def log1p(xp: Namespace, input: Array) -> Array:
    """``log(1 + input)``, exact for small input."""
    return xp.log1p(input)


@op(ELEMENTWISE, floating=True,
    input=lambda F, g, input, other: g / (1 + F.exp(other - input)),
    other=lambda F, g, input, other: g / (1 + F.exp(input - other)))  # fmt: skip
def logaddexp(xp: Namespace, input: Array, other: Array) -> Array:
    """``log(exp(input) + exp(other))`` without overflow."""
    return xp.logaddexp(input, other)


@op(ELEMENTWISE, floating=True,
    input=lambda F, g, input, other: g / (1 + F.exp2(other - input)),
    other=lambda F, g, input, other: g / (1 + F.exp2(input - other)))  # fmt: skip
def logaddexp2(xp: Namespace, input: Array, other: Array) -> Array:
    """``log2(2 ** input + 2 ** other)`` without overflow."""
    return xp.logaddexp2(input, other)


# -- trigonometric and hyperbolic ----------------------------------------------------------------------------


@op(ELEMENTWISE, floating=True, ufunc="sin", input=lambda F, g, input: g * F.cos(input))
def sin(xp: Namespace, input: Array) -> Array:
    """The sine."""
    return xp.sin(input)


@op(ELEMENTWISE, floating=True, ufunc="cos", input=lambda F, g, input: -g * F.sin(input))
def cos(xp: Namespace, input: Array) -> Array:
    """The cosine."""
    return xp.cos(input)


@op(ELEMENTWISE, floating=True, ufunc="tan", input=lambda F, g, out: g * (1 + out * out))
def tan(xp: Namespace, input: Array) -> Array:
    """The tangent."""
    return xp.tan(input)


@op(ELEMENTWISE, floating=True, ufunc="arcsin", input=lambda F, g, input: g * F.rsqrt(1 - input * input))
def asin(xp: Namespace, input: Array) -> Array:
    """The inverse sine."""
    return xp.arcsin(input)


@op(ELEMENTWISE, floating=True, ufunc="arccos", input=lambda F, g, input: -g * F.rsqrt(1 - input * input))
def acos(xp: Namespace, input: Array) -> Array:
    """The inverse cosine."""
    return xp.arccos(input)


@op(ELEMENTWISE, floating=True, ufunc="arctan", input=lambda F, g, input: g / (input * input + 1))
def atan(xp: Namespace, input: Array) -> Array:
    """The inverse tangent."""
    return xp.arctan(input)


@op(ELEMENTWISE, floating=True,
    input=lambda F, g, input, other: g * (other / F.squared_sum(input, other)),
    other=lambda F, g, input, other: g * (-input / F.squared_sum(input, other)))  # fmt: skip
def atan2(xp: Namespace, input: Array, other: Array) -> Array:
    """The angle of the point (other, input)."""
    return xp.arctan2(input, other)


@op(ELEMENTWISE, input=lambda F, g, input: g * (2 * input), other=lambda F, g, other: g * (2 * other))
def squared_sum(xp: Namespace, input: Array, other: Array) -> Array:
    """``input**2 + other**2``, but 1 where both are 0 so that the angle there has gradient 0."""
    total = input * input + other * other
    return xp.where(total == 0, xp.ones_like(total), total)


@op(ELEMENTWISE, floating=True, ufunc="sinh", input=lambda F, g, input: g * F.cosh(input))
def sinh(xp: Namespace, input: Array) -> Array:
    """The hyperbolic sine."""
    return xp.sinh(input)


@op(ELEMENTWISE, floating=True, ufunc="cosh", input=lambda F, g, input: g * F.sinh(input))
def cosh(xp: Namespace, input: Array) -> Array:
    """The hyperbolic cosine."""
    return xp.cosh(input)


@op(ELEMENTWISE, floating=True, ufunc="tanh", input=lambda F, g, out: g - g * out * out)
def tanh(xp: Namespace, input: Array) -> Array:
    """The hyperbolic tangent."""
    return xp.tanh(input)


@op(ELEMENTWISE, floating=True, ufunc="arcsinh", input=lambda F, g, input: g * F.rsqrt(input * input + 1))
def asinh(xp: Namespace, input: Array) -> Array:
    """The inverse hyperbolic sine."""
    return xp.arcsinh(input)


@op(ELEMENTWISE, floating=True, ufunc="arccosh",
    input=lambda F, g, input: g * (F.rsqrt(input - 1) * F.rsqrt(input + 1)))  # fmt: skip
def acosh(xp: Namespace, input: Array) -> Array:
    """The inverse hyperbolic cosine."""
    return xp.arccosh(input)


@op(ELEMENTWISE, floating=True, ufunc="arctanh", input=lambda F, g, input: g / (1 - input * input))
def atanh(xp: Namespace, input: Array) -> Array:
    """The inverse hyperbolic tangent."""
    return xp.arctanh(input)


@op(ELEMENTWISE, floating=True,
    input=lambda F, g, input, out: g * (input / out),
    other=lambda F, g, other, out: g * (other / out))  # fmt: skip
def hypot(xp: Namespace, input: Array, other: Array) -> Array:
    """``sqrt(input**2 + other**2)`` without overflow."""
    return xp.hypot(input, other)


# -- constants that rules need -------------------------------------------------------------------------------


@op(Kind.GENERAL, input=lambda F, g: F.zeros_like(g))
def zeros_like(xp: Namespace, input: Array) -> Array:
    """Zeros of the shape and type of ``input``, whatever its strides: a zero gradient rather than none."""
    return xp.zeros(input.shape, input.dtype)


@op(Kind.GENERAL, input=lambda F, g: F.zeros_like(g))
def ones_like(xp: Namespace, input: Array) -> Array:
    """Ones of the shape and type of ``input``."""
    return xp.ones(input.shape, input.dtype)


# -- rounding: a zero gradient, not a cut --------------------------------------------------------------------


@op(ELEMENTWISE, ordered=True, ufunc="floor", input=lambda F, g: F.zeros_like(g))
def floor(xp: Namespace, input: Array) -> Array:
    """Rounded towards minus infinity."""
    return xp.floor(input) if input.dtype.kind in "fc" else input.copy()


@op(ELEMENTWISE, ordered=True, ufunc="ceil", input=lambda F, g: F.zeros_like(g))
def ceil(xp: Namespace, input: Array) -> Array:
    """Rounded towards plus infinity."""
    return xp.ceil(input) if input.dtype.kind in "fc" else input.copy()


@op(ELEMENTWISE, ordered=True, ufunc="trunc", input=lambda F, g: F.zeros_like(g))
def trunc(xp: Namespace, input: Array) -> Array:
    """Rounded towards zero."""
    return xp.trunc(input) if input.dtype.kind in "fc" else input.copy()


@op(ELEMENTWISE, input=lambda F, g: F.zeros_like(g))
def round(xp: Namespace, input: Array, *, decimals: int = 0) -> Array:
    """Rounded to the nearest, halves to even."""
    return xp.round(input, decimals)


@op(ELEMENTWISE, input=lambda F, g: g)
def frac(xp: Namespace, input: Array) -> Array:
    """What rounding towards zero takes away."""
    return input - xp.trunc(input)


@op(ELEMENTWISE, ordered=True, ufunc="sign", input=lambda F, g: F.zeros_like(g))
def sign(xp: Namespace, input: Array) -> Array:
    """-1, 0 or 1."""
    return input.copy() if input.dtype == np.bool_ else xp.sign(input)


# -- choosing ------------------------------------------------------------------------------------------------


@op(ELEMENTWISE, ordered=True, ufunc="maximum",
    input=lambda F, g, input, other: g * F.share(input, other, input.dtype),
    other=lambda F, g, input, other: g * F.share(other, input, input.dtype))  # fmt: skip
def maximum(xp: Namespace, input: Array, other: Array) -> Array:
    """The larger; at ties each operand gets half of the gradient."""
    return xp.maximum(input, other)


@op(ELEMENTWISE, ordered=True, ufunc="minimum",
    input=lambda F, g, input, other: g * F.share(other, input, input.dtype),
    other=lambda F, g, input, other: g * F.share(input, other, input.dtype))  # fmt: skip
def minimum(xp: Namespace, input: Array, other: Array) -> Array:
    """The smaller; at ties each operand gets half of the gradient."""
    return xp.minimum(input, other)


@op(ELEMENTWISE)
def share(xp: Namespace, input: Array, other: Array, kind: Any) -> Array:
    """0 where ``input`` is smaller, 1/2 at ties, 1 elsewhere: its part of the gradient of their maximum."""
    kind = getattr(kind, "numpy", kind)
    part = xp.logical_not(xp.less(input, other)).astype(kind)
    return part - xp.equal(input, other) * kind.type(0.5)


@op(ELEMENTWISE, ordered=True,
    input=lambda F, g, input, other: F.where((input >= other) | (other != other), g, F.zeros_like(g)),
    other=lambda F, g, input, other: F.where((input >= other) | (other != other), F.zeros_like(g), g),
)  # fmt: skip
def fmax(xp: Namespace, input: Array, other: Array) -> Array:
    """The larger, ignoring NaN."""
    return xp.fmax(input, other)


@op(ELEMENTWISE, ordered=True,
    input=lambda F, g, input, other: F.where((input <= other) | (other != other), g, F.zeros_like(g)),
    other=lambda F, g, input, other: F.where((input <= other) | (other != other), F.zeros_like(g), g),
)  # fmt: skip
def fmin(xp: Namespace, input: Array, other: Array) -> Array:
    """The smaller, ignoring NaN."""
    return xp.fmin(input, other)


@op(Kind.GENERAL, input=lambda F, g, mask: F.mask_where(mask, g))
def mask_where(xp: Namespace, mask: Array, input: Array) -> Array:
    """``input`` with 0 where ``mask`` is true, whatever stood there (inf and NaN too)."""
    if not mask.shape:
        return xp.zeros_like(input) if mask else xp.array(input)
    return xp.where(mask, input.dtype.type(0), input)


@op(ELEMENTWISE, ordered=True, node="ClampBackward1",
    input=lambda F, g, input, min, max: F.mask_where((input < min) | (input > max), g),
    min=lambda F, g, input, min, max: F.mask_where((input >= min) | (min >= max), g),
    max=lambda F, g, input, min, max: F.mask_where((input <= max) & (min < max), g))  # fmt: skip
def clamp_between(xp: Namespace, input: Array, min: Array, max: Array) -> Array:
    """``input`` limited to [min, max], all tensors; the bounds themselves pass the gradient."""
    return xp.minimum(xp.maximum(input, min), max)


@op(ELEMENTWISE, ordered=True, input=lambda F, g, input, min: F.mask_where(input < min, g),
    min=lambda F, g, input, min: F.mask_where(input >= min, g), node="ClampMinBackward1")  # fmt: skip
def clamp_below(xp: Namespace, input: Array, min: Array) -> Array:
    """``input`` but at least ``min``; at the bound the gradient passes."""
    return xp.maximum(input, min)


@op(ELEMENTWISE, ordered=True, input=lambda F, g, input, max: F.mask_where(input > max, g),
    max=lambda F, g, input, max: F.mask_where(input <= max, g), node="ClampMaxBackward1")  # fmt: skip
def clamp_above(xp: Namespace, input: Array, max: Array) -> Array:
    """``input`` but at most ``max``; at the bound the gradient passes."""
    return xp.minimum(input, max)


@op(ELEMENTWISE, ordered=True)
def heaviside(xp: Namespace, input: Array, values: Array) -> Array:
    """0 below zero, 1 above, ``values`` at zero."""
    return xp.heaviside(input, values).astype(input.dtype, copy=False)


@op(ELEMENTWISE, floating=True,
    input=lambda F, g, input, out: g * F.mask_where(input == 0, out / input),
    other=lambda F, g: F.zeros_like(g))  # fmt: skip
def copysign(xp: Namespace, input: Array, other: Array) -> Array:
    """``|input|`` with the sign of ``other``."""
    return xp.copysign(input, other)


@op(ELEMENTWISE, input=lambda F, g, input: F.mask_where((F.isinf(input)) | (input != input), g))
def nan_to_num(
    xp: Namespace,
    input: Array,
    nan: float | None = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Array:
    """NaN and infinities replaced; by default by 0 and the largest finite numbers."""
    return xp.nan_to_num(input, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)
