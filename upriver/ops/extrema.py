"""What picks elements: extrema, their positions, medians and modes.

Along one dimension, a value is picked by its index (an operator without a derivative) and taken with
:func:`picked`, which sends the gradient back to that one position. Over all elements or several dimensions,
equal extrema share the gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..autograd.namespaces import ON_TENSORS as F
from ..dtypes import FROM_NUMPY
from ..tensor import Tensor
from .namespace import Namespace
from .reduce import Dim, Dims, kept, spread, wrapped
from .registry import Kind, op
from .shape import wrap

__all__ = ["amax", "amin", "aminmax", "argmax", "argmin", "max", "median", "min", "mode", "nanmedian"]

Array = np.ndarray[Any, Any]

REDUCTION = Kind.REDUCTION


class Selected(NamedTuple):
    """Values picked along a dimension, and where they were: tensors of the same shape, the second int64."""

    values: Tensor
    indices: Tensor


class Extremes(NamedTuple):
    """The smallest and the largest values."""

    min: Tensor
    max: Tensor


# -- all equal extrema share ---------------------------------------------------------------------------------


def _shared(
    F: Any, g: Any, input: Any, out: Any, dims: Dims, keepdim: bool, input_shape: Dims, input_dtype: Any
) -> Any:
    """The gradient divided among all elements that equal the result."""
    others = F.differs(input, out if keepdim else F.reshape_(out, kept(input_shape, dims)))
    equals = F.to_dtype(F.sum_over(F.logical_not(others), dims, keepdim), input_dtype)
    return F.mask_where(others, spread(F, g / equals, dims, keepdim, input_shape))


@op(Kind.ELEMENTWISE)
def differs(xp: Namespace, input: Array, other: Array) -> Array:
    """Whether the values differ, NaN being equal to NaN."""
    found = xp.not_equal(input, other)
    missing = xp.not_equal(other, other)
    return found & ~(missing & xp.not_equal(input, input)) if missing.any() else found


def _checked_extremum(name: str, input: Array, dims: Dims) -> None:
    if input.dtype.kind == "c":
        kind = FROM_NUMPY[input.dtype].tensor_type
        raise NotImplementedError(f"\"{name}_cpu\" not implemented for '{kind}', which has no order")
    if input.size == 0:
        for dim in dims:
            if input.shape[dim] == 0:
                raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")


@op(REDUCTION, input=_shared, node="AmaxBackward0", shown="amax")
def amax_over(xp: Namespace, input: Array, dims: Dims, keepdim: bool) -> Array:
    """The largest over ``dims``; NaN if there is one."""
    _checked_extremum("amax", input, dims)
    return xp.maximum.reduce(input, axis=dims, keepdims=keepdim)


@op(REDUCTION, input=_shared, node="AminBackward0", shown="amin")
def amin_over(xp: Namespace, input: Array, dims: Dims, keepdim: bool) -> Array:
    """The smallest over ``dims``; NaN if there is one."""
    _checked_extremum("amin", input, dims)
    return xp.minimum.reduce(input, axis=dims, keepdims=keepdim)


MAX_ALL = op(REDUCTION, input=_shared, node="MaxBackward1", shown="max", name="max_all")(
    amax_over.__globals__["operator"].forward
)
MIN_ALL = op(REDUCTION, input=_shared, node="MinBackward1", shown="min", name="min_all")(
    amin_over.__globals__["operator"].forward
)


@op(REDUCTION, node="MedianBackward0", shown="median",
    input=lambda F, g, input, out, input_shape, input_dtype:
        _shared(F, g, input, out, wrapped(None, len(input_shape)), False, input_shape, input_dtype)
)  # fmt: skip
def median_all(xp: Namespace, input: Array, skip_nan: bool) -> Array:
    """The lower of the middle values of all elements; NaN if there is one, unless ``skip_nan``."""
    flat = xp.sort(input, axis=None)
    held = flat.size - (int(xp.isnan(flat).sum()) if flat.dtype.kind == "f" else 0)
    if held == 0 or (held < flat.size and not skip_nan):
        return xp.asarray(np.nan if flat.dtype.kind == "f" else np.iinfo(flat.dtype).min, flat.dtype)
    return flat[(held - 1) // 2].copy()


def _not_empty(name: str, input: Tensor) -> None:
    if input._array.size == 0:
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction "
            "dim with the 'dim' "
            "argument."
        )


def amax(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The largest element, over all or over ``dim``; equal ones share the gradient.

    Raises RuntimeError or IndexError where there are no elements.

    >>> import upriver as up
    >>> up.tensor([[1.0, 5.0], [2.0, 3.0]]).amax(dim=1)
    tensor([5., 3.])
    """
    if dim is None or dim == ():
        _not_empty("amax", input)
    return amax_over(input, wrapped(dim, input._array.ndim), keepdim)


