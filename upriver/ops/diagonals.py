"""Diagonals, and slices written back: what ``diagonal``, ``select`` and slicing read, put into a copy."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from .index import select
from .namespace import Namespace
from .registry import Kind, op
from .shape import diagonal, diagonal_put, reshape, wrap

__all__ = ["diag", "diag_embed", "diagflat", "diagonal_scatter", "select_scatter", "slice_scatter"]

Array = np.ndarray[Any, Any]
Dims = tuple[int, ...]


@op(Kind.GENERAL, node="SliceScatterBackward0", shown="slice_scatter",
    input=lambda F, g, index: F.zeroed_at(g, index),
    src=lambda F, g, index: F.getitem_view(g, index))  # fmt: skip
def written_at(xp: Namespace, input: Array, src: Array, index: Any) -> Array:
    """A copy of ``input`` with ``src`` at a basic ``index``."""
    made = xp.array(input)
    made[index] = src
    return made


@op(Kind.GENERAL, input=lambda F, g, index: F.zeroed_at(g, index))
def zeroed_at(xp: Namespace, input: Array, index: Any) -> Array:
    """A copy of ``input`` with 0 at a basic ``index``."""
    made = xp.array(input)
    made[index] = 0
    return made


@op(Kind.GENERAL, node="DiagonalScatterBackward0",
    input=lambda F, g, offset, dim1, dim2:
        g - F.diagonal_put(F.diagonal_(g, offset, dim1, dim2), g.shape, offset, dim1, dim2),
    src=lambda F, g, offset, dim1, dim2: F.diagonal_(g, offset, dim1, dim2))  # fmt: skip
def diagonal_written(xp: Namespace, input: Array, src: Array, offset: int, dim1: int, dim2: int) -> Array:
    """A copy of ``input`` with ``src`` on a diagonal."""
    made = xp.array(input)
    view = made.diagonal(offset, dim1, dim2)
    view.flags.writeable = True
    view[...] = src
    return made


def _check(name: str, src: Tensor, wanted: Dims) -> None:
    if src._array.shape != wanted:
        raise RuntimeError(
            f"expected src to have a size equal to the slice of self. src size = {list(src.shape)}, slice "
            f"size = {list(wanted)}"
        )


def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy of ``input`` whose slice ``index`` of ``dim`` is ``src``."""
    _check("select_scatter", src, select(input, dim, index)._array.shape)
    place = (slice(None),) * wrap(dim, input._array.ndim) + (index,)
    return written_at(input, src, place)


def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A copy of ``input`` in which ``src`` stands at ``start:end:step`` of ``dim``."""
    place = (slice(None),) * wrap(dim, input._array.ndim) + (slice(start, end, step),)
    _check("slice_scatter", src, input._array[place].shape)
    return written_at(input, src, place)


def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy of ``input`` with ``src`` on the diagonal of dimensions ``dim1`` and ``dim2``."""
    ndim = input._array.ndim
    _check("diagonal_scatter", src, input._array.diagonal(offset, wrap(dim1, ndim), wrap(dim2, ndim)).shape)
    return diagonal_written(input, src, offset, wrap(dim1, ndim), wrap(dim2, ndim))


def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices of zeros with the last dimension of ``input`` on their diagonals."""
    ndim = input._array.ndim + 1
    first, second = wrap(dim1, ndim), wrap(dim2, ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    size = input._array.shape[-1] + abs(offset)
    shape = list(input._array.shape[:-1])
    for place in sorted((first, second)):
        shape.insert(place, size)
    return diagonal_put(input, tuple(shape), offset, first, second)


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """A vector on a diagonal of a matrix of zeros, or a diagonal of a matrix as a copy."""
    if input._array.ndim == 1:
        return diag_embed(input, diagonal)
    if input._array.ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input._array.ndim}D")
    return _diagonal(input, diagonal).clone()


_diagonal = diagonal


def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """All elements on a diagonal of a matrix of zeros."""
    return diag_embed(reshape(input, -1), offset)
