"""Losses between numbers, and between the distributions that numbers parametrise."""

from __future__ import annotations

import math
import warnings

from .... import ops
from ....autograd import no_grad
from ....tensor import Tensor
from .reduction import check_reduction, check_same_size, reduce_loss, resolve_reduction

__all__ = [
    "gaussian_nll_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
]


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """The squared difference, reduced; with ``weight`` the mean is the weighted one.

    >>> import upriver as up
    >>> up.nn.functional.mse_loss(up.tensor([1.0, 2.0]), up.tensor([0.0, 0.0]))
    tensor(2.5000)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    check_same_size(input, target)
    difference = input - target
    return _reduce_weighted(difference * difference, input, weight, reduction)


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """The absolute difference, reduced; with ``weight`` the mean is the weighted one.

    >>> import upriver as up
    >>> up.nn.functional.l1_loss(up.tensor([1.0, 2.0]), up.tensor([0.0, 0.0]))
    tensor(1.5000)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    check_same_size(input, target)
    return _reduce_weighted(ops.abs(input - target), input, weight, reduction)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Tensor:
    """Half the squared difference up to ``delta``, beyond it a straight line of slope ``delta``.

    ``weight`` multiplies the losses; as in PyTorch their mean is then still over the number of elements.
    Raises RuntimeError unless ``delta`` is positive.

    >>> import upriver as up
    >>> up.nn.functional.huber_loss(up.tensor([1.0, 3.0]), up.tensor([0.0, 0.0]), reduction="none")
    tensor([0.5000, 2.5000])
    """
    if delta <= 0:
        raise RuntimeError(f"huber_loss does not support non-positive values for delta. Got delta={delta}.")
    check_same_size(input, target)
    difference = input - target
    size = ops.abs(difference)
    loss = ops.where(size <= delta, difference * difference * 0.5, (size - 0.5 * delta) * delta)
    if weight is not None:
        _check_weight(input, weight)
        loss = loss * weight
    return reduce_loss(loss, reduction)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """`huber_loss` divided by ``beta``; `l1_loss` when ``beta`` is 0. Raises RuntimeError when it is
    negative.

    >>> import upriver as up
    >>> up.nn.functional.smooth_l1_loss(up.tensor([1.0, 3.0]), up.tensor([0.0, 0.0]), reduction="none")
    tensor([0.5000, 2.5000])
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for beta. Got beta={beta}.")
    check_same_size(input, target)
    difference = input - target
    size = ops.abs(difference)
    if beta == 0:
        return reduce_loss(size, reduction)
    loss = ops.where(size < beta, difference * difference * (0.5 / beta), size - 0.5 * beta)
    return reduce_loss(loss, reduction)


def _reduce_weighted(loss: Tensor, input: Tensor, weight: Tensor | None, reduction: str) -> Tensor:
    if weight is None:
        return reduce_loss(loss, reduction)
    _check_weight(input, weight)
    if reduction == "mean":
        return (loss * weight).sum() / weight.sum()
    return reduce_loss(loss * weight, reduction)


def _check_weight(input: Tensor, weight: Tensor) -> None:
    if weight.shape != input.shape:
        raise ValueError(
            f"Weights and input must have the same size. Got {tuple(weight.shape)} and {tuple(input.shape)}."
        )


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """``target * (log(target) - input)``: the divergence of ``input``, given as logarithms, from ``target``.

    ``reduction='batchmean'`` divides the sum by the batch size, which is the mathematical definition.

    >>> import upriver as up
    >>> p, q = up.tensor([[0.5, 0.5]]), up.tensor([[1.0, 0.0]])
    >>> up.nn.functional.kl_div(p.log(), q, reduction="batchmean")
    tensor(0.6931)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    if reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
            "'mean' will be changed to behave the same as 'batchmean' in the next major release.",
            stacklevel=2,
        )
    probability = ops.exp(target) if log_target else target
    entropy = probability * target if log_target else ops.xlogy(target, target)
    loss = entropy - probability * input
    if reduction == "batchmean":
        return loss.sum() / (input.size(0) if input.dim() else 1)
    return reduce_loss(loss, reduction)


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The negative log likelihood of counts under Poisson rates (``log_input``: given as logarithms).

    ``full`` adds Stirling's approximation of ``log(target!)``.

    >>> import upriver as up
    >>> up.nn.functional.poisson_nll_loss(up.tensor([0.0]), up.tensor([2.0]))
    tensor(1.)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    check_reduction(reduction)
    loss = ops.exp(input) - target * input if log_input else input - target * ops.log(input + eps)
    if full:
        stirling = target * ops.log(target) - target + 0.5 * ops.log(2 * math.pi * target)
        loss = loss + ops.where(target > 1, stirling, 0.0)
    return reduce_loss(loss, reduction)


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """The negative log likelihood of ``target`` under normal distributions of mean ``input`` and variance
    ``var``.

    ``var`` has the shape of ``input``, or one value for each row of its last dimension, or is one number;
    values below ``eps`` count as ``eps`` and still get a gradient. Raises ValueError for another shape or a
    negative variance.

    >>> import upriver as up
    >>> up.nn.functional.gaussian_nll_loss(up.tensor([1.0]), up.tensor([3.0]), up.tensor([1.0]))
    tensor(2.)
    """
    variance = var if isinstance(var, Tensor) else ops.full_like(input, var, requires_grad=False)
    if variance.shape != input.shape:
        if variance.shape == input.shape[:-1]:
            variance = variance.unsqueeze(-1)
        elif not (variance.shape[:-1] == input.shape[:-1] and variance.shape[-1:] == (1,)):
            raise ValueError(
                f"var is of incorrect size: {tuple(variance.shape)}. Expected {tuple(input.shape)}, or the "
                "same with last dimension 1 or left out."
            )
    check_reduction(reduction)
    if bool((variance < 0).any()):
        raise ValueError("var has negative entry/entries: variances are 0 or larger.")
    variance = variance.clone()
    with no_grad():
        variance.clamp_(min=eps)
    difference = input - target
    loss = 0.5 * (ops.log(variance) + difference * difference / variance)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return reduce_loss(loss, reduction)
