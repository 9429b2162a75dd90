"""What operators check of their operands, in PyTorch's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import FROM_NUMPY

__all__ = ["common_shape", "refuse_unless_floating", "same_type", "sizes"]

Array = np.ndarray[Any, Any]


def refuse_unless_floating(array: Array, kernel: str) -> None:
    """Raise NotImplementedError, which names PyTorch's ``kernel``, unless ``array`` is real and floating."""
    if array.dtype.kind != "f":
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{FROM_NUMPY[array.dtype].tensor_type}'")


def same_type(first: Array, other: Array | None) -> None:
    """Raise RuntimeError unless ``other`` is None or has the element type of ``first``."""
    if other is not None and other.dtype != first.dtype:
        expected, found = (FROM_NUMPY[each.dtype].tensor_type for each in (first, other))
        raise RuntimeError(f"expected scalar type {expected} but found {found}")


def sizes(value: int | Sequence[int], count: int, name: str) -> tuple[int, ...]:
    """``value`` as ``count`` ints, one for each window dimension: a single number stands for all of them."""
    if isinstance(value, (int, np.integer)):
        return (int(value),) * count
    given = tuple(int(each) for each in value)
    if len(given) == 1:
        return given * count
    if len(given) != count:
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {count} values to match the "
            f"convolution dimensions, but got {name}={list(given)}"
        )
    return given


def common_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """What ``shapes`` broadcast to; RuntimeError in PyTorch's words where two do not."""
    a: tuple[int, ...] = ()
    for b in shapes:
        for back in range(1, min(len(a), len(b)) + 1):
            if a[-back] != b[-back] and 1 not in (a[-back], b[-back]):
                raise RuntimeError(
                    f"The size of tensor a ({a[-back]}) must match the size of tensor b ({b[-back]}) at "
                    f"non-singleton dimension {max(len(a), len(b)) - back}"
                )
        a = np.broadcast_shapes(a, b)
    return a
