"""(g): ``detach`` on large tensors: time, and how much memory the process grows by at its largest."""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.workload import Program, Quantity, Workload, as_values
from benchmarks.workloads.weights import Array

Shape = tuple[int, int]


def large(shape: Shape) -> Array:
    """Uniform in [0, 1), float32."""
    return np.random.default_rng(7).random(shape, dtype=np.float32)


def with_tensors(lib: ModuleType, shape: Shape) -> Program:
    """upriver and PyTorch."""
    x = lib.from_numpy(large(shape)).requires_grad_()

    def step() -> Any:
        y = x * 2
        z = y.detach() + 5
        return z.sum()

    return Program(lambda: as_values(sum=step()), step)


def with_autograd(lib: ModuleType, shape: Shape) -> Program:
    """HIPS autograd has no detach: its nearest is to take the value out of the tracer's box."""
    x = large(shape)
    value_of = lib.tracer.getval
    trace = lib.make_vjp(lambda x: (value_of(x * 2) + 5).sum())

    def step() -> Any:
        _, value = trace(x)
        return value

    return Program(lambda: as_values(sum=step()), step)


def with_mygrad(lib: ModuleType, shape: Shape) -> Program:
    """MyGrad has no detach: its nearest is a constant on the same data."""
    x = lib.tensor(large(shape), copy=False)

    def step() -> Any:
        y = x * 2
        z = lib.tensor(y.data, constant=True, copy=False) + 5
        return z.sum()

    return Program(lambda: as_values(sum=step().data), step)


def with_numpy(lib: ModuleType, shape: Shape) -> Program:
    """NumPy by itself, with a name for each intermediate as in the others: the cost of the arithmetic."""
    x = large(shape)

    def step() -> Any:
        y = x * 2
        z = y + 5
        return z.sum()

    return Program(lambda: as_values(sum=step()), step)


def workload(shape: Shape) -> Workload:
    """``detach`` between two operators on an array of one shape."""
    programs = {
        "upriver": with_tensors,
        "torch": with_tensors,
        "autograd": with_autograd,
        "mygrad": with_mygrad,
        "numpy": with_numpy,
    }
    return Workload(
        "g",
        f"detach, {shape[0]} x {shape[1]}",
        {library: partial(build, shape=shape) for library, build in programs.items()},
        (Quantity(), Quantity("extra memory", "peak extra memory", "bytes")),
    )


WORKLOADS = (workload((1000, 1000)), workload((10_000, 5_000)))
