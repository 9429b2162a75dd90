"""Operations with a derivative of the user's own: ``class Square(Function)``."""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import Where, explain, user_frame
from ..storage import Storage
from ..tensor import Tensor, from_array, joint_origin
from .forward_ad import constants
from .modes import no_grad, set_grad_enabled, state
from .namespaces import ON_TENSORS
from .node import Node, blank, edge_of
from .pushforward import push, tangents_of
from .saved import observe, restored, saved_tensors_hooks
from .views import CUSTOM, View, check_in_place, rebase, refresh

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


def _nothing() -> None:
    """No node yet."""


class FunctionCtx:
    """What forward leaves for backward."""

    def __init__(self) -> None:
        self._to_save: tuple[Any, ...] = ()
        self._dirty: tuple[Tensor, ...] = ()
        self._non_differentiable: tuple[Tensor, ...] = ()
        self._materialize = True
        self._saved_for_forward: tuple[Any, ...] | None = None
        self._in_jvp = False
        self._node: Any = _nothing  # a weak reference to the node, which holds this context
        self.needs_input_grad: tuple[bool, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for backward, versions checked; anything else can be an attribute of the context."""
        for index, each in enumerate(tensors):
            if each is not None and not isinstance(each, Tensor):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {index} is of type "
                    f"{type(each).__name__}"
                )
        self._to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for ``jvp``."""
        self._saved_for_forward = tensors

    def mark_dirty(self, *args: Tensor) -> None:
        """Say which inputs forward has written in place; each must be returned."""
        self._dirty = args

    def mark_non_differentiable(self, *args: Tensor) -> None:
        """Say which outputs have no gradient."""
        self._non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """Whether backward gets zeros (the default) or None for outputs that no gradient arrived at."""
        self._materialize = value

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What was saved; raises RuntimeError if it was freed or written since."""
        if self._in_jvp and self._saved_for_forward is not None:
            return self._saved_for_forward
        node = self._node()
        return node.saved_tensors() if node is not None else self._to_save


class CustomNode(Node):
    """The node of a custom Function; each Function gets a subclass named after it."""

    __slots__ = ("context", "function", "metas")

    fresh = False
    context: Any
    function: Any
    metas: tuple[Any, ...]

    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What forward saved, as tensors with their history, versions checked."""
        saved = self.saved if type(self.saved) is tuple else self.unpack()
        tensors: list[Tensor | None] = []
        for index, kept in enumerate(saved):
            if kept is None:
                tensors.append(None)
                continue
            array, storage, version, source, packed = kept
            if packed is not None:
                tensors.append(restored(self, index, packed[1](packed[0])))
                continue
            if storage.version != version:
                self.stale("out" if source is self else "saved", array, storage, version)
            tensors.append(restored(self, index, self._rebuilt(array, storage, source)))
        return tuple(tensors)

    def _rebuilt(self, array: Any, storage: Storage, source: Any) -> Tensor:
        if isinstance(source, Tensor):
            return source
        t = from_array(array, storage)
        if source is not None:
            t._node, t._number = source
            t._node = self if t._node is None else t._node
            t._requires_grad = True
        return t

    def vjp(self, gradient: Any, keep: bool) -> tuple[Any, ...]:
        """The user's backward on plain gradients, without recording."""
        gradients = self._run(gradient, keep)
        return tuple(None if g is None else g._array for g in gradients)

    def vjp_recorded(self, gradient: Any, keep: bool) -> tuple[Any, ...]:
        """The user's backward, recorded."""
        return self._run(gradient, keep)

    def _run(self, gradient: Any, keep: bool) -> tuple[Any, ...]:
        received = gradient if self.outputs > 1 else [gradient]
        grads = [
            from_array(np.zeros(*meta)) if g is None and meta is not None and self.context._materialize
            else g if g is None or isinstance(g, Tensor) else from_array(g)
            for g, meta in zip(received, self.metas, strict=True)
        ]  # fmt: skip
        answer = self.function(self.context, *grads)
        if not keep and self.saved:
            self.saved = None
        return self._checked(answer)

    def _checked(self, answer: Any) -> tuple[Any, ...]:
        given = answer if isinstance(answer, tuple) else (answer,)
        positions = self.context._tensor_positions
        count = self.context._argument_count
        if len(given) > count and all(g is None for g in given[count:]):
            given = given[:count]
        if len(given) != count:
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {count}, got "
                f"{len(given)})"
            )
        results = []
        for index, g in enumerate(given):
            if g is not None and not isinstance(g, Tensor):
                raise RuntimeError(f"expected Variable or None (got {type(g).__name__})")
            if index not in positions:
                if g is not None:
                    raise RuntimeError(
                        f"function {self.name()} returned a gradient different from None at position "
                        f"{index + 1}, but the corresponding forward input was not a Variable"
                    )
                continue
            results.append(None if g is None else self._fitted(index, g))
        return tuple(results)

    def _fitted(self, index: int, g: Tensor) -> Tensor:
        shape, kind = self.context._input_metas[index]
        if g._array.shape != shape:
            extra = g._array.ndim - len(shape)
            if extra < 0 or any(
                want not in (1, have) for want, have in zip(shape, g._array.shape[extra:], strict=True)
            ):
                raise RuntimeError(
                    f"Function {self.name()} returned an invalid gradient at index {index} - got "
                    f"{list(g.shape)} but expected shape compatible with {list(shape)}"
                )
            g = ON_TENSORS.sum_to(g, shape)
        return g if g._array.dtype == kind else ON_TENSORS.to_dtype(g, kind)


