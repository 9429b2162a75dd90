"""How an update is applied: on raw memory, over blocks that fit in cache, without temporaries."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd import written
from ..dtypes import float32, float64, get_default_dtype
from ..kernels.threads import run_ranges
from ..tensor import Tensor, from_array
from .optimizer import Closure, Group, Optimizer, evaluate

__all__ = [
    "Array",
    "Arrays",
    "Blockwise",
    "State",
    "approach",
    "approach_square",
    "counter",
    "filled_like",
    "tick",
]

Array = np.ndarray[Any, Any]
Arrays = Sequence[Array]
State = dict[str, Any]

# Elements: a parameter, its gradient, two averages and the scratch rows then stay in a core's cache.
BLOCK = 65_536
GRAIN = 4 * BLOCK  # elements worth a thread of their own


class Blockwise(Optimizer):
    """An optimiser that treats every element alone, so that an update is a formula on one-dimensional blocks.

    A subclass gives three things. ``arrays`` names what is remembered in the parameter's shape, with the
    value at the start. ``constants`` counts the step and computes the numbers that are the same for all
    elements; at a parameter's first step it finds an empty ``state``. ``update`` is the formula: it writes
    ``p`` and the arrays of ``state`` in place and has two scratch rows, ``t`` and ``u``. The gradient it sees
    has ``maximize`` and ``weight_decay`` in it already; decoupled decay was applied to ``p``.
    """

    def arrays(self, group: Group) -> dict[str, float]:
        """Names and first values of the state that has the parameter's shape."""
        raise NotImplementedError(f"{type(self).__name__} must define arrays()")

    def constants(self, group: Group, state: State) -> tuple[float, ...]:
        """The numbers of this step for :meth:`update`; counts the step."""
        raise NotImplementedError(f"{type(self).__name__} must define constants()")

    @staticmethod
    def update(group: Group, p: Array, g: Array, state: Arrays, k: Arrays, t: Array, u: Array) -> None:
        """The formula: write ``p`` and ``state`` from the gradient ``g`` and the constants ``k``."""
        raise NotImplementedError("a Blockwise optimizer must define update()")

    def step(self, closure: Closure | None = None) -> Any:
        """Update every parameter that has a gradient; returns what ``closure`` returns."""
        loss = evaluate(closure)
        with np.errstate(all="ignore"):
            for group in self.param_groups:
                for param in group["params"]:
                    grad = param.grad
                    if grad is not None:
                        self._advance(param, grad, group)
        return loss

    def _advance(self, param: Tensor, grad: Tensor, group: Group) -> None:
        """One step of one parameter, counted as a write to it and to its state."""
        state = self.state.get(param, {})
        constants = self.constants(group, state)
        tensors = [param]
        for name, first in self.arrays(group).items():
            if state.get(name) is None:
                state[name] = from_array(filled_like(param._array, first))
            tensors.append(state[name])
        if state:  # an optimiser that remembers nothing leaves no entry
            self.state[param] = state
        self._sweep(group, constants, [tensor._array for tensor in tensors], grad._array)
        written(f"{type(self).__name__}.step", *tensors)

    def _sweep(self, group: Group, constants: tuple[float, ...], arrays: list[Array], grad: Array) -> None:
        """Run the formula over all blocks; the threads share a large parameter."""
        p, *state = flats = [_flat(array) for array in arrays]
        g = _flat(grad)
        k = tuple(np.asarray(each, p.dtype) for each in constants)

        def blocks(start: int, stop: int) -> None:
            for i in range(start, stop, BLOCK):
                j = min(i + BLOCK, stop)
                self._block(group, k, p[i:j], g[i:j], [each[i:j] for each in state])

        if p.size <= BLOCK:
            self._block(group, k, p, g, state)
        else:
            run_ranges(blocks, p.size, GRAIN)
        for array, flat in zip(arrays, flats, strict=True):
            _give_back(flat, array)

    def _block(self, group: Group, k: Arrays, p: Array, g: Array, state: Arrays) -> None:
        """The formula on one block, after what every optimiser does to the gradient first."""
        t, u, w = _scratch(p.dtype)[:, : p.size]
        if group["maximize"]:
            g = np.negative(g, out=w)
        decay = group.get("weight_decay", 0)
        if decay and group.get("decoupled_weight_decay", False):
            np.multiply(p, 1 - float(group["lr"]) * decay, out=p)
        elif decay:
            g = np.add(g, np.multiply(p, decay, out=t), out=w)
        self.update(group, p, g, state, k, t, u)


def tick(state: State) -> float:
    """Count one step in the 0-d tensor ``state["step"]``; returns the count."""
    if "step" not in state:
        state["step"] = counter(0.0)
    array = state["step"]._array
    array += 1
    return float(array)


def counter(value: float) -> Tensor:
    """A 0-d tensor for the state: float32, as in PyTorch, unless the default type is float64."""
    dtype = float64 if get_default_dtype() is float64 else float32
    return from_array(np.full((), value, dtype.numpy))


def filled_like(array: Array, value: float) -> Array:
    """A new C-ordered array; a complex one has ``value`` in both of its parts, which are two elements."""
    return np.full(array.shape, complex(value, value) if array.dtype.kind == "c" else value, array.dtype)


def _flat(array: Array) -> Array:
    """The elements in one row, in place where possible; complex as pairs, float16 widened to float32."""
    row = array.reshape(-1)
    kind = row.dtype.char
    if kind in "FD":
        return row.view(row.real.dtype)
    return row.astype(np.float32) if kind == "e" else row


def _give_back(row: Array, array: Array) -> None:
    """Write a row of :func:`_flat` back where it is not the array's own memory."""
    if not array.flags.c_contiguous or array.dtype.char == "e":
        elements = row.view(array.dtype) if array.dtype.kind == "c" else row
        array[...] = elements.reshape(array.shape)


class _Rows(threading.local):
    """Scratch memory of one thread, by element type."""

    def __init__(self) -> None:
        self.of: dict[np.dtype[Any], Array] = {}


_rows = _Rows()


def _scratch(dtype: np.dtype[Any]) -> Array:
    """Three rows of BLOCK elements, kept for the next call in this thread."""
    rows = _rows.of.get(dtype)
    if rows is None:
        rows = _rows.of[dtype] = np.empty((3, BLOCK), dtype)
    return rows


def approach(average: Array, value: Array, weight: Array, t: Array) -> None:
    """``average += weight * (value - average)``, in place."""
    np.multiply(np.subtract(value, average, out=t), weight, out=t)
    np.add(average, t, out=average)


def approach_square(average: Array, value: Array, keep: Array, weight: Array, t: Array) -> None:
    """``average = keep * average + weight * value**2``, in place."""
    np.multiply(average, keep, out=average)
    np.multiply(np.multiply(value, value, out=t), weight, out=t)
    np.add(average, t, out=average)
