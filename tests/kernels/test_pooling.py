"""Pooling against PyTorch's loop written out, finite differences and PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.kernels.definitions import layouts, naive_max_pool2d, numeric_gradient
from tests.oracle import torch
from upriver.kernels import pooling


@st.composite
def windows(draw, dilated=True):
    """Image, kernel, stride, padding, dilation and ceil_mode of a valid pooling."""
    image = draw(st.tuples(st.integers(1, 8), st.integers(1, 8)))
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    stride = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    dilation = draw(st.tuples(st.integers(1, 2), st.integers(1, 2))) if dilated else (1, 1)
    ceil_mode = draw(st.booleans())
    sizes = [
        pooling.pooled_size(*axis, ceil_mode)
        for axis in zip(image, kernel, stride, padding, dilation, strict=True)
    ]
    assume(min(sizes) > 0)
    return image, kernel, stride, padding, dilation, ceil_mode


def values(image, seed, special):
    """Small integers, which tie, with some nan and -inf."""
    generator = np.random.default_rng(seed)
    x = generator.integers(-2, 3, (2, *image)).astype(np.float64)
    if special:
        x[generator.random(x.shape) < 0.2] = np.nan
        x[generator.random(x.shape) < 0.3] = -np.inf
    return x


@given(windows(), st.integers(0, 1000), st.booleans())
@settings(max_examples=150, deadline=None)
def test_max_pool2d(window, seed, special):
    image, kernel, stride, padding, dilation, _ = window
    x = values(image, seed, special)
    try:
        out, indices = pooling.max_pool2d(x, *window[1:])
    except RuntimeError as error:
        assert "wholly in the padding" in str(error)
        return
    for plane in range(2):
        best, places = naive_max_pool2d(x[plane], kernel, stride, padding, dilation, out.shape[1:])
        np.testing.assert_array_equal(out[plane], best)
        np.testing.assert_array_equal(indices[plane], places)
    assert indices.dtype == np.int64
    np.testing.assert_array_equal(pooling.max_pool2d_gather(x, indices), out)
    g: Any = np.random.default_rng(seed).standard_normal(out.shape)
    expected = np.zeros((2, image[0] * image[1]))
    for plane in range(2):
        np.add.at(expected[plane], indices[plane].ravel(), g[plane].ravel())
    result = pooling.max_pool2d_backward(g, indices, image)
    np.testing.assert_allclose(result.reshape(2, -1), expected, atol=1e-12)
    if all(s > d * (k - 1) for s, d, k in zip(stride, dilation, kernel, strict=True)):
        np.testing.assert_allclose(pooling.max_pool2d_backward(g, indices, image, distinct=True), result)


def naive_avg_pool2d(x, kernel, stride, padding, out, include_pad, override):
    result = np.zeros((len(x), *out))
    for i, j in np.ndindex(*out):
        top, left = i * stride[0] - padding[0], j * stride[1] - padding[1]
        bottom = min(top + kernel[0], x.shape[1] + padding[0])
        right = min(left + kernel[1], x.shape[2] + padding[1])
        padded_count = (bottom - top) * (right - left)
        inside = x[:, max(top, 0) : min(bottom, x.shape[1]), max(left, 0) : min(right, x.shape[2])]
        bare_count = inside.shape[1] * inside.shape[2]
        divisor = override or (padded_count if include_pad else bare_count)
        result[:, i, j] = inside.sum((1, 2)) / divisor
    return result


@given(windows(dilated=False), st.booleans(), st.sampled_from([None, 3]))
@settings(max_examples=100, deadline=None)
def test_avg_pool2d(window, include_pad, override):
    image, kernel, stride, padding, _, ceil_mode = window
    x = np.random.default_rng(0).standard_normal((2, *image))
    for layout in layouts(x):
        out = pooling.avg_pool2d(layout, kernel, stride, padding, ceil_mode, include_pad, override)
    rest = (kernel, stride, padding, out.shape[1:], include_pad, override)
    np.testing.assert_allclose(out, naive_avg_pool2d(x, *rest), rtol=1e-10, atol=1e-12)
    g: Any = np.random.default_rng(1).standard_normal(out.shape)
    expected = numeric_gradient(lambda v: naive_avg_pool2d(v, *rest), x, g)
    result = pooling.avg_pool2d_backward(g, image, kernel, stride, padding, include_pad, override)
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dtype_and_batches(dtype):
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 6, 8)).astype(dtype)
    out, indices = pooling.max_pool2d(x, (2, 2), (2, 2), (0, 0), (1, 1))
    assert out.shape == indices.shape == (2, 3, 4, 3, 4)
    mean = pooling.avg_pool2d(x, (2, 2), (2, 2), (0, 0))
    back = pooling.avg_pool2d_backward(mean, (6, 8), (2, 2), (2, 2), (0, 0))
    spread = pooling.max_pool2d_backward(out, indices, (6, 8))
    assert out.dtype == mean.dtype == back.dtype == spread.dtype == dtype
    assert pooling.max_pool2d(x[:0], (2, 2), (2, 2), (0, 0), (1, 1))[0].shape == (0, 3, 4, 3, 4)


def test_integers_and_large_kernels():
    x = np.random.default_rng(0).integers(-9, 9, (30, 40))
    out, indices = pooling.max_pool2d(x, (30, 20), (1, 20), (0, 0), (1, 1))
    np.testing.assert_array_equal(out, [[x[:, :20].max(), x[:, 20:].max()]])
    np.testing.assert_array_equal(x.ravel()[indices], out)


def test_errors():
    with pytest.raises(RuntimeError, match="Output size is too small"):
        pooling.avg_pool2d(np.ones((1, 2, 2)), (3, 3), (1, 1), (0, 0))
    with pytest.raises(RuntimeError, match="wholly in the padding"):
        pooling.max_pool2d(np.ones((1, 3)), (2, 2), (2, 3), (1, 0), (2, 1))


@pytest.mark.oracle
@given(windows(), st.integers(0, 1000), st.booleans())
@settings(max_examples=100, deadline=None)
def test_max_pool2d_against_pytorch(window, seed, special):
    x = values(window[0], seed, special)
    try:
        out, indices = pooling.max_pool2d(x, *window[1:])
    except RuntimeError:
        return  # PyTorch's index points outside the image there
    theirs = torch.nn.functional.max_pool2d(torch.tensor(x), *window[1:], return_indices=True)
    np.testing.assert_array_equal(out, theirs[0].numpy())
    np.testing.assert_array_equal(indices, theirs[1].numpy())


@pytest.mark.oracle
@given(windows(dilated=False), st.booleans(), st.sampled_from([None, 3]))
@settings(max_examples=100, deadline=None)
def test_avg_pool2d_against_pytorch(window, include_pad, override):
    image, kernel, stride, padding, _, ceil_mode = window
    x = np.random.default_rng(0).standard_normal((2, *image))
    rest = (kernel, stride, padding, ceil_mode, include_pad, override)
    theirs = torch.nn.functional.avg_pool2d(torch.tensor(x), *rest)
    np.testing.assert_allclose(pooling.avg_pool2d(x, *rest), theirs.numpy(), rtol=1e-10, atol=1e-12)
