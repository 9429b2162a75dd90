"""Which operations are recorded: grad mode, inference mode, and who is watching. Thread-local, nestable."""

from __future__ import annotations

import abc
import functools
from _thread import _local, get_ident  # threading.local, without the cost of importing threading
from collections.abc import Callable
from typing import Any, Self, TypeVar, cast, overload

__all__ = [
    "enable_grad",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_grad_enabled",
]

Function = TypeVar("Function", bound=Callable[..., Any])

# Levels of `state.level`, the one number that an operator reads on its hot path. Below OFF nothing is
# recorded there and then: DUAL results are finished (and recorded, where wanted) by upriver.ops.tangents.
DUAL, INFERENCE, OFF, ON, OBSERVED = -2, -1, 0, 1, 2


class Observer:
    """Somebody who watches a thread's operations. With nobody watching, an operator pays one comparison."""

    explains = False  # whether it shows the forward of a node that fails, so that the error can point there

    def made(self, node: Any, result: Any) -> None:
        """``node`` was recorded, and ``result`` (a tensor, or a tuple of them) is what it made."""

    def ran(self, node: Any, gradients: tuple[Any, ...]) -> None:
        """Backward has run ``node`` and got ``gradients``."""

    def failed(self, node: Any) -> None:
        """Running ``node`` has raised."""


# The threads whose level is not ON: while there are none, operators need not look theirs up.
UNUSUAL: set[int] = set()


class _State(_local):
    """A thread starts with gradients on and nobody watching (class attributes are the defaults)."""

    level = ON
    grad = True
    inference = False
    observers: tuple[Observer, ...] = ()
    listeners: tuple[Any, ...] = ()  # who hears of calls, see events.py
    dual: Any = None  # the forward_ad.DualLevel this thread is in
    passes: tuple[Any, ...] = ()  # the backward passes this thread is in, innermost last

    def settle(self) -> None:
        """Recompute ``level`` after one of the other fields changed."""
        if self.inference:
            level = INFERENCE
        elif self.dual is not None:
            level = DUAL
        elif not self.grad:
            level = OFF
        else:
            level = OBSERVED if self.observers else ON
        self.level = level
        (UNUSUAL.discard if level == ON else UNUSUAL.add)(get_ident())

    @property
    def recording(self) -> bool:
        """Whether operations are recorded: what ``level > 0`` says outside dual levels."""
        return self.grad and not self.inference


state = _State()


GENERATOR = 0x20  # the flag of a code object that yields (inspect.CO_GENERATOR)


def _is_generator(function: Callable[..., Any]) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & GENERATOR)


class _Mode:
    """A context manager and decorator; as a decorator of a generator it is re-entered at each step."""

    @abc.abstractmethod
    def __enter__(self) -> None:
        """Set the mode, remembering the one before."""

    @abc.abstractmethod
    def __exit__(self, *error: object) -> None:
        """Restore the mode from before."""

    def _again(self) -> _Mode:
        """A fresh instance with the same setting: one decorator serves recursive and parallel calls."""
        return type(self)()

    def __call__(self, function: Function) -> Function:
        if isinstance(function, type):
            raise TypeError(
                f"{type(self).__name__} decorates functions, but got the class {function.__name__}"
            )
        if _is_generator(function):
            return cast(Function, self._wrap_generator(function))

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return function(*args, **kwargs)

        return cast(Function, call)

    def _wrap_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def generate(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            step: Callable[[], Any] = lambda: next(generator)  # noqa: E731 - replaced at each turn
            try:
                while True:
                    with self._again():
                        produced = step()
                    try:
                        sent = yield produced
                    except GeneratorExit:
                        raise
                    except BaseException as thrown:
                        step = functools.partial(generator.throw, thrown)
                    else:
                        step = functools.partial(generator.send, sent)
            except StopIteration as stop:
                return stop.value
            finally:
                with self._again():
                    generator.close()

        return generate


class _GradMode(_Mode):
    wanted: bool

    @overload
    def __new__(cls) -> Self: ...
    @overload
    def __new__(cls, function: Function) -> Function: ...  # type: ignore[misc]
    def __new__(cls, function: Function | None = None) -> Any:
        mode = super().__new__(cls)
        return mode if function is None else mode(function)

    def __enter__(self) -> None:
        self.previous = state.grad
        state.grad = self.wanted
        state.settle()

    def __exit__(self, *error: object) -> None:
        state.grad = self.previous
        state.settle()


class no_grad(_GradMode):
    """Record nothing: results do not require grad. A context manager, or a decorator with or without ``()``.

    Views made inside still share memory and version. Factories with ``requires_grad=True`` are exempt.

    >>> import upriver as up
    >>> x = up.ones(3, requires_grad=True)
    >>> with up.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    wanted = False


class enable_grad(_GradMode):
    """Record again inside :class:`no_grad`; the innermost mode wins."""

    wanted = True


class set_grad_enabled(_Mode):
    """Turn recording on or off, as a function (until changed) or as a context manager."""

    def __init__(self, mode: bool) -> None:
        self.mode = bool(mode)
        self.previous = state.grad
        state.grad = self.mode
        state.settle()

    def __enter__(self) -> None:
        state.grad = self.mode
        state.settle()

    def __exit__(self, *error: object) -> None:
        state.grad = self.previous
        state.settle()

    def _again(self) -> _Mode:
        return set_grad_enabled(self.mode)

    def __call__(self, function: Function) -> Function:
        state.grad = self.previous
        state.settle()
        return super().__call__(function)


class inference_mode(_Mode):
    """As :class:`no_grad`, and the tensors made inside keep no version: they can never be saved for backward.

    >>> import upriver as up
    >>> with up.inference_mode():
    ...     y = up.ones(2) * 2
    >>> y.is_inference()
    True
    """

    def __new__(cls, mode: bool | Callable[..., Any] = True) -> Any:
        made = super().__new__(cls)
        made.mode = True
        return made(mode) if callable(mode) else made

    def __init__(self, mode: bool = True) -> None:
        self.mode = bool(mode)

    def __enter__(self) -> None:
        self.previous = (state.inference, state.grad)
        state.inference = self.mode
        state.grad = not self.mode
        state.settle()

    def __exit__(self, *error: object) -> None:
        state.inference, state.grad = self.previous
        state.settle()

    def _again(self) -> _Mode:
        return cast(_Mode, inference_mode(self.mode))


def is_grad_enabled() -> bool:
    """Whether operations are being recorded in this thread."""
    return state.grad


def is_inference_mode_enabled() -> bool:
    """Whether this thread is inside :class:`inference_mode`."""
    return state.inference
