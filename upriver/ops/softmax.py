"""Softmax, its logarithm and log-sum-exp: stable, fused, and saving nothing but their output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import dtype as DType
from ..dtypes import get_default_dtype
from ..kernels import rows
from ..tensor import Tensor
from .checks import refuse_unless_floating
from .namespace import Namespace
from .registry import Kind, op
from .shape import wrap

__all__ = ["log_softmax", "logsumexp", "softmax"]

Array = np.ndarray[Any, Any]


@op(
    Kind.GENERAL,
    node="SoftmaxBackward0",
    shown="softmax",
    input=lambda F, g, out, dim: F.softmax_backward(g, out, dim),
)
def softmax_along(xp: Namespace, input: Array, dim: int) -> Array:
    """Exponentials along ``dim`` divided by their sum."""
    _check(input, dim, "softmax")
    return rows.softmax(input, dim)


def _check(input: Array, dim: int, name: str) -> None:
    last = "_lastdim" if dim >= input.ndim - 1 else ""
    refuse_unless_floating(input, f"{name}{last}_kernel_impl")


def along(F: Any, values: Any, dim: int) -> Any:
    """The sum over ``dim``, kept with length 1."""
    shape = tuple(values.shape)
    return F.sum_to(values, (*shape[:dim], 1, *shape[dim + 1 :])) if shape else values


@op(Kind.GENERAL, grad_output=lambda F, g, output, dim: F.softmax_backward(g, output, dim),
    output=lambda F, g, grad_output, output, dim:
        g * (grad_output - along(F, grad_output * output, dim))
        - grad_output * along(F, g * output, dim))  # fmt: skip
def softmax_backward(xp: Namespace, grad_output: Array, output: Array, dim: int) -> Array:
    """``output * (grad_output - sum(grad_output * output))``, for the ``output`` of softmax."""
    return rows.softmax_backward(grad_output, output, dim)


@op(Kind.GENERAL, node="LogSoftmaxBackward0", shown="log_softmax",
    input=lambda F, g, out, dim: F.log_softmax_backward(g, out, dim))  # fmt: skip
def log_softmax_along(xp: Namespace, input: Array, dim: int) -> Array:
    """``input - logsumexp(input)`` along ``dim``."""
    _check(input, dim, "log_softmax")
    return rows.log_softmax(input, dim)


@op(Kind.GENERAL, grad_output=lambda F, g, output, dim: g - along(F, g * F.exp(output), dim),
    output=lambda F, g, grad_output, output, dim:
        -g * F.exp(output) * along(F, grad_output, dim))  # fmt: skip
def log_softmax_backward(xp: Namespace, grad_output: Array, output: Array, dim: int) -> Array:
    """``grad_output - exp(output) * sum(grad_output)``, for the ``output`` of log_softmax."""
    return rows.log_softmax_backward(grad_output, output, dim)


@op(Kind.REDUCTION, floating=True, node="LogsumexpBackward0", shown="logsumexp",
    input=lambda F, g, input, out: g * F.exp(input - out))  # fmt: skip
def logsumexp_along(xp: Namespace, input: Array, dim: int) -> Array:
    """``log(sum(exp(input)))`` over ``dim``, kept with length 1."""
    if input.dtype.kind in "iub":
        input = input.astype(get_default_dtype().numpy)
    refuse_unless_floating(input, "logsumexp_cpu")
    return rows.logsumexp(input, dim)


def softmax(input: Tensor, dim: int, dtype: DType | None = None) -> Tensor:
    """Exponentials along ``dim`` divided by their sum; ``dtype`` converts the input first.

    >>> import upriver as up
    >>> up.softmax(up.tensor([0.0, 0.0]), 0)
    tensor([0.5000, 0.5000])
    """
    return softmax_along(_cast(input, dtype), wrap(dim, input.dim()))


def log_softmax(input: Tensor, dim: int, dtype: DType | None = None) -> Tensor:
    """The logarithm of :func:`softmax`, without underflow.

    >>> import upriver as up
    >>> up.log_softmax(up.tensor([0.0, 0.0]), 0)
    tensor([-0.6931, -0.6931])
    """
    return log_softmax_along(_cast(input, dtype), wrap(dim, input.dim()))


def logsumexp(input: Tensor, dim: int | Sequence[int], keepdim: bool = False) -> Tensor:
    """``log(sum(exp(input)))`` over ``dim``, without overflow; -inf for no elements.

    >>> import upriver as up
    >>> up.logsumexp(up.tensor([1000.0, 1000.0]), 0)
    tensor(1000.6932)
    """
    dims = [wrap(each, input.dim()) for each in ([dim] if isinstance(dim, int) else dim)]
    for each in dims:
        if dims.count(each) > 1:
            raise RuntimeError(f"dim {each} appears multiple times in the list of dims")
    if not input.dim():
        return logsumexp_along(input.reshape(1), 0).reshape(())
    output: Any = input
    for each in dims:
        output = logsumexp_along(output, each)
    if keepdim:
        return output
    result: Tensor = output.reshape([length for each, length in enumerate(output.shape) if each not in dims])
    return result


def _cast(input: Tensor, dtype: DType | None) -> Tensor:
    return input if dtype is None else input.to(dtype)
