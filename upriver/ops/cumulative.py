"""Running sums, products and extrema, and the scan that is the adjoint of running products.

Derivatives of products never divide, so they are exact where elements are zero, at every order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.namespaces import ON_TENSORS as F
from ..dtypes import as_dtype, dtype
from ..tensor import Tensor
from .extrema import Selected, picked
from .namespace import Namespace
from .registry import Kind, op
from .shape import wrap

__all__ = [
    "cummax", "cummin", "cumprod", "cumsum", "cumulative_trapezoid", "diff", "logcumsumexp", "trapezoid",
    "trapz"
]  # fmt: skip

Array = np.ndarray[Any, Any]

GENERAL = Kind.GENERAL

# -- primitives ----------------------------------------------------------------------------------------------


def _turned(array: Array, dim: int, reverse: bool) -> Array:
    """The array with ``dim`` first, counted from the end if ``reverse``: a view."""
    first = array.swapaxes(0, dim)
    return first[::-1] if reverse else first


@op(
    GENERAL,
    input=lambda F, g, dim, reverse: F.cumsum_along(g, dim, not reverse),
    node="CumsumBackward0",
    shown="cumsum",
)
def cumsum_along(xp: Namespace, input: Array, dim: int, reverse: bool) -> Array:
    """The sum of each element and those before it (after it, if ``reverse``)."""
    made = xp.empty(input.shape, np.int64 if input.dtype.kind in "biu" else input.dtype)
    xp.add.accumulate(_turned(input, dim, reverse), axis=0, dtype=made.dtype, out=_turned(made, dim, reverse))
    return made


def _cumprod_rule(F: Any, g: Any, input: Any, dim: int) -> Any:
    return F.products_before(input, dim, False) * (g + F.scan(g * input, input, dim, True))


@op(GENERAL, input=_cumprod_rule, node="CumprodBackward0", shown="cumprod")
def cumprod_along(xp: Namespace, input: Array, dim: int) -> Array:
    """The product of each element and those before it."""
    return xp.multiply.accumulate(
        input, axis=dim, dtype=np.int64 if input.dtype.kind in "biu" else input.dtype
    )


@op(GENERAL, input=lambda F, g, input, out, dim, reverse: out * F.scan(g, input, dim, not reverse))
def products_before(xp: Namespace, input: Array, dim: int, reverse: bool) -> Array:
    """The product of all elements before each one (after it, if ``reverse``)."""
    made = xp.ones(input.shape, input.dtype)
    if input.shape[dim] > 1:
        source, target = _turned(input, dim, reverse), _turned(made, dim, reverse)
        xp.multiply.accumulate(source[:-1], axis=0, out=target[1:])
    return made


@op(GENERAL, input=lambda F, g, factor, dim, reverse: F.scan(g, factor, dim, not reverse),
    factor=lambda F, g, factor, out, dim, reverse: out * F.scan(g, factor, dim, not reverse))  # fmt: skip
def scan(xp: Namespace, input: Array, factor: Array, dim: int, reverse: bool) -> Array:
    """What arrives at each position from those before it: ``s[i] = input[i-1] + factor[i-1] * s[i-1]``,
    ``s[0] = 0``.
    """
    made = xp.zeros(input.shape, input.dtype)
    terms, factors, target = (_turned(each, dim, reverse) for each in (input, factor, made))
    for index in range(1, target.shape[0]):
        xp.multiply(factors[index - 1], target[index - 1], out=target[index, ...])
        target[index] += terms[index - 1]
    return made


def _through_shares(F: Any, g: Any, p: Any, dim: int) -> Any:
    """What reaches each element from the sums it has a share in: ``p`` at its own place, less further on."""
    return p * (g + F.scan((1 - p) * g, 1 - p, dim, True))


@op(GENERAL, node="LogcumsumexpBackward0", shown="logcumsumexp",
    input=lambda F, g, input, out, dim:
        _through_shares(F, g, F.share_in_sum(input, out, dim), dim))  # fmt: skip
def logcumsumexp_along(xp: Namespace, input: Array, dim: int) -> Array:
    """The logarithm of the running sum of exponentials."""
    return xp.logaddexp.accumulate(input, axis=dim)


@op(GENERAL, input=lambda F, g, out, dim: g * out - _through_shares(F, g * out, out, dim))
def share_in_sum(xp: Namespace, input: Array, logsum: Array, dim: int) -> Array:
    """``exp(input - logsum)`` for ``logsum = logcumsumexp(input)``, which only spares computing it again.

    It is taken from the sum before each element, so that rounding of a large ``logsum`` does not matter.
    """
    share = xp.ones(input.shape, input.dtype)
    terms, sums, target = (_turned(each, dim, False) for each in (input, logsum, share))
    with np.errstate(over="ignore", invalid="ignore"):
        target[1:] = 1 / (1 + xp.exp(sums[:-1] - terms[1:]))
    return share


@op(GENERAL, shown="cummax")
def index_of_running_max(xp: Namespace, input: Array, dim: int, sign: int) -> Array:
    """Where the largest element so far is (smallest for ``sign`` -1): the last at ties, the first NaN once
    one is met.
    """
    running = (xp.maximum if sign > 0 else xp.minimum).accumulate(input, axis=dim)
    positions = xp.arange(input.shape[dim]).reshape(-1, *(1,) * (input.ndim - dim - 1))
    missing = input != input
    seen = xp.logical_or.accumulate(missing, axis=dim)
    fresh = xp.where(seen, missing, input == running)
    found = xp.maximum.accumulate(xp.where(fresh, positions, 0), axis=dim)
    return found.astype(np.int64, copy=False)


# -- functions -----------------------------------------------------------------------------------------------


def _typed(input: Tensor, kind: dtype | None) -> Tensor:
    return input if kind is None else F.to_dtype(input, as_dtype(kind).numpy)


def _at_least_1d(input: Tensor) -> Tensor:
    return input if input._array.ndim else F.reshape_(input, (1,))


def _shaped(result: Tensor, like: Tensor) -> Tensor:
    return result if like._array.ndim else F.reshape_(result, ())


def cumsum(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """The running sum along ``dim``; integers and booleans are added up as int64.

    >>> import upriver as up
    >>> up.tensor([1, 2, 3]).cumsum(0)
    tensor([1, 3, 6])
    """
    input = _typed(input, dtype)
    return _shaped(cumsum_along(_at_least_1d(input), wrap(dim, input._array.ndim), False), input)


def cumprod(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """The running product along ``dim``; the gradient is exact where elements are zero.

    >>> import upriver as up
    >>> up.tensor([1, 2, 3]).cumprod(0)
    tensor([1, 2, 6])
    """
    input = _typed(input, dtype)
    return _shaped(cumprod_along(_at_least_1d(input), wrap(dim, input._array.ndim)), input)


def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """``log(cumsum(exp(input)))`` without overflow. Raises NotImplementedError unless ``input`` is real and
    floating.

    >>> import upriver as up
    >>> up.tensor([0.0, 0.0]).logcumsumexp(0)
    tensor([0.0000, 0.6931])
    """
    if input._array.dtype.kind != "f":
        raise NotImplementedError(f"\"logcumsumexp_out_cpu\" not implemented for '{input.dtype.tensor_type}'")
    return _shaped(logcumsumexp_along(_at_least_1d(input), wrap(dim, input._array.ndim)), input)


def _running(input: Tensor, dim: int, sign: int) -> Selected:
    flat = _at_least_1d(input)
    dim = wrap(dim, input._array.ndim)
    index = index_of_running_max(flat, dim, sign)
    return Selected(_shaped(picked(flat, index, dim, True), input), _shaped(index, input))


def cummax(input: Tensor, dim: int) -> Selected:
    """The largest element so far along ``dim``, and where it is (the last of equals).

    >>> import upriver as up
    >>> up.tensor([1.0, 3.0, 2.0]).cummax(0).values
    tensor([1., 3., 3.])
    """
    return _running(input, dim, 1)


def cummin(input: Tensor, dim: int) -> Selected:
    """The smallest element so far along ``dim``, and where it is (the last of equals).

    >>> import upriver as up
    >>> up.tensor([3.0, 1.0, 2.0]).cummin(0).values
    tensor([3., 1., 1.])
    """
    return _running(input, dim, -1)


def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """Differences of neighbours along ``dim``, taken ``n`` times; ``prepend`` and ``append`` are joined on
    first.

    >>> import upriver as up
    >>> up.tensor([1, 4, 9]).diff()
    tensor([3, 5])
    """
    from .shape import narrow

    if input._array.ndim == 0:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    dim = wrap(dim, input._array.ndim)
    parts = [each for each in (prepend, input, append) if each is not None]
    if len(parts) > 1:
        input = F.cat_(tuple(parts), dim)
    subtract = F.logical_xor if input._array.dtype.kind == "b" else F.sub
    for _ in range(min(n, input._array.shape[dim])):
        length = input._array.shape[dim]
        input = subtract(
            narrow(input, dim, min(1, length), max(length - 1, 0)), narrow(input, dim, 0, max(length - 1, 0))
        )
    return input


def _panels(y: Tensor, x: Tensor | None, dx: float, dim: int) -> tuple[Tensor, int]:
    """The areas between neighbours, and along which dimension they lie."""
    from .shape import narrow

    dim = wrap(dim, y._array.ndim)
    length = y._array.shape[dim]
    pairs = F.add(narrow(y, dim, 1, length - 1), narrow(y, dim, 0, length - 1))
    if x is None:
        return F.mul(pairs, dx / 2), dim
    width = diff(x, dim=dim) if x._array.ndim > 1 else diff(x)
    if x._array.ndim == 1:
        width = F.reshape_(width, (length - 1, *(1,) * (y._array.ndim - dim - 1)))
    return F.mul(F.mul(pairs, width), 0.5), dim


def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1.0, dim: int = -1) -> Tensor:
    """The integral of ``y`` along ``dim`` by the trapezoidal rule, at points ``x`` or ``dx`` apart.

    >>> import upriver as up
    >>> up.trapezoid(up.tensor([1.0, 2.0, 3.0]))
    tensor(4.)
    """
    areas, dim = _panels(y, x, dx, dim)
    return F.sum_over(areas, (dim,), False)


trapz = trapezoid


def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1.0, dim: int = -1) -> Tensor:
    """The running integral of ``y`` along ``dim`` by the trapezoidal rule: one entry fewer than ``y``.

    >>> import upriver as up
    >>> up.cumulative_trapezoid(up.tensor([1.0, 2.0, 3.0]))
    tensor([1.5000, 4.0000])
    """
    areas, dim = _panels(y, x, dx, dim)
    return cumsum_along(areas, dim, False)
