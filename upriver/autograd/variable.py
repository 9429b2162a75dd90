"""A tensor's place in the graph: requires_grad, grad, grad_fn, leaving it, hooks on it, backward from it.

Bound to :class:`upriver.Tensor` at the end of the file.
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable
from typing import Any

from ..dtypes import as_dtype
from ..errors import explain, here
from ..storage import InferenceStorage, Storage
from ..tensor import Tensor, cut_origin, from_array
from .hooks import extra_of
from .modes import state
from .node import Node, RemovableHandle
from .views import refresh

__all__ = ["written"]

NON_LEAF_GRAD = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't "
    "be populated during autograd.backward(). If you indeed want the .grad field to be populated for a "
    "non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by "
    "mistake, make sure you access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for "
    "more informations."
)


def _requires_grad(t: Tensor) -> bool:
    """Whether gradients flow to this tensor: it is a leaf that asked for them, or was computed from one.

    Setting it is allowed on floating-point and complex leaves; raises RuntimeError otherwise.
    """
    if t._view is not None:
        refresh(t)
    return t._requires_grad


def _set_requires_grad(t: Tensor, wanted: bool) -> None:
    wanted = bool(wanted)
    if _requires_grad(t) == wanted:
        return
    if t._node is not None:
        raise RuntimeError(
            explain(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed "
                "variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
                f"this tensor was computed by {t._node.name()} at {t._node.where}.",
            )
        )
    if wanted and t._array.dtype.kind not in "fc":
        raise RuntimeError(
            f"only Tensors of floating point and complex dtype can require gradients (got {t.dtype.name}; "
            "convert with .to(upriver.float32))"
        )
    if wanted and type(t._storage) is InferenceStorage and not state.inference:
        raise RuntimeError(
            "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
        )
    t._requires_grad = wanted
    if wanted:
        t._origin = None


def requires_grad_(t: Tensor, requires_grad: bool = True) -> Tensor:
    """Set ``requires_grad`` in place and return the tensor."""
    if requires_grad and t._array.dtype.kind not in "fc":
        raise RuntimeError(
            f"only Tensors of floating point dtype can require gradients (got {t.dtype.name}; convert with "
            ".to(upriver.float32))"
        )
    _set_requires_grad(t, requires_grad)
    return t


def _is_leaf(t: Tensor) -> bool:
    """Whether no recorded operation made it: true of every tensor that does not require grad."""
    if t._view is not None:
        refresh(t)
    return t._node is None


def _grad_fn(t: Tensor) -> Node | None:
    """The node that made it; None for a leaf."""
    if t._view is not None:
        refresh(t)
    return t._node


def _grad(t: Tensor) -> Tensor | None:
    """The gradient accumulated so far; None before the first. Reading it on a non-leaf warns."""
    if t._node is not None and t._grad is None and not retains_grad(t):
        warnings.warn(NON_LEAF_GRAD, UserWarning, stacklevel=2)
    return t._grad


def _set_grad(t: Tensor, given: Tensor | None) -> None:
    if given is None:
        t._grad = None
        return
    if not isinstance(given, Tensor):
        raise TypeError(
            f"assigned grad expected to be a Tensor or None but got grad of type {type(given).__name__}"
        )
    if given is t:
        raise RuntimeError("can't assign Variable as its own grad")
    if given._array.dtype != t._array.dtype and given._array.dtype != getattr(
        grad_dtype(t), "numpy", given._array.dtype
    ):
        raise RuntimeError(
            f"attempting to assign a gradient with dtype '{_type_word(given)}' to a tensor with grad_dtype "
            f"'{t.dtype.tensor_type}'. The gradient must match the tensor's grad_dtype (defaults to the "
            "tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None "
            "to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its "
            "gradient may break downstream systems that assume they match."
        )
    if given._array.shape != t._array.shape:
        raise RuntimeError(
            f"attempting to assign a gradient of size '{list(given.shape)}' to a tensor of size "
            f"'{list(t.shape)}'. Please ensure that the gradient and the tensor are the same size"
        )
    t._grad = given


def _type_word(t: Tensor) -> str:
    return {"Float": "float", "Double": "double"}.get(t.dtype.tensor_type, t.dtype.tensor_type)


def grad_dtype(t: Tensor) -> Any:
    """The type a leaf's gradient is kept in: its own unless set; None allows any."""
    return t._extra.grad_dtype if t._extra is not None and t._extra.grad_dtype is not None else t.dtype


def _set_grad_dtype(t: Tensor, given: Any) -> None:
    extra_of(t).grad_dtype = as_dtype(given)


def _output_nr(t: Tensor) -> int:
    """Which of its node's outputs it is."""
    return t._number


def _version(t: Tensor) -> int:
    """How many in-place operations have written its memory; shared by all aliases but ``.data``."""
    if type(t._storage) is InferenceStorage:
        raise RuntimeError("Inference tensors do not track version counter.")
    return t._storage.counter


def _base(t: Tensor) -> Tensor | None:
    """The tensor this one is a view of; None if it is no view."""
    return None if t._view is None else t._view.base


def is_view(t: Tensor) -> bool:
    """Whether it is a view that autograd tracks: ``detach()`` shares memory, yet is none."""
    return t._view is not None


