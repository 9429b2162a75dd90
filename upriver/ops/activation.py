"""Activation functions that are one operator, fused or with a rule of their own.

At the kinks the derivatives are PyTorch's: 0 for relu at 0, the lower branch for elu and leaky_relu.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..kernels import activations as kernel
from ..kernels import choosing, special
from ..tensor import Tensor
from .checks import refuse_unless_floating
from .namespace import Namespace
from .registry import Kind, op

__all__ = [
    "celu", "elu", "gelu", "hardtanh", "leaky_relu", "log_sigmoid", "logsigmoid", "mish", "prelu", "relu",
    "selu", "silu", "softplus", "softsign", "threshold",
]  # fmt: skip

Array = np.ndarray[Any, Any]

ELEMENTWISE = Kind.ELEMENTWISE

# -- straight pieces -----------------------------------------------------------------------------------------


@op(ELEMENTWISE, input=lambda F, g, out: F.relu_backward(g, out))
def relu(xp: Namespace, input: Array) -> Array:
    """``max(input, 0)``; the derivative at 0 is 0."""
    if input.dtype.kind == "b":
        raise RuntimeError("Boolean inputs not supported for relu")
    _refuse_complex(input)
    return choosing.positive(input)


# Straight pieces have no second derivative, but PyTorch's formulas lead there: with a gradient of zero.


@op(Kind.GENERAL, grad_output=lambda F, g, output: F.relu_backward(g, output),
    output=lambda F, g: F.zeros_like(g))  # fmt: skip
def relu_backward(xp: Namespace, grad_output: Array, output: Array) -> Array:
    """``grad_output`` where the ``output`` of relu is positive (or NaN), 0 elsewhere."""
    return choosing.zero_where(xp.less_equal(output, choosing.zero(output.dtype)), grad_output)


@op(Kind.GENERAL, grad_output=lambda F, g: g, input=lambda F, g: F.zeros_like(g))
def straight(xp: Namespace, grad_output: Array, input: Array) -> Array:
    """``grad_output`` itself, which a step of ``input`` chose: a gradient of zero leads back to ``input``."""
    return grad_output


@op(
    ELEMENTWISE,
    input=lambda F, g, input, min_val, max_val: F.straight(
        F.mask_where((input <= min_val) | (input >= max_val), g), input
    ),
)
def hardtanh(xp: Namespace, input: Array, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """``input`` held between two bounds; at and beyond the bounds the derivative is 0."""
    if input.dtype.kind == "b":
        raise RuntimeError("Bool inputs not supported for hardtanh")
    _refuse_complex(input)
    kind = input.dtype.type
    return xp.clip(input, kind(min_val), kind(max_val))


@op(ELEMENTWISE, input=lambda F, g, input, threshold: F.straight(F.mask_where(input <= threshold, g), input))
def threshold(xp: Namespace, input: Array, threshold: float, value: float) -> Array:
    """``input`` where it is above ``threshold``, ``value`` elsewhere."""
    if input.dtype.kind in "bc":
        refuse_unless_floating(input, "threshold_cpu")
    kind = input.dtype.type
    return xp.where(input <= kind(threshold), kind(value), input)


@op(ELEMENTWISE, input=lambda F, g, input, negative_slope: F.leaky_relu_backward(g, input, negative_slope))
def leaky_relu(xp: Namespace, input: Array, negative_slope: float = 0.01) -> Array:
    """``input`` where positive, ``negative_slope * input`` elsewhere."""
    refuse_unless_floating(input, "leaky_relu_cpu")
    lowered = input * input.dtype.type(negative_slope)
    return (
        xp.maximum(input, lowered) if 0 <= negative_slope <= 1 else choosing.select(input > 0, input, lowered)
    )


@op(
    Kind.GENERAL,
    grad_output=lambda F, g, input, negative_slope: F.leaky_relu_backward(g, input, negative_slope),
    input=lambda F, g: F.zeros_like(g),
)
def leaky_relu_backward(xp: Namespace, grad_output: Array, input: Array, negative_slope: float) -> Array:
    """``grad_output`` times the slope of leaky_relu at ``input``."""
    return choosing.select(input > 0, grad_output, grad_output * grad_output.dtype.type(negative_slope))


@op(ELEMENTWISE, node="PreluKernelBackward0", shown="prelu",
    input=lambda F, g, input, weight: F.straight(F.where(input > 0, g, g * weight), input),
    weight=lambda F, g, input: F.mask_where(input > 0, g * input))  # fmt: skip
def prelu_kernel(xp: Namespace, input: Array, weight: Array) -> Array:
    """``input`` where positive, ``weight * input`` elsewhere; the two broadcast."""
    refuse_unless_floating(input, "prelu_cpu")
    return choosing.select(input > 0, input, weight * input)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """``input`` where positive, ``weight * input`` elsewhere: a leaky ReLU whose slope is learned.

    ``weight`` holds one slope, or one for each channel (dimension 1 of ``input``); RuntimeError otherwise.

    >>> import upriver as up
    >>> up.prelu(up.tensor([-2.0, 2.0]), up.tensor([0.25]))
    tensor([-0.5000,  2.0000])
    """
    if weight.dim() > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.dim()}"
        )
    channels = input.shape[1] if input.dim() > 1 else 1
    if weight.numel() not in (1, channels):
        raise RuntimeError(
            f"Mismatch of parameter numbers and input channel size. Found parameter numbers = "
            f"{weight.numel()} and channel size = {channels}."
        )
    shape = () if input.dim() == 0 else (weight.numel(), *[1] * (input.dim() - 2))
    output: Tensor = prelu_kernel(input, weight.reshape(shape))
    return output


def _refuse_complex(input: Array) -> None:
    if input.dtype.kind == "c":
        raise NotImplementedError("clamp is not supported for complex types")


# -- gated by a distribution ---------------------------------------------------------------------------------


@op(ELEMENTWISE, input=lambda F, g, input: F.silu_backward(g, input))
def silu(xp: Namespace, input: Array) -> Array:
    """``input * sigmoid(input)``."""
    if input.dtype.kind == "c":
        return input / (1 + xp.exp(-input))
    refuse_unless_floating(input, "silu_cpu")
    return kernel.silu(input)


def silu_bend(F: Any, input: Any) -> Any:
    """The second derivative of silu."""
    s = F.sigmoid(input)
    return s * (1 - s) * (input * (1 - 2 * s) + 2)


@op(Kind.GENERAL, grad_output=lambda F, g, input: F.silu_backward(g, input),
    input=lambda F, g, grad_output, input: g * grad_output * silu_bend(F, input))  # fmt: skip
def silu_backward(xp: Namespace, grad_output: Array, input: Array) -> Array:
    """``grad_output`` times the derivative of silu."""
    if input.dtype.kind == "c":
        s = 1 / (1 + xp.exp(-input))
        return grad_output * s * (1 + input * (1 - s))
    return kernel.silu_backward(grad_output, input)


@op(ELEMENTWISE, input=lambda F, g, input, approximate: F.gelu_backward(g, input, approximate))
def gelu(xp: Namespace, input: Array, approximate: str = "none") -> Array:
    """``input`` times its normal distribution function; ``approximate='tanh'`` for the cheaper formula."""
    refuse_unless_floating(input, "GeluKernelImpl")
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"approximate argument must be either none or tanh. Got {approximate!r}.")
    return kernel.gelu(input, approximate)


def gelu_bend(F: Any, input: Any, approximate: str) -> Any:
    """The second derivative of gelu."""
    square = input * input
    if approximate == "none":
        return (2 - square) * F.exp(square * -0.5) * (1 / math.sqrt(2 * math.pi))
    a, k = 0.044715, math.sqrt(2 / math.pi)
    t = F.tanh(input * (1 + a * square) * k)
    slope = (1 + 3 * a * square) * k
    return (1 - t * t) * (slope + input * (3 * a * k * input - t * slope * slope))


@op(Kind.GENERAL, grad_output=lambda F, g, input, approximate: F.gelu_backward(g, input, approximate),
    input=lambda F, g, grad_output, input, approximate:
        g * grad_output * gelu_bend(F, input, approximate))  # fmt: skip
def gelu_backward(xp: Namespace, grad_output: Array, input: Array, approximate: str) -> Array:
    """``grad_output`` times the derivative of gelu."""
    return kernel.gelu_backward(grad_output, input, approximate)


@op(ELEMENTWISE, input=lambda F, g, input: mish_gradient(F, g, input))
def mish(xp: Namespace, input: Array) -> Array:
    """``input * tanh(softplus(input))``."""
    refuse_unless_floating(input, "mish_cpu")
    return input * xp.tanh(special.softplus(input))


def mish_gradient(F: Any, g: Any, input: Any) -> Any:
    """The rule of ``mish``."""
    gate = F.tanh(F.softplus(input))
    return g * (gate + input * F.sigmoid(input) * (1 - gate * gate))


# -- exponential pieces --------------------------------------------------------------------------------------


@op(ELEMENTWISE, input=lambda F, g, input, beta, threshold: softplus_gradient(F, g, input, beta, threshold))
def softplus(xp: Namespace, input: Array, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """``log(1 + exp(beta * input)) / beta``, and ``input`` itself where ``beta * input > threshold``."""
    refuse_unless_floating(input, "softplus_cpu")
    return special.softplus(input, beta, threshold)


def softplus_gradient(F: Any, g: Any, input: Any, beta: float, threshold: float) -> Any:
    """The rule of ``softplus``: a sigmoid, and exactly 1 where it is linear."""
    scaled = input if beta == 1 else input * beta
    return F.where(scaled > threshold, g, g * F.sigmoid(scaled))


@op(ELEMENTWISE, input=lambda F, g, input: g * F.sigmoid(-input))
def log_sigmoid(xp: Namespace, input: Array) -> Array:
    """The logarithm of ``sigmoid``, accurate where the sigmoid itself underflows."""
    refuse_unless_floating(input, "log_sigmoid_cpu")
    return -special.softplus(-input, 1.0, np.inf)


@op(ELEMENTWISE,
    input=lambda F, g, input, alpha, scale, input_scale:
        g * F.elu_slope(input, alpha, scale, input_scale))  # fmt: skip
def elu(
    xp: Namespace, input: Array, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0
) -> Array:
    """``scale * input`` where positive, ``scale * alpha * (exp(input_scale * input) - 1)`` elsewhere."""
    refuse_unless_floating(input, "elu_cpu")
    kind = input.dtype.type
    below = xp.expm1(xp.minimum(input, kind(0)) * kind(input_scale)) * kind(alpha * scale)
    return choosing.select(input > 0, input * kind(scale), below)


@op(ELEMENTWISE, input=lambda F, g, input, out, input_scale: F.mask_where(input >= 0, g * out * input_scale))
def elu_slope(xp: Namespace, input: Array, alpha: float, scale: float, input_scale: float) -> Array:
    """The derivative of elu: that of the lower branch at 0."""
    kind = input.dtype.type
    below = xp.exp(xp.minimum(input, kind(0)) * kind(input_scale)) * kind(alpha * scale * input_scale)
    return xp.where(input > 0, kind(scale), below)


# The fixed point of mean 0 and variance 1 (Klambauer et al., Self-Normalizing Neural Networks).
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def selu(input: Tensor) -> Tensor:
    """The scaled ``elu`` that keeps mean 0 and variance 1 from layer to layer."""
    return elu(input, SELU_ALPHA, SELU_SCALE)


def celu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """``input`` where positive, ``alpha * (exp(input / alpha) - 1)`` elsewhere.

    Raises RuntimeError when ``alpha`` is 0.
    """
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU. Give a positive alpha.")
    return elu(input, alpha, 1.0, 1.0 / alpha)


def softsign(input: Tensor) -> Tensor:
    """``input / (1 + abs(input))``."""
    return input / (input.abs() + 1)


logsigmoid = log_sigmoid
