"""Hooks: what they may do, and in which order they run."""

from __future__ import annotations

from typing import Any

import pytest


def test_the_order(lib: Any, observe: Any) -> None:
    order: list[str] = []
    x = lib.tensor([1.0], requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: order.append("tensor"))
    y.grad_fn.register_prehook(lambda gs: order.append("node prehook"))
    y.grad_fn.register_hook(lambda gi, go: order.append("node hook"))
    x.register_hook(lambda g: order.append("leaf"))
    x.register_post_accumulate_grad_hook(lambda t: order.append("post accumulate"))
    y.backward()
    assert order == ["tensor", "node prehook", "node hook", "leaf", "post accumulate"]
    observe(order=order)


def test_hooks_run_in_the_order_they_were_registered(lib: Any, observe: Any) -> None:
    order: list[int] = []
    x = lib.tensor([1.0], requires_grad=True)
    for n in range(3):
        x.register_hook(lambda g, n=n: order.append(n))
    (x * 2).backward()
    assert order == [0, 1, 2]


def test_a_hook_may_replace_the_gradient(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y.register_hook(lambda g: g + 1)
    y.sum().backward()
    assert x.grad.tolist() == [22.0, 22.0]
    observe(x=x)


def test_a_removed_hook_is_silent(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    handle = x.register_hook(lambda g: g * 100)
    handle.remove()
    handle.remove()
    (x * 2).backward()
    assert x.grad.tolist() == [2.0]


def test_leaf_hooks_run_for_autograd_grad(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    x.register_hook(lambda g: g * 10)
    (g,) = lib.autograd.grad(x * 2, x)
    assert g.tolist() == [20.0] and x.grad is None


def test_a_leaf_hook_sees_the_sum_of_all_paths(lib: Any, observe: Any) -> None:
    seen = []
    x = lib.tensor([1.0], requires_grad=True)
    x.register_hook(lambda g: seen.append(g.item()))
    (x * 2 + x * 3 + x).backward()
    assert seen == [6.0]


def test_hook_refusals(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    with observe.raises(RuntimeError, "cannot register a hook on a tensor that doesn't require gradient"):
        lib.zeros(2).register_hook(lambda g: g)
    with observe.raises(RuntimeError, "post accumulate grad hooks cannot be registered on non-leaf tensors"):
        (x * 2).register_post_accumulate_grad_hook(lambda t: None)


def test_a_hook_may_not_change_the_size(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    x.register_hook(lambda g: g[:1])
    with observe.raises(RuntimeError, "hook '<lambda>' has changed the size of value"):
        (x * 2).sum().backward()
    assert x.grad is None


def test_a_hook_returns_a_tensor_or_nothing(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    x.register_hook(lambda g: 3)
    with observe.raises(TypeError, "expected Variable, but hook returned 'int'"):
        (x * 2).sum().backward()


def test_an_in_place_edit_of_the_argument_takes_effect(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2

    def double(grad: Any) -> None:
        grad.mul_(2)

    y.register_hook(double)
    (y * 1.0).sum().backward()
    assert x.grad.tolist() == [4.0, 4.0]


def test_a_tensor_hook_survives_later_in_place_operators(lib: Any, observe: Any) -> None:
    seen: list[list[float]] = []
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.mul_(5)
    y.sum().backward()
    observe(seen=seen, x=x)


def test_post_accumulate_hook_may_step_and_clear(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)

    def step(parameter: Any) -> None:
        with lib.no_grad():
            parameter.sub_(0.5 * parameter.grad)
        parameter.grad = None

    x.register_post_accumulate_grad_hook(step)
    (x * 2).sum().backward()
    assert x.grad is None and x.tolist() == [0.0, 1.0]
    observe(x=x)


def test_node_hooks_may_replace_gradients(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    y = x * 2
    y.grad_fn.register_prehook(lambda gs: (gs[0] * 3,))
    y.grad_fn.register_hook(lambda gi, go: (gi[0] + 1, *gi[1:]))
    y.backward()
    assert x.grad.tolist() == [7.0]
    observe(x=x)


def test_multi_grad_hook_all(lib: Any, observe: Any) -> None:
    a, b, c = (lib.tensor([float(n)], requires_grad=True) for n in range(3))
    seen: list[Any] = []
    handle = lib.autograd.graph.register_multi_grad_hook(
        (a, b, c), lambda gs: seen.append([None if g is None else g.item() for g in gs])
    )
    (a * 2 + b * 3).sum().backward()
    assert seen == [[2.0, 3.0, None]]
    handle.remove()
    (a * 2 + b * 3).sum().backward()
    assert len(seen) == 1


def test_multi_grad_hook_any(lib: Any, observe: Any) -> None:
    a, b = (lib.tensor([float(n)], requires_grad=True) for n in range(2))
    seen: list[float] = []
    lib.autograd.graph.register_multi_grad_hook((a, b), lambda g: seen.append(g.item()), mode="any")
    (a * 2 + b * 2).sum().backward()
    assert seen == [2.0]


def test_retain_grad(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.retain_grad()
    assert y.retains_grad and not x.retains_grad
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad.tolist() == [4.0, 8.0]
    x.retain_grad()
    with observe.raises(RuntimeError, "can't retain_grad on Tensor that has requires_grad=False"):
        lib.zeros(2).retain_grad()
    observe(x=x)


def test_retain_grad_follows_a_later_in_place_operator(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.retain_grad()
    y.mul_(10)
    (y * 3).sum().backward()
    assert y.grad.tolist() == [3.0, 3.0] and x.grad.tolist() == [60.0, 60.0]


def test_retain_grad_comes_after_the_tensor_hooks(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 7)
    (y * 1).backward()
    assert y.grad.tolist() == [7.0] and x.grad.tolist() == [14.0]


def test_hook_on_a_view_and_its_base(lib: Any, observe: Any) -> None:
    seen: list[Any] = []
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    view = y[1:]
    y.register_hook(lambda g: seen.append(("base", g.tolist())))
    view.register_hook(lambda g: seen.append(("view", g.tolist())))
    (view * 3).sum().backward()
    assert seen == [("view", [3.0, 3.0]), ("base", [0.0, 3.0, 3.0])]


def test_the_hook_sees_grad_mode_of_the_backward(lib: Any, observe: Any) -> None:
    seen: list[bool] = []
    x = lib.tensor([2.0], requires_grad=True)
    y = x * x
    y.register_hook(lambda g: seen.append(lib.is_grad_enabled()))
    lib.autograd.grad(y, x, create_graph=True)
    lib.autograd.grad(y, x)
    assert seen == [True, False]


def test_a_hook_result_stays_in_the_graph_under_create_graph(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0], requires_grad=True)
    y = x * x
    y.register_hook(lambda g: g * x)
    (g,) = lib.autograd.grad(y, x, create_graph=True)
    assert g.item() == 8.0
    (h,) = lib.autograd.grad(g, x)
    assert h.item() == 8.0


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_an_error_in_a_hook_reaches_the_caller(lib: Any, error: BaseException) -> None:
    x = lib.tensor([1.0], requires_grad=True)

    def fail(grad: Any) -> None:
        raise error

    x.register_hook(fail)
    with pytest.raises(type(error)):
        (x * 2).backward()


def test_hooks_off_the_way_to_the_inputs_stay_silent(lib: Any, observe: Any) -> None:
    seen: list[str] = []
    a, b = lib.ones(2, requires_grad=True), lib.ones(2, requires_grad=True)
    for leaf, name in ((a, "a"), (b, "b")):
        leaf.register_hook(lambda g, name=name: seen.append(name))
    m = b * 2
    m.register_hook(lambda g: seen.append("m"))
    n = a * m
    n.register_hook(lambda g: seen.append("n"))
    n.sum().backward(inputs=[a], retain_graph=True)
    assert seen == ["n", "a"]
    lib.autograd.grad(n.sum(), [m])
    assert seen == ["n", "a", "n", "m"]
    observe(a=a, b=b)
