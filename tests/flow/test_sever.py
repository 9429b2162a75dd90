"""sever(t): a graph that is already built ends at t, for all who were computed from it."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import upriver as up
from tests.oracle import torch
from upriver.autograd.sever import sever

STEPS = 2_000


def leaf(*shape: int, seed: int = 0) -> Any:
    return up.tensor(np.random.default_rng(seed).normal(size=shape) * 0.4, requires_grad=True)


def untouched(t: Any) -> bool:
    return t.grad is None


# -- sliding windows -----------------------------------------------------------------------------------------


def cell(x: Any, h: Any, w: Any, u: Any) -> Any:
    return (x @ w + h @ u).tanh()


@pytest.mark.parametrize("window", [1, 2, 5])
def test_a_sliding_window_has_the_gradients_of_recomputing_each_window(window: int) -> None:
    w, u = leaf(3, 4), leaf(4, 4, seed=1)
    xs = [up.tensor(np.random.default_rng(10 + n).normal(size=(2, 3))) for n in range(12)]
    h, states = up.zeros(2, 4, dtype=up.float64), deque[Any]()
    for x in xs:
        states.append(h)
        if len(states) > window:
            states.popleft()
        sever(states[0])
        h = cell(x, h, w, u)
        (h * h).sum().backward(retain_graph=True)
    found = w.grad.numpy(), u.grad.numpy()
    w.grad = u.grad = None
    states_then = [up.zeros(2, 4, dtype=up.float64)]
    for n, x in enumerate(xs):
        start = max(0, n - window + 1)
        h = states_then[start].detach()
        for each in xs[start : n + 1]:
            h = cell(each, h, w, u)
        (h * h).sum().backward()
        states_then.append(cell(x, states_then[n].detach(), w, u).detach())
    np.testing.assert_allclose(found[0], w.grad.numpy(), rtol=1e-12)
    np.testing.assert_allclose(found[1], u.grad.numpy(), rtol=1e-12)


def windowed(window: int = 4) -> Callable[[], None]:
    """One step of training that backpropagates through the last few steps."""
    w, u, x = leaf(3, 8), leaf(8, 8, seed=1), up.ones(2, 3, dtype=up.float64)
    state, states = [up.zeros(2, 8, dtype=up.float64)], deque[Any]()

    def step() -> None:
        states.append(state[0])
        if len(states) > window:
            sever(states.popleft())
        state[0] = cell(x, state[0], w, u)
        (state[0] * state[0]).sum().backward(retain_graph=True)
        w.grad = u.grad = None

    return step


def test_memory_is_flat_over_many_steps_without_the_collector() -> None:
    step = windowed()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(500):
            step()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(STEPS):
            step()
        grown = tracemalloc.get_traced_memory()[0] - before
        found = gc.collect()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert grown < 50_000, f"{grown:,} bytes more after {STEPS} steps"
    assert found == 0, f"{found} objects in cycles"


# -- what is freed, and what stays ---------------------------------------------------------------------------


def test_what_lies_beyond_dies_at_once() -> None:
    w = leaf(50, 50)
    gc.disable()
    try:
        first = w.exp()
        second = first.tanh()
        t = second * 2.0
        loss = (t * t).sum()
        nodes = [weakref.ref(each.grad_fn) for each in (first, second)]
        storages = [weakref.ref(each.untyped_storage()) for each in (first, second)]
        accumulator = weakref.ref(first.grad_fn.next_functions[0][0])
        del first, second
        assert all(each() is not None for each in (*nodes, *storages))
        assert sever(t) is t
        assert all(each() is None for each in (*nodes, *storages, accumulator))
    finally:
        gc.enable()
    loss.backward()
    assert w.grad is None


def test_the_tensor_is_a_leaf_afterwards_and_says_who_cut_it() -> None:
    w = leaf(3)
    t = w.exp()
    sever(t)
    assert not t.requires_grad and t.is_leaf and t.grad_fn is None
    with pytest.raises(RuntimeError, match=r"sever\(\) of a float64\[3\] made by ExpBackward0 at .*:\d+"):
        (t * 2).sum().backward()
    again = t.requires_grad_()
    (again * 3).sum().backward()
    assert again.grad.tolist() == [3.0, 3.0, 3.0]
    assert w.grad is None


def test_other_consumers_of_what_lies_beyond_go_on() -> None:
    w = leaf(3)
    shared = w * 2.0
    t, other = shared.sin(), shared * 5.0
    loss = (t * other).sum()
    sever(t)
    loss.backward()
    np.testing.assert_allclose(w.grad.numpy(), np.sin(2 * w.detach().numpy()) * 10)


def test_a_tensor_used_twice_is_cut_for_both_uses() -> None:
    w, v = leaf(3), leaf(3, seed=1)
    t = w * w
    loss = (t * v + t.exp() + t * t).sum()
    sever(t)
    loss.backward()
    assert w.grad is None
    np.testing.assert_allclose(v.grad.numpy(), (w * w).detach().numpy())


def test_backward_may_run_before_and_again_after() -> None:
    w, v = leaf(3), leaf(3, seed=1)
    t = w * 2.0
    loss = (t * v).sum()
    loss.backward(retain_graph=True)
    before = w.grad.tolist()
    sever(t)
    loss.backward(retain_graph=True)
    loss.backward()
    assert w.grad.tolist() == before
    np.testing.assert_allclose(v.grad.numpy(), 3 * t.numpy())


def test_a_saved_value_written_after_the_cut_is_still_found() -> None:
    w, v = leaf(3), leaf(3, seed=1)
    t = w * 2.0
    loss = (t * v).sum()
    sever(t)
    t.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_without_history_nothing_happens_and_a_leaf_is_refused() -> None:
    constant, w = up.ones(2), leaf(2)
    assert sever(constant) is constant and sever(w.detach()).is_leaf
    t = w * 2
    assert sever(sever(t)) is t
    with pytest.raises(RuntimeError, match="nothing lies beyond it"):
        sever(w)
    assert w.requires_grad


@pytest.mark.parametrize("wrong", [1.0, None, np.ones(2), [up.ones(2)]])
def test_only_tensors_are_cut(wrong: Any) -> None:
    with pytest.raises(TypeError, match="expected a Tensor"):
        sever(wrong)


@pytest.mark.oracle
def test_a_tensor_of_pytorch_is_refused_with_advice() -> None:
    with pytest.raises(TypeError, match=r"(?s)torch.Tensor.*recompute the window"):
        sever(torch.ones(2, requires_grad=True) * 2)


# -- views, in-place, several outputs, custom functions ------------------------------------------------------


def test_a_view_is_cut_and_its_base_is_not() -> None:
    w, v = leaf(2, 3), leaf(3, seed=1)
    base = w * 2.0
    row = base[0]
    loss = (row * v).sum() + (base * 10.0).sum()
    sever(row)
    assert row._base is None and not row.requires_grad
    loss.backward()
    assert w.grad.tolist() == [[20.0] * 3] * 2
    np.testing.assert_allclose(v.grad.numpy(), row.numpy())


def test_a_base_is_cut_below_the_views_made_before() -> None:
    w = leaf(2, 3)
    base = w * 2.0
    rows = base.unbind(0)
    loss = (rows[0] * rows[1]).sum() + base[1].sum()
    sever(base)
    loss.backward()
    assert w.grad is None
    view = base[0]
    assert view._base is base and not view.requires_grad


def test_a_view_does_not_keep_what_lies_beyond_its_base() -> None:
    w = leaf(2, 3)
    gc.disable()
    try:
        inner = w.exp()
        row = inner[0]
        alive = weakref.ref(inner.grad_fn)
        del inner
        sever(row)
        assert alive() is None
    finally:
        gc.enable()


def test_what_was_written_in_place_is_cut() -> None:
    w, v = leaf(3), leaf(3, seed=1)
    t = w * 2.0
    before = t * 7.0
    t[:2].mul_(v[:2])
    loss = before.sum() + (t * 3.0).sum()
    sever(t)
    loss.backward()
    assert w.grad.tolist() == [14.0] * 3  # through what was computed before the write
    assert untouched(v)
    t.mul_(v)  # recorded afresh, from a leaf
    t.sum().backward()
    np.testing.assert_allclose(v.grad.numpy(), (t / v).detach().numpy())


def test_of_several_outputs_only_one_is_cut() -> None:
    w = leaf(4)
    t = w * 2.0
    a, b = t.split(2)
    only_a, both = (a * 3.0).sum(), (a * b).sum()
    sever(a)
    only_a.backward(retain_graph=True)
    assert untouched(w)
    both.backward(retain_graph=True)
    np.testing.assert_allclose(w.grad.numpy(), [0, 0, *(2 * a.numpy())])
    (again,) = up.autograd.grad(both, w, retain_graph=True, create_graph=True)
    np.testing.assert_allclose(again.detach().numpy(), w.grad.numpy())
    alive = weakref.ref(t.grad_fn)
    del t, again
    sever(b)
    assert alive() is None
    w.grad = None
    both.backward()
    assert w.grad is None


def test_the_only_differentiable_output_of_several_is_cut_wholly() -> None:
    w = leaf(2, 3)
    inner = w.exp()
    values = inner.max(1).values
    loss = values.sum()
    alive = weakref.ref(inner.grad_fn)
    del inner
    sever(values)
    assert alive() is None
    loss.backward()
    assert w.grad is None


class Both(up.autograd.Function):
    """x * 2 and x * 3; backward reads what forward saved."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * 2, x * 3

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        (x,) = ctx.saved_tensors
        return grads[0] * 2 + grads[1] * 3 + x * 0


