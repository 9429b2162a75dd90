"""Convolution layers in one and two dimensions, and their transposes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from .. import ops
from ..dtypes import dtype as DType
from ..tensor import Tensor
from . import functional as F
from . import init
from .functional.conv import Size, same_padding, tuple_of
from .module import Module
from .parameter import Parameter

__all__ = ["Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d"]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """What all convolutions share: sizes, parameters, words."""

    spatial: ClassVar[int]
    transposed: ClassVar[bool] = False

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size,
        padding: Size | str,
        dilation: Size,
        output_padding: Size,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: DType | None,
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = tuple_of(kernel_size, self.spatial)
        self.stride = tuple_of(stride, self.spatial)
        self.padding = padding if isinstance(padding, str) else tuple_of(padding, self.spatial)
        self.dilation = tuple_of(dilation, self.spatial)
        self.output_padding = tuple_of(output_padding, self.spatial)
        self.groups = groups
        self.padding_mode = padding_mode
        self._check()
        channels = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        shape = (channels[0], channels[1] // groups, *self.kernel_size)
        self.weight = Parameter(ops.empty(shape, device=device, dtype=dtype))
        self.register_parameter(
            "bias", Parameter(ops.empty(out_channels, device=device, dtype=dtype)) if bias else None
        )
        self.reset_parameters()

    def _check(self) -> None:
        if self.groups <= 0:
            raise ValueError(f"groups must be a positive integer, got {self.groups}.")
        for name, channels in (("in_channels", self.in_channels), ("out_channels", self.out_channels)):
            if channels % self.groups:
                raise ValueError(
                    f"{name} must be divisible by groups: got {channels} and groups={self.groups}."
                )
        if isinstance(self.padding, str):
            if self.padding not in ("valid", "same"):
                raise ValueError(
                    f"Invalid padding string {self.padding!r}, should be one of {{'valid', 'same'}}"
                )
            if self.padding == "same" and any(step != 1 for step in self.stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if self.padding_mode not in PADDING_MODES:
            raise ValueError(
                f"padding_mode must be one of {set(PADDING_MODES)}, but got "
                f"padding_mode='{self.padding_mode}'"
            )

    def reset_parameters(self) -> None:
        """Draw all parameters uniformly within ``1 / sqrt(inputs of one output)`` of 0."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        fan_in = math.prod(self.weight.shape[1:])
        if self.bias is not None and fan_in:
            init.uniform_(self.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))

    def extra_repr(self) -> str:
        """The sizes, and the options that are not the usual ones."""
        ones, zeros = (1,) * self.spatial, (0,) * self.spatial
        words = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        )
        if self.padding != zeros:
            words += f", padding={self.padding}"
        if self.dilation != ones:
            words += f", dilation={self.dilation}"
        if self.output_padding != zeros:
            words += f", output_padding={self.output_padding}"
        if self.groups != 1:
            words += f", groups={self.groups}"
        if self.bias is None:
            words += ", bias=False"
        if self.padding_mode != "zeros":
            words += f", padding_mode={self.padding_mode}"
        return words


class _Conv(_ConvNd):
    convolve: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, 0, groups, bias, padding_mode,
            device, dtype,
        )  # fmt: skip

    def forward(self, input: Tensor) -> Tensor:
        """(N, in, *) or (in, *) to (N, out, *) or (out, *)."""
        convolve = type(self).convolve
        if self.padding_mode == "zeros":
            return convolve(
                input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
            )
        padded = F.pad(input, self._sides(), mode=self.padding_mode)
        return convolve(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def _sides(self) -> list[int]:
        """What `pad` takes: both sides of each dimension, the last dimension first."""
        if self.padding == "same":
            return same_padding(self.kernel_size, self.dilation)
        if isinstance(self.padding, str):
            return [0] * (2 * self.spatial)
        return [side for size in reversed(self.padding) for side in (size, size)]


class Conv1d(_Conv):
    """Cross-correlation over length: (N, in, L) or (in, L) to (N, out, L') or (out, L').

    >>> import upriver as up
    >>> up.nn.Conv1d(2, 4, 3, padding=1)(up.ones(1, 2, 5)).shape
    torch.Size([1, 4, 5])
    """

    spatial = 1
    convolve = staticmethod(F.conv1d)


class Conv2d(_Conv):
    """Cross-correlation over height and width: (N, in, H, W) or (in, H, W) to (N, out, H', W') or (out, H',
    W').

    >>> import upriver as up
    >>> up.nn.Conv2d(1, 6, 5)
    Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))
    """

    spatial = 2
    convolve = staticmethod(F.conv2d)


class _ConvTranspose(_ConvNd):
    transposed = True
    convolve: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Size = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, output_padding, groups, bias,
            padding_mode, device, dtype,
        )  # fmt: skip

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """(N, in, *) or (in, *) to (N, out, *) or (out, *); ``output_size`` chooses among the sizes a stride
        allows.
        """
        extra = self.output_padding if output_size is None else self._extra(input, list(output_size))
        convolve = type(self).convolve
        return convolve(
            input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation
        )

    def _extra(self, input: Tensor, wanted: list[int]) -> tuple[int, ...]:
        """The output padding that makes ``wanted``; raises ValueError when no padding does."""
        batch_dims = input.dim() - self.spatial
        if len(wanted) == input.dim():
            wanted = wanted[batch_dims:]
        if len(wanted) != self.spatial:
            raise ValueError(
                f"ConvTranspose{self.spatial}D: for {input.dim()}D input, output_size must have "
                f"{self.spatial} or {input.dim()} elements (got {len(wanted)})"
            )
        padding = tuple_of(self.padding, self.spatial)  # type: ignore[arg-type]
        smallest = [
            (size - 1) * self.stride[d] - 2 * padding[d] + self.dilation[d] * (self.kernel_size[d] - 1) + 1
            for d, size in enumerate(input.shape[batch_dims:])
        ]
        largest = [low + step - 1 for low, step in zip(smallest, self.stride, strict=True)]
        if any(not low <= size <= high for low, size, high in zip(smallest, wanted, largest, strict=True)):
            raise ValueError(
                f"requested an output size of {wanted}, but valid sizes range from {smallest} to {largest} "
                f"(for an input of {input.shape[batch_dims:]})"
            )
        return tuple(size - low for size, low in zip(wanted, smallest, strict=True))


class ConvTranspose1d(_ConvTranspose):
    """The transpose of `Conv1d`: (N, in, L) or (in, L) to a longer (N, out, L') or (out, L').

    >>> import upriver as up
    >>> up.nn.ConvTranspose1d(2, 4, 2, stride=2)(up.ones(1, 2, 5)).shape
    torch.Size([1, 4, 10])
    """

    spatial = 1
    convolve = staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_ConvTranspose):
    """The transpose of `Conv2d`: (N, in, H, W) or (in, H, W) to a larger (N, out, H', W') or (out, H', W').

    >>> import upriver as up
    >>> up.nn.ConvTranspose2d(2, 4, 2, stride=2)(up.ones(1, 2, 3, 3)).shape
    torch.Size([1, 4, 6, 6])
    """

    spatial = 2
    convolve = staticmethod(F.conv_transpose2d)
