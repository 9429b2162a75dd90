"""From a recording to the report."""

from __future__ import annotations

import gc
import sys
import time
from collections import defaultdict
from types import FrameType
from typing import Any

from .backwards import NodeView, Statement
from .findings import Raised, findings
from .model import (
    AliasFamily,
    AliasMember,
    Backward,
    Cut,
    Keeper,
    LeafFlow,
    MapEdge,
    MapNode,
    Memory,
    RaisedError,
    Report,
    River,
    Site,
    Status,
)  # fmt: skip
from .recorder import Recorder
from .sites import NOWHERE
from .values import CutRecord, Leaf, StorageRecord

__all__ = ["build"]


def build(recorder: Recorder, error: BaseException | None = None, script: str = "",
          arguments: list[str] | None = None) -> Report:  # fmt: skip
    """The report of what ``recorder`` has seen; ``error`` is what ended the program, if anything did."""
    recorder.name_leaves()
    raised = None
    if error is not None:
        site, failed = recorder.exception(error, error.__traceback__)
        raised = Raised(error, site, failed)
    found = findings(recorder, raised)
    parts = _Parts(recorder)
    report = Report(
        framework=recorder.framework.name, version=recorder.framework.version, script=script,
        arguments=list(arguments or ()), seconds=time.perf_counter() - recorder.started,
        operators=recorder.tracker.operators, steps=recorder.contributions.steps,
        backwards=[parts.backward(statement) for statement in recorder.statements.values()],
        findings=found,
    )  # fmt: skip
    report.cuts = [cut for record, cut in parts.cuts.items() if record.blocked]
    report.aliases = [parts.family(storage) for storage in parts.storages()]
    report.memory = parts.memory(recorder)
    if raised is not None:
        message = raised.message.split("\n", 1)[0]
        where = raised.backward if raised.run is not None else raised.site
        report.raised = RaisedError(type(raised.error).__name__, message, where, raised.explained)
    return report


BIG = 1 << 16  # bytes from which a buffer is worth a word if only a small view keeps it


