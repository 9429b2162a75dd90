"""Forward mode: tensors that carry a tangent along, ``up.autograd.forward_ad``.

NOTE [ Forward mode ]. Inside a dual level, a table says which tensor has which tangent; a tensor without one
is a constant. Operators have no second set of rules: a derivative rule is linear in its cotangent, so the
transpose of what it does to a cotangent is what the operator does to a tangent (see
``upriver/ops/tangents.py``). Views of a dual carry the same view of its tangent; a write in place writes
both. Recording is another matter: tangents pass through ``no_grad``, and have a history of their own where
their operands have one.

The table belongs to its level and to the thread that entered it: leaving the level forgets all tangents, and
outside of levels nothing costs anything.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ..errors import explain
from ..tensor import Tensor, from_array
from .modes import _Mode, state
from .namespaces import ON_TENSORS
from .views import Lens

__all__ = [
    "UnpackedDualTensor",
    "dual_level",
    "enter_dual_level",
    "exit_dual_level",
    "make_dual",
    "unpack_dual",
]


class DualLevel:
    """The tangents of one level: of tensors, by identity, and of what nodes have saved."""

    __slots__ = ("held", "saved")

    def __init__(self) -> None:
        # a tensor's identity: a reference that takes the entry away with the tensor, and the tangent or None
        self.held: dict[int, tuple[weakref.ref[Tensor], Tensor | None]] = {}
        self.saved: weakref.WeakKeyDictionary[Any, dict[Any, Tensor]] = weakref.WeakKeyDictionary()

    def hold(self, t: Tensor, tangent: Tensor | None) -> None:
        """Make ``tangent`` that of ``t``; None: ``t`` is a constant, though it may look into a dual."""
        key, held = id(t), self.held
        held[key] = (weakref.ref(t, lambda _: held.pop(key, None)), tangent)

    def is_constant(self, t: Tensor) -> bool:
        """Whether ``t`` was made a constant, rather than never having met a tangent."""
        known = self.held.get(id(t))
        return known is not None and known[1] is None

    def tangent(self, t: Tensor) -> Tensor | None:
        """The tangent of ``t``, or None. A view whose base got one later shows that part of it."""
        known = self.held.get(id(t))
        if known is not None:
            return known[1]
        view = t._view
        of_base = None if view is None else self.held.get(id(view.base))
        if view is None or of_base is None or of_base[1] is None:
            return None
        with constants():
            tangent: Tensor = Lens(view.steps).apply(ON_TENSORS, of_base[1])
        self.hold(t, tangent)
        return tangent

    def note_saved(self, node: Any, tangents: dict[Any, Tensor]) -> None:
        """Remember the tangents of values that ``node`` has saved, by name."""
        if tangents:
            self.saved[node] = tangents

    def restored(self, node: Any, name: Any, t: Tensor) -> Tensor:
        """``t``, a saved value of ``node`` rebuilt for double backward, with the tangent it had."""
        tangent = self.saved.get(node, {}).get(name)
        if tangent is not None and id(t) not in self.held:
            if tangent._array.dtype != t._array.dtype:
                with constants():
                    tangent = ON_TENSORS.to_dtype(tangent, t._array.dtype)
            self.hold(t, tangent)
        return t


@contextmanager
def constants(silently: bool = False) -> Iterator[None]:
    """All tensors are constants: so tangents are computed themselves. ``silently``: nobody watches either."""
    dual, observers = state.dual, state.observers
    state.dual = None
    if silently:
        state.observers = ()
    state.settle()
    try:
        yield
    finally:
        state.dual, state.observers = dual, observers
        state.settle()


class UnpackedDualTensor(NamedTuple):
    """What :func:`unpack_dual` returns."""

    primal: Tensor
    tangent: Tensor | None


def enter_dual_level() -> int:
    """Enter a level, in which tensors can be dual, and return its number, 0; see :class:`dual_level`.

    Raises RuntimeError inside another level: there is one.
    """
    if state.dual is not None:
        raise RuntimeError(
            explain(
                "Nested forward mode AD is not supported at the moment",
                "mend it: for second derivatives, take upriver.autograd.grad of a tangent, or the tangent of "
                "a gradient.",
            )
        )
    state.dual = DualLevel()
    state.settle()
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """Leave the level: every tangent in it is forgotten. Raises RuntimeError if there is none, or another."""
    if level is not None and level != (-1 if state.dual is None else 0):
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not "
            "supported."
        )
    if state.dual is None:
        raise RuntimeError("Dual level must be a positive number.\n  no dual level is open in this thread.")
    state.dual = None
    state.settle()


class dual_level(_Mode):
    """Forward mode within: a context manager, or a decorator. Tangents live as long as the level.

    >>> import upriver as up
    >>> import upriver.autograd.forward_ad as forward_ad
    >>> with forward_ad.dual_level():
    ...     x = forward_ad.make_dual(up.tensor([1.0, 2.0]), up.tensor([1.0, 0.0]))
    ...     forward_ad.unpack_dual(x * x).tangent
    tensor([2., 0.])
    """

    def __enter__(self) -> int:  # type: ignore[override]
        return enter_dual_level()

    def __exit__(self, *error: object) -> None:
        exit_dual_level()


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """A view of ``tensor``, floating or complex, that carries ``tangent``, of the same shape, along.

    The tangent is kept as it is (writes in place then write it too) where its memory is laid out as that of
    ``tensor``, else as a copy. Differentiable backwards in both. Raises RuntimeError outside a level, for
    another shape, or for a tensor that is dual already; ValueError for other types of element.

    >>> import upriver as up
    >>> with up.autograd.forward_ad.dual_level():
    ...     x = up.autograd.forward_ad.make_dual(up.tensor(3.0), up.tensor(1.0))
    ...     up.autograd.forward_ad.unpack_dual(x**2)
    UnpackedDualTensor(primal=tensor(9.), tangent=tensor(6.))
    """
    if state.dual is None:
        raise RuntimeError(
            explain(
                "Trying to create a dual Tensor for forward AD but no level exists, make sure to "
                "enter_dual_level() first.",
                "mend it: compute within `with upriver.autograd.forward_ad.dual_level():`.",
            )
        )
    _check_level("_make_dual", level)
    for role, each in (("primal", tensor), ("tangent", tangent)):
        if not isinstance(each, Tensor):
            raise TypeError(f"make_dual(): the {role} must be Tensor, not {type(each).__name__}")
        if each._array.dtype.kind not in "fc":
            raise ValueError(f"Expected {role} to be floating point or complex, but got: {each.dtype!r}")
    check_tangent(tensor, tangent)
    if state.dual.tangent(tensor) is not None:
        raise RuntimeError(
            explain(
                "Making a dual Tensor based on a Tensor that already has a forward gradient at the same "
                "level 0 is not supported.",
                "mend it: take the value, unpack_dual(tensor).primal, and make that dual.",
            )
        )
    with constants():
        dual: Tensor = ON_TENSORS.view_(tensor, tensor._array.shape)
        if tangent._array.strides != tensor._array.strides:
            tangent = _laid_out(tangent, tensor)
    if not state.inference:
        state.dual.hold(dual, tangent)
    return dual


def _laid_out(tangent: Tensor, tensor: Tensor) -> Tensor:
    """A copy of ``tangent`` in the order of elements that ``tensor`` has, so that views of both agree."""
    copy = from_array(np.empty_like(tensor._array, dtype=tangent._array.dtype))
    written: Tensor = copy.copy_(tangent)
    return written


def check_tangent(tensor: Tensor, tangent: Tensor) -> None:
    """Refuse a tangent of another shape, or a complex one for a real ``tensor``."""
    if tangent._array.shape != tensor._array.shape:
        raise RuntimeError(
            explain(
                "Trying to set a forward gradient that has a different size than that of the original "
                f"Tensor, this is not supported. Tensor is of size {list(tensor.shape)} while the given "
                f"forward gradient is of size {list(tangent.shape)}.",
                "a tangent says in which direction each element moves: it has as many.",
                "mend it: reshape or expand the tangent.",
            )
        )
    if tangent._array.dtype.kind == "c" and tensor._array.dtype.kind != "c":
        raise ValueError(
            f"Expected tangent to be floating point, but got: {tangent.dtype!r}: the tensor is of type "
            f"{tensor.dtype!r}, and a real value moves in real directions"
        )


def _check_level(name: str, level: int | None) -> None:
    if level is not None and level != 0:
        raise RuntimeError(f"Invalid level given to {name}\n  there is one level, of number 0.")


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """The value and the tangent of a tensor, a named tuple; the tangent is None for constants.

    The value is a view of ``tensor`` without its tangent; outside a level it is ``tensor`` itself. Raises
    TypeError for anything that is no Tensor.
    """
    if state.dual is None:
        return UnpackedDualTensor(tensor, None)
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"_unpack_dual(): argument 'dual' (position 1) must be Tensor, not {type(tensor).__name__}"
        )
    _check_level("_unpack_dual", level)
    tangent = None if state.inference else state.dual.tangent(tensor)
    if tensor._array.dtype.kind not in "fc":
        return UnpackedDualTensor(tensor, None)
    with constants():
        primal = ON_TENSORS.view_(tensor, tensor._array.shape)
    if not state.inference:
        state.dual.hold(primal, None)
    return UnpackedDualTensor(primal, tangent)
