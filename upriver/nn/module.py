"""The base class of every layer and network."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Self

from ..autograd import no_grad
from ..dtypes import as_dtype, float16, float32, float64
from ..dtypes import dtype as DType
from ..tensor import Device, Tensor
from . import hooks, state
from .hooks import Hook, Hooks, RemovableHandle
from .parameter import Parameter
from .registry import Registry

__all__ = ["Module"]

HOOK_TABLES = (
    "_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks", "_state_dict_pre_hooks",
    "_state_dict_hooks", "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks",
)  # fmt: skip


class Module(Registry):
    """A function with parameters: subclass it, own tensors and modules as attributes, define ``forward``.

    >>> import upriver as up
    >>> class Scale(up.nn.Module):
    ...     def __init__(self) -> None:
    ...         super().__init__()
    ...         self.factor = up.nn.Parameter(up.tensor(2.0))
    ...
    ...     def forward(self, x: up.Tensor) -> up.Tensor:
    ...         return x * self.factor
    >>> Scale()(up.tensor(3.0))
    tensor(6., grad_fn=<MulBackward0>)
    """

    training: bool
    _version: int = 1

    _forward_pre_hooks: Hooks
    _forward_hooks: Hooks
    _backward_pre_hooks: Hooks
    _backward_hooks: Hooks
    _state_dict_pre_hooks: OrderedDict[int, Callable[..., Any]]
    _state_dict_hooks: OrderedDict[int, Callable[..., Any]]
    _load_state_dict_pre_hooks: OrderedDict[int, Callable[..., Any]]
    _load_state_dict_post_hooks: OrderedDict[int, Callable[..., Any]]

    def __init__(self) -> None:
        super().__init__()
        own = self.__dict__
        own["training"] = True
        for table in HOOK_TABLES:
            own[table] = OrderedDict()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What calling the module computes: every subclass defines it."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        own = self.__dict__
        if (
            own["_forward_hooks"] or own["_forward_pre_hooks"] or own["_backward_hooks"]
            or own["_backward_pre_hooks"] or hooks.any_global()
        ):  # fmt: skip
            return hooks.call_with_hooks(self, args, kwargs)
        return self.forward(*args, **kwargs)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for name in HOOK_TABLES:
            # The numbers of a saved module's hooks mean nothing in this process: they get new ones.
            entries = list(state.get(name, {}).values())
            table = self.__dict__[name] = OrderedDict()
            for entry in entries:
                hooks.add_hook(table, entry)

    # -- hooks -----------------------------------------------------------------------------------------------

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before forward; what it returns replaces ``args``.

        With ``with_kwargs``: ``hook(module, args, kwargs)``, returning both or None.

        >>> import upriver as up
        >>> layer = up.nn.Identity()
        >>> handle = layer.register_forward_pre_hook(lambda module, args: args[0] + 1)
        >>> layer(up.zeros(1))
        tensor([1.])
        """
        return hooks.add_hook(self._forward_pre_hooks, Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after forward; what it returns replaces ``output``.

        With ``with_kwargs``: ``hook(module, args, kwargs, output)``. With ``always_call`` also after an
        exception.

        >>> import upriver as up
        >>> layer = up.nn.Identity()
        >>> handle = layer.register_forward_hook(lambda module, args, output: output * 2)
        >>> layer(up.ones(1))
        tensor([2.])
        """
        return hooks.add_hook(self._forward_hooks, Hook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` before the module's backward; a returned tuple replaces the
        gradients.
        """
        return hooks.add_hook(self._backward_pre_hooks, Hook(hook), prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when the gradients of the inputs are known.

        A returned tuple replaces ``grad_input``. Entries are None where an argument or output is no tensor or
        gets no gradient.

        >>> import upriver as up
        >>> layer = up.nn.Identity()
        >>> handle = layer.register_full_backward_hook(lambda module, inputs, outputs: (inputs[0] * 10,))
        >>> x = up.ones(1, requires_grad=True)
        >>> layer(x).sum().backward()
        >>> x.grad
        tensor([10.])
        """
        return hooks.add_hook(self._backward_hooks, Hook(hook), prepend)

    def register_backward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """PyTorch's deprecated hook, which sees only the last operation of forward: always refused.

        Raises RuntimeError.
        """
        sentence = (
            "register_backward_hook sees the gradients of the last operation only and is not supported."
        )
        if self._backward_hooks:
            sentence = (
                "Cannot use both regular backward hooks and full backward hooks on a single Module. Please "
                "use only one of them."
            )
        raise RuntimeError(
            f"{sentence} Call register_full_backward_hook, which sees those of the whole module."
        )

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before `state_dict` collects this module."""
        return hooks.add_hook(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` after `state_dict` collected this
        module.
        """
        return hooks.add_hook(self._state_dict_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys,
        error_msgs)`` before `load_state_dict` reads this module's own tensors."""
        return hooks.add_hook(self._load_state_dict_pre_hooks, hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)``, whose lists it may edit, after `load_state_dict` read
        this module.
        """
        return hooks.add_hook(self._load_state_dict_post_hooks, hook)

    # -- modes -----------------------------------------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Put this module and all below it into training mode (or out of it): dropout and batch norms
        differ.
        """
        if not isinstance(mode, bool):
            raise ValueError(f"training mode is expected to be boolean, but got {mode!r}.")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Self:
        """``train(False)``. It leaves the graph alone: to record nothing, use ``no_grad``."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let gradients reach the parameters, or freeze them.

        >>> import upriver as up
        >>> up.nn.Linear(2, 1).requires_grad_(False).weight.requires_grad
        False
        """
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of the parameters, or with ``set_to_none=False`` fill them with 0."""
        for parameter in self.parameters():
            if parameter.grad is None:
                continue
            if set_to_none:
                parameter.grad = None
            else:
                parameter.grad.detach_().zero_()

    # -- types -----------------------------------------------------------------------------------------------

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Convert the floating parameters and buffers in place: ``to(dtype)``, ``to('cpu', dtype)`` or
        ``to(tensor)``.

        Raises TypeError for a dtype that is not floating or complex, RuntimeError for another device than the
        CPU.

        >>> import upriver as up
        >>> up.nn.Linear(2, 1).to(up.float64).weight.dtype
        torch.float64
        """
        dtype = _parse_to(*args, **kwargs)
        if dtype is None:
            return self
        if not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )
        return self._apply(lambda t: t.to(dtype) if t.is_floating_point() or t.is_complex() else t)

    def type(self, dst_type: Any) -> Self:
        """Convert all parameters and buffers to ``dst_type``."""
        dtype = as_dtype(dst_type)
        return self._apply(lambda t: t.to(dtype))

    def float(self) -> Self:
        """Convert the floating parameters and buffers to float32."""
        return self.to(float32)

    def double(self) -> Self:
        """Convert the floating parameters and buffers to float64."""
        return self.to(float64)

    def half(self) -> Self:
        """Convert the floating parameters and buffers to float16."""
        return self.to(float16)

    def cpu(self) -> Self:
        """This module: everything is on the CPU already."""
        return self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Replace the values of every parameter and buffer (and gradient) by ``fn`` of them; parameters stay
        the same objects.
        """
        if recurse:
            for child in self.children():
                child._apply(fn)
        for parameter in self._parameters.values():
            if parameter is not None:
                _convert_parameter(parameter, fn)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    # -- saving and loading ----------------------------------------------------------------------------------

    def state_dict(
        self, *, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """The parameters and persistent buffers by dotted name, detached (but sharing memory) unless
        ``keep_vars``.

        A subclass that has more to save defines ``get_extra_state()`` and ``set_extra_state(state)``.

        >>> import upriver as up
        >>> list(up.nn.Sequential(up.nn.Linear(2, 3)).state_dict())
        ['0.weight', '0.bias']
        """
        found: dict[str, Any] = state.state_dict(self, destination, prefix, keep_vars)
        return found

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> state.IncompatibleKeys:
        """Copy tensors by dotted name into this module; with ``assign`` take the given tensors themselves.

        Raises RuntimeError listing every missing key, unexpected key (both allowed with ``strict=False``, and
        returned) and shape that differs.

        >>> import upriver as up
        >>> a, b = up.nn.Linear(2, 3), up.nn.Linear(2, 3)
        >>> b.load_state_dict(a.state_dict())
        <All keys matched successfully>
        """
        return state.load_state_dict(self, state_dict, strict, assign)

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        """Enter this module's own tensors; override it to save something else."""
        state.save_own(self, destination, prefix, keep_vars)

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: Mapping[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Read this module's own tensors; override it to translate older names."""
        state.load_own(
            self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )

    # -- words -----------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the parentheses of the repr, beside submodules."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        extra = self.extra_repr()
        children = [f"({name}): {indented(repr(child))}" for name, child in self._modules.items()]
        return layout(self._get_name(), extra.split("\n") if extra else [], children)


def layout(name: str, extra: list[str], children: list[str]) -> str:
    """``name(...)`` in one line if ``extra`` is one and there are no children, else in lines of their own."""
    if len(extra) == 1 and not children:
        return f"{name}({extra[0]})"
    lines = [*extra, *children]
    return f"{name}(\n  " + "\n  ".join(lines) + "\n)" if lines else f"{name}()"


def indented(text: str) -> str:
    """``text`` with every line but the first two spaces further in."""
    return text.replace("\n", "\n  ")


def _parse_to(
    *args: Any,
    device: Any = None,
    dtype: DType | None = None,
    non_blocking: bool = False,
    memory_format: Any = None,
) -> DType | None:
    """The dtype named by the arguments of `Module.to`, after checking that the device is the CPU."""
    for given in args:
        if isinstance(given, Tensor):
            dtype = given.dtype
        elif isinstance(given, DType):
            dtype = given
        elif not isinstance(given, bool) and given is not None:
            device = given
    if device is not None:
        Device(device)
    return dtype


def _convert_parameter(parameter: Parameter, fn: Callable[[Tensor], Tensor]) -> None:
    with no_grad():
        converted = fn(parameter)
        if converted is not parameter:
            parameter.data = converted
        gradient = parameter.grad
        if gradient is not None:
            converted = fn(gradient)
            parameter.grad = None
            parameter.grad = converted.requires_grad_(gradient.requires_grad)
