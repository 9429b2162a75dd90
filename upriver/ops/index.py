"""Indexing, reading and writing: basic (views), advanced, masked; gather and scatter and their kin.

Reading and writing are adjoint: ``getitem_view``/``embed``, ``index``/``index_sum``, ``take``/``put``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import explain
from ..kernels.scatter import add_at, scatter_add_axis
from ..tensor import Tensor, from_array
from .checks import common_shape
from .namespace import Namespace
from .registry import Kind, op
from .shape import expand, reshape, wrap

__all__ = [
    "gather", "getitem", "index_add", "index_copy", "index_fill", "index_put", "index_select", "masked_fill",
    "masked_scatter", "masked_select", "nonzero", "scatter", "scatter_add", "select",
    "take_along_dim", "where",
]  # fmt: skip

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]
Dims = tuple[int, ...]

# -- basic: slices and whole numbers give views --------------------------------------------------------------


@op(Kind.VIEW, node="SliceBackward0", shown="slice",
    input=lambda F, g, input_shape, index: F.embed(g, input_shape, index))  # fmt: skip
def getitem_view(xp: Namespace, input: Array, index: Any) -> Array:
    """``input[index]`` for an index of slices, whole numbers, ``None`` and ``...``: a view."""
    return input[index] if index.__class__ is tuple and Ellipsis in index else input[_with_ellipsis(index)]


@op(Kind.VIEW, node="SelectBackward0", shown="select",
    input=lambda F, g, input_shape, index: F.embed(g, input_shape, index))  # fmt: skip
def select_view(xp: Namespace, input: Array, index: Any) -> Array:
    """As :func:`getitem_view`, for whole numbers only."""
    return input[_with_ellipsis(index)]


def _with_ellipsis(index: Any) -> Any:
    """The index as a tuple that ends in ``...``, so that NumPy gives a view even where nothing is left."""
    return (*index, ...) if index.__class__ is tuple else (index, ...)


@op(Kind.GENERAL, input=lambda F, g, index: F.getitem_view(g, index))
def embed(xp: Namespace, input: Array, shape: Dims, index: Any) -> Array:
    """Zeros of ``shape`` with ``input`` at a basic ``index``."""
    made = xp.zeros(shape, input.dtype)
    made[index] = input
    return made


@op(Kind.GENERAL, pieces=lambda F, g, indices: [F.getitem_view(g, each) for each in indices])
def assemble(xp: Namespace, pieces: Arrays, shape: Dims, indices: tuple[Any, ...]) -> Array:
    """Zeros of ``shape`` with each piece at its basic index."""
    made = xp.zeros(shape, pieces[0].dtype)
    for piece, index in zip(pieces, indices, strict=True):
        made[index] = piece
    return made


# -- advanced: arrays of positions, masks --------------------------------------------------------------------


@op(Kind.GENERAL, node="IndexBackward0", shown="index",
    input=lambda F, g, input_shape, index: F.index_sum(g, input_shape, index))  # fmt: skip
def index_(xp: Namespace, input: Array, index: Any) -> Array:
    """``input[index]`` with arrays of positions or masks among the index: a copy."""
    return xp.asarray(input[index])


@op(Kind.GENERAL, input=lambda F, g, index: F.index_(g, index))
def index_sum(xp: Namespace, input: Array, shape: Dims, index: Any) -> Array:
    """Zeros of ``shape`` to which ``input`` is added at an advanced ``index``; repeated positions add up."""
    made = xp.zeros(shape, input.dtype)
    if _repeats_nothing(index):
        made[index] = input
    else:
        add_at(made, index, input)
    return made


def _repeats_nothing(index: Any) -> bool:
    """Whether the index holds masks only, which name each position once."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part.dtype == np.bool_ for part in parts if isinstance(part, np.ndarray))


