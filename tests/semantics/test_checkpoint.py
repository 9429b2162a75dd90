"""Checkpointing: the same gradients from less memory, and what is refused when the second run differs."""

from __future__ import annotations

import importlib
import itertools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

each_variant = pytest.mark.parametrize("reentrant", [False, True], ids=["kept", "reentrant"])


@pytest.fixture
def checkpoints(lib: Any) -> Any:
    """The module under test."""
    return importlib.import_module(f"{lib.__name__}.utils.checkpoint")


def leaf(lib: Any) -> Any:
    """[1, 2], which requires a gradient."""
    return lib.tensor([1.0, 2.0], dtype=lib.float64, requires_grad=True)


def changing(*runs: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function that does something else at each call, and the last from then on."""
    count = itertools.count()
    return lambda t: runs[min(next(count), len(runs) - 1)](t)


@each_variant
def test_gradients_are_those_without(lib: Any, observe: Any, checkpoints: Any, reentrant: bool) -> None:
    x, w = leaf(lib), lib.tensor([[1.0, -1.0], [2.0, 0.5]], dtype=lib.float64, requires_grad=True)
    runs: list[bool] = []

    def part(t: Any, factor: float, other: Any) -> Any:
        runs.append(lib.is_grad_enabled())
        return (w @ t).tanh() * factor, (t * t).exp() + other

    a, b = checkpoints.checkpoint(part, x, 3.0, lib.ones(2), use_reentrant=reentrant)
    assert a.requires_grad and len(runs) == 1
    (a * b).sum().backward()
    assert runs == [not reentrant, True]
    observe(a=a, b=b)
    observe.gradients(x=x.grad, w=w.grad)


@each_variant
def test_random_numbers_repeat(lib: Any, checkpoints: Any, reentrant: bool) -> None:
    x, drop = lib.ones(200, requires_grad=True), lib.nn.Dropout(0.5)
    y = checkpoints.checkpoint(lambda t: drop(t) * t, x, use_reentrant=reentrant)
    between = lib.get_rng_state()
    y.sum().backward()
    assert ((x.grad != 0) == (y != 0)).all() and 50 < int((y != 0).sum()) < 150
    assert (lib.get_rng_state() == between).all()


def test_nothing_is_run_again_without_need(lib: Any, checkpoints: Any) -> None:
    runs: list[str] = []

    def part(t: Any) -> Any:
        runs.append("begun")
        t = t.exp()
        runs.append("ended")
        return t

    with lib.no_grad():
        checkpoints.checkpoint(part, leaf(lib), use_reentrant=False)
    checkpoints.checkpoint(part, leaf(lib), use_reentrant=False)
    assert runs == ["begun", "ended"] * 2
    checkpoints.checkpoint(part, leaf(lib), use_reentrant=False).sum().backward()
    assert runs[4:] == ["begun", "ended", "begun"]
    with checkpoints.set_checkpoint_early_stop(False):
        checkpoints.checkpoint(part, leaf(lib), use_reentrant=False).sum().backward()
    assert runs[7:] == ["begun", "ended"] * 2


def test_parts_within_parts_and_derivatives_of_derivatives(lib: Any, observe: Any, checkpoints: Any) -> None:
    def outer(t: Any) -> Any:
        inner = checkpoints.checkpoint(lambda u: (u * u).exp(), t.sin(), use_reentrant=False)
        return inner.cos()

    x = leaf(lib)
    y = checkpoints.checkpoint(outer, x, use_reentrant=False)
    (first,) = lib.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = lib.autograd.grad(first.sum(), x)
    observe(found=[first.tolist(), second.tolist()])


@pytest.mark.parametrize("early_stop", [False, True])
@pytest.mark.parametrize("retain", [False, True])
def test_backward_inside(lib: Any, observe: Any, checkpoints: Any, early_stop: bool, retain: bool) -> None:
    def part(t: Any) -> Any:
        z = t.sin().cos()
        (g,) = lib.autograd.grad(z.sum(), t, retain_graph=retain)
        return (z if retain else t.cos()) * g

    x = leaf(lib)
    checkpoints.checkpoint(part, x, use_reentrant=False, early_stop=early_stop).sum().backward()
    observe.gradients(x=x.grad)


def test_twice_with_retain_graph(lib: Any, checkpoints: Any) -> None:
    x = leaf(lib)
    y = checkpoints.checkpoint(lambda t: t * t, x, use_reentrant=False).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [4.0, 8.0]
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()


def test_a_custom_function_inside(lib: Any, checkpoints: Any) -> None:
    class Square(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return 2 * ctx.saved_tensors[0] * grad

    x = leaf(lib)
    checkpoints.checkpoint(lambda t: Square.apply(t * 3), x, use_reentrant=False).sum().backward()
    assert x.grad.tolist() == [18.0, 36.0]


def test_contexts_around_both_runs(lib: Any, checkpoints: Any) -> None:
    order: list[str] = []

    @contextmanager
    def noted(name: str) -> Iterator[None]:
        order.append(name)
        yield

    x = leaf(lib)
    contexts = noted("first"), noted("second")
    y = checkpoints.checkpoint(lambda t: t.exp(), x, use_reentrant=False, context_fn=lambda: contexts)
    assert order == ["first"]
    y.sum().backward()
    assert order == ["first", "second"]


@each_variant
def test_a_sequence_in_segments(lib: Any, checkpoints: Any, reentrant: bool) -> None:
    layers = lib.nn.Sequential(*[lib.nn.Linear(3, 3) for _ in range(5)])
    x = lib.ones(2, 3, requires_grad=True)
    layers(x).sum().backward()
    expected = [x.grad.clone(), *[p.grad.clone() for p in layers.parameters()]]
    layers.zero_grad()
    x.grad = None
    y = checkpoints.checkpoint_sequential(layers, 2, x, use_reentrant=reentrant)
    y.sum().backward()
    for found, wanted in zip([x, *layers.parameters()], expected, strict=True):
        assert lib.allclose(found.grad, wanted)


def test_another_number_of_values(lib: Any, observe: Any, checkpoints: Any) -> None:
    part = changing(lambda t: t.exp(), lambda t: t + 1)
    with observe.raises(
        checkpoints.CheckpointError,
        "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
        "recomputation.\nNumber of tensors saved during forward: 1\nNumber of tensors saved during "
        "recomputation: 0.",
    ):
        checkpoints.checkpoint(part, leaf(lib), use_reentrant=False).sum().backward()
    part = changing(lambda t: t.exp(), lambda t: t.exp().exp())
    with observe.raises(
        checkpoints.CheckpointError,
        "torch.utils.checkpoint: trying to save more tensors during recomputation than during the original "
        "forward pass.",
    ):
        checkpoints.checkpoint(part, leaf(lib), use_reentrant=False, early_stop=False).sum().backward()


def test_other_metadata(lib: Any, observe: Any, checkpoints: Any) -> None:
    runs = (lambda t: t.exp(), lambda t: lib.stack([t, t]).exp()[0])
    with observe.raises(
        checkpoints.CheckpointError,
        "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than "
        "during the forward pass.\ntensor at position 0:\nsaved metadata: {'shape': torch.Size([2]), "
        "'dtype': torch.float64, 'device': device(type='cpu')}\nrecomputed metadata: {'shape': "
        "torch.Size([2, 2]), 'dtype': torch.float64, 'device': device(type='cpu')}",
    ):
        checkpoints.checkpoint(changing(*runs), leaf(lib), use_reentrant=False).sum().backward()
    x = leaf(lib)
    y = checkpoints.checkpoint(
        changing(lambda t: t.exp(), lambda t: lib.stack([t[0]] * 2).exp()),
        x, use_reentrant=False, determinism_check="none",
    )  # fmt: skip
    y.sum().backward()
    observe.gradients(x=x.grad)


def test_an_argument_written_in_between(lib: Any, observe: Any, checkpoints: Any) -> None:
    x = leaf(lib) * 2
    y = checkpoints.checkpoint(lambda t: t.exp(), x, use_reentrant=False)
    x.add_(1)
    with observe.raises(
        RuntimeError, "one of the variables needed for gradient computation has been modified by"
    ):
        y.sum().backward()


def test_reentry_refuses(lib: Any, observe: Any, checkpoints: Any) -> None:
    x = leaf(lib)
    with observe.raises(
        RuntimeError, "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad()"
    ):
        lib.autograd.grad(checkpoints.checkpoint(lambda t: t.exp(), x, use_reentrant=True).sum(), x)
    with observe.raises(
        RuntimeError, "none of output has requires_grad=True, this checkpoint() is not necessary"
    ):
        checkpoints.checkpoint(lambda t: t.detach(), x, use_reentrant=True).sum().backward()
    with observe.raises(ValueError, "Unexpected keyword arguments: factor"):
        checkpoints.checkpoint(lambda t: t, x, use_reentrant=True, factor=1)
    with observe.raises(
        ValueError, "Passing `context_fn` or `debug` is only supported when use_reentrant=False."
    ):
        checkpoints.checkpoint(lambda t: t, x, use_reentrant=True, debug=True)


def test_other_refusals(lib: Any, observe: Any, checkpoints: Any) -> None:
    x = leaf(lib)
    with observe.raises(ValueError, "determinism_check should be one of ['default', 'none'"):
        checkpoints.checkpoint(lambda t: t, x, use_reentrant=False, determinism_check="strict")
    with observe.raises(ValueError, "Unexpected keyword arguments: factor"):
        checkpoints.checkpoint_sequential([lib.exp], 1, x, use_reentrant=False, factor=1)
    contexts = nullcontext(), nullcontext()
    with (
        observe.raises(ValueError, "debug=True is incompatible with non-default context_fn"),
        checkpoints.set_checkpoint_debug_enabled(True),
    ):
        checkpoints.checkpoint(lambda t: t, x, use_reentrant=False, context_fn=lambda: contexts)


def test_warnings(lib: Any, observe: Any, checkpoints: Any) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        checkpoints.checkpoint(lambda t: t.exp(), lib.ones(2))
        checkpoints.checkpoint_sequential([lib.exp, lib.sin], 1, leaf(lib))
    observe(warned=[[w.category.__name__, str(w.message).partition("\n")[0]] for w in caught])


# -- beyond PyTorch ------------------------------------------------------------------------------------------


def test_other_values(up: Any) -> None:
    """PyTorch keeps the wrong gradient; here the operator and its line are named."""
    checkpoints = up.utils.checkpoint
    runs = (lambda t: t.exp(), lambda t: (t + 1).exp())
    with pytest.raises(checkpoints.CheckpointError) as raised:
        checkpoints.checkpoint(changing(*runs), leaf(up), use_reentrant=False).sum().backward()
    text = str(raised.value)
    assert "position 0: result of ExpBackward0, float64[2], at " in text and "test_checkpoint.py:" in text
    for check in ("none", "metadata"):
        x = leaf(up)
        y = checkpoints.checkpoint(changing(*runs), x, use_reentrant=False, determinism_check=check)
        y.sum().backward()
        assert up.allclose(x.grad, (x + 1).exp())


def test_a_step_in_between(up: Any) -> None:
    layer = up.nn.Linear(2, 2)
    optimizer = up.optim.SGD(layer.parameters(), lr=0.1)
    y = up.utils.checkpoint.checkpoint(lambda t: layer(t).exp(), up.ones(1, 2), use_reentrant=False).sum()
    y.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(up.utils.checkpoint.CheckpointError, match=r"call optimizer.step\(\) after backward"):
        y.backward()


def test_a_value_written_after_it_was_computed_again(up: Any) -> None:
    def part(t: Any) -> Any:
        u = t * 1
        made = u.sin()
        u.add_(1)
        return made

    y = up.utils.checkpoint.checkpoint(part, leaf(up), use_reentrant=False, early_stop=False)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_debug_lists_what_was_saved(up: Any) -> None:
    part = changing(lambda t: t.exp().sin(), lambda t: t.exp() + 1)
    for within in (up.utils.checkpoint.set_checkpoint_debug_enabled(True), nullcontext()):
        with within:
            y = up.utils.checkpoint.checkpoint(part, leaf(up), use_reentrant=False, debug=True)
        with pytest.raises(up.utils.checkpoint.CheckpointError) as raised:
            y.sum().backward()
        assert "saved during recomputation:\n    0: result of ExpBackward0" in str(raised.value)
        part = changing(lambda t: t.exp().sin(), lambda t: t.exp() + 1)


def test_the_memory_is_given_back(up: Any) -> None:
    """Nothing the part saved stays, before backward or after."""
    import weakref

    kept: list[Any] = []

    def part(t: Any) -> Any:
        made = t.exp()
        kept.append(weakref.ref(made._storage))
        return made.sin()

    x = leaf(up)
    y = up.utils.checkpoint.checkpoint(part, x, use_reentrant=False)
    assert kept[0]() is None
    y.sum().backward()
    assert kept[1]() is None and x.grad is not None
