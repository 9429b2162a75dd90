"""What the kernels should compute, written as the definition says, and helpers to compare with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def numeric_gradient(function: Callable[[Array], Array], x: Array, g: Array, step: float = 1e-6) -> Array:
    """The gradient of sum(g * function(x)) by central differences, in float64."""
    gradient = np.empty_like(x)
    for place in np.ndindex(x.shape):
        shifted = x.copy()
        shifted[place] = x[place] + step
        above = function(shifted)
        shifted[place] = x[place] - step
        gradient[place] = np.sum(g * (above - function(shifted))) / (2 * step)
    return gradient


def layouts(x: Array) -> list[Array]:
    """The same values in C order, Fortran order, with gaps and reversed strides."""
    evens: Any = (*[slice(None, None, 2)] * x.ndim, ...)
    gapped = np.zeros([2 * n for n in x.shape], x.dtype)[evens]
    gapped[...] = x
    reverse: Any = (*[slice(None, None, -1)] * x.ndim, ...)
    return [x, x.copy(order="F"), gapped, x[reverse].copy()[reverse]]


def naive_conv2d(x: Array, w: Array, stride: Any, padding: Any, dilation: Any, groups: int) -> Array:
    """Cross-correlation, one output element at a time."""
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, w.shape[2:], strict=True)]
    out_h, out_w = ((x.shape[i + 2] - reach[i]) // stride[i] + 1 for i in (0, 1))
    out = np.zeros((len(x), len(w), out_h, out_w))
    per_group = len(w) // groups
    for n, o, i, j in np.ndindex(out.shape):
        first = o // per_group * w.shape[1]
        top, left = i * stride[0], j * stride[1]
        window = x[
            n,
            first : first + w.shape[1],
            top : top + reach[0] : dilation[0],
            left : left + reach[1] : dilation[1],
        ]
        out[n, o, i, j] = np.sum(window * w[o])
    return out


def naive_max_pool2d(x: Array, kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any) -> Any:
    """PyTorch's loop: a later element wins if it is greater or nan."""
    best, places = np.empty(out), np.empty(out, np.int64)
    for i, j in np.ndindex(*out):
        value, place = -np.inf, -1
        for a, b in np.ndindex(*kernel):
            row = i * stride[0] - padding[0] + a * dilation[0]
            column = j * stride[1] - padding[1] + b * dilation[1]
            if 0 <= row < x.shape[0] and 0 <= column < x.shape[1]:
                candidate = x[row, column]
                if place < 0 or candidate > value or np.isnan(candidate):
                    value, place = candidate, row * x.shape[1] + column
        best[i, j], places[i, j] = value, place
    return best, places
