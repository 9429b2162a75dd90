"""Events about gradients: passes, what reads and clears them, steps of optimisers."""

from __future__ import annotations

from types import FrameType
from typing import Any

from .backwards import Pass, Statement
from .framework import Framework
from .model import Site
from .recording import Recording, Run
from .sites import Sites
from .values import Leaf

__all__ = ["GradientEvents"]

ZEROING = frozenset({"zero_", "_foreach_zero_"})
FILLING = frozenset({"fill_", "mul_", "__imul__"})  # with a zero
NOT_A_READ = frozenset({"get grad", "set grad", "set requires_grad", "requires_grad_", "detach_", "detach"})


class GradientEvents(Recording):
    """``backward()``, ``t.grad`` and optimisers."""

    def __init__(self, framework: Framework, sites: Sites) -> None:
        super().__init__(framework, sites)
        self.tracker.on_manual_step = self._manual_step

    def _touch_grads(self, name: str, inputs: list[Any], rest: Any = ()) -> None:
        """Whether an operator reads, or clears, somebody's gradient."""
        if name in ZEROING or (name in FILLING and _is_zero(rest)):
            self._zeroed(inputs)
            return
        for t in inputs:
            leaf = self.contributions.leaf_of(t)
            if leaf is not None and name not in NOT_A_READ:
                self.contributions.used(leaf, True)
                self.tracker.value_of(t).of_grads = frozenset(
                    [(leaf.bit, self.contributions.account(leaf).cleared)]
                )

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
                    leaf.grads += 1
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
                self.contributions.account(leaf).closure = site if closure else None
                if t.grad is not None:
                    self.contributions.step(leaf, site, closure)
        self.recent = []

    def written_by(self, optimizer: Any, frame: FrameType) -> None:
        """An optimiser has written the parameters that have a gradient."""
        site, name = self.sites.here(frame), f"{type(optimizer).__name__}.step"
        for group in optimizer.param_groups:
            for t in group["params"]:
                value = self.tracker.value_of(t)
                if value.storage is not None and t.grad is not None:
                    self.tracker.wrote(value.storage, value, name, site)
                    value.seen_writes = value.storage.writes

    def cleared(self, optimizer: Any) -> None:
        """All gradients of an optimiser's parameters are about to be zeroed, or dropped."""
        for group in optimizer.param_groups:
            for t in group["params"]:
                leaf = self.tracker.value_of(t).leaf
                if leaf is not None and t.grad is not None:
                    self.contributions.zeroed(leaf)

    def _manual_step(self, leaf: Leaf, of_grads: frozenset[tuple[int, int]], site: Site) -> None:
        """``leaf`` was written with something computed from its own gradient."""
        if (leaf.bit, self.contributions.account(leaf).cleared) in of_grads:
            self.contributions.step(leaf, site, False)

    def stepped(self, optimizer: Any, frame: FrameType) -> None:
        """An optimiser has stepped: what its closure has computed was of use."""
        for group in optimizer.param_groups:
            for t in group["params"]:
                leaf = self.tracker.value_of(t).leaf
                if leaf is not None and leaf.ledger is not None:
                    leaf.ledger.closure = None
                    self.contributions.used(leaf, False)
                    leaf.ledger.pending = {}

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
        ends = not (kwargs.get("create_graph") or _creates_graph(name, args))
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
            asked = self._asked(args, kwargs) if returns else 0
            run_pass.finish(error, None if returns else self._contributed, asked)
            if ends and not error:
                self.tracker.epoch += 1
                self.grown.boundary()

    def _asked(self, args: Any, kwargs: Any) -> int:
        """The leaves whose gradients ``autograd.grad()`` was asked for."""
        given = args[1] if len(args) > 1 else kwargs.get("inputs", ())
        tensors = [
            t for t in (given if isinstance(given, (list, tuple)) else [given]) if self.framework.is_tensor(t)
        ]
        leaves = [leaf for t in tensors if (leaf := self.tracker.value_of(t).leaf) is not None]
        return sum(leaf.mask for leaf in dict.fromkeys(leaves))

    def _contributed(self, leaf: Leaf, site: Site, gradient: Any) -> None:
        self.contributions.contributed(leaf, site)
        self.contributions.know(gradient, leaf)


def _creates_graph(name: str, args: Any) -> bool:
    """Whether create_graph was given by position."""
    place = 4 if name == "grad" else 3
    return len(args) > place and args[place] is True


def _is_zero(rest: Any) -> bool:
    return bool(rest) and isinstance(rest[0], (int, float)) and rest[0] == 0
