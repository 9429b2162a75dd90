"""Pooling over windows of the last one or two dimensions.

Each operator's adjoint is an operator, whose own rule is the operator again: max pooling gathers and scatters
at the indices it found, average pooling is linear. One dimension is two with a height of 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..kernels import pooling as kernel
from ..tensor import Tensor
from .namespace import Namespace
from .registry import Kind, op
from .shape import squeeze, unsqueeze

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d", "avg_pool1d",
    "avg_pool2d", "max_pool1d", "max_pool1d_with_indices", "max_pool2d", "max_pool2d_with_indices",
]  # fmt: skip

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]
Pair = tuple[int, int]
Size = int | Sequence[int]
Bounds = tuple[tuple[int, int], ...]  # where each window along a dimension starts and stops

GENERAL = Kind.GENERAL


def pair(shape: Any) -> Pair:
    """The height and width at the end of a shape."""
    return (shape[-2], shape[-1])


# -- maxima --------------------------------------------------------------------------------------------------


@op(GENERAL, undifferentiated=(1,), node="MaxPool2DWithIndicesBackward0", shown="max_pool2d",
    input=lambda F, g, outs, input_shape, window, stride, dilation:
        F.unpool_max(g[0], outs[1], pair(input_shape), is_distinct(window, stride, dilation)))  # fmt: skip
def pool_max(
    xp: Namespace, input: Array, window: Pair, stride: Pair, padding: Pair, dilation: Pair, ceil_mode: bool
) -> Arrays:
    """The largest value of each window, and its place in the flattened image."""
    return kernel.max_pool2d(input, window, stride, padding, dilation, ceil_mode)


def is_distinct(window: Pair, stride: Pair, dilation: Pair) -> bool:
    """Whether windows do not overlap, so that no place is chosen twice."""
    return all(
        step > space * (length - 1) for length, step, space in zip(window, stride, dilation, strict=True)
    )


@op(GENERAL, grad_output=lambda F, g, indices: F.pool_at(g, indices))
def unpool_max(xp: Namespace, grad_output: Array, indices: Array, image: Pair, distinct: bool) -> Array:
    """Zeros of height and width ``image``, each element of ``grad_output`` added at its place."""
    if not grad_output.size:
        return xp.zeros((*grad_output.shape[:-2], *image), grad_output.dtype)
    return kernel.max_pool2d_backward(grad_output, indices, image, distinct)


@op(GENERAL, input=lambda F, g, indices, input_shape: F.unpool_max(g, indices, pair(input_shape), False))
def pool_at(xp: Namespace, input: Array, indices: Array) -> Array:
    """The elements of each flattened image at ``indices``."""
    return kernel.max_pool2d_gather(input, indices) if indices.size else xp.empty(indices.shape, input.dtype)


@op(GENERAL, undifferentiated=(1,), node="AdaptiveMaxPool2DBackward0", shown="adaptive_max_pool2d",
    input=lambda F, g, outs, input_shape: F.unpool_max(g[0], outs[1], pair(input_shape), False))  # fmt: skip
def pool_max_between(xp: Namespace, input: Array, rows: Bounds, columns: Bounds) -> Arrays:
    """As :func:`pool_max`, for windows of uneven size."""
    shape = (*input.shape[:-2], len(rows), len(columns))
    values, places = xp.empty(shape, input.dtype), xp.empty(shape, np.int64)
    for i, (top, bottom) in enumerate(rows):
        for j, (left, right) in enumerate(columns):
            block = input[..., top:bottom, left:right].reshape(
                *input.shape[:-2], (bottom - top) * (right - left)
            )
            place = block.argmax(-1)
            values[..., i, j] = np.take_along_axis(block, place[..., None], -1)[..., 0]
            places[..., i, j] = (
                (top + place // (right - left)) * input.shape[-1] + left + place % (right - left)
            )
    return values, places


# -- means ---------------------------------------------------------------------------------------------------


@op(GENERAL, node="AvgPool2DBackward0", shown="avg_pool2d",
    input=lambda F, g, input_shape, window, stride, padding, ceil_mode, count_include_pad, divisor_override:
        F.unpool_mean(g, pair(input_shape), window, stride, padding, ceil_mode, count_include_pad,
                      divisor_override))  # fmt: skip
def pool_mean(
    xp: Namespace, input: Array, window: Pair, stride: Pair, padding: Pair, ceil_mode: bool,
    count_include_pad: bool, divisor_override: int | None,
) -> Array:  # fmt: skip
    """The mean of each window."""
    return kernel.avg_pool2d(input, window, stride, padding, ceil_mode, count_include_pad, divisor_override)


@op(GENERAL,
    grad_output=lambda F, g, window, stride, padding, ceil_mode, count_include_pad, divisor_override:
        F.pool_mean(g, window, stride, padding, ceil_mode, count_include_pad, divisor_override))  # fmt: skip
def unpool_mean(
    xp: Namespace, grad_output: Array, image: Pair, window: Pair, stride: Pair, padding: Pair,
    ceil_mode: bool, count_include_pad: bool, divisor_override: int | None,
) -> Array:  # fmt: skip
    """Each element of ``grad_output`` spread evenly over its window: the adjoint of :func:`pool_mean`."""
    return kernel.avg_pool2d_backward(
        grad_output, image, window, stride, padding, count_include_pad, divisor_override
    )


@op(GENERAL, node="AdaptiveAvgPool2DBackward0", shown="adaptive_avg_pool2d",
    input=lambda F, g, input_shape, dim, bounds:
        F.spread_between(g, input_shape[dim], dim, bounds))  # fmt: skip
def mean_between(xp: Namespace, input: Array, dim: int, bounds: Bounds) -> Array:
    """The means of uneven windows along ``dim``, which is -1 or -2."""
    return xp.stack([_part(input, dim, each).mean(dim) for each in bounds], dim).astype(
        input.dtype, copy=False
    )


@op(GENERAL, grad_output=lambda F, g, dim, bounds: F.mean_between(g, dim, bounds))
def spread_between(xp: Namespace, grad_output: Array, length: int, dim: int, bounds: Bounds) -> Array:
    """Each element spread evenly over its window along ``dim``: the adjoint of :func:`mean_between`."""
    shape = list(grad_output.shape)
    shape[dim] = length
    total = xp.zeros(shape, grad_output.dtype)
    for index, (start, stop) in enumerate(bounds):
        window = _part(total, dim, (start, stop))
        window += _part(grad_output, dim, (index, index + 1)) / grad_output.dtype.type(stop - start)
    return total


def _part(array: Array, dim: int, bounds: tuple[int, int]) -> Array:
    return array[..., slice(*bounds)] if dim == -1 else array[..., slice(*bounds), :]


# -- functions: max ------------------------------------------------------------------------------------------


def max_pool2d_with_indices(
    input: Tensor, kernel_size: Size, stride: Size | None = None, padding: Size = 0, dilation: Size = 1,
    ceil_mode: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The largest value of each window of (N, C, H, W) or (C, H, W), and its place in the flattened H x W.

    ``stride`` is the window's size unless given. Raises RuntimeError where a size does not fit.

    >>> import upriver as up
    >>> up.max_pool2d_with_indices(up.tensor([[[1.0, 2.0], [4.0, 3.0]]]), 2)
    (tensor([[[4.]]]), tensor([[[2]]]))
    """
    return _max_pool("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool1d_with_indices(
    input: Tensor, kernel_size: Size, stride: Size | None = None, padding: Size = 0, dilation: Size = 1,
    ceil_mode: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The largest value of each window of (N, C, L) or (C, L), and its place."""
    return _max_pool("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d(
    input: Tensor, kernel_size: Size, stride: Size | None = None, padding: Size = 0, dilation: Size = 1,
    ceil_mode: bool = False,
) -> Tensor:  # fmt: skip
    """The largest value of each window; see :func:`max_pool2d_with_indices`.

    >>> import upriver as up
    >>> up.max_pool2d(up.tensor([[[1.0, 2.0], [4.0, 3.0]]]), 2)
    tensor([[[4.]]])
    """
    return _max_pool("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode)[0]


def max_pool1d(
    input: Tensor, kernel_size: Size, stride: Size | None = None, padding: Size = 0, dilation: Size = 1,
    ceil_mode: bool = False,
) -> Tensor:  # fmt: skip
    """The largest value of each window; see :func:`max_pool1d_with_indices`.

    >>> import upriver as up
    >>> up.max_pool1d(up.tensor([[1.0, 3.0, 2.0, 0.0]]), 2)
    tensor([[3., 2.]])
    """
    return _max_pool("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode)[0]


def _max_pool(
    name: str, dims: int, input: Tensor, kernel_size: Size, stride: Size | None, padding: Size,
    dilation: Size, ceil_mode: bool,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    window, steps, frame = _settings(name, dims, kernel_size, stride, padding)
    spaces = _lengths(name, "dilation", dilation, dims)
    _check_input(name, dims, input)
    _check_padding(name, window, frame, spaces)
    image = unsqueeze(input, -2) if dims == 1 else input
    geometry = [_lead(dims, *each) for each in _filled(window, steps, frame, spaces)]
    _check_output(name, image, geometry, ceil_mode)
    values, places = pool_max(image, *geometry, ceil_mode)
    return (values, places) if dims == 2 else (squeeze(values, -2), squeeze(places, -2))


def _filled(*settings: tuple[int, ...]) -> Any:
    """Settings (window, stride, padding, dilation), each with its value for the added dimension."""
    return zip(settings, (1, 1, 0, 1), strict=False)


def _lead(dims: int, setting: tuple[int, ...], filler: int) -> Pair:
    return (setting[0], setting[1]) if dims == 2 else (filler, setting[0])


# -- functions: average --------------------------------------------------------------------------------------


def avg_pool2d(
    input: Tensor, kernel_size: Size, stride: Size | None = None, padding: Size = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Tensor:  # fmt: skip
    """The mean of each window of (N, C, H, W) or (C, H, W), or its sum over ``divisor_override``.

    ``count_include_pad`` counts the zeros of the padding.

    >>> import upriver as up
    >>> up.avg_pool2d(up.tensor([[[1.0, 2.0], [4.0, 3.0]]]), 2)
    tensor([[[2.5000]]])
    """
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    return _avg_pool(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def avg_pool1d(
    input: Tensor, kernel_size: Size, stride: Size | None = None, padding: Size = 0, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:  # fmt: skip
    """The mean of each window of (N, C, L) or (C, L); see :func:`avg_pool2d`.

    >>> import upriver as up
    >>> up.avg_pool1d(up.tensor([[1.0, 3.0, 2.0, 4.0]]), 2)
    tensor([[2., 3.]])
    """
    return _avg_pool("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def _avg_pool(
    name: str, dims: int, input: Tensor, kernel_size: Size, stride: Size | None, padding: Size,
    ceil_mode: bool, count_include_pad: bool, divisor_override: int | None,
) -> Tensor:  # fmt: skip
    window, steps, frame = _settings(name, dims, kernel_size, stride, padding)
    _check_input(name, dims, input)
    _check_padding(name, window, frame, (1,) * dims)
    image = unsqueeze(input, -2) if dims == 1 else input
    geometry = [_lead(dims, *each) for each in _filled(window, steps, frame)]
    _check_output(name, image, [*geometry, (1, 1)], ceil_mode)
    means = pool_mean(image, *geometry, ceil_mode, count_include_pad, divisor_override)
    return squeeze(means, -2) if dims == 1 else means


# -- functions: adaptive -------------------------------------------------------------------------------------


def adaptive_avg_pool2d(input: Tensor, output_size: int | Sequence[int | None]) -> Tensor:
    """The means of ``output_size`` windows that cover (N, C, H, W) or (C, H, W) evenly; None keeps a size.

    >>> import upriver as up
    >>> up.adaptive_avg_pool2d(up.ones(1, 3, 5), 1)
    tensor([[[1.]]])
    """
    height, width = _adaptive_sizes("adaptive_avg_pool2d", input, output_size, 2)
    return _mean_along(_mean_along(input, -1, width), -2, height)


def adaptive_avg_pool1d(input: Tensor, output_size: Size) -> Tensor:
    """The means of ``output_size`` windows that cover (N, C, L) or (C, L) evenly.

    >>> import upriver as up
    >>> up.adaptive_avg_pool1d(up.tensor([[1.0, 3.0, 5.0]]), 2)
    tensor([[2., 4.]])
    """
    (length,) = _adaptive_sizes("adaptive_avg_pool1d", input, output_size, 1)
    return _mean_along(input, -1, length)


def adaptive_max_pool2d(input: Tensor, output_size: int | Sequence[int | None]) -> tuple[Tensor, Tensor]:
    """The largest values of ``output_size`` windows that cover (N, C, H, W) or (C, H, W), and their places.

    >>> import upriver as up
    >>> up.adaptive_max_pool2d(up.arange(6.0).reshape(1, 2, 3), 1)
    (tensor([[[5.]]]), tensor([[[5]]]))
    """
    height, width = _adaptive_sizes("adaptive_max_pool2d", input, output_size, 2)
    rows, columns = _windows(input.shape[-2], height), _windows(input.shape[-1], width)
    values, places = pool_max_between(input, rows, columns)
    return values, places


def adaptive_max_pool1d(input: Tensor, output_size: Size) -> tuple[Tensor, Tensor]:
    """The largest values of ``output_size`` windows that cover (N, C, L) or (C, L) evenly, and their places.

    >>> import upriver as up
    >>> up.adaptive_max_pool1d(up.tensor([[1.0, 3.0, 5.0]]), 2)
    (tensor([[3., 5.]]), tensor([[1, 2]]))
    """
    (length,) = _adaptive_sizes("adaptive_max_pool1d", input, output_size, 1)
    values, places = pool_max_between(unsqueeze(input, -2), ((0, 1),), _windows(input.shape[-1], length))
    return squeeze(values, -2), squeeze(places, -2)


def _mean_along(input: Tensor, dim: int, length: int) -> Tensor:
    return mean_between(input, dim, _windows(input.shape[dim], length))


def _windows(size: int, count: int) -> Bounds:
    """``count`` windows that cover ``size`` evenly; they overlap where it is no multiple."""
    return tuple((index * size // count, -(-(index + 1) * size // count)) for index in range(count))


def _adaptive_sizes(
    name: str, input: Tensor, output_size: int | Sequence[int | None], dims: int
) -> tuple[int, ...]:
    _check_input(name, dims, input)
    given = (output_size,) * dims if isinstance(output_size, int) else tuple(output_size)
    if len(given) != dims:
        raise RuntimeError(f"{name}: output_size must be {dims}, but got {list(given)}")
    return tuple(
        length if size is None else size for size, length in zip(given, input.shape[-dims:], strict=True)
    )


# -- checks --------------------------------------------------------------------------------------------------


def _lengths(name: str, what: str, value: Size, dims: int) -> tuple[int, ...]:
    given = (
        (value,) * dims
        if isinstance(value, (int, np.integer))
        else tuple(value) * (dims if len(value) == 1 else 1)
    )
    if len(given) != dims:
        number = "one int" if dims == 1 else "a tuple of two ints"
        raise RuntimeError(f"{name}: {what} must either be a single int, or {number}: got {list(given)}")
    return tuple(int(each) for each in given)


def _settings(
    name: str, dims: int, kernel_size: Size, stride: Size | None, padding: Size
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    window = _lengths(name, "kernel_size", kernel_size, dims)
    unset = stride is None or (not isinstance(stride, (int, np.integer)) and len(stride) == 0)
    steps = window if unset or stride is None else _lengths(name, "stride", stride, dims)
    if min(steps) < 1:
        raise RuntimeError(f"stride should not be zero: got {list(steps)} for {name}")
    if min(window) < 1:
        raise RuntimeError(f"kernel size should be greater than zero, but got {list(window)} for {name}")
    return window, steps, _lengths(name, "padding", padding, dims)


def _check_input(name: str, dims: int, input: Tensor) -> None:
    shape = list(input.shape)
    if input.dim() not in (dims + 1, dims + 2):
        if dims == 1 and name != "max_pool1d":
            raise RuntimeError(
                f"Expected 2 to 3 dimensions, but got {input.dim()}-dimensional tensor for argument #1 "
                f"'self' (while checking arguments for {name})"
            )
        if name.startswith("adaptive"):
            raise RuntimeError(f"{name}(): Expected 3D or 4D tensor, but got {shape}")
        if dims == 1:
            raise RuntimeError(
                f"{name}: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, "
                f"but got:{shape}"
            )
        raise RuntimeError(f"non-empty 3D or 4D (batch mode) tensor expected for input: {name} got {shape}")
    if math.prod(shape[-dims - 1 :]) == 0:
        raise RuntimeError(
            f"Expected {dims + 1}D or {dims + 2}D (batch mode) tensor with optional 0 dim batch size for "
            f"input, but got:{shape}"
        )


def _check_padding(name: str, window: Sequence[int], padding: Sequence[int], dilation: Sequence[int]) -> None:
    for length, pad, space in zip(window, padding, dilation, strict=True):
        if pad < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {pad}")
        if pad <= ((length - 1) * space + 1) // 2:
            continue
        if name == "max_pool1d":
            raise RuntimeError(
                "max_pool1d() padding should be at most half of kernel size, but got "
                f"padding={pad} and kernel_size={length}"
            )
        raise RuntimeError(
            "pad should be at most half of effective kernel size, but got "
            f"pad={pad}, kernel_size={length} and dilation={space}"
        )


def _check_output(name: str, image: Tensor, geometry: list[Pair], ceil_mode: bool) -> None:
    channels, *spatial = image.shape[-3:]
    window, stride, padding, dilation = geometry
    out = [
        kernel.pooled_size(spatial[i], window[i], stride[i], padding[i], dilation[i], ceil_mode)
        for i in range(2)
    ]
    if min(out) >= 1:
        return
    if name == "max_pool1d":
        raise RuntimeError(
            f"max_pool1d() Invalid computed output size: {out[1]}: the window is longer than the input"
        )
    raise RuntimeError(
        f"Given input size: ({channels}x{spatial[0]}x{spatial[1]}). Calculated output size: "
        f"({channels}x{out[0]}x{out[1]}). Output size is too small"
    )
