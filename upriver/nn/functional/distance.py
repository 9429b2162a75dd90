"""Distances and similarities between vectors."""

from __future__ import annotations

from ... import ops
from ...tensor import Tensor

__all__ = ["cosine_similarity", "normalize", "pairwise_distance"]


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between ``x1`` and ``x2`` along ``dim``; they broadcast, and ``dim`` goes away.

    >>> import upriver as up
    >>> up.nn.functional.cosine_similarity(up.tensor([1.0, 0.0]), up.tensor([1.0, 1.0]), dim=0)
    tensor(0.7071)
    """
    x1, x2 = ops.broadcast_tensors(x1, x2)
    return (normalize(x1, dim=dim, eps=eps) * normalize(x2, dim=dim, eps=eps)).sum(dim)


def normalize(input: Tensor, p: float = 2.0, dim: int | tuple[int, ...] = 1, eps: float = 1e-12) -> Tensor:
    """``input`` divided by its ``p``-norm along ``dim``, or by ``eps`` where the norm is smaller.

    >>> import upriver as up
    >>> up.nn.functional.normalize(up.tensor([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    """
    return input / ops.clamp(ops.norm(input, p, dim, keepdim=True), min=eps)


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """The ``p``-norm of ``x1 - x2 + eps`` along the last dimension.

    >>> import upriver as up
    >>> up.nn.functional.pairwise_distance(up.tensor([[0.0, 0.0]]), up.tensor([[3.0, 4.0]]))
    tensor([5.0000])
    """
    return ops.norm(x1 - x2 + eps, p, -1, keepdim=keepdim)
