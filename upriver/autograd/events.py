"""One protocol for every outside view: a listener hears of each call of a thread, and runs it.

NOTE [ Listening ]. With nobody listening, upriver's functions know nothing of listeners: no branch, no
wrapper. :class:`Listening` exchanges the ``__code__`` of the functions it is given, as the table of operators
does when it specialises them (see :mod:`upriver.ops.recorder`), so a call is heard through whatever
reference it is made: a method, an operator of Python, a name imported long before. The original goes on as
another function object, and ``stop()`` puts its code back.

A listener does not hear what it does itself, nor what runs inside a call that it heard: a composite is one
call. Inside *transparent* calls (of a module, of backward, of an optimiser's step) it goes on hearing.
Listeners belong to the thread that started them; other threads' calls pass through.
"""

from __future__ import annotations

import sys
from _thread import allocate_lock
from collections.abc import Callable, Iterable
from functools import cache
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple, Protocol

from ..errors import GENERATED
from .modes import state

__all__ = ["Heard", "Listener", "Listening", "silence"]

Run = Callable[..., Any]


class Listener(Protocol):
    """Who hears of calls."""

    def called(
        self, name: str, run: Run, args: tuple[Any, ...], kwargs: dict[str, Any], frame: FrameType
    ) -> Any:
        """``frame`` calls the function known as ``name``: return ``run(*args, **kwargs)``, or another result
        in its place.
        """


class Heard(NamedTuple):
    """A function to listen to."""

    function: Any  # a FunctionType, which as a field's type would be taken for a method
    name: str
    transparent: bool = False  # whether calls inside of it are heard as well


class Listening:
    """A listener at work: in this thread, from :meth:`start` to :meth:`stop`. Listeners nest.

    >>> import upriver as up
    >>> class Shows:
    ...     def called(self, name, run, args, kwargs, frame):
    ...         print(name)
    ...         return run(*args, **kwargs)
    >>> x = up.ones(2)
    >>> with Listening(Shows(), [Heard(up.exp, "exp")]):
    ...     y = x.exp()
    exp
    """

    def __init__(self, listener: Listener, functions: Iterable[Heard]) -> None:
        self.called = listener.called
        self._functions = tuple(functions)
        self.active = False

    def start(self) -> None:
        """Begin. Raises RuntimeError if it has begun already."""
        if self.active:
            raise RuntimeError("this listener is listening already")
        for each in self._functions:
            _begin(each)
        self.active = True
        state.listeners = (*state.listeners, self)

    def stop(self) -> None:
        """End, in the thread that has started it; doing so twice is harmless."""
        if self.active:
            self.active = False
            state.listeners = tuple(each for each in state.listeners if each is not self)
            for each in self._functions:
                _end(each.function)

    def __enter__(self) -> Listening:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


class silence:
    """A context in which nobody hears what this thread calls."""

    def __enter__(self) -> None:
        self.listeners = state.listeners
        state.listeners = ()

    def __exit__(self, *error: object) -> None:
        state.listeners = _still(self.listeners)


class _Exchanged:
    """A function whose code is that of a caller of listeners for now."""

    __slots__ = ("function", "listeners", "plain")

    def __init__(self, heard: Heard) -> None:
        function: Any = heard.function
        self.function = function
        self.listeners = 0
        self.plain: Any = FunctionType(
            function.__code__,
            function.__globals__,
            function.__name__,
            function.__defaults__,
            function.__closure__,
        )
        self.plain.__kwdefaults__ = function.__kwdefaults__
        self.plain.__qualname__ = function.__qualname__
        self._rename(function, self.plain)
        function.__kwdefaults__ = {
            **(function.__kwdefaults__ or {}), PASSED: _caller(heard.name, self.plain, heard.transparent)
        }  # fmt: skip
        function.__code__ = _calling(len(function.__closure__ or ())).replace(
            co_name=function.__name__, co_qualname=function.__qualname__
        )

    def undo(self) -> None:
        """Put back the original's code: what it has become, if it has specialised itself meanwhile."""
        function, plain = self.function, self.plain
        self._rename(plain, function)
        function.__defaults__ = plain.__defaults__
        # before the code, which may ask for them, and once more without what the other code has asked for
        function.__kwdefaults__ = {**(plain.__kwdefaults__ or {}), PASSED: function.__kwdefaults__[PASSED]}
        function.__code__ = plain.__code__
        function.__kwdefaults__ = plain.__kwdefaults__

    def _rename(self, before: Any, after: Any) -> None:
        """A function of the table of operators knows itself, to specialise itself: that is ``after`` now."""
        if before.__globals__.get("itself") is before:
            before.__globals__["itself"] = after


PASSED = "upriver_heard"  # the keyword under which the exchanged code gets its caller of listeners
_exchanged: dict[Any, _Exchanged] = {}  # by function
_lock = allocate_lock()


def _begin(heard: Heard) -> None:
    with _lock:
        exchanged = _exchanged.get(heard.function)
        if exchanged is None:
            exchanged = _exchanged[heard.function] = _Exchanged(heard)
        exchanged.listeners += 1


def _end(function: Any) -> None:
    with _lock:
        exchanged = _exchanged[function]
        exchanged.listeners -= 1
        if not exchanged.listeners:
            del _exchanged[function]
            exchanged.undo()


@cache
def _calling(free: int) -> CodeType:
    """The code that is put in the place of a function's own; it must have as many free variables."""
    names = ", ".join(f"free_{n}" for n in range(free))
    source = (
        f"def around({names}):\n"
        f"    def call(*args, {PASSED}, **kwargs):\n"
        f"        if False: {names or 'pass'}\n"
        f"        return {PASSED}(args, kwargs)\n"
        "    return call\n"
    )
    made: dict[str, Any] = {}
    exec(compile(source, f"{GENERATED}listening>", "exec"), made)
    code: CodeType = made["around"](*range(free)).__code__
    return code


def _caller(name: str, plain: Run, transparent: bool) -> Callable[[Any, Any], Any]:
    """What runs in the place of ``plain``."""

    def call(args: Any, kwargs: Any) -> Any:
        listeners = state.listeners
        if not listeners:
            return plain(*args, **kwargs)
        frame = sys._getframe(2)
        run: Run = _aloud(plain, listeners) if transparent else plain
        if len(listeners) > 1:
            for inner in listeners[:-1]:
                run = _through(inner, name, run, frame)
        state.listeners = ()
        try:
            return listeners[-1].called(name, run, args, kwargs, frame)
        finally:
            state.listeners = _still(listeners)

    return call


def _still(listeners: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without those that have stopped inside a call."""
    for each in listeners:
        if not each.active:
            return tuple(each for each in listeners if each.active)
    return listeners


def _aloud(plain: Run, listeners: tuple[Any, ...]) -> Run:
    """``plain``, with the listeners hearing what it calls."""

    def run(*args: Any, **kwargs: Any) -> Any:
        before = state.listeners
        state.listeners = _still(listeners)
        try:
            return plain(*args, **kwargs)
        finally:
            state.listeners = before

    return run


def _through(listener: Any, name: str, run: Run, frame: FrameType) -> Run:
    """``run`` as heard by ``listener``."""
    return lambda *args, **kwargs: listener.called(name, run, args, kwargs, frame)
