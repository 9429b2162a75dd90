"""The Tensor: a view onto a Storage, and a place in the graph. It knows no operation.

What it can compute is bound by :mod:`upriver.ops.methods`; what it can ask of the graph by
:mod:`upriver.autograd.variable`.
"""

from __future__ import annotations

from collections import deque
from typing import Any, overload

import numpy as np

from . import dtypes
from .errors import Where, here
from .storage import Storage, root_buffer

__all__ = ["Cut", "Size", "Tensor", "from_array"]

Array = np.ndarray[Any, Any]


class Size(tuple[int, ...]):
    """A shape: a tuple of ints with PyTorch's name for the product of its entries.

    >>> import upriver as up
    >>> up.zeros(2, 3).shape.numel()
    6
    """

    __slots__ = ()

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        total = 1
        for length in self:
            total *= length
        return total

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    __str__ = __repr__

    def __add__(self, other: Any) -> Size:  # type: ignore[override]
        return Size(tuple.__add__(self, tuple(other)))

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return Size(found) if isinstance(index, slice) else found


class Cut:
    """A statement after which a value has no history: what kind, where, and of what."""

    __slots__ = ("_dtype", "_maker", "_shape", "kind", "where")

    def __init__(self, kind: str, where: Where, of: Tensor | Cut) -> None:
        self.kind = kind
        self.where = where
        if isinstance(of, Cut):
            self._dtype, self._shape, self._maker = of._dtype, of._shape, of._maker
        else:  # what of() says is put into words only when somebody reads it
            self._dtype, self._shape = of._array.dtype, of._array.shape
            self._maker = None if of._node is None else of._node.__class__

    @property
    def of(self) -> str:
        """What was cut: type, shape and who made it."""
        return describe(self._dtype, self._shape, None if self._maker is None else self._maker.__name__)

    @property
    def filename(self) -> str:
        """The file of the statement."""
        return self.where.filename

    @property
    def lineno(self) -> int:
        """Its line, counted from 1."""
        return self.where.lineno

    @property
    def source(self) -> str:
        """Its text."""
        return self.where.source

    def __str__(self) -> str:
        return f"{self.kind} of {self.of} at {self.where}"

    def __repr__(self) -> str:
        return f"<Cut: {self}>"


