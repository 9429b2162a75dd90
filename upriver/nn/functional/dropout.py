"""Dropout: random zeros in training, the identity outside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import ops
from ...ops.activation import SELU_ALPHA, SELU_SCALE
from ...tensor import Tensor
from .activation import overwrite

__all__ = ["alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout"]


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """In training, zero each element with probability ``p`` and scale the others by ``1 / (1 - p)``.

    Raises ValueError unless ``0 <= p <= 1``.

    >>> import upriver as up
    >>> up.nn.functional.dropout(up.ones(3), training=False)
    tensor([1., 1., 1.])
    """
    return _drop(input, p, training, inplace, input.shape)


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """`dropout` of whole channels of (N, C, L) or (C, L).

    >>> import upriver as up
    >>> up.nn.functional.dropout1d(up.ones(1, 2, 3), p=1.0).sum()
    tensor(0.)
    """
    return _drop_channels("dropout1d", input, p, training, inplace, 1)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """`dropout` of whole channels of (N, C, H, W) or (C, H, W).

    >>> import upriver as up
    >>> up.nn.functional.dropout2d(up.ones(1, 2, 3, 3), p=1.0).sum()
    tensor(0.)
    """
    return _drop_channels("dropout2d", input, p, training, inplace, 2)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """`dropout` of whole channels of (N, C, D, H, W) or (C, D, H, W).

    >>> import upriver as up
    >>> up.nn.functional.dropout3d(up.ones(1, 2, 3, 3, 3), p=1.0).sum()
    tensor(0.)
    """
    return _drop_channels("dropout3d", input, p, training, inplace, 3)


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """`dropout` for `selu` networks: dropped elements take its negative limit, and mean and variance are
    kept.

    >>> import upriver as up
    >>> up.nn.functional.alpha_dropout(up.ones(3))
    tensor([1., 1., 1.])
    """
    return _drop_alpha(input, p, training, inplace, input.shape)


def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """`alpha_dropout` of whole channels of (N, C, *).

    >>> import upriver as up
    >>> up.nn.functional.feature_alpha_dropout(up.ones(1, 3, 1)).sum()
    tensor(3.)
    """
    return _drop_alpha(input, p, training, inplace, _channel_shape(input))


def check_probability(p: float) -> None:
    """Raise ValueError unless ``p`` is a probability."""
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _drop(input: Tensor, p: float, training: bool, inplace: bool, noise_shape: Sequence[int]) -> Tensor:
    check_probability(p)
    if not training or p == 0:
        return input
    noise: Any = 0.0
    if p < 1:
        noise = ops.empty(noise_shape, dtype=input.dtype).bernoulli_(1 - p).mul_(1 / (1 - p))
    return overwrite(input, lambda values: values * noise) if inplace else input * noise


def _drop_channels(name: str, input: Tensor, p: float, training: bool, inplace: bool, spatial: int) -> Tensor:
    if input.dim() not in (spatial + 1, spatial + 2):
        raise RuntimeError(
            f"{name}: Expected {spatial + 1}D or {spatial + 2}D input, but received a {input.dim()}D input. "
            "Channels are dimension 1 of a batch and dimension 0 of a single sample."
        )
    if input.dim() == spatial + 1:
        return _drop(input, p, training, inplace, (input.size(0), *[1] * spatial))
    return _drop(input, p, training, inplace, _channel_shape(input))


def _channel_shape(input: Tensor) -> tuple[int, ...]:
    if input.dim() < 2:
        raise RuntimeError(
            f"Feature dropout requires at least 2 dimensions in the input, but got {input.dim()}. Give (N, "
            "C, *)."
        )
    return (*input.shape[:2], *[1] * (input.dim() - 2))


def _drop_alpha(input: Tensor, p: float, training: bool, inplace: bool, noise_shape: Sequence[int]) -> Tensor:
    check_probability(p)
    if not training or p == 0:
        return input
    if p == 1:
        return overwrite(input, lambda values: values * 0) if inplace else input * 0
    limit = SELU_ALPHA * SELU_SCALE
    scale = ((limit**2 * p + 1) * (1 - p)) ** -0.5
    kept = ops.empty(noise_shape, dtype=input.dtype).bernoulli_(1 - p)
    shift = (kept - 1) * (limit * scale) + limit * scale * p
    kept.mul_(scale)
    return overwrite(input, lambda values: values * kept + shift) if inplace else input * kept + shift
