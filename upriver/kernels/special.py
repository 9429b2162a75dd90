"""Special functions that NumPy lacks, for real floating arrays: float64 to about 1e-15, float32 to a few ulp.

Formulas are those of NIST's DLMF and Abramowitz & Stegun; `coefficients` says how the tables were made.
`expit`, `softplus` and `erf`, which networks call on large arrays, compute float32 in float32 with few
passes; the others compute float32 in float64 and round once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from . import coefficients as table
from .blocks import Array, compute_dtype, elementwise

quiet = np.errstate(all="ignore")

# erf(x) = tanh(x*p(x**2)) is odd, saturates and is exact at 0 by construction. p is the minimax fit of
# atanh(erf(x))/x on 0 < x <= 4, weighted by the slope that tanh has there: relative error 9.5e-8, with
# float32 rounding 4 ulp. The last coefficient is positive, so that p goes on growing.
TANH_ERF = (
    1.12837923,
    0.102769054,
    -1.91830288e-4,
    -6.1978522e-4,
    8.7637578e-5,
    -5.66851986e-6,
    1.41854855e-7,
)
# Bernoulli numbers B2, B4, ... for the asymptotic series (DLMF 24.2)
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)
ASYMPTOTIC_FROM = 10.0  # seven Bernoulli terms reach 1e-17 from here on
DIGAMMA_ROOT = (1.4616321449683622, 9.549995429965697e-17)  # high and low part
WINITZKI = 0.147


def horner(coefficients: Sequence[float], z: Array, out: Array) -> Array:
    """Fill `out` with the polynomial of `z`, lowest coefficient first, in the dtype of `out`."""
    scalar = out.dtype.type
    np.multiply(z, scalar(coefficients[-1]), out=out)
    for coefficient in coefficients[-2:0:-1]:
        np.add(out, scalar(coefficient), out=out)
        np.multiply(out, z, out=out)
    np.add(out, scalar(coefficients[0]), out=out)
    return out


def _chebyshev(coefficients: Sequence[float], u: Array) -> Array:
    """Clenshaw's sum of a Chebyshev series at `u` in [-1, 1]."""
    twice = 2.0 * u
    older, newer = np.zeros_like(u), np.full_like(u, coefficients[-1])
    spare = np.empty_like(u)
    for coefficient in coefficients[-2:0:-1]:
        np.multiply(twice, newer, out=spare)
        spare -= older
        spare += coefficient
        older, newer, spare = newer, spare, older
    return np.asarray(u * newer - older + coefficients[0])


def _sin_pi(x: Array) -> Array:
    """Return |sin(pi*x)|, exact zeros at the integers."""
    return np.asarray(np.abs(np.sin(np.pi * (x - np.round(x)))))


# Error function


def tanh_of_erf(x: Array, out: Array) -> None:
    """Fill `out` with erf(x) in float32 (the formula above)."""
    horner(TANH_ERF, np.multiply(x, x), out)
    np.multiply(out, x, out=out)
    np.tanh(out, out=out)


def _scaled_erfc(a: Array) -> Array:
    """Return exp(a**2)*erfc(a) for a >= 0."""
    return _chebyshev(table.SCALED_ERFC, 1.0 - 7.5 / (a + 3.75)) / (1.0 + 2.0 * a)


def _gauss(a: Array, scale: float) -> Array:
    """Return exp(-scale*a**2), a split so that squaring it does not cost digits (Cody 1969)."""
    a = np.minimum(a, 40.0)
    high = np.floor(a * 16.0) / 16.0
    return np.asarray(np.exp(-scale * high * high) * np.exp(-scale * (a - high) * (a + high)))


def _erfc_positive(a: Array) -> Array:
    """Return erfc(a) for a >= 0."""
    return _gauss(a, 1.0) * _scaled_erfc(a)


def _erf_small(x: Array) -> Array:
    return x * _chebyshev(table.ERF_OVER_X, 2.0 * x * x - 1.0)


def erf_float64(x: Array, out: Array) -> None:
    """Fill `out` with erf(x) in float64."""
    small = np.abs(x) < 1.0
    large = ~small
    if small.any():
        out[small] = _erf_small(x[small])
    if large.any():
        out[large] = np.copysign(1.0 - _erfc_positive(np.abs(x[large])), x[large])


def _erfc_float64(x: Array, out: Array) -> None:
    middle = np.abs(x) < 0.5
    outer = ~middle
    if middle.any():
        out[middle] = 1.0 - _erf_small(x[middle])
    if outer.any():
        tail = _erfc_positive(np.abs(x[outer]))
        out[outer] = np.where(x[outer] < 0, 2.0 - tail, tail)


