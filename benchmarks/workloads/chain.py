"""(a) and (b): a chain of 30 small operators, then a sum, forward and backward."""

from __future__ import annotations

from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.workload import Goal, Program, Quantity, Values, Workload, as_values


def chain(F: Any, x: Any, w: Any) -> Any:
    """Thirty operators between tensors, or a tensor and a Python number, in a range where all are smooth."""
    y = F.tanh(x * w + x)
    y = F.sigmoid(y * 1.1 - w)
    y = F.exp(y / 0.9) - 1.0
    y = F.sin(y / w) + 2.0
    y = F.log(y)
    y = F.sqrt(y * y + 1.0)
    y = F.relu(y) * w
    y = F.cos(y) - x
    y = F.tanh(F.square(-y) * 0.5)
    y = F.exp(w - y)
    y = y / (y + 1.0)
    return (1.0 - y**2).sum()


def inputs(shape: tuple[int, ...]) -> tuple[Any, Any]:
    """x in [-1, 1) and w in [1, 2), float32."""
    random = np.random.default_rng(30)
    x = random.uniform(-1.0, 1.0, shape).astype(np.float32)
    return x, random.uniform(1.0, 2.0, shape).astype(np.float32)


def with_tensors(lib: ModuleType, shape: tuple[int, ...]) -> Program:
    """upriver and PyTorch."""
    x, w = (lib.tensor(array, requires_grad=True) for array in inputs(shape))

    def step() -> Any:
        x.grad = w.grad = None
        loss = chain(lib, x, w)
        loss.backward()
        return loss

    def values() -> Values:
        loss = step()
        return as_values(loss=loss.detach(), x=x.grad, w=w.grad)

    return Program(values, step)


def with_autograd(lib: ModuleType, shape: tuple[int, ...]) -> Program:
    """HIPS autograd: a function's value and gradients."""
    anp = lib.numpy
    F = SimpleNamespace(
        **{name: getattr(anp, name) for name in ("tanh", "exp", "sin", "log", "sqrt", "cos", "square")}
    )
    F.sigmoid = lambda x: 1.0 / (1.0 + anp.exp(-x))
    F.relu = lambda x: anp.maximum(x, 0.0)
    x, w = inputs(shape)
    value_and_gradient = lib.value_and_grad(lambda both: anp.sum(chain(F, *both)))

    def values() -> Values:
        loss, (dx, dw) = value_and_gradient((x, w))
        return as_values(loss=loss, x=dx, w=dw)

    return Program(values, lambda: value_and_gradient((x, w)))


def with_mygrad(lib: ModuleType, shape: tuple[int, ...]) -> Program:
    """MyGrad."""
    F = SimpleNamespace(
        **{name: getattr(lib, name) for name in ("tanh", "exp", "sin", "log", "sqrt", "cos", "square")}
    )
    F.sigmoid, F.relu = lib.nnet.activations.sigmoid, lib.nnet.activations.relu
    x, w = (lib.tensor(array) for array in inputs(shape))

    def step() -> Any:
        loss = chain(F, x, w)
        loss.backward()
        return loss

    def values() -> Values:
        loss = step()
        return as_values(loss=loss.data, x=x.grad, w=w.grad)

    return Program(values, step)


def workload(letter: str, shape: tuple[int, ...], goals: tuple[Goal, ...] = ()) -> Workload:
    """The chain on arrays of one shape."""
    programs = {
        "upriver": with_tensors,
        "torch": with_tensors,
        "autograd": with_autograd,
        "mygrad": with_mygrad,
    }
    return Workload(
        letter,
        f"chain of 30 operators on {' x '.join(map(str, shape))} elements",
        {library: partial(build, shape=shape) for library, build in programs.items()},
        (Quantity(goals=goals),),
    )


WORKLOADS = (
    workload("a", (10,), (Goal(0.5, "torch"), Goal(0.4, "autograd"))),
    workload("b", (1000, 1000)),
)
