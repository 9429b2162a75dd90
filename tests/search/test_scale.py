"""A million nodes: built, run backward and freed without recursion, time and memory linear in the length."""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from typing import Any

import pytest

MILLION, TENTH = 1_000_000, 100_000


def chain(up: Any, length: int) -> tuple[Any, Any]:
    """A leaf and the end of a chain of additions and products."""
    x = up.tensor(1.0, requires_grad=True)
    y = x
    for n in range(length // 2):
        y = y * 1.0
        y = y + (1.0 if n % 2 else -1.0)
    return x, y


def seconds(up: Any, length: int) -> float:
    """Build, backward and free."""
    begin = time.perf_counter()
    x, y = chain(up, length)
    y.backward()
    assert x.grad.item() == 1.0
    del x, y
    return time.perf_counter() - begin


def test_a_million_nodes_take_ten_times_a_hundred_thousand(up: Any) -> None:
    gc.collect()
    gc.disable()
    try:
        small = min(seconds(up, TENTH) for _ in range(3))
        large = seconds(up, MILLION)
    finally:
        gc.enable()
    assert large < 10 * small * 2.5, f"{large:.2f} s for a million, {small:.2f} s for a tenth"


def test_no_recursion(up: Any) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(150)
    try:
        seconds(up, 20_000)
        x, y = chain(up, 20_000)
        (g,) = up.autograd.grad(y, x, create_graph=True)
        del x, y, g
        unused = chain(up, 20_000)
        del unused
    finally:
        sys.setrecursionlimit(limit)


def test_memory_is_linear_and_given_back(up: Any) -> None:
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        held = chain(up, TENTH)
        per_node = (tracemalloc.get_traced_memory()[0] - before) / TENTH
        del held
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()
    assert per_node < 700, f"{per_node:.0f} bytes a node"
    assert after - before < 0.05 * per_node * TENTH, f"{after - before} bytes not given back"


@pytest.mark.parametrize("shape", ["fan out", "fan in", "ladder"])
def test_wide_graphs(up: Any, shape: str) -> None:
    x = up.tensor(1.0, requires_grad=True)
    if shape == "fan out":
        up.stack([x * 1.0 for _ in range(20_000)]).sum().backward()
        assert x.grad.item() == 20_000
    elif shape == "fan in":
        y = x * 1.0
        total = y
        for _ in range(20_000):
            total = total + y
        total.backward()
        assert x.grad.item() == 20_001
    else:
        a = b = x
        for _ in range(500):
            a, b = a * 0.5 + b * 0.5, a * 0.5 - b * 0.5
        (a + b).backward()
        assert x.grad is not None


def test_a_chain_of_in_place_writes(up: Any) -> None:
    x = up.ones(4, requires_grad=True)
    y = x * 1.0
    for n in range(10_000):
        y[n % 4].mul_(1.0)
    y.sum().backward()
    assert x.grad.tolist() == [1.0] * 4
