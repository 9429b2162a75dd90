"""Recurrences that are one operator."""

from __future__ import annotations

from typing import Any

from tests.op_samples.row import Draw, Row, S, Sample


def lstm(lib: Any, projected: Any, hidden: Any, cell: Any, weight: Any, reverse: bool) -> Any:
    """Hidden states, cells and gates of every step: by upriver's operator, and written out for PyTorch."""
    if lib.__name__ == "upriver":
        from upriver.ops.recurrent import lstm_sequence

        return lstm_sequence((projected, hidden, cell, weight), reverse)
    found = []
    for step in reversed(projected) if reverse else projected:
        enter, keep, candidate, leave = (step + hidden @ weight.mT).chunk(4, -1)
        gates = [enter.sigmoid(), keep.sigmoid(), candidate.tanh(), leave.sigmoid()]
        cell = gates[1] * cell + gates[0] * gates[2]
        hidden = gates[3] * cell.tanh()
        found.append((hidden, cell, lib.cat(gates, -1)))
    return tuple(lib.stack(each) for each in zip(*(found[::-1] if reverse else found), strict=True))


def sequence(d: Draw, length: int, reverse: bool) -> Sample:
    """One sequence of a batch of 2 and 3 hidden units."""
    return S(d.real(length, 2, 12), d.unit(2, 3), d.real(2, 3), d.real(12, 3), reverse)


ROWS = [
    Row(
        "lstm_sequence",
        lambda d: [sequence(d, 3, False), sequence(d, 3, True), sequence(d, 1, False), sequence(d, 9, False)],
        call=lstm,
        loose=10,
    ),
]
