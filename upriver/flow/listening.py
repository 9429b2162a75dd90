"""Both recorders at once: upriver's from the start, PyTorch's as soon as the program has it."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .recorder import Recorder
from .sites import Sites

__all__ = ["Listening"]


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


class Listening:
    """The recorders that listen between :meth:`start` and :meth:`stop`."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.recorders: list[Recorder] = []
        self._finder = _WhenImported(self._torch)

    def start(self) -> None:
        """Begin to listen in this thread. PyTorch is not imported for it."""
        from .engine import EngineRecorder

        self._add(EngineRecorder(self.sites))
        torch = sys.modules.get("torch")
        if torch is not None:
            self._torch(torch)
        else:
            sys.meta_path.insert(0, self._finder)

    def stop(self) -> None:
        """Listen no longer, and leave everything as it was."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        for recorder in self.recorders:
            recorder.stop()

    @property
    def busiest(self) -> Recorder:
        """The recorder of the framework that the program computes with."""
        return max(self.recorders, key=lambda recorder: recorder.tracker.operators)

    def _torch(self, torch: ModuleType) -> None:
        from .torch import TorchRecorder

        self._add(TorchRecorder(torch, self.sites))

    def _add(self, recorder: Recorder) -> None:
        self.recorders.append(recorder)
        recorder.start()
