"""Shapes: views of the same memory, and the sums that are their adjoints.

Each view operator's adjoint is an operator of the table too (``broadcast_to``/``sum_to``,
``reshape``/``reshape`` ...), so the table is closed under differentiation. The primitives take canonical
settings; the functions with PyTorch's signatures follow them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index as whole
from typing import Any

import numpy as np

from ..dtypes import as_dtype
from ..tensor import Size, Tensor
from .checks import common_shape
from .namespace import Namespace
from .registry import Kind, op

__all__ = [
    "adjoint", "as_strided", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_shapes",
    "broadcast_tensors", "broadcast_to", "contiguous", "diagonal", "expand", "expand_as", "flatten",
    "moveaxis", "movedim", "narrow", "permute",
    "ravel", "reshape", "reshape_as", "squeeze", "swapaxes", "swapdims", "t", "transpose", "unflatten",
    "unsqueeze", "view", "view_as",
]  # fmt: skip

Array = np.ndarray[Any, Any]
Dims = tuple[int, ...]

VIEW, MAYBE_VIEW = Kind.VIEW, Kind.MAYBE_VIEW

# -- primitives ----------------------------------------------------------------------------------------------


@op(MAYBE_VIEW, node="ReshapeAliasBackward0", shown="reshape",
    input=lambda F, g, input_shape: F.reshape_(g, input_shape))  # fmt: skip
def reshape_(xp: Namespace, input: Array, shape: Dims) -> Array:
    """The same elements in row-major order under another shape; a view where strides allow."""
    return input.reshape(shape)


@op(VIEW, input=lambda F, g, input_shape: F.reshape_(g, input_shape), node="ViewBackward0", shown="view")
def view_(xp: Namespace, input: Array, shape: Dims) -> Array:
    """As :func:`reshape_`, never copying."""
    return input.reshape(shape)


@op(VIEW, input=lambda F, g, dims: F.permute_(g, inverse(dims)), node="PermuteBackward0", shown="permute")
def permute_(xp: Namespace, input: Array, dims: Dims) -> Array:
    """Dimensions in another order."""
    return input.transpose(dims)


@op(VIEW, node="TransposeBackward0", shown="transpose",
    input=lambda F, g, dim0, dim1: F.transpose_(g, dim0, dim1))  # fmt: skip
def transpose_(xp: Namespace, input: Array, dim0: int, dim1: int) -> Array:
    """Two dimensions exchanged."""
    return input.swapaxes(dim0, dim1)


@op(VIEW, input=lambda F, g: F.t_(g), node="TBackward0", shown="t")
def t_(xp: Namespace, input: Array) -> Array:
    """A matrix transposed; vectors and scalars as they are."""
    return input.T


@op(VIEW, input=lambda F, g: F.mT(g), node="TransposeBackward0")
def mT(xp: Namespace, input: Array) -> Array:
    """The last two dimensions exchanged."""
    return input.swapaxes(-1, -2)


@op(VIEW, input=lambda F, g, input_shape: F.sum_to(g, input_shape), node="ExpandBackward0", shown="expand")
def broadcast_to_(xp: Namespace, input: Array, shape: Dims) -> Array:
    """Repeated along new dimensions and those of length 1, without copying."""
    input = xp.asarray(input)  # a sum over everything is a NumPy scalar
    missing = len(shape) - input.ndim
    strides = (0,) * missing + tuple(
        0 if have == 1 and want != 1 else stride
        for have, want, stride in zip(input.shape, shape[missing:], input.strides, strict=True)
    )
    return (
        np.ndarray(shape, input.dtype, input, 0, strides) if _owns(input) else np.broadcast_to(input, shape)
    )


def _owns(array: Array) -> bool:
    """Whether NumPy's constructor may look into the array's buffer: 5 microseconds under np.broadcast_to."""
    return array.flags.c_contiguous and array.flags.writeable and array.size > 0


@op(Kind.REDUCTION, input=lambda F, g, input_shape: F.broadcast_from(g, input_shape), node="SumBackward1")
def sum_to(xp: Namespace, input: Array, shape: Dims) -> Array:
    """Summed over the dimensions that broadcasting ``shape`` to the input's shape has repeated."""
    return summed_to(input, shape)


def summed_to(array: Array, shape: Dims) -> Array:
    """:func:`sum_to` on a plain array."""
    extra = array.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(
        index + extra for index, length in enumerate(shape) if length == 1 and array.shape[index + extra] != 1
    )
    if not axes:
        return array.copy()
    if len(axes) == array.ndim:
        return np.add.reduce(array, axis=None).reshape(shape)
    if (
        extra
        and len(axes) == extra == array.ndim - 1
        and array.dtype.kind == "f"
        and array.flags.c_contiguous
        and array.size > 4096
    ):
        # a product with ones is BLAS, and adds rows faster than a reduction
        flat = array.reshape(-1, array.shape[-1])
        return (np.ones(flat.shape[0], array.dtype) @ flat).reshape(shape)
    return np.add.reduce(array, axis=axes, keepdims=True).reshape(shape)


