"""The options of optimisers that make no sense, refused in PyTorch's words."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor

__all__ = ["check_betas", "check_not_negative", "check_rate"]


def check_rate(lr: Any) -> None:
    """Refuse a learning rate that is negative, not a number, or a Tensor of several elements."""
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError(f"Tensor lr must be 1-element, but got the shape {tuple(lr.shape)}")
    if not float(lr) >= 0.0:
        raise ValueError(f"Invalid learning rate: {lr}; expected a number >= 0")


def check_not_negative(**options: float) -> None:
    """Refuse options below zero, each named as PyTorch names it."""
    for name, value in options.items():
        if not value >= 0.0:
            called = "epsilon" if name == "eps" else name
            raise ValueError(f"Invalid {called} value: {value}; expected a number >= 0")


def check_betas(betas: tuple[float, float]) -> None:
    """Refuse decay rates outside of ``0 <= beta < 1``."""
    for index, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}; expected 0 <= beta < 1")
