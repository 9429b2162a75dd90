"""A checkpointed part without reentry: places in the graph, and the run that fills them.

NOTE [ Recomputation ]. While the part runs at first, each value that a node saves is dropped for a numbered
:class:`Place`. When backward unpacks one, the part is run again: what it saves n-th belongs to place n. Those
still alive (a freed node's are not) get their values, which last until they are fetched or the backward pass
ends. A part within a part keeps its arguments as saved values of the outer one, so that places need nothing
but their own part.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..autograd import enable_grad
from ..autograd.modes import state
from ..autograd.node import Node
from ..autograd.saved import saved_tensors_hooks
from ..errors import CheckpointError, Where, explain, here
from ..kernels.checksum import checksum
from ..storage import Storage
from ..tensor import Tensor, from_array, type_name

__all__ = ["CHECKS", "Region"]

CHECKS = ("default", "none", "metadata")  # everything, nothing, all but the values
KEPT_LINES = 12


class Stopped(BaseException):  # not for the function to catch
    """All values that are needed have been computed again."""


class Note(NamedTuple):
    """What is remembered of a saved value."""

    shape: tuple[int, ...]
    dtype: Any
    total: int | None  # its checksum
    node: str
    name: str
    where: Where

    @property
    def metadata(self) -> dict[str, Any]:
        """What PyTorch compares."""
        t = from_array(np.broadcast_to(np.empty((), self.dtype), self.shape))
        return {"shape": t.shape, "dtype": t.dtype, "device": t.device}

    def __str__(self) -> str:
        role = "result" if self.name == "out" else f"operand `{self.name}`"
        kind = f"{self.metadata['dtype'].name}{list(self.shape)}"
        return f"{role} of {self.node}, {kind}, at {self.where}"


class Place:
    """What a node holds instead of a value: number ``index`` of its part."""

    __slots__ = ("__weakref__", "index", "region")

    def __init__(self, region: Region, index: int) -> None:
        self.region = region
        self.index = index


class Argument:
    """A tensor argument as the second run needs it: as it was, history included, its version checked."""

    __slots__ = ("array", "history", "leaf", "packed", "storage", "tangent", "unpack", "version")

    def __init__(self, t: Tensor) -> None:
        self.history = (t._node, t._number, t.requires_grad)
        self.tangent = None if state.dual is None else state.dual.tangent(t)
        self.leaf = t if t._node is None else None
        packer = next((o for o in reversed(state.observers) if isinstance(o, saved_tensors_hooks)), None)
        self.unpack: Callable[[Any], Tensor] | None = None
        if packer is not None and self.history[2]:
            self.packed = packer.pack_saved(None, "argument", from_array(t._array, t._storage))
            self.unpack, self.leaf = packer.unpack_hook, None
        else:
            self.array, self.storage = t._array, t._storage
            self.version = t._storage.version if not t.is_inference() else 0

    def restore(self, index: int, made: Where) -> Tensor:
        """The argument; raises RuntimeError if it was written since."""
        if self.unpack is not None:
            fetched = self.unpack(self.packed)
            t = from_array(fetched._array, fetched._storage)
        elif self.leaf is None or self.leaf._storage is not self.storage:
            t = from_array(self.array, self.storage)
        else:
            t = self.leaf
        if self.unpack is None and not t.is_inference() and self.storage.version != self.version:
            raise RuntimeError(_written(t, self.storage, self.version, f"argument {index}", made))
        if t is not self.leaf:
            t._node, t._number, t._requires_grad = self.history
            if state.dual is not None:
                state.dual.hold(t, self.tangent)
        return t


def _written(t: Tensor, storage: Storage, version: Any, what: str, where: Where) -> str:
    """The text of the version error."""
    counted = version if isinstance(version, int) else version[0]
    return explain(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"{type_name(t)} is at version {storage.counter}; expected version {counted} instead.",
        f"saved: as {what} of the checkpoint at {where}.",
        *(f"written: by {writer}." for writer in storage.writers if writer.version > counted),
        "mend it: write after backward(), or out of place.",
    )


class Region:
    """One checkpointed call: its places, what is remembered of their values, and how to run it again."""

    def __init__(
        self, again: Callable[..., None], args: tuple[Any, ...], check: str, early_stop: bool, debug: bool
    ) -> None:
        self.again = again
        self.where = here()
        self.check = check
        self.early_stop = early_stop
        self.debug = debug
        self.arguments = [Argument(each) if isinstance(each, Tensor) else each for each in args]
        self.places: list[weakref.ref[Place]] = []
        self.notes: list[Note] = []
        self.complete = False  # whether the first run has ended
        # for each backward pass, what it has still to fetch: value and version by place
        self.found: weakref.WeakKeyDictionary[Any, dict[int, tuple[Tensor, Any]]] = (
            weakref.WeakKeyDictionary()
        )

    def recording(self) -> saved_tensors_hooks:
        """The hooks for the first run."""
        return _Recording(self)

    def note(self, node: Node | None, name: str, t: Tensor) -> Note:
        """What is to be remembered of ``t``, a saved value."""
        total = checksum(np.ascontiguousarray(t._array)) if self.check == "default" else None
        kind = "an inner checkpoint" if node is None else node.name()
        return Note(t._array.shape, t._array.dtype, total, kind, name, here() if node is None else node.where)

    def fetch(self, place: Place) -> Tensor:
        """The value of ``place``, computed again with all others if this backward pass has not done so."""
        key = state.passes[-1] if state.passes else None
        found = {} if key is None else self.found.setdefault(key, {})
        if place.index not in found:
            self.run_again(found)
        t, version = found.pop(place.index)
        if t._storage.version != version:
            note = self.notes[place.index]
            raise RuntimeError(_written(t, t._storage, version, str(note), self.where))
        return t

    def run_again(self, found: dict[int, tuple[Tensor, Any]]) -> None:
        """Run the part again, and put the values of the places that are alive into ``found``."""
        args = [
            each.restore(index, self.where) if isinstance(each, Argument) else each
            for index, each in enumerate(self.arguments)
        ]
        hooks = _Recomputing(self, found)
        try:
            with hooks, enable_grad():
                self.again(*args)
        except Stopped:
            pass
        if self.check != "none" or len(hooks.notes) < len(self.notes):
            self.compare(hooks.notes)

    # -- comparing the runs ----------------------------------------------------------------------------------

    def compare(self, notes: list[Note]) -> None:
        """Raise CheckpointError if the second run saved something else than the first."""
        if not self.complete and len(notes) > len(self.notes):  # backward inside the part: it is not over yet
            notes = notes[: len(self.notes)]
        if len(notes) != len(self.notes):
            raise CheckpointError(
                explain(
                    "torch.utils.checkpoint: A different number of tensors was saved during the original "
                    f"forward and recomputation.\nNumber of tensors saved during forward: {len(self.notes)}\n"
                    f"Number of tensors saved during recomputation: {len(notes)}.",
                    *self.first_difference(notes),
                    *self.advice(notes),
                )
            )
        self.compare_metadata(notes)
        self.compare_values(notes)

    def compare_metadata(self, notes: list[Note]) -> None:
        """Shapes and types, for values somebody may still ask for."""
        differing = [
            (index, old, new)
            for index, (old, new) in enumerate(zip(self.notes, notes, strict=True))
            if (old.shape, old.dtype) != (new.shape, new.dtype) and self.places[index]() is not None
        ]
        if differing and self.check != "none":
            lines = "".join(
                f"tensor at position {index}:\nsaved metadata: {old.metadata}\n"
                f"recomputed metadata: {new.metadata}\n"
                for index, old, new in differing
            )
            raise CheckpointError(
                explain(
                    "torch.utils.checkpoint: Recomputed values for the following tensors have different "
                    f"metadata than during the forward pass.\n{lines}.",
                    *(f"position {index}: first {old}; then {new}." for index, old, new in differing[:4]),
                    *self.advice(notes),
                )
            )

    def compare_values(self, notes: list[Note]) -> None:
        """The values themselves, which PyTorch does not look at."""
        differing = [
            (index, old, new)
            for index, (old, new) in enumerate(zip(self.notes, notes, strict=True))
            if old.total != new.total and self.places[index]() is not None
        ]
        if differing:
            raise CheckpointError(
                explain(
                    "upriver.utils.checkpoint: Recomputed values differ from those of the forward pass, so "
                    "the gradient would be wrong (PyTorch does not notice).",
                    *(f"position {index}: {new}." for index, _, new in differing[:4]),
                    f"{len(differing)} of {len(notes)} saved values differ." if len(differing) > 1 else None,
                    *self.advice(notes),
                    'or: if such a difference is meant, determinism_check="metadata" accepts it.',
                )
            )

    def first_difference(self, notes: list[Note]) -> list[str]:
        """The first position at which one run saved what the other did not."""
        for index in range(max(len(notes), len(self.notes))):
            old = self.notes[index] if index < len(self.notes) else None
            new = notes[index] if index < len(notes) else None
            if old is None or new is None or (old.node, old.where.lineno) != (new.node, new.where.lineno):
                return [f"position {index}: first {old or 'nothing'}; then {new or 'nothing'}."]
        return []

    def advice(self, notes: list[Note]) -> list[str]:
        """Where the checkpoint is, what makes a second run differ, and with ``debug`` all that was saved."""
        lines = [
            f"checkpointed: at {self.where}.",
            "mend it: the function must do the same twice: have it depend on its arguments alone, keep "
            "preserve_rng_state=True for random numbers, and call optimizer.step() after backward().",
        ]
        for title, saved in (("forward", self.notes), ("recomputation", notes)):
            if self.debug:
                lines += [f"saved during {title}:", *(f"  {n}: {note}" for n, note in enumerate(saved))]
        return lines


class _Recording(saved_tensors_hooks):
    """The hooks of the first run: each saved value becomes a place."""

    def __init__(self, region: Region) -> None:
        super().__init__(lambda t: t, lambda place: place.region.fetch(place))
        self.region = region

    def pack_saved(self, node: Node | None, name: str, t: Tensor) -> Place:
        """A place for ``t``, which is forgotten but for a note."""
        region = self.region
        place = Place(region, len(region.places))
        region.places.append(weakref.ref(place))
        region.notes.append(region.note(node, name, t))
        return place


class _Recomputing(saved_tensors_hooks):
    """The hooks of a second run: its saved values are kept, and fill the places."""

    def __init__(self, region: Region, found: dict[int, tuple[Tensor, Any]]) -> None:
        super().__init__(lambda t: t, lambda t: t)
        self.region = region
        self.found = found
        self.notes: list[Note] = []

    def pack_saved(self, node: Node | None, name: str, t: Tensor) -> Tensor:
        """``t`` itself, which is also put into its place; the run ends with the last one."""
        region, index = self.region, len(self.notes)
        if index >= len(region.places):
            if region.complete:
                raise CheckpointError(
                    explain(
                        "torch.utils.checkpoint: trying to save more tensors during recomputation than "
                        "during the original forward pass.",
                        f"position {index}: {region.note(node, name, t)}.",
                        *region.advice(self.notes),
                    )
                )
            return t
        self.notes.append(region.note(node, name, t))
        if region.places[index]() is not None:
            self.found[index] = (t, t._storage.version)
        if region.early_stop and len(self.notes) == len(region.places):
            raise Stopped
        return t
