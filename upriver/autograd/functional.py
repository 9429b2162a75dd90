"""Derivatives of functions as wholes, ``up.autograd.functional``: Jacobians, Hessians, products with vectors.

Each takes a function of tensors and the tensors to evaluate it at, one or a tuple, and answers in the same
structure. A function that does not depend on an input has derivative zero there; with ``strict=True`` that is
an error instead, which names the statement that cut the history. With ``create_graph=True`` the answer can be
differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import explain
from ..tensor import Tensor, from_array
from .differentiate import cut_lines, grad
from .forward_ad import dual_level, make_dual, unpack_dual
from .modes import enable_grad, set_grad_enabled, state
from .namespaces import ON_TENSORS

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

STRICT = "mend it: without strict=True the derivative is zero there."
STRATEGIES = ("forward-mode", "reverse-mode")


# -- inputs and outputs --------------------------------------------------------------------------------------


def _as_tuple(given: Any, role: str, name: str) -> tuple[bool, tuple[Any, ...]]:
    """Whether ``given`` is a tuple, and it as one; refuses what is no tensor."""
    several = isinstance(given, tuple)
    for index, each in enumerate(given if several else (given,)):
        if not isinstance(each, Tensor):
            which = f"value at index {index} has type" if several else f"given {role} has type"
            raise TypeError(
                f"The {role} given to {name} must be either a Tensor or a tuple of Tensors but the {which} "
                f"{type(each)}."
            )
    return several, given if several else (given,)


def _fresh(tensors: tuple[Any, ...], create_graph: bool, need_graph: bool) -> tuple[Any, ...]:
    """New tensors for the function, so that a captured original counts as a constant."""
    return tuple(
        t.view_as(t) if create_graph and t.requires_grad else t.detach().requires_grad_(need_graph)
        for t in tensors
    )


def _finished(values: Any, several: bool, create_graph: bool) -> Any:
    """An answer in the structure of what it belongs to, without history unless that was asked for."""
    answers = tuple(values) if create_graph else tuple(t.detach() for t in values)
    return answers if several else answers[0]


def _evaluated(
    name: str, func: Callable[..., Any], inputs: tuple[Any, ...], strict: bool
) -> tuple[bool, tuple[Any, ...]]:
    """The function's outputs, and whether they are a tuple."""
    several, outputs = _as_tuple(func(*inputs), "outputs of the user-provided function", name)
    if strict:
        _require_outputs(outputs)
    return several, outputs


def _single_number(name: str, several: bool, outputs: tuple[Any, ...]) -> None:
    if several:
        raise RuntimeError(f"The function given to {name} should return a single Tensor")
    if outputs[0].numel() != 1:
        raise RuntimeError(
            explain(
                f"The Tensor returned by the function given to {name} should contain a single element",
                f"it has shape {list(outputs[0].shape)}.",
                "mend it: reduce it in the function, by .sum() for one.",
            )
        )


def _vector(
    name: str, v: Any, others: tuple[Any, ...], several: bool, create_graph: bool, missing: str
) -> tuple[Any, ...] | None:
    """The vector of a product, checked against what it multiplies; None stands for a single 1."""
    if v is None:
        if len(others) != 1 or others[0].numel() != 1:
            raise RuntimeError(missing)
        return None
    _, vectors = _as_tuple(v, "v", name)
    if len(vectors) != len(others):
        raise RuntimeError(
            f"v is a tuple of invalid length: should be {len(others)} but got {len(vectors)}."
            if several
            else "The given v should contain a single Tensor."
        )
    for index, (each, other) in enumerate(zip(vectors, others, strict=True)):
        if each.shape != other.shape:
            entry = f"Entry {index} in " if several else ""
            raise RuntimeError(f"{entry}v has invalid size: should be {other.shape} but got {each.shape}.")
    return _fresh(vectors, create_graph, False)


NO_V_FOR_INPUT = (
    "The vector v can only be None if the input to the user-provided function is a single Tensor with a "
    "single element."
)
NO_V_FOR_OUTPUT = (
    "The vector v can only be None if the user-provided function returns a single Tensor with a single "
    "element."
)


# -- strictness ----------------------------------------------------------------------------------------------


def _require_outputs(outputs: tuple[Any, ...]) -> None:
    for index, t in enumerate(outputs):
        if not t.requires_grad:
            raise RuntimeError(
                explain(
                    f"Output {index} of the user-provided function does not require gradients. The outputs "
                    "must be computed in a differentiable manner from the input when running in strict mode.",
                    *cut_lines(t)[:-1],
                    STRICT,
                )
            )


