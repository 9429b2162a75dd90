"""Normalising rows, and the steps that follow it, over cache-sized blocks.

Dimensions that are normalised together are moved to the end where they are not there already. Rows are summed
by a product with ones: BLAS takes half the time of a reduction.
"""

from __future__ import annotations

import math

import numpy as np

from .blocks import Array, compute_dtype, walk
from .special import quiet

Dims = tuple[int, ...]

SHORT_ROW = 64


def _to_trailing(ndim: int, dims: Dims) -> Dims:
    """Return the permutation that brings `dims` to the end."""
    return (*(dim for dim in range(ndim) if dim not in dims), *dims)


def _kept(shape: tuple[int, ...], dims: Dims) -> tuple[int, ...]:
    return tuple(1 if dim in dims else length for dim, length in enumerate(shape))


def _row_sum(x: Array) -> Array:
    return (x @ np.ones(x.shape[1], x.dtype))[:, None]


def _row_dot(a: Array, b: Array) -> Array:
    return np.vecdot(a, b)[:, None]


def _along(column: Array, length: int) -> Array:
    """Return `column` to be broadcast along rows, written out where that is cheaper: for short rows."""
    return np.repeat(column, length, axis=1) if length <= SHORT_ROW else column


@quiet
def normalize(x: Array, dims: Dims, eps: float, centre: bool) -> tuple[Array, Array, Array]:
    """Return (x - mean)*rstd over `dims`; rstd = 1/sqrt(variance + eps) and the mean, of length 1 along them.

    Without `centre` the mean is taken as 0.
    """
    order = _to_trailing(x.ndim, dims)
    moved = x.transpose(order)
    split = x.ndim - len(dims)
    rows, length = math.prod(moved.shape[:split]), math.prod(moved.shape[split:])
    out = np.empty(moved.shape, x.dtype)
    kept = _kept(x.shape, dims)
    rstd, mean = np.empty(kept, x.dtype), np.zeros(kept, x.dtype)
    _normalize_rows(
        moved.reshape(rows, length), eps, centre,
        out.reshape(rows, length), rstd.reshape(rows, 1), mean.reshape(rows, 1),
    )  # fmt: skip
    return _moved_back(out, order), rstd, mean


def _moved_back(moved: Array, order: Dims) -> Array:
    if order == tuple(range(moved.ndim)):
        return moved
    return moved.transpose(np.argsort(order)).copy()


def _normalize_rows(x: Array, eps: float, centre: bool, out: Array, rstd: Array, mean: Array) -> None:
    rows, length = x.shape
    dtype, compute = x.dtype, compute_dtype(x.dtype)
    count = compute.type(length)

    def task(start: int, stop: int) -> None:
        block = x[start:stop].astype(compute, copy=False)
        target = out[start:stop] if compute == dtype else np.empty(block.shape, compute)
        centred = block
        if centre:
            average = _row_sum(block) / count
            centred = np.subtract(block, _along(average, length), out=target)
            mean[start:stop] = average
        factor = np.reciprocal(np.sqrt(_row_dot(centred, centred) / count + compute.type(eps)))
        np.multiply(centred, _along(factor, length), out=target)
        rstd[start:stop] = factor
        if compute != dtype:
            out[start:stop] = target

    walk(task, rows, length * compute.itemsize)


@quiet
def normalize_backward(
    g: Array, g_rstd: Array, normalized: Array, rstd: Array, dims: Dims, centre: bool
) -> Array:
    """Return the gradient of `normalize`'s input from those of its result and of rstd.

    It is rstd*(g - mean(g) - normalized*(mean(g*normalized) + g_rstd*rstd/n)).
    """
    order = _to_trailing(g.ndim, dims)
    moved = g.transpose(order)
    split = g.ndim - len(dims)
    rows, length = math.prod(moved.shape[:split]), math.prod(moved.shape[split:])
    values = normalized.transpose(order).reshape(rows, length)
    dx = np.empty(moved.shape, g.dtype)
    _backward_rows(
        moved.reshape(rows, length), g_rstd.reshape(rows, 1), values, rstd.reshape(rows, 1), centre,
        dx.reshape(rows, length),
    )  # fmt: skip
    return _moved_back(dx, order)


