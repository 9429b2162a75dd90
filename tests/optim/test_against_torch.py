"""Twenty steps of every optimiser, with every option, against PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import upriver as up
from tests.optim.cases import CASES, IDS, OPTIONS
from tests.oracle import assert_same, torch

pytestmark = pytest.mark.oracle

SHAPES = [(3, 4), (5,), ()]


def twins(dtype: str, shapes: Any = SHAPES) -> tuple[list[Any], list[Any]]:
    rng = np.random.default_rng(0)
    arrays = [draw(rng, shape, dtype) for shape in shapes]
    return (
        [up.tensor(array, requires_grad=True) for array in arrays],
        [torch.tensor(array, requires_grad=True) for array in arrays],
    )


def draw(rng: np.random.Generator, shape: Any, dtype: str) -> Any:
    values = np.asarray(rng.standard_normal(shape))
    return (values + 1j * rng.standard_normal(shape) if "complex" in dtype else values).astype(dtype)


def train(ours: Any, theirs: Any, mine: Any, its: Any, steps: int = 20) -> None:
    rng = np.random.default_rng(1)
    for _ in range(steps):
        for a, b in zip(ours, theirs, strict=True):
            array = draw(rng, tuple(a.shape), a.dtype.name)
            a.grad, b.grad = up.tensor(array), torch.tensor(array)
        mine.step()
        its.step()


def assert_same_state(ours: Any, theirs: Any, mine: Any, its: Any, loose: float = 1.0) -> None:
    for a, b in zip(ours, theirs, strict=True):
        assert_same(a, b, "parameter", loose)
        assert list(mine.state.get(a, {})) == list(its.state.get(b, {}))
        for key, value in its.state.get(b, {}).items():
            assert_same(mine.state[a][key], value, key, loose)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_twenty_steps(name: str, options: dict[str, Any], dtype: str) -> None:
    ours, theirs = twins(dtype)
    mine, its = getattr(up.optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    train(ours, theirs, mine, its)
    assert_same_state(ours, theirs, mine, its)


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_large_and_strided_parameters(name: str, options: dict[str, Any]) -> None:
    """Several blocks, and memory that is not in row-major order, give the same as one small block."""
    ours, theirs = twins("float64", [(70_001,)])
    rng = np.random.default_rng(2)
    array = np.asfortranarray(rng.standard_normal((5, 7)))
    ours.append(up.from_numpy(array.copy(order="F")).requires_grad_())
    theirs.append(torch.from_numpy(array.copy(order="F")).requires_grad_())
    assert not ours[1].is_contiguous()
    mine, its = getattr(up.optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    train(ours, theirs, mine, its, steps=3)
    assert_same_state(ours, theirs, mine, its)


@pytest.mark.parametrize("name", OPTIONS)
def test_layout_of_options_and_repr(name: str) -> None:
    ours, theirs = twins("float32")
    mine, its = getattr(up.optim, name)(ours), getattr(torch.optim, name)(theirs)
    assert mine.state_dict()["param_groups"] == its.state_dict()["param_groups"]
    assert list(mine.state_dict()["param_groups"][0]) == list(its.state_dict()["param_groups"][0])
    assert repr(mine) == repr(its)


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_state_dict_goes_on_where_it_was(name: str, options: dict[str, Any]) -> None:
    """Half of the steps, a round through the state dictionary, the other half: as without the round."""
    ours, theirs = twins("float32")
    first, its = getattr(up.optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    train(ours, theirs, first, its, steps=5)
    saved, expected = first.state_dict(), its.state_dict()
    assert list(saved["state"]) == list(expected["state"])
    second = getattr(up.optim, name)(ours, lr=123.0)
    second.load_state_dict(saved)
    train(ours, theirs, second, its, steps=5)
    assert_same_state(ours, theirs, second, its)


def rosenbrock(x: Any) -> Any:
    return ((1 - x[:-1]) ** 2 + 100 * (x[1:] - x[:-1] ** 2) ** 2).sum()


@pytest.mark.parametrize(
    "options",
    [
        {"lr": 1e-3, "max_iter": 20},
        {"lr": 0.01, "history_size": 3, "max_iter": 30},
        {"line_search_fn": "strong_wolfe", "max_iter": 8},
        {"line_search_fn": "strong_wolfe", "lr": 0.05, "max_iter": 12, "history_size": 2},
        {"line_search_fn": "strong_wolfe", "max_iter": 10, "max_eval": 9},
        {"line_search_fn": "strong_wolfe", "lr": 30.0, "max_iter": 5},
    ],
    ids=str,
)
def test_lbfgs(options: dict[str, Any]) -> None:
    start = np.array([-1.2, 1.0, 0.5, 2.0])
    x, y = up.tensor(start, requires_grad=True), torch.tensor(start, requires_grad=True)
    mine, its = up.optim.LBFGS([x], **options), torch.optim.LBFGS([y], **options)

    def closure(opt: Any, point: Any) -> Any:
        opt.zero_grad()
        loss = rosenbrock(point)
        loss.backward()
        return loss

    for _ in range(3):
        a, b = mine.step(lambda: closure(mine, x)), its.step(lambda: closure(its, y))
        assert_same(a, b, "loss", loose=1e3)
        assert_same(x, y, "point", loose=1e3)
        for key in ("func_evals", "n_iter"):
            assert mine.state[x][key] == its.state[y][key]
    assert {"d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss"} <= set(
        mine.state[x]
    )


CLIPS = [
    (1.0, 2.0),
    (100.0, 2.0),
    (1.0, 1.0),
    (0.5, float("inf")),
    (1.0, 3.0),
    (2.0, float("-inf")),
    (1.0, 0.0),
]


@pytest.mark.parametrize(("max_norm", "order"), CLIPS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_clip_grad_norm(max_norm: float, order: float, dtype: str) -> None:
    ours, theirs = twins(dtype)
    for a, b in zip(ours, theirs, strict=True):
        a.grad, b.grad = a.detach().clone(), b.detach().clone()
    total = up.nn.utils.clip_grad_norm_(ours, max_norm, order)
    assert_same(total, torch.nn.utils.clip_grad_norm_(theirs, max_norm, order), "norm")
    for a, b in zip(ours, theirs, strict=True):
        assert_same(a.grad, b.grad, "gradient")


@pytest.mark.parametrize("bad", [float("inf"), float("nan")])
def test_clip_of_nonfinite_gradients(bad: float) -> None:
    values = np.array([1.0, bad], np.float32)
    a, b = up.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
    a.grad, b.grad = up.tensor(values), torch.tensor(values)
    up.nn.utils.clip_grad_norm_(a, 1.0)
    torch.nn.utils.clip_grad_norm_(b, 1.0)
    assert_same(a.grad, b.grad, "gradient")
