"""Who writes shared memory, and who uses it afterwards; ndarrays are watched by their bytes."""

from __future__ import annotations

import weakref
from types import FrameType
from typing import Any

from . import syntax
from .known import Known
from .model import Access, Site
from .sites import NOWHERE
from .values import StorageRecord, Value

__all__ = ["Writes"]

ARRAYS = ("ndarray", "numpy source")


class Writes(Known):
    """Writes, by every route."""

    def wrote(self, storage: StorageRecord, through: Value, operator: str, site: Site) -> None:
        """Count one write of ``storage`` by the alias that ``through`` is."""
        seen = through.alias != ".data"
        key = (operator, id(site), seen)  # the Access keeps the site, and so the id from being another's
        access = self.accesses.get(key)
        if access is None:
            access = self.accesses[key] = Access("wrote", operator, site, seen)
        storage.wrote(access)
        if through.alias:
            storage.alias_write, storage.alias_writer = (storage.writes, access), through
        self.unseen = self.unseen or not access.seen

    def _check_use(self, t: Any, value: Value, storage: StorageRecord, made: Value, frame: FrameType) -> None:
        """Whether an operand was written through an alias since it was made."""
        if storage.arrays:
            self.poll(t, storage, frame)
        if value.alias:
            self._check_snapshot(value, storage, made)
            return
        write = storage.alias_write
        if write is None or write[0] <= value.seen_writes:
            return
        value.seen_writes = storage.writes
        if value.graph or storage.superseded or (value.leaf is not None and not value.leaf.parameter):
            writer = None if value.graph or storage.superseded else storage.alias_writer
            self.alias_writes.setdefault(write[1].site, (write[1], made.site or NOWHERE, value.site, writer))

    def _check_snapshot(self, value: Value, storage: StorageRecord, made: Value) -> None:
        """A detached parameter that the graph takes for a constant, although steps go on writing it."""
        if (
            value.owner is None
            or storage.writes <= value.seen_writes
            or not made.open
            or value.alias != "detach"
        ):
            return
        value.seen_writes = storage.writes
        _, access = storage.history[-1]
        self.alias_writes.setdefault(access.site, (access, made.site or NOWHERE, value.site, None))

    def exported(self, array: Any, storage: StorageRecord, t: Any, site: Site, kind: str) -> None:
        """``array`` is a plain ndarray on this storage: from now on its bytes are compared."""
        self.exported_to.add(storage)
        storage.arrays = (*(each for each in storage.arrays if each() is not None), weakref.ref(array))
        if not storage.members:
            storage.join(t, "tensor", None)
        storage.join(array, kind, site)
        storage.checksum = self.framework.checksum(t)
        if kind == "numpy source" and array.size:
            address = array.__array_interface__["data"][0]
            older = self.sources.get(address)
            if older is not None and older is not storage:
                older.superseded = True  # another tensor was made of the same memory since
            self.sources[address] = storage

    def poll(self, t: Any, storage: StorageRecord, frame: FrameType | None = None) -> None:
        """Look whether somebody wrote the bytes through an ndarray since the last look."""
        total = self.framework.checksum(t)
        if storage.checksum is not None and total != storage.checksum and storage.writes == storage.polled:
            site = self.array_writer(storage, frame)
            access = Access("wrote", "numpy", site, False)
            storage.wrote(access)
            storage.alias_write, storage.alias_writer = (storage.writes, access), None
            self.unseen = True
        storage.checksum, storage.polled = total, storage.writes
        storage.arrays = tuple(each for each in storage.arrays if each() is not None)

    def poll_all(self, frame: FrameType) -> None:
        """Look at every storage that an ndarray may have written."""
        for storage in list(self.exported_to):
            if storage.arrays:
                alive = (reference() for reference, kind, *_ in storage.members if kind not in ARRAYS)
                t = next((each for each in alive if each is not None), None)
                if t is not None:
                    self.poll(t, storage, frame)

    def array_written(self, storage: StorageRecord, site: Site) -> None:
        """An assignment to an ndarray on this storage was seen."""
        access = Access("wrote", "numpy", site, False)
        storage.wrote(access)
        storage.alias_write, storage.alias_writer = (storage.writes, access), None
        storage.checksum = None
        self.unseen = True

    def array_writer(self, storage: StorageRecord, frame: FrameType | None) -> Site:
        """The statement that most likely wrote an ndarray: it adds to, or assigns into, its name."""
        for reference, kind, site, *_ in storage.members:
            array = reference()
            if kind in ARRAYS and site is not None:
                name = self.names.of(array, frame) if array is not None else None
                name = name or syntax.assigned_name(site.file, site.line)
                for line in syntax.accumulating_statement(site.file, name) if name else ():
                    if line >= site.line:
                        return self.sites.line(site.file, line, site.function)
                return site
        return NOWHERE
