"""(d): a transformer encoder layer on 32 sequences of 64 tokens of width 384, forward and backward."""

from __future__ import annotations

import importlib
import math
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


def with_autograd(lib: ModuleType) -> Program:
    """HIPS autograd: the layer written out."""
    anp = lib.numpy
    erf = importlib.import_module("autograd.scipy.special").erf
    sequences, targets = inputs()
    parameters = weights(SHAPES)

    def linear(x: Any, p: dict[str, Any], name: str) -> Any:
        return anp.dot(x, p[f"{name}weight"].T) + p[f"{name}bias"]

    def norm(x: Any, p: dict[str, Any], name: str) -> Any:
        centred = x - anp.mean(x, axis=-1, keepdims=True)
        deviation = anp.sqrt(anp.mean(centred * centred, axis=-1, keepdims=True) + 1e-5)
        return centred / deviation * p[f"{name}.weight"] + p[f"{name}.bias"]

    def attention(x: Any, p: dict[str, Any]) -> Any:
        heads = anp.reshape(linear(x, p, "self_attn.in_proj_"), (BATCH, LENGTH, 3, HEADS, WIDTH // HEADS))
        query, key, value = anp.transpose(heads, (2, 0, 3, 1, 4))
        scores = anp.matmul(query, anp.swapaxes(key, -1, -2)) / math.sqrt(WIDTH // HEADS)
        exponents = anp.exp(scores - anp.max(scores, axis=-1, keepdims=True))
        mixed = anp.matmul(exponents / anp.sum(exponents, axis=-1, keepdims=True), value)
        joined = anp.reshape(anp.swapaxes(mixed, 1, 2), (BATCH, LENGTH, WIDTH))
        return linear(joined, p, "self_attn.out_proj.")

    def loss(both: tuple[Any, dict[str, Any]]) -> Any:
        x, p = both
        x = norm(x + attention(x, p), p, "norm1")
        inner = linear(x, p, "linear1.")
        inner = 0.5 * inner * (1.0 + erf(inner / math.sqrt(2.0)))
        x = norm(x + linear(inner, p, "linear2."), p, "norm2")
        return anp.mean((x - targets) ** 2)

    value_and_gradient = lib.value_and_grad(loss)

    def values() -> Values:
        value, (d_sequences, grads) = value_and_gradient((sequences, parameters))
        return as_values(loss=value, sequences=d_sequences, **grads)

    return Program(values, lambda: value_and_gradient((sequences, parameters)))


PROGRAMS = {"upriver": with_modules, "torch": with_modules, "autograd": with_autograd}
WORKLOADS = (Workload("d", "transformer encoder layer 32 x 64 x 384", PROGRAMS),)
