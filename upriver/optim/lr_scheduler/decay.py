"""Schedules that multiply the learning rate by a factor at each step."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler, rates, state_of_function

__all__ = [
    "ConstantLR", "ExponentialLR", "LambdaLR", "LinearLR", "MultiStepLR", "MultiplicativeLR", "PolynomialLR",
    "StepLR",
]  # fmt: skip

Factor = Callable[[int], float]


class _Scaling(LRScheduler):
    """A schedule that multiplies whatever the rate is now, so that several can act on one optimiser."""

    def _factor(self) -> float:
        """What multiplies the rate when step ``last_epoch`` begins."""
        raise NotImplementedError(f"{type(self).__name__} must define _factor()")

    def _multiple(self) -> float:
        """The rate at ``last_epoch`` as a multiple of the initial one."""
        raise NotImplementedError(f"{type(self).__name__} must define _multiple()")

    def get_lr(self) -> list[float]:
        """The rates in use times :meth:`_factor`."""
        factor = self._factor()
        return [lr * factor for lr in rates(self.optimizer)]

    def _get_closed_form_lr(self) -> list[float]:
        multiple = self._multiple()
        return [lr * multiple for lr in self.base_lrs]


class StepLR(_Scaling):
    """Multiply by ``gamma`` every ``step_size`` steps.

    >>> import upriver as up
    >>> opt = up.optim.SGD([up.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = up.optim.lr_scheduler.StepLR(opt, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     opt.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        """``gamma`` at each multiple of ``step_size``."""
        return 1.0 if self.last_epoch == 0 or self.last_epoch % self.step_size else self.gamma

    def _multiple(self) -> float:
        """``gamma`` to the power of the multiples passed."""
        return self.gamma ** (self.last_epoch // self.step_size)


class MultiStepLR(_Scaling):
    """Multiply by ``gamma`` at each of ``milestones``, as often as it is listed.

    >>> import upriver as up
    >>> opt = up.optim.SGD([up.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = up.optim.lr_scheduler.MultiStepLR(opt, milestones=[1, 3], gamma=0.5)
    >>> for _ in range(4):
    ...     opt.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        """``gamma`` once for each milestone at this step."""
        return self.gamma ** self.milestones[self.last_epoch]

    def _multiple(self) -> float:
        """``gamma`` to the power of the milestones passed."""
        return self.gamma ** bisect_right(sorted(self.milestones.elements()), self.last_epoch)


class ConstantLR(_Scaling):
    """Multiply by ``factor`` for the first ``total_iters`` steps.

    >>> import upriver as up
    >>> opt = up.optim.SGD([up.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = up.optim.lr_scheduler.ConstantLR(opt, factor=0.5, total_iters=1)
    >>> schedule.get_last_lr()
    [0.5]
    >>> opt.step()
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [1.0]
    """

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if not 0 <= factor <= 1.0:
            raise ValueError(
                f"Constant multiplicative factor expected to be between 0 and 1, but got {factor}"
            )
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        """The given factor at step 0, its inverse at ``total_iters``."""
        if self.last_epoch == 0:
            return self.factor
        return 1.0 / self.factor if self.last_epoch == self.total_iters else 1.0

    def _multiple(self) -> float:
        """The factor until ``total_iters``."""
        return 1.0 if self.last_epoch >= self.total_iters else self.factor


class LinearLR(_Scaling):
    """Go in a straight line from ``start_factor`` to ``end_factor`` of the rate over ``total_iters`` steps.

    >>> import upriver as up
    >>> opt = up.optim.SGD([up.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = up.optim.lr_scheduler.LinearLR(opt, start_factor=0.5, total_iters=2)
    >>> opt.step()
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.75]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1.0:
            raise ValueError(
                "Starting multiplicative factor expected to be greater than 0 and less or equal to 1, "
                f"but got {start_factor}"
            )
        if not 0 <= end_factor <= 1.0:
            raise ValueError(
                f"Ending multiplicative factor expected to be between 0 and 1, but got {end_factor}"
            )
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        """The ratio of two neighbours on the line."""
        if self.last_epoch == 0:
            return self.start_factor
        if self._is_initial or self.last_epoch > self.total_iters:
            return 1.0
        rise = self.end_factor - self.start_factor
        return 1.0 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise)

    def _multiple(self) -> float:
        """The place on the line."""
        rise = self.end_factor - self.start_factor
        return self.start_factor + rise * min(self.total_iters, self.last_epoch) / self.total_iters


class ExponentialLR(_Scaling):
    """Multiply by ``gamma`` at every step.

    >>> import upriver as up
    >>> opt = up.optim.SGD([up.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = up.optim.lr_scheduler.ExponentialLR(opt, gamma=0.5)
    >>> opt.step()
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        """``gamma``, but not at the start."""
        return 1.0 if self._is_initial else self.gamma

    def _multiple(self) -> float:
        """``gamma`` to the power of the steps."""
        return self.gamma**self.last_epoch


class PolynomialLR(_Scaling):
    """Fall to zero over ``total_iters`` steps as ``(1 - step / total_iters) ** power``.

    >>> import upriver as up
    >>> opt = up.optim.SGD([up.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = up.optim.lr_scheduler.PolynomialLR(opt, total_iters=4)
    >>> opt.step()
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.75]
    """

    def __init__(
        self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        """The ratio of two neighbours on the curve."""
        if self._is_initial or self.last_epoch > self.total_iters:
            return 1.0
        now, before = (1.0 - step / self.total_iters for step in (self.last_epoch, self.last_epoch - 1))
        return float((now / before) ** self.power)

    def _multiple(self) -> float:
        """The place on the curve."""
        return float((1.0 - min(self.total_iters, self.last_epoch) / self.total_iters) ** self.power)


class _ByFunction(LRScheduler):
    """A schedule by functions of the step, one for all groups or a list with one a group."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1) -> None:
        count = len(optimizer.param_groups)
        functions = list(lr_lambda) if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * count
        if len(functions) != count:
            raise ValueError(f"Expected {count} lr_lambdas, but got {len(functions)}")
        for function in functions:
            if not callable(function):
                raise TypeError(f"lr_lambda should be a function, but got {type(function).__name__}")
        self.lr_lambdas = functions
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser; of the functions only the attributes of callable objects."""
        return super().state_dict() | {
            "lr_lambdas": [state_of_function(function) for function in self.lr_lambdas]
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned; plain functions stay as they are."""
        self.__dict__.update({key: value for key, value in state_dict.items() if key != "lr_lambdas"})
        for function, attributes in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if attributes is not None:
                function.__dict__.update(attributes)


class LambdaLR(_ByFunction):
    """Set the rate to the initial one times ``lr_lambda(step)``.

    >>> import upriver as up
    >>> opt = up.optim.SGD([up.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = up.optim.lr_scheduler.LambdaLR(opt, lambda step: 1 / (1 + step))
    >>> opt.step()
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def get_lr(self) -> list[float]:
        """The initial rates, each times its function."""
        return [lr * f(self.last_epoch) for lr, f in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class MultiplicativeLR(_ByFunction):
    """Multiply the rate by ``lr_lambda(step)`` at every step.

    >>> import upriver as up
    >>> opt = up.optim.SGD([up.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = up.optim.lr_scheduler.MultiplicativeLR(opt, lambda step: 0.5)
    >>> opt.step()
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def get_lr(self) -> list[float]:
        """The rates in use, each times its function, but not at the start."""
        if self._is_initial:
            return rates(self.optimizer)
        return [lr * f(self.last_epoch) for lr, f in zip(rates(self.optimizer), self.lr_lambdas, strict=True)]