def amin(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The smallest element, over all or over ``dim``; equal ones share the gradient.

    Raises RuntimeError or IndexError where there are no elements.

    >>> import upriver as up
    >>> up.tensor([[1.0, 5.0], [2.0, 3.0]]).amin(dim=1)
    tensor([1., 2.])
    """
    if dim is None or dim == ():
        _not_empty("amin", input)
    return amin_over(input, wrapped(dim, input._array.ndim), keepdim)


def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Extremes:
    """The smallest and the largest, over all elements or along ``dim``, as a named tuple ``(min, max)``.

    >>> import upriver as up
    >>> up.aminmax(up.tensor([3, 1, 2])).max
    tensor(3)
    """
    if dim is None and input._array.size == 0:
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
        )
    dims = wrapped(dim, input._array.ndim)
    return Extremes(amin_over(input, dims, keepdim), amax_over(input, dims, keepdim))


# -- one is picked -------------------------------------------------------------------------------------------


def _pick_rule(F: Any, g: Any, index: Any, dim: int, keepdim: bool, input_shape: Dims) -> Any:
    if not keepdim:
        return F.place(g, index, dim, input_shape)
    if index.shape[dim] == 1:
        return F.place(F.squeeze_(g, (dim,)), F.squeeze_(index, (dim,)), dim, input_shape)
    return F.put(g, dim, index, input_shape)


@op(REDUCTION, input=_pick_rule, node="ValueSelectingReductionBackward0", shown="select")
def pick(xp: Namespace, input: Array, index: Array, dim: int, keepdim: bool) -> Array:
    """The elements at ``index`` along ``dim``; without ``keepdim``, ``index`` and the result lack that
    dimension.
    """
    return xp.take_along_axis(input, index, dim) if keepdim else xp.asarray(input[_positions(index, dim)])


def _pick_as(function: str, node: str) -> Any:
    """:func:`pick` as an entry of its own, so that the graph names the function the user called."""
    return op(REDUCTION, input=_pick_rule, node=node, shown=function, name=f"pick_for_{function}")(
        pick.__globals__["operator"].forward
    )


PICKS = {
    "max": _pick_as("max", "MaxBackward0"), "min": _pick_as("min", "MinBackward0"),
    "median": _pick_as("median", "MedianBackward1"), "mode": _pick_as("mode", "ModeBackward0"),
    "sort": _pick_as("sort", "SortBackward0"), "topk": _pick_as("topk", "TopkBackward0"),
    "kthvalue": _pick_as("kthvalue", "KthvalueBackward0"),
}  # fmt: skip


@op(Kind.GENERAL, input=lambda F, g, index, dim: F.pick(g, index, dim, False))
def place(xp: Namespace, input: Array, index: Array, dim: int, shape: Dims) -> Array:
    """Zeros of ``shape`` with ``input`` at ``index`` along ``dim``, which both lack."""
    made = xp.zeros(shape, input.dtype)
    made[_positions(index, dim)] = input
    return made


def _positions(index: Array, dim: int) -> tuple[Array, ...]:
    """The index that takes one entry along ``dim`` for each place in the other dimensions."""
    if index.ndim == 0:
        return (index,)
    if index.ndim == 1:
        rows = np.arange(index.size)
        return (rows, index) if dim else (index, rows)
    grid = np.ogrid[tuple(slice(length) for length in index.shape)]
    return (*grid[:dim], index, *grid[dim:])


def picked(input: Tensor, index: Tensor, dim: int, keepdim: bool, function: str = "") -> Tensor:
    """:func:`pick` for tensors of any number of dimensions; what is picked from a 0-d tensor is itself."""
    take: Callable[..., Tensor] = PICKS.get(function, pick)
    if input._array.ndim:
        return take(input, index, dim, keepdim)
    return F.reshape_(take(F.reshape_(input, (1,)), F.reshape_(index, (1,)), 0, True), ())


@op(REDUCTION, shown="argmax", ordered=True)
def index_of_max(xp: Namespace, input: Array, dim: int, keepdim: bool) -> Array:
    """The first position of the largest along ``dim``; of NaN, if there is one."""
    return input.argmax(dim, keepdims=keepdim)


@op(REDUCTION, shown="argmin", ordered=True)
def index_of_min(xp: Namespace, input: Array, dim: int, keepdim: bool) -> Array:
    """The first position of the smallest along ``dim``; of NaN, if there is one."""
    return input.argmin(dim, keepdims=keepdim)


@op(REDUCTION, shown="median")
def index_of_median(xp: Namespace, input: Array, dim: int, keepdim: bool, skip_nan: bool) -> Array:
    """The position of the lower middle value along ``dim``; of NaN, where there is one not to be skipped."""
    order = xp.argsort(input, axis=dim, stable=True)
    missing = xp.isnan(input) if input.dtype.kind == "f" else xp.zeros(input.shape, np.bool_)
    held = input.shape[dim] - missing.sum(axis=dim, keepdims=True)
    rank = xp.maximum(held - 1, 0) // 2
    if not skip_nan:
        rank = xp.where(held < input.shape[dim], held, rank)
    found = xp.take_along_axis(order, rank, dim)
    return found if keepdim else found.squeeze(dim)


@op(REDUCTION, shown="mode")
def index_of_mode(xp: Namespace, input: Array, dim: int, keepdim: bool) -> Array:
    """The last position of the most frequent value along ``dim``, the smallest of equally frequent ones."""
    order = xp.argsort(input, axis=dim, stable=True).swapaxes(dim, -1)
    ranked = xp.take_along_axis(input.swapaxes(dim, -1), order, -1)
    positions = xp.arange(ranked.shape[-1])
    starts = xp.concatenate(
        [xp.ones((*ranked.shape[:-1], 1), np.bool_), ranked[..., 1:] != ranked[..., :-1]], axis=-1
    )
    run = positions - xp.maximum.accumulate(
        xp.where(starts, positions, 0), axis=-1
    )  # how many equals stand before
    found = xp.take_along_axis(order, xp.argmax(run, axis=-1, keepdims=True), -1)
    return found.swapaxes(dim, -1) if keepdim else found.swapaxes(dim, -1).squeeze(dim)


def _selected(name: str, index_of: Any, input: Tensor, dim: int, keepdim: bool, *settings: Any) -> Selected:
    dim = wrap(dim, input._array.ndim)
    if input._array.ndim == 0:
        index = F.reshape_(index_of(F.reshape_(input, (1,)), 0, True, *settings), ())
    else:
        if input._array.shape[dim] == 0:
            raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
        index = index_of(input, dim, keepdim, *settings)
    return Selected(picked(input, index, dim, keepdim, name), index)


def _argument(name: str, index_of: Any, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    ndim = input._array.ndim
    if dim is None:
        if input._array.size == 0:
            raise IndexError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
        index = index_of(F.reshape_(input, (input._array.size,)), 0, False)
        return F.reshape_(index, (1,) * ndim) if keepdim and ndim else index
    dim = wrap(dim, ndim)
    if ndim == 0:
        return F.reshape_(index_of(F.reshape_(input, (1,)), 0, False), ())
    if input._array.shape[dim] == 0:
        raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
    return index_of(input, dim, keepdim)


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The position of the first largest element, counted through all elements or along ``dim``: int64.

    >>> import upriver as up
    >>> up.tensor([[1, 5], [7, 3]]).argmax(), up.tensor([[1, 5], [7, 3]]).argmax(dim=1)
    (tensor(2), tensor([1, 0]))
    """
    return _argument("argmax", index_of_max, input, dim, keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The position of the first smallest element, counted through all elements or along ``dim``: int64.

    >>> import upriver as up
    >>> up.tensor([[1, 5], [7, 3]]).argmin(dim=1)
    tensor([0, 1])
    """
    return _argument("argmin", index_of_min, input, dim, keepdim)


def _extremum(
    name: str, over: Any, index_of: Any, pairwise: Any, args: tuple[Any, ...], keepdim: bool
) -> Any:
    input = args[0]
    if len(args) == 1:
        _not_empty(name, input)
        return over(input, wrapped(None, input._array.ndim), False)
    if isinstance(args[1], (int, np.integer)):
        return _selected(name, index_of, input, int(args[1]), keepdim)
    return pairwise(input, args[1])


def max(
    input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, other: Tensor | None = None
) -> Any:
    """The largest of all elements; or ``(values, indices)`` of the largest along ``dim``; or :func:`maximum`
    of two tensors.

    Over all, equal elements share the gradient; along ``dim`` the first one gets it. Raises RuntimeError or
    IndexError where there are no elements.

    >>> import upriver as up
    >>> x = up.tensor([[1.0, 5.0], [7.0, 3.0]])
    >>> x.max(), x.max(dim=1).values, x.max(dim=1).indices
    (tensor(7.), tensor([5., 7.]), tensor([1, 0]))
    """
    second = dim if other is None else other
    args = (input,) if second is None else (input, second)
    return _extremum("max", MAX_ALL, index_of_max, F.maximum, args, keepdim)


def min(
    input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, other: Tensor | None = None
) -> Any:
    """The smallest of all elements; or ``(values, indices)`` of the smallest along ``dim``; or
    :func:`minimum` of two tensors.

    Over all, equal elements share the gradient; along ``dim`` the first one gets it. Raises RuntimeError or
    IndexError where there are no elements.

    >>> import upriver as up
    >>> x = up.tensor([[1.0, 5.0], [7.0, 3.0]])
    >>> x.min(), x.min(dim=1).values
    (tensor(1.), tensor([1., 3.]))
    """
    second = dim if other is None else other
    args = (input,) if second is None else (input, second)
    return _extremum("min", MIN_ALL, index_of_min, F.minimum, args, keepdim)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower of the middle values, of all elements or along ``dim`` as ``(values, indices)``; NaN where
    there is NaN.

    >>> import upriver as up
    >>> up.tensor([4.0, 1.0, 3.0, 2.0]).median()
    tensor(2.)
    """
    if dim is None:
        return median_all(input, False)
    return _selected("median", index_of_median, input, dim, keepdim, False)


def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """:func:`median` of what is not NaN.

    >>> import upriver as up
    >>> up.tensor([4.0, float("nan"), 3.0]).nanmedian()
    tensor(3.)
    """
    if dim is None:
        return median_all(input, True)
    return _selected("nanmedian", index_of_median, input, dim, keepdim, True)


def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Selected:
    """The most frequent value along ``dim`` (the smallest of equally frequent ones) and its last position.

    >>> import upriver as up
    >>> up.tensor([3, 1, 3, 2]).mode()
    Selected(values=tensor(3), indices=tensor(2))
    """
    return _selected("mode", index_of_mode, input, dim, keepdim)
