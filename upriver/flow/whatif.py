"""What if? One place of a program, run in each way that a gradient can pass or not pass it, and measured.

Which of detach, no_grad, clone and checkpoint is right depends on what is kept, copied, computed again and
lost. :func:`what_if` runs the program with each and writes the ledger.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from ..autograd.kept import saved_bytes
from ..autograd.modes import Observer, no_grad, state
from ..errors import explain, user_frame
from ..ops.generator import get_rng_state, set_rng_state
from ..tensor import Tensor, same_memory
from ..utils.checkpoint import checkpoint
from .names import Names
from .reach import Reach
from .words import size

__all__ = ["Alternative", "Ledger", "what_if"]

REPEATS = 5


@dataclass(frozen=True)
class Alternative:
    """What one way of passing the place costs."""

    name: str  # "keep", "detach", "no_grad", "clone" or "checkpoint"
    kept_bytes: int  # that the graph keeps alive for backward; see upriver.autograd.kept
    nodes: int  # operators in the graph
    copied_bytes: int  # by the alternative itself
    recomputed: int  # operators that backward ran again
    forward_seconds: float  # the shortest of several runs
    backward_seconds: float
    lost: tuple[str, ...]  # leaves that "keep" reaches and this does not

    def cells(self) -> tuple[str, ...]:
        """Its line of the table."""
        more = f" and {len(self.lost) - 4} more" if len(self.lost) > 4 else ""
        return (
            self.name,
            size(self.kept_bytes),
            str(self.nodes),
            size(self.copied_bytes),
            str(self.recomputed),
            f"{self.forward_seconds * 1e3:.2f} ms",
            f"{self.backward_seconds * 1e3:.2f} ms",
            ", ".join(self.lost[:4]) + more or "nothing",
        )


@dataclass(frozen=True)
class Ledger:
    """The measured alternatives, and why others are not among them; printed as a table."""

    alternatives: tuple[Alternative, ...]
    left_out: dict[str, str]

    def __getitem__(self, name: str) -> Alternative:
        for each in self.alternatives:
            if each.name == name:
                return each
        why = self.left_out.get(name, f"there are {', '.join(each.name for each in self.alternatives)}")
        raise KeyError(f"no alternative {name!r}: {why}")

    def __str__(self) -> str:
        head = ("", "kept", "nodes", "copied", "recomputed", "forward", "backward", "loses the gradient of")
        table = [head, *(each.cells() for each in self.alternatives)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(
                text.ljust(width) if column in (0, len(head) - 1) else text.rjust(width)
                for column, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in table
        ]
        return "\n".join([*lines, *(f"{name} left out: {why}" for name, why in self.left_out.items())])


def what_if(function: Callable[..., Any], *args: Any, repeats: int = REPEATS) -> Ledger:
    """Run ``function(site, *args)`` with each alternative at the site, and measure.

    ``function`` returns a loss, a tensor of one element. At the place in question it calls ``site``: with the
    function that makes the value, as ``h = site(encoder, x)`` for ``h = encoder(x)``, or with the value, as
    ``h = site(h)``; then no_grad and checkpoint, which concern how it is made, are left out.

    Each alternative runs ``repeats + 1`` times, forward and backward, from one state of the random numbers;
    that state and the leaves' ``grad`` are put back afterwards. What else the function changes, running
    averages say, changes each time, and hooks run. Lost leaves are those that are there before each run.

    Raises TypeError if ``function`` is not callable or its loss is no tensor of upriver, RuntimeError if it
    does not call ``site``, or if its loss has no history as it is.

    >>> import upriver as up
    >>> from upriver.flow.whatif import what_if
    >>> encoder, head, x = up.nn.Linear(8, 8), up.nn.Linear(8, 1), up.ones(4, 8)
    >>> ledger = what_if(lambda site: head(site(encoder, x)).sum())
    >>> ledger["detach"].lost, ledger["clone"].copied_bytes
    (('encoder.weight', 'encoder.bias'), 128)
    >>> ledger["keep"].kept_bytes > ledger["no_grad"].kept_bytes
    True
    """
    if not callable(function):
        raise TypeError(
            f"what_if() takes a function of a site, but got {type(function).__name__}; call it as "
            "what_if(lambda site: loss_of(site(encoder, x)))"
        )
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, but is {repeats}")
    frame = user_frame(sys._getframe(1))
    left_out: dict[str, str] = {}
    with _random_numbers_kept() as restart:
        first = _Run(function, args, "keep", restart)
        keep = _Run(function, args, "keep", restart)
        known = {key: t for key, t in keep.leaves.items() if key in first.leaves}
        _check(keep)
        names = _names(known, frame)
        runs = [keep]
        for name in ("detach", "no_grad", "clone", "checkpoint"):
            why = _unable(name, keep)
            if why:
                left_out[name] = why
            else:
                runs.append(_Run(function, args, name, restart))
        for run in runs * repeats:  # in turn, so that a busy moment of the machine falls on all of them
            run.clock()
    return Ledger(tuple(_alternative(run, names) for run in runs), left_out)


# -- the site ------------------------------------------------------------------------------------------------


class _Place:
    """What a program calls at the place in question."""

    def __init__(self, alternative: str) -> None:
        self.alternative = alternative
        self.calls = 0
        self.values = 0  # calls that were given a value
        self.copied = 0

    def __call__(self, made: Any, *inputs: Any) -> Any:
        self.calls += 1
        if isinstance(made, Tensor):
            self.values += 1
            if inputs:
                raise TypeError(
                    "site() takes a value alone, or a function and its inputs; it got a value and inputs"
                )
            return self._passed(made)
        if not callable(made):
            raise TypeError(
                f"site() takes a tensor, or a function and its inputs, but got {type(made).__name__}"
            )
        if self.alternative == "checkpoint":
            return checkpoint(made, *inputs, use_reentrant=False)
        if self.alternative == "no_grad":
            with no_grad():
                return made(*inputs)
        return self._passed(made(*inputs))

    def _passed(self, value: Any) -> Any:
        """The value, or the tensors of a collection of values, detached or copied."""
        if isinstance(value, (tuple, list)):
            passed = [self._passed(each) for each in value]
            return type(value)(*passed) if hasattr(value, "_fields") else type(value)(passed)
        if not isinstance(value, Tensor) or self.alternative not in ("detach", "clone"):
            return value
        result = getattr(value, self.alternative)()
        if not same_memory(result._array, value._array):
            self.copied += result.nbytes
        return result


def _unable(alternative: str, keep: _Run) -> str:
    """Why an alternative cannot be measured here; empty if it can."""
    if alternative in ("no_grad", "checkpoint") and keep.place.values:
        return "it concerns how the value is made: call site(function, *inputs), not site(value)"
    return ""


# -- measuring -----------------------------------------------------------------------------------------------


class _Counter(Observer):
    """How many operators were recorded."""

    def __init__(self) -> None:
        self.count = 0

    def made(self, node: Any, result: Any) -> None:
        """One more."""
        self.count += 1

    def __enter__(self) -> _Counter:
        state.observers = (*state.observers, self)
        state.settle()
        return self

    def __exit__(self, *error: object) -> None:
        state.observers = tuple(each for each in state.observers if each is not self)
        state.settle()


class _Run:
    """One run of the program with one alternative: what it kept, and what backward ran again."""

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        alternative: str,
        restart: Callable[[], None],
    ) -> None:
        self.function, self.args, self.alternative, self.restart = function, args, alternative, restart
        loss = self.forward()
        self.traced = isinstance(loss, Tensor) and loss.requires_grad
        self.kind = f"{list(loss.shape)}" if isinstance(loss, Tensor) else type(loss).__name__
        self.kept = saved_bytes(loss) if self.traced else 0
        self.leaves, self.nodes = _graph(loss) if self.traced else ({}, 0)
        with _Counter() as counter:
            self.backward(loss)
        self.recomputed = counter.count
        self.forward_seconds = self.backward_seconds = float("inf")

    def forward(self) -> Any:
        """The loss."""
        self.restart()
        self.place = _Place(self.alternative)
        return self.function(self.place, *self.args)

    def backward(self, loss: Any) -> None:
        """Run it, and put the leaves' gradients back."""
        if not self.traced or loss.numel() != 1:
            return
        held = [(t, t._grad) for t in self.leaves.values()]
        try:
            for t, _ in held:
                t._grad = None
            loss.backward()
        finally:
            for t, gradient in held:
                t._grad = gradient

    def clock(self) -> None:
        """Run it once more, with nobody counting, and keep the times if they are the shortest so far."""
        start = time.perf_counter()
        loss = self.forward()
        middle = time.perf_counter()
        self.backward(loss)
        end = time.perf_counter()
        self.forward_seconds = min(self.forward_seconds, middle - start)
        self.backward_seconds = min(self.backward_seconds, end - middle) if self.traced else 0.0


