"""(i): graphs of 100,000 and 1,000,000 nodes: time and memory for each node."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks import memory
from benchmarks.workload import Goal, Program, Quantity, Values, Workload, as_values

ELEMENTS = 10
CHECKED = 1000  # nodes of the chain whose result and gradient are compared
STEP = np.full(ELEMENTS, 1e-3, np.float32)

Builder = Callable[..., Program]
Chain = tuple[Any, Callable[[], Any]]
"""What holds the graph, and the function that runs it backward."""


def measured(forward: Callable[[int], Chain], nodes: int) -> dict[str, float]:
    """Build a chain, run it backward and let it go: seconds and bytes for each node."""
    before = memory.resident()
    start = time.perf_counter()
    graph, backward = forward(nodes)
    built = time.perf_counter()
    held = memory.resident() - before
    resumed = time.perf_counter()
    backward()
    differentiated = time.perf_counter()
    del graph, backward
    freed = time.perf_counter()
    figures = {
        "forward": built - start,
        "backward": differentiated - resumed,
        "forward and backward": built - start + differentiated - resumed,
        "free": freed - differentiated,
        "memory": held,
    }
    return {name: figure / nodes for name, figure in figures.items()}


def with_tensors(lib: ModuleType, length: int) -> Program:
    """upriver and PyTorch."""
    x = lib.ones(ELEMENTS, requires_grad=True)
    step = lib.from_numpy(STEP)

    def forward(count: int) -> Chain:
        y = x
        for _ in range(count):
            y = y + step
        return y, y.sum().backward

    def values() -> Values:
        y, backward = forward(CHECKED)
        backward()
        result = as_values(y=y.detach(), x=x.grad)
        x.grad = None
        return result

    return Program(values, probe=lambda: measured(forward, length))


def with_autograd(lib: ModuleType, length: int) -> Program:
    """HIPS autograd."""
    x = np.ones(ELEMENTS, np.float32)

    def forward(count: int) -> Chain:
        def chain(y: Any) -> Any:
            for _ in range(count):
                y = y + STEP
            return y

        vjp, value = lib.make_vjp(chain)(x)
        return value, lambda: vjp(np.ones_like(x))

    def values() -> Values:
        y, backward = forward(CHECKED)
        return as_values(y=y, x=backward())

    return Program(values, probe=lambda: measured(forward, length))


def with_mygrad(lib: ModuleType, length: int) -> Program:
    """MyGrad."""
    x = lib.ones(ELEMENTS, dtype=np.float32)

    def forward(count: int) -> Chain:
        y = x
        for _ in range(count):
            y = y + STEP
        return y, y.sum().backward

    def values() -> Values:
        y, backward = forward(CHECKED)
        backward()
        return as_values(y=y.data, x=x.grad)

    return Program(values, probe=lambda: measured(forward, length))


QUANTITIES = (
    Quantity("forward and backward", "forward and backward", "time per node", (Goal(6e-6),)),
    Quantity("forward", "forward", "time per node"),
    Quantity("backward", "backward", "time per node"),
    Quantity("free", "free", "time per node"),
    Quantity("memory", "memory", "bytes per node", (Goal(400.0),)),
)


def workload(nodes: int, programs: dict[str, Builder]) -> Workload:
    """A chain of additions on 10 elements; each size has its own process, so that memory begins fresh."""
    return Workload(
        "i",
        f"chain of {nodes:,} nodes",
        {library: partial(build, length=nodes) for library, build in programs.items()},
        QUANTITIES,
        threaded=False,
    )


TENSORS: dict[str, Builder] = {"upriver": with_tensors, "torch": with_tensors}
WORKLOADS = (
    workload(100_000, TENSORS | {"autograd": with_autograd, "mygrad": with_mygrad}),
    workload(1_000_000, TENSORS),  # the others take minutes
)
