"""backward and grad: accumulation, retention, arguments, and the order of the checks."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

NO_HISTORY = "element 0 of tensors does not require grad and does not have a grad_fn"
TWICE = "Trying to backward through the graph a second time"


def test_gradients_accumulate_in_place_on_one_object(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    assert x.grad is None
    (x * 3).sum().backward()
    g = x.grad
    (x * 4).sum().backward()
    assert x.grad is g and g.tolist() == [7.0, 7.0]  # type: ignore[attr-defined]
    assert not g.requires_grad and g.is_leaf  # type: ignore[attr-defined]
    observe(x=x)


def test_a_gradient_given_by_the_user_is_accumulated_into(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    mine = lib.tensor([10.0, 20.0])
    x.grad = mine
    x.sum().backward()
    assert x.grad is mine and mine.tolist() == [11.0, 21.0]
    observe(mine=mine)


def test_non_scalar_needs_a_gradient(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    with observe.raises(RuntimeError, "grad can be implicitly created only for scalar outputs"):
        y.backward()
    words = (
        "Mismatch in shape: grad_output[0] has a shape of torch.Size([4]) and output[0] has "
        "a shape of torch.Size([3])."
    )
    with observe.raises(RuntimeError, words):
        y.backward(lib.ones(4))
    assert x.grad is None
    y.backward(lib.tensor([1.0, 10.0, 100.0]))
    assert x.grad.tolist() == [2.0, 20.0, 200.0]  # type: ignore[attr-defined]
    observe(x=x)


def test_no_history_comes_before_non_scalar(lib: Any, observe: Any) -> None:
    with observe.raises(RuntimeError, NO_HISTORY):
        lib.zeros(3).backward()
    with observe.raises(RuntimeError, NO_HISTORY):
        lib.autograd.backward([lib.zeros(3)])


def test_complex_outputs(lib: Any, observe: Any) -> None:
    z = lib.tensor([1 + 1j], requires_grad=True)
    with observe.raises(
        RuntimeError, "grad can be implicitly created only for real scalar outputs but got torch.complex64"
    ):
        (z * z).sum().backward()
    (z * z.conj()).real.sum().backward()
    assert z.grad.tolist() == [2 + 2j]
    observe(z=z)


def test_a_graph_with_saved_tensors_runs_once(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    y.backward()
    with observe.raises(RuntimeError, TWICE):
        y.backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_graph_without_saved_tensors_runs_again(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2.0, 2.0]
    observe(x=x)


def test_retain_graph(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [4.0, 8.0]
    with observe.raises(RuntimeError, TWICE):
        y.backward()
    observe(x=x)


def test_shared_subgraph_freed_by_the_first_backward(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    shared = x * x
    a, b = shared * 2, shared * 3
    a.backward()
    with observe.raises(RuntimeError, TWICE):
        b.backward()


def test_inputs_limits_accumulation(lib: Any, observe: Any) -> None:
    a = lib.tensor([1.0], requires_grad=True)
    b = lib.tensor([2.0], requires_grad=True)
    c = a * b
    (c * c).backward(inputs=[a], retain_graph=True)
    assert a.grad.tolist() == [8.0] and b.grad is None
    (c * c).backward(inputs=[c])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert c.grad.tolist() == [4.0]
    assert a.grad.tolist() == [8.0] and b.grad is None
    with observe.raises(RuntimeError, "`inputs` argument to `backward()` cannot be empty."):
        (a * b).backward(inputs=[])


def test_create_graph_with_backward_warns_of_the_cycle(lib: Any, observe: Any) -> None:
    x = lib.tensor([3.0], requires_grad=True)
    with pytest.warns(
        UserWarning, match=r"Using backward\(\) with create_graph=True will create a reference cycle"
    ):
        (x**3).backward(create_graph=True)
    assert x.grad.requires_grad
    first = x.grad
    x.grad = None
    first.backward()
    assert x.grad.tolist() == [18.0]


def test_grad_returns_and_does_not_accumulate(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    (g,) = lib.autograd.grad((x * x).sum(), x)
    assert g.tolist() == [2.0, 4.0] and x.grad is None
    observe.gradients(g=g)


def test_grad_of_intermediates_and_several_outputs(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    z = y * y
    g_y, g_x = lib.autograd.grad([z.sum(), (y * 5).sum()], [y, x])
    assert g_y.tolist() == [11.0, 17.0] and g_x.tolist() == [33.0, 51.0]
    observe.gradients(g_y=g_y, g_x=g_x)


def test_grad_refusals(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    unused = lib.tensor([1.0], requires_grad=True)
    y = (x * x).sum()
    with observe.raises(RuntimeError, "One of the differentiated Tensors does not require grad"):
        lib.autograd.grad(y, lib.zeros(1))
    with observe.raises(
        RuntimeError,
        (
            "The differentiated Tensor at index 0 appears to not have been used in the "
            "graph. Set allow_unused=True"
        ),
    ):
        lib.autograd.grad(y, [unused], retain_graph=True)
    with observe.raises(
        ValueError, "Expected allow_unused to be True or not passed when materialize_grads=True"
    ):
        lib.autograd.grad(y, [unused], allow_unused=False, materialize_grads=True)


def test_unused_inputs(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    unused = lib.tensor([1.0, 2.0], requires_grad=True)
    y = (x + 1).sum()
    assert lib.autograd.grad(y, [x, unused], allow_unused=True)[1] is None
    zero = lib.autograd.grad(y, [x, unused], materialize_grads=True)[1]
    assert zero.tolist() == [0.0, 0.0]
    observe.gradients(zero=zero)


def test_second_and_third_order(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0], dtype=lib.float64, requires_grad=True)
    y = x**4
    (first,) = lib.autograd.grad(y, x, create_graph=True)
    (second,) = lib.autograd.grad(first, x, create_graph=True)
    (third,) = lib.autograd.grad(second, x, create_graph=True)
    assert [first.item(), second.item(), third.item()] == [32.0, 48.0, 48.0]
    observe.gradients(first=first, second=second, third=third)


def test_create_graph_keeps_the_first_graph(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0], requires_grad=True)
    y = x * x
    lib.autograd.grad(y, x, create_graph=True)
    y.backward()
    assert x.grad.tolist() == [4.0]


def test_autograd_backward_of_several(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    lib.autograd.backward([x * 2, (x * x).sum()], [lib.ones(2), None])
    assert x.grad.tolist() == [4.0, 6.0]
    observe(x=x)


def test_a_tensor_used_many_times(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    (y + y * y + y[0] + lib.cat([y, y]).sum() + y.sum() * x).sum().backward()
    observe(x=x)


def test_float_and_int_outputs_of_one_operator(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 3.0, 2.0], requires_grad=True)
    values, indices = x.max(0)
    assert values.requires_grad and not indices.requires_grad and indices.grad_fn is None
    values.backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0]
    observe(x=x)


def test_partial_use_of_many_outputs(lib: Any, observe: Any) -> None:
    x = lib.arange(6.0).requires_grad_()
    first, *_rest = x.split(2)
    first.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    u = lib.arange(4.0).view(2, 2).requires_grad_()
    u.unbind(0)[1].sum().backward()
    assert u.grad.tolist() == [[0.0, 0.0], [1.0, 1.0]]
    observe(x=x, u=u)


def test_mixed_dtypes_get_gradients_of_their_own(lib: Any, observe: Any) -> None:
    a = lib.tensor([1.0, 2.0], requires_grad=True)
    b = lib.tensor([1.0, 2.0], dtype=lib.float64, requires_grad=True)
    h = lib.tensor([1.0, 2.0], dtype=lib.float16, requires_grad=True)
    (a * b * h).sum().backward()
    assert a.grad.dtype == lib.float32 and b.grad.dtype == lib.float64 and h.grad.dtype == lib.float16
    observe(a=a, b=b, h=h)


def test_real_input_of_a_complex_result_gets_a_real_gradient(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    (x * (1 + 2j)).abs().sum().backward()
    assert x.grad.dtype == lib.float32
    observe(x=x)


def test_the_gradient_owns_its_memory(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = lib.tensor([1.0, 2.0], requires_grad=True)
    seed = lib.ones(2)
    (x + y).backward(seed)
    x.grad.mul_(100)
    assert y.grad.tolist() == [1.0, 1.0] and seed.tolist() == [1.0, 1.0]


def test_backward_of_a_leaf(lib: Any, observe: Any) -> None:
    x = lib.tensor(2.0, requires_grad=True)
    x.backward()
    x.backward(lib.tensor(5.0))
    assert x.grad.item() == 6.0
    observe(x=x)


def test_gradient_edges(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0], requires_grad=True)
    y = x * x
    edge = lib.autograd.graph.get_gradient_edge(y)
    z = (y * 3).sum()
    del y
    (g,) = lib.autograd.grad(z, edge, retain_graph=True)
    assert g.tolist() == [3.0]
    with observe.raises(
        RuntimeError,
        "It is not possible to get the gradient edge for a Tensor that does not require gradients",
    ):
        lib.autograd.graph.get_gradient_edge(lib.zeros(1))


def test_the_first_failure_leaves_the_engine_usable(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    y = x * 2

    def fail(grad: Any) -> None:
        raise KeyError("mine")

    y.register_hook(fail)
    with pytest.raises(KeyError, match="mine"):
        y.backward()
    (x * 3).backward()
    assert x.grad.tolist() == [3.0]


def test_backward_inside_a_hook(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    other = lib.tensor([1.0], requires_grad=True)
    y = x * 2

    def hook(grad: Any) -> None:
        assert not lib.is_grad_enabled()
        with lib.enable_grad():
            (other * 5).backward()

    y.register_hook(hook)
    y.backward()
    assert x.grad.tolist() == [2.0] and other.grad.tolist() == [5.0]


def test_batched_cotangents(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], dtype=lib.float64, requires_grad=True)
    (jacobian,) = lib.autograd.grad(
        x**2, x, lib.eye(3, dtype=lib.float64), is_grads_batched=True, create_graph=True
    )
    observe.gradients(jacobian=jacobian.detach())
    (bend,) = lib.autograd.grad(jacobian.sum(), x)
    observe.gradients(bend=bend)
