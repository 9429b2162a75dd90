"""Tensors that a module owns: parameters, which optimisers train, and buffers, which they leave alone."""

from __future__ import annotations

from typing import Any

from upriver import ops
from upriver.errors import here
from upriver.tensor import Tensor, cut_origin, initialise

__all__ = ["Buffer", "Parameter"]


class Parameter(Tensor):
    """A leaf that requires grad and that a `Module` registers when it is assigned as an attribute.

    It shares the memory of ``data``. Made from a computed tensor it is a leaf all the same: no gradient flows
    on to what ``data`` was computed from.

    >>> import upriver as up
    >>> up.nn.Parameter(up.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        source = _source(data)
        initialise(self, source._array, source._storage)
        self.requires_grad = requires_grad
        self._origin = cut_origin("Parameter()", source, here())

    # mypy forgets the names of special methods' arguments, so that no keyword ever matches.
    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]
        return f"Parameter containing:\n{Tensor.__repr__(self)}"

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.detach().clone(), self.requires_grad)
        copy: Parameter = memo[id(self)]
        return copy

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self.detach(), self.requires_grad), self.__dict__ or None


class Buffer(Tensor):
    """A tensor that a `Module` registers as a buffer when it is assigned as an attribute.

    ``persistent=False`` keeps it out of the ``state_dict``.

    >>> import upriver as up
    >>> layer = up.nn.Module()
    >>> layer.steps = up.nn.Buffer(up.zeros(1))
    >>> [name for name, _ in layer.named_buffers()]
    ['steps']
    """

    __slots__ = ()

    persistent: bool

    def __init__(self, data: Tensor | None = None, *, persistent: bool = True) -> None:
        source = _source(data)
        initialise(self, source._array, source._storage)
        self._origin = cut_origin("Buffer()", source, here())
        self.persistent = persistent

    def __deepcopy__(self, memo: dict[int, Any]) -> Buffer:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.detach().clone(), persistent=self.persistent)
        copy: Buffer = memo[id(self)]
        return copy

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self.detach(),), self.__dict__


def _source(data: Tensor | None) -> Tensor:
    if data is None:
        return ops.empty(0)
    if not isinstance(data, Tensor):
        raise TypeError(
            f"expected a Tensor to make a parameter or a buffer of, but got {type(data).__name__}."
        )
    return data
