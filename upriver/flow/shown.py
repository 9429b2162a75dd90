"""The traceback of a recorded program, as Python would show it had nobody listened."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator

from ..errors import PACKAGE
from .sites import Sites

__all__ = ["traceback_of"]


def traceback_of(error: BaseException) -> str:
    """The traceback of ``error``, causes included: the user's frames; libraries' in one line each time.

    Frames of upriver itself, and what stands between ``python`` and the script, are left out.

    >>> try:
    ...     {}["loss"]
    ... except KeyError as error:
    ...     print(traceback_of(error))
    Traceback (most recent call last):
      File "<doctest ...>", line 2, in <module>
        {}["loss"]
        ~~^^^^^^^^
    KeyError: 'loss'
    """
    sites, text = Sites(), []
    captured = traceback.TracebackException.from_exception(error, compact=True)
    for number, (each, why) in enumerate(reversed(list(_chain(captured)))):
        if number:
            text.append(f"\n{why}\n\n")
        text += [*_frames(each.stack, sites), *each.format_exception_only()]
    return "".join(text).rstrip("\n")


def _chain(error: traceback.TracebackException) -> Iterator[tuple[traceback.TracebackException, str]]:
    """An exception and those before it, the last first, each with the sentence that leads on to it."""
    at: traceback.TracebackException | None = error
    while at is not None:
        if at.__cause__ is not None:
            yield at, "The above exception was the direct cause of the following exception:"
            at = at.__cause__
        else:
            yield at, "During handling of the above exception, another exception occurred:"
            at = None if at.__suppress_context__ else at.__context__


def _frames(stack: traceback.StackSummary, sites: Sites) -> Iterator[str]:
    """The user's frames in full; between them the libraries that were called, by name."""
    if stack:
        yield "Traceback (most recent call last):\n"
    inside = ""
    for frame in stack:
        if sites.is_user(frame.filename):
            inside = ""
            yield from traceback.StackSummary.from_list([frame]).format()
        elif not frame.filename.startswith(("<", PACKAGE)):
            library = _library(frame.filename)
            if library and library != inside:
                inside = library
                yield f"  ... in {library}\n"


def _library(filename: str) -> str:
    """The package that a file of a library belongs to; empty for the standard library."""
    parts = filename.replace(os.sep, "/").split("/")
    for folder in ("site-packages", "dist-packages"):
        if folder in parts:
            return parts[len(parts) - parts[::-1].index(folder)].removesuffix(".py")
    return ""