def _backward_rows(g: Array, g_rstd: Array, normalized: Array, rstd: Array, centre: bool, dx: Array) -> None:
    rows, length = g.shape
    compute = compute_dtype(g.dtype)
    count = compute.type(length)

    def task(start: int, stop: int) -> None:
        gradient, values, factor, extra = (
            each[start:stop].astype(compute, copy=False) for each in (g, normalized, rstd, g_rstd)
        )
        slope = (_row_dot(gradient, values) + extra * factor) / count
        target = np.multiply(values, _along(slope, length))
        np.subtract(gradient, target, out=target)
        if centre:
            target -= _along(_row_sum(gradient) / count, length)
        np.multiply(target, _along(factor, length), out=dx[start:stop], casting="same_kind")

    walk(task, rows, length * compute.itemsize)


# The affine step


@quiet
def scale_shift(x: Array, weight: Array | None, bias: Array | None) -> Array:
    """Return x*weight + bias, both broadcast to the shape of x; None leaves a step out."""
    if x.dtype == np.float16 or x.ndim < 2 or not x.size:
        scaled = x.astype(compute_dtype(x.dtype))
        scaled = scaled if weight is None else scaled * weight
        return (scaled if bias is None else scaled + bias).astype(x.dtype)
    out = np.empty(x.shape, x.dtype)

    def part(array: Array, start: int, stop: int) -> Array:
        return array[start:stop] if array.ndim == x.ndim and len(array) != 1 else array

    def task(start: int, stop: int) -> None:
        source, target = x[start:stop], out[start:stop]
        if weight is not None:
            source = np.multiply(source, part(weight, start, stop), out=target)
        if bias is not None:
            np.add(source, part(bias, start, stop), out=target)

    walk(task, len(x), x.nbytes // len(x))
    return out


def product_sum(a: Array, b: Array, shape: tuple[int, ...]) -> Array:
    """Return a*b summed over the dimensions that broadcasting from `shape` repeats."""
    missing = a.ndim - len(shape)
    compute = compute_dtype(a.dtype)
    first, second = a.astype(compute, copy=False), b.astype(compute, copy=False)
    if shape == a.shape[missing:] and a.size:
        return _column_dots(first.reshape(-1, math.prod(shape)), second, shape).astype(a.dtype, copy=False)
    padded = (1,) * missing + shape
    repeated = tuple(dim for dim, length in enumerate(padded) if length == 1)
    if a.size and a.ndim > 1 and padded[1] == a.shape[1] and repeated == (0, *range(2, a.ndim)):
        flat = (a.shape[0], a.shape[1], -1)
        total = np.einsum("ncl,ncl->c", first.reshape(flat), second.reshape(flat))
    else:
        total = (first * second).sum(repeated)
    return total.reshape(shape).astype(a.dtype, copy=False)


def _column_dots(a: Array, b: Array, shape: tuple[int, ...]) -> Array:
    """Return the sums of products down the columns, block by block so that the products stay in cache."""
    rows, length = a.shape
    other = b.reshape(rows, length)
    partial_sums: dict[int, Array] = {}  # by block, to be added in an order that does not vary

    def task(start: int, stop: int) -> None:
        products = a[start:stop] * other[start:stop]
        partial_sums[start] = np.ones(len(products), a.dtype) @ products

    walk(task, rows, length * a.itemsize)
    total = np.zeros(length, a.dtype)
    for start in sorted(partial_sums):
        total += partial_sums[start]
    return total.reshape(shape)


@quiet
def scaled_exp(x: Array, shift: Array, scale: Array) -> Array:
    """Return exp(x - shift)*scale, shift and scale of length 1 along axis 1: a softmax."""
    out = np.empty(x.shape, x.dtype)
    compute = compute_dtype(x.dtype)

    def task(start: int, stop: int) -> None:
        target = out[start:stop] if compute == x.dtype else np.empty(out[start:stop].shape, compute)
        np.subtract(x[start:stop], shift[start:stop], out=target)
        np.exp(target, out=target)
        np.multiply(target, scale[start:stop], out=target)
        if compute != x.dtype:
            out[start:stop] = target

    walk(task, len(x), compute.itemsize * math.prod(x.shape[1:]))
    return out
