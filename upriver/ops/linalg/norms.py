"""Norms of vectors and matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...autograd.namespaces import ON_TENSORS as F
from ...dtypes import as_dtype, dtype
from ...tensor import Tensor
from ..extrema import amax, amin
from ..namespace import Namespace
from ..reduce import Dim, Dims, count, kept, spread, sum, wrapped
from ..registry import Kind, op
from .checks import check_matrix, real_type
from .decompose import svdvals
from .solving import inv

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]

Array = np.ndarray[Any, Any]
Order = int | float | str | None

# -- vectors -------------------------------------------------------------------------------------------------


def _norm_rule(
    F: Any, g: Any, input: Any, out: Any, ord: float, dims: Dims, keepdim: bool, input_shape: Dims
) -> Any:
    """At 0, where the norm has no derivative, 0; equal largest elements share."""

    def wide(x: Any) -> Any:
        return spread(F, x, dims, keepdim, input_shape)

    if ord == 0:
        return F.zeros_like(input)
    if ord == 1:
        return F.sgn(input) * wide(g)
    if ord == 2:
        return input * wide(g * F.mask_where(out == 0, 1 / out))
    size = F.abs(input)
    if math.isinf(ord):
        others = F.differs(size, out if keepdim else F.reshape_(out, kept(input_shape, dims)))
        equals = F.sum_over(F.logical_not(others), dims, keepdim)
        return F.mask_where(others, F.sgn(input) * wide(g / F.to_dtype(equals, real_type(out))))
    if ord < 2:
        slope = F.sgn(input) * F.mask_where(size == 0, size ** (ord - 1))
    else:
        slope = input * size ** (ord - 2)
    return slope * wide(g * F.mask_where(out == 0, out ** (1 - ord)))


@op(
    Kind.REDUCTION,
    wirtinger=True,
    input=_norm_rule,
    node="LinalgVectorNormBackward0",
    shown="linalg.vector_norm",
)
def norm_over(xp: Namespace, input: Array, ord: float, dims: Dims, keepdim: bool) -> Array:
    """The ``ord``-norm over ``dims``."""
    kind = input.real.dtype
    if (
        ord == 2
        and len(dims) == input.ndim
        and not keepdim
        and kind.itemsize > 2
        and input.flags.c_contiguous
    ):
        flat = input.reshape(-1)
        return xp.sqrt(xp.vdot(flat, flat).real)
    size = xp.abs(input).astype(np.float32 if kind == np.float16 else kind, copy=False)
    return _powers(xp, size, ord, dims, keepdim).astype(kind, copy=False)


def _powers(xp: Namespace, size: Array, ord: float, dims: Dims, keepdim: bool) -> Array:
    if ord == 0:
        return xp.sum(size != 0, axis=dims, keepdims=keepdim, dtype=size.dtype)
    if math.isinf(ord):
        return (xp.maximum if ord > 0 else xp.minimum).reduce(size, axis=dims, keepdims=keepdim)
    if ord == 1:
        return xp.add.reduce(size, axis=dims, keepdims=keepdim)
    if ord == 2:
        return xp.sqrt(xp.add.reduce(xp.square(size), axis=dims, keepdims=keepdim))
    with np.errstate(divide="ignore"):
        return xp.power(xp.add.reduce(size**ord, axis=dims, keepdims=keepdim), 1 / ord)


def vector_norm(
    x: Tensor, ord: int | float = 2, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None
) -> Tensor:
    """The ``ord``-norm of all elements as one vector, or of the vectors along ``dim``; real, also of complex
    numbers.

    ``inf`` and ``-inf`` are the largest and the smallest absolute value, 0 counts what is not zero. The
    gradient of the norm of zeros is 0. Raises RuntimeError for integers, and where there are no elements but
    there must be.

    >>> import upriver as up
    >>> up.linalg.vector_norm(up.tensor([3.0, 4.0]))
    tensor(5.)
    """
    if dtype is not None:
        x = F.to_dtype(x, as_dtype(dtype).numpy)
    if x._array.dtype.kind not in "fc":
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            f"{x.dtype.tensor_type}. Give dtype=."
        )
    dims = wrapped(dim, x._array.ndim)
    if (ord < 0 or ord == math.inf) and count(x._array.shape, dims) == 0 and x._array.ndim:
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {ord} norm on an empty tensor because the operation does "
            "not have an identity"
        )
    return norm_over(x, float(ord), dims, keepdim)


# -- matrices ------------------------------------------------------------------------------------------------


def matrix_norm(
    A: Tensor,
    ord: Order = "fro",
    dim: tuple[int, ...] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
) -> Tensor:
    """A norm of the matrices in the dimensions ``dim``: "fro", "nuc", 1, -1, 2, -2, inf or -inf.

    "fro" is that of all elements; 2 and -2 are the largest and smallest singular value, "nuc" their sum; 1
    and -1 the largest and smallest column sum of absolute values, inf and -inf the row sums.

    >>> import upriver as up
    >>> up.linalg.matrix_norm(up.tensor([[3.0, 0.0], [0.0, 4.0]]), "nuc")
    tensor(7.)
    """
    if dtype is not None:
        A = F.to_dtype(A, as_dtype(dtype).numpy)
    check_matrix("linalg.matrix_norm", A)
    rows, columns = wrapped(dim, A._array.ndim)
    if ord == "fro":
        return vector_norm(A, 2, (rows, columns), keepdim)
    if ord in (2, -2, "nuc"):
        return _spectral(A, ord, rows, columns, keepdim)
    if not isinstance(ord, str) and ord is not None and abs(ord) in (1, math.inf):
        first, second = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = vector_norm(A, 1, first, True)
        found = (amax if ord > 0 else amin)(sums, second, True)
        return found if keepdim else F.squeeze_(found, (rows, columns))
    raise RuntimeError(
        f"linalg.matrix_norm: Order {ord} not supported. Give 'fro', 'nuc', 1, -1, 2, -2, inf or -inf."
    )


def _spectral(A: Tensor, ord: Order, rows: int, columns: int, keepdim: bool) -> Tensor:
    """The norms made of singular values."""
    others = tuple(each for each in range(A._array.ndim) if each not in (rows, columns))
    values = svdvals(F.permute_(A, (*others, rows, columns)))
    found: Tensor = (sum if ord == "nuc" else amax if ord == 2 else amin)(values, -1)
    return F.unsqueeze_(found, tuple(sorted((rows, columns)))) if keepdim else found


def norm(
    A: Tensor,
    ord: Order = None,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
) -> Tensor:
    """:func:`vector_norm` or :func:`matrix_norm`, whichever ``dim`` or the shape says; of all elements unless
    ``ord`` is given.

    >>> import upriver as up
    >>> up.linalg.norm(up.tensor([[3.0, 4.0]]))
    tensor(5.)
    """
    given = (dim,) if isinstance(dim, (int, np.integer)) else None if dim is None else tuple(dim)
    if given is None and ord is not None and A._array.ndim not in (1, 2):
        raise RuntimeError(
            "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got "
            f"{A._array.ndim}D."
        )
    matrix = ord is not None and (len(given) == 2 if given is not None else A._array.ndim == 2)
    if matrix or isinstance(ord, str):
        return matrix_norm(A, ord, (-2, -1) if given is None else given, keepdim, dtype=dtype)
    return vector_norm(A, 2 if ord is None else ord, given, keepdim, dtype=dtype)


def legacy_norm(
    input: Tensor,
    p: Order = "fro",
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
) -> Tensor:
    """The ``p``-norm of all elements or along ``dim``; "nuc" is the sum of a matrix's singular values.

    >>> import upriver as up
    >>> up.tensor([3.0, 4.0]).norm()
    tensor(5.)
    """
    if isinstance(p, str) and p not in ("fro", "nuc"):
        raise RuntimeError(f"only valid string values are 'fro' and 'nuc', found: {p}")
    if p == "nuc":
        return matrix_norm(
            input, "nuc", (-2, -1) if dim is None else wrapped(dim, input._array.ndim), keepdim, dtype=dtype
        )
    return vector_norm(input, 2 if isinstance(p, str) or p is None else p, dim, keepdim, dtype=dtype)


legacy_norm.__name__ = legacy_norm.__qualname__ = "norm"


def cond(A: Tensor, p: Order = None) -> Tensor:
    """The condition number: the norm of ``A`` times that of its inverse, in the 2-norm unless ``p`` says
    otherwise.

    >>> import upriver as up
    >>> up.linalg.cond(up.tensor([[4.0, 0.0], [0.0, 2.0]]))
    tensor(2.)
    """
    check_matrix("linalg.cond", A)
    if p in (None, 2, -2):
        values = svdvals(A)
        largest, smallest = (
            F.amax_over(values, (values._array.ndim - 1,), False),
            F.amin_over(values, (values._array.ndim - 1,), False),
        )
        return F.div(smallest, largest) if p == -2 else F.div(largest, smallest)
    return F.mul(matrix_norm(A, p), matrix_norm(inv(A), p))


def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """The slices of ``dim`` whose ``p``-norm is above ``maxnorm`` scaled down to it.

    Raises RuntimeError for vectors, ``p`` not positive or ``maxnorm`` negative.

    >>> import upriver as up
    >>> up.renorm(up.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1.0)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    if p <= 0:
        raise RuntimeError(f"renorm: non-positive-norm not supported, but got p={p}")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm}")
    if input.dim() < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {input.dim()} dimensions")
    kept = dim % input.dim()
    others = tuple(each for each in range(input.dim()) if each != kept)
    length = vector_norm(input, p, others, keepdim=True)
    return input * F.where(length > maxnorm, maxnorm / (length + 1e-7), 1.0)
