"""Reductions and cumulative operators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.op_samples.row import (
    ALL_NUMBERS,
    COMPLEX,
    EVERYTHING,
    FLOATS,
    NUMBERS,
    Draw,
    Refusal,
    Row,
    S,
    Sample,
)

OUT_OF_RANGE = Refusal(
    S(np.zeros((2, 3)), dim=2),
    IndexError,
    "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
)


def over_dims(draw: Draw, domain: Any = Draw.real, empty: bool = True, many: bool = True) -> Iterator[Sample]:
    """All, one dimension, several, kept, 0-d, and empty where the operator has a neutral element."""
    yield S(domain(draw, 2, 3))
    yield S(domain(draw, 2, 3), dim=0)
    yield S(domain(draw, 2, 3, 2), dim=-2, keepdim=True)
    if many:
        yield S(domain(draw, 2, 3, 2), dim=(0, 2))
        yield S(domain(draw, 2, 3, 2), dim=(0, -1), keepdim=True)
    yield S(domain(draw))
    if empty:
        yield S(domain(draw, 0, 3))
        yield S(domain(draw, 0, 3), dim=0)
        yield S(domain(draw, 3, 0), dim=1, keepdim=True)


def reduction(name: str, domain: Any = Draw.real, empty: bool = True, many: bool = True, **more: Any) -> Row:
    """A row over `over_dims`."""
    more.setdefault("refusals", (OUT_OF_RANGE,))
    return Row(name, lambda draw: over_dims(draw, domain, empty, many), **more)


def tied(draw: Draw) -> Iterator[Sample]:
    """Ties: a full reduction shares the gradient equally."""
    yield S(np.array([1.0, 3.0, 3.0, 2.0], dtype=draw.dtype))
    yield S(np.array([[2.0, 2.0, 2.0], [1.0, 5.0, 5.0]], dtype=draw.dtype))


def tied_dims(draw: Draw) -> Iterator[Sample]:
    """Ties along a dimension, and NaN."""
    ties = np.array([[2.0, 2.0, 2.0], [1.0, 5.0, 5.0]], dtype=draw.dtype)
    yield S(ties, 1)
    yield S(ties, 0)
    if draw.dtype.kind == "f":
        yield S(np.array([1.0, float("nan"), 3.0], draw.dtype), 0)


def zeros_in_product(draw: Draw) -> Iterator[Sample]:
    """No zero, one and two: the gradient is exact."""
    yield S(np.array([2.0, 0.0, 3.0], dtype=draw.dtype))
    yield S(np.array([0.0, 0.0, 3.0], dtype=draw.dtype))
    yield S(np.array([[2.0, 0.0], [3.0, 4.0], [0.0, 0.0]], dtype=draw.dtype), dim=1)


def spreads(draw: Draw) -> Iterator[Sample]:
    """var and std: corrections and dimensions."""
    yield S(draw.real(2, 3))
    yield S(draw.real(2, 3), dim=1)
    yield S(draw.real(2, 3, 2), dim=(0, 2), correction=0, keepdim=True)
    yield S(draw.real(2, 3), dim=0, unbiased=False)
    yield S(draw.real(4, 2), dim=0, correction=2)


def norms(draw: Draw) -> Iterator[Sample]:
    """Vector norms of every order."""
    yield S(draw.away(2, 3))
    yield S(draw.away(2, 3), dim=1)
    for order in (0.5, 1, 2, 3):
        yield S(draw.away(2, 3), p=order, dim=0, keepdim=True)
    yield S(draw.distinct(2, 3), p=float("inf"), dim=1)
    yield S(draw.distinct(2, 3), p=-float("inf"), dim=1)


def along(domain: Any = Draw.real) -> Any:
    """Cumulative operators: each dimension, 0-d and empty."""
    return lambda d: [S(domain(d, 2, 3), 0), S(domain(d, 2, 3), -1), S(domain(d), 0), S(domain(d, 0, 3), 0)]


EMPTY_MAX = Refusal(S(np.zeros((0, 3)), dim=0), IndexError, "")

ROWS = [
    reduction("sum", dtypes=EVERYTHING),
    Row("sum", lambda d: [S(d.mask(2, 3)), S(d.index(5, 2, 3), dim=1)], differentiable=False),
    reduction("mean", dtypes=COMPLEX, specials=lambda d: [S(np.zeros((0,), d.dtype))]),
    Row(
        "mean",
        lambda d: [S(d.real(2, 3), 1)],
        refusals=(Refusal(S(np.arange(3)), RuntimeError, "mean(): could not infer output dtype."),),
    ),
    reduction("prod", Draw.positive, many=False, dtypes=ALL_NUMBERS, specials=zeros_in_product),
    reduction("nansum", specials=lambda d: [S(np.array([1.0, float("nan"), 2.0], d.dtype))], refusals=()),
    Row(
        "nanmean",
        lambda d: [S(d.real(2, 3)), S(d.real(2, 3), dim=1)],
        specials=lambda d: [S(np.array([1.0, float("nan"), 2.0], d.dtype))],
    ),
    Row(
        "nanmedian",
        lambda d: [S(d.distinct(5)), S(d.distinct(3, 4), 1)],
        specials=lambda d: [S(np.array([1.0, float("nan"), 2.0], d.dtype))],
    ),
    Row(
        "mode",
        lambda d: [S(d.distinct(2, 3), 1)],
        specials=lambda d: [S(np.array([[1.0, 2.0, 2.0], [3.0, 3.0, 1.0]], d.dtype), 1)],
    ),
    Row("trapezoid", lambda d: [S(d.real(2, 4)), S(d.real(4), d.real(4)), S(d.real(4, 2), dx=0.5, dim=0)]),
    Row("cumulative_trapezoid", lambda d: [S(d.real(2, 4)), S(d.real(4), d.real(4))]),
    reduction(
        "logsumexp",
        many=True,
        empty=False,
        call=lambda lib, x, dim=0, keepdim=False: lib.logsumexp(x, dim, keepdim),
    ),
    Row(
        "logsumexp",
        lambda d: [S(d.real(2, 3), (0, 1))],
        specials=lambda d: [S(np.array([800.0, 800.0], d.dtype), 0), S(np.full(2, -np.inf, d.dtype), 0)],
    ),
    Row("var", spreads, dtypes=FLOATS, specials=lambda d: [S(np.ones(1, d.dtype)), S(np.ones(3, d.dtype))]),
    Row("std", spreads, dtypes=FLOATS, specials=lambda d: [S(np.ones(1, d.dtype)), S(np.ones(3, d.dtype))]),
    Row("var_mean", lambda d: [S(d.real(2, 3)), S(d.real(2, 3), dim=1, correction=0)]),
    Row("std_mean", lambda d: [S(d.real(2, 3)), S(d.real(2, 3), dim=1, keepdim=True)]),
    reduction("amax", Draw.distinct, empty=False, dtypes=NUMBERS, specials=tied),
    reduction("amin", Draw.distinct, empty=False, dtypes=NUMBERS, specials=tied),
    reduction("max", Draw.distinct, empty=False, many=False, dtypes=NUMBERS, specials=tied),
    reduction("min", Draw.distinct, empty=False, many=False, dtypes=NUMBERS, specials=tied),
    Row("max", lambda d: [S(d.distinct(2, 3), 1, True)], specials=tied_dims, dtypes=NUMBERS),
    Row("min", lambda d: [S(d.distinct(2, 3), 1, True)], specials=tied_dims, dtypes=NUMBERS),
    Row("max", lambda d: [S(np.array([1.0, 5.0]), np.array([2.0, 3.0]))]),
    Row("aminmax", lambda d: [S(d.distinct(2, 3), dim=1), S(d.distinct(2, 3))]),
    reduction("median", Draw.distinct, empty=False, many=False, specials=tied, dtypes=NUMBERS),
    Row("median", lambda d: [S(d.distinct(3, 4), 1)], specials=tied_dims),
    Row("norm", norms, specials=lambda d: [S(np.zeros(3, d.dtype)), S(np.zeros(3, d.dtype), p=1)]),
    reduction("all", dtypes=("float64", "int64", "bool"), differentiable=False),
    reduction("any", dtypes=("float64", "int64", "bool"), differentiable=False),
    reduction(
        "count_nonzero",
        call=lambda lib, x, dim=None, keepdim=False: lib.count_nonzero(x, dim),
        differentiable=False,
        refusals=(),
    ),
    Row("cumsum", along(), dtypes=ALL_NUMBERS),
    Row(
        "cumprod",
        along(Draw.positive),
        dtypes=ALL_NUMBERS,
        specials=lambda d: [S(np.array([2.0, 0.0, 3.0, 0.0, 5.0], d.dtype), 0)],
    ),
    Row(
        "cummax",
        along(Draw.distinct),
        dtypes=NUMBERS,
        specials=lambda d: [S(np.array([1.0, 3.0, 3.0, 2.0], d.dtype), 0)],
    ),
    Row(
        "cummin",
        along(Draw.distinct),
        dtypes=NUMBERS,
        specials=lambda d: [S(np.array([3.0, 1.0, 1.0, 2.0], d.dtype), 0)],
    ),
    Row(
        "logcumsumexp",
        along(),
        loose=10,
        specials=lambda d: [S(np.array([800.0, 800.0, -800.0], d.dtype), 0)],
    ),
    Row("diff", lambda d: [S(d.real(5)), S(d.real(3, 4), dim=0), S(d.real(3, 4), n=2)]),
    Row("trace", lambda d: [S(d.real(3, 3)), S(d.real(2, 4))], dtypes=COMPLEX),
]
