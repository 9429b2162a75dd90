"""What linear algebra asks of its operands, in PyTorch's words."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...dtypes import FROM_NUMPY
from ...tensor import Tensor

__all__ = ["LinAlgError"]

Array = np.ndarray[Any, Any]


class LinAlgError(RuntimeError):
    """A matrix is singular, not positive definite, or an iteration did not converge."""


def check_matrix(name: str, A: Tensor) -> None:
    """Raise RuntimeError unless ``A`` is a stack of floating matrices."""
    array = A._array
    if array.dtype.kind not in "fc":
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. Got {A.dtype.tensor_type}"
        )
    if array.dtype == np.float16:
        raise RuntimeError(
            f"{name}: Low precision dtypes not supported. Got Half: convert with .float() first"
        )
    if array.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor A must have at least 2 dimensions.")


def check_square(name: str, A: Tensor) -> None:
    """Raise RuntimeError unless ``A`` is a stack of floating square matrices."""
    if A._array.ndim >= 2 and A._array.shape[-1] != A._array.shape[-2]:
        rows, columns = A._array.shape[-2:]
        raise RuntimeError(
            f"{name}: A must be batches of square matrices, but they are {rows} by {columns} matrices"
        )
    check_matrix(name, A)


def check_same_type(name: str, A: Tensor, B: Tensor) -> None:
    """Raise RuntimeError unless both have the same element type."""
    if A._array.dtype != B._array.dtype:
        first, second = (FROM_NUMPY[each._array.dtype].tensor_type for each in (A, B))
        raise RuntimeError(
            f"{name}: Expected A and B to have the same dtype, but found A of type {first} and B of type "
            f"{second} instead"
        )


def batch_element(shape: tuple[int, ...], index: tuple[int, ...]) -> str:
    """How PyTorch names one matrix of a stack, nothing for a single matrix."""
    return f"(Batch element {np.ravel_multi_index(index, shape)}): " if shape else ""


def singular(A: Array) -> tuple[str, int]:
    """Which matrix of the stack is singular, as PyTorch names it, and its first zero pivot, from 1."""
    for index in np.ndindex(A.shape[:-2]):
        pivot = _zero_pivot(A[index])
        if pivot:
            return batch_element(A.shape[:-2], index), pivot
    return "", A.shape[-1]


def _zero_pivot(matrix: Array) -> int:
    """The first zero on the diagonal of U in the LU factorisation with partial pivoting, counted from 1; 0 if
    none.
    """
    work = matrix.copy()
    for k in range(len(work)):
        row = k + int(np.argmax(np.abs(work[k:, k])))
        if work[row, k] == 0:
            return k + 1
        work[[k, row]] = work[[row, k]]
        work[k + 1 :] -= np.outer(work[k + 1 :, k] / work[k, k], work[k])
    return 0


def indefinite(A: Array) -> tuple[str, int]:
    """Which matrix of the stack is not positive definite, and the order of its first minor that is not."""
    for index in np.ndindex(A.shape[:-2]):
        for order in range(1, A.shape[-1] + 1):
            try:
                np.linalg.cholesky(A[index][:order, :order])
            except np.linalg.LinAlgError:
                return batch_element(A.shape[:-2], index), order
    return "", A.shape[-1]


# -- what derivative rules share -----------------------------------------------------------------------------


def is_complex(x: Any) -> bool:
    """Whether an array or a tensor is complex."""
    return bool(getattr(x.dtype, "numpy", x.dtype).kind == "c")


def mH(F: Any, x: Any) -> Any:
    """The conjugate transpose."""
    return F.conj_physical(F.mT(x)) if is_complex(x) else F.mT(x)


def column(F: Any, x: Any) -> Any:
    """Vectors as columns: (\\*, n) to (\\*, n, 1)."""
    return F.unsqueeze_(x, (len(x.shape),))


def row(F: Any, x: Any) -> Any:
    """Vectors as rows: (\\*, n) to (\\*, 1, n)."""
    return F.unsqueeze_(x, (len(x.shape) - 1,))


def diagonal(F: Any, x: Any) -> Any:
    """The diagonals of a stack of matrices."""
    n = len(x.shape)
    return F.diagonal_(x, 0, n - 2, n - 1)


def diagonal_matrix(F: Any, x: Any) -> Any:
    """Vectors (\\*, n) as the diagonals of matrices (\\*, n, n)."""
    n = len(x.shape)
    return F.diagonal_put(x, (*x.shape, x.shape[-1]), 0, n - 1, n)


def over_differences(F: Any, x: Any, differences: Any) -> Any:
    """``x / differences`` off the diagonal, 0 on it; 0 too where both are 0.

    Differences of equal eigenvalues are 0: what does not depend on the choice of their vectors has ``x`` 0
    there.
    """
    eye = np.eye(x.shape[-1])
    differences = F.add(differences, constant(eye, x))
    neither = F.logical_and(x == 0, differences == 0)
    return F.mul(x / F.add(differences, F.to_dtype(neither, real_type(x))), constant(1 - eye, x))


def real_type(x: Any) -> np.dtype[Any]:
    """NumPy's real type of the precision of an array or a tensor."""
    return np.zeros(0, getattr(x.dtype, "numpy", x.dtype)).real.dtype


def constant(array: Array, like: Any) -> Array:
    """A constant of the real type of ``like``."""
    return array.astype(real_type(like))
