"""Quantiles: order statistics interpolated, differentiable through the sorted values."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.namespaces import ON_TENSORS as F
from ..tensor import Tensor, from_array
from .extrema import picked
from .shape import wrap

__all__ = ["nanquantile", "quantile"]

Array = np.ndarray[Any, Any]

INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def quantile(
    input: Tensor,
    q: float | Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """The ``q``-quantiles of all elements or along ``dim``; NaN where there is NaN. Several ``q`` make a
    first dimension.

    ``interpolation`` says what to take between two elements: linear, lower, higher, midpoint or nearest.
    Raises RuntimeError unless ``input`` is floating and nonempty and 0 <= q <= 1.

    >>> import upriver as up
    >>> up.tensor([1.0, 2.0, 3.0, 4.0]).quantile(0.5)
    tensor(2.5000)
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation, False)


def nanquantile(
    input: Tensor,
    q: float | Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """:func:`quantile` of what is not NaN.

    >>> import upriver as up
    >>> up.tensor([1.0, float("nan"), 3.0]).nanquantile(0.5)
    tensor(2.)
    """
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation, True)


def _quantile(
    name: str, input: Tensor, q: Any, dim: int | None, keepdim: bool, interpolation: str, skip_nan: bool
) -> Tensor:
    quantiles = _checked(name, input, q, interpolation)
    shape = input._array.shape
    if dim is None:
        ranked = F.reshape_(input, (input._array.size,))
        left: tuple[int, ...] = (1,) * len(shape) if keepdim else ()
    else:
        axis = wrap(dim, len(shape))
        others = tuple(index for index in range(len(shape)) if index != axis)
        ranked = F.permute_(input, (*others, axis)) if shape else F.reshape_(input, (1,))
        left = tuple(
            1 if index == axis else length for index, length in enumerate(shape) if keepdim or index != axis
        )
    last = ranked._array.ndim - 1
    ranked = picked(ranked, F.order(ranked, last, False), last, True)
    below, above, weight = _ranks(quantiles.reshape(-1), ranked._array, interpolation, skip_nan)
    low, high = (picked(ranked, from_array(each), last, True) for each in (below, above))
    found = F.add(low, F.mul(F.sub(high, low), from_array(weight)))
    return F.reshape_(F.permute_(found, (last, *range(last))), (*quantiles.shape, *left))


def _ranks(q: Array, ranked: Array, interpolation: str, skip_nan: bool) -> tuple[Array, Array, Array]:
    """Positions below and above each quantile in the sorted rows, and the weight of the upper one.

    NaN is sorted to the end: where it counts, picking it makes the result NaN.
    """
    missing = np.isnan(ranked).sum(axis=-1, keepdims=True)
    held = ranked.shape[-1] - missing
    place = q * np.maximum(held - 1, 0)
    rounding: dict[str, Any] = {"lower": np.floor, "higher": np.ceil, "nearest": np.round}
    if interpolation in rounding:
        place = rounding[interpolation](place)
    if not skip_nan:
        place = np.where(missing, held, place)
    below, above = np.floor(place).astype(np.int64), np.ceil(place).astype(np.int64)
    weight = np.where(above > below, 0.5, 0.0) if interpolation == "midpoint" else place - below
    return below, above, weight.astype(ranked.dtype)


def _checked(name: str, input: Tensor, q: Any, interpolation: str) -> Array:
    """The quantiles as an array of the input's type; raises RuntimeError for what PyTorch refuses."""
    kind = input._array.dtype
    values = np.asarray(q._array if isinstance(q, Tensor) else q)
    outside = values[(values < 0) | (values > 1)]
    complaint = None
    if input._array.size == 0:
        complaint = "input tensor must be non-empty"
    elif kind not in (np.float32, np.float64):
        complaint = "input tensor must be either float or double dtype"
    elif isinstance(q, Tensor) and values.dtype != kind:
        complaint = "q tensor must be same dtype as the input tensor"
    elif values.ndim > 1:
        complaint = "q must be a scalar or 1D tensor"
    elif outside.size:
        complaint = f"q must be in the range [0, 1] but got {outside.flat[0]:g}"
    elif interpolation not in INTERPOLATIONS:
        complaint = f"interpolation must be one of {', '.join(INTERPOLATIONS)}, but got {interpolation}"
    if complaint:
        raise RuntimeError(f"{name}() {complaint}")
    return values.astype(kind)
