"""Matrix products: ``matmul`` and what is made of it, and the affine map of neural networks.

Gradients of a matrix that multiplies a whole stack are folded into one product of two matrices.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.namespaces import ON_TENSORS as F
from ..dtypes import FROM_NUMPY
from ..kernels.matmul import matmul as product
from ..tensor import Tensor
from .namespace import Namespace
from .registry import Kind, op

__all__ = [
    "addbmm", "addmm", "addmv", "addr", "baddbmm", "bmm", "chain_matmul", "dot", "ger", "inner", "kron",
    "linear", "matmul", "mm", "mv", "outer", "tensordot", "trace", "vdot",
]  # fmt: skip

Array = np.ndarray[Any, Any]
Dims = tuple[int, ...]

# -- the product ---------------------------------------------------------------------------------------------


def _rows(F: Any, x: Any) -> Any:
    """A stack of matrices as one, its rows below each other."""
    shape = x.shape
    return x if len(shape) == 2 else F.reshape_(x, (math.prod(shape[:-1]), shape[-1]))


def _side_by_side(F: Any, x: Any) -> Any:
    """A stack of matrices as one, its columns beside each other."""
    shape = x.shape
    last = len(shape) - 1
    return F.reshape_(
        F.permute_(x, (last - 1, *range(last - 1), last)), (shape[-2], math.prod(shape[:-2]) * shape[-1])
    )


def _left(F: Any, g: Any, other: Any, input_shape: Dims) -> Any:
    """The gradient of the left operand."""
    mine, others = len(input_shape), len(other.shape)
    if others == 1:
        return g * other if mine == 1 else F.unsqueeze_(g, (mine - 1,)) * other
    if mine == 1:
        if others == 2:
            return F.matmul(other, g)
        return F.sum_to(
            F.squeeze_(F.matmul(other, F.unsqueeze_(g, (others - 1,))), (others - 1,)), input_shape
        )
    if mine == 2 and others > 2:
        return F.matmul(_side_by_side(F, g), F.mT(_side_by_side(F, other)))
    found = F.matmul(g, F.mT(other))
    return found if found.shape == input_shape else F.sum_to(found, input_shape)


def _right(F: Any, g: Any, input: Any, other_shape: Dims) -> Any:
    """The gradient of the right operand."""
    mine, others = len(other_shape), len(input.shape)
    if mine == 1:
        if others == 1:
            return g * input
        return F.matmul(g if others == 2 else F.reshape_(g, (math.prod(g.shape),)), _rows(F, input))
    if others == 1:
        return F.unsqueeze_(input, (1,)) * F.unsqueeze_(g, (mine - 2,))
    if mine == 2:
        return F.matmul(F.mT(_rows(F, input)), _rows(F, g))
    found = F.matmul(F.mT(input), g)
    return found if found.shape == other_shape else F.sum_to(found, other_shape)


@op(Kind.CONTRACTION, input=_left, other=_right)
def matmul(xp: Namespace, input: Array, other: Array) -> Array:
    """The matrix product of the last two dimensions; leading ones are broadcast, 1-d operands are vectors.

    Shapes (n, k) and (k, m) give (n, m); (n, k) and (k) give (n); (k) and (k) a 0-d tensor; (\\*b, n, k) and
    (\\*c, k, m) a stack. Raises RuntimeError when sizes or types do not fit.

    >>> import upriver as up
    >>> up.matmul(up.ones(2, 3), up.ones(3, 4)).shape
    torch.Size([2, 4])
    """
    a, b = input.shape, other.shape
    if not (a and b) or a[-1] != b[-2 if len(b) > 1 else 0] or input.dtype is not other.dtype:
        _check_product(input, other)
    if len(b) > 2 and a[:-2] != b[:-2]:
        _check_stacks(a[:-2], b[:-2])
    if input.dtype.kind == "b":
        raise NotImplementedError(
            "\"addmm_impl_cpu_\" not implemented for 'Bool'. Convert with .int() or .float() first."
        )
    return xp.matmul(input, other) if len(a) == 2 >= len(b) and input.itemsize > 2 else product(input, other)


C_NAMES = {
    "float32": "float",
    "float64": "double",
    "float16": "c10::Half",
    "int64": "long",
    "int32": "int",
    "bool": "bool",
}


def _check_product(input: Array, other: Array) -> None:
    """Raise RuntimeError in PyTorch's words where operands cannot be multiplied."""
    a, b = input.shape, other.shape
    if not a or not b:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D"
        )
    if input.dtype != other.dtype:
        first, second = (C_NAMES.get(each.dtype.name, each.dtype.name) for each in (input, other))
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {first} != {second}. Convert one of them "
            "with .to(dtype)."
        )
    inner = b[-2] if len(b) > 1 else b[0]
    if a[-1] == inner:
        return
    rows = (math.prod(a[:-1]), a[-1])
    if len(a) == len(b) == 1:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{a[0]}] and src [{b[0]}] to have the same number of "
            "elements, but got "
            f"{a[0]} and {b[0]} elements respectively"
        )
    if len(b) == 1:
        raise RuntimeError(f"size mismatch, got input ({rows[0]}), mat ({rows[0]}x{rows[1]}), vec ({b[0]})")
    if len(b) == 2:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows[0]}x{rows[1]} and {b[0]}x{b[1]})"
        )
    raise RuntimeError(
        f"Expected size for first two dimensions of batch2 tensor to be: [{math.prod(b[:-2])}, {a[-1]}] but "
        "got: "
        f"[{math.prod(b[:-2])}, {inner}]."
    )


