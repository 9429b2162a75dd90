"""The traps programs fall into, numbered: each a few lines, each true of PyTorch."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace operation"
NO_HISTORY = "element 0 of tensors does not require grad and does not have a grad_fn"


def leaf(lib: Any) -> Any:
    """[1, 2, 3], which requires a gradient."""
    return lib.tensor([1.0, 2.0, 3.0], requires_grad=True)


def test_01_no_history_is_checked_before_the_shape(lib: Any) -> None:
    with pytest.raises(RuntimeError, match=NO_HISTORY):
        (leaf(lib).detach() * 3).backward()


def test_02_add_runs_twice_mul_does_not(lib: Any) -> None:
    x = leaf(lib)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    z = (x * x).sum()
    z.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        z.backward()


def test_03_detach_in_place_under_a_consumer_and_under_its_producer(lib: Any) -> None:
    x = leaf(lib)
    y = x.exp()
    z = y * y
    y.detach_()
    with pytest.raises(RuntimeError, match="has been detached in-place"):
        z.sum().backward()
    y = x.exp()
    z = y + 1
    y.detach_()
    z.sum().backward()
    assert x.grad is not None


def test_04_who_shares_the_version(lib: Any) -> None:
    y = leaf(lib) * 1
    with lib.no_grad():
        view = y[:1]
    family = [y.detach(), view, y[1:], y.detach().view(3, 1)]
    data = y.data
    y.mul_(2)
    assert [t._version for t in family] == [1, 1, 1, 1] and data._version == 0


def test_05_a_detached_tensor_is_a_leaf_and_not_a_view(lib: Any) -> None:
    d = (leaf(lib) * 1)[1:].detach()
    assert d.is_leaf and not d._is_view() and d._base is None


def test_06_setitem_on_a_leaf_speaks_of_a_view(lib: Any) -> None:
    x = leaf(lib)
    with pytest.raises(
        RuntimeError,
        match=r"^a view of a leaf Variable that requires grad is being used",
    ):
        x[0] = 1.0


def test_07_write_through_a_view_reaches_the_base(lib: Any, observe: Any) -> None:
    x = leaf(lib)
    y = x * 2
    y[:2].mul_(3)
    assert "CopySlices" in y.grad_fn.name()
    y.sum().backward()
    assert x.grad.tolist() == [6.0, 6.0, 2.0]
    observe(x=x, y=y)


def test_08_a_grad_tensor_written_into_a_plain_one(lib: Any) -> None:
    x, plain = leaf(lib), lib.zeros(3)
    plain[0] = x[0] * 5
    assert plain.requires_grad and not plain.is_leaf
    plain.sum().backward()
    assert x.grad.tolist() == [5.0, 0.0, 0.0]


def test_09_retain_grad_then_in_place(lib: Any) -> None:
    y = leaf(lib) * 1
    y.retain_grad()
    y.mul_(10)
    (y * 3).sum().backward()
    assert y.grad.tolist() == [3.0, 3.0, 3.0]


def test_10_a_float_accumulator_becomes_a_tensor(lib: Any) -> None:
    x = leaf(lib)
    total: Any = 0.0
    for _ in range(3):
        total += x.sum()
    assert total.grad_fn is not None
    total.backward()
    assert x.grad.tolist() == [3.0, 3.0, 3.0]


def test_11_grad_is_one_object(lib: Any) -> None:
    x = leaf(lib)
    x.sum().backward()
    kept = x.grad
    x.sum().backward()
    assert x.grad is kept and kept.tolist() == [2.0, 2.0, 2.0]


def test_12_an_assigned_grad_is_written_to(lib: Any) -> None:
    x = leaf(lib)
    mine = lib.ones(3)
    x.grad = mine
    x.sum().backward()
    assert mine.tolist() == [2.0, 2.0, 2.0]


def test_13_flag_off_after_the_forward(lib: Any) -> None:
    x = leaf(lib)
    y = (x * x).sum()
    x.requires_grad_(False)
    y.backward()
    assert x.grad is None


def test_14_a_no_grad_generator_restores_the_mode(lib: Any) -> None:
    @lib.no_grad()
    def steps() -> Iterator[bool]:
        while True:
            yield lib.is_grad_enabled()

    generator = steps()
    assert not next(generator) and lib.is_grad_enabled() and not next(generator) and lib.is_grad_enabled()


def test_15_a_thread_starts_with_grad_on(lib: Any) -> None:
    import threading

    seen: list[bool] = []
    with lib.no_grad():
        thread = threading.Thread(target=lambda: seen.append(lib.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_16_the_order_of_hooks(lib: Any) -> None:
    order: list[str] = []
    x = leaf(lib)
    y = x * 2
    x.register_post_accumulate_grad_hook(lambda t: order.append("accumulated"))
    x.register_hook(lambda g: order.append("leaf"))
    y.grad_fn.register_hook(lambda gi, go: order.append("node"))
    y.grad_fn.register_prehook(lambda go: order.append("prehook"))
    y.register_hook(lambda g: order.append("tensor"))
    y.sum().backward()
    assert order == ["tensor", "prehook", "node", "leaf", "accumulated"]


def test_17_a_leaf_hook_changes_autograd_grad(lib: Any) -> None:
    x = leaf(lib)
    x.register_hook(lambda g: g * 10)
    assert lib.autograd.grad(x.sum(), x)[0].tolist() == [10.0, 10.0, 10.0]


def test_18_materialize_and_not_allow_unused(lib: Any) -> None:
    x = leaf(lib)
    with pytest.raises(
        ValueError, match="Expected allow_unused to be True or not passed when materialize_grads=True"
    ):
        lib.autograd.grad(x.sum(), x, allow_unused=False, materialize_grads=True)


def test_19_a_cut_function_has_a_jacobian_of_zeros_unless_strict(lib: Any, observe: Any) -> None:
    def cut(x: Any) -> Any:
        return x.detach() * 3

    x, functional = lib.tensor([1.0, 2.0]), lib.autograd.functional
    assert functional.jacobian(cut, x).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    with observe.raises(
        RuntimeError,
        "Output 0 of the user-provided function does not require gradients. The outputs must be computed in "
        "a differentiable manner from the input when running in strict mode.",
    ):
        functional.jacobian(cut, x, strict=True)


def test_20_an_input_returned_as_it_is_is_a_view(lib: Any) -> None:
    class Same(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad

    y = Same.apply(leaf(lib))
    assert y._is_view() and y.grad_fn.name() == "SameBackward"


def test_21_ties(lib: Any) -> None:
    x = leaf(lib)
    lib.maximum(x, lib.tensor([1.0, 2.0, 0.0])).sum().backward()
    assert x.grad.tolist() == [0.5, 0.5, 1.0]
    t = lib.tensor([2.0, 2.0], requires_grad=True)
    t.max(0).values.backward()
    assert t.grad.tolist() == [1.0, 0.0]


def test_22_where_does_not_hide_nan(lib: Any) -> None:
    x = lib.zeros(1, requires_grad=True)
    lib.where(x > 0, x.sqrt(), lib.zeros(1)).sum().backward()
    assert np.isnan(x.grad.item())


def test_23_norm_at_zero(lib: Any) -> None:
    x = lib.zeros(3, requires_grad=True)
    x.norm().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


def test_24_duplicate_indices_last_write_wins(lib: Any) -> None:
    v = lib.tensor([10.0, 20.0], requires_grad=True)
    y = lib.zeros(3)
    y[lib.tensor([1, 1])] = v
    assert y.tolist() == [0.0, 20.0, 0.0]


def test_25_masked_assignment_zeroes_the_gradient(lib: Any) -> None:
    x = leaf(lib)
    y = x * 1
    y[lib.tensor([True, False, True])] = 0.0
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0]


def test_26_a_deep_chain(lib: Any) -> None:
    x = lib.ones(1, requires_grad=True)
    y = x
    for _ in range(200_000):
        y = y + 1
    y.backward()
    assert x.grad.item() == 1.0


def test_27_a_tangent_survives_no_grad_and_not_detach(lib: Any, observe: Any) -> None:
    forward_ad = lib.autograd.forward_ad
    with forward_ad.dual_level():
        x = forward_ad.make_dual(lib.tensor([1.0, 2.0]), lib.tensor([1.0, 3.0]))
        with lib.no_grad():
            made = x * x
        assert forward_ad.unpack_dual(made).tangent.tolist() == [2.0, 12.0]
        assert forward_ad.unpack_dual(x.detach()).tangent is None
        assert forward_ad.unpack_dual(x.clone()).tangent.tolist() == [1.0, 3.0]
        observe(made=made)


def test_28_optimizers_skip_what_has_no_gradient(lib: Any) -> None:
    used, unused = leaf(lib), leaf(lib)
    optimizer = lib.optim.SGD([used, unused], lr=0.5)
    used.sum().backward()
    optimizer.step()
    assert used.tolist() == [0.5, 1.5, 2.5] and unused.tolist() == [1.0, 2.0, 3.0]


def test_29_many_views_refuse_writes_slices_allow_them(lib: Any) -> None:
    for pieces in (lambda y: y.unbind(), lambda y: y.split(1)):
        y = leaf(lib) * 1
        with pytest.raises(RuntimeError, match="is a view and is being modified inplace"):
            pieces(y)[0].mul_(2)
    y = leaf(lib) * 1
    y[:1].mul_(2)
    assert y.tolist() == [2.0, 2.0, 3.0]


def test_30_expanded_memory(lib: Any) -> None:
    with pytest.raises(
        RuntimeError, match="unsupported operation: more than one element of the written-to tensor"
    ):
        lib.zeros(1).expand(3).add_(1)


def test_31_an_optimizer_step_between_two_losses(lib: Any) -> None:
    layer = lib.nn.Sequential(lib.nn.Linear(2, 2), lib.nn.Linear(2, 1))
    optimizer = lib.optim.SGD(layer.parameters(), lr=0.1)
    out = layer(lib.ones(1, 2))
    first, second = out.sum(), (out * 2).sum()
    first.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(RuntimeError, match=MODIFIED):
        second.backward()


def test_32_a_tangent_of_another_size(lib: Any, observe: Any) -> None:
    forward_ad = lib.autograd.forward_ad
    with (
        forward_ad.dual_level(),
        observe.raises(
            RuntimeError,
            "Trying to set a forward gradient that has a different size than that of the original Tensor, "
            "this is not supported. Tensor is of size [3] while the given forward gradient is of size [2].",
        ),
    ):
        forward_ad.make_dual(lib.ones(3), lib.ones(2))


def test_33_a_checkpointed_function_that_does_something_else_the_second_time(lib: Any, observe: Any) -> None:
    checkpoints = importlib.import_module(f"{lib.__name__}.utils.checkpoint")
    for second, sentence in (
        (
            lambda t: t + 1,
            "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
            "recomputation.\nNumber of tensors saved during forward: 1\nNumber of tensors saved during "
            "recomputation: 0.",
        ),
        (
            lambda t: lib.cat([t, t]).exp()[:3],
            "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata "
            "than during the forward pass.\ntensor at position 0:\nsaved metadata: {'shape': "
            "torch.Size([3]), ",
        ),
    ):
        runs = iter([lambda t: t.exp(), second])
        y = checkpoints.checkpoint(lambda t, runs=runs: next(runs)(t), leaf(lib), use_reentrant=False)
        with observe.raises(checkpoints.CheckpointError, sentence):
            y.sum().backward()


def test_34_deepcopy_of_a_non_leaf(lib: Any) -> None:
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user"):
        copy.deepcopy(leaf(lib) * 2)
