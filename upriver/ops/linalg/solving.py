"""Inverses, linear systems and the Cholesky factor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...autograd.namespaces import ON_TENSORS as F
from ...tensor import Tensor
from ..namespace import Namespace
from ..registry import Kind, op
from .checks import LinAlgError, check_same_type, check_square, column, constant, indefinite, mH, singular

__all__ = [
    "cholesky", "cholesky_inverse", "cholesky_solve", "inv", "solve", "solve_triangular", "tensorinv",
    "tensorsolve",
]  # fmt: skip

Array = np.ndarray[Any, Any]

GENERAL = Kind.GENERAL


# -- inverses and systems ------------------------------------------------------------------------------------


@op(
    GENERAL,
    input=lambda F, g, out: -F.matmul(F.matmul(F.mT(out), g), F.mT(out)),
    node="LinalgInvExBackward0",
    shown="linalg.inv",
)
def inverse(xp: Namespace, input: Array) -> Array:
    """The inverses of a stack of matrices."""
    try:
        return xp.linalg.inv(input)
    except np.linalg.LinAlgError:
        which, pivot = singular(input)
        raise LinAlgError(
            f"linalg.inv: {which}The diagonal element {pivot} is zero, the inversion could not be completed "
            "because the input "
            "matrix is singular."
        ) from None


@op(GENERAL, node="LinalgSolveExBackward0", shown="linalg.solve",
    input=lambda F, g, input, out, input_shape:
        F.sum_to(-F.matmul(F.solve_matrix(F.mT(input), g), F.mT(out)), input_shape),
    other=lambda F, g, input, other_shape: F.sum_to(F.solve_matrix(F.mT(input), g), other_shape))  # fmt: skip
def solve_matrix(xp: Namespace, input: Array, other: Array) -> Array:
    """``X`` with ``input @ X = other``, for stacks of matrices."""
    try:
        return xp.linalg.solve(input, other)
    except np.linalg.LinAlgError:
        which, _ = singular(input)
        raise LinAlgError(
            f"torch.linalg.solve: {which}The solver failed because the input matrix is singular."
        ) from None


def _triangle(like: Any, upper: bool, unitriangular: bool) -> Array:
    """1 in the half that a triangular matrix has, 0 elsewhere (and on a diagonal taken to be 1)."""
    n = like.shape[-1]
    half = np.tri(n, k=-1 if unitriangular else 0)
    return constant(half.T if upper else half, like)


def _triangular_rule(
    F: Any, g: Any, input: Any, out: Any, input_shape: Any, upper: bool, unitriangular: bool
) -> Any:
    solved = F.solve_half(F.mT(input), g, not upper, unitriangular)
    return F.sum_to(F.mul(-F.matmul(solved, F.mT(out)), _triangle(input, upper, unitriangular)), input_shape)


@op(GENERAL, input=_triangular_rule, node="LinalgSolveTriangularBackward0", shown="linalg.solve_triangular",
    other=lambda F, g, input, other_shape, upper, unitriangular:
        F.sum_to(F.solve_half(F.mT(input), g, not upper, unitriangular), other_shape))  # fmt: skip
def solve_half(xp: Namespace, input: Array, other: Array, upper: bool, unitriangular: bool) -> Array:
    """As :func:`solve_matrix`, looking at the upper or lower half of ``input`` only."""
    half = xp.triu(input) if upper else xp.tril(input)
    if unitriangular:
        half[..., range(half.shape[-1]), range(half.shape[-1])] = 1
    try:
        return xp.linalg.solve(half, other)
    except np.linalg.LinAlgError:
        return _substituted(half, other, upper)


def _substituted(half: Array, other: Array, upper: bool) -> Array:
    """Substitution row by row, which divides by zeros on the diagonal: inf and NaN, as in PyTorch."""
    made = np.broadcast_to(
        other, (*np.broadcast_shapes(half.shape[:-2], other.shape[:-2]), *other.shape[-2:])
    ).copy()
    order = range(half.shape[-1] - 1, -1, -1) if upper else range(half.shape[-1])
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in order:
            known = slice(k + 1, None) if upper else slice(0, k)
            made[..., k, :] -= (half[..., k, None, known] @ made[..., known, :])[..., 0, :]
            made[..., k, :] /= half[..., k, k, None]
    return made


def inv(A: Tensor) -> Tensor:
    """The inverse of a square matrix, or of a stack of them: (\\*, n, n).

    Raises LinAlgError (a RuntimeError) where there is none.

    >>> import upriver as up
    >>> up.linalg.inv(up.tensor([[2.0, 0.0], [0.0, 4.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    check_square("linalg.inv", A)
    return inverse(A)


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """The ``X`` with ``A @ X = B`` (``X @ A = B`` if not ``left``): (\\*, n, n) and (\\*, n, k), or vectors
    (n) and (\\*, n).

    Raises LinAlgError (a RuntimeError) when ``A`` is singular.

    >>> import upriver as up
    >>> up.linalg.solve(up.tensor([[2.0, 0.0], [0.0, 4.0]]), up.tensor([2.0, 2.0]))
    tensor([1.0000, 0.5000])
    """
    check_square("linalg.solve", A)
    check_same_type("linalg.solve", A, B)
    vector = B._array.ndim == 1 or (
        B._array.ndim == A._array.ndim - 1 and B._array.shape == A._array.shape[:-1]
    )
    if vector:
        B = column(F, B)
    _check_system("linalg.solve", A, B, left)
    found = solve_matrix(A, B) if left else F.mT(solve_matrix(F.mT(A), F.mT(B)))
    return F.squeeze_(found, (found._array.ndim - 1,)) if vector else found


def _check_system(name: str, A: Tensor, B: Tensor, left: bool) -> None:
    n, (rows, columns) = A._array.shape[-1], B._array.shape[-2:]
    if n != (rows if left else columns):
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {equation} ({n}x{n} and "
            f"{rows}x{columns})"
        )


def solve_triangular(
    A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """As :func:`solve` for a triangular ``A``: the other half is not looked at, nor the diagonal if
    ``unitriangular``.

    >>> import upriver as up
    >>> L = up.tensor([[2.0, 9.0], [1.0, 1.0]])
    >>> up.linalg.solve_triangular(L, up.tensor([[2.0], [3.0]]), upper=False)
    tensor([[1.],
            [2.]])
    """
    check_square("linalg.solve_triangular", A)
    check_same_type("linalg.solve_triangular", A, B)
    if B._array.ndim < 2:
        raise RuntimeError("linalg.solve_triangular: The input tensor B must have at least 2 dimensions.")
    _check_system("linalg.solve_triangular", A, B, left)
    if left:
        return solve_half(A, B, upper, unitriangular)
    return F.mT(solve_half(F.mT(A), F.mT(B), not upper, unitriangular))


def tensorinv(A: Tensor, ind: int = 2) -> Tensor:
    """The inverse of ``A`` as a map from its dimensions after ``ind`` to those before."""
    shape = A._array.shape
    rows, columns = math.prod(shape[:ind]), math.prod(shape[ind:])
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    if rows != columns:
        raise RuntimeError(
            f"Expected self to satisfy prod(self.shape[ind:]) == prod(self.shape[:ind]), but got {columns} "
            f"!= {rows}"
        )
    return F.reshape_(inv(F.reshape_(A, (rows, columns))), shape[ind:] + shape[:ind])


def tensorsolve(A: Tensor, B: Tensor, dims: tuple[int, ...] | None = None) -> Tensor:
    """The ``X`` with ``tensordot(A, X, X.ndim) = B``; ``dims`` of ``A`` are moved to the end first."""
    if dims is not None:
        moved = [each % A._array.ndim for each in dims]
        A = F.permute_(A, (*(each for each in range(A._array.ndim) if each not in moved), *moved))
    shape = A._array.shape[B._array.ndim :]
    if math.prod(shape) != B._array.size:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            "prod(self.shape[:other.ndim]), but got "
            f"{math.prod(shape)} != {B._array.size}"
        )
    size = B._array.size
    return F.reshape_(solve(F.reshape_(A, (size, size)), F.reshape_(B, (size,))), shape)


# -- Cholesky ------------------------------------------------------------------------------------------------


def _cholesky_rule(F: Any, g: Any, out: Any) -> Any:
    half = constant(np.tri(out.shape[-1]) - np.eye(out.shape[-1]) / 2, out)
    lower = F.mul(F.matmul(mH(F, out), g), half)
    inside = F.solve_half(mH(F, out), (lower + mH(F, lower)) * 0.5, True, False)
    return mH(F, F.solve_half(mH(F, out), mH(F, inside), True, False))


@op(GENERAL, wirtinger=True, input=_cholesky_rule, node="LinalgCholeskyExBackward0", shown="linalg.cholesky")
def cholesky_lower(xp: Namespace, input: Array) -> Array:
    """The lower triangular ``L`` with ``L @ L.mH = input``, of which only the lower half is looked at."""
    try:
        return xp.linalg.cholesky(input)
    except np.linalg.LinAlgError:
        which, minor = indefinite(input)
        raise LinAlgError(
            f"linalg.cholesky: {which}The factorization could not be completed because the input is not "
            "positive-definite (the "
            f"leading minor of order {minor} is not positive-definite)."
        ) from None


def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """The lower triangular ``L`` with ``L @ L.mH = A`` (its conjugate transpose if ``upper``) of a positive
    definite ``A``.

    The other half of ``A`` is not looked at. Raises LinAlgError (a RuntimeError) when ``A`` is not positive
    definite.

    >>> import upriver as up
    >>> up.linalg.cholesky(up.tensor([[4.0, 2.0], [2.0, 5.0]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    check_square("linalg.cholesky", A)
    if upper:
        return mH(F, cholesky_lower(mH(F, A)))
    return cholesky_lower(A)


def cholesky_solve(B: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """The ``X`` with ``A @ X = B``, given the Cholesky factor of ``A``."""
    lower = mH(F, L) if upper else L
    half = solve_triangular(lower, B, upper=False)
    return solve_triangular(mH(F, lower), half, upper=True)


def cholesky_inverse(L: Tensor, upper: bool = False) -> Tensor:
    """The inverse of ``A``, given its Cholesky factor."""
    eye = constant(np.eye(L._array.shape[-1]), L).astype(L._array.dtype)
    return cholesky_solve(F.broadcast_from(eye, L._array.shape), L, upper)
