"""The array namespace ``xp`` that forwards are written over: NumPy.

Other bindings (compiled kernels, symbolic arrays) replace attributes of this one object; operators never
import them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

__all__ = ["Namespace", "xp"]


class Function(Protocol):
    """A function of NumPy and its relatives (``xp.add.reduce``), or a module of them (``xp.linalg``)."""

    def __call__(self, *operands: Any, **settings: Any) -> np.ndarray[Any, Any]: ...
    def __getattr__(self, name: str) -> Function: ...


class Namespace:
    """NumPy's functions under their own names: a plain object is read faster than a module that loads
    lazily.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Function: ...

    else:

        def __init__(self) -> None:
            vars(self).update(vars(np))

        linalg = property(lambda self: np.linalg)  # NumPy imports these when they are first named
        fft = property(lambda self: np.fft)


xp = Namespace()
