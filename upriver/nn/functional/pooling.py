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
OptionalSize = int | Sequence[int | None]
Pooled = Tensor | tuple[Tensor, Tensor]


def max_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled:
    """The largest value of each window of (N, C, L) or (C, L); the gradient goes to the first such value.

    ``stride`` is ``kernel_size`` by default. With ``return_indices`` also the positions along L, int64.

    >>> import upriver as up
    >>> up.nn.functional.max_pool1d(up.tensor([[[1.0, 4.0, 2.0, 3.0]]]), 2)
    tensor([[[4., 3.]]])
    """
    values, places = ops.max_pool1d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return (values, places) if return_indices else values


def max_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled:
    """The largest value of each window of (N, C, H, W) or (C, H, W); the gradient goes to the first such
    value.

    ``stride`` is ``kernel_size`` by default. With ``return_indices`` also the positions in H x W flattened,
    int64.

    >>> import upriver as up
    >>> up.nn.functional.max_pool2d(up.tensor([[[[1.0, 2.0], [4.0, 3.0]]]]), 2)
    tensor([[[[4.]]]])
    """
    values, places = ops.max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return (values, places) if return_indices else values


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
    return ops.adaptive_avg_pool1d(input, output_size)


def adaptive_avg_pool2d(input: Tensor, output_size: OptionalSize) -> Tensor:
    """The means of ``output_size`` windows that cover (N, C, H, W) or (C, H, W) evenly; None keeps a size.

    >>> import upriver as up
    >>> up.nn.functional.adaptive_avg_pool2d(up.ones(1, 1, 3, 5), 1)
    tensor([[[[1.]]]])
    """
    return ops.adaptive_avg_pool2d(input, output_size)


def adaptive_max_pool1d(input: Tensor, output_size: Size, return_indices: bool = False) -> Pooled:
    """The largest values of ``output_size`` windows that cover (N, C, L) or (C, L) evenly.

    With ``return_indices`` also their positions along L, int64.

    >>> import upriver as up
    >>> up.nn.functional.adaptive_max_pool1d(up.tensor([[1.0, 3.0, 5.0]]), 2)
    tensor([[3., 5.]])
    """
    values, places = ops.adaptive_max_pool1d(input, output_size)
    return (values, places) if return_indices else values


def adaptive_max_pool2d(input: Tensor, output_size: OptionalSize, return_indices: bool = False) -> Pooled:
    """The largest values of ``output_size`` windows that cover (N, C, H, W) or (C, H, W) evenly; None keeps a
    size.

    With ``return_indices`` also their positions in H x W flattened, int64.

    >>> import upriver as up
    >>> up.nn.functional.adaptive_max_pool2d(up.arange(6.0).reshape(1, 2, 3), 1)
    tensor([[[5.]]])
    """
    values, places = ops.adaptive_max_pool2d(input, output_size)
    return (values, places) if return_indices else values
