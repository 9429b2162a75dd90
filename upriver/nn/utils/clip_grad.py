"""Keep gradients from growing too large, in place."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ...autograd import written
from ...tensor import Tensor, from_array

__all__ = ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]

Array = np.ndarray[Any, Any]


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients by one factor so that their common norm is at most ``max_norm``; returns the norm.

    The norm, as it was before, is that of all gradients as one vector, of order ``norm_type`` (``inf``
    allowed). Parameters without a gradient are passed over. ``foreach`` has no effect. Raises RuntimeError,
    before anything is changed, if the norm is infinite or NaN and ``error_if_nonfinite``.

    >>> import upriver as up
    >>> w = up.zeros(2, requires_grad=True)
    >>> w.grad = up.tensor([3.0, 4.0])
    >>> up.nn.utils.clip_grad_norm_([w], max_norm=1.0)
    tensor(5.)
    >>> round((w.grad**2).sum().item(), 4)
    1.0
    """
    listed = _listed(parameters)
    total = get_total_norm([grad for _, grad in _with_grad(listed)], norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(listed, max_norm, total, foreach)
    return total


def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of order ``norm_type`` of all ``tensors`` as one vector: a 0-d tensor; 0 for no tensors.

    Raises RuntimeError if it is infinite or NaN and ``error_if_nonfinite``.

    >>> import upriver as up
    >>> up.nn.utils.get_total_norm([up.tensor([3.0]), up.tensor([4.0])])
    tensor(5.)
    """
    order = float(norm_type)
    arrays = [tensor._array for tensor in _listed(tensors)]
    with np.errstate(all="ignore"):
        total = _norm(np.array([_norm(array, order) for array in arrays if array.size]), order)
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it "
            "cannot be clipped. To disable this error and scale the gradients by the non-finite norm "
            f"anyway, set `error_if_nonfinite=False` (the norm is {total})"
        )
    dtype = np.result_type(*(array.real.dtype for array in arrays)) if arrays else np.dtype(np.float32)
    return from_array(np.array(total, dtype))


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scale all gradients by ``max_norm / (total_norm + 1e-6)``, or leave them if that is not below 1.

    >>> import upriver as up
    >>> w = up.zeros(1, requires_grad=True)
    >>> w.grad = up.tensor([8.0])
    >>> up.nn.utils.clip_grads_with_norm_([w], 1.0, up.tensor(2.0))
    >>> round(w.grad.item(), 4)
    4.0
    """
    factor = float(max_norm) / (float(total_norm) + 1e-6)
    if factor >= 1.0:
        return
    with np.errstate(all="ignore"):
        for _, grad in _with_grad(_listed(parameters)):
            np.multiply(grad._array, factor, out=grad._array)
            written("clip_grad_norm_", grad)


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Cut every element of every gradient to between ``-clip_value`` and ``clip_value``.

    >>> import upriver as up
    >>> w = up.zeros(3, requires_grad=True)
    >>> w.grad = up.tensor([-9.0, 0.5, 9.0])
    >>> up.nn.utils.clip_grad_value_([w], 1.0)
    >>> w.grad.tolist()
    [-1.0, 0.5, 1.0]
    """
    limit = float(clip_value)
    for _, grad in _with_grad(_listed(parameters)):
        np.clip(grad._array, -limit, limit, out=grad._array)
        written("clip_grad_value_", grad)


def _norm(array: Array, order: float) -> float:
    """The norm of all elements; float16 is summed in float32."""
    if order == 2.0 and array.dtype != np.float16:
        return math.sqrt(np.vdot(array, array).real)
    wide = array.reshape(-1).astype(np.result_type(array.dtype, np.float32), copy=False)
    return float(np.linalg.norm(wide, order)) if wide.size else 0.0


def _listed(tensors: Tensor | Iterable[Tensor]) -> list[Tensor]:
    if isinstance(tensors, Tensor):
        return [tensors]
    listed = list(tensors)
    if not listed and isinstance(tensors, Iterator):
        warnings.warn(
            "`parameters` is an empty generator, no gradient clipping will occur. A generator such as "
            "model.parameters() can be used only once",
            stacklevel=3,
        )
    return listed


def _with_grad(parameters: list[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """The parameters that have a gradient, with it."""
    for parameter in parameters:
        if parameter.grad is not None:
            yield parameter, parameter.grad
