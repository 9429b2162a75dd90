"""The recorder of live PyTorch programs: PyTorch's public modes and hooks, and nothing of PyTorch imported.

A ``TorchFunctionMode`` hears of every call on tensors, optimiser hooks of steps. What no mode hears of
(``from_numpy``, ``autograd.backward``, ``Function.apply``, ``Parameter``, the call of a module) is wrapped
while the recording lasts.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from typing import Any

from .framework import Framework
from .keepers import node_seconds
from .recorder import EXITS, Recorder
from .sites import Sites

__all__ = ["TorchFramework", "TorchRecorder"]

# Calls that say something about a tensor and change nothing.
SILENT = frozenset(
    """
    size dim ndimension numel nelement stride element_size is_complex is_floating_point is_signed is_tensor
    is_storage is_contiguous is_pinned is_inference is_conj is_neg is_same_size is_set_to is_coalesced
    storage_offset data_ptr storage untyped_storage get_device __len__ __hash__ __contains__ __dir__
    retain_grad register_hook register_post_accumulate_grad_hook is_nonzero dense_dim sparse_dim has_names
    is_shared share_memory_ _is_view _is_zerotensor result_type can_cast is_grad_enabled
    __setstate__ __reduce_ex__ get_default_dtype set_default_dtype _has_compatible_shallow_copy_type
    _record_function_enter_new _RecordFunction manual_seed broadcast_shapes typename equal allclose
    """.split()  # noqa: SIM905 - a table of words
)
PROPERTIES = {"data": ("alias", "set_data"), "grad": ("get_grad", "set_grad"),
              "requires_grad": (None, "set_requires_grad")}  # fmt: skip
NOTHING: dict[str, Any] = {}  # keyword arguments of a call without any
VIEWS = frozenset({"T", "mT", "H", "mH", "real", "imag"})  # properties that compute
HANDLERS = {
    "detach": "alias", "detach_": "detach_", "requires_grad_": "set_requires_grad", "backward": "backward",
    **{name: "exit" for name in EXITS},
}  # fmt: skip


class TorchFramework(Framework):
    """PyTorch, as the program has imported it."""

    name = "torch"

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.version = str(torch.__version__)
        self.Tensor = torch.Tensor
        self.Parameter = torch.nn.Parameter
        self.grad_enabled = torch.is_grad_enabled  # type: ignore[method-assign]
        self.inference = torch.is_inference_mode_enabled  # type: ignore[method-assign]
        self.Custom = torch.autograd.function.BackwardCFunction

    def is_tensor(self, value: Any) -> bool:
        """Whether ``value`` is a tensor."""
        return isinstance(value, self.Tensor)

    def is_parameter(self, t: Any) -> bool:
        """Whether it is a Parameter."""
        return isinstance(t, self.Parameter)

    def storage(self, t: Any) -> tuple[int, int]:
        """The address of the storage object, and its bytes."""
        try:
            storage = t.untyped_storage()
        except (NotImplementedError, RuntimeError):  # sparse tensors have none
            return id(t), 0
        return storage._cdata, storage.nbytes()

    def checksum(self, t: Any) -> int:
        """Of the bytes; of the first and last million where there are more."""
        flat = t.detach().contiguous().view(-1)
        parts = (flat,) if flat.numel() <= 2_000_000 else (flat[:1_000_000], flat[-1_000_000:])
        digest = hashlib.blake2b(digest_size=8)
        for part in parts:
            digest.update(part.resolve_conj().resolve_neg().numpy().tobytes())
        return int.from_bytes(digest.digest(), "little")

    def grad_enabled(self) -> bool:
        """Whether PyTorch is recording."""
        return bool(self.torch.is_grad_enabled())

    def inference(self) -> bool:
        """Whether inference mode is on."""
        return bool(self.torch.is_inference_mode_enabled())

    def norm(self, gradient: Any) -> float:
        """The 2-norm."""
        plain = gradient.detach()
        if plain.layout is not self.torch.strided:
            plain = plain.to_dense()
        if plain.numel() == 0:
            return 0.0
        if not (plain.is_floating_point() or plain.is_complex()):
            plain = plain.float()
        return float(self.torch.linalg.vector_norm(plain))

    def custom(self, node: Any) -> bool:
        """Whether the node is a Function's."""
        return isinstance(node, self.Custom)

    def node_seconds(self) -> float:
        """Measured on a product of two small tensors."""
        a, b = self.torch.ones(4, requires_grad=True), self.torch.ones(4)
        return node_seconds(lambda: a * b, lambda: b * b)

    def shares(self, t: Any, array: Any) -> bool:
        """Whether an ndarray looks into the memory of ``t``."""
        if not array.size:
            return False
        start, (_, nbytes) = t.untyped_storage().data_ptr(), self.storage(t)
        return bool(start <= array.__array_interface__["data"][0] < start + nbytes)


