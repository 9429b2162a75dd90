"""Covariance and correlation, combinations of Tensors, and positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.op_samples.row import Const, Draw, Refusal, Row, S

HIGH = np.zeros((1, 1, 1))


def weighted(d: Draw) -> list[Any]:
    """Covariance matrices: plain, weighted, of a vector and of a number."""
    return [
        S(d.real(3, 5)),
        S(d.real(4)),
        S(d.real(2, 4), correction=0),
        S(d.real(2, 4), fweights=np.array([1, 2, 1, 3])),
        S(d.real(2, 4), aweights=Const(d.positive(4))),
        S(d.real(2, 4), fweights=np.array([1, 2, 1, 3]), aweights=Const(d.positive(4))),
    ]


ROWS = [
    Row(
        "cov",
        weighted,
        dtypes=("float64", "float32"),
        refusals=(
            Refusal(
                S(HIGH),
                RuntimeError,
                "cov(): expected input to have two or fewer dimensions but got an input with 3 dimensions",
            ),
        ),
    ),
    Row("corrcoef", lambda d: [S(d.real(3, 5))]),
    Row(
        "block_diag",
        lambda d: [S(d.real(2, 3), d.real(3), d.real(), d.real(1, 2)), S(d.real(0, 2), d.real(2, 2))],
        refusals=(
            Refusal(
                S(HIGH),
                RuntimeError,
                ("torch.block_diag: Input tensors must have 2 or fewer dimensions. Input 0 has 3 dimensions"),
            ),
        ),
    ),
    Row("cartesian_prod", lambda d: [S(d.real(2), d.real(3), d.real(2)), S(d.real(3))]),
    Row(
        "combinations",
        lambda d: [S(d.real(4)), S(d.real(4), 3, True), S(d.real(2), 3)],
        refusals=(
            Refusal(S(np.zeros((2, 2))), RuntimeError, "Expect a 1D vector, but got shape [2, 2]"),
            Refusal(S(np.zeros(2), -1), RuntimeError, "Expect a non-negative number, but got -1"),
        ),
    ),
    Row(
        "Tensor.put",
        lambda d: [
            S(d.real(3, 4), np.array([0, 7, -1]), d.real(3)),
            S(d.real(3, 4), np.array([[5, 5], [1, 2]]), d.real(2, 2), True),
        ],
        refusals=(
            Refusal(
                S(np.zeros(3), np.array([9]), np.zeros(1)),
                IndexError,
                "out of range: tried to access index 9 on a tensor of 3 elements.",
            ),
            Refusal(
                S(np.zeros(3), np.array([1]), np.zeros(2)),
                IndexError,
                "put_(): Expected source and index to have the same number of elements",
            ),
        ),
    ),
    Row("argwhere", lambda d: [S(d.mask(3, 4)), S(d.real())], differentiable=False),
    Row(
        "isin",
        lambda d: [
            S(d.index(5, 3, 4), d.index(5, 2)),
            S(d.index(5, 4), 3, invert=True),
            S(2, d.index(5, 4)),
        ],
        differentiable=False,
    ),
    Row("unravel_index", lambda d: [S(d.index(24, 5), (2, 3, 4)), S(d.index(4, 2), 4)], differentiable=False),
]
