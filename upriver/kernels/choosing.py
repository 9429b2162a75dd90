"""Choosing between elements without branches.

NumPy's `where` takes 4 to 9 ns an element on an unpredictable mask. A boolean byte less 1 is -1 (all bits) or
0, and so keeps or clears the bits of a number, nan and inf included, in a quarter of one.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .blocks import THREAD_BLOCK_BYTES, Array, walk

FEW = 1000  # elements up to which NumPy's one call is cheaper than three
INTEGERS = {2: np.dtype(np.int16), 4: np.dtype(np.int32), 8: np.dtype(np.int64)}


def _as_bits(array: Array) -> Array:
    """View a contiguous array of at most 8 bytes an element as flat integers."""
    return array.reshape(-1).view(INTEGERS[array.itemsize])


def _fits(mask: Array, *arrays: Array) -> bool:
    """Whether all have one shape, and the arrays one type that integers can stand for."""
    first = arrays[0]
    return (
        first.size > FEW
        and first.itemsize in INTEGERS
        and mask.dtype == np.bool_
        and all(each.shape == mask.shape and each.dtype == first.dtype for each in arrays)
    )


def zero_where(mask: Array, x: Array) -> Array:
    """Return `x` with 0 where `mask` is true, whatever stood there; the two broadcast."""
    if x.size <= FEW and mask.shape == x.shape:
        made = x.copy()
        np.putmask(made, mask, zero(x.dtype))
        return made
    if not _fits(mask, x):
        return np.where(mask, x.dtype.type(0), x)
    flat, bits = mask.reshape(-1).view(np.int8), _as_bits(x)
    made = np.empty(x.shape, x.dtype)
    out = _as_bits(made)

    def task(start: int, stop: int) -> None:
        part = out[start:stop]
        np.subtract(flat[start:stop], 1, out=part, dtype=bits.dtype)
        np.bitwise_and(part, bits[start:stop], out=part)

    walk(task, bits.size, x.itemsize)
    return made


def select(mask: Array, a: Array, b: Array) -> Array:
    """Return `a` where `mask` is true and `b` elsewhere; the three broadcast."""
    if not _fits(mask, a, b):
        return np.where(mask, a, b)
    flat, first, second = mask.reshape(-1).view(np.int8), _as_bits(a), _as_bits(b)
    made = np.empty(a.shape, a.dtype)
    out = _as_bits(made)

    def task(start: int, stop: int) -> None:
        part = out[start:stop]
        keep = np.subtract(flat[start:stop], 1, dtype=first.dtype)  # all bits where b is wanted
        np.bitwise_xor(first[start:stop], second[start:stop], out=part)
        np.bitwise_and(part, keep, out=part)
        np.bitwise_xor(part, first[start:stop], out=part)

    walk(task, first.size, a.itemsize)
    return made


_ZERO: dict[np.dtype[Any], Array] = {}


def zero(dtype: np.dtype[Any]) -> Array:
    """Zero as an array without dimensions, made once: NumPy takes it in half the time of a number."""
    made = _ZERO.get(dtype)
    if made is None:
        made = _ZERO[dtype] = np.zeros((), dtype)
        made.flags.writeable = False
    return made


@functools.cache
def _zeros(dtype: np.dtype[Any]) -> Array:
    return np.zeros(THREAD_BLOCK_BYTES // dtype.itemsize, dtype)


def positive(x: Array) -> Array:
    """Return the maximum of `x` and 0.

    NumPy's maximum of two arrays takes half the time of that of an array and a number.
    """
    if x.size <= FEW:
        return np.maximum(x, zero(x.dtype))
    made = np.empty(x.shape, x.dtype)
    flat, out, zeros = x.reshape(-1), made.reshape(-1), _zeros(x.dtype)
    walk(
        lambda start, stop: np.maximum(flat[start:stop], zeros[: stop - start], out=out[start:stop]),
        flat.size,
        x.itemsize,
    )
    return made
