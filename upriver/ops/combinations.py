"""Tensors combined: matrices along a diagonal, the pairs and choices of elements."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from ..tensor import Tensor, from_array
from . import create, join, shape
from .index import index_select

__all__ = ["block_diag", "cartesian_prod", "combinations"]


def block_diag(*tensors: Tensor) -> Tensor:
    """The matrices along the diagonal of a larger one, zeros elsewhere; a vector counts as a row.

    Raises RuntimeError for a tensor of more than two dimensions.

    >>> import upriver as up
    >>> up.block_diag(up.ones(1, 2), up.tensor([3]))
    tensor([[1., 1., 0.],
            [0., 0., 3.]])
    """
    for position, each in enumerate(tensors):
        if each.dim() > 2:
            raise RuntimeError(
                "torch.block_diag: Input tensors must have 2 or fewer dimensions. Input "
                f"{position} has {each.dim()} dimensions"
            )
    blocks = [shape.atleast_2d(each) for each in tensors]
    width = sum(each.shape[1] for each in blocks)
    return join.cat(list(_rows(blocks, width))) if blocks else create.empty(1, 0)


def _rows(blocks: list[Tensor], width: int) -> Iterator[Tensor]:
    before = 0
    for block in blocks:
        rows, columns = block.shape
        after = width - before - columns
        zeros = [create.zeros(rows, each, dtype=block.dtype) for each in (before, after)]
        yield join.cat([zeros[0], block, zeros[1]], 1)
        before += columns


def cartesian_prod(*tensors: Tensor) -> Tensor:
    """Every choice of one element from each vector: a row each (of a single vector, the vector itself).

    >>> import upriver as up
    >>> up.cartesian_prod(up.tensor([1, 2]), up.tensor([3, 4])).tolist()
    [[1, 3], [1, 4], [2, 3], [2, 4]]
    """
    for each in tensors:
        if each.dim() != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(each.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    grids = create.meshgrid(*tensors, indexing="ij")
    return join.stack([each.reshape(-1) for each in grids], 1)


def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """Every choice of ``r`` elements of a vector, in order: a row each.

    >>> import upriver as up
    >>> up.combinations(up.tensor([1, 2, 3])).tolist()
    [[1, 2], [1, 3], [2, 3]]
    """
    if input.dim() != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return create.empty(0, dtype=input.dtype)
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = np.array(list(choose(range(len(input)), r)), np.int64).reshape(-1, r)
    return index_select(input, 0, from_array(places.reshape(-1))).reshape(-1, r)
