"""From one loss an element to the loss that a caller asked for."""

from __future__ import annotations

import warnings

from ....tensor import Tensor

__all__ = ["check_reduction", "check_same_size", "reduce_loss", "resolve_reduction"]


def check_reduction(reduction: str) -> None:
    """Raise ValueError unless ``reduction`` is ``'none'``, ``'mean'`` or ``'sum'``."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction: give 'none', 'mean' or 'sum'.")


def reduce_loss(loss: Tensor, reduction: str) -> Tensor:
    """The losses themselves (``'none'``), their ``'mean'`` or their ``'sum'``."""
    if reduction == "mean":
        return loss.mean()
    check_reduction(reduction)
    return loss.sum() if reduction == "sum" else loss


def resolve_reduction(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """``reduction``, unless one of PyTorch's two older arguments overrides it (with its warning)."""
    if size_average is None and reduce is None:
        return reduction
    resolved = "none" if reduce is False else "sum" if size_average is False else "mean"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{resolved}' instead.",
        stacklevel=3,
    )
    return resolved


def check_same_size(input: Tensor, target: Tensor) -> None:
    """Warn where ``target`` would broadcast against ``input``: the loss is then rarely the one that was
    meant.
    """
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}). "
            "This will "
            "likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )
