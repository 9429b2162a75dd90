"""GELU and SiLU with their derivatives, fused block by block."""

from __future__ import annotations

import math

import numpy as np

from .blocks import Array, elementwise
from .special import TANH_ERF, erf_float64, expit_block, horner, quiet

# Both forms of GELU are x/2*(1 + tanh(x*p(x**2))). Here p makes the tanh erf(x/sqrt(2)) to 1e-7; float64
# calls erf.
ERF_POLYNOMIAL = tuple(c * math.sqrt(0.5) ** (2 * k + 1) for k, c in enumerate(TANH_ERF))
TANH_POLYNOMIAL = (math.sqrt(2.0 / math.pi), 0.044715 * math.sqrt(2.0 / math.pi))  # Hendrycks & Gimpel 2016
INVERSE_SQRT_TWO_PI = 1.0 / math.sqrt(2.0 * math.pi)


def _is_tanh(approximate: str) -> bool:
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"approximate argument must be either none or tanh, but got {approximate!r}")
    return approximate == "tanh"


def _gate(x: Array, square: Array, tanh: bool, out: Array) -> None:
    """Fill `out` with erf(x/sqrt(2)) or its tanh approximation, between -1 and 1."""
    if x.dtype == np.float64 and not tanh:
        erf_float64(x * math.sqrt(0.5), out)
        return
    horner(TANH_POLYNOMIAL if tanh else ERF_POLYNOMIAL, square, out)
    np.multiply(out, x, out=out)
    np.tanh(out, out=out)


def _density_term(x: Array, square: Array) -> None:
    """Replace `square`, which holds x**2, by x times the normal density."""
    np.multiply(square, -0.5, out=square)
    np.exp(square, out=square)
    np.multiply(square, INVERSE_SQRT_TWO_PI, out=square)
    np.multiply(square, x, out=square)


def _tanh_slope_term(x: Array, square: Array, gate: Array) -> None:
    """Replace `square`, which holds x**2, by x/2 times the derivative of the tanh gate."""
    low, high = TANH_POLYNOMIAL
    np.multiply(square, 1.5 * high, out=square)
    np.add(square, 0.5 * low, out=square)
    np.multiply(square, x, out=square)
    slope = np.multiply(gate, gate)
    np.subtract(1, slope, out=slope)
    np.multiply(square, slope, out=square)


@quiet
def gelu(x: Array, approximate: str = "none") -> Array:
    """Return x times the normal distribution function of x, or its tanh approximation."""
    tanh = _is_tanh(approximate)

    def kernel(block: Array, out: Array) -> None:
        square = np.multiply(block, block)
        _gate(block, square, tanh, out)
        np.multiply(block, 0.5, out=square)
        np.add(out, 1, out=out)
        np.multiply(out, square, out=out)

    return elementwise(kernel, x)


@quiet
def gelu_backward(g: Array, x: Array, approximate: str = "none") -> Array:
    """Return `g` times the derivative of `gelu` at `x`."""
    tanh = _is_tanh(approximate)

    def kernel(gradient: Array, block: Array, out: Array) -> None:
        square = np.multiply(block, block)
        _gate(block, square, tanh, out)
        if tanh:
            _tanh_slope_term(block, square, out)
        else:
            _density_term(block, square)
        np.add(out, 1, out=out)
        np.multiply(out, 0.5, out=out)
        np.add(out, square, out=out)
        np.multiply(out, gradient, out=out)

    return elementwise(kernel, g, x)


@quiet
def silu(x: Array) -> Array:
    """Return x*expit(x)."""

    def kernel(block: Array, out: Array) -> None:
        np.negative(block, out=out)
        np.exp(out, out=out)
        np.add(out, 1, out=out)
        np.divide(block, out, out=out)

    return elementwise(kernel, x)


@quiet
def silu_backward(g: Array, x: Array) -> Array:
    """Return `g` times the derivative of `silu` at `x`."""

    def kernel(gradient: Array, block: Array, out: Array) -> None:
        expit_block(block, out)
        inner = np.subtract(1, out)
        np.multiply(inner, block, out=inner)
        np.add(inner, 1, out=inner)
        np.multiply(out, inner, out=out)
        np.multiply(out, gradient, out=out)

    return elementwise(kernel, g, x)
