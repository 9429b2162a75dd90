"""Sums, products and moments over dimensions.

The primitives take a tuple of dimensions counted from 0; the functions with PyTorch's signatures follow them.
What picks elements (``max``, ``median`` ...) is in :mod:`upriver.ops.extrema`, what keeps the dimension in
:mod:`upriver.ops.cumulative`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from operator import index as whole
from typing import Any

import numpy as np

from ..autograd.namespaces import ON_TENSORS as F
from ..dtypes import as_dtype, dtype
from ..tensor import Tensor
from .namespace import Namespace
from .registry import Kind, op
from .shape import wrap

__all__ = [
    "all", "any", "count_nonzero", "mean", "nanmean", "nansum", "prod", "std", "std_mean", "sum", "var",
    "var_mean",
]  # fmt: skip

Array = np.ndarray[Any, Any]
Dims = tuple[int, ...]
Dim = int | Sequence[int] | None

REDUCTION = Kind.REDUCTION

# -- settings ------------------------------------------------------------------------------------------------


def wrapped(dim: Dim, ndim: int) -> Dims:
    """Dimensions counted from 0, all of them for None or an empty sequence; raises as PyTorch does."""
    if dim is None:
        return tuple(range(ndim))
    if isinstance(dim, (int, np.integer)):
        return (wrap(int(dim), ndim),)[:ndim]
    dims = tuple(wrap(whole(each), ndim) for each in dim)
    for index, each in enumerate(dims):
        if each in dims[:index]:
            raise RuntimeError(f"dim {each} appears multiple times in the list of dims")
    return dims[:ndim] if dims else tuple(range(ndim))


def kept(shape: Dims, dims: Dims) -> Dims:
    """``shape`` with length 1 in place of each of ``dims``."""
    return tuple(1 if index in dims else length for index, length in enumerate(shape))


def spread(F: Any, g: Any, dims: Dims, keepdim: bool, shape: Dims) -> Any:
    """What was reduced to ``g``, repeated to ``shape`` again."""
    return F.broadcast_to_(g if keepdim else F.reshape_(g, kept(shape, dims)), shape)


def count(shape: Dims, dims: Dims) -> int:
    """How many elements each result is made of."""
    return math.prod(shape[dim] for dim in dims)


def accumulation(array: Array) -> Any:
    """The type to add up in: int64 for integers and booleans, float32 for float16."""
    if array.dtype.kind in "biu":
        return np.int64
    return np.float32 if array.itemsize == 2 else None


SMALL = 4096  # elements up to which filling an array costs less than making a view that repeats one element


def everywhere(F: Any, g: Any, shape: Dims) -> Any:
    """A scalar repeated over ``shape``."""
    return (F.broadcast_from if math.prod(shape) <= SMALL else F.broadcast_to_)(g, shape)


# -- sums and means ------------------------------------------------------------------------------------------


@op(
    REDUCTION,
    input=lambda F, g, input_shape: everywhere(F, g, input_shape),
    node="SumBackward0",
    shown="sum",
)
def sum_all(xp: Namespace, input: Array) -> Array:
    """The sum of all elements."""
    if input.dtype.char in "fd":
        return xp.add.reduce(input, axis=None)
    total = xp.add.reduce(input, axis=None, dtype=accumulation(input))
    return total.astype(input.dtype) if input.dtype == np.float16 else total


@op(REDUCTION, input=lambda F, g, dims, keepdim, input_shape: spread(F, g, dims, keepdim, input_shape),
    node="SumBackward1", shown="sum")  # fmt: skip
def sum_over(xp: Namespace, input: Array, dims: Dims, keepdim: bool) -> Array:
    """The sum over ``dims``."""
    total = xp.add.reduce(input, axis=dims, dtype=accumulation(input), keepdims=keepdim)
    return total.astype(input.dtype) if input.dtype == np.float16 else total


@op(REDUCTION, node="MeanBackward0", shown="mean",
    input=lambda F, g, input_shape: everywhere(F, g / (math.prod(input_shape) or 1), input_shape)
)  # fmt: skip
def mean_all(xp: Namespace, input: Array) -> Array:
    """The mean of all elements."""
    if input.dtype.char in "fd" and input.size:
        return xp.add.reduce(input, axis=None) / input.dtype.type(input.size)
    total = xp.add.reduce(input, axis=None, dtype=accumulation(input))
    return (total / (input.size or math.nan)).astype(input.dtype, copy=False)


@op(REDUCTION, node="MeanBackward1", shown="mean",
    input=lambda F, g, dims, keepdim, input_shape:
        spread(F, g / (count(input_shape, dims) or 1), dims, keepdim, input_shape))  # fmt: skip
def mean_over(xp: Namespace, input: Array, dims: Dims, keepdim: bool) -> Array:
    """The mean over ``dims``."""
    total = xp.add.reduce(input, axis=dims, dtype=accumulation(input), keepdims=keepdim)
    return (total / (count(input.shape, dims) or math.nan)).astype(input.dtype, copy=False)


def sum(
    input: Tensor,
    dim: Dim = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The sum over all elements, or over ``dim`` (one or several); integers and booleans give int64.

    >>> import upriver as up
    >>> x = up.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x.sum(), x.sum(0), x.sum(1, keepdim=True)
    (tensor(10.), tensor([4., 6.]), tensor([[3.],
            [7.]]))
    """
    if dtype is not None:
        input = F.to_dtype(input, as_dtype(dtype).numpy)
    if dim is None and not keepdim:
        return sum_all(input, out=out)
    return sum_over(input, wrapped(dim, input._array.ndim), keepdim, out=out)


