"""Events by which values leave the graph: aliases outside it, numbers, arrays, switches."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from .exits import ON_WRITE, TracedArray, traced
from .framework import Framework
from .gradients import GradientEvents
from .recording import Run
from .sites import Sites
from .values import Value

__all__ = ["EXITS", "LeavingEvents"]

EXITS = {
    "item": "item", "__float__": "item", "__int__": "item", "__index__": "item", "__complex__": "item",
    "__format__": "item", "tolist": "tolist", "numpy": "numpy", "__array__": "numpy",
}  # fmt: skip


class LeavingEvents(GradientEvents):
    """``detach()``, ``.data``, ``item()``, ``numpy()``, ``Parameter()``, ``requires_grad``, ``no_grad``."""

    def __init__(self, framework: Framework, sites: Sites) -> None:
        super().__init__(framework, sites)
        ON_WRITE.append(self.array_written)

    def close(self) -> None:
        """Stop listening to arrays."""
        if self.array_written in ON_WRITE:
            ON_WRITE.remove(self.array_written)

    def alias(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """``detach()`` and ``.data``."""
        t = args[0]
        result = run(*args)
        if self.is_internal(frame.f_code.co_filename):
            return result
        leaf = self.contributions.leaf_of(t) if self.contributions._grads else None
        if leaf is not None:
            self.contributions.know(result, leaf)
        elif self.sites.is_user(frame.f_code.co_filename) or name == "detach":
            self.tracker.aliased("data" if name == "get data" else "detach", t, result, frame)
            if t.grad_fn is not None:
                self.drops_of.detached(t, self.sites.here(frame))
        return result

    def detach_(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """``t.detach_()``: the tensor itself leaves."""
        t, tracker, site = args[0], self.tracker, self.sites.here(frame)
        before = tracker.value_of(t)
        result = run(*args)
        if self.contributions.leaf_of(t) is None and before.graph:
            made = Value(site, "detach_")
            made.epoch = made.oldest = tracker.epoch
            made.storage, made.seen_writes, made.upstream = (
                before.storage,
                before.seen_writes,
                before.upstream,
            )
            if before.upstream:
                cut = tracker.cut("detach_", site, "detach_", tracker.what(t, before))
                made.cuts = (*before.cuts, (cut, before.upstream))
            tracker.remember(t, made)
        return result

    def exit(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """``item()``, ``float()``, ``tolist()``, ``numpy()``: the value goes where no gradient follows."""
        t = args[0]
        result = run(*args, **kwargs)
        if self.is_internal(frame.f_code.co_filename):
            return result
        if self.contributions._grads:
            self._touch_grads(name, [t])
        kind = EXITS[name]
        known = self.tracker.left(kind, name.strip("_"), t, frame)
        if kind == "numpy":
            return self._exported(t, result, known, frame)
        if known.upstream:
            self.exits.append((known.cuts[-1][0], known.upstream, self.tracker.epoch))
            del self.exits[:-64]
            if name.startswith("__"):
                if name == "__format__":
                    return result
                self.numbers[id(result)] = (result, known)  # Python insists on a plain number here
                if len(self.numbers) > 4096:
                    self.numbers.pop(next(iter(self.numbers)))
                return result
            return traced(result, known)
        return result

    def _exported(self, t: Any, result: Any, known: Value, frame: FrameType) -> Any:
        value = self.tracker.value_of(t)
        if known.upstream:
            self.exits.append((known.cuts[-1][0], known.upstream, self.tracker.epoch))
        if type(result).__name__ == "ndarray":
            result = result.view(TracedArray)
            result.origin = known if known.upstream else None
        if value.storage is not None and self.framework.shares(t, result):
            self.tracker.exported(result, value.storage, t, self.sites.here(frame), "ndarray")
        return result

    def array_written(self, array: Any, frame: FrameType) -> None:
        """Somebody assigned into an array that shows a tensor."""
        for storage in list(self.tracker.exported_to):
            if storage.arrays and any(_same_memory(each(), array) for each in storage.arrays):
                self.tracker.array_written(storage, self.sites.here(frame))

    def rewrapped(self, result: Any, source: Any, frame: FrameType) -> None:
        """``Parameter(source)`` has made a leaf of ``source``."""
        tracker, site = self.tracker, self.sites.here(frame)
        known = tracker.value_of(source)
        value = Value(site, "Parameter")
        value.epoch = value.oldest = tracker.epoch
        if known.graph or (known.upstream and known.leaf is None):
            cut = tracker.cut("parameter", site, "Parameter", tracker.what(source, known))
            value.cuts = (*known.cuts, (cut, known.upstream))
            value.upstream = known.upstream
        tracker.remember(result, value)
        if result.requires_grad:
            tracker._make_leaf(result, value, site).rewrapped = bool(value.cuts)

    def set_data(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """``t.data = other``: the memory is exchanged under the tensor."""
        t, tracker = args[0], self.tracker
        value = tracker.value_of(t)
        result = run(*args)
        if value.storage is not None and not self.is_internal(frame.f_code.co_filename):
            data = Value(self.sites.here(frame), "data")
            data.alias = ".data"
            tracker.wrote(value.storage, data, "x.data = ...", self.sites.here(frame))
        value.storage = None
        tracker._place(t, value)
        return result

    def set_requires_grad(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """``requires_grad_()`` or ``requires_grad = ...``."""
        result = run(*args, **kwargs)
        on = args[1] if len(args) > 1 else kwargs.get("requires_grad", True)
        self.tracker.switched(args[0], bool(on), frame)
        if not on:
            site = self.sites.here(frame)
            self.turned_off.append(site)
            del self.turned_off[:-8]
            leaf = self.tracker.value_of(args[0]).leaf
            if leaf is not None:
                leaf.frozen = site
        return result

    def set_grad_enabled(self, on: bool, frame: FrameType) -> None:
        """The program has switched recording on or off."""
        self.tracker.enabled = on
        if not on and not self.is_internal(frame.f_code.co_filename):
            self.tracker.off = self.sites.here(frame)
        elif on:
            self.tracker.off = None


def _same_memory(array: Any, other: Any) -> bool:
    if array is None:
        return False
    numpy = sys.modules["numpy"]
    return bool(array is other or numpy.may_share_memory(array, other))
