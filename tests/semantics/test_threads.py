"""Threads: grad mode is a thread's own, and backward may run in several."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_thread(call: Any) -> Any:
    """The result of a call in a fresh thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def test_a_thread_starts_with_grad_on(lib: Any) -> None:
    with lib.no_grad():
        assert in_thread(lib.is_grad_enabled)
        assert not lib.is_grad_enabled()


def test_a_threads_mode_stays_its_own(lib: Any) -> None:
    entered, leave = threading.Event(), threading.Event()

    def other() -> None:
        with lib.no_grad():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    entered.wait(10)
    try:
        assert lib.is_grad_enabled() and (lib.ones(1, requires_grad=True) * 2).requires_grad
    finally:
        leave.set()
        thread.join()


def test_backward_in_several_threads_on_own_graphs(lib: Any) -> None:
    def work(seed: int) -> float:
        x = lib.full((50,), float(seed), requires_grad=True)
        y = x
        for _ in range(50):
            y = y * 1.01 + 0.1
        y.sum().backward()
        return float(x.grad[0].item())

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(32)))
    assert max(results) - min(results) < 1e-6


def test_backward_in_several_threads_on_a_shared_leaf(lib: Any) -> None:
    x = lib.ones(3, dtype=lib.float64, requires_grad=True)

    def work(_: int) -> list[float]:
        (g,) = lib.autograd.grad((x * x * x).sum(), x)
        return list(g.tolist())

    with ThreadPoolExecutor(8) as pool:
        assert all(g == [3.0, 3.0, 3.0] for g in pool.map(work, range(64)))
    assert x.grad is None


def test_backward_in_another_thread_than_the_forward(lib: Any) -> None:
    x = lib.ones(3, requires_grad=True)
    y = (x * x).sum()
    in_thread(y.backward)
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_no_grad_around_an_await(lib: Any) -> None:
    async def main() -> bool:
        with lib.no_grad():
            await asyncio.sleep(0)
            return bool(lib.is_grad_enabled())

    assert not asyncio.run(main())
    assert lib.is_grad_enabled()
