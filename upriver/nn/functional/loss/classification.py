"""Losses of class scores and of probabilities."""

from __future__ import annotations

from .... import ops
from ....tensor import Tensor
from .reduction import check_reduction, reduce_loss, resolve_reduction

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "multi_margin_loss",
    "multilabel_soft_margin_loss", "nll_loss", "soft_margin_loss",
]  # fmt: skip


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Minus the entry of ``input`` (log probabilities) that ``target`` names.

    Shapes (C) with (), (N, C) with (N), or (N, C, *) with (N, *). ``weight`` has a factor for each class, and
    the mean is the weighted one; targets equal to ``ignore_index`` do not count.

    >>> import upriver as up
    >>> up.nn.functional.nll_loss(up.tensor([[-0.5, -1.0]]), up.tensor([1]))
    tensor(1.)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    check_reduction(reduction)
    if input.dim() < 1:
        raise ValueError(f"Expected 1 or more dimensions (got {input.dim()}): give (C), (N, C) or (N, C, *).")
    if input.dim() > 1 and target.dim() and input.size(0) != target.size(0):
        raise ValueError(
            f"Expected input batch_size ({input.size(0)}) to match target batch_size ({target.size(0)})."
        )
    if input.dim() > 1:
        return ops.nll_loss(input, target, weight, reduction, ignore_index)
    loss = ops.nll_loss(input.unsqueeze(0), target.reshape(1), weight, reduction, ignore_index)
    return loss.reshape(target.shape) if reduction == "none" else loss


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """The cross entropy of softmax scores ``input`` against classes or class probabilities.

    ``input`` is (C), (N, C) or (N, C, *). A ``target`` of the same shape holds probabilities; otherwise
    integers, of its shape without C. ``weight`` has a factor for each class; ``label_smoothing`` moves that
    share of the target to the uniform distribution.

    >>> import upriver as up
    >>> up.nn.functional.cross_entropy(up.tensor([[0.0, 0.0]]), up.tensor([1]))
    tensor(0.6931)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    check_reduction(reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    _check_class_weight(input, weight)
    if not label_smoothing and input.dim() > 1 and not target.is_floating_point():
        return ops.cross_entropy_of_classes(input, target, weight, reduction, ignore_index)
    log_probabilities = ops.log_softmax(input, min(input.dim(), 2) - 1)
    if target.is_floating_point():
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
        return _cross_entropy_of_probabilities(log_probabilities, target, weight, reduction, label_smoothing)
    hard = nll_loss(log_probabilities, target, weight, None, ignore_index, None, reduction)
    if not label_smoothing:
        return hard
    even = _uniform_loss(log_probabilities, target, weight, ignore_index, reduction)
    return (1 - label_smoothing) * hard + label_smoothing * even


def _check_class_weight(input: Tensor, weight: Tensor | None) -> None:
    classes = input.size(min(input.dim(), 2) - 1)
    if weight is not None and tuple(weight.shape) != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight "
            f"tensor of shape: {list(weight.shape)}"
        )


def _class_column(weight: Tensor, scores: Tensor) -> Tensor:
    """One value a class, shaped to broadcast over scores (C), (N, C) or (N, C, *)."""
    return weight.reshape(-1, *[1] * (scores.dim() - 2))


def _cross_entropy_of_probabilities(
    log_probabilities: Tensor, target: Tensor, weight: Tensor | None, reduction: str, label_smoothing: float
) -> Tensor:
    class_dim = min(log_probabilities.dim(), 2) - 1
    classes = log_probabilities.size(class_dim)
    if target.shape != log_probabilities.shape:
        if target.dim() == log_probabilities.dim() - 1 and target.shape[:1] == log_probabilities.shape[:1]:
            raise RuntimeError(
                f"expected target dtype to be Long or Byte, but got {target.dtype.tensor_type}: class "
                "indices are integers; probabilities have the shape of input"
            )
        raise RuntimeError(
            f"Expected floating point type for target with class probabilities to have the shape of input, "
            f"{tuple(log_probabilities.shape)}, but got {tuple(target.shape)}. Class indices are integers."
        )
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / classes
    if weight is not None:
        target = target * _class_column(weight, target)
    loss = -(log_probabilities * target).sum(class_dim)
    return reduce_loss(loss, reduction)


def _uniform_loss(
    log_probabilities: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str
) -> Tensor:
    """The cross entropy against the uniform distribution, where the target is not ignored."""
    class_dim = min(log_probabilities.dim(), 2) - 1
    classes = log_probabilities.size(class_dim)
    if weight is not None:
        log_probabilities = log_probabilities * _class_column(weight, log_probabilities)
    kept = target != ignore_index
    loss: Tensor = ops.where(kept, -log_probabilities.sum(class_dim), 0.0) / classes
    if reduction != "mean":
        return reduce_loss(loss, reduction)
    if weight is None:
        return loss.sum() / kept.sum()
    weights: Tensor = ops.where(kept, weight[ops.where(kept, target, 0)], 0.0)
    return loss.sum() / weights.sum()


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``-(target * log(input) + (1 - target) * log(1 - input))``, the logarithms held above -100.

    Raises ValueError when the shapes differ, RuntimeError when a value of ``input`` is not in [0, 1].

    >>> import upriver as up
    >>> up.nn.functional.binary_cross_entropy(up.tensor([0.5]), up.tensor([1.0]))
    tensor(0.6931)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    if input.shape != target.shape:
        raise ValueError(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}) is "
            "deprecated. Please ensure they have the same size."
        )
    loss = ops.binary_cross_entropy_of(input, target)
    return reduce_loss(loss if weight is None else loss * weight, reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of ``sigmoid(input)``, without its overflow.

    ``pos_weight`` multiplies the loss of the positive targets and broadcasts. Raises ValueError when shapes
    differ.

    >>> import upriver as up
    >>> up.nn.functional.binary_cross_entropy_with_logits(up.tensor([0.0]), up.tensor([1.0]))
    tensor(0.6931)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    if input._array.shape != target._array.shape:
        raise ValueError(f"Target size ({target.size()}) must be the same as input size ({input.size()})")
    if pos_weight is None:
        loss = ops.logits_cross_entropy(input, target)
    else:
        loss = (1 - target) * input - ((pos_weight - 1) * target + 1) * ops.logsigmoid(input)
    return reduce_loss(loss if weight is None else loss * weight, reduction)


def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``log(1 + exp(-target * input))`` for targets 1 and -1.

    >>> import upriver as up
    >>> up.nn.functional.soft_margin_loss(up.tensor([0.0]), up.tensor([1.0]))
    tensor(0.6931)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    return reduce_loss(-ops.logsigmoid(target * input), reduction)


def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The mean over classes (the last dimension) of each label's binary cross entropy with logits.

    >>> import upriver as up
    >>> up.nn.functional.multilabel_soft_margin_loss(up.tensor([[0.0, 0.0]]), up.tensor([[1.0, 0.0]]))
    tensor(0.6931)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    loss = ops.logits_cross_entropy(input, target)
    if weight is not None:
        loss = loss * weight
    return reduce_loss(loss.mean(-1), reduction)


def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The mean over the other classes of ``max(0, margin - input[target] + input) ** p``.

    Shapes (N, C) with (N), or (C) with (). Raises ValueError unless ``p`` is 1 or 2, RuntimeError for a class
    that does not exist.

    >>> import upriver as up
    >>> up.nn.functional.multi_margin_loss(up.tensor([[0.5, 0.0]]), up.tensor([0]))
    tensor(0.2500)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    if p not in (1, 2):
        raise ValueError(f"only p == 1 and p == 2 supported, got p={p}")
    scores = input if input.dim() == 2 else input.reshape(1, -1)
    rows, classes = scores.shape
    _check_multi_margin(target, weight, rows, classes, input)
    chosen = target.reshape(rows, 1)
    gap = ops.relu(margin - ops.gather(scores, 1, chosen) + scores)
    if p == 2:
        gap = gap * gap
    if weight is not None:
        gap = gap * weight[chosen]
    others = ops.ones(rows, classes, dtype=input.dtype).scatter_(1, chosen, 0.0)
    loss = (gap * others).sum(1) / classes
    return reduce_loss(loss if input.dim() == 2 else loss.reshape(target.shape), reduction)


def _check_multi_margin(
    target: Tensor, weight: Tensor | None, rows: int, classes: int, input: Tensor
) -> None:
    if weight is not None and weight.numel() != classes:
        raise RuntimeError(f"inconsistent weight size, expected {classes} but got {list(weight.shape)}")
    if target.numel() != rows or target.dim() > 1:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples "
            f"(batch size). Expected target size [{rows}], but got {list(target.shape)}. Input has shape "
            f"{list(input.shape)}."
        )
    if rows and (int(target.min()) < 0 or int(target.max()) >= classes):
        raise RuntimeError(f"target out of range: classes go from 0 to {classes - 1}.")