@op(Kind.GENERAL, input=lambda F, g, index, accumulate: g if accumulate else F.index_zero(g, index),
    values=lambda F, g, values_shape, index: F.sum_to(F.index_(g, index), values_shape),
    node="IndexPutBackward0", shown="index_put")  # fmt: skip
def index_put_at(xp: Namespace, input: Array, values: Array, index: Any, accumulate: bool) -> Array:
    """A copy of ``input`` with ``values`` written (or added) at ``index``."""
    made = xp.array(input)
    if accumulate:
        np.add.at(made, index, values)
    else:
        made[index] = values
    return made


@op(Kind.GENERAL, input=lambda F, g, index: F.index_zero(g, index))
def index_zero(xp: Namespace, input: Array, index: Any) -> Array:
    """A copy with 0 at ``index``."""
    made = xp.array(input)
    made[index] = 0
    return made


def plain_index(t: Tensor, given: Any) -> tuple[Any, bool]:
    """The index as NumPy understands it (tensors and lists as arrays, copied), and whether it is advanced."""
    parts = given if isinstance(given, tuple) else (given,)
    advanced = False
    made: list[Any] = []
    for part in parts:
        if part is None or part is Ellipsis or isinstance(part, slice):
            made.append(_plain_slice(part) if isinstance(part, slice) else part)
        elif isinstance(part, (bool, np.bool_)):
            made.append(np.bool_(part))
            advanced = True
        elif isinstance(part, (int, np.integer)):
            made.append(int(part))
        elif isinstance(part, Tensor) and part._array.ndim == 0 and part._array.dtype.kind in "iu":
            made.append(int(part._array))
        else:
            made.append(_index_array(part))
            advanced = True
    _check_index(t._array.shape, made)
    return tuple(made), advanced


def _plain_slice(part: slice) -> slice:
    start, stop, step = (None if each is None else int(each) for each in (part.start, part.stop, part.step))
    if step is not None and step <= 0:
        raise ValueError("step must be greater than zero")
    return slice(start, stop, step)


def _index_array(part: Any) -> Array:
    array = np.array(part._array if isinstance(part, Tensor) else part)
    if array.size == 0 and array.dtype.kind == "f" and not isinstance(part, Tensor):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iub":
        if isinstance(part, (Tensor, np.ndarray)):
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
            f"indices (got {type(part).__name__})"
        )
    return array.astype(np.bool_) if array.dtype == np.uint8 else array


def _check_index(shape: Dims, parts: list[Any]) -> None:
    """Raise IndexError in PyTorch's words for too many or out-of-range numbers and ill-shaped masks."""
    used = sum(
        part.ndim if isinstance(part, np.ndarray) and part.dtype == np.bool_ else 1
        for part in parts
        if part is not None and part is not Ellipsis and not isinstance(part, np.bool_)
    )
    if used > len(shape):
        if not shape:
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ "
                "to convert a 0-dim tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {len(shape)}")
    dim = 0
    for part in parts:
        if part is Ellipsis:
            dim = len(shape) - sum(1 for _ in _after(parts))
        elif isinstance(part, int):
            if not -shape[dim] <= part < shape[dim]:
                raise IndexError(f"index {part} is out of bounds for dimension {dim} with size {shape[dim]}")
            dim += 1
        elif isinstance(part, np.ndarray):
            if part.dtype == np.bool_:
                for offset, length in enumerate(part.shape):
                    if length != shape[dim + offset]:
                        raise IndexError(
                            f"The shape of the mask {list(part.shape)} at index {offset} does not match the "
                            f"shape of the indexed tensor {list(shape)} at index {dim + offset}"
                        )
                dim += part.ndim
            else:
                if part.size and (part.max() >= shape[dim] or part.min() < -shape[dim]):
                    wrong = part[(part >= shape[dim]) | (part < -shape[dim])].flat[0]
                    raise IndexError(
                        f"index {wrong} is out of bounds for dimension {dim} with size {shape[dim]}"
                    )
                dim += 1
        elif isinstance(part, slice):
            dim += 1