def _check_stacks(a: Dims, b: Dims) -> None:
    """Raise RuntimeError where leading dimensions cannot be broadcast."""
    for back, (i, j) in enumerate(zip(reversed(a), reversed(b), strict=False), start=1):
        if i != j and 1 not in (i, j):
            raise RuntimeError(
                f"The size of tensor a ({i}) must match the size of tensor b ({j}) at non-singleton "
                "dimension "
                f"{max(len(a), len(b)) - back}"
            )


@op(Kind.CONTRACTION, node="AddmmBackward0", shown="linear",
    input=lambda F, g, weight: F.matmul(g, weight),
    weight=lambda F, g, input: F.matmul(F.mT(_rows(F, g)), _rows(F, input)),
    bias=lambda F, g, bias_shape: F.sum_to(g, bias_shape))  # fmt: skip
def affine(xp: Namespace, input: Array, weight: Array, bias: Array | None = None) -> Array:
    """``input @ weight.T + bias`` with a 2-d ``weight``; one product, and one addition in place."""
    if input.shape[-1:] != weight.shape[1:] or input.dtype is not weight.dtype:
        if bias is not None:
            _check_types(input, weight)
        _check_product(input, weight.T)
    made = xp.matmul(input, weight.T) if input.ndim == 2 and input.itemsize > 2 else product(input, weight.T)
    if bias is not None:
        if bias.dtype is not made.dtype or (bias.shape != made.shape[-1:] and bias.size != 1):
            _check_bias(made, bias)
        made += bias
    return made


def _check_types(input: Array, weight: Array) -> None:
    if input.dtype != weight.dtype:
        found, expected = FROM_NUMPY[input.dtype].tensor_type, FROM_NUMPY[weight.dtype].tensor_type
        raise RuntimeError(
            f"mat1 and mat2 must have the same dtype, but got {found} and {expected}. Convert one of them "
            "with .to(dtype)."
        )


def _check_bias(made: Array, bias: Array) -> None:
    if bias.dtype != made.dtype:
        found, expected = FROM_NUMPY[bias.dtype].tensor_type, FROM_NUMPY[made.dtype].tensor_type
        raise RuntimeError(
            f"expected scalar type {expected} but found {found}: the bias of linear() has another type"
        )
    if bias.shape and bias.shape[-1] != made.shape[-1]:
        raise RuntimeError(
            f"The expanded size of the tensor ({made.shape[-1]}) must match the existing size "
            f"({bias.shape[-1]}) at non-singleton "
            f"dimension {max(made.ndim - 1, 0)}.  Target sizes: {list(made.shape)}.  Tensor sizes: "
            f"{list(bias.shape)}"
        )


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input @ weight.T + bias``: shapes (\\*, in), (out, in) and (out) give (\\*, out).

    Raises RuntimeError when sizes or types do not fit.

    >>> import upriver as up
    >>> from upriver import ops
    >>> ops.linear(up.ones(2), up.tensor([[1.0, 2.0], [3.0, 4.0]]), up.ones(2))
    tensor([4., 8.])
    """
    if not isinstance(input, Tensor):
        raise TypeError(f"linear(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    if weight._array.ndim == 2 and input._array.ndim:
        return affine(input, weight, bias)
    found = matmul(input, weight)
    return found if bias is None else F.add(found, bias)


# -- products of given dimensions ----------------------------------------------------------------------------


def mm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of two matrices; unlike :func:`matmul`, of nothing else."""
    for name, each in (("self", input), ("mat2", mat2)):
        if each._array.ndim != 2:
            raise RuntimeError(
                f"{name} must be a matrix, but it has {each._array.ndim} dimensions; matmul() takes any"
            )
    return matmul(input, mat2, out=out)


