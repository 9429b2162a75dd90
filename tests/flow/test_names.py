"""The names that users know their tensors by."""

from __future__ import annotations

import copy
import gc
import sys
import weakref
from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import upriver as up
from tests.oracle import torch
from upriver.flow.names import Names, inside, is_module

WEIGHTS: Any = None


def make_net(lib: Any) -> Any:
    """A network with layers, a buffer and a tied weight."""

    class Encoder(lib.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = lib.nn.ModuleList([lib.nn.Linear(2, 2) for _ in range(2)])
            self.tied = self.layers[0]
            self.scale = lib.nn.Parameter(lib.ones(1))
            self.register_buffer("mean", lib.zeros(1))

        def forward(self, x: Any) -> Any:
            return Names().find_modules(sys._getframe())

    return lib.nn.Sequential(Encoder(), lib.nn.Linear(2, 1))


# -- parameters ----------------------------------------------------------------------------------------------


def test_one_network_has_the_paths_of_state_dict(lib: Any) -> None:
    net, names = make_net(lib), Names()
    names.learn_module("net", net)
    for path, parameter in net.named_parameters():
        assert names.of(parameter) == path
    assert names.of(net[0].mean) == "0.mean"
    assert names.of(net[0].tied.weight) == "0.layers.0.weight"
    assert (names.of_module(net[0].layers[1]), names.of_module(net)) == ("0.layers.1", "")
    assert names.of(lib.ones(1)) is None


def test_several_networks_have_their_variables_before(lib: Any) -> None:
    generator, critic, names = make_net(lib), make_net(lib), Names()
    names.learn_module("generator", generator)
    names.learn_module("critic", critic)
    assert names.of(generator[1].bias) == "generator.1.bias"
    assert names.of(critic[0].scale) == "critic.0.scale"
    assert names.of_module(critic) == "critic"


def test_a_network_without_modules_inside_has_its_variable_before(lib: Any) -> None:
    lin, names = lib.nn.Linear(2, 1), Names()
    names.learn_module("lin", lin)
    assert names.of(lin.weight) == "lin.weight"


def test_a_loss_without_parameters_makes_no_second_network(lib: Any) -> None:
    net, loss, names = make_net(lib), lib.nn.CrossEntropyLoss(weight=lib.ones(2)), Names()
    names.learn_module("net", net)
    names.learn_module("loss", loss)
    assert names.of(net[1].weight) == "1.weight"
    assert names.of(loss.weight) == "loss.weight"


def test_a_part_learned_first_gives_way_to_the_whole(lib: Any) -> None:
    net, names = make_net(lib), Names()
    names.learn_module("encoder", net[0])
    names.learn_module("net", net)
    names.learn_module("head", net[1])
    assert names.of(net[0].scale) == "0.scale" and names.of(net[1].bias) == "1.bias"


def test_a_parameter_shared_by_two_networks_keeps_its_first_name(lib: Any) -> None:
    first, second, names = make_net(lib), make_net(lib), Names()
    second[1].weight = first[1].weight
    names.learn_module("first", first)
    names.learn_module("second", second)
    assert names.of(second[1].weight) == "first.1.weight" and names.of(second[1].bias) == "second.1.bias"


def test_a_replaced_parameter_is_learned_again(lib: Any) -> None:
    net, names = make_net(lib), Names()
    names.learn_module("net", net)
    old = net[1].bias
    net[1].bias = lib.nn.Parameter(lib.ones(1))
    names.learn_module("net", net)
    assert names.of(net[1].bias) == "1.bias" and names.of(old) is None


def test_networks_that_are_gone_no_longer_count(lib: Any) -> None:
    names = Names()
    for _ in range(3):
        net = make_net(lib)
        names.learn_module("net", net)
    other = make_net(lib)
    names.learn_module("other", other)
    assert names.of(net[1].bias) == "net.1.bias"
    alive = weakref.ref(other)
    del other
    gc.collect()
    assert alive() is None
    assert names.of(net[1].bias) == "1.bias"


# -- networks ------------------------------------------------------------------------------------------------


class Program:
    """Holds networks as an attribute, in a list and in a dict."""

    def __init__(self, lib: Any) -> None:
        self.net = make_net(lib)
        self.loss = lib.nn.MSELoss()

    def find(self) -> list[str]:
        """The names of the networks, from a method."""
        return [name for name, _ in Names().find_modules(sys._getframe())]


def found() -> list[str]:
    """The names of the networks that the caller can name."""
    return [name for name, _ in Names().find_modules(sys._getframe(1))]


def test_networks_are_found_by_their_variables(lib: Any) -> None:
    net = make_net(lib)
    head, again = net[1], net
    assert found() == ["net"]
    assert head is not None and again is not None


def test_a_network_is_not_called_self(lib: Any) -> None:
    net = make_net(lib)
    pairs = net[0](lib.ones(2))
    assert [name for name, _ in pairs] == ["net"] and pairs[0][1] is net


def test_a_network_that_nobody_names_is_called_self(lib: Any) -> None:
    names = [name for name, _ in make_net(lib)[0](lib.ones(2))]
    assert names == ["self"]


def test_networks_in_objects_and_collections(lib: Any) -> None:
    program = Program(lib)
    assert found() == ["program.net"]
    assert program.find() == ["program.net"]
    nets = {"G": make_net(lib), "D": make_net(lib)}
    pair = [lib.nn.Linear(1, 1)]
    assert found() == ["program.net", "nets['G']", "nets['D']", "pair[0]"]
    assert nets and pair


def test_classes_are_no_networks(lib: Any) -> None:
    assert is_module(lib.nn.Linear(1, 1)) and not is_module(lib.nn.Linear) and not is_module(lib)


# -- variables -----------------------------------------------------------------------------------------------


class Point(NamedTuple):
    """Has names for its elements."""

    x: Any
    y: Any


@dataclass(slots=True)
class Slotted:
    """Has no ``__dict__``."""

    state: Any
    unset: Any = None


def name(value: Any) -> str | None:
    """What the caller calls a value."""
    return Names().of(value, sys._getframe(1))


def test_variables(lib: Any) -> None:
    global WEIGHTS
    x = lib.ones(2)
    WEIGHTS = lib.ones(2)
    assert name(x) == "x" and name(WEIGHTS) == "WEIGHTS" and name(lib.ones(2)) is None
    local = WEIGHTS
    assert name(WEIGHTS) == "local" and local is not None
    WEIGHTS = None


def test_one_level_down(lib: Any) -> None:
    xs, d, q = [lib.ones(1), lib.ones(1)], {"k": lib.ones(1), 3: lib.ones(1)}, deque([lib.ones(1)])
    p, s = Point(lib.ones(1), lib.ones(1)), Slotted(lib.ones(1))
    del s.unset
    assert (name(xs[1]), name(d["k"]), name(d[3]), name(q[0])) == ("xs[1]", "d['k']", "d[3]", "q[0]")
    assert (name(p.y), name(s.state)) == ("p.y", "s.state")


def test_the_callers_variables_and_attributes_of_self(lib: Any) -> None:
    class Cell:
        def __init__(self) -> None:
            self.hidden = lib.ones(1)

        def step(self, values: Any) -> list[str | None]:
            return [name(self.hidden), name(values), name(outer)]

    outer, given = lib.ones(1), lib.ones(1)
    assert Cell().step(given) == ["self.hidden", "values", "outer"]


def test_arrays_have_names_too() -> None:
    array = np.ones(2)
    arrays = [array[1:]]
    assert name(array) == "array" and name(arrays[0]) == "arrays[0]"


def test_a_parameter_is_called_by_its_path_first(lib: Any) -> None:
    net, names = make_net(lib), Names()
    weight = net[1].weight
    names.learn_module("net", net)
    assert names.of(weight, sys._getframe()) == "1.weight" and name(weight) == "weight"


def test_keys_are_written_as_in_the_program() -> None:
    keys: list[Any] = [1, "a", (1, "b"), None, object(), "x" * 99]
    texts = [suffix for suffix, _ in inside(dict.fromkeys(keys))]
    assert texts[:5] == ["[1]", "['a']", "[(1, 'b')]", "[None]", "[object]"] and len(texts[5]) == 42


# -- what it costs the program -------------------------------------------------------------------------------


def test_nothing_is_kept_alive(lib: Any) -> None:
    names = Names()
    net, x = make_net(lib), lib.ones(1)
    names.learn_module("net", net)
    assert names.find_modules(sys._getframe()) and names.of(x, sys._getframe()) == "x"
    alive = [weakref.ref(each) for each in (net, net[0].scale, x)]
    del net, x
    gc.collect()
    assert [each() for each in alive] == [None] * 3


def test_an_id_used_again_is_not_taken_for_the_old_one() -> None:
    names = Names()
    net = up.nn.Linear(1, 1)
    names.learn_module("net", net)
    entry = names._paths[id(net.weight)]
    other = up.ones(1)
    names._paths[id(other)] = entry
    assert names.of(other) is None


@pytest.mark.oracle
def test_looking_runs_no_operation_of_pytorch() -> None:
    assert torch is not None
    calls = []

    class Watch(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            calls.append(function)
            return function(*args, **(kwargs or {}))

    net, xs, names = copy.deepcopy(make_net(torch)), [torch.ones(2)], Names()
    with Watch():
        names.learn_module("net", net)
        assert names.of(xs[0], sys._getframe()) == "xs[0]"
        assert [n for n, _ in names.find_modules(sys._getframe())] == ["net"]
    assert calls == []
