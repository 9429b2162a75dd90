"""Decompositions: QR, singular values, eigenvalues.

Vectors that belong to equal singular values or eigenvalues are not determined: the derivative of what depends
on their choice is infinite or NaN, as in PyTorch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...autograd.namespaces import ON_TENSORS as F
from ...tensor import Tensor
from ..join import cat
from ..namespace import Namespace
from ..registry import Kind, op
from ..shape import narrow
from .checks import (
    LinAlgError,
    check_matrix,
    check_square,
    column,
    constant,
    diagonal,
    diagonal_matrix,
    is_complex,
    mH,
    over_differences,
    row,
)  # fmt: skip

__all__ = ["eig", "eigh", "eigvals", "eigvalsh", "qr", "svd", "svdvals"]

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]

GENERAL = Kind.GENERAL


class QR(NamedTuple):
    """An orthogonal (unitary) factor and an upper triangular one."""

    Q: Tensor
    R: Tensor


class SVD(NamedTuple):
    """Left singular vectors as columns, singular values in falling order, right singular vectors as conjugate
    rows.
    """

    U: Tensor
    S: Tensor
    Vh: Tensor


class Eigen(NamedTuple):
    """Eigenvalues, and eigenvectors as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


# -- QR ------------------------------------------------------------------------------------------------------


def _qr_rule(F: Any, g: Any, outs: Any, mode: str) -> Any:
    if mode == "r":
        raise RuntimeError(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
            "linalg.qr(A, "
            "mode='reduced') if you are going to differentiate through linalg.qr."
        )
    Q, R = outs
    if Q.shape[-1] > R.shape[-1]:
        raise RuntimeError(
            "The QR decomposition is not differentiable when mode='complete' and nrows > ncols."
        )
    n = R.shape[-1]
    upper = F.mul(F.matmul(g[1], mH(F, R)) - F.matmul(mH(F, Q), g[0]), constant(np.tri(n).T, R))
    symmetric = F.mul(upper + mH(F, upper), constant(1 - np.eye(n) / 2, R))
    inside = g[0] + F.matmul(Q, symmetric)
    return mH(F, F.solve_half(R, mH(F, inside), True, False))


@op(GENERAL, wirtinger=True, input=_qr_rule, node="LinalgQrBackward0", shown="linalg.qr")
def qr_factors(xp: Namespace, input: Array, mode: str) -> Arrays:
    """``Q`` and ``R``; ``Q`` is empty in mode "r"."""
    if mode == "r":
        return xp.empty(0, input.dtype), xp.linalg.qr(input, "r")
    return tuple(xp.linalg.qr(input, mode))


def qr(A: Tensor, mode: str = "reduced") -> QR:
    """``A`` as ``Q @ R``: orthonormal columns, upper triangle. Shapes (\\*, m, n) give (\\*, m, k) and (\\*,
    k, n), k = min(m, n).

    ``mode="complete"`` makes ``Q`` square, ``mode="r"`` leaves it out. Raises RuntimeError when a gradient is
    wanted that is not determined: of mode "r", or of "complete" with more rows than columns.

    >>> import upriver as up
    >>> Q, R = up.linalg.qr(up.tensor([[3.0, 1.0], [4.0, 2.0]]))
    >>> up.allclose(Q @ R, up.tensor([[3.0, 1.0], [4.0, 2.0]]), atol=1e-6)
    True
    """
    if mode not in ("reduced", "r", "complete"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or "
            "'complete'"
        )
    check_matrix("linalg.qr", A)
    rows, columns = A._array.shape[-2:]
    if columns <= rows or mode == "r":
        return QR(*qr_factors(A, mode))
    last = A._array.ndim - 1  # the first columns determine Q, the others are turned by it
    Q, R = qr_factors(narrow(A, last, 0, rows), mode)
    return QR(Q, cat([R, F.matmul(mH(F, Q), narrow(A, last, rows, columns - rows))], last))


# -- singular values -----------------------------------------------------------------------------------------


def _skew(F: Any, x: Any) -> Any:
    return x - mH(F, x)


