"""Two-dimensional convolution and its two gradients, as matrix products over unfolded windows (im2col).

Arrays are (batch, channels, height, width), weights (out channels, in channels/groups, kernel height, kernel
width), as in PyTorch. One-dimensional convolution is the case of height 1; a transposed convolution is
`conv2d_input_gradient`.

Many small images are laid out as (channels, height, width, batch): windows are then copied, and the
gradients of windows added, in runs of a whole row of the output for all images, not in runs as short as an
image is wide. The code has the batch last all through; `Geometry.batch_last` says whether memory has it so.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from . import threads
from .blocks import Array, compute_dtype

Pair = tuple[int, int]

COPY_BYTES = 1 << 18  # of unfolded windows worth a thread of their own
CHUNK_BYTES = 1 << 22  # of unfolded windows for one large product, which BLAS shares among its own threads
FEWEST_LAST = 16  # images in such a part from which the batch may come last
RUN_COST = 8  # elements transposed in the time that it takes to begin one more run


class Geometry(NamedTuple):
    """The sizes of one convolution, from the shapes of its input and weight."""

    batch: int
    channels: int
    filters: int
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
    def chunk(self) -> int:
        """How many images to unfold at a time: parts of equal size, of about `CHUNK_BYTES` in float32."""
        image = max(1, 4 * self.groups * self.window * self.positions)
        parts = -(-self.batch // max(1, CHUNK_BYTES // image))
        return -(-self.batch // max(1, parts))

    @property
    def batch_last(self) -> bool:
        """Whether longer runs are worth that input and output are transposed."""
        spared = RUN_COST * self.groups * self.window
        return self.chunk >= FEWEST_LAST and spared >= self.out[1] * (self.channels + self.filters)

    @property
    def positions(self) -> int:
        """Elements of one output channel."""
        return self.out[0] * self.out[1]


def _geometry(
    x_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> Geometry:
    kernel = (weight_shape[2], weight_shape[3])
    padded = (x_shape[-2] + 2 * padding[0], x_shape[-1] + 2 * padding[1])
    extent = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
    if extent[0] > padded[0] or extent[1] > padded[1]:
        raise RuntimeError(
            f"Calculated padded input size per channel: ({padded[0]} x {padded[1]}). "
            f"Kernel size: ({extent[0]} x {extent[1]}). Kernel size can't be greater than actual input size"
        )
    out = tuple((size - reach) // step + 1 for size, reach, step in zip(padded, extent, stride, strict=True))
    sizes = (x_shape[0], weight_shape[1] * groups, weight_shape[0])
    return Geometry(*sizes, kernel, padded, (out[0], out[1]), stride, padding, dilation, groups)


def _frame(batch: int, geometry: Geometry, compute: np.dtype[Any]) -> Array:
    """Return zeros for padded images, (channels, height, width, batch).

    Windows of a widened geometry reach past the last image, into zeros that follow it.
    """
    shape = (geometry.channels, *geometry.padded)
    if geometry.batch_last:
        return np.zeros((*shape, batch), compute)
    size = batch * math.prod(shape)
    flat = np.zeros(size + geometry.dilation[1] * (geometry.kernel[1] - 1), compute)
    return flat[:size].reshape(batch, *shape).transpose(1, 2, 3, 0)


def _framed(x: Array, geometry: Geometry, compute: np.dtype[Any]) -> Array:
    """Return images in their frame of padding, (channels, height, width, batch)."""
    top, left = geometry.padding
    turned = x.transpose(1, 2, 3, 0)
    if not (top or left or geometry.batch_last):
        return turned.astype(compute, copy=False)
    framed = _frame(len(x), geometry, compute)
    framed[:, top : top + x.shape[2], left : left + x.shape[3]] = turned
    return framed


def _windows(framed: Array, geometry: Geometry) -> Array:
    """View padded images as (groups, channels, kernel height, kernel width, out height, out width, batch)."""
    channel, row, column, image = framed.strides
    (down, right), (dilate_h, dilate_w) = geometry.stride, geometry.dilation
    shape = (geometry.groups, geometry.group_channels, *geometry.kernel, *geometry.out, framed.shape[3])
    group = channel * geometry.group_channels
    strides = (group, channel, row * dilate_h, column * dilate_w, row * down, column * right, image)
    return as_strided(framed, shape, strides)


def _unfolded(x: Array, geometry: Geometry, compute: np.dtype[Any]) -> Array:
    """Unfold images (im2col): (groups, window, positions of all images)."""
    source = _windows(_framed(x, geometry, compute), geometry)
    if not geometry.batch_last:
        source = source.transpose(0, 1, 2, 3, 6, 4, 5)
    columns = np.empty(source.shape, compute)

    def copy(start: int, stop: int) -> None:
        columns[:, :, :, :, start:stop] = source[:, :, :, :, start:stop]

    length = source.shape[4]
    threads.run_ranges(copy, length, 1 + length * COPY_BYTES // (1 + columns.nbytes))
    return columns.reshape(geometry.groups, geometry.window, geometry.positions * len(x))


def _by_group(grad: Array, geometry: Geometry, compute: np.dtype[Any]) -> Array:
    """Lay a gradient of the output out as (groups, out channels, positions of all images)."""
    split = grad.reshape(len(grad), geometry.groups, grad.shape[1] // geometry.groups, geometry.positions)
    order = (1, 2, 3, 0) if geometry.batch_last else (1, 2, 0, 3)
    rows = np.ascontiguousarray(split.transpose(order), compute)
    return rows.reshape(geometry.groups, split.shape[2], geometry.positions * len(grad))


def _by_image(product: Array, geometry: Geometry, batch: int) -> Array:
    """View (groups, channels, positions of all images) as (batch, groups, channels, positions)."""
    if geometry.batch_last:
        return product.reshape(*product.shape[:2], geometry.positions, batch).transpose(3, 0, 1, 2)
    return product.reshape(*product.shape[:2], batch, geometry.positions).transpose(2, 0, 1, 3)


def _chunks(geometry: Geometry) -> list[slice]:
    """Cut the batch into parts that are unfolded one after the other."""
    step = max(1, geometry.chunk)
    return [slice(start, min(geometry.batch, start + step)) for start in range(0, geometry.batch, step)]


def conv2d(
    x: Array, weight: Array, bias: Array | None, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """Return the convolution (cross-correlation) of `x` with `weight`, plus `bias`."""
    g = _geometry(x.shape, weight.shape, stride, padding, dilation, groups)
    compute = compute_dtype(x.dtype)
    filters = weight.astype(compute, copy=False).reshape(groups, g.filters // groups, g.window)
    out = np.empty((len(x), groups, filters.shape[1], g.positions), x.dtype)
    for part in _chunks(g):
        product = np.matmul(filters, _unfolded(x[part], g, compute))
        if bias is not None:
            product += bias.astype(compute, copy=False).reshape(groups, -1, 1)
        out[part] = _by_image(product, g, len(out[part]))
    return out.reshape(len(x), g.filters, *g.out)


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
    g = _geometry(x.shape, weight_shape, stride, padding, dilation, groups)
    compute = compute_dtype(x.dtype)
    total = np.zeros((groups, g.filters // groups, g.window), compute)
    for part in _chunks(g):
        columns = _unfolded(x[part], g, compute)
        total += np.matmul(_by_group(grad[part], g, compute), columns.transpose(0, 2, 1))
    return total.reshape(weight_shape).astype(x.dtype, copy=False)


def conv2d_input_gradient(
    grad: Array, weight: Array, image: Pair, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """Return the gradient of `conv2d`'s input, of height and width `image`, from that of its result.

    Where runs are short and the stride is 1, rows of `grad` are widened by zeros to the width of the padded
    image: then each element of the kernel takes one addition over whole images.
    """
    g = _geometry((len(grad), 0, *image), weight.shape, stride, padding, dilation, groups)
    compute = compute_dtype(grad.dtype)
    filters = weight.astype(compute, copy=False).reshape(groups, g.filters // groups, g.window)
    result = np.empty((len(grad), g.channels, *image), grad.dtype)
    product = np.multiply if filters.shape[1] == 1 else np.matmul  # one filter a group: nothing to sum
    wide = g if g.batch_last or stride != (1, 1) else g._replace(out=(g.out[0], g.padded[1]))
    for part in _chunks(g):
        grads = _by_group(_widened(grad[part], wide.out[1]), wide, compute)
        total = _folded(product(filters.transpose(0, 2, 1), grads), wide, len(result[part]))
        inside = total[:, padding[0] : padding[0] + image[0], padding[1] : padding[1] + image[1]]
        result[part] = inside.transpose(3, 0, 1, 2)
    return result


def _widened(grad: Array, width: int) -> Array:
    """Return `grad` with zeros at the end of each row, which is then `width` long."""
    if grad.shape[-1] == width:
        return grad
    made = np.zeros((*grad.shape[:-1], width), grad.dtype)
    made[..., : grad.shape[-1]] = grad
    return made


def _folded(columns: Array, geometry: Geometry, batch: int) -> Array:
    """Add windows up where they overlap (col2im): padded images (channels, height, width, batch)."""
    total = _frame(batch, geometry, columns.dtype)
    windows = _windows(total, geometry)
    apart = _by_image(columns, geometry, batch).transpose(1, 2, 3, 0).reshape(windows.shape)
    for i in range(geometry.kernel[0]):
        for j in range(geometry.kernel[1]):
            windows[:, :, i, j] += apart[:, :, i, j]
    return total


def conv2d_bias_gradient(grad: Array) -> Array:
    """Return the gradient of `conv2d`'s bias from that of its result."""
    compute = compute_dtype(grad.dtype)
    rows = grad.reshape(*grad.shape[:2], math.prod(grad.shape[2:]))
    return np.asarray(np.einsum("ncl->c", rows.astype(compute, copy=False))).astype(grad.dtype, copy=False)
