"""Linear maps."""

from __future__ import annotations

from ... import ops
from ...tensor import Tensor

__all__ = ["bilinear", "linear"]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input @ weight.T + bias``: shapes (*, in), (out, in) and (out) make (*, out).

    >>> import upriver as up
    >>> up.nn.functional.linear(up.ones(2), up.tensor([[1.0, 2.0], [3.0, 4.0]]), up.ones(2))
    tensor([4., 8.])
    """
    return ops.linear(input, weight, bias)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input1 @ weight[o] @ input2 + bias[o]`` for each output ``o``.

    Shapes (*, in1), (*, in2), (out, in1, in2) and (out) make (*, out). Raises RuntimeError when they do not
    fit.

    >>> import upriver as up
    >>> up.nn.functional.bilinear(up.ones(1, 2), up.ones(1, 3), up.ones(1, 2, 3))
    tensor([[6.]])
    """
    outputs, in1, in2 = weight.shape
    _check_bilinear(input1, input2, weight)
    left = input1.reshape(-1, in1) @ weight.permute(1, 0, 2).reshape(in1, outputs * in2)
    product = left.reshape(-1, outputs, in2) @ input2.reshape(-1, in2, 1)
    output = product.reshape(*input1.shape[:-1], outputs)
    return output if bias is None else output + bias


def _check_bilinear(input1: Tensor, input2: Tensor, weight: Tensor) -> None:
    if input1.dim() != input2.dim() or input1.shape[:-1] != input2.shape[:-1]:
        raise RuntimeError(
            f"bilinear(): input batch dimensions do not match: got {tuple(input1.shape)} and "
            f"{tuple(input2.shape)}."
        )
    for name, input, dim in (("input1", input1, 1), ("input2", input2, 2)):
        if input.size(-1) != weight.size(dim):
            raise RuntimeError(
                f"bilinear(): {name} size does not match weight size: got {input.size(-1)} but expected "
                f"{weight.size(dim)}."
            )