def _winitzki(log: Array) -> Array:
    """Return |erfinv(x)| to 0.4 per cent from log(1 - x**2) (Winitzki 2008)."""
    b = 2.0 / (np.pi * WINITZKI) + log / 2.0
    square = -log / WINITZKI
    return np.sqrt(square / (np.sqrt(b * b + square) + b))


def _halley(y: Array, target: Array, complement: bool) -> Array:
    """Polish y so that erf(y), or erfc(y), is the target; the error is cubed three times."""
    value = np.empty_like(y)
    for _ in range(3):
        (_erfc_float64 if complement else erf_float64)(y, value)
        half = np.exp(y * y / 2.0)  # twice, for exp(y*y) overflows where erfc is denormal
        step = (value - target) * half * half * (math.sqrt(np.pi) / 2.0)
        step = -step if complement else step
        y = y - step / (1.0 + y * step)
    return y


def _erfcinv_tail(c: Array) -> Array:
    """Return erfcinv(c) for 0 <= c <= 1."""
    y = _halley(_winitzki(np.log(c) + np.log(2.0 - c)), c, complement=True)
    return np.where(c == 0, np.inf, y)


def _erfinv_float64(x: Array, out: Array) -> None:
    a = np.abs(x)
    small = a < 0.5
    large = ~small
    if small.any():
        y = _winitzki(np.log1p(-a[small] * a[small]))
        out[small] = np.copysign(_halley(y, a[small], complement=False), x[small])
    if large.any():
        out[large] = np.copysign(_erfcinv_tail(1.0 - a[large]), x[large])


@quiet
def erf(x: Array) -> Array:
    """Return the error function (DLMF 7.2.1)."""
    return elementwise(erf_float64 if x.dtype == np.float64 else tanh_of_erf, x)


@quiet
def erfc(x: Array) -> Array:
    """Return 1 - erf(x) with full relative accuracy for large x (DLMF 7.2.2)."""
    return elementwise(_erfc_float64, x, compute=np.float64)


@quiet
def erfinv(x: Array) -> Array:
    """Return the inverse of erf: infinite at -1 and 1, nan outside."""
    return elementwise(_erfinv_float64, x, compute=np.float64)


# Normal distribution


def _ndtr_float64(x: Array, out: Array) -> None:
    tail = np.maximum(-x, 0.0)
    lower = 0.5 * _gauss(tail, 0.5) * _scaled_erfc(tail * math.sqrt(0.5))
    _erfc_float64(x * -math.sqrt(0.5), out)
    out[...] = np.where(x < -1.0, lower, 0.5 * out)


def _ndtri_float64(p: Array, out: Array) -> None:
    tail = math.sqrt(2.0) * _erfcinv_tail(2.0 * np.minimum(p, 1.0 - p))
    out[...] = np.where(p < 0.5, -tail, tail)


def _log_ndtr_float64(x: Array, out: Array) -> None:
    scaled = np.log(0.5 * _scaled_erfc(np.maximum(-x, 0.0) * math.sqrt(0.5))) - 0.5 * x * x
    above = np.empty_like(x)
    _ndtr_float64(-x, above)
    out[...] = np.where(x < -1.0, scaled, np.log1p(-above))


@quiet
def ndtr(x: Array) -> Array:
    """Return the distribution function of the standard normal."""
    return elementwise(_ndtr_float64, x, compute=np.float64)


@quiet
def ndtri(p: Array) -> Array:
    """Return the quantile of the standard normal at probability `p`."""
    return elementwise(_ndtri_float64, p, compute=np.float64)


@quiet
def log_ndtr(x: Array) -> Array:
    """Return log(ndtr(x)), accurate in both tails."""
    return elementwise(_log_ndtr_float64, x, compute=np.float64)


# Gamma function


def _stirling(y: Array) -> Array:
    """Return lgamma(y) for y >= 10 (DLMF 5.11.1)."""
    r = 1.0 / y
    series = [b / ((2 * k + 2) * (2 * k + 1)) for k, b in enumerate(BERNOULLI)]
    tail = horner(series, r * r, np.empty_like(y)) * r
    return (y - 0.5) * (np.log(y) - 1.0) + (0.5 * math.log(2.0 * math.pi) - 0.5 + tail)


