"""Convolutions in one and two dimensions, and their transposes."""

from __future__ import annotations

from collections.abc import Sequence

from ... import ops
from ...tensor import Tensor

__all__ = ["conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"]

Size = int | Sequence[int]


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """Cross-correlate (N, C, L) or (C, L) with ``weight`` (out, C / groups, K).

    ``padding`` is a size, ``'valid'`` or ``'same'``.

    >>> import upriver as up
    >>> up.nn.functional.conv1d(up.tensor([[[1.0, 2.0, 3.0]]]), up.ones(1, 1, 2))
    tensor([[[3., 5.]]])
    """
    input, amount = _explicit_padding(input, weight, stride, padding, dilation, 1)
    return ops.conv1d(input, weight, bias, stride, amount, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """Cross-correlate (N, C, H, W) or (C, H, W) with ``weight`` (out, C / groups, KH, KW).

    ``padding`` is a size or a pair, ``'valid'`` or ``'same'``.

    >>> import upriver as up
    >>> up.nn.functional.conv2d(up.ones(1, 1, 2, 2), up.ones(1, 1, 2, 2))
    tensor([[[[4.]]]])
    """
    input, amount = _explicit_padding(input, weight, stride, padding, dilation, 2)
    return ops.conv2d(input, weight, bias, stride, amount, dilation, groups)


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """The adjoint of `conv1d` in its input: (N, C, L) or (C, L) with ``weight`` (C, out / groups, K).

    >>> import upriver as up
    >>> up.nn.functional.conv_transpose1d(up.tensor([[[1.0, 2.0]]]), up.ones(1, 1, 2))
    tensor([[[1., 3., 2.]]])
    """
    return ops.conv_transpose1d(input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """The adjoint of `conv2d` in its input: (N, C, H, W) or (C, H, W) with ``weight`` (C, out / groups, KH,
    KW).

    >>> import upriver as up
    >>> up.nn.functional.conv_transpose2d(up.ones(1, 1, 1, 1), up.ones(1, 1, 2, 2)).sum()
    tensor(4.)
    """
    return ops.conv_transpose2d(input, weight, bias, stride, padding, output_padding, groups, dilation)


def tuple_of(size: Size, spatial: int) -> tuple[int, ...]:
    """``size`` once for each spatial dimension."""
    return (size,) * spatial if isinstance(size, int) else tuple(size)


def same_padding(kernel: Sequence[int], dilation: Sequence[int]) -> list[int]:
    """What `pad` takes to keep the size at stride 1: the odd entry goes after, the last dimension comes
    first.
    """
    pairs = [
        (step * (size - 1) // 2, step * (size - 1) - step * (size - 1) // 2)
        for size, step in zip(kernel, dilation, strict=True)
    ]
    return [side for pair in reversed(pairs) for side in pair]


def _explicit_padding(
    input: Tensor, weight: Tensor, stride: Size, padding: Size | str, dilation: Size, spatial: int
) -> tuple[Tensor, Size]:
    """``input`` and a padding in numbers; an uneven ``'same'`` is put on ``input`` itself."""
    if not isinstance(padding, str):
        return input, padding
    if padding == "valid":
        return input, 0
    if padding != "same":
        raise RuntimeError(f"Invalid padding string: '{padding}'. Give 'valid', 'same' or a size.")
    if any(step != 1 for step in tuple_of(stride, spatial)):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    sides = same_padding(weight.shape[2:], tuple_of(dilation, spatial))
    if sides[::2] == sides[1::2]:
        return input, tuple(sides[::2][::-1])
    return ops.pad(input, sides), 0
