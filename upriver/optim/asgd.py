"""Averaged stochastic gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np

from .blockwise import Array, Arrays, Blockwise, State, approach, counter, tick
from .checks import check_not_negative, check_rate
from .optimizer import Group, Params

__all__ = ["ASGD"]


class ASGD(Blockwise):
    """Gradient descent with a falling rate that also keeps the average of its path, ``state[p]["ax"]``.

    The rate is ``lr / (1 + lambd * lr * steps) ** alpha``; averaging begins after ``t0`` steps.

    >>> import upriver as up
    >>> w = up.tensor([1.0], requires_grad=True)
    >>> opt = up.optim.ASGD([w], lr=0.25, lambd=0.0)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.tolist(), opt.state[w]["ax"].tolist()
    ([0.5], [0.5])
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_rate(lr)
        check_not_negative(weight_decay=weight_decay)
        super().__init__(params, {
            "lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay,
            "foreach": foreach, "maximize": maximize, "differentiable": differentiable,
            "capturable": capturable,
        })  # fmt: skip

    def arrays(self, group: Group) -> dict[str, float]:
        """The average of the path."""
        return {"ax": 0.0}

    def constants(self, group: Group, state: State) -> tuple[float, ...]:
        """Decay, rate and weight of this step; ``eta`` and ``mu`` then hold those of the next."""
        lr, lambd = float(group["lr"]), group["lambd"]
        step = tick(state)
        if "eta" not in state:
            state["eta"], state["mu"] = counter(lr), counter(1.0)
        eta, mu = state["eta"]._array, state["mu"]._array
        rate, weight = float(eta), float(mu)
        eta[...] = lr / (1 + lambd * lr * step) ** group["alpha"]
        mu[...] = 1 / max(1.0, step - group["t0"])
        return 1 - lambd * rate, rate, weight

    @staticmethod
    def update(group: Group, p: Array, g: Array, state: Arrays, k: Arrays, t: Array, u: Array) -> None:
        """``p = decay * p - rate * grad``, and the average follows."""
        (average,) = state
        decay, rate, weight = k
        np.multiply(p, decay, out=p)
        np.subtract(p, np.multiply(g, rate, out=t), out=p)
        if weight == 1:
            np.copyto(average, p)
        else:
            approach(average, p, weight, t)