@op(Kind.GENERAL, input=lambda F, g, input_shape: F.sum_to(g, input_shape))
def broadcast_from(xp: Namespace, input: Array, shape: Dims) -> Array:
    """A fresh array of ``shape`` filled by broadcasting."""
    made = xp.empty(shape, input.dtype)
    made[...] = input
    return made


@op(VIEW, node="UnsqueezeBackward0", shown="unsqueeze",
    input=lambda F, g, input_shape: F.reshape_(g, input_shape))  # fmt: skip
def unsqueeze_(xp: Namespace, input: Array, dims: Dims) -> Array:
    """New dimensions of length 1 at positions ``dims`` of the result."""
    return xp.expand_dims(input, dims)


@op(VIEW, node="SqueezeBackward1", shown="squeeze",
    input=lambda F, g, input_shape: F.reshape_(g, input_shape))  # fmt: skip
def squeeze_(xp: Namespace, input: Array, dims: Dims) -> Array:
    """Without the dimensions ``dims``, all of length 1."""
    return input.squeeze(dims) if dims else input[...]


@op(VIEW, node="DiagonalBackward0", shown="diagonal",
    input=lambda F, g, input_shape, offset, dim1, dim2: F.diagonal_put(g, input_shape, offset, dim1, dim2),
)  # fmt: skip
def diagonal_(xp: Namespace, input: Array, offset: int, dim1: int, dim2: int) -> Array:
    """The diagonal of two dimensions, as the last dimension."""
    found = input.diagonal(offset, dim1, dim2)
    found.flags.writeable = input.flags.writeable
    return found


@op(Kind.GENERAL, input=lambda F, g, offset, dim1, dim2: F.diagonal_(g, offset, dim1, dim2))
def diagonal_put(xp: Namespace, input: Array, shape: Dims, offset: int, dim1: int, dim2: int) -> Array:
    """Zeros of ``shape`` with ``input`` on a diagonal."""
    made = xp.zeros(shape, input.dtype)
    view = made.diagonal(offset, dim1, dim2)
    view.flags.writeable = True
    view[...] = input
    return made


@op(VIEW, node="AsStridedBackward0", shown="as_strided",
    input=lambda F, g, input_shape, size, stride, offset:
        F.strided_sum(g, input_shape, size, stride, offset))  # fmt: skip
def as_strided_(xp: Namespace, input: Array, size: Dims, stride: Dims, offset: int) -> Array:
    """Elements picked from contiguous memory by strides, counted in elements from the first."""
    steps = tuple(each * input.itemsize for each in stride)
    return np.ndarray(size, input.dtype, input.reshape(-1), offset * input.itemsize, steps)


@op(Kind.GENERAL, input=lambda F, g, size, stride, offset: F.as_strided_(g, size, stride, offset))
def strided_sum(xp: Namespace, input: Array, shape: Dims, size: Dims, stride: Dims, offset: int) -> Array:
    """Zeros of ``shape`` to which ``input`` is added where :func:`as_strided_` picked its elements."""
    made = xp.zeros(shape, input.dtype)
    places = np.arange(made.size)
    step = places.itemsize
    picked = np.ndarray(size, places.dtype, places, offset * step, tuple(each * step for each in stride))
    np.add.at(made.reshape(-1), picked.reshape(-1), input.reshape(-1))
    return made


def inverse(dims: Dims) -> Dims:
    """The permutation that undoes ``dims``."""
    back = [0] * len(dims)
    for position, dim in enumerate(dims):
        back[dim] = position
    return tuple(back)


# -- settings ------------------------------------------------------------------------------------------------


def wrap(dim: int, ndim: int) -> int:
    """A dimension counted from 0; raises IndexError as PyTorch does."""
    bound = max(ndim, 1)
    if not -bound <= dim < bound:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-bound}, {bound - 1}], but got {dim})"
        )
    return dim % bound


def sizes(given: tuple[Any, ...]) -> Dims:
    """Lengths given as separate arguments or as one sequence."""
    if len(given) == 1 and not isinstance(given[0], (int, np.integer, Tensor)):
        given = tuple(given[0])
    return tuple(map(whole, given))


