"""What both recorders do with a program's calls: each kind of event has one method here.

A recorder hears of a call before it runs, runs it, and says what came of it. Names are canonical: a method's
or function's own name, ``get grad`` and ``set grad`` for properties.
"""

from __future__ import annotations

import sys
import time
import weakref
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from . import syntax
from .backwards import Pass, Statement
from .contributions import Contributions
from .exits import ON_WRITE, TracedArray, origin_of, traced
from .framework import Framework
from .keepers import Drop, Drops, Grown
from .model import Access, Growth, Site
from .sites import NOWHERE, Sites
from .tracker import Tracker
from .values import Leaf, Value

__all__ = ["Recorder"]

EXITS = {
    "item": "item", "__float__": "item", "__int__": "item", "__index__": "item", "__complex__": "item",
    "tolist": "tolist", "numpy": "numpy", "__array__": "numpy",
}  # fmt: skip
FACTORIES = frozenset({"tensor", "as_tensor", "asarray", "from_numpy", "scalar_tensor", "full", "full_like"})
ZEROING = frozenset({"zero_", "_foreach_zero_"})
FILLING = frozenset({"fill_", "mul_", "__imul__"})  # with a zero
NOT_A_READ = frozenset({"get grad", "set grad", "set requires_grad", "requires_grad_", "detach_", "detach"})

Run = Callable[..., Any]


