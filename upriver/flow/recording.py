"""The state of a recording, and what its events have in common."""

from __future__ import annotations

import time
import weakref
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

from . import syntax
from .backwards import Statement
from .contributions import Contributions
from .exits import origin_of
from .framework import Framework
from .holders import cycles
from .keepers import Drop, Drops, Grown
from .model import Access, Cycle, Growth, Site
from .sites import Sites
from .tracker import Tracker
from .values import Value

__all__ = ["Recording", "Run"]

Run = Callable[..., Any]
MOST_CYCLES = 3  # that a report names


class Recording:
    """What is known so far: of tensors by the tracker, of gradients by their accounts, of passes."""

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
        self.paths: dict[int, tuple[Any, str]] = {}  # of all modules that run, by id
        self.started = time.perf_counter()
        self.failed: dict[int, tuple[str, Any]] = {}  # what is known of exceptions, by id
        self.numbers: dict[int, tuple[Any, Value]] = {}  # plain numbers that left, by id
        self.looked: Counter[Site] = Counter()  # at the names around writing statements
        self.internal: tuple[str, ...] = ()  # files whose calls are an optimiser's own
        self._internal_files: dict[str, bool] = {}
        self.recent: list[Statement] = []  # run since the last step of an optimiser

    def is_internal(self, file: str) -> bool:
        """Whether calls from ``file`` are an optimiser's own."""
        known = self._internal_files.get(file)
        if known is None:
            known = self._internal_files[file] = file.startswith(self.internal)
        return known

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

    def cycles(self) -> list[Cycle]:
        """Parameters that their own gradient's graph keeps alive."""
        found: list[Cycle] = []
        for leaf in self.tracker.leaves:
            t = leaf.ref()
            if (
                t is not None
                and t.grad is not None
                and t.grad.grad_fn is not None
                and len(found) < MOST_CYCLES
            ):
                paths = cycles(t, 1, leaf.name)
                found += [Cycle(path, leaf.created) for path in paths]
        return found

    def growths(self) -> list[Growth]:
        """Names that keep the graphs of past iterations."""
        return self.grown.found()

    def drops(self) -> list[Drop]:
        """Graphs recorded for nothing."""
        seconds = time.perf_counter() - self.started
        return self.drops_of.found(seconds, self.framework.node_seconds())
