"""SciPy's minimisers on functions written with upriver: value and gradient from one backward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import enable_grad, grad
from ..tensor import Tensor, from_array

__all__ = ["minimize"]


def minimize(fun: Callable[..., Tensor], x0: Any, args: tuple[Any, ...] = (), **options: Any) -> Any:
    """Minimise ``fun(x, *args)`` from ``x0`` with :func:`scipy.optimize.minimize`, which ``options`` go to.

    ``fun`` gets a float64 Tensor of the shape of ``x0`` (a Tensor, an array or a list) and returns a Tensor
    of one element. SciPy is given its value and gradient, in float64. Returns SciPy's result, with ``x`` as
    an array of the shape of ``x0``. Other tensors that require grad may take part: their ``grad`` is left
    alone.

    Raises TypeError if ``fun`` returns something else, or if ``jac`` is given, which upriver computes.

    >>> import upriver as up
    >>> from upriver.interop.scipy import minimize
    >>> found = minimize(lambda x: ((x - 3) ** 2).sum(), [0.0, 0.0], method="L-BFGS-B")
    >>> found.x.round(4).tolist()
    [3.0, 3.0]
    """
    try:
        import scipy.optimize
    except ImportError as error:
        raise ImportError("upriver.interop.scipy.minimize needs SciPy: pip install scipy") from error
    if "jac" in options:
        raise TypeError("minimize() computes the gradient itself: leave `jac` out")
    start = np.array(x0._array if isinstance(x0, Tensor) else x0, np.float64)

    def value_and_gradient(x: np.ndarray[Any, Any], *args: Any) -> tuple[float, np.ndarray[Any, Any]]:
        point = from_array(x.reshape(start.shape).copy())  # SciPy goes on writing in x
        point.requires_grad = True
        with enable_grad():
            value = fun(point, *args)
        if not isinstance(value, Tensor) or value.numel() != 1:
            got = f"the shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
            raise TypeError(f"the function to minimise must return a Tensor of one element, but got {got}")
        (gradient,) = grad(value, (point,))
        return value._array.item(), gradient._array.reshape(-1)

    result = scipy.optimize.minimize(value_and_gradient, start.reshape(-1), args, jac=True, **options)
    result.x = result.x.reshape(start.shape)
    return result
