"""Sliding windows of an image as the columns of a matrix, and back: ``nn.functional.unfold`` and ``fold``.

Each is the adjoint of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..tensor import Tensor
from .checks import sizes
from .namespace import Namespace
from .registry import Kind, op
from .shape import squeeze, unsqueeze

__all__ = ["col2im", "im2col"]

Array = np.ndarray[Any, Any]
Pair = tuple[int, int]
Size = int | Sequence[int]
Place = tuple[slice, slice, slice, slice]

GENERAL = Kind.GENERAL


def pair(shape: Any) -> Pair:
    """The height and width at the end of a shape."""
    return (shape[-2], shape[-1])


@op(GENERAL, node="Im2ColBackward0", shown="unfold",
    input=lambda F, g, input_shape, window, dilation, padding, stride:
        F.columns_to_image(g, pair(input_shape), window, dilation, padding, stride))  # fmt: skip
def image_to_columns(
    xp: Namespace, input: Array, window: Pair, dilation: Pair, padding: Pair, stride: Pair
) -> Array:
    """The windows of (N, C, H, W) as columns (N, C * h * w, positions)."""
    (top, left), (height, width) = padding, pair(input.shape)
    rows, columns = _positions((height, width), window, dilation, padding, stride)
    padded = xp.zeros((*input.shape[:2], height + 2 * top, width + 2 * left), input.dtype)
    padded[:, :, top : top + height, left : left + width] = input
    made = xp.empty((*input.shape[:2], *window, rows, columns), input.dtype)
    for i, j, place in _places((rows, columns), window, dilation, stride):
        made[:, :, i, j] = padded[place]
    return made.reshape(len(input), input.shape[1] * window[0] * window[1], rows * columns)


@op(GENERAL, node="Col2ImBackward0", shown="fold",
    input=lambda F, g, window, dilation, padding, stride:
        F.image_to_columns(g, window, dilation, padding, stride))  # fmt: skip
def columns_to_image(
    xp: Namespace, input: Array, image: Pair, window: Pair, dilation: Pair, padding: Pair, stride: Pair
) -> Array:
    """Columns added back where they came from: the adjoint of :func:`image_to_columns`."""
    (top, left), (height, width) = padding, image
    rows, columns = _positions(image, window, dilation, padding, stride)
    channels = input.shape[1] // (window[0] * window[1])
    parts = input.reshape(len(input), channels, *window, rows, columns)
    padded = xp.zeros((len(input), channels, height + 2 * top, width + 2 * left), input.dtype)
    for i, j, place in _places((rows, columns), window, dilation, stride):
        padded[place] += parts[:, :, i, j]
    return xp.ascontiguousarray(padded[:, :, top : top + height, left : left + width])


def _positions(image: Pair, window: Pair, dilation: Pair, padding: Pair, stride: Pair) -> Pair:
    """How many windows fit down and across."""
    down, across = (
        (length + 2 * pad - space * (size - 1) - 1) // step + 1
        for length, size, space, pad, step in zip(image, window, dilation, padding, stride, strict=True)
    )
    return down, across


def _places(out: Pair, window: Pair, dilation: Pair, stride: Pair) -> Iterator[tuple[int, int, Place]]:
    """For each element of the kernel, its position and the index of that element of every window."""
    for i in range(window[0]):
        for j in range(window[1]):
            top, left = i * dilation[0], j * dilation[1]
            down = slice(top, top + (out[0] - 1) * stride[0] + 1, stride[0])
            across = slice(left, left + (out[1] - 1) * stride[1] + 1, stride[1])
            yield i, j, (slice(None), slice(None), down, across)


def im2col(
    input: Tensor, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
) -> Tensor:
    """The sliding windows of (N, C, H, W) or (C, H, W) as columns (N, C * h * w, positions).

    >>> import upriver as up
    >>> im2col(up.arange(4.0).reshape(1, 2, 2), (1, 2))
    tensor([[0., 2.],
            [1., 3.]])
    """
    window, spaces, frame, steps = _column_settings(kernel_size, dilation, padding, stride)
    if input.dim() not in (3, 4):
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got: "
            f"{list(input.shape)}"
        )
    image = input if input.dim() == 4 else unsqueeze(input, 0)
    fits = _positions(pair(image.shape), window, spaces, frame, steps)
    if min(fits) < 1:
        raise RuntimeError(
            f"Given input with spatial size {pair(image.shape)}, kernel_size={window}, dilation={spaces}, "
            f"padding={frame}, calculated shape of the array of sliding blocks as {fits}, but its components "
            "must be at least one."
        )
    columns = image_to_columns(image, window, spaces, frame, steps)
    return columns if input.dim() == 4 else squeeze(columns, 0)


def col2im(
    input: Tensor,
    output_size: Size,
    kernel_size: Size,
    dilation: Size = 1,
    padding: Size = 0,
    stride: Size = 1,
) -> Tensor:
    """Columns (N, C * h * w, positions) added up into images (N, C, H, W): the adjoint of :func:`im2col`.

    >>> import upriver as up
    >>> col2im(up.ones(2, 2), (1, 3), (1, 2))
    tensor([[[1., 2., 1.]]])
    """
    window, spaces, frame, steps = _column_settings(kernel_size, dilation, padding, stride)
    height, width = sizes(output_size, 2, "output_size")
    if input.dim() not in (2, 3):
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero "
            f"dimensions for input, but got: {list(input.shape)}"
        )
    columns = input if input.dim() == 3 else unsqueeze(input, 0)
    if columns.shape[1] % (window[0] * window[1]):
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={columns.shape[1]} and kernel_size={window}."
        )
    down, across = _positions((height, width), window, spaces, frame, steps)
    if columns.shape[2] != down * across:
        raise RuntimeError(
            f"Given output_size={(height, width)}, kernel_size={window}, dilation={spaces}, padding={frame}, "
            f"stride={steps}, expected size of input's dimension 2 to match the calculated number of sliding "
            f"blocks {down} * {across} = {down * across}, but got input.size(2)={columns.shape[2]}."
        )
    image = columns_to_image(columns, (height, width), window, spaces, frame, steps)
    return image if input.dim() == 3 else squeeze(image, 0)


def _column_settings(kernel_size: Size, dilation: Size, padding: Size, stride: Size) -> tuple[Pair, ...]:
    names = ("kernel_size", "dilation", "padding", "stride")
    given = (kernel_size, dilation, padding, stride)
    return tuple(pair(sizes(each, 2, name)) for each, name in zip(given, names, strict=True))
