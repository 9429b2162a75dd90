"""(f): one training step of LeNet on 64 images of 28 x 28 with SGD."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.workload import Program, Values, Workload, as_values
from benchmarks.workloads.weights import Array, filled, gradients, weights

BATCH = 64
LEARNING_RATE, MOMENTUM = 0.01, 0.9
SHAPES = {
    "0.weight": (6, 1, 5, 5),
    "0.bias": (6,),
    "3.weight": (16, 6, 5, 5),
    "3.bias": (16,),
    "7.weight": (120, 400),
    "7.bias": (120,),
    "9.weight": (84, 120),
    "9.bias": (84,),
    "11.weight": (10, 84),
    "11.bias": (10,),
}


def batch() -> tuple[Array, Any]:
    """Images (64, 1, 28, 28) float32 and labels (64,) int64."""
    random = np.random.default_rng(6)
    return random.standard_normal((BATCH, 1, 28, 28), dtype=np.float32), random.integers(0, 10, BATCH)


def lenet(nn: Any) -> Any:
    """LeNet-5 with ReLU and max pooling."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def with_modules(lib: ModuleType) -> Program:
    """upriver and PyTorch."""
    images, labels = map(lib.from_numpy, batch())

    def trainer() -> tuple[Any, Callable[[], Any]]:
        model = filled(lib, lenet(lib.nn))
        optimizer = lib.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)

        def step() -> Any:
            optimizer.zero_grad()
            loss = lib.nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            return loss

        return model, step

    def values() -> Values:
        model, step = trainer()
        first = step().detach()
        grads = as_values(**{name: grad.clone() for name, grad in gradients(model).items()})
        return as_values(first=first, second=step().detach()) | grads

    return Program(values, trainer()[1])


def with_mygrad(lib: ModuleType) -> Program:
    """MyGrad: its convolution and pooling, SGD with momentum in NumPy."""
    nnet = lib.nnet
    images, labels = batch()

    def forward(p: dict[str, Any]) -> Any:
        x = nnet.layers.conv_nd(images, p["0.weight"], stride=1, padding=2) + p["0.bias"].reshape(1, 6, 1, 1)
        x = nnet.layers.max_pool(nnet.activations.relu(x), (2, 2), 2)
        x = nnet.layers.conv_nd(x, p["3.weight"], stride=1) + p["3.bias"].reshape(1, 16, 1, 1)
        x = nnet.layers.max_pool(nnet.activations.relu(x), (2, 2), 2).reshape(BATCH, 400)
        for layer in (7, 9, 11):
            x = lib.matmul(x, p[f"{layer}.weight"].T) + p[f"{layer}.bias"]
            x = nnet.activations.relu(x) if layer < 11 else x
        return x

    def trainer() -> Callable[[], tuple[Any, dict[str, Any]]]:
        arrays = weights(SHAPES)
        velocity = {name: np.zeros_like(array) for name, array in arrays.items()}

        def step() -> tuple[Any, dict[str, Any]]:
            parameters = {name: lib.tensor(array, copy=False) for name, array in arrays.items()}
            loss = nnet.losses.softmax_crossentropy(forward(parameters), labels)
            loss.backward()
            grads = {name: parameter.grad for name, parameter in parameters.items()}
            value = loss.data.copy()
            for name, grad in grads.items():
                velocity[name] = MOMENTUM * velocity[name] + grad
                arrays[name] = arrays[name] - LEARNING_RATE * velocity[name]
            return value, grads

        return step

    def values() -> Values:
        step = trainer()
        first, grads = step()
        return as_values(first=first, second=step()[0]) | as_values(**grads)

    return Program(values, trainer())


PROGRAMS = {"upriver": with_modules, "torch": with_modules, "mygrad": with_mygrad}
WORKLOADS = (Workload("f", "LeNet, batch 64, SGD with momentum", PROGRAMS),)
