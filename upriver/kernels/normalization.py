"""Normalising rows or channels, and the affine step after it, over cache-sized blocks.

Dimensions that are normalised together are the trailing ones (layer norm: rows), or all but the second (batch norm:
channels). Anything else is moved into the first form.
"""

from __future__ import annotations

import math

import numpy as np

from .blocks import Array, compute_dtype, walk
from .rows import _row_dot, _row_sum, _spread
from .special import quiet

Dims = tuple[int, ...]


def _is_trailing(ndim: int, dims: Dims) -> bool:
    return dims == tuple(range(ndim - len(dims), ndim))


def _to_trailing(ndim: int, dims: Dims) -> Dims:
    """Return the permutation that brings `dims` to the end."""
    return (*(dim for dim in range(ndim) if dim not in dims), *dims)


def _kept(shape: tuple[int, ...], dims: Dims) -> tuple[int, ...]:
    return tuple(1 if dim in dims else length for dim, length in enumerate(shape))


@quiet
def normalize(x: Array, dims: Dims, eps: float, centre: bool) -> tuple[Array, Array, Array]:
    """Return (x - mean)*rstd over `dims`, and rstd = 1/sqrt(variance + eps) and the mean, of length 1 along them.

    Without `centre` the mean is taken as 0.
    """
    order = _to_trailing(x.ndim, dims)
    moved = x.transpose(order)
    split = x.ndim - len(dims)
    rows, length = math.prod(moved.shape[:split]), math.prod(moved.shape[split:])
    out, rstd, mean = _normalize_rows(moved.reshape(rows, length), eps, centre)
    kept = _kept(x.shape, dims)
    if _is_trailing(x.ndim, dims):
        return out.reshape(x.shape), rstd.reshape(kept), mean.reshape(kept)
    back = np.ascontiguousarray(out.reshape(moved.shape).transpose(np.argsort(order)))
    return back, rstd.reshape(kept), mean.reshape(kept)


def _normalize_rows(x: Array, eps: float, centre: bool) -> tuple[Array, Array, Array]:
    rows, length = x.shape
    dtype, compute = x.dtype, compute_dtype(x.dtype)
    out, rstd, mean = np.empty((rows, length), dtype), np.empty((rows, 1), dtype), np.zeros((rows, 1), dtype)
    count = compute.type(length)

    def task(start: int, stop: int) -> None:
        block = x[start:stop].astype(compute, copy=False)
        target = out[start:stop] if compute == dtype else np.empty(block.shape, compute)
        centred = block
        if centre:
            average = _row_sum(block) / count
            centred = np.subtract(block, _spread(average, block), out=target)
            mean[start:stop] = average
        factor = np.reciprocal(np.sqrt(_row_dot(centred, centred) / count + compute.type(eps)))
        np.multiply(centred, _spread(factor, block), out=target)
        rstd[start:stop] = factor
        if compute != dtype:
            out[start:stop] = target

    walk(task, rows, length * compute.itemsize)
    return out, rstd, mean


@quiet
def normalize_backward(
    g: Array, g_rstd: Array, normalized: Array, rstd: Array, dims: Dims, centre: bool
) -> Array:
    """Return the gradient of `normalize`'s input: rstd*(g - mean(g) - normalized*(mean(g*normalized) + g_rstd*rstd/n))."""
    order = _to_trailing(g.ndim, dims)
    moved = g.transpose(order)
    split = g.ndim - len(dims)
    rows, length = math.prod(moved.shape[:split]), math.prod(moved.shape[split:])
    dx = _backward_rows(
        moved.reshape(rows, length), g_rstd.reshape(rows, 1), normalized.transpose(order).reshape(rows, length),
        rstd.reshape(rows, 1), centre,
    )  # fmt: skip
    if _is_trailing(g.ndim, dims):
        return dx.reshape(g.shape)
    return np.ascontiguousarray(dx.reshape(moved.shape).transpose(np.argsort(order)))


def _backward_rows(g: Array, g_rstd: Array, normalized: Array, rstd: Array, centre: bool) -> Array:
    rows, length = g.shape
    dtype, compute = g.dtype, compute_dtype(g.dtype)
    dx = np.empty((rows, length), dtype)
    count = compute.type(length)

    def task(start: int, stop: int) -> None:
        gradient, values, factor, extra = (
            each[start:stop].astype(compute, copy=False) for each in (g, normalized, rstd, g_rstd)
        )
        slope = (_row_dot(gradient, values) + extra * factor) / count
        target = np.multiply(values, _spread(slope, values))
        np.subtract(gradient, target, out=target)
        if centre:
            target -= _spread(_row_sum(gradient) / count, values)
        np.multiply(target, _spread(factor, values), out=dx[start:stop], casting="same_kind")

    walk(task, rows, length * compute.itemsize)
    return dx


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
    if shape == a.shape[missing:] and a.dtype != np.float16:
        length = math.prod(shape)
        return np.einsum("ij,ij->j", a.reshape(-1, length), b.reshape(-1, length)).reshape(shape) if length else np.zeros(shape, a.dtype)
    padded = (1,) * missing + shape
    repeated = tuple(dim for dim, length in enumerate(padded) if length == 1)
    if padded[1:2] == a.shape[1:2] and repeated == (0, *range(2, a.ndim)) and a.dtype != np.float16 and a.size:
        flat = (a.shape[0], a.shape[1], -1)
        return np.einsum("ncl,ncl->c", a.reshape(flat), b.reshape(flat)).reshape(shape)
    compute = compute_dtype(a.dtype)
    product = a.astype(compute, copy=False) * b.astype(compute, copy=False)
    return product.sum(repeated, keepdims=True).reshape(shape).astype(a.dtype)
