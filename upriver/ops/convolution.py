"""Convolution (cross-correlation) in one and two dimensions, and its transpose.

The forward, the gradient of its input and the gradient of its weight are each an operator, and each one's
rules are the other two: the three are closed under differentiation. One dimension is two with a height of 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..kernels import convolution as kernel
from ..tensor import Tensor
from .checks import same_type, sizes
from .index import embed
from .namespace import Namespace
from .registry import Kind, op
from .shape import squeeze, unsqueeze

__all__ = ["conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"]

Array = np.ndarray[Any, Any]
Pair = tuple[int, int]
Size = int | Sequence[int]

CONTRACTION = Kind.CONTRACTION

C_NAMES = {"float32": "float", "float64": "double"}  # how PyTorch's message calls these types


def pair(shape: Any) -> Pair:
    """The height and width at the end of a shape."""
    return (shape[-2], shape[-1])


@op(CONTRACTION, node="ConvolutionBackward0", shown="conv2d",
    input=lambda F, g, weight, input_shape, stride, padding, dilation, groups:
        F.conv_to_input(g, weight, pair(input_shape), stride, padding, dilation, groups),
    weight=lambda F, g, input, weight_shape, stride, padding, dilation, groups:
        F.conv_to_weight(g, input, pair(weight_shape), stride, padding, dilation, groups),
    bias=lambda F, g: F.sum_over(g, (0, 2, 3), False))  # fmt: skip
def conv(
    xp: Namespace,
    input: Array,
    weight: Array,
    bias: Array | None,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> Array:
    """Correlate (N, C, H, W) with (out, C / groups, h, w), and add a bias (out)."""
    return kernel.conv2d(input, weight, bias, stride, padding, dilation, groups)


@op(CONTRACTION,
    grad_output=lambda F, g, weight, stride, padding, dilation, groups:
        F.conv(g, weight, None, stride, padding, dilation, groups),
    weight=lambda F, g, grad_output, weight_shape, stride, padding, dilation, groups:
        F.conv_to_weight(grad_output, g, pair(weight_shape), stride, padding, dilation, groups),
    bias=lambda F, g: F.sum_over(g, (0, 2, 3), False),
    node="ConvolutionBackward0", shown="conv_transpose2d")  # fmt: skip
def conv_to_input(
    xp: Namespace, grad_output: Array, weight: Array, image: Pair, stride: Pair, padding: Pair,
    dilation: Pair, groups: int, bias: Array | None = None,
) -> Array:  # fmt: skip
    """The gradient of the input, of height and width ``image``; with a bias, transposed convolution."""
    total = kernel.conv2d_input_gradient(grad_output, weight, image, stride, padding, dilation, groups)
    if bias is not None:
        total += bias[:, None, None]
    return total


@op(CONTRACTION,
    grad_output=lambda F, g, input, stride, padding, dilation, groups:
        F.conv(input, g, None, stride, padding, dilation, groups),
    input=lambda F, g, grad_output, input_shape, stride, padding, dilation, groups:
        F.conv_to_input(grad_output, g, pair(input_shape), stride, padding, dilation, groups))  # fmt: skip
def conv_to_weight(
    xp: Namespace,
    grad_output: Array,
    input: Array,
    window: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> Array:
    """The gradient of the weight of :func:`conv`, whose kernel has height and width ``window``."""
    shape = (grad_output.shape[1], input.shape[1] // groups, *window)
    return kernel.conv2d_weight_gradient(grad_output, input, shape, stride, padding, dilation, groups)


# -- functions -----------------------------------------------------------------------------------------------


def conv2d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Size = 1, padding: Size | str = 0,
    dilation: Size = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """Correlate (N, C, H, W) or (C, H, W) with ``weight`` (out, C / groups, h, w).

    ``padding`` is a size, ``'valid'`` or ``'same'``. Raises RuntimeError where shapes or element types do not
    fit.

    >>> import upriver as up
    >>> up.conv2d(up.ones(1, 1, 2, 2), up.ones(1, 1, 2, 2))
    tensor([[[[4.]]]])
    """
    return _convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv1d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Size = 1, padding: Size | str = 0,
    dilation: Size = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """Correlate (N, C, L) or (C, L) with ``weight`` (out, C / groups, K); see :func:`conv2d`.

    >>> import upriver as up
    >>> up.conv1d(up.tensor([[[1.0, 2.0, 3.0]]]), up.ones(1, 1, 2))
    tensor([[[3., 5.]]])
    """
    return _convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def _convolve(
    name: str, dims: int, input: Tensor, weight: Tensor, bias: Tensor | None, stride: Size,
    padding: Size | str, dilation: Size, groups: int,
) -> Tensor:  # fmt: skip
    steps, spaces = sizes(stride, dims, "stride"), sizes(dilation, dims, "dilation")
    _check_rank(name, dims, input, weight)
    if isinstance(padding, str):
        input, frame = _named_padding(padding, input, weight.shape[-dims:], steps, spaces)
    else:
        frame = sizes(padding, dims, "padding")
    _check_settings(steps, frame, spaces, groups)
    _check_types(input, weight, bias)
    _check_forward(dims, input, weight, bias, groups)
    image, filters = _flat(input, dims, dims + 2), weight if dims == 2 else unsqueeze(weight, 2)
    lead = (1,) * (2 - dims), (0,) * (2 - dims)
    result = conv(image, filters, bias, lead[0] + steps, lead[1] + frame, lead[0] + spaces, groups)
    return _unflat(result, input, dims)


def conv_transpose2d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Size = 1, padding: Size = 0,
    output_padding: Size = 0, groups: int = 1, dilation: Size = 1,
) -> Tensor:  # fmt: skip
    """The transpose of :func:`conv2d` with ``weight`` (C, out / groups, h, w): from its output to its input.

    ``output_padding`` widens the result at its end, where several sizes have the same convolved size.

    >>> import upriver as up
    >>> up.conv_transpose2d(up.ones(1, 1, 1, 1), up.ones(1, 1, 2, 2))
    tensor([[[[1., 1.],
              [1., 1.]]]])
    """
    return _transpose(
        "conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose1d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Size = 1, padding: Size = 0,
    output_padding: Size = 0, groups: int = 1, dilation: Size = 1,
) -> Tensor:  # fmt: skip
    """The transpose of :func:`conv1d` with ``weight`` (C, out / groups, K); see :func:`conv_transpose2d`.

    >>> import upriver as up
    >>> up.conv_transpose1d(up.tensor([[[1.0, 2.0]]]), up.ones(1, 1, 2))
    tensor([[[1., 3., 2.]]])
    """
    return _transpose(
        "conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def _transpose(
    name: str, dims: int, input: Tensor, weight: Tensor, bias: Tensor | None, stride: Size, padding: Size,
    output_padding: Size, groups: int, dilation: Size,
) -> Tensor:  # fmt: skip
    steps, spaces = sizes(stride, dims, "stride"), sizes(dilation, dims, "dilation")
    frame, extra = sizes(padding, dims, "padding"), sizes(output_padding, dims, "output_padding")
    _check_rank(name, dims, input, weight)
    _check_settings(steps, frame, spaces, groups)
    _check_types(input, weight, bias)
    _check_transposed(dims, input, weight, bias, groups)
    if any(more >= max(step, space) for more, step, space in zip(extra, steps, spaces, strict=True)):
        raise RuntimeError(
            "output padding must be smaller than either stride or dilation, but got output_padding "
            f"{list(extra)}, stride {list(steps)} and dilation {list(spaces)}"
        )
    grown = tuple(
        (length - 1) * step - 2 * pad + space * (window - 1) + more + 1
        for length, step, pad, space, window, more in zip(
            input.shape[-dims:], steps, frame, spaces, weight.shape[-dims:], extra, strict=True
        )
    )
    image, filters = _flat(input, dims, dims + 2), weight if dims == 2 else unsqueeze(weight, 2)
    lead = (1,) * (2 - dims), (0,) * (2 - dims)
    result = conv_to_input(
        image, filters, lead[0] + grown, lead[0] + steps, lead[1] + frame, lead[0] + spaces, groups, bias
    )
    return _unflat(result, input, dims)


def _flat(input: Tensor, dims: int, rank: int) -> Tensor:
    """``input`` as (N, C, H, W): a batch of one and a height of 1 are added where they lack."""
    if input.dim() < rank:
        input = unsqueeze(input, 0)
    return unsqueeze(input, 2) if dims == 1 else input


def _unflat(result: Any, input: Tensor, dims: int) -> Tensor:
    if dims == 1:
        result = squeeze(result, 2)
    return squeeze(result, 0) if input.dim() == dims + 1 else result


def _named_padding(
    padding: str, input: Tensor, window: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tuple[Tensor, tuple[int, ...]]:
    """The input, padded where one side gets more than the other, and the padding left for both sides."""
    if padding == "valid":
        return input, (0,) * len(window)
    if padding != "same":
        raise RuntimeError(f"Invalid padding string: '{padding}'. Give 'valid', 'same' or a size.")
    if any(step != 1 for step in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    totals = [space * (length - 1) for space, length in zip(dilation, window, strict=True)]
    if any(total % 2 for total in totals):
        grown = [
            length + total % 2 for length, total in zip(input.shape[-len(totals) :], totals, strict=True)
        ]
        inside = (..., *(slice(0, length) for length in input.shape[-len(totals) :]))
        input = embed(input, (*input.shape[: -len(totals)], *grown), inside)
    return input, tuple(total // 2 for total in totals)


# -- checks --------------------------------------------------------------------------------------------------


def _check_rank(name: str, dims: int, input: Tensor, weight: Tensor) -> None:
    if input.dim() not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got input of "
            f"size: {list(input.shape)}"
        )
    if weight.dim() != dims + 2:
        raise RuntimeError(
            f"weight should have at least three dimensions: {name} expects {dims + 2}, but got weight of "
            f"size {list(weight.shape)}"
        )


def _check_settings(
    stride: Sequence[int], padding: Sequence[int], dilation: Sequence[int], groups: int
) -> None:
    if min(stride) < 1:
        raise RuntimeError(f"non-positive stride is not supported: got {list(stride)}")
    if min(padding) < 0:
        raise RuntimeError(f"negative padding is not supported: got {list(padding)}")
    if min(dilation) < 1:
        raise RuntimeError(f"dilation should be greater than zero, but got {list(dilation)}")
    if groups < 1:
        raise RuntimeError(f"non-positive groups is not supported: got {groups}")


def _check_types(input: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    same_type(input._array, weight._array)
    if bias is not None and bias._array.dtype != input._array.dtype:
        kinds = [C_NAMES.get(t.dtype.name, t.dtype.name) for t in (input, bias)]
        raise RuntimeError(f"Input type ({kinds[0]}) and bias type ({kinds[1]}) should be the same")


def _check_forward(dims: int, input: Tensor, weight: Tensor, bias: Tensor | None, groups: int) -> None:
    filters, channels = list(weight.shape), input.shape[-dims - 1]
    if filters[0] == 0:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least 1 at dimension 0, but got weight of size "
            f"{filters} instead"
        )
    if filters[1] * groups != channels:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {filters}, expected input{list(input.shape)} to have "
            f"{filters[1] * groups} channels, but got {channels} channels instead"
        )
    if filters[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got "
            f"weight of size [{filters}] instead"
        )
    _check_bias(f"Given weight of size {filters}", bias, filters[0])


def _check_transposed(dims: int, input: Tensor, weight: Tensor, bias: Tensor | None, groups: int) -> None:
    filters, channels = list(weight.shape), input.shape[-dims - 1]
    if filters[0] != channels:
        raise RuntimeError(
            f"Given transposed=1, weight of size {filters}, expected input{list(input.shape)} to have "
            f"{filters[0]} channels, but got {channels} channels instead"
        )
    if filters[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got "
            f"weight of size [{filters}] instead"
        )
    _check_bias(f"Given transposed=1, weight of size {filters}", bias, filters[1] * groups)


def _check_bias(given: str, bias: Tensor | None, channels: int) -> None:
    if bias is not None and tuple(bias.shape) != (channels,):
        raise RuntimeError(
            f"{given}, expected bias to be 1-dimensional with {channels} elements, but got bias of size "
            f"{list(bias.shape)} instead"
        )
