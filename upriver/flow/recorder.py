"""What both recorders do with a program's calls: each kind of event has one method.

A recorder hears of a call before it runs, runs it, and says what came of it. Names are canonical: a method's
or function's own name, ``get grad`` and ``set grad`` for properties. The events are in three files:
:mod:`.gradients`, :mod:`.leaving`, and all operators here.
"""

from __future__ import annotations

import abc
import weakref
from types import FrameType, TracebackType
from typing import Any

from .gradients import ZEROING
from .leaving import EXITS, LeavingEvents
from .model import Access, Site
from .recording import Run
from .sites import NOWHERE
from .twins import shared_by_surprise
from .values import Value

__all__ = ["EXITS", "Recorder"]

# Of their operands these take only shape and type.
SHAPED_LIKE = frozenset({
    "empty_like", "zeros_like", "ones_like", "full_like", "rand_like", "randn_like", "randint_like",
    "new_empty", "new_zeros", "new_ones", "new_full",
})  # fmt: skip
# Memory that is made to be filled: writing it through views is what it is for.
FRESH = SHAPED_LIKE | {"empty", "zeros", "ones", "full"}
LOOKS = 2  # at the names around one writing statement
FACTORIES = frozenset({"tensor", "as_tensor", "asarray", "from_numpy", "scalar_tensor", "full"})
IN_PLACE = frozenset({
    "__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ifloordiv__", "__imod__",
    "__ipow__", "__iand__", "__ior__", "__ixor__", "__ilshift__", "__irshift__",
})  # fmt: skip


