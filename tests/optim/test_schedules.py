"""Schedules by hand-computed rates, their state, their warnings and their errors."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import pytest

import upriver as up

schedules = up.optim.lr_scheduler


def optimizer(lr: Any = 1.0, **options: Any) -> Any:
    return up.optim.SGD([up.zeros(1, requires_grad=True)], lr=lr, **options)


def run(opt: Any, schedule: Any, steps: int) -> list[float]:
    """The rate before each step."""
    seen = []
    for _ in range(steps):
        seen.append(opt.param_groups[0]["lr"])
        opt.step()
        schedule.step()
    return seen


def test_rates_by_hand() -> None:
    expected = {
        "StepLR": ({"step_size": 2, "gamma": 0.5}, [1.0, 1.0, 0.5, 0.5, 0.25]),
        "MultiStepLR": ({"milestones": [1, 3, 3], "gamma": 0.5}, [1.0, 0.5, 0.5, 0.125, 0.125]),
        "ConstantLR": ({"factor": 0.5, "total_iters": 2}, [0.5, 0.5, 1.0, 1.0, 1.0]),
        "LinearLR": ({"start_factor": 0.5, "total_iters": 2}, [0.5, 0.75, 1.0, 1.0, 1.0]),
        "ExponentialLR": ({"gamma": 0.5}, [1.0, 0.5, 0.25, 0.125, 0.0625]),
        "PolynomialLR": ({"total_iters": 4}, [1.0, 0.75, 0.5, 0.25, 0.0]),
        "CosineAnnealingLR": ({"T_max": 2}, [1.0, 0.5, 0.0, 0.5, 1.0]),
        "CosineAnnealingWarmRestarts": ({"T_0": 2}, [1.0, 0.5, 1.0, 0.5, 1.0]),
        "LambdaLR": ({"lr_lambda": lambda step: 1 / (step + 1)}, [1.0, 1 / 2, 1 / 3, 1 / 4, 1 / 5]),
        "MultiplicativeLR": ({"lr_lambda": lambda step: 0.5}, [1.0, 0.5, 0.25, 0.125, 0.0625]),
    }
    options: Any
    for name, (options, rates) in expected.items():
        opt = optimizer()
        assert run(opt, getattr(schedules, name)(opt, **options), 5) == pytest.approx(rates, abs=1e-12), name


def test_a_tensor_rate_is_filled() -> None:
    rate = up.tensor(1.0)
    opt = optimizer(rate)
    schedule = schedules.ExponentialLR(opt, 0.5)
    opt.step()
    schedule.step()
    assert opt.param_groups[0]["lr"] is rate
    assert rate.item() == 0.5
    assert schedule.get_last_lr() == [0.5]


def test_stepping_before_the_optimizer_warns() -> None:
    schedule = schedules.StepLR(optimizer(), 1)
    with pytest.warns(
        UserWarning, match=r"Detected call of `lr_scheduler.step\(\)` before `optimizer.step\(\)`"
    ):
        schedule.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opt = optimizer()
        run(opt, schedules.StepLR(opt, 1), 3)


class Halving:
    """A function with a state."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, step: int) -> float:
        self.calls += 1
        return 0.5**step


def test_state_keeps_callable_objects_but_no_functions() -> None:
    opt = optimizer()
    schedule = schedules.LambdaLR(opt, Halving())
    run(opt, schedule, 3)
    state = pickle.loads(pickle.dumps(schedule.state_dict()))
    assert state["lr_lambdas"] == [{"calls": 4}]
    assert "optimizer" not in state
    again = schedules.LambdaLR(optimizer(), Halving())
    again.load_state_dict(state)
    assert (again.last_epoch, vars(again.lr_lambdas[0])) == (3, {"calls": 4})
    plain = schedules.LambdaLR(optimizer(), lambda step: 1.0)
    assert plain.state_dict()["lr_lambdas"] == [None]
    plain.load_state_dict(plain.state_dict())


def test_resuming_needs_the_initial_rate() -> None:
    with pytest.raises(KeyError, match=r"param 'initial_lr' is not specified in param_groups\[0\]"):
        schedules.StepLR(optimizer(), 1, last_epoch=3)


