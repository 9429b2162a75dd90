"""(e): LSTM language-model training by truncated backpropagation: the state is detached between chunks.

35 steps a chunk, hidden 200, batch 20; once with ``nn.LSTM`` and once with the cell written by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.workload import Program, Values, Workload, as_values
from benchmarks.workloads.weights import Array, filled, gradients, weights

STEPS, BATCH, HIDDEN = 35, 20, 200
LEARNING_RATE = 0.1
SHAPES = {
    "weight_ih_l0": (4 * HIDDEN, HIDDEN),
    "weight_hh_l0": (4 * HIDDEN, HIDDEN),
    "bias_ih_l0": (4 * HIDDEN,),
    "bias_hh_l0": (4 * HIDDEN,),
}


@cache
def chunk() -> tuple[Array, Array]:
    """Inputs and targets (35, 20, 200) of one chunk, float32."""
    random = np.random.default_rng(5)
    shape = (STEPS, BATCH, HIDDEN)
    return random.standard_normal(shape, dtype=np.float32), random.uniform(-1, 1, shape).astype(np.float32)


def cell(F: Any, gates: Any, c: Any, piece: Callable[[Any, int], Any]) -> tuple[Any, Any]:
    """One step from the gates' sums (20, 800), in PyTorch's order: input, forget, candidate, output."""
    i, f, g, o = (piece(gates, index) for index in range(4))
    c = F.sigmoid(f) * c + F.sigmoid(i) * F.tanh(g)
    return F.sigmoid(o) * F.tanh(c), c


def columns(gates: Any, index: int) -> Any:
    """The block of 200 columns that belongs to one gate."""
    return gates[:, index * HIDDEN : (index + 1) * HIDDEN]


def module_forward(lib: ModuleType, lstm: Any, inputs: Any, state: Any) -> tuple[Any, Any]:
    """The chunk through ``nn.LSTM``: outputs and last state."""
    h, c = state
    outputs, (h, c) = lstm(inputs, (h.unsqueeze(0), c.unsqueeze(0)))
    return outputs, (h.squeeze(0), c.squeeze(0))


def written_forward(lib: ModuleType, lstm: Any, inputs: Any, state: Any) -> tuple[Any, Any]:
    """The chunk through a cell written by hand, with the same parameters."""
    h, c = state
    linear = lib.nn.functional.linear
    from_inputs = linear(inputs, lstm.weight_ih_l0, lstm.bias_ih_l0)
    outputs = []
    for step in range(STEPS):
        h, c = cell(lib, from_inputs[step] + linear(h, lstm.weight_hh_l0, lstm.bias_hh_l0), c, columns)
        outputs.append(h)
    return lib.stack(outputs), (h, c)


def with_modules(lib: ModuleType, forward: Callable[..., tuple[Any, Any]]) -> Program:
    """upriver and PyTorch: chunk after chunk, each from the detached state of the last, with SGD."""
    inputs, targets = map(lib.from_numpy, chunk())

    def trainer() -> tuple[Any, Callable[[], Any]]:
        lstm = filled(lib, lib.nn.LSTM(HIDDEN, HIDDEN))
        optimizer = lib.optim.SGD(lstm.parameters(), lr=LEARNING_RATE)
        state = (lib.zeros(BATCH, HIDDEN), lib.zeros(BATCH, HIDDEN))

        def step() -> Any:
            nonlocal state
            optimizer.zero_grad()
            h, c = state
            outputs, state = forward(lib, lstm, inputs, (h.detach(), c.detach()))
            loss = lib.nn.functional.mse_loss(outputs, targets)
            loss.backward()
            optimizer.step()
            return loss

        return lstm, step

    def values() -> Values:
        lstm, step = trainer()
        first = step().detach()
        return as_values(first=first, second=step().detach(), **gradients(lstm))

    return Program(values, trainer()[1])


def functional_chunk(lib: ModuleType, state: Any, p: dict[str, Any]) -> tuple[Any, Any]:
    """The chunk's loss and last state in HIPS autograd's NumPy, from the state before and the parameters."""
    anp = lib.numpy
    F = SimpleNamespace(tanh=anp.tanh, sigmoid=lambda x: 0.5 * (anp.tanh(0.5 * x) + 1.0))
    inputs, targets = chunk()
    h, c = state
    from_inputs = anp.dot(inputs, p["weight_ih_l0"].T) + p["bias_ih_l0"]
    outputs = []
    for step in range(STEPS):
        gates = from_inputs[step] + anp.dot(h, p["weight_hh_l0"].T) + p["bias_hh_l0"]
        h, c = cell(F, gates, c, columns)
        outputs.append(h)
    return anp.mean((anp.array(outputs) - targets) ** 2), (h, c)


def with_autograd(lib: ModuleType) -> Program:
    """HIPS autograd has no detach: the state's values are taken out of the tracer's boxes."""
    value_of = lib.tracer.getval

    def trainer() -> Callable[[], tuple[Any, dict[str, Array]]]:
        parameters = weights(SHAPES)
        state: Any = (np.zeros((BATCH, HIDDEN), np.float32), np.zeros((BATCH, HIDDEN), np.float32))

        def loss(p: dict[str, Any]) -> Any:
            nonlocal state
            value, (h, c) = functional_chunk(lib, state, p)
            state = (value_of(h), value_of(c))
            return value

        value_and_gradient = lib.value_and_grad(loss)

        def step() -> tuple[Any, dict[str, Array]]:
            value, grads = value_and_gradient(parameters)
            for name, grad in grads.items():
                parameters[name] = parameters[name] - np.float32(LEARNING_RATE) * grad
            return value, grads

        return step

    def values() -> Values:
        step = trainer()
        first, _ = step()
        second, grads = step()
        return as_values(first=first, second=second, **grads)

    return Program(values, trainer())


def workload(title: str, forward: Callable[..., tuple[Any, Any]]) -> Workload:
    """One spelling of the LSTM; autograd, which has no modules, runs its one spelling in both."""
    return Workload(
        "e",
        title,
        {
            "upriver": partial(with_modules, forward=forward),
            "torch": partial(with_modules, forward=forward),
            "autograd": with_autograd,
        },
    )


WORKLOADS = (
    workload("LSTM, 35 steps, state detached, nn.LSTM", module_forward),
    workload("LSTM, 35 steps, state detached, cell by hand", written_forward),
)
