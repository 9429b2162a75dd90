"""Max and average pooling over the last two axes, with their gradients; pooling over one axis is the case of
height 1.

Windows are not unfolded: for each place in the kernel, one strided view holds that place of every window.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from .blocks import Array, compute_dtype

Pair = tuple[int, int]


def pooled_size(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> int:
    """Return the number of windows along one axis; with `ceil_mode` none starts beyond the input and left
    padding.
    """
    span = size + 2 * padding - dilation * (kernel - 1) - 1
    count = (-(-span // stride) if ceil_mode else span // stride) + 1
    if ceil_mode and (count - 1) * stride >= size + padding:
        count -= 1
    return count


def _pooled(image: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, ceil_mode: bool) -> Pair:
    height, width = (
        pooled_size(*sizes, ceil_mode) for sizes in zip(image, kernel, stride, padding, dilation, strict=True)
    )
    if height < 1 or width < 1:
        raise RuntimeError(
            f"Given input size: ({image[0]}x{image[1]}). Calculated output size: ({height}x{width}). "
            f"Output size is too small: kernel {kernel}, stride {stride}, padding {padding}, "
            f"dilation {dilation}"
        )
    return height, width


def _padded_size(out: int, kernel: int, stride: int, padding: int, dilation: int, size: int) -> int:
    return max((out - 1) * stride + dilation * (kernel - 1) + 1, padding + size)


def _pad(
    x: Array, out: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, fill: float
) -> Array:
    """Return `x` in a frame that every window lies in; `x` itself where that is no larger."""
    image = x.shape[-2:]
    frame = tuple(
        _padded_size(*sizes) for sizes in zip(out, kernel, stride, padding, dilation, image, strict=True)
    )
    if frame == image:
        return x
    padded = np.full((*x.shape[:-2], *frame), fill, x.dtype)
    _inside(padded, (image[0], image[1]), padding)[...] = x
    return padded


def _inside(padded: Array, image: Pair, padding: Pair) -> Array:
    (top, left), (height, width) = padding, image
    return padded[..., top : top + height, left : left + width]


def _places(padded: Array, out: Pair, kernel: Pair, stride: Pair, dilation: Pair) -> Iterator[Array]:
    """Yield, place by place of the kernel in row order, the view of that place in every window."""
    for i in range(kernel[0]):
        top = i * dilation[0]
        rows = padded[..., top : top + (out[0] - 1) * stride[0] + 1 : stride[0], :]
        for j in range(kernel[1]):
            left = j * dilation[1]
            yield rows[..., left : left + (out[1] - 1) * stride[1] + 1 : stride[1]]


def _first_places(out: int, kernel: int, stride: int, padding: int, dilation: int, size: int) -> Array:
    """Return for each window along one axis its first place that is not in the left padding."""
    start = np.arange(out) * stride - padding
    first = -(np.minimum(start, 0) // dilation)
    if np.any(first >= kernel) or np.any(start + first * dilation >= size):
        raise RuntimeError(
            f"max_pool2d: a window lies wholly in the padding and has no maximum: size {size}, "
            f"kernel {kernel}, stride {stride}, padding {padding}, dilation {dilation}"
        )
    return first


def max_pool2d(
    x: Array, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, ceil_mode: bool = False
) -> tuple[Array, Array]:
    """Return the maximum of each window and where it lies: h*width + w in the image, int64.

    Of equal values the first in row order is taken, and nan is the largest of all, the last nan winning; as
    PyTorch.
    """
    out_size = _pooled((x.shape[-2], x.shape[-1]), kernel, stride, padding, dilation, ceil_mode)
    fill = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    padded = _pad(x, out_size, kernel, stride, padding, dilation, fill)
    has_nan = x.dtype.kind == "f" and bool(np.isnan(x).any())
    # Places are numbered in row order and only ever replaced by later ones, so that a maximum of small
    # integers does the bookkeeping: several times faster than masked copies.
    number = np.min_scalar_type(kernel[0] * kernel[1])
    sizes = zip(out_size, kernel, stride, padding, dilation, x.shape[-2:], strict=True)
    rows, columns = (_first_places(*axis) for axis in sizes)
    first, *others = _places(padded, out_size, kernel, stride, dilation)
    out = first.copy()
    chosen = np.empty(out.shape, number)
    chosen[...] = rows[:, None] * kernel[1] + columns
    for place, values in enumerate(others, start=1):
        better = values > out
        if has_nan:
            better |= np.isnan(values)
        np.maximum(chosen, np.multiply(better, number.type(place)), out=chosen)
        np.maximum(out, values, out=out)
    return out, _flat_indices(chosen, x.shape[-1], kernel, stride, padding, dilation)


def _flat_indices(
    chosen: Array, width: int, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair
) -> Array:
    """Turn places within windows into flat places within the image."""
    rows, columns = (np.arange(n) * s - p for n, s, p in zip(chosen.shape[-2:], stride, padding, strict=True))
    within = np.arange(kernel[0])[:, None] * (dilation[0] * width) + np.arange(kernel[1]) * dilation[1]
    indices = within.reshape(-1).astype(np.int64).take(chosen)
    indices += rows[:, None] * width + columns
    return indices


def max_pool2d_backward(g: Array, indices: Array, image: Pair, distinct: bool = False) -> Array:
    """Return the gradient of `max_pool2d`'s input, of height and width `image`: each `g` added where its
    maximum lay.

    `distinct` says that windows do not overlap, so that no place is met twice.
    """
    planes, area = math.prod(g.shape[:-2]), image[0] * image[1]
    places = (indices.reshape(planes, -1) + np.arange(planes)[:, None] * area).reshape(-1)
    if distinct:
        total = np.zeros(planes * area, g.dtype)
        total[places] = g.reshape(-1)
    else:
        total = np.bincount(places, g.reshape(-1), planes * area).astype(g.dtype, copy=False)
    return total.reshape(*g.shape[:-2], *image)


def max_pool2d_gather(x: Array, indices: Array) -> Array:
    """Return the elements of `x` at `indices`, the adjoint of `max_pool2d_backward`."""
    flat = x.reshape(*x.shape[:-2], x.shape[-2] * x.shape[-1])
    places = indices.reshape(*indices.shape[:-2], -1)
    return np.take_along_axis(flat, places, axis=-1).reshape(indices.shape)


def _counts(size: int, out: int, kernel: int, stride: int, padding: int, include_pad: bool) -> Array:
    """Return how many places of each window count along one axis, clipped to the padded or to the bare
    input.
    """
    start = np.arange(out) * stride - padding
    stop = np.minimum(start + kernel, size + padding)
    if include_pad:
        return stop - start
    return np.minimum(stop, size) - np.maximum(start, 0)


def _divisor(
    image: Pair, out: Pair, kernel: Pair, stride: Pair, padding: Pair, include_pad: bool, override: int | None
) -> Array:
    if override is not None:
        return np.array(override)
    rows, columns = (
        _counts(*sizes, include_pad) for sizes in zip(image, out, kernel, stride, padding, strict=True)
    )
    return rows[:, None] * columns


def avg_pool2d(
    x: Array,
    kernel: Pair,
    stride: Pair,
    padding: Pair,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """Return the mean of each window; zeros of the padding count unless told otherwise."""
    image = (x.shape[-2], x.shape[-1])
    out_size = _pooled(image, kernel, stride, padding, (1, 1), ceil_mode)
    compute = compute_dtype(x.dtype)
    padded = _pad(x.astype(compute, copy=False), out_size, kernel, stride, padding, (1, 1), 0.0)
    total = np.zeros((*x.shape[:-2], *out_size), compute)
    for values in _places(padded, out_size, kernel, stride, (1, 1)):
        total += values
    divisor = _divisor(image, out_size, kernel, stride, padding, count_include_pad, divisor_override)
    total /= divisor.astype(compute)
    return total.astype(x.dtype, copy=False)


def avg_pool2d_backward(
    g: Array,
    image: Pair,
    kernel: Pair,
    stride: Pair,
    padding: Pair,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """Return the gradient of `avg_pool2d`'s input, of height and width `image`."""
    out_size, compute = (g.shape[-2], g.shape[-1]), compute_dtype(g.dtype)
    divisor = _divisor(image, out_size, kernel, stride, padding, count_include_pad, divisor_override)
    share = g.astype(compute, copy=False) / divisor.astype(compute)
    frame = (
        _padded_size(*sizes) for sizes in zip(out_size, kernel, stride, padding, (1, 1), image, strict=True)
    )
    padded = np.zeros((*g.shape[:-2], *frame), compute)
    for place in _places(padded, out_size, kernel, stride, (1, 1)):
        place += share
    return np.ascontiguousarray(_inside(padded, image, padding), g.dtype)
