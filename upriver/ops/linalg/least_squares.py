"""Least squares: pseudo-inverses and what is solved with them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...autograd.namespaces import ON_TENSORS as F
from ...tensor import Tensor, from_array
from ..contraction import matmul
from ..namespace import Namespace
from ..registry import Kind, op
from .checks import check_matrix, check_same_type, column, mH
from .decompose import svdvals

__all__ = ["lstsq", "matrix_rank", "pinv"]

Array = np.ndarray[Any, Any]


class LeastSquares(NamedTuple):
    """What :func:`lstsq` finds; what its ``driver`` leaves out is empty."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor


def _pinv_rule(F: Any, g: Any, input: Any, out: Any) -> Any:
    """Golub and Pereyra's formula, for matrices of constant rank."""
    adjoint, gh = mH(F, out), mH(F, g)
    if input.shape[-2] <= input.shape[-1]:
        K = F.matmul(gh, out)
        after = F.matmul(K, adjoint)
        rest = F.matmul(F.matmul(adjoint, out), gh - F.matmul(K, input))
        return after - mH(F, F.matmul(out, K)) - F.matmul(F.matmul(input, out), after) + rest
    K = F.matmul(out, gh)
    before = F.matmul(adjoint, K)
    rest = F.matmul(F.matmul(gh - F.matmul(input, K), out), adjoint)
    return before - mH(F, F.matmul(K, out)) - F.matmul(F.matmul(before, out), input) + rest


@op(Kind.GENERAL, wirtinger=True, input=_pinv_rule, node="LinalgPinvBackward0", shown="linalg.pinv")
def pseudo_inverse(xp: Namespace, input: Array, tolerance: float, hermitian: bool) -> Array:
    """Moore and Penrose's inverse; singular values below ``tolerance`` times the largest count as 0."""
    return xp.linalg.pinv(input, rcond=tolerance, hermitian=hermitian)


def pinv(A: Tensor, *, rtol: float | None = None, hermitian: bool = False) -> Tensor:
    """Moore and Penrose's pseudo-inverse; singular values below ``rtol`` times the largest count as 0.

    ``rtol`` is ``max(m, n)`` times the type's epsilon unless given.

    >>> import upriver as up
    >>> up.linalg.pinv(up.tensor([[2.0, 0.0], [0.0, 0.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    array = A._array
    if array.ndim < 2 or array.dtype.kind not in "fc":
        raise RuntimeError(
            f"linalg.pinv({A.dtype.tensor_type}{{{list(array.shape)}}}): expected a tensor with 2 or more "
            "dimensions of float, "
            "double, cfloat or cdouble types"
        )
    return pseudo_inverse(
        A, max(array.shape[-2:]) * float(np.finfo(array.dtype).eps) if rtol is None else rtol, hermitian
    )


def matrix_rank(
    A: Tensor,
    *,
    atol: float | Tensor | None = None,
    rtol: float | Tensor | None = None,
    hermitian: bool = False,
) -> Tensor:
    """How many singular values are above the larger of ``atol`` and ``rtol`` times the largest one: int64.

    >>> import upriver as up
    >>> up.linalg.matrix_rank(up.ones(3, 3))
    tensor(1)
    """
    check_matrix("linalg.matrix_rank", A)
    array: Array = A._array
    values = np.abs(np.linalg.eigvalsh(array) if hermitian else np.linalg.svd(array, compute_uv=False))
    absolute, relative = (
        np.asarray(each._array if isinstance(each, Tensor) else each or 0) for each in (atol, rtol)
    )
    if atol is None and rtol is None:
        relative = np.asarray(max(A._array.shape[-2:]) * np.finfo(values.dtype).eps)
    bound = np.maximum(absolute, relative * values.max(axis=-1, initial=0))
    return from_array(np.asarray((values > bound[..., None]).sum(axis=-1), np.int64))


def lstsq(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> LeastSquares:
    """The ``X`` for which ``A @ X - B`` is smallest, as ``(solution, residuals, rank, singular_values)``.

    Shapes (\\*, m, n) and (\\*, m, k). There is one method, by singular values; ``driver`` only says which of
    the other results are filled in, as in PyTorch: "gelsy" (the default) the rank; "gelsd" and "gelss" the
    rank, the singular values and, where m > n and the rank is full, the sums of squares that remain; "gels"
    these sums alone.

    >>> import upriver as up
    >>> up.linalg.lstsq(up.tensor([[1.0], [0.0]]), up.tensor([[2.0], [3.0]])).solution
    tensor([[2.]])
    """
    check_matrix("linalg.lstsq", A)
    check_same_type("linalg.lstsq", A, B)
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss), but got "
            + str(driver)
        )
    vector = B._array.ndim == A._array.ndim - 1
    right = column(F, B) if vector else B
    rows, columns = A._array.shape[-2:]
    if right._array.shape[-2] != rows:
        found = right._array.shape[-2]
        raise RuntimeError(
            f"torch.linalg.lstsq: input.size(-2) should match other.size(-2), but got {rows} and {found}"
        )
    solution = matmul(pinv(A, rtol=rcond), right)
    rank = matrix_rank(A, rtol=rcond)
    full = rows > columns and bool((rank._array == columns).all())
    residuals = (
        _remaining(A, solution, right)
        if full and driver not in (None, "gelsy")
        else _empty(A._array.real.dtype)
    )
    values = svdvals(A) if driver in ("gelsd", "gelss") else _empty(A._array.real.dtype)
    if vector:
        solution = F.squeeze_(solution, (solution._array.ndim - 1,))
    return LeastSquares(solution, residuals, _empty(np.int64) if driver == "gels" else rank, values)


def _remaining(A: Tensor, solution: Tensor, right: Tensor) -> Tensor:
    """The sum of squares of what the solution misses, for each column."""
    missed = F.abs(F.sub(matmul(A, solution), right))
    return F.sum_over(F.mul(missed, missed), (missed._array.ndim - 2,), False)


def _empty(kind: Any) -> Tensor:
    return from_array(np.empty(0, kind))
