"""Run a program under the recorder of the framework it imports, and report."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

from .build import build
from .listening import Listening
from .model import Report
from .recorder import Recorder
from .sites import Sites

__all__ = ["explain_script"]


def explain_script(path: str, arguments: Sequence[str] = ()) -> tuple[Report, BaseException | None]:
    """Run the script ``path`` with ``arguments`` as ``python path ...`` would, and report what was recorded.

    Returns the report, and what the script raised if it raised (its report is made all the same; SystemExit
    counts when its status is not 0). Raises FileNotFoundError if there is no such script.
    """
    if not os.path.exists(path):
        raise FileNotFoundError(f"there is no script {path!r}: give the path of a Python file")
    listening = Listening(Sites(scripts=[path]))
    error: BaseException | None = None
    with _as_main(path, arguments) as module:
        listening.start()
        try:
            with open(path, "rb") as source:
                exec(compile(source.read(), path, "exec"), module.__dict__)
        except SystemExit as status:
            error = status if status.code not in (None, 0) else None
        except BaseException as raised:  # the report is made of whatever happened; the caller raises it again
            error = raised
        finally:
            for recorder in listening.recorders:
                _at_the_end(recorder, path, module)
            listening.stop()
    return build(listening.busiest, error, path, list(arguments)), error


@contextmanager
def _as_main(path: str, arguments: Sequence[str]) -> Iterator[ModuleType]:
    """An empty module that stands for ``__main__``, with the arguments and the path that a script has."""
    old, main = (sys.argv, sys.path[:]), sys.modules["__main__"]
    module = sys.modules["__main__"] = ModuleType("__main__")
    module.__file__ = path
    sys.argv, sys.path[:] = [path, *arguments], [os.path.dirname(os.path.abspath(path)), *sys.path]
    try:
        yield module
    finally:
        sys.argv, sys.path[:] = old
        sys.modules["__main__"] = main


def _at_the_end(recorder: Recorder, path: str, module: ModuleType) -> None:
    """Let ``recorder`` see the program's globals as the program itself would."""
    code = compile("learn(__import__('sys')._getframe())", path, "eval")
    eval(code, module.__dict__, {"learn": recorder.finish})