def _graph(loss: Tensor) -> tuple[dict[int, Tensor], int]:
    """The leaves that a loss reaches, by id, and the number of operators."""
    nodes = Reach(loss).nodes.values()
    leaves = [node.variable for node in nodes if hasattr(node, "variable")]
    return {id(t): t for t in leaves}, len(nodes) - len(leaves)


def _check(keep: _Run) -> None:
    if not keep.place.calls:
        raise RuntimeError(
            explain(
                "what_if(): the function did not call its site, so there is nothing to compare.",
                "mend it: write h = site(encoder, x) in place of h = encoder(x), or h = site(h).",
            )
        )
    if not keep.kind.startswith("["):
        raise TypeError(f"what_if(): the function must return its loss, a tensor, but returned {keep.kind}")
    if not keep.traced or keep.kind not in ("[]", "[1]"):
        found = f"one of shape {keep.kind}" if keep.traced else "one without history"
        raise RuntimeError(
            f"what_if(): the function must return a loss of one element that requires grad, but got {found}"
        )


def _names(leaves: dict[int, Tensor], frame: FrameType) -> dict[int, str]:
    names = Names()
    for variable, module in names.find_modules(frame):
        names.learn_module(variable, module)
    return {
        key: names.of(t, frame) or f"a leaf of shape {list(t.shape)}" for key, t in reversed(leaves.items())
    }


def _alternative(run: _Run, names: dict[int, str]) -> Alternative:
    """A line of the ledger."""
    return Alternative(
        run.alternative,
        run.kept,
        run.nodes,
        run.place.copied,
        run.recomputed,
        run.forward_seconds,
        run.backward_seconds,
        tuple(name for key, name in names.items() if key not in run.leaves),
    )


@contextmanager
def _random_numbers_kept() -> Iterator[Callable[[], None]]:
    """Gives a function that starts the random numbers again where they were; leaves them there."""
    before = get_rng_state()
    try:
        yield lambda: set_rng_state(before)
    finally:
        set_rng_state(before)