def _lgamma_positive(a: Array) -> Array:
    """Return lgamma(a) for a >= 0: a series about the roots 1 and 2, continued to 10, and Stirling from
    there on.
    """
    product, base = np.ones_like(a), a.copy()
    for _ in range(int(ASYMPTOTIC_FROM) - 3):
        high = (base >= 3.0) & (a < ASYMPTOTIC_FROM)
        np.subtract(base, 1.0, out=base, where=high)
        np.multiply(product, base, out=product, where=high)
    s = base - np.minimum(np.floor(base), 2.0)
    near = s * (s - 1.0) * _chebyshev(table.LGAMMA, np.minimum(2.0 * s - 1.0, 1.0))
    near += np.where(base < 1.0, -np.log(base), np.where(base >= 2.0, np.log1p(s), 0.0))
    return np.where(a < ASYMPTOTIC_FROM, near + np.log(product), _stirling(a))


def _lgamma_float64(x: Array, out: Array) -> None:
    a = np.abs(x)
    positive = _lgamma_positive(a)
    reflected = math.log(math.pi) - np.log(a * _sin_pi(a)) - positive
    out[...] = np.where(np.isinf(x), np.inf, np.where(x < 0, reflected, positive))


def _digamma_positive(a: Array) -> Array:
    """Return digamma(a) for a > 0: a series about the root in [1, 2], continued to 10, and the asymptotic
    series.
    """
    shift, base = np.where(a < 1.0, -1.0 / a, 0.0), np.where(a < 1.0, a, a - 1.0)
    for _ in range(int(ASYMPTOTIC_FROM) - 2):
        high = (base >= 1.0) & (a < ASYMPTOTIC_FROM)
        np.add(shift, 1.0 / base, out=shift, where=high)
        np.subtract(base, 1.0, out=base, where=high)
    root_distance = (1.0 + base) - DIGAMMA_ROOT[0] - DIGAMMA_ROOT[1]
    near = root_distance * _chebyshev(table.DIGAMMA, np.minimum(2.0 * base - 1.0, 1.0))
    r = 1.0 / a
    series = [b / (2 * k + 2) for k, b in enumerate(BERNOULLI)]
    tail = horner(series, r * r, np.empty_like(a)) * r * r
    return np.where(a < ASYMPTOTIC_FROM, near + shift, np.log(a) - 0.5 * r - tail)


def _digamma_float64(x: Array, out: Array) -> None:
    cotangent = np.pi / np.tan(np.pi * (x - np.round(x)))
    value = _digamma_positive(np.where(x < 0, 1.0 - x, x)) - np.where(x < 0, cotangent, 0.0)
    value = np.where((x < 0) & (x == np.floor(x)), np.nan, value)
    out[...] = np.where(x == 0, -1.0 / x, value)


def _hurwitz(s: int, a: Array) -> Array:
    """Return zeta(s, a) for a >= 0 by Euler and Maclaurin (DLMF 25.11.5), s >= 2."""
    terms = 10 + s // 2
    total = sum((1.0 / (a + k)) ** s for k in range(terms))
    r = 1.0 / (a + terms)
    power = r ** (s - 1)
    total = total + power / (s - 1) + 0.5 * power * r
    power, factor = power * r * r, s / 2.0
    for k, bernoulli in enumerate(BERNOULLI, start=1):
        total = total + bernoulli * factor * power
        factor *= (s + 2 * k - 1) * (s + 2 * k) / ((2 * k + 1) * (2 * k + 2))
        power = power * r * r
    return np.asarray(total)


def _polygamma_float64(n: int, x: Array, out: Array) -> None:
    """(-1)**(n+1) n! zeta(n+1, x); below 0 the terms of negative base are a difference of two zetas."""
    s = n + 1
    negative = x < 0
    fraction = np.where(negative, x - np.floor(x), x)
    total = _hurwitz(s, fraction)
    if negative.any():
        below = fraction[negative]
        total[negative] += (-1) ** s * (_hurwitz(s, 1.0 - below) - _hurwitz(s, 1.0 - x[negative]))
    out[...] = total * ((-1) ** s * float(math.factorial(n)))


@quiet
def lgamma(x: Array) -> Array:
    """Return log|gamma(x)|, infinite at the poles."""
    return elementwise(_lgamma_float64, x, compute=np.float64)


@quiet
def digamma(x: Array) -> Array:
    """Return the derivative of lgamma: -inf at +0, inf at -0, nan at the negative integers, as PyTorch."""
    return elementwise(_digamma_float64, x, compute=np.float64)


@quiet
def polygamma(n: int, x: Array) -> Array:
    """Return the n-th derivative of digamma; n = 0 is digamma itself."""
    if n < 0:
        raise ValueError(f"polygamma(n, x) does not support negative n, but got n = {n}")
    if n == 0:
        return digamma(x)
    return elementwise(lambda block, out: _polygamma_float64(n, block, out), x, compute=np.float64)


