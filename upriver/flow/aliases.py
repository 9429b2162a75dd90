"""Who shares a tensor's memory now: ``up.alias_report(t)``."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import numpy as np

from ..errors import user_frame
from ..storage import root_buffer
from ..tensor import Tensor
from .holders import holders
from .model import Access, AliasFamily, AliasMember, Site
from .names import Names, inside
from .reach import is_tensor
from .sites import NOWHERE, Sites, frame_locals

__all__ = ["alias_report"]

PINNED = 16  # how many times larger than the one who keeps it a buffer is worth a word


def alias_report(t: Any) -> AliasFamily:
    """Every tensor, and every ndarray that can be found, that looks into the memory of ``t``, and who wrote.

    ``t`` is a tensor of upriver or of PyTorch. Found are all tensors that are alive, and the ndarrays that
    variables and collections of the running code hold; of upriver's also those that came from ``numpy()`` or
    were given to ``from_numpy``, and the last writes. Raises TypeError for what is no tensor.

    >>> import upriver as up
    >>> x = up.zeros(4)
    >>> d = x.detach()
    >>> first = x[:2]
    >>> _ = first.add_(1)
    >>> family = up.alias_report(x)  # printed as the flow report prints it
    >>> [(each.kind, each.name) for each in family.members]
    [('tensor', 'x'), ('tensor', 'd'), ('view', 'first')]
    >>> [(each.how, each.site.source) for each in family.accesses]
    [('add_', '_ = first.add_(1)')]
    """
    if not is_tensor(t):
        raise TypeError(f"alias_report() takes a tensor, but got {type(t).__name__}")
    return _Family(t, user_frame(sys._getframe(1))).report()


class _Family:
    """One search."""

    def __init__(self, t: Any, frame: FrameType) -> None:
        self.t = t
        self.frame = frame
        self.ours = isinstance(t, Tensor)
        self.sites = Sites()
        self.names = Names(self.sites)
        for variable, module in self.names.find_modules(frame):
            self.names.learn_module(variable, module)

    def report(self) -> AliasFamily:
        tensors = sorted(self.tensors(), key=lambda each: (each is not self.t, self.is_view(each)))
        arrays = list(self.arrays(tensors))
        owners = {id(array.base) for array in arrays}  # tensors that PyTorch makes to hold the memory
        tensors = [each for each in tensors if id(each) not in owners or each is self.t]
        total, _ = self.memory(self.t)
        members = [self.member(each, self.kind(each, tensors)) for each in tensors]
        members += [self.member(each, "ndarray") for each in arrays]
        small = len(members) == 1 and members[0].bytes * PINNED <= total
        accesses = list(self.accesses(tensors)) if self.ours else []
        return AliasFamily(total, members, accesses, members[0].name if small else "")

    def memory(self, t: Any) -> tuple[int, int]:
        """Bytes of the buffer of a tensor, and what tells it from others."""
        if isinstance(t, Tensor):
            root = root_buffer(t._array)
            return root.nbytes, id(root)
        try:
            storage = t.untyped_storage()
        except (NotImplementedError, RuntimeError):  # a sparse tensor has none
            return 0, id(t)
        return storage.nbytes(), storage._cdata

    def tensors(self) -> Iterator[Any]:
        """All living tensors on the buffer."""
        base = Tensor if self.ours else sys.modules["torch"].Tensor
        _, key = self.memory(self.t)
        for each in gc.get_objects():
            if issubclass(type(each), base):
                try:
                    same = self.memory(each)[1] == key
                except (AttributeError, RuntimeError):  # half made, or a stand-in without memory
                    continue
                if same:
                    yield each

    def arrays(self, tensors: list[Any]) -> Iterator[Any]:
        """The ndarrays on the buffer that variables hold, and those that upriver has given or was given."""
        found: dict[int, Any] = {}
        for each in self.held():
            if type(each) is not np.ndarray and not isinstance(each, np.ndarray):
                continue
            if self.looks_in(each):
                found[id(each)] = each
        for t in tensors:
            watch = t._storage.watch if self.ours else None
            for reference in watch.exports if watch is not None else ():
                array = reference()
                if array is not None:
                    found[id(array)] = array
        return iter(found.values())

    def held(self) -> Iterator[Any]:
        """What variables of the user's running code hold, and one level down what collections do."""
        frame: FrameType | None = self.frame
        while (frame := self.sites.user_frame(frame)) is not None:
            for value in [*frame_locals(frame).values(), *list(frame.f_globals.values())]:
                yield value
                if isinstance(value, (list, tuple, dict)):
                    yield from (each for _, each in inside(value))
            frame = frame.f_back

    def looks_in(self, array: np.ndarray[Any, Any]) -> bool:
        if self.ours:
            return root_buffer(array) is root_buffer(self.t._array)
        start = self.t.untyped_storage().data_ptr()
        return bool(array.size) and start <= array.ctypes.data < start + self.memory(self.t)[0]

    def is_view(self, t: Any) -> bool:
        return t._base is not None

    def kind(self, t: Any, tensors: list[Any]) -> str:
        """What a user calls this kind of alias."""
        if self.is_view(t):
            return "view"
        origin = t._origin if self.ours else None
        if origin and origin[0].kind in ("detach()", ".data") and len(tensors) > 1:
            return str(origin[0].kind).removesuffix("()")
        graph = any(each.requires_grad for each in tensors)
        return "detach" if not self.ours and graph and not t.requires_grad else "tensor"

    def member(self, value: Any, kind: str) -> AliasMember:
        name = self.names.of(value, self.frame)
        if name is None:
            held = holders(value, 1)
            name = held[0].path if held else "(no name)"
        return AliasMember(name, kind, tuple(value.shape), int(value.nbytes), self.made(value))

    def made(self, value: Any) -> Site | None:
        """Where a member was made, as far as upriver's tensors know."""
        if not isinstance(value, Tensor):
            return None
        if value._view is not None:
            where = value._view.where
        elif value._node is not None:
            where = value._node.where
        elif value._origin:
            where = value._origin[0].where
        else:
            return None
        return self.sites.at(where.code, where.instruction) if where is not None else None

    def accesses(self, tensors: list[Any]) -> Iterator[Access]:
        """The last writes, oldest first, and those that no counter saw."""
        storages = {id(each._storage): each._storage for each in tensors}
        told: dict[int, Any] = {}
        for storage in storages.values():
            unseen = storage.watch.unseen_writer if storage.watch is not None else None
            for writer in (*reversed(storage.writers), *([unseen] if unseen is not None else [])):
                if told.setdefault(id(writer), storage) is storage:
                    site = self.sites.at(writer.where.code, writer.where.instruction)
                    yield Access("wrote", writer.operation, site, ".data" not in writer.alias)
            if storage.watch is not None and storage.watch.foreign:
                yield Access("wrote", "numpy", NOWHERE, False)
