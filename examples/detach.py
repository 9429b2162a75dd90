"""A popular explanation of detach(), run: three examples, what they are said to do, and what happens.

    python examples/detach.py

Every line below a claim is measured while you watch. The page docs/detach.md explains what is seen here.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import upriver as up


def example_1() -> None:
    """Said: `w.backward()` works, and its gradient stops before x."""
    x = up.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    z = y.detach()
    w = z * 3
    print(f"w asks for a gradient: {w.requires_grad}; its grad_fn: {w.grad_fn}")
    refused(w.backward)
    print(f"x.grad: {x.grad}")
    (w + y).sum().backward()  # something in the sum still has a history: now backward works, and detach cuts
    print(f"after (w + y).sum().backward(), x.grad: {x.grad}, the 2 of y = x * 2; nothing through w")


def example_2() -> None:
    """Said: writing to the detached tensor leaves the original's data alone."""
    x = up.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x.detach()
    y[0] = 10
    print(f"x: {x.tolist()}; same memory: {x.data_ptr() == y.data_ptr()}; x._version: {x._version}")
    apart = x.detach().clone()
    apart[0] = -1
    print(f"x after writing to x.detach().clone(): {x.tolist()}")
    squares = (x * x).sum()  # remembers x for its derivative, 2 x
    y[1] = 20
    refused(squares.backward)


def example_3() -> None:
    """Said: backward through the detached large tensor is fast, and stops early."""
    x = up.ones(1000, 1000, requires_grad=True)
    y = (x * 2).detach()
    w = (y + 5).sum()
    refused(w.backward)
    print(f"x.grad: {x.grad}")


def example_4() -> None:
    """Said: detach saves memory."""
    print("Kept for 100 steps, megabytes (a graph holds its leaf and the exponential, 1 MB each):")
    print(f"  the losses           {megabytes(lambda: [step() for _ in range(100)])}")
    print(f"  the losses detached  {megabytes(lambda: [step().detach() for _ in range(100)])}")
    print("Kept of a tensor of 4 MB, megabytes:")
    print(f"  its first two elements, detached             {megabytes(lambda: large()[:2].detach())}")
    print(f"  its first two elements, detached and cloned  {megabytes(lambda: large()[:2].detach().clone())}")
    two = large()[:2].detach()
    print(f"The two elements' storage: {two.untyped_storage().nbytes():,} bytes")


def large() -> up.Tensor:
    """4 MB of float32."""
    return up.ones(1_000_000)


def step() -> up.Tensor:
    """A loss whose graph holds on to x and to its exponential, 1 MB each."""
    x = up.ones(250_000, requires_grad=True)
    return x.exp().sum()


def refused(action: Callable[[], object]) -> None:
    """Run what must fail, and show what it says."""
    try:
        action()
    except RuntimeError as error:
        print(f"{type(error).__name__}: {error}")
    else:
        raise AssertionError("that was expected to fail")


def megabytes(make: Callable[[], object]) -> str:
    """How much memory is held by what `make` returns, once everything else is gone."""
    gc.collect()
    tracemalloc.start()
    kept = make()
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return f"{held / 1e6:.1f}"


def main() -> None:
    """Each example under what is said of it."""
    for number, example in enumerate((example_1, example_2, example_3, example_4), start=1):
        print(f"\n{number}. {example.__doc__}\n")
        example()


if __name__ == "__main__":
    main()
