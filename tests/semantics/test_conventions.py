"""Ties, bounds and singular points: PyTorch's numbers, one line each."""

from __future__ import annotations

import math
from typing import Any

import pytest

CASES: list[tuple[str, list[float], Any, list[float]]] = [
    ("abs'(0)", [0.0, -1.0], lambda lib, x: x.abs().sum(), [0.0, -1.0]),
    ("relu'(0)", [0.0, 1.0], lambda lib, x: x.relu().sum(), [0.0, 1.0]),
    ("clamp at its bounds", [-1.0, 1.0, 2.0], lambda lib, x: x.clamp(-1, 1).sum(), [1.0, 1.0, 0.0]),
    ("maximum tie", [1.0], lambda lib, x: lib.maximum(x, lib.ones(1)).sum(), [0.5]),
    ("minimum tie", [1.0], lambda lib, x: lib.minimum(x, lib.ones(1)).sum(), [0.5]),
    ("max() over ties", [3.0, 3.0, 1.0], lambda lib, x: x.max(), [0.5, 0.5, 0.0]),
    ("amax over ties", [3.0, 3.0, 1.0], lambda lib, x: x.amax(), [0.5, 0.5, 0.0]),
    ("median() over ties", [1.0, 2.0, 2.0], lambda lib, x: x.median(), [0.0, 0.5, 0.5]),
    ("max(dim) picks one", [3.0, 3.0, 1.0], lambda lib, x: x.max(0).values, [1.0, 0.0, 0.0]),
    ("norm at zero", [0.0, 0.0], lambda lib, x: x.norm(), [0.0, 0.0]),
    (
        "sqrt of a sum of squares at zero",
        [0.0, 0.0],
        lambda lib, x: (x**2).sum().sqrt(),
        [math.nan, math.nan],
    ),
    ("sqrt'(0)", [0.0], lambda lib, x: x.sqrt().sum(), [math.inf]),
    (
        "where over sqrt",
        [0.0, 4.0],
        lambda lib, x: lib.where(x > 0, x.sqrt(), lib.zeros(2)).sum(),
        [math.nan, 0.25],
    ),
    ("prod with one zero", [2.0, 0.0, 3.0], lambda lib, x: x.prod(), [0.0, 6.0, 0.0]),
    ("floor", [1.5], lambda lib, x: x.floor().sum(), [0.0]),
    ("round", [1.5], lambda lib, x: x.round().sum(), [0.0]),
    ("sign", [1.5, 0.0], lambda lib, x: x.sign().sum(), [0.0, 0.0]),
    ("x ** 0 at zero", [0.0], lambda lib, x: (x**0).sum(), [0.0]),
    ("x ** 1 at zero", [0.0], lambda lib, x: (x**1).sum(), [1.0]),
    ("division by zero", [0.0, 1.0], lambda lib, x: (x / 0).sum(), [math.inf, math.inf]),
    ("0 * log 0", [0.0], lambda lib, x: (x * x.log()).sum(), [math.nan]),
    ("xlogy at zero", [0.0], lambda lib, x: lib.xlogy(x, lib.ones(1)).sum(), [0.0]),
    (
        "hardtanh at its bounds",
        [-1.0, 1.0, 0.5],
        lambda lib, x: lib.nn.functional.hardtanh(x).sum(),
        [0.0, 0.0, 1.0],
    ),
    ("leaky_relu at zero", [0.0], lambda lib, x: lib.nn.functional.leaky_relu(x, 0.5).sum(), [0.5]),
    ("elu at zero", [0.0], lambda lib, x: lib.nn.functional.elu(x).sum(), [1.0]),
    ("cumprod through zero", [2.0, 0.0, 3.0], lambda lib, x: x.cumprod(0).sum(), [1.0, 8.0, 0.0]),
    ("std of one value repeated", [1.0, 1.0], lambda lib, x: x.std(), [0.0, 0.0]),
    ("sort of ties, stable", [1.0, 1.0], lambda lib, x: x.sort(stable=True).values[0], [1.0, 0.0]),
    ("l1_loss at zero", [1.0], lambda lib, x: lib.nn.functional.l1_loss(x, lib.ones(1)), [0.0]),
]


