"""Random programs over Tensors: drawn once, run on any library, and what they show compared."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import strategies as st

from tests.oracle import to_numpy

Step = tuple[str, int, int]

UNARY: dict[str, Callable[[Any], Any]] = {
    "neg": lambda x: -x,
    "scale": lambda x: x * 0.5,
    "shift": lambda x: x + 1.5,
    "tanh": lambda x: x.tanh(),
    "exp": lambda x: (x * 0.1).exp(),
    "sigmoid": lambda x: x.sigmoid(),
    "square": lambda x: x * x * 0.25,
    "relu": lambda x: x.relu(),
    "softmax": lambda x: x.softmax(-1),
    "sum": lambda x: x.sum(0, keepdim=True) * 0.3 + x,
    "max": lambda x: x.max(1, keepdim=True).values + x,
    "cumsum": lambda x: x.cumsum(0) * 0.3,
    "flip": lambda x: x.flip(0),
    "clone": lambda x: x.clone(),
    "floor": lambda x: x.floor(),
    "sort": lambda x: x.sort(1).values,
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y * 0.3,
    "matmul": lambda x, y: (x @ y) * 0.3,
    "maximum": lambda x, y: x.maximum(y),
    "row": lambda x, y: x + y[0],
    "column": lambda x, y: x * y[:, :1] * 0.3,
    "div": lambda x, y: x / (y * y + 1.0),
}
VIEWS: dict[str, Callable[[Any], Any]] = {
    "t": lambda x: x.t(),
    "view": lambda x: x.view_as(x),
    "slice": lambda x: x[:, :],
    "row expanded": lambda x: x[1].expand(3, 3),
    "column expanded": lambda x: x[:, 2:].expand(3, 3),
    "unsqueezed": lambda x: x.unsqueeze(0)[0],
    "diagonal": lambda x: x.diagonal().expand(3, 3),
    "split": lambda x: x.split(3)[0] if x.requires_grad else x,
    "no_grad": lambda x: x,
}
WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "add_": lambda x, y: x.add_(0.5),
    "mul_": lambda x, y: x.mul_(0.7),
    "add_ tensor": lambda x, y: x.add_(y),
    "mul_ tensor": lambda x, y: x.mul_(y),
    "copy_": lambda x, y: x.copy_(y),
    "row": lambda x, y: x[0].mul_(0.5),
    "set row": lambda x, y: x.__setitem__(1, y[0]),
    "set column": lambda x, y: x.__setitem__((slice(None), 0), 0.25),
    "set number": lambda x, y: x.__setitem__((2, 2), 1.0),
    "t row": lambda x, y: x.t()[1].add_(y[2]),
    "zero_": lambda x, y: x.zero_(),
    "tanh_": lambda x, y: x.tanh_(),
    "masked": lambda x, y: x.masked_fill_(y > 0, 0.1),
}
CUTS: dict[str, Callable[[Any], Any]] = {
    "detach": lambda x: x.detach(),
    "data": lambda x: x.data,
    "detach_": lambda x: (x * 1.0).detach_(),
    "leaf": lambda x: x.detach().clone().requires_grad_(),
    "retain_grad": lambda x: (x.retain_grad(), x)[1],
    "detach clone": lambda x: x.detach().clone(),
}
GROUPS: dict[str, dict[str, Callable[..., Any]]] = {
    "unary": UNARY,
    "binary": BINARY,
    "view": VIEWS,
    "write": WRITES,
    "cut": CUTS,
}


@dataclass(frozen=True)
class Program:
    """Steps over a list of 3x3 Tensors that grows: (operation, first operand, second), no_grad or not."""

    steps: tuple[tuple[Step, bool], ...]
    outputs: tuple[int, ...]

    def __str__(self) -> str:
        return "\n".join(f"{op}({a}, {b}){' in no_grad' if off else ''}" for (op, a, b), off in self.steps)


def programs(length: int = 12, groups: tuple[str, ...] = tuple(GROUPS)) -> st.SearchStrategy[Program]:
    """Programs of up to `length` steps from some of the groups."""
    names = [f"{group}.{name}" for group in groups for name in GROUPS[group]]
    number = st.integers(0, 7)
    step = st.tuples(st.tuples(st.sampled_from(names), number, number), st.sampled_from([False] * 5 + [True]))
    steps = st.lists(step, min_size=1, max_size=length).map(tuple)
    return st.builds(Program, steps, st.tuples(number, number))


def start(lib: Any) -> list[Any]:
    """Two leaves that require a gradient and a constant."""
    values = [[0.3, -0.8, 1.1], [0.7, 0.2, -0.4], [-1.2, 0.9, 0.5]]
    leaves = [lib.tensor(values, dtype=lib.float64, requires_grad=True)]
    leaves.append(
        lib.tensor([[v * 0.5 + 0.2 for v in row] for row in values], dtype=lib.float64, requires_grad=True)
    )
    return [*leaves, lib.tensor(values, dtype=lib.float64) * 0.9]


def take(lib: Any, tensors: list[Any], step: Step, off: bool) -> None:
    """One step: appends its result, if it has one."""
    name, a, b = step
    group, _, operation = name.partition(".")
    first, second = tensors[a % len(tensors)], tensors[b % len(tensors)]
    function: Any = GROUPS[group][operation]
    if group == "write" and undefined(operation, first, second):
        return
    with lib.set_grad_enabled(not off or group == "view"):  # a no_grad view's flags are PyTorch's own affair
        result = function(first, second) if group in ("binary", "write") else function(first)
    if group != "write":
        tensors.append(result)


def backward(tensors: list[Any], outputs: tuple[int, ...]) -> None:
    """From a weighted sum of some Tensors."""
    total = sum((n + 1.0) * tensors[o % len(tensors)] for n, o in enumerate(outputs))
    (total * total).sum().backward()


def undefined(operation: str, first: Any, second: Any) -> bool:
    """Writes that PyTorch allows or refuses by an accident of how it works.

    To a part of expanded memory; from memory that partly overlaps what is written; and those that save their
    result, through a view (upriver keeps that result apart, so a later write does no harm).
    """
    expanded = 0 in first.stride() and operation not in ("add_", "mul_", "tanh_")
    saved = operation == "tanh_" and first._is_view()
    return expanded or saved or overlap(first, second)


def overlap(first: Any, second: Any) -> bool:
    """Whether two different Tensors have memory in common."""
    pointers = [t.untyped_storage().data_ptr() for t in (first, second)]
    return first is not second and pointers[0] == pointers[1]


def sentence(error: BaseException) -> str:
    """An error's class and the first words of its message."""
    kind = next(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins")
    return f"{kind}: {' '.join(str(error).split()[:2])}"


def attempt(call: Callable[[], Any]) -> str | None:
    """Run it; the error as a sentence."""
    try:
        call()
    except (RuntimeError, IndexError, TypeError, ValueError) as error:
        return sentence(error)
    return None


def observations(lib: Any, program: Program) -> list[Any]:
    """Run a program: after each step its error, at the end every Tensor's state and every gradient."""
    tensors = start(lib)
    log: list[Any] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for step, off in program.steps:
            log.append((step, attempt(partial(take, lib, tensors, step, off))))
            log.extend(
                (f"grad_fn {n}", attempt(partial(getattr, t, "grad_fn"))) for n, t in enumerate(tensors)
            )
        log.extend(describe(n, t, tensors) for n, t in enumerate(tensors))
        failed = attempt(lambda: backward(tensors, program.outputs))
        log.append(("backward", failed and failed.partition(":")[0]))
        if failed is None:  # what a failed backward has accumulated before it failed is nobody's promise
            log.extend(gradient(n, t) for n, t in enumerate(tensors))
    return log


def gradient(n: int, tensor: Any) -> tuple[str, Any]:
    """A Tensor's gradient, if it can be read and is there."""
    broken = attempt(lambda: tensor.grad)
    return f"grad {n} {broken}", None if broken or tensor.grad is None else to_numpy(tensor.grad)


def describe(n: int, tensor: Any, tensors: list[Any]) -> tuple[str, Any]:
    """A Tensor's value, flags (reading them may be an error), version, and whom it shares memory with."""
    pointer = tensor.untyped_storage().data_ptr()
    shared = [m for m, t in enumerate(tensors) if t.untyped_storage().data_ptr() == pointer]
    broken = attempt(lambda: tensor.grad_fn)
    flags = broken or (tensor.is_leaf, tensor._version)
    return f"tensor {n} {flags} {shared}", None if broken else to_numpy(tensor)