def completed(shape: Dims, numel: int) -> Dims:
    """``shape`` with its -1 replaced; raises RuntimeError when it cannot hold ``numel`` elements."""
    known = math.prod(length for length in shape if length != -1)
    holes = shape.count(-1)
    if holes > 1:
        raise RuntimeError("only one dimension can be inferred")
    if any(length < -1 for length in shape):
        raise RuntimeError(f"invalid shape dimension {min(shape)}")
    if holes and known == 0 and numel == 0:
        raise RuntimeError(
            f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension "
            "size -1 can be any value and is ambiguous"
        )
    if (holes and (known == 0 or numel % known)) or (not holes and known != numel):
        raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {numel}")
    return tuple(numel // known if length == -1 else length for length in shape)


# -- functions -----------------------------------------------------------------------------------------------


def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The same elements in row-major order under ``shape`` (one length may be -1); a view where possible.

    >>> import upriver as up
    >>> up.arange(6).reshape(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    target = completed(sizes(shape), input._array.size)
    return (view_ if viewable(input._array, target) else reshape_)(input, target)


def view(input: Tensor, *shape: Any) -> Tensor:
    """As :func:`reshape` but never a copy; or, given a type of the same size, the bytes read as that type.

    Raises RuntimeError where strides make a copy necessary.
    """
    if len(shape) == 1 and not isinstance(shape[0], (int, np.integer, Sequence, Tensor)):
        return view_dtype(input, as_dtype(shape[0]).numpy)
    target = completed(sizes(shape), input._array.size)
    if not viewable(input._array, target):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans "
            "across two contiguous subspaces). Use .reshape(...) instead."
        )
    return view_(input, target)


@op(VIEW, shown="view")
def view_dtype(xp: Namespace, input: Array, kind: Any) -> Array:
    """The same bytes read as another type of the same size."""
    return input.view(kind)


def viewable(array: Array, shape: Dims) -> bool:
    """Whether ``array`` can take ``shape`` without copying."""
    if array.flags.c_contiguous:
        return True
    reshaped = array.reshape(shape)
    return np.may_share_memory(reshaped, array) if array.size else True


def view_as(input: Tensor, other: Tensor) -> Tensor:
    """:func:`view` with the shape of ``other``."""
    return view(input, *other.shape) if other.ndim else view(input, ())


def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """:func:`reshape` with the shape of ``other``."""
    return reshape(input, other.shape)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Dimensions ``start_dim`` to ``end_dim`` as one."""
    ndim = input._array.ndim
    start, end = wrap(start_dim, ndim), wrap(end_dim, ndim)
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if ndim == 0:
        return reshape(input, 1)
    if start == end:
        return input
    shape = input._array.shape
    return reshape(input, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


def ravel(input: Tensor) -> Tensor:
    """All elements in one dimension."""
    return reshape(input, -1) if input._array.size else reshape(input, (0,))


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Dimension ``dim`` split into ``sizes``, one of which may be -1."""
    shape = input._array.shape
    dim = wrap(dim, len(shape))
    return view(input, (*shape[:dim], *completed(tuple(sizes), shape[dim]), *shape[dim + 1 :]))


def permute(input: Tensor, *dims: Any) -> Tensor:
    """Dimensions in the order ``dims``; raises RuntimeError unless each appears once."""
    order = sizes(dims)
    ndim = input._array.ndim
    if len(order) != ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
            f"desired ordering of dimensions i.e. input.dim() = {ndim} is not equal to len(dims) = "
            f"{len(order)}"
        )
    order = tuple(wrap(dim, ndim) for dim in order)
    if len(set(order)) != ndim:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return permute_(input, order)


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Dimensions ``dim0`` and ``dim1`` exchanged."""
    ndim = input._array.ndim
    dim0, dim1 = wrap(dim0, ndim), wrap(dim1, ndim)
    return transpose_(input, dim0, dim1) if ndim else view_(input, ())


swapaxes = swapdims = transpose


def t(input: Tensor) -> Tensor:
    """A matrix transposed; raises RuntimeError for more than two dimensions."""
    if input._array.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input._array.ndim}D")
    return t_(input)


def adjoint(input: Tensor) -> Tensor:
    """The last two dimensions exchanged, conjugated."""
    from .complex import conj

    return conj(mT(input))


def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Dimensions ``source`` moved to positions ``destination``, the others keeping their order."""
    ndim = input._array.ndim
    moved = [wrap(each, ndim) for each in ([source] if isinstance(source, int) else source)]
    places = [wrap(each, ndim) for each in ([destination] if isinstance(destination, int) else destination)]
    if len(moved) != len(places) or len(set(moved)) != len(moved) or len(set(places)) != len(places):
        raise RuntimeError(
            f"movedim: repeated or unequal dims in source ({source}) and destination ({destination})"
        )
    order = [each for each in range(ndim) if each not in moved]
    for place, each in sorted(zip(places, moved, strict=True)):
        order.insert(place, each)
    return permute_(input, tuple(order))


moveaxis = movedim


