"""Functions that run beside a module's forward and backward."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..autograd import Function
from ..autograd.node import RemovableHandle
from ..tensor import Tensor

if TYPE_CHECKING:
    from .module import Module

__all__ = [
    "Hook", "Hooks", "RemovableHandle", "register_module_forward_hook", "register_module_forward_pre_hook",
    "register_module_full_backward_hook", "register_module_full_backward_pre_hook",
]  # fmt: skip


class Hook(NamedTuple):
    """A hook, and how it wants to be called."""

    function: Callable[..., Any]
    with_kwargs: bool = False
    always_call: bool = False


Hooks = OrderedDict[int, Hook]

# Hooks of every module, in force until removed.
every_forward_pre: Hooks = OrderedDict()
every_forward: Hooks = OrderedDict()
every_backward_pre: Hooks = OrderedDict()
every_backward: Hooks = OrderedDict()


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, args)`` before every module's forward.

    >>> import upriver as up
    >>> seen = []
    >>> with up.nn.register_module_forward_pre_hook(lambda module, args: seen.append(str(module))):
    ...     _ = up.nn.Identity()(up.zeros(1))
    >>> seen
    ['Identity()']
    """
    return add_hook(every_forward_pre, Hook(hook))


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call ``hook(module, args, output)`` after every module's forward.

    >>> import upriver as up
    >>> with up.nn.register_module_forward_hook(lambda module, args, output: output + 1):
    ...     up.nn.Identity()(up.zeros(1))
    tensor([1.])
    """
    return add_hook(every_forward, Hook(hook, with_kwargs, always_call))


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, grad_output)`` before every module's backward.

    >>> import upriver as up
    >>> layer = up.nn.Linear(1, 1)
    >>> with up.nn.register_module_full_backward_pre_hook(lambda module, grads: print(grads)):
    ...     layer(up.ones(1)).sum().backward()
    (tensor([1.]),)
    """
    return add_hook(every_backward_pre, Hook(hook))


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, grad_input, grad_output)`` after every module's backward.

    >>> import upriver as up
    >>> layer = up.nn.Linear(1, 1)
    >>> with up.nn.register_module_full_backward_hook(lambda module, inputs, outputs: print(inputs, outputs)):
    ...     layer(up.ones(1)).sum().backward()
    (None,) (tensor([1.]),)
    """
    return add_hook(every_backward, Hook(hook))


def add_hook(table: OrderedDict[int, Any], hook: Any, prepend: bool = False) -> RemovableHandle:
    """Enter ``hook`` in ``table``, last or first."""
    handle = RemovableHandle(table, hook)
    if prepend:
        table.move_to_end(handle.id, last=False)
    return handle


def any_global() -> bool:
    """Whether a hook of every module is in force."""
    return bool(every_forward_pre or every_forward or every_backward_pre or every_backward)


def call_with_hooks(module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run ``module.forward`` between its hooks; after an exception those registered with ``always_call``
    still run.
    """
    pending = OrderedDict([*every_forward.items(), *module._forward_hooks.items()])
    try:
        return _forward_with_hooks(module, args, kwargs, pending)
    except Exception:
        for hook in pending.values():
            if hook.always_call:
                _call_forward_hook(hook, module, args, kwargs, None)
        raise


def _forward_with_hooks(module: Module, args: tuple[Any, ...], kwargs: dict[str, Any], pending: Hooks) -> Any:
    args, kwargs = _run_pre_hooks(module, args, kwargs)
    gate = BackwardGate(
        module,
        [hook.function for hook in [*every_backward.values(), *module._backward_hooks.values()]],
        [hook.function for hook in [*every_backward_pre.values(), *module._backward_pre_hooks.values()]],
    )
    watched = bool(gate.hooks or gate.pre_hooks)
    if watched:
        args = gate.watch_inputs(args)
    output = module.forward(*args, **kwargs)
    while pending:
        _, hook = pending.popitem(last=False)
        replacement = _call_forward_hook(hook, module, args, kwargs, output)
        if replacement is not None:
            output = replacement
    return gate.watch_output(output) if watched else output


def _call_forward_hook(
    hook: Hook, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
) -> Any:
    if hook.with_kwargs:
        return hook.function(module, args, kwargs, output)
    return hook.function(module, args, output)


