"""Special functions: error function, gamma, Bessel, logistic and entropy families.

Real floating numbers; integers are promoted. The values come from :mod:`upriver.kernels.special`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..kernels import special as kernel
from ..tensor import Tensor
from .checks import refuse_unless_floating
from .namespace import Namespace
from .registry import Kind, op

__all__ = [
    "digamma", "entr", "erf", "erfc", "erfinv", "expit", "gammaln", "i0", "i0e", "i1", "i1e", "lgamma",
    "log_ndtr", "logit", "multigammaln", "mvlgamma", "ndtr", "ndtri", "polygamma", "psi", "sigmoid", "sinc",
    "xlog1py", "xlogy",
]  # fmt: skip

Array = np.ndarray[Any, Any]

ELEMENTWISE = Kind.ELEMENTWISE

INVERSE_SQRT_PI = 1 / math.sqrt(math.pi)
INVERSE_SQRT_TWO_PI = 1 / math.sqrt(2 * math.pi)

# -- error function and normal distribution ------------------------------------------------------------------


@op(ELEMENTWISE, floating=True, input=lambda F, g, input: g * (2 * INVERSE_SQRT_PI * F.exp(-(input * input))))
def erf(xp: Namespace, input: Array) -> Array:
    """The error function, ``2 / sqrt(pi)`` times the integral of ``exp(-t**2)`` from 0 to ``input``."""
    refuse_unless_floating(input, "erf_vml_cpu")
    return kernel.erf(input)


@op(
    ELEMENTWISE, floating=True, input=lambda F, g, input: g * (-2 * INVERSE_SQRT_PI * F.exp(-(input * input)))
)
def erfc(xp: Namespace, input: Array) -> Array:
    """``1 - erf(input)``, accurate where ``erf`` is close to 1."""
    refuse_unless_floating(input, "erfc_vml_cpu")
    return kernel.erfc(input)


@op(ELEMENTWISE, floating=True, input=lambda F, g, out: g * (0.5 / INVERSE_SQRT_PI * F.exp(out * out)))
def erfinv(xp: Namespace, input: Array) -> Array:
    """The inverse of ``erf``: infinite at -1 and 1, NaN outside."""
    refuse_unless_floating(input, "erfinv_vml_cpu")
    return kernel.erfinv(input)


@op(
    ELEMENTWISE,
    floating=True,
    input=lambda F, g, input: g * (INVERSE_SQRT_TWO_PI * F.exp(input * input * -0.5)),
)
def ndtr(xp: Namespace, input: Array) -> Array:
    """The distribution function of the standard normal."""
    refuse_unless_floating(input, "erf_vml_cpu")
    return kernel.ndtr(input)


@op(ELEMENTWISE, floating=True, input=lambda F, g, out: g * (F.exp(out * out * 0.5) / INVERSE_SQRT_TWO_PI))
def ndtri(xp: Namespace, input: Array) -> Array:
    """The quantile of the standard normal at probability ``input``."""
    refuse_unless_floating(input, "ndtri_cpu")
    return kernel.ndtri(input)


@op(ELEMENTWISE, floating=True,
    input=lambda F, g, input, out: g * (INVERSE_SQRT_TWO_PI * F.exp(input * input * -0.5 - out)))  # fmt: skip
def log_ndtr(xp: Namespace, input: Array) -> Array:
    """``log(ndtr(input))``, accurate in both tails."""
    refuse_unless_floating(input, "log_ndtr_cpu")
    return kernel.log_ndtr(input)


# -- gamma function ------------------------------------------------------------------------------------------


@op(ELEMENTWISE, floating=True, input=lambda F, g, input: g * F.digamma(input))
def lgamma(xp: Namespace, input: Array) -> Array:
    """The logarithm of the absolute value of the gamma function."""
    refuse_unless_floating(input, "lgamma_vml_cpu")
    return kernel.lgamma(input)


@op(ELEMENTWISE, floating=True, input=lambda F, g, input: g * F.polygamma_of(input, 1))
def digamma(xp: Namespace, input: Array) -> Array:
    """The derivative of ``lgamma``."""
    refuse_unless_floating(input, "digamma")
    return kernel.digamma(input)


@op(ELEMENTWISE, floating=True, node="PolygammaBackward0", shown="polygamma",
    input=lambda F, g, input, n: g * F.polygamma_of(input, n + 1))  # fmt: skip
def polygamma_of(xp: Namespace, input: Array, n: int) -> Array:
    """The ``n``-th derivative of ``digamma``."""
    refuse_unless_floating(input, "polygamma")
    return kernel.polygamma(n, input)


def polygamma(n: int, input: Tensor) -> Tensor:
    """The ``n``-th derivative of ``digamma``.

    Raises RuntimeError for a negative ``n``.

    >>> import upriver as up
    >>> up.polygamma(1, up.tensor([1.0]))
    tensor([1.6449])
    """
    if n < 0:
        raise RuntimeError(f"polygamma(n, x) does not support negative n, but got n={n}.")
    result: Tensor = polygamma_of(input, n)
    return result


def mvlgamma(input: Tensor, p: int) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension ``p``.

    Raises RuntimeError when ``p`` is below 1.

    >>> import upriver as up
    >>> up.mvlgamma(up.tensor([3.0]), 2)
    tensor([1.5502])
    """
    if p < 1:
        raise RuntimeError(f"p has to be greater than or equal to 1, but got p={p}")
    total = lgamma(input) + p * (p - 1) / 4 * math.log(math.pi)
    for j in range(1, p):
        total = total + lgamma(input - j / 2)
    result: Tensor = total
    return result


