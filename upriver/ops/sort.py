"""Sorting, ranking, searching and counting.

Sorting is an index (an operator without a derivative) and a pick: see :mod:`upriver.ops.extrema`. All sorts
are stable, NaN counts as the largest number.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ..tensor import Tensor, from_array
from .extrema import Selected, picked
from .namespace import Namespace
from .registry import Kind, op
from .shape import wrap

__all__ = [
    "argsort", "bincount", "bucketize", "histc", "kthvalue", "msort", "searchsorted", "sort", "topk",
    "unique", "unique_consecutive",
]  # fmt: skip

Array = np.ndarray[Any, Any]

GENERAL = Kind.GENERAL
PARTITION_FROM = 2048  # entries from which finding the k largest beats sorting all

# -- sorting -------------------------------------------------------------------------------------------------


@op(GENERAL, shown="sort")
def order(xp: Namespace, input: Array, dim: int, descending: bool) -> Array:
    """The positions along ``dim`` that sort it; equal elements keep their order."""
    return _order(xp, input, dim, descending)


def _order(xp: Namespace, input: Array, dim: int, descending: bool) -> Array:
    if input.dtype.kind == "c":
        raise RuntimeError(
            " Sort does not support complex dtypes on CPU: they have no order. Sort their absolute values or "
            "their parts."
        )
    if not descending:
        return xp.argsort(input, axis=dim, stable=True)
    return input.shape[dim] - 1 - xp.flip(xp.argsort(xp.flip(input, dim), axis=dim, stable=True), dim)


@op(GENERAL, shown="topk")
def order_of_largest(xp: Namespace, input: Array, k: int, dim: int, largest: bool) -> Array:
    """The positions of the ``k`` largest (smallest) along ``dim``, best first."""
    length = input.shape[dim]
    if length < PARTITION_FROM or k > length // 8:
        return xp.take(_order(xp, input, dim, largest), xp.arange(k), axis=dim)
    edge = length - k if largest else k - 1
    candidates = xp.argpartition(input, edge, axis=dim)
    candidates = xp.take(candidates, xp.arange(edge, length) if largest else xp.arange(k), axis=dim)
    candidates = xp.sort(candidates, axis=dim)  # so that equal elements are met in their order
    ranks = _order(xp, xp.take_along_axis(input, candidates, dim), dim, largest)
    return xp.take_along_axis(candidates, ranks, dim)


def _sorted(index_of: Any, input: Tensor, dim: int, *settings: Any) -> Selected:
    if input._array.ndim == 0:
        index = from_array(np.zeros((), np.int64))
        return Selected(picked(input, index, 0, True, "sort"), index)
    index = index_of(input, dim, *settings)
    return Selected(picked(input, index, dim, True, "sort"), index)


def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = True) -> Selected:
    """The elements in order along ``dim``, and where each was, as ``(values, indices)``; always stable.

    >>> import upriver as up
    >>> up.tensor([3, 1, 2]).sort(descending=True).indices
    tensor([0, 2, 1])
    """
    return _sorted(order, input, wrap(dim, input._array.ndim), descending)


def argsort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = True) -> Tensor:
    """Where each element of the sorted ``input`` is: the indices of :func:`sort`.

    >>> import upriver as up
    >>> up.tensor([3, 1, 2]).argsort()
    tensor([1, 2, 0])
    """
    dim = wrap(dim, input._array.ndim)
    return order(input, dim, descending) if input._array.ndim else from_array(np.zeros((), np.int64))


def msort(input: Tensor) -> Tensor:
    """The elements in order along the first dimension.

    >>> import upriver as up
    >>> up.msort(up.tensor([3, 1, 2]))
    tensor([1, 2, 3])
    """
    return sort(input, 0).values


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Selected:
    """The ``k`` largest (or smallest) along ``dim``, best first, and where they are, as ``(values,
    indices)``.

    Raises RuntimeError when there are fewer than ``k``.

    >>> import upriver as up
    >>> up.tensor([1.0, 4.0, 2.0, 3.0]).topk(2).values
    tensor([4., 3.])
    """
    ndim = input._array.ndim
    dim = wrap(dim, ndim)
    if not 0 <= k <= (input._array.shape[dim] if ndim else 1):
        raise RuntimeError(
            f"selected index k out of range: k={k} of a dimension of length "
            f"{input._array.shape[dim] if ndim else 1}"
        )
    if ndim == 0:
        return _sorted(None, input, 0)
    index = order_of_largest(input, k, dim, largest)
    return Selected(picked(input, index, dim, True, "topk"), index)


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Selected:
    """The ``k``-th smallest (from 1) along ``dim`` and where it is, as ``(values, indices)``.

    Raises RuntimeError when there are fewer than ``k``.

    >>> import upriver as up
    >>> up.tensor([1.0, 4.0, 2.0, 3.0]).kthvalue(2).values
    tensor(2.)
    """
    ndim = input._array.ndim
    dim = wrap(dim, ndim)
    length = input._array.shape[dim] if ndim else 1
    if length == 0:
        raise IndexError(f"kthvalue(): Expected reduction dim {dim} to have non-zero size.")
    if not 1 <= k <= length:
        raise RuntimeError(
            f"kthvalue(): selected number k out of range for dimension {dim}: k={k}, its length is {length}"
        )
    if ndim == 0:
        return _sorted(None, input, 0)
    index = from_array(np.take(order(input, dim, False)._array, [k - 1] if keepdim else k - 1, axis=dim))
    return Selected(picked(input, index, dim, keepdim, "kthvalue"), index)


# -- sets ----------------------------------------------------------------------------------------------------


def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct elements in order (or distinct slices along ``dim``), and on request where each came from,
    and how often.

    >>> import upriver as up
    >>> up.unique(up.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    values, inverse, counts = np.unique(input._array, return_inverse=True, return_counts=True, axis=dim)
    inverse = inverse.reshape(input._array.shape) if dim is None else inverse.reshape(-1)
    return _set(values, inverse, counts, return_inverse, return_counts)


def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """``input`` without elements (or slices along ``dim``) that equal their predecessor; otherwise as
    :func:`unique`.

    >>> import upriver as up
    >>> up.unique_consecutive(up.tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])
    """
    array = (
        input._array.reshape(-1)
        if dim is None
        else np.moveaxis(input._array, wrap(dim, input._array.ndim), 0)
    )
    starts = np.ones(len(array), np.bool_)
    starts[1:] = (array[1:] != array[:-1]).reshape(max(len(array) - 1, 0), -1).any(axis=1)
    values, inverse = array[starts], np.cumsum(starts) - 1
    counts = np.diff(np.append(np.flatnonzero(starts), len(array)))
    if dim is None:
        inverse = inverse.reshape(input._array.shape)
    else:
        values = np.ascontiguousarray(np.moveaxis(values, 0, dim))
    return _set(values, inverse, counts, return_inverse, return_counts)


def _set(values: Array, inverse: Array, counts: Array, return_inverse: bool, return_counts: bool) -> Any:
    parts = [values, *([inverse] if return_inverse else []), *([counts] if return_counts else [])]
    tensors = tuple(from_array(each) for each in parts)
    return tensors if len(tensors) > 1 else tensors[0]


# -- searching and counting ----------------------------------------------------------------------------------


def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Where each of ``input`` would be inserted into the sorted last dimension to keep it sorted.

    Before equal elements, or after them with ``right=True``. Raises RuntimeError when leading dimensions
    differ.

    >>> import upriver as up
    >>> up.searchsorted(up.tensor([1, 3, 5]), up.tensor([3, 4]))
    tensor([1, 2])
    """
    edges = sorted_sequence._array
    values = input._array if isinstance(input, Tensor) else np.asarray(input)
    if sorter is not None:
        edges = np.take_along_axis(edges, sorter._array, -1)
    if edges.ndim != 1 and (edges.ndim != values.ndim or edges.shape[:-1] != values.shape[:-1]):
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
            "boundaries tensor and "
            f"input value tensor must match, but we got boundaries tensor {list(edges.shape)} and input "
            "value tensor "
            f"{list(values.shape)}"
        )
    where: Literal["left", "right"] = "right" if right or side == "right" else "left"
    kind = np.int32 if out_int32 else np.int64
    if edges.ndim == 1:
        return from_array(np.asarray(np.searchsorted(edges, values, where), kind))
    found = np.empty(values.shape, kind)
    for row in np.ndindex(edges.shape[:-1]):
        found[row] = np.searchsorted(edges[row], values[row], where)
    return from_array(found)


