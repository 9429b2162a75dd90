"""Memory: a buffer, how often it was written, and who wrote last.

NOTE [ Aliasing ]. A :class:`Storage` owns the buffer and the version counter. Views share their base's
storage. ``detach()`` shares it too: same storage, same counter. ``clone()`` has its own. ``.data`` shares the
buffer under a fresh counter (PyTorch's hole), so its writes are reported to the storage it came from as
*unseen*. Every in-place operation bumps the counter and notes the writer. A saved value remembers the counter
it was saved at, and is checked when backward unpacks it.

NOTE [ Memory shared with NumPy ]. A write through an ndarray bumps no counter. So a storage whose buffer is
reachable as a plain ndarray (``numpy()``, ``from_numpy``) becomes a :class:`WatchedStorage`: a checksum of
its bytes is compared whenever its version is read (when a value is saved, when it is used) and when the
ndarray dies; a change that no operation made counts as a *foreign* write. Ordinary storages pay nothing for
this.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any

import numpy as np

from .errors import Where, here
from .kernels.checksum import checksum

__all__ = ["InferenceStorage", "Storage", "Writer"]

Array = np.ndarray[Any, Any]

KEPT_WRITERS = 4
# of a storage that only one tensor holds, inside expose(): tensor, caller, self, getrefcount


class Writer:
    """One in-place write: the operation, the statement, and the alias it went through."""

    __slots__ = ("alias", "alias_made", "operation", "version", "where")

    def __init__(
        self, operation: str, where: Where, version: int, alias: str, alias_made: Where | None
    ) -> None:
        self.operation = operation
        self.where = where
        self.version = version
        self.alias = alias
        self.alias_made = alias_made

    def __str__(self) -> str:
        made = f" made at {self.alias_made}" if self.alias_made is not None else ""
        through = f" through {self.alias}{made}" if self.alias else ""
        return f"{self.operation} at {self.where}{through}"


class Storage:
    """A buffer shared by every tensor that aliases it, with the version counter of NOTE [ Aliasing ]."""

    __slots__ = ("__weakref__", "array", "version", "watch", "writers")

    array: Array
    version: Any
    writers: tuple[Writer, ...]
    watch: Watch | None

    @classmethod
    def on(cls, array: Array) -> Storage:
        """A storage that owns ``array``, never written. There is no ``__init__``: one made once an operation
        is filled in by its maker, at half the cost.
        """
        storage = cls()
        storage.array = array
        storage.version = 0
        storage.writers = ()
        storage.watch = None
        return storage

    @property
    def counter(self) -> int:
        """How many in-place operations have written the buffer."""
        return self.version  # type: ignore[no-any-return]

    def bump(
        self, operation: str, alias: str = "", alias_made: Where | None = None, where: Where | None = None
    ) -> None:
        """Count one in-place write and note its writer: ``where``, or the user's running statement."""
        where = here() if where is None else where
        version = self.counter + 1
        _counter.__set__(self, version)
        writer = Writer(operation, where, version, alias, alias_made)
        self.writers = (writer, *self.writers[: KEPT_WRITERS - 1])
        if self.watch is not None and self.watch.origin is not None:
            self.watch.origin.wrote_unseen(writer)

    def watched(self) -> Watch:
        """Make this a :class:`WatchedStorage` and return what it watches."""
        if self.watch is None:
            self.watch = Watch()
            if type(self) is Storage:
                self.__class__ = WatchedStorage
        return self.watch

    def expose(self, array: Array | None) -> None:
        """Note that ``array`` is a plain ndarray on this buffer (None: one that cannot be followed)."""
        saved_somewhere = self._references() > UNSHARED_REFERENCES
        watch = self.watched()
        if array is None:
            watch.always_exposed = True
        else:
            watch.exports = (*watch.exports, weakref.ref(array, _Released(self)))
        if saved_somewhere:  # what was saved before now must not change either
            watch.poll(self)

    def _references(self) -> int:
        return sys.getrefcount(self)

    def _references_from_a_method(self) -> int:
        """What :meth:`expose` counts for a storage that one tensor holds: how many references are its own."""
        return self._references()

    def wrote_unseen(self, writer: Writer) -> None:
        """Note a write that the version counter does not see: one through ``.data``."""
        watch = self.watched()
        watch.unseen += 1
        watch.unseen_writer = writer

    def nbytes(self) -> int:
        """Bytes of the whole buffer, however small the tensor that keeps it alive."""
        return root_buffer(self.array).nbytes

    def size(self) -> int:
        """As :meth:`nbytes`: an untyped storage counts bytes."""
        return self.nbytes()

    def data_ptr(self) -> int:
        """The address of the buffer's first byte."""
        return root_buffer(self.array).__array_interface__["data"][0]  # type: ignore[no-any-return]


