"""The recorder of live upriver programs: it listens to the engine, see NOTE [ Listening ] in
:mod:`upriver.autograd.events`.
"""

from __future__ import annotations

import functools
import importlib.metadata
import math
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import numpy as np

from ..autograd.events import Listening, silence
from ..autograd.function import CustomNode
from ..autograd.modes import state
from ..autograd.node import AccumulateGrad
from ..errors import PACKAGE
from ..kernels.checksum import checksum
from ..tensor import Tensor, from_array
from .calls import calls
from .framework import Framework
from .keepers import node_seconds
from .model import Site
from .recorder import EXITS, Recorder
from .sites import Sites

__all__ = ["EngineFramework", "EngineRecorder"]

Run = Callable[..., Any]

INTERNAL = ("optim/", "nn/utils/clip_grad.py", "nn/init.py", "nn/parameter.py", "ops/printing.py")
SILENT = ("equal", "allclose")  # they change nothing, and their parts are not to be heard
SHOWN = {"input": "self", "out": "result"}  # PyTorch's names of saved values


class EngineFramework(Framework):
    """upriver itself."""

    name = "upriver"

    def __init__(self) -> None:
        try:
            self.version = importlib.metadata.version("upriver")
        except importlib.metadata.PackageNotFoundError:  # run from its sources
            self.version = ""
        self.Parameter = importlib.import_module("upriver.nn").Parameter

    def is_tensor(self, value: Any) -> bool:
        """Whether ``value`` is a tensor."""
        return isinstance(value, Tensor)

    def is_parameter(self, t: Any) -> bool:
        """Whether it is a Parameter."""
        return isinstance(t, self.Parameter)

    def storage(self, t: Any) -> tuple[int, int]:
        """The address of the storage object, and its bytes; ``.data`` has that of the tensor it came from."""
        storage = t._storage
        while storage.watch is not None and storage.watch.origin is not None:
            storage = storage.watch.origin
        array = storage.array
        return id(storage), array.nbytes if array.base is None else storage.nbytes()

    def history(self, t: Any) -> Any:
        """The node that made ``t``."""
        return t._node if t._view is None else t.grad_fn

    def checksum(self, t: Any) -> int:
        """Of the bytes."""
        return checksum(np.atleast_1d(t._array))

    def grad_enabled(self) -> bool:
        """Whether operations are being recorded."""
        return state.grad

    def inference(self) -> bool:
        """Whether inference mode is on."""
        return state.inference

    def norm(self, gradient: Any) -> float:
        """The 2-norm."""
        flat = gradient._array.ravel()
        if not flat.size:
            return 0.0
        total = float(np.vdot(flat, flat).real)
        if 1e-30 < total < 1e30:
            return math.sqrt(total)
        return float(np.linalg.norm(flat.astype(np.complex128 if flat.dtype.kind == "c" else np.float64)))

    def custom(self, node: Any) -> bool:
        """Whether the node is a Function's."""
        return isinstance(node, CustomNode)

    def node_seconds(self) -> float:
        """Measured on a product of two small tensors."""
        a, b = Tensor(np.ones(4)), Tensor(np.ones(4))
        a.requires_grad_()
        return node_seconds(lambda: a * b, lambda: b * b)

    def shares(self, t: Any, array: Any) -> bool:
        """Whether an ndarray looks into the memory of ``t``."""
        return bool(array.size) and bool(np.may_share_memory(array, t._array))

    def saved(self, node: Any) -> Iterator[tuple[str, Any]]:
        """What an operator's node saved, by name.

        Raises RuntimeError for a value that an operation has written since, or that was freed. A write that
        no version counter sees raises nothing, and nobody is warned of it here.
        """
        operator = node.operator
        if operator is None or not operator.saved_tensors:
            return
        parts = iter(node.saved if node.saved.__class__ is tuple else node.unpack())
        leaves = {id(e.variable._storage): e.variable for e in node.edges if isinstance(e, AccumulateGrad)}
        for name in operator.saved_names:
            held = next(parts)
            if name not in operator.saved_tensors:
                continue
            several = isinstance(held, tuple)
            entries = zip(held, next(parts), next(parts)) if several else ((held, next(parts), next(parts)),)  # noqa: B905
            for array, storage, version in entries:
                if array is None:
                    continue
                if storage.counter != (version[0] if isinstance(version, tuple) else version):
                    node.stale(name, array, storage, version)
                leaf = leaves.get(id(storage))
                yield SHOWN.get(name, name), from_array(array, storage) if leaf is None else leaf


