"""Losses that are one operator: fused, or with a rule that is more accurate than that of their formula.

Class scores are (N, C) or (N, C, *), with one dimension of classes after the batch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..dtypes import FROM_NUMPY
from ..kernels import choosing, rows
from ..kernels.blocks import compute_dtype
from ..kernels.normalization import scaled_exp
from ..tensor import Tensor
from .checks import refuse_unless_floating, same_type
from .namespace import Namespace
from .registry import Kind, op
from .softmax import along, log_softmax

__all__ = ["binary_cross_entropy_of", "cross_entropy_of_classes", "logits_cross_entropy", "nll_loss"]

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]
Dims = tuple[int, ...]

REDUCTIONS = ("none", "mean", "sum")
SMALL = 1 << 14  # elements up to which the cost of a call counts for more than memory

# -- class scores --------------------------------------------------------------------------------------------


@op(Kind.GENERAL, node="NllLossBackward0", shown="nll_loss",
    input=lambda F, g, target, weight, reduction, ignore_index, input_shape:
        F.nll_loss_backward(g, target, weight, reduction, ignore_index, input_shape))  # fmt: skip
def nll_loss(
    xp: Namespace, input: Array, target: Array, weight: Array | None = None, reduction: str = "mean",
    ignore_index: int = -100,
) -> Array:  # fmt: skip
    """Minus the entry of ``input`` (log probabilities) that ``target`` names.

    ``weight`` has a factor for each class, and the mean is the weighted one; targets equal to
    ``ignore_index`` do not count.
    """
    refuse_unless_floating(input, "nll_loss_out_frame")
    counted = _count(input.shape, input.dtype, target, weight, reduction, ignore_index)
    return _reduced(-_pick(input, counted.place), counted, reduction)


@op(Kind.GENERAL,
    grad_output=lambda F, g, target, weight, reduction, ignore_index:
        F.nll_loss(g, target, weight, reduction, ignore_index))  # fmt: skip
def nll_loss_backward(
    xp: Namespace, grad_output: Array, target: Array, weight: Array | None, reduction: str, ignore_index: int,
    shape: Dims,
) -> Array:  # fmt: skip
    """The gradient of the input of :func:`nll_loss`, and its adjoint, for the loss is linear in the input."""
    counted = _count(shape, grad_output.dtype, target, weight, reduction, ignore_index)
    total = xp.zeros(shape, grad_output.dtype)
    _add_at(total, counted.place, -_shares(grad_output, counted, reduction))
    return total


@op(Kind.GENERAL, undifferentiated=(1,), node="NllLossBackward0", shown="cross_entropy",
    input=lambda F, g, outs, input, target, weight, reduction, ignore_index:
        F.cross_entropy_backward(g[0], input, outs[1], target, weight, reduction, ignore_index))  # fmt: skip
def cross_entropy_and_normalizer(
    xp: Namespace, input: Array, target: Array, weight: Array | None, reduction: str, ignore_index: int
) -> Arrays:
    """``nll_loss(log_softmax(input, 1), target)``, and the log-sum-exp of the classes for backward."""
    last = "_lastdim" if input.ndim == 2 else ""
    refuse_unless_floating(input, f"log_softmax{last}_kernel_impl")
    counted = _count(input.shape, input.dtype, target, weight, reduction, ignore_index)
    normalizer = rows.logsumexp(input, 1)
    return _reduced(normalizer[:, 0] - _pick(input, counted.place), counted, reduction), normalizer


def centred(F: Any, g: Any, input: Any) -> Any:
    """``g`` less its mean under the softmax of ``input``."""
    return g - along(F, g * F.softmax_along(input, 1), 1)


def share_of(F: Any, grad_output: Any, input: Any, settings: Any) -> Any:
    """What each sample's loss counts for, of length 1 along the classes."""
    return -F.sum_over(F.nll_loss_backward(grad_output, *settings, tuple(input.shape)), (1,), True)


