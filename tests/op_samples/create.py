"""Creation: no gradient, but values, shapes and dtypes are PyTorch's."""

from __future__ import annotations

from typing import Any

from tests.op_samples.row import EVERYTHING, Row, S


def create(name: str, *samples: Any) -> Row:
    """A row of fixed calls."""
    return Row(name, lambda d: samples, differentiable=False, dtypes=("float64",))


def like(name: str, **more: Any) -> Row:
    """A creation from another Tensor's shape and dtype."""
    return Row(
        name, lambda d: [S(d.real(2, 3)), S(d.real())], differentiable=False, dtypes=EVERYTHING, **more
    )


ROWS = [
    create("zeros", S(2, 3), S((2, 3)), S(()), S(0)),
    create("ones", S(2, 3), S((2, 3))),
    create("full", S((2, 3), 1.5), S((2,), 3), S((2,), True)),
    create("arange", S(5), S(1, 5), S(1, 9, 2), S(0.0, 1.0, 0.25), S(5, 0, -2)),
    create("linspace", S(0.0, 1.0, 5), S(0, 10, 3), S(1.0, 2.0, 1)),
    create("logspace", S(0.0, 2.0, 3)),
    create("eye", S(3), S(2, 4)),
    create("tensor", S(1), S(1.0), S(True), S([1, 2]), S([1.0, 2]), S([[1], [2]]), S(1j), S([])),
    create("tril_indices", S(3, 3)),
    create("triu_indices", S(3, 4, 1)),
    like("zeros_like"),
    like("ones_like"),
    like("full_like", call=lambda lib, x: lib.full_like(x, 1)),
    like("Tensor.new_zeros", call=lambda lib, x: x.new_zeros((2, 2))),
    like("Tensor.new_ones", call=lambda lib, x: x.new_ones(3)),
    like("Tensor.new_full", call=lambda lib, x: x.new_full((2,), 1)),
    like("Tensor.new_tensor", call=lambda lib, x: x.new_tensor([0, 1])),
]
