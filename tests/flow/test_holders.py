"""Who keeps an object alive, by name."""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

import upriver as up
from tests.oracle import torch
from upriver.flow.holders import collection_name, cycles, holders

GLOBALS = f"{__name__} globals"
HISTORY: list[Any] = []
STATS: dict[str, list[Any]] = {"loss": []}


class Loss:
    """Stands for a tensor."""


class Trainer:
    """Has what a training program has."""

    best: Any = None

    def __init__(self) -> None:
        self.total: Any = None
        self.metrics: dict[str, list[Any]] = {"loss": []}

    def paths(self, value: Any) -> list[str]:
        """What holds ``value``, asked from a method."""
        return paths(value)


def paths(value: Any) -> list[str]:
    """The paths to a value but this function's and its fellows' own variables."""
    return [h.path for h in holders(value, 10) if h.path not in ("value", "loss")]


def fill(container: str) -> tuple[Any, Any, str]:
    """A container with one Loss in it, the Loss, and the path that leads to it."""
    loss = Loss()
    others = [Loss() for _ in range(3)]
    made: dict[str, tuple[Any, str]] = {
        "list": ([*others, loss], "held[3]"),
        "long list": ([0] * 5000 + [loss], "held[5000]"),
        "tuple": ((others, loss), "held[1]"),
        "dict": ({"a": 1, "loss": loss}, "held['loss']"),
        "int key": ({7: loss}, "held[7]"),
        "defaultdict": (defaultdict(list, {"x": [loss]}), "held['x'][0]"),
        "OrderedDict": (OrderedDict(x=loss), "held['x']"),
        "deque": (deque([*others, loss], maxlen=9), "held[3]"),
        "set": ({loss}, "held{...}"),
        "nested": ([{"k": ([loss],)}], "held[0]['k'][0][0]"),
        "namespace": (SimpleNamespace(total=loss), "held.total"),
        "partial": (functools.partial(print, loss), "held.args[0]"),
    }
    held, path = made[container]
    return held, loss, path


KINDS = [
    *("list", "long list", "tuple", "dict", "int key", "defaultdict", "OrderedDict", "deque", "set"),
    *("nested", "namespace", "partial"),
]


@pytest.mark.parametrize("container", KINDS)
def test_a_container_in_a_local_variable(container: str) -> None:
    held, loss, path = fill(container)
    found = [h for h in holders(loss, 10) if h.path == path]
    assert [h.scope for h in found] == ["test_a_container_in_a_local_variable() locals"]
    assert held is not None


def test_the_kind_is_of_what_holds_the_object_itself() -> None:
    kinds = {"list": "list", "dict": "dict", "deque": "deque", "nested": "list", "namespace": "attribute"}
    for container, kind in kinds.items():
        held, loss, path = fill(container)
        assert [h.container_kind for h in holders(loss, 10) if h.path == path] == [kind]
        del held


def test_a_variable_and_a_global_list() -> None:
    loss = Loss()
    HISTORY[:] = [Loss(), loss]
    found = holders(loss)
    assert [(h.path, h.container_kind, h.scope) for h in found] == [
        ("loss", "variable", "test_a_variable_and_a_global_list() locals"),
        ("HISTORY[1]", "list", GLOBALS),
    ]
    HISTORY.clear()


def test_attributes_of_self_from_inside_and_outside() -> None:
    trainer = Trainer()
    trainer.total = Loss()
    trainer.metrics["loss"] += [Loss(), Loss()]
    assert trainer.paths(trainer.total) == ["self.total", "trainer.total"]
    assert paths(trainer.metrics["loss"][1]) == ["trainer.metrics['loss'][1]"]


def test_an_attribute_of_a_class() -> None:
    Trainer.best = Loss()
    assert paths(Trainer.best) == ["Trainer.best"]
    Trainer.best = None