def _after(parts: list[Any]) -> Any:
    """One entry for each dimension used by the parts after the ellipsis."""
    place = next(index for index, part in enumerate(parts) if part is Ellipsis)
    for part in parts[place + 1 :]:
        if part is not None and not isinstance(part, np.bool_):
            yield from range(part.ndim if isinstance(part, np.ndarray) and part.dtype == np.bool_ else 1)


def getitem(input: Tensor, index: Any) -> Tensor:
    """``input[index]``: a view for slices, numbers, ``None`` and ``...``; a copy for arrays or masks."""
    kind = index.__class__
    if kind is int:
        shape = input._array.shape
        if shape and -shape[0] <= index < shape[0]:
            return select_view(input, index)
    elif kind is slice and index.step is None:
        return getitem_view(input, _plain_slice(index))
    parts, advanced = plain_index(input, index)
    if advanced:
        return index_(input, parts)
    if all(isinstance(part, int) for part in parts):
        return select_view(input, parts)
    return getitem_view(input, parts)


def index_put(
    input: Tensor, indices: Sequence[Tensor | None], values: Tensor, accumulate: bool = False
) -> Tensor:
    """A copy of ``input`` with ``values`` at ``indices``, added up if ``accumulate``."""
    parts, _ = plain_index(input, tuple(slice(None) if each is None else each for each in indices))
    return index_put_at(input, values, parts, accumulate)


def select(input: Tensor, dim: int, index: int) -> Tensor:
    """The slice at ``index`` of dimension ``dim``, as a view."""
    shape = input._array.shape
    dim = wrap(dim, len(shape))
    if not shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    if not -shape[dim] <= index < shape[dim]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(shape)} at dimension {dim}"
        )
    return select_view(input, (slice(None),) * dim + (int(index),))


# -- gather and scatter --------------------------------------------------------------------------------------


@op(Kind.GENERAL, node="GatherBackward0", shown="gather",
    input=lambda F, g, input_shape, dim, index: F.put(g, dim, index, input_shape))  # fmt: skip
def take_at(xp: Namespace, input: Array, dim: int, index: Array) -> Array:
    """``out[i][j] = input[index[i][j]][j]`` (for ``dim`` 0)."""
    if not input.shape:
        return xp.array(np.broadcast_to(input, index.shape))
    return xp.take_along_axis(_cropped(input, dim, index.shape), index, dim) if index.shape else input[index]


def _cropped(array: Array, dim: int, shape: Dims) -> Array:
    """``array`` without what an index of ``shape`` does not reach in the other dimensions."""
    if all(
        have == want for axis, (have, want) in enumerate(zip(array.shape, shape, strict=True)) if axis != dim
    ):
        return array
    return array[tuple(slice(None) if axis == dim else slice(want) for axis, want in enumerate(shape))]


@op(Kind.GENERAL, input=lambda F, g, dim, index: F.take_at(g, dim, index))
def put(xp: Namespace, input: Array, dim: int, index: Array, shape: Dims) -> Array:
    """Zeros of ``shape`` to which ``input[i][j]`` is added at ``[index[i][j]][j]`` (for ``dim`` 0)."""
    made = xp.zeros(shape, input.dtype)
    _add_along(made, dim, index, input)
    return made


def _add_along(made: Array, dim: int, index: Array, source: Array) -> None:
    if not made.shape:
        made[...] += source.sum()
    elif index.size:
        scatter_add_axis(_cropped(made, dim, index.shape), dim, index, source)


@op(Kind.GENERAL, node="ScatterAddBackward0", shown="scatter_add",
    input=lambda F, g: g,
    src=lambda F, g, src_shape, dim, index: F.fit(F.take_at(g, dim, index), src_shape))  # fmt: skip
