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


def _cofactor_rule(F: Any, g: Any, input: Any, out: Any) -> Any:
    last = len(input.shape)
    inner = _corner(F, F.sum_over(g * out, (last - 2, last - 1), False))
    return (inner * out - F.matmul(F.matmul(out, F.mT(g)), out)) / _corner(F, F.determinant(input))


@op(
    GENERAL,
    input=lambda F, g, input: _corner(F, g) * F.cofactors(input),
    node="LinalgDetBackward0",
    shown="linalg.det",
)
def determinant(xp: Namespace, input: Array) -> Array:
    """The determinants of a stack of matrices."""
    return xp.linalg.det(input)


@op(GENERAL, input=_cofactor_rule)
def cofactors(xp: Namespace, input: Array) -> Array:
    """The gradients of determinants: ``det * inverse.T``, and its limit where a matrix is singular."""
    try:
        return xp.linalg.det(input)[..., None, None] * xp.linalg.inv(input).swapaxes(-1, -2)
    except np.linalg.LinAlgError:
        u, s, vh = xp.linalg.svd(input)
        others = xp.stack([xp.delete(s, k, -1).prod(-1) for k in range(s.shape[-1])], -1)
        turned = (xp.linalg.det(u) * xp.linalg.det(vh))[..., None, None]
        return turned * ((u.conj() * others[..., None, :]) @ vh.conj())


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
