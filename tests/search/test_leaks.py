"""Nothing is kept that nobody holds: no cycles, no growth, with the garbage collector off."""

from __future__ import annotations

import gc
import tracemalloc
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import pytest


def training(lib: Any) -> Callable[[], None]:
    """A step with detach, in-place writes, hooks, a view and a saved state."""
    w = lib.full((4, 4), 0.1, requires_grad=True)
    x = lib.ones(2, 4)
    state = [lib.zeros(2, 4)]
    w.register_hook(lambda g: g * 0.5)

    def step() -> None:
        hidden = (x @ w + state[0]).tanh() * 1.0
        hidden[0].mul_(0.9)
        state[0] = hidden.detach()
        loss = (hidden * hidden).sum()
        loss.register_hook(lambda g: None)
        loss.backward()
        with lib.no_grad():
            w.sub_(w.grad * 0.001)
        w.grad = None

    return step


def second_order(lib: Any) -> Callable[[], None]:
    """A gradient penalty."""
    w = lib.full((3,), 0.5, requires_grad=True)

    def step() -> None:
        (g,) = lib.autograd.grad((w * w * w).sum(), w, create_graph=True)
        (h,) = lib.autograd.grad((g * g).sum(), w)
        with lib.no_grad():
            w.sub_(h * 1e-6)

    return step


def abandoned(lib: Any) -> Callable[[], None]:
    """Graphs that are never run, errors on the way, views of what is gone."""
    x = lib.ones(4, requires_grad=True)

    def step() -> None:
        y = x.exp()
        y[1:].add_(1.0)
        y.detach()[:2].view(2, 1)
        try:
            y.sum().backward()
        except RuntimeError:
            return
        raise AssertionError("exp's result was overwritten")

    return step


def custom(lib: Any) -> Callable[[], None]:
    """A custom Function that saves input and output."""

    class Twice(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = x * 2
            ctx.save_for_backward(x, y)
            return y

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            x, _y = ctx.saved_tensors
            return grad * 2 + x * 0

    x = lib.ones(4, requires_grad=True)

    def step() -> None:
        x.grad = None
        Twice.apply(x).sum().backward()
        Twice.apply(x)

    return step


def modules(lib: Any) -> Callable[[], None]:
    """A small network and an optimiser."""
    net = lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.ReLU(), lib.nn.Linear(4, 1))
    optimizer = lib.optim.Adam(net.parameters(), lr=1e-3)
    x = lib.ones(2, 3)

    def step() -> None:
        optimizer.zero_grad()
        net(x).pow(2).mean().backward()
        optimizer.step()

    return step


PROGRAMS = {f.__name__: f for f in (training, second_order, abandoned, custom, modules)}


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_the_collector_finds_nothing(up: Any, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        step = PROGRAMS[name](up)
        step()
        step()
        gc.collect()
        gc.disable()
        try:
            for _ in range(20):
                step()
            found = gc.collect()
        finally:
            gc.enable()
    assert found == 0, f"{found} objects in cycles after 20 steps"


def growth(step: Callable[[], None], steps: int) -> int:
    """Bytes more after `steps` than before them, the collector off.

    Python keeps up to 2,000 dead tuples of each length for reuse: the first steps fill that store.
    """
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(2_500):
            step()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(steps):
            step()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        gc.enable()


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_memory_is_flat(up: Any, name: str) -> None:
    assert growth(PROGRAMS[name](up), 2_500) < 50_000


def test_memory_is_flat_over_a_hundred_thousand_steps(up: Any) -> None:
    """Resident memory, as tracing every allocation would take minutes."""
    step = training(up)
    gc.collect()
    gc.disable()
    try:
        for _ in range(5_000):
            step()
        before = resident()
        for _ in range(95_000):
            step()
        grown = resident() - before
    finally:
        gc.enable()
    assert grown < 4_000_000, f"{grown:,} bytes more after 95,000 steps"


def resident() -> int:
    """Bytes of memory this process holds now."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


def test_a_graph_dies_with_its_last_tensor(up: Any) -> None:
    class Token:
        pass

    token = Token()
    alive = weakref.ref(token)
    gc.disable()
    try:
        x = up.ones(2, requires_grad=True)
        y = x.exp()
        y.register_hook(lambda g, kept=token: None)
        z = y[:1] * y[1:]
        del token, y
        assert alive() is not None
        del z
        assert alive() is None
    finally:
        gc.enable()


def test_backward_frees_what_was_saved(up: Any) -> None:
    x = up.ones(1000, 1000)
    w = up.ones(1, requires_grad=True)
    big = weakref.ref(x)
    loss = (x * w).sum()
    del x
    loss.backward()
    assert big() is None
