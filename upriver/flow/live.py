"""The report of a loss that nobody recorded: what its graph, and the tensors that are alive, can tell."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from ..tensor import EXITS, Tensor
from ..tensor import Cut as Origin
from .holders import cycles
from .kept import kept_by
from .model import Backward, Cut, Cycle, Finding, LeafFlow, MapEdge, MapNode, Memory, Report, River, Site
from .names import Names
from .reach import Reach, Scope
from .sites import NOWHERE, Sites

__all__ = ["of_graph", "site_of"]

LIMIT = (
    "Outside a recording only graphs and tensors that are alive can be looked at: which statement cut which "
    "leaf, and what has been dropped, is not known."
)
REPEAT = "Run the forward inside `with up.record() as rec:` and ask rec.report(): that names the statements."


def of_graph(loss: Any, frame: FrameType) -> Report:
    """The report on ``loss`` as the code that ``frame`` runs sees it: see :func:`upriver.explain`."""
    return _Look(loss, frame).report()


def site_of(node: Any, sites: Sites) -> Site | None:
    """Where a node was made, if it knows: upriver's do."""
    where = getattr(node, "where", None)
    return sites.at(where.code, where.instruction) if where is not None else None


class _Look:
    """One look at a loss."""

    def __init__(self, loss: Any, frame: FrameType) -> None:
        self.loss = loss
        self.frame = frame
        self.sites = Sites()
        self.scope = Scope(frame)
        self.reach = Reach(loss)
        self.here = self.sites.here(frame)
        self.name = self.scope.name(loss, "loss")

    def report(self) -> Report:
        ours = isinstance(self.loss, Tensor)
        version = sys.modules["upriver" if ours else "torch"].__version__
        report = Report("upriver" if ours else "torch", str(version), operators=0)
        report.cuts = list(self.cuts())
        leaves = [*self.reached(), *self.unreached(report.cuts)]
        kept, _ = kept_by([self.loss], self.sites)
        nodes = [node for node in self.reach.nodes.values() if not hasattr(node, "variable")]
        total = sum(keeper.bytes for keeper in kept)
        report.backwards = [Backward(self.here, 0, self.name, leaves, len(nodes), total, river=self.river())]
        report.memory = Memory(total, self.here if total else None, kept)
        for path in cycles(self.loss, name=self.name):
            report.memory.cycles.append(Cycle(path))
        report.findings = [*self.findings(report)]
        return report

    def reached(self) -> Iterator[LeafFlow]:
        for node in self.reach.nodes.values():
            if hasattr(node, "variable"):
                yield self.leaf(self.scope.name(node.variable), node.variable, "reached")

    def unreached(self, cuts: list[Cut]) -> Iterator[LeafFlow]:
        """The leaves that the code can see and the loss does not reach."""
        seen: set[int] = set()
        for name, t in self.visible():
            if id(t) in seen or self.reach.has(t) or t is self.loss:
                continue
            seen.add(id(t))
            made = self.leaf(name, t, "unused" if t.requires_grad else "frozen")
            if t.requires_grad and cuts:
                made.status, made.cuts = "cut", list(cuts)
                for cut in cuts:
                    cut.leaves.append(name)
            yield made

    def visible(self) -> Iterator[tuple[str, Any]]:
        """Parameters of the modules in sight, and variables that are leaves."""
        for _, module in Names().find_modules(self.frame):
            yield from ((self.scope.name(t, name), t) for name, t in module.named_parameters())
        yield from ((name, t) for name, t in self.scope.tensors() if t.grad_fn is None and t.requires_grad)

    def leaf(self, name: str, t: Any, status: Any) -> LeafFlow:
        return LeafFlow(name, tuple(t.shape), str(t.dtype).removeprefix("torch."), status, None)

    # -- cuts ------------------------------------------------------------------------------------------------

    def cuts(self) -> Iterator[Cut]:
        """The statements that may be to blame."""
        seen: set[Site] = set()
        for node in self.reach.ends():
            yield Cut("detach", site_of(node, self.sites) or NOWHERE, "", "sever")
        for origin in self.origins():
            site = self.sites.at(origin.where.code, origin.where.instruction)
            if site not in seen:
                seen.add(site)
                kind, operator = _kind(origin.kind)
                yield Cut(kind, site, origin.of, operator, intended=self.sites.marked(site))

    def origins(self) -> Iterator[Origin]:
        if not isinstance(self.loss, Tensor):
            return
        yield from self.loss._origin or ()
        for _, value in self.scope.tensors():
            if isinstance(value, Tensor) and value is not self.loss:
                yield from value._origin or ()
        if not self.loss.requires_grad and not self.loss._origin:
            yield from EXITS

    def findings(self, report: Report) -> Iterator[Finding]:
        names = [leaf.name for leaf in report.backwards[0].leaves if leaf.status in ("cut", "unused")]
        related = [(f"{cut.operator or cut.kind} cuts here", cut.site) for cut in report.cuts]
        if not self.loss.requires_grad:
            first = report.cuts[0] if report.cuts else None
            message = f"{self.name} has no history: backward() would have nothing to follow."
            fix = (
                f"Drop the {first.operator or first.kind}, or what it cuts." if first is not None else REPEAT
            )
            site = first.site if first is not None else self.here
            yield Finding("no-history", "error", site, message, fix, related[1:], names)
        elif names:
            what = f"{len(names)} leaves" if len(names) > 4 else ", ".join(names)
            message = f"The graph of {self.name} does not lead to {what}" + (
                "; one of the cuts below may be to blame." if related else "."
            )
            yield Finding("unreached-parameter", "warning", self.here, message, REPEAT, related, names)
        yield Finding("not-recorded", "note", self.here, LIMIT, REPEAT)

    # -- the map ---------------------------------------------------------------------------------------------

    def river(self) -> River:
        """The graph as a map, a pool for each node."""
        numbers = {key: number for number, key in enumerate(self.reach.nodes)}
        river = River([self.pool(numbers[key], node) for key, node in self.reach.nodes.items()])
        for key, node in self.reach.nodes.items():
            for following, _ in node.next_functions:
                if following is not None and id(following) in numbers:
                    river.edges.append(MapEdge(numbers[id(following)], numbers[key]))
        loss = MapNode(len(river.nodes), "loss", self.name, site=self.here)
        if river.nodes:
            river.edges.append(MapEdge(numbers[id(self.loss.grad_fn)], loss.id))
        river.nodes.append(loss)
        return river

    def pool(self, number: int, node: Any) -> MapNode:
        if hasattr(node, "variable"):
            name = self.scope.name(node.variable)
            return MapNode(number, "leaf", name, name.rpartition(".")[0], shape=tuple(node.variable.shape))
        label = re.sub(r"Backward\d*$", "", node.name())
        return MapNode(number, "operator", label, site=site_of(node, self.sites))


def _kind(said: str) -> tuple[str, str]:
    """Kind and operator of a cut as an upriver tensor remembers it: "argmax() (not differentiable)"."""
    operator, _, more = said.partition("() ")
    if more:
        return ("no_grad" if "no_grad" in more else "non-differentiable"), operator
    operator = said.removesuffix("()").removeprefix(".")
    return ("detach" if operator == "sever" else operator), operator
