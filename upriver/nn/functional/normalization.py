"""Normalisation over features, groups, channels and batches."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ... import ops
from ...autograd import no_grad
from ...dtypes import finfo
from ...ops.normalization import normalize, scale_shift
from ...tensor import Tensor

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "local_response_norm", "rms_norm"]


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Mean 0 and variance 1 over the trailing ``normalized_shape``, then ``* weight + bias``.

    Raises RuntimeError when ``input`` does not end in ``normalized_shape``.

    >>> import upriver as up
    >>> up.nn.functional.layer_norm(up.tensor([[1.0, 3.0]]), [2])
    tensor([[-1.0000,  1.0000]])
    """
    _check_trailing(input, normalized_shape, {"weight": weight, "bias": bias})
    return ops.layer_norm(input, weight, bias, len(normalized_shape), eps)


def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """``input`` divided by its root mean square over the trailing ``normalized_shape``, then ``* weight``.

    ``eps`` is added to the mean square; None stands for the rounding unit of the dtype.

    >>> import upriver as up
    >>> up.nn.functional.rms_norm(up.tensor([[3.0, 3.0]]), [2])
    tensor([[1., 1.]])
    """
    _check_trailing(input, normalized_shape, {"weight": weight})
    tiny = float(finfo(input.dtype).eps) if eps is None else eps
    return ops.rms_norm(input, weight, len(normalized_shape), tiny)


def _check_trailing(input: Tensor, shape: Sequence[int], affine: dict[str, Tensor | None]) -> None:
    wanted = tuple(shape)
    if not wanted:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, "
            "but got normalized_shape = []"
        )
    for name, tensor in affine.items():
        if tensor is not None and tuple(tensor.shape) != wanted:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(tensor.shape)} and normalized_shape = {list(wanted)}"
            )
    if tuple(input.shape[-len(wanted) :]) != wanted:
        sizes = "".join(f", {size}" for size in wanted)
        raise RuntimeError(
            f"Given normalized_shape={list(wanted)}, expected input with shape [*{sizes}], but got input of "
            f"size{list(input.shape)}"
        )


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Mean 0 and variance 1 over each group of channels (N, C, *), then ``* weight + bias`` for each channel.

    Raises RuntimeError when C is not a multiple of ``num_groups``, ValueError when a group has one value.

    >>> import upriver as up
    >>> up.nn.functional.group_norm(up.tensor([[1.0, 3.0, 5.0, 5.0]]), 2)
    tensor([[-1.0000,  1.0000,  0.0000,  0.0000]])
    """
    if input.dim() < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {input.dim()}")
    batch, channels = input.shape[:2]
    if num_groups < 1 or channels % num_groups:
        raise RuntimeError(
            f"Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(input.shape)} and num_groups={num_groups}"
        )
    rows = input.reshape(batch, num_groups, math.prod(input.shape[1:]) // num_groups)
    if batch * rows.size(2) == 1:
        _refuse_one_value([batch * channels // num_groups, num_groups, *input.shape[2:]])
    output, _, _ = normalize(rows, (2,), eps)
    return _per_channel(output.reshape(input.shape), weight, bias)


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Mean 0 and variance 1 over the positions of each channel of each sample (N, C, *).

    With ``use_input_stats=False`` the running statistics normalise instead.

    >>> import upriver as up
    >>> up.nn.functional.instance_norm(up.tensor([[[1.0, 3.0]]]))
    tensor([[[-1.0000,  1.0000]]])
    """
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    batch, channels = input.shape[:2]
    count = math.prod(input.shape[2:])
    if count == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.size()}")
    output, rstd, mean = normalize(input, tuple(range(2, input.dim())), eps)
    if running_mean is not None and running_var is not None:
        with no_grad():
            variance = _unbiased(rstd, eps, count)
            _blend(running_mean, mean.reshape(batch, channels).mean(0), momentum)
            _blend(running_var, variance.reshape(batch, channels).mean(0), momentum)
    return _per_channel(output, weight, bias)


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Mean 0 and variance 1 for each channel (N, C, *) over the batch, then ``* weight + bias``.

    In training the batch's own statistics are used and blended into the running ones in place (the variance
    corrected for bias); outside it the running statistics are used.

    >>> import upriver as up
    >>> up.nn.functional.batch_norm(up.tensor([[1.0], [3.0]]), None, None, training=True)
    tensor([[-1.0000],
            [ 1.0000]])
    """
    _check_channels(
        input, {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    )
    if not training:
        if running_mean is None or running_var is None:
            missing = "running_mean" if running_mean is None else "running_var"
            raise RuntimeError(f"{missing} must be defined in evaluation mode: give it, or training=True.")
        scale = ops.rsqrt(running_var + eps)
        return _per_channel((input - _column(running_mean, input)) * _column(scale, input), weight, bias)
    count = input.numel() // input.size(1) if input.size(1) else 0
    if count == 1:
        _refuse_one_value(input.size())
    output, rstd, mean = normalize(input, (0, *range(2, input.dim())), eps)
    if running_mean is not None and running_var is not None and count:
        with no_grad():
            _blend(running_mean, mean.reshape(-1), momentum)
            _blend(running_var, _unbiased(rstd, eps, count).reshape(-1), momentum)
    return _per_channel(output, weight, bias)


def _check_channels(input: Tensor, vectors: dict[str, Tensor | None]) -> None:
    if input.dim() < 2:
        raise RuntimeError(
            f"Expected at least 2 dimensions, (N, C, *), but got input of shape {list(input.shape)}."
        )
    for name, vector in vectors.items():
        if vector is not None and vector.numel() != input.size(1):
            raise RuntimeError(f"{name} should contain {input.size(1)} elements not {vector.numel()}")


def _refuse_one_value(size: Sequence[int]) -> None:
    raise ValueError(f"Expected more than 1 value per channel when training, got input size {size}")


def _unbiased(rstd: Tensor, eps: float, count: int) -> Tensor:
    """The variance estimated from ``count`` values whose own variance, and ``eps``, are in ``rstd``."""
    return (1 / (rstd * rstd) - eps) * (count / (count - 1))


def _blend(running: Tensor, fresh: Tensor, momentum: float) -> None:
    running.mul_(1 - momentum).add_(fresh.detach().to(running.dtype), alpha=momentum)


def _column(values: Tensor, input: Tensor) -> Tensor:
    """One value a channel, shaped to broadcast over (N, C, *)."""
    return values.reshape(-1, *[1] * (input.dim() - 2))


def _per_channel(output: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    if weight is None and bias is None:
        return output
    scale, shift = (None if values is None else _column(values, output) for values in (weight, bias))
    return scale_shift(output, scale, shift)


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """``input`` divided by ``(k + alpha * mean of squares over size neighbouring channels) ** beta``.

    >>> import upriver as up
    >>> up.nn.functional.local_response_norm(up.ones(1, 3, 1), 1, alpha=3.0, beta=0.5)
    tensor([[[0.5000],
             [0.5000],
             [0.5000]]])
    """
    if input.dim() < 3:
        raise ValueError(
            f"Expected 3D or higher dimensionality                          input (got {input.dim()} "
            "dimensions)"
        )
    squares = (input * input).flatten(2)
    padded = ops.pad(squares, [0, 0, size // 2, (size - 1) // 2])
    channels = input.size(1)
    total = padded.narrow(1, 0, channels)
    for shift in range(1, size):
        total = total + padded.narrow(1, shift, channels)
    return input / (total.reshape(input.shape) * (alpha / size) + k) ** beta