@op(Kind.GENERAL,
    grad_output=lambda F, g, input, target, weight, reduction, ignore_index:
        F.nll_loss(centred(F, g, input), target, weight, reduction, ignore_index),
    input=lambda F, g, grad_output, input, target, weight, reduction, ignore_index:
        F.softmax_along(input, 1) * centred(F, g, input)
        * share_of(F, grad_output, input, (target, weight, reduction, ignore_index)))  # fmt: skip
def cross_entropy_backward(
    xp: Namespace, grad_output: Array, input: Array, normalizer: Array, target: Array, weight: Array | None,
    reduction: str, ignore_index: int,
) -> Array:  # fmt: skip
    """The gradient of the scores: the softmax, less 1 at the target, times what the sample counts for.

    ``normalizer`` is no input of its own but a hint: the rules differentiate through what it is of ``input``.
    """
    counted = _count(input.shape, input.dtype, target, weight, reduction, ignore_index)
    shares = _shares(grad_output, counted, reduction)
    total = scaled_exp(input, normalizer, shares[:, None])
    _add_at(total, counted.place, -shares)
    return total


def cross_entropy_of_classes(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int = -100,
) -> Tensor:
    """``nll_loss(log_softmax(input, 1), target, ...)`` in one step; of large scores nothing of their size is
    kept.
    """
    if input.numel() < SMALL:  # two plain operators cost less than one with two results
        loss: Tensor = nll_loss(log_softmax(input, 1), target, weight, reduction, ignore_index)
    else:
        loss = cross_entropy_and_normalizer(input, target, weight, reduction, ignore_index)[0]
    return loss


class Counted(NamedTuple):
    """What counts in a batch: each sample's class and factor (None: 1), the ignored, the mean's divisor."""

    place: Array
    factors: Array | None
    ignored: Array | None
    divisor: Any


def _count(
    shape: Dims, kind: Any, target: Array, weight: Array | None, reduction: str, ignore_index: int
) -> Counted:
    _check_target(shape, kind, target, weight, reduction)
    compute = compute_dtype(kind)
    place, ignored = target, None
    if 0 <= ignore_index < shape[1] or _stranger(target, shape[1]) is not None:
        ignored = target == ignore_index
        place = np.where(ignored, 0, target)
        wrong = _stranger(place, shape[1])
        if wrong is not None:
            raise IndexError(f"Target {wrong} is out of bounds.")
    factors = None if weight is None else weight.astype(compute, copy=False)[place]
    if ignored is not None:
        factors = (~ignored).astype(compute) if factors is None else factors * ~ignored
    divisor = compute.type(target.size) if factors is None else factors.sum()
    return Counted(place, factors, ignored, divisor)


def _stranger(place: Array, classes: int) -> Any:
    """The first entry that is none of the classes, or None."""
    # Read as unsigned, negative numbers are the largest: one pass finds both kinds.
    unsigned = place.view(np.dtype(f"u{place.itemsize}"))
    if place.size and unsigned.max() >= classes:
        return place[unsigned >= classes].reshape(-1)[0]
    return None


def _pick(scores: Array, place: Array) -> Array:
    """The score of each sample's class."""
    if scores.ndim == 2:
        return scores[np.arange(len(place)), place]
    return np.take_along_axis(scores, place[:, None], 1)[:, 0]


def _add_at(scores: Array, place: Array, values: Array) -> None:
    """Add to the score of each sample's class, in place."""
    if scores.ndim == 2:
        scores[np.arange(len(place)), place] += values
        return
    index = np.ogrid[tuple(slice(0, length) for length in place.shape)]
    scores[(index[0], place, *index[1:])] += values


def _reduced(loss: Array, counted: Counted, reduction: str) -> Array:
    kind = loss.dtype
    with np.errstate(all="ignore"):
        if counted.factors is not None:
            loss = loss * counted.factors
        if counted.ignored is not None:
            loss[counted.ignored] = 0
        if reduction == "none":
            return loss.astype(kind, copy=False)
        total = loss.sum(dtype=compute_dtype(kind))
        return np.asarray(total / counted.divisor if reduction == "mean" else total, kind)


