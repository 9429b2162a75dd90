"""Listening to the engine: what is heard, by whom, at what cost, and that nothing is left of it."""

from __future__ import annotations

import gc
import threading
import timeit
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import upriver as up
import upriver.nn.functional as F
from upriver import nn, relu
from upriver.autograd.events import Heard, Listening, silence
from upriver.autograd.modes import UNUSUAL, state
from upriver.flow.calls import calls
from upriver.flow.engine import EngineRecorder
from upriver.flow.sites import Sites
from upriver.ops.recorder import recorder
from upriver.ops.registry import Kind, Operator
from upriver.tensor import Tensor

MOST = 6.0  # times a bare step that a recorded one may cost here; see `test_what_recording_costs`


class Listens:
    """A listener that keeps the names."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def called(self, name: str, run: Any, args: Any, kwargs: Any, frame: Any) -> Any:
        self.names.append(name)
        return run(*args, **kwargs)


@contextmanager
def listening() -> Iterator[list[str]]:
    """The names that are heard meanwhile."""
    listener = Listens()
    with Listening(listener, calls()):
        yield listener.names


@contextmanager
def recording() -> Iterator[EngineRecorder]:
    """A recorder at work."""
    made = EngineRecorder(Sites(scripts=[__file__]))
    made.start()
    try:
        yield made
    finally:
        made.stop()


# -- off -----------------------------------------------------------------------------------------------------


def snapshot() -> dict[Any, tuple[Any, ...]]:
    """All that listening exchanges, and all that is bound to Tensor."""
    functions = [each.function for each in calls()]
    kept: dict[Any, tuple[Any, ...]] = {name: (value,) for name, value in vars(Tensor).items()}
    return kept | {f: (f.__code__, f.__defaults__, dict(f.__kwdefaults__ or {})) for f in functions}


def test_stop_puts_everything_back() -> None:
    before = snapshot()
    with recording():
        pass
    after = snapshot()
    assert after.keys() == before.keys()
    assert all(a is b or a == b for key in before for a, b in zip(after[key], before[key], strict=True))
    assert state.listeners == ()
    assert threading.get_ident() not in UNUSUAL


def test_only_code_is_exchanged_meanwhile() -> None:
    bound, functions = dict(vars(Tensor)), [each.function for each in calls()]
    plain = [function.__code__ for function in functions]
    with listening():
        assert dict(vars(Tensor)) == bound
        assert all(f.__code__ is not code for f, code in zip(functions, plain, strict=True))
    assert all(f.__code__ is code for f, code in zip(functions, plain, strict=True))


def test_each_function_is_listed_once() -> None:
    listed = [each.function for each in calls()]
    assert len(set(listed)) == len(listed)
    assert all(isinstance(each, FunctionType) for each in listed)


def test_every_public_operator_is_heard() -> None:
    listed = {each.function for each in calls()}
    asks = {
        "is_tensor", "is_complex", "is_conj", "is_floating_point", "is_inference", "is_neg", "is_nonzero",
        "is_same_size", "is_signed", "numel", "result_type", "broadcast_shapes", "set_printoptions",
    }  # fmt: skip
    for module in (up, F):
        unheard = {
            name for name, value in vars(module).items()
            if isinstance(value, FunctionType) and value.__module__.startswith(("upriver.ops", "upriver.nn"))
            and value not in listed and value.__module__ != "upriver.ops.generator"
        }  # fmt: skip
        assert unheard <= asks


# -- routes --------------------------------------------------------------------------------------------------


def x() -> Tensor:
    """A leaf."""
    return up.tensor([1.0, 2.0], requires_grad=True)


def computed() -> Tensor:
    """No leaf."""
    return x() * 2


def set_requires_grad() -> None:
    up.ones(1).requires_grad = True


def set_item() -> None:
    t = up.zeros(2)
    t[0] = 1.0


def in_place_operator() -> None:
    t = up.zeros(2)
    t += 1


def delete_grad() -> None:
    t = x()
    t.grad = up.ones(2)
    del t.grad


def set_data() -> None:
    t = x()
    t.data = up.zeros(2)


ROUTES: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "function": (lambda: up.exp(x()), ["tensor", "exp"]),
    "method": (lambda: x().exp(), ["tensor", "exp"]),
    "imported by name": (lambda: relu(x()), ["tensor", "relu"]),
    "an alias": (lambda: up.special.expit(x()), ["tensor", "sigmoid"]),
    "operator": (lambda: x() - 1, ["tensor", "sub"]),
    "reflected operator": (lambda: 1 - x(), ["tensor", "__rsub__"]),
    "comparison": (lambda: x() == 1, ["tensor", "eq"]),
    "indexing": (lambda: x()[0], ["tensor", "__getitem__"]),
    "writing at an index": (set_item, ["zeros", "__setitem__"]),
    "in place": (lambda: up.zeros(2).add_(1), ["zeros", "add_"]),
    "operator in place": (in_place_operator, ["zeros", "add_"]),
    "out=": (lambda: up.exp(up.ones(2), out=up.zeros(2)), ["ones", "zeros", "exp"]),
    "several results": (lambda: x().max(0), ["tensor", "max"]),
    "iteration": (lambda: list(x()), ["tensor", "unbind"]),
    "nn.functional": (lambda: F.gelu(x()), ["tensor", "gelu"]),
    "linalg": (lambda: up.linalg.det(up.eye(2)), ["eye", "det"]),
    "property that computes": (lambda: up.eye(2).T, ["eye", "T"]),
    "detach": (lambda: x().detach(), ["tensor", "detach"]),
    "data": (lambda: x().data, ["tensor", "get data"]),
    "data set": (set_data, ["tensor", "zeros", "set data"]),
    "grad": (lambda: x().grad, ["tensor", "get grad"]),
    "grad set and deleted": (delete_grad, ["tensor", "ones", "set grad", "set grad"]),
    "requires_grad set": (set_requires_grad, ["ones", "set requires_grad"]),
    "item": (lambda: x().sum().item(), ["tensor", "sum", "item"]),
    "float": (lambda: float(up.ones(())), ["ones", "__float__"]),
    "numpy": (lambda: np.asarray(up.ones(2)), ["ones", "__array__"]),
    "from_numpy": (lambda: up.from_numpy(np.ones(2)), ["from_numpy"]),
    "Parameter": (lambda: nn.Parameter(up.ones(2)), ["ones", "Parameter"]),
    "backward": (lambda: x().sum().backward(), ["tensor", "sum", "backward"]),
    "text": (lambda: repr(up.ones(2)), ["ones", "__repr__"]),
    "a format": (lambda: f"{up.ones(()):.2f}", ["ones", "__format__"]),
}


@pytest.mark.parametrize("route", ROUTES)
def test_a_call_is_heard_through_every_route(route: str) -> None:
    run, expected = ROUTES[route]
    with listening() as names:
        run()
    assert names == expected
    del names[:]
    run()
    assert names == []


def test_a_composite_is_one_call() -> None:
    logits, classes = up.randn(3, 4), up.tensor([0, 1, 2])
    with listening() as names:
        F.cross_entropy(logits, classes)
        F.scaled_dot_product_attention(logits[None], logits[None], logits[None])
    assert names == ["cross_entropy", *["__getitem__"] * 3, "scaled_dot_product_attention"]


def test_modules_and_steps_are_transparent() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    optimizer = up.optim.SGD(model.parameters(), lr=0.1)
    given = up.ones(1, 2)
    with listening() as names:
        model(given)
    assert [name for name in names if name != "Module.__call__"] == ["linear", "relu"]
    loss = model(given).sum()
    with listening() as names:
        loss.backward()
        optimizer.step()
    assert names[:2] == ["backward", "step"]
    assert names.count("written") == 2


def test_switches_are_heard() -> None:
    with listening() as names:
        with up.no_grad():
            up.ones(1)
        up.set_grad_enabled(True)
    assert names == ["set_grad_enabled", "ones", "set_grad_enabled", "set_grad_enabled"]


def test_calls_under_no_grad_and_in_inference_mode_are_heard() -> None:
    t = x()
    with listening() as names, up.inference_mode():
        t.exp()
    assert names == ["exp"]


def test_a_user_function_is_one_call() -> None:
    class Double(up.autograd.Function):
        @staticmethod
        def forward(ctx: Any, t: Tensor) -> Tensor:
            return t * 2

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> Tensor:
            return g * 2

    with listening() as names:
        Double.apply(up.ones(2))
    assert names == ["ones", "apply"]


# -- whatever happens ----------------------------------------------------------------------------------------


def test_exceptions_pass_and_hearing_goes_on() -> None:
    with listening() as names:
        with pytest.raises(RuntimeError, match="The size of tensor a"):
            up.ones(2) + up.ones(3)
        up.exp(up.ones(1))
    assert names == ["ones", "ones", "add", "ones", "exp"]
    assert state.listeners == ()


def test_an_error_in_the_listener_passes() -> None:
    class Refuses:
        def called(self, name: str, run: Any, args: Any, kwargs: Any, frame: Any) -> Any:
            raise KeyError(name)

    t = up.ones(1)
    with Listening(Refuses(), calls()), pytest.raises(KeyError, match="exp"):
        t.exp()
    assert t.exp().shape == (1,)


def test_a_listener_does_not_hear_itself() -> None:
    class Computes(Listens):
        def called(self, name: str, run: Any, args: Any, kwargs: Any, frame: Any) -> Any:
            up.ones(2).exp()
            return super().called(name, run, args, kwargs, frame)

    listener = Computes()
    with Listening(listener, calls()):
        up.zeros(2)
        with silence():
            up.zeros(2)
    assert listener.names == ["zeros"]


def test_listeners_nest() -> None:
    outer, inner = Listens(), Listens()
    model = nn.Linear(2, 1)
    with Listening(outer, calls()):
        with Listening(inner, calls()):
            model(up.ones(2))
        up.zeros(1)
    assert inner.names == ["ones", "Module.__call__", "linear"]
    assert outer.names == [*inner.names, "zeros"]


def test_a_listener_may_stop_inside_a_call() -> None:
    listener = Listens()
    at_work = Listening(listener, calls())

    class Stops(nn.Module):
        def forward(self, t: Tensor) -> Tensor:
            at_work.stop()
            return t * 2

    model, t = Stops(), up.ones(1)
    at_work.start()
    model(t).exp()
    assert listener.names == ["Module.__call__"]
    assert state.listeners == ()
    with Listening(Listens(), calls()):
        t.exp()
    assert listener.names == ["Module.__call__"]


def test_starting_twice_is_refused() -> None:
    at_work = Listening(Listens(), [])
    with at_work, pytest.raises(RuntimeError, match="listening already"):
        at_work.start()
    at_work.stop()


def test_other_threads_pass_through() -> None:
    heard: list[str] = []

    def elsewhere() -> None:
        t = x()
        (t * 2).sum().backward()
        with listening() as names:
            t.exp()
        heard.extend(names)

    with listening() as names:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        up.ones(1)
    assert names == ["ones"]
    assert heard == ["exp"]


def halved(xp: Any, input: Array) -> Array:  # type: ignore[name-defined]  # noqa: F821 - annotations are text
    """Half of it."""
    return xp.divide(input, 2.0)


def test_an_operator_first_called_while_listening_is_heard_and_specialised() -> None:
    function = recorder(Operator(Kind.ELEMENTWISE, halved, {}, floating=True))
    stub, listener = function.__code__, Listens()
    with Listening(listener, [Heard(function, "halved")]):
        assert function(up.ones(2)).tolist() == [0.5, 0.5]
        assert function(up.ones(2)).tolist() == [0.5, 0.5]
    assert listener.names == ["halved", "halved"]
    assert function.__code__ is not stub
    assert function.__code__.co_filename == "<upriver halved>"
    assert function.__globals__["itself"] is function
    assert function(up.ones(2), out=up.zeros(2)).tolist() == [0.5, 0.5]


# -- what is kept, what it costs -----------------------------------------------------------------------------


def test_recording_keeps_no_tensor_and_no_graph_alive() -> None:
    gc.collect()
    gc.disable()
    try:
        with recording():
            model = nn.Linear(3, 2)
            given = up.ones(4, 3)
            hidden = model(given).tanh()
            loss = (hidden * 2).sum() + hidden.detach().sum()
            number = loss.item()
            array = hidden.detach().numpy()
            made = [hidden, loss, hidden.grad_fn, loss.grad_fn, given, *model.parameters()]
            alive = [weakref.ref(each) for each in made]
            loss.backward()
            del model, given, hidden, loss, made
            assert [each() for each in alive] == [None] * len(alive)
            assert number > -100
            assert array.shape == (4, 2)
    finally:
        gc.enable()


def test_recording_leaves_nodes_as_quick_for_backward() -> None:
    with recording() as made:
        loss = (x() * 2).sum()
        assert loss.grad_fn is not None
        assert made.tracker.value_of(loss).operator == "sum"
    assert loss.grad_fn.plain
    assert loss.grad_fn.next_functions[0][0].plain


def test_results_are_the_same() -> None:
    def step() -> Any:
        up.manual_seed(3)
        model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 1))
        optimizer = up.optim.Adam(model.parameters(), lr=0.1)

        def one() -> float:
            loss = F.mse_loss(model(up.randn(5, 4)), up.zeros(5, 1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss.item()

        return [one() for _ in range(3)]

    bare = step()
    with recording() as made:
        assert step() == bare
    assert all(leaf.grads == 3 for leaf in made.tracker.leaves if leaf.parameter)


def step_of(size: int) -> Callable[[], Any]:
    """One step of a small network."""
    model = nn.Sequential(
        nn.Linear(size, size), nn.ReLU(), nn.Linear(size, size), nn.Tanh(), nn.Linear(size, 1)
    )
    optimizer = up.optim.SGD(model.parameters(), lr=0.01)
    given, wanted = up.randn(size, size), up.randn(size, 1)

    def step() -> None:
        optimizer.zero_grad()
        F.mse_loss(model(given), wanted).backward()
        optimizer.step()

    return step


def test_what_recording_costs() -> None:
    """A guard against a slip, not a measurement: the ratio is printed, and the bound is generous."""

    def best(step: Callable[[], Any]) -> float:
        timeit.timeit(step, number=20)
        return min(timeit.repeat(step, number=50, repeat=5))

    bare = best(step_of(64))
    with recording():
        recorded = best(step_of(64))
    print(f"recorded / bare: {recorded / bare:.2f}")
    assert recorded / bare < MOST
