"""What all optimisers share: groups, errors in PyTorch's words, hooks, state, and the note of who wrote."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import upriver as up
from tests.optim.cases import CASES, IDS, OPTIONS


def leaf(*values: float, dtype: Any = None) -> Any:
    return up.tensor(list(values), dtype=dtype, requires_grad=True)


def with_grad(*values: float) -> Any:
    w = leaf(*values)
    w.grad = up.ones(len(values))
    return w


BAD_PARAMS: list[tuple[Any, type[Exception], str]] = [
    (
        lambda: leaf(1.0),
        TypeError,
        "params argument given to the optimizer should be an iterable of Tensors or dicts",
    ),
    (lambda: [], ValueError, "optimizer got an empty parameter list"),
    (lambda: [leaf(1.0) * 2], ValueError, "can't optimize a non-leaf Tensor"),
    (lambda: [1.0], TypeError, "optimizer can only optimize Tensors, but one of the params is float"),
    (
        lambda: [{"params": {leaf(1.0)}}],
        TypeError,
        "optimizer parameters need to be organized in ordered collections",
    ),
    (lambda: [("w", leaf(1.0)), leaf(1.0)], ValueError, "all optimizer params should be with/without names"),
    (lambda: [{"params": [leaf(1.0)]}, 3], TypeError, "param_group must be a dict, but got"),
]


@pytest.mark.parametrize(
    ("params", "error", "message"), BAD_PARAMS, ids=[message for *_, message in BAD_PARAMS]
)
def test_parameters_refused(params: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        up.optim.SGD(params())


def test_parameter_in_two_groups() -> None:
    w = leaf(1.0)
    with pytest.raises(ValueError, match="some parameters appear in more than one parameter group"):
        up.optim.SGD([{"params": [w]}, {"params": [w]}])
    with pytest.warns(UserWarning, match="optimizer contains a parameter group with duplicate parameters"):
        up.optim.SGD([w, w])


def test_a_refused_group_changes_nothing() -> None:
    w = leaf(1.0)
    opt = up.optim.SGD([w])
    with pytest.raises(ValueError, match="more than one parameter group"):
        opt.add_param_group({"params": [leaf(2.0), w]})
    assert len(opt.param_groups) == 1


def test_retained_non_leaf_is_accepted() -> None:
    y = leaf(1.0) * 2
    y.retain_grad()
    assert up.optim.SGD([y]).param_groups[0]["params"] == [y]


BAD_OPTIONS: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    *((name, {"lr": -1.0}, ValueError, "Invalid learning rate: -1.0") for name in (*OPTIONS, "LBFGS")),
    ("SGD", {"lr": float("nan")}, ValueError, "Invalid learning rate: nan"),
    ("SGD", {"momentum": -1.0}, ValueError, "Invalid momentum value: -1.0"),
    ("SGD", {"nesterov": True}, ValueError, "Nesterov momentum requires a momentum and zero dampening"),
    ("Adam", {"betas": (1.0, 0.9)}, ValueError, "Invalid beta parameter at index 0: 1.0"),
    ("AdamW", {"betas": (0.9, -0.1)}, ValueError, "Invalid beta parameter at index 1: -0.1"),
    ("Adam", {"eps": -1.0}, ValueError, "Invalid epsilon value: -1.0"),
    ("RAdam", {"weight_decay": -1.0}, ValueError, "Invalid weight_decay value: -1.0"),
    ("NAdam", {"momentum_decay": -1.0}, ValueError, "Invalid momentum_decay value: -1.0"),
    ("Adadelta", {"rho": 2.0}, ValueError, "Invalid rho value: 2.0"),
    ("Adagrad", {"lr_decay": -1.0}, ValueError, "Invalid lr_decay value: -1.0"),
    ("Rprop", {"etas": (1.5, 1.2)}, ValueError, "Invalid eta values: 1.5, 1.2"),
    ("Adam", {"differentiable": True}, NotImplementedError, "differentiable=True is not supported"),
    (
        "Adam",
        {"foreach": True, "fused": True},
        RuntimeError,
        "`fused` and `foreach` cannot be `True` together.",
    ),
    ("LBFGS", {"history_size": 0}, ValueError, "Invalid history_size: 0"),
]


@pytest.mark.parametrize(("name", "options", "error", "message"), BAD_OPTIONS)
def test_options_refused(name: str, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        getattr(up.optim, name)([leaf(1.0)], **options)


def test_a_tensor_as_learning_rate() -> None:
    w, rate = with_grad(1.0), up.tensor(0.5)
    opt = up.optim.SGD([w], lr=rate)
    opt.step()
    assert w.tolist() == [0.5]
    rate.fill_(0.25)
    opt.step()
    assert w.tolist() == [0.25]
    with pytest.raises(ValueError, match="Tensor lr must be 1-element"):
        up.optim.SGD([w], lr=up.ones(2))


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_parameters_without_gradient_are_left_alone(name: str, options: dict[str, Any]) -> None:
    w, still = with_grad(1.0), leaf(5.0)
    opt = getattr(up.optim, name)([w, still], **options)
    version = still._version
    opt.step()
    assert still.tolist() == [5.0]
    assert still._version == version
    assert w.tolist() != [1.0]


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_a_step_is_an_in_place_write(name: str, options: dict[str, Any]) -> None:
    """Memory and identity stay, the version moves, and nothing is recorded."""
    w = with_grad(1.0, 2.0)
    address, version = w.data_ptr(), w._version
    opt = getattr(up.optim, name)([w], **options)
    opt.step()
    assert (w.data_ptr(), w._version, w.is_leaf, w.requires_grad) == (address, version + 1, True, True)
    assert w.grad.tolist() == [1.0, 1.0]


def test_stepping_between_forward_and_backward_is_noticed() -> None:
    """The classic of adversarial training: the second loss needs the weights from before the step."""
    w = leaf(3.0)
    opt = up.optim.SGD([w], lr=0.1)
    first, second = (w * w).sum(), (w * w).sum()
    first.backward()
    opt.step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation") as caught:
        second.backward()
    assert "SGD.step" in str(caught.value)
    assert "opt.step()" in str(caught.value)


def test_float16_is_computed_in_float32() -> None:
    w = leaf(1.0, dtype=up.float16)
    w.grad = up.full((1,), 1e-4, dtype=up.float16)
    opt = up.optim.Adam([w], lr=0.25)
    opt.step()
    assert w.dtype is up.float16
    assert opt.state[w]["exp_avg_sq"].dtype is up.float16
    assert w.item() == 0.75


def test_groups_have_their_own_options() -> None:
    a, b = with_grad(1.0), with_grad(1.0)
    opt = up.optim.SGD([{"params": [a], "lr": 0.5}, {"params": b}], lr=0.25)
    opt.step()
    assert (a.item(), b.item()) == (0.5, 0.75)
    c = with_grad(1.0)
    opt.add_param_group({"params": [c], "lr": 1.0})
    opt.step()
    assert c.item() == 0.0


def test_named_parameters() -> None:
    model = up.nn.Linear(2, 1)
    opt = up.optim.SGD(model.named_parameters(), lr=0.1)
    assert opt.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]
    with pytest.raises(ValueError, match="cannot add param group without names to the optimizer"):
        opt.add_param_group({"params": [leaf(1.0)]})


@pytest.mark.filterwarnings("ignore:Using backward")
def test_zero_grad() -> None:
    w = leaf(1.0, 2.0)
    opt = up.optim.SGD([w])
    (w * w).sum().backward(create_graph=True)
    before = w.grad
    opt.zero_grad(set_to_none=False)
    assert w.grad is before
    assert (before.tolist(), before.requires_grad, before.grad_fn) == ([0.0, 0.0], False, None)
    opt.zero_grad()
    assert w.grad is None


def test_a_closure_runs_with_gradients_on() -> None:
    w = leaf(1.0)
    opt = up.optim.SGD([w], lr=0.25)

    def closure() -> Any:
        opt.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with up.no_grad():
        assert opt.step(closure).item() == 1.0
    assert w.item() == 0.5


def test_lbfgs_needs_a_closure_and_one_group() -> None:
    with pytest.raises(TypeError, match=r"LBFGS.step\(\) missing 1 required positional argument"):
        up.optim.LBFGS([leaf(1.0)]).step()
    with pytest.raises(ValueError, match="LBFGS doesn't support per-parameter options"):
        up.optim.LBFGS([{"params": [leaf(1.0)]}, {"params": [leaf(1.0)]}])
    with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
        up.optim.LBFGS([leaf(1.0)], line_search_fn="other").step(lambda: 0.0)


def test_step_hooks() -> None:
    w, seen = with_grad(1.0), []
    opt = up.optim.SGD([w], lr=0.5)
    before = opt.register_step_pre_hook(lambda o, args, kwargs: seen.append(("before", o is opt, w.item())))
    opt.register_step_post_hook(lambda o, args, kwargs: seen.append(("after", args == (opt,), w.item())))
    opt.step()
    assert seen == [("before", True, 1.0), ("after", True, 0.5)]
    before.remove()
    opt.step()
    assert [name for name, *_ in seen] == ["before", "after", "after"]


def test_a_pre_hook_can_change_the_arguments() -> None:
    opt = up.optim.SGD([with_grad(1.0)], lr=0.5)
    handle = opt.register_step_pre_hook(lambda o, args, kwargs: ((o, lambda: "other"), {}))
    assert opt.step() == "other"
    handle.remove()
    opt.register_step_pre_hook(lambda o, args, kwargs: 3)
    with pytest.raises(RuntimeError, match="must return None or a tuple of"):
        opt.step()


def test_state_dict_hooks() -> None:
    opt = up.optim.SGD([leaf(1.0)], lr=0.5)
    seen: list[Any] = []
    opt.register_state_dict_pre_hook(lambda o: seen.append("pre 2"))
    opt.register_state_dict_pre_hook(lambda o: seen.append("pre 1"), prepend=True)
    opt.register_state_dict_post_hook(lambda o, state: state | {"extra": 1})
    opt.register_load_state_dict_pre_hook(lambda o, state: seen.append(("load", state["extra"])))
    opt.register_load_state_dict_post_hook(lambda o: seen.append("loaded"))
    saved = opt.state_dict()
    assert saved["extra"] == 1
    opt.load_state_dict(saved)
    assert seen == ["pre 1", "pre 2", ("load", 1), "loaded"]


def test_loading_what_does_not_fit() -> None:
    saved = up.optim.SGD([leaf(1.0), leaf(2.0)]).state_dict()
    with pytest.raises(
        ValueError, match="loaded state dict contains a parameter group that doesn't match the size"
    ):
        up.optim.SGD([leaf(1.0)]).load_state_dict(saved)
    with pytest.raises(ValueError, match="loaded state dict has a different number of parameter groups"):
        up.optim.SGD([{"params": [leaf(1.0)]}, {"params": [leaf(1.0)]}]).load_state_dict(saved)


def test_loaded_state_is_a_copy_in_the_type_of_the_parameter() -> None:
    w = with_grad(1.0)
    first = up.optim.Adam([w])
    first.step()
    wide = leaf(1.0, dtype=up.float64)
    second = up.optim.Adam([wide])
    second.load_state_dict(first.state_dict())
    assert second.state[wide]["exp_avg"].dtype is up.float64
    assert second.state[wide]["step"].dtype is up.float32
    second.state[wide]["step"].fill_(9.0)
    assert first.state[w]["step"].item() == 1.0


@pytest.mark.parametrize("way", [copy.deepcopy, lambda opt: pickle.loads(pickle.dumps(opt))])
def test_copies_go_on_alone(way: Any) -> None:
    w = with_grad(1.0)
    opt = up.optim.Adam([w], lr=0.5)
    opt.step()
    other = way(opt)
    (twin,) = other.param_groups[0]["params"]
    twin.grad = up.ones(1)
    other.step()
    opt.step()
    assert twin.item() == w.item()
    assert twin is not w


def test_a_subclass_by_the_user() -> None:
    class Signs(up.optim.Optimizer):
        def __init__(self, params: Any, lr: float) -> None:
            super().__init__(params, {"lr": lr})

        @up.no_grad()
        def step(self, closure: Any = None) -> None:
            for group in self.param_groups:
                for w in group["params"]:
                    w.sub_(group["lr"] * w.grad.sign())

    w, seen = with_grad(1.0), []
    opt = Signs([w], lr=0.25)
    opt.register_step_post_hook(lambda *_: seen.append(w.item()))
    opt.step()
    assert seen == [0.75]
    with pytest.raises(NotImplementedError, match="must define it"):
        up.optim.Optimizer([w], {}).step()


@pytest.mark.parametrize("name", [name for name in OPTIONS if name not in ("Adadelta", "Adagrad", "ASGD")])
def test_a_parabola_is_minimised(name: str) -> None:
    w = leaf(1.0, -2.0, 0.5)
    opt = getattr(up.optim, name)([w], lr=0.05)
    goal = np.array([0.5, -1.5, 0.75])
    for _ in range(300):
        opt.zero_grad()
        ((w - up.tensor(goal, dtype=up.float32)) ** 2).sum().backward()
        opt.step()
    assert np.abs(np.array(w.tolist()) - goal).max() < 0.06


def test_empty_and_zero_dimensional_parameters() -> None:
    empty, scalar = up.zeros(0, 3, requires_grad=True), up.tensor(1.0, requires_grad=True)
    empty.grad, scalar.grad = up.zeros(0, 3), up.tensor(1.0)
    for name in OPTIONS:
        getattr(up.optim, name)([empty, scalar]).step()
    assert empty.shape == (0, 3)
