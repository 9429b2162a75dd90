"""Activation functions: pointwise maps, and the softmax family."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from ... import ops
from ...dtypes import dtype as DType
from ...tensor import Tensor

__all__ = [
    "celu", "elu", "gelu", "glu", "gumbel_softmax", "hardshrink", "hardsigmoid", "hardswish", "hardtanh",
    "leaky_relu", "log_softmax", "logsigmoid", "mish", "prelu", "relu", "relu6", "rrelu", "selu", "sigmoid",
    "silu", "softmax", "softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "threshold",
]  # fmt: skip


def overwrite(input: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
    """Store ``function(input)`` in ``input``; the rule of ``function`` keeps a copy of the old values."""
    return input.copy_(function(input.clone()))


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """``max(input, 0)``, with gradient 0 at 0.

    >>> import upriver as up
    >>> up.nn.functional.relu(up.tensor([-1.0, 0.0, 2.0]))
    tensor([0., 0., 2.])
    """
    return overwrite(input, ops.relu) if inplace else ops.relu(input)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """``input`` held between two bounds; at and beyond the bounds the gradient is 0.

    >>> import upriver as up
    >>> up.nn.functional.hardtanh(up.tensor([-3.0, 0.5, 3.0]))
    tensor([-1.0000,  0.5000,  1.0000])
    """
    if min_val > max_val:
        raise ValueError(
            f"min_val cannot be greater than max_val: got min_val={min_val} and max_val={max_val}."
        )
    if inplace:
        return overwrite(input, lambda values: ops.hardtanh(values, min_val, max_val))
    return ops.hardtanh(input, min_val, max_val)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """``min(max(input, 0), 6)``, with gradient 0 at 0 and at 6.

    >>> import upriver as up
    >>> up.nn.functional.relu6(up.tensor([-1.0, 3.0, 8.0]))
    tensor([0., 3., 6.])
    """
    return hardtanh(input, 0.0, 6.0, inplace)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """``input`` where it is above ``threshold``, elsewhere ``value``.

    >>> import upriver as up
    >>> up.nn.functional.threshold(up.tensor([0.5, 2.0]), 1.0, -7.0)
    tensor([-7.,  2.])
    """
    if inplace:
        return overwrite(input, lambda values: ops.threshold(values, threshold, value))
    return ops.threshold(input, threshold, value)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """``input`` where positive, ``negative_slope * input`` elsewhere.

    >>> import upriver as up
    >>> up.nn.functional.leaky_relu(up.tensor([-2.0, 2.0]), 0.5)
    tensor([-1.,  2.])
    """
    if inplace:
        return overwrite(input, lambda values: ops.leaky_relu(values, negative_slope))
    return ops.leaky_relu(input, negative_slope)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``input`` where positive, ``alpha * (exp(input) - 1)`` elsewhere.

    >>> import upriver as up
    >>> up.nn.functional.elu(up.tensor([-1.0, 2.0]))
    tensor([-0.6321,  2.0000])
    """
    return overwrite(input, lambda values: ops.elu(values, alpha)) if inplace else ops.elu(input, alpha)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """The scaled `elu` that keeps mean 0 and variance 1 from layer to layer.

    >>> import upriver as up
    >>> up.nn.functional.selu(up.tensor([-1.0, 1.0]))
    tensor([-1.1113,  1.0507])
    """
    return overwrite(input, ops.selu) if inplace else ops.selu(input)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``input`` where positive, ``alpha * (exp(input / alpha) - 1)`` elsewhere.

    Raises RuntimeError when ``alpha`` is 0.

    >>> import upriver as up
    >>> up.nn.functional.celu(up.tensor([-2.0, 2.0]), alpha=2.0)
    tensor([-1.2642,  2.0000])
    """
    return overwrite(input, lambda values: ops.celu(values, alpha)) if inplace else ops.celu(input, alpha)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """``input`` times the normal distribution function of it; ``approximate='tanh'`` for the cheaper formula.

    >>> import upriver as up
    >>> up.nn.functional.gelu(up.tensor([-1.0, 1.0]))
    tensor([-0.1587,  0.8413])
    """
    return ops.gelu(input, approximate)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """``input * sigmoid(input)``, also called swish.

    >>> import upriver as up
    >>> up.nn.functional.silu(up.tensor([-1.0, 1.0]))
    tensor([-0.2689,  0.7311])
    """
    return overwrite(input, ops.silu) if inplace else ops.silu(input)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """``input * tanh(softplus(input))``.

    >>> import upriver as up
    >>> up.nn.functional.mish(up.tensor([-1.0, 1.0]))
    tensor([-0.3034,  0.8651])
    """
    return overwrite(input, ops.mish) if inplace else ops.mish(input)


def sigmoid(input: Tensor) -> Tensor:
    """``1 / (1 + exp(-input))``.

    >>> import upriver as up
    >>> up.nn.functional.sigmoid(up.tensor([0.0, 1.0]))
    tensor([0.5000, 0.7311])
    """
    return ops.sigmoid(input)


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent.

    >>> import upriver as up
    >>> up.nn.functional.tanh(up.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7616])
    """
    return ops.tanh(input)


