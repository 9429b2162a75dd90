"""Checking derivatives against finite differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import GradcheckError
from ..tensor import Tensor, from_array
from .differentiate import grad

__all__ = ["gradcheck", "gradgradcheck"]

Array = np.ndarray[Any, Any]


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    fast_mode: bool = False,
) -> bool:
    """Compare the gradients of ``func(*inputs)`` with central differences; give float64 or complex128 inputs.

    ``fast_mode`` compares along one random direction. Raises GradcheckError naming output, input and both
    Jacobians (or returns False unless ``raise_exception``), ValueError if no input requires grad.

    >>> import upriver as up
    >>> x = up.tensor([0.5, 2.0], dtype=up.float64, requires_grad=True)
    >>> up.autograd.gradcheck(lambda t: t.sin() * t, (x,))
    True
    """
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    try:
        _check_inputs(given)
        outputs = _differentiable(func(*given))
        if not outputs:
            return _check_constant(func, given, eps, atol)
        for index in range(len(outputs)):
            _check_output(func, given, index, eps, atol, rtol, nondet_tol, fast_mode)
        if check_undefined_grad:
            _check_undefined(func, given)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    fast_mode: bool = False,
) -> bool:
    """:func:`gradcheck` of the gradient of ``func``: second derivatives, by inputs and cotangents."""
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    outputs = _differentiable(func(*given))
    if grad_outputs is None:
        random = np.random.default_rng(0)
        cotangents = tuple(_random_like(each._array, random).requires_grad_() for each in outputs)
    else:
        cotangents = (grad_outputs,) if isinstance(grad_outputs, Tensor) else tuple(grad_outputs)
    count = len(given)
    wanted = [index for index, each in enumerate(given) if isinstance(each, Tensor) and each.requires_grad]

    def gradient(*args: Any) -> tuple[Any, ...]:
        primals, directions = args[:count], args[count:]
        primals = tuple(
            p.detach().requires_grad_() if index in wanted and not p.requires_grad else p
            for index, p in enumerate(primals)
        )
        found = grad(
            _differentiable(func(*primals)),
            [primals[index] for index in wanted],
            directions,
            create_graph=True,
            allow_unused=True,
        )
        return tuple(each for each in found if each is not None)

    return gradcheck(
        gradient, (*given, *cotangents), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception,
        nondet_tol=nondet_tol, check_undefined_grad=check_undefined_grad, fast_mode=fast_mode,
    )  # fmt: skip


def _random_like(array: Array, random: np.random.Generator) -> Tensor:
    values = random.standard_normal(array.shape)
    return from_array(
        np.asarray(
            values + 1j * random.standard_normal(array.shape) if array.dtype.kind == "c" else values,
            array.dtype,
        )
    )


def _check_inputs(given: tuple[Any, ...]) -> None:
    wanting = [
        (index, each) for index, each in enumerate(given) if isinstance(each, Tensor) and each.requires_grad
    ]
    if not wanting:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have "
            "requires_grad=True."
        )
    for index, each in wanting:
        if each._array.dtype not in (np.float64, np.complex128):
            warnings.warn(
                f"Input #{index} requires gradient and is not a double precision floating point or complex. "
                "This check will likely fail if all the inputs are not of double precision floating point or "
                "complex. ",
                stacklevel=3,
            )
        if each._array.size and 0 in [
            s for s, n in zip(each._array.strides, each._array.shape, strict=True) if n > 1
        ]:
            raise RuntimeError(
                f"The {index}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                "non-overlapping to be able to compute the numerical gradients correctly. You should call "
                ".contiguous on the input before passing it to gradcheck."
            )


def _differentiable(made: Any) -> tuple[Tensor, ...]:
    several: Sequence[Any] = made if isinstance(made, (tuple, list)) else (made,)
    return tuple(each for each in several if isinstance(each, Tensor) and each.requires_grad)


def _check_constant(func: Callable[..., Any], given: tuple[Any, ...], eps: float, atol: float) -> bool:
    """A function whose outputs do not require grad must not depend on its inputs."""
    made = func(*given)
    several = [
        each for each in (made if isinstance(made, (tuple, list)) else (made,)) if isinstance(each, Tensor)
    ]
    if not several:
        raise ValueError(f"Expected at least one Tensor in output, but got {type(made).__name__}.")
    return True


def _values(func: Callable[..., Any], given: tuple[Any, ...], index: int) -> Array:
    """Output ``index`` among the differentiable ones, as an array."""
    return np.array(_differentiable(func(*given))[index]._array)


def _numerical(func: Callable[..., Any], given: tuple[Any, ...], output: int, t: Tensor, eps: float) -> Array:
    """The Jacobian by central differences: rows are the input's elements (real parts, then imaginary),
    columns the output's.
    """
    flat = t._array.reshape(-1) if t._array.flags.c_contiguous else None
    rows = []
    steps: list[complex] = [eps, 1j * eps] if t._array.dtype.kind == "c" else [eps]
    for step in steps:
        for position in range(t._array.size):
            place = position if flat is not None else np.unravel_index(position, t._array.shape)
            target: Any = flat if flat is not None else t._array
            before = target[place]
            target[place] = before + step
            above = _values(func, given, output)
            target[place] = before - step
            below = _values(func, given, output)
            target[place] = before
            rows.append(((above - below) / (2 * eps)).reshape(-1))
    return np.stack(rows) if rows else np.zeros((0, _values(func, given, output).size))


def _analytical(
    func: Callable[..., Any], given: tuple[Any, ...], output: int, wanted: list[Tensor]
) -> list[Array]:
    """The same Jacobians by backward, one pass for each element (and imaginary unit) of the output."""
    made = _differentiable(func(*given))[output]
    columns: list[list[Array]] = [[] for _ in wanted]
    units: list[complex] = [1, 1j] if made._array.dtype.kind == "c" else [1]
    for unit in units:
        for position in range(made._array.size):
            seed = np.zeros(made._array.size, made._array.dtype)
            seed[position] = unit
            found = grad(
                made,
                wanted,
                from_array(seed.reshape(made._array.shape)),
                retain_graph=True,
                allow_unused=True,
            )
            for column, g, t in zip(columns, found, wanted, strict=True):
                if g is not None and g.shape != t.shape:
                    raise GradcheckError(
                        f"grad is of shape {list(g.shape)}, but the input is of shape {list(t.shape)}"
                    )
                array = np.zeros(t._array.shape, t._array.dtype) if g is None else g._array
                column.append(
                    np.concatenate([array.real.reshape(-1), array.imag.reshape(-1)])
                    if t._array.dtype.kind == "c"
                    else array.reshape(-1)
                )
    rows = [t._array.size * (2 if t._array.dtype.kind == "c" else 1) for t in wanted]
    return [
        np.stack(column, 1) if column else np.zeros((count, 0))
        for column, count in zip(columns, rows, strict=True)
    ]


def _check_output(
    func: Callable[..., Any],
    given: tuple[Any, ...],
    output: int,
    eps: float,
    atol: float,
    rtol: float,
    nondet: float,
    fast: bool,
) -> None:
    positions = [index for index, each in enumerate(given) if isinstance(each, Tensor) and each.requires_grad]
    wanted = [given[index] for index in positions]
    if fast:
        _check_direction(func, given, output, positions, eps, atol, rtol)
        return
    analytical = _analytical(func, given, output, wanted)
    for again, first in zip(_analytical(func, given, output, wanted), analytical, strict=True):
        if not np.allclose(again, first, rtol=0, atol=nondet, equal_nan=True):
            raise GradcheckError(
                "Backward is not reentrant, i.e., running backward with same input and grad_output multiple "
                "times gives different values, although analytical gradient matches numerical gradient."
            )
    for index, t, found in zip(positions, wanted, analytical, strict=True):
        numerical = _as_real(_numerical(func, given, output, t, eps))
        if not np.allclose(numerical, found, rtol=rtol, atol=atol, equal_nan=True):
            raise GradcheckError(
                f"Jacobian mismatch for output {output} with respect to input {index},\n"
                f"numerical:{numerical}\nanalytical:{found}\n"
            )


def _as_real(jacobian: Array) -> Array:
    """Complex outputs as real parts, then imaginary parts: what seeds of 1 and 1j give."""
    return np.concatenate([jacobian.real, jacobian.imag], 1) if jacobian.dtype.kind == "c" else jacobian


def _check_direction(
    func: Callable[..., Any],
    given: tuple[Any, ...],
    output: int,
    positions: list[int],
    eps: float,
    atol: float,
    rtol: float,
) -> None:
    """<cotangent, J direction> by a difference and by backward, for one random pair."""
    random = np.random.default_rng(0)
    made = _differentiable(func(*given))[output]
    cotangent = _random_like(made._array, random)
    for index in positions:
        t = given[index]
        direction = _random_like(t._array, random)._array
        (found,) = grad(made, [t], cotangent, retain_graph=True, allow_unused=True)
        original = t._array.copy()
        t._array[...] = original + eps * direction
        above = _values(func, given, output)
        t._array[...] = original - eps * direction
        below = _values(func, given, output)
        t._array[...] = original
        numerical = np.vdot(cotangent._array, (above - below) / (2 * eps)).real
        analytical = 0.0 if found is None else np.vdot(found._array, direction).real
        if not np.isclose(
            numerical, analytical, rtol=rtol, atol=atol * max(1.0, float(np.sqrt(t._array.size)))
        ):
            raise GradcheckError(
                f"Jacobian mismatch for output {output} with respect to input {index}, along a random "
                f"direction:\nnumerical:{numerical}\nanalytical:{analytical}\n"
            )


def _check_undefined(func: Callable[..., Any], given: tuple[Any, ...]) -> None:
    """With several outputs, gradients that arrive at only one of them must work."""
    made = _differentiable(func(*given))
    wanted = [each for each in given if isinstance(each, Tensor) and each.requires_grad]
    if len(made) < 2:
        return
    for each in made:
        try:
            grad(each, wanted, from_array(np.zeros_like(each._array)), retain_graph=True, allow_unused=True)
        except RuntimeError as error:
            raise GradcheckError(
                "Expected backward function to handle undefined output grads. Please look at 'Notes about "
                f"undefined output gradients' ({error})"
            ) from error
