"""Softmax, log-sum-exp, layer norm, GELU and SiLU: definitions, finite differences, PyTorch."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.definitions import layouts, numeric_gradient
from tests.oracle import torch
from upriver.kernels import activations, rows

SHAPES = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)
LONG = [(3, 1500), (40, 700), (700, 40), (2, 300, 90), (1, 900, 120), (5000, 64)]


def random(shape, dtype=np.float64, seed=0):
    return np.asarray(np.random.default_rng(seed).standard_normal(shape) * 2).astype(dtype)


def naive_softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


@given(SHAPES, st.data())
@settings(max_examples=60, deadline=None)
def test_softmax_family(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x, g = random(shape), random(shape, seed=1)
    expected = naive_softmax(x, axis)
    for layout in layouts(x):
        out = rows.softmax(layout, axis)
        np.testing.assert_allclose(out, expected, rtol=1e-12)
        np.testing.assert_allclose(rows.log_softmax(layout, axis), np.log(expected), rtol=1e-10, atol=1e-12)
        total = np.log(np.exp(x).sum(axis, keepdims=True))
        np.testing.assert_allclose(rows.logsumexp(layout, axis), total, rtol=1e-10, atol=1e-12)
    dx = numeric_gradient(lambda v: naive_softmax(v, axis), x, g)
    np.testing.assert_allclose(rows.softmax_backward(g, out, axis), dx, rtol=1e-5, atol=1e-8)
    dx = numeric_gradient(lambda v: np.log(naive_softmax(v, axis)), x, g)
    np.testing.assert_allclose(rows.log_softmax_backward(g, np.log(expected), axis), dx, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("shape", LONG)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_blocks_cover_every_row(shape, dtype):
    x = random(shape, dtype)
    tolerance = {np.float16: 2e-3, np.float32: 2e-5, np.float64: 1e-12}[dtype]
    for axis in range(len(shape)):
        out = rows.softmax(x, axis)
        assert out.dtype == dtype
        np.testing.assert_allclose(
            out, naive_softmax(x.astype(np.float64), axis), rtol=tolerance, atol=tolerance
        )


def test_softmax_edges():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = np.array([[-np.inf] * 3, [np.inf, 0, 1], [np.nan, 0, 1], [-np.inf, 0, 0]], np.float32)
        out = rows.softmax(x, 1)
        assert np.isnan(out[:3, 0]).all()
        assert np.isnan(out[0]).all()
        np.testing.assert_array_equal(out[3], [0, 0.5, 0.5])
        np.testing.assert_allclose(rows.logsumexp(x, 1)[[0, 1, 3], 0], [-np.inf, np.inf, np.log(2)])
        assert rows.softmax(np.ones((3, 0)), 1).shape == (3, 0)
        np.testing.assert_array_equal(rows.logsumexp(np.ones((2, 0)), 1), [[-np.inf]] * 2)
    assert rows.softmax(np.array(3.0), 0) == 1
    assert rows.log_softmax(np.array(3.0), 0) == 0


def naive_layer_norm(x, weight, bias, n, eps=1e-5):
    axes = tuple(range(x.ndim - n, x.ndim))
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    out = (x - mean) / np.sqrt(variance + eps)
    return out if weight is None else out * weight + bias


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize(("shape", "n"), [((4, 5), 1), ((2, 3, 4), 2), ((3, 4), 2), ((1, 1, 3), 1)])
def test_layer_norm(shape, n, affine):
    x, g = random(shape), random(shape, seed=1)
    normalised = shape[len(shape) - n :]
    weight, bias = (random(normalised, seed=2), random(normalised, seed=3)) if affine else (None, None)
    for layout in layouts(x):
        out, mean, rstd = rows.layer_norm(layout, weight, bias, n, 1e-5)
        np.testing.assert_allclose(out, naive_layer_norm(x, weight, bias, n), rtol=1e-10, atol=1e-12)
    dx, dweight, dbias = rows.layer_norm_backward(g, x, mean, rstd, weight)
    expected = numeric_gradient(lambda v: naive_layer_norm(v, weight, bias, n), x, g)
    np.testing.assert_allclose(dx, expected, rtol=1e-5, atol=1e-7)
    if affine:
        expected = numeric_gradient(lambda v: naive_layer_norm(x, v, bias, n), weight, g)  # type: ignore[arg-type]
        np.testing.assert_allclose(dweight, expected, rtol=1e-5, atol=1e-7)
        axes = tuple(range(len(shape) - n))
        np.testing.assert_allclose(dbias, g.sum(axes))


def test_layer_norm_over_many_blocks_and_types():
    x = random((3000, 384), np.float32)
    weight = random((384,), np.float32)
    out, mean, rstd = rows.layer_norm(x, weight, weight, 1, 1e-5)
    assert out.dtype == mean.dtype == np.float32
    expected = naive_layer_norm(x.astype(np.float64), weight, weight, 1)
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)
    first = rows.layer_norm_backward(x, x, mean, rstd, weight)
    again = rows.layer_norm_backward(x, x, mean, rstd, weight)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    half, *_ = rows.layer_norm(x[:5].astype(np.float16), None, None, 1, 1e-5)
    assert half.dtype == np.float16
    assert rows.layer_norm(x[:0], weight, weight, 1, 1e-5)[0].shape == (0, 384)


@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gelu(approximate, dtype):
    special = pytest.importorskip("scipy.special")
    x = np.linspace(-8, 8, 4001)
    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    expected = x * special.ndtr(x) if approximate == "none" else 0.5 * x * (1 + np.tanh(inner))
    tolerance = 1e-6 if dtype == np.float32 else 1e-14
    result = activations.gelu(x.astype(dtype), approximate)
    np.testing.assert_allclose(result, expected, rtol=tolerance, atol=tolerance)
    double = activations.gelu_backward(np.ones_like(x), x, approximate)
    step = 1e-5
    slope = (activations.gelu(x + step, approximate) - activations.gelu(x - step, approximate)) / (2 * step)
    np.testing.assert_allclose(double, slope, rtol=1e-7, atol=1e-9)
    single = activations.gelu_backward(np.ones(x.shape, dtype), x.astype(dtype), approximate)
    np.testing.assert_allclose(single, double, rtol=3 * tolerance, atol=3 * tolerance)


def test_silu_and_special_values():
    x = np.linspace(-30, 30, 301)
    np.testing.assert_allclose(activations.silu(x), x / (1 + np.exp(-x)), rtol=1e-13)
    slope = (activations.silu(x + 1e-5) - activations.silu(x - 1e-5)) / 2e-5
    np.testing.assert_allclose(activations.silu_backward(np.ones_like(x), x), slope, rtol=1e-6, atol=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        edges = np.array([np.inf, -np.inf, np.nan, 0.0, 1e30, -1e30], np.float32)
        for function in (activations.gelu, activations.silu):
            expected = np.array([np.inf, np.nan, np.nan, 0, 1e30, 0], np.float32)
            np.testing.assert_array_equal(function(edges), expected)
    with pytest.raises(RuntimeError, match="approximate argument must be either none or tanh"):
        activations.gelu(x, "fast")


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "axis"), [((5, 7), 1), ((5, 7), 0), ((2, 3, 4, 5), 2), ((64, 1000), 1)])
def test_against_pytorch(shape, axis, dtype):
    functional = torch.nn.functional
    x, g = random(shape, dtype), random(shape, dtype, seed=1)
    tolerance: dict[str, Any] = (
        {"rtol": 2e-4, "atol": 2e-5} if dtype == np.float32 else {"rtol": 1e-9, "atol": 1e-10}
    )
    pairs = [
        (lambda t: torch.softmax(t, axis), lambda: rows.softmax_backward(g, rows.softmax(x, axis), axis)),
        (
            lambda t: torch.log_softmax(t, axis),
            lambda: rows.log_softmax_backward(g, rows.log_softmax(x, axis), axis),
        ),
        (functional.gelu, lambda: activations.gelu_backward(g, x)),
        (
            lambda t: functional.gelu(t, approximate="tanh"),
            lambda: activations.gelu_backward(g, x, "tanh"),
        ),
        (functional.silu, lambda: activations.silu_backward(g, x)),
        (
            lambda t: functional.layer_norm(t, shape[-1:]),
            lambda: rows.layer_norm_backward(g, x, *rows.layer_norm(x, None, None, 1, 1e-5)[1:], None)[0],
        ),
    ]
    for theirs, ours in pairs:
        leaf = torch.tensor(x, requires_grad=True)
        theirs(leaf).backward(torch.tensor(g))
        np.testing.assert_allclose(ours(), leaf.grad.numpy(), **tolerance)
