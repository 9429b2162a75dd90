"""Two-dimensional convolution and its two gradients, as matrix products over unfolded windows (im2col).

Arrays are (batch, channels, height, width), weights (out channels, in channels/groups, kernel height, kernel
width), as in PyTorch. One-dimensional convolution is the case of height 1; a transposed convolution is
`conv2d_input_gradient`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from . import threads
from .blocks import Array, compute_dtype, walk
from .matmul import SERIAL_PRODUCT

Pair = tuple[int, int]

COPY_BYTES = 1 << 18  # of unfolded windows worth a thread of their own
CHUNK_BYTES = 1 << 22  # of unfolded windows for one large product, which BLAS shares among its own threads


class Geometry(NamedTuple):
    """The sizes of one convolution, from the shapes of its input and weight."""

    channels: int
    kernel: Pair
    padded: Pair
    out: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    groups: int

    @property
    def group_channels(self) -> int:
        """Input channels that one group of filters sees."""
        return self.channels // self.groups

    @property
    def window(self) -> int:
        """Elements under one position of the kernel."""
        return self.group_channels * self.kernel[0] * self.kernel[1]

    @property
    def positions(self) -> int:
        """Elements of one output channel."""
        return self.out[0] * self.out[1]


def _geometry(
    image: Pair, weight_shape: tuple[int, ...], stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Geometry:
    kernel = (weight_shape[2], weight_shape[3])
    padded = (image[0] + 2 * padding[0], image[1] + 2 * padding[1])
    extent = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
    if extent[0] > padded[0] or extent[1] > padded[1]:
        raise RuntimeError(
            f"Calculated padded input size per channel: ({padded[0]} x {padded[1]}). "
            f"Kernel size: ({extent[0]} x {extent[1]}). Kernel size can't be greater than actual input size"
        )
    out = tuple((size - reach) // step + 1 for size, reach, step in zip(padded, extent, stride, strict=True))
    return Geometry(
        weight_shape[1] * groups, kernel, padded, (out[0], out[1]), stride, padding, dilation, groups
    )


def _pad(x: Array, geometry: Geometry, compute: np.dtype[Any]) -> Array:
    (top, left), (height, width) = geometry.padding, geometry.padded
    if top == left == 0:
        return np.ascontiguousarray(x, compute)
    padded = np.zeros((*x.shape[:2], height, width), compute)
    padded[:, :, top : top + x.shape[2], left : left + x.shape[3]] = x
    return padded


def _windows(padded: Array, geometry: Geometry, width: int) -> Array:
    """View (batch, channels, height, width) as (batch, groups, channels, kernel h, kernel w, out h, out w).

    `width` is the out width, or the padded width: then rows of positions follow each other without a gap, and
    those beyond the out width are of no meaning.
    """
    batch, channel, row, column = padded.strides
    (down, right), (dilate_h, dilate_w) = geometry.stride, geometry.dilation
    shape = (len(padded), geometry.groups, geometry.group_channels, *geometry.kernel, geometry.out[0], width)
    group = channel * geometry.group_channels
    strides = (batch, group, channel, row * dilate_h, column * dilate_w, row * down, column * right)
    return as_strided(padded, shape, strides)


def conv2d(
    x: Array, weight: Array, bias: Array | None, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """Return the convolution (cross-correlation) of `x` with `weight`, plus `bias`."""
    g = _geometry((x.shape[2], x.shape[3]), weight.shape, stride, padding, dilation, groups)
    compute = compute_dtype(x.dtype)
    windows = _windows(_pad(x, g, compute), g, g.out[1])
    filters = weight.astype(compute, copy=False).reshape(groups, -1, g.window)
    out = np.empty((len(x), groups, filters.shape[1], g.positions), compute)

    def per_image(start: int, stop: int) -> None:
        columns = windows[start:stop].reshape(stop - start, groups, g.window, g.positions)
        np.matmul(filters, columns, out=out[start:stop])

    if filters.shape[1] * g.window * g.positions <= SERIAL_PRODUCT:
        walk(per_image, len(x), groups * g.window * g.positions * compute.itemsize)
    else:
        for start, stop in _chunks(len(x), g, compute.itemsize):
            product = np.matmul(filters, _columns(windows[start:stop], g))
            out[start:stop] = product.reshape(groups, -1, stop - start, g.positions).transpose(2, 0, 1, 3)
    result = out.reshape(len(x), len(weight), *g.out)
    if bias is not None:
        result += bias.astype(compute, copy=False)[:, None, None]
    return result.astype(x.dtype, copy=False)


def _chunks(batch: int, geometry: Geometry, itemsize: int) -> list[Pair]:
    """Cut the batch so that the unfolded windows of a part take about `CHUNK_BYTES`."""
    image = max(1, geometry.groups * geometry.window * geometry.positions * itemsize)
    count = max(1, CHUNK_BYTES // image)
    return [(start, min(batch, start + count)) for start in range(0, batch, count)]


def _columns(windows: Array, geometry: Geometry) -> Array:
    """Unfold (im2col): (groups, window, batch * positions)."""
    source = windows.transpose(1, 2, 3, 4, 0, 5, 6)
    columns = np.empty(source.shape, source.dtype)

    def copy(start: int, stop: int) -> None:
        columns[..., start:stop, :, :] = source[..., start:stop, :, :]

    batch = len(windows)
    threads.run_ranges(copy, batch, 1 + batch * COPY_BYTES // (1 + columns.nbytes))
    return columns.reshape(geometry.groups, geometry.window, batch * geometry.positions)


def _by_group(grad: Array, geometry: Geometry) -> Array:
    """Lay a gradient of the output out as (groups, out channels, batch * positions)."""
    split = grad.reshape(len(grad), geometry.groups, grad.shape[1] // geometry.groups, geometry.positions)
    return split.transpose(1, 2, 0, 3).reshape(geometry.groups, split.shape[2], -1)


def conv2d_weight_gradient(
    grad: Array,
    x: Array,
    weight_shape: tuple[int, ...],
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> Array:
    """Return the gradient of `conv2d`'s weight from that of its result."""
    g = _geometry((x.shape[2], x.shape[3]), weight_shape, stride, padding, dilation, groups)
    compute = compute_dtype(x.dtype)
    windows = _windows(_pad(x, g, compute), g, g.out[1])
    total = np.zeros((groups, weight_shape[0] // groups, g.window), compute)
    for start, stop in _chunks(len(x), g, compute.itemsize):
        grads = _by_group(grad[start:stop].astype(compute, copy=False), g)
        total += np.matmul(grads, _columns(windows[start:stop], g).transpose(0, 2, 1))
    return total.reshape(weight_shape).astype(x.dtype, copy=False)


def conv2d_input_gradient(
    grad: Array, weight: Array, image: Pair, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """Return the gradient of `conv2d`'s input, of height and width `image`, from that of its result.

    With stride 1 the rows of `grad` are widened by zeros to the padded width, so that one shifted addition
    for each kernel element runs over whole images and not over short rows.
    """
    g = _geometry(image, weight.shape, stride, padding, dilation, groups)
    compute, batch = compute_dtype(grad.dtype), len(grad)
    height, width = g.padded
    row = width if stride == (1, 1) else g.out[1]
    grads = np.zeros((batch, groups, weight.shape[0] // groups, g.out[0], row), compute)
    grads[..., : g.out[1]] = grad.reshape(*grads.shape[:-1], g.out[1])
    grads = grads.reshape(*grads.shape[:3], g.out[0] * row)
    filters = weight.astype(compute, copy=False).reshape(groups, -1, g.window).transpose(0, 2, 1)
    slack = g.dilation[1] * (g.kernel[1] - 1)  # the widened last row reaches past the last image
    flat = np.zeros(batch * g.channels * height * width + slack, compute)
    total = flat[: flat.size - slack].reshape(batch, g.channels, height, width)
    windows = _windows(total, g, row)

    def add(start: int, stop: int) -> None:
        columns = np.matmul(filters, grads[start:stop]).reshape(stop - start, *windows.shape[1:])
        for i in range(g.kernel[0]):
            for j in range(g.kernel[1]):
                windows[start:stop, :, :, i, j] += columns[:, :, :, i, j]

    for start, stop in _chunks(batch, g, compute.itemsize):
        add(start, stop)
    top, left = padding
    inside = total[:, :, top : top + image[0], left : left + image[1]]
    return np.ascontiguousarray(inside, grad.dtype)


def conv2d_bias_gradient(grad: Array) -> Array:
    """Return the gradient of `conv2d`'s bias from that of its result."""
    compute = compute_dtype(grad.dtype)
    rows = grad.reshape(*grad.shape[:2], math.prod(grad.shape[2:]))
    return np.asarray(np.einsum("ncl->c", rows.astype(compute, copy=False))).astype(grad.dtype, copy=False)
