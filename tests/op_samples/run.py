"""Run a row's sample on a library, and collect what came out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.op_samples.row import Const, Draw, Row, Sample
from tests.oracle import to_numpy

Results = dict[str, "np.ndarray | None"]


class Call:
    """One sample made ready for a library: its Tensors, and the leaves gradients are asked for."""

    def __init__(
        self, lib: Any, row: Row, sample: Sample, *, strided: bool = False, grad: bool = True
    ) -> None:
        self.lib, self.row, self.strided, self.grad = lib, row, strided, grad
        self.leaves: list[Any] = []
        self.args = [self._ready(a) for a in sample.args]
        self.kwargs = {k: self._ready(v) for k, v in sample.kwargs.items()}

    def _ready(self, value: Any) -> Any:
        if isinstance(value, Const):
            return self._tensor(value.array)
        if isinstance(value, np.generic):
            value = np.asarray(value)
        if isinstance(value, list) and any(isinstance(v, np.ndarray) for v in value):
            return [self._ready(v) for v in value]
        if not isinstance(value, np.ndarray):
            return value
        tensor = self._tensor(value)
        if self.grad and self.row.differentiable and value.dtype.kind in "fc":
            self.leaves.append(tensor.requires_grad_())
        return tensor

    def _tensor(self, array: np.ndarray) -> Any:
        if not self.strided:
            return self.lib.tensor(array)
        return self.lib.tensor(np.repeat(array[..., None], 2, axis=-1))[..., 0]

    def outputs(self) -> list[Any]:
        """The operator's results as a flat list."""
        result = self.row.apply(self.lib, *self.args, **self.kwargs)
        return list(result) if isinstance(result, (tuple, list)) else [result]

    def differentiable(self, *leaves: Any) -> tuple[Any, ...]:
        """The results that carry a graph, as a function of the leaves (for gradcheck)."""
        taken = iter(leaves)
        args = [self._substitute(a, taken) for a in self.args]
        kwargs = {k: self._substitute(v, taken) for k, v in self.kwargs.items()}
        result = self.row.apply(self.lib, *args, **kwargs)
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        return tuple(r for r in results if getattr(r, "requires_grad", False))

    def _substitute(self, value: Any, taken: Any) -> Any:
        if isinstance(value, list):
            return [self._substitute(v, taken) for v in value]
        return next(taken) if any(value is leaf for leaf in self.leaves) else value


def cotangent(lib: Any, output: Any, name: str) -> Any:
    """A fixed Tensor to weigh an output with."""
    array = to_numpy(output)
    return lib.tensor(Draw(f"cotangent/{name}", array.dtype.name).real(*array.shape))


def outcome(
    lib: Any, row: Row, sample: Sample, *, create_graph: bool = False, strided: bool = False
) -> Results:
    """Every output and the gradient of every leaf."""
    call = Call(lib, row, sample, strided=strided)
    outputs = call.outputs()
    results: Results = {f"out{n}": to_numpy(o) for n, o in enumerate(outputs)}
    followed = [(n, o) for n, o in enumerate(outputs) if getattr(o, "requires_grad", False)]
    if followed:
        weights = [cotangent(lib, o, str(n)) for n, o in followed]
        tensors = [o for _, o in followed]
        grads = lib.autograd.grad(tensors, call.leaves, weights, allow_unused=True, create_graph=create_graph)
        results |= {f"grad{n}": None if g is None else to_numpy(g) for n, g in enumerate(grads)}
    return results


def second_order(lib: Any, row: Row, sample: Sample) -> Results:
    """The gradient of the weighted gradients, for every leaf and every weight."""
    call = Call(lib, row, sample)
    followed = [o for o in call.outputs() if getattr(o, "requires_grad", False)]
    weights = [cotangent(lib, o, str(n)).requires_grad_() for n, o in enumerate(followed)]
    if not call.leaves or not followed:
        return {}
    first = lib.autograd.grad(followed, call.leaves, weights, allow_unused=True, create_graph=True)
    numbered = [(n, g) for n, g in enumerate(first) if g is not None and g.requires_grad]
    if not numbered:
        return {}
    first = [g for _, g in numbered]
    again = [cotangent(lib, g, f"again{n}") for n, g in numbered]
    wanted = [*call.leaves, *weights]
    grads = lib.autograd.grad(first, wanted, again, allow_unused=True)
    return {f"second{n}": None if g is None else to_numpy(g) for n, g in enumerate(grads)}


def exercise(lib: Any, row: Row, sample: Sample, order: int = 3) -> None:
    """Differentiate as often as there is something left to differentiate."""
    call = Call(lib, row, sample)
    outputs = [o for o in call.outputs() if getattr(o, "requires_grad", False)]
    wanted = list(call.leaves)
    for _ in range(order if wanted else 0):
        weights = [cotangent(lib, o, str(n)).requires_grad_() for n, o in enumerate(outputs)]
        grads = lib.autograd.grad(outputs, wanted, weights, allow_unused=True, create_graph=True)
        wanted += weights
        outputs = [g for g in grads if g is not None and g.requires_grad]
        if not outputs:
            return


def record_row(lib: Any, row: Row, run: Callable[..., Results] = outcome) -> Results:
    """All samples of a row in all its dtypes, special points in the floating ones."""
    results: Results = {}
    for dtype in row.dtypes:
        labelled = list(row.each(dtype))
        if dtype.startswith("float"):
            labelled += row.each_special(dtype)
        for label, sample in labelled:
            results |= {f"{dtype}/{label}/{k}": v for k, v in run(lib, row, sample).items()}
    return results