class EngineRecorder(Recorder):
    """Records upriver from :meth:`start` to :meth:`stop`."""

    framework: EngineFramework

    def __init__(self, sites: Sites) -> None:
        super().__init__(EngineFramework(), sites)
        self.internal = tuple(PACKAGE + part for part in INTERNAL)
        self.handlers: dict[str, Callable[..., Any]] = {
            **dict.fromkeys(EXITS, self.exit), **dict.fromkeys(SILENT, self._runs),
            **dict.fromkeys(("__repr__", "__str__"), self.shown),
            "detach": self.alias, "get data": self.alias, "set data": self.set_data, "detach_": self.detach_,
            "requires_grad_": self.set_requires_grad, "set requires_grad": self.set_requires_grad,
            "get grad": self.get_grad, "set grad": self.set_grad, "backward": self.backward,
            "grad": self.backward, "set_grad_enabled": self._grad_switch, "from_numpy": self.from_numpy,
            "Parameter": self._new_parameter, "add_param_group": self.group_added, "written": self._written,
            "apply": self._applied,
        }  # fmt: skip
        # what is heard during a backward as well: a hook may step an optimiser
        self.always: dict[str, Callable[..., Any]] = {"Module.__call__": self.module, "step": self._step}
        self.listening: Listening | None = None
        self.stepping: Site | None = None  # the running step, if nothing of the user's runs in it

    # -- starting and stopping -------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to listen, in this thread."""
        self.listening = Listening(self, calls())
        self.listening.start()

    def stop(self) -> None:
        """Listen no longer, and leave upriver as it was."""
        if self.listening is not None:
            self.listening.stop()
            self.listening = None
        self.close()

    def finish(self, frame: FrameType) -> None:
        """The program has ended; what looks at its tensors here is no part of it."""
        with silence():
            super().finish(frame)

    def called(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """One call: of an operator, or of what the tables of handlers name."""
        if self.inside:
            handler = self.always.get(name)
            return run(*args, **kwargs) if handler is None else handler(name, run, args, kwargs, frame)
        handler = self.handlers.get(name) or self.always.get(name) or self.operator
        return handler(name, run, args, kwargs, frame)

    # -- what is heard ---------------------------------------------------------------------------------------

    def _runs(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        return run(*args, **kwargs)

    def _applied(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """A user's Function is one operator: what its forward calls is its own affair."""
        kind, *given = args
        return self.operator(kind.__name__, functools.partial(run, kind), tuple(given), kwargs, frame)

    def _grad_switch(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        result = run(*args, **kwargs)
        file = frame.f_code.co_filename
        if not file.startswith(PACKAGE) or file == MODES:  # by the program, not by a part of upriver
            self.set_grad_enabled(state.grad, frame)
        return result

    def _written(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """upriver itself has written raw arrays: an optimiser's, or what it keeps for itself."""
        run(*args)
        operation, *tensors = args
        for t in tensors:
            known = self.tracker.values.get(id(t))
            if not t._requires_grad and (known is None or known[1].leaf is None):
                continue
            value = self.tracker.value_of(t)
            if value.storage is not None and value.leaf is not None:
                self.tracker.wrote(value.storage, value, operation, self.stepping or self.sites.here(frame))
                value.seen_writes = value.storage.writes

    def _new_parameter(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        run(*args, **kwargs)
        source = args[1] if len(args) > 1 else kwargs.get("data")
        if isinstance(source, Tensor):
            self.rewrapped(args[0], source, frame)

    def _step(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        optimizer, _, *given = args
        closure = bool(given) or kwargs.get("closure") is not None
        self.step(optimizer, closure, frame)
        self.stepping = None if closure else self.sites.here(frame)
        try:
            result = run(*args, **kwargs)
        finally:
            self.stepping = None
        if closure:
            self.stepped(optimizer, frame)
        return result


MODES = importlib.import_module("upriver.autograd.modes").__file__
