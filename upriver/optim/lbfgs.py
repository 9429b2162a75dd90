"""L-BFGS: steps along the gradient seen through the curvature of the last few steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import written
from ..tensor import Tensor, from_array
from .blockwise import Array
from .checks import check_rate
from .line_search import Point, strong_wolfe
from .optimizer import Closure, Group, Optimizer, Params, evaluate

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    """Limited-memory BFGS over all parameters together.

    ``step`` needs a closure and makes up to ``max_iter`` iterations. The closure clears the gradients,
    computes the loss, calls ``backward()`` and returns the loss. With ``line_search_fn="strong_wolfe"`` each
    step length satisfies the strong Wolfe conditions; without, it is ``lr``.

    >>> import upriver as up
    >>> w = up.tensor([3.0, -2.0], requires_grad=True)
    >>> opt = up.optim.LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     opt.zero_grad()
    ...     loss = ((w - 1) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> opt.step(closure).item()
    13.0
    >>> [round(value, 4) for value in w.tolist()]
    [1.0, 1.0]
    """

    def __init__(
        self,
        params: Params,
        lr: Any = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_rate(lr)
        if history_size < 1:
            raise ValueError(f"Invalid history_size: {history_size}; expected at least 1 step to remember")
        super().__init__(params, {
            "lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change,
            "history_size": history_size, "line_search_fn": line_search_fn,
        })  # fmt: skip
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    def step(self, closure: Closure | None = None) -> Any:
        """Minimise for up to ``max_iter`` iterations; returns the closure's first loss."""
        if closure is None:
            raise TypeError(
                "LBFGS.step() missing 1 required positional argument: 'closure'. Give a function that "
                "recomputes the loss and its gradients and returns the loss"
            )
        group = self.param_groups[0]
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise RuntimeError(
                f"only 'strong_wolfe' is supported, but got line_search_fn={group['line_search_fn']!r}"
            )
        state = self.state[group["params"][0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first = evaluate(closure)
        state["func_evals"] += 1
        point = Point(0.0, _number(first), self._gradient())
        if _largest(point.grad) > group["tolerance_grad"]:
            self._iterate(closure, group, state, point)
        return first

    def _iterate(self, closure: Closure, group: Group, state: dict[str, Any], point: Point) -> None:
        evaluations = 1
        memory = _Memory(state, group["history_size"])
        for iteration in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            direction, loss = memory.direction(point.grad), point.value
            length: Any = float(group["lr"])
            if state["n_iter"] == 1:
                length *= min(1.0, 1.0 / float(np.abs(point.grad).sum()))
            slope = direction.dot(point.grad)
            if slope <= -group["tolerance_change"]:
                last = iteration == group["max_iter"]
                limit = group["max_eval"] - evaluations
                point, used = self._move(closure, group, point, direction, length, limit, last)
                length = point.at
            memory.took(direction, length, loss)
            if slope > -group["tolerance_change"]:
                return
            evaluations += used
            state["func_evals"] += used
            if evaluations >= group["max_eval"] or _largest(point.grad) <= group["tolerance_grad"]:
                return
            if _largest(direction * length) <= group["tolerance_change"]:
                return
            if abs(point.value - loss) < group["tolerance_change"]:
                return

    def _move(
        self,
        closure: Closure,
        group: Group,
        point: Point,
        direction: Array,
        length: float,
        limit: int,
        last: bool,
    ) -> tuple[Point, int]:
        """Go along ``direction``; returns where that led and how often the closure was called."""
        if group["line_search_fn"] is None:
            self._add(length, direction)
            if last:  # nobody asks for the loss there
                return Point(length, point.value, point.grad), 0
            return self._here(closure, length), 1
        start = [param._array.copy() for param in group["params"]]

        def trial(at: float) -> Point:
            self._add(at, direction)
            found = self._here(closure, at)
            for param, array in zip(group["params"], start, strict=True):
                param._array[...] = array
                written("LBFGS.step", param)
            return found

        found, used = strong_wolfe(trial, point, direction, length, group["tolerance_change"], limit)
        self._add(found.at, direction)
        return found, used

    def _here(self, closure: Callable[[], Any], at: float) -> Point:
        return Point(at, _number(evaluate(closure)), self._gradient())

    def _gradient(self) -> Array:
        """The gradients of all parameters in one row; zeros where there is none."""
        rows = []
        for param in self.param_groups[0]["params"]:
            array = np.zeros_like(param._array) if param.grad is None else param.grad._array
            rows.append(_as_real(array.reshape(-1)))
        return np.concatenate(rows)

    def _add(self, length: float, direction: Array) -> None:
        """Move every parameter by its part of ``length * direction``."""
        start = 0
        for param in self.param_groups[0]["params"]:
            array = param._array
            stop = start + array.size * (2 if array.dtype.kind == "c" else 1)
            step = (direction[start:stop] * length).astype(array.real.dtype, copy=False)
            array += step.view(array.dtype).reshape(array.shape)
            written("LBFGS.step", param)
            start = stop


class _Memory:
    """The last steps and what they did to the gradient, kept in ``state`` under PyTorch's names."""

    def __init__(self, state: dict[str, Any], size: int) -> None:
        self.state = state
        self.size = size

    def direction(self, grad: Array) -> Array:
        """Minus the gradient, multiplied by the inverse curvature that the remembered steps tell of."""
        state = self.state
        if state.get("prev_flat_grad") is None:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            state["prev_flat_grad"] = from_array(grad.copy())
            return -grad
        change = grad - state["prev_flat_grad"]._array
        step = state["d"]._array * state["t"]
        curvature = change.dot(step)
        if curvature > 1e-10:
            for name, array in (("old_dirs", change), ("old_stps", step), ("ro", 1.0 / curvature)):
                state[name] = [*state[name], from_array(array)][-self.size :]
            state["H_diag"] = from_array(curvature / change.dot(change))
        state["prev_flat_grad"] = from_array(grad.copy())
        return self._two_loops(-grad)

    def _two_loops(self, q: Array) -> Array:
        """The product with the inverse Hessian: back through the steps, scale, and forth again."""
        changes, steps, inverse = (
            [tensor._array for tensor in self.state[name]] for name in ("old_dirs", "old_stps", "ro")
        )
        weights = [np.zeros(())] * len(steps)
        for i in reversed(range(len(steps))):
            weights[i] = steps[i].dot(q) * inverse[i]
            q -= changes[i] * weights[i]
        scale = self.state["H_diag"]
        q *= scale if isinstance(scale, int) else scale._array
        for change, step, ratio, weight in zip(changes, steps, inverse, weights, strict=True):
            q += step * (weight - change.dot(q) * ratio)
        return q

    def took(self, direction: Array, length: float, loss: float) -> None:
        """Note the step that was taken, from where the loss was ``loss``."""
        self.state.update(d=from_array(direction), t=length, prev_loss=loss)


def _number(loss: Any) -> float:
    return float(loss._array if isinstance(loss, Tensor) else loss)


def _largest(row: Array) -> float:
    return float(np.abs(row).max(initial=0.0))


def _as_real(row: Array) -> Array:
    return row.view(row.real.dtype) if row.dtype.kind == "c" else row
