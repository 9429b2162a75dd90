"""Convolution and its gradients against the definition, finite differences and PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.kernels.definitions import layouts, naive_conv2d, numeric_gradient
from tests.oracle import torch
from upriver.kernels import convolution

CASES = [  # x, weight, stride, padding, dilation, groups
    ((2, 3, 7, 8), (4, 3, 3, 2), (1, 1), (0, 0), (1, 1), 1),
    ((2, 4, 9, 8), (6, 2, 3, 3), (2, 1), (1, 2), (1, 2), 2),
    ((3, 4, 5, 5), (4, 4, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    ((3, 4, 5, 5), (4, 1, 1, 1), (2, 2), (0, 0), (1, 1), 4),
    ((1, 1, 5, 5), (1, 1, 5, 5), (3, 3), (0, 0), (1, 1), 1),
    ((2, 3, 1, 20), (5, 3, 1, 4), (1, 3), (0, 2), (1, 2), 1),
    ((2, 4, 8, 7), (8, 1, 3, 3), (1, 1), (2, 2), (2, 2), 4),
    ((2, 2, 6, 7), (2, 2, 2, 3), (3, 2), (1, 1), (1, 1), 1),
]
LARGE = [
    ((20, 6, 12, 12), (16, 6, 5, 5), (1, 1), (0, 0), (1, 1), 1),
    ((9, 64, 16, 16), (64, 64, 3, 3), (1, 1), (1, 1), (1, 1), 1),
]


def random(shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize(("x_shape", "w_shape", "stride", "padding", "dilation", "groups"), CASES)
def test_forward_and_gradients(x_shape, w_shape, stride, padding, dilation, groups):
    settings_ = (stride, padding, dilation, groups)
    x, w, bias = random(x_shape), random(w_shape, seed=1), random(w_shape[0], seed=2)
    expected = naive_conv2d(x, w, *settings_) + bias[:, None, None]
    for layout in layouts(x):
        np.testing.assert_allclose(convolution.conv2d(layout, w, bias, *settings_), expected, rtol=1e-10)
    g = random(expected.shape, seed=3)
    dx = numeric_gradient(lambda v: naive_conv2d(v, w, *settings_), x, g)
    result = convolution.conv2d_input_gradient(g, w, x_shape[2:], *settings_)
    np.testing.assert_allclose(result, dx, rtol=1e-5, atol=1e-7)
    dw = numeric_gradient(lambda v: naive_conv2d(x, v, *settings_), w, g)
    result = convolution.conv2d_weight_gradient(g, x, w_shape, *settings_)
    np.testing.assert_allclose(result, dw, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(convolution.conv2d_bias_gradient(g), g.sum((0, 2, 3)))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_gradients_are_adjoints(data):
    def pair(low, high):
        return data.draw(st.integers(low, high)), data.draw(st.integers(low, high))

    groups, image, kernel = data.draw(st.integers(1, 3)), pair(1, 9), pair(1, 3)
    stride, padding, dilation = pair(1, 3), pair(0, 2), pair(1, 2)
    assume(all(d * (k - 1) < i + 2 * p for d, k, i, p in zip(dilation, kernel, image, padding, strict=True)))
    x = random((data.draw(st.integers(0, 3)), 2 * groups, *image))
    w = random((3 * groups, 2, *kernel), seed=1)
    rest = (stride, padding, dilation, groups)
    out = convolution.conv2d(x, w, None, *rest)
    g = random(out.shape, seed=2)
    inner = np.vdot(g, out)
    dx = convolution.conv2d_input_gradient(g, w, image, *rest)
    np.testing.assert_allclose(np.vdot(dx, x), inner, rtol=1e-9, atol=1e-9)
    dw = convolution.conv2d_weight_gradient(g, x, w.shape, *rest)
    np.testing.assert_allclose(np.vdot(dw, w), inner, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dtype_is_kept(dtype):
    x, w = random((2, 3, 6, 6), dtype), random((4, 3, 3, 3), dtype, 1)
    rest = ((1, 1), (1, 1), (1, 1), 1)
    out = convolution.conv2d(x, w, w[:, 0, 0, 0], *rest)
    results = [
        out,
        convolution.conv2d_input_gradient(out, w, (6, 6), *rest),
        convolution.conv2d_weight_gradient(out, x, w.shape, *rest),
        convolution.conv2d_bias_gradient(out),
    ]
    assert [result.dtype for result in results] == [dtype] * 4


def test_the_input_is_not_written():
    x, w = random((2, 3, 6, 6)), random((4, 3, 3, 3), seed=1)
    x.flags.writeable = w.flags.writeable = False
    out = convolution.conv2d(x, w, None, (1, 1), (0, 0), (1, 1), 1)
    out.flags.writeable = False
    convolution.conv2d_input_gradient(out, w, (6, 6), (1, 1), (0, 0), (1, 1), 1)


def test_kernel_larger_than_the_input():
    with pytest.raises(RuntimeError, match="Kernel size can't be greater than actual input size"):
        convolution.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 4, 4)), None, (1, 1), (0, 0), (1, 1), 1)


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("x_shape", "w_shape", "stride", "padding", "dilation", "groups"), CASES + LARGE)
def test_against_pytorch(x_shape, w_shape, stride, padding, dilation, groups, dtype):
    rest = (stride, padding, dilation, groups)
    x, w = random(x_shape, dtype), random(w_shape, dtype, 1)
    leaves = [torch.tensor(v, requires_grad=True) for v in (x, w)]
    out = torch.conv2d(leaves[0], leaves[1], None, *rest)
    g = random(tuple(out.shape), dtype, 2)
    out.backward(torch.tensor(g))
    tolerance: dict[str, Any] = (
        {"rtol": 2e-3, "atol": 2e-3} if dtype == np.float32 else {"rtol": 1e-9, "atol": 1e-9}
    )
    np.testing.assert_allclose(convolution.conv2d(x, w, None, *rest), out.detach().numpy(), **tolerance)
    dx = convolution.conv2d_input_gradient(g, w, x_shape[2:], *rest)
    np.testing.assert_allclose(dx, leaves[0].grad.numpy(), **tolerance)
    dw = convolution.conv2d_weight_gradient(g, x, w_shape, *rest)
    np.testing.assert_allclose(dw, leaves[1].grad.numpy(), **tolerance)
