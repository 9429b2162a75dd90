"""Sequences of different lengths as one tensor, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from ... import ops
from ...tensor import Tensor

__all__ = ["pad_sequence", "unpad_sequence"]


def pad_sequence(
    sequences: Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: Literal["left", "right"] = "right",
) -> Tensor:
    """Stack sequences of shapes ``(length, *)`` into ``(longest, count, *)``, or ``(count, longest, *)``.

    Shorter ones are filled up with ``padding_value``. Gradients flow to the sequences.

    >>> import upriver as up
    >>> a, b = up.tensor([1.0, 2.0]), up.tensor([3.0])
    >>> up.nn.utils.rnn.pad_sequence([a, b], batch_first=True)
    tensor([[1., 2.],
            [3., 0.]])
    """
    if padding_side not in ("left", "right"):
        raise ValueError(f"padding_side should be either 'left' or 'right', but got {padding_side!r}")
    listed = list(sequences)
    if not listed:
        raise RuntimeError("pad_sequence: expected a non-empty list of Tensors, but got none")
    longest = max(sequence.shape[0] for sequence in listed)
    rows = []
    for sequence in listed:
        missing = (longest - sequence.shape[0], *sequence.shape[1:])
        parts = [sequence, ops.full(missing, padding_value, dtype=sequence.dtype)]
        rows.append(ops.cat(parts if padding_side == "right" else parts[::-1], 0))
    return ops.stack(rows, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Any, batch_first: bool = False) -> list[Tensor]:
    """The sequences that :func:`pad_sequence` stacked, each cut to its entry in ``lengths``.

    >>> import upriver as up
    >>> padded = up.tensor([[1.0, 2.0], [3.0, 0.0]])
    >>> up.nn.utils.rnn.unpad_sequence(padded, up.tensor([2, 1]), batch_first=True)
    [tensor([1., 2.]), tensor([3.])]
    """
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [rows[index][: int(length)] for index, length in enumerate(lengths)]
