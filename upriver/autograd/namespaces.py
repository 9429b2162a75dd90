"""The table of operators as derivative rules see it: one namespace ``F`` on plain arrays, one on tensors.

The table itself is filled from above, by :mod:`upriver.ops.registry`; backward only looks names up in it.
Both are plain objects without ``__getattr__``, whose attributes Python reads in a few nanoseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["ON_ARRAYS", "ON_TENSORS", "OPERATORS"]

OPERATORS: dict[str, Any] = {}


class _Namespace:
    """Operators under their names, as attributes."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


ON_ARRAYS = _Namespace()  # forwards, recording nothing
ON_TENSORS = _Namespace()  # what users call, recording
