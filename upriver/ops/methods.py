"""Tensor's methods: functions whose first parameter is the tensor, in-place siblings, Python's operators."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..autograd.namespaces import ON_TENSORS
from ..autograd.variable import written
from ..errors import explain, here
from ..storage import InferenceStorage, Storage, root_buffer
from ..tensor import Tensor, initialise, note_exit
from . import (
    activation,
    combinations,
    comparison,
    composite,
    contraction,
    convolution,
    create,
    cumulative,
    diagonals,
    distance,
    einsum,
    elementwise,
    embedding,
    extrema,
    index,
    inplace,
    join,
    loss,
    matrix,
    normalization,
    pooling,
    positions,
    printing,
    quantile,
    random,
    reduce,
    scattered,
    shape,
    softmax,
    sort,
    special,
    statistics,
)  # fmt: skip
from . import complex as complex_
from .inplace import in_place, reshaping_in_place

FAMILIES = (
    elementwise, comparison, complex_, composite, shape, diagonals, index, scattered, join, create,
    activation, contraction, convolution, cumulative, distance, einsum, embedding, extrema, loss, matrix,
    normalization, pooling, quantile, random, reduce, scattered, softmax, sort, special, combinations,
    positions, statistics,
)  # fmt: skip

# Functions that have an in-place sibling: the result has the shape of the first operand.
IN_PLACE = """
    abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr arccos arccosh arcsin arcsinh
    arctan arctan2 arctanh asin asinh atan atan2 atanh baddbmm bitwise_and bitwise_left_shift bitwise_not
    bitwise_or bitwise_right_shift bitwise_xor ceil clamp clamp_max clamp_min clip conj_physical copysign
    cos cosh cumprod cumsum deg2rad digamma div divide dropout elu eq erf erfc erfinv exp exp2 expm1 fix
    float_power floor floor_divide fmod frac gcd ge greater greater_equal gt heaviside hypot i0 index_add
    index_copy index_fill lcm ldexp le leaky_relu lerp less less_equal lgamma log log10 log1p log2
    logical_and logical_not logical_or logical_xor logit lt masked_fill masked_scatter mul multiply
    mvlgamma nan_to_num ne neg negative not_equal pow put rad2deg reciprocal relu remainder renorm round
    rsqrt scatter scatter_add scatter_reduce selu sgn sigmoid sign silu sin sinc sinh sqrt square sub
    subtract tan tanh threshold tril triu true_divide trunc xlogy
