"""Values that leave the graph for Python or NumPy, and are known again when they come back.

``item()`` and ``tolist()`` give numbers of a subclass that remembers where it came from through arithmetic;
``numpy()`` gives an ndarray of a subclass that remembers it through NumPy's functions. They compute as the
plain ones do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from .values import Value, joined

__all__ = ["TracedArray", "origin_of", "traced"]

ARITHMETIC = [
    f"__{prefix}{name}__"
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
    for prefix in ("", "r")
] + ["__neg__", "__pos__", "__abs__", "__round__"]
WRITERS = frozenset({"fill_diagonal", "copyto", "put", "place", "putmask", "put_along_axis"})
MOST = 4096  # elements of a list up to which each is remembered
ON_WRITE: list[Callable[[Any, Any], None]] = []  # who wants to know of assignments to traced arrays


class _Traced:
    """What the two kinds of numbers share."""

    origin: Value


def _remembering(kind: type, name: str) -> Any:
    compute = getattr(kind, name)

    def operate(self: Any, *others: Any) -> Any:
        result = compute(self, *others)
        if type(result) in KINDS:
            return traced(result, _both(self.origin, [origin_of(other) for other in others]))
        return result

    operate.__name__ = name
    return operate


def _number(kind: type) -> type:
    members = {name: _remembering(kind, name) for name in ARITHMETIC if hasattr(kind, name)}
    members["__reduce__"] = lambda self: (kind, (kind(self),))  # copies and pickles are plain numbers
    return type(f"Traced{kind.__name__.capitalize()}", (kind, _Traced), members)


KINDS: dict[type, Any] = {float: None, int: None, np.float32: None, np.float64: None}
KINDS.update({kind: _number(kind) for kind in KINDS})


class TracedArray(np.ndarray[Any, Any]):
    """An ndarray that remembers the tensor it shows, or was computed from."""

    origin: Value | None

    def __array_finalize__(self, obj: Any) -> None:
        """Views, slices and results take after ``obj``."""
        self.origin = getattr(obj, "origin", None)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **settings: Any) -> Any:
        """Compute on the plain arrays; note writes, and remember where all operands came from."""
        plain = [_plain(each) for each in inputs]
        if out is not None:
            settings["out"] = tuple(_plain(each) for each in out)
        result = getattr(ufunc, method)(*plain, **settings)
        if out is not None or method == "at":
            _wrote(out[0] if out is not None else inputs[0])
        if out is not None and result is settings["out"][0]:
            return out[0]
        return _again(result, [origin_of(each) for each in inputs])

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """As :meth:`__array_ufunc__` for NumPy's other functions."""
        origins = [origin_of(each) for each in _flat(args)]
        result = func(*_unwrapped(args), **{name: _unwrapped(value) for name, value in kwargs.items()})
        if func.__name__ in WRITERS:
            _wrote(args[0])
        return _again(result, origins)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write, and say where."""
        super().__setitem__(index, value)
        _wrote(self)

    def __reduce__(self) -> Any:
        """Copies and pickles are plain arrays."""
        return _plain(self).__reduce__()


for _method in ("mean", "sum", "max", "min", "std", "var", "prod", "item", "tolist", "fill", "sort"):

    def _through(self: Any, *args: Any, _name: str = _method, **settings: Any) -> Any:
        result = getattr(_plain(self), _name)(*args, **settings)
        if _name in ("fill", "sort"):
            _wrote(self)
        return _again(result, [self.origin])

    setattr(TracedArray, _method, _through)


def _wrote(array: Any) -> None:
    for listener in ON_WRITE:
        listener(array, sys._getframe(2))


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, TracedArray) else value


def _unwrapped(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_unwrapped(each) for each in value)
    return _plain(value)


def _flat(value: Any) -> Iterator[Any]:
    for each in value:
        if isinstance(each, (list, tuple)):
            yield from _flat(each)
        else:
            yield each


def _again(result: Any, origins: Iterable[Value | None]) -> Any:
    """``result`` with the origins of what it was computed from."""
    known = [origin for origin in origins if origin is not None]
    if not known:
        return result
    origin = known[0] if len(known) == 1 else _both(known[0], known[1:])
    if isinstance(result, np.ndarray):
        made = result.view(TracedArray)
        made.origin = origin
        return made
    return traced(result, origin)


def _both(first: Value, others: Iterable[Value | None]) -> Value:
    made = first
    for other in others:
        if other is None or other is made:
            continue
        united = Value(made.site, made.operator)
        united.cuts, united.upstream = joined(made.cuts, other.cuts), made.upstream | other.upstream
        made = united
    return made


def origin_of(value: Any) -> Value | None:
    """Where a number or an array came from, if from a tensor."""
    return value.origin if isinstance(value, (_Traced, TracedArray)) else None


def traced(value: Any, origin: Value) -> Any:
    """``value``, a number or lists of numbers, that remembers ``origin``."""
    kind = type(value)
    subclass = KINDS.get(kind)
    if subclass is not None:
        made = subclass(value)
        made.origin = origin
        return made
    if kind is list and len(value) <= MOST:
        return [traced(each, origin) for each in value]
    return value
