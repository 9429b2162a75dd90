"""Compare observations of a scenario with PyTorch's, recorded or being recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tests.oracle import to_numpy
from tests.recording import load_facts

RECORDED: dict[str, Any] = {}


class Observer:
    """Collects facts of one test under names; on upriver each must equal the recorded one."""

    def __init__(self, test: str, library: str, recording: bool) -> None:
        self.test, self.library, self.recording = test, library, recording

    def __call__(self, **facts: Any) -> None:
        """Observe Tensors (value, gradient, state), or plain values."""
        for name, value in facts.items():
            self._settle(name, state(value))

    def gradients(self, **tensors: Any) -> None:
        """Observe gradients: value, dtype and shape."""
        for name, tensor in tensors.items():
            self._settle(name, content(tensor))

    @contextmanager
    def raises(self, error: type[BaseException], starts: str) -> Iterator[None]:
        """The block raises this class, with PyTorch's words first; the whole sentence is recorded."""
        try:
            yield
        except error as raised:
            message = str(raised)
            assert message.startswith(starts), f"{message!r} does not start with {starts!r}"
            self._settle(f"error {starts[:40]}", type_name(raised))
        else:
            raise AssertionError(f"{error.__name__} was not raised: {starts}")

    def _settle(self, name: str, fact: Any) -> None:
        key = f"{self.test} {name}"
        if self.recording:
            RECORDED[key] = fact
        else:
            expected = load_facts("semantics")[key]
            assert close(fact, expected), f"{name}: {fact} instead of PyTorch's {expected}"


def type_name(error: BaseException) -> str:
    """The first public class of an error, which both libraries share."""
    return next(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins")


def state(value: Any) -> Any:
    """A Tensor as a JSON fact: value and place in the graph."""
    if isinstance(value, (list, tuple)):
        return [state(v) for v in value]
    if not hasattr(value, "requires_grad"):
        return value
    return {
        **content(value),
        "is_leaf": value.is_leaf,
        "version": value._version,
        "is_view": value._is_view(),
        "has_grad_fn": value.grad_fn is not None,
        "grad": None if not value.is_leaf or value.grad is None else content(value.grad),
    }


def content(value: Any) -> Any:
    """A Tensor's value, dtype and shape as a JSON fact (a gradient's version and views are left open)."""
    array = to_numpy(value)
    real = array if array.dtype.kind != "c" else np.stack([array.real, array.imag], -1)
    return {
        "value": real.tolist(),
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "requires_grad": value.requires_grad,
    }


def close(a: Any, b: Any) -> bool:
    """Equal, numbers to nine digits and NaN equal to itself."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(close(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, float) or isinstance(b, float):
        return a == b or (a != a and b != b) or abs(a - b) <= 1e-6 * max(1.0, abs(b))
    return bool(a == b)
