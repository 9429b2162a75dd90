"""Dropout layers: random zeros in training, the identity outside it."""

from __future__ import annotations

from ..tensor import Tensor
from . import functional as F
from .functional.dropout import check_probability
from .module import Module

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _Dropout(Module):
    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        check_probability(p)
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """In training, zero each element with probability ``p`` and scale the others by ``1 / (1 - p)``.

    >>> import upriver as up
    >>> up.nn.Dropout(0.2).eval()(up.ones(3))
    tensor([1., 1., 1.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_Dropout):
    """`Dropout` of whole channels of (N, C, L) or (C, L).

    >>> import upriver as up
    >>> up.nn.Dropout1d()(up.ones(1, 4, 3)).std(-1)
    tensor([[0., 0., 0., 0.]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """`Dropout` of whole channels of (N, C, H, W) or (C, H, W).

    >>> import upriver as up
    >>> up.nn.Dropout2d().eval()(up.ones(1, 1, 1, 2))
    tensor([[[[1., 1.]]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """`Dropout` of whole channels of (N, C, D, H, W) or (C, D, H, W).

    >>> import upriver as up
    >>> up.nn.Dropout3d().eval()(up.ones(1, 1, 1, 1, 1)).sum()
    tensor(1.)
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """`Dropout` for `SELU` networks: it keeps mean and variance.

    >>> import upriver as up
    >>> up.nn.AlphaDropout(0.1).eval()(up.ones(2))
    tensor([1., 1.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.alpha_dropout(input, self.p, self.training, self.inplace)


class FeatureAlphaDropout(_Dropout):
    """`AlphaDropout` of whole channels of (N, C, *).

    >>> import upriver as up
    >>> up.nn.FeatureAlphaDropout(0.1).eval()(up.ones(1, 2))
    tensor([[1., 1.]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape."""
        return F.feature_alpha_dropout(input, self.p, self.training, self.inplace)
