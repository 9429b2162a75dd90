"""autograd.Function: forward and backward written by the user."""

from __future__ import annotations

from typing import Any

import pytest


def cube(lib: Any) -> Any:
    """x ** 3 with its derivative."""

    class Cube(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * 3 * x * x

    return Cube


def wrong(lib: Any, answer: Any) -> Any:
    """A Function whose backward answers something else."""

    class Wrong(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return answer(grad)

    return Wrong


def test_first_and_second_order(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0, 3.0], dtype=lib.float64, requires_grad=True)
    y = cube(lib).apply(x)
    assert y.tolist() == [8.0, 27.0] and y.grad_fn.name() == "CubeBackward"
    (g,) = lib.autograd.grad(y.sum(), x, create_graph=True)
    (h,) = lib.autograd.grad(g.sum(), x)
    assert g.tolist() == [12.0, 27.0] and h.tolist() == [12.0, 18.0]
    assert lib.autograd.gradcheck(cube(lib).apply, (x,)) and lib.autograd.gradgradcheck(cube(lib).apply, (x,))
    observe.gradients(g=g, h=h)


def test_setup_context(lib: Any, observe: Any) -> None:
    class Scale(lib.autograd.Function):
        @staticmethod
        def forward(x: Any, factor: float) -> Any:
            return x * factor

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            _x, ctx.factor = inputs

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * ctx.factor, None

    x = lib.tensor([1.0, 2.0], requires_grad=True)
    Scale.apply(x, 3.0).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
    observe(x=x)


def test_forward_runs_without_grad(lib: Any, observe: Any) -> None:
    seen: list[bool] = []

    class Look(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            seen.append(lib.is_grad_enabled())
            y = x * 2
            seen.append(y.requires_grad)
            return y

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            seen.append(lib.is_grad_enabled())
            return grad

    x = lib.tensor([1.0], requires_grad=True)
    Look.apply(x).backward()
    assert seen == [False, False, False]


def test_needs_input_grad_and_several_inputs(lib: Any, observe: Any) -> None:
    seen: list[tuple[bool, ...]] = []

    class Product(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, a: Any, b: Any) -> Any:
            ctx.save_for_backward(a, b)
            return a * b

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            a, b = ctx.saved_tensors
            seen.append(ctx.needs_input_grad)
            return grad * b if ctx.needs_input_grad[0] else None, grad * a if ctx.needs_input_grad[
                1
            ] else None

    a, b = lib.tensor([2.0], requires_grad=True), lib.tensor([5.0])
    Product.apply(a, b).backward()
    assert seen == [(True, False)] and a.grad.tolist() == [5.0] and b.grad is None


def test_no_graph_without_a_grad_input_or_in_no_grad(lib: Any, observe: Any) -> None:
    assert not cube(lib).apply(lib.ones(2)).requires_grad
    with lib.no_grad():
        assert not cube(lib).apply(lib.ones(2, requires_grad=True)).requires_grad


def test_mark_non_differentiable(lib: Any, observe: Any) -> None:
    class Split(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            sign, size = x.sign(), x.abs()
            ctx.save_for_backward(sign)
            ctx.mark_non_differentiable(sign)
            return sign, size

        @staticmethod
        def backward(ctx: Any, _sign: Any, size: Any) -> Any:
            (sign,) = ctx.saved_tensors
            return size * sign

    x = lib.tensor([-2.0, 3.0], requires_grad=True)
    sign, size = Split.apply(x)
    assert not sign.requires_grad and size.requires_grad
    size.sum().backward()
    assert x.grad.tolist() == [-1.0, 1.0]
    observe(x=x)


def test_mark_dirty(lib: Any, observe: Any) -> None:
    class Double(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 2

    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    assert Double.apply(y) is y and y._version > 0 and y.grad_fn.name() == "DoubleBackward"
    y.sum().backward()
    assert x.grad.tolist() == [6.0, 6.0]
    with observe.raises(
        RuntimeError, "a leaf Variable that requires grad has been used in an in-place operation."
    ):
        Double.apply(x)


def test_dirty_tensors_must_be_returned(lib: Any, observe: Any) -> None:
    class Forgets(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            x.mul_(2)
            return x.clone()

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad

    with observe.raises(
        RuntimeError, "Some elements marked as dirty during the forward method were not returned as output."
    ):
        Forgets.apply(lib.ones(2, requires_grad=True) * 1)


@pytest.mark.parametrize("materialize", [True, False])
def test_materialize_grads(lib: Any, observe: Any, materialize: bool) -> None:
    seen: list[Any] = []

    class Two(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(materialize)
            return x * 1, x * 2

        @staticmethod
        def backward(ctx: Any, a: Any, b: Any) -> Any:
            seen.append(None if b is None else b.tolist())
            return a

    x = lib.tensor([1.0], requires_grad=True)
    Two.apply(x)[0].backward()
    assert seen == [[0.0] if materialize else None]


def test_an_input_returned_as_it_is(lib: Any, observe: Any) -> None:
    class Same(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 10

    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = Same.apply(x)
    assert y is not x and y.data_ptr() == x.data_ptr() and y._is_view() and y.grad_fn.name() == "SameBackward"
    y.sum().backward()
    assert x.grad.tolist() == [10.0, 10.0]
    words = (
        "Output 0 of Same is a view and is being modified inplace. This view was created "
        "inside a custom Function"
    )
    with observe.raises(RuntimeError, words):
        Same.apply(x * 1).mul_(2)


def test_a_view_made_inside_may_not_be_written(lib: Any, observe: Any) -> None:
    class Head(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x[:1]

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return lib.cat([grad, lib.zeros(1)])

    with observe.raises(RuntimeError, "Output 0 of Head is a view and is being modified inplace."):
        Head.apply(lib.ones(2, requires_grad=True) * 1).mul_(2)


def test_saved_input_is_version_checked(lib: Any, observe: Any) -> None:
    x = lib.ones(2, requires_grad=True)
    y = x * 1
    z = cube(lib).apply(y)
    y.add_(1)
    with observe.raises(
        RuntimeError, "one of the variables needed for gradient computation has been modified by"
    ):
        z.sum().backward()


def test_saved_tensors_are_freed(lib: Any, observe: Any) -> None:
    x = lib.ones(2, requires_grad=True)
    y = cube(lib).apply(x).sum()
    y.backward()
    with observe.raises(RuntimeError, "Trying to backward through the graph a second time"):
        y.backward()


def test_saved_output(lib: Any, observe: Any) -> None:
    class Exp(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (y,) = ctx.saved_tensors
            assert y.grad_fn is not None
            return grad * y

    x = lib.zeros(2, dtype=lib.float64, requires_grad=True)
    assert lib.autograd.gradgradcheck(Exp.apply, (x,))


def test_none_cuts_silently(lib: Any, observe: Any) -> None:
    x = lib.ones(2, requires_grad=True)
    wrong(lib, lambda g: None).apply(x).sum().backward()
    assert x.grad is None


def test_wrong_answers_of_backward(lib: Any, observe: Any) -> None:
    x = lib.ones(3, requires_grad=True)
    cases = [
        (
            lambda g: (g, g),
            RuntimeError,
            "function WrongBackward returned an incorrect number of gradients (expected 1, got 2)",
        ),
        (
            lambda g: lib.ones(2),
            RuntimeError,
            (
                "Function WrongBackward returned an invalid gradient at index 0 - got [2] "
                "but expected shape compatible with [3]"
            ),
        ),
        (lambda g: 3.0, RuntimeError, "expected Variable or None (got float)"),
    ]
    for answer, error, words in cases:
        with observe.raises(error, words):
            wrong(lib, answer).apply(x).sum().backward()
    assert x.grad is None


def test_extra_nones_are_allowed(lib: Any, observe: Any) -> None:
    x = lib.ones(3, requires_grad=True)
    wrong(lib, lambda g: (g, None, None)).apply(x).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]


def test_a_gradient_of_a_broadcast_shape_is_reduced(lib: Any, observe: Any) -> None:
    x = lib.ones(3, requires_grad=True)
    wrong(lib, lambda g: lib.ones(2, 3)).apply(x).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_save_for_backward_takes_tensors(lib: Any, observe: Any) -> None:
    class Saves(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(3)
            return x * 1

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad

    with observe.raises(
        TypeError, "save_for_backward can only save variables, but argument 0 is of type int"
    ):
        Saves.apply(lib.ones(1, requires_grad=True))


def test_missing_methods(lib: Any, observe: Any) -> None:
    class NoBackward(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

    words = (
        "You must implement either the backward or vjp method for your custom "
        "autograd.Function to use it with backward mode AD."
    )
    with observe.raises(NotImplementedError, words):
        NoBackward.apply(lib.ones(1, requires_grad=True)).backward()

    class NoForward(lib.autograd.Function):
        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad

    with observe.raises(
        NotImplementedError, "You must implement the forward function for custom autograd.Function."
    ):
        NoForward.apply(lib.ones(1, requires_grad=True))


def test_a_non_static_forward_is_legacy(lib: Any, observe: Any) -> None:
    class Legacy(lib.autograd.Function):
        def forward(self, x: Any) -> Any:
            return x

    with observe.raises(
        RuntimeError, "Legacy autograd function with non-static forward method is deprecated."
    ):
        Legacy()(lib.ones(1))


def test_once_differentiable(lib: Any, observe: Any) -> None:
    class Once(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @lib.autograd.function.once_differentiable
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 2 * grad * x

    x = lib.tensor([3.0], requires_grad=True)
    (g,) = lib.autograd.grad(Once.apply(x), x, lib.ones(1, requires_grad=True), create_graph=True)
    assert g.tolist() == [6.0]
    with observe.raises(
        RuntimeError, "trying to differentiate twice a function that was marked with @once_differentiable"
    ):
        g.backward()


def test_non_tensor_outputs_and_arguments_pass_through(lib: Any, observe: Any) -> None:
    class Mixed(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, name: str) -> Any:
            return x * 2, name.upper()

        @staticmethod
        def backward(ctx: Any, grad: Any, _name: Any) -> Any:
            return grad * 2, None

    x = lib.tensor([1.0], requires_grad=True)
    y, name = Mixed.apply(x, "n")
    y.backward()
    assert name == "N" and x.grad.tolist() == [2.0]


def test_straight_through_estimator(lib: Any, observe: Any) -> None:
    class Round(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.round()

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad

    x = lib.tensor([0.3, 0.7], requires_grad=True)
    (Round.apply(x) * 3).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
    observe(x=x)
