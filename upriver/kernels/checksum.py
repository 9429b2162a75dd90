"""A checksum of an array's bytes, to find out that a buffer was written behind the engine's back."""

from __future__ import annotations

from functools import cache

import numpy as np

from .blocks import Array

HASHED_BYTES = 1 << 14  # Python's own hash of bytes is quicker up to here
BLOCK_WORDS = 1 << 15
MASK = (1 << 64) - 1
BLOCK_FACTOR = 0x9E3779B97F4A7C15


@cache
def _weights() -> Array:
    """Return fixed odd pseudo-random words (SplitMix64: Steele, Lea and Flood 2014)."""
    word = np.arange(1, BLOCK_WORDS + 1, dtype=np.uint64) * np.uint64(BLOCK_FACTOR)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (word ^ (word >> np.uint64(31))) | np.uint64(1)


def checksum(array: Array) -> int:
    """Return 64 bits that change, but for odds of about 2**-30 or less, when any bytes of `array` change or
    swap.

    Comparable within one process, between arrays of the same layout. Contiguous arrays are read once, at the
    speed of memory; others are copied first.

    >>> a = np.arange(6.0)
    >>> checksum(a) == checksum(a.copy()), checksum(a) == checksum(a[::-1])
    (True, False)
    """
    if array.nbytes <= HASHED_BYTES:
        return hash(array.tobytes()) & MASK
    if array.flags.f_contiguous:
        array = array.T
    data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    whole = data.size // 8 * 8
    words = data[:whole].view(np.uint64)
    total = int.from_bytes(data[whole:].tobytes(), "little") + data.size * BLOCK_FACTOR
    mixed = np.empty(min(BLOCK_WORDS, words.size), np.uint64)
    for start in range(0, words.size, BLOCK_WORDS):
        block = words[start : start + BLOCK_WORDS]
        scratch = mixed[: block.size]
        # A weighted sum mod 2**64 is blind to two high bits that trade places, such as signs of doubles:
        # spread them.
        np.right_shift(block, np.uint64(29), out=scratch)
        np.bitwise_xor(scratch, block, out=scratch)
        total = total * BLOCK_FACTOR + int(np.einsum("i,i->", scratch, _weights()[: block.size]))
        total &= MASK
    return total