def test_outputs_of_a_custom_function() -> None:
    w = leaf(3)
    a, b = Both.apply(w)
    loss = (a * 7.0).sum() + b.sum()
    sever(a)
    loss.backward(retain_graph=True)
    assert w.grad.tolist() == [3.0] * 3
    sever(b)
    loss.backward()
    assert w.grad.tolist() == [3.0] * 3


def test_second_derivatives_end_at_the_cut() -> None:
    w, v = leaf(3), leaf(3, seed=1)
    t = w.exp()
    loss = (t * v * v).sum()
    sever(t)
    (slope,) = up.autograd.grad(loss, v, create_graph=True)
    slope.sum().backward()
    np.testing.assert_allclose(v.grad.numpy(), 2 * t.numpy())
    assert w.grad is None


# -- hooks ---------------------------------------------------------------------------------------------------


def test_hooks_on_the_tensor_see_what_arrives_at_the_cut() -> None:
    w, seen = leaf(3), []
    t = w * 2.0
    t.register_hook(lambda g: seen.append(g.tolist()))
    t.retain_grad()
    node = t.grad_fn
    node.register_prehook(lambda grads: seen.append("before"))
    handle = node.register_hook(lambda *_: seen.append("after"))
    loss = (t * 5.0).sum()
    sever(t)
    handle.remove()
    loss.backward()
    assert seen == [[5.0] * 3, "before"] and t.grad.tolist() == [5.0] * 3 and w.grad is None


