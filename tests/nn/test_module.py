"""Module: registering, saving, loading, converting, hooks and words. The assertions hold for PyTorch too."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import upriver as up


def network(lib: Any) -> Any:
    """Two linear layers, one of them used twice, and a batch norm."""
    shared = lib.nn.Linear(2, 2)
    return lib.nn.Sequential(shared, lib.nn.BatchNorm1d(2), shared)


def test_attributes_are_registered_by_what_they_are(lib: Any) -> None:
    net = lib.nn.Module()
    net.weight = lib.nn.Parameter(lib.ones(2))
    net.steps = lib.nn.Buffer(lib.zeros(1))
    net.cache = lib.nn.Buffer(lib.zeros(1), persistent=False)
    net.child = lib.nn.Identity()
    net.plain = lib.ones(1)
    assert [n for n, _ in net.named_parameters()] == ["weight"]
    assert [n for n, _ in net.named_buffers()] == ["steps", "cache"]
    assert [n for n, _ in net.named_children()] == ["child"]
    assert list(net.state_dict()) == ["weight", "steps"]
    net.weight = None
    del net.child
    assert list(net.parameters()) == [] == list(net.children())
    assert not hasattr(net, "child")


def test_shared_modules_and_parameters_are_counted_once(lib: Any) -> None:
    net = network(lib)
    assert [n for n, _ in net.named_parameters()] == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert [n for n, _ in net.named_parameters(remove_duplicate=False)][-2:] == ["2.weight", "2.bias"]
    assert [n for n, _ in net.named_modules(prefix="net")] == ["net", "net.0", "net.1"]
    assert [n for n, _ in net.named_buffers(recurse=False)] == []
    assert len(net.state_dict()) == 9


def test_dotted_names_find_members(lib: Any) -> None:
    net = lib.nn.Sequential(network(lib))
    assert net.get_submodule("0.1") is net[0][1]
    assert net.get_submodule("") is net
    assert net.get_parameter("0.0.weight") is net[0][0].weight
    assert net.get_buffer("0.1.running_mean") is net[0][1].running_mean
    net.set_submodule("0.1", lib.nn.Identity())
    assert isinstance(net[0][1], lib.nn.Identity)


ERRORS: list[tuple[Callable[[Any, Any], Any], type[Exception], str]] = [
    (lambda net, lib: net.register_buffer("a.b", None), KeyError, 'buffer name can\'t contain "."'),
    (lambda net, lib: net.register_buffer("", None), KeyError, 'buffer name can\'t be empty string ""'),
    (lambda net, lib: net.register_buffer("training", None), KeyError, "attribute 'training' already exists"),
    (lambda net, lib: net.register_buffer(3, None), TypeError, "buffer name should be a string. Got int"),
    (lambda net, lib: net.register_buffer("x", 3), TypeError, "cannot assign 'int' object to buffer 'x'"),
    (
        lambda net, lib: net.register_parameter("x", lib.ones(1)),
        TypeError,
        "cannot assign 'torch.FloatTensor' object to parameter 'x' (torch.nn.Parameter or None required)",
    ),
    (lambda net, lib: net.register_parameter("train", None), KeyError, "attribute 'train' already exists"),
    (lambda net, lib: net.add_module("x", 3), TypeError, "int is not a Module subclass"),
    (
        lambda net, lib: net.add_module("a.b", net),
        KeyError,
        'module name can\'t contain ".", got: a.b',
    ),
    (
        lambda net, lib: setattr(net, "weight", 3),
        TypeError,
        "cannot assign 'int' as parameter 'weight' (torch.nn.Parameter or None expected)",
    ),
    (lambda net, lib: net.foo, AttributeError, "'Linear' object has no attribute 'foo'"),
    (lambda net, lib: delattr(net, "foo"), AttributeError, "'Linear' object has no attribute 'foo'"),
    (lambda net, lib: net.get_submodule("foo"), AttributeError, "Linear has no attribute `foo`"),
    (lambda net, lib: net.get_submodule("bias"), AttributeError, "`bias` is not an nn.Module"),
    (lambda net, lib: net.get_parameter("training"), AttributeError, "`training` is not an nn.Parameter"),
    (lambda net, lib: net.get_buffer("bias"), AttributeError, "`bias` is not a buffer"),
    (lambda net, lib: net.train(3), ValueError, "training mode is expected to be boolean"),
    (
        lambda net, lib: net.to(lib.int64),
        TypeError,
        "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64",
    ),
    (
        lambda net, lib: lib.nn.Module()(1),
        NotImplementedError,
        'Module [Module] is missing the required "forward" function',
    ),
    (
        lambda net, lib: net.load_state_dict(3),
        TypeError,
        "Expected state_dict to be dict-like, got <class 'int'>.",
    ),
]


@pytest.mark.parametrize(("misuse", "kind", "sentence"), ERRORS, ids=[e[2] for e in ERRORS])
def test_misuse_begins_with_the_sentence_of_pytorch(lib: Any, misuse: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(kind) as caught:
        misuse(lib.nn.Linear(2, 2), lib)
    assert str(caught.value.args[0]).startswith(sentence)


@pytest.mark.parametrize(
    ("value", "word"), [("Parameter", "parameters"), ("Identity", "module")], ids=["parameter", "module"]
)
def test_assigning_before_init_is_refused(lib: Any, value: str, word: str) -> None:
    class Hasty(lib.nn.Module):
        def __init__(self) -> None:
            self.x = lib.nn.Parameter(lib.ones(1)) if value == "Parameter" else lib.nn.Identity()

    with pytest.raises(
        AttributeError, match=re.escape(f"cannot assign {word} before Module.__init__() call")
    ):
        Hasty()


def test_loading_names_every_mismatch(lib: Any) -> None:
    net = lib.nn.Sequential(lib.nn.Linear(2, 3), lib.nn.Linear(3, 1))
    state = dict(net.state_dict())
    del state["1.bias"]
    state |= {"0": 1, "0.weight.x": 2, "foo": 3, "2.a.b": 4, "0.bias": lib.zeros(2), "1.weight": 5}
    with pytest.raises(RuntimeError) as caught:
        net.load_state_dict(state)
    assert str(caught.value) == (
        'Error(s) in loading state_dict for Sequential:\n\tMissing key(s) in state_dict: "1.bias". \n\t'
        'Unexpected key(s) in state_dict: "0", "foo", "2.a.b", "0.weight.x". \n\t'
        "size mismatch for 0.bias: copying a param with shape torch.Size([2]) from checkpoint, the shape in "
        "current model is torch.Size([3]).\n\t"
        'While copying the parameter named "1.weight", expected torch.Tensor or Tensor-like object from '
        "checkpoint but received <class 'int'>"
    )


def test_loading_copies_or_assigns(lib: Any) -> None:
    a, b, c = (lib.nn.Linear(2, 3) for _ in range(3))
    kept = b.weight
    assert repr(b.load_state_dict(a.state_dict())) == "<All keys matched successfully>"
    assert b.weight is kept and lib.equal(b.weight, a.weight)
    assert b.weight.data_ptr() != a.weight.data_ptr()
    c.load_state_dict(a.state_dict(), assign=True)
    assert c.weight.data_ptr() == a.weight.data_ptr() and c.weight.requires_grad
    found = b.load_state_dict({"weight": a.weight, "more": a.bias}, strict=False)
    assert (found.missing_keys, found.unexpected_keys) == (["bias"], ["more"])


def test_state_dict_shares_memory_and_has_no_graph(lib: Any) -> None:
    net = lib.nn.Linear(2, 1)
    state = net.state_dict()
    assert not state["weight"].requires_grad
    assert net.state_dict(keep_vars=True)["weight"] is net.weight
    state["weight"].fill_(7.0)
    assert net.weight.tolist() == [[7.0, 7.0]]


def test_state_dict_hooks_and_extra_state(lib: Any) -> None:
    class Counting(lib.nn.Linear):
        calls = 0

        def get_extra_state(self) -> Any:
            return {"calls": self.calls}

        def set_extra_state(self, state: Any) -> None:
            self.calls = state["calls"]

    a, b = Counting(1, 1), Counting(1, 1)
    a.calls = 5
    a.register_state_dict_post_hook(
        lambda module, state, prefix, metadata: state.__delitem__(prefix + "bias")
    )
    seen: list[Any] = []
    b.register_load_state_dict_post_hook(lambda module, found: seen.append(list(found.missing_keys)))
    b.load_state_dict(a.state_dict(), strict=False)
    assert b.calls == 5
    assert list(a.state_dict()) == ["weight", "_extra_state"]
    assert seen == [["bias"]]


def test_copies_and_pickles_are_independent(lib: Any) -> None:
    net = network(lib)
    net.register_forward_hook(print_nothing)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin[0] is twin[2]
        assert lib.equal(twin[0].weight, net[0].weight)
        assert twin[0].weight.requires_grad and isinstance(twin[0].weight, lib.nn.Parameter)
        assert twin[0].weight.data_ptr() != net[0].weight.data_ptr()
        assert len(twin._forward_hooks) == 1
        twin(lib.rand(3, 2)).sum().backward()
    assert net[0].weight.grad is None


def print_nothing(module: Any, args: Any, output: Any) -> None:
    """A hook that can be pickled."""


def test_a_parameter_is_a_leaf_whatever_it_is_made_of(lib: Any) -> None:
    x = lib.ones(2, requires_grad=True)
    parameter = lib.nn.Parameter(x * 2)
    assert parameter.is_leaf and parameter.requires_grad and parameter.grad_fn is None
    parameter.sum().backward()
    assert x.grad is None and parameter.grad.tolist() == [1.0, 1.0]
    assert repr(parameter) == "Parameter containing:\ntensor([2., 2.], requires_grad=True)"
    shared = lib.ones(2)
    assert lib.nn.Parameter(shared).data_ptr() == shared.data_ptr()
    with lib.no_grad():
        assert lib.nn.Parameter(lib.ones(1)).requires_grad
    assert not isinstance(parameter * 2, lib.nn.Parameter)


def test_modes_freezing_and_gradients(lib: Any) -> None:
    net = network(lib)
    assert not net.eval()[1].training and net.train() is net
    net.requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters())
    net.requires_grad_()
    net(lib.rand(3, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net[0].weight.grad.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    net.zero_grad()
    assert net[0].weight.grad is None


def test_converting_keeps_the_parameters(lib: Any) -> None:
    net = network(lib)
    weight = net[0].weight
    net(lib.rand(3, 2)).sum().backward()
    net.double()
    assert net[0].weight is weight and weight.dtype == lib.float64 == weight.grad.dtype
    assert net[1].running_mean.dtype == lib.float64 and net[1].num_batches_tracked.dtype == lib.int64
    assert net.to("cpu", lib.float32)[0].bias.dtype == lib.float32
    assert net.to(lib.ones(1, dtype=lib.float64))[0].bias.dtype == lib.float64
    assert net.half()[0].bias.dtype == lib.float16


def test_forward_hooks(lib: Any) -> None:
    layer = lib.nn.Identity()
    seen: list[Any] = []
    layer.register_forward_pre_hook(lambda module, args: (args[0] + 1,))
    layer.register_forward_pre_hook(lambda module, args, kw: seen.append(("pre", kw)), with_kwargs=True)
    layer.register_forward_hook(lambda module, args, output: output * 10)
    first = layer.register_forward_hook(lambda module, args, output: seen.append("first"), prepend=True)
    assert layer(lib.ones(1)).tolist() == [20.0]
    assert seen == [("pre", {}), "first"]
    first.remove()
    layer(lib.ones(1))
    assert seen == [("pre", {}), "first", ("pre", {})]


def test_hooks_called_always(lib: Any) -> None:
    class Failing(lib.nn.Module):
        def forward(self, x: Any) -> Any:
            raise ArithmeticError("no")

    layer = Failing()
    seen: list[Any] = []
    layer.register_forward_hook(lambda module, args, output: seen.append("sometimes"))
    layer.register_forward_hook(lambda module, args, output: seen.append(output), always_call=True)
    with pytest.raises(ArithmeticError):
        layer(1)
    assert seen == [None]


def test_global_hooks(lib: Any) -> None:
    layer = lib.nn.Identity()
    with (
        lib.nn.modules.module.register_module_forward_hook(double)
        if lib is not up
        else (up.nn.register_module_forward_hook(double))
    ):
        assert layer(lib.ones(1)).tolist() == [2.0]
    assert layer(lib.ones(1)).tolist() == [1.0]


def double(module: Any, args: Any, output: Any) -> Any:
    return output * 2


def test_full_backward_hooks_see_and_replace_gradients(lib: Any) -> None:
    layer = lib.nn.Linear(2, 1, bias=False)
    lib.nn.init.constant_(layer.weight, 3.0)
    seen: list[Any] = []
    layer.register_full_backward_pre_hook(lambda module, outputs: (outputs[0] * 2,))

    def hook(module: Any, inputs: Any, outputs: Any) -> Any:
        seen.append((inputs[0].tolist(), outputs[0].tolist()))
        return (inputs[0] * 100,)

    layer.register_full_backward_hook(hook)
    x = lib.ones(1, 2, requires_grad=True)
    layer(x).sum().backward()
    assert seen == [([[6.0, 6.0]], [[2.0]])]
    assert x.grad.tolist() == [[600.0, 600.0]]
    assert layer.weight.grad.tolist() == [[2.0, 2.0]]


def test_full_backward_hooks_without_gradient_of_the_input(lib: Any) -> None:
    layer = lib.nn.Linear(2, 1, bias=False)
    seen: list[Any] = []
    layer.register_full_backward_hook(
        lambda module, inputs, outputs: seen.append((inputs, outputs[0].tolist()))
    )
    layer(lib.ones(1, 2)).sum().backward()
    assert seen == [((None,), [[1.0]])]


def test_full_backward_hook_with_several_tensors_and_values(lib: Any) -> None:
    class Both(lib.nn.Module):
        def forward(self, x: Any, times: int, y: Any) -> Any:
            return x * times, y + 1

    layer = Both()
    seen: list[Any] = []
    layer.register_full_backward_hook(
        lambda module, inputs, outputs: seen.append(
            [[g if g is None else g.item() for g in gs] for gs in (inputs, outputs)]
        )
    )
    x, y = lib.ones(1, requires_grad=True), lib.ones(1, requires_grad=True)
    a, b = layer(x, 3, y)
    (a + 2 * b).backward()
    assert seen == [[[3.0, None, 2.0], [1.0, 2.0]]]


def test_regular_backward_hooks_do_not_mix_with_full_ones(lib: Any) -> None:
    layer = lib.nn.Linear(1, 1)
    layer.register_full_backward_hook(lambda *args: None)
    with pytest.raises(
        RuntimeError, match=r"^Cannot use both regular backward hooks and full backward hooks on a"
    ):
        layer.register_backward_hook(lambda *args: None)


def test_a_hooked_module_refuses_writing_to_its_output(lib: Any) -> None:
    layer = lib.nn.Linear(2, 2)
    layer.register_full_backward_hook(lambda *args: None)
    with pytest.raises(RuntimeError, match="is a view and is being modified inplace"):
        lib.nn.ReLU(inplace=True)(layer(lib.ones(1, 2)))


def test_apply_visits_children_first(lib: Any) -> None:
    seen: list[str] = []
    net = lib.nn.Sequential(lib.nn.Identity(), lib.nn.ModuleList([lib.nn.ReLU()]))
    assert net.apply(lambda module: seen.append(type(module).__name__)) is net
    assert seen == ["Identity", "ReLU", "ModuleList", "Sequential"]


def test_repr_nests(lib: Any) -> None:
    net = lib.nn.Sequential(lib.nn.ModuleDict({"a": lib.nn.ReLU()}), lib.nn.Dropout(0.1))
    assert repr(net) == (
        "Sequential(\n  (0): ModuleDict(\n    (a): ReLU()\n  )\n  (1): Dropout(p=0.1, inplace=False)\n)"
    )


def test_training_a_network_lowers_the_loss(lib: Any) -> None:
    random = np.random.default_rng(0)
    x = lib.tensor(random.standard_normal((64, 2)), dtype=lib.float32)
    y = (x[:, :1] * x[:, 1:] > 0).to(lib.float32)
    net = lib.nn.Sequential(lib.nn.Linear(2, 16), lib.nn.Tanh(), lib.nn.Linear(16, 1))
    optimizer = lib.optim.Adam(net.parameters(), lr=0.05)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = lib.nn.functional.binary_cross_entropy_with_logits(net(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]
