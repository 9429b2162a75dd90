"""Run a program under the recorder of the framework it imports, and report."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from .build import build
from .model import Report
from .recorder import Recorder
from .sites import Sites

__all__ = ["explain_script"]


class _WhenImported(importlib.abc.MetaPathFinder):
    """Calls ``then(module)`` as soon as the program has imported PyTorch."""

    def __init__(self, then: Callable[[ModuleType], None]) -> None:
        self.then = then

    def find_spec(
        self, name: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec that the other finders give, with a loader that tells when it has loaded."""
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            load, then = spec.loader.exec_module, self.then

            def exec_module(module: ModuleType) -> None:
                load(module)
                then(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def explain_script(path: str, arguments: Sequence[str] = ()) -> tuple[Report, BaseException | None]:
    """Run the script ``path`` with ``arguments`` as ``python path ...`` would, and report what was recorded.

    Returns the report, and what the script raised if it raised (its report is made all the same; SystemExit
    counts when its status is not 0). Raises FileNotFoundError if there is no such script.
    """
    if not os.path.exists(path):
        raise FileNotFoundError(f"there is no script {path!r}: give the path of a Python file")
    sites = Sites(scripts=[path])
    recorders: list[Recorder] = []

    def torch_is_here(torch: ModuleType) -> None:
        from .torch import TorchRecorder

        recorder = TorchRecorder(torch, sites)
        recorders.append(recorder)
        recorder.start()

    finder = _WhenImported(torch_is_here)
    known = sys.modules.get("torch")
    if known is not None:
        torch_is_here(known)
    else:
        sys.meta_path.insert(0, finder)
    from .engine import EngineRecorder

    engine = EngineRecorder(sites)
    engine.start()
    error: BaseException | None = None
    old = sys.argv, sys.path[:]
    sys.argv, sys.path[:] = [path, *arguments], [os.path.dirname(os.path.abspath(path)), *sys.path]
    module, main = ModuleType("__main__"), sys.modules["__main__"]
    module.__file__ = path
    sys.modules["__main__"] = module
    try:
        with open(path, "rb") as source:
            exec(compile(source.read(), path, "exec"), module.__dict__)
    except SystemExit as status:
        error = status if status.code not in (None, 0) else None
    except BaseException as raised:  # the report is made of whatever happened; the caller raises it again
        error = raised
    finally:
        for recorder in (engine, *recorders):
            _at_the_end(recorder, path, module)
        sys.argv, sys.path[:] = old
        sys.modules["__main__"] = main
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
        for recorder in (engine, *recorders):
            recorder.stop()
    chosen = max([*recorders, engine], key=lambda each: each.tracker.operators)
    return build(chosen, error, path, list(arguments)), error


def _at_the_end(recorder: Recorder, path: str, module: ModuleType) -> None:
    """Let ``recorder`` see the program's globals as the program itself would."""
    code = compile("learn(__import__('sys')._getframe())", path, "eval")
    eval(code, module.__dict__, {"learn": recorder.finish})