@pytest.mark.parametrize(("values", "f", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_gradient_at_a_special_point(lib: Any, values: list[float], f: Any, expected: list[float]) -> None:
    x = lib.tensor(values, requires_grad=True)
    f(lib, x).backward()
    assert x.grad.tolist() == pytest.approx(expected, nan_ok=True)


def test_the_complex_gradient_is_the_conjugate_wirtinger_one(lib: Any, observe: Any) -> None:
    z = lib.tensor(1 + 1j, requires_grad=True)
    (z * z.conj()).real.backward()
    assert z.grad.item() == 2 + 2j
    w = lib.tensor(3 + 4j, requires_grad=True)
    w.abs().backward()
    assert w.grad.item() == pytest.approx(0.6 + 0.8j)
    observe(z=z, w=w)


def test_empty_reductions(lib: Any, observe: Any) -> None:
    empty = lib.zeros(0, requires_grad=True)
    assert empty.sum().item() == 0.0 and empty.prod().item() == 1.0 and math.isnan(empty.mean().item())
    empty.sum().backward()
    assert empty.grad.shape == (0,)
    with observe.raises(
        RuntimeError, "max(): Expected reduction dim to be specified for input.numel() == 0."
    ):
        empty.max()
    with observe.raises(IndexError, "max(): Expected reduction dim 0 to have non-zero size."):
        lib.zeros(0, 3).max(0)


def test_integer_division_and_promotion(lib: Any) -> None:
    a = lib.tensor([7, -7])
    assert (a / 2).tolist() == [3.5, -3.5] and (a // 2).tolist() == [3, -4] and (a % 3).tolist() == [1, 2]
    assert lib.fmod(a, 3).tolist() == [1, -1] and (a / 2).dtype == lib.float32
    assert (lib.tensor([1.0]) + lib.tensor(1.0, dtype=lib.float64)).dtype == lib.float32
    assert (lib.tensor([1]) + 1.5).dtype == lib.float32 and (
        lib.tensor([1], dtype=lib.uint8) + 300
    ).dtype == lib.uint8
    assert lib.tensor([True, True]).sum().dtype == lib.int64


def test_rounding_is_to_even(lib: Any) -> None:
    assert lib.tensor([0.5, 1.5, 2.5, -0.5]).round().tolist() == [0.0, 2.0, 2.0, -0.0]
    assert lib.tensor([1.25, 1.35], dtype=lib.float64).round(decimals=1).tolist() == pytest.approx([1.2, 1.4])


@pytest.mark.parametrize(
    "name", ["maximum", "minimum", "lt", "ge", "argmax", "amax", "sort", "clamp", "floor", "sign"]
)
def test_complex_numbers_have_no_order(lib: Any, name: str) -> None:
    z = lib.tensor([1j, 2.0])
    arguments = {"maximum": (z,), "minimum": (z,), "lt": (z,), "ge": (z,), "clamp": (0.0, 1.0)}.get(name, ())
    with pytest.raises((RuntimeError, NotImplementedError)):
        getattr(lib, name)(z, *arguments)


STRAIGHT: list[tuple[str, Any]] = [
    ("relu", lambda lib, x: x.relu()),
    ("leaky_relu", lambda lib, x: lib.nn.functional.leaky_relu(x)),
    ("hardtanh", lambda lib, x: lib.nn.functional.hardtanh(x)),
    ("relu6", lambda lib, x: lib.nn.functional.relu6(x)),
    ("threshold", lambda lib, x: lib.nn.functional.threshold(x, 0.1, 0.0)),
    ("prelu", lambda lib, x: lib.nn.functional.prelu(x, lib.tensor([0.5]))),
]


@pytest.mark.parametrize(("name", "f"), STRAIGHT)
def test_the_second_derivative_of_straight_pieces_is_zero_not_absent(lib: Any, name: str, f: Any) -> None:
    """Gradient penalties on such a network reach its biases, with zeros."""
    x = lib.tensor([[-2.0, 0.5, 2.0, 3.0]], requires_grad=True)
    bias = lib.tensor([0.25], requires_grad=True)
    w = lib.tensor([2.0], requires_grad=True)
    (slope,) = lib.autograd.grad((f(lib, x + bias) * w).sum(), x, create_graph=True)
    second = lib.autograd.grad((slope**2).sum(), [bias, w])
    assert second[0].tolist() == [0.0] and second[1].item() > 0
