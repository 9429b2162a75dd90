"""Initial values: bounds, moments, structure. The assertions hold for PyTorch too."""

from __future__ import annotations

import math
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def seeded(lib: Any) -> None:
    lib.manual_seed(0)


def moments(tensor: Any) -> tuple[float, float]:
    return float(tensor.mean()), float(tensor.std())


@pytest.mark.parametrize(
    ("name", "options", "std"),
    [
        ("xavier_uniform_", {}, math.sqrt(2 / 500)),
        ("xavier_normal_", {"gain": 2.0}, 2 * math.sqrt(2 / 500)),
        ("kaiming_uniform_", {"nonlinearity": "relu"}, math.sqrt(2 / 300)),
        ("kaiming_normal_", {"mode": "fan_out", "a": 1.0}, math.sqrt(1 / 200)),
        ("normal_", {"std": 0.5}, 0.5),
        ("uniform_", {"a": -1.0, "b": 1.0}, math.sqrt(1 / 3)),
        ("trunc_normal_", {"a": -1.0, "b": 1.0}, 0.5396),
    ],
)
def test_moments(lib: Any, name: str, options: Any, std: float) -> None:
    mean, found = moments(getattr(lib.nn.init, name)(lib.empty(200, 300), **options))
    assert abs(mean) < 5 * std / math.sqrt(60000) and found == pytest.approx(std, rel=0.02)


def test_uniform_bounds(lib: Any) -> None:
    w = lib.nn.init.kaiming_uniform_(lib.empty(50, 30), a=math.sqrt(5))
    assert float(w.abs().max()) <= 1 / math.sqrt(30)


def test_structured(lib: Any) -> None:
    init = lib.nn.init
    assert init.eye_(lib.empty(2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert init.constant_(lib.empty(2), 7.0).tolist() == [7, 7]
    x = lib.arange(10.0).reshape(1, 2, 5)
    assert lib.equal(lib.nn.functional.conv1d(x, init.dirac_(lib.empty(2, 2, 3)), padding=1), x)
    assert init.dirac_(lib.empty(4, 2, 1), groups=2).squeeze(-1).tolist() == [[1, 0], [0, 1], [1, 0], [0, 1]]
    assert (init.sparse_(lib.empty(10, 4), 0.3) == 0).sum(0).tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (2, 2, 3)])
def test_orthogonal(lib: Any, shape: Any) -> None:
    w = lib.nn.init.orthogonal_(lib.empty(*shape, dtype=lib.float64), gain=2.0).flatten(1)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    assert float((product / 4 - lib.eye(product.shape[0], dtype=lib.float64)).abs().max()) < 1e-12


def test_gains(lib: Any) -> None:
    gain = lib.nn.init.calculate_gain
    assert [gain("linear"), gain("tanh"), gain("relu"), gain("selu")] == [1, 5 / 3, math.sqrt(2), 0.75]
    assert gain("leaky_relu", 1) == 1.0
    with pytest.raises(ValueError, match="Unsupported nonlinearity foo"):
        gain("foo")


def test_nothing_is_recorded(lib: Any) -> None:
    w = lib.nn.Parameter(lib.empty(3, 3))
    assert lib.nn.init.xavier_normal_(w) is w and w.is_leaf and w.requires_grad


def test_misuse(lib: Any) -> None:
    init = lib.nn.init
    with pytest.raises(
        ValueError, match="Fan in and fan out can not be computed for tensor with fewer than 2 dim"
    ):
        init.xavier_uniform_(lib.empty(3))
    with pytest.raises(ValueError, match="Mode foo not supported, please use one of"):
        init.kaiming_normal_(lib.empty(3, 3), mode="foo")
    with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
        init.kaiming_normal_(lib.empty(0, 3))
    with pytest.raises(ValueError, match="Only tensors with 2 dimensions are supported"):
        init.eye_(lib.empty(3))
