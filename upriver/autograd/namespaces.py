"""The table of operators as derivative rules see it: one namespace ``F`` on plain arrays, one on tensors.

The table itself is filled from above, by :mod:`upriver.ops.registry`; backward only looks names up in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np

from ..tensor import Tensor

__all__ = ["ON_ARRAYS", "ON_TENSORS", "OPERATORS"]

OPERATORS: dict[str, Any] = {}


Value = TypeVar("Value")


class _Namespace(Generic[Value]):
    """Looks an operator up by name once, then keeps it as an attribute."""

    def __init__(self, form: str) -> None:
        self._form = form

    def __getattr__(self, name: str) -> Callable[..., Value]:
        operator = OPERATORS.get(name)
        if operator is None:
            raise AttributeError(f"a derivative rule uses F.{name}, but the table has no operator {name!r}")
        function: Callable[..., Value] = getattr(operator, self._form)
        setattr(self, name, function)
        return function


ON_ARRAYS: _Namespace[np.ndarray[Any, Any]] = _Namespace("on_arrays")  # forwards, recording nothing
ON_TENSORS: _Namespace[Tensor] = _Namespace("function")  # what users call, recording
