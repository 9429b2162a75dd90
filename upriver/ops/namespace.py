"""The array namespace ``xp`` that forwards are written over: NumPy.

Other bindings (compiled kernels, symbolic arrays) replace attributes of this one object; operators never import them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Namespace", "xp"]


class Namespace:
    """NumPy's functions under their own names, fetched as they are first used."""

    def __getattr__(self, name: str) -> Any:
        function = getattr(np, name)
        setattr(self, name, function)
        return function


xp = Namespace()