""".split()  # noqa: SIM905 - a table of words
RESHAPING = ["squeeze", "unsqueeze", "t", "transpose", "swapaxes", "swapdims", "as_strided"]
NOT_METHODS = {
    "is_tensor", "tensor", "as_tensor", "asarray", "from_numpy", "zeros_like", "ones_like", "empty_like",
    "full_like", "rand_like", "randn_like", "randint_like", "where", "complex", "scalar_tensor", "numel",
    "gammaln", "conv1d", "conv2d", "linear", "cartesian_prod", "combinations", "result_type",
}  # fmt: skip
FIRST = ("input", "self", "tensor", "t", "A")


def _bind() -> None:
    for family in FAMILIES:
        for name in family.__all__:
            function = getattr(family, name)
            if name not in NOT_METHODS and not hasattr(Tensor, name) and _takes_tensor(function):
                setattr(Tensor, name, function)
    for name in IN_PLACE:
        setattr(Tensor, f"{name}_", in_place(getattr(Tensor, name), f"{name}_"))
    for name in RESHAPING:
        setattr(Tensor, f"{name}_", reshaping_in_place(getattr(Tensor, name), f"{name}_"))
    for name in ("copy_", "fill_", "fill_diagonal_", "zero_", "index_put_"):
        setattr(Tensor, name, getattr(inplace, name))
    for name in ("uniform_", "normal_", "bernoulli_", "exponential_", "random_"):
        setattr(Tensor, name, getattr(random, name))
    for name, function in {**OPERATORS_OF_PYTHON, **METHODS, **CONVERSIONS}.items():
        setattr(Tensor, name, function)
    for name, get in PROPERTIES.items():
        setattr(Tensor, name, get if isinstance(get, property) else property(get))


def _takes_tensor(function: Any) -> bool:
    operator = getattr(function, "__globals__", {}).get("operator")  # an entry's names come when it is called
    code = getattr(function, "__code__", None)
    names: Sequence[str] = getattr(code, "co_varnames", ()) if operator is None else operator.parameters
    return len(names) > 0 and names[0] in FIRST


# -- Python's operators --------------------------------------------------------------------------------------


def _reflected(function: Any) -> Any:
    def operator(t: Tensor, other: Any) -> Any:
        return function(other, t)

    return operator


def _wide(function: Any) -> Any:
    """An operator that leaves operands it does not know to Python, as ``==`` with a string."""

    def operator(t: Tensor, other: Any) -> Any:
        if not isinstance(other, (Tensor, bool, int, float, complex, np.ndarray, np.generic)):
            return NotImplemented
        return function(t, other)

    return operator


def _matmul_reflected(t: Tensor, other: Any) -> Any:
    return contraction.matmul(other if isinstance(other, Tensor) else create.as_tensor(other), t)


OPERATORS_OF_PYTHON: dict[str, Any] = {
    "__add__": elementwise.add, "__radd__": elementwise.add, "__sub__": elementwise.sub,
    "__rsub__": _reflected(elementwise.sub), "__mul__": elementwise.mul, "__rmul__": elementwise.mul,
    "__truediv__": elementwise.div, "__rtruediv__": _reflected(elementwise.div),
    "__floordiv__": elementwise.floor_divide, "__rfloordiv__": _reflected(elementwise.floor_divide),
    "__mod__": elementwise.remainder, "__rmod__": _reflected(elementwise.remainder),
    "__pow__": elementwise.pow, "__rpow__": _reflected(elementwise.pow), "__matmul__": contraction.matmul,
    "__rmatmul__": _matmul_reflected, "__neg__": elementwise.neg, "__pos__": composite.positive,
    "__abs__": elementwise.abs, "__invert__": comparison.bitwise_not, "__and__": comparison.bitwise_and,
    "__rand__": comparison.bitwise_and, "__or__": comparison.bitwise_or, "__ror__": comparison.bitwise_or,
    "__xor__": comparison.bitwise_xor, "__rxor__": comparison.bitwise_xor,
    "__lshift__": comparison.bitwise_left_shift, "__rshift__": comparison.bitwise_right_shift,
    "__eq__": _wide(comparison.eq), "__ne__": _wide(comparison.ne), "__lt__": comparison.lt,
    "__le__": comparison.le, "__gt__": comparison.gt, "__ge__": comparison.ge, "__getitem__": index.getitem,
    "__setitem__": inplace.setitem, "__iadd__": in_place(composite.add, "add_"),
    "__isub__": in_place(composite.sub, "sub_"), "__imul__": in_place(elementwise.mul, "mul_"),
    "__itruediv__": in_place(elementwise.div, "div_"), "__ipow__": in_place(elementwise.pow, "pow_"),
    "__ifloordiv__": in_place(elementwise.floor_divide, "floor_divide_"),
    "__imod__": in_place(elementwise.remainder, "remainder_"),
    "__iand__": in_place(comparison.bitwise_and, "bitwise_and_"),
    "__ior__": in_place(comparison.bitwise_or, "bitwise_or_"),
    "__ixor__": in_place(comparison.bitwise_xor, "bitwise_xor_"),
}  # fmt: skip


# -- to Python and NumPy -------------------------------------------------------------------------------------


def item(t: Tensor) -> Any:
    """The single element as a Python number, outside the graph; RuntimeError for more or fewer elements."""
    if t._array.size != 1:
        raise RuntimeError(f"a Tensor with {t._array.size} elements cannot be converted to Scalar")
    if t._requires_grad or t._origin is not None:
        note_exit("item()", t)
    return t._array.item()


def tolist(t: Tensor) -> Any:
    """The elements as nested lists of Python numbers: they leave the graph."""
    if t._requires_grad or t._origin is not None:
        note_exit("tolist()", t)
    return t._array.tolist()


def _scalar(convert: Any) -> Any:
    def to_number(t: Tensor) -> Any:
        if t.requires_grad:
            warnings.warn(
                "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\n"
                "Consider using tensor.detach() first.",
                UserWarning,
                stacklevel=2,
            )
        if t._array.size != 1:
            raise ValueError(
                f"only one element tensors can be converted to Python scalars: this one has {t._array.size}"
            )
        value = item(t)
        if isinstance(value, complex) and convert is not complex:
            kind = "double" if convert is float else "int64_t"
            raise RuntimeError(
                f"value cannot be converted to type {kind} without overflow: {value} is complex; take its "
                ".real or abs()"
            )
        return convert(value)

    to_number.__annotations__["return"] = convert
    return to_number


def __bool__(t: Tensor) -> bool:
    """Whether the single element is not zero; ambiguous, hence RuntimeError, for more."""
    if t._array.size > 1:
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
    if t._array.size == 0:
        raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
    return bool(t._array.item())


def __index__(t: Tensor) -> int:
    """A whole number for indexing; TypeError for other types."""
    if t._array.size != 1 or t._array.dtype.kind not in "iub":
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(t._array.item())


def numpy(t: Tensor, *, force: bool = False) -> np.ndarray[Any, Any]:
    """The elements as an ndarray on the same memory; ``force`` detaches first.

    A write to the array that changes a value saved for backward is detected there. Raises RuntimeError while
    the tensor requires grad.
    """
    if t.requires_grad:
        if not force:
            raise RuntimeError(
                explain(
                    "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
                    f"this is {t.dtype.name}{list(t.shape)}; the call is at {here()}.",
                )
            )
        t = t.detach()
    if t._origin is not None:
        note_exit("numpy()", t)
    if t._array.ndim and not t._array.size:
        return t._array
    # a memoryview between, so that its views keep it alive, not its base
    exported = np.asarray(t._array.data)
    if type(t._storage) is not InferenceStorage:
        t._storage.expose(exported)
    return exported


def __array__(t: Tensor, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
    """For ``np.asarray``: as :func:`numpy`."""
    array = numpy(t)
    return array if dtype is None or array.dtype == dtype else array.astype(dtype)


def __repr__(t: Tensor, *, tensor_contents: Any = None) -> str:
    return printing.show(t)


def __format__(t: Tensor, spec: str) -> str:
    """A 0-d tensor as its number, any other as ``str`` shows it."""
    return format(item(t), spec) if t._array.ndim == 0 else object.__format__(t, spec)


def __iter__(t: Tensor) -> Iterator[Tensor]:
    """The slices of the first dimension."""
    if not t._array.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(join.unbind(t, 0))


def __contains__(t: Tensor, element: Any) -> bool:
    """Whether any element equals ``element``."""
    return bool((t._array == (element._array if isinstance(element, Tensor) else element)).any())


# -- copies of other kinds -----------------------------------------------------------------------------------


def __deepcopy__(t: Tensor, memo: dict[int, Any]) -> Tensor:
    maker = t.grad_fn
    if maker is not None:
        raise RuntimeError(
            explain(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at "
                "the moment.  If you were attempting to deepcopy a module, this may be because of a "
                "torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001",
                f"this tensor was made by {maker.name()} at {maker.where}; copy t.detach() or use t.clone().",
            )
        )
    if id(t) in memo:
        return memo[id(t)]
    made = Tensor.__new__(type(t))
    initialise(made, *_copied_memory(t, memo))
    made._requires_grad = t._requires_grad
    made._storage.version = 1  # copying counts as the first write, as in PyTorch
    memo[id(t)] = made
    if t._grad is not None:
        made._grad = copy.deepcopy(t._grad, memo)
    made.__dict__.update(copy.deepcopy(t.__dict__, memo))
    return made


def _copied_memory(t: Tensor, memo: dict[int, Any]) -> tuple[np.ndarray[Any, Any], Storage]:
    """The elements in a copy of the storage, which tensors that shared the storage share again."""
    storage = memo.get(id(t._storage))
    root = root_buffer(t._storage.array)
    if not root.flags.c_contiguous or t._array.dtype != root.dtype:
        array = t._array.copy()
        return array, Storage.on(array)
    if storage is None:
        storage = memo[id(t._storage)] = Storage.on(root.copy())
    offset = t.data_ptr() - t._storage.data_ptr() if t._array.size else 0
    return np.ndarray(t._array.shape, t._array.dtype, storage.array, offset, t._array.strides), storage


def __reduce_ex__(t: Tensor, protocol: Any) -> Any:
    if t._node is not None:
        raise RuntimeError("only leaf tensors can be pickled: use t.detach()")
    return _unpickled, (
        type(t),
        np.ascontiguousarray(t._array) if t._array.ndim else t._array.copy(),
        t._requires_grad,
        t.__dict__,
    )


def _unpickled(kind: type[Tensor], array: Any, requires_grad: bool, attributes: dict[str, Any]) -> Tensor:
    made = Tensor.__new__(kind)
    initialise(made, array, Storage.on(array))
    made._requires_grad = requires_grad
    made.__dict__.update(attributes)
    return made


# -- other methods -------------------------------------------------------------------------------------------


def new_tensor(t: Tensor, data: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A new tensor of ``data`` with this one's type."""
    return create.tensor(data, dtype=dtype or t.dtype, requires_grad=requires_grad)


