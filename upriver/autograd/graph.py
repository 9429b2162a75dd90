"""Looking at the graph and at what it saves: the names of ``torch.autograd.graph``."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from .differentiate import GradientEdge as GradientEdge
from .differentiate import get_gradient_edge as get_gradient_edge
from .hooks import register_multi_grad_hook as register_multi_grad_hook
from .node import Node as Node
from .saved import disable_saved_tensors_hooks as disable_saved_tensors_hooks
from .saved import saved_tensors_hooks as saved_tensors_hooks
from .variable import written


class save_on_cpu(saved_tensors_hooks):
    """Keep copies of saved tensors rather than the tensors: later writes to these do not matter."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cpu") -> None:
        super().__init__(_copied, _unchanged)


def _copied(t: Tensor) -> Tensor:
    return t.detach().clone()


def _unchanged(t: Tensor) -> Tensor:
    return t


class allow_mutation_on_saved_tensors(saved_tensors_hooks):
    """Let saved tensors be written in place: each is copied when it is saved, and backward uses the copy.

    Backward must run inside the block too; AssertionError otherwise.
    """

    def __init__(self) -> None:
        self._active = False
        super().__init__(_copied, self._unpacked)

    def __enter__(self) -> None:
        super().__enter__()
        self._active = True

    def __exit__(self, *error: object) -> None:
        self._active = False
        super().__exit__(*error)

    def _unpacked(self, t: Tensor) -> Tensor:
        if not self._active:
            raise AssertionError(
                "Trying to backward outside of the 'allow_mutation_on_saved_tensors' contextin which the "
                "graph was originally recorded."
            )
        return t


def increment_version(tensor: Any) -> None:
    """Say that the memory of a tensor (or of several) was written by means autograd cannot see."""
    for each in (tensor,) if isinstance(tensor, Tensor) else tensor:
        if each.is_inference():
            raise RuntimeError("Inference tensors do not track version counter.")
        written("increment_version", each)
