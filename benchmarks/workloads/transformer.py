"""(d): a transformer encoder layer on 32 sequences of 64 tokens of width 384, forward and backward."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.workload import Program, Values, Workload, as_values
from benchmarks.workloads.weights import Array, filled, gradients, weights

BATCH, LENGTH, WIDTH, HEADS, INNER = 32, 64, 384, 6, 1536
SHAPES = {
    "self_attn.in_proj_weight": (3 * WIDTH, WIDTH),
    "self_attn.in_proj_bias": (3 * WIDTH,),
    "self_attn.out_proj.weight": (WIDTH, WIDTH),
    "self_attn.out_proj.bias": (WIDTH,),
    "linear1.weight": (INNER, WIDTH),
    "linear1.bias": (INNER,),
    "linear2.weight": (WIDTH, INNER),
    "linear2.bias": (WIDTH,),
    "norm1.weight": (WIDTH,),
    "norm1.bias": (WIDTH,),
    "norm2.weight": (WIDTH,),
    "norm2.bias": (WIDTH,),
}


def inputs() -> tuple[Array, Array]:
    """Sequences and targets (32, 64, 384), standard normal, float32."""
    random = np.random.default_rng(4)
    shape = (BATCH, LENGTH, WIDTH)
    return random.standard_normal(shape, dtype=np.float32), random.standard_normal(shape, dtype=np.float32)


def with_modules(lib: ModuleType) -> Program:
    """upriver and PyTorch: ``nn.TransformerEncoderLayer`` in training, without dropout."""
    layer = filled(
        lib,
        lib.nn.TransformerEncoderLayer(WIDTH, HEADS, INNER, dropout=0.0, activation="gelu", batch_first=True),
    )
    sequences, targets = map(lib.from_numpy, inputs())
    sequences.requires_grad_()

    def step() -> Any:
        layer.zero_grad()
        sequences.grad = None
        loss = lib.nn.functional.mse_loss(layer(sequences), targets)
        loss.backward()
        return loss

    def values() -> Values:
        loss = step().detach()
        return as_values(loss=loss, sequences=sequences.grad, **gradients(layer))

    return Program(values, step)


@dataclass(frozen=True)
class WrittenOut:
    """The same layer in HIPS autograd's NumPy: its parameters and what it is made of."""

    anp: Any
    erf: Callable[[Any], Any]
    p: dict[str, Any]

    def layer(self, x: Any) -> Any:
        """(32, 64, 384) -> (32, 64, 384)."""
        x = self.norm(x + self.attention(x), "norm1")
        inner = self.linear(x, "linear1.")
        inner = 0.5 * inner * (1.0 + self.erf(inner / math.sqrt(2.0)))
        return self.norm(x + self.linear(inner, "linear2."), "norm2")

    def attention(self, x: Any) -> Any:
        """Six heads of width 64."""
        anp = self.anp
        heads = anp.reshape(self.linear(x, "self_attn.in_proj_"), (BATCH, LENGTH, 3, HEADS, WIDTH // HEADS))
        query, key, value = anp.transpose(heads, (2, 0, 3, 1, 4))
        scores = anp.matmul(query, anp.swapaxes(key, -1, -2)) / math.sqrt(WIDTH // HEADS)
        exponents = anp.exp(scores - anp.max(scores, axis=-1, keepdims=True))
        mixed = anp.matmul(exponents / anp.sum(exponents, axis=-1, keepdims=True), value)
        joined = anp.reshape(anp.swapaxes(mixed, 1, 2), (BATCH, LENGTH, WIDTH))
        return self.linear(joined, "self_attn.out_proj.")

    def linear(self, x: Any, name: str) -> Any:
        """x times the weight's transpose, plus the bias."""
        return self.anp.dot(x, self.p[f"{name}weight"].T) + self.p[f"{name}bias"]

    def norm(self, x: Any, name: str) -> Any:
        """Layer norm over the last axis."""
        anp = self.anp
        centred = x - anp.mean(x, axis=-1, keepdims=True)
        deviation = anp.sqrt(anp.mean(centred * centred, axis=-1, keepdims=True) + 1e-5)
        return centred / deviation * self.p[f"{name}.weight"] + self.p[f"{name}.bias"]


def with_autograd(lib: ModuleType) -> Program:
    """HIPS autograd: the layer written out."""
    erf = importlib.import_module("autograd.scipy.special").erf
    sequences, targets = inputs()
    both = (sequences, weights(SHAPES))

    def loss(both: tuple[Any, dict[str, Any]]) -> Any:
        x, p = both
        return lib.numpy.mean((WrittenOut(lib.numpy, erf, p).layer(x) - targets) ** 2)

    value_and_gradient = lib.value_and_grad(loss)

    def values() -> Values:
        value, (d_sequences, grads) = value_and_gradient(both)
        return as_values(loss=value, sequences=d_sequences, **grads)

    return Program(values, lambda: value_and_gradient(both))


PROGRAMS = {"upriver": with_modules, "torch": with_modules, "autograd": with_autograd}
WORKLOADS = (Workload("d", "transformer encoder layer 32 x 64 x 384", PROGRAMS),)
