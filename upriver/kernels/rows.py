"""Softmax, log-sum-exp and layer norm, fused over cache-sized blocks of rows.

A row is the run of elements that is normalised together. NumPy's reductions pay 20 to 60 ns a row, so short
rows are summed by `einsum` and their maximum is found by `argmax`, both of which walk a block of rows in one
loop.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .blocks import Array, compute_dtype, walk
from .special import quiet

# Up to this length a plain running sum is as good as the pairwise one of NumPy, and several times faster.
SHORT_ROW = 1024


def _row_max(x: Array) -> Array:
    """Return the maximum over axis 1, that axis kept with length 1; nan wins."""
    if x.ndim == 2 and x.shape[1] <= SHORT_ROW:
        largest: Array = x[np.arange(len(x)), x.argmax(axis=1)]
        return largest[:, None]
    return np.asarray(np.maximum.reduce(x, axis=1, keepdims=True))


def _row_sum(x: Array) -> Array:
    """Return the sum over axis 1, that axis kept with length 1."""
    if x.ndim == 2 and x.shape[1] <= SHORT_ROW:
        total: Array = np.einsum("ij->i", x)
        return total[:, None]
    return np.asarray(np.add.reduce(x, axis=1, keepdims=True))


def _row_dot(a: Array, b: Array) -> Array:
    """Return the sum of products over axis 1, that axis kept with length 1."""
    if a.ndim == 2:
        total: Array = np.vecdot(a, b)
        return total[:, None]
    return np.asarray(np.add.reduce(a * b, axis=1, keepdims=True))


def _spread(column: Array, block: Array) -> Array:
    """Return `column` repeated along short rows: written out it costs half of what NumPy's broadcasting
    does.
    """
    if block.ndim == 2 and block.shape[1] <= SHORT_ROW:
        return np.repeat(column.reshape(-1), block.shape[1]).reshape(block.shape)
    return column


def _along(kernel: Callable[..., object], axis: int, *inputs: Array, reduced: bool = False) -> Array:
    """Call `kernel(*blocks, out)` on blocks laid out (rows, length) or (outer, length, inner) with the length
    whole.

    `reduced` means that the result has length 1 along the axis.
    """
    first = inputs[0]
    shape = first.shape or (1,)
    axis = axis % len(shape)
    outer, length, inner = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
    dtype, compute = first.dtype, compute_dtype(first.dtype)
    tail = (inner,) if inner != 1 else ()
    views = [array.reshape(outer, length, *tail) for array in inputs]
    out = np.empty((outer, 1 if reduced else length, *tail), dtype)
    inward = outer == 1 and inner > 1  # one long column of rows: cut across it

    def task(start: int, stop: int) -> None:
        part = (slice(None), slice(None), slice(start, stop)) if inward else slice(start, stop)
        blocks = [view[part].astype(compute, copy=False) for view in views]
        if compute == dtype:
            kernel(*blocks, out[part])
        else:
            buffer = np.empty(out[part].shape, compute)
            kernel(*blocks, buffer)
            out[part] = buffer

    if inward:
        walk(task, inner, length * compute.itemsize)
    else:
        walk(task, outer, length * inner * compute.itemsize)
    result_shape = (*shape[:axis], 1, *shape[axis + 1 :]) if reduced else first.shape
    return out.reshape(result_shape)


@quiet
def softmax(x: Array, axis: int) -> Array:
    """Return exp(x)/sum(exp(x)) along `axis`; a slice of nothing but -inf gives nan, as PyTorch."""
    if x.size == 0:
        return x.copy()

    def kernel(block: Array, out: Array) -> None:
        np.subtract(block, _spread(_row_max(block), block), out=out)
        np.exp(out, out=out)
        np.multiply(out, _spread(np.reciprocal(_row_sum(out)), out), out=out)

    return _along(kernel, axis, x)


@quiet
def softmax_backward(g: Array, out: Array, axis: int) -> Array:
    """Return the gradient of softmax's input from that of its output: out*(g - sum(g*out))."""

    def kernel(gradient: Array, result: Array, target: Array) -> None:
        np.subtract(gradient, _spread(_row_dot(gradient, result), result), out=target)
        np.multiply(target, result, out=target)

    return _along(kernel, axis, g, out)


@quiet
def log_softmax(x: Array, axis: int) -> Array:
    """Return x - logsumexp(x) along `axis`."""
    if x.size == 0:
        return x.copy()

    def kernel(block: Array, out: Array) -> None:
        centred = np.subtract(block, _spread(_row_max(block), block))
        np.exp(centred, out=out)
        np.subtract(centred, _spread(np.log(_row_sum(out)), out), out=out)

    return _along(kernel, axis, x)


@quiet
def log_softmax_backward(g: Array, out: Array, axis: int) -> Array:
    """Return the gradient of log_softmax's input from that of its output: g - exp(out)*sum(g)."""

    def kernel(gradient: Array, result: Array, target: Array) -> None:
        np.exp(result, out=target)
        np.multiply(target, _spread(_row_sum(gradient), target), out=target)
        np.subtract(gradient, target, out=target)

    return _along(kernel, axis, g, out)