def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """Which of the intervals between sorted ``boundaries`` each element is in; :func:`searchsorted` the other
    way round.

    >>> import upriver as up
    >>> up.bucketize(up.tensor([3, 6]), up.tensor([1, 3, 5]))
    tensor([1, 3])
    """
    if boundaries._array.ndim != 1:
        raise RuntimeError(
            f"bucketize(): boundaries tensor must be 1 dimension, but got dim({boundaries._array.ndim})"
        )
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many elements are in each of ``bins`` equal parts of [min, max]; of the elements' own range where
    both are equal.

    Elements outside are not counted. Raises NotImplementedError for integers, RuntimeError for an empty
    range.

    >>> import upriver as up
    >>> up.histc(up.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])
    """
    array = input._array
    if array.dtype.kind != "f":
        raise NotImplementedError(f"\"histogram_cpu\" not implemented for '{input.dtype.tensor_type}'")
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    if max < min:
        raise RuntimeError(f"torch.histc: max must be larger than min, but min={min} and max={max}")
    if min == max and array.size:
        min, max = float(array.min()), float(array.max())
    if min == max:
        min, max = min - 1, max + 1
    counts, _ = np.histogram(array, bins, (min, max))
    return from_array(counts.astype(array.dtype))


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2 ... is among the elements, or the sum of their ``weights``; at least
    ``minlength`` entries.

    Raises RuntimeError for negative numbers, or more than one dimension.

    >>> import upriver as up
    >>> up.bincount(up.tensor([1, 1, 3]))
    tensor([0, 2, 0, 1])
    """
    array = input._array
    if array.dtype.kind not in "iu":
        raise NotImplementedError(f"\"bincount_cpu\" not implemented for '{input.dtype.tensor_type}'")
    if array.ndim != 1 or (array.size and array.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise RuntimeError(f"minlength should be >= 0, but got {minlength}")
    if weights is None:
        return from_array(np.bincount(array, minlength=minlength).astype(np.int64, copy=False))
    kind = np.float32 if weights._array.dtype == np.float32 else np.float64
    return from_array(np.bincount(array, weights._array, minlength).astype(kind, copy=False))
