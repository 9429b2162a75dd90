"""Losses of pairs and triples: which is nearer, which is larger."""

from __future__ import annotations

from collections.abc import Callable

from .... import ops
from ....tensor import Tensor
from ..distance import pairwise_distance
from .reduction import check_reduction, reduce_loss, resolve_reduction

__all__ = [
    "cosine_embedding_loss", "hinge_embedding_loss", "margin_ranking_loss", "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]  # fmt: skip

Distance = Callable[[Tensor, Tensor], Tensor]


def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``1 - cos`` where ``target`` is 1, ``max(0, cos - margin)`` where it is -1.

    Shapes (N, D), (N, D), (N), or (D), (D), (). Raises RuntimeError for others.

    >>> import upriver as up
    >>> x = up.tensor([[1.0, 0.0]])
    >>> up.nn.functional.cosine_embedding_loss(x, x, up.tensor([-1.0]), margin=0.25)
    tensor(0.7500)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    if target.dim() not in (0, 1):
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if input1.dim() != target.dim() + 1 or input2.dim() != target.dim() + 1:
        raise RuntimeError(
            f"{target.dim()}D target tensor expects {target.dim() + 1}D input tensors, but found inputs with "
            f"sizes {list(input1.shape)} and {list(input2.shape)}."
        )
    squares1 = (input1 * input1).sum(-1) + 1e-12
    squares2 = (input2 * input2).sum(-1) + 1e-12
    cosine = (input1 * input2).sum(-1) / ops.sqrt(squares1 * squares2)
    apart = ops.where(target == -1, ops.clamp(cosine - margin, min=0.0), 0.0)
    return reduce_loss(ops.where(target == 1, 1 - cosine, apart), reduction)


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``input`` where ``target`` is 1, ``max(0, margin - input)`` where it is -1.

    >>> import upriver as up
    >>> up.nn.functional.hinge_embedding_loss(up.tensor([0.25, 0.25]), up.tensor([1.0, -1.0]))
    tensor(0.5000)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    apart = ops.where(target != 1, ops.clamp(margin - input, min=0.0), 0.0)
    return reduce_loss(apart + ops.where(target != -1, input, 0.0), reduction)


def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``max(0, -target * (input1 - input2) + margin)``: target 1 asks for the first to be larger, -1 for the
    second.

    >>> import upriver as up
    >>> up.nn.functional.margin_ranking_loss(up.tensor([1.0]), up.tensor([3.0]), up.tensor([1.0]))
    tensor(2.)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    if not input1.dim() == input2.dim() == target.dim():
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: "
            f"{input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    return reduce_loss(ops.clamp(margin - target * (input1 - input2), min=0.0), reduction)


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``max(0, margin + |anchor - positive| - |anchor - negative|)``, with `pairwise_distance` of order
    ``p``.

    ``swap`` takes the negative's distance to the positive where that is smaller. Raises ValueError unless
    ``margin`` is positive, RuntimeError when the numbers of dimensions differ.

    >>> import upriver as up
    >>> a, n = up.tensor([[0.0, 0.0]]), up.tensor([[0.0, 0.5]])
    >>> up.nn.functional.triplet_margin_loss(a, a, n)
    tensor(0.5000)
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    _check_triple(anchor, positive, negative)
    return _triplet(
        anchor, positive, negative, lambda a, b: pairwise_distance(a, b, p, eps), margin, swap, reduction
    )


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Distance | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """`triplet_margin_loss` with the caller's distance (`pairwise_distance` by default).

    >>> import upriver as up
    >>> a, n = up.tensor([[0.0]]), up.tensor([[0.25]])
    >>> up.nn.functional.triplet_margin_with_distance_loss(
    ...     a, a, n, distance_function=lambda x, y: (x - y).abs().sum(-1)
    ... )
    tensor(0.7500)
    """
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    _check_triple(anchor, positive, negative)
    return _triplet(
        anchor, positive, negative, distance_function or pairwise_distance, margin, swap, reduction
    )


def _check_triple(anchor: Tensor, positive: Tensor, negative: Tensor) -> None:
    if not anchor.dim() == positive.dim() == negative.dim():
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, "
            f"but got: anchor {anchor.dim()}D, positive {positive.dim()}D, and negative {negative.dim()}D "
            "inputs"
        )


def _triplet(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    distance: Distance,
    margin: float,
    swap: bool,
    reduction: str,
) -> Tensor:
    check_reduction(reduction)
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = ops.minimum(far, distance(positive, negative))
    return reduce_loss(ops.clamp(margin + near - far, min=0.0), reduction)
