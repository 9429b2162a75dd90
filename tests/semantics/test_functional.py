"""Derivatives of functions as wholes: values, structure, strictness, refusals."""

from __future__ import annotations

from typing import Any

import pytest


def plain(value: Any) -> Any:
    """Tensors as lists, tuples as lists."""
    return [plain(v) for v in value] if isinstance(value, (tuple, list)) else value.tolist()


def points(lib: Any) -> tuple[Any, Any]:
    """A vector and a matrix."""
    return lib.tensor([1.0, 2.0]), lib.tensor([[0.5, -1.0], [1.5, 2.0]])


def two(x: Any, y: Any) -> Any:
    """Two outputs of two inputs."""
    return y @ x, (x * x).sum() * y


def one(x: Any, y: Any) -> Any:
    """A number."""
    return (x**3).sum() * (y * y).sum() + (y @ x).sum()


@pytest.mark.parametrize("vectorize", [False, True])
def test_jacobian(lib: Any, observe: Any, vectorize: bool) -> None:
    functional, (x, y) = lib.autograd.functional, points(lib)
    for name, function, inputs in (
        ("single", lambda x: x**2, x),
        ("number", lambda x: x.sum(), x),
        ("tuple of one", lambda x: (x**2,), (x,)),
        ("two", two, (x, y)),
        ("inputs alone", lambda x, y: y @ x, (x, y)),
        ("unused", lambda x, y: x.exp(), (x, y)),
        ("constant", lambda x: lib.ones(2), x),
    ):
        found = functional.jacobian(function, inputs, vectorize=vectorize)
        observe(**{name: plain(found), f"{name} structure": str(structure(found))})


def structure(value: Any) -> Any:
    """The nesting of tuples, with shapes at its leaves."""
    return [structure(v) for v in value] if isinstance(value, tuple) else tuple(value.shape)


def test_jacobian_in_forward_mode(lib: Any, observe: Any) -> None:
    functional, (x, y) = lib.autograd.functional, points(lib)
    for name, function, inputs in (("single", lambda x: x**2, x), ("two", two, (x, y)), ("one", one, (x, y))):
        found = functional.jacobian(function, inputs, vectorize=True, strategy="forward-mode")
        observe(**{name: plain(found)})
    found = functional.hessian(one, (x, y), vectorize=True, outer_jacobian_strategy="forward-mode")
    observe(hessian=plain(found))


def test_hessian(lib: Any, observe: Any) -> None:
    functional, (x, y) = lib.autograd.functional, points(lib)
    observe(single=plain(functional.hessian(lambda x: (x**3).sum(), x)))
    observe(matrix=plain(functional.hessian(lambda y: (y @ y).sum().reshape(1, 1), y)))
    observe(two=plain(functional.hessian(one, (x, y))))
    observe(linear=plain(functional.hessian(lambda x: x.sum(), x)))


def test_products(lib: Any, observe: Any) -> None:
    functional, (x, y) = lib.autograd.functional, points(lib)
    v, w = lib.tensor([3.0, -1.0]), lib.tensor([[1.0, 2.0], [3.0, 4.0]])
    observe(vjp=plain(functional.vjp(two, (x, y), (v, w))))
    observe(jvp=plain(functional.jvp(two, (x, y), (v, w))))
    observe(vhp=plain(functional.vhp(one, (x, y), (v, w))))
    observe(hvp=plain(functional.hvp(one, (x, y), (v, w))))
    for name in ("vjp", "jvp", "vhp", "hvp"):
        product = getattr(functional, name)
        value, result = product(lambda t: t**3, lib.tensor(2.0))
        observe(**{f"{name} of a number": [value.item(), result.item()]})
        value, result = product(lambda t: (t * 2).sum(), x, v if name != "vjp" else None)
        observe(**{f"{name} of a linear function": [value.item(), plain(result)]})


@pytest.mark.parametrize("name", ["jacobian", "hessian", "vjp", "jvp", "vhp", "hvp"])
def test_a_history_only_when_asked_for(lib: Any, observe: Any, name: str) -> None:
    derivative, x = getattr(lib.autograd.functional, name), points(lib)[0].requires_grad_()
    vectors = () if name in ("jacobian", "hessian", "vjp") else (lib.tensor([1.0, 1.0]),)
    for create in (False, True):
        found = derivative(lambda t: (t**4).sum(), x, *vectors, create_graph=create)
        found = found if isinstance(found, tuple) else (found,)
        assert all(t.requires_grad == create for t in found)
        if create:
            observe(third=plain(lib.autograd.grad(found[-1].sum(), x)))
    with lib.no_grad():
        assert derivative(lambda t: (t**4).sum(), x, *vectors) is not None


def test_a_captured_tensor_is_a_constant(lib: Any) -> None:
    x = lib.ones(2, requires_grad=True)
    assert plain(lib.autograd.functional.jacobian(lambda t: t * x, x, create_graph=True)) == [[1, 0], [0, 1]]