def test_one_cycle_ends() -> None:
    opt = optimizer(momentum=0.9)
    schedule = schedules.OneCycleLR(opt, 1.0, total_steps=5)
    run(opt, schedule, 5)
    with pytest.raises(ValueError, match=r"Tried to step 6 times\. The specified number of total steps is 5"):
        run(opt, schedule, 1)


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (lambda o: schedules.StepLR(3, 1), TypeError, "int is not an Optimizer"),  # type: ignore[arg-type]
    (
        lambda o: schedules.ConstantLR(o, 2.0),
        ValueError,
        "Constant multiplicative factor expected to be between",
    ),
    (
        lambda o: schedules.LinearLR(o, 0.0),
        ValueError,
        "Starting multiplicative factor expected to be greater than",
    ),
    (
        lambda o: schedules.LinearLR(o, 0.5, 2.0),
        ValueError,
        "Ending multiplicative factor expected to be between",
    ),
    (lambda o: schedules.LambdaLR(o, [abs, abs]), ValueError, "Expected 1 lr_lambdas, but got 2"),
    (lambda o: schedules.LambdaLR(o, 0.5), TypeError, "lr_lambda should be a function, but got float"),  # type: ignore[arg-type]
    (
        lambda o: schedules.CosineAnnealingWarmRestarts(o, 0),
        ValueError,
        "Expected positive integer T_0, but got 0",
    ),
    (
        lambda o: schedules.CosineAnnealingWarmRestarts(o, 1, 0),
        ValueError,
        "Expected integer T_mult >= 1, but got 0",
    ),
    (lambda o: schedules.CyclicLR(o, 0.1, 1.0), ValueError, "optimizer must support momentum or beta1"),
    (lambda o: schedules.CyclicLR(o, [0.1, 0.2], 1.0), ValueError, "base_lr must have the same length"),
    (lambda o: schedules.CyclicLR(o, 0.1, 1.0, mode="x"), ValueError, "mode is invalid and scale_fn is None"),  # type: ignore[arg-type]
    (
        lambda o: schedules.OneCycleLR(o, 1.0),
        ValueError,
        r"You must define either total_steps OR \(epochs AND",
    ),
    (
        lambda o: schedules.OneCycleLR(o, 1.0, 0),
        ValueError,
        "Expected positive integer total_steps, but got 0",
    ),
    (
        lambda o: schedules.OneCycleLR(o, 1.0, 9, pct_start=2.0),
        ValueError,
        "Expected float between 0 and 1 pct_start",
    ),
    (
        lambda o: schedules.OneCycleLR(o, 1.0, 9, anneal_strategy="x"),  # type: ignore[arg-type]
        ValueError,
        "anneal_strategy must be one of",
    ),
    (lambda o: schedules.ReduceLROnPlateau(o, factor=1.0), ValueError, "Factor should be < 1.0"),
    (lambda o: schedules.ReduceLROnPlateau(o, mode="x"), ValueError, "mode x is unknown!"),  # type: ignore[arg-type]
    (lambda o: schedules.ReduceLROnPlateau(o, min_lr=[0, 0]), ValueError, "expected 1 min_lrs, got 2"),
    (lambda o: schedules.ChainedScheduler([]), ValueError, "expects at least one scheduler to be chained"),
    (lambda o: schedules.SequentialLR(o, [], []), ValueError, "expects at least one scheduler, but got no"),
    (
        lambda o: schedules.SequentialLR(o, [schedules.StepLR(o, 1)], [1]),
        ValueError,
        "Sequential Schedulers expects number of schedulers provided to be one more",
    ),
    (
        lambda o: schedules.ChainedScheduler([schedules.StepLR(o, 1), schedules.StepLR(optimizer(), 1)]),
        ValueError,
        "expects all schedulers to belong to the same optimizer",
    ),
    (
        lambda o: schedules.ChainedScheduler([schedules.ReduceLROnPlateau(o)]),
        ValueError,
        "does not support `ReduceLROnPlateau` scheduler",
    ),
]


@pytest.mark.parametrize(("make", "error", "message"), REFUSED, ids=[message for *_, message in REFUSED])
def test_refused(make: Any, error: type[Exception], message: str) -> None:
    opt = up.optim.Adagrad([up.zeros(1, requires_grad=True)]) if "beta1" in message else optimizer()
    with pytest.raises(error, match=message):
        make(opt)
