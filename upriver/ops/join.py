"""Joining, splitting and rearranging: cat, stack, split, unbind, pad, roll, flip, repeat."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..tensor import Tensor, from_array
from .index import getitem_view
from .namespace import Namespace, xp
from .registry import Kind, op
from .shape import reshape, sizes, wrap

__all__ = [
    "cat", "chunk", "column_stack", "concat", "concatenate", "dsplit", "dstack", "flip", "fliplr", "flipud",
    "hsplit", "hstack", "pad", "repeat", "repeat_interleave", "roll", "rot90", "row_stack", "split",
    "split_with_sizes", "stack", "tensor_split", "tile", "tril", "triu", "unbind", "unfold", "vsplit",
    "vstack",
]  # fmt: skip

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]
Dims = tuple[int, ...]


# -- joining -------------------------------------------------------------------------------------------------


def _cat_rule(F: Any, g: Any, dim: int, tensors_shapes: tuple[Dims, ...]) -> list[Any]:
    parts, start = [], 0
    for shape in tensors_shapes:
        if len(shape) != len(g.shape):  # an empty 1-D tensor among others
            parts.append(F.reshape_(F.getitem_view(g, (slice(0, 0),)), shape))
            continue
        parts.append(F.getitem_view(g, (slice(None),) * dim + (slice(start, start + shape[dim]),)))
        start += shape[dim]
    return parts


@op(Kind.GENERAL, tensors=_cat_rule, node="CatBackward0", shown="cat")
def cat_(xp: Namespace, tensors: Arrays, dim: int) -> Array:
    """The tensors one after another along ``dim``."""
    return xp.concatenate([each for each in tensors if each.shape != (0,)] or tensors[:1], dim)


@op(Kind.GENERAL, node="StackBackward0", shown="stack",
    tensors=lambda F, g, dim, tensors_shapes:
        [F.select_view(g, (slice(None),) * dim + (i,)) for i in range(len(tensors_shapes))])  # fmt: skip
def stack_(xp: Namespace, tensors: Arrays, dim: int) -> Array:
    """The tensors side by side along a new dimension ``dim``."""
    return xp.stack(tensors, dim)


def _sequence(name: str, tensors: Any) -> list[Tensor]:
    given = list(tensors)
    if not given:
        if name == "cat":
            raise ValueError("torch.cat(): expected a non-empty list of Tensors")
        raise RuntimeError(f"{name} expects a non-empty TensorList")
    return given


def cat(tensors: Sequence[Tensor], dim: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors one after another along ``dim``; all other lengths must agree.

    >>> import upriver as up
    >>> up.cat([up.ones(2), up.zeros(1)])
    tensor([1., 1., 0.])
    """
    given = _sequence("cat", tensors)
    # empty 1-D tensors are passed over
    shaped = [each for each in given if each._array.shape != (0,)] or given[:1]
    ndim = shaped[0]._array.ndim
    if ndim == 0:
        raise RuntimeError("zero-dimensional tensor (at position 0) cannot be concatenated")
    dim = wrap(dim, ndim)
    for position, each in enumerate(shaped):
        if each._array.ndim != ndim:
            raise RuntimeError(
                f"Tensors must have same number of dimensions: got {ndim} and {each._array.ndim}"
            )
        for axis, (want, have) in enumerate(zip(shaped[0]._array.shape, each._array.shape, strict=True)):
            if axis != dim and want != have:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {dim}. Expected size {want} but got "
                    f"size {have} for tensor number {position} in the list."
                )
    return _stored(cat_(given, dim), out)


concat = concatenate = cat


def stack(tensors: Sequence[Tensor], dim: int = 0, *, out: Tensor | None = None) -> Tensor:
    """Tensors of one shape side by side along a new dimension ``dim``."""
    given = _sequence("stack", tensors)
    shape = given[0]._array.shape
    for position, each in enumerate(given):
        if each._array.shape != shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(shape)} at entry 0 and "
                f"{list(each._array.shape)} at entry {position}"
            )
    return _stored(stack_(given, wrap(dim, len(shape) + 1)), out)