def scatter_sum(xp: Namespace, input: Array, dim: int, index: Array, src: Array) -> Array:
    """A copy of ``input`` to which ``src`` is added at ``index`` along ``dim``."""
    made = xp.array(input)
    _add_along(made, dim, index, src[tuple(slice(length) for length in index.shape)])
    return made


@op(Kind.GENERAL, node="ScatterBackward0", shown="scatter",
    input=lambda F, g, dim, index: F.scatter_zero(g, dim, index),
    src=lambda F, g, src_shape, dim, index: F.fit(F.take_at(g, dim, index), src_shape))  # fmt: skip
def scatter_from(xp: Namespace, input: Array, dim: int, index: Array, src: Array) -> Array:
    """A copy of ``input`` in which ``src`` is written at ``index`` along ``dim``."""
    made = xp.array(input)
    target = _cropped(made, dim, index.shape) if made.shape else made
    if made.shape:
        xp.put_along_axis(target, index, src[tuple(slice(length) for length in index.shape)], dim)
    elif index.size:
        made[...] = src.reshape(-1)[-1]
    return made


@op(Kind.GENERAL, input=lambda F, g, dim, index: F.scatter_zero(g, dim, index))
def scatter_zero(xp: Namespace, input: Array, dim: int, index: Array) -> Array:
    """A copy with 0 at ``index`` along ``dim``."""
    made = xp.array(input)
    if made.shape:
        xp.put_along_axis(_cropped(made, dim, index.shape), index, 0, dim)
    else:
        made[...] = 0
    return made


@op(Kind.GENERAL, input=lambda F, g, input_shape: F.crop(g, input_shape))
def fit(xp: Namespace, input: Array, shape: Dims) -> Array:
    """``input`` in the corner of zeros of ``shape``."""
    made = xp.zeros(shape, input.dtype)
    made[tuple(slice(length) for length in input.shape)] = input
    return made


@op(Kind.GENERAL, input=lambda F, g, input_shape: F.fit(g, input_shape))
def crop(xp: Namespace, input: Array, shape: Dims) -> Array:
    """The corner of ``input`` that has ``shape``."""
    return xp.array(input[tuple(slice(length) for length in shape)])


POSITIONS_ARE_WHOLE = {
    "gather": "gather(): Expected dtype int32/int64 for index",
    "index_select": "index_select(): Expected dtype int32 or int64 for index",
    "index_add": "index_add_(): Expected dtype int32/int64 for index but got: {}",
    "index_copy": "index_copy_(): Expected a long tensor for index, but got {}",
    "index_fill": "index_fill_(): Expected dtype int64 for index.",
    "put": "put_(): Expected a long tensor for index, but got {}",
    "take": "take(): Expected a long tensor for index, but got {}",
}


def whole_positions(name: str, index: Any) -> Tensor:
    """``index``, if it is a tensor of integers; TypeError or RuntimeError in PyTorch's words otherwise."""
    if not isinstance(index, Tensor):
        raise TypeError(f"{name}(): argument 'index' must be Tensor, not {type(index).__name__}")
    if index._array.dtype.kind not in "iu":
        found = index.dtype.tensor_type
        sentence = POSITIONS_ARE_WHOLE.get(name, "scatter(): Expected dtype int32/int64 for index")
        raise RuntimeError(explain(sentence.format(found), f"it is {found}: convert it with .long()."))
    return index


def _check_positions(name: str, index: Tensor, length: int, dim: int) -> None:
    array = index._array
    if array.size and (array.max() >= length or array.min() < 0):
        wrong = array[(array >= length) | (array < 0)].flat[0]
        bounds = f"index {wrong} is out of bounds for dimension {dim} with size {length}"
        if name == "index_select":
            raise IndexError(f"index out of range in self: {bounds}")
        if name == "index_copy":
            raise IndexError(f"index_copy_(): {bounds}")
        raise RuntimeError(bounds)


