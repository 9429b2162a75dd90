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
    here = sites.here(user)
    for each in (t, base):
        if each is not None and len(_read_later(each, here, user)) > 1:
            return here
    root = t if base is None else base
    names = [name for name in _bound(t, user) if syntax.returned(here.file, here.line, name)]
    caller = sites.user_frame(user.f_back)
    if not names or caller is None or here.function.endswith("_"):
        return None
    if base is None and not any(name in user.f_code.co_varnames[: user.f_code.co_argcount] for name in names):
        return None
    there = sites.here(caller)
    if syntax.is_bare_call(there.file, there.line):
        return None  # called for what it does to its argument
    assigned = syntax.assigned_name(there.file, there.line)
    outside = [name for name in _bound(root, caller) if name != assigned]
    read = any(
        syntax.read_after(there.file, there.line, name) or syntax.times_read(there.file, there.line, name) > 1
        for name in outside
    )
    return there if read else None


def _read_later(t: Any, here: Site, frame: FrameType) -> list[str]:
    """The variables of a frame that hold ``t`` and are read below the line that is running."""
    return [name for name in _bound(t, frame) if syntax.read_after(here.file, here.line, name)]


def _bound(t: Any, frame: FrameType) -> list[str]:
    """The variables of a frame that hold this very tensor."""
    return [name for name, value in frame_locals(frame).items() if value is t]
