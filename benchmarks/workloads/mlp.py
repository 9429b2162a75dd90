"""(c): one training step of an MLP 784-256-256-10 with Adam, batch 128."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.workload import Program, Values, Workload, as_values
from benchmarks.workloads.weights import Array, filled, gradients, weights

WIDTHS = (784, 256, 256, 10)
BATCH = 128
LEARNING_RATE = 1e-3
SHAPES = {
    f"{2 * layer}.{kind}": (outputs, inputs) if kind == "weight" else (outputs,)
    for layer, (inputs, outputs) in enumerate(pairwise(WIDTHS))
    for kind in ("weight", "bias")
}


def batch() -> tuple[Array, Any]:
    """Images (128, 784) float32 and labels (128,) int64."""
    random = np.random.default_rng(3)
    return random.random((BATCH, WIDTHS[0]), dtype=np.float32), random.integers(0, WIDTHS[-1], BATCH)


def with_modules(lib: ModuleType) -> Program:
    """upriver and PyTorch: ``nn.Sequential`` and ``optim.Adam``."""
    nn = lib.nn
    images, labels = map(lib.from_numpy, batch())

    def trainer() -> tuple[Any, Callable[[], Any]]:
        model = nn.Sequential(
            nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)
        )
        filled(lib, model)
        criterion = nn.CrossEntropyLoss()
        optimizer = lib.optim.Adam(model.parameters(), lr=LEARNING_RATE)

        def step() -> Any:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            return loss

        return model, step

    def values() -> Values:
        model, step = trainer()
        first = step().detach()
        grads = as_values(**{name: grad.clone() for name, grad in gradients(model).items()})
        step()
        return as_values(first=first, third=step().detach()) | grads

    return Program(values, trainer()[1])


def adam(parameters: dict[str, Array]) -> Callable[[dict[str, Array]], None]:
    """Adam in NumPy, as both peers without a comparable optimiser would write it: updates in place."""
    mean = {name: np.zeros_like(value) for name, value in parameters.items()}
    square = {name: np.zeros_like(value) for name, value in parameters.items()}
    steps = 0

    def update(grads: dict[str, Array]) -> None:
        nonlocal steps
        steps += 1
        rate = LEARNING_RATE / (1 - 0.9**steps)
        correction = (1 - 0.999**steps) ** -0.5
        for name, grad in grads.items():
            mean[name] += 0.1 * (grad - mean[name])
            square[name] += 0.001 * (grad * grad - square[name])
            parameters[name] -= rate * mean[name] / (np.sqrt(square[name]) * correction + 1e-8)

    return update


def three_steps(step: Callable[[], tuple[Any, dict[str, Any]]]) -> Values:
    """The losses before the first and third updates, and the first gradients."""
    first, grads = step()
    copies = {name: grad.copy() for name, grad in grads.items()}
    step()
    return as_values(first=first, third=step()[0]) | copies


def with_autograd(lib: ModuleType) -> Program:
    """HIPS autograd."""
    anp = lib.numpy
    images, labels = batch()
    rows = np.arange(BATCH)

    def loss(parameters: dict[str, Any]) -> Any:
        hidden = images
        for layer in (0, 2, 4):
            hidden = anp.dot(hidden, parameters[f"{layer}.weight"].T) + parameters[f"{layer}.bias"]
            hidden = anp.maximum(hidden, 0.0) if layer < 4 else hidden
        shifted = hidden - anp.max(hidden, axis=1, keepdims=True)
        log_total = anp.log(anp.sum(anp.exp(shifted), axis=1))
        return anp.mean(log_total - shifted[rows, labels])

    value_and_gradient = lib.value_and_grad(loss)

    def trainer() -> Callable[[], tuple[Any, dict[str, Any]]]:
        parameters = weights(SHAPES)
        update = adam(parameters)

        def step() -> tuple[Any, dict[str, Any]]:
            value, grads = value_and_gradient(parameters)
            update(grads)
            return value, grads

        return step

    return Program(lambda: three_steps(trainer()), trainer())


def with_mygrad(lib: ModuleType) -> Program:
    """MyGrad."""
    relu = lib.nnet.activations.relu
    images, labels = batch()

    def trainer() -> Callable[[], tuple[Any, dict[str, Any]]]:
        arrays = weights(SHAPES)
        update = adam(arrays)

        def step() -> tuple[Any, dict[str, Any]]:
            parameters = {name: lib.tensor(array, copy=False) for name, array in arrays.items()}
            hidden: Any = images
            for layer in (0, 2, 4):
                hidden = lib.matmul(hidden, parameters[f"{layer}.weight"].T) + parameters[f"{layer}.bias"]
                hidden = relu(hidden) if layer < 4 else hidden
            loss = lib.nnet.losses.softmax_crossentropy(hidden, labels)
            loss.backward()
            grads = {name: parameter.grad for name, parameter in parameters.items()}
            value = loss.data.copy()
            update(grads)
            return value, grads

        return step

    return Program(lambda: three_steps(trainer()), trainer())


PROGRAMS = {"upriver": with_modules, "torch": with_modules, "autograd": with_autograd, "mygrad": with_mygrad}
WORKLOADS = (Workload("c", "MLP 784-256-256-10, batch 128, Adam", PROGRAMS),)
