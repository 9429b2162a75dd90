"""Sorting, ranking and searching."""

from __future__ import annotations

import numpy as np

from tests.op_samples.reduce import over_dims, tied_dims
from tests.op_samples.row import NUMBERS, Draw, Refusal, Row, S

NO_ELEMENTS = Refusal(
    S(np.zeros((0,))), IndexError, "argmax(): Expected reduction dim to be specified for input.numel() == 0"
)

ROWS = [
    Row(
        "argmax",
        lambda d: over_dims(d, Draw.distinct, empty=False, many=False),
        specials=tied_dims,
        dtypes=NUMBERS,
        differentiable=False,
        refusals=(NO_ELEMENTS,),
    ),
    Row(
        "argmin",
        lambda d: over_dims(d, Draw.distinct, empty=False, many=False),
        specials=tied_dims,
        dtypes=NUMBERS,
        differentiable=False,
    ),
    Row(
        "sort",
        lambda d: [
            S(d.distinct(2, 3)),
            S(d.distinct(2, 3), 0),
            S(d.distinct(5), descending=True),
            S(d.distinct()),
        ],
        specials=lambda d: [S(np.array([2.0, 1.0, 2.0, 1.0], d.dtype), stable=True)],
        dtypes=NUMBERS,
    ),
    Row(
        "argsort",
        lambda d: [S(d.distinct(2, 3)), S(d.distinct(2, 3), 0, True)],
        specials=lambda d: [S(np.array([2.0, 1.0, 2.0, 1.0], d.dtype), stable=True)],
        dtypes=NUMBERS,
        differentiable=False,
    ),
    Row(
        "topk",
        lambda d: [S(d.distinct(5), 2), S(d.distinct(3, 4), 2, dim=0), S(d.distinct(3, 4), 3, largest=False)],
        dtypes=NUMBERS,
        refusals=(Refusal(S(np.zeros(3), 4), RuntimeError, "selected index k out of range"),),
    ),
    Row("kthvalue", lambda d: [S(d.distinct(5), 2), S(d.distinct(3, 4), 3, 0)]),
    Row("unique", lambda d: [S(np.array([3.0, 1.0, 3.0, 2.0]))], differentiable=False),
    Row(
        "searchsorted",
        lambda d: [
            S(np.array([1.0, 3.0, 5.0]), np.array([0.0, 3.0, 6.0]), right=right) for right in (False, True)
        ],
        differentiable=False,
    ),
    Row("bincount", lambda d: [S(d.index(5, 10)), S(d.index(5, 4), minlength=8)], differentiable=False),
    Row("nonzero", lambda d: [S(d.mask(3, 4)), S(np.array([0.0, 1.0, 2.0]))], differentiable=False),
]
