"""The recurrence of an LSTM over a whole sequence as one operator.

Its rule gathers what flows into the gates of every step, and so gets the gradient of the recurrent weight by
one product over all steps instead of one a step.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..kernels import recurrent as kernel
from ..tensor import Tensor
from .checks import same_type
from .namespace import Namespace
from .registry import Kind, op

__all__ = ["lstm"]

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]


def _block(F: Any, x: Any, number: int) -> Any:
    """One of the four gates in (..., 4H)."""
    size = x.shape[-1] // 4
    return F.getitem_view(x, (..., slice(number * size, (number + 1) * size)))


def _rows(F: Any, x: Any) -> Any:
    return F.reshape_(x, (x.shape[0] * x.shape[1], x.shape[2]))


def _before(F: Any, start: Any, states: Any, reverse: bool) -> Any:
    """The state that each step began with."""
    start = F.unsqueeze_(start, (0,))
    if states.shape[0] == 1:
        return start
    if reverse:
        return F.cat_((F.getitem_view(states, (slice(1, None),)), start), 0)
    return F.cat_((start, F.getitem_view(states, (slice(0, -1),))), 0)


def _into_gates(F: Any, g: Any, cell: Any, weight: Any, outs: Any, reverse: bool) -> tuple[list[Any], Any]:
    """The gradient of the gates' sums at each step, and of the first cell: backpropagation through time."""
    _, cells, gates = outs
    enter, keep, candidate, leave = (_block(F, gates, number) for number in range(4))
    bent = F.tanh(cells)
    slopes = F.cat_((enter - enter * enter, keep - keep * keep, 1 - candidate * candidate,
                     leave - leave * leave), 2)  # fmt: skip
    factors = slopes * F.cat_((candidate, _before(F, cell, cells, reverse), enter, bent), 2)
    through, direct = leave * (1 - bent * bent), g[2] * slopes
    found: list[Any] = [None] * cells.shape[0]
    into_hidden = into_cell = None
    for step in range(len(found)) if reverse else reversed(range(len(found))):
        at = (step,)
        of_hidden, of_cell = F.select_view(g[0], at), F.select_view(g[1], at)
        of_hidden = of_hidden if into_hidden is None else of_hidden + into_hidden
        of_cell = of_cell + of_hidden * F.select_view(through, at)
        of_cell = of_cell if into_cell is None else of_cell + into_cell
        sums = F.cat_((of_cell, of_cell, of_cell, of_hidden), 1) * F.select_view(factors, at)
        found[step] = sums + F.select_view(direct, at)
        into_hidden, into_cell = F.matmul(found[step], weight), of_cell * F.select_view(keep, at)
    return [*found, into_hidden], into_cell


def _gradients(F: Any, g: Any, tensors: Any, outs: Any, reverse: bool) -> list[Any]:
    _, hidden, cell, weight = tensors
    (*found, of_hidden), of_cell = _into_gates(F, g, cell, weight, outs, reverse)
    sums = F.stack_(found, 0)
    of_weight = F.matmul(F.mT(_rows(F, sums)), _rows(F, _before(F, hidden, outs[0], reverse)))
    return [sums, of_hidden, of_cell, of_weight]


@op(Kind.GENERAL, tensors=_gradients, node="LstmBackward0", shown="lstm")
def lstm_sequence(xp: Namespace, tensors: Arrays, reverse: bool) -> Arrays:
    """Hidden states, cells and gates of every step: (L, N, H), (L, N, H) and (L, N, 4H).

    The tensors are the input's part of the gates (L, N, 4H), the hidden state and the cell before (N, H), and
    the recurrent weight (4H, H). ``reverse`` goes from the last step to the first.
    """
    projected, hidden, cell, weight = tensors
    return kernel.lstm(projected, hidden, cell, weight, reverse)


def lstm(
    projected: Tensor, hidden: Tensor, cell: Tensor, weight: Tensor, reverse: bool = False
) -> tuple[Tensor, Tensor]:
    """Hidden states and cells of every step, (L, N, H) each, from the input's part of the gates (L, N, 4H).

    Raises RuntimeError where element types differ.

    >>> import upriver as up
    >>> hidden, cells = lstm(up.ones(5, 2, 12), up.zeros(2, 3), up.zeros(2, 3), up.ones(12, 3))
    >>> hidden.shape
    torch.Size([5, 2, 3])
    """
    for each in (hidden, cell, weight):
        same_type(projected._array, each._array)
    hiddens, cells, _ = lstm_sequence((projected, hidden, cell, weight), reverse)
    return hiddens, cells