def _svd_rule(F: Any, g: Any, outs: Any, input_shape: Any, full: bool) -> Any:
    (U, S, Vh), (gU, gS, gVh) = outs, g
    rows, columns = input_shape[-2:]
    k = S.shape[-1]
    if full and rows != columns:
        U, gU = (F.getitem_view(each, (..., slice(None), slice(0, k))) for each in (U, gU))
        Vh, gVh = (F.getitem_view(each, (..., slice(0, k), slice(None))) for each in (Vh, gVh))
    across, down = row(F, S), column(F, S)
    u, v = F.matmul(mH(F, U), gU), F.matmul(Vh, mH(F, gVh))
    turns = over_differences(F, _skew(F, u) * across + down * _skew(F, v), across * across - down * down)
    inside = turns + diagonal_matrix(F, gS)
    if is_complex(U):
        inside = inside + diagonal_matrix(F, 1j * F.imaginary_part(diagonal(F, u)) / S)
    found = F.matmul(F.matmul(U, inside), Vh)
    if rows > k:
        found = found + F.matmul((gU - F.matmul(U, u)) / across, Vh)
    if columns > k:
        found = found + F.matmul(U, (gVh - F.matmul(mH(F, v), Vh)) / down)
    return found


@op(GENERAL, wirtinger=True, input=_svd_rule, node="LinalgSvdBackward0", shown="linalg.svd")
def singular_triplets(xp: Namespace, input: Array, full: bool) -> Arrays:
    """``U``, ``S`` and ``Vh``."""
    return tuple(_converged("svd", xp.linalg.svd, input, full))


def _singular_values_rule(F: Any, g: Any, input: Any) -> Any:
    U, _, Vh = F.singular_triplets(input, False)
    return F.matmul(U * row(F, g), Vh)


@op(GENERAL, wirtinger=True, input=_singular_values_rule, node="LinalgSvdBackward0", shown="linalg.svdvals")
def singular_values(xp: Namespace, input: Array) -> Array:
    """``S`` alone."""
    return _converged("svd", xp.linalg.svd, input, False, False)


def _converged(name: str, function: Any, *args: Any) -> Any:
    try:
        return function(*args)
    except np.linalg.LinAlgError as error:
        raise LinAlgError(
            f"linalg.{name}: The algorithm failed to converge: {error}. Look for NaN or inf in the input."
        ) from error


def svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> SVD:
    """``A`` as ``U @ diag(S) @ Vh``: singular values in falling order, orthonormal vectors, those of ``Vh``
    as rows.

    Shapes (\\*, m, n) give (\\*, m, k), (\\*, k) and (\\*, k, n) with k = min(m, n); square ``U`` and ``Vh``
    with ``full_matrices``. ``driver`` is accepted for PyTorch's sake. The gradient is that of the first k
    vectors.

    >>> import upriver as up
    >>> up.linalg.svd(up.tensor([[0.0, 2.0], [1.0, 0.0]])).S
    tensor([2., 1.])
    """
    check_matrix("linalg.svd", A)
    return SVD(*singular_triplets(A, full_matrices))


def svdvals(A: Tensor, *, driver: str | None = None) -> Tensor:
    """The singular values of ``A`` in falling order.

    >>> import upriver as up
    >>> up.linalg.svdvals(up.tensor([[0.0, 2.0], [1.0, 0.0]]))
    tensor([2., 1.])
    """
    check_matrix("linalg.svdvals", A)
    return singular_values(A)


# -- eigenvalues ---------------------------------------------------------------------------------------------


def _eigh_rule(F: Any, g: Any, outs: Any) -> Any:
    L, V = outs
    turns = over_differences(F, _skew(F, F.matmul(mH(F, V), g[1])) * 0.5, row(F, L) - column(F, L))
    return F.matmul(F.matmul(V, turns + diagonal_matrix(F, g[0])), mH(F, V))


@op(GENERAL, wirtinger=True, input=_eigh_rule, node="LinalgEighBackward0", shown="linalg.eigh")
def hermitian_eigen(xp: Namespace, input: Array, half: str) -> Arrays:
    """Eigenvalues in rising order, and eigenvectors, looking at one half of ``input``."""
    return tuple(_converged("eigh", xp.linalg.eigh, input, half))


