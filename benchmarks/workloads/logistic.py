"""(h): logistic regression on 1000 samples of 20 features, float64, fitted by ``scipy.optimize``."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.workload import Goal, Program, Quantity, Values, Workload, as_values

Vector = npt.NDArray[np.float64]
Objective = Callable[[Vector], tuple[float, Vector]]
Maker = Callable[[ModuleType], Objective]
SAMPLES, FEATURES = 1000, 20
PENALTY = 1e-3
GOAL = Goal(0.8, "best")


def data() -> tuple[Vector, Vector]:
    """Features (1000, 20) and labels (1000,) of 0.0 and 1.0, drawn from a logistic model."""
    random = np.random.default_rng(8)
    x = random.standard_normal((SAMPLES, FEATURES))
    chance = 1 / (1 + np.exp(-x @ random.standard_normal(FEATURES)))
    return x, (random.random(SAMPLES) < chance).astype(np.float64)


def objective_with_tensors(lib: ModuleType) -> Objective:
    """upriver and PyTorch."""
    x, y = map(lib.tensor, data())
    cross_entropy = lib.nn.functional.binary_cross_entropy_with_logits

    def objective(point: Vector) -> tuple[float, Vector]:
        w = lib.from_numpy(point).requires_grad_()
        loss = cross_entropy(x @ w, y) + PENALTY * (w * w).sum()
        loss.backward()
        return loss.item(), w.grad.numpy()

    return objective


def objective_with_autograd(lib: ModuleType) -> Objective:
    """HIPS autograd."""
    anp = lib.numpy
    x, y = data()

    def loss(w: Any) -> Any:
        z = anp.dot(x, w)
        return anp.mean(anp.logaddexp(0.0, z) - y * z) + PENALTY * anp.sum(w * w)

    objective: Objective = lib.value_and_grad(loss)
    return objective


def objective_with_mygrad(lib: ModuleType) -> Objective:
    """MyGrad."""
    x, y = data()

    def objective(point: Vector) -> tuple[float, Vector]:
        w = lib.tensor(point)
        z = lib.matmul(x, w)
        loss = lib.mean(lib.logaddexp(0.0, z) - y * z) + PENALTY * (w * w).sum()
        loss.backward()
        return loss.item(), w.grad

    return objective


def call(make: Maker, lib: ModuleType) -> Program:
    """One value and gradient at a fixed point."""
    objective = make(lib)
    point = np.random.default_rng(9).standard_normal(FEATURES)

    def values() -> Values:
        value, gradient = objective(point)
        return as_values(value=value, gradient=gradient)

    return Program(values, lambda: objective(point))


def fit(make: Maker, lib: ModuleType) -> Program:
    """L-BFGS from zero to convergence."""
    objective = make(lib)
    minimize = importlib.import_module("scipy.optimize").minimize

    def step() -> Any:
        return minimize(objective, np.zeros(FEATURES), jac=True, method="L-BFGS-B")

    def values() -> Values:
        result = step()
        return as_values(value=result.fun, point=result.x, evaluations=result.nfev)

    return Program(values, step)


OBJECTIVES = {
    "upriver": objective_with_tensors,
    "torch": objective_with_tensors,
    "autograd": objective_with_autograd,
    "mygrad": objective_with_mygrad,
}


def workload(title: str, program: Callable[[Maker, ModuleType], Program]) -> Workload:
    """One use of the objective."""
    return Workload(
        "h",
        f"logistic regression 1000 x 20, float64, {title}",
        {library: partial(program, make) for library, make in OBJECTIVES.items()},
        (Quantity(goals=(GOAL,)),),
    )


WORKLOADS = (workload("value and gradient", call), workload("L-BFGS fit", fit))
