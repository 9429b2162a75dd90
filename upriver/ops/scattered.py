"""scatter_reduce: values combined at positions by sum, mean, product, largest or smallest."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor, from_array
from .index import scatter_from, scatter_source, scatter_sum, scatter_zero
from .namespace import Namespace
from .registry import Kind, op

__all__ = ["scatter_reduce"]

Array = np.ndarray[Any, Any]


def _places(index: Array, dim: int) -> tuple[Array, ...]:
    grid = list(np.ogrid[tuple(slice(length) for length in index.shape)])
    grid[dim] = index
    return tuple(grid)


@op(Kind.GENERAL, node="ScatterReduceBackward0", shown="scatter_reduce",
    input=lambda F, g, input, src, out, dim, index:
        F.share_of_extremum(g, input, input, src, out, dim, index, False),
    src=lambda F, g, input, src, out, dim, index:
        F.share_of_extremum(g, src, input, src, out, dim, index, True))  # fmt: skip
def scatter_extremum(xp: Namespace, input: Array, src: Array, dim: int, index: Array, largest: bool) -> Array:
    """The largest (or smallest) of ``input`` and of what ``src`` brings to each position."""
    made = xp.array(input)
    ufunc = np.maximum if largest else np.minimum
    ufunc.at(made, _places(index, dim), src[tuple(slice(length) for length in index.shape)])
    return made


def _share_rule(
    F: Any, h: Any, value: Any, input: Any, src: Any, result: Any, dim: Any, index: Any, gathered: bool
) -> Any:
    """The adjoint in ``g``: linear, with the same weights."""
    return F.share_pull(h, value, input, src, result, dim, index, gathered)


def _weights(
    value: Array, input: Array, src: Array, result: Array, dim: int, index: Array
) -> tuple[Array, Array]:
    """How many candidates tie at each position, and the result seen from each element of ``src``."""
    seen = np.take_along_axis(result, index, dim)
    ties = (input == result).astype(result.dtype)
    np.add.at(
        ties, _places(index, dim), (src[tuple(slice(n) for n in index.shape)] == seen).astype(result.dtype)
    )
    return ties, seen


@op(Kind.GENERAL, g=_share_rule)
def share_of_extremum(
    xp: Namespace,
    g: Array,
    value: Array,
    input: Array,
    src: Array,
    result: Array,
    dim: int,
    index: Array,
    gathered: bool,
) -> Array:
    """The gradient of those that equal the extremum, shared equally among them."""
    ties, seen = _weights(value, input, src, result, dim, index)
    if not gathered:
        return xp.where(input == result, g / ties, 0).astype(g.dtype)
    corner = tuple(slice(n) for n in index.shape)
    made = xp.zeros(src.shape, g.dtype)
    made[corner] = np.where(src[corner] == seen, np.take_along_axis(g / ties, index, dim), 0)
    return made


@op(Kind.GENERAL)
def share_pull(
    xp: Namespace,
    h: Array,
    value: Array,
    input: Array,
    src: Array,
    result: Array,
    dim: int,
    index: Array,
    gathered: bool,
) -> Array:
    """The adjoint of :func:`share_of_extremum` in its gradient."""
    ties, seen = _weights(value, input, src, result, dim, index)
    if not gathered:
        return xp.where(input == result, h / ties, 0).astype(h.dtype)
    made = xp.zeros(result.shape, h.dtype)
    corner = tuple(slice(n) for n in index.shape)
    np.add.at(made, _places(index, dim), np.where(src[corner] == seen, h[corner], 0))
    return made / ties


def _counts(input: Tensor, dim: int, index: Tensor, include_self: bool) -> Array:
    """How many values meet at each position."""
    counts = np.full(input._array.shape, int(include_self), np.int64)
    np.add.at(counts, _places(index._array, dim), 1)
    return counts


def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """``src`` combined into ``input`` at positions ``index`` along ``dim``.

    ``reduce``: "sum", "mean", "prod", "amax" or "amin". Without ``include_self`` the old values at those
    positions do not take part. Raises RuntimeError for another ``reduce``.
    """
    dim, src = scatter_source("scatter_reduce", input, dim, index, src)
    if reduce not in ("sum", "mean", "prod", "amax", "amin"):
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}.")
    if reduce == "prod":
        return _product(input, dim, index, src, include_self)
    if reduce in ("amax", "amin"):
        if not include_self:
            start = -np.inf if reduce == "amax" else np.inf
            low = np.iinfo(input._array.dtype) if input._array.dtype.kind in "iu" else None
            fill = start if low is None else (low.min if reduce == "amax" else low.max)
            input = scatter_from(
                input, dim, index, from_array(np.full(index._array.shape, fill, input._array.dtype))
            )
        return scatter_extremum(input, src, dim, index, reduce == "amax")
    start_from = input if include_self else scatter_zero(input, dim, index)
    total = scatter_sum(start_from, dim, index, src)
    if reduce == "sum":
        return total
    counts = from_array(np.maximum(_counts(input, dim, index, include_self), 1))
    return total / counts if total.is_floating_point() else total // counts


def _product(input: Tensor, dim: int, index: Tensor, src: Tensor, include_self: bool) -> Tensor:
    """Products by positions: one factor from each slice of ``src`` in turn, so that zeros stay exact."""
    ones = np.ones(index._array.shape, input._array.dtype)
    result = input if include_self else scatter_from(input, dim, index, from_array(ones))
    for position in range(index._array.shape[dim] if index._array.ndim else 1):
        place = (slice(None),) * dim + (slice(position, position + 1),)
        where = from_array(index._array[place].copy())
        factor = scatter_from(
            from_array(np.ones(input._array.shape, input._array.dtype)), dim, where, src[place]
        )
        result = result * factor
    return result
