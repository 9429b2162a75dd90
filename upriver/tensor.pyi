"""The types of :mod:`upriver.tensor`, written by ``python tools/stub.py``: not to be edited."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self, TypeAlias, overload

import numpy as np

from .autograd.hooks import TensorExtra
from .autograd.node import Node, RemovableHandle
from .dtypes import dtype as _dtype
from .errors import Where
from .ops.extrema import Extremes, Selected
from .ops.generator import Generator
from .ops.linalg.decompose import QR, FullSVD
from .ops.linalg.determinants import SignAndLogarithm
from .storage import Storage

__all__ = ["Cut", "Size", "Tensor", "from_array"]

Array = np.ndarray[Any, Any]

class Size(tuple[int, ...]):
    """A shape: a tuple of ints with PyTorch's name for the product of its entries.

    >>> import upriver as up
    >>> up.zeros(2, 3).shape.numel()
    6
    """

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""

    def __repr__(self) -> str: ...
    __str__ = __repr__

    def __add__(self, other: Any) -> Size: ...
    def __getitem__(self, index: Any) -> Any: ...

class Cut:
    """A statement after which a value has no history: what kind, where, and of what."""

    kind: str
    where: Where

    def __init__(self, kind: str, where: Where, of: Tensor | Cut) -> None: ...
    @property
    def of(self) -> str:
        """What was cut: type, shape and who made it."""

    @property
    def filename(self) -> str:
        """The file of the statement."""

    @property
    def lineno(self) -> int:
        """Its line, counted from 1."""

    @property
    def source(self) -> str:
        """Its text."""

    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...

class Device:
    """Where tensors live. There is one: the CPU."""

    type: str
    index: int | None

    def __init__(self, type: str = "cpu", index: int | None = None) -> None: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

CPU = Device()

def initialise(t: Tensor, array: Array, storage: Storage) -> None:
    """Make ``t`` a leaf onto ``array``, whose memory ``storage`` keeps."""

def from_array(array: Any, storage: Storage | None = None) -> Tensor:
    """A leaf onto ``array`` without copying; NumPy scalars become 0-d arrays."""

KEPT_CUTS = 8

EXITS: deque[Cut]

def note_exit(kind: str, t: Tensor) -> None:
    """Remember that the value of ``t``, which has a history or was cut from one, leaves the graph."""

def cut_origin(kind: str, t: Tensor, where: Where) -> tuple[Cut, ...] | None:
    """The origin record of a value that leaves the graph at ``where``: the new cut, or ``t``'s older ones."""

def joint_origin(operation: str, tensors: Any, nondifferentiable: bool) -> tuple[Cut, ...] | None:
    """The origin of an unrecorded result: what its operands descend from, and what ``operation`` cuts.

    Under no_grad the first cut stands for what follows it: a network has as many more as parameters.
    """

def describe(kind: np.dtype[Any], shape: tuple[int, ...], maker: str | None) -> str:
    """One phrase for messages: type, shape and who made it."""

def type_name(t: Tensor) -> str:
    """PyTorch's name of a tensor in its version errors: ``[torch.FloatTensor [3]]``."""

def same_memory(a: Array, b: Array) -> bool:
    """Whether two arrays look into one buffer."""

