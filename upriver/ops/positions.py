"""Positions in a flattened tensor and back, and where values occur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..tensor import Tensor, from_array
from .index import index_put, nonzero, whole_positions
from .namespace import Namespace
from .registry import Kind, op
from .shape import reshape

__all__ = ["argwhere", "isin", "put", "unravel_index"]

Array = np.ndarray[Any, Any]


def argwhere(input: Tensor) -> Tensor:
    """The positions of the elements that are not zero: a row each.

    >>> import upriver as up
    >>> up.argwhere(up.tensor([[0, 1], [2, 0]])).tolist()
    [[0, 1], [1, 0]]
    """
    return nonzero(input)


def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """A copy of ``input`` whose elements ``index``, counted as if it were flat, are those of ``source``.

    ``accumulate`` adds them instead. Raises IndexError for positions beyond the end and unless ``source`` has
    as many elements as ``index``, RuntimeError unless it has ``input``'s type.

    >>> import upriver as up
    >>> up.zeros(2, 2).put(up.tensor([0, 3]), up.tensor([5.0, 6.0]))
    tensor([[5., 0.],
            [0., 6.]])
    """
    whole_positions("put", index)
    if index.numel() != source.numel():
        raise IndexError(
            f"put_(): Expected source and index to have the same number of elements, but got "
            f"source.numel() = {source.numel()}, index.numel() = {index.numel()}"
        )
    if source.dtype is not input.dtype:
        raise RuntimeError(
            "put_(): self and source expected to have the same dtype, but got self.dtype = "
            f"{input.dtype.tensor_type} and source.dtype = {source.dtype.tensor_type}"
        )
    size, array = input.numel(), index._array
    outside = array[(array >= size) | (array < -size)]
    if outside.size:
        raise IndexError(
            f"out of range: tried to access index {outside.flat[0]} on a tensor of {size} elements."
        )
    flat, places = reshape(input, -1), (reshape(index, -1),)
    return reshape(index_put(flat, places, reshape(source, -1), accumulate), tuple(input.shape))


@op(Kind.GENERAL, shown="isin")
def occurs(xp: Namespace, input: Array, among: Array) -> Array:
    """Whether each element of ``input`` is one of ``among``."""
    return xp.isin(input, among)


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Whether each of ``elements`` is one of ``test_elements``; either may be a number.

    >>> import upriver as up
    >>> up.isin(up.tensor([1, 2, 3]), up.tensor([2, 3]))
    tensor([False,  True,  True])
    """
    if not isinstance(elements, Tensor) and not isinstance(test_elements, Tensor):
        raise TypeError("isin(): one of elements and test_elements must be a Tensor")
    given = (each if isinstance(each, Tensor) else from_array(np.asarray(each))
             for each in (elements, test_elements))  # fmt: skip
    found: Tensor = occurs(*given)
    return ~found if invert else found


def unravel_index(indices: Tensor, shape: int | Sequence[int]) -> tuple[Tensor, ...]:
    """Positions in a flattened tensor of ``shape`` as one index tensor for each dimension.

    >>> import upriver as up
    >>> up.unravel_index(up.tensor([5]), (2, 3))
    (tensor([1]), tensor([2]))
    """
    if indices._array.dtype.kind not in "iu":
        raise TypeError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    lengths = (shape,) if isinstance(shape, int) else tuple(shape)
    steps = np.cumprod([1, *lengths[:0:-1]])[::-1]
    return tuple(indices // int(step) % length for step, length in zip(steps, lengths, strict=True))
