"""``backward()`` and ``grad()``: what is asked is checked, then one pass is run."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from ..errors import explain
from ..tensor import EXITS, Tensor, from_array
from .accumulate import accumulate
from .backward import run
from .modes import state
from .node import Node, edge_of
from .views import refresh

__all__ = ["GradientEdge", "backward", "get_gradient_edge", "grad"]

CYCLE = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter and its "
    "gradient which can cause a memory leak. We recommend using autograd.grad when creating the graph to "
    "avoid this. If you have to use this function, make sure to reset the .grad fields of your parameters to "
    "None after use to break the cycle and avoid the leak."
)


class GradientEdge(NamedTuple):
    """A place in the graph a gradient arrives at, without the tensor."""

    node: Node
    output_nr: int


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """The edge that the gradient of ``tensor`` arrives at; raises RuntimeError if it requires none."""
    if not tensor.requires_grad:
        raise RuntimeError(
            "It is not possible to get the gradient edge for a Tensor that does not require gradients"
        )
    node, number = edge_of(tensor)
    assert node is not None
    return GradientEdge(node, number)


def _sequence(given: Any) -> tuple[Any, ...]:
    return (given,) if isinstance(given, (Tensor, GradientEdge)) else tuple(given)


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Add the gradient of ``tensors`` with respect to every leaf to that leaf's ``grad``.

    ``grad_tensors``: the cotangents, needed for tensors with more than one element. ``inputs``: only these
    (leaves or not) get gradients. ``retain_graph`` (default: ``create_graph``) keeps what nodes saved, for
    another backward. Raises RuntimeError, beginning with PyTorch's sentence, if a tensor has no history
    (naming the statement that cut it), is no scalar, or its graph was freed.
    """
    if inputs is not None:
        inputs = _sequence(inputs)
        if not inputs:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    cotangents = grad_tensors if grad_tensors is not None else grad_variables
    roots = _roots(_sequence(tensors), cotangents, create_graph)
    if create_graph:
        warnings.warn(CYCLE, UserWarning, stacklevel=3)
    keep = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        run(roots, keep, create_graph)
        return
    targets = [
        _target(each, "One of the differentiated Tensors given as 'inputs' to backward") for each in inputs
    ]
    found = run(roots, keep, create_graph, targets)
    for each, target in zip(inputs, targets, strict=True):
        if target in found and isinstance(each, Tensor):
            _accumulate_into(each, found[target])


def _plain_root(t: Tensor) -> list[Any] | None:
    """The usual root, a real 0-d loss that an operation made, without further checks; else None."""
    if t._node is not None and t._view is None and not t._array.ndim:
        kind = t._array.dtype
        if kind.kind == "f":
            return [(t._node, t._number, _one(kind))]
    return None


def _accumulate_into(t: Tensor, gradient: Any) -> None:
    if t._node is None:
        accumulate(t, gradient, False, hooked=True)
    elif t._grad is None:
        t._grad = gradient if isinstance(gradient, Tensor) else from_array(np.array(gradient))
    else:
        t._grad = t._grad + (gradient if isinstance(gradient, Tensor) else from_array(gradient))


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of ``outputs`` with respect to ``inputs``, accumulated nowhere.

    Raises RuntimeError for an input that does not require grad or, unless ``allow_unused``, was not used.

    >>> import upriver as up
    >>> x = up.tensor(3.0, requires_grad=True)
    >>> (slope,) = up.autograd.grad(x**2, x, create_graph=True)
    >>> up.autograd.grad(slope, x)
    (tensor(2.),)
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
            "allow_unused=False."
        )
    allow_unused = materialize_grads if allow_unused is None else allow_unused
    outputs, inputs = _sequence(outputs), _sequence(inputs)
    if not inputs:
        raise ValueError("grad requires non-empty inputs.")
    if is_grads_batched:
        return _batched(
            outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, materialize_grads
        )
    tensors = create_graph or state.dual is not None
    roots = _roots(outputs, grad_outputs, tensors)
    targets = [_target(each, "One of the differentiated Tensors") for each in inputs]
    keep = create_graph if retain_graph is None else retain_graph
    found = run(roots, keep, create_graph, targets, tensors)
    results = []
    for index, (each, target) in enumerate(zip(inputs, targets, strict=True)):
        g = found.get(target)
        if g is None and not allow_unused:
            raise RuntimeError(
                f"The differentiated Tensor at index {index} appears to not have been used in the graph. Set "
                "allow_unused=True if this is the desired behavior."
            )
        if g is None and materialize_grads:
            g = np.zeros_like(each._array)
        results.append(g if g is None or isinstance(g, Tensor) else from_array(np.array(g)))
    return tuple(results)


def _batched(
    outputs: Any, inputs: Any, grad_outputs: Any, retain: Any, create: bool, unused: bool, fill: bool
) -> tuple[Any, ...]:
    """One pass for each entry of the leading dimension of ``grad_outputs``, stacked."""
    cotangents = _sequence(grad_outputs)
    count = len(cotangents[0])
    rows = []
    for index in range(count):
        keep = True if index < count - 1 else retain
        rows.append(
            grad(outputs, inputs, [c[index] for c in cotangents], keep, create, True, unused, False, fill)
        )
    from .namespaces import ON_TENSORS

    return tuple(
        None if column[0] is None else ON_TENSORS.stack_(list(column), 0)
        for column in zip(*rows, strict=True)
    )


