"""The checker itself: it must fail on a wrong rule, at both orders."""

from __future__ import annotations

import warnings
from typing import Any

import pytest


def wrong_square(lib: Any, first: float, second: float) -> Any:
    """x ** 2, whose first and second derivatives are off by these factors."""

    class Derivative(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, grad: Any) -> Any:
            ctx.save_for_backward(x, grad)
            return grad * 2 * x * first

        @staticmethod
        def backward(ctx: Any, again: Any) -> Any:
            x, grad = ctx.saved_tensors
            return again * grad * 2 * second, again * 2 * x

    class Square(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return Derivative.apply(x, grad)

    return Square.apply


def double(lib: Any) -> Any:
    """A point to check at."""
    return lib.tensor([1.0, 2.0], dtype=lib.float64, requires_grad=True)


def test_right_rules_pass(lib: Any) -> None:
    assert lib.autograd.gradcheck(wrong_square(lib, 1.0, 1.0), (double(lib),))
    assert lib.autograd.gradgradcheck(wrong_square(lib, 1.0, 1.0), (double(lib),))
    assert lib.autograd.gradcheck(lambda x: (x * 2, x * x), (double(lib),))
    assert lib.autograd.gradcheck(lib.exp, double(lib), fast_mode=True)


def test_a_first_order_error_of_a_thousandth_is_found(lib: Any, observe: Any) -> None:
    with observe.raises(RuntimeError, "Jacobian mismatch for output 0 with respect to input 0"):
        lib.autograd.gradcheck(wrong_square(lib, 1.002, 1.0), (double(lib),))
    assert not lib.autograd.gradcheck(wrong_square(lib, 1.002, 1.0), (double(lib),), raise_exception=False)


def test_a_second_order_error_is_found(lib: Any) -> None:
    assert lib.autograd.gradcheck(wrong_square(lib, 1.0, 1.1), (double(lib),))
    with pytest.raises(RuntimeError, match="mismatch"):
        lib.autograd.gradgradcheck(wrong_square(lib, 1.0, 1.1), (double(lib),))


def test_refusals(lib: Any, observe: Any) -> None:
    with observe.raises(ValueError, "gradcheck expects at least one input tensor to require gradient"):
        lib.autograd.gradcheck(lib.exp, (lib.ones(2, dtype=lib.float64),))
    with pytest.warns(
        UserWarning,
        match="Input #0 requires gradient and is not a double precision floating point or complex.",
    ):
        lib.autograd.gradcheck(lambda x: x * 2, (lib.ones(2, requires_grad=True),), raise_exception=False)


def test_several_inputs_and_complex(lib: Any) -> None:
    a = lib.tensor([1 + 2j, 2 - 1j], dtype=lib.complex128, requires_grad=True)
    b = lib.tensor([0.5, 1.5], dtype=lib.float64, requires_grad=True)
    assert lib.autograd.gradcheck(lambda a, b: a * b + a.conj(), (a, b))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert lib.autograd.gradgradcheck(lambda a, b: a * a * b, (a, b))


def test_a_function_that_is_not_deterministic_is_found(lib: Any) -> None:
    calls = [0.0]

    class Drifts(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            calls[0] += 1e-7
            return grad * (1 + calls[0])

    with pytest.raises(RuntimeError, match="Backward is not reentrant"):
        lib.autograd.gradcheck(Drifts.apply, (double(lib),))