def mv(input: Tensor, vec: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of a matrix and a vector."""
    if (input._array.ndim, vec._array.ndim) != (2, 1):
        raise RuntimeError(
            f"vector + matrix @ vector expected, got 1, {input._array.ndim}, {vec._array.ndim}"
        )
    return matmul(input, vec, out=out)


def dot(input: Tensor, tensor: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sum of the products of two vectors' elements.

    >>> import upriver as up
    >>> up.dot(up.tensor([1.0, 2.0]), up.tensor([3.0, 4.0]))
    tensor(11.)
    """
    if (input._array.ndim, tensor._array.ndim) != (1, 1):
        raise RuntimeError(
            f"1D tensors expected, but got {input._array.ndim}D and {tensor._array.ndim}D tensors"
        )
    if input._array.dtype != tensor._array.dtype:
        first, second = (each.dtype.tensor_type for each in (input, tensor))
        raise RuntimeError(f"dot : expected both vectors to have same dtype, but found {first} and {second}")
    return matmul(input, tensor, out=out)


def vdot(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """:func:`dot` with the conjugate of ``input``."""
    return dot(F.conj_physical(input) if input._array.dtype.kind == "c" else input, other, out=out)


def bmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The products of two stacks of as many matrices: (b, n, k) and (b, k, m) give (b, n, m)."""
    for name, each in (("batch1", input), ("batch2", mat2)):
        if each._array.ndim != 3:
            raise RuntimeError(f"{name} must be a 3D tensor")
    batch, _, inner = input._array.shape
    if mat2._array.shape[:2] != (batch, inner):
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{batch}, {inner}] but got: "
            f"{list(mat2._array.shape[:2])}."
        )
    return matmul(input, mat2, out=out)


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """All products of an element of one vector and one of another.

    >>> import upriver as up
    >>> up.outer(up.tensor([1, 2]), up.tensor([3, 4]))
    tensor([[3, 4],
            [6, 8]])
    """
    for name, each in (("self", input), ("vec2", vec2)):
        if each._array.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {each._array.ndim}-D")
    return F.mul(F.unsqueeze_(input, (1,)), vec2)


ger = outer


def inner(input: Tensor, other: Tensor) -> Tensor:
    """The dot products of the last dimensions: (\\*a, k) and (\\*b, k) give (\\*a, \\*b); scalars are
    multiplied.
    """
    a, b = input._array.shape, other._array.shape
    if not a or not b:
        return F.mul(input, other)
    if a[-1] != b[-1]:
        raise RuntimeError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(a)} and "
            f"{list(b)}"
        )
    found = matmul(_rows(F, _at_least_2d(input)), F.mT(_rows(F, _at_least_2d(other))))
    return F.reshape_(found, (*a[:-1], *b[:-1]))


def _at_least_2d(x: Tensor) -> Tensor:
    return x if x._array.ndim > 1 else F.reshape_(x, (1, *x._array.shape))


# -- products added to something -----------------------------------------------------------------------------


def _scaled(x: Tensor, factor: float) -> Tensor:
    return x if factor == 1 else F.mul(x, factor)


def _added(input: Tensor, found: Tensor, beta: float, alpha: float) -> Tensor:
    """``beta * input + alpha * found``; with beta 0, what ``input`` holds does not matter (NaN neither)."""
    nothing = beta == 0
    first = F.mask_where(np.ones(input._array.shape, np.bool_), input) if nothing else _scaled(input, beta)
    return F.add(first, _scaled(found, alpha))


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """``beta * input + alpha * (mat1 @ mat2)`` for matrices."""
    return _added(input, mm(mat1, mat2), beta, alpha)


def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """``beta * input + alpha * (mat @ vec)``."""
    return _added(input, mv(mat, vec), beta, alpha)


def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """``beta * input + alpha * outer(vec1, vec2)``."""
    return _added(input, outer(vec1, vec2), beta, alpha)


def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """``beta * input + alpha * bmm(batch1, batch2)``."""
    return _added(input, bmm(batch1, batch2), beta, alpha)


def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """``beta * input + alpha * bmm(batch1, batch2).sum(0)``, as one product."""
    for name, each in (("batch1", batch1), ("batch2", batch2)):
        if each._array.ndim != 3:
            raise RuntimeError(f"{name} must be a 3D tensor")
    return _added(input, matmul(_side_by_side(F, batch1), _rows(F, batch2)), beta, alpha)


# -- products over chosen dimensions -------------------------------------------------------------------------


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """The sum of products over the last ``dims`` dimensions of ``a`` and the first of ``b``, or over two
    given lists.

    Raises RuntimeError when their lengths differ.

    >>> import upriver as up
    >>> up.tensordot(up.ones(2, 3, 4), up.ones(3, 4, 5), dims=2).shape
    torch.Size([2, 5])
    """
    ndim_a, ndim_b = a._array.ndim, b._array.ndim
    if isinstance(dims, (int, np.integer)):
        if not 0 <= dims <= min(ndim_a, ndim_b):
            raise RuntimeError(
                f"tensordot expects dims >= 0 and at most the number of dimensions, but got dims={dims}"
            )
        dims = (range(ndim_a - dims, ndim_a), range(dims))
    over_a, over_b = [each % ndim_a for each in dims[0]], [each % ndim_b for each in dims[1]]
    if len(over_a) != len(over_b):
        raise RuntimeError("both dimension lists should have same length")
    for i, j in zip(over_a, over_b, strict=True):
        if a._array.shape[i] != b._array.shape[j]:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {a._array.shape[i]} in dim {i} and "
                "second has size "
                f"{b._array.shape[j]} in dim {j}"
            )
    free_a = [each for each in range(ndim_a) if each not in over_a]
    free_b = [each for each in range(ndim_b) if each not in over_b]
    shape_a, shape_b = (tuple(x._array.shape[i] for i in free) for x, free in ((a, free_a), (b, free_b)))
    between = math.prod(a._array.shape[each] for each in over_a)
    left = F.reshape_(F.permute_(a, (*free_a, *over_a)), (math.prod(shape_a), between))
    right = F.reshape_(F.permute_(b, (*over_b, *free_b)), (between, math.prod(shape_b)))
    return F.reshape_(matmul(left, right), shape_a + shape_b)


def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product: each element of ``input`` replaced by itself times ``other``.

    >>> import upriver as up
    >>> up.kron(up.tensor([1, 2]), up.tensor([1, 10]))
    tensor([ 1, 10,  2, 20])
    """
    a, b = input._array.shape, other._array.shape
    ndim = max(len(a), len(b))
    a, b = (1,) * (ndim - len(a)) + a, (1,) * (ndim - len(b)) + b
    first = F.reshape_(input, tuple(each for length in a for each in (length, 1)))
    second = F.reshape_(other, tuple(each for length in b for each in (1, length)))
    return F.reshape_(F.mul(first, second), tuple(i * j for i, j in zip(a, b, strict=True)))


def trace(input: Tensor) -> Tensor:
    """The sum of a matrix's diagonal."""
    if input._array.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input._array.ndim}")
    return F.sum_all(F.diagonal_(input, 0, 0, 1))


def chain_matmul(*matrices: Tensor) -> Tensor:
    """The product of several matrices in the order that takes the fewest multiplications: see
    ``linalg.multi_dot``.
    """
    from .linalg import multi_dot

    return matrices[0] if len(matrices) == 1 else multi_dot(matrices)