def expand(input: Tensor, *sizes_: Any) -> Tensor:
    """Repeated without copying: lengths 1 become those given, -1 keeps a length, leading ones are new.

    Raises RuntimeError where a length other than 1 would change.
    """
    shape = input._array.shape
    wanted = sizes(sizes_)
    missing = len(wanted) - len(shape)
    if missing < 0:
        raise RuntimeError(
            f"expand(torch.{input.dtype.tensor_type}Tensor{{{list(shape)}}}, size={list(wanted)}): the "
            f"number of sizes provided ({len(wanted)}) must be greater or equal to the number of dimensions "
            f"in the tensor ({len(shape)})"
        )
    full = tuple(
        shape[index - missing] if length == -1 and index >= missing else length
        for index, length in enumerate(wanted)
    )
    for index, length in enumerate(shape):
        if length not in (1, full[index + missing]):
            raise RuntimeError(
                f"The expanded size of the tensor ({full[index + missing]}) must match the existing size "
                f"({length}) at non-singleton dimension {index + missing}.  Target sizes: {list(full)}.  "
                f"Tensor sizes: {list(shape)}"
            )
    return broadcast_to_(input, full)


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """:func:`expand` to the shape of ``other``."""
    return expand(input, other.shape)


def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """:func:`expand` to ``size``."""
    return expand(input, size)


def broadcast_shapes(*shapes: int | Sequence[int]) -> Size:
    """The one shape that ``shapes`` broadcast to; RuntimeError where there is none.

    >>> import upriver as up
    >>> up.broadcast_shapes((3, 1), (4,))
    torch.Size([3, 4])
    """
    given = [(each,) if isinstance(each, int) else tuple(each) for each in shapes]
    try:
        return Size(np.broadcast_shapes(*given))
    except ValueError:
        raise RuntimeError(
            "Shape mismatch: objects cannot be broadcast to a single shape: from the last dimension on, "
            f"lengths must be equal or 1, but got {', '.join(map(str, given))}"
        ) from None


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors expanded to one shape."""
    shape = common_shape(*(each._array.shape for each in tensors))
    return tuple(expand(each, shape) for each in tensors)


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A new dimension of length 1 at ``dim``."""
    return unsqueeze_(input, (wrap(dim, input._array.ndim + 1),))


def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without the dimensions of length 1: all of them, or those of ``dim`` that have it."""
    shape = input._array.shape
    if dim is None:
        chosen = range(len(shape))
    else:
        chosen = [wrap(each, len(shape)) for each in ([dim] if isinstance(dim, int) else dim)]  # type: ignore[assignment]
    return squeeze_(input, tuple(each for each in chosen if shape and shape[each] == 1))


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A view of the diagonal of dimensions ``dim1`` and ``dim2``, as the last dimension."""
    ndim = input._array.ndim
    dim1, dim2 = wrap(dim1, ndim), wrap(dim2, ndim)
    if dim1 == dim2:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return diagonal_(input, offset, dim1, dim2)


def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """Entries ``start`` to ``start + length`` of dimension ``dim``, as a view."""
    from .index import getitem_view

    shape = input._array.shape
    dim = wrap(dim, len(shape))
    start = int(start)
    start = start + shape[dim] if start < 0 else start
    if length < 0 or start < 0 or start + length > shape[dim]:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({shape[dim]}).")
    return getitem_view(input, (slice(None),) * dim + (slice(start, start + length),))


def contiguous(input: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself if its elements lie in row-major order, else a copy that does."""
    from .create import clone_

    return input if input._array.flags.c_contiguous else clone_(input, "C")


def as_strided(
    input: Tensor, size: Sequence[int], stride: Sequence[int], storage_offset: int | None = None
) -> Tensor:
    """A view with these lengths and strides (in elements) onto the memory of a contiguous ``input``."""
    if not input._array.flags.c_contiguous:
        raise RuntimeError(
            f"as_strided: needs contiguous memory, but got strides {input.stride()}; call contiguous() first"
        )
    offset = 0 if storage_offset is None else storage_offset - input.storage_offset()
    last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    if offset < 0 or (last >= input._array.size and 0 not in size):
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {storage_offset or 0} "
            f"are out of bounds for a storage of {input._array.size} elements"
        )
    return as_strided_(input, tuple(size), tuple(stride), offset)


def atleast_1d(input: Tensor) -> Tensor:
    """With at least one dimension."""
    return reshape(input, 1) if input._array.ndim == 0 else input


def atleast_2d(input: Tensor) -> Tensor:
    """With at least two dimensions."""
    return input if input._array.ndim >= 2 else unsqueeze(atleast_1d(input), 0)


def atleast_3d(input: Tensor) -> Tensor:
    """With at least three dimensions."""
    return input if input._array.ndim >= 3 else unsqueeze(atleast_2d(input), -1)
