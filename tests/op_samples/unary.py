"""Elementwise functions of one Tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from tests.op_samples.row import ALL_NUMBERS, COMPLEX, EVERYTHING, FLOATS, NUMBERS, Draw, Row, S, Sample

Domain = Callable[..., np.ndarray]


def shapes(draw: Draw, domain: Domain) -> Iterator[Sample]:
    """A matrix, a 0-d Tensor, an empty one."""
    for shape in ((2, 3), (), (0, 3)):
        yield S(domain(draw, *shape))


def points(*values: float) -> Callable[[Draw], Iterator[Sample]]:
    """Given points as one vector."""
    return lambda draw: iter([S(np.array(values, dtype=draw.dtype))])


def unary(name: str, domain: Domain = Draw.real, at: tuple[float, ...] = (), **more: Any) -> Row:
    """A row whose samples are `domain` in three shapes and whose special points are `at`."""
    specials = points(*at) if at else None
    return Row(name, partial(shapes, domain=domain), specials=specials, **more)


def flat(name: str, **more: Any) -> Row:
    """A piecewise constant function: zero gradient with a graph, not a cut."""
    return unary(name, Draw.away, at=(-1.5, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 1.5, 2.5), **more)


def test(name: str, **more: Any) -> Row:
    """A predicate."""
    inf, nan = float("inf"), float("nan")
    return unary(name, at=(0.0, -0.0, 1.0, inf, -inf, nan), differentiable=False, **more)


INF = float("inf")

ROWS = [
    unary("abs", Draw.away, at=(0.0, -0.0), dtypes=ALL_NUMBERS),
    unary("neg", dtypes=ALL_NUMBERS),
    unary("positive", dtypes=ALL_NUMBERS),
    flat("sign", dtypes=NUMBERS),
    unary("sgn", Draw.away, at=(0.0,), dtypes=COMPLEX),
    flat("floor", dtypes=NUMBERS),
    flat("ceil", dtypes=NUMBERS),
    flat("round", dtypes=NUMBERS),
    flat("trunc", dtypes=NUMBERS),
    unary("frac", Draw.away, at=(-1.0, 0.0, 1.0)),
    unary("square", dtypes=ALL_NUMBERS),
    unary("reciprocal", Draw.positive, at=(0.0,), dtypes=ALL_NUMBERS),
    unary("sqrt", Draw.positive, at=(0.0, -1.0), dtypes=ALL_NUMBERS),
    unary("rsqrt", Draw.positive, at=(0.0,), dtypes=COMPLEX),
    unary("exp", at=(INF, -INF, 800.0), dtypes=ALL_NUMBERS),
    unary("exp2", dtypes=FLOATS),
    unary("expm1", at=(1e-12, 0.0), dtypes=FLOATS),
    unary("log", Draw.positive, at=(0.0, -1.0), dtypes=ALL_NUMBERS),
    unary("log2", Draw.positive, at=(0.0,), dtypes=COMPLEX),
    unary("log10", Draw.positive, at=(0.0,), dtypes=COMPLEX),
    unary("log1p", Draw.probability, at=(-1.0, 1e-12), dtypes=FLOATS),
    unary("sin", dtypes=ALL_NUMBERS),
    unary("cos", dtypes=ALL_NUMBERS),
    unary("tan", Draw.unit, dtypes=COMPLEX),
    unary("asin", Draw.unit, at=(-1.0, 1.0), dtypes=COMPLEX),
    unary("acos", Draw.unit, at=(-1.0, 1.0), dtypes=COMPLEX),
    unary("atan", Draw.unit, dtypes=COMPLEX),
    unary("sinh", dtypes=COMPLEX),
    unary("cosh", dtypes=COMPLEX),
    unary("tanh", at=(0.0, 40.0), dtypes=ALL_NUMBERS),
    unary("asinh", dtypes=COMPLEX),
    unary("acosh", lambda draw, *shape: draw.positive(*shape) + 1, dtypes=FLOATS),
    unary("atanh", Draw.unit, dtypes=COMPLEX),
    unary("sigmoid", at=(-800.0, -40.0, 0.0, 800.0), dtypes=COMPLEX),
    unary("logit", Draw.probability, at=(0.0, 1.0)),
    Row("logit", lambda draw: [S(np.array([0.01, 0.3, 0.6, 0.97], draw.dtype), eps=0.05)]),
    unary("erf", at=(0.0, -5.0, 7.0)),
    unary("erfc", at=(0.0, -5.0, 12.0)),
    unary("erfinv", Draw.unit, at=(-1.0, 0.0, 1.0), loose=100),
    unary("lgamma", Draw.positive, at=(1.0, 2.0, 0.0, -0.5, 60.0), loose=100),
    unary("digamma", Draw.positive, at=(1.0, -0.5, 30.0), loose=100),
    Row("polygamma", lambda draw: [S(1, draw.positive(2, 3)), S(2, draw.positive(3))], loose=1000),
    unary("i0"),
    *(unary(f"special.{name}", loose=100) for name in ("i0e", "i1", "i1e", "ndtr", "log_ndtr")),
    unary("special.ndtri", Draw.probability, at=(0.0, 1.0), loose=100),
    unary("special.entr", Draw.positive, at=(0.0, -1.0)),
    Row("mvlgamma", lambda draw: [S(draw.positive(2, 3) + 2, 3)], loose=100),
    unary("sinc", Draw.away, at=(0.0,)),
    unary("deg2rad", at=(180.0,)),
    unary("rad2deg", at=(3.0,)),
    Row(
        "nan_to_num",
        lambda draw: [S(draw.real(2, 3)), S(draw.real(3), nan=1.0, posinf=2.0, neginf=-3.0)],
        specials=points(float("nan"), INF, -INF, 1.0),
    ),
    unary("conj", dtypes=COMPLEX, call=lambda lib, x: lib.conj(x) * 1),
    unary("real", dtypes=COMPLEX),
    Row(
        "imag",
        lambda draw: [S(Draw(f"imag/{n}", "complex128").real(2, 3)) for n in range(2)],
        dtypes=("float64",),
    ),
    unary("angle", Draw.real, dtypes=COMPLEX),
    unary("Tensor.clone", dtypes=EVERYTHING),
    Row(
        "Tensor.fill_",
        lambda draw: [S(draw.real(2, 3), draw.real())],
        call=lambda lib, x, v: x.clone().fill_(v),
    ),
    unary("Tensor.exponential_", call=lambda lib, x: x.clone().exponential_() * 0),
    unary("dropout", call=lambda lib, x: lib.dropout(x, 0.5, True) * 0),
    unary("nn.functional.dropout", call=lambda lib, x: lib.nn.functional.dropout(x, 0.5) * 0),
    unary("Tensor.to", call=lambda lib, x: x.to(lib.float64) * 1.0),
    unary("Tensor.to", call=lambda lib, x: x.to(lib.complex128) * 1.0),
    unary("Tensor.float", dtypes=("float32", "int64", "bool")),
    unary("Tensor.double", dtypes=EVERYTHING[:2]),
    test("isnan"),
    test("isinf"),
    test("isfinite"),
    test("isposinf", dtypes=NUMBERS),
    test("isneginf", dtypes=NUMBERS),
    test("isreal", dtypes=ALL_NUMBERS),
    test("logical_not", dtypes=(*NUMBERS, "bool")),
    unary("bitwise_not", dtypes=("int64", "bool"), differentiable=False),
    test("signbit", dtypes=NUMBERS),
]