def _stored(result: Tensor, out: Tensor | None) -> Tensor:
    from .operands import write_out

    return result if out is None else write_out(out, result._array)


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """:func:`cat` along the second dimension (the first, for 1-D tensors)."""
    given = [reshape(each, 1) if each._array.ndim == 0 else each for each in _sequence("hstack", tensors)]
    return cat(given, 0 if given[0]._array.ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """:func:`cat` along the first dimension, rows made of 1-D tensors."""
    given = _sequence("vstack", tensors)
    return cat([reshape(each, (1, -1)) if each._array.ndim < 2 else each for each in given], 0)


row_stack = vstack


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """:func:`cat` along the third dimension."""
    from .shape import atleast_3d

    return cat([atleast_3d(each) for each in _sequence("dstack", tensors)], 2)


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """1-D tensors as columns of a matrix."""
    return hstack([reshape(each, (-1, 1)) if each._array.ndim < 2 else each for each in tensors])


# -- splitting -----------------------------------------------------------------------------------------------


@op(Kind.VIEW, node="SplitBackward0", shown="split",
    input=lambda F, g, input_shape, indices: F.assemble(list(g), input_shape, indices))  # fmt: skip
def split_at(xp: Namespace, input: Array, indices: tuple[Any, ...]) -> Arrays:
    """The views of ``input`` at several basic indices."""
    return tuple(input[index] for index in indices)


@op(Kind.VIEW, node="UnbindBackward0", shown="unbind",
    input=lambda F, g, input_shape, indices: F.assemble(list(g), input_shape, indices))  # fmt: skip
def unbind_at(xp: Namespace, input: Array, indices: tuple[Any, ...]) -> Arrays:
    """The slices of one dimension, without it."""
    return tuple(input[(*index, ...)] for index in indices)


def split(tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Views of ``tensor`` along ``dim``: of one length (the last may be shorter), or of the given lengths."""
    shape = tensor._array.shape
    if not shape:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    dim = wrap(dim, len(shape))
    if isinstance(split_size_or_sections, int):
        size, length = split_size_or_sections, shape[dim]
        if size < 0 or (size == 0 and length):
            raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
        sections = [min(size, length - start) for start in range(0, length, size)] if length else [0]
    else:
        sections = list(split_size_or_sections)
        if sum(sections) != shape[dim] or min(sections, default=0) < 0:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {shape[dim]} (input tensor's size "
                f"at dimension {dim}), but got split_sizes={sections}"
            )
    ends = np.cumsum(sections).tolist()
    prefix = (slice(None),) * dim
    return split_at(
        tensor, tuple((*prefix, slice(end - size, end)) for size, end in zip(sections, ends, strict=True))
    )


split_with_sizes = split


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most ``chunks`` views of equal length along ``dim``; the last may be shorter."""
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    length = input._array.shape[wrap(dim, input._array.ndim)] if input._array.ndim else 1
    return split(input, max(1, -(-length // chunks)), dim) if length else split(input, [0] * chunks, dim)


def tensor_split(input: Tensor, indices_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Views of ``input`` along ``dim``: that many of nearly equal length, or cut at the given positions."""
    length = input._array.shape[wrap(dim, input._array.ndim)]
    if isinstance(indices_or_sections, int):
        base, more = divmod(length, indices_or_sections)
        return split(input, [base + (index < more) for index in range(indices_or_sections)], dim)
    cuts = [
        0,
        *(min(max(each + length if each < 0 else each, 0), length) for each in indices_or_sections),
        length,
    ]
    prefix = (slice(None),) * wrap(dim, input._array.ndim)
    return split_at(input, tuple((*prefix, slice(low, high)) for low, high in pairwise(cuts)))


def hsplit(input: Tensor, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """:func:`tensor_split` along the second dimension (the first, for 1-D)."""
    return tensor_split(input, indices_or_sections, 0 if input._array.ndim == 1 else 1)


def vsplit(input: Tensor, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """:func:`tensor_split` along the first dimension."""
    return tensor_split(input, indices_or_sections, 0)


def dsplit(input: Tensor, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """:func:`tensor_split` along the third dimension."""
    return tensor_split(input, indices_or_sections, 2)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices of dimension ``dim`` as views without it."""
    shape = input._array.shape
    if not shape:
        raise RuntimeError("Dimension specified as 0 but tensor has no dimensions")
    dim = wrap(dim, len(shape))
    return unbind_at(input, tuple((slice(None),) * dim + (index,) for index in range(shape[dim])))


# -- rearranging ---------------------------------------------------------------------------------------------


@op(Kind.GENERAL, input=lambda F, g, dims: F.flip_(g, dims), node="FlipBackward0", shown="flip")
def flip_(xp: Namespace, input: Array, dims: Dims) -> Array:
    """Dimensions ``dims`` in reverse order."""
    return xp.array(xp.flip(input, dims))


@op(Kind.GENERAL, node="RollBackward0", shown="roll",
    input=lambda F, g, shifts, dims: F.roll_(g, tuple(-each for each in shifts), dims))  # fmt: skip
def roll_(xp: Namespace, input: Array, shifts: Dims, dims: Dims | None) -> Array:
    """Elements moved on by ``shifts``, those that fall off coming back in."""
    return xp.roll(input, shifts if dims is not None else shifts[0], dims)


@op(Kind.GENERAL, node="RepeatBackward0", shown="repeat",
    input=lambda F, g, input_shape, repeats: F.sum_repeats(g, input_shape, repeats))  # fmt: skip
def repeat_(xp: Namespace, input: Array, repeats: Dims) -> Array:
    """The whole tensor repeated along each dimension."""
    return xp.tile(input, repeats)


@op(Kind.GENERAL, input=lambda F, g, repeats: F.repeat_(g, repeats))
def sum_repeats(xp: Namespace, input: Array, shape: Dims, repeats: Dims) -> Array:
    """The sum of the copies that :func:`repeat_` made of a tensor of ``shape``."""
    padded = (1,) * (len(repeats) - len(shape)) + shape
    split_shape = [each for pair in zip(repeats, padded, strict=True) for each in pair]
    return input.reshape(split_shape).sum(tuple(range(0, 2 * len(repeats), 2))).reshape(shape)


@op(Kind.GENERAL, input=lambda F, g, diagonal: F.tril(g, diagonal))
def tril(xp: Namespace, input: Array, diagonal: int = 0) -> Array:
    """The lower triangle of each matrix, zeros above ``diagonal``."""
    if input.ndim < 2:
        raise RuntimeError(f"tril: input tensor must have at least 2 dimensions, but has {input.ndim}")
    return xp.tril(input, diagonal)


@op(Kind.GENERAL, input=lambda F, g, diagonal: F.triu(g, diagonal))
def triu(xp: Namespace, input: Array, diagonal: int = 0) -> Array:
    """The upper triangle of each matrix, zeros below ``diagonal``."""
    if input.ndim < 2:
        raise RuntimeError(f"triu: input tensor must have at least 2 dimensions, but has {input.ndim}")
    return xp.triu(input, diagonal)


@op(Kind.VIEW, node="UnfoldBackward0", shown="unfold",
    input=lambda F, g, input_shape, dimension, size, step:
        F.unfold_sum(g, input_shape, dimension, size, step))  # fmt: skip
def unfold_(xp: Namespace, input: Array, dimension: int, size: int, step: int) -> Array:
    """Windows of ``size`` every ``step`` along a dimension, as a new last dimension: a view."""
    windows = np.lib.stride_tricks.sliding_window_view(
        input, size, dimension, writeable=input.flags.writeable
    )
    return windows[(slice(None),) * dimension + (slice(None, None, step),)]


@op(Kind.GENERAL, input=lambda F, g, dimension, size, step: F.unfold_(g, dimension, size, step))
def unfold_sum(xp: Namespace, input: Array, shape: Dims, dimension: int, size: int, step: int) -> Array:
    """Windows added back into zeros of ``shape``: the adjoint of :func:`unfold_`."""
    made = xp.zeros(shape, input.dtype)
    count = input.shape[dimension]
    for offset in range(size):
        place = (slice(None),) * dimension + (slice(offset, offset + (count - 1) * step + 1, step),)
        made[place] += input[..., offset]
    return made


def flip(input: Tensor, *dims: Any) -> Tensor:
    """A copy with dimensions ``dims`` in reverse order."""
    return flip_(input, tuple(wrap(each, input._array.ndim) for each in sizes(dims)))


def fliplr(input: Tensor) -> Tensor:
    """:func:`flip` of the second dimension."""
    return flip(input, 1)


def flipud(input: Tensor) -> Tensor:
    """:func:`flip` of the first dimension."""
    return flip(input, 0)


def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Elements moved on by ``shifts`` along ``dims`` (None: as if flattened), coming back in at the start."""
    moved = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    if dims is None:
        return roll_(input, moved, None)
    places = (dims,) if isinstance(dims, int) else tuple(dims)
    if len(places) != len(moved):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(moved)}, dims:{len(places)}")
    return roll_(input, moved, tuple(wrap(each, input._array.ndim) for each in places))


def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Rotated ``k`` times by 90 degrees in the plane of ``dims``."""
    from .shape import transpose

    first, second = dims
    turns = k % 4
    if turns == 0:
        return roll(input, 0, first)  # a copy
    if turns == 2:
        return flip(input, first, second)
    return flip(transpose(input, first, second), first if turns == 1 else second)


def repeat(input: Tensor, *repeats: Any) -> Tensor:
    """The whole tensor repeated along each dimension; leading repeats make new dimensions."""
    times = sizes(repeats)
    if len(times) < input._array.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        )
    return repeat_(input, times)


def tile(input: Tensor, *dims: Any) -> Tensor:
    """:func:`repeat` with missing leading repeats taken as 1."""
    times = sizes(dims)
    return repeat_(input, (1,) * (input._array.ndim - len(times)) + times)


def repeat_interleave(
    input: Tensor, repeats: int | Tensor, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Each slice of ``dim`` (None: each element) repeated, ``repeats`` times or by its own count."""
    from .index import index_select

    if dim is None:
        input, dim = reshape(input, -1), 0
    length = input._array.shape[wrap(dim, input._array.ndim)]
    counts = repeats._array if isinstance(repeats, Tensor) else np.asarray(repeats)
    return index_select(input, dim, from_array(np.repeat(np.arange(length), counts)))


def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Windows of ``size`` every ``step`` along ``dimension``, as a new last dimension: a view."""
    ndim = input._array.ndim
    dimension = wrap(dimension, ndim)
    length = input._array.shape[dimension] if ndim else 1
    if size > length:
        raise RuntimeError(f"maximum size for tensor at dimension {dimension} is {length} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    return unfold_(input if ndim else reshape(input, 1), dimension, size, step)


# -- padding -------------------------------------------------------------------------------------------------


@op(Kind.GENERAL, input=lambda F, g, input_shape, widths: F.getitem_view(g, _inner(input_shape, widths)),
    node="ConstantPadNdBackward0", shown="pad")  # fmt: skip
def pad_constant(xp: Namespace, input: Array, widths: tuple[tuple[int, int], ...], value: float) -> Array:
    """``value`` around ``input``: (before, after) for each dimension."""
    return xp.pad(input, widths, constant_values=value)


@op(Kind.GENERAL, node="PadBackward0", shown="pad",
    input=lambda F, g, input_shape, index: F.index_sum(g, input_shape, index))  # fmt: skip
def pad_by_index(xp: Namespace, input: Array, index: Any) -> Array:
    """Reflected, replicated or wrapped around: the edge as positions within the input."""
    return xp.asarray(input[index])


def _inner(shape: Dims, widths: tuple[tuple[int, int], ...]) -> tuple[slice, ...]:
    return tuple(slice(before, before + length) for (before, _), length in zip(widths, shape, strict=True))


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """``input`` with more elements at its edges, fewer where a width is negative.

    ``pad``: widths (before, after) of the last dimension, then of the one before it, and so on. ``mode``:
    "constant" (with ``value``), "reflect", "replicate" or "circular".
    """
    ndim = input._array.ndim
    if len(pad) % 2:
        raise RuntimeError(f"Padding length must be divisible by 2, but got {len(pad)}: {tuple(pad)}")
    if len(pad) > 2 * ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding "
            f"length {len(pad)} and input of dimension {ndim}"
        )
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    widths = ((0, 0),) * (ndim - len(pairs)) + tuple(reversed(pairs))
    if any(before < 0 or after < 0 for before, after in widths):
        index = tuple(
            slice(max(-before, 0), length - max(-after, 0))
            for (before, after), length in zip(widths, input._array.shape, strict=True)
        )
        input = getitem_view(input, index)
        widths = tuple((max(before, 0), max(after, 0)) for before, after in widths)
    if mode == "constant":
        return pad_constant(input, widths, 0.0 if value is None else value)
    names = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    if mode not in names:
        raise NotImplementedError(
            f"Unrecognised padding mode {mode}: give one of 'constant', 'reflect', 'replicate', 'circular'"
        )
    if mode == "reflect":
        for (before, after), length in zip(widths, input._array.shape, strict=True):
            if max(before, after) >= length and max(before, after) > 0:
                raise RuntimeError(
                    "Padding size should be less than the corresponding input dimension, but got: padding "
                    f"({before}, {after}) at a dimension of length {length}"
                )
    places: list[Any] = [
        xp.pad(np.arange(length), width, names[mode])
        for width, length in zip(widths, input._array.shape, strict=True)
    ]
    return pad_by_index(input, np.ix_(*places))
