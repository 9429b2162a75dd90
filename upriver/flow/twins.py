"""Two names for one memory: a write through one that the program does not expect under the other.

``skip = x; x += f(x)`` changes ``skip`` as well, and ``flat = images.view(n, -1); flat -= flat.mean()``
changes ``images``. Autograd computes the right gradient of what happens; it is what happens that is wrong. So
only names are looked at: which variables hold the tensor or its base, and are read afterwards.
"""

from __future__ import annotations

from types import FrameType
from typing import Any

from . import syntax
from .model import Site
from .sites import Sites, frame_locals

__all__ = ["shared_by_surprise"]


def shared_by_surprise(t: Any, sites: Sites, frame: FrameType) -> Site | None:
    """Where memory that a write of ``t`` changes is read under another name; None if it is under one alone.

    ``frame`` is running the write.
    """
    user = sites.user_frame(frame)
    if user is None:
        return None
    base = t._base
    root = t if base is None else base
    here = sites.here(user)
    names = _bound(root, user)
    read = [name for name in names if syntax.read_after(here.file, here.line, name)]
    if len(read) > 1:
        return here
    if base is None:
        return None
    views = [name for name in _bound(t, user) if syntax.returned(here.file, here.line, name)]
    caller = sites.user_frame(user.f_back)
    if not views or caller is None:
        return None
    there = sites.here(caller)
    assigned = syntax.assigned_name(there.file, there.line)
    outside = [name for name in _bound(root, caller) if name != assigned]
    return there if any(syntax.read_after(there.file, there.line, name) for name in outside) else None


def _bound(t: Any, frame: FrameType) -> list[str]:
    """The variables of a frame that hold this very tensor."""
    return [name for name, value in frame_locals(frame).items() if value is t]