class Recorder(LeavingEvents):
    """A recording of one program, from a framework's calls."""

    @abc.abstractmethod
    def start(self) -> None:
        """Begin to listen, in this thread."""

    @abc.abstractmethod
    def stop(self) -> None:
        """Listen no longer, and leave the framework as it was."""

    def operator(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """Any operator: creation, arithmetic, views, writes."""
        inputs: list[Any] = []
        more: list[Value] = []
        self.operands(args, inputs, more)
        if kwargs:
            self.operands(kwargs.values(), inputs, more)
        if self.is_internal(frame.f_code.co_filename):
            return self._internal(name, run, args, kwargs, inputs, frame)
        if self.contributions._grads:
            self._touch_grads(name, inputs, args[1:2])
        writes = inputs and (name[-1:] == "_" and (name[-2:] != "__" or name in IN_PLACE))
        target = kwargs["out"] if kwargs and kwargs.get("out") is not None else inputs[0] if writes else None
        before = (
            self.tracker.value_of(target) if target is not None and self.framework.is_tensor(target) else None
        )
        result = run(*args, **kwargs) if kwargs else run(*args)
        if before is not None:
            self.tracker.operated(name, inputs, [target], frame, before, more)
            if before.leaf is None and before.operator not in FRESH and self.framework.grad_enabled():
                self._check_names(name, target, frame)
            return result
        for t in inputs:
            if t is result:  # float() of a float, dropout() in evaluation: nothing was computed
                return result
        if outputs := self.outputs(result):
            if name in SHAPED_LIKE:
                self.tracker.operated(name, [], outputs, frame)
            elif name in FACTORIES:
                self._made(name, args, inputs, outputs, more, frame)
            else:
                self.tracker.operated(name, inputs, outputs, frame, None, more)
        return result

    def _made(self, name: str, args: Any, inputs: list[Any], outputs: list[Any], more: list[Value],
              frame: FrameType) -> None:  # fmt: skip
        """A factory made a tensor of data: of a tensor's, of what has left, or of new data."""
        tracker, site, out = self.tracker, self.sites.here(frame), outputs[0]
        value = Value(site, name)
        value.epoch = value.oldest = tracker.epoch
        if inputs and out is inputs[0]:
            return
        for t in inputs:
            known = tracker.value_of(t)
            cuts = known.cuts
            if known.upstream and name != "as_tensor":
                cut = tracker.cut("tensor", site, name, tracker.what(t, known))
                cuts = (*cuts, (cut, known.upstream))
            more = [*more, _blocked(known, cuts)]
        for each in more:
            value.upstream |= each.upstream
            value.cuts = (*value.cuts, *each.cuts)
        if not more:
            recent = [(cut, mask) for cut, mask, epoch in self.exits[-4:] if epoch >= tracker.epoch - 1]
            value.maybe = tuple(recent)
        key, nbytes = self.framework.storage(out)
        value.storage = tracker.new_storage(key, nbytes)  # its address may have been another's
        tracker.remember(out, value)
        if out.requires_grad and out.grad_fn is None:
            tracker._make_leaf(out, value, site)

    def _check_names(self, name: str, target: Any, frame: FrameType) -> None:
        """Whether what was written goes by a second name; looked at twice for each statement."""
        site = self.sites.here(frame)
        if self.looked[site] >= LOOKS or name == "__setitem__":
            return
        self.looked[site] += 1
        read = shared_by_surprise(target, self.sites, frame)
        if read is not None:
            access = Access("wrote", name, site)
            self.tracker.alias_writes.setdefault(site, (access, read, None, None))

    def _internal(
        self, name: str, run: Run, args: Any, kwargs: Any, inputs: list[Any], frame: FrameType
    ) -> Any:
        """A call of an optimiser's own code: only its writes matter."""
        result = run(*args, **kwargs) if kwargs else run(*args)
        if name in ZEROING:
            self._zeroed(inputs)
        elif name[-1:] == "_" and inputs:
            site = self.sites.here(frame)
            for t in inputs if name.startswith("_foreach") else inputs[:1]:
                value = self.tracker.value_of(t)
                if value.storage is not None and value.leaf is not None:
                    self.tracker.wrote(value.storage, value, name, site)
                    value.seen_writes = value.storage.writes
        return result

    def from_numpy(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """``from_numpy(array)``: a tensor on memory that an ndarray shows."""
        made = run(*args, **kwargs)
        more: list[Value] = []
        self.operands(args, [], more)
        self._made(name, args, [], [made], more, frame)
        value = self.tracker.value_of(made)
        if value.storage is not None:
            self.tracker.exported(args[0], value.storage, made, self.sites.here(frame), "numpy source")
        return made

    def shown(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """``repr(t)``: whoever prints a gradient has read it."""
        if self.contributions._grads:
            self._touch_grads(name, [args[0]])
        return run(*args, **kwargs)

    def group_added(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """An optimiser gets a group of parameters."""
        group = args[1] if len(args) > 1 else kwargs.get("param_group")
        given = group.get("params") if isinstance(group, dict) else None
        if given is not None:
            given = [given] if self.framework.is_tensor(given) else list(given)
            group["params"] = given
            self.given([each[1] if isinstance(each, tuple) else each for each in given], frame)
        return run(*args, **kwargs)

    def module(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """A module runs: what is called inside it carries its path."""
        module, outer = args[0], self.tracker.module
        known = self.paths.get(id(module))
        if known is None or known[0]() is not module:
            known = self._learn_module(module)
        self.tracker.module = known[1]
        try:
            return run(*args, **kwargs)
        finally:
            self.tracker.module = outer

    def _learn_module(self, module: Any) -> tuple[Any, str]:
        self.modules[id(module)] = weakref.ref(module)
        for path, each in module.named_modules():
            self.paths[id(each)] = (weakref.ref(each), path)
        return self.paths[id(module)]

    def finish(self, frame: FrameType) -> None:
        """The program has ended; ``frame`` sees its globals."""
        self.learn_names(frame)
        self.grown.boundary(last=True)
        for leaf in self.tracker.leaves:
            if leaf.optimised:
                self.contributions.left_over(leaf)
        self.grown.name()

    def exception(self, raised: BaseException, traceback: TracebackType | None) -> tuple[Site, Any]:
        """Where the user's program raised, and what a failed backward has left to say."""
        site = NOWHERE
        while traceback is not None:
            code = traceback.tb_frame.f_code
            if self.sites.is_user(code.co_filename):
                site = self.sites.at(code, traceback.tb_lasti)
            traceback = traceback.tb_next
        return site, self.failed.get(id(raised))


def _blocked(known: Value, cuts: Any) -> Value:
    made = Value(known.site, known.operator)
    made.cuts, made.upstream = cuts, known.upstream
    return made
