"""Indexing, assignment, gather and scatter."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.op_samples.row import ALL_NUMBERS, COMPLEX, EVERYTHING, Draw, Refusal, Row, S

BASIC: tuple[Any, ...] = (
    0,
    -1,
    slice(1, None),
    slice(None, None, 2),
    (slice(None), 1),
    (Ellipsis, 0),
    (None, slice(None)),
    (slice(None), None, 2),
    (),
    (1, 2),
    slice(2, 2),
)
ADVANCED: tuple[Any, ...] = (
    np.array([2, 0, 2]),
    (np.array([0, 1]), np.array([2, 0])),
    (slice(None), np.array([1, 1])),
    (np.array([[0, 1], [2, 0]]),),
    (np.array([0, 2]), slice(1, 3)),
    (np.array([0, 2]), None, 1),
    [0, 2],
    np.array([], dtype=np.int64),
)
MASKS: tuple[Any, ...] = (
    np.array([True, False, True]),
    np.array([[True, False, True, True]] * 3),
    (slice(None), np.array([True, False, False, True])),
    np.zeros((3, 4), dtype=bool),
)


def convert(lib: Any, index: Any) -> Any:
    """NumPy arrays inside an index become Tensors of `lib`."""
    if isinstance(index, tuple):
        return tuple(convert(lib, part) for part in index)
    return lib.tensor(index) if isinstance(index, np.ndarray) else index


class Key:
    """An index, kept away from the conversion of arguments."""

    def __init__(self, index: Any) -> None:
        self.index = index

    def __repr__(self) -> str:
        return f"Key({self.index!r})"


def getitem(lib: Any, x: Any, key: Key) -> Any:
    """x[key]"""
    return x[convert(lib, key.index)]


def setitem(lib: Any, x: Any, key: Key, value: Any) -> Any:
    """x[key] = value, on a copy."""
    y = x.clone()
    y[convert(lib, key.index)] = value
    return y


def assignments(d: Draw) -> list[Any]:
    """Values of the right shape, broadcast values and numbers."""
    return [
        S(d.real(3, 4), Key(0), d.real(4)),
        S(d.real(3, 4), Key((slice(None), 1)), d.real(3)),
        S(d.real(3, 4), Key(slice(1, None)), d.real(4)),
        S(d.real(3, 4), Key((1, 2)), d.real()),
        S(d.real(3, 4), Key(0), 1.5 if d.dtype.kind != "i" else 2),
        S(d.real(3, 4), Key(np.array([2, 0])), d.real(2, 4)),
        S(d.real(3, 4), Key((np.array([0, 1]), np.array([2, 0]))), d.real(2)),
        S(d.real(3, 4), Key(MASKS[0]), d.real(2, 4)),
        S(d.real(3, 4), Key(MASKS[1]), d.real(9)),
        S(d.real(3, 4), Key(MASKS[1]), d.real()),
    ]


def duplicates(d: Draw) -> list[Any]:
    """The last write wins and the overwritten value gets no gradient."""
    return [S(d.real(3), Key(np.array([1, 1])), d.real(2))]


def indexed(name: str, *more_args: Any, **more: Any) -> Row:
    """index_add, index_copy: a source added or copied along a dimension at (distinct) indices."""
    return Row(
        name,
        lambda d: [
            S(d.real(4, 3), 0, np.array([2, 0]), d.real(2, 3)),
            S(d.real(4, 3), 1, np.array([1, 2]), d.real(4, 2)),
        ],
        **more,
    )


def positions(d: Draw) -> list[Any]:
    """Input, dimension, indices for gather."""
    return [
        S(d.real(3, 4), 0, d.index(3, 2, 4)),
        S(d.real(3, 4), 1, d.index(4, 3, 6)),
        S(d.real(3, 4), -1, d.index(4, 2, 2)),
        S(d.real(), 0, np.array(0)),
        S(d.real(3, 4), 0, d.index(3, 0, 4)),
    ]


GATHER_RANGE = Refusal(
    S(np.zeros(3), 0, np.array([3])), RuntimeError, "index 3 is out of bounds for dimension 0 with size 3"
)
GETITEM_RANGE = (
    Refusal(S(np.zeros(3), Key(3)), IndexError, "index 3 is out of bounds for dimension 0 with size 3"),
    Refusal(
        S(np.zeros(3), Key(np.array([3]))), IndexError, "index 3 is out of bounds for dimension 0 with size 3"
    ),
    Refusal(S(np.zeros(3), Key((0, 0))), IndexError, "too many indices for tensor of dimension 1"),
    Refusal(
        S(np.zeros(3), Key(np.array([True, False]))),
        IndexError,
        "The shape of the mask [2] at index 0 does not match",
    ),
)

ROWS = [
    Row(
        "Tensor.__getitem__",
        lambda d: [S(d.real(3, 4), Key(i)) for i in BASIC],
        call=getitem,
        dtypes=EVERYTHING,
        refusals=GETITEM_RANGE,
    ),
    Row(
        "Tensor.__getitem__",
        lambda d: [S(d.real(3, 4), Key(i)) for i in ADVANCED],
        call=getitem,
        dtypes=ALL_NUMBERS,
    ),
    Row(
        "Tensor.__getitem__",
        lambda d: [S(d.real(3, 4), Key(i)) for i in MASKS],
        call=getitem,
        dtypes=ALL_NUMBERS,
    ),
    Row(
        "Tensor.__setitem__",
        assignments,
        call=setitem,
        dtypes=ALL_NUMBERS,
        specials=duplicates,
        refusals=(
            Refusal(
                S(np.zeros((2, 3)), Key(0), np.zeros(2)),
                RuntimeError,
                (
                    "The expanded size of the tensor (3) must match the existing size (2) at "
                    "non-singleton dimension 0"
                ),
            ),
        ),
    ),
    Row("gather", positions, dtypes=ALL_NUMBERS, refusals=(GATHER_RANGE,)),
    Row(
        "take_along_dim",
        lambda d: [S(d.real(3, 4), d.index(4, 3, 2), 1), S(d.real(3, 4), d.index(3, 1, 4), 0)],
    ),
    Row("take", lambda d: [S(d.real(3, 4), d.index(12, 2, 3))]),
    Row(
        "scatter",
        lambda d: [
            S(d.real(3, 4), 0, np.array([[0, 1, 2, 0]]), d.real(1, 4)),
            S(d.real(3, 4), 1, np.array([[0, 1], [2, 3], [1, 0]]), d.real(3, 2)),
            S(d.real(3, 4), 1, np.array([[0, 1], [2, 3], [1, 0]]), 1.0),
        ],
        dtypes=COMPLEX,
    ),
    Row(
        "scatter_reduce",
        lambda d: (
            [
                S(d.distinct(3, 4), 0, np.array([[0, 1, 2, 0], [1, 1, 0, 2]]), d.distinct(2, 4) + 0.22, how)
                for how in ("sum", "mean", "prod", "amax", "amin")
            ]
            + [S(d.real(3), 0, np.array([0, 0, 2]), d.real(3), "sum", include_self=False)]
        ),
    ),
    Row(
        "scatter_add",
        lambda d: [
            S(d.real(3, 4), 0, d.index(3, 5, 4), d.real(5, 4)),
            S(d.real(3, 4), 1, d.index(4, 3, 2), d.real(3, 2)),
        ],
        dtypes=ALL_NUMBERS,
    ),
    Row(
        "index_select",
        lambda d: [S(d.real(3, 4), 0, d.index(3, 5)), S(d.real(3, 4), 1, d.index(4, 2))],
        dtypes=ALL_NUMBERS,
    ),
    indexed("index_add", dtypes=ALL_NUMBERS),
    Row("index_add", lambda d: [S(d.real(4), 0, np.array([1, 1, 3]), d.real(3), alpha=2)]),
    indexed("index_copy", dtypes=ALL_NUMBERS),
    Row("index_fill", lambda d: [S(d.real(4, 3), 0, np.array([0, 2]), 1.0)]),
    Row(
        "index_put",
        lambda d: [S(d.real(4), np.array([1, 3]), d.real(2))],
        call=lambda lib, x, i, v: lib.index_put(x, (i,), v),
    ),
    Row(
        "index_put",
        lambda d: [S(d.real(4), np.array([1, 1]), d.real(2))],
        call=lambda lib, x, i, v: lib.index_put(x, (i,), v, accumulate=True),
    ),
    Row(
        "masked_fill",
        lambda d: [
            S(d.real(2, 3), d.mask(2, 3), 1.5),
            S(d.real(2, 3), d.mask(3), d.real()),
            S(d.real(2, 3), d.mask(2, 1), 0.0),
        ],
        dtypes=COMPLEX,
    ),
    Row(
        "masked_select",
        lambda d: [S(d.real(2, 3), d.mask(2, 3)), S(d.real(2, 3), d.mask(3))],
        dtypes=ALL_NUMBERS,
    ),
    Row("masked_scatter", lambda d: [S(d.real(2, 3), d.mask(2, 3), d.real(6))]),
    Row("select_scatter", lambda d: [S(d.real(2, 3), d.real(3), 0, 1)]),
    Row("slice_scatter", lambda d: [S(d.real(4, 3), d.real(2, 3), 0, 1, 3)]),
    Row("diagonal_scatter", lambda d: [S(d.real(3, 3), d.real(3))]),
    Row(
        "nn.functional.one_hot",
        lambda d: [S(np.array([0, 2, 1])), S(np.array([[1], [0]]), 4)],
        differentiable=False,
    ),
]
