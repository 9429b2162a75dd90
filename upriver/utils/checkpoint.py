"""Checkpointing: memory against time. What a part of a model saves for backward is computed again when
needed.

Without reentry (``use_reentrant=False``) the part is recorded as ever, but its nodes keep numbered places in
place of values; the first value that backward asks for runs the part again and fills the places. With reentry
the part is one node, whose backward runs it again and then backward through it.

The run must repeat itself. PyTorch compares the number, shapes and types of what is saved; here the values
are compared as well, by checksum, and an error names the operator and its line.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from ..autograd import Function, backward, enable_grad, is_grad_enabled, no_grad
from ..autograd.modes import state
from ..errors import CheckpointError, explain
from ..ops.generator import get_rng_state, set_rng_state
from ..tensor import Tensor
from .recomputation import CHECKS, Region

__all__ = [
    "CheckpointError",
    "checkpoint",
    "checkpoint_sequential",
    "noop_context_fn",
    "set_checkpoint_debug_enabled",
    "set_checkpoint_early_stop",
]

Contexts = tuple[AbstractContextManager[Any], AbstractContextManager[Any]]


class _Overrides:
    """What the context managers below have set, for all checkpoints."""

    debug: bool | None = None
    early_stop: bool | None = None


@contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """Within it ``enabled`` counts, whatever ``debug`` says to :func:`checkpoint`; None leaves it to that."""
    before = _Overrides.debug
    _Overrides.debug = enabled
    try:
        yield
    finally:
        _Overrides.debug = before


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Within it ``enable`` counts, whatever ``early_stop`` says to :func:`checkpoint`."""
    before = _Overrides.early_stop
    _Overrides.early_stop = enable
    try:
        yield
    finally:
        _Overrides.early_stop = before


def noop_context_fn() -> Contexts:
    """Two contexts that do nothing: the default of ``context_fn``."""
    return nullcontext(), nullcontext()


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], Contexts] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """``function(*args, **kwargs)``; what it saves for backward is dropped, and computed again when needed.

    ``use_reentrant`` should be False, and must be passed (else a warning, and True as in PyTorch): the
    reentrant variant takes no keyword arguments, works with ``backward()`` alone, and gives no gradients at
    all where no argument requires one. ``preserve_rng_state``: the second run draws the random numbers of
    the first. ``context_fn`` returns two context managers, around the first run and the second.
    ``early_stop``: the second run ends with the last value needed.

    ``determinism_check``: "default" compares number, shapes, types and values of what is saved, "metadata"
    all but the values (PyTorch's default), "none" nothing. ``debug``: errors list all that was saved.

    Raises :class:`CheckpointError` during backward if the second run differs, RuntimeError if an argument
    was written in between, ValueError for unknown settings.

    >>> import upriver as up
    >>> x = up.tensor([1.0, 2.0], requires_grad=True)
    >>> y = up.utils.checkpoint.checkpoint(lambda t: (t * t).exp(), x, use_reentrant=False)
    >>> y.sum().backward(); x.grad
    tensor([  5.4366, 218.3926])
    """
    if use_reentrant is None:
        _warn_unspecified(UNSPECIFIED)
        use_reentrant = True
    if use_reentrant:
        if kwargs:
            raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
        if context_fn is not noop_context_fn or debug is not False:
            raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        return _Reentrant.apply(function, preserve_rng_state, *args)
    debug = debug if _Overrides.debug is None else _Overrides.debug
    if debug and context_fn is not noop_context_fn:
        raise ValueError("debug=True is incompatible with non-default context_fn")
    if determinism_check not in CHECKS:
        raise ValueError(f"determinism_check should be one of {list(CHECKS)}, but got {determinism_check}")
    first, second = context_fn()
    if not is_grad_enabled():
        return function(*args, **kwargs)
    stop = early_stop if _Overrides.early_stop is None else _Overrides.early_stop
    rng = get_rng_state() if preserve_rng_state else None

    def again(*given: Any) -> None:
        with _random_numbers_of(rng), second:
            function(*given, **kwargs)

    region = Region(again, args, determinism_check, stop, debug)
    with region.recording(), first:
        result = function(*args, **kwargs)
    region.complete = True
    return result


