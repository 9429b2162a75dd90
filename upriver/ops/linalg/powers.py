"""Products of matrices with themselves and each other, and of vectors in space."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...autograd.namespaces import ON_TENSORS as F
from ...tensor import Tensor, from_array
from ..contraction import matmul
from ..namespace import Namespace
from ..registry import Kind, op
from ..shape import wrap
from .checks import check_square, column, is_complex, row
from .solving import inv

__all__ = ["cross", "matrix_exp", "matrix_power", "multi_dot", "vander", "vecdot"]

Array = np.ndarray[Any, Any]


def matrix_power(A: Tensor, n: int) -> Tensor:
    """``A`` multiplied by itself ``n`` times; powers of the inverse where ``n`` is negative, the identity
    where it is 0.

    >>> import upriver as up
    >>> up.linalg.matrix_power(up.tensor([[1.0, 1.0], [0.0, 1.0]]), 3)
    tensor([[1., 3.],
            [0., 1.]])
    """
    if A._array.ndim < 2 or A._array.shape[-1] != A._array.shape[-2]:
        check_square("linalg.matrix_power", A)
    if n == 0:
        nothing = F.mask_where(np.ones(A._array.shape, np.bool_), A)
        return F.add(nothing, np.eye(A._array.shape[-1], dtype=A._array.dtype))
    square, n = (inv(A), -n) if n < 0 else (A, n)
    found: Tensor | None = None
    while n:
        if n & 1:
            found = square if found is None else matmul(found, square)
        n >>= 1
        if n:
            square = matmul(square, square)
    assert found is not None
    return F.mul(found, 1) if found is A else found


def _exp_rule(F: Any, g: Any, input: Any, input_shape: Any) -> Any:
    """The upper right block of the exponential of ``[[A.T, g], [0, A.T]]``."""
    n = input_shape[-1]
    first, second = slice(0, n), slice(n, 2 * n)
    shape = (*input_shape[:-2], 2 * n, 2 * n)
    turned = F.mT(input)
    block = F.embed(turned, shape, (..., first, first)) + F.embed(turned, shape, (..., second, second))
    return F.getitem_view(
        F.exponential(block + F.embed(g, shape, (..., first, second))), (..., first, second)
    )


@op(Kind.GENERAL, input=_exp_rule, node="LinalgMatrixExpBackward0", shown="linalg.matrix_exp")
def exponential(xp: Namespace, input: Array) -> Array:
    """The exponentials of a stack of matrices: halved until small, a Taylor series, squared back."""
    largest = float(xp.abs(input).sum(-1).max(initial=0))
    halvings = max(0, math.ceil(math.log2(largest)) + 2) if 0 < largest < math.inf else 0
    small = input / input.dtype.type(2**halvings)
    term = found = xp.broadcast_to(xp.eye(input.shape[-1], dtype=input.dtype), input.shape)
    for k in range(1, 19):  # 0.25 ** 18 / 18! is far below double precision
        term = term @ small / k
        found = found + term
    for _ in range(halvings):
        found = found @ found
    return found.astype(input.dtype, copy=False)


def matrix_exp(A: Tensor) -> Tensor:
    """The exponential of a square matrix, or of a stack of them.

    >>> import upriver as up
    >>> up.linalg.matrix_exp(up.zeros(2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    check_square("linalg.matrix_exp", A)
    return exponential(A)


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """The product of several matrices in the order that takes the fewest multiplications; the ends may be
    vectors.

    >>> import upriver as up
    >>> up.linalg.multi_dot([up.ones(2, 3), up.ones(3, 4), up.ones(4)])
    tensor([12., 12.])
    """
    if len(tensors) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    chain = list(tensors)
    first, last = chain[0]._array.ndim == 1, chain[-1]._array.ndim == 1
    if first:
        chain[0] = row(F, chain[0])
    if last:
        chain[-1] = column(F, chain[-1])
    for index, each in enumerate(chain):
        if each._array.ndim != 2:
            raise RuntimeError(
                f"multi_dot(): tensor {index} must be 2D but got {tensors[index]._array.ndim}D"
            )
    sizes = [each._array.shape[0] for each in chain] + [chain[-1]._array.shape[1]]
    found = _multiplied(chain, _splits(sizes), 0, len(chain) - 1)
    return F.reshape_(found, found._array.shape[int(first) : 2 - int(last)]) if first or last else found


def _splits(sizes: list[int]) -> dict[tuple[int, int], int]:
    """Where to split each stretch of a chain, by dynamic programming over its length."""
    count = len(sizes) - 1
    cost = {(i, i): 0 for i in range(count)}
    split = {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            costs = [
                cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j)
            ]
            cost[i, j] = min(costs)
            split[i, j] = i + costs.index(cost[i, j])
    return split


def _multiplied(chain: list[Tensor], splits: dict[tuple[int, int], int], i: int, j: int) -> Tensor:
    if i == j:
        return chain[i]
    k = splits[i, j]
    return matmul(_multiplied(chain, splits, i, k), _multiplied(chain, splits, k + 1, j))


@op(Kind.GENERAL, node="LinalgCrossBackward0", shown="linalg.cross",
    input=lambda F, g, other, dim, input_shape: F.sum_to(F.cross_along(other, g, dim), input_shape),
    other=lambda F, g, input, dim, other_shape:
        F.sum_to(F.cross_along(g, input, dim), other_shape))  # fmt: skip
def cross_along(xp: Namespace, input: Array, other: Array, dim: int) -> Array:
    """The cross products of the vectors along ``dim``, counted from the last."""
    turned = [
        xp.roll(each, shift, dim) for each, shift in ((input, -1), (other, -2), (input, -2), (other, -1))
    ]
    return turned[0] * turned[1] - turned[2] * turned[3]


def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """The cross products of 3-vectors along ``dim``; other dimensions are broadcast.

    >>> import upriver as up
    >>> up.linalg.cross(up.tensor([1.0, 0.0, 0.0]), up.tensor([0.0, 1.0, 0.0]))
    tensor([0., 0., 1.])
    """
    a, b = input._array, other._array
    if a.ndim != b.ndim:
        raise RuntimeError(
            f"linalg.cross: inputs must have the same number of dimensions. Got {a.ndim} and {b.ndim}"
        )
    wrapped = wrap(dim, a.ndim)
    if a.shape[wrapped] != 3 or b.shape[wrapped] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {a.shape[wrapped]} and "
            f"{b.shape[wrapped]}"
        )
    return cross_along(input, other, wrapped - a.ndim)


def legacy_cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The cross products of 3-vectors along ``dim``, or along the first dimension of length 3."""
    if dim is None:
        lengths = input._array.shape
        if 3 not in lengths:
            raise RuntimeError("no dimension of size 3 in input")
        dim = lengths.index(3)
    return cross(input, other, dim=dim)


legacy_cross.__name__ = legacy_cross.__qualname__ = "cross"


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """The dot products along ``dim``, of the conjugate of ``x`` where it is complex.

    >>> import upriver as up
    >>> up.linalg.vecdot(up.ones(2, 3), up.ones(2, 3))
    tensor([3., 3.])
    """
    products = F.mul(F.conj_physical(x) if is_complex(x) else x, y)
    return F.sum_over(products, (wrap(dim, products._array.ndim),), False)


def vander(x: Tensor, N: int | None = None) -> Tensor:
    """The powers 0 to ``N - 1`` of each element, along a new last dimension."""
    count = x._array.shape[-1] if N is None else N
    return F.pow(column(F, x), from_array(np.arange(count)))
