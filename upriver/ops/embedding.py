"""Looking rows of a table up, and adding gradients back to them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import FROM_NUMPY
from ..kernels.scatter import add_at
from .namespace import Namespace
from .registry import Kind, op

__all__ = ["embedding"]

Array = np.ndarray[Any, Any]


@op(Kind.GENERAL,
    weight=lambda F, g, indices, weight_shape, padding_idx:
        F.embedding_backward(g, indices, weight_shape[0], padding_idx))  # fmt: skip
def embedding(xp: Namespace, weight: Array, indices: Array, padding_idx: int | None = None) -> Array:
    """The rows of ``weight`` (V, D) named by the integers ``indices`` (*): an array (*, D).

    The row ``padding_idx`` gets no gradient; None and -1 mean that there is no such row. Raises IndexError
    for an index below 0 or not below V.
    """
    if weight.ndim != 2:
        raise RuntimeError(f"'weight' must be 2-D, but got shape {list(weight.shape)}")
    if indices.dtype not in (np.int64, np.int32):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; "
            f"but got torch.{FROM_NUMPY[indices.dtype].tensor_type}Tensor instead (while checking arguments "
            "for embedding)"
        )
    _check_range(indices, len(weight))
    # The range is checked: clipping only saves a second look.
    return xp.take(weight, indices, axis=0, mode="clip")


@op(Kind.GENERAL, grad_output=lambda F, g, indices, padding_idx: looked_up(F, g, indices, padding_idx))
def embedding_backward(
    xp: Namespace, grad_output: Array, indices: Array, num_weights: int, padding_idx: int | None
) -> Array:
    """Zeros (num_weights, D), each row of ``grad_output`` added to the row that ``indices`` names."""
    total = xp.zeros((num_weights, grad_output.shape[-1]), grad_output.dtype)
    add_at(total, (indices.reshape(-1),), grad_output.reshape(indices.size, total.shape[1]))
    if padding_idx is not None and padding_idx >= 0:
        total[padding_idx : padding_idx + 1] = 0
    return total


def looked_up(F: Any, g: Any, indices: Any, padding_idx: int | None) -> Any:
    """The rule of :func:`embedding_backward`: rows looked up again, 0 for the row without gradient."""
    rows = F.embedding(g, indices, padding_idx)
    if padding_idx is None or padding_idx < 0:
        return rows
    return F.mask_where(F.unsqueeze_(indices == padding_idx, (len(indices.shape),)), rows)


def _check_range(indices: Array, rows: int) -> None:
    if not indices.size:
        return
    # Read as unsigned, negative numbers are the largest: one pass finds both kinds.
    unsigned = indices.view(np.dtype(f"u{indices.itemsize}"))
    if unsigned.max() >= rows:
        wrong = indices[unsigned >= rows].reshape(-1)[0]
        raise IndexError(f"index out of range in self: got {wrong} for {rows} rows")