_counter: Any = Storage.__dict__["version"]


class Watch:
    """What makes a storage's version more than a number: exported arrays, unseen writes, detach_()."""

    # Class attributes are the defaults: most of a watch is never set, and one is made with every from_numpy.
    always_exposed = False
    exports: tuple[weakref.ref[Array], ...] = ()
    foreign = 0  # writes through plain ndarrays, as found by polling
    known: int | None = None  # the checksum at the last poll,
    known_at = 0  # and the counter then
    unseen = 0  # writes through .data
    unseen_writer: Writer | None = None
    warned = 0  # of how many of them the user has been told
    origin: Storage | None = None
    detached_array: Array | None = None
    detached_at: Where | None = None

    def exposed(self) -> bool:
        """Whether somebody can still write the buffer as a plain ndarray."""
        if self.exports:
            self.exports = tuple(reference for reference in self.exports if reference() is not None)
        return self.always_exposed or bool(self.exports)

    def poll(self, storage: Storage) -> None:
        """Count a foreign write if the bytes differ from the last poll although no operation wrote them."""
        total, counter = checksum(storage.array), _counter.__get__(storage)
        if self.known is not None and self.known_at == counter and self.known != total:
            self.foreign += 1
        self.known, self.known_at = total, counter


class _Released:
    """Called when an exported array dies: a last look at what it may have written."""

    __slots__ = ("storage",)

    def __init__(self, storage: Storage) -> None:
        self.storage = weakref.ref(storage)

    def __call__(self, reference: weakref.ref[Array]) -> None:
        storage = self.storage()
        if storage is not None and storage.watch is not None and storage.watch.known is not None:
            storage.watch.poll(storage)
            if not storage.watch.exposed():
                storage.watch.known = None


class _Holder:
    """Holds a storage as a tensor does."""

    __slots__ = ("storage",)

    storage: Storage


def _count_of_an_unshared_storage() -> int:
    holder = _Holder()
    holder.storage = Storage.on(np.empty(0))
    return holder.storage._references_from_a_method()


UNSHARED_REFERENCES = _count_of_an_unshared_storage()  # the count depends on the version of Python


class WatchedStorage(Storage):
    """A storage whose version also tells of writes that no counter sees; see NOTE [ Memory shared with NumPy
    ].
    """

    __slots__ = ()

    @property
    def version(self) -> tuple[int, int, int, bool]:
        """Counter, writes through .data, writes through plain ndarrays, whether detached in place."""
        watch = self.watch
        assert watch is not None
        if watch.always_exposed or (watch.exports and watch.exposed()):
            watch.poll(self)
        return (_counter.__get__(self), watch.unseen, watch.foreign, watch.detached_array is not None)

    @property
    def counter(self) -> int:
        """How many in-place operations have written the buffer."""
        return _counter.__get__(self)  # type: ignore[no-any-return]


class InferenceStorage(Storage):
    """Memory made in inference mode: it has no version, so nothing on it can be saved for backward."""

    __slots__ = ()

    @property
    def version(self) -> Any:
        """Refused: there is no version to check a saved value against."""
        raise RuntimeError(
            "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference "
            "mode in computation tracked by autograd. To work around this, you can make a clone to get a "
            "normal tensor and use it in autograd, or use `torch.no_grad()` instead of "
            "`torch.inference_mode()`."
        )

    @property
    def counter(self) -> int:
        """Inference tensors keep none: always 0."""
        return 0


def root_buffer(array: Array) -> Array:
    """The array that owns the memory ``array`` looks into."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
