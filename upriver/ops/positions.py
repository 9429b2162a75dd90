"""Positions in a flattened tensor and back, and where values occur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..tensor import Tensor, from_array
from .index import getitem, index_put, nonzero, whole_positions
from .namespace import Namespace
from .registry import Kind, op
from .shape import reshape

__all__ = ["argwhere", "isin", "put", "take", "unravel_index"]

Array = np.ndarray[Any, Any]


def argwhere(input: Tensor) -> Tensor:
    """The positions of the elements that are not zero: a row each.

    >>> import upriver as up
    >>> up.argwhere(up.tensor([[0, 1], [2, 0]])).tolist()
    [[0, 1], [1, 0]]
    """
    return nonzero(input)


def refuse_outside(index: Tensor, size: int) -> None:
    """Raise IndexError in PyTorch's words unless every position, from either end, lies within ``size``."""
    array = index._array
    if array.size and (array.max() >= size or array.min() < -size):
        wrong = array[(array >= size) | (array < -size)].flat[0]
        raise IndexError(f"out of range: tried to access index {wrong} on a tensor of {size} elements.")


def take(input: Tensor, index: Tensor) -> Tensor:
    """Elements of the flattened input at ``index``, in the shape of ``index``."""
    whole_positions("take", index)
    refuse_outside(index, input.numel())
    return getitem(reshape(input, -1), index)


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
    refuse_outside(index, input.numel())
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
