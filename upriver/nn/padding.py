"""Padding layers, and layers that trade channels for pixels."""

from __future__ import annotations

from typing import ClassVar

from ..tensor import Tensor
from . import functional as F
from .functional.conv import Size, tuple_of
from .module import Module

__all__ = [
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d",
    "PixelShuffle", "PixelUnshuffle", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d",
    "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]  # fmt: skip


class _Pad(Module):
    """Padding of the last ``spatial`` dimensions: one size, or both sides of each, the last dimension
    first.
    """

    spatial: ClassVar[int]
    mode: ClassVar[str]

    padding: tuple[int, ...]

    def __init__(self, padding: Size) -> None:
        super().__init__()
        self.padding = tuple_of(padding, 2 * self.spatial)

    def forward(self, input: Tensor) -> Tensor:
        """A larger tensor."""
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    mode = "constant"

    def __init__(self, padding: Size, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """A larger tensor."""
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """The sizes and the value."""
        return f"padding={self.padding}, value={self.value}"


class _ZeroPad(_ConstantPad):
    def __init__(self, padding: Size) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.padding}"


class _ReflectionPad(_Pad):
    mode = "reflect"


class _ReplicationPad(_Pad):
    mode = "replicate"


class _CircularPad(_Pad):
    mode = "circular"


class ConstantPad1d(_ConstantPad):
    """Extends (N, C, L) or (C, L) by ``value``.

    >>> import upriver as up
    >>> up.nn.ConstantPad1d(1, 7.0)(up.tensor([[1.0, 2.0]]))[0].tolist()
    [7.0, 1.0, 2.0, 7.0]
    """

    spatial = 1


class ConstantPad2d(_ConstantPad):
    """Extends (N, C, H, W) or (C, H, W) by ``value``.

    >>> import upriver as up
    >>> up.nn.ConstantPad2d(1, 7.0)(up.ones(1, 2, 2)).shape
    torch.Size([1, 4, 4])
    """

    spatial = 2


class ConstantPad3d(_ConstantPad):
    """Extends (N, C, D, H, W) or (C, D, H, W) by ``value``.

    >>> import upriver as up
    >>> up.nn.ConstantPad3d(1, 7.0)(up.ones(1, 2, 2, 2)).shape
    torch.Size([1, 4, 4, 4])
    """

    spatial = 3


class ZeroPad1d(_ZeroPad):
    """Extends (N, C, L) or (C, L) by 0.

    >>> import upriver as up
    >>> up.nn.ZeroPad1d(1)(up.tensor([[1.0, 2.0]]))[0].tolist()
    [0.0, 1.0, 2.0, 0.0]
    """

    spatial = 1


class ZeroPad2d(_ZeroPad):
    """Extends (N, C, H, W) or (C, H, W) by 0.

    >>> import upriver as up
    >>> up.nn.ZeroPad2d(1)(up.ones(1, 2, 2)).shape
    torch.Size([1, 4, 4])
    """

    spatial = 2


class ZeroPad3d(_ZeroPad):
    """Extends (N, C, D, H, W) or (C, D, H, W) by 0.

    >>> import upriver as up
    >>> up.nn.ZeroPad3d(1)(up.ones(1, 2, 2, 2)).shape
    torch.Size([1, 4, 4, 4])
    """

    spatial = 3


class ReflectionPad1d(_ReflectionPad):
    """Extends (N, C, L) or (C, L) by its mirror image, the edge not repeated.

    >>> import upriver as up
    >>> up.nn.ReflectionPad1d(1)(up.tensor([[1.0, 2.0]]))[0].tolist()
    [2.0, 1.0, 2.0, 1.0]
    """

    spatial = 1


class ReflectionPad2d(_ReflectionPad):
    """Extends (N, C, H, W) or (C, H, W) by its mirror image, the edge not repeated.

    >>> import upriver as up
    >>> up.nn.ReflectionPad2d(1)(up.ones(1, 2, 2)).shape
    torch.Size([1, 4, 4])
    """

    spatial = 2


class ReflectionPad3d(_ReflectionPad):
    """Extends (N, C, D, H, W) or (C, D, H, W) by its mirror image, the edge not repeated.

    >>> import upriver as up
    >>> up.nn.ReflectionPad3d(1)(up.ones(1, 2, 2, 2)).shape
    torch.Size([1, 4, 4, 4])
    """

    spatial = 3


class ReplicationPad1d(_ReplicationPad):
    """Extends (N, C, L) or (C, L) by its edge.

    >>> import upriver as up
    >>> up.nn.ReplicationPad1d(1)(up.tensor([[1.0, 2.0]]))[0].tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    spatial = 1


class ReplicationPad2d(_ReplicationPad):
    """Extends (N, C, H, W) or (C, H, W) by its edge.

    >>> import upriver as up
    >>> up.nn.ReplicationPad2d(1)(up.ones(1, 2, 2)).shape
    torch.Size([1, 4, 4])
    """

    spatial = 2


class ReplicationPad3d(_ReplicationPad):
    """Extends (N, C, D, H, W) or (C, D, H, W) by its edge.

    >>> import upriver as up
    >>> up.nn.ReplicationPad3d(1)(up.ones(1, 2, 2, 2)).shape
    torch.Size([1, 4, 4, 4])
    """

    spatial = 3


class CircularPad1d(_CircularPad):
    """Extends (N, C, L) or (C, L) by its opposite end.

    >>> import upriver as up
    >>> up.nn.CircularPad1d(1)(up.tensor([[1.0, 2.0]]))[0].tolist()
    [2.0, 1.0, 2.0, 1.0]
    """

    spatial = 1


class CircularPad2d(_CircularPad):
    """Extends (N, C, H, W) or (C, H, W) by its opposite end.

    >>> import upriver as up
    >>> up.nn.CircularPad2d(1)(up.ones(1, 2, 2)).shape
    torch.Size([1, 4, 4])
    """

    spatial = 2


class CircularPad3d(_CircularPad):
    """Extends (N, C, D, H, W) or (C, D, H, W) by its opposite end.

    >>> import upriver as up
    >>> up.nn.CircularPad3d(1)(up.ones(1, 2, 2, 2)).shape
    torch.Size([1, 4, 4, 4])
    """

    spatial = 3


class PixelShuffle(Module):
    """(*, C * r * r, H, W) to (*, C, H * r, W * r).

    >>> import upriver as up
    >>> up.nn.PixelShuffle(2)(up.ones(1, 4, 3, 3)).shape
    torch.Size([1, 1, 6, 6])
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """A tensor with fewer channels and more pixels."""
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """The factor."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """(*, C, H * r, W * r) to (*, C * r * r, H, W).

    >>> import upriver as up
    >>> up.nn.PixelUnshuffle(2)(up.ones(1, 1, 6, 6)).shape
    torch.Size([1, 4, 3, 3])
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """A tensor with more channels and fewer pixels."""
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """The factor."""
        return f"downscale_factor={self.downscale_factor}"