INDEPENDENT = {
    "gradient": "The gradient with respect to input {} is independent of the inputs of the user-provided "
    "function. This is not allowed in strict mode.",
    "jacobian": "While computing the hessian, found that the jacobian of the user-provided function with "
    "respect to input {} is independent of the input. This is not allowed in strict mode. You should ensure "
    "that your function is twice differentiable and that the jacobian depends on the inputs (this would be "
    "violated by a linear function for example).",
}


def _require_dependence(kind: str, gradients: Sequence[Any], strict: bool) -> None:
    """In strict mode, gradients must exist and themselves depend on something."""
    for index, g in enumerate(gradients if strict else ()):
        if g is None:
            raise RuntimeError(
                explain(
                    f"The output of the user-provided function is independent of input {index}. This is not "
                    "allowed in strict mode.",
                    STRICT,
                )
            )
        if not g.requires_grad:
            raise RuntimeError(explain(INDEPENDENT[kind].format(index), STRICT))


UNREACHED = {
    "back": "The output of the user-provided function is independent of input {}. This is not allowed in "
    "strict mode.",
    "back_trick": "The gradient with respect to the input is independent of entry {} in the grad_outputs "
    "when using the double backward trick to compute forward mode gradients. This is not allowed in strict "
    "mode.",
    "double_back": "The jacobian of the user-provided function is independent of input {}. This is not "
    "allowed in strict mode.",
    "double_back_trick": "The hessian of the user-provided function is independent of entry {} in the "
    "grad_jacobian. This is not allowed in strict mode as it prevents from using the double backward trick "
    "to replace forward mode AD.",
}


def _zeros_for_none(
    gradients: Sequence[Any], like: tuple[Any, ...], strict: bool, create_graph: bool, stage: str
) -> tuple[Any, ...]:
    """Gradients with zeros where the function does not reach; errors instead in strict mode."""
    filled = []
    for index, (g, reference) in enumerate(zip(gradients, like, strict=True)):
        if g is None and strict:
            raise RuntimeError(explain(UNREACHED[stage].format(index), STRICT))
        if g is not None and strict and create_graph and not g.requires_grad:
            what = "hessian" if "double" in stage else "jacobian"
            raise RuntimeError(
                explain(
                    f"The {what} of the user-provided function is independent of input {index}. This is not "
                    "allowed in strict mode when create_graph=True.",
                    STRICT,
                )
            )
        filled.append(_zeros(reference) if g is None else g)
    return tuple(filled)


def _zeros(t: Tensor, requires_grad: bool = False) -> Tensor:
    made = from_array(np.zeros_like(t._array))
    made._requires_grad = requires_grad
    return made


