"""In-place on views, in both directions.

NOTE [ Views ]. A view remembers its **base** (always the root, never another view) and the **steps** that
lead from base to view. When the base or another view is written by a recorded in-place operation, the base's
node is replaced at once; a view's own node is only stale, and is rebuilt from the base when somebody asks for
it and its version has moved. What cannot be rebuilt (its ``creation`` says why) is refused before anything is
written.
"""

from __future__ import annotations

from types import FrameType
from typing import Any, Final

import numpy as np

from ..errors import Where, explain
from ..tensor import Tensor, from_array
from .modes import state
from .namespaces import ON_ARRAYS, ON_TENSORS
from .node import Node, blank, edge_of

__all__ = ["AsStridedBackward0", "CopySlices", "Step", "View", "check_in_place", "rebase", "refresh"]

Array = np.ndarray[Any, Any]

# Why a view was made as it was; all but DEFAULT forbid writing it in grad mode.
DEFAULT: Final = "default"
NO_GRAD: Final = "no_grad"
INFERENCE: Final = "inference"
SEVERAL: Final = "several"
CUSTOM: Final = "custom"


class Step:
    """One view operation: the operator, its settings, and the shape it was applied to."""

    __slots__ = ("operator", "settings", "shape")

    def __init__(self, operator: Any, settings: dict[str, Any], shape: tuple[int, ...]) -> None:
        self.operator = operator
        self.settings = settings
        self.shape = shape

    def apply(self, F: Any, value: Any) -> Any:
        """The view of ``value``, which is shaped like the base."""
        return getattr(F, self.operator.name)(value, **self.settings)

    def pull(self, F: Any, g: Any) -> Any:
        """The adjoint: ``g``, shaped like the view, put into zeros shaped like the base."""
        name = self.operator.inputs[0]
        values = {**self.settings, f"{name}_shape": self.shape}
        return self.operator.rules[name](F, g, *(values[each] for each in self.operator.saves[name]))


class Lens:
    """The steps from a base to a view. Nodes keep this rather than the View, whose base would lead back to
    them: a cycle.
    """

    __slots__ = ("steps",)

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps

    def apply(self, F: Any, value: Any) -> Any:
        """All steps, from base to view."""
        for step in self.steps:
            value = step.apply(F, value)
        return value

    def pull(self, F: Any, g: Any) -> Any:
        """The adjoint of all steps."""
        for step in reversed(self.steps):
            g = step.pull(F, g)
        return g


class View:
    """How a tensor looks into its base; see NOTE [ Views ]."""

    __slots__ = ("base", "code", "creation", "instruction", "maker", "steps", "version")

    def __init__(
        self, base: Tensor, steps: tuple[Step, ...], creation: str, frame: FrameType, maker: str = ""
    ) -> None:
        self.base = base
        self.steps = steps
        self.creation = creation
        self.maker = maker  # what a refusal calls the function that made it: "Output 0 of Unbind"
        self.version = base._storage.counter
        self.code = frame.f_code
        self.instruction = frame.f_lasti

    @property
    def where(self) -> Where:
        """The statement that made the view."""
        return Where(self.code, self.instruction)


def view_of(t: Tensor, step: Step, creation: str, frame: FrameType, maker: str = "") -> View:
    """The View of a result that ``step`` made from ``t``."""
    held = t._view
    if held is None:
        return View(t, (step,), creation, frame, maker)
    if creation == DEFAULT:
        creation, maker = held.creation, held.maker
    return View(held.base, (*held.steps, step), creation, frame, maker)


def refresh(t: Tensor) -> None:
    """Bring a view's place in the graph up to date with its base, if a recorded write has moved it."""
    view = t._view
    counter = t._storage.counter
    if view.version == counter:
        return
    base = view.base
    if not base._requires_grad or t._storage is not base._storage:
        view.version = counter
        return
    if view.creation in (SEVERAL, CUSTOM) and t._node is not None:
        if not state.recording:  # reading its value is harmless; only its history is lost
            return
        raise RuntimeError(_refusal(t))
    edge, number = edge_of(base)
    node = blank(AsStridedBackward0, (edge,), (number,), view.where)
    node.lens = Lens(view.steps)
    _move(t._node, t._number, node, 0)
    t._node, t._number, t._requires_grad = node, 0, True
    view.version = counter


class AsStridedBackward0(Node):
    """Rebuilt history of a view whose base was written in place: base to view in one node."""

    __slots__ = ("lens",)

    lens: Lens

    def vjp(self, gradient: Any, keep: bool) -> tuple[Any, ...]:
        """The gradient put into zeros shaped like the base."""
        return (self.lens.pull(ON_ARRAYS, gradient),)

    def vjp_recorded(self, gradient: Any, keep: bool) -> tuple[Any, ...]:
        """As :meth:`vjp`, recording."""
        return (self.lens.pull(ON_TENSORS, gradient),)


