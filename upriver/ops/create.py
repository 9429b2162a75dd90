"""Making tensors: from data, filled, in ranges; copying and converting them."""

from __future__ import annotations

import numbers
import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from .. import dtypes
from ..autograd.modes import state
from ..dtypes import as_dtype, of_numpy
from ..errors import here
from ..storage import InferenceStorage
from ..tensor import CPU, Device, Tensor, cut_origin, from_array
from .namespace import Namespace
from .registry import Kind, op
from .shape import sizes

__all__ = [
    "arange", "as_tensor", "asarray", "clone", "empty", "empty_like", "eye", "from_numpy", "frombuffer",
    "full",
    "full_like", "linspace", "logspace", "meshgrid", "numel", "ones", "ones_like", "scalar_tensor", "tensor",
    "to", "tril_indices", "triu_indices", "vander", "zeros", "zeros_like",
]  # fmt: skip

Array = np.ndarray[Any, Any]

# -- operators -----------------------------------------------------------------------------------------------


@op(Kind.GENERAL, input=lambda F, g: g, node="CloneBackward0", shown="clone")
def clone_(xp: Namespace, input: Array, order: Literal["C", "K"] = "K") -> Array:
    """A copy that stays in the graph, its elements as they lay ("K") or in row-major order ("C")."""
    return xp.array(input, order=order)


@op(Kind.GENERAL, wirtinger=True, node="ToCopyBackward0", shown="to",
    input=lambda F, g, input_dtype: F.to_dtype(g, input_dtype))  # fmt: skip
def to_dtype(xp: Namespace, input: Array, kind: Any) -> Array:
    """A copy with elements of another type; complex to real takes the real part."""
    kind = getattr(kind, "numpy", kind)
    if input.dtype.kind == "c" and kind.kind not in "cb":
        input = input.real
    return input.astype(kind)


# -- from data -----------------------------------------------------------------------------------------------


def finished(array: Array, requires_grad: bool, device: Any = None, name: str = "tensor") -> Tensor:
    """A leaf onto a fresh ``array``, as factories return it."""
    if device is not None and not (isinstance(device, Device) or device == "cpu"):
        Device(device)
    made = from_array(array)
    if state.inference:
        made._storage.__class__ = InferenceStorage
    if requires_grad:
        if array.dtype.kind not in "fc":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        made._requires_grad = True
    return made


def _ragged(data: Any, dim: int) -> Exception | None:
    """PyTorch's error for the first place where nested sequences are of unequal length or depth."""
    first: Any = data[0] if len(data) else None
    for each in data:
        if isinstance(first, (list, tuple)) != isinstance(each, (list, tuple)):
            return TypeError(
                f"not a sequence: expected nested lists of one depth, but got {each!r} at dim {dim + 1}"
            )
        if isinstance(each, (list, tuple)) and len(each) != len(first):
            return ValueError(f"expected sequence of length {len(first)} at dim {dim + 1} (got {len(each)})")
    nested = (_ragged(each, dim + 1) for each in data if isinstance(each, (list, tuple)))
    return next((found for found in nested if found), None)


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """A new leaf with a copy of ``data``: numbers, nested sequences, arrays or tensors.

    Python floats become the default floating type, NumPy arrays keep theirs. A tensor is copied and cut from
    its graph, with a warning. Raises ValueError for ragged sequences, TypeError for what is no number.

    >>> import upriver as up
    >>> up.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    tensor([[1., 2.],
            [3., 4.]], requires_grad=True)
    """
    if isinstance(data, Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
        array = np.array(data._array, None if dtype is None else as_dtype(dtype).numpy)
        made = finished(array, requires_grad, device)
        made._origin = None if requires_grad else cut_origin("tensor(...)", data, here())
        return made
    return finished(array_of(data, dtype), requires_grad, device)


def array_of(data: Any, dtype: Any = None) -> Array:
    """A fresh array of ``data`` in the type a tensor of it has."""
    wanted = None if dtype is None else as_dtype(dtype).numpy
    if isinstance(data, (np.ndarray, np.generic)):
        of_numpy(data.dtype)
        return np.array(data, wanted)
    if isinstance(data, (list, tuple)) and _holds_tensors(data):
        data = _unwrapped(data)
    try:
        array = np.array(data)
    except ValueError as error:
        raise (_ragged(data, 0) or error) from None
    if array.dtype.kind == "O" or array.dtype.kind in "USV":
        kind = (
            type(data).__name__ if not isinstance(data, (list, tuple)) else type(np.ravel(array)[0]).__name__
        )
        raise TypeError(
            f"new(): invalid data type '{kind}': give numbers, nested lists of numbers, arrays or tensors"
        )
    if wanted is None:
        if array.dtype == np.float64 and not _holds_float64(data):
            wanted = dtypes.get_default_dtype().numpy
        elif array.dtype == np.complex128:
            wanted = dtypes.get_default_dtype().to_complex().numpy
        elif array.size == 0 and array.dtype.kind == "f":
            wanted = dtypes.get_default_dtype().numpy
    return array if wanted is None else array.astype(wanted, copy=False)


def _holds_tensors(data: Any) -> bool:
    return any(
        isinstance(each, Tensor) or (isinstance(each, (list, tuple)) and _holds_tensors(each))
        for each in data
    )


def _unwrapped(data: Any) -> Any:
    if isinstance(data, Tensor):
        return data.item() if data._array.ndim == 0 else data._array
    return [_unwrapped(each) for each in data] if isinstance(data, (list, tuple)) else data


def _holds_float64(data: Any) -> bool:
    """Whether NumPy float64 values, rather than Python floats, gave an array its type."""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (np.float64, np.ndarray)) and data.dtype == np.float64 and type(data) is not float


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """``data`` as a tensor, without copying where its memory and type allow."""
    if isinstance(data, Tensor):
        return data if dtype is None or data.dtype is as_dtype(dtype) else to(data, dtype)
    if isinstance(data, np.ndarray) and (dtype is None or data.dtype == as_dtype(dtype).numpy):
        return from_numpy(data)
    return tensor(data, dtype=dtype, device=device)


