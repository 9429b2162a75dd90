"""Complex numbers: parts, conjugates, angles. Gradients are conjugate Wirtinger derivatives, as PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from .elementwise import cos, sin
from .namespace import Namespace
from .registry import Kind, op

__all__ = [
    "angle", "complex", "conj", "conj_physical", "imag", "polar", "real", "sgn", "view_as_complex",
    "view_as_real",
]  # fmt: skip

Array = np.ndarray[Any, Any]

ELEMENTWISE = Kind.ELEMENTWISE


@op(ELEMENTWISE, wirtinger=True, input=lambda F, g: F.conj_physical(g))
def conj_physical(xp: Namespace, input: Array) -> Array:
    """The complex conjugate; real input is copied."""
    return xp.conjugate(input)


@op(Kind.MAYBE_VIEW, wirtinger=True, input=lambda F, g: F.conj(g), node="ConjBackward0")
def conj(xp: Namespace, input: Array) -> Array:
    """The complex conjugate; real input is returned as a view of itself."""
    return xp.conjugate(input) if input.dtype.kind == "c" else input[...]


@op(Kind.VIEW, wirtinger=True, node="RealBackward0",
    input=lambda F, g, input_dtype: F.from_real(g, input_dtype))  # fmt: skip
def real(xp: Namespace, input: Array) -> Array:
    """The real part, as a view; real input is returned as a view of itself."""
    return input.real if input.dtype.kind == "c" else input[...]


@op(Kind.VIEW, wirtinger=True, node="ImagBackward0",
    input=lambda F, g, input_dtype: F.from_imaginary(g, input_dtype))  # fmt: skip
def imag(xp: Namespace, input: Array) -> Array:
    """The imaginary part, as a view. Raises RuntimeError for real input."""
    if input.dtype.kind != "c":
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return input.imag


@op(ELEMENTWISE, wirtinger=True, input=lambda F, g: F.real_part(g))
def from_real(xp: Namespace, input: Array, kind: Any) -> Array:
    """``input`` as the real part of type ``kind`` (itself, where that is real)."""
    return input.astype(getattr(kind, "numpy", kind))


@op(ELEMENTWISE, wirtinger=True, input=lambda F, g: F.imaginary_part(g))
def from_imaginary(xp: Namespace, input: Array, kind: Any) -> Array:
    """``1j * input`` of type ``kind``."""
    return (input * 1j).astype(getattr(kind, "numpy", kind))


@op(ELEMENTWISE, wirtinger=True, input=lambda F, g, input_dtype: F.from_real(g, input_dtype))
def real_part(xp: Namespace, input: Array) -> Array:
    """A copy of the real part."""
    return input.real.copy()


@op(ELEMENTWISE, wirtinger=True, input=lambda F, g, input_dtype: F.from_imaginary(g, input_dtype))
def imaginary_part(xp: Namespace, input: Array) -> Array:
    """A copy of the imaginary part."""
    return input.imag.copy()


@op(ELEMENTWISE, wirtinger=True, real=lambda F, g: F.real_part(g), imag=lambda F, g: F.imaginary_part(g))
def complex(xp: Namespace, real: Array, imag: Array) -> Array:
    """``real + 1j * imag``."""
    made = xp.empty(np.broadcast_shapes(real.shape, imag.shape), np.result_type(real.dtype, np.complex64))
    made.real = real
    made.imag = imag
    return made


@op(Kind.VIEW, wirtinger=True, input=lambda F, g: F.view_as_complex(g))
def view_as_real(xp: Namespace, input: Array) -> Array:
    """Complex elements as a last dimension of two, in the same memory."""
    if input.dtype.kind != "c":
        raise RuntimeError("view_as_real is only supported for complex tensors")
    part = input.real.dtype
    return input[..., None].view(part)


@op(Kind.VIEW, wirtinger=True, input=lambda F, g: F.view_as_real(g))
def view_as_complex(xp: Namespace, input: Array) -> Array:
    """A last dimension of two as complex elements, in the same memory."""
    if not input.shape or input.shape[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")
    array = input if input.strides[-1] == input.itemsize else np.ascontiguousarray(input)
    return array.view(np.result_type(array.dtype, np.complex64))[..., 0]


def _is_complex(value: Any) -> bool:
    """Whether an array's or a tensor's elements are complex."""
    return getattr(value.dtype, "kind", "") == "c" or getattr(value.dtype, "is_complex", False)


def _angle_rule(F: Any, g: Any, input: Any) -> Any:
    if not _is_complex(input):
        return F.zeros_like(g)
    square = F.real_part(input * F.conj_physical(input))
    return F.mask_where(square == 0, (1j * input) * (g / square))


@op(ELEMENTWISE, wirtinger=True, floating=True, input=_angle_rule)
def angle(xp: Namespace, input: Array) -> Array:
    """The argument: of a complex number in (-pi, pi], of a real one 0 or pi."""
    turned = xp.angle(input).astype(input.real.dtype, copy=False)
    return turned if input.dtype.kind == "c" else xp.where(xp.isnan(input), input, turned)


def _sgn_rule(F: Any, g: Any, input: Any, out: Any) -> Any:
    """What is orthogonal to the direction, over the length; zero for real input."""
    if not _is_complex(input):
        return F.zeros_like(g)
    length = F.abs(input)
    along = F.real_part(out * F.conj_physical(g)) * out
    return F.mask_where(length == 0, (g - along) / length)


@op(ELEMENTWISE, wirtinger=True, input=_sgn_rule)
def sgn(xp: Namespace, input: Array) -> Array:
    """``input / |input|``, 0 at 0; the sign for real input."""
    return input.copy() if input.dtype == np.bool_ else xp.sign(input)


def polar(abs: Tensor, angle: Tensor) -> Tensor:
    """The complex numbers with absolute values ``abs`` and arguments ``angle``."""
    return complex(abs * cos(angle), abs * sin(angle))