def _eigvalsh_rule(F: Any, g: Any, input: Any, half: str) -> Any:
    _, V = F.hermitian_eigen(input, half)
    return F.matmul(V * row(F, g), mH(F, V))


@op(GENERAL, wirtinger=True, input=_eigvalsh_rule, node="LinalgEighBackward0", shown="linalg.eigvalsh")
def hermitian_eigenvalues(xp: Namespace, input: Array, half: str) -> Array:
    """Eigenvalues alone."""
    return _converged("eigh", xp.linalg.eigvalsh, input, half)


def _eig_rule(F: Any, g: Any, outs: Any, input_dtype: Any) -> Any:
    """Eigenvectors have length 1: what would lengthen them is taken out."""
    L, V = outs
    Vh = mH(F, V)
    turns = F.matmul(Vh, g[1])
    turns = turns - F.matmul(Vh, V) * row(F, F.real_part(diagonal(F, turns)))
    turns = over_differences(F, turns, F.conj_physical(row(F, L) - column(F, L)))
    found = F.solve_matrix(Vh, F.matmul(turns + diagonal_matrix(F, g[0]), Vh))
    return found if input_dtype.kind == "c" else F.real_part(found)


@op(GENERAL, wirtinger=True, input=_eig_rule, node="LinalgEigBackward0", shown="linalg.eig")
def general_eigen(xp: Namespace, input: Array) -> Arrays:
    """Complex eigenvalues and eigenvectors."""
    kind = np.result_type(input.dtype, np.complex64)
    return tuple(each.astype(kind, copy=False) for each in _converged("eig", xp.linalg.eig, input))


def _half(UPLO: str) -> str:
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return UPLO.upper()


def eigh(A: Tensor, UPLO: str = "L") -> Eigen:
    """Eigenvalues of a symmetric (Hermitian) matrix in rising order, and orthonormal eigenvectors as columns.

    Only the lower half of ``A`` is looked at (the upper with ``UPLO="U"``); gradients are those of the
    symmetric matrix.

    >>> import upriver as up
    >>> up.linalg.eigh(up.tensor([[2.0, 0.0], [0.0, 1.0]])).eigenvalues
    tensor([1., 2.])
    """
    check_square("linalg.eigh", A)
    return Eigen(*hermitian_eigen(A, _half(UPLO)))


def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """The eigenvalues of :func:`eigh`.

    >>> import upriver as up
    >>> up.linalg.eigvalsh(up.tensor([[2.0, 1.0], [1.0, 2.0]]))
    tensor([1., 3.])
    """
    check_square("linalg.eigh", A)
    return hermitian_eigenvalues(A, _half(UPLO))


def eig(A: Tensor) -> Eigen:
    """Eigenvalues of a square matrix in no particular order, and eigenvectors of length 1 as columns; always
    complex.

    >>> import upriver as up
    >>> up.linalg.eig(up.tensor([[0.0, 1.0], [-1.0, 0.0]])).eigenvalues
    tensor([0.+1.j, 0.-1.j])
    """
    check_square("linalg.eig", A)
    return Eigen(*general_eigen(A))


def eigvals(A: Tensor) -> Tensor:
    """The eigenvalues of :func:`eig`."""
    check_square("linalg.eigvals", A)
    return general_eigen(A)[0]


class FullSVD(NamedTuple):
    """What :func:`legacy_svd` gives: ``A = U @ diag(S) @ V.mH``."""

    U: Tensor
    S: Tensor
    V: Tensor


def legacy_svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> FullSVD:
    """As :func:`svd`, the right vectors being columns of ``V``: reduced, or all of them with ``some=False``.

    Without ``compute_uv``, ``U`` and ``V`` are zeros.
    """
    if not compute_uv:
        rows, columns = input.shape[-2:]
        zeros = (input.new_zeros(*input.shape[:-2], each, each) for each in (rows, columns))
        U, V = zeros
        return FullSVD(U, svdvals(input), V)
    U, S, Vh = svd(input, full_matrices=not some)
    return FullSVD(U, S, Vh.mH)


def legacy_qr(input: Tensor, some: bool = True) -> QR:
    """As :func:`qr`: reduced, or with ``some=False`` complete."""
    return qr(input, "reduced" if some else "complete")