# Modified Bessel functions


def _bessel_scaled(small: Sequence[float], large: Sequence[float], a: Array) -> Array:
    near = a <= 8.0
    out = np.empty_like(a)
    out[near] = _chebyshev(small, a[near] / 4.0 - 1.0)
    far = a[~near]
    out[~near] = _chebyshev(large, 16.0 / far - 1.0) / np.sqrt(far)
    return out


def _i0e_float64(x: Array, out: Array) -> None:
    out[...] = _bessel_scaled(table.I0E_SMALL, table.I0E_LARGE, np.abs(x))


def _i1e_float64(x: Array, out: Array) -> None:
    a = np.abs(x)
    scaled = _bessel_scaled(table.I1E_SMALL, table.I1E_LARGE, a)
    out[...] = np.where(a <= 8.0, x * scaled, np.copysign(scaled, x))


def _unscale(x: Array, out: Array) -> None:
    """Multiply `out` by exp(|x|) in two halves, which overflow only where the product does."""
    half = np.exp(np.abs(x) / 2.0)
    out *= half
    out *= half
    np.copyto(out, np.abs(x), where=np.isinf(x))


def _i0_float64(x: Array, out: Array) -> None:
    _i0e_float64(x, out)
    _unscale(x, out)


def _i1_float64(x: Array, out: Array) -> None:
    _i1e_float64(x, out)
    _unscale(x, out)
    np.copysign(out, x, out=out)


@quiet
def i0(x: Array) -> Array:
    """Return the modified Bessel function I0 (DLMF 10.25)."""
    return elementwise(_i0_float64, x, compute=np.float64)


@quiet
def i1(x: Array) -> Array:
    """Return the modified Bessel function I1."""
    return elementwise(_i1_float64, x, compute=np.float64)


@quiet
def i0e(x: Array) -> Array:
    """Return exp(-|x|)*I0(x)."""
    return elementwise(_i0e_float64, x, compute=np.float64)


@quiet
def i1e(x: Array) -> Array:
    """Return exp(-|x|)*I1(x)."""
    return elementwise(_i1e_float64, x, compute=np.float64)


# Logistic family


SMALL = 1 << 14  # bytes up to which the block machinery costs more than it saves


ONE = {np.dtype(kind): np.ones((), kind) for kind in ("float32", "float64")}


def expit_block(x: Array, out: Array) -> None:
    """Fill `out` with 1/(1 + exp(-x)): exp overflows to inf, whose reciprocal is the right 0."""
    one = ONE[out.dtype]  # an array without dimensions: NumPy takes it in half the time of a number
    np.negative(x, out)
    np.exp(out, out)
    np.add(out, one, out)
    np.divide(one, out, out)  # faster than NumPy's reciprocal, and as exact


def expit(x: Array) -> Array:
    """Return the logistic sigmoid 1/(1 + exp(-x))."""
    if x.nbytes <= SMALL and x.ndim and x.dtype.char in "fd":
        out = np.empty_like(x)
        expit_block(x, out)
        return out
    return _expit_in_blocks(x)


@quiet
def _expit_in_blocks(x: Array) -> Array:
    return elementwise(expit_block, x)


@quiet
def softplus(x: Array, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """Return log(1 + exp(beta*x))/beta, and x itself where beta*x > threshold."""
    scale = compute_dtype(x.dtype).type(beta)

    def kernel(block: Array, out: Array) -> None:
        z = np.multiply(block, scale)
        np.abs(z, out=out)
        np.negative(out, out=out)
        np.exp(out, out=out)
        np.log1p(out, out=out)
        out += np.maximum(z, 0)
        out /= scale
        np.copyto(out, block, where=z > threshold)

    return elementwise(kernel, x)


@quiet
def logit(x: Array, eps: float | None = None) -> Array:
    """Return log(x/(1 - x)), with x clamped to [eps, 1 - eps] where `eps` is given."""

    def kernel(block: Array, out: Array) -> None:
        if eps is not None:
            block = np.clip(block, eps, 1.0 - eps)
        np.subtract(1, block, out=out)
        np.divide(block, out, out=out)
        np.log(out, out=out)

    return elementwise(kernel, x)


@quiet
def xlogy(x: Array, y: Array) -> Array:
    """Return x*log(y), 0 where x is 0 unless y is nan; inputs broadcast and may be complex."""
    return np.where((x == 0) & ~np.isnan(y), np.zeros((), np.result_type(x, y)), x * np.log(y))
