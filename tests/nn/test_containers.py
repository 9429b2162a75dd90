"""Lists, dictionaries and sequences of modules and parameters. The assertions hold for PyTorch too."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest


def names(module: Any) -> list[str]:
    return [name for name, _ in module.named_children()]


def test_sequential_is_a_sequence(lib: Any) -> None:
    nn = lib.nn
    a, b, c = nn.ReLU(), nn.Tanh(), nn.Sigmoid()
    net = nn.Sequential(a, b)
    assert net.append(c) is net and list(net) == [a, b, c] and len(net) == 3
    assert net[-1] is c and list(net[1:]) == [b, c] and isinstance(net[1:], nn.Sequential)
    net[0] = c
    del net[1]
    assert list(net) == [c, c] and "1" in net._modules
    net.insert(0, a)
    assert net.pop(1) is c and list(net) == [a, c]
    assert list(net + nn.Sequential(b)) == [a, c, b] and len(net * 2) == 4
    net += nn.Sequential(b)
    net *= 2
    assert len(net) == 6
    assert net(lib.tensor([-1.0])).shape == (1,)


def test_sequential_of_names(lib: Any) -> None:
    net = lib.nn.Sequential(OrderedDict(first=lib.nn.ReLU(), second=lib.nn.Tanh()))
    assert names(net) == ["first", "second"] and net[1] is net.second
    assert names(net[:1]) == ["first"]


def test_sequential_misuse(lib: Any) -> None:
    net = lib.nn.Sequential(lib.nn.ReLU())
    with pytest.raises(IndexError, match="index 3 is out of range"):
        net[3]
    with pytest.raises(TypeError, match="int is not a Module subclass"):
        lib.nn.Sequential(3)
    with pytest.raises(ValueError, match="add operator supports only objects of Sequential class"):
        net + 3
    with pytest.raises(ValueError, match="Non-positive multiplication factor 0"):
        net * 0


def test_module_list(lib: Any) -> None:
    nn = lib.nn
    a, b = nn.Linear(2, 3), nn.ReLU()
    modules = nn.ModuleList([a, b])
    assert list(modules[::-1]) == [b, a] and list(modules.__add__([a])) == [a, b, a]
    modules.extend([b]).insert(1, b)
    assert list(modules) == [a, b, b, b] and names(modules) == ["0", "1"]
    assert repr(modules) == (
        "ModuleList(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1-3): 3 x ReLU()\n)"
    )
    del modules[1:3]
    assert list(modules) == [a, b] and modules.pop(-1) is b
    with pytest.raises(TypeError, match=r"ModuleList\.extend should be called with an iterable, but got int"):
        modules.extend(3)
    with pytest.raises(NotImplementedError):
        modules(1)


def test_module_dict(lib: Any) -> None:
    nn = lib.nn
    modules = nn.ModuleDict([("a", nn.ReLU())])
    modules["b"] = nn.Tanh()
    assert list(modules) == ["a", "b"] == list(modules.keys()) and "a" in modules and len(modules) == 2
    modules.update({"c": nn.Identity()})
    assert isinstance(modules.pop("c"), nn.Identity)
    del modules["a"]
    assert [name for name, _ in modules.items()] == ["b"]
    modules.clear()
    assert repr(modules) == "ModuleDict()"
    with pytest.raises(TypeError, match="should be called with an iterable of key/value pairs, but got int"):
        modules.update(3)
    with pytest.raises(ValueError, match="sequence element #0 has length 1; 2 is required"):
        modules.update([("a",)])


def test_parameter_list(lib: Any) -> None:
    values = lib.nn.ParameterList([lib.ones(2), lib.nn.Parameter(lib.zeros(1), requires_grad=False), 3])
    assert [type(v).__name__ for v in values] == ["Parameter", "Parameter", "int"]
    assert [name for name, _ in values.named_parameters()] == ["0", "1"]
    values += [lib.zeros(2, 3)]
    values[2] = lib.ones(1)
    assert len(values) == 4 and len(values[1:3]) == 2 and values[-1].shape == (2, 3)
    assert repr(values).splitlines()[1] == "    (0): Parameter containing: [torch.float32 of size 2]"
    assert repr(values).splitlines()[4] == "    (3): Parameter containing: [torch.float32 of size 2x3]"


def test_parameter_dict(lib: Any) -> None:
    values = lib.nn.ParameterDict({"a": lib.ones(2)})
    values["b"] = 4
    assert values["a"].requires_grad and list(values) == ["a", "b"] and "b" in values
    assert repr(values) == (
        "ParameterDict(\n    (a): Parameter containing: [torch.FloatTensor of size 2]\n"
        "    (b): Object of type: int\n)"
    )
    assert values.setdefault("c", lib.zeros(1)).requires_grad and values.get("d", 7) == 7
    assert values.popitem()[0] == "c" and values.pop("b") == 4
    merged = values | {"e": lib.ones(1)}
    assert list(merged.keys()) == ["a", "e"] and list(values.copy()) == ["a"]
    assert [name for name, _ in merged.named_parameters()] == ["a", "e"]
    values.clear()
    assert len(values) == 0
