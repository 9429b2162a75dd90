"""Activation functions as modules; the functions themselves are in `upriver.nn.functional`."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..dtypes import dtype as DType
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter

__all__ = [
    "CELU", "ELU", "GELU", "GLU", "SELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU",
    "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "RReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax",
    "Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold",
]  # fmt: skip


class _InPlace(Module):
    """An activation without parameters that may overwrite its input."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        """Whether it overwrites its input."""
        return "inplace=True" if self.inplace else ""


class ReLU(_InPlace):
    """``max(input, 0)``.

    >>> import upriver as up
    >>> up.nn.ReLU()(up.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.relu(input, self.inplace)


class SiLU(_InPlace):
    """``input * sigmoid(input)``.

    >>> import upriver as up
    >>> up.nn.SiLU()(up.tensor([-1.0, 1.0]))
    tensor([-0.2689,  0.7311])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.silu(input, self.inplace)


class Mish(_InPlace):
    """``input * tanh(softplus(input))``.

    >>> import upriver as up
    >>> up.nn.Mish()(up.tensor([-1.0, 1.0]))
    tensor([-0.3034,  0.8651])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.mish(input, self.inplace)


class SELU(_InPlace):
    """The scaled exponential unit of self-normalising networks.

    >>> import upriver as up
    >>> up.nn.SELU()(up.tensor([-1.0, 1.0]))
    tensor([-1.1113,  1.0507])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.selu(input, self.inplace)


class Hardsigmoid(_InPlace):
    """``relu6(input + 3) / 6``.

    >>> import upriver as up
    >>> up.nn.Hardsigmoid()(up.tensor([-4.0, 0.0]))
    tensor([0.0000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.hardsigmoid(input, self.inplace)

    def extra_repr(self) -> str:
        """Nothing, as in PyTorch."""
        return ""


class Hardswish(Hardsigmoid):
    """``input * hardsigmoid(input)``.

    >>> import upriver as up
    >>> up.nn.Hardswish()(up.tensor([0.0, 4.0]))
    tensor([0., 4.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.hardswish(input, self.inplace)


class Hardtanh(_InPlace):
    """``input`` held between ``min_val`` and ``max_val``. Raises AssertionError unless the first is the
    smaller.

    >>> import upriver as up
    >>> up.nn.Hardtanh()(up.tensor([-3.0, 3.0]))
    tensor([-1.,  1.])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        if min_val >= max_val:
            raise AssertionError(f"max_val ({max_val}) must be greater than min_val ({min_val})")
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """The bounds."""
        return f"min_val={self.min_val}, max_val={self.max_val}" + (", inplace=True" if self.inplace else "")


class ReLU6(Hardtanh):
    """``min(max(input, 0), 6)``.

    >>> import upriver as up
    >>> up.nn.ReLU6()(up.tensor([-1.0, 8.0]))
    tensor([0., 6.])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        """Whether it overwrites its input."""
        return "inplace=True" if self.inplace else ""


class LeakyReLU(_InPlace):
    """``input`` where positive, ``negative_slope * input`` elsewhere.

    >>> import upriver as up
    >>> up.nn.LeakyReLU(0.5)(up.tensor([-2.0, 2.0]))
    tensor([-1.,  2.])
    """

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """The slope."""
        return f"negative_slope={self.negative_slope}" + (", inplace=True" if self.inplace else "")


class RReLU(_InPlace):
    """A leaky ReLU with a random slope in training, and the mean slope outside it.

    >>> import upriver as up
    >>> up.nn.RReLU(0.2, 0.3).eval()(up.tensor([-2.0, 2.0]))
    tensor([-0.5000,  2.0000])
    """

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.lower = lower
        self.upper = upper

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """The bounds of the slope."""
        return f"lower={self.lower}, upper={self.upper}" + (", inplace=True" if self.inplace else "")


class ELU(_InPlace):
    """``input`` where positive, ``alpha * (exp(input) - 1)`` elsewhere.

    >>> import upriver as up
    >>> up.nn.ELU()(up.tensor([-1.0, 2.0]))
    tensor([-0.6321,  2.0000])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """The scale of the negative part."""
        return f"alpha={self.alpha}" + (", inplace=True" if self.inplace else "")


class CELU(ELU):
    """``input`` where positive, ``alpha * (exp(input / alpha) - 1)`` elsewhere.

    >>> import upriver as up
    >>> up.nn.CELU(2.0)(up.tensor([-2.0, 2.0]))
    tensor([-1.2642,  2.0000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.celu(input, self.alpha, self.inplace)


class Threshold(_InPlace):
    """``input`` where it is above ``threshold``, elsewhere ``value``.

    >>> import upriver as up
    >>> up.nn.Threshold(1.0, -7.0)(up.tensor([0.5, 2.0]))
    tensor([-7.,  2.])
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = threshold
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """The threshold and the value."""
        return f"threshold={self.threshold}, value={self.value}" + (", inplace=True" if self.inplace else "")


class GELU(Module):
    """``input`` times the normal distribution function of it; ``approximate='tanh'`` for the cheaper formula.

    >>> import upriver as up
    >>> up.nn.GELU()(up.tensor([-1.0, 1.0]))
    tensor([-0.1587,  0.8413])
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """The formula."""
        return f"approximate={self.approximate!r}"


class Sigmoid(Module):
    """``1 / (1 + exp(-input))``.

    >>> import upriver as up
    >>> up.nn.Sigmoid()(up.tensor([0.0, 1.0]))
    tensor([0.5000, 0.7311])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return ops.sigmoid(input)


class LogSigmoid(Module):
    """The logarithm of the sigmoid.

    >>> import upriver as up
    >>> up.nn.LogSigmoid()(up.tensor([0.0]))
    tensor([-0.6931])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.logsigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent.

    >>> import upriver as up
    >>> up.nn.Tanh()(up.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7616])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return ops.tanh(input)


class Tanhshrink(Module):
    """``input - tanh(input)``.

    >>> import upriver as up
    >>> up.nn.Tanhshrink()(up.tensor([0.0, 1.0]))
    tensor([0.0000, 0.2384])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.tanhshrink(input)


class Softsign(Module):
    """``input / (1 + abs(input))``.

    >>> import upriver as up
    >>> up.nn.Softsign()(up.tensor([-1.0, 3.0]))
    tensor([-0.5000,  0.7500])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.softsign(input)


class Softplus(Module):
    """``log(1 + exp(beta * input)) / beta``, and ``input`` itself where ``beta * input > threshold``.

    >>> import upriver as up
    >>> up.nn.Softplus()(up.tensor([0.0]))
    tensor([0.6931])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The sharpness and where it becomes linear."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Softshrink(Module):
    """``input`` moved towards 0 by ``lambd``, and 0 within ``lambd`` of it.

    >>> import upriver as up
    >>> up.nn.Softshrink()(up.tensor([-2.0, 0.25]))
    tensor([-1.5000,  0.0000])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The width."""
        return str(self.lambd)


class Hardshrink(Softshrink):
    """``input``, but 0 within ``lambd`` of 0.

    >>> import upriver as up
    >>> up.nn.Hardshrink()(up.tensor([-2.0, 0.25]))
    tensor([-2.,  0.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.hardshrink(input, self.lambd)


class PReLU(Module):
    """A leaky ReLU whose slope is learned: one (``num_parameters=1``), or one for each channel (dimension 1).

    >>> import upriver as up
    >>> up.nn.PReLU()(up.tensor([-2.0, 2.0])).tolist()
    [-0.5, 2.0]
    """

    weight: Parameter

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: DType | None = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(ops.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set every slope to its first value."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The number of slopes."""
        return f"num_parameters={self.num_parameters}"


class GLU(Module):
    """The first half of ``input`` along ``dim`` times the sigmoid of the second.

    >>> import upriver as up
    >>> up.nn.GLU()(up.tensor([2.0, 4.0, 0.0, 0.0]))
    tensor([1., 2.])
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of half the size along ``dim``."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class Softmax(Module):
    """Exponentials along ``dim`` divided by their sum.

    >>> import upriver as up
    >>> up.nn.Softmax(dim=0)(up.tensor([0.0, 0.0]))
    tensor([0.5000, 0.5000])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.softmax(input, self.dim, _stacklevel=5)

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """The logarithm of `Softmax`.

    >>> import upriver as up
    >>> up.nn.LogSoftmax(dim=0)(up.tensor([0.0, 0.0]))
    tensor([-0.6931, -0.6931])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.log_softmax(input, self.dim, _stacklevel=5)

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class Softmin(Module):
    """`Softmax` of ``-input``.

    >>> import upriver as up
    >>> up.nn.Softmin(dim=0)(up.tensor([0.0, 0.0]))
    tensor([0.5000, 0.5000])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.softmin(input, self.dim, _stacklevel=5)

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class Softmax2d(Module):
    """`Softmax` over the channels of (N, C, H, W) or (C, H, W).

    >>> import upriver as up
    >>> up.nn.Softmax2d()(up.zeros(1, 2, 1, 1)).flatten()
    tensor([0.5000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape; raises ValueError unless it has 3 or 4 dimensions."""
        if input.dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead")
        return ops.softmax(input, -3)
