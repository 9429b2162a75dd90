"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np

from .blockwise import Array, Arrays, Blockwise, State
from .checks import check_not_negative, check_rate
from .optimizer import Group, Params

__all__ = ["SGD"]


class SGD(Blockwise):
    """Gradient descent with momentum: ``buf = momentum * buf + (1 - dampening) * grad``, ``p -= lr * buf``.

    ``nesterov`` looks ahead: ``p -= lr * (grad + momentum * buf)``. ``weight_decay`` adds that multiple of
    the parameter to its gradient; ``maximize`` climbs. Without momentum nothing is remembered.

    >>> import upriver as up
    >>> w = up.tensor([1.0], requires_grad=True)
    >>> opt = up.optim.SGD([w], lr=0.25, momentum=0.5)
    >>> for _ in range(2):
    ...     opt.zero_grad()
    ...     (w * w).sum().backward()
    ...     opt.step()
    >>> w.tolist()
    [0.0]
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_rate(lr)
        check_not_negative(momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError(
                "Nesterov momentum requires a momentum and zero dampening, but got "
                f"momentum={momentum}, dampening={dampening}"
            )
        super().__init__(params, {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
            "nesterov": nesterov, "maximize": maximize, "foreach": foreach, "differentiable": differentiable,
            "fused": fused,
        })  # fmt: skip

    def arrays(self, group: Group) -> dict[str, float]:
        """The momentum, where it is used."""
        return {"momentum_buffer": 0.0} if group["momentum"] else {}

    def constants(self, group: Group, state: State) -> tuple[float, ...]:
        """Rate, what of the momentum is kept and of the gradient added; the first gradient counts whole."""
        momentum = group["momentum"]
        if momentum and state.get("momentum_buffer") is None:
            return float(group["lr"]), 0.0, 1.0, momentum
        return float(group["lr"]), momentum, 1 - group["dampening"], momentum

    @staticmethod
    def update(group: Group, p: Array, g: Array, state: Arrays, k: Arrays, t: Array, u: Array) -> None:
        """``p -= lr * direction``."""
        lr, keep, add, momentum = k
        if group["momentum"]:
            (buf,) = state
            np.multiply(buf, keep, out=buf)
            np.add(buf, np.multiply(g, add, out=t), out=buf)
            g = np.add(g, np.multiply(buf, momentum, out=t), out=t) if group["nesterov"] else buf
        np.subtract(p, np.multiply(g, lr, out=t), out=p)