class _Parts:
    """The parts of a report, made from their records; each cut is one object wherever it appears."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.leaves = recorder.tracker.leaves
        self.cuts: dict[CutRecord, Cut] = {}
        for record in recorder.tracker.cuts.values():
            self.cuts[record] = Cut(
                record.kind, record.site, record.what, record.operator, record.count, [], record.marked
            )

    def cut(self, record: CutRecord, leaf: Leaf) -> Cut:
        """The cut of ``record``, which blocks ``leaf``."""
        made = self.cuts[record]
        if leaf.name not in made.leaves:
            made.leaves.append(leaf.name)
        return made

    # -- backward --------------------------------------------------------------------------------------------

    def backward(self, statement: Statement) -> Backward:
        """One backward statement."""
        leaves = [made for leaf in self.leaves if (made := self.leaf(statement, leaf)) is not None]
        return Backward(
            statement.site, statement.count, statement.loss, leaves,
            sum(1 for view in statement.nodes if view.parents), statement.saved_bytes, statement.error,
            self.river(statement, leaves),
        )  # fmt: skip

    def leaf(self, statement: Statement, leaf: Leaf) -> LeafFlow | None:
        """What became of one leaf; None for one that has nothing to do with this loss."""
        bit = leaf.bit
        t = leaf.ref()
        made = LeafFlow(
            leaf.name, leaf.shape, leaf.dtype.removeprefix("torch."), "unused", None, created=leaf.created
        )
        if bit in statement.reached:
            norm = statement.reached[bit]
            status: Status = "reached"
            if norm == 0:
                status = "structurally-zero" if bit in statement.flat else "zero"
                made.because = statement.flat.get(bit)
            made.status, made.grad_norm = status, norm
            made.partly = [self.cut(record, leaf) for record, _ in statement.partly.get(bit, ())]
        elif bit in statement.cut:
            made.status = "cut"
            made.cuts = [self.cut(record, leaf) for record, _ in statement.cut[bit]]
        elif t is not None and not t.requires_grad:
            made.status = "frozen"
        elif bit in statement.maybe and leaf.used:
            made.status = "cut"
            made.cuts = [self.cut(record, leaf) for record, _ in statement.maybe[bit][-1:]]
        elif not leaf.parameter and not leaf.optimised:
            return None
        return made

    def river(self, statement: Statement, leaves: list[LeafFlow]) -> River:
        """The map of the last inspected pass: operators of one line and module are one pool."""
        river = River()
        pools: dict[Any, MapNode] = {}
        pool_of: dict[int, MapNode] = {}
        for view in statement.nodes:
            key, node = self._pool(view)
            known = pools.get(key)
            if known is None:
                known = pools[key] = node
                node.id = len(river.nodes)
                river.nodes.append(node)
            else:
                known.count += 1
            known.bytes += sum(nbytes for _, _, nbytes in view.saved)
            known.saves += [(name, nbytes, view.name) for name, _, nbytes in view.saved][
                : 16 - len(known.saves)
            ]
            if view.norm is not None:
                known.norm = max(known.norm or 0.0, view.norm)
            pool_of[view.number] = known
        loss = MapNode(len(river.nodes), "loss", statement.loss, site=statement.site)
        river.nodes.append(loss)
        flows: dict[tuple[int, int], float | None] = {}
        for view in statement.nodes:
            target = pool_of[view.number]
            for number, _ in view.parents:
                source = pool_of.get(number)
                if source is not None and source is not target:
                    flows[source.id, target.id] = source.norm
        if statement.nodes:
            first = pool_of[statement.nodes[0].number]
            flows[first.id, loss.id] = first.norm
        self._dams(river, flows, loss, leaves, statement, pool_of)
        river.edges = [MapEdge(source, target, norm) for (source, target), norm in flows.items()]
        return river

    def _pool(self, view: NodeView) -> tuple[Any, MapNode]:
        value = view.value
        leaf = view.leaf
        if leaf is not None:
            made = MapNode(0, "leaf", leaf.name, leaf.name.rpartition(".")[0], leaf.created, shape=leaf.shape)
            return ("leaf", leaf.bit), made
        if value is None:
            return ("node", view.number), MapNode(0, "operator", view.name)
        made = MapNode(
            0, "operator", value.operator or view.name, value.module, value.site, shape=value.shape
        )
        return (value.site, value.operator, value.module), made

    def _dams(self, river: River, flows: dict[tuple[int, int], float | None], loss: MapNode,
              leaves: list[LeafFlow], statement: Statement, pool_of: dict[int, MapNode]) -> None:  # fmt: skip
        """The dry part of the map: each cut between the leaves behind it and where the graph goes on."""
        dams: dict[int, MapNode] = {}
        records = {id(made): record for record, made in self.cuts.items()}
        for leaf in leaves:
            if leaf.status != "cut":
                continue
            number, module = len(river.nodes), leaf.name.rpartition(".")[0]
            river.nodes.append(MapNode(number, "leaf", leaf.name, module, leaf.created, shape=leaf.shape))
            for cut in leaf.cuts:
                dam = dams.get(id(cut))
                if dam is None:
                    dam = dams[id(cut)] = MapNode(len(river.nodes), "cut", cut.kind, site=cut.site)
                    river.nodes.append(dam)
                    for pool in self._below(records[id(cut)], statement, pool_of) or [loss]:
                        flows[dam.id, pool.id] = None
                flows[number, dam.id] = None

    def _below(self, cut: CutRecord, statement: Statement, pool_of: dict[int, MapNode]) -> list[MapNode]:
        """The first operators of the graph that took up what ``cut`` has cut."""
        views = {view.number: view for view in statement.nodes}
        after = {n for n, v in views.items() if v.value is not None and cut in dict(v.value.cuts)}
        first = set()
        for number in after:
            above, seen = [n for n, _ in views[number].parents if n in views], set[int]()
            while above:  # nodes that no statement has called belong to the one below them
                each = above.pop()
                if each not in seen:
                    seen.add(each)
                    if views[each].value is None:
                        above += [n for n, _ in views[each].parents if n in views]
            if not seen & after:
                first.add(number)
        return [pool_of[number] for number in sorted(first)]

    # -- memory ----------------------------------------------------------------------------------------------

    def memory(self, recorder: Recorder) -> Memory:
        """What graphs kept alive."""
        made = Memory(growth=recorder.growths(), cycles=recorder.cycles())
        for statement in recorder.statements.values():
            if statement.saved_bytes > made.peak_saved_bytes:
                made.peak_saved_bytes, made.peak_site = statement.saved_bytes, statement.site
                made.keepers = _keepers(statement)
        for growth in made.growth:
            growth.bytes_per_iteration = growth.bytes_per_iteration or _growth_bytes(recorder, growth.site)
            growth.iterations_left = _iterations_left(growth.bytes_per_iteration)
        return made

    def storages(self) -> list[StorageRecord]:
        """The buffers worth telling of: shared by several, the largest first."""
        shared = [s for s in self.recorder.tracker.storages() if len(s.members) > 1]
        return sorted(shared, key=lambda s: (-len(s.unseen), -s.nbytes))[:20]

    def family(self, storage: StorageRecord) -> AliasFamily:
        """One buffer and all that look into it."""
        members, smallest, whole = [], "", False
        names = self.recorder.tracker.names
        for reference, kind, site, shape, nbytes in storage.members:
            t = reference()
            name = (names.of(t) if t is not None else None) or _assigned(site) or "a tensor"
            members.append(AliasMember(name, kind, shape, nbytes, site, t is not None))
            if t is not None and kind == "view" and nbytes * 16 <= storage.nbytes:
                smallest = name
            elif t is not None and storage.nbytes >= BIG and _is_held(t):
                whole = True
        pinned = smallest if storage.nbytes >= BIG and not whole else ""
        return AliasFamily(storage.nbytes, members, list(storage.accesses), pinned)


def _is_held(t: Any) -> bool:
    """Whether something of the program's holds ``t``, and not only a view of it inside the framework."""
    return any(not isinstance(each, FrameType) for each in gc.get_referrers(t))


def _assigned(site: Site | None) -> str | None:
    from .syntax import assigned_name

    return assigned_name(site.file, site.line) if site is not None else None


def _keepers(statement: Statement) -> list[Keeper]:
    grouped: dict[tuple[Site, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for view in statement.nodes:
        site = (view.call.site if view.call is not None else None) or NOWHERE
        operator = view.call.operator if view.call is not None else view.name
        for name, _, nbytes in view.saved:
            entry = grouped[site, operator, name, view.name]
            entry[0] += nbytes
            entry[1] += 1
    made = [Keeper(*key, nbytes, count) for key, (nbytes, count) in grouped.items()]
    return sorted(made, key=lambda keeper: -keeper.bytes)[:200]


def _growth_bytes(recorder: Recorder, site: Site) -> int:
    """About what one more iteration adds: a node and its result for each operator of the graph."""
    sizes = [sum(1 for view in s.nodes if view.parents) for s in recorder.statements.values()]
    return max(sizes, default=0) * 200


def _iterations_left(nbytes: int) -> int | None:
    if not nbytes or not sys.platform.startswith("linux"):
        return None
    with open("/proc/meminfo") as lines:
        available = next((int(line.split()[1]) for line in lines if line.startswith("MemAvailable")), None)
    return available * 1024 // nbytes if available is not None else None