def test_dataclasses_with_and_without_slots() -> None:
    @dataclass
    class Plain:
        losses: list[Any] = field(default_factory=list)

    @dataclass(slots=True)
    class Slotted:
        loss: Any

    plain, slotted = Plain([Loss()]), Slotted(Loss())
    assert paths(plain.losses[0]) == ["plain.losses[0]"]
    assert paths(slotted.loss) == ["slotted.loss"]


def make_logger() -> tuple[Any, Any]:
    """A function that keeps what it is given, and one that has a default."""
    log: list[Any] = []

    def record(value: Any) -> None:
        log.append(value)

    return record, lambda extra=Loss(): extra  # noqa: B008


def test_closures_and_defaults() -> None:
    record, other = make_logger()
    record(Loss())
    log = record.__closure__[0].cell_contents
    assert paths(log[0]) == ["log[0]", "closure record.log[0]"]
    assert other.__name__ + ".__defaults__[0]" in paths(other.__defaults__[0])


def test_a_closure_variable_itself() -> None:
    def make() -> Any:
        loss = Loss()
        return lambda: loss

    f = make()
    assert [(h.path, h.container_kind) for h in holders(f(), 10)] == [("closure <lambda>.loss", "closure")]


def test_a_bound_method() -> None:
    callbacks: list[Any] = [Trainer().paths]
    assert paths(callbacks[0].__self__) == ["callbacks[0].__self__"]


def test_a_suspended_generator() -> None:
    def batches() -> Any:
        seen = [Loss()]
        yield seen
        yield seen

    generator = batches()
    found = holders(next(generator)[0])
    assert ("seen[0]", "generator test_a_suspended_generator.batches()") in {(h.path, h.scope) for h in found}


def test_a_frame_that_a_traceback_keeps() -> None:
    def fails() -> None:
        value = Loss()
        raise ValueError(value)

    try:
        fails()
    except ValueError as error:
        kept = error
    scopes = {h.scope for h in holders(kept.args[0], 10) if h.path == "value"}
    assert "test_a_frame_that_a_traceback_keeps.fails() locals, kept by a traceback" in scopes


def test_nobody_holds_what_only_the_call_holds() -> None:
    assert holders(Loss()) == []


def test_ignored_containers_are_passed_by() -> None:
    mine, theirs = [Loss()], []
    theirs.append(mine[0])
    assert paths(mine[0]) == ["mine[0]", "theirs[0]"]
    assert [h.path for h in holders(mine[0], ignore=[mine])] == ["theirs[0]"]


def test_limit_and_depth() -> None:
    loss = Loss()
    a, b, deep = [loss], [loss], [[[[loss]]]]
    assert len(holders(loss, limit=2)) == 2
    assert [h.path for h in holders(loss, 9, depth=3)] == ["loss", "a[0]", "b[0]"]
    assert [h.path for h in holders(loss, 9, depth=4)] == ["loss", "a[0]", "b[0]", "deep[0][0][0][0]"]
    assert a and b and deep


def test_looking_keeps_nothing_alive() -> None:
    import weakref

    loss = Loss()
    held = [loss]
    alive = weakref.ref(loss)
    assert holders(loss)
    del loss
    held.clear()
    assert alive() is None


@pytest.mark.parametrize(
    ("path", "collection"),
    [
        ("history[3]", "history"),
        ("history[3]['loss']", "history"),
        ("history[3][0]", "history"),
        ("nets[0].losses[12]", "nets[0].losses"),
        ("trainer.metrics['loss'][12]", "trainer.metrics['loss']"),
        ("d['a[3]']", "d"),
        ("d[(1, 2)]", "d"),
        ("seen{...}", "seen"),
        ("self.total", "self.total"),
        ("total", "total"),
    ],
)
def test_collection_name(path: str, collection: str) -> None:
    assert collection_name(path) == collection


# -- tensors -------------------------------------------------------------------------------------------------


def test_tensors_of_both_libraries(lib: Any) -> None:
    w = lib.ones(2, requires_grad=True)
    history = [(w * i).sum() for i in range(3)]
    total = SimpleNamespace(loss=history[2])
    assert paths(history[2]) == ["history[2]", "total.loss"]
    assert total