def mean(
    input: Tensor,
    dim: Dim = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The mean over all elements, or over ``dim`` (one or several). NaN where there are none.

    Raises RuntimeError for integers, which have no mean of their own type: give ``dtype=``.

    >>> import upriver as up
    >>> up.tensor([[1.0, 2.0], [3.0, 5.0]]).mean(dim=1)
    tensor([1.5000, 4.0000])
    """
    if dtype is not None:
        input = F.to_dtype(input, as_dtype(dtype).numpy)
    if input._array.dtype.kind not in "fc":
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex "
            "dtype. "
            f"Got: {input.dtype.tensor_type}. Give dtype=, or convert with .float()."
        )
    if dim is None and not keepdim:
        return mean_all(input, out=out)
    return mean_over(input, wrapped(dim, input._array.ndim), keepdim, out=out)


def nansum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """:func:`sum` with NaN counted as zero.

    >>> import upriver as up
    >>> up.tensor([1.0, float("nan"), 2.0]).nansum()
    tensor(3.)
    """
    if input._array.dtype.kind == "f":
        input = F.mask_where(F.isnan(input), input)
    return sum(input, dim, keepdim, dtype=dtype)


def nanmean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """:func:`mean` over what is not NaN; NaN where nothing is left.

    >>> import upriver as up
    >>> up.tensor([1.0, float("nan"), 2.0]).nanmean()
    tensor(1.5000)
    """
    if dtype is not None:
        input = F.to_dtype(input, as_dtype(dtype).numpy)
    present = sum(F.logical_not(F.isnan(input)), dim, keepdim)
    return F.div(nansum(input, dim, keepdim), F.to_dtype(present, input._array.dtype))


# -- products ------------------------------------------------------------------------------------------------


def _prod_rule(F: Any, g: Any, input: Any, dim: int, keepdim: bool, input_shape: Dims) -> Any:
    """The product of all other elements, without dividing: exact where elements are zero."""
    if input_shape[dim] == 1:
        return spread(F, g, (dim,), keepdim, input_shape)
    others = F.products_before(input, dim, False) * F.products_before(input, dim, True)
    return spread(F, g, (dim,), keepdim, input_shape) * others


@op(REDUCTION, input=_prod_rule, node="ProdBackward1", shown="prod")
def prod_over(xp: Namespace, input: Array, dim: int, keepdim: bool) -> Array:
    """The product over ``dim``."""
    total = xp.multiply.reduce(input, axis=dim, dtype=accumulation(input), keepdims=keepdim)
    return total.astype(input.dtype) if input.dtype == np.float16 else total


def prod(
    input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: dtype | None = None
) -> Tensor:
    """The product over all elements, or over ``dim``; the gradient is exact where elements are zero.

    >>> import upriver as up
    >>> x = up.tensor([2.0, 0.0, 3.0], requires_grad=True)
    >>> x.prod().backward()
    >>> x.grad
    tensor([0., 6., 0.])
    """
    if dtype is not None:
        input = F.to_dtype(input, as_dtype(dtype).numpy)
    if dim is None:
        return prod_over(F.reshape_(input, (input._array.size,)), 0, False)
    if input._array.ndim == 0:
        wrap(dim, 0)
        return prod_over(F.reshape_(input, (1,)), 0, False)
    return prod_over(input, wrap(dim, input._array.ndim), keepdim)


# -- variances -----------------------------------------------------------------------------------------------


def _deviation(F: Any, input: Any, dims: Dims, correction: float, input_shape: Dims) -> Any:
    """The derivative of the variance: twice the distance from the mean, over the degrees of freedom."""
    free = count(input_shape, dims) - correction
    return (input - F.mean_over(input, dims, True)) * (2 / free) if free > 0 else math.nan


def _variance(xp: Namespace, input: Array, dims: Dims, correction: float, keepdim: bool) -> Array:
    wide = input.astype(np.float32) if input.dtype == np.float16 else input
    number = count(input.shape, dims)
    centred = wide - xp.add.reduce(wide, axis=dims, keepdims=True) / (number or math.nan)
    squares = (
        centred.real**2 + centred.imag**2
        if input.dtype.kind == "c"
        else xp.multiply(centred, centred, out=centred)
    )
    free = max(number - correction, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return xp.true_divide(xp.add.reduce(squares, axis=dims, keepdims=keepdim), squares.dtype.type(free))


@op(REDUCTION, wirtinger=True, node="VarBackward0", shown="var",
    input=lambda F, g, input, dims, correction, keepdim, input_shape:
        spread(F, g, dims, keepdim, input_shape)
        * _deviation(F, input, dims, correction, input_shape))  # fmt: skip
def var_over(xp: Namespace, input: Array, dims: Dims, correction: float, keepdim: bool) -> Array:
    """The variance over ``dims`` with ``count - correction`` degrees of freedom."""
    return _variance(xp, input, dims, correction, keepdim).astype(input.real.dtype, copy=False)


@op(REDUCTION, wirtinger=True, node="StdBackward0", shown="std",
    input=lambda F, g, input, out, dims, correction, keepdim, input_shape:
        spread(F, F.mask_where(out == 0, g / (2 * out)), dims, keepdim, input_shape)
        * _deviation(F, input, dims, correction, input_shape))  # fmt: skip
def std_over(xp: Namespace, input: Array, dims: Dims, correction: float, keepdim: bool) -> Array:
    """The square root of the variance; its derivative at 0 is 0."""
    return xp.sqrt(_variance(xp, input, dims, correction, keepdim)).astype(input.real.dtype, copy=False)


def _moment(
    name: str,
    primitive: Any,
    input: Tensor,
    dim: Dim | bool,
    unbiased: bool | None,
    correction: float | None,
    keepdim: bool,
) -> Tensor:
    if isinstance(dim, bool):  # the old signature var(input, unbiased)
        dim, unbiased = None, dim
    if input._array.dtype.kind not in "fc":
        raise RuntimeError("std and var only support floating point and complex dtypes")
    if unbiased is not None and correction is not None:
        raise TypeError(f"{name}() takes unbiased or correction, not both: unbiased=False is correction=0")
    used = (1.0 if unbiased in (None, True) else 0.0) if correction is None else float(correction)
    dims = wrapped(dim, input._array.ndim)
    if count(input._array.shape, dims) <= used:
        warnings.warn(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction "
            "factor (input numel "
            "divided by output numel).",
            UserWarning,
            stacklevel=3,
        )
    return primitive(input, dims, used, keepdim)


def var(
    input: Tensor,
    dim: Dim | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The variance of all elements or along ``dim``: ``n - correction`` degrees of freedom (1 unless given).

    Warns where that is not positive. Raises RuntimeError for integers.

    >>> import upriver as up
    >>> up.tensor([1.0, 2.0, 4.0]).var(correction=0)
    tensor(1.5556)
    """
    return _moment("var", var_over, input, dim, unbiased, correction, keepdim)


def std(
    input: Tensor,
    dim: Dim | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The square root of :func:`var`.

    >>> import upriver as up
    >>> up.tensor([1.0, 3.0]).std()
    tensor(1.4142)
    """
    return _moment("std", std_over, input, dim, unbiased, correction, keepdim)


def var_mean(
    input: Tensor,
    dim: Dim | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """:func:`var` and :func:`mean`."""
    spread_ = var(input, dim, unbiased, keepdim, correction=correction)
    return spread_, mean(input, None if isinstance(dim, bool) else dim, keepdim)


def std_mean(
    input: Tensor,
    dim: Dim | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """:func:`std` and :func:`mean`."""
    spread_ = std(input, dim, unbiased, keepdim, correction=correction)
    return spread_, mean(input, None if isinstance(dim, bool) else dim, keepdim)


# -- truth ---------------------------------------------------------------------------------------------------


@op(REDUCTION, shown="all")
def all_over(xp: Namespace, input: Array, dims: Dims, keepdim: bool) -> Array:
    """Whether every element over ``dims`` is nonzero."""
    found = xp.all(input, axis=dims, keepdims=keepdim)
    return found.astype(np.uint8) if input.dtype == np.uint8 else found


@op(REDUCTION, shown="any")
def any_over(xp: Namespace, input: Array, dims: Dims, keepdim: bool) -> Array:
    """Whether some element over ``dims`` is nonzero."""
    found = xp.any(input, axis=dims, keepdims=keepdim)
    return found.astype(np.uint8) if input.dtype == np.uint8 else found


@op(REDUCTION, shown="count_nonzero")
def count_over(xp: Namespace, input: Array, dims: Dims) -> Array:
    """How many elements over ``dims`` are nonzero."""
    return xp.asarray(xp.count_nonzero(input, axis=dims), np.int64)


def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether all elements, or all along ``dim``, are nonzero: bool (uint8 for uint8).

    >>> import upriver as up
    >>> up.tensor([[1, 0], [2, 3]]).all(dim=1)
    tensor([False,  True])
    """
    return all_over(input, wrapped(dim, input._array.ndim), keepdim)


def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether any element, or any along ``dim``, is nonzero: bool (uint8 for uint8).

    >>> import upriver as up
    >>> up.tensor([[0, 0], [2, 3]]).any(dim=1)
    tensor([False,  True])
    """
    return any_over(input, wrapped(dim, input._array.ndim), keepdim)


def count_nonzero(input: Tensor, dim: Dim = None) -> Tensor:
    """How many elements, in all or along ``dim``, are nonzero: int64.

    >>> import upriver as up
    >>> up.tensor([[0, 1], [2, 3]]).count_nonzero()
    tensor(3)
    """
    return count_over(input, wrapped(dim, input._array.ndim))
