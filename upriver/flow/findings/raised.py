"""The exception that ended a program, and what the recording knows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..model import Finding, Site
from ..recorder import Recorder

__all__ = ["Raised", "Rule"]


class Raised:
    """The exception that ended the program."""

    def __init__(self, error: BaseException, site: Site, failed: Any) -> None:
        self.message = str(error)
        self.error = error
        self.site = site
        self.run: Any = None  # the Pass that raised, if one did
        self.backward = site
        if failed is not None:
            self.run, self.backward = failed[1]
        self.explained = ""


Rule = Callable[[Recorder, Raised | None], Iterable[Finding]]
