"""Adam and its relatives: averages of the gradient and of its square set a step's direction and size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .blockwise import Array, Arrays, Blockwise, State, approach, approach_square, counter, tick
from .checks import check_betas, check_not_negative, check_rate
from .optimizer import Group, Params

__all__ = ["Adam", "AdamW", "Adamax", "NAdam", "RAdam"]


class Adam(Blockwise):
    """Adam: ``p -= lr * average / (sqrt(average_of_squares) + eps)``.

    Both averages are corrected for their start at 0. ``amsgrad`` divides by the largest average of squares so
    far. ``weight_decay`` is added to the gradient, or, with ``decoupled_weight_decay``, shrinks the parameter
    itself as :class:`AdamW` does.

    >>> import upriver as up
    >>> w = up.tensor([1.0, -2.0], requires_grad=True)
    >>> opt = up.optim.Adam([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.tolist()
    [0.5, -1.5]
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_rate(lr)
        check_betas(betas)
        check_not_negative(eps=eps, weight_decay=weight_decay)
        super().__init__(params, {
            "lr": lr, "betas": tuple(map(float, betas)), "eps": eps, "weight_decay": weight_decay,
            "amsgrad": amsgrad, "maximize": maximize, "foreach": foreach, "capturable": capturable,
            "differentiable": differentiable, "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        })  # fmt: skip

    def arrays(self, group: Group) -> dict[str, float]:
        """The two averages and, for ``amsgrad``, the largest second one."""
        largest = {"max_exp_avg_sq": 0.0} if group["amsgrad"] else {}
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0} | largest

    def constants(self, group: Group, state: State) -> tuple[float, ...]:
        """Weights of the averages, then ``eps`` and the rate with the bias corrections folded in."""
        beta1, beta2 = group["betas"]
        step = tick(state)
        root = math.sqrt(1 - beta2**step)
        return 1 - beta1, 1 - beta2, beta2, group["eps"] * root, float(group["lr"]) * root / (1 - beta1**step)

    @staticmethod
    def update(group: Group, p: Array, g: Array, state: Arrays, k: Arrays, t: Array, u: Array) -> None:
        """``p -= rate * average / (sqrt(average_of_squares) + eps)``."""
        average, square = state[:2]
        weight1, weight2, beta2, eps, rate = k
        approach(average, g, weight1, t)
        approach_square(square, g, beta2, weight2, t)
        if group["amsgrad"]:
            square = np.maximum(state[2], square, out=state[2])
        np.add(np.sqrt(square, out=t), eps, out=t)
        np.divide(average, t, out=t)
        np.subtract(p, np.multiply(t, rate, out=t), out=p)


class AdamW(Adam):
    """Adam with decoupled weight decay: the parameter shrinks by ``lr * weight_decay`` before each update.

    >>> import upriver as up
    >>> w = up.tensor([1.0], requires_grad=True)
    >>> w.grad = up.zeros(1)
    >>> up.optim.AdamW([w], lr=0.5, weight_decay=0.5).step()
    >>> w.tolist()
    [0.75]
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize,
            capturable=capturable, differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )  # fmt: skip


class Adamax(Blockwise):
    """Adam with the largest recent gradient in place of the root of the average of squares.

    >>> import upriver as up
    >>> w = up.tensor([1.0], requires_grad=True)
    >>> opt = up.optim.Adamax([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.tolist()
    [0.5]
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_rate(lr)
        check_betas(betas)
        check_not_negative(eps=eps, weight_decay=weight_decay)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        })  # fmt: skip

    def arrays(self, group: Group) -> dict[str, float]:
        """The average and the decaying maximum."""
        return {"exp_avg": 0.0, "exp_inf": 0.0}

    def constants(self, group: Group, state: State) -> tuple[float, ...]:
        """Weights, ``eps``, and the rate with the bias correction folded in."""
        beta1, beta2 = group["betas"]
        return 1 - beta1, beta2, group["eps"], float(group["lr"]) / (1 - beta1 ** tick(state))

    @staticmethod
    def update(group: Group, p: Array, g: Array, state: Arrays, k: Arrays, t: Array, u: Array) -> None:
        """``p -= rate * average / largest``."""
        average, largest = state
        weight1, beta2, eps, rate = k
        approach(average, g, weight1, t)
        np.multiply(largest, beta2, out=largest)
        np.maximum(largest, np.add(np.abs(g, out=t), eps, out=t), out=largest)
        np.subtract(p, np.multiply(np.divide(average, largest, out=t), rate, out=t), out=p)


class NAdam(Blockwise):
    """Adam with Nesterov momentum, whose coefficient grows with the steps at the pace of ``momentum_decay``.

    >>> import upriver as up
    >>> w = up.tensor([1.0], requires_grad=True)
    >>> opt = up.optim.NAdam([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> 0.0 < w.item() < 1.0
    True
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        check_betas(betas)
        check_not_negative(eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize, "foreach": foreach, "capturable": capturable,
            "differentiable": differentiable,
        })  # fmt: skip

    def arrays(self, group: Group) -> dict[str, float]:
        """The two averages."""
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def constants(self, group: Group, state: State) -> tuple[float, ...]:
        """Weights, ``eps``, the rates of gradient and average; multiplies the momenta so far."""
        beta1, beta2 = group["betas"]
        step = tick(state)
        now, after = (beta1 * (1 - 0.5 * 0.96 ** (n * group["momentum_decay"])) for n in (step, step + 1))
        if "mu_product" not in state:
            state["mu_product"] = counter(1.0)
        product = state["mu_product"]._array
        product *= now
        root, lr = math.sqrt(1 - beta2**step), float(group["lr"])
        ahead = lr * root * after / (1 - float(product) * after)
        return (
            1 - beta1,
            1 - beta2,
            beta2,
            group["eps"] * root,
            lr * root * (1 - now) / (1 - float(product)),
            ahead,
        )

    @staticmethod
    def update(group: Group, p: Array, g: Array, state: Arrays, k: Arrays, t: Array, u: Array) -> None:
        """``p -= (rate * grad + ahead * average) / (sqrt(average_of_squares) + eps)``."""
        average, square = state
        weight1, weight2, beta2, eps, rate, ahead = k
        approach(average, g, weight1, t)
        approach_square(square, g, beta2, weight2, t)
        np.add(np.multiply(g, rate, out=t), np.multiply(average, ahead, out=u), out=t)
        np.add(np.sqrt(square, out=u), eps, out=u)
        np.subtract(p, np.divide(t, u, out=t), out=p)


class RAdam(Blockwise):
    """Adam that trusts the average of squares only once it rests on enough steps (rectified).

    >>> import upriver as up
    >>> w = up.tensor([1.0], requires_grad=True)
    >>> opt = up.optim.RAdam([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.tolist()
    [0.5]
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        check_betas(betas)
        check_not_negative(eps=eps, weight_decay=weight_decay)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
            "foreach": foreach, "capturable": capturable, "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        })  # fmt: skip

    def arrays(self, group: Group) -> dict[str, float]:
        """The two averages."""
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def constants(self, group: Group, state: State) -> tuple[float, ...]:
        """Weights, ``eps``, the plain rate, and the rectified one, which is 0 while the steps are too few."""
        beta1, beta2 = group["betas"]
        step = tick(state)
        remaining = 1 - beta2**step
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * beta2**step / remaining
        rate = float(group["lr"]) / (1 - beta1**step)
        rectified = 0.0
        if length > 5:
            shape = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            rectified = rate * math.sqrt(shape * remaining)
        return 1 - beta1, 1 - beta2, beta2, group["eps"], rate, rectified

    @staticmethod
    def update(group: Group, p: Array, g: Array, state: Arrays, k: Arrays, t: Array, u: Array) -> None:
        """``p -= rectified * average / (sqrt(average_of_squares) + eps)``; at first ``rate * average``."""
        average, square = state
        weight1, weight2, beta2, eps, rate, rectified = k
        approach(average, g, weight1, t)
        approach_square(square, g, beta2, weight2, t)
        if rectified:
            np.add(np.sqrt(square, out=t), eps, out=t)
            np.multiply(np.divide(average, t, out=t), rectified, out=t)
        else:
            np.multiply(average, rate, out=t)
        np.subtract(p, t, out=p)