class Recorder:
    """A recording: :meth:`call` for every call of the program, the rest for what is no call."""

    def __init__(self, framework: Framework, sites: Sites) -> None:
        self.framework = framework
        self.tracker = Tracker(framework, sites)
        self.sites = sites
        self.contributions = Contributions()
        self.statements: dict[tuple[str, int], Statement] = {}
        self.exits: list[tuple[Any, int, int]] = []  # cut, leaves behind it, epoch
        self.non_leaf_reads: dict[Site, Site] = {}  # where the non-leaf was made: where .grad was read
        self.non_leaf_given: dict[Site, Site] = {}  # the same for what an optimiser was given
        self.turned_off: list[Site] = []  # where requires_grad was switched off
        self.stale: list[tuple[Access, Site, str, Site]] = []  # write, saved where, by what, which backward
        self.drops_of = Drops(framework)
        self.grown = Grown(self.tracker)
        self.has_optimizer = False
        self.inside = False
        self.optimizers: weakref.WeakSet[Any] = weakref.WeakSet()
        self.modules: dict[int, Any] = {}  # weak references to root modules that ran
        self.started = time.perf_counter()
        self.failed: dict[int, tuple[str, Any]] = {}  # what is known of exceptions, by id
        self.numbers: dict[int, tuple[Any, Value]] = {}  # plain numbers that left, by id
        self.internal: tuple[str, ...] = ()  # files whose calls are an optimiser's own
        self._internal_files: dict[str, bool] = {}
        self.tracker.on_manual_step = lambda leaf, site: self.contributions.step(leaf, site, False)
        self.recent: list[Statement] = []  # run since the last step of an optimiser
        ON_WRITE.append(self.array_written)

    def is_internal(self, file: str) -> bool:
        """Whether calls from ``file`` are an optimiser's own."""
        known = self._internal_files.get(file)
        if known is None:
            known = self._internal_files[file] = file.startswith(self.internal)
        return known

    def close(self) -> None:
        """Stop listening."""
        if self.array_written in ON_WRITE:
            ON_WRITE.remove(self.array_written)

    # -- calls -----------------------------------------------------------------------------------------------

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
            return result
        for t in inputs:
            if t is result:  # float() of a float, dropout() in evaluation: nothing was computed
                return result
        if outputs := self.outputs(result):
            if name in FACTORIES:
                self._made(name, args, inputs, outputs, more, frame)
            else:
                self.tracker.operated(name, inputs, outputs, frame, None, more)
        return result

    def operands(self, args: Any, inputs: list[Any], more: list[Value]) -> None:
        """Collect the tensors among ``args``, and what is known of numbers and arrays there."""
        is_tensor = self.framework.is_tensor
        for each in args:
            if is_tensor(each):
                inputs.append(each)
            elif isinstance(each, (list, tuple)):
                if each and (len(each) <= 64 or is_tensor(each[0])):
                    self.operands(each, inputs, more)
            elif self.exits:
                known = origin_of(each)
                if known is None and type(each) is float:
                    entry = self.numbers.get(id(each))
                    known = entry[1] if entry is not None and entry[0] is each else None
                if known is not None:
                    more.append(known)

    def outputs(self, result: Any) -> list[Any]:
        """The tensors in a result."""
        if self.framework.is_tensor(result):
            return [result]
        if isinstance(result, (list, tuple)):
            return [t for each in result for t in (self.outputs(each) if each is not None else ())]
        return []

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
        tracker.remember(out, value)
        if out.requires_grad and out.grad_fn is None:
            tracker._make_leaf(out, value, site)

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

    # -- gradients -------------------------------------------------------------------------------------------

    def _touch_grads(self, name: str, inputs: list[Any], rest: Any = ()) -> None:
        """Whether an operator reads, or clears, somebody's gradient."""
        if name in ZEROING or (name in FILLING and _is_zero(rest)):
            self._zeroed(inputs)
            return
        for t in inputs:
            leaf = self.contributions.leaf_of(t)
            if leaf is not None and name not in NOT_A_READ:
                self.contributions.used(leaf, True)
                self.tracker.value_of(t).of_grads |= leaf.mask

    def _zeroed(self, gradients: list[Any]) -> None:
        for t in gradients:
            leaf = self.contributions.leaf_of(t)
            if leaf is not None:
                self.contributions.zeroed(leaf)

    def get_grad(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """``t.grad`` was read."""
        t = args[0]
        result = run(*args)
        if self.is_internal(frame.f_code.co_filename):
            return result
        if t.grad_fn is not None:
            if result is None and self.sites.is_user(frame.f_code.co_filename):
                made = self.tracker.value_of(t).site
                if made is not None:
                    self.non_leaf_reads.setdefault(made, self.sites.here(frame))
        elif result is not None and t.requires_grad:
            leaf = self.tracker.value_of(t).leaf
            if leaf is not None:
                self.contributions.know(result, leaf)
        return result

    def set_grad(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """``t.grad`` was assigned, or deleted."""
        result = run(*args)
        if args[0].grad_fn is None and args[0].requires_grad:
            leaf = self.tracker.value_of(args[0]).leaf
            if leaf is not None:
                self.contributions.zeroed(leaf)
                if len(args) > 1 and args[1] is not None:
                    self.contributions.know(args[1], leaf)
        return result

    def given(self, parameters: Any, frame: FrameType) -> None:
        """An optimiser was given parameters."""
        self.has_optimizer = True
        site = self.sites.here(frame)
        for t in parameters:
            if not self.framework.is_tensor(t):
                continue
            value = self.tracker.value_of(t)
            if value.leaf is not None:
                value.leaf.optimised = True
            elif t.grad_fn is not None and value.site is not None:
                self.non_leaf_given[value.site] = site

    def in_a_module(self, leaf: Leaf) -> bool:
        """Whether a module that ran owns the leaf."""
        t = leaf.ref()
        roots = [module for reference in self.modules.values() if (module := reference()) is not None]
        return any(t is p for module in roots for p in module.parameters())

    def growths(self) -> list[Growth]:
        """Names that keep the graphs of past iterations."""
        return self.grown.found()

    def drops(self) -> list[Drop]:
        """Graphs recorded for nothing."""
        seconds = time.perf_counter() - self.started
        return self.drops_of.found(seconds, self.framework.node_seconds())

    def step(self, optimizer: Any, closure: bool, frame: FrameType) -> None:
        """An optimiser is about to step."""
        site = self.sites.here(frame)
        self.optimizers.add(optimizer)
        self.contributions.steps += 1
        for group in optimizer.param_groups:
            for t in group["params"]:
                leaf = self.tracker.value_of(t).leaf
                if leaf is None:
                    continue
                if not leaf.optimised:
                    leaf.optimised = True
                    self.learn_names(frame)
                leaf.statements.update(self.recent)
                if t.grad is not None:
                    self.contributions.step(leaf, site, closure)
        self.recent = []

    def stepped(self, optimizer: Any, frame: FrameType) -> None:
        """An optimiser has stepped: what its closure has computed was of use."""
        for group in optimizer.param_groups:
            for t in group["params"]:
                leaf = self.tracker.value_of(t).leaf
                if leaf is not None and leaf.ledger is not None and leaf.ledger.pending:
                    self.contributions.used(leaf, False)
                    leaf.ledger.pending = {}

    # -- backward --------------------------------------------------------------------------------------------

    def backward(self, name: str, run: Run, args: Any, kwargs: Any, frame: FrameType) -> Any:
        """``t.backward()``, ``autograd.backward(tensors)`` or ``autograd.grad(outputs, inputs)``."""
        if self.inside:
            return run(*args, **kwargs)
        given = args[0] if args else kwargs.get("outputs", kwargs.get("tensors"))
        roots = [
            t for t in (given if isinstance(given, (list, tuple)) else [given]) if self.framework.is_tensor(t)
        ]
        site = self.sites.here(frame)
        statement = self.statements.get((site.file, site.line))
        if statement is None:
            loss = self.tracker.names.of(roots[0], self.sites.user_frame(frame)) if roots else None
            statement = self.statements[site.file, site.line] = Statement(site, loss or "loss")
            self.learn_names(frame)
            self.tracker.files.update((each.file, None) for each in self.sites.stack(frame))
        ends = not (kwargs.get("create_graph") or _positional(name, args))
        self.tracker.poll_all(frame)
        run_pass = Pass(self.tracker, statement, roots)
        if statement not in self.recent:
            self.recent.append(statement)
        self.stale += run_pass.stale()
        self.inside, error = True, ""
        try:
            return run(*args, **kwargs)
        except Exception as raised:
            error = str(raised).split("\n", 1)[0]
            run_pass.failed(error)
            self.failed[id(raised)] = (error, (run_pass, site))
            raise
        finally:
            self.inside = False
            returns = name == "grad"
            run_pass.finish(error, None if returns else self._contributed)
            if ends and not error:
                self.tracker.epoch += 1
                self.grown.boundary()

    def _contributed(self, leaf: Leaf, site: Site) -> None:
        self.contributions.contributed(leaf, site)
        t = leaf.ref()
        if t is not None and t.grad is not None:
            self.contributions.know(t.grad, leaf)

    # -- leaving the graph -----------------------------------------------------------------------------------

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
        for storage in list(self.tracker.storages.values()):
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
            self.turned_off.append(self.sites.here(frame))
            del self.turned_off[:-8]
        return result

    def set_grad_enabled(self, on: bool, frame: FrameType) -> None:
        """The program has switched recording on or off."""
        self.tracker.enabled = on
        if not on and not self.is_internal(frame.f_code.co_filename):
            self.tracker.off = self.sites.here(frame)
        elif on:
            self.tracker.off = None

    # -- names -----------------------------------------------------------------------------------------------

    def learn_names(self, frame: FrameType) -> None:
        """Learn the names of modules and leaves that the running frames can see."""
        names, user = self.tracker.names, self.sites.user_frame(frame)
        if user is None:
            return
        for name, module in names.find_modules(user):
            names.learn_module(name, module)
        for leaf in self.tracker.leaves:
            t = leaf.ref()
            if not leaf.name and t is not None:
                leaf.name = names.of(t, user) or ""

    def finish(self, frame: FrameType) -> None:
        """The program has ended; ``frame`` sees its globals."""
        self.learn_names(frame)
        self.grown.boundary()
        self.grown.name()

    def name_leaves(self) -> None:
        """Give every leaf a name at last: what its statement assigns, where nothing better is known."""
        for leaf in self.tracker.leaves:
            t = leaf.ref()
            if t is not None:
                leaf.name = self.tracker.names.of(t) or leaf.name
            if not leaf.name:
                site = leaf.created
                leaf.name = (
                    syntax.assigned_name(site.file, site.line) or f"a leaf of shape {list(leaf.shape)}"
                )

    def exception(self, raised: BaseException, traceback: TracebackType | None) -> tuple[Site, Any]:
        """Where the user's program raised, and what a failed backward has left to say."""
        site = NOWHERE
        while traceback is not None:
            code = traceback.tb_frame.f_code
            if self.sites.is_user(code.co_filename):
                site = self.sites.at(code, traceback.tb_lasti)
            traceback = traceback.tb_next
        return site, self.failed.get(id(raised))


IN_PLACE = frozenset({
    "__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ifloordiv__", "__imod__",
    "__ipow__", "__iand__", "__ior__", "__ixor__", "__ilshift__", "__irshift__",
})  # fmt: skip


def _positional(name: str, args: Any) -> bool:
    """Whether create_graph was given by position."""
    place = 4 if name == "grad" else 3
    return len(args) > place and args[place] is True


def _is_zero(rest: Any) -> bool:
    return bool(rest) and isinstance(rest[0], (int, float)) and rest[0] == 0


def _blocked(known: Value, cuts: Any) -> Value:
    made = Value(known.site, known.operator)
    made.cuts, made.upstream = cuts, known.upstream
    return made


def _same_memory(array: Any, other: Any) -> bool:
    if array is None:
        return False
    numpy = sys.modules["numpy"]
    return bool(array is other or numpy.may_share_memory(array, other))
