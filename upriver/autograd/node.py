"""The graph: nodes, edges, saved values.

A :class:`Node` is one recorded operation. It holds its **edges** (for each input the node that made it, or
None), what its derivative rules **saved**, and its place in the order of creation. It never holds a tensor
that it made: a saved output is kept as (array, storage, version), so that dropping the result frees the graph
without the garbage collector.

A saved value is the triple *array, storage, version*. The storage's version must be the same when backward
uses it.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterator
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import Where, explain
from ..storage import Storage
from ..tensor import Tensor, from_array, type_name
from .modes import state

if TYPE_CHECKING:
    from ..ops.registry import Operator

__all__ = ["AccumulateGrad", "Node", "accumulator", "edge_of"]

Array = np.ndarray[Any, Any]

# Nodes count downwards, so that a heap of their numbers yields the newest first.
next_order: Callable[[], int] = itertools.count(0, -1).__next__

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have "
    "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
    "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or "
    "if you need to access saved tensors after calling backward."
)
DETACHED = (
    "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_().This is not "
    "supported, please use out-of-place `.detach()` instead"
)


def _hint() -> str:
    """PyTorch's advice in its version error: other words where the forward has just been shown."""
    if any(observer.explains for observer in state.observers):
        return (
            "the backtrace further above shows the operation that failed to compute its gradient. The "
            "variable in question was changed in there or anywhere later. Good luck!"
        )
    return (
        "enable anomaly detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )


class Extra:
    """What few nodes have: hooks and metadata."""

    __slots__ = ("metadata", "post", "pre", "retains", "tensor_hooks")

    def __init__(self) -> None:
        self.tensor_hooks: dict[int, dict[int, Callable[..., Any]]] = {}  # by output number, then by handle
        self.pre: dict[int, Callable[..., Any]] = {}
        self.post: dict[int, Callable[..., Any]] = {}
        self.retains: dict[int, weakref.ref[Tensor]] = {}  # by output number
        self.metadata: dict[Any, Any] = {}


class Node:
    """One recorded operation. Subclasses are named as PyTorch's: ``MulBackward0``.

    ``edges[i]`` is the node that input i came from (None where no gradient is wanted) and ``numbers[i]``
    which of that node's outputs it was (``numbers`` is None where all are 0, the usual case).
    """

    __slots__ = (
        "__weakref__",
        "_extra",
        "code",  # the user's statement: code object and instruction, see errors.Where
        "edges",
        "instruction",
        "numbers",
        "order",  # falls with each node made
        "plain",  # backward may run it without a second look: one output, nothing to restore, no hooks
        "restore",  # what to do to gradients so that they fit the inputs, or None
        "saved",  # the values its rules use; None once freed
    )

    operator: Operator | None = None
    outputs = 1
    fresh = True  # its rules return fresh arrays; see NOTE [ Who owns a gradient ]

    _extra: Extra | None
    edges: tuple[Node | None, ...]
    numbers: tuple[int, ...] | None
    saved: Any
    order: int
    plain: bool
    restore: Any
    code: CodeType
    instruction: int

    def name(self) -> str:
        """PyTorch's name of the node."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes the gradient goes on to, each with the output it belongs to."""
        numbers = self.numbers or (0,) * len(self.edges)
        return tuple(
            (edge, number if edge is not None else 0)
            for edge, number in zip(self.edges, numbers, strict=True)
        )

    @property
    def where(self) -> Where:
        """The user's statement that made this node."""
        return Where(self.code, self.instruction)

    @property
    def metadata(self) -> dict[Any, Any]:
        """A dictionary for whoever watches; anomaly mode keeps the forward traceback here."""
        if self._extra is None:  # backward has no use for it: the node stays plain
            self._extra = Extra()
        return self._extra.metadata

    def extra(self) -> Extra:
        """The node's hooks and metadata, made when first asked for."""
        if self._extra is None:
            self._extra = Extra()
        self.plain = False
        return self._extra

    def register_hook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Call ``fn(grad_inputs, grad_outputs)`` after this node ran; a returned tuple replaces the first."""
        return RemovableHandle(self.extra().post, fn)

    def register_prehook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Call ``fn(grad_outputs)`` before this node runs; a returned tuple replaces ``grad_outputs``."""
        return RemovableHandle(self.extra().pre, fn)

    def vjp(self, gradient: Any, keep: bool) -> tuple[Any, ...]:
        """The inputs' gradients from the output's, as plain arrays; frees what was saved unless ``keep``."""
        raise NotImplementedError(f"{self.name()} has no derivative on plain arrays")

    def vjp_recorded(self, gradient: Any, keep: bool) -> tuple[Any, ...]:
        """As :meth:`vjp` on tensors, recording, for double backward."""
        raise NotImplementedError(f"{self.name()} has no derivative that can itself be differentiated")

    def unpack(self) -> tuple[Any, ...]:
        """``saved`` when it is not a plain tuple: freed, or packed by the user's hooks."""
        if self.saved is None:
            raise RuntimeError(
                explain(
                    FREED,
                    f"freed: {self.name()} made at {self.where}.",
                    "If the older part of the graph was carried over on purpose (a hidden state, a running "
                    "loss), detach it there.",
                )
            )
        return self.saved.unpack(self)  # type: ignore[no-any-return]

    def stale(self, name: str, array: Array, storage: Storage, version: Any) -> None:
        """Called when a saved value's version differs: raise PyTorch's error, or let a legal case pass."""
        watch = storage.watch
        before = version if isinstance(version, tuple) else (version, 0, 0, False)
        if storage.counter == before[0] and watch is not None:
            now = storage.version
            if now[2] != before[2]:
                raise RuntimeError(
                    self._stale_text(name, array, storage, before[0], "a plain NumPy array on its memory")
                )
            if now[3] != before[3] and name != "out" and watch.detached_array is array:
                raise RuntimeError(
                    explain(
                        DETACHED,
                        f"detached in place at {watch.detached_at}.",
                        f"saved by {self.name()} at {self.where}.",
                    )
                )
            if now[1] != before[1] and watch.warned != now[1]:
                watch.warned = now[1]
                self._warn_unseen(name, array, watch.unseen_writer)
            return
        raise RuntimeError(self._stale_text(name, array, storage, before[0], None))

    def _stale_text(self, name: str, array: Array, storage: Storage, version: int, unseen: str | None) -> str:
        foreign = storage.watch.foreign if unseen and storage.watch is not None else 0
        writers = [writer for writer in reversed(storage.writers) if writer.version > version]
        sentence = (
            "one of the variables needed for gradient computation has been modified by an inplace operation: "
            f"{type_name(from_array(array))}{self._made_by(name)} is at version {storage.counter + foreign}; "
            f"expected version {version} instead. Hint: {_hint()}"
        )
        role = "result" if name == "out" else f"operand `{name}`"
        return explain(
            sentence,
            f"saved: by {self.name()} at {self.where}, as its {role}.",
            *(f"written: by {writer}." for writer in writers),
            f"written: through {unseen}, which no version counter sees; found by its checksum."
            if unseen
            else None,
            "mend it: write after backward(), write out of place (y = y + 1), or save a copy (use y.clone() "
            "before the write).",
        )

    def _made_by(self, name: str) -> str:
        """PyTorch's phrase for what made a saved value, if that is no leaf."""
        if name == "out":
            maker: Node | None = self
            number = 0
        else:
            names = self.operator.rules if self.operator else ()
            # An operand of several tensors has an edge for each, under one name: which one is not said.
            single = len(names) == len(self.next_functions)
            edges = dict(zip(names, self.next_functions, strict=True)) if single else {}
            maker, number = edges.get(name, (None, 0))
        if maker is None or isinstance(maker, AccumulateGrad):
            return ""
        return f", which is output {number} of {maker.name().removesuffix('Backward0')},"

    def _warn_unseen(self, name: str, array: Array, writer: Any) -> None:
        import warnings

        warnings.warn(
            explain(
                f"a value saved by {self.name()} at {self.where} was written through .data, which autograd "
                "does not see: the gradient uses the new value, as in PyTorch.",
                f"written: by {writer}.",
                "mend it: write to .detach() or under no_grad(), so that the write is seen.",
            ),
            UserWarning,
            stacklevel=2,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {id(self):#x}>"

    def __lt__(self, other: Node) -> bool:
        return self.order < other.order


def blank(
    cls: type[Any], edges: tuple[Node | None, ...], numbers: tuple[int, ...] | None, where: Where
) -> Any:
    """A new node of class ``cls`` that has saved nothing yet."""
    node: Any = object.__new__(cls)
    node.edges = edges
    node.numbers = numbers if numbers is not None and any(numbers) else None
    node.code = where.code
    node.instruction = where.instruction
    node.order = next_order()
    node.restore = None
    node.plain = False
    node.saved = ()
    node._extra = None
    return node


class AccumulateGrad(Node):
    """The end of every path: adds what arrives to a leaf's ``grad``.

    The node holds its leaf; the leaf holds the node weakly, so the two make no cycle.
    """

    __slots__ = ("variable",)

    variable: Tensor

    def name(self) -> str:
        """PyTorch qualifies this one name."""
        return "torch::autograd::AccumulateGrad"


def accumulator(leaf: Tensor) -> AccumulateGrad:
    """The leaf's AccumulateGrad node, made when first needed."""
    reference = leaf._accumulator
    if reference is not None:
        node = reference()
        if node is not None:
            return node  # type: ignore[no-any-return]
    node = blank(AccumulateGrad, (), None, NOWHERE)
    node.variable = leaf
    leaf._accumulator = weakref.ref(node)
    return node  # type: ignore[no-any-return]


NOWHERE = Where((lambda: None).__code__, 0)


def edge_of(t: Tensor) -> tuple[Node | None, int]:
    """Where the gradient of ``t`` goes: node and output number, a leaf's accumulator, or None."""
    if not t._requires_grad:
        return None, 0
    return (t._node, t._number) if t._node is not None else (accumulator(t), 0)


class RemovableHandle:
    """Takes a hook away again: ``handle.remove()``, or leaving ``with handle:``."""

    __slots__ = ("_hooks", "id")

    _ids: Iterator[int] = itertools.count()

    def __init__(self, hooks: dict[int, Callable[..., Any]], hook: Callable[..., Any]) -> None:
        self._hooks = hooks
        self.id = next(RemovableHandle._ids)
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook away; doing so twice is harmless."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()
