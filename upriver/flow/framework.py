"""What the flow report asks of a framework: little, since PyTorch and upriver name most things alike."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from typing import Any, Literal

__all__ = ["Framework"]


class Framework(abc.ABC):
    """The questions whose answers differ between PyTorch and upriver."""

    name: Literal["upriver", "torch"]
    version: str

    @abc.abstractmethod
    def is_tensor(self, value: Any) -> bool:
        """Whether ``value`` is one of the framework's tensors."""

    @abc.abstractmethod
    def is_parameter(self, t: Any) -> bool:
        """Whether it is an ``nn.Parameter``."""

    @abc.abstractmethod
    def storage(self, t: Any) -> tuple[int, int]:
        """A number that tells the buffer of ``t`` from other living ones, and its bytes."""

    @abc.abstractmethod
    def checksum(self, t: Any) -> int:
        """A number that changes when the bytes of ``t`` do."""

    @abc.abstractmethod
    def grad_enabled(self) -> bool:
        """Whether operations are being recorded."""

    @abc.abstractmethod
    def inference(self) -> bool:
        """Whether inference mode is on."""

    @abc.abstractmethod
    def norm(self, gradient: Any) -> float:
        """The 2-norm of a gradient."""

    @abc.abstractmethod
    def custom(self, node: Any) -> bool:
        """Whether a node belongs to a user's autograd Function."""

    @abc.abstractmethod
    def node_seconds(self) -> float:
        """What recording one operator costs."""

    @abc.abstractmethod
    def shares(self, t: Any, array: Any) -> bool:
        """Whether an ndarray looks into the memory of ``t``."""

    def history(self, t: Any) -> Any:
        """The node that made ``t``; None for a leaf, and where PyTorch refuses to say."""
        try:
            return t.grad_fn
        except RuntimeError:  # a view made under no_grad whose base was written since
            return None

    def differentiable(self, t: Any) -> bool:
        """Whether the type of ``t`` can have a gradient."""
        kind = t.dtype
        return bool(kind.is_floating_point or kind.is_complex)

    def saved(self, node: Any) -> Iterator[tuple[str, Any]]:
        """What a node saved, by name: tensors. Raises RuntimeError if one was written since, or freed."""
        for attribute in self._saved_names(node):
            held = getattr(node, attribute)
            for each in held if isinstance(held, (list, tuple)) else (held,):
                if self.is_tensor(each):
                    yield attribute.removeprefix("_saved_"), each

    def _saved_names(self, node: Any) -> tuple[str, ...]:
        kind = type(node)
        names = _SAVED.get(kind)
        if names is None:
            names = tuple(name for name in dir(kind) if name.startswith("_saved_"))
            _SAVED[kind] = names
        return names


_SAVED: dict[type, tuple[str, ...]] = {}
