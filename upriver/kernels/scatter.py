"""Accumulation at indices, in place, for arrays of any rank.

`np.add.at` runs at about 1 ns an element only from one-dimensional indices into one-dimensional arrays, and
five times slower otherwise, so positions are computed first: one integer for each element of `values`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .blocks import BLOCK_BYTES, Array

FEW = 1000  # elements up to which computing positions costs more than it saves


def _checked(index: Array, size: int, axis: int) -> Array:
    """Return `index` with negatives counted from the end; raise IndexError outside the axis."""
    if index.size == 0:
        return index
    low, high = int(index.min()), int(index.max())
    if low < -size or high >= size:
        wrong = low if low < -size else high
        raise IndexError(f"index {wrong} is out of bounds for dimension {axis} with size {size}")
    return np.where(index < 0, index + size, index) if low < 0 else index


def _leading_rows(shape: Sequence[int], index: Sequence[Any]) -> Array:
    """Return which row each index tuple means, rows being numbered over the indexed leading axes."""
    rows: Any = 0
    for axis, entry in enumerate(index):
        rows = rows * shape[axis] + _checked(np.asarray(entry), shape[axis], axis)
    return np.asarray(rows)


def _is_integer(entry: Any) -> bool:
    if isinstance(entry, np.ndarray):
        return entry.dtype.kind in "iu"
    return isinstance(entry, (int, np.integer)) and not isinstance(entry, bool)


def add_at(target: Array, index: tuple[Any, ...], values: Array) -> None:
    """Add `values` to `target[index]` in place, adding up where an index repeats.

    Integers and integer arrays on the leading axes (rows of an embedding, elements picked by one index an
    axis) of a contiguous target are fast. Any other index, and a handful of values, goes through `np.add.at`.
    """
    few = np.size(values) <= FEW
    if few or not (index and all(map(_is_integer, index)) and target.flags.c_contiguous):
        np.add.at(target, index, values)
        return
    rows = _leading_rows(target.shape, index)
    row_shape = target.shape[len(index) :]
    values = np.broadcast_to(values, (*rows.shape, *row_shape))
    length = math.prod(row_shape)
    _add_rows(target.reshape(-1), rows.reshape(-1), values.reshape(rows.size, length), length)


def _add_rows(flat: Array, rows: Array, values: Array, length: int) -> None:
    """Add row i of `values` to row `rows[i]`, a block of rows at a time so that positions stay in cache."""
    values = values.astype(flat.dtype, copy=False)
    if length == 1:
        np.add.at(flat, rows, values.reshape(-1))
        return
    within = np.arange(length)
    step = max(1, BLOCK_BYTES // (8 * max(1, length)))
    for start in range(0, len(rows), step):
        positions = rows[start : start + step, None] * length + within
        np.add.at(flat, positions.reshape(-1), values[start : start + step].reshape(-1))


def index_add(target: Array, axis: int, index: Array, values: Array) -> None:
    """Add slice i of `values` along `axis` to slice `index[i]` of the contiguous `target`, in place."""
    axis = axis % target.ndim
    outer = math.prod(target.shape[:axis])
    size, length = target.shape[axis], math.prod(target.shape[axis + 1 :])
    index = _checked(index.reshape(-1), size, axis)
    rows = (np.arange(outer)[:, None] * size + index).reshape(-1)
    _add_rows(_flat(target), rows, values.reshape(rows.size, length), length)


def scatter_add_axis(target: Array, axis: int, index: Array, values: Array) -> None:
    """Add every element of `values` that has a place in `index` to `target`, in place.

    Along `axis` the element goes to the place that `index` says, along the others it keeps its own, as
    PyTorch's `scatter_add_`. `index` may be smaller than `values` on any axis. A contiguous target is fast.
    """
    if target.ndim == 0:
        target[...] += values.reshape(-1)[: index.size].sum(dtype=target.dtype)
        return
    axis = axis % target.ndim
    values = values[tuple(slice(length) for length in index.shape)]
    places = list(np.ix_(*map(np.arange, index.shape)))
    places[axis] = _checked(index, target.shape[axis], axis)
    if index.size <= FEW or not target.flags.c_contiguous:
        np.add.at(target, tuple(places), values)
        return
    positions: Any = 0
    for size, place in zip(target.shape, places, strict=True):
        positions = positions * size + place
    flat_values = values.reshape(-1).astype(target.dtype, copy=False)
    np.add.at(target.reshape(-1), positions.reshape(-1), flat_values)


def _flat(target: Array) -> Array:
    if not target.flags.c_contiguous:
        raise ValueError(
            f"the target must be contiguous, but has shape {target.shape} and strides {target.strides}"
        )
    return target.reshape(-1)