def _shares(grad_output: Array, counted: Counted, reduction: str) -> Array:
    """What one unit of each sample's loss adds to the result, times the gradient of the result."""
    with np.errstate(all="ignore"):
        share = grad_output / counted.divisor if reduction == "mean" else grad_output
        share = share if counted.factors is None else share * counted.factors
    shares = np.array(np.broadcast_to(share, counted.place.shape), grad_output.dtype)
    if counted.ignored is not None:  # where nothing counts the mean's divisor is 0, and the share 0 still
        shares[counted.ignored] = 0
    return shares


def _check_target(shape: Dims, kind: Any, target: Array, weight: Array | None, reduction: str) -> None:
    if reduction not in REDUCTIONS:
        raise ValueError(
            f"{reduction} is not a valid value for reduction. Give one of {', '.join(REDUCTIONS)}."
        )
    if len(shape) == 2 and target.ndim > 1:
        raise RuntimeError(
            f"0D or 1D target tensor expected, multi-target not supported: got shape {list(target.shape)}"
        )
    if shape[:1] != target.shape[:1]:
        raise ValueError(
            f"Expected input batch_size ({shape[0]}) to match target batch_size ({target.shape[0]})."
        )
    expected = (shape[0], *shape[2:])
    if target.shape != expected:
        raise RuntimeError(f"Expected target size {list(expected)}, got {list(target.shape)}")
    if target.dtype not in (np.int64, np.uint8):
        found = FROM_NUMPY[target.dtype].tensor_type
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {found}")
    if weight is None:
        return
    if weight.shape != shape[1:2]:
        raise RuntimeError(
            f"weight tensor should be defined either for all {shape[1]} classes or no classes but got weight "
            f"tensor of shape: {list(weight.shape)}"
        )
    same_type(np.empty(0, kind), weight)


# -- two classes ---------------------------------------------------------------------------------------------


@op(Kind.ELEMENTWISE, node="BinaryCrossEntropyWithLogitsBackward0", shown="binary_cross_entropy_with_logits",
    input=lambda F, g, input, target: g * (F.sigmoid(input) - target),
    target=lambda F, g, input: -g * input)  # fmt: skip
def logits_cross_entropy(xp: Namespace, input: Array, target: Array) -> Array:
    """``-target * log(sigmoid(input)) - (1 - target) * log(1 - sigmoid(input))``, without overflow."""
    refuse_unless_floating(input, "log_sigmoid_cpu")
    loss = xp.absolute(input)  # softplus(input) - input * target; softplus(z) = log1p(exp(-|z|)) + max(z, 0)
    if not loss.shape:
        return xp.log1p(xp.exp(-loss)) + xp.maximum(input, 0) - input * target
    xp.negative(loss, loss)
    xp.exp(loss, loss)
    xp.log1p(loss, loss)
    loss += choosing.positive(input)
    loss -= input * target
    return loss


@op(Kind.ELEMENTWISE, node="BinaryCrossEntropyBackward0", shown="binary_cross_entropy",
    input=lambda F, g, input, target: g * (input - target) / F.clamp_below((1 - input) * input, 1e-12),
    target=lambda F, g, input: g * (F.log1p(-input) - F.log(input)))  # fmt: skip
def binary_cross_entropy_of(xp: Namespace, input: Array, target: Array) -> Array:
    """``-target * log(input) - (1 - target) * log(1 - input)``, each logarithm at least -100."""
    refuse_unless_floating(input, "binary_cross_entropy")
    if input.size and not (xp.min(input) >= 0 and xp.max(input) <= 1):
        raise RuntimeError("all elements of input should be between 0 and 1")
    floor = input.dtype.type(-100)
    with np.errstate(all="ignore"):
        return (target - 1) * xp.maximum(xp.log1p(-input), floor) - target * xp.maximum(xp.log(input), floor)