def _check_reach(name: str, input: Tensor, dim: int, index: Tensor) -> None:
    have, want = input._array.shape, index._array.shape
    if len(have) != len(want) and have and want:
        raise RuntimeError(
            "Index tensor must have the same number of dimensions as "
            f"{'input' if name == 'gather' else 'self'} tensor"
        )
    for axis, (length, needed) in enumerate(zip(have, want, strict=False)):
        if axis != dim and needed > length:
            raise RuntimeError(
                f"Size does not match at dimension {axis} expected index {list(want)} to be no larger than "
                f"self {list(have)} apart from dimension {dim}"
            )


def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """Elements of ``input`` at positions ``index`` along ``dim``: ``out[i][j] = input[index[i][j]][j]`` for
    ``dim`` 0.

    >>> import upriver as up
    >>> up.tensor([[1, 2], [3, 4]]).gather(1, up.tensor([[0, 0], [1, 0]]))
    tensor([[1, 1],
            [4, 3]])
    """
    dim = wrap(dim, input._array.ndim)
    whole_positions("gather", index)
    _check_reach("gather", input, dim, index)
    _check_positions("gather", index, input._array.shape[dim] if input._array.ndim else 1, dim)
    return take_at(input, dim, index)


def scatter_source(name: str, input: Tensor, dim: int, index: Tensor, src: Any) -> tuple[int, Tensor]:
    """The checked settings of a scatter: the dimension counted from 0, the source as a tensor."""
    dim = wrap(dim, input._array.ndim)
    whole_positions(name, index)
    _check_reach(name, input, dim, index)
    _check_positions(name, index, input._array.shape[dim] if input._array.ndim else 1, dim)
    if not isinstance(src, Tensor):
        src = from_array(np.full(index._array.shape, src, input._array.dtype))
    if src._array.dtype != input._array.dtype:
        raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype")
    return dim, src


