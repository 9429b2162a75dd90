"""no_grad, enable_grad, set_grad_enabled, inference_mode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


def test_no_grad_results_and_exemptions(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    with lib.no_grad():
        y = x * 2
        leaf = lib.zeros(2, requires_grad=True)
        parameter = lib.nn.Parameter(x * 3)
        z = x.clone()
    assert not y.requires_grad and y.is_leaf and not z.requires_grad
    assert leaf.requires_grad and parameter.requires_grad and parameter.is_leaf
    observe(y=y, leaf=leaf, z=z)


def test_modes_nest_and_the_innermost_wins(lib: Any) -> None:
    seen = [lib.is_grad_enabled()]
    with lib.no_grad():
        seen.append(lib.is_grad_enabled())
        with lib.enable_grad():
            seen.append(lib.is_grad_enabled())
            with lib.set_grad_enabled(False):
                seen.append(lib.is_grad_enabled())
            seen.append(lib.is_grad_enabled())
        seen.append(lib.is_grad_enabled())
    seen.append(lib.is_grad_enabled())
    assert seen == [True, False, True, False, True, False, True]


def test_set_grad_enabled_is_also_a_function(lib: Any) -> None:
    try:
        lib.set_grad_enabled(False)
        assert not lib.is_grad_enabled()
    finally:
        lib.set_grad_enabled(True)
    assert lib.is_grad_enabled()


def test_an_exception_restores_the_mode(lib: Any) -> None:
    with pytest.raises(KeyError), lib.no_grad():
        raise KeyError
    assert lib.is_grad_enabled()


def test_decorators_bare_and_called(lib: Any) -> None:
    @lib.no_grad()
    def called() -> bool:
        return bool(lib.is_grad_enabled())

    @lib.no_grad
    def bare() -> bool:
        return bool(lib.is_grad_enabled())

    @lib.enable_grad()
    def on() -> bool:
        return bool(lib.is_grad_enabled())

    @lib.set_grad_enabled(False)
    def off() -> bool:
        return bool(lib.is_grad_enabled())

    lib.set_grad_enabled(True)
    with lib.no_grad():
        assert on()
    assert not called() and not bare() and not off()
    assert called.__name__ == "called"


def test_a_decorated_generator_restores_the_callers_mode(lib: Any) -> None:
    @lib.no_grad()
    def numbers() -> Iterator[bool]:
        yield lib.is_grad_enabled()
        yield lib.is_grad_enabled()

    for inside in numbers():
        assert not inside and lib.is_grad_enabled()


def test_gradient_does_not_flow_through_a_no_grad_view(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    with lib.no_grad():
        view = y[:1]
    (view * y[1:]).sum().backward()
    assert x.grad.tolist() == [0.0, 4.0]
    observe(x=x)


def test_write_in_no_grad_is_counted(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    z = x * x
    with lib.no_grad():
        x.add_(1)
    with observe.raises(
        RuntimeError, "one of the variables needed for gradient computation has been modified by"
    ):
        z.sum().backward()


def test_inference_mode(lib: Any, observe: Any) -> None:
    with lib.inference_mode():
        t = lib.ones(2)
        assert lib.is_inference_mode_enabled() and not lib.is_grad_enabled()
        t.add_(1)
    assert t.is_inference() and not t.requires_grad and not lib.is_inference_mode_enabled()
    with observe.raises(RuntimeError, "Inference tensors do not track version counter."):
        _ = t._version
    assert not t.clone().is_inference()


def test_inference_tensors_outside(lib: Any, observe: Any) -> None:
    with lib.inference_mode():
        t = lib.ones(2)
    x = lib.ones(2, requires_grad=True)
    with observe.raises(RuntimeError, "Inference tensors cannot be saved for backward."):
        x * t
    with observe.raises(
        RuntimeError, "Inplace update to inference tensor outside InferenceMode is not allowed."
    ):
        t.add_(1)
    with observe.raises(
        RuntimeError, "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
    ):
        t.requires_grad_()
    if lib.__name__ == "upriver":  # PyTorch has written by the time it refuses
        assert t.tolist() == [1.0, 1.0]
    (x * t.clone()).sum().backward()
    assert x.grad.tolist() == t.tolist()
    assert (x + t).requires_grad


def test_normal_tensors_inside_inference_mode(lib: Any, observe: Any) -> None:
    x = lib.ones(2)
    with lib.inference_mode():
        x.add_(1)
        view = x[:1]
        assert not x.is_inference() and (x * 2).is_inference()
    assert x._version == 1 and not view.is_inference()


def test_inference_mode_decorator_and_switch(lib: Any) -> None:
    @lib.inference_mode()
    def f() -> Any:
        return lib.ones(1)

    assert f().is_inference()
    with lib.inference_mode(False):
        assert not lib.ones(1).is_inference()


def test_eval_never_touches_the_graph(lib: Any, observe: Any) -> None:
    layer = lib.nn.Linear(2, 2).eval()
    assert layer(lib.ones(1, 2)).requires_grad


def test_requires_grad_result_follows_the_inputs(lib: Any) -> None:
    x, c = lib.ones(2, requires_grad=True), lib.ones(2)
    assert (x + c).requires_grad and not (c + c).requires_grad
    assert not (x > 0).requires_grad and not x.argmax().requires_grad and not x.long().requires_grad
    assert x.floor().requires_grad and x.floor().grad_fn is not None