class Function:
    """Base of custom operations: static ``forward(ctx, ...)`` and ``backward(ctx, *gradients)``; used through
    :meth:`apply`.

    >>> import upriver as up
    >>> class Double(up.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x * 2
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g * 2
    >>> x = up.ones(2, requires_grad=True)
    >>> Double.apply(x).sum().backward(); x.grad
    tensor([2., 2.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _refuse_legacy(type(self))
        raise RuntimeError(
            f"{type(self).__name__} should not be instantiated. Methods on autograd functions are all "
            "static, so you should invoke them on the class itself. Instantiating an autograd function will "
            "raise an error."
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """The value; with ``setup_context`` defined it gets no ``ctx``."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: FunctionCtx, inputs: tuple[Any, ...], output: Any) -> None:
        """Save what backward needs, when ``forward`` has no ``ctx``."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: FunctionCtx, *grad_outputs: Any) -> Any:
        """One gradient for each argument of forward, None where there is none."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use "
            "it with backward mode AD."
        )

    vjp = backward

    @staticmethod
    def jvp(ctx: FunctionCtx, *grad_inputs: Any) -> Any:
        """One tangent for each result of forward, from one for each argument (None where it is no tensor)."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run forward, and record it if an argument requires grad."""
        _refuse_legacy(cls)
        return _Application(cls, args, kwargs).run()


def _refuse_legacy(function: type[Function]) -> None:
    found = next((base.__dict__["forward"] for base in function.__mro__ if "forward" in base.__dict__), None)
    if not isinstance(found, staticmethod):
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style "
            "autograd function with static forward method. (Example: "
            "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )


