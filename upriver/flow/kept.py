"""What one tensor keeps alive, and what keeps it: ``up.keepers(t)``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import user_frame
from ..storage import root_buffer
from ..tensor import Tensor
from .holders import Holder, cycles, holders
from .model import Keeper
from .names import Names
from .reach import is_tensor
from .sites import NOWHERE, Sites
from .tracker import KEY
from .words import clean, counted, size

__all__ = ["Kept", "keepers", "kept_by"]

SHOWN = 12


@dataclass(frozen=True)
class Kept:
    """What :func:`keepers` has found; printed as a table."""

    name: str
    holders: list[Holder]  # the variables that keep the tensor alive
    nodes: int  # operators in the graph behind it
    bytes: int  # that these keep for backward
    keepers: list[Keeper]  # the same by statement, largest first
    cycles: list[list[str]]  # reference cycles through the tensor, by name

    def __str__(self) -> str:
        head = f"{self.name}: a graph of {counted(self.nodes, 'operator')}, which keep {size(self.bytes)}"
        lines = [f"  held by {held.path}, in {held.scope}" for held in self.holders]
        lines = lines or ["  held by nobody that Python shows: a temporary, or what C++ holds"]
        for keeper in self.keepers[:SHOWN]:
            what = f"{keeper.operator}: {keeper.value}, for {keeper.rule}"
            source = f" `{keeper.site.source}`" if keeper.site.source else ""
            place = f" at {keeper.site}{source}" if keeper.site.line else ""
            lines.append(f"  {size(keeper.bytes):>8}  {what}{place}")
        if len(self.keepers) > SHOWN:
            rest = sum(keeper.bytes for keeper in self.keepers[SHOWN:])
            lines.append(f"  {size(rest):>8}  in {counted(len(self.keepers) - SHOWN, 'more place')}")
        lines += [f"  cycle: {' -> '.join(path)}" for path in self.cycles]
        return "\n".join(clean(line) for line in (head, *lines))


def keepers(t: Any) -> Kept:
    """Who keeps ``t`` alive, what the graph behind it keeps, by statement, and the cycles through it.

    ``t`` is a tensor of upriver or of PyTorch. Variables of running functions, modules, closures and
    collections are found with the garbage collector. Bytes are of whole buffers, each once; leaves that
    require grad are not counted, since they are there anyway. PyTorch's nodes know the statement only if
    they were made under :func:`upriver.record`. Raises TypeError for what is no tensor.

    >>> import upriver as up
    >>> x = up.ones(1000, requires_grad=True)
    >>> history = [x.exp()]
    >>> print(up.keepers(history[0]))
    history[0]: a graph of 1 operator, which keep 4.0 kB
      held by history[0], in ... globals
        4.0 kB  exp: out, for ExpBackward0 at <doctest ...>:1 `history = [x.exp()]`
    """
    if not is_tensor(t):
        raise TypeError(f"keepers() takes a tensor, but got {type(t).__name__}")
    frame = user_frame(sys._getframe(1))
    names = Names()
    for variable, module in names.find_modules(frame):
        names.learn_module(variable, module)
    held = holders(t)
    name = names.of(t, frame) or (held[0].path if held else f"a tensor of shape {list(t.shape)}")
    found, nodes = kept_by([t], Sites())
    total = sum(keeper.bytes for keeper in found)
    return Kept(name, held, nodes, total, found, cycles(t, name=name))


def kept_by(tensors: Iterable[Any], sites: Sites) -> tuple[list[Keeper], int]:
    """What the graphs behind tensors keep for backward, by statement, the largest first; how many nodes."""
    grouped: dict[Any, Keeper] = {}
    nodes, counted_buffers = list(_nodes(tensors)), set()
    for node in nodes:
        for attribute, t in _saved(node):
            key, nbytes = _buffer(t)
            if key in counted_buffers or (t.requires_grad and t.grad_fn is None):
                continue
            counted_buffers.add(key)
            site, operator = _made(node, sites)
            place = (site, operator, attribute)
            keeper = grouped.setdefault(place, Keeper(site, operator, attribute, node.name(), 0, 0))
            keeper.bytes += nbytes
            keeper.count += 1
    return sorted(grouped.values(), key=lambda keeper: -keeper.bytes), len(nodes)


def _nodes(tensors: Iterable[Any]) -> Iterator[Any]:
    """The operators behind tensors."""
    stack = [t.grad_fn for t in tensors if t.grad_fn is not None]
    seen = set(stack)
    while stack:
        node = stack.pop()
        if not hasattr(node, "variable"):
            yield node
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                stack.append(following)


def _saved(node: Any) -> Iterator[tuple[str, Any]]:
    """The tensors that a node saved, by name: none where they are freed, or were written since."""
    names = [name for name in dir(type(node)) if name.startswith("_saved_")]
    for name in [*names, *(["saved_tensors"] if hasattr(type(node), "saved_tensors") else [])]:
        try:
            value = getattr(node, name)
        except (RuntimeError, AttributeError):
            continue
        for each in value if isinstance(value, (tuple, list)) else (value,):
            if is_tensor(each):
                yield name.removeprefix("_saved_"), each


def _buffer(t: Any) -> tuple[int, int]:
    """What tells the buffer of a tensor from others while it is alive, and its bytes."""
    if isinstance(t, Tensor):
        root = root_buffer(t._array)
        return id(root), root.nbytes
    try:
        storage = t.untyped_storage()
    except (NotImplementedError, RuntimeError):  # sparse tensors have none
        return id(t), 0
    return storage._cdata, storage.nbytes()


def _made(node: Any, sites: Sites) -> Any:
    """Statement and operator of a node: as recorded, or as the node itself says."""
    metadata = node.metadata or {}
    known = metadata.get((KEY, 0))
    if known is not None:
        return known.site or NOWHERE, known.operator
    where = getattr(node, "where", None)
    site = sites.at(where.code, where.instruction) if where is not None else NOWHERE
    return site, _words(node.name())


def _words(name: str) -> str:
    """What a user calls the operator of a node: of "LogSoftmaxBackward0" log_softmax."""
    plain = re.sub(r"Backward\d*$", "", name)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
