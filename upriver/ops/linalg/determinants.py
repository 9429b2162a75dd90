"""Determinants, their signs and logarithms."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...autograd.namespaces import ON_TENSORS as F
from ...tensor import Tensor
from ..namespace import Namespace
from ..registry import Kind, op
from .checks import check_square, constant, is_complex, mH

__all__ = ["det", "logdet", "slogdet"]

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]

GENERAL = Kind.GENERAL


class SignAndLogarithm(NamedTuple):
    """A determinant as its sign (of absolute value 1, or 0) and the logarithm of its absolute value."""

    sign: Tensor
    logabsdet: Tensor


def _corner(F: Any, g: Any) -> Any:
    """One number for each matrix, broadcast over it."""
    return F.unsqueeze_(g, (len(g.shape), len(g.shape) + 1))


def _inner(F: Any, x: Any, y: Any) -> Any:
    """The sum of the products of two matrices' elements, broadcast over them."""
    last = len(x.shape)
    return _corner(F, F.sum_over(x * y, (last - 2, last - 1), False))


@op(GENERAL, input=lambda F, g, input: _corner(F, g) * F.cofactors(input), node="LinalgDetBackward0",
    shown="linalg.det")  # fmt: skip
def determinant(xp: Namespace, input: Array) -> Array:
    """The determinants of a stack of matrices."""
    return xp.linalg.det(input)


@op(GENERAL, input=lambda F, g, input: F.cofactor_slope(g, input))
def cofactors(xp: Namespace, input: Array) -> Array:
    """The gradients of determinants: ``det * inverse.T``, and its limit where a matrix is singular."""
    try:
        return xp.linalg.det(input)[..., None, None] * xp.linalg.inv(input).swapaxes(-1, -2)
    except np.linalg.LinAlgError:
        u, s, vh = xp.linalg.svd(input)
        return _turned(xp, u, xp.stack([_without(s, k) for k in range(s.shape[-1])], -1)[..., None, :], vh)


def _turned(xp: Namespace, u: Array, inside: Array, vh: Array) -> Array:
    """The cofactors of ``u @ x @ vh`` from those of ``x``; a row stands for a diagonal matrix."""
    left = u.conj() * inside if inside.shape[-2] == 1 != u.shape[-1] else u.conj() @ inside
    return (xp.linalg.det(u) * xp.linalg.det(vh))[..., None, None] * (left @ vh.conj())


def _without(s: Array, *dropped: int) -> Array:
    """The products of all singular values but some."""
    return np.delete(s, dropped, -1).prod(-1)


def _slope_rule(F: Any, g: Any, input: Any, matrix: Any, out: Any) -> Any:
    C, det = F.cofactors(matrix), _corner(F, F.determinant(matrix))
    crossed = F.matmul(F.matmul(g, F.mT(C)), input) + F.matmul(F.matmul(input, F.mT(C)), g)
    along = _inner(F, g, C) * input + _inner(F, input, C) * g
    return F.cofactor_slope((along - crossed) / det, matrix) - _inner(F, g, out) / det * C


@op(GENERAL, input=lambda F, g, matrix: F.cofactor_slope(g, matrix), matrix=_slope_rule)
def cofactor_slope(xp: Namespace, input: Array, matrix: Array) -> Array:
    """How the cofactors of ``matrix`` change along ``input``: a symmetric map, so it is its own adjoint."""
    det = xp.linalg.det(matrix)[..., None, None]
    if det.all():
        C = det * xp.linalg.inv(matrix).swapaxes(-1, -2)
        return ((input * C).sum((-2, -1), keepdims=True) * C - C @ input.swapaxes(-1, -2) @ C) / det
    u, s, vh = xp.linalg.svd(matrix)
    n = s.shape[-1]
    along = (u.conj().swapaxes(-1, -2) @ input @ vh.conj().swapaxes(-1, -2)).swapaxes(-1, -2)
    pairs = xp.zeros_like(along)
    for i, j in ((i, j) for i in range(n) for j in range(n) if i != j):
        others = _without(s, i, j)
        pairs[..., i, i] += along[..., j, j] * others
        pairs[..., i, j] = -along[..., i, j] * others
    return _turned(xp, u, pairs, vh)


def _slogdet_rule(F: Any, g: Any, input: Any, outs: Any) -> Any:
    """The sign of a real determinant has no derivative; a complex one turns with the imaginary part."""
    turned = g[1]
    if is_complex(input):
        turned = turned - 1j * F.imaginary_part(F.conj_physical(g[0]) * outs[0])
    return _corner(F, turned) * mH(F, F.inverse(input))


@op(GENERAL, wirtinger=True, input=_slogdet_rule, node="LinalgSlogdetBackward0", shown="linalg.slogdet")
def sign_and_logarithm(xp: Namespace, input: Array) -> Arrays:
    """Sign and logarithm of the absolute value of determinants."""
    sign, logarithm = xp.linalg.slogdet(input)
    return xp.asarray(sign), xp.asarray(logarithm)


def det(A: Tensor) -> Tensor:
    """The determinant of a square matrix, or of a stack of them; the gradient is right for singular ones too.

    >>> import upriver as up
    >>> up.linalg.det(up.tensor([[2.0, 1.0], [0.0, 4.0]]))
    tensor(8.)
    """
    check_square("linalg.det", A)
    return determinant(A)


def slogdet(A: Tensor) -> SignAndLogarithm:
    """The sign of the determinant and the logarithm of its absolute value, as ``(sign, logabsdet)``: (0,
    -inf) if singular.

    >>> import upriver as up
    >>> up.linalg.slogdet(up.tensor([[0.0, 1.0], [1.0, 0.0]])).sign
    tensor(-1.)
    """
    check_square("linalg.slogdet", A)
    return SignAndLogarithm(*sign_and_logarithm(A))


def logdet(input: Tensor) -> Tensor:
    """The logarithm of the determinant: -inf where it is 0, NaN where it is negative."""
    check_square("logdet", input)
    sign, logarithm = sign_and_logarithm(input)
    if is_complex(input):
        return F.add(F.log(sign), logarithm)
    negative = constant(np.where(sign._array == -1, np.nan, 0), input)
    return F.add(logarithm, negative)