def _run_pre_hooks(module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    for hook in [*every_forward_pre.values(), *module._forward_pre_hooks.values()]:
        if not hook.with_kwargs:
            replacement = hook.function(module, args)
            if replacement is not None:
                args = replacement if isinstance(replacement, tuple) else (replacement,)
            continue
        replacement = hook.function(module, args, kwargs)
        if replacement is None:
            continue
        if not (isinstance(replacement, tuple) and len(replacement) == 2):
            raise RuntimeError(
                "forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got "
                f"{replacement}."
            )
        args, kwargs = replacement
    return args, kwargs


class _Gate(Function):
    """The identity on several tensors: one node through which all their gradients pass together."""

    @staticmethod
    def forward(ctx: Any, *tensors: Tensor) -> Any:
        ctx.mark_non_differentiable(*(t for t in tensors if not t.requires_grad))
        return tensors

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients


class BackwardGate:
    """One forward call's backward hooks: gates on the inputs and on the output, and the gradients seen at
    each.
    """

    def __init__(
        self, module: Module, hooks: list[Callable[..., Any]], pre_hooks: list[Callable[..., Any]]
    ) -> None:
        self.module = module
        self.hooks = hooks
        self.pre_hooks = pre_hooks
        self.grad_outputs: tuple[Any, ...] | None = None
        self.input_places: list[int] | None = (
            None  # the tensors among the arguments; None: no gradient passes there
        )
        self.input_count = 0

    def watch_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """``args`` with every tensor passed through a gate whose gradients the hooks get."""
        gated, places, node = _pass_through(args)
        self.input_count = len(args)
        if node is not None:
            self.input_places = places
            node.register_hook(self._at_inputs)
        return gated

    def watch_output(self, output: Any) -> Any:
        """``output`` with its tensors passed through a gate whose gradients the hooks get."""
        several = isinstance(output, tuple)
        outputs = output if several else (output,)
        gated, places, node = _pass_through(outputs)
        if node is not None:
            node.register_prehook(lambda gradients: self._at_outputs(gradients, places, len(outputs)))
        return gated if several else gated[0]

    def _at_outputs(self, gradients: tuple[Any, ...], places: list[int], count: int) -> Any:
        spread = _spread(gradients, places, count)
        for pre_hook in self.pre_hooks:
            replacement = pre_hook(self.module, spread)
            if replacement is not None:
                spread = _as_tuple(replacement, count, "Backward pre hook", "grad_output")
        self.grad_outputs = spread
        if self.input_places is None:
            self._call_hooks((None,) * self.input_count, spread, may_replace=False)
            self.grad_outputs = None
        return tuple(spread[place] for place in places)

    def _at_inputs(self, gradients: tuple[Any, ...], _: Any) -> Any:
        if self.grad_outputs is None or self.input_places is None:
            return None
        spread = _spread(gradients, self.input_places, self.input_count)
        spread = self._call_hooks(spread, self.grad_outputs, may_replace=True)
        self.grad_outputs = None
        return tuple(spread[place] for place in self.input_places)

    def _call_hooks(
        self, grad_inputs: tuple[Any, ...], grad_outputs: tuple[Any, ...], may_replace: bool
    ) -> Any:
        for hook in self.hooks:
            replacement = hook(self.module, grad_inputs, grad_outputs)
            if replacement is None:
                continue
            if not may_replace:
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or "
                    "None for all gradients."
                )
            grad_inputs = _as_tuple(replacement, len(grad_inputs), "Backward hook", "grad_input")
        return grad_inputs


def _pass_through(values: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[int], Any]:
    """``values`` with its tensors gated, the places of these, and the gate's node (None: no gradient
    passes).
    """
    places = [i for i, value in enumerate(values) if isinstance(value, Tensor)]
    if not any(values[i].requires_grad for i in places):
        return values, places, None
    gated = list(values)
    node = None
    for place, tensor in zip(places, _Gate.apply(*(values[i] for i in places)), strict=True):
        gated[place] = tensor
        node = node or tensor.grad_fn
    return tuple(gated), places, node


def _spread(gradients: tuple[Any, ...], places: list[int], count: int) -> tuple[Any, ...]:
    """The gradients at their places among ``count`` values, None at the others."""
    spread: list[Any] = [None] * count
    for place, gradient in zip(places, gradients, strict=True):
        spread[place] = gradient
    return tuple(spread)


def _as_tuple(replacement: Any, count: int, hook: str, name: str) -> tuple[Any, ...]:
    given = replacement if isinstance(replacement, tuple) else (replacement,)
    if len(given) != count:
        raise RuntimeError(
            f"{hook} returned an invalid number of {name}, got {len(given)}, but expected {count}"
        )
    return given
