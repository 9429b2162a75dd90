"""Distances between vectors."""

from __future__ import annotations

from ..autograd.namespaces import ON_TENSORS as F
from ..tensor import Tensor
from .linalg.norms import vector_norm

__all__ = ["cdist", "dist"]


def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The ``p``-norm of the difference of two tensors, which are broadcast.

    >>> import upriver as up
    >>> up.dist(up.tensor([1.0, 2.0]), up.tensor([4.0, 6.0]))
    tensor(5.)
    """
    return vector_norm(F.sub(input, other), p)


def cdist(
    x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary"
) -> Tensor:
    """The ``p``-norm distance of each row of ``x1`` to each of ``x2``: (\\*, n, d) and (\\*, m, d) give (\\*,
    n, m).

    ``compute_mode`` is accepted for PyTorch's sake: differences are always taken, which is exact for close
    rows. Raises RuntimeError when the rows are of different lengths.

    >>> import upriver as up
    >>> up.cdist(up.tensor([[0.0, 0.0]]), up.tensor([[3.0, 4.0], [0.0, 1.0]]))
    tensor([[5., 1.]])
    """
    for name, each in (("X1", x1), ("X2", x2)):
        if each._array.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {each._array.ndim}D")
    if x1._array.shape[-1] != x2._array.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {x1._array.shape[-1]} X2: "
            f"{x2._array.shape[-1]}"
        )
    if p < 0:
        raise RuntimeError(f"cdist only supports non-negative p values, but got p={p}")
    rows = F.unsqueeze_(x1, (x1._array.ndim - 1,))
    columns = F.unsqueeze_(x2, (x2._array.ndim - 2,))
    return vector_norm(F.sub(rows, columns), p, -1)
