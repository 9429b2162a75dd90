"""The array namespace ``xp`` that forwards are written over: NumPy.

Other bindings (compiled kernels, symbolic arrays) replace attributes of this one object; operators never
import them.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

__all__ = ["Namespace", "xp"]


class Function(Protocol):
    """A function of NumPy and its relatives (``xp.add.reduce``), or a module of them (``xp.linalg``)."""

    def __call__(self, *operands: Any, **settings: Any) -> np.ndarray[Any, Any]: ...
    def __getattr__(self, name: str) -> Function: ...


class Namespace:
    """NumPy's functions under their own names, fetched as they are first used."""

    def __getattr__(self, name: str) -> Function:
        function: Function = getattr(np, name)
        setattr(self, name, function)
        return function


xp = Namespace()