def test_parameters_by_the_path_a_user_writes(lib: Any) -> None:
    net = lib.nn.Sequential(lib.nn.Linear(2, 1))
    net.register_buffer("mean", lib.ones(1))
    assert paths(net[0].weight) == ["net[0].weight"]
    assert paths(net.mean) == ["net.mean"]
    deep = lib.nn.Sequential(lib.nn.Sequential(lib.nn.Sequential(lib.nn.Linear(2, 1))))
    assert paths(deep[0][0][0].weight) == ["deep[0][0][0].weight"]
    assert [h.container_kind for h in holders(deep[0][0][0].weight)] == ["attribute"]


def test_a_graph_of_upriver_holds_its_leaf() -> None:
    losses = [(up.ones(2, requires_grad=True) * 2).sum()]
    leaf = losses[0].grad_fn.next_functions[0][0].next_functions[0][0].variable
    assert [(h.path, h.container_kind) for h in holders(leaf, 9, depth=9) if h.path != "leaf"] == [
        ("graph of losses[0]", "graph")
    ]


# -- cycles --------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:Using backward")
def test_the_cycle_of_create_graph(lib: Any) -> None:
    w = lib.ones(2, requires_grad=True)
    (w.tanh()).sum().backward(create_graph=True)
    first, *_ = cycles(w)
    assert first[:2] == ["w", "w.grad"] and first[-1] == "w"
    assert first[2:-1] and all("Backward" in each for each in first[2:-1])


def test_no_cycle(lib: Any) -> None:
    w = lib.ones(2, requires_grad=True)
    y = (w * 2).sum()
    y.backward()
    assert cycles(w) == [] and cycles(y) == []


def test_a_hook_that_closes_over_its_tensor(lib: Any) -> None:
    w = lib.ones(2, requires_grad=True)

    def show(gradient: Any) -> None:
        print(w.shape, gradient)

    w.register_hook(show)
    assert cycles(w) == [["w", "hook show", "closure show.w", "w"]]


def test_a_hook_on_a_result(lib: Any) -> None:
    y = lib.ones(2, requires_grad=True) * 2
    y.register_hook(lambda gradient: print(y, gradient))
    assert cycles(y, name="y")[0][-2:] == ["closure <lambda>.y", "y"]


def test_a_context_that_keeps_its_output(lib: Any) -> None:
    class Square(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.box = x.new_zeros(1) if hasattr(x, "new_zeros") else None
            return x * x

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return gradient

    y = Square.apply(lib.ones(2, requires_grad=True))
    context = getattr(y.grad_fn, "context", y.grad_fn)
    context.result = y
    assert cycles(y) == [["y", "SquareBackward", "SquareBackward.result", "y"]]


def test_a_module_in_its_own_hook(lib: Any) -> None:
    net = lib.nn.Linear(2, 1)
    net.register_forward_hook(lambda *_: print(net))
    found = cycles(net, name="net")
    assert ["net", found[0][1], "closure <lambda>.net", "net"] == found[0]
    assert found[0][1].startswith("net._forward_hooks[")


def test_objects_that_name_each_other() -> None:
    parent, child = Trainer(), Trainer()
    parent.total, child.total = child, parent
    assert cycles(parent, name="parent") == [["parent", "parent.total", "parent.total.total", "parent"]]


def test_a_long_cycle_is_shortened() -> None:
    first = last = Trainer()
    for _ in range(20):
        last.total = Trainer()
        last = last.total
    last.total = first
    (cycle,) = cycles(first, name="first")
    assert len(cycle) == 8 and cycle[4] == "... 16 more"


@pytest.mark.oracle
def test_reading_pytorch_runs_no_operation() -> None:
    assert torch is not None
    calls = []

    class Watch(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            calls.append(function)
            return function(*args, **(kwargs or {}))

    history = [torch.ones(2)]
    with Watch():
        assert holders(history[0])
    assert calls == []
    assert "torch" in sys.modules