class Tensor:
    """An n-dimensional array that can remember how it was computed."""

    @property
    def H(self) -> Tensor:
        """The conjugate transpose of a matrix."""
    @property
    def T(self) -> Tensor:
        """All dimensions in reverse order."""
    def __abs__(self) -> Tensor: ...
    def __add__(self, other: _Operand) -> Tensor: ...
    def __and__(self, other: _Operand) -> Tensor: ...
    def __array__(self, dtype: Any = None, copy: _bool | None = None) -> Array: ...
    __array_priority__: _int
    def __bool__(self) -> _bool: ...
    def __complex__(self) -> complex: ...
    def __contains__(self, element: Any) -> _bool: ...
    def __deepcopy__(self, memo: dict[_int, Any]) -> Tensor: ...
    def __eq__(self, other: object) -> Tensor: ...  # type: ignore[override]
    def __float__(self) -> _float: ...
    def __floordiv__(self, other: _Operand) -> Tensor: ...
    def __format__(self, spec: str) -> str: ...
    def __ge__(self, other: _Operand) -> Tensor: ...
    def __getitem__(self, index: Any) -> Tensor: ...
    def __gt__(self, other: _Operand) -> Tensor: ...
    def __hash__(self) -> _int: ...
    def __iadd__(self, other: _Operand) -> Self: ...
    def __iand__(self, other: _Operand) -> Self: ...
    def __ifloordiv__(self, other: _Operand) -> Self: ...
    def __imod__(self, other: _Operand) -> Self: ...
    def __imul__(self, other: _Operand) -> Self: ...
    def __index__(self) -> _int: ...
    def __init__(self, *data: Any) -> None: ...
    def __int__(self) -> _int: ...
    def __invert__(self) -> Tensor: ...
    def __ior__(self, other: _Operand) -> Self: ...
    def __ipow__(self, other: _Operand) -> Self: ...
    def __isub__(self, other: _Operand) -> Self: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def __itruediv__(self, other: _Operand) -> Self: ...
    def __ixor__(self, other: _Operand) -> Self: ...
    def __le__(self, other: _Operand) -> Tensor: ...
    def __len__(self) -> _int: ...
    def __lshift__(self, other: _Operand) -> Tensor: ...
    def __lt__(self, other: _Operand) -> Tensor: ...
    def __matmul__(self, other: _Operand) -> Tensor: ...
    def __mod__(self, other: _Operand) -> Tensor: ...
    def __mul__(self, other: _Operand) -> Tensor: ...
    def __ne__(self, other: object) -> Tensor: ...  # type: ignore[override]
    def __neg__(self) -> Tensor: ...
    def __or__(self, other: _Operand) -> Tensor: ...
    def __pos__(self) -> Tensor: ...
    def __pow__(self, other: _Operand) -> Tensor: ...
    def __radd__(self, other: _Operand) -> Tensor: ...
    def __rand__(self, other: _Operand) -> Tensor: ...
    def __reduce_ex__(self, protocol: Any) -> Any: ...
    def __repr__(self, *, tensor_contents: Any = None) -> str: ...
    def __rfloordiv__(self, other: _Operand) -> Tensor: ...
    def __rmatmul__(self, other: _Operand) -> Tensor: ...
    def __rmod__(self, other: _Operand) -> Tensor: ...
    def __rmul__(self, other: _Operand) -> Tensor: ...
    def __ror__(self, other: _Operand) -> Tensor: ...
    def __rpow__(self, other: _Operand) -> Tensor: ...
    def __rshift__(self, other: _Operand) -> Tensor: ...
    def __rsub__(self, other: _Operand) -> Tensor: ...
    def __rtruediv__(self, other: _Operand) -> Tensor: ...
    def __rxor__(self, other: _Operand) -> Tensor: ...
    def __setitem__(self, index: Any, value: Any) -> None: ...
    def __str__(self, *, tensor_contents: Any = None) -> str: ...
    def __sub__(self, other: _Operand) -> Tensor: ...
    def __truediv__(self, other: _Operand) -> Tensor: ...
    def __xor__(self, other: _Operand) -> Tensor: ...
    _accumulator: Any
    _array: Array
    @property
    def _base(self) -> Tensor | None:
        """The tensor this one is a view of; None if it is no view."""
    _extra: TensorExtra | None
    _grad: Tensor | None
    def _is_view(self) -> _bool:
        """Whether it is a view that autograd tracks: ``detach()`` shares memory, yet is none."""
    _node: Node | None
    _number: _int
    _origin: tuple[Cut, ...] | None
    _requires_grad: _bool
    _storage: Storage
    @property
    def _version(self) -> _int:
        """How many in-place operations have written its memory; shared by all aliases but ``.data``."""
    _view: Any
    def abs(self, *, out: Tensor | None = None) -> Tensor:
        """``|input|``; the derivative at 0 is 0."""
    def abs_(self) -> Self:
        """In place: ``x.abs_(...)`` writes what ``abs(x, ...)`` computes into ``x``."""
    def absolute(self, *, out: Tensor | None = None) -> Tensor:
        """``|input|``; the derivative at 0 is 0."""
    def absolute_(self) -> Self:
        """In place: ``x.absolute_(...)`` writes what ``abs(x, ...)`` computes into ``x``."""
    def acos(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse cosine."""
    def acos_(self) -> Self:
        """In place: ``x.acos_(...)`` writes what ``acos(x, ...)`` computes into ``x``."""
    def acosh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic cosine."""
    def acosh_(self) -> Self:
        """In place: ``x.acosh_(...)`` writes what ``acosh(x, ...)`` computes into ``x``."""
    def adaptive_avg_pool1d(self, output_size: _int | Sequence[_int]) -> Tensor:
        """The means of ``output_size`` windows that cover (N, C, L) or (C, L) evenly."""
    def adaptive_avg_pool2d(self, output_size: _int | Sequence[_int | None]) -> Tensor:
        """The means of ``output_size`` windows that cover (N, C, H, W) or (C, H, W) evenly; None keeps a
        size.
        """
    def adaptive_max_pool1d(self, output_size: _int | Sequence[_int]) -> tuple[Tensor, Tensor]:
        """The largest values of ``output_size`` windows that cover (N, C, L) or (C, L) evenly, and their
        places.
        """
    def adaptive_max_pool2d(self, output_size: _int | Sequence[_int | None]) -> tuple[Tensor, Tensor]:
        """The largest values of ``output_size`` windows that cover (N, C, H, W) or (C, H, W), and their
        places.
        """
    def add(self, other: Any, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
        """``input + alpha * other``."""
    def add_(self, other: Any, *, alpha: Any = 1) -> Self:
        """In place: ``x.add_(...)`` writes what ``add(x, ...)`` computes into ``x``."""
    def addbmm(self, batch1: Tensor, batch2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Tensor:
        """``beta * input + alpha * bmm(batch1, batch2).sum(0)``, as one product."""
    def addbmm_(self, batch1: Tensor, batch2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Self:
        """In place: ``x.addbmm_(...)`` writes what ``addbmm(x, ...)`` computes into ``x``."""
    def addcdiv(self, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
        """``input + value * tensor1 / tensor2``."""
    def addcdiv_(self, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Self:
        """In place: ``x.addcdiv_(...)`` writes what ``addcdiv(x, ...)`` computes into ``x``."""
    def addcmul(self, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
        """``input + value * tensor1 * tensor2``."""
    def addcmul_(self, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Self:
        """In place: ``x.addcmul_(...)`` writes what ``addcmul(x, ...)`` computes into ``x``."""
    def addmm(self, mat1: Tensor, mat2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Tensor:
        """``beta * input + alpha * (mat1 @ mat2)`` for matrices."""
    def addmm_(self, mat1: Tensor, mat2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Self:
        """In place: ``x.addmm_(...)`` writes what ``addmm(x, ...)`` computes into ``x``."""
    def addmv(self, mat: Tensor, vec: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Tensor:
        """``beta * input + alpha * (mat @ vec)``."""
    def addmv_(self, mat: Tensor, vec: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Self:
        """In place: ``x.addmv_(...)`` writes what ``addmv(x, ...)`` computes into ``x``."""
    def addr(self, vec1: Tensor, vec2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Tensor:
        """``beta * input + alpha * outer(vec1, vec2)``."""
    def addr_(self, vec1: Tensor, vec2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Self:
        """In place: ``x.addr_(...)`` writes what ``addr(x, ...)`` computes into ``x``."""
    def adjoint(self) -> Tensor:
        """The last two dimensions exchanged, conjugated."""
    def all(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """Whether all elements, or all along ``dim``, are nonzero: bool (uint8 for uint8)."""
    def allclose(
        self, other: Tensor, rtol: _float = 1e-05, atol: _float = 1e-08, equal_nan: _bool = False
    ) -> _bool:
        """Whether every ``|input - other| <= atol + rtol * |other|``."""
    def amax(self, dim: _int | Sequence[_int] | None = (), keepdim: _bool = False) -> Tensor:
        """The largest element, over all or over ``dim``; equal ones share the gradient."""
    def amin(self, dim: _int | Sequence[_int] | None = (), keepdim: _bool = False) -> Tensor:
        """The smallest element, over all or over ``dim``; equal ones share the gradient."""
    def aminmax(self, *, dim: _int | None = None, keepdim: _bool = False) -> Extremes:
        """The smallest and the largest, over all elements or along ``dim``, as a named tuple ``(min,
        max)``.
        """
    def angle(self, *, out: Tensor | None = None) -> Tensor:
        """The argument: of a complex number in (-pi, pi], of a real one 0 or pi."""
    def any(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """Whether any element, or any along ``dim``, is nonzero: bool (uint8 for uint8)."""
    def apply_(self, callable: Any) -> Self:
        """Replace each element by ``callable`` of it (slow; not recorded)."""
    def arccos(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse cosine."""
    def arccos_(self) -> Self:
        """In place: ``x.arccos_(...)`` writes what ``acos(x, ...)`` computes into ``x``."""
    def arccosh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic cosine."""
    def arccosh_(self) -> Self:
        """In place: ``x.arccosh_(...)`` writes what ``acosh(x, ...)`` computes into ``x``."""
    def arcsin(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse sine."""
    def arcsin_(self) -> Self:
        """In place: ``x.arcsin_(...)`` writes what ``asin(x, ...)`` computes into ``x``."""
    def arcsinh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic sine."""
    def arcsinh_(self) -> Self:
        """In place: ``x.arcsinh_(...)`` writes what ``asinh(x, ...)`` computes into ``x``."""
    def arctan(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse tangent."""
    def arctan2(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """The angle of the point (other, input)."""
    def arctan2_(self, other: _Operand) -> Self:
        """In place: ``x.arctan2_(...)`` writes what ``atan2(x, ...)`` computes into ``x``."""
    def arctan_(self) -> Self:
        """In place: ``x.arctan_(...)`` writes what ``atan(x, ...)`` computes into ``x``."""
    def arctanh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic tangent."""
    def arctanh_(self) -> Self:
        """In place: ``x.arctanh_(...)`` writes what ``atanh(x, ...)`` computes into ``x``."""
    def argmax(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        """The position of the first largest element, counted through all elements or along ``dim``:
        int64.
        """
    def argmin(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        """The position of the first smallest element, counted through all elements or along ``dim``:
        int64.
        """
    def argsort(self, dim: _int = -1, descending: _bool = False, *, stable: _bool = True) -> Tensor:
        """Where each element of the sorted ``input`` is: the indices of :func:`sort`."""
    def argwhere(self) -> Tensor:
        """The positions of the elements that are not zero: a row each."""
    def as_strided(
        self, size: Sequence[_int], stride: Sequence[_int], storage_offset: _int | None = None
    ) -> Tensor:
        """A view with these lengths and strides (in elements) onto the memory of a contiguous ``input``."""
    def as_strided_(
        self, size: Sequence[_int], stride: Sequence[_int], storage_offset: _int | None = None
    ) -> Self:
        """In place: this tensor becomes ``as_strided`` of itself, on the same memory."""
    def asin(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse sine."""
    def asin_(self) -> Self:
        """In place: ``x.asin_(...)`` writes what ``asin(x, ...)`` computes into ``x``."""
    def asinh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic sine."""
    def asinh_(self) -> Self:
        """In place: ``x.asinh_(...)`` writes what ``asinh(x, ...)`` computes into ``x``."""
    def atan(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse tangent."""
    def atan2(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """The angle of the point (other, input)."""
    def atan2_(self, other: _Operand) -> Self:
        """In place: ``x.atan2_(...)`` writes what ``atan2(x, ...)`` computes into ``x``."""
    def atan_(self) -> Self:
        """In place: ``x.atan_(...)`` writes what ``atan(x, ...)`` computes into ``x``."""
    def atanh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic tangent."""
    def atanh_(self) -> Self:
        """In place: ``x.atanh_(...)`` writes what ``atanh(x, ...)`` computes into ``x``."""
    def atleast_1d(self) -> Tensor:
        """With at least one dimension."""
    def atleast_2d(self) -> Tensor:
        """With at least two dimensions."""
    def atleast_3d(self) -> Tensor:
        """With at least three dimensions."""
    def avg_pool1d(
        self,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = None,
        padding: _int | Sequence[_int] = 0,
        ceil_mode: _bool = False,
        count_include_pad: _bool = True,
    ) -> Tensor:
        """The mean of each window of (N, C, L) or (C, L); see :func:`avg_pool2d`."""
    def avg_pool2d(
        self,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = None,
        padding: _int | Sequence[_int] = 0,
        ceil_mode: _bool = False,
        count_include_pad: _bool = True,
        divisor_override: _int | None = None,
    ) -> Tensor:
        """The mean of each window of (N, C, H, W) or (C, H, W), or its sum over ``divisor_override``."""
    def backward(
        self,
        gradient: Any = None,
        retain_graph: _bool | None = None,
        create_graph: _bool = False,
        inputs: Any = None,
    ) -> None:
        """Add this tensor's gradients to every leaf's ``grad``; see :func:`upriver.autograd.backward`."""
    def baddbmm(self, batch1: Tensor, batch2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Tensor:
        """``beta * input + alpha * bmm(batch1, batch2)``."""
    def baddbmm_(self, batch1: Tensor, batch2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Self:
        """In place: ``x.baddbmm_(...)`` writes what ``baddbmm(x, ...)`` computes into ``x``."""
    def bernoulli(self, p: _float | None = None, *, generator: Generator | None = None) -> Tensor:
        """1 with the probability that ``input`` (or ``p``) says, else 0."""
    def bernoulli_(self, *args: Any, generator: Generator | None = None, **kwargs: Any) -> Self:
        """Fill with 1 at probability p, else 0."""
    def binary_cross_entropy_of(self, target: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``-target * log(input) - (1 - target) * log(1 - input)``, each logarithm at least -100."""
    def bincount(self, weights: Tensor | None = None, minlength: _int = 0) -> Tensor:
        """How often each of 0, 1, 2 ... is among the elements, or the sum of their ``weights``; at least
        ``minlength`` entries.
        """
    def bitwise_and(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """Bits set in both; logical for bools."""
    def bitwise_and_(self, other: _Operand) -> Self:
        """In place: ``x.bitwise_and_(...)`` writes what ``bitwise_and(x, ...)`` computes into ``x``."""
    def bitwise_left_shift(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """Bits moved ``other`` places up."""
    def bitwise_left_shift_(self, other: _Operand) -> Self:
        """In place: ``x.bitwise_left_shift_(...)`` writes what ``bitwise_left_shift(x, ...)`` computes
        into ``x``.
        """
    def bitwise_not(self, *, out: Tensor | None = None) -> Tensor:
        """Each bit flipped; logical for bools."""
    def bitwise_not_(self) -> Self:
        """In place: ``x.bitwise_not_(...)`` writes what ``bitwise_not(x, ...)`` computes into ``x``."""
    def bitwise_or(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """Bits set in either; logical for bools."""
    def bitwise_or_(self, other: _Operand) -> Self:
        """In place: ``x.bitwise_or_(...)`` writes what ``bitwise_or(x, ...)`` computes into ``x``."""
    def bitwise_right_shift(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """Bits moved ``other`` places down, keeping the sign."""
    def bitwise_right_shift_(self, other: _Operand) -> Self:
        """In place: ``x.bitwise_right_shift_(...)`` writes what ``bitwise_right_shift(x, ...)`` computes
        into ``x``.
        """
    def bitwise_xor(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """Bits set in exactly one; logical for bools."""
    def bitwise_xor_(self, other: _Operand) -> Self:
        """In place: ``x.bitwise_xor_(...)`` writes what ``bitwise_xor(x, ...)`` computes into ``x``."""
    def bmm(self, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The products of two stacks of as many matrices: (b, n, k) and (b, k, m) give (b, n, m)."""
    def bool(self, memory_format: Any = None) -> Tensor:
        """Converted to bool."""
    def broadcast_to(self, size: Any) -> Tensor:
        """:func:`expand` to ``size``."""
    def bucketize(self, boundaries: Tensor, *, out_int32: _bool = False, right: _bool = False) -> Tensor:
        """Which of the intervals between sorted ``boundaries`` each element is in; :func:`searchsorted`
        the other way round.
        """
    def byte(self, memory_format: Any = None) -> Tensor:
        """Converted to uint8."""
    def cdouble(self, memory_format: Any = None) -> Tensor:
        """Converted to complex128."""
    def ceil(self, *, out: Tensor | None = None) -> Tensor:
        """Rounded towards plus infinity."""
    def ceil_(self) -> Self:
        """In place: ``x.ceil_(...)`` writes what ``ceil(x, ...)`` computes into ``x``."""
    def celu(self, alpha: _float = 1.0) -> Tensor:
        """``input`` where positive, ``alpha * (exp(input / alpha) - 1)`` elsewhere."""
    def cfloat(self, memory_format: Any = None) -> Tensor:
        """Converted to complex64."""
    def char(self, memory_format: Any = None) -> Tensor:
        """Converted to int8."""
    def cholesky(self, *, upper: _bool = False) -> Tensor:
        """The lower triangular ``L`` with ``L @ L.mH = A`` (its conjugate transpose if ``upper``) of a
        positive definite ``A``.
        """
    def cholesky_inverse(self, upper: _bool = False) -> Tensor:
        """The inverse of ``A``, given its Cholesky factor."""
    def cholesky_solve(self, L: Tensor, upper: _bool = False) -> Tensor:
        """The ``X`` with ``A @ X = B``, given the Cholesky factor of ``A``."""
    def chunk(self, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """At most ``chunks`` views of equal length along ``dim``; the last may be shorter."""
    def clamp(self, min: Any = None, max: Any = None, *, out: Tensor | None = None) -> Tensor:
        """``input`` limited to [``min``, ``max``]; at the bounds themselves the gradient passes."""
    def clamp_(self, min: Any = None, max: Any = None) -> Self:
        """In place: ``x.clamp_(...)`` writes what ``clamp(x, ...)`` computes into ``x``."""
    def clamp_max(self, max: Any) -> Tensor:
        """``input`` but at most ``max``."""
    def clamp_max_(self, max: Any) -> Self:
        """In place: ``x.clamp_max_(...)`` writes what ``clamp_max(x, ...)`` computes into ``x``."""
    def clamp_min(self, min: Any) -> Tensor:
        """``input`` but at least ``min``."""
    def clamp_min_(self, min: Any) -> Self:
        """In place: ``x.clamp_min_(...)`` writes what ``clamp_min(x, ...)`` computes into ``x``."""
    def clip(self, min: Any = None, max: Any = None, *, out: Tensor | None = None) -> Tensor:
        """``input`` limited to [``min``, ``max``]; at the bounds themselves the gradient passes."""
    def clip_(self, min: Any = None, max: Any = None) -> Self:
        """In place: ``x.clip_(...)`` writes what ``clamp(x, ...)`` computes into ``x``."""
    def clone(self, *, memory_format: Any = None) -> Tensor:
        """A copy with memory of its own that stays connected: gradients flow through it."""
    def conj(self) -> Tensor:
        """The complex conjugate; real input is returned as a view of itself."""
    def conj_physical(self, *, out: Tensor | None = None) -> Tensor:
        """The complex conjugate; real input is copied."""
    def conj_physical_(self) -> Self:
        """In place: ``x.conj_physical_(...)`` writes what ``conj_physical(x, ...)`` computes into ``x``."""
    def contiguous(self, memory_format: Any = None) -> Tensor:
        """The tensor itself if its elements lie in row-major order, else a copy that does."""
    def conv_transpose1d(
        self,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: _int | Sequence[_int] = 1,
        padding: _int | Sequence[_int] = 0,
        output_padding: _int | Sequence[_int] = 0,
        groups: _int = 1,
        dilation: _int | Sequence[_int] = 1,
    ) -> Tensor:
        """The transpose of :func:`conv1d` with ``weight`` (C, out / groups, K); see
        :func:`conv_transpose2d`.
        """
    def conv_transpose2d(
        self,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: _int | Sequence[_int] = 1,
        padding: _int | Sequence[_int] = 0,
        output_padding: _int | Sequence[_int] = 0,
        groups: _int = 1,
        dilation: _int | Sequence[_int] = 1,
    ) -> Tensor:
        """The transpose of :func:`conv2d` with ``weight`` (C, out / groups, h, w): from its output to its
        input.
        """
    def copy_(self, src: Any, non_blocking: _bool = False) -> Self:
        """Write the elements of ``src``, broadcast and converted, into this tensor; gradients flow to
        ``src``.
        """
    def copysign(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``|input|`` with the sign of ``other``."""
    def copysign_(self, other: _Operand) -> Self:
        """In place: ``x.copysign_(...)`` writes what ``copysign(x, ...)`` computes into ``x``."""
    def corrcoef(self) -> Tensor:
        """The correlations of the rows, between -1 and 1."""
    def cos(self, *, out: Tensor | None = None) -> Tensor:
        """The cosine."""
    def cos_(self) -> Self:
        """In place: ``x.cos_(...)`` writes what ``cos(x, ...)`` computes into ``x``."""
    def cosh(self, *, out: Tensor | None = None) -> Tensor:
        """The hyperbolic cosine."""
    def cosh_(self) -> Self:
        """In place: ``x.cosh_(...)`` writes what ``cosh(x, ...)`` computes into ``x``."""
    def count_nonzero(self, dim: _int | Sequence[_int] | None = None) -> Tensor:
        """How many elements, in all or along ``dim``, are nonzero: int64."""
    def cov(
        self, *, correction: _int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
    ) -> Tensor:
        """The covariance matrix of the rows (of a vector: its variance)."""
    def cpu(self) -> Tensor:
        """The tensor itself: it is on the CPU."""
    def cross(self, other: Tensor, dim: _int | None = None) -> Tensor:
        """The cross products of 3-vectors along ``dim``, or along the first dimension of length 3."""
    def cross_entropy_of_classes(
        self, target: Tensor, weight: Tensor | None = None, reduction: str = "mean", ignore_index: _int = -100
    ) -> Tensor:
        """``nll_loss(log_softmax(input, 1), target, ...)`` in one step; of large scores nothing of their
        size is kept.
        """
    def cuda(self, *args: Any, **kwargs: Any) -> Tensor:
        """Refused: upriver computes on the CPU."""
    def cummax(self, dim: _int) -> Selected:
        """The largest element so far along ``dim``, and where it is (the last of equals)."""
    def cummin(self, dim: _int) -> Selected:
        """The smallest element so far along ``dim``, and where it is (the last of equals)."""
    def cumprod(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """The running product along ``dim``; the gradient is exact where elements are zero."""
    def cumprod_(self, dim: _int, *, dtype: _dtype | None = None) -> Self:
        """In place: ``x.cumprod_(...)`` writes what ``cumprod(x, ...)`` computes into ``x``."""
    def cumsum(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """The running sum along ``dim``; integers and booleans are added up as int64."""
    def cumsum_(self, dim: _int, *, dtype: _dtype | None = None) -> Self:
        """In place: ``x.cumsum_(...)`` writes what ``cumsum(x, ...)`` computes into ``x``."""
    @property
    def data(self) -> Tensor:
        """The same memory outside the graph, with a version counter of its own, so that writes to it go
        unseen.
        """
    @data.setter
    def data(self, value: Tensor) -> None: ...
    def data_ptr(self) -> _int:
        """The address of the first element."""
    def deg2rad(self) -> Tensor:
        """Degrees as radians."""
    def deg2rad_(self) -> Self:
        """In place: ``x.deg2rad_(...)`` writes what ``deg2rad(x, ...)`` computes into ``x``."""
    def det(self) -> Tensor:
        """The determinant of a square matrix, or of a stack of them; the gradient is right for singular
        ones too.
        """
    def detach(self) -> Tensor:
        """The same memory and version counter, outside the graph: a leaf that does not require grad."""
    def detach_(self) -> Self:
        """Cut this very tensor from the graph: it becomes a leaf that does not require grad."""
    @property
    def device(self) -> Device:
        """Where the elements are: always the CPU."""
    def diag(self, diagonal: _int = 0) -> Tensor:
        """A vector on a diagonal of a matrix of zeros, or a diagonal of a matrix as a copy."""
    def diag_embed(self, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
        """Matrices of zeros with the last dimension of ``input`` on their diagonals."""
    def diagflat(self, offset: _int = 0) -> Tensor:
        """All elements on a diagonal of a matrix of zeros."""
    def diagonal(self, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
        """A view of the diagonal of dimensions ``dim1`` and ``dim2``, as the last dimension."""
    def diagonal_scatter(self, src: Tensor, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
        """A copy of ``input`` with ``src`` on the diagonal of dimensions ``dim1`` and ``dim2``."""
    def diff(
        self, n: _int = 1, dim: _int = -1, prepend: Tensor | None = None, append: Tensor | None = None
    ) -> Tensor:
        """Differences of neighbours along ``dim``, taken ``n`` times; ``prepend`` and ``append`` are
        joined on first.
        """
    def digamma(self, *, out: Tensor | None = None) -> Tensor:
        """The derivative of ``lgamma``."""
    def digamma_(self) -> Self:
        """In place: ``x.digamma_(...)`` writes what ``digamma(x, ...)`` computes into ``x``."""
    def dim(self) -> _int:
        """The number of dimensions."""
    def dist(self, other: Tensor, p: _float = 2) -> Tensor:
        """The ``p``-norm of the difference of two tensors, which are broadcast."""
    def div(self, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None) -> Tensor:
        """``input / other``, rounded towards zero ("trunc") or minus infinity ("floor") if asked."""
    def div_(self, other: Any, *, rounding_mode: str | None = None) -> Self:
        """In place: ``x.div_(...)`` writes what ``div(x, ...)`` computes into ``x``."""
    def divide(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """:func:`div`."""
    def divide_(self, other: Any, *, rounding_mode: str | None = None) -> Self:
        """In place: ``x.divide_(...)`` writes what ``divide(x, ...)`` computes into ``x``."""
    def dot(self, tensor: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The sum of the products of two vectors' elements."""
    def double(self, memory_format: Any = None) -> Tensor:
        """Converted to float64."""
    def dropout(self, p: _float = 0.5, train: _bool = True, *, generator: Generator | None = None) -> Tensor:
        """Each element set to 0 with probability ``p``, the others scaled by ``1 / (1 - p)``; the input
        itself unless ``train``.
        """
    def dropout_(self, p: _float = 0.5, train: _bool = True, *, generator: Generator | None = None) -> Self:
        """In place: ``x.dropout_(...)`` writes what ``dropout(x, ...)`` computes into ``x``."""
    def dsplit(self, indices_or_sections: _int | Sequence[_int]) -> tuple[Tensor, ...]:
        """:func:`tensor_split` along the third dimension."""
    @property
    def dtype(self) -> _dtype:
        """The type of the elements."""
    def element_size(self) -> _int:
        """Bytes of one element."""
    def elu(
        self,
        alpha: _float = 1.0,
        scale: _float = 1.0,
        input_scale: _float = 1.0,
        *,
        out: Tensor | None = None,
    ) -> Tensor:
        """``scale * input`` where positive, ``scale * alpha * (exp(input_scale * input) - 1)`` elsewhere."""
    def elu_(self, alpha: _float = 1.0, scale: _float = 1.0, input_scale: _float = 1.0) -> Self:
        """In place: ``x.elu_(...)`` writes what ``elu(x, ...)`` computes into ``x``."""
    def entr(self, *, out: Tensor | None = None) -> Tensor:
        """``-input * log(input)``, 0 at 0 and -inf below it."""
    def eq(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input == other``."""
    def eq_(self, other: _Operand) -> Self:
        """In place: ``x.eq_(...)`` writes what ``eq(x, ...)`` computes into ``x``."""
    def equal(self, other: Tensor) -> _bool:
        """Whether shapes and all elements are equal."""
    def erf(self, *, out: Tensor | None = None) -> Tensor:
        """The error function, ``2 / sqrt(pi)`` times the integral of ``exp(-t**2)`` from 0 to ``input``."""
    def erf_(self) -> Self:
        """In place: ``x.erf_(...)`` writes what ``erf(x, ...)`` computes into ``x``."""
    def erfc(self, *, out: Tensor | None = None) -> Tensor:
        """``1 - erf(input)``, accurate where ``erf`` is close to 1."""
    def erfc_(self) -> Self:
        """In place: ``x.erfc_(...)`` writes what ``erfc(x, ...)`` computes into ``x``."""
    def erfinv(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse of ``erf``: infinite at -1 and 1, NaN outside."""
    def erfinv_(self) -> Self:
        """In place: ``x.erfinv_(...)`` writes what ``erfinv(x, ...)`` computes into ``x``."""
    def exp(self, *, out: Tensor | None = None) -> Tensor:
        """``e ** input``."""
    def exp2(self, *, out: Tensor | None = None) -> Tensor:
        """``2 ** input``."""
    def exp2_(self) -> Self:
        """In place: ``x.exp2_(...)`` writes what ``exp2(x, ...)`` computes into ``x``."""
    def exp_(self) -> Self:
        """In place: ``x.exp_(...)`` writes what ``exp(x, ...)`` computes into ``x``."""
    def expand(self, *sizes_: Any) -> Tensor:
        """Repeated without copying: lengths 1 become those given, -1 keeps a length, leading ones are
        new.
        """
    def expand_as(self, other: Tensor) -> Tensor:
        """:func:`expand` to the shape of ``other``."""
    def expit(self, *, out: Tensor | None = None) -> Tensor:
        """``1 / (1 + exp(-input))``."""
    def expm1(self, *, out: Tensor | None = None) -> Tensor:
        """``exp(input) - 1``, exact for small input."""
    def expm1_(self) -> Self:
        """In place: ``x.expm1_(...)`` writes what ``expm1(x, ...)`` computes into ``x``."""
    def exponential_(self, *args: Any, generator: Generator | None = None, **kwargs: Any) -> Self:
        """Fill with exponential numbers of rate lambd."""
    def fill_(self, value: Any) -> Self:
        """Write ``value``, a number or 0-d tensor, everywhere."""
    def fill_diagonal_(self, fill_value: Any, wrap: _bool = False) -> Self:
        """Write a number on the main diagonal; with ``wrap`` it starts anew below a tall matrix's last
        column.
        """
    def fix(self, *, out: Tensor | None = None) -> Tensor:
        """Rounded towards zero."""
    def fix_(self) -> Self:
        """In place: ``x.fix_(...)`` writes what ``trunc(x, ...)`` computes into ``x``."""
    def flatten(self, start_dim: _int = 0, end_dim: _int = -1) -> Tensor:
        """Dimensions ``start_dim`` to ``end_dim`` as one."""
    def flip(self, *dims: Any) -> Tensor:
        """A copy with dimensions ``dims`` in reverse order."""
    def fliplr(self) -> Tensor:
        """:func:`flip` of the second dimension."""
    def flipud(self) -> Tensor:
        """:func:`flip` of the first dimension."""
    def float(self, memory_format: Any = None) -> Tensor:
        """Converted to float32."""
    def float_power(self, exponent: Any) -> Tensor:
        """``input ** exponent`` in float64 (complex128 for complex operands)."""
    def float_power_(self, exponent: Any) -> Self:
        """In place: ``x.float_power_(...)`` writes what ``float_power(x, ...)`` computes into ``x``."""
    def floor(self, *, out: Tensor | None = None) -> Tensor:
        """Rounded towards minus infinity."""
    def floor_(self) -> Self:
        """In place: ``x.floor_(...)`` writes what ``floor(x, ...)`` computes into ``x``."""
    def floor_divide(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input // other``, rounded towards minus infinity."""
    def floor_divide_(self, other: _Operand) -> Self:
        """In place: ``x.floor_divide_(...)`` writes what ``floor_divide(x, ...)`` computes into ``x``."""
    def fmax(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """The larger, ignoring NaN."""
    def fmin(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """The smaller, ignoring NaN."""
    def fmod(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """The remainder of ``input / other`` with the sign of ``input``."""
    def fmod_(self, other: _Operand) -> Self:
        """In place: ``x.fmod_(...)`` writes what ``fmod(x, ...)`` computes into ``x``."""
    def frac(self, *, out: Tensor | None = None) -> Tensor:
        """What rounding towards zero takes away."""
    def frac_(self) -> Self:
        """In place: ``x.frac_(...)`` writes what ``frac(x, ...)`` computes into ``x``."""
    def gather(self, dim: _int, index: Tensor, *, sparse_grad: _bool = False) -> Tensor:
        """Elements of ``input`` at positions ``index`` along ``dim``: ``out[i][j] =
        input[index[i][j]][j]`` for ``dim`` 0.
        """
    def gcd(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """The greatest common divisor of integers."""
    def gcd_(self, other: _Operand) -> Self:
        """In place: ``x.gcd_(...)`` writes what ``gcd(x, ...)`` computes into ``x``."""
    def ge(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input >= other``."""
    def ge_(self, other: _Operand) -> Self:
        """In place: ``x.ge_(...)`` writes what ``ge(x, ...)`` computes into ``x``."""
    def gelu(self, approximate: str = "none", *, out: Tensor | None = None) -> Tensor:
        """``input`` times its normal distribution function; ``approximate='tanh'`` for the cheaper
        formula.
        """
    def ger(self, vec2: Tensor) -> Tensor:
        """All products of an element of one vector and one of another."""
    def getitem(self, index: Any) -> Tensor:
        """``input[index]``: a view for slices, numbers, ``None`` and ``...``; a copy for arrays or masks."""
    @property
    def grad(self) -> Tensor | None:
        """The gradient accumulated so far; None before the first. Reading it on a non-leaf warns."""
    @grad.setter
    def grad(self, value: Tensor | None) -> None: ...
    @grad.deleter
    def grad(self) -> None: ...
    @property
    def grad_dtype(self) -> Any:
        """The type a leaf's gradient is kept in: its own unless set; None allows any."""
    @grad_dtype.setter
    def grad_dtype(self, value: Any) -> None: ...
    @property
    def grad_fn(self) -> Node | None:
        """The node that made it; None for a leaf."""
    def greater(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input > other``."""
    def greater_(self, other: _Operand) -> Self:
        """In place: ``x.greater_(...)`` writes what ``gt(x, ...)`` computes into ``x``."""
    def greater_equal(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input >= other``."""
    def greater_equal_(self, other: _Operand) -> Self:
        """In place: ``x.greater_equal_(...)`` writes what ``ge(x, ...)`` computes into ``x``."""
    def gt(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input > other``."""
    def gt_(self, other: _Operand) -> Self:
        """In place: ``x.gt_(...)`` writes what ``gt(x, ...)`` computes into ``x``."""
    def half(self, memory_format: Any = None) -> Tensor:
        """Converted to float16."""
    def hardtanh(self, min_val: _float = -1.0, max_val: _float = 1.0, *, out: Tensor | None = None) -> Tensor:
        """``input`` held between two bounds; at and beyond the bounds the derivative is 0."""
    def heaviside(self, values: _Operand, *, out: Tensor | None = None) -> Tensor:
        """0 below zero, 1 above, ``values`` at zero."""
    def heaviside_(self, values: _Operand) -> Self:
        """In place: ``x.heaviside_(...)`` writes what ``heaviside(x, ...)`` computes into ``x``."""
    def histc(self, bins: _int = 100, min: _float = 0, max: _float = 0) -> Tensor:
        """How many elements are in each of ``bins`` equal parts of [min, max]; of the elements' own range
        where both are equal.
        """
    def hsplit(self, indices_or_sections: _int | Sequence[_int]) -> tuple[Tensor, ...]:
        """:func:`tensor_split` along the second dimension (the first, for 1-D)."""
    def hypot(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``sqrt(input**2 + other**2)`` without overflow."""
    def hypot_(self, other: _Operand) -> Self:
        """In place: ``x.hypot_(...)`` writes what ``hypot(x, ...)`` computes into ``x``."""
    def i0(self, *, out: Tensor | None = None) -> Tensor:
        """The modified Bessel function of the first kind of order 0."""
    def i0_(self) -> Self:
        """In place: ``x.i0_(...)`` writes what ``i0(x, ...)`` computes into ``x``."""
    def i0e(self, *, out: Tensor | None = None) -> Tensor:
        """``exp(-abs(input)) * i0(input)``."""
    def i1(self, *, out: Tensor | None = None) -> Tensor:
        """The modified Bessel function of the first kind of order 1."""
    def i1e(self, *, out: Tensor | None = None) -> Tensor:
        """``exp(-abs(input)) * i1(input)``."""
    @property
    def imag(self) -> Tensor:
        """The imaginary part, as a view. Raises RuntimeError for real input."""
    @imag.setter
    def imag(self, value: Tensor) -> None: ...
    def index_add(self, dim: _int, index: Tensor, source: Tensor, *, alpha: _float = 1) -> Tensor:
        """A copy of ``input`` to whose slices ``index`` of ``dim`` those of ``alpha * source`` are added."""
    def index_add_(self, dim: _int, index: Tensor, source: Tensor, *, alpha: _float = 1) -> Self:
        """In place: ``x.index_add_(...)`` writes what ``index_add(x, ...)`` computes into ``x``."""
    def index_copy(self, dim: _int, index: Tensor, source: Tensor) -> Tensor:
        """A copy of ``input`` whose slices ``index`` of ``dim`` are those of ``source``."""
    def index_copy_(self, dim: _int, index: Tensor, source: Tensor) -> Self:
        """In place: ``x.index_copy_(...)`` writes what ``index_copy(x, ...)`` computes into ``x``."""
    def index_fill(self, dim: _int, index: Tensor, value: Any) -> Tensor:
        """A copy of ``input`` whose slices ``index`` of ``dim`` are ``value``."""
    def index_fill_(self, dim: _int, index: Tensor, value: Any) -> Self:
        """In place: ``x.index_fill_(...)`` writes what ``index_fill(x, ...)`` computes into ``x``."""
    def index_put(
        self, indices: Sequence[Tensor | None], values: Tensor, accumulate: _bool = False
    ) -> Tensor:
        """A copy of ``input`` with ``values`` at ``indices``, added up if ``accumulate``."""
    def index_put_(self, indices: Any, values: Tensor, accumulate: _bool = False) -> Self:
        """Write (or add) ``values`` at the positions ``indices``, one tensor for each leading dimension."""
    def index_select(self, dim: _int, index: Tensor) -> Tensor:
        """The slices of dimension ``dim`` at positions ``index``, a 1-D tensor."""
    def inner(self, other: Tensor) -> Tensor:
        """The dot products of the last dimensions: (\*a, k) and (\*b, k) give (\*a, \*b); scalars are
        multiplied.
        """
    def int(self, memory_format: Any = None) -> Tensor:
        """Converted to int32."""
    def inverse(self) -> Tensor:
        """The inverse of a square matrix, or of a stack of them: (\*, n, n)."""
    def is_complex(self) -> _bool:
        """Whether the elements are complex numbers."""
    def is_conj(self) -> _bool:
        """Whether it is a conjugate still to be computed: never, ``conj()`` computes at once."""
    def is_contiguous(self) -> _bool:
        """Whether the elements lie in memory in row-major order without gaps."""
    @property
    def is_cpu(self) -> _bool:
        """Whether it is on the CPU: always."""
    @property
    def is_cuda(self) -> _bool:
        """Whether it is on a GPU: never."""
    def is_floating_point(self) -> _bool:
        """Whether the elements are real floating numbers."""
    def is_inference(self) -> _bool:
        """Whether it was made in inference mode."""
    @property
    def is_leaf(self) -> _bool:
        """Whether no recorded operation made it: true of every tensor that does not require grad."""
    @property
    def is_meta(self) -> _bool:
        """Whether it has a shape but no elements: never."""
    @property
    def is_mps(self) -> _bool:
        """Whether it is on an Apple GPU: never."""
    def is_neg(self) -> _bool:
        """Whether it is a negative still to be computed: never."""
    def is_nonzero(self) -> _bool:
        """Whether the single element is not zero."""
    @property
    def is_quantized(self) -> _bool:
        """Whether the elements are quantized: never."""
    def is_same_size(self, other: Tensor) -> _bool:
        """Whether the shapes are equal."""
    def is_shared(self) -> _bool:
        """Whether the memory is shared between processes: never."""
    def is_signed(self) -> _bool:
        """Whether the element type has negative values."""
    @property
    def is_sparse(self) -> _bool:
        """Whether only some elements are stored: never."""
    def isclose(
        self,
        other: _Operand,
        rtol: _float = 1e-05,
        atol: _float = 1e-08,
        equal_nan: _bool = False,
        *,
        out: Tensor | None = None,
    ) -> Tensor:
        """Whether ``|input - other| <= atol + rtol * |other|``."""
    def isfinite(self, *, out: Tensor | None = None) -> Tensor:
        """Whether each element is neither infinite nor NaN."""
    def isinf(self, *, out: Tensor | None = None) -> Tensor:
        """Whether each element is infinite."""
    def isnan(self, *, out: Tensor | None = None) -> Tensor:
        """Whether each element is NaN."""
    def isneginf(self, *, out: Tensor | None = None) -> Tensor:
        """Whether it is minus infinity."""
    def isposinf(self, *, out: Tensor | None = None) -> Tensor:
        """Whether it is plus infinity."""
    def isreal(self, *, out: Tensor | None = None) -> Tensor:
        """Whether the imaginary part is 0."""
    def item(self) -> Any:
        """The single element as a Python number, outside the graph; RuntimeError for more or fewer
        elements.
        """
    @property
    def itemsize(self) -> _int:
        """Bytes of one element."""
    def kron(self, other: Tensor) -> Tensor:
        """The Kronecker product: each element of ``input`` replaced by itself times ``other``."""
    def kthvalue(self, k: _int, dim: _int = -1, keepdim: _bool = False) -> Selected:
        """The ``k``-th smallest (from 1) along ``dim`` and where it is, as ``(values, indices)``."""
    def layer_norm(
        self, weight: Tensor | None, bias: Tensor | None, axes_count: _int, eps: _float = 1e-05
    ) -> Tensor:
        """Mean 0 and variance 1 over the last ``axes_count`` dimensions, then ``* weight + bias``."""
    @property
    def layout(self) -> str:
        """How the elements lie in memory: always strided."""
    def lcm(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """The least common multiple of integers."""
    def lcm_(self, other: _Operand) -> Self:
        """In place: ``x.lcm_(...)`` writes what ``lcm(x, ...)`` computes into ``x``."""
    def ldexp(self, other: Tensor) -> Tensor:
        """``input * 2 ** other``."""
    def ldexp_(self, other: Tensor) -> Self:
        """In place: ``x.ldexp_(...)`` writes what ``ldexp(x, ...)`` computes into ``x``."""
    def le(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input <= other``."""
    def le_(self, other: _Operand) -> Self:
        """In place: ``x.le_(...)`` writes what ``le(x, ...)`` computes into ``x``."""
    def leaky_relu(self, negative_slope: _float = 0.01, *, out: Tensor | None = None) -> Tensor:
        """``input`` where positive, ``negative_slope * input`` elsewhere."""
    def leaky_relu_(self, negative_slope: _float = 0.01) -> Self:
        """In place: ``x.leaky_relu_(...)`` writes what ``leaky_relu(x, ...)`` computes into ``x``."""
    def lerp(self, end: Tensor, weight: Any) -> Tensor:
        """``input + weight * (end - input)``: from ``input`` (weight 0) to ``end`` (weight 1)."""
    def lerp_(self, end: Tensor, weight: Any) -> Self:
        """In place: ``x.lerp_(...)`` writes what ``lerp(x, ...)`` computes into ``x``."""
    def less(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input < other``."""
    def less_(self, other: _Operand) -> Self:
        """In place: ``x.less_(...)`` writes what ``lt(x, ...)`` computes into ``x``."""
    def less_equal(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input <= other``."""
    def less_equal_(self, other: _Operand) -> Self:
        """In place: ``x.less_equal_(...)`` writes what ``le(x, ...)`` computes into ``x``."""
    def lgamma(self, *, out: Tensor | None = None) -> Tensor:
        """The logarithm of the absolute value of the gamma function."""
    def lgamma_(self) -> Self:
        """In place: ``x.lgamma_(...)`` writes what ``lgamma(x, ...)`` computes into ``x``."""
    def log(self, *, out: Tensor | None = None) -> Tensor:
        """The natural logarithm."""
    def log10(self, *, out: Tensor | None = None) -> Tensor:
        """The logarithm to base 10."""
    def log10_(self) -> Self:
        """In place: ``x.log10_(...)`` writes what ``log10(x, ...)`` computes into ``x``."""
    def log1p(self, *, out: Tensor | None = None) -> Tensor:
        """``log(1 + input)``, exact for small input."""
    def log1p_(self) -> Self:
        """In place: ``x.log1p_(...)`` writes what ``log1p(x, ...)`` computes into ``x``."""
    def log2(self, *, out: Tensor | None = None) -> Tensor:
        """The logarithm to base 2."""
    def log2_(self) -> Self:
        """In place: ``x.log2_(...)`` writes what ``log2(x, ...)`` computes into ``x``."""
    def log_(self) -> Self:
        """In place: ``x.log_(...)`` writes what ``log(x, ...)`` computes into ``x``."""
    def log_ndtr(self, *, out: Tensor | None = None) -> Tensor:
        """``log(ndtr(input))``, accurate in both tails."""
    def log_sigmoid(self, *, out: Tensor | None = None) -> Tensor:
        """The logarithm of ``sigmoid``, accurate where the sigmoid itself underflows."""
    def log_softmax(self, dim: _int, dtype: _dtype | None = None) -> Tensor:
        """The logarithm of :func:`softmax`, without underflow."""
    def logaddexp(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``log(exp(input) + exp(other))`` without overflow."""
    def logaddexp2(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``log2(2 ** input + 2 ** other)`` without overflow."""
    def logcumsumexp(self, dim: _int) -> Tensor:
        """``log(cumsum(exp(input)))`` without overflow. Raises NotImplementedError unless ``input`` is
        real and floating.
        """
    def logdet(self) -> Tensor:
        """The logarithm of the determinant: -inf where it is 0, NaN where it is negative."""
    def logical_and(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """Whether both are nonzero."""
    def logical_and_(self, other: _Operand) -> Self:
        """In place: ``x.logical_and_(...)`` writes what ``logical_and(x, ...)`` computes into ``x``."""
    def logical_not(self, *, out: Tensor | None = None) -> Tensor:
        """Whether each element is zero."""
    def logical_not_(self) -> Self:
        """In place: ``x.logical_not_(...)`` writes what ``logical_not(x, ...)`` computes into ``x``."""
    def logical_or(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """Whether either is nonzero."""
    def logical_or_(self, other: _Operand) -> Self:
        """In place: ``x.logical_or_(...)`` writes what ``logical_or(x, ...)`` computes into ``x``."""
    def logical_xor(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """Whether exactly one is nonzero."""
    def logical_xor_(self, other: _Operand) -> Self:
        """In place: ``x.logical_xor_(...)`` writes what ``logical_xor(x, ...)`` computes into ``x``."""
    def logit(self, eps: _float | None = None, *, out: Tensor | None = None) -> Tensor:
        """``log(input / (1 - input))``, with ``input`` held within ``[eps, 1 - eps]`` where ``eps`` is
        given.
        """
    def logit_(self, eps: _float | None = None) -> Self:
        """In place: ``x.logit_(...)`` writes what ``logit(x, ...)`` computes into ``x``."""
    def logits_cross_entropy(self, target: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``-target * log(sigmoid(input)) - (1 - target) * log(1 - sigmoid(input))``, without overflow."""
    def logsigmoid(self, *, out: Tensor | None = None) -> Tensor:
        """The logarithm of ``sigmoid``, accurate where the sigmoid itself underflows."""
    def logsumexp(self, dim: _int | Sequence[_int], keepdim: _bool = False) -> Tensor:
        """``log(sum(exp(input)))`` over ``dim``, without overflow; -inf for no elements."""
    def long(self, memory_format: Any = None) -> Tensor:
        """Converted to int64."""
    def lt(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input < other``."""
    def lt_(self, other: _Operand) -> Self:
        """In place: ``x.lt_(...)`` writes what ``lt(x, ...)`` computes into ``x``."""
    @property
    def mH(self) -> Tensor:
        """The last two dimensions exchanged, conjugated."""
    @property
    def mT(self) -> Tensor:
        """The last two dimensions exchanged."""
    def masked_fill(self, mask: _Operand, value: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input`` with ``value`` (a number or 0-d tensor) where ``mask`` is true."""
    def masked_fill_(self, mask: _Operand, value: _Operand) -> Self:
        """In place: ``x.masked_fill_(...)`` writes what ``masked_fill(x, ...)`` computes into ``x``."""
    def masked_scatter(self, mask: Tensor, source: Tensor) -> Tensor:
        """A copy of ``input`` whose elements where ``mask`` is true are those of ``source``, in order."""
    def masked_scatter_(self, mask: Tensor, source: Tensor) -> Self:
        """In place: ``x.masked_scatter_(...)`` writes what ``masked_scatter(x, ...)`` computes into
        ``x``.
        """
    def masked_select(self, mask: Tensor) -> Tensor:
        """The elements where ``mask`` is true, in one dimension."""
    def matmul(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The matrix product of the last two dimensions; leading ones are broadcast, 1-d operands are
        vectors.
        """
    def matrix_exp(self) -> Tensor:
        """The exponential of a square matrix, or of a stack of them."""
    def matrix_power(self, n: _int) -> Tensor:
        """``A`` multiplied by itself ``n`` times; powers of the inverse where ``n`` is negative, the
        identity where it is 0.
        """
    def max(
        self, dim: _int | Tensor | None = None, keepdim: _bool = False, *, other: Tensor | None = None
    ) -> Any:
        """The largest of all elements; or ``(values, indices)`` of the largest along ``dim``; or
        :func:`maximum` of two tensors.
        """
    def max_pool1d(
        self,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = None,
        padding: _int | Sequence[_int] = 0,
        dilation: _int | Sequence[_int] = 1,
        ceil_mode: _bool = False,
    ) -> Tensor:
        """The largest value of each window; see :func:`max_pool1d_with_indices`."""
    def max_pool1d_with_indices(
        self,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = None,
        padding: _int | Sequence[_int] = 0,
        dilation: _int | Sequence[_int] = 1,
        ceil_mode: _bool = False,
    ) -> tuple[Tensor, Tensor]:
        """The largest value of each window of (N, C, L) or (C, L), and its place."""
    def max_pool2d(
        self,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = None,
        padding: _int | Sequence[_int] = 0,
        dilation: _int | Sequence[_int] = 1,
        ceil_mode: _bool = False,
    ) -> Tensor:
        """The largest value of each window; see :func:`max_pool2d_with_indices`."""
    def max_pool2d_with_indices(
        self,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = None,
        padding: _int | Sequence[_int] = 0,
        dilation: _int | Sequence[_int] = 1,
        ceil_mode: _bool = False,
    ) -> tuple[Tensor, Tensor]:
        """The largest value of each window of (N, C, H, W) or (C, H, W), and its place in the flattened H
        x W.
        """
    def maximum(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """The larger; at ties each operand gets half of the gradient."""
    def mean(
        self,
        dim: _int | Sequence[_int] | None = None,
        keepdim: _bool = False,
        *,
        dtype: _dtype | None = None,
        out: Tensor | None = None,
    ) -> Tensor:
        """The mean over all elements, or over ``dim`` (one or several). NaN where there are none."""
    def median(self, dim: _int | None = None, keepdim: _bool = False) -> Any:
        """The lower of the middle values, of all elements or along ``dim`` as ``(values, indices)``; NaN
        where there is NaN.
        """
    def min(
        self, dim: _int | Tensor | None = None, keepdim: _bool = False, *, other: Tensor | None = None
    ) -> Any:
        """The smallest of all elements; or ``(values, indices)`` of the smallest along ``dim``; or
        :func:`minimum` of two tensors.
        """
    def minimum(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """The smaller; at ties each operand gets half of the gradient."""
    def mish(self, *, out: Tensor | None = None) -> Tensor:
        """``input * tanh(softplus(input))``."""
    def mm(self, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The product of two matrices; unlike :func:`matmul`, of nothing else."""
    def mode(self, dim: _int = -1, keepdim: _bool = False) -> Selected:
        """The most frequent value along ``dim`` (the smallest of equally frequent ones) and its last
        position.
        """
    def moveaxis(self, source: Any, destination: Any) -> Tensor:
        """Dimensions ``source`` moved to positions ``destination``, the others keeping their order."""
    def movedim(self, source: Any, destination: Any) -> Tensor:
        """Dimensions ``source`` moved to positions ``destination``, the others keeping their order."""
    def msort(self) -> Tensor:
        """The elements in order along the first dimension."""
    def mul(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input * other``."""
    def mul_(self, other: _Operand) -> Self:
        """In place: ``x.mul_(...)`` writes what ``mul(x, ...)`` computes into ``x``."""
    def multigammaln(self, p: _int) -> Tensor:
        """The logarithm of the multivariate gamma function of dimension ``p``."""
    def multinomial(
        self, num_samples: _int, replacement: _bool = False, *, generator: Generator | None = None
    ) -> Tensor:
        """Positions drawn with the weights in each row of ``input``."""
    def multiply(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input * other``."""
    def multiply_(self, other: _Operand) -> Self:
        """In place: ``x.multiply_(...)`` writes what ``mul(x, ...)`` computes into ``x``."""
    def mv(self, vec: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The product of a matrix and a vector."""
    def mvlgamma(self, p: _int) -> Tensor:
        """The logarithm of the multivariate gamma function of dimension ``p``."""
    def mvlgamma_(self, p: _int) -> Self:
        """In place: ``x.mvlgamma_(...)`` writes what ``mvlgamma(x, ...)`` computes into ``x``."""
    @property
    def names(self) -> tuple[None, ...]:
        """A name for each dimension: None, as upriver has no named tensors."""
    def nan_to_num(
        self,
        nan: _float | None = 0.0,
        posinf: _float | None = None,
        neginf: _float | None = None,
        *,
        out: Tensor | None = None,
    ) -> Tensor:
        """NaN and infinities replaced; by default by 0 and the largest finite numbers."""
    def nan_to_num_(
        self, nan: _float | None = 0.0, posinf: _float | None = None, neginf: _float | None = None
    ) -> Self:
        """In place: ``x.nan_to_num_(...)`` writes what ``nan_to_num(x, ...)`` computes into ``x``."""
    def nanmean(
        self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None
    ) -> Tensor:
        """:func:`mean` over what is not NaN; NaN where nothing is left."""
    def nanmedian(self, dim: _int | None = None, keepdim: _bool = False) -> Any:
        """:func:`median` of what is not NaN."""
    def nanquantile(
        self,
        q: _float | Tensor,
        dim: _int | None = None,
        keepdim: _bool = False,
        *,
        interpolation: str = "linear",
    ) -> Tensor:
        """:func:`quantile` of what is not NaN."""
    def nansum(
        self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None
    ) -> Tensor:
        """:func:`sum` with NaN counted as zero."""
    def narrow(self, dim: _int, start: Any, length: _int) -> Tensor:
        """Entries ``start`` to ``start + length`` of dimension ``dim``, as a view."""
    @property
    def nbytes(self) -> _int:
        """Bytes of all elements."""
    @property
    def ndim(self) -> _int:
        """The number of dimensions."""
    def ndimension(self) -> _int:
        """The number of dimensions."""
    def ndtr(self, *, out: Tensor | None = None) -> Tensor:
        """The distribution function of the standard normal."""
    def ndtri(self, *, out: Tensor | None = None) -> Tensor:
        """The quantile of the standard normal at probability ``input``."""
    def ne(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input != other``."""
    def ne_(self, other: _Operand) -> Self:
        """In place: ``x.ne_(...)`` writes what ``ne(x, ...)`` computes into ``x``."""
    def neg(self, *, out: Tensor | None = None) -> Tensor:
        """``-input``."""
    def neg_(self) -> Self:
        """In place: ``x.neg_(...)`` writes what ``neg(x, ...)`` computes into ``x``."""
    def negative(self, *, out: Tensor | None = None) -> Tensor:
        """``-input``."""
    def negative_(self) -> Self:
        """In place: ``x.negative_(...)`` writes what ``neg(x, ...)`` computes into ``x``."""
    def nelement(self) -> _int:
        """The number of elements."""
    def new_empty(
        self, *size: Any, dtype: Any = None, requires_grad: _bool = False, device: Any = None
    ) -> Tensor:
        """As :func:`upriver.empty`, of this tensor's type."""
    def new_full(
        self, size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: _bool = False
    ) -> Tensor:
        """A new tensor of this one's type, filled with ``fill_value``."""
    def new_ones(
        self, *size: Any, dtype: Any = None, requires_grad: _bool = False, device: Any = None
    ) -> Tensor:
        """As :func:`upriver.ones`, of this tensor's type."""
    def new_tensor(self, data: Any, *, dtype: Any = None, requires_grad: _bool = False) -> Tensor:
        """A new tensor of ``data`` with this one's type."""
    def new_zeros(
        self, *size: Any, dtype: Any = None, requires_grad: _bool = False, device: Any = None
    ) -> Tensor:
        """As :func:`upriver.zeros`, of this tensor's type."""
    def nll_loss(
        self,
        target: Tensor,
        weight: Tensor | None = None,
        reduction: str = "mean",
        ignore_index: _int = -100,
        *,
        out: Tensor | None = None,
    ) -> Tensor:
        """Minus the entry of ``input`` (log probabilities) that ``target`` names."""
    def nonzero(self, *, as_tuple: _bool = False) -> Any:
        """Positions of the nonzero elements: a row each, or a tensor for each dimension."""
    def norm(
        self,
        p: _int | _float | str | None = "fro",
        dim: _int | tuple[_int, ...] | None = None,
        keepdim: _bool = False,
        *,
        dtype: _dtype | None = None,
    ) -> Tensor:
        """The ``p``-norm of all elements or along ``dim``; "nuc" is the sum of a matrix's singular
        values.
        """
    def normal_(self, *args: Any, generator: Generator | None = None, **kwargs: Any) -> Self:
        """Fill with normal numbers."""
    def not_equal(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input != other``."""
    def not_equal_(self, other: _Operand) -> Self:
        """In place: ``x.not_equal_(...)`` writes what ``ne(x, ...)`` computes into ``x``."""
    def numel(self) -> _int:
        """The number of elements."""
    def numpy(self, *, force: _bool = False) -> Array:
        """The elements as an ndarray on the same memory; ``force`` detaches first."""
    def outer(self, vec2: Tensor) -> Tensor:
        """All products of an element of one vector and one of another."""
    @property
    def output_nr(self) -> _int:
        """Which of its node's outputs it is."""
    def pad(self, pad: Sequence[_int], mode: str = "constant", value: _float | None = None) -> Tensor:
        """``input`` with more elements at its edges, fewer where a width is negative."""
    def permute(self, *dims: Any) -> Tensor:
        """Dimensions in the order ``dims``; raises RuntimeError unless each appears once."""
    def pinverse(self, *, rtol: _float | None = None, hermitian: _bool = False) -> Tensor:
        """Moore and Penrose's pseudo-inverse; singular values below ``rtol`` times the largest count as
        0.
        """
    def poisson(self, generator: Generator | None = None) -> Tensor:
        """Poisson counts with the rates ``input``."""
    def positive(self) -> Tensor:
        """``+input``: the tensor itself."""
    def pow(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input ** other``."""
    def pow_(self, other: _Operand) -> Self:
        """In place: ``x.pow_(...)`` writes what ``pow(x, ...)`` computes into ``x``."""
    def prelu(self, weight: Tensor) -> Tensor:
        """``input`` where positive, ``weight * input`` elsewhere: a leaky ReLU whose slope is learned."""
    def prod(self, dim: _int | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None) -> Tensor:
        """The product over all elements, or over ``dim``; the gradient is exact where elements are zero."""
    def psi(self, *, out: Tensor | None = None) -> Tensor:
        """The derivative of ``lgamma``."""
    def put(self, index: Tensor, source: Tensor, accumulate: _bool = False) -> Tensor:
        """A copy of ``input`` whose elements ``index``, counted as if it were flat, are those of
        ``source``.
        """
    def put_(self, index: Tensor, source: Tensor, accumulate: _bool = False) -> Self:
        """In place: ``x.put_(...)`` writes what ``put(x, ...)`` computes into ``x``."""
    def qr(self, some: _bool = True) -> QR:
        """As :func:`qr`: reduced, or with ``some=False`` complete."""
    def quantile(
        self,
        q: _float | Tensor,
        dim: _int | None = None,
        keepdim: _bool = False,
        *,
        interpolation: str = "linear",
    ) -> Tensor:
        """The ``q``-quantiles of all elements or along ``dim``; NaN where there is NaN. Several ``q``
        make a first dimension.
        """
    def rad2deg(self) -> Tensor:
        """Radians as degrees."""
    def rad2deg_(self) -> Self:
        """In place: ``x.rad2deg_(...)`` writes what ``rad2deg(x, ...)`` computes into ``x``."""
    def random_(self, *args: Any, generator: Generator | None = None, **kwargs: Any) -> Self:
        """Fill with whole numbers from low up to but without high."""
    def ravel(self) -> Tensor:
        """All elements in one dimension."""
    @property
    def real(self) -> Tensor:
        """The real part, as a view; real input is returned as a view of itself."""
    @real.setter
    def real(self, value: Tensor) -> None: ...
    def reciprocal(self, *, out: Tensor | None = None) -> Tensor:
        """``1 / input``."""
    def reciprocal_(self) -> Self:
        """In place: ``x.reciprocal_(...)`` writes what ``reciprocal(x, ...)`` computes into ``x``."""
    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call ``hook(gradient)`` when this tensor's gradient is known; a returned tensor replaces it."""
    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call ``hook(tensor)`` whenever the ``grad`` of this leaf has been added to."""
    def relu(self, *, out: Tensor | None = None) -> Tensor:
        """``max(input, 0)``; the derivative at 0 is 0."""
    def relu_(self) -> Self:
        """In place: ``x.relu_(...)`` writes what ``relu(x, ...)`` computes into ``x``."""
    def remainder(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input % other`` with the sign of ``other``."""
    def remainder_(self, other: _Operand) -> Self:
        """In place: ``x.remainder_(...)`` writes what ``remainder(x, ...)`` computes into ``x``."""
    def renorm(self, p: _float, dim: _int, maxnorm: _float) -> Tensor:
        """The slices of ``dim`` whose ``p``-norm is above ``maxnorm`` scaled down to it."""
    def renorm_(self, p: _float, dim: _int, maxnorm: _float) -> Self:
        """In place: ``x.renorm_(...)`` writes what ``renorm(x, ...)`` computes into ``x``."""
    def repeat(self, *repeats: Any) -> Tensor:
        """The whole tensor repeated along each dimension; leading repeats make new dimensions."""
    def repeat_interleave(
        self, repeats: _int | Tensor, dim: _int | None = None, *, output_size: _int | None = None
    ) -> Tensor:
        """Each slice of ``dim`` (None: each element) repeated, ``repeats`` times or by its own count."""
    @property
    def requires_grad(self) -> _bool:
        """Whether gradients flow to this tensor: it is a leaf that asked for them, or was computed from
        one.
        """
    @requires_grad.setter
    def requires_grad(self, value: _bool) -> None: ...
    def requires_grad_(self, requires_grad: _bool = True) -> Self:
        """Set ``requires_grad`` in place and return the tensor."""
    def reshape(self, *shape: Any) -> Tensor:
        """The same elements in row-major order under ``shape`` (one length may be -1); a view where
        possible.
        """
    def reshape_as(self, other: Tensor) -> Tensor:
        """:func:`reshape` with the shape of ``other``."""
    def resize_(self, *sizes: Any) -> Self:
        """Another shape, in the same memory where it suffices, else in new memory."""
    def resolve_conj(self) -> Tensor:
        """The tensor itself: nothing is left to be computed."""
    def resolve_neg(self) -> Tensor:
        """The tensor itself: nothing is left to be computed."""
    def retain_grad(self) -> None:
        """Keep the gradient of a non-leaf in its ``grad``; nothing to do for a leaf."""
    @property
    def retains_grad(self) -> _bool:
        """Whether :meth:`retain_grad` was asked of this non-leaf."""
    def rms_norm(self, weight: Tensor | None, axes_count: _int, eps: _float) -> Tensor:
        """``input`` over its root mean square along the last ``axes_count`` dimensions, then ``*
        weight``.
        """
    def roll(self, shifts: Any, dims: Any = None) -> Tensor:
        """Elements moved on by ``shifts`` along ``dims`` (None: as if flattened), coming back in at the
        start.
        """
    def rot90(self, k: _int = 1, dims: Sequence[_int] = (0, 1)) -> Tensor:
        """Rotated ``k`` times by 90 degrees in the plane of ``dims``."""
    def round(self, *, decimals: _int = 0, out: Tensor | None = None) -> Tensor:
        """Rounded to the nearest, halves to even."""
    def round_(self, *, decimals: _int = 0) -> Self:
        """In place: ``x.round_(...)`` writes what ``round(x, ...)`` computes into ``x``."""
    def rsqrt(self, *, out: Tensor | None = None) -> Tensor:
        """``1 / sqrt(input)``."""
    def rsqrt_(self) -> Self:
        """In place: ``x.rsqrt_(...)`` writes what ``rsqrt(x, ...)`` computes into ``x``."""
    def rsub(self, other: Any, *, alpha: Any = 1) -> Tensor:
        """``other - alpha * input``."""
    def scatter(
        self, dim: _int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
    ) -> Tensor:
        """A copy of ``input`` with ``src`` (or ``value``) written at positions ``index`` along ``dim``."""
    def scatter_(
        self, dim: _int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
    ) -> Self:
        """In place: ``x.scatter_(...)`` writes what ``scatter(x, ...)`` computes into ``x``."""
    def scatter_add(self, dim: _int, index: Tensor, src: Tensor) -> Tensor:
        """A copy of ``input`` with ``src`` added at positions ``index`` along ``dim``; repeated ones add
        up.
        """
    def scatter_add_(self, dim: _int, index: Tensor, src: Tensor) -> Self:
        """In place: ``x.scatter_add_(...)`` writes what ``scatter_add(x, ...)`` computes into ``x``."""
    def scatter_reduce(
        self, dim: _int, index: Tensor, src: Tensor, reduce: str, *, include_self: _bool = True
    ) -> Tensor:
        """``src`` combined into ``input`` at positions ``index`` along ``dim``."""
    def scatter_reduce_(
        self, dim: _int, index: Tensor, src: Tensor, reduce: str, *, include_self: _bool = True
    ) -> Self:
        """In place: ``x.scatter_reduce_(...)`` writes what ``scatter_reduce(x, ...)`` computes into
        ``x``.
        """
    def select(self, dim: _int, index: _int) -> Tensor:
        """The slice at ``index`` of dimension ``dim``, as a view."""
    def select_scatter(self, src: Tensor, dim: _int, index: _int) -> Tensor:
        """A copy of ``input`` whose slice ``index`` of ``dim`` is ``src``."""
    def selu(self) -> Tensor:
        """The scaled ``elu`` that keeps mean 0 and variance 1 from layer to layer."""
    def selu_(self) -> Self:
        """In place: ``x.selu_(...)`` writes what ``selu(x, ...)`` computes into ``x``."""
    def set_(self, source: Tensor) -> Self:
        """Look at the memory of ``source`` from now on."""
    def sgn(self, *, out: Tensor | None = None) -> Tensor:
        """``input / |input|``, 0 at 0; the sign for real input."""
    def sgn_(self) -> Self:
        """In place: ``x.sgn_(...)`` writes what ``sgn(x, ...)`` computes into ``x``."""
    @property
    def shape(self) -> Size:
        """The length of each dimension."""
    def share_memory_(self) -> Self:
        """The tensor itself: processes do not share tensors."""
    def short(self, memory_format: Any = None) -> Tensor:
        """Converted to int16."""
    def sigmoid(self, *, out: Tensor | None = None) -> Tensor:
        """``1 / (1 + exp(-input))``."""
    def sigmoid_(self) -> Self:
        """In place: ``x.sigmoid_(...)`` writes what ``sigmoid(x, ...)`` computes into ``x``."""
    def sign(self, *, out: Tensor | None = None) -> Tensor:
        """-1, 0 or 1."""
    def sign_(self) -> Self:
        """In place: ``x.sign_(...)`` writes what ``sign(x, ...)`` computes into ``x``."""
    def signbit(self, *, out: Tensor | None = None) -> Tensor:
        """Whether each element has its sign bit set."""
    def silu(self, *, out: Tensor | None = None) -> Tensor:
        """``input * sigmoid(input)``."""
    def silu_(self) -> Self:
        """In place: ``x.silu_(...)`` writes what ``silu(x, ...)`` computes into ``x``."""
    def sin(self, *, out: Tensor | None = None) -> Tensor:
        """The sine."""
    def sin_(self) -> Self:
        """In place: ``x.sin_(...)`` writes what ``sin(x, ...)`` computes into ``x``."""
    def sinc(self, *, out: Tensor | None = None) -> Tensor:
        """``sin(pi * input) / (pi * input)``, and 1 at 0."""
    def sinc_(self) -> Self:
        """In place: ``x.sinc_(...)`` writes what ``sinc(x, ...)`` computes into ``x``."""
    def sinh(self, *, out: Tensor | None = None) -> Tensor:
        """The hyperbolic sine."""
    def sinh_(self) -> Self:
        """In place: ``x.sinh_(...)`` writes what ``sinh(x, ...)`` computes into ``x``."""
    @overload
    def size(self) -> Size: ...
    @overload
    def size(self, dim: _int) -> _int: ...
    def slice_scatter(
        self, src: Tensor, dim: _int = 0, start: _int | None = None, end: _int | None = None, step: _int = 1
    ) -> Tensor:
        """A copy of ``input`` in which ``src`` stands at ``start:end:step`` of ``dim``."""
    def slogdet(self) -> SignAndLogarithm:
        """The sign of the determinant and the logarithm of its absolute value, as ``(sign, logabsdet)``:
        (0, -inf) if singular.
        """
    def softmax(self, dim: _int, dtype: _dtype | None = None) -> Tensor:
        """Exponentials along ``dim`` divided by their sum; ``dtype`` converts the input first."""
    def softplus(self, beta: _float = 1.0, threshold: _float = 20.0, *, out: Tensor | None = None) -> Tensor:
        """``log(1 + exp(beta * input)) / beta``, and ``input`` itself where ``beta * input > threshold``."""
    def softsign(self) -> Tensor:
        """``input / (1 + abs(input))``."""
    def sort(self, dim: _int = -1, descending: _bool = False, *, stable: _bool = True) -> Selected:
        """The elements in order along ``dim``, and where each was, as ``(values, indices)``; always
        stable.
        """
    def split(self, split_size_or_sections: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
        """Views of ``tensor`` along ``dim``: of one length (the last may be shorter), or of the given
        lengths.
        """
    def split_with_sizes(
        self, split_size_or_sections: _int | Sequence[_int], dim: _int = 0
    ) -> tuple[Tensor, ...]:
        """Views of ``tensor`` along ``dim``: of one length (the last may be shorter), or of the given
        lengths.
        """
    def sqrt(self, *, out: Tensor | None = None) -> Tensor:
        """The square root; the derivative at 0 is infinite."""
    def sqrt_(self) -> Self:
        """In place: ``x.sqrt_(...)`` writes what ``sqrt(x, ...)`` computes into ``x``."""
    def square(self, *, out: Tensor | None = None) -> Tensor:
        """``input ** 2``."""
    def square_(self) -> Self:
        """In place: ``x.square_(...)`` writes what ``square(x, ...)`` computes into ``x``."""
    def squeeze(self, dim: Any = None) -> Tensor:
        """Without the dimensions of length 1: all of them, or those of ``dim`` that have it."""
    def squeeze_(self, dim: Any = None) -> Self:
        """In place: this tensor becomes ``squeeze`` of itself, on the same memory."""
    def std(
        self,
        dim: _int | Sequence[_int] | _bool | None = None,
        unbiased: _bool | None = None,
        keepdim: _bool = False,
        *,
        correction: _float | None = None,
    ) -> Tensor:
        """The square root of :func:`var`."""
    def std_mean(
        self,
        dim: _int | Sequence[_int] | _bool | None = None,
        unbiased: _bool | None = None,
        keepdim: _bool = False,
        *,
        correction: _float | None = None,
    ) -> tuple[Tensor, Tensor]:
        """:func:`std` and :func:`mean`."""
    def storage_offset(self) -> _int:
        """Elements between the start of the storage and the first element."""
    @overload
    def stride(self) -> tuple[_int, ...]: ...
    @overload
    def stride(self, dim: _int) -> _int: ...
    def sub(self, other: Any, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
        """``input - alpha * other``."""
    def sub_(self, other: Any, *, alpha: Any = 1) -> Self:
        """In place: ``x.sub_(...)`` writes what ``sub(x, ...)`` computes into ``x``."""
    def subtract(self, other: Any, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
        """``input - alpha * other``."""
    def subtract_(self, other: Any, *, alpha: Any = 1) -> Self:
        """In place: ``x.subtract_(...)`` writes what ``sub(x, ...)`` computes into ``x``."""
    def sum(
        self,
        dim: _int | Sequence[_int] | None = None,
        keepdim: _bool = False,
        *,
        dtype: _dtype | None = None,
        out: Tensor | None = None,
    ) -> Tensor:
        """The sum over all elements, or over ``dim`` (one or several); integers and booleans give int64."""
    def sum_to_size(self, *size: Any) -> Tensor:
        """Summed over what broadcasting from ``size`` repeats; RuntimeError if ``size`` does not
        broadcast.
        """
    def svd(self, some: _bool = True, compute_uv: _bool = True) -> FullSVD:
        """As :func:`svd`, the right vectors being columns of ``V``: reduced, or all of them with
        ``some=False``.
        """
    def swapaxes(self, dim0: _int, dim1: _int) -> Tensor:
        """Dimensions ``dim0`` and ``dim1`` exchanged."""
    def swapaxes_(self, dim0: _int, dim1: _int) -> Self:
        """In place: this tensor becomes ``transpose`` of itself, on the same memory."""
    def swapdims(self, dim0: _int, dim1: _int) -> Tensor:
        """Dimensions ``dim0`` and ``dim1`` exchanged."""
    def swapdims_(self, dim0: _int, dim1: _int) -> Self:
        """In place: this tensor becomes ``transpose`` of itself, on the same memory."""
    def t(self) -> Tensor:
        """A matrix transposed; raises RuntimeError for more than two dimensions."""
    def t_(self) -> Self:
        """In place: this tensor becomes ``t`` of itself, on the same memory."""
    def take(self, index: Tensor) -> Tensor:
        """Elements of the flattened input at ``index``, in the shape of ``index``."""
    def take_along_dim(self, indices: Tensor, dim: _int | None = None) -> Tensor:
        """As :func:`gather` with broadcasting; over the flattened input if ``dim`` is None."""
    def tan(self, *, out: Tensor | None = None) -> Tensor:
        """The tangent."""
    def tan_(self) -> Self:
        """In place: ``x.tan_(...)`` writes what ``tan(x, ...)`` computes into ``x``."""
    def tanh(self, *, out: Tensor | None = None) -> Tensor:
        """The hyperbolic tangent."""
    def tanh_(self) -> Self:
        """In place: ``x.tanh_(...)`` writes what ``tanh(x, ...)`` computes into ``x``."""
    def tensor_split(self, indices_or_sections: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
        """Views of ``input`` along ``dim``: that many of nearly equal length, or cut at the given
        positions.
        """
    def threshold(self, threshold: _float, value: _float, *, out: Tensor | None = None) -> Tensor:
        """``input`` where it is above ``threshold``, ``value`` elsewhere."""
    def threshold_(self, threshold: _float, value: _float) -> Self:
        """In place: ``x.threshold_(...)`` writes what ``threshold(x, ...)`` computes into ``x``."""
    def tile(self, *dims: Any) -> Tensor:
        """:func:`repeat` with missing leading repeats taken as 1."""
    def to(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        copy: _bool = False,
        non_blocking: _bool = False,
    ) -> Tensor:
        """Converted to a type or like another tensor; itself, where nothing changes and no ``copy`` is
        asked for.
        """
    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers: they leave the graph."""
    def topk(self, k: _int, dim: _int = -1, largest: _bool = True, sorted: _bool = True) -> Selected:
        """The ``k`` largest (or smallest) along ``dim``, best first, and where they are, as ``(values,
        indices)``.
        """
    def trace(self) -> Tensor:
        """The sum of a matrix's diagonal."""
    def transpose(self, dim0: _int, dim1: _int) -> Tensor:
        """Dimensions ``dim0`` and ``dim1`` exchanged."""
    def transpose_(self, dim0: _int, dim1: _int) -> Self:
        """In place: this tensor becomes ``transpose`` of itself, on the same memory."""
    def tril(self, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
        """The lower triangle of each matrix, zeros above ``diagonal``."""
    def tril_(self, diagonal: _int = 0) -> Self:
        """In place: ``x.tril_(...)`` writes what ``tril(x, ...)`` computes into ``x``."""
    def triu(self, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
        """The upper triangle of each matrix, zeros below ``diagonal``."""
    def triu_(self, diagonal: _int = 0) -> Self:
        """In place: ``x.triu_(...)`` writes what ``triu(x, ...)`` computes into ``x``."""
    def true_divide(self, other: Any) -> Tensor:
        """``input / other``."""
    def true_divide_(self, other: Any) -> Self:
        """In place: ``x.true_divide_(...)`` writes what ``true_divide(x, ...)`` computes into ``x``."""
    def trunc(self, *, out: Tensor | None = None) -> Tensor:
        """Rounded towards zero."""
    def trunc_(self) -> Self:
        """In place: ``x.trunc_(...)`` writes what ``trunc(x, ...)`` computes into ``x``."""
    def type(self, dtype: Any = None) -> Any:
        """The name PyTorch has for tensors of this type, or this tensor converted to ``dtype``."""
    def type_as(self, other: Tensor) -> Tensor:
        """Converted to the type of ``other``."""
    def unbind(self, dim: _int = 0) -> tuple[Tensor, ...]:
        """The slices of dimension ``dim`` as views without it."""
    def unflatten(self, dim: _int, sizes: Sequence[_int]) -> Tensor:
        """Dimension ``dim`` split into ``sizes``, one of which may be -1."""
    def unfold(self, dimension: _int, size: _int, step: _int) -> Tensor:
        """Windows of ``size`` every ``step`` along ``dimension``, as a new last dimension: a view."""
    def uniform_(self, *args: Any, generator: Generator | None = None, **kwargs: Any) -> Self:
        """Fill with uniform numbers in [a, b)."""
    def unique(
        self,
        sorted: _bool = True,
        return_inverse: _bool = False,
        return_counts: _bool = False,
        dim: _int | None = None,
    ) -> Any:
        """The distinct elements in order (or distinct slices along ``dim``), and on request where each
        came from, and how often.
        """
    def unique_consecutive(
        self, return_inverse: _bool = False, return_counts: _bool = False, dim: _int | None = None
    ) -> Any:
        """``input`` without elements (or slices along ``dim``) that equal their predecessor; otherwise as
        :func:`unique`.
        """
    def unsqueeze(self, dim: _int) -> Tensor:
        """A new dimension of length 1 at ``dim``."""
    def unsqueeze_(self, dim: _int) -> Self:
        """In place: this tensor becomes ``unsqueeze`` of itself, on the same memory."""
    def untyped_storage(self) -> Storage:
        """The memory, shared with every alias."""
    def var(
        self,
        dim: _int | Sequence[_int] | _bool | None = None,
        unbiased: _bool | None = None,
        keepdim: _bool = False,
        *,
        correction: _float | None = None,
    ) -> Tensor:
        """The variance of all elements or along ``dim``: ``n - correction`` degrees of freedom (1 unless
        given).
        """
    def var_mean(
        self,
        dim: _int | Sequence[_int] | _bool | None = None,
        unbiased: _bool | None = None,
        keepdim: _bool = False,
        *,
        correction: _float | None = None,
    ) -> tuple[Tensor, Tensor]:
        """:func:`var` and :func:`mean`."""
    def vdot(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """:func:`dot` with the conjugate of ``input``."""
    def view(self, *shape: Any) -> Tensor:
        """As :func:`reshape` but never a copy; or, given a type of the same size, the bytes read as that
        type.
        """
    def view_as(self, other: Tensor) -> Tensor:
        """:func:`view` with the shape of ``other``."""
    def view_as_complex(self) -> Tensor:
        """A last dimension of two as complex elements, in the same memory."""
    def view_as_real(self) -> Tensor:
        """Complex elements as a last dimension of two, in the same memory."""
    def vsplit(self, indices_or_sections: _int | Sequence[_int]) -> tuple[Tensor, ...]:
        """:func:`tensor_split` along the first dimension."""
    def where(self, condition: Tensor, other: Any) -> Tensor:
        """This tensor where ``condition`` holds, ``other`` elsewhere."""
    def xlog1py(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input * log1p(other)``, and 0 where ``input`` is 0 unless ``other`` is NaN."""
    def xlogy(self, other: _Operand, *, out: Tensor | None = None) -> Tensor:
        """``input * log(other)``, and 0 where ``input`` is 0 unless ``other`` is NaN."""
    def xlogy_(self, other: _Operand) -> Self:
        """In place: ``x.xlogy_(...)`` writes what ``xlogy(x, ...)`` computes into ``x``."""
    def zero_(self) -> Self:
        """Write zeros everywhere."""

_Operand: TypeAlias = Tensor | complex | np.generic | np.ndarray[Any, Any]