class _Application:
    """One call of a Function."""

    def __init__(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.tensors = [(index, each) for index, each in enumerate(args) if isinstance(each, Tensor)]
        self.frame = user_frame(sys._getframe(3))

    def run(self) -> Any:
        for _, t in self.tensors:
            if t._view is not None:
                refresh(t)
        context = FunctionCtx()
        context.needs_input_grad = tuple(
            isinstance(each, Tensor) and bool(each._requires_grad) for each in self.args
        )
        recording = state.recording and any(t._requires_grad for _, t in self.tensors)
        if state.dual is None:
            tangents, made = None, self._forward(context)
        else:
            tangents = tangents_of(self.function, Function, self.args)
            with constants():
                made = self._forward(context)
        several = isinstance(made, tuple)
        outputs = list(made) if several else [made]
        self._check_dirty(context, outputs, recording)
        saved, made = context._to_save, outputs
        if recording:
            outputs = self._recorded(context, outputs)
        else:
            self._cut(outputs)
        if tangents is not None:
            push(self.function, context, self.args, tangents, made, outputs)
            self._note_tangents(context._node(), saved, made, outputs)
        return tuple(outputs) if several else outputs[0]

    def _forward(self, context: FunctionCtx) -> Any:
        with no_grad():
            if self.function.setup_context is Function.setup_context:
                return self.function.forward(context, *self.args, **self.kwargs)
            made = self.function.forward(*self.args, **self.kwargs)
            self.function.setup_context(context, self.args, made)
            return made

    def _note_tangents(self, node: Any, saved: Any, made: list[Any], results: list[Any]) -> None:
        """Have the node know the tangents of what it saved, for the tangents of gradients."""
        if node is None:
            return
        recorded = {id(before): after for before, after in zip(made, results, strict=True)}
        found = {}
        for index, t in enumerate(saved):
            tangent = None if t is None else state.dual.tangent(recorded.get(id(t), t))
            if tangent is not None:
                found[index] = tangent
        state.dual.note_saved(node, found)

    def _check_dirty(self, context: FunctionCtx, outputs: list[Any], recording: bool) -> None:
        for t in context._dirty:
            if not any(each is t for each in outputs):
                raise RuntimeError(
                    "Some elements marked as dirty during the forward method were not returned as output. "
                    "The inputs that are modified inplace must all be outputs of the Function."
                )
            if recording and t._requires_grad and t._node is None and t._view is None:
                raise RuntimeError(
                    "a leaf Variable that requires grad has been used in an in-place operation."
                )
            if recording:
                check_in_place(t, self.function.__name__)

    def _cut(self, outputs: list[Any]) -> None:
        origin = joint_origin(self.function.__name__, [t for _, t in self.tensors], False)
        for each in outputs:
            if isinstance(each, Tensor) and each._origin is None and not each._requires_grad:
                each._origin = origin

    def _recorded(self, context: Any, outputs: list[Any]) -> list[Any]:
        edges = [edge_of(t) for _, t in self.tensors]
        tensor_outputs = sum(isinstance(each, Tensor) for each in outputs)
        cls = _node_class(self.function, len(outputs))
        where = Where(self.frame.f_code, self.frame.f_lasti)
        node = blank(cls, tuple(edge for edge, _ in edges), tuple(number for _, number in edges), where)
        node.context = context
        node.function = self._backward()
        context._node = weakref.ref(node)
        context._tensor_positions = {index for index, _ in self.tensors}
        context._argument_count = len(self.args)
        context._input_metas = {index: (t._array.shape, t._array.dtype) for index, t in self.tensors}
        results = (
            [self._result(context, node, index, each) for index, each in enumerate(outputs)]
            if tensor_outputs
            else outputs
        )
        node.metas = tuple(
            (r._array.shape, r._array.dtype) if isinstance(r, Tensor) else None for r in results
        )
        self._save(context, node, results, outputs)
        if state.observers:
            observe(node, tuple(results))
        return results

    def _backward(self) -> Callable[..., Any]:
        """The user's ``backward`` or ``vjp``, whichever was defined."""
        chosen = (
            self.function.backward if self.function.backward is not Function.backward else self.function.vjp
        )
        return chosen  # type: ignore[no-any-return]

    def _result(self, context: Any, node: Any, index: int, output: Any) -> Any:
        if not isinstance(output, Tensor):
            return output
        if any(output is t for t in context._non_differentiable) or output._array.dtype.kind not in "fc":
            output._requires_grad = False
            return output
        if any(output is t for t in context._dirty):
            rebase(output, node, index)
            return output
        source = next(
            (
                t
                for _, t in self.tensors
                if output is t or (output._view is not None and output._storage is t._storage)
            ),
            None,
        )
        result = output
        if source is not None or output._requires_grad:
            result = from_array(output._array, output._storage)
        if source is not None:
            base = source._view.base if source._view is not None else source
            result._view = View(base, (), CUSTOM, self.frame, f"Output {index} of {self.function.__name__}")
        result._node, result._number, result._requires_grad, result._origin = node, index, True, None
        return result

    def _save(self, context: FunctionCtx, node: Any, results: list[Any], outputs: list[Any]) -> None:
        """Keep each tensor as array, storage, version and history; never the result itself (see node.py)."""
        packer = next((o for o in reversed(state.observers) if isinstance(o, saved_tensors_hooks)), None)
        saved: list[Any] = []
        for t in context._to_save:
            if t is None:
                saved.append(None)
                continue
            position = next(
                (
                    index
                    for index, (o, r) in enumerate(zip(outputs, results, strict=True))
                    if t is o or t is r
                ),
                None,
            )
            is_input = any(t is each for _, each in self.tensors) and not any(
                t is each for each in context._dirty
            )
            if position is not None and not is_input:
                source: Any = (
                    (None, position)
                    if isinstance(results[position], Tensor) and results[position]._requires_grad
                    else None
                )
            elif t._node is not None:
                source = (t._node, t._number)
            else:
                source = t if t._requires_grad else None
            packed = (
                (packer.pack_saved(node, "saved", from_array(t._array, t._storage)), packer.unpack_hook)
                if packer is not None
                else None
            )
            plain = (None, None, 0) if packed else (t._array, t._storage, t._storage.version)
            saved.append((*plain, source, packed))
        node.saved = tuple(saved)
        context._to_save = ()


def _node_class(function: Any, outputs: int) -> type[CustomNode]:
    """The node class of ``function``, kept on it so that it lives as long."""
    known: dict[int, type[CustomNode]] = function.__dict__.get("_node_classes") or {}
    if outputs not in known:
        known[outputs] = type(
            f"{function.__name__}Backward", (CustomNode,), {"__slots__": (), "outputs": outputs}
        )
        function._node_classes = known
    return known[outputs]


def once_differentiable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a custom backward as not differentiable itself: to differentiate its gradients then raises."""

    @functools.wraps(function)
    def wrapper(ctx: Any, *gradients: Any) -> Any:
        recording = state.grad and any(isinstance(g, Tensor) and g.requires_grad for g in gradients)
        with set_grad_enabled(False):
            answer = function(ctx, *gradients)
        if not recording:
            return answer
        several = answer if isinstance(answer, tuple) else (answer,)
        refused = _Refused.apply(
            len(several),
            *[g for g in gradients if isinstance(g, Tensor)],
            *[g for g in several if isinstance(g, Tensor)],
        )
        remade = iter(refused if isinstance(refused, tuple) else (refused,))
        result = tuple(next(remade) if isinstance(g, Tensor) else g for g in several)
        return result if isinstance(answer, tuple) else result[0]

    return wrapper


class _Refused(Function):
    """Passes values on, and raises when somebody differentiates them."""

    @staticmethod
    def forward(ctx: Any, count: int, *tensors: Tensor) -> Any:
        """The last ``count`` tensors."""
        return tuple(t.clone() for t in tensors[len(tensors) - count :])

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Always an error."""
        raise RuntimeError(
            explain(
                "trying to differentiate twice a function that was marked with @once_differentiable",
                "mend it: drop @once_differentiable if its backward uses differentiable operations only.",
            )
        )