class CopySlices(Node):
    """History of a base, the part of which that a view shows was overwritten by a recorded operation.

    Its inputs are the old base and what was written. The gradient outside the view goes to the old base, that
    inside it to what was written.
    """

    __slots__ = ("lens",)

    lens: Lens

    def vjp(self, gradient: Any, keep: bool) -> tuple[Any, ...]:
        """Gradients of the old base and of what was written."""
        outside = np.array(gradient, order="C")
        region = self.lens.apply(ON_ARRAYS, outside)
        inside = region.copy()
        region[...] = 0
        return (outside, inside)

    def vjp_recorded(self, gradient: Any, keep: bool) -> tuple[Any, ...]:
        """As :meth:`vjp`, recording: out of place, by a mask."""
        mask = np.zeros(gradient.shape, np.bool_)
        self.lens.apply(ON_ARRAYS, mask)[...] = True
        return (ON_TENSORS.mask_where(from_array(mask), gradient), self.lens.apply(ON_TENSORS, gradient))


def run_node(node: Node, F: Any, gradient: Any, keep: bool) -> tuple[Any, ...]:
    """A node's gradients with its restoration applied: what backward does for one node, without hooks."""
    run = node.vjp if F is ON_ARRAYS else node.vjp_recorded
    if node.restore is None:
        return run(gradient, keep)
    return node.restore.after(F, run(node.restore.before(F, gradient), keep))  # type: ignore[no-any-return]


def rebase(t: Tensor, node: Node, number: int = 0) -> None:
    """Make output ``number`` of ``node`` the history of ``t``, which was just written in place."""
    view = t._view
    if view is None:
        _move_retained(t, node, number)
        t._node, t._number, t._requires_grad = node, number, True
        return
    base = view.base
    edge, base_number = edge_of(base)
    slices = blank(CopySlices, (edge, node), (base_number, number), node.where)
    slices.lens = Lens(view.steps)
    _move_retained(base, slices, 0)
    base._node, base._number, base._requires_grad = slices, 0, True
    view.version = -1
    refresh(t)


def _move_retained(t: Tensor, node: Node, number: int) -> None:
    """``retain_grad`` follows the tensor: after a write it gets the gradient of the new value."""
    _move(t._node, t._number, node, number)


def _move(old: Node | None, old_number: int, node: Node, number: int) -> None:
    if old is not None and old is not node and old._extra is not None and old_number in old._extra.retains:
        node.extra().retains[number] = old._extra.retains.pop(old_number)


def check_in_place(t: Tensor, operation: str, part: bool = False) -> None:
    """Refuse a recorded in-place ``operation`` on ``t`` (or a ``part`` of it) whose history cannot be kept.

    Nothing is changed.
    """
    view = t._view
    if view is not None:
        refresh(t)
        if view.creation != DEFAULT:
            raise RuntimeError(_refusal(t))
        if t._requires_grad and view.base._node is None:
            raise RuntimeError(
                explain(
                    "a view of a leaf Variable that requires grad is being used in an in-place operation.",
                    f"{operation} would write the leaf (shape {list(view.base.shape)}) through the view made "
                    f"at {view.where}.",
                    "mend it: to update a parameter, write under `with no_grad():`; in a model, compute out "
                    "of place (clone() first).",
                )
            )
    if t._requires_grad and t._node is None:
        raise RuntimeError(
            explain(
                f"a {'view of a ' if part else ''}leaf Variable that requires grad is being used in an "
                "in-place operation.",
                f"{operation} would overwrite a leaf of shape {list(t.shape)}, whose gradient is wanted.",
                "mend it: to update a parameter, write under `with no_grad():`; in a model, compute out of "
                "place (y = x + 1).",
            )
        )


def _refusal(t: Tensor) -> str:
    view = t._view
    made = f"the view was made at {view.where}."
    if view.creation == NO_GRAD:
        return explain(
            "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given "
            "that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by "
            "moving both the view and the inplace either both inside the no_grad block (if you don't want "
            "the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
            made,
        )
    if view.creation == INFERENCE:
        return explain(
            "A view was created in inference mode and is being modified inplace in normal mode. Given that "
            "this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by "
            "moving both the view and the inplace either both inside the inference_mode block (if you don't "
            "want the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
            made,
        )
    if view.creation == SEVERAL:
        return explain(
            f"{view.maker} is a view and is being modified inplace. This view is the output of a function "
            "that returns multiple views. Such functions do not allow the output views to be modified "
            "inplace. You should replace the inplace operation by an out-of-place one.",
            made,
        )
    return explain(
        f"{view.maker} is a view and is being modified inplace. This view was created inside a custom "
        "Function (or because an input was returned as-is) and the autograd logic to handle view+inplace "
        "would override the custom backward associated with the custom Function, leading to incorrect "
        "gradients. This behavior is forbidden. You can fix this by cloning the output of the custom "
        "Function.",
        made,
    )