class Tensor:
    """An n-dimensional array that can remember how it was computed.

    Made by factories (:func:`upriver.tensor`, :func:`upriver.zeros` ...). ``Tensor(data)`` copies data as the
    default floating type; ``Tensor(2, 3)`` is uninitialised memory of that shape.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_accumulator",  # weak reference to the AccumulateGrad node of a leaf
        "_array",  # the elements: an ndarray onto the storage's buffer
        "_extra",  # hooks and other rarities, or None
        "_grad",  # the gradient accumulated so far, or None
        "_node",  # the node that made it, or None for a leaf
        "_number",  # which of the node's outputs it is
        "_origin",  # the cuts that its value descends from
        "_requires_grad",
        "_storage",
        "_view",  # how it looks into its base, or None
    )

    def __init__(self, *data: Any) -> None:
        if len(data) == 1 and not isinstance(data[0], (int, np.integer)):
            source = data[0]._array if isinstance(data[0], Tensor) else data[0]
            array = np.array(source, dtype=dtypes.get_default_dtype().numpy)
        else:
            array = np.empty(data or (0,), dtypes.get_default_dtype().numpy)
        initialise(self, array, Storage.on(array))

    # -- memory ----------------------------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        """The length of each dimension."""
        return Size(self._array.shape)

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return dtypes.FROM_NUMPY[self._array.dtype]

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self._array.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self._array.nbytes

    @property
    def device(self) -> Device:
        """Where the elements are: always the CPU."""
        return CPU

    @overload
    def size(self) -> Size: ...
    @overload
    def size(self, dim: int) -> int: ...
    def size(self, dim: int | None = None) -> Any:
        """The shape, or the length of dimension ``dim``."""
        return Size(self._array.shape) if dim is None else self._array.shape[dim]

    def dim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    def numel(self) -> int:
        """The number of elements."""
        return self._array.size

    nelement = numel

    def element_size(self) -> int:
        """Bytes of one element."""
        return self._array.itemsize

    @overload
    def stride(self) -> tuple[int, ...]: ...
    @overload
    def stride(self, dim: int) -> int: ...
    def stride(self, dim: int | None = None) -> Any:
        """Elements (not bytes) to step over for the next entry of each dimension, or of ``dim``."""
        steps = tuple(step // self._array.itemsize for step in self._array.strides)
        return steps if dim is None else steps[dim]

    def storage_offset(self) -> int:
        """Elements between the start of the storage and the first element."""
        return (self.data_ptr() - self._storage.data_ptr()) // self._array.itemsize

    def data_ptr(self) -> int:
        """The address of the first element."""
        return self._array.__array_interface__["data"][0] if self._array.size else 0

    def untyped_storage(self) -> Storage:
        """The memory, shared with every alias."""
        return self._storage

    def is_contiguous(self) -> bool:
        """Whether the elements lie in memory in row-major order without gaps."""
        return self._array.flags.c_contiguous

    def is_floating_point(self) -> bool:
        """Whether the elements are real floating numbers."""
        return self._array.dtype.kind == "f"

    def is_complex(self) -> bool:
        """Whether the elements are complex numbers."""
        return self._array.dtype.kind == "c"

    def is_signed(self) -> bool:
        """Whether the element type has negative values."""
        return self.dtype.is_signed

    def is_shared(self) -> bool:
        """Whether the memory is shared between processes: never."""
        return False

    def type(self, dtype: Any = None) -> Any:
        """The name PyTorch has for tensors of this type, or this tensor converted to ``dtype``."""
        if dtype is None:
            return f"torch.{self.dtype.tensor_type}Tensor"
        return self.to(dtypes.as_dtype(dtype))

    # -- leaving ---------------------------------------------------------------------------------------------

    def detach(self) -> Tensor:
        """The same memory and version counter, outside the graph: a leaf that does not require grad.

        A write to either shows in the other; ``detach().clone()`` is an independent copy.

        >>> import upriver as up
        >>> x = up.ones(3, requires_grad=True)
        >>> d = x.detach()
        >>> d[0] = 10.0
        >>> x.tolist(), d.requires_grad
        ([10.0, 1.0, 1.0], False)
        """
        detached = from_array(self._array, self._storage)
        detached._origin = cut_origin("detach()", self, here())
        return detached

    def __len__(self) -> int:
        if not self._array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __hash__(self) -> int:
        return id(self)


class Device:
    """Where tensors live. There is one: the CPU."""

    __slots__ = ("index", "type")

    def __init__(self, type: str = "cpu", index: int | None = None) -> None:
        name = type.type if isinstance(type, Device) else str(type)
        if name.partition(":")[0] != "cpu":
            raise RuntimeError(
                f"upriver computes on the CPU, but got device {name!r}. Leave the device out, or give "
                "device='cpu'."
            )
        self.type = "cpu"
        self.index = index

    def __repr__(self) -> str:
        return "device(type='cpu')"

    def __str__(self) -> str:
        return "cpu"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) or other == "cpu"

    def __hash__(self) -> int:
        return hash("cpu")


CPU = Device()


def initialise(t: Tensor, array: Array, storage: Storage) -> None:
    """Make ``t`` a leaf onto ``array``, whose memory ``storage`` keeps."""
    t._array = array
    t._storage = storage
    t._node = None
    t._number = 0
    t._requires_grad = False
    t._grad = None
    t._view = None
    t._origin = None
    t._extra = None
    t._accumulator = None


def from_array(array: Any, storage: Storage | None = None) -> Tensor:
    """A leaf onto ``array`` without copying; NumPy scalars become 0-d arrays."""
    t = Tensor.__new__(Tensor)
    if array.__class__ is not np.ndarray:
        array = np.asarray(array)
    initialise(t, array, Storage.on(array) if storage is None else storage)
    return t


# -- cuts ----------------------------------------------------------------------------------------------------

KEPT_CUTS = 8

# The last values that left for Python or NumPy: what comes back as a new tensor cannot say so itself.
EXITS: deque[Cut] = deque(maxlen=4)


def note_exit(kind: str, t: Tensor) -> None:
    """Remember that the value of ``t``, which has a history or was cut from one, leaves the graph."""
    if t._requires_grad:
        EXITS.append(Cut(kind, here(), t))
    elif t._origin:
        EXITS.append(Cut(kind, here(), t._origin[0]))


def cut_origin(kind: str, t: Tensor, where: Where) -> tuple[Cut, ...] | None:
    """The origin record of a value that leaves the graph at ``where``: the new cut, or ``t``'s older ones."""
    if t._requires_grad:
        return (Cut(kind, where, t),)
    return t._origin


def joint_origin(operation: str, tensors: Any, nondifferentiable: bool) -> tuple[Cut, ...] | None:
    """The origin of an unrecorded result: what its operands descend from, and what ``operation`` cuts.

    Under no_grad the first cut stands for what follows it: a network has as many more as parameters.
    """
    found: tuple[Cut, ...] = ()
    cut: Tensor | None = None
    for t in tensors:
        if t is None:
            continue
        if t._requires_grad:
            cut = t if cut is None else cut
        elif t._origin is not None and t._origin is not found:
            found = (*found, *(each for each in t._origin if each not in found)) if found else t._origin
    if cut is not None and (nondifferentiable or not found):
        kind = f"{operation}() (not differentiable)" if nondifferentiable else f"{operation}() under no_grad"
        found = (Cut(kind, here(), cut), *found)
    return found[:KEPT_CUTS] or None


def describe(kind: np.dtype[Any], shape: tuple[int, ...], maker: str | None) -> str:
    """One phrase for messages: type, shape and who made it."""
    what = f"a {dtypes.FROM_NUMPY[kind].name}{list(shape)}"
    return f"{what} leaf" if maker is None else f"{what} made by {maker}"


def type_name(t: Tensor) -> str:
    """PyTorch's name of a tensor in its version errors: ``[torch.FloatTensor [3]]``."""
    return f"[torch.{t.dtype.tensor_type}Tensor {list(t._array.shape)}]"


def same_memory(a: Array, b: Array) -> bool:
    """Whether two arrays look into one buffer."""
    return root_buffer(a) is root_buffer(b)
