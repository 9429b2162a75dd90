"""Rprop: steps that grow while the sign of the gradient stays and shrink when it turns."""

from __future__ import annotations

from typing import Any

import numpy as np

from .blockwise import Array, Arrays, Blockwise, State, tick
from .checks import check_rate
from .optimizer import Group, Params

__all__ = ["Rprop"]


class Rprop(Blockwise):
    """Rprop: each element has a step size of its own, from ``lr``, which grows or shrinks by ``etas``.

    Only the gradient's sign is used, so it suits full batches. ``step_sizes`` are the limits.

    >>> import upriver as up
    >>> w = up.tensor([1.0], requires_grad=True)
    >>> opt = up.optim.Rprop([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.tolist()
    [0.75]
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}; expected 0 < etas[0] < 1 < etas[1]")
        super().__init__(params, {
            "lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "capturable": capturable,
        })  # fmt: skip

    def arrays(self, group: Group) -> dict[str, float]:
        """The gradient before, and the step sizes."""
        return {"prev": 0.0, "step_size": float(group["lr"])}

    def constants(self, group: Group, state: State) -> tuple[float, ...]:
        """The two factors and the two limits."""
        tick(state)
        return (*group["etas"], *group["step_sizes"])

    @staticmethod
    def update(group: Group, p: Array, g: Array, state: Arrays, k: Arrays, t: Array, u: Array) -> None:
        """``p -= sign(grad) * size``; where the sign turned, the element rests for one step."""
        before, size = state
        shrink, grow, smallest, largest = k
        agreement = np.multiply(g, before, out=t)
        turned = agreement < 0
        np.multiply(size, grow, out=size, where=agreement > 0)
        np.multiply(size, shrink, out=size, where=turned)
        np.clip(size, smallest, largest, out=size)
        np.copyto(before, g)
        np.copyto(before, 0, where=turned)
        np.subtract(p, np.multiply(np.sign(before, out=t), size, out=t), out=p)
