"""Normalisation: mean 0 and variance 1 (or mean square 1) over some dimensions, then a scale and a shift.

:func:`normalize` keeps its result and one number a group for backward, not its input. Layer, group, instance,
batch and RMS normalisation are this operator over different dimensions.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..kernels import normalization as kernel
from ..tensor import Tensor
from .checks import refuse_unless_floating, same_type
from .namespace import Namespace
from .registry import Kind, op

__all__ = ["layer_norm", "rms_norm"]

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]
Dims = tuple[int, ...]


@op(Kind.GENERAL, undifferentiated=(2,), node="NativeLayerNormBackward0", shown="layer_norm",
    input=lambda F, g, outs, dims, centre:
        F.normalize_backward(g[0], g[1], outs[0], outs[1], dims, centre))  # fmt: skip
def normalize(xp: Namespace, input: Array, dims: Dims, eps: float, centre: bool = True) -> Arrays:
    """``(input - mean) * rstd`` over ``dims``, the factor ``rstd = 1 / sqrt(variance + eps)``, and the mean.

    Without ``centre`` the mean is taken as 0. The factor and the mean have length 1 along ``dims``.
    """
    refuse_unless_floating(input, "LayerNormKernelImpl")
    return kernel.normalize(input, dims, eps, centre)


def average(F: Any, values: Any, dims: Dims) -> Any:
    """The mean over ``dims``, kept with length 1."""
    return F.mean_over(values, dims, True)


def cotangent_of_normalized(F: Any, g: Any, rows: Any, dims: Dims) -> Any:
    """The rule of :func:`normalize_backward` for ``normalized``; ``rows`` are its other inputs."""
    grad_output, grad_rstd, normalized, rstd = rows
    count = math.prod(normalized.shape[dim] for dim in dims)
    scaled = g * rstd
    slope = average(F, grad_output * normalized, dims) + grad_rstd * rstd / count
    return -(scaled * slope + grad_output * average(F, scaled * normalized, dims))


def cotangent_of_rstd(F: Any, g: Any, rows: Any, dims: Dims, centre: bool) -> Any:
    """The rule of :func:`normalize_backward` for ``rstd``."""
    grad_output, grad_rstd, normalized, rstd = rows
    count = math.prod(normalized.shape[dim] for dim in dims)
    along = average(F, grad_output * normalized, dims) + 2 * grad_rstd * rstd / count
    centred = grad_output - average(F, grad_output, dims) if centre else grad_output
    return F.sum_over(g * (centred - normalized * along), dims, True)


@op(Kind.GENERAL,
    grad_output=lambda F, g, grad_rstd, normalized, rstd, dims, centre:
        F.normalize_backward(g, F.zeros_like(grad_rstd), normalized, rstd, dims, centre),
    grad_rstd=lambda F, g, normalized, rstd, dims: -average(F, g * normalized, dims) * rstd * rstd,
    normalized=lambda F, g, grad_output, grad_rstd, normalized, rstd, dims:
        cotangent_of_normalized(F, g, (grad_output, grad_rstd, normalized, rstd), dims),
    rstd=lambda F, g, grad_output, grad_rstd, normalized, rstd, dims, centre:
        cotangent_of_rstd(F, g, (grad_output, grad_rstd, normalized, rstd), dims, centre))  # fmt: skip
def normalize_backward(
    xp: Namespace,
    grad_output: Array,
    grad_rstd: Array,
    normalized: Array,
    rstd: Array,
    dims: Dims,
    centre: bool,
) -> Array:
    """The gradient of the input of :func:`normalize` from those of its first two results."""
    return kernel.normalize_backward(grad_output, grad_rstd, normalized, rstd, dims, centre)


@op(Kind.GENERAL, node="NativeLayerNormBackward0", shown="layer_norm",
    input=lambda F, g, weight: g if weight is None else g * weight,
    weight=lambda F, g, input, weight_shape: F.product_sum(g, input, weight_shape),
    bias=lambda F, g, bias_shape: F.sum_to(g, bias_shape))  # fmt: skip
def scale_shift(xp: Namespace, input: Array, weight: Array | None, bias: Array | None) -> Array:
    """``input * weight + bias``, the two broadcast to the shape of ``input``; None leaves a step out."""
    same_type(input, weight)
    same_type(input, bias)
    return kernel.scale_shift(input, weight, bias)


@op(Kind.REDUCTION, input=lambda F, g, other: g * other, other=lambda F, g, input: g * input)
def product_sum(xp: Namespace, input: Array, other: Array, shape: Dims) -> Array:
    """``input * other``, of one shape, summed over what broadcasting from ``shape`` repeats."""
    return kernel.product_sum(input, other, shape)


def layer_norm(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, axes_count: int, eps: float = 1e-5
) -> Tensor:
    """Mean 0 and variance 1 over the last ``axes_count`` dimensions, then ``* weight + bias``."""
    dims = tuple(range(input.dim() - axes_count, input.dim()))
    normalized: Tensor = normalize(input, dims, eps)[0]
    if weight is not None or bias is not None:
        normalized = scale_shift(normalized, weight, bias)
    return normalized


def rms_norm(input: Tensor, weight: Tensor | None, axes_count: int, eps: float) -> Tensor:
    """``input`` over its root mean square along the last ``axes_count`` dimensions, then ``* weight``."""
    dims = tuple(range(input.dim() - axes_count, input.dim()))
    normalized: Tensor = normalize(input, dims, eps, False)[0]
    if weight is not None:
        normalized = scale_shift(normalized, weight, None)
    return normalized