def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Tensor:
    """``obj`` as a tensor; ``copy`` True forces a copy."""
    made = as_tensor(obj, dtype, device)
    return (
        (clone(made.detach()) if copy else made).requires_grad_(requires_grad)
        if requires_grad or copy
        else made
    )


def frombuffer(
    buffer: Any, *, dtype: dtypes.dtype, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Tensor:
    """A vector on the memory of ``buffer`` from byte ``offset`` on: ``count`` elements, by default all.

    Raises ValueError where the bytes make no whole number of elements.

    >>> import upriver as up
    >>> up.frombuffer(bytearray([1, 0, 2, 0]), dtype=up.int16)
    tensor([1, 2], dtype=torch.int16)
    """
    length, size = len(memoryview(buffer).cast("B")) - offset, dtype.itemsize
    if count < 0 and length % size:
        raise ValueError(
            f"buffer length ({length} bytes) after offset ({offset} bytes) must be a multiple of element "
            f"size ({size})"
        )
    made = from_numpy(np.frombuffer(buffer, dtype.numpy, count, offset))
    return made.requires_grad_() if requires_grad else made


def from_numpy(ndarray: Array) -> Tensor:
    """A tensor on the memory of ``ndarray``: writes to one show in the other.

    A write to the array that changes a value saved for backward is detected there. Raises TypeError for
    another kind of object, ValueError for negative strides.
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    of_numpy(ndarray.dtype)
    if ndarray.ndim and min(ndarray.strides) < 0:
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are "
            "not currently supported. (You can probably work around this by making a copy of your array with "
            "array.copy().)"
        )
    if not ndarray.flags.writeable:
        warnings.warn(
            "The given NumPy array is not writable, and PyTorch does not support non-writable tensors: "
            "writing to this tensor will raise. Copy the array to get a writable one.",
            UserWarning,
            stacklevel=2,
        )
    made = from_array(ndarray.view(np.ndarray))
    made._storage.expose(None)
    return made


# -- filled --------------------------------------------------------------------------------------------------


def _kind(dtype: Any) -> np.dtype[Any]:
    return (dtypes.get_default_dtype() if dtype is None else as_dtype(dtype)).numpy


def _shape(size: tuple[Any, ...]) -> tuple[int, ...]:
    shape = sizes(size)
    if any(length < 0 for length in shape):
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
    return shape


def zeros(
    *size: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Any = None,
    layout: Any = None,
) -> Tensor:
    """Zeros of shape ``size``."""
    return finished(np.zeros(_shape(size), _kind(dtype)), requires_grad, device)


def ones(
    *size: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Any = None,
    layout: Any = None,
) -> Tensor:
    """Ones of shape ``size``."""
    return finished(np.ones(_shape(size), _kind(dtype)), requires_grad, device)


def empty(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None
) -> Tensor:
    """Uninitialised memory of shape ``size``."""
    return finished(np.empty(_shape(size), _kind(dtype)), requires_grad, device)


def _is_number(value: Any) -> bool:
    return isinstance(value, (numbers.Number, np.bool_))


def full(
    size: Sequence[int],
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``fill_value`` everywhere."""
    value: Any = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    if not _is_number(value):
        raise TypeError(
            f"full(): argument 'fill_value' (position 2) must be Number, not {type(value).__name__}"
        )
    kind = dtypes.of_number(value).numpy if dtype is None else as_dtype(dtype).numpy
    return finished(np.full(_shape((size,)), value, kind), requires_grad, device)


def _like(input: Tensor, dtype: Any) -> np.dtype[Any]:
    return input._array.dtype if dtype is None else as_dtype(dtype).numpy


def zeros_like(
    input: Tensor,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Zeros of the shape and type of ``input``."""
    return finished(np.zeros(input._array.shape, _like(input, dtype)), requires_grad, device)


def ones_like(
    input: Tensor,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Ones of the shape and type of ``input``."""
    return finished(np.ones(input._array.shape, _like(input, dtype)), requires_grad, device)


def empty_like(
    input: Tensor,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Uninitialised memory of the shape and type of ``input``."""
    return finished(np.empty(input._array.shape, _like(input, dtype)), requires_grad, device)


def full_like(
    input: Tensor, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """``fill_value`` in the shape and type of ``input``."""
    return finished(np.full(input._array.shape, fill_value, _like(input, dtype)), requires_grad, device)


def scalar_tensor(s: Any, *, dtype: Any = None) -> Tensor:
    """A number as a 0-d tensor of the default floating type."""
    return finished(np.array(s, _kind(dtype)), False)


def eye(
    n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Ones on the diagonal of an ``n`` by ``m`` matrix of zeros."""
    for name, length in (("n", n), ("m", m)):
        if length is not None and length < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {length}")
    return finished(np.eye(n, m, dtype=_kind(dtype)), requires_grad, device)


# -- ranges --------------------------------------------------------------------------------------------------


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, Tensor) else value


def arange(
    start: Any,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from ``start`` (0 if one argument is given) up to but without ``end``, ``step`` apart."""
    low, high, gap = (
        (0, _number(start), _number(step)) if end is None else (_number(start), _number(end), _number(step))
    )
    for name, each in (("start", low), ("end", high), ("step", gap)):
        if not _is_number(each):
            raise TypeError(
                f"arange(): argument '{name}' (position 1) must be Number, not {type(each).__name__}"
            )
    if gap == 0:
        raise RuntimeError("step must be nonzero")
    if (high - low) * gap < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(each, (int, np.integer)) for each in (low, high, gap))
    kind = (
        as_dtype(dtype).numpy
        if dtype is not None
        else np.dtype(np.int64)
        if whole
        else dtypes.get_default_dtype().numpy
    )
    return finished(np.arange(low, high, gap).astype(kind, copy=False), requires_grad, device)


def _steps(steps: int) -> int:
    if steps < 0:
        raise RuntimeError(f"number of steps must be non-negative, but got {steps}")
    return steps


def linspace(
    start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """``steps`` numbers evenly spaced from ``start`` to ``end``, both included."""
    return finished(
        np.linspace(_number(start), _number(end), _steps(steps)).astype(_kind(dtype)), requires_grad, device
    )


def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``steps`` numbers from ``base ** start`` to ``base ** end``, evenly spaced in the exponent."""
    return finished(
        (base ** np.linspace(_number(start), _number(end), _steps(steps))).astype(_kind(dtype)),
        requires_grad,
        device,
    )


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = dtypes.int64) -> Tensor:
    """Positions of the lower triangle of a ``row`` by ``col`` matrix, as two rows."""
    return finished(np.stack(np.tril_indices(row, offset, col)).astype(as_dtype(dtype).numpy), False)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = dtypes.int64) -> Tensor:
    """Positions of the upper triangle of a ``row`` by ``col`` matrix, as two rows."""
    return finished(np.stack(np.triu_indices(row, offset, col)).astype(as_dtype(dtype).numpy), False)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Coordinates of the grid spanned by 1-D tensors, as expanded views."""
    from .shape import expand, reshape, transpose

    given = list(tensors[0]) if len(tensors) == 1 and not isinstance(tensors[0], Tensor) else list(tensors)
    if indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    if not given:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    lengths = [each._array.size for each in given]
    grids = [
        expand(reshape(each, (1,) * index + (-1,) + (1,) * (len(given) - index - 1)), lengths)
        for index, each in enumerate(given)
    ]
    return tuple(transpose(each, 0, 1) if indexing == "xy" and len(given) > 1 else each for each in grids)


def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """Powers of ``x`` as columns."""
    from .elementwise import pow
    from .shape import unsqueeze

    count = x._array.size if N is None else N
    powers = np.arange(count) if increasing else np.arange(count)[::-1]
    return pow(unsqueeze(x, -1), from_array(powers.copy()))


# -- copies --------------------------------------------------------------------------------------------------


def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy with memory of its own that stays connected: gradients flow through it.

    >>> import upriver as up
    >>> x = up.ones(2, requires_grad=True)
    >>> x.clone().grad_fn.name()
    'CloneBackward0'
    """
    return clone_(input)


def to(
    input: Tensor,
    *args: Any,
    dtype: Any = None,
    device: Any = None,
    copy: bool = False,
    non_blocking: bool = False,
) -> Tensor:
    """Converted to a type or like another tensor; itself, where nothing changes and no ``copy`` is asked for.

    Devices other than the CPU are refused with RuntimeError.
    """
    for each in args:
        if isinstance(each, Tensor):
            dtype = each.dtype
        elif isinstance(each, Device) or (isinstance(each, str) and each not in dtypes.NAMES):
            device = each
        elif isinstance(each, bool):
            continue
        elif each is not None:
            dtype = each
    if device is not None and device is not CPU:
        Device(device)
    if dtype is None or input.dtype is as_dtype(dtype):
        return clone(input) if copy else input
    return to_dtype(input, as_dtype(dtype).numpy)


def numel(input: Tensor) -> int:
    """The number of elements."""
    return input._array.size