def _new(factory: Any) -> Any:
    def make(
        t: Tensor, *size: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None
    ) -> Tensor:
        made: Tensor = factory(*size, dtype=dtype or t.dtype, requires_grad=requires_grad)
        return made

    make.__doc__ = f"As :func:`upriver.{factory.__name__}`, of this tensor's type."
    return make


def new_full(
    t: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """A new tensor of this one's type, filled with ``fill_value``."""
    return create.full(size, fill_value, dtype=dtype or t.dtype, requires_grad=requires_grad)


def type_as(t: Tensor, other: Tensor) -> Tensor:
    """Converted to the type of ``other``."""
    return create.to(t, other.dtype)


def apply_(t: Tensor, callable: Any) -> Tensor:
    """Replace each element by ``callable`` of it (slow; not recorded)."""
    if t.requires_grad:
        raise RuntimeError("apply_() can only be called on tensors that do not require grad")
    t._array[...] = np.vectorize(callable, otypes=[t._array.dtype])(t._array) if t._array.size else t._array
    written("apply_", t)
    return t


def sum_to_size(t: Tensor, *size: Any) -> Tensor:
    """Summed over what broadcasting from ``size`` repeats; RuntimeError if ``size`` does not broadcast."""
    wanted, have = shape.sizes(size), t._array.shape
    apart = len(have) - len(wanted)
    if apart < 0 or any(n not in (1, m) for n, m in zip(wanted, have[apart:], strict=True)):
        raise RuntimeError(f"size {{{list(wanted)}}} is not expandable to size {{{list(have)}}}.")
    return ON_TENSORS.sum_to(t, wanted)


def set_(t: Tensor, source: Tensor) -> Tensor:
    """Look at the memory of ``source`` from now on."""
    t._array, t._storage, t._view = source._array, source._storage, None
    return t


def resize_(t: Tensor, *sizes: Any) -> Tensor:
    """Another shape, in the same memory where it suffices, else in new memory."""
    if t.requires_grad:
        raise RuntimeError("cannot resize variables that require grad")
    wanted = shape.sizes(sizes)
    count = int(np.prod(wanted))
    if count <= t._array.size and t._array.flags.c_contiguous:
        t._array = t._array.reshape(-1)[:count].reshape(wanted)
    else:
        grown = np.zeros(count, t._array.dtype)
        grown[: t._array.size] = t._array.reshape(-1)
        t._array = grown.reshape(wanted)
        t._storage = Storage.on(t._array)
    return t


def share_memory_(t: Tensor) -> Tensor:
    """The tensor itself: processes do not share tensors."""
    return t


def clone_method(t: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy with memory of its own that stays connected: gradients flow through it."""
    return create.clone(t)


def where_method(t: Tensor, condition: Tensor, other: Any) -> Tensor:
    """This tensor where ``condition`` holds, ``other`` elsewhere."""
    return index.where(condition, t, other)


def cpu(t: Tensor) -> Tensor:
    """The tensor itself: it is on the CPU."""
    return t


def cuda(t: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Refused: upriver computes on the CPU."""
    return create.to(t, "cuda")


METHODS: dict[str, Any] = {
    "item": item, "tolist": tolist, "__bool__": __bool__, "__index__": __index__, "__float__": _scalar(float),
    "__int__": _scalar(int), "__complex__": _scalar(complex), "numpy": numpy, "__array__": __array__,
    "__repr__": __repr__, "__str__": __repr__, "__format__": __format__, "__iter__": __iter__,
    "__contains__": __contains__, "__deepcopy__": __deepcopy__, "__reduce_ex__": __reduce_ex__,
    "new_tensor": new_tensor, "new_zeros": _new(create.zeros), "new_ones": _new(create.ones),
    "new_empty": _new(create.empty), "type_as": type_as, "apply_": apply_, "set_": set_, "resize_": resize_,
    "share_memory_": share_memory_, "clone": clone_method, "where": where_method, "cpu": cpu, "cuda": cuda,
    "to": create.to, "new_full": new_full, "ndimension": Tensor.dim, "sum_to_size": sum_to_size,
    "cholesky_solve": matrix.cholesky_solve, "cholesky_inverse": matrix.cholesky_inverse,
    "__hash__": Tensor.__hash__, "__array_priority__": 1000,
}  # fmt: skip


def _conversion(kind: dtypes.dtype) -> Any:
    def convert(t: Tensor, memory_format: Any = None) -> Tensor:
        return create.to(t, kind)

    convert.__doc__ = f"Converted to {kind.name}."
    return convert


CONVERSIONS = {
    "float": _conversion(dtypes.float32), "double": _conversion(dtypes.float64),
    "half": _conversion(dtypes.float16), "long": _conversion(dtypes.int64), "int": _conversion(dtypes.int32),
    "short": _conversion(dtypes.int16), "char": _conversion(dtypes.int8), "byte": _conversion(dtypes.uint8),
    "bool": _conversion(dtypes.bool_), "cfloat": _conversion(dtypes.complex64),
    "cdouble": _conversion(dtypes.complex128),
}  # fmt: skip


def _transposed(t: Tensor) -> Tensor:
    """All dimensions in reverse order."""
    return shape.permute_(t, tuple(reversed(range(t._array.ndim))))


def _matrix_transposed(t: Tensor) -> Tensor:
    """The last two dimensions exchanged."""
    if t._array.ndim < 2:
        raise RuntimeError(
            f"tensor.mT is only supported on matrices or batches of matrices. Got {t._array.ndim}-D tensor."
        )
    return shape.mT(t)


def _conjugate_transposed(t: Tensor) -> Tensor:
    """The conjugate transpose of a matrix."""
    return complex_.conj(_transposed(t))


def _names(t: Tensor) -> tuple[None, ...]:
    """A name for each dimension: None, as upriver has no named tensors."""
    return (None,) * t._array.ndim


def _always(value: bool | str, meaning: str) -> Any:
    def get(t: Tensor) -> Any:
        return value

    get.__doc__ = meaning
    get.__annotations__["return"] = type(value)
    return get


def _set_part(part: Any) -> Any:
    return lambda t, value: part(t).copy_(value if isinstance(value, Tensor) else create.as_tensor(value))


PROPERTIES: dict[str, Any] = {
    "T": _transposed, "mT": _matrix_transposed, "H": _conjugate_transposed,
    "mH": shape.adjoint, "real": property(complex_.real, _set_part(complex_.real)),
    "imag": property(complex_.imag, _set_part(complex_.imag)),
    "is_cpu": _always(True, "Whether it is on the CPU: always."),
    "is_cuda": _always(False, "Whether it is on a GPU: never."),
    "is_mps": _always(False, "Whether it is on an Apple GPU: never."),
    "is_meta": _always(False, "Whether it has a shape but no elements: never."),
    "is_sparse": _always(False, "Whether only some elements are stored: never."),
    "is_quantized": _always(False, "Whether the elements are quantized: never."),
    "layout": _always("torch.strided", "How the elements lie in memory: always strided."), "names": _names,
}  # fmt: skip

_bind()
