"""Adagrad and Adadelta: steps measured by the gradients that came before."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import from_array
from .blockwise import Array, Arrays, Blockwise, State, approach_square, counter, filled_like, tick
from .checks import check_not_negative, check_rate
from .optimizer import Group, Params

__all__ = ["Adadelta", "Adagrad"]


class Adagrad(Blockwise):
    """Adagrad: ``p -= lr * grad / (sqrt(sum_of_squares) + eps)``.

    The rate falls as ``lr / (1 + steps * lr_decay)``.

    >>> import upriver as up
    >>> w = up.tensor([1.0], requires_grad=True)
    >>> opt = up.optim.Adagrad([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.tolist()
    [0.5]
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_rate(lr)
        check_not_negative(
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        super().__init__(params, {
            "lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "fused": fused,
        })  # fmt: skip
        for group in self.param_groups:  # as in PyTorch, Adagrad alone has its state before the first step
            for param in group["params"]:
                total = filled_like(param._array, group["initial_accumulator_value"])
                self.state[param] = {"step": counter(0.0), "sum": from_array(total)}

    def arrays(self, group: Group) -> dict[str, float]:
        """The sum of squares."""
        return {"sum": group["initial_accumulator_value"]}

    def constants(self, group: Group, state: State) -> tuple[float, ...]:
        """``eps`` and the rate of this step."""
        return group["eps"], float(group["lr"]) / (1 + (tick(state) - 1) * group["lr_decay"])

    @staticmethod
    def update(group: Group, p: Array, g: Array, state: Arrays, k: Arrays, t: Array, u: Array) -> None:
        """``p -= rate * grad / (sqrt(sum_of_squares) + eps)``."""
        (total,) = state
        eps, rate = k
        np.add(total, np.multiply(g, g, out=t), out=total)
        np.add(np.sqrt(total, out=t), eps, out=t)
        np.subtract(p, np.multiply(np.divide(g, t, out=t), rate, out=t), out=p)


class Adadelta(Blockwise):
    """Adadelta: the gradient times the ratio of two root mean squares, of past steps and of past gradients.

    >>> import upriver as up
    >>> w = up.tensor([1.0], requires_grad=True)
    >>> opt = up.optim.Adadelta([w])
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> 0.99 < w.item() < 1.0
    True
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}; expected 0 <= rho <= 1")
        check_not_negative(eps=eps, weight_decay=weight_decay)
        super().__init__(params, {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
            "capturable": capturable, "foreach": foreach, "differentiable": differentiable,
        })  # fmt: skip

    def arrays(self, group: Group) -> dict[str, float]:
        """The averages of squared gradients and of squared steps."""
        return {"square_avg": 0.0, "acc_delta": 0.0}

    def constants(self, group: Group, state: State) -> tuple[float, ...]:
        """Weights of the averages, ``eps`` and the rate."""
        tick(state)
        return group["rho"], 1 - group["rho"], group["eps"], float(group["lr"])

    @staticmethod
    def update(group: Group, p: Array, g: Array, state: Arrays, k: Arrays, t: Array, u: Array) -> None:
        """``p -= lr * grad * sqrt(average_of_steps + eps) / sqrt(average_of_squares + eps)``."""
        square, steps = state
        rho, weight, eps, lr = k
        approach_square(square, g, rho, weight, t)
        np.sqrt(np.add(square, eps, out=t), out=t)
        np.sqrt(np.add(steps, eps, out=u), out=u)
        delta = np.multiply(np.divide(u, t, out=u), g, out=u)
        approach_square(steps, delta, rho, weight, t)
        np.subtract(p, np.multiply(delta, lr, out=t), out=p)