def test_hooks_on_a_node_with_several_outputs_go_on() -> None:
    w, seen = leaf(4), []
    a, b = (w * 2.0).split(2)
    a.register_hook(lambda g: seen.append(("a", g.tolist())))
    b.retain_grad()
    handle = a.grad_fn.register_hook(lambda inputs, outputs: seen.append(("node", outputs[0])))
    loss = (a * b * 0 + a * 3 + b * 4).sum()
    sever(a)
    loss.backward(retain_graph=True)
    assert seen == [("a", [3.0, 3.0]), ("node", None)] and b.grad.tolist() == [4.0, 4.0]
    handle.remove()
    loss.backward()
    assert len(seen) == 3 and w.grad.tolist() == [0.0, 0.0, 16.0, 16.0]


def test_a_hook_may_cut_while_backward_runs() -> None:
    w = leaf(3)
    t = w * 2.0
    loss = (t * 5.0).sum()
    t.register_hook(lambda g: (sever(t), None)[1])
    loss.backward()
    assert w.grad is None


def test_a_gradient_edge_taken_before_still_works() -> None:
    w = leaf(3)
    t = w * 2.0
    edge = up.autograd.graph.get_gradient_edge(t)
    loss = (t * 5.0).sum()
    sever(t)
    (found,) = up.autograd.grad(loss, edge)
    assert found.tolist() == [5.0] * 3


