"""A state machine for views and mutation: values, sharing and versions against NumPy's own views."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

VIEWS: dict[str, tuple[Any, Any]] = {
    "transpose": (lambda t: t.transpose(0, -1), lambda a: np.swapaxes(a, 0, -1)),
    "head": (lambda t: t[:1], lambda a: a[:1]),
    "tail": (lambda t: t[1:], lambda a: a[1:]),
    "stride": (lambda t: t[::2], lambda a: a[::2]),
    "last": (lambda t: t[..., -1:], lambda a: a[..., -1:]),
    "unsqueeze": (lambda t: t.unsqueeze(0), lambda a: a[None]),
    "squeeze": (lambda t: t.squeeze(), lambda a: a.squeeze()),
    "diagonal": (lambda t: t.diagonal(0, 0, -1), lambda a: diagonal(a)),
    "permute": (lambda t: t.permute(*reversed(range(t.dim()))), lambda a: a.transpose()),
    "detach": (lambda t: t.detach(), lambda a: a),
    "row": (lambda t: t[0], lambda a: a[0, ...]),
}
WRITES: dict[str, tuple[Any, Any]] = {
    "add": (lambda t, v: t.add_(v), lambda a, v: a + v),
    "mul": (lambda t, v: t.mul_(v), lambda a, v: a * v),
    "fill": (lambda t, v: t.fill_(v), lambda a, v: np.full_like(a, v)),
    "set": (lambda t, v: t.__setitem__(Ellipsis, v), lambda a, v: np.full_like(a, v)),
    "abs": (lambda t, v: t.abs_(), lambda a, v: np.abs(a)),
    "clamp": (lambda t, v: t.clamp_(-abs(v), abs(v)), lambda a, v: np.clip(a, -abs(v), abs(v))),
    "copy": (lambda t, v: t.copy_(t.clone() + v), lambda a, v: a + v),
}


class Aliases(RuleBasedStateMachine):
    """Tensors beside NumPy arrays made the same way; a family has one version."""

    subject: Any = None
    pairs = Bundle("pairs")

    @initialize()
    def begin(self) -> None:
        self.known: list[tuple[Any, np.ndarray, int]] = []
        self.versions: dict[int, int] = {}

    def keep(self, tensor: Any, array: np.ndarray, family: int) -> int:
        """Remember a pair; its number goes into the bundle."""
        self.known.append((tensor, array, family))
        return len(self.known) - 1

    @rule(target=pairs, shape=st.sampled_from([(2, 3), (3, 3), (4,), (2, 1, 3), ()]))
    def create(self, shape: tuple[int, ...]) -> int:
        array = np.arange(float(np.prod(shape, dtype=int))).reshape(shape)
        family = len(self.versions)
        self.versions[family] = 0
        return self.keep(self.subject.tensor(array.copy()), array, family)

    @rule(target=pairs, pair=pairs, name=st.sampled_from(sorted(VIEWS)))
    def view(self, pair: int, name: str) -> int:
        tensor, array, family = self.known[pair]
        ours, numpys = VIEWS[name]
        if (
            array.ndim == 0
            or array.ndim > 5
            or array.shape[0] == 0
            or (name == "diagonal" and array.ndim < 2)
        ):
            return pair
        return self.keep(ours(tensor), numpys(array), family)

    @rule(target=pairs, pair=pairs)
    def clone(self, pair: int) -> int:
        tensor, array, _ = self.known[pair]
        family = len(self.versions)
        self.versions[family] = 0
        return self.keep(tensor.clone(), array.copy(), family)

    @rule(pair=pairs, name=st.sampled_from(sorted(WRITES)), value=st.sampled_from([-1.5, 0.0, 2.0, 3.0]))
    def write(self, pair: int, name: str, value: float) -> None:
        tensor, array, family = self.known[pair]
        ours, numpys = WRITES[name]
        array[...] = numpys(array.copy(), value)
        ours(tensor, value)
        self.versions[family] += 1

    @rule(pair=pairs, other=pairs)
    def add_another(self, pair: int, other: int) -> None:
        (tensor, array, family), (second, values, _) = self.known[pair], self.known[other]
        if not fits(values.shape, array.shape):
            return
        array[...] = array + values
        tensor.add_(second.clone())
        self.versions[family] += 1

    @invariant()
    def everything_agrees(self) -> None:
        for tensor, array, family in getattr(self, "known", []):
            assert tensor.shape == array.shape and np.array_equal(tensor.numpy(), array)
            assert tensor._version == self.versions[family]


def diagonal(array: np.ndarray) -> np.ndarray:
    """The diagonal over the first and last dimensions; NumPy's own is read-only."""
    first, *middle, last = array.strides
    shape = (*array.shape[1:-1], min(array.shape[0], array.shape[-1]))
    return np.lib.stride_tricks.as_strided(array, shape, (*middle, first + last))


def fits(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether an array of `shape` can be added in place to one of `target`."""
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False


@pytest.mark.parametrize("name", ["upriver", pytest.param("torch", marks=pytest.mark.oracle)])
def test_views_and_writes_follow_numpy(name: str) -> None:
    machine = type("Machine", (Aliases,), {"subject": importlib.import_module(name)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=150, stateful_step_count=25, deadline=None)
    )
