"""The learning rates of every schedule, step by step, against PyTorch's."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

import upriver as up
from tests.oracle import torch

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:Detected call")]

Make = Callable[[Any, Any], Any]


def decay(step: int) -> float:
    return 0.95**step


SCHEDULES: dict[str, Make] = {
    "lambda": lambda s, o: s.LambdaLR(o, decay),
    "lambdas": lambda s, o: s.LambdaLR(o, [decay, lambda step: 1 / (1 + step)]),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, decay),
    "step": lambda s, o: s.StepLR(o, 3, 0.5),
    "multistep": lambda s, o: s.MultiStepLR(o, [2, 5, 5, 9], 0.3),
    "constant": lambda s, o: s.ConstantLR(o, 0.4, 4),
    "linear": lambda s, o: s.LinearLR(o, 0.2, 0.9, 7),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.9),
    "polynomial": lambda s, o: s.PolynomialLR(o, 8, 2.0),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 5, 0.01),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 4, 1, 0.01),
    "growing restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2),
    "triangular": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 4, 3),
    "triangular2": lambda s, o: s.CyclicLR(o, [0.01, 0.02], [0.1, 0.2], 4, mode="triangular2"),
    "exp_range": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 4, mode="exp_range", gamma=0.9),
    "own scale": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 4, scale_fn=lambda x: 0.8**x, scale_mode="iterations"),
    "one cycle": lambda s, o: s.OneCycleLR(o, 0.5, total_steps=30),
    "one cycle, linear": lambda s, o: s.OneCycleLR(
        o, [0.5, 1.0], epochs=5, steps_per_epoch=6, anneal_strategy="linear", pct_start=0.4
    ),
    "one cycle, three phases": lambda s, o: s.OneCycleLR(o, 0.5, total_steps=30, three_phase=True),
    "chained": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 3), s.ExponentialLR(o, 0.9)]),
    "sequential": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, 1.0, 4), s.CosineAnnealingLR(o, 10), s.StepLR(o, 2)], [4, 14]
    ),
    "nested": lambda s, o: s.SequentialLR(
        o, [s.ChainedScheduler([s.ConstantLR(o, 0.1, 3), s.ExponentialLR(o, 0.9)]), s.StepLR(o, 2)], [5]
    ),
}


def optimizers(name: str = "SGD") -> tuple[Any, Any]:
    made = []
    for library in (up, torch):
        groups = [{"params": [library.zeros(1, requires_grad=True)], "lr": lr} for lr in (0.5, 0.25)]
        options = {"momentum": 0.9} if name == "SGD" else {}
        made.append(getattr(library.optim, name)(groups, lr=0.1, **options))
    return made[0], made[1]


def assert_same_rates(mine: Any, its: Any, a: Any, b: Any) -> None:
    assert a.get_last_lr() == pytest.approx([float(lr) for lr in b.get_last_lr()], rel=1e-12, abs=1e-15)
    for ours, theirs in zip(mine.param_groups, its.param_groups, strict=True):
        for key in ("lr", "momentum", "betas"):
            assert (key in ours) == (key in theirs)
            if key in ours:
                assert ours[key] == pytest.approx(theirs[key], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("kind", SCHEDULES)
@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_rates(kind: str, optimizer: str) -> None:
    mine, its = optimizers(optimizer)
    a, b = SCHEDULES[kind](up.optim.lr_scheduler, mine), SCHEDULES[kind](torch.optim.lr_scheduler, its)
    assert_same_rates(mine, its, a, b)
    for _ in range(25):
        for each in (mine, its, a, b):
            each.step()
        assert_same_rates(mine, its, a, b)


@pytest.mark.parametrize("kind", SCHEDULES)
def test_state_dict(kind: str) -> None:
    """A new schedule that takes over the state of an old one goes on as PyTorch's does."""
    mine, its = optimizers()
    a, b = SCHEDULES[kind](up.optim.lr_scheduler, mine), SCHEDULES[kind](torch.optim.lr_scheduler, its)
    for _ in range(6):
        for each in (mine, its, a, b):
            each.step()
    again, _ = optimizers()
    c = SCHEDULES[kind](up.optim.lr_scheduler, again)
    again.load_state_dict(mine.state_dict())
    c.load_state_dict(a.state_dict())
    for _ in range(10):
        for each in (again, its, c, b):
            each.step()
        assert_same_rates(again, its, c, b)


