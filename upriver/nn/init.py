"""Initial values of parameters, written in place and outside the graph."""

from __future__ import annotations

import math
import warnings
from typing import Any

from .. import ops
from ..autograd import no_grad
from ..tensor import Tensor

__all__ = [
    "calculate_gain", "constant_", "dirac_", "eye_", "kaiming_normal_", "kaiming_uniform_", "normal_",
    "ones_", "orthogonal_", "sparse_", "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_",
    "zeros_",
]  # fmt: skip

LINEAR_GAINS = {
    *("linear", "conv1d", "conv2d", "conv3d", "sigmoid"),
    *("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which weights are scaled to keep the variance through ``nonlinearity``.

    Raises ValueError for a name it does not know.

    >>> import upriver as up
    >>> round(up.nn.init.calculate_gain("leaky_relu", 0.2), 4)
    1.3868
    """
    if nonlinearity in LINEAR_GAINS:
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Draw from the uniform distribution over [a, b).

    >>> import upriver as up
    >>> bool((up.nn.init.uniform_(up.empty(3), 1.0, 2.0) >= 1).all())
    True
    """
    with no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Draw from the normal distribution.

    >>> import upriver as up
    >>> up.nn.init.normal_(up.empty(2), mean=3.0, std=0.0)
    tensor([3., 3.])
    """
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> Tensor:
    """Draw from the normal distribution cut off outside [a, b].

    >>> import upriver as up
    >>> bool((up.nn.init.trunc_normal_(up.empty(100)).abs() <= 2).all())
    True
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be "
            "incorrect.",
            stacklevel=2,
        )
    low, high = (math.erf((bound - mean) / (std * math.sqrt(2))) for bound in (a, b))
    with no_grad():
        # The inverse of the distribution function, of a uniform draw from its range over [a, b].
        tensor.uniform_(low, high, generator=generator)
        tensor.copy_(ops.erfinv(tensor)).mul_(std * math.sqrt(2)).add_(mean)
        return tensor.clamp_(min=a, max=b)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with ``val``.

    >>> import upriver as up
    >>> up.nn.init.constant_(up.empty(2), 0.5)
    tensor([0.5000, 0.5000])
    """
    with no_grad():
        return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with 1.

    >>> import upriver as up
    >>> up.nn.init.ones_(up.empty(2))
    tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with 0.

    >>> import upriver as up
    >>> up.nn.init.zeros_(up.empty(2))
    tensor([0., 0.])
    """
    return constant_(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """Make a matrix the identity; raises ValueError for another number of dimensions.

    >>> import upriver as up
    >>> up.nn.init.eye_(up.empty(2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    if tensor.dim() != 2:
        raise ValueError(f"Only tensors with 2 dimensions are supported, got {tensor.dim()}")
    with no_grad():
        return tensor.copy_(ops.eye(*tensor.shape, dtype=tensor.dtype))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Make a convolution's weight (out, in, *) pass its channels on unchanged, in each of ``groups``.

    Raises ValueError unless there are 3 to 5 dimensions and ``groups`` divides the first.

    >>> import upriver as up
    >>> up.nn.init.dirac_(up.empty(2, 2, 1)).squeeze()
    tensor([[1., 0.],
            [0., 1.]])
    """
    if tensor.dim() not in (3, 4, 5):
        raise ValueError(f"Only tensors with 3, 4, or 5 dimensions are supported, got {tensor.dim()}")
    if tensor.size(0) % groups:
        raise ValueError(f"dim 0 must be divisible by groups: got {tensor.size(0)} and groups={groups}.")
    per_group = tensor.size(0) // groups
    centre = [size // 2 for size in tensor.shape[2:]]
    with no_grad():
        tensor.zero_()
        for group in range(groups):
            for channel in range(min(per_group, tensor.size(1))):
                tensor[(group * per_group + channel, channel, *centre)] = 1
        return tensor


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Draw uniformly with variance ``gain**2 * 2 / (fan_in + fan_out)`` (Glorot and Bengio).

    >>> import upriver as up
    >>> bool((up.nn.init.xavier_uniform_(up.empty(3, 3)).abs() <= 1).all())
    True
    """
    fan_in, fan_out = _fans(tensor)
    bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Draw normally with variance ``gain**2 * 2 / (fan_in + fan_out)`` (Glorot and Bengio).

    >>> import upriver as up
    >>> up.nn.init.xavier_normal_(up.empty(3, 3)).shape
    torch.Size([3, 3])
    """
    fan_in, fan_out = _fans(tensor)
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / (fan_in + fan_out)), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Draw uniformly with variance ``gain**2 / fan`` (He et al.); ``a`` is the slope of a leaky ReLU.

    >>> import upriver as up
    >>> bool((up.nn.init.kaiming_uniform_(up.empty(2, 6)).abs() <= 1).all())
    True
    """
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    bound = math.sqrt(3.0) * std
    return tensor if std == 0 else uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Draw normally with variance ``gain**2 / fan`` (He et al.); ``a`` is the slope of a leaky ReLU.

    >>> import upriver as up
    >>> up.nn.init.kaiming_normal_(up.empty(2, 6), mode="fan_out").shape
    torch.Size([2, 6])
    """
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    return tensor if std == 0 else normal_(tensor, 0.0, std, generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """Make the rows (or columns, whichever are fewer) of the tensor as a matrix orthonormal, times ``gain``.

    Raises ValueError for fewer than 2 dimensions.

    >>> import upriver as up
    >>> w = up.nn.init.orthogonal_(up.empty(2, 5))
    >>> up.allclose(w @ w.T, up.eye(2), atol=1e-6)
    True
    """
    if tensor.dim() < 2:
        raise ValueError(f"Only tensors with 2 or more dimensions are supported, got {tensor.dim()}")
    if tensor.numel() == 0:
        return tensor
    rows, columns = tensor.size(0), tensor.numel() // tensor.size(0)
    with no_grad():
        draw = ops.empty(max(rows, columns), min(rows, columns), dtype=tensor.dtype)
        q, r = ops.linalg.qr(draw.normal_(0, 1, generator=generator))
        # With the signs of R's diagonal Q is uniform over the orthogonal matrices.
        q = q * ops.sign(ops.diagonal(r))
        return tensor.copy_((q.T if rows < columns else q).reshape(tensor.shape)).mul_(gain)


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Draw a matrix normally, then zero the share ``sparsity`` of every column.

    Raises ValueError for another number of dimensions.

    >>> import upriver as up
    >>> (up.nn.init.sparse_(up.empty(4, 2), 0.5) == 0).sum(0)
    tensor([2, 2])
    """
    if tensor.dim() != 2:
        raise ValueError(f"Only tensors with 2 dimensions are supported, got {tensor.dim()}")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    with no_grad():
        tensor.normal_(0, std, generator=generator)
        for column in range(columns):
            tensor[ops.randperm(rows, generator=generator)[:zeros], column] = 0
        return tensor


def _fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs feed an output of a weight (out, in, *), and how many outputs an input feeds."""
    if tensor.dim() < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    window = math.prod(tensor.shape[2:])
    return tensor.size(1) * window, tensor.size(0) * window


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    """The standard deviation; 0 (with a warning) for a tensor without elements, which needs no values."""
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
        return 0.0
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan = _fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)