def test_strictness(lib: Any, observe: Any) -> None:
    functional, (x, y) = lib.autograd.functional, points(lib)
    v = lib.tensor([1.0, 1.0])
    with observe.raises(
        RuntimeError, "Output 0 of the user-provided function does not require gradients. The"
    ):
        functional.jacobian(lambda x: x.detach() * 2, x, strict=True)
    with observe.raises(
        RuntimeError, "Output 0 of the user-provided function is independent of input 1. This"
    ):
        functional.jacobian(lambda x, y: x * 2, (x, y), strict=True)
    with observe.raises(
        RuntimeError, "The output of the user-provided function is independent of input 1. This"
    ):
        functional.vjp(lambda x, y: x * 2, (x, y), v, strict=True)
    with observe.raises(
        RuntimeError, "The output of the user-provided function is independent of input 1. This"
    ):
        functional.jvp(lambda x, y: x * 2, (x, y), (v, y), strict=True)


def test_strictness_of_second_derivatives(lib: Any, observe: Any) -> None:
    functional, (x, _) = lib.autograd.functional, points(lib)
    v = lib.tensor([1.0, 1.0])
    for name in ("vhp", "hvp"):
        with observe.raises(
            RuntimeError, "While computing the hessian, found that the jacobian of the user-provi"
        ):
            getattr(functional, name)(lambda x: x.sum(), x, v, strict=True)
    with observe.raises(
        RuntimeError, "While computing the hessian, found that the jacobian of the user-provided"
    ):
        functional.hessian(lambda x: x.sum(), x, strict=True)
    with observe.raises(
        RuntimeError, "The jacobian of the user-provided function is independent of input 0. "
    ):
        functional.jacobian(lambda x: x * 2, x, strict=True, create_graph=True)
    with observe.raises(
        RuntimeError, "The jacobian of the user-provided function is independent of input 0. "
    ):
        functional.vjp(lambda x: x * 2, x, v, strict=True, create_graph=True)
    for name in ("vhp", "hvp"):
        with observe.raises(
            RuntimeError, "The hessian of the user-provided function is independent of input 0."
        ):
            getattr(functional, name)(lambda x: (x * x).sum(), x, v, strict=True, create_graph=True)


def test_refusals(lib: Any, observe: Any) -> None:
    functional, (x, y) = lib.autograd.functional, points(lib)
    with observe.raises(
        TypeError, "The inputs given to jacobian must be either a Tensor or a tuple of Tensors but"
    ):
        functional.jacobian(lambda t: t, [x])
    with observe.raises(
        TypeError, "The inputs given to hvp must be either a Tensor or a tuple of Tensors but the "
    ):
        functional.hvp(lambda t: t, (x, 1.0))
    with observe.raises(
        TypeError, "The outputs of the user-provided function given to vjp must be either a Tensor"
    ):
        functional.vjp(lambda t: 1.0, x)
    with observe.raises(
        TypeError, "The v given to vjp must be either a Tensor or a tuple of Tensors but the given"
    ):
        functional.vjp(lambda t: t, x, 1.0)
    with observe.raises(RuntimeError, "v is a tuple of invalid length: should be 2 but got 1."):
        functional.jvp(two, (x, y), (x,))
    with observe.raises(RuntimeError, "The given v should contain a single Tensor."):
        functional.jvp(lambda x: x, x, (x, x))
    with observe.raises(
        RuntimeError, "v has invalid size: should be torch.Size([2]) but got torch.Size([2, 2])."
    ):
        functional.jvp(lambda x: x, x, y)
    with observe.raises(
        RuntimeError, "Entry 1 in v has invalid size: should be torch.Size([2, 2]) but got torch."
    ):
        functional.vhp(one, (x, y), (x, x))
    with observe.raises(
        RuntimeError, "The vector v can only be None if the user-provided function returns a single"
    ):
        functional.vjp(lambda x: x, x)
    for name in ("jvp", "vhp", "hvp"):
        with observe.raises(
            RuntimeError, "The vector v can only be None if the input to the user-provided function"
        ):
            getattr(functional, name)(lambda x: x, x)


def test_refusals_of_functions_and_settings(lib: Any, observe: Any) -> None:
    functional, (x, _) = lib.autograd.functional, points(lib)
    for name in ("hessian", "vhp", "hvp"):
        v = () if name == "hessian" else (x,)
        with observe.raises(
            RuntimeError, f"The Tensor returned by the function given to {name} should contain a "
        ):
            getattr(functional, name)(lambda x: x * x, x, *v)
        with observe.raises(RuntimeError, f"The function given to {name} should return a single Tensor"):
            getattr(functional, name)(lambda x: (x.sum(),), x, *v)
    with observe.raises(AssertionError, 'Expected strategy to be either "forward-mode" or "reverse-mode".'):
        functional.jacobian(lambda x: x, x, strategy="sideways")
    with observe.raises(
        NotImplementedError, "torch.autograd.functional.jacobian: `create_graph=True` and `strategy="
    ):
        functional.jacobian(lambda x: x, x, create_graph=True, strategy="forward-mode")
    with observe.raises(RuntimeError, "torch.autograd.functional.jacobian: `strict=True` and `strategy="):
        functional.jacobian(lambda x: x, x, strict=True, strategy="forward-mode")
    with observe.raises(
        RuntimeError, "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True`"
    ):
        functional.jacobian(lambda x: x, x, strict=True, vectorize=True)
