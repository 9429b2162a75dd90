"""The steps of a recurrence that are one after the other by nature, with as few passes over memory as NumPy
allows.
"""

from __future__ import annotations

import numpy as np

from .blocks import Array, compute_dtype
from .special import expit_block, quiet

LAID_OUT_FROM = (
    8  # steps from which writing the weight's transpose out once pays: up to half of a product's time
)


@quiet
def lstm(
    projected: Array, hidden: Array, cell: Array, weight: Array, reverse: bool
) -> tuple[Array, Array, Array]:
    """Return hidden states, cells and gates of every step, from the input's part of the gates (L, N, 4H).

    The gates are those to enter, to keep, the candidate, and to leave, in this order, after their sigmoid or
    tanh. ``hidden`` and ``cell`` (N, H) are the state before, ``weight`` is (4H, H).
    """
    length, batch, width = projected.shape
    size, compute = width // 4, compute_dtype(projected.dtype)
    gates = projected.astype(compute)
    hiddens, cells = np.empty((length, batch, size), compute), np.empty((length, batch, size), compute)
    turned = np.array(weight.T, compute, order="C" if length >= LAID_OUT_FROM else "K", copy=None)
    recurrent, candidate = np.empty((batch, width), compute), np.empty((batch, size), compute)
    for step in reversed(range(length)) if reverse else range(length):
        now = gates[step]
        now += np.matmul(hidden, turned, out=recurrent)
        enter, keep, middle, leave = (now[:, k * size : (k + 1) * size] for k in range(4))
        np.tanh(middle, out=candidate)
        expit_block(now, now)  # of all four: one run through memory is faster than two with gaps
        middle[...] = candidate
        cell = np.multiply(keep, cell, out=cells[step])
        cell += np.multiply(enter, candidate, out=candidate)
        hidden = np.tanh(cell, out=hiddens[step])
        hidden *= leave
    kind = projected.dtype
    return hiddens.astype(kind, copy=False), cells.astype(kind, copy=False), gates.astype(kind, copy=False)
