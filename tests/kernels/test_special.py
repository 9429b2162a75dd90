"""Special functions: stored values, identities, special values, dtypes and layouts."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.definitions import layouts
from tests.kernels.reference import REFERENCE
from upriver.kernels import special

NAMES = sorted(name for name in REFERENCE if " " not in name)
# ulp: float64 arguments are rounded before functions of large slope, which costs the last four
LOOSE = {"ndtr": 64, "ndtri": 64, "log_ndtr": 64, "lgamma": 16, "digamma": 16}


def call(name, x):
    if " " in name:
        return special.polygamma(int(name.split()[1]), x)
    return getattr(special, name)(x)


@pytest.mark.parametrize("name", REFERENCE)
def test_float64_matches_stored_values(name):
    x, expected = (np.array(column) for column in zip(*REFERENCE[name], strict=True))
    error = np.abs(call(name, x) - expected) / np.spacing(np.abs(expected))
    assert error.max() <= LOOSE.get(name, 12), dict(zip(x, error, strict=True))


@pytest.mark.parametrize("name", REFERENCE)
def test_float32_is_within_four_ulp(name):
    x = np.array([x for x, _ in REFERENCE[name]], np.float32)
    exact = call(name, x.astype(np.float64))
    with np.errstate(over="ignore"):
        rounded = exact.astype(np.float32)
    keep = np.isfinite(rounded) & (np.abs(rounded) > np.finfo(np.float32).tiny)
    result = call(name, x)
    assert result.dtype == np.float32
    error = np.abs(result[keep] - exact[keep]) / np.spacing(np.abs(rounded[keep]))
    assert error.max() <= 4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_erf_over_its_range(dtype):
    x = np.linspace(-6, 6, 20001).astype(dtype)
    result = special.erf(x)
    assert np.array_equal(result, -special.erf(-x))
    assert np.all(np.diff(result) >= -2 * np.finfo(dtype).eps)
    np.testing.assert_allclose(result + special.erfc(x), 1, rtol=0, atol=4 * np.finfo(dtype).eps)


def test_identities():
    x = np.linspace(0.05, 30, 500)
    np.testing.assert_allclose(special.lgamma(x + 1), special.lgamma(x) + np.log(x), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(special.digamma(x + 1), special.digamma(x) + 1 / x, rtol=1e-13, atol=1e-14)
    next_term = special.polygamma(2, x) + 2 / x**3
    np.testing.assert_allclose(special.polygamma(2, x + 1), next_term, rtol=1e-9)
    p = np.linspace(-0.999, 0.999, 401)
    np.testing.assert_allclose(special.erf(special.erfinv(p)), p, rtol=1e-14)
    np.testing.assert_allclose(special.expit(special.logit(np.abs(p))), np.abs(p), rtol=1e-13)
    np.testing.assert_allclose(special.ndtr(special.ndtri(np.abs(p))), np.abs(p), rtol=1e-12)


SPECIAL_VALUES = {
    "erf": [np.nan, 1, -1, 0.0, -0.0],
    "erfc": [np.nan, 0, 2, 1, 1],
    "expit": [np.nan, 1, 0, 0.5, 0.5],
    "lgamma": [np.nan, np.inf, np.inf, np.inf, np.inf],
    "digamma": [np.nan, np.inf, np.nan, -np.inf, np.inf],
    "softplus": [np.nan, np.inf, 0, np.log(2), np.log(2)],
    "erfinv": [np.nan, np.nan, np.nan, 0.0, -0.0],
    "i0": [np.nan, np.inf, np.inf, 1, 1],
    "i1": [np.nan, np.inf, -np.inf, 0.0, -0.0],
    "i0e": [np.nan, 0, 0, 1, 1],
    "ndtr": [np.nan, 1, 0, 0.5, 0.5],
    "logit": [np.nan, np.nan, np.nan, -np.inf, -np.inf],
}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", SPECIAL_VALUES)
def test_special_values_without_warnings(name, dtype):
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = call(name, x)
    assert result.dtype == dtype
    expected = np.array(SPECIAL_VALUES[name], dtype)
    np.testing.assert_allclose(result, expected, rtol=1e-3 if dtype == np.float16 else 1e-6)
    zero = expected == 0
    if name in ("erf", "erfinv", "i1"):
        assert np.array_equal(np.signbit(result[zero]), np.signbit(expected[zero]))


def test_domain_edges():
    np.testing.assert_array_equal(special.erfinv(np.array([-1.0, 1.0, 1.5])), [-np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(
        special.ndtri(np.array([0.0, 1.0, -1.0, 2.0])), [-np.inf, np.inf, np.nan, np.nan]
    )
    np.testing.assert_array_equal(special.lgamma(np.array([-1.0, -2.0, 1.0, 2.0])), [np.inf, np.inf, 0, 0])
    assert np.isnan(special.digamma(np.array([-1.0, -30.0]))).all()
    np.testing.assert_array_equal(special.polygamma(1, np.array([0.0, np.inf])), [np.inf, 0])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (2, 3, 4), (70001,)])
@pytest.mark.parametrize("name", NAMES)
def test_shapes_and_dtypes(name, shape, dtype):
    x = np.asarray(np.random.default_rng(0).uniform(0.1, 0.9, shape)).astype(dtype)
    result = call(name, x)
    assert np.shape(result) == shape
    assert result.dtype == dtype
    if x.size:
        last = x.reshape(-1)[-1:].copy()
        np.testing.assert_allclose(np.asarray(result).reshape(-1)[-1:], call(name, last), rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_layouts(name):
    x = np.random.default_rng(0).uniform(0.1, 0.9, (5, 6, 7))
    first, *others = (call(name, layout) for layout in layouts(x))
    for other in others:
        np.testing.assert_array_equal(first, other)


def test_polygamma_refuses_negative_order():
    with pytest.raises(ValueError, match="does not support negative n"):
        special.polygamma(-1, np.ones(2))


@given(st.floats(-50, 50), st.floats(0.1, 5), st.floats(0, 30))
@settings(max_examples=50, deadline=None)
def test_softplus(x, beta, threshold):
    expected = x if x * beta > threshold else np.logaddexp(0, x * beta) / beta
    np.testing.assert_allclose(special.softplus(np.array([x]), beta, threshold), [expected], rtol=1e-13)


def test_logit_clamps_and_xlogy():
    x = np.array([0.0, 0.5, 1.0])
    np.testing.assert_allclose(special.logit(x, 0.25), np.log([1 / 3, 1, 3]))
    x, y = np.array([0.0, 0.0, 2.0]), np.array([0.0, np.nan, 3.0])
    np.testing.assert_array_equal(special.xlogy(x, y), [0, np.nan, 2 * np.log(3)])
    assert special.xlogy(x.astype(np.float32), y.astype(np.float32)).dtype == np.float32
