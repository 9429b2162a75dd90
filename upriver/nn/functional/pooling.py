"""Pooling: windows of one or two dimensions reduced to their maximum or mean."""

from __future__ import annotations

from collections.abc import Sequence

from ... import ops
from ...tensor import Tensor

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d", "avg_pool1d",
    "avg_pool2d", "max_pool1d", "max_pool2d",
]  # fmt: skip

Size = int | Sequence[int]
OptionalSize = int | None | Sequence[int | None]


def max_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """The largest value of each window of (N, C, L) or (C, L); the gradient goes to the first such value.

    ``stride`` is ``kernel_size`` by default. `adaptive_max_pool1d` tells the positions; here
    ``return_indices=True`` raises NotImplementedError.

    >>> import upriver as up
    >>> up.nn.functional.max_pool1d(up.tensor([[[1.0, 4.0, 2.0, 3.0]]]), 2)
    tensor([[[4., 3.]]])
    """
    refuse_indices(return_indices)
    return ops.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """The largest value of each window of (N, C, H, W) or (C, H, W); the gradient goes to the first such
    value.

    ``stride`` is ``kernel_size`` by default. `adaptive_max_pool2d` tells the positions; here
    ``return_indices=True`` raises NotImplementedError.

    >>> import upriver as up
    >>> up.nn.functional.max_pool2d(up.tensor([[[[1.0, 2.0], [4.0, 3.0]]]]), 2)
    tensor([[[[4.]]]])
    """
    refuse_indices(return_indices)
    return ops.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode)


def refuse_indices(return_indices: bool) -> None:
    """Raise NotImplementedError for ``return_indices=True``."""
    if return_indices:
        raise NotImplementedError(
            "return_indices=True is supported by the adaptive max pools only: use adaptive_max_pool1d or "
            "adaptive_max_pool2d."
        )


def avg_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window of (N, C, L) or (C, L); ``count_include_pad`` counts the zeros of the padding.

    >>> import upriver as up
    >>> up.nn.functional.avg_pool1d(up.tensor([[[1.0, 3.0, 2.0, 4.0]]]), 2)
    tensor([[[2., 3.]]])
    """
    return ops.avg_pool1d(input, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window of (N, C, H, W) or (C, H, W), or its sum over ``divisor_override``.

    >>> import upriver as up
    >>> up.nn.functional.avg_pool2d(up.tensor([[[[1.0, 2.0], [4.0, 3.0]]]]), 2)
    tensor([[[[2.5000]]]])
    """
    return ops.avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def adaptive_avg_pool1d(input: Tensor, output_size: Size) -> Tensor:
    """The means of ``output_size`` windows that cover (N, C, L) or (C, L) evenly.

    >>> import upriver as up
    >>> up.nn.functional.adaptive_avg_pool1d(up.tensor([[1.0, 3.0, 5.0]]), 2)
    tensor([[2., 4.]])
    """
    (length,) = _output_sizes("adaptive_avg_pool1d", input, output_size, 1)
    return _average_axis(input, length, -1)


def adaptive_avg_pool2d(input: Tensor, output_size: OptionalSize) -> Tensor:
    """The means of ``output_size`` windows that cover (N, C, H, W) or (C, H, W) evenly; None keeps a size.

    >>> import upriver as up
    >>> up.nn.functional.adaptive_avg_pool2d(up.ones(1, 1, 3, 5), 1)
    tensor([[[[1.]]]])
    """
    height, width = _output_sizes("adaptive_avg_pool2d", input, output_size, 2)
    return _average_axis(_average_axis(input, width, -1), height, -2)


def adaptive_max_pool1d(
    input: Tensor, output_size: Size, return_indices: bool = False
) -> Tensor | tuple[Tensor, Tensor]:
    """The largest values of ``output_size`` windows that cover (N, C, L) or (C, L) evenly.

    With ``return_indices`` also their positions along L, int64.

    >>> import upriver as up
    >>> up.nn.functional.adaptive_max_pool1d(up.tensor([[1.0, 3.0, 5.0]]), 2)
    tensor([[3., 5.]])
    """
    (length,) = _output_sizes("adaptive_max_pool1d", input, output_size, 1)
    values, position = _maximum_axis(input, length)
    return (values, position) if return_indices else values


def adaptive_max_pool2d(
    input: Tensor, output_size: OptionalSize, return_indices: bool = False
) -> Tensor | tuple[Tensor, Tensor]:
    """The largest values of ``output_size`` windows that cover (N, C, H, W) or (C, H, W) evenly; None keeps a
    size.

    With ``return_indices`` also their positions in the flattened H x W, int64.

    >>> import upriver as up
    >>> up.nn.functional.adaptive_max_pool2d(up.arange(6.0).reshape(1, 2, 3), 1)
    tensor([[[5.]]])
    """
    height, width = _output_sizes("adaptive_max_pool2d", input, output_size, 2)
    in_rows, column = _maximum_axis(input, width)
    turned, row = _maximum_axis(in_rows.transpose(-1, -2), height)
    values = turned.transpose(-1, -2)
    if not return_indices:
        return values
    row = row.transpose(-1, -2)
    return values, row * input.size(-1) + ops.gather(column, -2, row)


def _output_sizes(name: str, input: Tensor, output_size: OptionalSize, spatial: int) -> list[int]:
    if input.dim() not in (spatial + 1, spatial + 2):
        raise RuntimeError(
            f"{name}(): Expected {spatial + 1}D or {spatial + 2}D tensor, but got {list(input.shape)}"
        )
    wanted = (
        [output_size] * spatial if output_size is None or isinstance(output_size, int) else list(output_size)
    )
    if len(wanted) != spatial:
        raise RuntimeError(
            f"{name}() argument 'output_size' should contain {spatial} ints (got {len(wanted)})"
        )
    return [size if want is None else want for size, want in zip(input.shape[-spatial:], wanted, strict=True)]


def _windows(size: int, count: int) -> list[range]:
    """``count`` windows that cover ``size`` positions evenly; neighbours may share a position."""
    return [range(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


def _average_axis(input: Tensor, count: int, dim: int) -> Tensor:
    size = input.size(dim)
    if count == 1:
        return input.mean(dim, keepdim=True)
    if count == size:
        return input
    share = [
        [1 / len(window) if i in window else 0.0 for i in range(size)] for window in _windows(size, count)
    ]
    matrix = ops.tensor(share, dtype=input.dtype)
    return input @ matrix.mT if dim == -1 else matrix @ input


def _maximum_axis(input: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The maxima of ``count`` windows of the last axis, and where they are; the first of equals wins."""
    windows = _windows(input.size(-1), count)
    longest = max((len(window) for window in windows), default=0)
    # Short windows repeat their last position, which never wins against its first mention.
    table = ops.tensor([[*window, *[window[-1]] * (longest - len(window))] for window in windows])
    values, place = input[..., table].max(-1)
    return values, ops.gather(table.expand(*values.shape, longest), -1, place.unsqueeze(-1)).squeeze(-1)
