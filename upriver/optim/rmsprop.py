"""RMSprop: the gradient over the root of the running average of its square."""

from __future__ import annotations

from typing import Any

import numpy as np

from .blockwise import Array, Arrays, Blockwise, State, approach, approach_square, tick
from .checks import check_not_negative, check_rate
from .optimizer import Group, Params

__all__ = ["RMSprop"]


class RMSprop(Blockwise):
    """RMSprop: ``p -= lr * grad / (sqrt(average_of_squares) + eps)``.

    ``centered`` divides by an estimate of the standard deviation instead; ``momentum`` accumulates the steps.

    >>> import upriver as up
    >>> w = up.tensor([1.0], requires_grad=True)
    >>> opt = up.optim.RMSprop([w], lr=0.25, alpha=0.75)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.tolist()
    [0.5]
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        check_not_negative(eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        super().__init__(params, {
            "lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
            "weight_decay": weight_decay, "capturable": capturable, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable,
        })  # fmt: skip

    def arrays(self, group: Group) -> dict[str, float]:
        """The average of squares, the momentum and the average of the gradient, as far as they are used."""
        momentum = {"momentum_buffer": 0.0} if group["momentum"] > 0 else {}
        mean = {"grad_avg": 0.0} if group["centered"] else {}
        return {"square_avg": 0.0} | momentum | mean

    def constants(self, group: Group, state: State) -> tuple[float, ...]:
        """Weights of the averages, ``eps``, momentum and rate."""
        tick(state)
        return group["alpha"], 1 - group["alpha"], group["eps"], group["momentum"], float(group["lr"])

    @staticmethod
    def update(group: Group, p: Array, g: Array, state: Arrays, k: Arrays, t: Array, u: Array) -> None:
        """``p -= lr * grad / (sqrt(average_of_squares - average**2) + eps)``."""
        square, mean = state[0], state[-1]
        alpha, weight, eps, momentum, lr = k
        approach_square(square, g, alpha, weight, t)
        if group["centered"]:
            approach(mean, g, weight, t)
            square = np.subtract(square, np.multiply(mean, mean, out=t), out=t)
        np.add(np.sqrt(square, out=t), eps, out=t)
        step = np.divide(g, t, out=t)
        if group["momentum"] > 0:
            step = np.add(np.multiply(state[1], momentum, out=state[1]), step, out=state[1])
        np.subtract(p, np.multiply(step, lr, out=t), out=p)