@quiet
def logsumexp(x: Array, axis: int) -> Array:
    """Return log(sum(exp(x))) along `axis`, kept with length 1; -inf for an empty axis."""
    if x.size == 0:
        axis = axis % x.ndim
        return np.full((*x.shape[:axis], 1, *x.shape[axis + 1 :]), -np.inf, x.dtype)

    def kernel(block: Array, out: Array) -> None:
        peak = _row_max(block)
        peak[np.isinf(peak)] = 0  # exp then gives inf, or 0 throughout, and the logarithm is right
        spread = np.subtract(block, _spread(peak, block))
        np.exp(spread, out=spread)
        np.log(_row_sum(spread), out=out)
        np.add(out, peak, out=out)

    return _along(kernel, axis, x, reduced=True)


@quiet
def layer_norm(
    x: Array, weight: Array | None, bias: Array | None, n_trailing: int, eps: float
) -> tuple[Array, Array, Array]:
    """Normalise over the last `n_trailing` axes, then scale and shift.

    Returns the result, and the mean and reciprocal standard deviation with those axes kept at length 1, in
    the type of computing (float32 for float16).
    """
    split = x.ndim - n_trailing
    length, dtype, compute = math.prod(x.shape[split:]), x.dtype, compute_dtype(x.dtype)
    rows = math.prod(x.shape[:split])
    flat = x.reshape(rows, length)
    scale = None if weight is None else weight.reshape(length).astype(compute, copy=False)
    shift = None if bias is None else bias.reshape(length).astype(compute, copy=False)
    out, mean, rstd = (
        np.empty((rows, length), dtype),
        np.empty((rows, 1), compute),
        np.empty((rows, 1), compute),
    )

    def task(start: int, stop: int) -> None:
        block = flat[start:stop].astype(compute, copy=False)
        target = out[start:stop] if compute == dtype else np.empty(block.shape, compute)
        mean[start:stop] = _row_sum(block) / compute.type(length)
        np.subtract(block, _spread(mean[start:stop], block), out=target)
        variance = _row_dot(target, target) / compute.type(length)
        rstd[start:stop] = np.reciprocal(np.sqrt(variance + compute.type(eps)))
        np.multiply(target, _spread(rstd[start:stop], target), out=target)
        if scale is not None:
            np.multiply(target, scale, out=target)
        if shift is not None:
            np.add(target, shift, out=target)
        if compute != dtype:
            out[start:stop] = target

    walk(task, rows, length * compute.itemsize)
    kept = (*x.shape[:split], *[1] * n_trailing)
    return out.reshape(x.shape), mean.reshape(kept), rstd.reshape(kept)


@quiet
def layer_norm_backward(
    g: Array, x: Array, mean: Array, rstd: Array, weight: Array | None
) -> tuple[Array, Array, Array]:
    """Return the gradients of `layer_norm`'s input, weight and bias, from what the forward call returned.

    The normalised axes are the weight's, or without a weight those where `mean` ends in lengths of 1.
    """
    n_trailing = weight.ndim if weight is not None else _trailing_ones(mean)
    split = x.ndim - n_trailing
    normalised = x.shape[split:]
    length, compute = math.prod(normalised), compute_dtype(x.dtype)
    rows = math.prod(x.shape[:split])
    gradients, values = g.reshape(rows, length), x.reshape(rows, length)
    means, rstds = mean.reshape(rows, 1), rstd.reshape(rows, 1)
    scale = None if weight is None else weight.reshape(length).astype(compute, copy=False)
    dx = np.empty((rows, length), x.dtype)
    partial_sums: dict[int, tuple[Array, Array]] = {}  # by block, to be added in an order that does not vary

    def task(start: int, stop: int) -> None:
        gradient = gradients[start:stop].astype(compute, copy=False)
        centred = values[start:stop] - _spread(means[start:stop], gradient)
        scale_rows = _spread(rstds[start:stop], gradient)
        np.multiply(centred, scale_rows, out=centred)
        partial_sums[start] = np.einsum("ij,ij->j", gradient, centred), np.add.reduce(gradient, axis=0)
        scaled = gradient.copy() if scale is None else np.multiply(gradient, scale)
        along = _row_dot(scaled, centred) / compute.type(length)
        np.subtract(scaled, _spread(_row_sum(scaled) / compute.type(length), scaled), out=scaled)
        np.multiply(centred, _spread(along, centred), out=centred)
        np.subtract(scaled, centred, out=scaled)
        np.multiply(scaled, scale_rows, out=dx[start:stop], casting="same_kind")

    walk(task, rows, length * compute.itemsize)
    dweight, dbias = np.zeros(length, compute), np.zeros(length, compute)
    for start in sorted(partial_sums):
        dweight += partial_sums[start][0]
        dbias += partial_sums[start][1]
    dweight, dbias = dweight.astype(x.dtype, copy=False), dbias.astype(x.dtype, copy=False)
    return dx.reshape(x.shape), dweight.reshape(normalised), dbias.reshape(normalised)


def _trailing_ones(mean: Array) -> int:
    count = 0
    while count < mean.ndim and mean.shape[mean.ndim - 1 - count] == 1:
        count += 1
    return count
