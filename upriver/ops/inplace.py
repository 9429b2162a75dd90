"""Writing in place: ``x.add_(y)``, ``x[i] = y``, ``x.copy_(y)``.

Every in-place operation is its out-of-place sibling plus a write: the result is computed from a snapshot of
the tensor, is checked, written into the tensor's memory, the version is bumped with the writer's name, and
the result's node becomes the tensor's history. Nothing is changed before all checks have passed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..autograd.forward_ad import constants
from ..autograd.modes import DUAL, state
from ..autograd.variable import alias_of
from ..autograd.views import check_in_place, rebase, refresh
from ..errors import explain
from ..storage import InferenceStorage
from ..tensor import Tensor, from_array
from .index import getitem_view, index_put_at, plain_index
from .namespace import Namespace
from .registry import OPERATORS, Kind, op
from .shape import expand
from .tangents import carry, write_tangent

__all__ = ["copy_", "fill_", "fill_diagonal_", "in_place", "reshaping_in_place", "setitem", "zero_"]

Array = np.ndarray[Any, Any]

HISTORY, TANGENT = 1, 2  # what a write carries along beside the value


def in_place(function: Callable[..., Any], name: str) -> Callable[..., Tensor]:
    """The in-place sibling of ``function``: writes its result into its first argument and returns that."""
    operator = OPERATORS.get(function.__name__)
    ufunc = getattr(np, operator.ufunc) if operator is not None and operator.ufunc else None

    def write(t: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        wanted = _wants(t, args, kwargs)
        _check(t, name, wanted & HISTORY)
        if not wanted and ufunc is not None and not kwargs and _written_by(ufunc, t, args):
            _bump(t, name)
            return t
        result = function(_snapshot(t, wanted) if wanted else t, *args, **kwargs)
        _store(t, result, name, wanted)
        return t

    write.__name__ = write.__qualname__ = name
    write.__doc__ = (
        f"In place: ``x.{name}(...)`` writes what ``{function.__name__}(x, ...)`` computes into ``x``."
    )
    return write


def _written_by(ufunc: np.ufunc, t: Tensor, args: tuple[Any, ...]) -> bool:
    """Let NumPy write the result straight into the tensor, where no conversion is needed; whether it did."""
    array = t._array
    if array.dtype.kind != "f" or len(args) + 1 != ufunc.nin:
        return False
    if not args:
        ufunc(array, out=array)
        return True
    (other,) = args
    value: Any
    if isinstance(other, Tensor):
        value = other._array
        if value.dtype != array.dtype or (value.shape != array.shape and value.ndim):
            return False
    elif other.__class__ in (int, float):
        value = other
    else:
        return False
    ufunc(array, value, out=array)
    return True


def _wants(t: Tensor, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    """What the write must carry along: the HISTORY, the TANGENT, both or neither."""
    level = state.level
    if level <= 0:
        return _wants_in_dual_level(t, args, kwargs) if level == DUAL else 0
    if t._view is not None:
        refresh(t)
        if t._view.base._requires_grad:  # a view made under no_grad does not require grad itself
            return HISTORY
    return bool(t._requires_grad) or any(
        isinstance(each, Tensor) and each.requires_grad for each in (*args, *kwargs.values())
    )


def _wants_in_dual_level(t: Tensor, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    tangents = (state.dual.tangent(each) for each in (t, *args, *kwargs.values()) if isinstance(each, Tensor))
    wanted = TANGENT if any(each is not None for each in tangents) else 0
    with constants():
        return wanted | _wants(t, args, kwargs)


def _check(t: Tensor, name: str, wanted: int, part: bool = False) -> None:
    """Refuse what must not be written, before anything is changed."""
    if wanted:
        check_in_place(t, name, part)
    if type(t._storage) is InferenceStorage and not state.inference:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to "
            "get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for "
            "more details."
        )
    array = t._array
    if (
        0 in array.strides
        and array.size
        and any(stride == 0 and length > 1 for stride, length in zip(array.strides, array.shape, strict=True))
    ):
        raise RuntimeError(
            explain(
                "unsupported operation: more than one element of the written-to tensor refers to a single "
                "memory location. Please clone() the tensor before performing the operation.",
                f"{name} on an expanded tensor of shape {list(array.shape)} and strides {list(t.stride())}.",
            )
        )
    if not array.flags.writeable:
        raise RuntimeError(
            f"{name}: the tensor's memory is read-only (it came from a read-only NumPy array); clone() it "
            "first"
        )


def _snapshot(t: Tensor, wanted: int) -> Tensor:
    """The tensor as it is now, in the same place of the graph, with memory of its own that rules may save."""
    snapshot = from_array(t._array.copy())
    snapshot._node, snapshot._number, snapshot._requires_grad = t._node, t._number, t._requires_grad
    if wanted & TANGENT:
        carry(t, snapshot)
    return snapshot


def _store(t: Tensor, result: Tensor, name: str, wanted: int) -> None:
    array = t._array
    if result._array.shape != array.shape:
        raise RuntimeError(
            f"output with shape {list(array.shape)} doesn't match the broadcast shape "
            f"{list(result._array.shape)}"
        )
    if result._array.dtype != array.dtype:
        if not dtypes.can_cast(result.dtype, t.dtype):
            raise RuntimeError(
                f"result type {result.dtype.tensor_type} can't be cast to the desired output type "
                f"{t.dtype.tensor_type}"
            )
        result = OPERATORS["to_dtype"].function(result, array.dtype)
    if wanted & TANGENT:
        write_tangent(t, result)
    array[...] = result._array
    _bump(t, name)
    if wanted and result._node is not None:
        if t._view is None:
            _save_as_result(result._node, t)
        rebase(t, result._node, result._number)
    elif not t._requires_grad and result._origin is not None:
        t._origin = result._origin


def _bump(t: Tensor, name: str) -> None:
    alias, made = alias_of(t)
    t._storage.bump(name, alias, made)


def _save_as_result(node: Any, t: Tensor) -> None:
    """Where the rule saves its result, save the tensor that now holds it: a later write is then noticed."""
    operator = node.operator
    if operator is None or "out" not in operator.saved_tensors or type(node.saved) is not tuple:
        return
    position = 0
    for name in operator.saved_names:
        if name == "out":
            break
        position += 3 if name in operator.saved_tensors else 1
    storage = t._storage
    node.saved = (*node.saved[:position], t._array, storage, storage.version, *node.saved[position + 3 :])


# -- copying and filling -------------------------------------------------------------------------------------


@op(Kind.GENERAL, node="CopyBackwards", shown="copy_",
    input=lambda F, g: F.zeros_like(g),
    src=lambda F, g, src_shape, src_dtype: F.to_dtype(F.sum_to(g, src_shape), src_dtype))  # fmt: skip
def copied(xp: Namespace, input: Array, src: Array) -> Array:
    """``src`` in the shape and type of ``input``."""
    made = xp.empty(input.shape, input.dtype)
    made[...] = src.real if src.dtype.kind == "c" and input.dtype.kind != "c" else src
    return made


@op(Kind.GENERAL, node="FillBackward0", shown="fill_",
    input=lambda F, g: F.zeros_like(g),
    value=lambda F, g, value_shape: F.sum_to(g, value_shape))  # fmt: skip
def filled(xp: Namespace, input: Array, value: Array) -> Array:
    """``value``, one number, in the shape and type of ``input``."""
    return xp.full(input.shape, value, input.dtype)


_copy = in_place(copied, "copy_")
_fill = in_place(filled, "fill_")


def copy_(t: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    """Write the elements of ``src``, broadcast and converted, into this tensor; gradients flow to ``src``.

    Raises RuntimeError if ``src`` does not broadcast to the shape.
    """
    if not isinstance(src, Tensor):
        raise TypeError(f"copy_(): argument 'other' (position 1) must be Tensor, not {type(src).__name__}")
    _check_broadcast(src, t)
    return _copy(t, src)


def _check_broadcast(src: Tensor, t: Tensor) -> None:
    have, want = src._array.shape, t._array.shape
    if have != want:
        trimmed = (
            have[max(0, len(have) - len(want)) :]
            if all(n == 1 for n in have[: max(0, len(have) - len(want))])
            else have
        )
        expand(from_array(np.broadcast_to(np.empty(()), trimmed)), want)


def fill_(t: Tensor, value: Any) -> Tensor:
    """Write ``value``, a number or 0-d tensor, everywhere."""
    if isinstance(value, Tensor) and value._array.ndim:
        raise RuntimeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value._array.ndim} "
            "dimensions."
        )
    return _fill(t, value if isinstance(value, Tensor) else from_array(np.asarray(value)))


def zero_(t: Tensor) -> Tensor:
    """Write zeros everywhere."""
    return _fill(t, from_array(np.zeros((), t._array.dtype)))


def fill_diagonal_(t: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Write a number on the main diagonal; with ``wrap`` it starts anew below a tall matrix's last column.

    Raises RuntimeError for vectors, and for more than two dimensions unless their lengths are equal.
    """
    lengths = t._array.shape
    if len(lengths) < 2:
        raise RuntimeError("dimensions must larger than 1: fill_diagonal_() writes on matrices")
    if len(lengths) > 2 and len(set(lengths)) > 1:
        raise RuntimeError(f"all dimensions of input must be of equal length, but got {list(lengths)}")
    if wrap and len(lengths) == 2:
        places = np.unravel_index(np.arange(0, math.prod(lengths), lengths[1] + 1), lengths)
    else:
        places = (np.arange(min(lengths)),) * len(lengths)
    setitem(t, tuple(places), fill_value)
    return t


