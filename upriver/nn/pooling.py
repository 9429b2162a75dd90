"""Pooling layers: windows reduced to their maximum or mean."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from . import functional as F
from .functional.conv import Size, tuple_of
from .functional.pooling import OptionalSize
from .module import Module

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AvgPool1d",
    "AvgPool2d", "MaxPool1d", "MaxPool2d",
]  # fmt: skip


class _MaxPool(Module):
    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def _window(self) -> tuple[Any, ...]:
        return (
            self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )  # fmt: skip

    def extra_repr(self) -> str:
        """The window."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """The largest value of each window of (N, C, L) or (C, L).

    >>> import upriver as up
    >>> up.nn.MaxPool1d(2)(up.tensor([[1.0, 4.0, 2.0, 3.0]]))
    tensor([[4., 3.]])
    """

    def forward(self, input: Tensor) -> Any:
        """A shorter tensor, and the positions if they were asked for."""
        return F.max_pool1d(input, *self._window())


class MaxPool2d(_MaxPool):
    """The largest value of each window of (N, C, H, W) or (C, H, W).

    >>> import upriver as up
    >>> up.nn.MaxPool2d(2)(up.arange(4.0).reshape(1, 2, 2))
    tensor([[[3.]]])
    """

    def forward(self, input: Tensor) -> Any:
        """A smaller tensor, and the positions if they were asked for."""
        return F.max_pool2d(input, *self._window())


class AvgPool1d(Module):
    """The mean of each window of (N, C, L) or (C, L).

    >>> import upriver as up
    >>> up.nn.AvgPool1d(2)(up.tensor([[1.0, 3.0, 2.0, 4.0]]))
    tensor([[2., 3.]])
    """

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = tuple_of(kernel_size, 1)
        self.stride = self.kernel_size if stride is None else tuple_of(stride, 1)
        self.padding = tuple_of(padding, 1)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        """A shorter tensor."""
        return F.avg_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        )

    def extra_repr(self) -> str:
        """The window."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(Module):
    """The mean of each window of (N, C, H, W) or (C, H, W).

    >>> import upriver as up
    >>> up.nn.AvgPool2d(2)(up.arange(4.0).reshape(1, 2, 2))
    tensor([[[1.5000]]])
    """

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        """A smaller tensor."""
        return F.avg_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
            self.divisor_override,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """The window."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _AdaptivePool(Module):
    def __init__(self, output_size: OptionalSize) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        """The size of the output."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptivePool):
    """The means of ``output_size`` windows that cover (N, C, L) or (C, L) evenly.

    >>> import upriver as up
    >>> up.nn.AdaptiveAvgPool1d(2)(up.tensor([[1.0, 3.0, 5.0]]))
    tensor([[2., 4.]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor whose last size is ``output_size``."""
        return F.adaptive_avg_pool1d(input, self.output_size)  # type: ignore[arg-type]


class AdaptiveAvgPool2d(_AdaptivePool):
    """The means of ``output_size`` windows that cover (N, C, H, W) or (C, H, W) evenly; None keeps a size.

    >>> import upriver as up
    >>> up.nn.AdaptiveAvgPool2d((1, None))(up.ones(3, 4, 5)).shape
    torch.Size([3, 1, 5])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor whose last two sizes are ``output_size``."""
        return F.adaptive_avg_pool2d(input, self.output_size)


class _AdaptiveMaxPool(_AdaptivePool):
    def __init__(self, output_size: OptionalSize, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest values of ``output_size`` windows that cover (N, C, L) or (C, L) evenly.

    >>> import upriver as up
    >>> up.nn.AdaptiveMaxPool1d(2)(up.tensor([[1.0, 3.0, 5.0]]))
    tensor([[3., 5.]])
    """

    def forward(self, input: Tensor) -> Any:
        """A tensor whose last size is ``output_size``, and the positions if they were asked for."""
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)  # type: ignore[arg-type]


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest values of ``output_size`` windows that cover (N, C, H, W) or (C, H, W) evenly; None keeps a
    size.

    >>> import upriver as up
    >>> up.nn.AdaptiveMaxPool2d(1)(up.arange(6.0).reshape(1, 2, 3))
    tensor([[[5.]]])
    """

    def forward(self, input: Tensor) -> Any:
        """A tensor whose last two sizes are ``output_size``, and the positions if they were asked for."""
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)