def _target(each: Any, sentence: str) -> tuple[Node, int]:
    if isinstance(each, GradientEdge):
        return each.node, each.output_nr
    if not isinstance(each, Tensor):
        raise TypeError(f"inputs must be Tensors or GradientEdges, but got {type(each).__name__}")
    if not each.requires_grad:
        raise RuntimeError(explain(f"{sentence} does not require grad", *cut_lines(each)))
    node, number = edge_of(each)
    assert node is not None
    return node, number


def _roots(outputs: tuple[Any, ...], cotangents: Any, create: bool) -> list[tuple[Node, int, Any]]:
    given = (None,) * len(outputs) if cotangents is None else _sequence(cotangents)
    if len(given) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(given)} gradients")
    roots = []
    for index, (output, cotangent) in enumerate(zip(outputs, given, strict=True)):
        if isinstance(output, GradientEdge):
            roots.append((output.node, output.output_nr, _seed_of_edge(cotangent, create)))
            continue
        if not isinstance(output, Tensor):
            raise TypeError(
                f"expected Tensors or GradientEdges to differentiate, but got {type(output).__name__}"
            )
        if cotangent is not None:
            _check_cotangent(index, output, cotangent)
        if output._view is not None:
            refresh(output)
        if not output._requires_grad:
            raise RuntimeError(
                explain(
                    f"element {index} of tensors does not require grad and does not have a grad_fn",
                    *cut_lines(output),
                )
            )
        node, number = edge_of(output)
        assert node is not None
        roots.append((node, number, _seed(output, cotangent, create)))
    return roots


def _seed_of_edge(cotangent: Any, create: bool) -> Any:
    if cotangent is None:
        raise RuntimeError("a GradientEdge has no value: give its gradient as grad_outputs")
    return cotangent if create else cotangent._array


def _check_cotangent(index: int, output: Tensor, cotangent: Any) -> None:
    if not isinstance(cotangent, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(cotangent).__name__}")
    if cotangent.shape != output.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{index}] has a shape of {cotangent.shape} and output[{index}] "
            f"has a shape of {output.shape}."
        )
    if cotangent.is_complex() != output.is_complex():
        raise RuntimeError(
            "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch "
            f"in dtype: grad_output[{index}] has a dtype of {cotangent.dtype} and output[{index}] has a "
            f"dtype of {output.dtype}."
        )


ONES: dict[np.dtype[Any], np.ndarray[Any, Any]] = {}


def _one(kind: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """The seed of scalar losses, made once for each type; never written."""
    made = ONES.get(kind)
    if made is None:
        made = ONES[kind] = np.ones((), kind)
        made.flags.writeable = False
    return made


def _seed(output: Tensor, cotangent: Tensor | None, create: bool) -> Any:
    """The gradient a root starts with: the user's, or one for a real scalar."""
    if cotangent is None:
        if output._array.size != 1:
            raise RuntimeError(
                explain(
                    "grad can be implicitly created only for scalar outputs",
                    f"this output has shape {list(output.shape)}.",
                    "mend it: reduce it first (.sum() or .mean()), or give its gradient: "
                    "backward(gradient=...).",
                )
            )
        if output._array.dtype.kind == "c":
            raise RuntimeError(
                f"grad can be implicitly created only for real scalar outputs but got {output.dtype}"
            )
        seed = _one(output._array.dtype) if not output._array.shape else np.ones_like(output._array)
        return from_array(seed.copy()) if create else seed
    if create:
        return cotangent
    array = cotangent._array
    return array if array.dtype == output._array.dtype else array.astype(output._array.dtype)


def cut_lines(t: Tensor) -> list[str]:
    """Lines of an error on a tensor without history: which statements cut it, and what to do."""
    if t._origin:
        return [
            *(f"cut: {cut}." for cut in t._origin),
            "mend it: drop that cut if the gradient should pass; setting requires_grad on the result would "
            "only hide it.",
        ]
    kind = "" if t._array.dtype.kind in "fc" else f" It is of type {t.dtype.name}, which has no gradient."
    return [
        f"nothing it was computed from requires grad.{kind}",
        *(f"left the graph before, and may have come back as a constant: {exit}." for exit in EXITS),
        "mend it: create the parameters with requires_grad=True, and stay with tensors from them to the "
        "loss.",
    ]


def _backward_method(
    self: Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add this tensor's gradients to every leaf's ``grad``; see :func:`upriver.autograd.backward`."""
    if gradient is None and inputs is None and not create_graph:
        root = _plain_root(self)
        if root is not None:
            run(root, bool(retain_graph), False)
            return
    backward(self, gradient, retain_graph, create_graph, inputs=inputs)


_backward_method.__name__ = "backward"
Tensor.backward = _backward_method  # type: ignore[method-assign]
