"""Operands before the forward, and gradients after the rules: conversion, promotion, broadcasting undone."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.modes import DUAL, state
from ..dtypes import DIMENSIONED, FROM_NUMPY, NUMBER, SCALAR, of_number, result_type
from ..errors import explain
from ..storage import InferenceStorage
from ..tensor import Tensor, from_array

if TYPE_CHECKING:
    from .registry import Operator

__all__ = ["promoted", "restoration", "tensor"]

Array = np.ndarray[Any, Any]

# Python numbers already made into 0-d constants of a type: the conversion costs more than the arithmetic.
F32_NUMBERS: dict[Any, Tensor] = {}
F64_NUMBERS: dict[Any, Tensor] = {}
NO_NUMBERS: dict[Any, Tensor] = {}
KEPT_NUMBERS = 4096


def tensor(value: Any, operator: Operator, name: str) -> Tensor:
    """``value`` where a tensor is expected: NumPy's arrays and scalars become constants, others raise."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return from_array(np.asarray(value))
    position = operator.inputs.index(name) + 1
    raise TypeError(
        f"{operator.shown}(): argument '{name}' (position {position}) must be Tensor, not "
        f"{type(value).__name__}"
    )


def promoted(
    given: tuple[Any, ...], operator: Operator
) -> tuple[tuple[Tensor, ...], tuple[Array, ...], bool]:
    """Operands as tensors, their arrays in the common type, and whether gradients fit them as they are."""
    kinds = []
    fixed = [name not in operator.promoted for name in operator.inputs]
    for index, value in enumerate(given):
        if fixed[index]:
            if not isinstance(value, (bool, int, float, complex)):
                tensor(value, operator, operator.inputs[index])
        elif isinstance(value, Tensor):
            kinds.append((FROM_NUMPY[value._array.dtype], DIMENSIONED if value._array.ndim else SCALAR))
        elif isinstance(value, (bool, int, float, complex, np.bool_)):
            kinds.append((of_number(value), NUMBER))
        else:
            value = tensor(value, operator, operator.inputs[index])
            kinds.append((FROM_NUMPY[value._array.dtype], DIMENSIONED if value._array.ndim else SCALAR))
    common = result_type(kinds)
    if operator.floating and common.category < 2:
        common = dtypes.get_default_dtype()
    target = common.numpy
    tensors = tuple(each if isinstance(each, Tensor) else _constant(each, target) for each in given)
    arrays = tuple(
        t._array if keep or t._array.dtype == target else t._array.astype(target)
        for t, keep in zip(tensors, fixed, strict=True)
    )
    plain = (
        all(a is t._array for a, t in zip(arrays, tensors, strict=True))
        and len({a.shape for a in arrays}) == 1
    )
    return tensors, arrays, plain


def _constant(value: Any, target: np.dtype[Any]) -> Tensor:
    """A number (or array) as a constant tensor of type ``target``, remembered where it will be met again."""
    if isinstance(value, (np.ndarray, np.generic)) and not isinstance(value, np.bool_):
        return from_array(np.asarray(value))
    made = from_array(np.array(value).astype(target))
    kept = F32_NUMBERS if target == np.float32 else F64_NUMBERS if target == np.float64 else NO_NUMBERS
    # 0.0 and -0.0 are one key, 1 and True are one key: the first is not kept, the second are the same number.
    if kept is not NO_NUMBERS and value and type(value) in (float, int):
        if len(kept) > KEPT_NUMBERS:
            kept.clear()
        kept[value] = made
    return made


def in_common_type(tensors: list[Tensor]) -> tuple[Array, ...]:
    """The arrays of a sequence of tensors, converted to the type they have in common."""
    kinds = {t._array.dtype for t in tensors}
    if len(kinds) <= 1:
        return tuple(t._array for t in tensors)
    target = result_type(
        (FROM_NUMPY[t._array.dtype], DIMENSIONED if t._array.ndim else SCALAR) for t in tensors
    ).numpy
    return tuple(t._array.astype(target, copy=False) for t in tensors)


def mark_inference(result: Tensor) -> None:
    """Make a result of inference mode an inference tensor, unless it looks into ordinary memory."""
    storage = result._storage
    if storage.array is result._array and storage.watch is None:
        storage.__class__ = InferenceStorage


UNORDERED: dict[str, tuple[type[RuntimeError], str]] = {
    "argmax": (RuntimeError, "argmax(): does not support complex input"),
    "argmin": (RuntimeError, "argmin(): does not support complex input"),
    "maximum": (RuntimeError, "maximum not implemented for complex tensors."),
    "minimum": (RuntimeError, "minimum not implemented for complex tensors."),
    "clamp_above": (NotImplementedError, "clamp is not supported for complex types"),
    "clamp_below": (NotImplementedError, "clamp is not supported for complex types"),
    "clamp_between": (NotImplementedError, "clamp is not supported for complex types"),
    "ceil": (NotImplementedError, "ceil is not supported for complex inputs"),
    "floor": (NotImplementedError, "floor is not supported for complex inputs"),
    "trunc": (NotImplementedError, "trunc is not supported for complex inputs"),
    "sign": (
        NotImplementedError,
        "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.",
    ),
}  # PyTorch's words where they are not those of a missing kernel