def setitem(t: Tensor, index: Any, value: Any) -> None:
    """``t[index] = value``, in the memory of ``t``: gradients flow to ``value``, not to what was there."""
    parts, advanced = plain_index(t, index)
    source = value if isinstance(value, Tensor) else from_array(_converted(value, t))
    if advanced:
        _put(t, source, parts)
        return
    wanted = _wants(t, (source,), {})
    if not wanted:
        _check(t, "__setitem__", 0)
        target = t._array[(*parts, ...)] if Ellipsis not in parts else t._array[parts]
        _check_broadcast(source, from_array(target))
        target[...] = source._array.reshape(source._array.shape[max(0, source._array.ndim - target.ndim) :])
        _bump(t, "__setitem__")
        return
    _check(t, "__setitem__", wanted & HISTORY, part=True)
    view = getitem_view(t, parts)
    _check_broadcast(source, view)
    _set(view, source)


def _converted(value: Any, t: Tensor) -> Array:
    array = np.asarray(value)
    return array.astype(t._array.dtype) if array.dtype != t._array.dtype else array


_set = in_place(copied, "__setitem__")
_put_at = in_place(index_put_at, "index_put_")


def _put(t: Tensor, values: Tensor, index: Any, accumulate: bool = False) -> Tensor:
    """Write at an advanced index; a single number needs no gather of the old values."""
    selected = t._array[index].shape if any(isinstance(p, (np.ndarray, np.bool_)) for p in index) else ()
    _check_broadcast(values, from_array(np.broadcast_to(np.empty((), t._array.dtype), selected)))
    if values._array.dtype != t._array.dtype:
        if values._array.ndim and not dtypes.can_cast(values.dtype, t.dtype):
            raise RuntimeError(
                f"Index put requires the source and destination dtypes match, got {t.dtype.tensor_type} for "
                f"the destination and {values.dtype.tensor_type} for the source."
            )
        values = OPERATORS["to_dtype"].function(values, t._array.dtype)
    if not _wants(t, (values,), {}):
        _check(t, "index_put_", 0)
        if accumulate:
            np.add.at(t._array, index, values._array)
        else:
            t._array[index] = values._array
        _bump(t, "index_put_")
        return t
    return _put_at(t, values, index, accumulate)


def index_put_(t: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """Write (or add) ``values`` at the positions ``indices``, one tensor for each leading dimension."""
    parts, _ = plain_index(t, tuple(slice(None) if each is None else each for each in indices))
    return _put(t, values, parts, accumulate)


# -- shape in place ------------------------------------------------------------------------------------------


def reshaping_in_place(function: Callable[..., Any], name: str) -> Callable[..., Tensor]:
    """The in-place sibling of a view operation: the tensor looks at its memory differently from now on."""

    def change(t: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if state.recording and t._requires_grad and t._node is None:
            check_in_place(t, name)
        alias = from_array(t._array, t._storage)
        alias._node, alias._number, alias._requires_grad = t._node, t._number, t._requires_grad
        if state.dual is not None:
            state.dual.hold(alias, state.dual.tangent(t))
        result = function(alias, *args, **kwargs)
        if state.dual is not None:
            state.dual.hold(t, state.dual.tangent(result))
        t._array, t._node, t._number = result._array, result._node, result._number
        _bump(t, name)
        return t

    change.__name__ = change.__qualname__ = name
    change.__doc__ = f"In place: this tensor becomes ``{function.__name__}`` of itself, on the same memory."
    return change
