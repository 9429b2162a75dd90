"""The end of every path: a gradient is added to a leaf's ``grad``."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor, from_array
from .hooks import run_leaf_hooks, run_post_accumulate_hooks

__all__ = ["accumulate"]


def accumulate(leaf: Tensor, gradient: Any, owned: bool, hooked: bool = False) -> None:
    """Add ``gradient`` (an array, or a tensor with history) to ``leaf.grad``, in place where there is one.

    ``owned``: the array may be kept without a copy. ``hooked``: the leaf's hooks have run.
    """
    if leaf._extra is not None and not hooked:
        before = gradient
        gradient = run_leaf_hooks(leaf, gradient)
        owned = owned and gradient is before and not leaf._extra.hooks
    if not leaf._requires_grad:  # switched off after the forward
        return
    held = leaf._grad
    if isinstance(gradient, Tensor):
        leaf._grad = gradient if held is None else held + gradient
    elif held is None:
        leaf._grad = from_array(
            _fitting(gradient, leaf) if owned else np.array(gradient, leaf._array.dtype, order="C")
        )
    else:
        held._array[...] += gradient
        held._storage.bump("backward() accumulating a gradient")
    if leaf._extra is not None:
        run_post_accumulate_hooks(leaf)


def _fitting(gradient: Any, leaf: Tensor) -> Any:
    kind = leaf._array.dtype
    return gradient if gradient.dtype is kind else np.asarray(gradient, kind)