UNSPECIFIED = (
    "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch "
    "2.9, calling checkpoint without use_reentrant will raise an exception. "
)
UNSPECIFIED_IN_SEQUENCE = (
    "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be passed explicitly. "
    "In version 2.9 we will raise an exception if use_reentrant is not passed. "
)


def _warn_unspecified(sentence: str) -> None:
    advice = (
        "use_reentrant=False is recommended, but if you need to preserve the current default behavior, you "
        "can pass use_reentrant=True. Refer to docs for more details on the differences between the two "
        "variants."
    )
    mend = "mend it: pass use_reentrant=False."
    warnings.warn(explain(sentence + advice, mend), UserWarning, stacklevel=3)


@contextmanager
def _random_numbers_of(rng: Tensor | None) -> Iterator[None]:
    """Draw the numbers that follow on the state ``rng`` within, and leave the generator as it was."""
    if rng is None:
        yield
        return
    before = get_rng_state()
    set_rng_state(rng)
    try:
        yield
    finally:
        set_rng_state(before)


# -- the reentrant variant -----------------------------------------------------------------------------------


class _Reentrant(Function):
    """The part as one node: forward unrecorded, backward by running it again."""

    @staticmethod
    def forward(ctx: Any, function: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        """The function's value; the tensors among its arguments are saved."""
        if not any(isinstance(each, Tensor) and each.requires_grad for each in args):
            warnings.warn(
                explain(
                    "None of the inputs have requires_grad=True. Gradients will be None",
                    "the parameters inside get no gradient either.",
                    "mend it: use_reentrant=False, which needs no such input.",
                ),
                UserWarning,
                stacklevel=5,
            )
        ctx.function = function
        ctx.rng = get_rng_state() if preserve else None
        ctx.constants = [None if isinstance(each, Tensor) else each for each in args]
        ctx.positions = [index for index, each in enumerate(args) if isinstance(each, Tensor)]
        ctx.save_for_backward(*(args[index] for index in ctx.positions))
        with no_grad():
            return function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Run the function again, recorded, and backward through it; its parameters get theirs on the way."""
        if any(each.targets is not None for each in state.passes):
            raise RuntimeError(
                "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an "
                "`inputs` parameter to .backward(). To resolve this error, you can either set "
                "use_reentrant=False, or call .backward() without passing the `inputs` argument."
            )
        inputs = list(ctx.constants)
        for index, t in zip(ctx.positions, ctx.saved_tensors, strict=True):
            inputs[index] = t.detach().requires_grad_(t.requires_grad)
        with _random_numbers_of(ctx.rng), enable_grad():
            outputs = ctx.function(*inputs)
        outputs = (outputs,) if isinstance(outputs, Tensor) else outputs
        pairs = [
            (t, g) for t, g in zip(outputs, grads, strict=True) if isinstance(t, Tensor) and t.requires_grad
        ]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([t for t, _ in pairs], [g for _, g in pairs])
        return (None, None, *(each.grad if isinstance(each, Tensor) else None for each in inputs))


# -- a sequence in segments ----------------------------------------------------------------------------------


def checkpoint_sequential(
    functions: Any, segments: int, input: Tensor, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """A Sequential, or a list of functions, applied in ``segments`` parts, each but the last checkpointed.

    ``preserve_rng_state`` and ``use_reentrant`` as for :func:`checkpoint`. Raises ValueError for other
    keyword arguments.

    >>> import upriver as up
    >>> x = up.ones(2, requires_grad=True)
    >>> layers = [up.exp, up.sin, up.square]
    >>> y = up.utils.checkpoint.checkpoint_sequential(layers, 3, x, use_reentrant=False)
    >>> y.sum().backward(); x.grad
    tensor([-2.0361, -2.0361])
    """
    if use_reentrant is None:
        _warn_unspecified(UNSPECIFIED_IN_SEQUENCE)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    children = getattr(functions, "children", None)
    steps = list(functions if children is None else children())
    size = len(steps) // segments
    end = 0
    for start in range(0, size * (segments - 1), size or 1):
        end = start + size
        input = checkpoint(
            _in_turn(steps[start:end]), input, use_reentrant=use_reentrant, preserve_rng_state=preserve
        )
    return _in_turn(steps[end:])(input)


def _in_turn(steps: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def run(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return run