CLOSED = ["lambda", "step", "multistep", "constant", "linear", "exponential", "polynomial", "cosine"]


@pytest.mark.parametrize("kind", CLOSED)
def test_step_to_an_epoch(kind: str) -> None:
    mine, its = optimizers()
    a, b = SCHEDULES[kind](up.optim.lr_scheduler, mine), SCHEDULES[kind](torch.optim.lr_scheduler, its)
    for epoch in (3, 1, 12):
        mine.step()
        its.step()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the form is deprecated in PyTorch
            a.step(epoch)
            b.step(epoch)
        assert_same_rates(mine, its, a, b)


def test_fractions_of_an_epoch() -> None:
    for factor in (1, 2):
        mine, its = optimizers()
        a = up.optim.lr_scheduler.CosineAnnealingWarmRestarts(mine, 3, factor, 0.01)
        b = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(its, 3, factor, 0.01)
        for epoch in (0.25, 2.5, 3.0, 7.75, 20.5, 1.0):
            a.step(epoch)
            b.step(epoch)
            assert_same_rates(mine, its, a, b)


@pytest.mark.parametrize(
    "kind", ["lambda", "step", "linear", "exponential", "polynomial", "cosine", "one cycle"]
)
def test_resuming_at_an_epoch(kind: str) -> None:
    resumed = {
        "lambda": lambda s, o: s.LambdaLR(o, decay, last_epoch=4),
        "step": lambda s, o: s.StepLR(o, 3, 0.5, last_epoch=4),
        "linear": lambda s, o: s.LinearLR(o, 0.2, 0.9, 7, last_epoch=4),
        "exponential": lambda s, o: s.ExponentialLR(o, 0.9, last_epoch=4),
        "polynomial": lambda s, o: s.PolynomialLR(o, 8, 2.0, last_epoch=4),
        "cosine": lambda s, o: s.CosineAnnealingLR(o, 5, 0.01, last_epoch=4),
        "one cycle": lambda s, o: s.OneCycleLR(o, 0.5, total_steps=30, last_epoch=4),
    }[kind]
    mine, its = optimizers()
    for library, opt in ((up, mine), (torch, its)):
        first = SCHEDULES[kind](library.optim.lr_scheduler, opt)
        for _ in range(5):
            opt.step()
            first.step()
    a, b = resumed(up.optim.lr_scheduler, mine), resumed(torch.optim.lr_scheduler, its)
    for _ in range(6):
        assert_same_rates(mine, its, a, b)
        for each in (mine, its, a, b):
            each.step()


PLATEAUS: list[dict[str, Any]] = [
    {"factor": 0.5, "patience": 1},
    {"factor": 0.5, "patience": 0, "cooldown": 2},
    {"mode": "max", "patience": 1, "threshold": 0.05},
    {"patience": 1, "threshold": 0.2, "threshold_mode": "abs", "min_lr": 0.01},
    {"mode": "max", "patience": 1, "threshold": 0.2, "threshold_mode": "abs", "min_lr": [0.3, 0.2]},
]


@pytest.mark.parametrize("options", PLATEAUS, ids=str)
def test_plateau(options: dict[str, Any]) -> None:
    mine, its = optimizers()
    a = up.optim.lr_scheduler.ReduceLROnPlateau(mine, **options)
    b = torch.optim.lr_scheduler.ReduceLROnPlateau(its, **options)
    for loss in (5.0, 4.0, 4.1, 4.0, 3.95, 3.0, 3.1, 3.2, 3.3, 2.9, 2.85, 2.8, 2.79, 2.78, 9.0, 9.0, 9.0):
        a.step(loss)
        b.step(loss)
        assert_same_rates(mine, its, a, b)
        assert (a.num_bad_epochs, a.cooldown_counter, a.best) == (
            b.num_bad_epochs,
            b.cooldown_counter,
            b.best,
        )