def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """A copy of ``input`` with ``src`` (or ``value``) written at positions ``index`` along ``dim``."""
    dim, source = scatter_source("scatter", input, dim, index, value if src is None else src)
    if reduce is None:
        return scatter_from(input, dim, index, source)
    from .scattered import scatter_reduce

    return scatter_reduce(input, dim, index, source, {"add": "sum", "multiply": "prod"}.get(reduce, reduce))


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """A copy of ``input`` with ``src`` added at positions ``index`` along ``dim``; repeated ones add up."""
    dim, src = scatter_source("scatter_add", input, dim, index, src)
    return scatter_sum(input, dim, index, src)


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """As :func:`gather` with broadcasting; over the flattened input if ``dim`` is None."""
    if dim is None:
        return gather(reshape(input, -1), 0, reshape(indices, -1))
    ndim = input._array.ndim
    dim = wrap(dim, ndim)
    have, want = list(input._array.shape), list(indices._array.shape)
    length, count = have[dim], want[dim]
    have[dim] = want[dim] = 1
    shape = list(np.broadcast_shapes(tuple(have), tuple(want)))
    return gather(
        expand(input, [*shape[:dim], length, *shape[dim + 1 :]]), dim,
        from_array(np.broadcast_to(indices._array, [*shape[:dim], count, *shape[dim + 1 :]])),
    )  # fmt: skip


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices of dimension ``dim`` at positions ``index``, a 1-D tensor."""
    whole_positions("index_select", index)
    if index._array.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    dim = wrap(dim, input._array.ndim)
    if not input._array.ndim:
        return reshape(getitem(reshape(input, 1), reshape(index, -1)), ())
    _check_positions("index_select", index, input._array.shape[dim], dim)
    return getitem(input, (slice(None),) * dim + (reshape(index, -1),))


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Tensor:
    """A copy of ``input`` to whose slices ``index`` of ``dim`` those of ``alpha * source`` are added."""
    dim = wrap(dim, input._array.ndim)
    whole_positions("index_add", index)
    _check_positions("index_add", index, input._array.shape[dim] if input._array.ndim else 1, dim)
    return index_put_at(input, source if alpha == 1 else source * alpha, _slices_at(dim, index), True)


def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """A copy of ``input`` whose slices ``index`` of ``dim`` are those of ``source``."""
    dim = wrap(dim, input._array.ndim)
    whole_positions("index_copy", index)
    _check_positions("index_copy", index, input._array.shape[dim] if input._array.ndim else 1, dim)
    return index_put_at(input, source, _slices_at(dim, index), False)


def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """A copy of ``input`` whose slices ``index`` of ``dim`` are ``value``."""
    dim = wrap(dim, input._array.ndim)
    whole_positions("index_fill", index)
    filled = value if isinstance(value, Tensor) else from_array(np.asarray(value, input._array.dtype))
    return index_put_at(input, filled, _slices_at(dim, index), False)


def _slices_at(dim: int, index: Tensor) -> tuple[Any, ...]:
    return (*(slice(None),) * dim, np.array(index._array).reshape(-1))


# -- masks ---------------------------------------------------------------------------------------------------


@op(Kind.ELEMENTWISE, unpromoted=("condition",), node="WhereBackward0", name="where",
    input=lambda F, g, condition: F.mask_where(F.logical_not(condition), g),
    other=lambda F, g, condition: F.mask_where(condition, g))  # fmt: skip
def where_(xp: Namespace, condition: Array, input: Array, other: Array) -> Array:
    """``input`` where ``condition`` holds, ``other`` elsewhere."""
    return xp.where(condition, input, other)


@op(Kind.ELEMENTWISE, unpromoted=("mask", "value"), input=lambda F, g, mask: F.mask_where(mask, g),
    value=lambda F, g, mask: F.mask_where(F.logical_not(mask), g), node="MaskedFillBackward0")  # fmt: skip
def masked_fill(xp: Namespace, input: Array, mask: Array, value: Array) -> Array:
    """``input`` with ``value`` (a number or 0-d tensor) where ``mask`` is true."""
    if mask.dtype != np.bool_:
        raise RuntimeError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype.name}"
        )
    if value.ndim:
        raise RuntimeError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} "
            "dimension(s)."
        )
    return xp.where(mask, value.astype(input.dtype, copy=False), input)


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """``input`` where ``condition`` holds, else ``other``; without these, the positions where it holds."""
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    if condition._array.dtype != np.bool_:
        if condition._array.dtype != np.uint8:
            raise RuntimeError(
                "where expected condition to be a boolean tensor, but got a tensor with dtype "
                f"{condition.dtype.tensor_type}"
            )
        condition = from_array(condition._array.astype(np.bool_))
    return where_(condition, input, other)


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where ``mask`` is true, in one dimension."""
    if mask._array.dtype != np.bool_:
        raise RuntimeError(f"masked_select: expected BoolTensor for mask, but got {mask.dtype.name}")
    shape = common_shape(mask._array.shape, input._array.shape)
    return getitem(expand(input, shape), from_array(np.broadcast_to(mask._array, shape)))


def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """A copy of ``input`` whose elements where ``mask`` is true are those of ``source``, in order."""
    shape = common_shape(mask._array.shape, input._array.shape)
    chosen = np.broadcast_to(mask._array, shape)
    count = int(chosen.sum())
    if source._array.size < count:
        raise RuntimeError(
            f"masked_scatter: expected self and source to have same dtypes and at least {count} elements in "
            f"source, but got {source._array.size}"
        )
    return index_put_at(
        expand(input, shape), getitem(reshape(source, -1), slice(0, count)), (np.array(chosen),), False
    )


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """Positions of the nonzero elements: a row each, or a tensor for each dimension."""
    found = np.nonzero(np.atleast_1d(input._array))
    if as_tuple:
        return tuple(from_array(each) for each in found)
    return from_array(np.stack(found, 1) if input._array.ndim else np.zeros((len(found[0]), 0), np.int64))
