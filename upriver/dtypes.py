"""Types of elements, and PyTorch's promotion of them, as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = [
    "bool_", "complex64", "complex128", "dtype", "finfo", "float16", "float32", "float64",
    "get_default_dtype", "iinfo", "int8", "int16", "int32", "int64", "set_default_dtype", "uint8", "uint16",
    "uint32", "uint64",
]  # fmt: skip


class dtype:
    """An element type, named as in PyTorch; ``numpy`` is NumPy's own object for it.

    >>> import upriver as up
    >>> up.float32.is_floating_point, up.float32.itemsize
    (True, 4)
    """

    __slots__ = (
        "category",
        "is_complex",
        "is_floating_point",
        "is_signed",
        "itemsize",
        "name",
        "numpy",
        "tensor_type",
    )

    def __init__(self, name: str, tensor_type: str) -> None:
        self.name = name
        self.tensor_type = tensor_type  # how PyTorch's error messages call a tensor of this type: "Float"
        self.numpy: np.dtype[Any] = np.dtype(name)
        self.itemsize: int = self.numpy.itemsize
        self.is_floating_point = self.numpy.kind == "f"
        self.is_complex = self.numpy.kind == "c"
        self.is_signed = self.numpy.kind not in "ub"
        self.category = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}[self.numpy.kind]

    def to_real(self) -> dtype:
        """The real type of the same precision."""
        return {"complex64": float32, "complex128": float64}.get(self.name, self)

    def to_complex(self) -> dtype:
        """The complex type of the same precision."""
        return {"float32": complex64, "float64": complex128, "float16": complex64}.get(self.name, self)

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return (as_dtype, (self.name,))


float16 = dtype("float16", "Half")
float32 = dtype("float32", "Float")
float64 = dtype("float64", "Double")
complex64 = dtype("complex64", "ComplexFloat")
complex128 = dtype("complex128", "ComplexDouble")
uint8 = dtype("uint8", "Byte")
uint16 = dtype("uint16", "UInt16")
uint32 = dtype("uint32", "UInt32")
uint64 = dtype("uint64", "UInt64")
int8 = dtype("int8", "Char")
int16 = dtype("int16", "Short")
int32 = dtype("int32", "Int")
int64 = dtype("int64", "Long")
bool_ = dtype("bool", "Bool")

ALL = (
    float16,
    float32,
    float64,
    complex64,
    complex128,
    uint8,
    uint16,
    uint32,
    uint64,
    int8,
    int16,
    int32,
    int64,
    bool_,
)
FROM_NUMPY: dict[np.dtype[Any], dtype] = {each.numpy: each for each in ALL}
NAMES: dict[Any, dtype] = {
    **{each.name: each for each in ALL}, **{each.numpy.type: each for each in ALL},
    float: float64, int: int64, bool: bool_, complex: complex128,
    "half": float16, "float": float32, "double": float64, "long": int64, "int": int32,
}  # fmt: skip

_default = float32


def as_dtype(given: Any) -> dtype:
    """The :class:`dtype` for upriver's, NumPy's or Python's name of it.

    Raises TypeError naming the value when it is no element type upriver has.
    """
    if given.__class__ is dtype:
        return given
    found = NAMES.get(given) if isinstance(given, (str, type)) else FROM_NUMPY.get(given)
    if found is None:
        names = ", ".join(each.name for each in ALL)
        raise TypeError(f"{given!r} is not an element type of upriver. Give one of: {names}.")
    return found


def of_numpy(given: np.dtype[Any]) -> dtype:
    """The :class:`dtype` of an ndarray's type; raises TypeError for one that tensors cannot hold."""
    found = FROM_NUMPY.get(given)
    if found is None:
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{given.name}. The only supported types are: float64, "
            "float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, "
            "uint8, and bool."
        )
    return found


def get_default_dtype() -> dtype:
    """The floating type that Python numbers and factories get: float32 unless changed."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Change the floating type that Python numbers and factories get.

    Raises TypeError unless ``d`` is a floating type.
    """
    global _default
    chosen = as_dtype(d)
    if not chosen.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = chosen


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smallest type of the higher category that holds both: bool < integers < floats < complex."""
    low, high = sorted((type1, type2), key=lambda each: each.category)
    if low.category == high.category or (high.is_complex and low.is_floating_point):
        return FROM_NUMPY[np.promote_types(low.numpy, high.numpy)]
    return high


# A Python number weighs less than a 0-d tensor, which weighs less than one with dimensions.
NUMBER, SCALAR, DIMENSIONED = 0, 1, 2


def of_number(value: complex | np.bool_) -> dtype:
    """The type a Python number takes part in promotion with."""
    if isinstance(value, (bool, np.bool_)):
        return bool_
    if isinstance(value, (int, np.integer)):
        return int64
    if isinstance(value, (float, np.floating)):
        return _default
    return _default.to_complex()


def result_type(operands: Iterable[tuple[dtype, int]]) -> dtype:
    """PyTorch's result type of operands given as (type, weight).

    An operand of lower weight matters only where its category is higher.
    https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
    """
    best: list[dtype | None] = [None, None, None]
    for kind, weight in operands:
        held = best[weight]
        best[weight] = kind if held is None else promote_types(held, kind)
    number, scalar, dimensioned = best
    return _heavier(dimensioned, _heavier(scalar, number)) or _default


def _heavier(heavy: dtype | None, light: dtype | None) -> dtype | None:
    if heavy is None or light is None:
        return heavy or light
    if heavy.category >= light.category:
        return heavy
    if light.is_complex and heavy.is_floating_point:
        return heavy.to_complex()
    return light if heavy.category < 2 else promote_types(heavy, light)


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether an in-place result of type ``from_`` may be stored in ``to``: never to a lower category."""
    return from_.category <= to.category


def finfo(type: dtype | None = None) -> np.finfo[Any]:
    """Machine limits of a floating type: eps, max, min, tiny ..."""
    return np.finfo(as_dtype(type or _default).numpy)


def iinfo(type: dtype) -> np.iinfo[Any]:
    """Limits of an integer type: min, max, bits."""
    return np.iinfo(as_dtype(type).numpy)