def logsigmoid(input: Tensor) -> Tensor:
    """The logarithm of `sigmoid`, accurate where the sigmoid itself underflows.

    >>> import upriver as up
    >>> up.nn.functional.logsigmoid(up.tensor([-200.0, 0.0]))
    tensor([-200.0000,   -0.6931])
    """
    return ops.logsigmoid(input)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """``log(1 + exp(beta * input)) / beta``, and ``input`` itself where ``beta * input > threshold``.

    >>> import upriver as up
    >>> up.nn.functional.softplus(up.tensor([0.0, 30.0]))
    tensor([ 0.6931, 30.0000])
    """
    return ops.softplus(input, beta, threshold)


def softsign(input: Tensor) -> Tensor:
    """``input / (1 + abs(input))``.

    >>> import upriver as up
    >>> up.nn.functional.softsign(up.tensor([-1.0, 3.0]))
    tensor([-0.5000,  0.7500])
    """
    return ops.softsign(input)


def tanhshrink(input: Tensor) -> Tensor:
    """``input - tanh(input)``.

    >>> import upriver as up
    >>> up.nn.functional.tanhshrink(up.tensor([0.0, 1.0]))
    tensor([0.0000, 0.2384])
    """
    return input - ops.tanh(input)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """``input`` moved towards 0 by ``lambd``, and 0 within ``lambd`` of it.

    Raises RuntimeError when ``lambd`` is negative.

    >>> import upriver as up
    >>> up.nn.functional.softshrink(up.tensor([-2.0, 0.25, 2.0]))
    tensor([-1.5000,  0.0000,  1.5000])
    """
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd}.")
    inside = ops.where(ops.isnan(input), input, 0.0)
    output: Tensor = ops.where(input > lambd, input - lambd, ops.where(input < -lambd, input + lambd, inside))
    return output


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """``input``, but 0 within ``lambd`` of 0.

    >>> import upriver as up
    >>> up.nn.functional.hardshrink(up.tensor([-2.0, 0.25, 2.0]))
    tensor([-2.,  0.,  2.])
    """
    output: Tensor = ops.where((input >= -lambd) & (input <= lambd), 0.0, input)
    return output


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """A sigmoid of three straight pieces: ``relu6(input + 3) / 6``.

    >>> import upriver as up
    >>> up.nn.functional.hardsigmoid(up.tensor([-4.0, 0.0, 4.0]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    return overwrite(input, hardsigmoid) if inplace else relu6(input + 3) / 6


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """``input * hardsigmoid(input)``.

    >>> import upriver as up
    >>> up.nn.functional.hardswish(up.tensor([-4.0, 1.5, 4.0]))
    tensor([-0.0000,  1.1250,  4.0000])
    """
    return overwrite(input, hardswish) if inplace else input * relu6(input + 3) / 6


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """``input`` where positive, ``weight * input`` elsewhere: a leaky ReLU whose slope is learned.

    ``weight`` holds one slope, or one for each channel (dimension 1 of ``input``). Raises RuntimeError when
    its length is neither.

    >>> import upriver as up
    >>> up.nn.functional.prelu(up.tensor([-2.0, 2.0]), up.tensor([0.25]))
    tensor([-0.5000,  2.0000])
    """
    return ops.prelu(input, weight)


def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """A leaky ReLU with a random slope for each element in training, and the mean slope outside it.

    >>> import upriver as up
    >>> up.nn.functional.rrelu(up.tensor([-2.0, 2.0]), lower=0.2, upper=0.3)
    tensor([-0.5000,  2.0000])
    """
    if inplace:
        return overwrite(input, lambda values: rrelu(values, lower, upper, training))
    if not training:
        return ops.leaky_relu(input, (lower + upper) / 2)
    slope = ops.empty_like(input, requires_grad=False).uniform_(lower, upper)
    output: Tensor = ops.where(input > 0, input, slope * input)
    return output


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half of ``input`` along ``dim`` times the sigmoid of the second.

    Raises RuntimeError when the size of ``dim`` is odd, or ``input`` is 0-d.

    >>> import upriver as up
    >>> up.nn.functional.glu(up.tensor([2.0, 4.0, 0.0, 0.0]))
    tensor([1., 2.])
    """
    if input.dim() == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    if input.size(dim) % 2:
        wrapped = dim % input.dim()
        raise RuntimeError(
            f"Halving dimension must be even, but dimension {wrapped} is size {input.size(dim)}."
        )
    value, gate = ops.chunk(input, 2, dim)
    return value * ops.sigmoid(gate)


def softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None
) -> Tensor:
    """Exponentials along ``dim`` divided by their sum.

    >>> import upriver as up
    >>> up.nn.functional.softmax(up.tensor([0.0, 0.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return ops.softmax(_cast(input, dtype), _named_dim("softmax", input, dim, _stacklevel))


def softmin(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None
) -> Tensor:
    """`softmax` of ``-input``.

    >>> import upriver as up
    >>> up.nn.functional.softmin(up.tensor([0.0, 0.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return ops.softmax(_cast(-input, dtype), _named_dim("softmin", input, dim, _stacklevel))


def log_softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None
) -> Tensor:
    """The logarithm of `softmax`, computed without underflow.

    >>> import upriver as up
    >>> up.nn.functional.log_softmax(up.tensor([0.0, 0.0]), dim=0)
    tensor([-0.6931, -0.6931])
    """
    return ops.log_softmax(_cast(input, dtype), _named_dim("log_softmax", input, dim, _stacklevel))


def gumbel_softmax(
    logits: Tensor, tau: float = 1.0, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """A sample from the relaxed categorical distribution over ``dim``.

    With ``hard`` the value is one-hot while the gradient is that of the relaxed sample.

    >>> import upriver as up
    >>> up.nn.functional.gumbel_softmax(up.zeros(2, 3), hard=True).sum(-1)
    tensor([1., 1.])
    """
    uniform = ops.clamp(ops.empty_like(logits, requires_grad=False).uniform_(0.0, 1.0), min=1e-30)
    gumbels = -ops.log(-ops.log(uniform))
    soft = ops.softmax((logits + gumbels) / tau, dim)
    if not hard:
        return soft
    winner = ops.argmax(soft, dim, keepdim=True)
    one_hot = ops.zeros_like(soft, requires_grad=False).scatter_(dim, winner, 1.0)
    return one_hot - soft.detach() + soft


def _cast(input: Tensor, dtype: DType | None) -> Tensor:
    return input if dtype is None else input.to(dtype)


def _named_dim(name: str, input: Tensor, dim: int | None, stacklevel: int) -> int:
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an "
        "argument.",
        stacklevel=stacklevel,
    )
    return 0 if input.dim() in (0, 1, 3) else 1
