"""saved_tensors_hooks and its relatives in autograd.graph."""

from __future__ import annotations

from typing import Any

import pytest


def test_pack_and_unpack(lib: Any, observe: Any) -> None:
    packed: list[list[float]] = []

    def pack(t: Any) -> Any:
        packed.append(t.tolist())
        return t.tolist()

    x = lib.tensor([2.0, 3.0], requires_grad=True)
    with lib.autograd.graph.saved_tensors_hooks(pack, lib.tensor):
        y = x * x
    y.sum().backward()
    assert packed == [[2.0, 3.0], [2.0, 3.0]] and x.grad.tolist() == [4.0, 6.0]
    observe(x=x)


def test_hooks_reach_saved_outputs(lib: Any, observe: Any) -> None:
    x = lib.tensor([0.0], requires_grad=True)
    with lib.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t * 5):
        y = x.exp()
    y.backward()
    assert x.grad.tolist() == [5.0]


def test_innermost_hooks_win_and_end_with_the_block(lib: Any, observe: Any) -> None:
    hooks = lib.autograd.graph.saved_tensors_hooks
    x = lib.tensor([2.0], requires_grad=True)
    with hooks(lambda t: t, lambda t: t * 10):
        with hooks(lambda t: t, lambda t: t * 100):
            inner = x.square()
        outer = x.square()
    plain = x.square()
    assert [lib.autograd.grad(v, x)[0].item() for v in (inner, outer, plain)] == [400.0, 40.0, 4.0]


def test_pack_may_not_write(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0], requires_grad=True)
    y = x * 1
    with (
        observe.raises(RuntimeError, "A saved tensor pack hook is modifying its input in place."),
        lib.autograd.graph.saved_tensors_hooks(lambda t: t.mul_(2), lambda t: t),
    ):
        y * y


def test_unpack_returns_a_tensor(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0], requires_grad=True)
    with lib.autograd.graph.saved_tensors_hooks(lambda t: 1, lambda t: t):
        y = x * x
    with observe.raises(
        TypeError, "Output of saved tensor unpack_hook expected to be a Tensor but got result of type int"
    ):
        y.backward()


def test_disabled_hooks(lib: Any, observe: Any) -> None:
    with (
        observe.raises(RuntimeError, "not here"),
        lib.autograd.graph.disable_saved_tensors_hooks("not here"),
        lib.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t),
    ):
        pass


def test_packed_values_do_not_notice_writes(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0], requires_grad=True)
    y = x * 1
    with lib.autograd.graph.saved_tensors_hooks(lambda t: t.clone(), lambda t: t):
        z = y * y
    y.zero_()
    z.backward()
    assert x.grad.tolist() == [4.0]


def test_save_on_cpu(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0], requires_grad=True)
    with lib.autograd.graph.save_on_cpu():
        y = x * x
    y.backward()
    assert x.grad.tolist() == [4.0]


def test_allow_mutation_on_saved_tensors(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0, 3.0], requires_grad=True)
    with lib.autograd.graph.allow_mutation_on_saved_tensors():
        y = x.clone()
        z = (y * y).sum()
        y.zero_()
        z.backward()
    assert x.grad.tolist() == [4.0, 6.0]
    with lib.autograd.graph.allow_mutation_on_saved_tensors():
        y = x.clone()
        z = (y * y).sum()
    with observe.raises(
        AssertionError, "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context"
    ):
        z.backward()


def test_saved_values_of_a_node(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0], requires_grad=True)
    y = x.exp()
    assert y.grad_fn._saved_result.tolist() == y.tolist() and y.grad_fn._saved_result is not y
    y.backward()
    with observe.raises(RuntimeError, "Trying to backward through the graph a second time"):
        _ = y.grad_fn._saved_result


def test_increment_version(lib: Any, observe: Any) -> None:
    x = lib.tensor([2.0], requires_grad=True)
    y = x * 1
    z = y * y
    lib.autograd.graph.increment_version(y)
    assert y._version == 1
    with observe.raises(
        RuntimeError, "one of the variables needed for gradient computation has been modified by"
    ):
        z.backward()


@pytest.mark.parametrize("order", [1, 2])
def test_hooks_and_higher_order(lib: Any, observe: Any, order: int) -> None:
    x = lib.tensor([2.0], dtype=lib.float64, requires_grad=True)
    count = []
    with lib.autograd.graph.saved_tensors_hooks(lambda t: (count.append(1), t)[1], lambda t: t):
        result = x**4
        for _ in range(order):
            (result,) = lib.autograd.grad(result, x, create_graph=True)
    observe.gradients(result=result.detach())
    assert count


@pytest.mark.parametrize(
    "compute",
    [
        lambda lib, x: lib.nn.functional.layer_norm(x, (3,)),
        lambda lib, x: lib.linalg.svd(x)[1],
        lambda lib, x: lib.linalg.qr(x)[0],
        lambda lib, x: lib.cat([x * 2, x]),
        lambda lib, x: x.max(0)[0],
        lambda lib, x: lib.einsum("ij,jk->ik", x, x),
        lambda lib, x: x.softmax(1),
        lambda lib, x: x[lib.tensor([0, 0, 1])],
    ],
)
@pytest.mark.parametrize("again", [False, True])
def test_hooks_serve_every_kind_of_operator(lib: Any, compute: Any, again: bool) -> None:
    x = lib.tensor([[0.3, -1.0, 2.0], [1.5, 0.2, -0.4], [0.1, 0.9, 1.1]], requires_grad=True)
    y = compute(lib, x)
    (expected,) = lib.autograd.grad((y * y).sum(), x)
    packed = []
    with lib.autograd.graph.saved_tensors_hooks(
        lambda t: (packed.append(1), t.detach().clone())[1], lambda t: t
    ):
        y = compute(lib, x)
        total = (y * y).sum()
    (found,) = lib.autograd.grad(total, x, create_graph=again)
    assert packed and lib.allclose(found, expected)
