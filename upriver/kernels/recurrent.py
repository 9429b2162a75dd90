"""The steps of a recurrence that are one after the other by nature, with as few passes over memory as NumPy
allows.
"""

from __future__ import annotations

import numpy as np

from .blocks import Array, compute_dtype
from .special import expit_block, quiet


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
    turned = weight.T.astype(compute, copy=False)
    recurrent, entering = np.empty((batch, width), compute), np.empty((batch, size), compute)
    for step in reversed(range(length)) if reverse else range(length):
        now = gates[step]
        now += np.matmul(hidden, turned, out=recurrent)
        enter, keep, candidate, leave = (now[:, k * size : (k + 1) * size] for k in range(4))
        expit_block(now[:, : 2 * size], now[:, : 2 * size])
        np.tanh(candidate, out=candidate)
        expit_block(leave, leave)
        cell = np.multiply(keep, cell, out=cells[step])
        cell += np.multiply(enter, candidate, out=entering)
        hidden = np.tanh(cell, out=hiddens[step])
        hidden *= leave
    kind = projected.dtype
    return hiddens.astype(kind, copy=False), cells.astype(kind, copy=False), gates.astype(kind, copy=False)