def _gradients(
    outputs: Sequence[Any], inputs: tuple[Any, ...], vectors: Any, create_graph: bool, keep: bool = False
) -> tuple[Any, ...]:
    """:func:`upriver.autograd.grad` for outputs some of which may be None or constants."""
    given = (None,) * len(outputs) if vectors is None else vectors
    pairs = [(t, v) for t, v in zip(outputs, given, strict=True) if t is not None and t.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    return grad(
        [t for t, _ in pairs], inputs, [v for _, v in pairs], retain_graph=keep or create_graph,
        create_graph=create_graph, allow_unused=True,
    )  # fmt: skip


# -- products with a vector ----------------------------------------------------------------------------------


def vjp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The outputs of ``func`` at ``inputs``, and the product of the vector ``v`` with its Jacobian.

    ``v`` is shaped like the outputs, and may be left out for a single number. Raises TypeError for what is no
    tensor, RuntimeError for a ``v`` that does not fit and, with ``strict``, for independence.

    >>> import upriver as up
    >>> up.autograd.functional.vjp(lambda x: x**2, up.tensor([1.0, 2.0]), up.tensor([1.0, 10.0]))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    with enable_grad():
        several_in, inputs = _as_tuple(inputs, "inputs", "vjp")
        inputs = _fresh(inputs, create_graph, True)
        several_out, outputs = _evaluated("vjp", func, inputs, strict)
        vectors = _vector("vjp", v, outputs, several_out, create_graph, NO_V_FOR_OUTPUT)
    with set_grad_enabled(create_graph or state.grad):
        products = _gradients(outputs, inputs, vectors, create_graph)
        products = _zeros_for_none(products, inputs, strict, create_graph, "back")
    return (
        _finished(outputs, several_out, create_graph),
        _finished(products, several_in, create_graph),
    )


def jvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The outputs of ``func`` at ``inputs``, and the product of its Jacobian with the vector ``v``.

    ``v`` is shaped like the inputs, and may be left out for a single number. By two passes backward, as in
    PyTorch; :mod:`upriver.autograd.forward_ad` needs one forward. Raises as :func:`vjp`.

    >>> import upriver as up
    >>> up.autograd.functional.jvp(lambda x: x**2, up.tensor([1.0, 2.0]), up.tensor([1.0, 10.0]))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    with enable_grad():
        several_in, inputs = _as_tuple(inputs, "inputs", "jvp")
        inputs = _fresh(inputs, create_graph, True)
        vectors = _vector("jvp", v, inputs, several_in, create_graph, NO_V_FOR_INPUT)
        several_out, outputs = _evaluated("jvp", func, inputs, strict)
        cotangents = tuple(_zeros(t, requires_grad=True) for t in outputs)
        pulled = _gradients(outputs, inputs, cotangents, True)
        _require_dependence("gradient", pulled, strict)
    with set_grad_enabled(create_graph or state.grad):
        products = _gradients(pulled, cotangents, vectors, create_graph)
        products = _zeros_for_none(products, outputs, strict, create_graph, "back_trick")
    return (
        _finished(outputs, several_out, create_graph),
        _finished(products, several_out, create_graph),
    )


def vhp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The value of the scalar function ``func``, and the product of the vector ``v`` with its Hessian.

    ``v`` is shaped like the inputs, and may be left out for a single number. Raises as :func:`vjp`, and
    RuntimeError for a function that does not return a single number.

    >>> import upriver as up
    >>> up.autograd.functional.vhp(lambda x: (x**3).sum(), up.tensor([1.0, 2.0]), up.tensor([1.0, 10.0]))
    (tensor(9.), tensor([  6., 120.]))
    """
    with enable_grad():
        several, inputs = _as_tuple(inputs, "inputs", "vhp")
        inputs = _fresh(inputs, create_graph, True)
        vectors = _vector("vhp", v, inputs, several, create_graph, NO_V_FOR_INPUT)
        several_out, outputs = _evaluated("vhp", func, inputs, strict)
        _single_number("vhp", several_out, outputs)
        first = _gradients(outputs, inputs, None, True)
        _require_dependence("jacobian", first, strict)
    with set_grad_enabled(create_graph or state.grad):
        products = _gradients(first, inputs, vectors, create_graph)
        products = _zeros_for_none(products, inputs, strict, create_graph, "double_back")
    return _finished(outputs, False, create_graph), _finished(products, several, create_graph)


def hvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The value of the scalar function ``func``, and the product of its Hessian with the vector ``v``.

    The same as :func:`vhp`, which is quicker, wherever ``func`` is twice continuously differentiable.

    >>> import upriver as up
    >>> up.autograd.functional.hvp(lambda x: (x**3).sum(), up.tensor([1.0, 2.0]), up.tensor([1.0, 10.0]))
    (tensor(9.), tensor([  6., 120.]))
    """
    with enable_grad():
        several, inputs = _as_tuple(inputs, "inputs", "hvp")
        inputs = _fresh(inputs, create_graph, True)
        vectors = _vector("hvp", v, inputs, several, create_graph, NO_V_FOR_INPUT)
        several_out, outputs = _evaluated("hvp", func, inputs, strict)
        _single_number("hvp", several_out, outputs)
        first = _gradients(outputs, inputs, None, True)
        _require_dependence("jacobian", first, strict)
        cotangents = tuple(_zeros(t, requires_grad=True) for t in inputs)
        second = _gradients(first, inputs, cotangents, True)
    with set_grad_enabled(create_graph or state.grad):
        products = _gradients(second, cotangents, vectors, create_graph)
        products = _zeros_for_none(products, inputs, strict, create_graph, "double_back_trick")
    return _finished(outputs, False, create_graph), _finished(products, several, create_graph)


# -- whole Jacobians -----------------------------------------------------------------------------------------


def jacobian(
    func: Callable[..., Any], inputs: Any, create_graph: bool = False, strict: bool = False,
    vectorize: bool = False, strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The Jacobian of ``func`` at ``inputs``: of shape output shape + input shape.

    One tensor for one output and one input; a tuple over whichever of them is a tuple, outputs outside. One
    pass a row of it, or with ``strategy="forward-mode"`` one a column; ``vectorize`` is accepted and changes
    nothing. Raises TypeError for what is no tensor, RuntimeError with ``strict`` for independence,
    NotImplementedError for ``create_graph`` in forward mode, AssertionError for another strategy.

    >>> import upriver as up
    >>> up.autograd.functional.jacobian(lambda x: x**2, up.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if strategy not in STRATEGIES:
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has '
            'more outputs than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use '
            '"reverse-mode".'
        )
    if strategy == "forward-mode":
        _check_forward(create_graph, strict)
        return _by_columns(func, inputs)
    with enable_grad():
        several_in, inputs = _as_tuple(inputs, "inputs", "jacobian")
        inputs = _fresh(inputs, create_graph, True)
        several_out, outputs = _evaluated("jacobian", func, inputs, strict)
        if vectorize and strict:
            raise RuntimeError(
                "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported "
                "together. Please either set `strict=False` or `vectorize=False`."
            )
        rows = [_rows(index, t, inputs, create_graph, strict) for index, t in enumerate(outputs)]
    whole = tuple(_finished(row, several_in, create_graph) for row in rows)
    return whole if several_out else whole[0]


def _rows(index: int, output: Any, inputs: tuple[Any, ...], create_graph: bool, strict: bool) -> list[Any]:
    """The Jacobian of one output with respect to each input."""
    flat, rows = output.reshape(-1), []
    for position in range(flat.numel()):
        found = _gradients((flat[position],), inputs, None, create_graph, keep=True)
        for which, g in enumerate(found if strict else ()):
            if g is None:
                raise RuntimeError(
                    explain(
                        f"Output {index} of the user-provided function is independent of input {which}. This "
                        "is not allowed in strict mode.",
                        STRICT,
                    )
                )
            if create_graph and not g.requires_grad:
                raise RuntimeError(
                    explain(
                        f"The jacobian of the user-provided function is independent of input {index}. This "
                        "is not allowed in strict mode when create_graph=True.",
                        STRICT,
                    )
                )
        rows.append([_zeros(t) if g is None else g for g, t in zip(found, inputs, strict=True)])
    return [_stacked([row[which] for row in rows], t, output, 0) for which, t in enumerate(inputs)]


def _stacked(parts: list[Any], input: Any, output: Any, dim: int) -> Any:
    """Rows (or columns, ``dim`` -1) of a Jacobian as one tensor."""
    shape = (*output.shape, *input.shape)
    if not parts:
        return from_array(np.zeros(shape, input._array.dtype))
    return ON_TENSORS.stack_(parts, dim % (parts[0].ndim + 1)).reshape(shape)


def _check_forward(create_graph: bool, strict: bool) -> None:
    if create_graph:
        raise NotImplementedError(
            'torch.autograd.functional.jacobian: `create_graph=True` and `strategy="forward-mode"` are not '
            'supported together (yet). Please either set `create_graph=False` or `strategy="reverse-mode"`.'
        )
    if strict:
        raise RuntimeError(
            'torch.autograd.functional.jacobian: `strict=True` and `strategy="forward-mode"` are not '
            'supported together (yet). Please either set `strict=False` or `strategy="reverse-mode"`.'
        )


def _by_columns(func: Callable[..., Any], inputs: Any) -> Any:
    """The Jacobian in forward mode, one run of ``func`` for each element of the inputs."""
    several_in, inputs = _as_tuple(inputs, "inputs", "jacobian")
    columns: list[list[Any]] = []  # one for each element, of one tangent for each output
    several_out = False
    primals: Any = None
    for which, t in enumerate(inputs):
        for position in range(t.numel()):
            directions = [_zeros(each) for each in inputs]
            directions[which]._array.flat[position] = 1
            with dual_level():
                duals = [make_dual(each, d) for each, d in zip(inputs, directions, strict=True)]
                several_out, outputs = _as_tuple(func(*duals), "outputs", "jacobian")
                unpacked = [unpack_dual(each) for each in outputs]
            primals = [each.primal for each in unpacked]
            columns.append([_zeros(p) if d is None else d for p, d in unpacked])
    if primals is None:
        several_out, primals = _as_tuple(func(*inputs), "outputs", "jacobian")
    whole = []
    for index, output in enumerate(primals):
        row, start = [], 0
        for t in inputs:
            part = [column[index] for column in columns[start : start + t.numel()]]
            row.append(_stacked(part, t, output, -1).detach())
            start += t.numel()
        whole.append(tuple(row) if several_in else row[0])
    return tuple(whole) if several_out else whole[0]


def hessian(
    func: Callable[..., Any], inputs: Any, create_graph: bool = False, strict: bool = False,
    vectorize: bool = False, outer_jacobian_strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The Hessian of the scalar function ``func``: of shape input shape twice, or a tuple of tuples of those.

    The Jacobian of the gradient: see :func:`jacobian` for the arguments. Raises as that, and RuntimeError for
    a function that does not return a single number.

    >>> import upriver as up
    >>> up.autograd.functional.hessian(lambda x: (x**3).sum(), up.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    several, inputs = _as_tuple(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in STRATEGIES:
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def single(*given: Any) -> Any:
        several_out, outputs = _evaluated("hessian", func, given, strict)
        _single_number("hessian", several_out, outputs)
        return outputs[0].squeeze()

    def gradient(*given: Any) -> Any:
        if outer_jacobian_strategy == "forward-mode":
            given = tuple(t.requires_grad_(True) for t in given)
        first = jacobian(single, given, create_graph=True)
        _require_dependence("jacobian", first, strict)
        return first

    whole = jacobian(gradient, inputs, create_graph, strict, vectorize, outer_jacobian_strategy)
    return whole if several else whole[0][0]