def is_inference(t: Tensor) -> bool:
    """Whether it was made in inference mode."""
    return type(t._storage) is InferenceStorage


# -- leaving the graph ---------------------------------------------------------------------------------------


def detach_(t: Tensor) -> Tensor:
    """Cut this very tensor from the graph: it becomes a leaf that does not require grad.

    What was computed from it before keeps its history, but may no longer use its saved value: backward then
    raises. Raises RuntimeError on a view.
    """
    if t._view is not None:
        raise RuntimeError(
            explain(
                "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel "
                "(DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP "
                "buckets, and hence detach_() cannot be called on these gradients. To fix this error, please "
                "refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.",
                f"the view was made at {t._view.where}.",
            )
        )
    if t._node is not None:
        watch = t._storage.watched()
        watch.detached_array, watch.detached_at = t._array, here()
    t._origin = cut_origin("detach_()", t, here())
    t._node, t._number, t._requires_grad = None, 0, False
    if state.dual is not None:
        state.dual.hold(t, None)
    return t


def _data(t: Tensor) -> Tensor:
    """The same memory outside the graph, with a version counter of its own, so that writes to it go unseen.

    Prefer :meth:`detach`: a write through ``.data`` to a value that backward needs gives a wrong gradient in
    PyTorch; here backward warns and names the write.
    """
    storage = Storage.on(t._storage.array)
    storage.watched().origin = t._storage
    made = from_array(t._array, storage)
    made._origin = cut_origin(".data", t, here())
    return made


def _set_data(t: Tensor, given: Tensor) -> None:
    if not isinstance(given, Tensor):
        raise TypeError(f"Variable data has to be a tensor, but got {type(given).__name__}")
    if t._requires_grad and given._array.dtype.kind not in "fc":
        raise RuntimeError(
            "data set to a tensor that requires gradients must be floating point or complex dtype"
        )
    t._array, t._storage, t._view = given._array, given._storage, None


def written(operation: str, *tensors: Tensor) -> None:
    """Note that ``operation`` has written the memory of ``tensors`` through raw arrays: one version more."""
    where = here()
    for t in tensors:
        alias, made = alias_of(t)
        t._storage.bump(operation, alias, made, where)


def alias_of(t: Tensor) -> tuple[str, Any]:
    """What kind of alias ``t`` is and where it was made, for the note on who wrote."""
    if t._view is not None:
        return "a view", t._view.where
    if t._origin is not None and t._origin[0].kind in ("detach()", ".data"):
        return f"the alias {t._origin[0].kind}", t._origin[0].where
    return "", None


# -- hooks ---------------------------------------------------------------------------------------------------


def retain_grad(t: Tensor) -> None:
    """Keep the gradient of a non-leaf in its ``grad``; nothing to do for a leaf.

    Raises RuntimeError if the tensor does not require grad.
    """
    if not _requires_grad(t):
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    if t._node is not None:
        t._node.extra().retains[t._number] = weakref.ref(t)


def retains_grad(t: Tensor) -> bool:
    """Whether :meth:`retain_grad` was asked of this non-leaf."""
    return t._node is not None and t._node._extra is not None and t._number in t._node._extra.retains


def register_hook(t: Tensor, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
    """Call ``hook(gradient)`` when this tensor's gradient is known; a returned tensor replaces it.

    Raises RuntimeError if the tensor does not require grad.

    >>> import upriver as up
    >>> x = up.ones(2, requires_grad=True)
    >>> handle = x.register_hook(lambda g: g * 10)
    >>> x.sum().backward(); x.grad
    tensor([10., 10.])
    """
    if not _requires_grad(t):
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if t._node is None:
        return RemovableHandle(extra_of(t).hooks, hook)
    return RemovableHandle(t._node.extra().tensor_hooks.setdefault(t._number, {}), hook)


def register_post_accumulate_grad_hook(t: Tensor, hook: Callable[[Tensor], None]) -> RemovableHandle:
    """Call ``hook(tensor)`` whenever the ``grad`` of this leaf has been added to.

    Raises RuntimeError on a non-leaf, or one that does not require grad.
    """
    if not _requires_grad(t):
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if t._node is not None:
        raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    return RemovableHandle(extra_of(t).post_accumulate, hook)


def _bind() -> None:
    """Give Tensor its place in the graph."""
    tensor: Any = Tensor
    tensor.requires_grad = property(_requires_grad, _set_requires_grad)
    tensor.is_leaf = property(_is_leaf)
    tensor.grad_fn = property(_grad_fn)
    tensor.grad = property(_grad, _set_grad, lambda t: _set_grad(t, None))
    tensor.grad_dtype = property(grad_dtype, _set_grad_dtype)
    tensor.output_nr = property(_output_nr)
    tensor._version = property(_version)
    tensor._base = property(_base)
    tensor.data = property(_data, _set_data)
    tensor.retains_grad = property(retains_grad)
    tensor._is_view = is_view
    for function in (
        requires_grad_,
        is_inference,
        detach_,
        retain_grad,
        register_hook,
        register_post_accumulate_grad_hook,
    ):
        setattr(tensor, function.__name__, function)


_bind()
