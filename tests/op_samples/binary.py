"""Elementwise functions of two Tensors or more: every row is broadcast, too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
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
from tests.op_samples.unary import Domain

SHAPES = (((2, 3), (2, 3)), ((2, 1, 3), (4, 1)), ((2, 3), ()), ((), ()), ((0, 3), (3,)))
MISMATCH = Refusal(
    S(np.zeros(3), np.zeros(4)),
    RuntimeError,
    "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 0",
)


def pairs(draw: Draw, left: Domain, right: Domain, scalar: float | None) -> Iterator[Sample]:
    """Equal, broadcast, 0-d and empty shapes; and a Python number on the right where that is allowed."""
    for first, second in SHAPES:
        yield S(left(draw, *first), right(draw, *second))
    if scalar is not None and draw.dtype.kind != "b":
        yield S(left(draw, 2, 3), int(scalar) if draw.dtype.kind == "i" else scalar)


def binary(
    name: str,
    left: Domain = Draw.real,
    right: Domain | None = None,
    scalar: float | None = 2.0,
    refusals: tuple[Refusal, ...] = (MISMATCH,),
    **more: Any,
) -> Row:
    """A row over `SHAPES`."""
    samples = partial(pairs, left=left, right=right or left, scalar=scalar)
    return Row(name, samples, refusals=refusals, **more)


def apart(draw: Draw, *shape: int) -> np.ndarray:
    """Numbers that no number of `Draw.away` comes near."""
    return np.asarray(draw.away(*shape) + np.asarray(0.45 if draw.dtype.kind != "i" else 1)).astype(
        draw.dtype
    )


def ties(draw: Draw) -> Iterator[Sample]:
    """Equal entries: PyTorch gives each side half."""
    x = np.array([1.0, 2.0, 3.0], dtype=draw.dtype)
    yield S(x, x.copy())
    yield S(x, np.array([2.0, 2.0, 2.0], dtype=draw.dtype))


def with_nan(draw: Draw) -> Iterator[Sample]:
    """NaN on either side, and ties."""
    nan = float("nan")
    yield from ties(draw)
    if draw.dtype.kind == "f":
        yield S(np.array([nan, 1.0, nan], draw.dtype), np.array([1.0, nan, nan], draw.dtype))


def at(*values: tuple[float, float]) -> Any:
    """Given pairs of points."""

    def specials(draw: Draw) -> Iterator[Sample]:
        left, right = np.array(values, dtype=draw.dtype).T.copy()
        yield S(left.copy(), right.copy())

    return specials


def compare(name: str) -> Row:
    """A comparison."""
    return binary(name, Draw.real, dtypes=NUMBERS, differentiable=False, specials=with_nan)


def logical(name: str, dtypes: tuple[str, ...]) -> Row:
    """A logical or bitwise operator."""
    return binary(name, Draw.real, scalar=None, dtypes=dtypes, differentiable=False, refusals=())


def clamps(draw: Draw) -> Iterator[Sample]:
    """Numbers as bounds, one or both."""
    yield S(draw.away(3, 4), -1.0, 1.0)
    yield S(draw.away(3, 4), min=0.0)
    yield S(draw.away(3, 4), max=0.0)
    yield S(draw.away(0, 4), -1.0, 1.0)


def clamp_bounds(draw: Draw) -> Iterator[Sample]:
    """At the bound the gradient passes; Tensor bounds share nothing."""
    x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0], dtype=draw.dtype)
    yield S(x, -1.0, 1.0)
    yield S(x, np.full(5, -1.0, draw.dtype), np.full(5, 1.0, draw.dtype))


def wheres(draw: Draw) -> Iterator[Sample]:
    """A condition with both branches, broadcast, and a number for a branch."""
    yield S(draw.mask(2, 3), draw.real(2, 3), draw.real(2, 3))
    yield S(draw.mask(3), draw.real(2, 3), draw.real(2, 1))
    yield S(draw.mask(2, 3), draw.real(2, 3), 0.0)
    yield S(draw.mask(0, 3), draw.real(0, 3), draw.real(3))


ROWS = [
    binary("add", dtypes=EVERYTHING),
    Row("add", lambda d: [S(d.real(2, 3), d.real(3), alpha=2)], dtypes=ALL_NUMBERS),
    binary("sub", dtypes=ALL_NUMBERS),
    Row("sub", lambda d: [S(d.real(2, 3), d.real(3), alpha=3)], dtypes=ALL_NUMBERS),
    Row("rsub", lambda d: [S(d.real(2, 3), 2)], call=lambda lib, x, n: n - x, dtypes=ALL_NUMBERS),
    binary("mul", dtypes=EVERYTHING),
    binary("div", right=Draw.positive, dtypes=ALL_NUMBERS, specials=at((1.0, 0.0), (0.0, 0.0), (-1.0, 0.0))),
    Row(
        "div",
        lambda d: [S(d.away(2, 3), apart(d, 3), rounding_mode=m) for m in ("floor", "trunc")],
        dtypes=FLOATS,
    ),
    Row("rdiv", lambda d: [S(d.positive(2, 3))], call=lambda lib, x: 2 / x, dtypes=ALL_NUMBERS),
    binary("floor_divide", Draw.away, Draw.positive, dtypes=NUMBERS, differentiable=False),
    binary("remainder", Draw.away, lambda d, *s: d.positive(*s) + d.dtype.type(3), dtypes=NUMBERS),
    binary("fmod", Draw.away, lambda d, *s: d.positive(*s) + d.dtype.type(3), dtypes=NUMBERS),
    binary(
        "pow",
        Draw.positive,
        Draw.real,
        dtypes=COMPLEX,
        specials=at((0.0, 0.0), (0.0, 2.0), (0.0, 1.0), (-2.0, 2.0), (2.0, 0.0), (0.0, -1.0)),
    ),
    Row(
        "pow",
        lambda d: [S(d.real(2, 3), n) for n in (0, 1, 2, 3)] + [S(d.positive(3), n) for n in (0.5, -1.5)],
        specials=lambda d: [S(np.array([0.0, 1.0], d.dtype), n) for n in (0, 1, 2, 0.5, -1)],
    ),
    Row("rpow", lambda d: [S(d.real(2, 3))], call=lambda lib, x: 2.0**x, dtypes=COMPLEX),
    binary("atan2", Draw.away, scalar=None, specials=at((0.0, 0.0), (0.0, -1.0))),
    binary("hypot", Draw.away, scalar=None, specials=at((0.0, 0.0))),
    binary("maximum", Draw.away, apart, scalar=None, specials=with_nan, dtypes=NUMBERS),
    binary("minimum", Draw.away, apart, scalar=None, specials=with_nan, dtypes=NUMBERS),
    binary("fmax", Draw.away, apart, scalar=None, specials=with_nan),
    binary("fmin", Draw.away, apart, scalar=None, specials=with_nan),
    binary("logaddexp", scalar=None, specials=at((800.0, 800.0), (-800.0, 3.0))),
    binary("logaddexp2", scalar=None),
    binary("copysign", Draw.away, Draw.away, specials=at((0.0, -1.0), (1.0, -0.0))),
    binary("heaviside", Draw.away, scalar=None, differentiable=False, specials=at((0.0, 0.5))),
    *(
        binary(name, scalar=None, dtypes=("int64",), differentiable=False, refusals=())
        for name in ("gcd", "lcm")
    ),
    *(
        Row(f"bitwise_{side}_shift", lambda d: [S(d.index(99, 2, 3), d.index(5, 3))], differentiable=False)
        for side in ("left", "right")
    ),
    binary("special.xlog1py", right=Draw.positive, specials=at((0.0, -1.0), (0.0, 2.0))),
    binary("xlogy", right=Draw.positive, specials=at((0.0, 0.0), (0.0, 2.0), (1.0, 0.0))),
    *(compare(name) for name in ("eq", "ne", "lt", "le", "gt", "ge")),
    *(logical(f"logical_{name}", (*NUMBERS, "bool")) for name in ("and", "or", "xor")),
    *(logical(f"bitwise_{name}", ("int64", "bool")) for name in ("and", "or", "xor")),
    Row(
        "isclose", lambda d: [S(d.real(3), d.real(3)), S(np.ones(2), np.ones(2) + 1e-9)], differentiable=False
    ),
    Row("lerp", lambda d: [S(d.real(2, 3), d.real(2, 3), 0.3), S(d.real(2, 3), d.real(3), d.real(2, 1))]),
    Row("addcmul", lambda d: [S(d.real(2, 3), d.real(3), d.real(2, 1), value=0.5)], dtypes=COMPLEX),
    Row("addcdiv", lambda d: [S(d.real(2, 3), d.real(3), d.positive(2, 1), value=0.5)], dtypes=COMPLEX),
    Row("clamp", clamps, specials=clamp_bounds, dtypes=FLOATS),
    Row("clamp", lambda d: [S(d.away(3, 4), d.away(4) - 4, d.away(3, 1) + 4)], dtypes=FLOATS),
    Row("clamp_min", lambda d: [S(d.away(3, 4), 0.0), S(d.away(3, 4), apart(d, 4))]),
    Row("clamp_max", lambda d: [S(d.away(3, 4), 0.0), S(d.away(3, 4), apart(d, 4))]),
    Row("where", wheres, dtypes=COMPLEX),
]