# -- Bessel functions ----------------------------------------------------------------------------------------


@op(ELEMENTWISE, floating=True, input=lambda F, g, input: g * F.i1(input))
def i0(xp: Namespace, input: Array) -> Array:
    """The modified Bessel function of the first kind of order 0."""
    refuse_unless_floating(input, "i0_vml_cpu")
    return kernel.i0(input)


@op(ELEMENTWISE, floating=True, input=lambda F, g, input, out: g * (F.i1e(input) - F.sgn(input) * out))
def i0e(xp: Namespace, input: Array) -> Array:
    """``exp(-abs(input)) * i0(input)``."""
    refuse_unless_floating(input, "i0e_cpu")
    return kernel.i0e(input)


def over_input(F: Any, input: Any, out: Any) -> Any:
    """``out / input``, and its limit 1/2 at 0, where ``out`` is i1 or i1e."""
    zero = input == 0
    return F.where(zero, F.ones_like(input) * 0.5, out / F.where(zero, F.ones_like(input), input))


@op(ELEMENTWISE, floating=True, input=lambda F, g, input, out: g * (F.i0(input) - over_input(F, input, out)))
def i1(xp: Namespace, input: Array) -> Array:
    """The modified Bessel function of the first kind of order 1."""
    refuse_unless_floating(input, "i1_cpu")
    return kernel.i1(input)


@op(ELEMENTWISE, floating=True,
    input=lambda F, g, input, out:
        g * (F.i0e(input) - F.sgn(input) * out - over_input(F, input, out)))  # fmt: skip
def i1e(xp: Namespace, input: Array) -> Array:
    """``exp(-abs(input)) * i1(input)``."""
    refuse_unless_floating(input, "i1e_cpu")
    return kernel.i1e(input)


# -- logistic ------------------------------------------------------------------------------------------------


@op(ELEMENTWISE, floating=True, input=lambda F, g, out: (1 - out) * out * g)
def sigmoid(xp: Namespace, input: Array) -> Array:
    """``1 / (1 + exp(-input))``."""
    if input.dtype.kind == "c":
        return 1 / (1 + xp.exp(-input))
    return kernel.expit(input)


@op(ELEMENTWISE, floating=True, node="LogitBackward0", shown="logit",
    input=lambda F, g, input, eps: logit_gradient(F, g, input, eps))  # fmt: skip
def logit(xp: Namespace, input: Array, eps: float | None = None) -> Array:
    """``log(input / (1 - input))``, with ``input`` held within ``[eps, 1 - eps]`` where ``eps`` is given."""
    refuse_unless_floating(input, "logit_cpu")
    return kernel.logit(input, eps)


def logit_gradient(F: Any, g: Any, input: Any, eps: float | None) -> Any:
    """The rule of ``logit``: 0 beyond the bounds of ``eps``, and without bounds NaN outside [0, 1]."""
    slope = g / (input * (1 - input))
    if eps is None:
        return F.where((input < 0) | (input > 1), F.ones_like(input) * math.nan, slope)
    return F.mask_where((input < eps) | (input > 1 - eps), slope)


# -- products with a logarithm, and sinc ---------------------------------------------------------------------


@op(ELEMENTWISE, floating=True,
    input=lambda F, g, input, other: F.mask_where((input == 0) & (other <= 0), g * F.log(other)),
    other=lambda F, g, input, other: g * input / other)  # fmt: skip
def xlogy(xp: Namespace, input: Array, other: Array) -> Array:
    """``input * log(other)``, and 0 where ``input`` is 0 unless ``other`` is NaN."""
    return kernel.xlogy(input, other)


@op(ELEMENTWISE, floating=True,
    input=lambda F, g, input, other: F.mask_where((input == 0) & (other <= -1), g * F.log1p(other)),
    other=lambda F, g, input, other: g * input / (other + 1))  # fmt: skip
def xlog1py(xp: Namespace, input: Array, other: Array) -> Array:
    """``input * log1p(other)``, and 0 where ``input`` is 0 unless ``other`` is NaN."""
    refuse_unless_floating(input, "xlog1py_cpu")
    with np.errstate(all="ignore"):
        product = input * xp.log1p(other)
    return xp.where((input == 0) & ~xp.isnan(other), input.dtype.type(0), product)


@op(ELEMENTWISE, floating=True, input=lambda F, g, input: g * (-1 - F.log(input)))
def entr(xp: Namespace, input: Array) -> Array:
    """``-input * log(input)``, 0 at 0 and -inf below it."""
    refuse_unless_floating(input, "entr_cpu")
    with np.errstate(all="ignore"):
        entropy = -kernel.xlogy(input, input)
    return xp.where(input < 0, input.dtype.type(-np.inf), entropy + input.dtype.type(0))


def sinc_gradient(F: Any, g: Any, input: Any) -> Any:
    """The rule of ``sinc``: 0 at 0."""
    turned = input * math.pi
    return F.mask_where(input == 0, g * ((turned * F.cos(turned) - F.sin(turned)) / (turned * input)))


@op(ELEMENTWISE, floating=True, input=lambda F, g, input: sinc_gradient(F, g, input))
def sinc(xp: Namespace, input: Array) -> Array:
    """``sin(pi * input) / (pi * input)``, and 1 at 0."""
    turned = input * input.dtype.type(math.pi)
    with np.errstate(all="ignore"):
        return xp.where(turned == 0, input.dtype.type(1), xp.sin(turned) / turned)


# Further names that PyTorch has for the same functions.
expit = sigmoid
gammaln = lgamma
psi = digamma
multigammaln = mvlgamma
