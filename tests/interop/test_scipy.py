"""SciPy's minimisers on upriver's functions."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
from scipy import optimize

import upriver as up
from upriver.interop.scipy import minimize


def rosenbrock(x: Any) -> Any:
    return ((1 - x[:-1]) ** 2 + 100 * (x[1:] - x[:-1] ** 2) ** 2).sum()


@pytest.mark.parametrize("method", [None, "BFGS", "L-BFGS-B", "CG", "SLSQP", "trust-constr"])
def test_as_with_the_gradient_by_hand(method: str | None) -> None:
    start = np.array([-1.2, 1.0, 0.8])
    ours = minimize(rosenbrock, start, method=method)
    theirs = optimize.minimize(optimize.rosen, start, jac=optimize.rosen_der, method=method)
    assert ours.x == pytest.approx(theirs.x, abs=1e-5)
    assert abs(ours.nfev - theirs.nfev) <= 3
    assert start.tolist() == [-1.2, 1.0, 0.8]


def test_shape_arguments_and_options() -> None:
    goal = np.arange(6.0).reshape(2, 3)
    seen = []

    def distance(x: Any, target: Any, scale: float) -> Any:
        seen.append((x.shape, x.dtype, x.is_leaf))
        return scale * ((x - target) ** 2).sum()

    steps: list[Any] = []
    options: dict[str, Any] = {"callback": steps.append, "method": "L-BFGS-B", "options": {"maxiter": 50}}
    found = minimize(distance, up.zeros(2, 3), (up.from_numpy(goal), 2.0), bounds=[(0, 4)] * 6, **options)
    assert found.x.shape == (2, 3)
    assert found.x == pytest.approx(np.minimum(goal, 4), abs=1e-5)
    assert set(seen) == {((2, 3), up.float64, True)}
    assert steps


def test_gradients_of_others_are_left_alone() -> None:
    w = up.tensor([2.0], dtype=up.float64, requires_grad=True)
    minimize(lambda x: ((x - w) ** 2).sum(), [0.0])
    assert w.grad is None


def test_under_no_grad() -> None:
    with up.no_grad():
        assert minimize(lambda x: ((x - 2) ** 2).sum(), [0.0]).x == pytest.approx([2.0], abs=1e-5)


def test_refused() -> None:
    with pytest.raises(TypeError, match="leave `jac` out"):
        minimize(rosenbrock, [0.0, 0.0], jac=True)
    with pytest.raises(TypeError, match="must return a Tensor of one element, but got float"):
        minimize(lambda x: 1.0, [0.0])  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match=r"must return a Tensor of one element, but got the shape \(2,\)"):
        minimize(lambda x: x, [0.0, 0.0])


def test_a_function_that_cuts_the_graph_is_told_so() -> None:
    with pytest.raises(RuntimeError, match=r"does not require grad"):
        minimize(lambda x: (x.detach() ** 2).sum(), [1.0])


def test_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "scipy":
            raise ImportError(name)
        return genuine(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="pip install scipy"):
        minimize(rosenbrock, [0.0, 0.0])