# -- random graphs -------------------------------------------------------------------------------------------

OPERATIONS: dict[str, Callable[[Any, Any], tuple[Any, ...]]] = {
    "mul": lambda a, b: (a * b * 0.5,),
    "add": lambda a, b: (a + b,),
    "tanh": lambda a, b: (a.tanh(),),
    "matmul": lambda a, b: (a @ b * 0.4,),
    "transpose": lambda a, b: (a.t(),),
    "row": lambda a, b: (a[1] + b,),
    "split": lambda a, b: tuple(each @ a.t() for each in b.split(2)),
    "halves": lambda a, b: (a @ b).split(2),
    "sort": lambda a, b: (a.sort(1).values,),
    "twice": lambda a, b: (a.unsqueeze(0)[0],),
    "constant": lambda a, b: (a.detach() * b,),
}


def build(lib: Any, program: list[tuple[str, int, int]], detached: set[int]) -> tuple[Any, list[Any], Any]:
    """Leaves, values and loss of a program; the values numbered in ``detached`` have no history."""
    random = np.random.default_rng(5)
    leaves = [lib.tensor(random.normal(size=(4, 4)), requires_grad=True) for _ in range(3)]
    values: list[Any] = []
    whole = list(leaves)
    for name, i, j in program:
        for made in OPERATIONS[name](whole[i % len(whole)], whole[j % len(whole)]):
            value = made.detach() if len(values) in detached else made
            values.append(value)
            whole.append(value if value.shape == (4, 4) else lib.cat([value, value]) * 0.5)
    return leaves, values, sum((each.sin().sum() for each in values), lib.zeros((), dtype=lib.float64))


programs = st.lists(
    st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 20), st.integers(0, 20)),
    min_size=1,
    max_size=10,
)


def gradients(leaves: list[Any], loss: Any) -> list[Any]:
    if loss.requires_grad:
        loss.backward()
    return [None if each.grad is None else each.grad.numpy() for each in leaves]


@given(programs, st.lists(st.integers(0, 30), max_size=5))
def test_a_random_graph_has_the_gradients_of_one_built_with_detach(program: Any, chosen: Any) -> None:
    leaves, values, loss = build(up, program, set())
    cut = list(dict.fromkeys(each % len(values) for each in chosen))
    for each in cut:
        sever(values[each])
    found = gradients(leaves, loss)
    expected = gradients(*build(up, program, set(cut))[::2])
    assert [g is None for g in found] == [g is None for g in expected]
    for ours, theirs in zip(found, expected, strict=True):
        if ours is not None:
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.oracle
@given(programs, st.lists(st.integers(0, 30), max_size=5))
def test_a_random_graph_agrees_with_pytorch_where_it_recomputes(program: Any, chosen: Any) -> None:
    leaves, values, loss = build(up, program, set())
    cut = list(dict.fromkeys(each % len(values) for each in chosen))
    for each in reversed(cut):
        sever(values[each])
    theirs = gradients(*build(torch, program, set(cut))[::2])
    for ours, expected in zip(gradients(leaves, loss), theirs, strict=True):
        assert (ours is None) == (expected is None)
        if ours is not None:
            np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)