def check_order(operator: Operator, arrays: tuple[Array, ...]) -> None:
    """Refuse complex operands, which have no order."""
    for array in arrays:
        if array.dtype.kind == "c":
            name = operator.shown
            kernel = f"\"{name}_cpu\" not implemented for '{FROM_NUMPY[array.dtype].tensor_type}'"
            error, sentence = UNORDERED.get(name, (NotImplementedError, kernel))
            raise error(explain(sentence, "complex numbers have no order: use their parts or abs()."))


def explained(error: Exception, operator: Operator, arrays: tuple[Any, ...]) -> Exception:
    """NumPy's error about shapes or types of operands in PyTorch's words; any other error itself."""
    present = [a for a in arrays if a is not None]
    if operator.kind.name == "ELEMENTWISE" and len(present) > 1:
        for a, b in itertools.pairwise(present):
            for back in range(1, min(a.ndim, b.ndim) + 1):
                if a.shape[-back] != b.shape[-back] and 1 not in (a.shape[-back], b.shape[-back]):
                    return RuntimeError(
                        f"The size of tensor a ({a.shape[-back]}) must match the size of tensor b "
                        f"({b.shape[-back]}) at non-singleton dimension {max(a.ndim, b.ndim) - back}"
                    )
    if isinstance(error, np.exceptions.DTypePromotionError) or (
        "ufunc" in str(error) and isinstance(error, TypeError)
    ):
        kinds = ", ".join(FROM_NUMPY[a.dtype].tensor_type for a in present if a.dtype in FROM_NUMPY)
        return NotImplementedError(f"\"{operator.shown}\" not implemented for '{kinds}'")
    return error


# -- out= ----------------------------------------------------------------------------------------------------


def check_out(operator: Operator, out: Any, tensors: tuple[Any, ...]) -> None:
    """Refuse ``out=`` together with gradients, as PyTorch does, before anything is computed."""
    if not isinstance(out, Tensor):
        raise TypeError(f"{operator.shown}(): argument 'out' must be Tensor, not {type(out).__name__}")
    if state.level == DUAL and any(
        isinstance(t, Tensor) and state.dual.tangent(t) is not None for t in (*tensors, out)
    ):
        raise NotImplementedError(
            explain(
                f"Trying to use forward AD with {operator.shown}_out that does not support it because it is "
                "an out= function",
                "mend it: drop out= and use the result.",
            )
        )
    if state.grad and any(isinstance(t, Tensor) and t._requires_grad for t in (*tensors, out)):
        raise RuntimeError(
            explain(
                f"{operator.shown}(): functions with out=... arguments don't support automatic "
                "differentiation, but one of the arguments requires grad.",
                "mend it: drop out= and use the result, or compute under `with no_grad():`.",
            )
        )


def write_out(out: Tensor, array: Any) -> Tensor:
    """Store a result in ``out``: its memory where the shape fits, new memory otherwise."""
    array = np.asarray(array)
    if not dtypes.can_cast(FROM_NUMPY[array.dtype], out.dtype):
        raise RuntimeError(
            f"result type {FROM_NUMPY[array.dtype].tensor_type} can't be cast to the desired output type "
            f"{out.dtype.tensor_type}"
        )
    if out._array.shape != array.shape:
        if out._array.size:
            raise RuntimeError(
                f"out= has shape {list(out._array.shape)}, but the result has shape {list(array.shape)}: "
                "give an out= of that shape, or an empty one"
            )
        out._array = np.empty(array.shape, out._array.dtype)
        out._storage.array = out._array
    out._array[...] = array
    out._storage.bump("out=")
    return out


# -- gradients that do not fit their inputs ------------------------------------------------------------------


class Restoration:
    """What backward does around a node's rules: conjugate complex ones, undo broadcasting and promotion."""

    __slots__ = ("conjugate", "targets")

    def __init__(self, conjugate: bool, targets: tuple[Any, ...]) -> None:
        self.conjugate = conjugate
        self.targets = targets  # for each edge None, or the (shape, type) its gradient must have

    def before(self, F: Any, gradient: Any) -> Any:
        """The gradient of the output as the rules want it."""
        if not self.conjugate:
            return gradient
        if isinstance(gradient, list):
            return [None if g is None else F.conj_physical(g) for g in gradient]
        return F.conj_physical(gradient)

    def after(self, F: Any, gradients: tuple[Any, ...]) -> tuple[Any, ...]:
        """The gradients of the inputs as their edges want them."""
        if self.conjugate:
            gradients = tuple(None if g is None else F.conj_physical(g) for g in gradients)
        fitted = []
        for g, target in zip(gradients, self.targets, strict=True):
            if g is not None and target is not None:
                shape, kind = target
                if g.dtype != kind and getattr(g.dtype, "numpy", g.dtype) != kind:
                    g = F.to_dtype(g, kind)
                if shape is not None and tuple(g.shape) != shape:
                    g = F.sum_to(g, shape)
            fitted.append(g)
        return tuple(fitted)


def restoration(operator: Operator, tensors: tuple[Tensor | None, ...], array: Array) -> Restoration | None:
    """The Restoration a node needs, or None."""
    conjugate = array.dtype.kind == "c" and not operator.wirtinger
    elementwise = operator.kind.name == "ELEMENTWISE"
    targets = tuple(
        None if t is None or not t._requires_grad or (not elementwise and array.dtype == t._array.dtype)
        or (t._array.shape == array.shape and t._array.dtype == array.dtype)
        else (t._array.shape if elementwise else None, t._array.dtype)
        for t in tensors
    )  # fmt: skip
    return Restoration(conjugate, targets) if conjugate or any(targets) else None