class TorchRecorder(Recorder):
    """Records PyTorch from :meth:`start` to :meth:`stop`."""

    framework: TorchFramework

    def __init__(self, torch: Any, sites: Sites) -> None:
        super().__init__(TorchFramework(torch), sites)
        self.torch = torch
        folder = os.path.dirname(torch.__file__) + os.sep
        self.internal = (
            os.path.join(folder, "optim") + os.sep,
            os.path.join(folder, "nn", "utils", "clip_grad.py"),
            os.path.join(folder, "nn", "init.py"),
            os.path.join(folder, "_tensor_str.py"),
        )
        self.ways: dict[Any, tuple[str, Callable[..., Any] | None]] = {}
        self.undo: list[Callable[[], None]] = []
        self._deaf: Any = None  # while one of PyTorch's own optimisers steps

    # -- starting and stopping -------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to listen, in this thread."""
        mode = self._mode()
        mode.__enter__()
        self.undo.append(lambda: mode.__exit__(None, None, None))
        optimizer = sys.modules["torch.optim.optimizer"]
        for handle in (
            optimizer.register_optimizer_step_pre_hook(self._steps),
            optimizer.register_optimizer_step_post_hook(self._has_stepped),
        ):
            self.undo.append(handle.remove)
        self._wrap(self.torch.nn.Module, "__call__", self._module_called)
        self._wrap(self.torch.optim.Optimizer, "zero_grad", self._zero_grad)
        self._wrap(self.torch, "from_numpy", self._unheard(self.from_numpy))
        self._wrap(self.torch.autograd, "backward", self.backward)
        self._wrap(self.torch.nn.Parameter, "__new__", self._new_parameter)
        self._wrap(self.torch.optim.Optimizer, "add_param_group", self._unheard(self.group_added))
        self._wrap_apply()

    def stop(self) -> None:
        """Listen no longer, and leave PyTorch as it was."""
        self._hear_again()
        while self.undo:
            self.undo.pop()()
        self.close()

    def _wrap(self, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        original = vars(owner)[name]
        plain = original.__func__ if isinstance(original, staticmethod) else original

        def replacement(*args: Any, **kwargs: Any) -> Any:
            return wrapper(name, plain, args, kwargs, sys._getframe(1))

        setattr(owner, name, staticmethod(replacement) if isinstance(original, staticmethod) else replacement)
        self.undo.append(lambda: setattr(owner, name, original))

    def _unheard(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """``handler``, with no mode hearing of what it asks PyTorch."""

        def handle(*call: Any) -> Any:
            with self.torch._C.DisableTorchFunction():
                return handler(*call)

        return handle

    def _wrap_apply(self) -> None:
        """A user's Function is one operator: what its forward calls is its own affair."""
        owner, recorder = self.torch.autograd.Function, self
        original = vars(owner)["apply"]

        def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
            def run(*given: Any, **settings: Any) -> Any:
                recorder.inside = True
                try:
                    return original.__func__(cls, *given, **settings)
                finally:
                    recorder.inside = False

            if recorder.inside:
                return original.__func__(cls, *args, **kwargs)
            frame = sys._getframe(1)
            with recorder.torch._C.DisableTorchFunction():
                return recorder.operator(cls.__name__, run, args, kwargs, frame)

        owner.apply = classmethod(apply)
        self.undo.append(lambda: setattr(owner, "apply", original))

    def _mode(self) -> Any:
        recorder, ways = self, self.ways
        transforming = self.torch._C._are_functorch_transforms_active

        class Listening(self.torch.overrides.TorchFunctionMode):  # type: ignore[misc, name-defined]
            def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                way = ways.get(func)
                if way is None:
                    way = ways[func] = recorder.way(func)
                name, handler = way
                if handler is None or recorder.inside or transforming():
                    return func(*args, **kwargs) if kwargs else func(*args)
                return handler(name, func, args, kwargs or NOTHING, sys._getframe(1))

        return Listening()

    # -- what is heard ---------------------------------------------------------------------------------------

    def way(self, func: Any) -> tuple[str, Callable[..., Any] | None]:
        """The canonical name of a function, and who handles it; None where nothing is to be done."""
        name = getattr(func, "__name__", "") or ""
        if name in ("__get__", "__set__", "__delete__"):
            attribute = func.__self__.__name__
            get, set_ = PROPERTIES.get(attribute, (None, None))
            if attribute in VIEWS and name == "__get__":
                return attribute, self.operator
            handler = get if name == "__get__" else set_
            return f"{name[2:5]} {attribute}", getattr(self, handler) if handler else None
        if name == "_set_grad_enabled":
            return name, self._grad_switch
        if name in ("grad", "backward") and getattr(func, "__module__", "") in (
            "torch.autograd",
            "torch._tensor",
        ):
            return name, self.backward
        if name in ("__repr__", "__str__"):
            return name, self.shown
        if name in SILENT or not name or name.startswith("_record_function"):
            return name, None
        return name, getattr(self, HANDLERS.get(name, "operator"))

    def _grad_switch(self, name: str, run: Any, args: Any, kwargs: Any, frame: Any) -> Any:
        result = run(*args, **kwargs)
        self.set_grad_enabled(bool(args[0]), frame)
        return result

    def _new_parameter(self, name: str, original: Any, args: Any, kwargs: Any, frame: Any) -> Any:
        made = original(*args, **kwargs)
        source = args[1] if len(args) > 1 else kwargs.get("data")
        if isinstance(source, self.framework.Tensor) and isinstance(made, self.framework.Tensor):
            with self.torch._C.DisableTorchFunction():
                self.rewrapped(made, source, frame)
        return made

    # -- modules and optimisers ------------------------------------------------------------------------------

    def _steps(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        closure = len(args) > 1 or kwargs.get("closure") is not None
        with self.torch._C.DisableTorchFunction():
            self.step(optimizer, closure, sys._getframe(1))
        if not closure and type(optimizer).__module__.startswith("torch."):
            self._deaf = self.torch._C.DisableTorchFunction()  # what it writes is known without listening
            self._deaf.__enter__()

    def _has_stepped(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        deaf = self._deaf is not None
        self._hear_again()
        with self.torch._C.DisableTorchFunction():
            if deaf:
                self.written_by(optimizer, sys._getframe(1))
            self.stepped(optimizer, sys._getframe(1))

    def _hear_again(self) -> None:
        """A step has ended, or has raised and will not say so."""
        if self._deaf is not None:
            self._deaf.__exit__(None, None, None)
            self._deaf = None

    def _module_called(self, name: str, original: Any, args: Any, kwargs: Any, frame: Any) -> Any:
        self._hear_again()
        return self.module(name, original, args, kwargs, frame)

    def _zero_grad(self, name: str, original: Any, args: Any, kwargs: Any, frame: Any) -> Any:
        """``optimizer.zero_grad()``: all of an optimiser's gradients in one event."""
        with self.torch._C.DisableTorchFunction():
            self.cleared(args[0])
            return original(*args, **kwargs)
