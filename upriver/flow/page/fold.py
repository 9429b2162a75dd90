"""Fold the river until a map of it can be read: by module, then by function, then by line.

A *pool* is a node of the river, or a fold of several. A *view* is one map: as many pools as can be read, the
leaves that feed them, and, around the inside of a fold, that fold's neighbours. Each fold that a view shows
has a view of its own.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..model import MapNode, River, Site
from ..words import counted, shared_prefix, shortened
from .tidy import tidied

__all__ = ["Pool", "Stream", "View", "fold", "views"]

Kind = Literal["leaf", "operator", "cut", "loss", "fold"]

LIMIT = 26  # pools of one map, without its leaves
SPRINGS = 14  # leaves of one map that stand alone; more are gathered


@dataclass(slots=True, eq=False)
class Pool:
    """One pool: a node, or several folded together."""

    kind: Kind
    label: str
    nodes: list[MapNode]
    inner: list[Pool] = field(default_factory=list)  # what a fold folds
    module: str = ""

    @property
    def dry(self) -> bool:
        """Whether no gradient passes any of its nodes."""
        return all(node.norm is None for node in self.nodes)

    @property
    def norm(self) -> float | None:
        """Of all the gradients that pass: the root of the sum of squares."""
        return together(node.norm for node in self.nodes)

    @property
    def bytes(self) -> int:
        """That it keeps for backward."""
        return sum(node.bytes for node in self.nodes)

    @property
    def operators(self) -> int:
        """How many operator calls it stands for."""
        return sum(node.count for node in self.nodes)


@dataclass(slots=True)
class Stream:
    """Water, or a dry bed, between two pools of a view, by their places."""

    source: int
    target: int
    norm: float | None


@dataclass(slots=True, eq=False)
class View:
    """One map: pools, then leaves, then the neighbours outside."""

    title: str
    parent: View | None
    pools: list[Pool]
    streams: list[Stream]
    outside: int  # pools from here on are neighbours
    fold: Pool | None = None  # whose inside it shows


def together(norms: Iterator[float | None]) -> float | None:
    """The norm of several gradients side by side; None if there are none."""
    present = [norm for norm in norms if norm is not None]
    return math.hypot(*present) if present else None


def fold(river: River) -> Pool:
    """All nodes but the leaves as a tree of pools; the river is tidied."""
    nodes = [node for node in river.nodes if node.kind != "leaf"]
    return Pool("fold", "the river", nodes, _module(nodes, 0))


def _module(nodes: Sequence[MapNode], depth: int) -> list[Pool]:
    """What a module holds: its modules, and its own lines, downstream."""
    inner: dict[str, list[MapNode]] = defaultdict(list)
    own: list[list[MapNode]] = []  # neighbours of one line: a line that is taken up again is another pool
    before: object = None
    for node in nodes:
        parts = node.module.split(".") if node.module and node.kind == "operator" else []
        key = parts[depth] if len(parts) > depth else _line_key(node)
        if isinstance(key, str):
            inner[key].append(node)
        elif key == before:
            own[-1].append(node)
        else:
            own.append([node])
        before = key
    if len(inner) == 1 and not own:  # a module that only wraps another
        return _module(nodes, depth + 1)
    if not inner and len(own) == 1:
        return _runs([_single(node) for node in nodes])
    pools = [_named_fold(members, depth + 1) for members in inner.values()]
    pools += [_line(members) for members in own]
    pools.sort(key=lambda pool: pool.nodes[0].id)
    return _runs(_functions(pools) if len(pools) > LIMIT else pools)


def _line_key(node: MapNode) -> tuple[object, ...]:
    """What neighbours must share to be one pool."""
    known = node.kind == "operator" and node.site is not None
    return (node.site.file, node.site.line) if known and node.site else (node.id,)


def _named_fold(nodes: list[MapNode], depth: int) -> Pool:
    """A module as one pool; a module of one node is that node."""
    if len(nodes) == 1:
        return _single(nodes[0])
    module = shared_prefix([node.module + "." for node in nodes]).rstrip(".")
    return Pool("fold", module, nodes, _module(nodes, max(depth, module.count(".") + 1)), module)


def _single(node: MapNode) -> Pool:
    """A node as a pool."""
    return Pool(node.kind, node.label, [node], module=node.module)


def _line(members: list[MapNode]) -> Pool:
    """Neighbours of one line."""
    if len(members) == 1:
        return _single(members[0])
    site = members[0].site
    label = shortened(site.source, 30) if site and site.source else str(site or "elsewhere")
    return Pool("fold", label, members, [_single(node) for node in members], members[0].module)


def _functions(pools: list[Pool]) -> list[Pool]:
    """Neighbours of one function as one pool, where that leaves several."""
    groups: list[list[Pool]] = []
    for pool in pools:
        if groups and _function(pool) and _function(pool) == _function(groups[-1][-1]):
            groups[-1].append(pool)
        else:
            groups.append([pool])
    if len(groups) == 1:
        return pools
    return [_of_function(group) if len(group) > 1 else group[0] for group in groups]


def _function(pool: Pool) -> str:
    """The function of a pool's lines; "" for modules, cuts and losses, which stay apart."""
    site = pool.nodes[0].site
    if pool.kind in ("cut", "loss") or site is None or (pool.kind == "fold" and pool.label == pool.module):
        return ""
    return "top level" if site.function in ("", "<module>") else f"{site.function}()"


def _of_function(pools: list[Pool]) -> Pool:
    """Pools of one function as one."""
    nodes = [node for pool in pools for node in pool.nodes]
    return Pool("fold", _function(pools[0]), nodes, _runs(pools), pools[0].module)


def _runs(pools: list[Pool]) -> list[Pool]:
    """Too many pools in runs of neighbours; cuts and losses stay outside, while they are few."""
    if len(pools) <= LIMIT:
        return pools
    special = [pool for pool in pools if pool.kind in ("cut", "loss")]
    special = special if len(special) <= LIMIT // 2 else []
    plain = [pool for pool in pools if pool not in special]
    # runs as long as there are runs; more than a map holds are folded again
    each = max(math.ceil(len(plain) / (LIMIT - len(special))), math.isqrt(len(plain)), 2)
    runs = [plain[start : start + each] for start in range(0, len(plain), each)]
    found = special + [_run(run) if len(run) > 1 else run[0] for run in runs]
    return sorted(found, key=lambda pool: pool.nodes[0].id)


def _run(pools: list[Pool]) -> Pool:
    """A run of neighbours as one pool."""
    nodes = [node for pool in pools for node in pool.nodes]
    sites = [node.site for node in nodes if node.site]
    if all(pool.kind == "fold" and pool.module for pool in pools):
        label = f"{pools[0].label} … {pools[-1].label.rpartition('.')[2]}"
    elif sites:
        numbers = [site.line for site in sites]
        low, high = min(numbers), max(numbers)
        label = f"lines {low} to {high}" if low != high else f"line {low}"
    else:
        label = counted(len(nodes), "operator")
    modules = {pool.module for pool in pools}
    return Pool("fold", label, nodes, _runs(pools), modules.pop() if len(modules) == 1 else "")


def _opened(pools: list[Pool]) -> list[Pool]:
    """Folds opened, the smallest first and those of one size together, while the map can be read."""
    while True:
        for inner in sorted({len(pool.inner) for pool in pools if pool.inner}):
            wider = [part for pool in pools for part in (pool.inner if len(pool.inner) == inner else [pool])]
            if len(wider) <= LIMIT:
                pools = wider
                break
        else:
            return pools


def views(river: River) -> Iterator[View]:
    """The map of the whole, then the insides of its folds, nearest first."""
    river = tidied(river)
    feeds = _Feeds(river)
    first = feeds.view(_opened(fold(river).inner), [], "the whole river", None, None)
    waiting = deque([first])
    while waiting:
        view = waiting.popleft()
        yield view
        shown = view.pools[: view.outside]
        for pool in shown:
            if pool.inner:
                around = [other for other in shown if other is not pool and other.kind != "leaf"]
                inside = feeds.view(_opened(pool.inner), around, pool.label, view, pool)
                waiting.append(inside)


class _Feeds:
    """The edges of a river by node, from which views take theirs."""

    def __init__(self, river: River) -> None:
        self.nodes = {node.id: node for node in river.nodes}
        self.below: dict[int, list[tuple[int, float | None]]] = defaultdict(list)
        self.above: dict[int, list[int]] = defaultdict(list)
        for edge in river.edges:
            self.below[edge.source].append((edge.target, edge.norm))
            self.above[edge.target].append(edge.source)
        self.lost = [n for n in river.nodes if n.kind == "leaf" and not self.below[n.id]]

    def view(
        self, pools: list[Pool], around: list[Pool], title: str, parent: View | None, of: Pool | None
    ) -> View:
        """The map of pools, with their leaves and those of their neighbours that touch them."""
        place = {node.id: n for n, pool in enumerate(pools) for node in pool.nodes}
        springs = self._springs(place)
        if parent is None and self.lost:
            springs.append(_spring(self.lost))
        shown = [*pools, *springs]
        place |= {node.id: n for n, pool in enumerate(shown) for node in pool.nodes}
        near = self._neighbours(place)
        outside = [pool for pool in around if any(node.id in near for node in pool.nodes)]
        for n, pool in enumerate(outside, len(shown)):
            place |= {node.id: n for node in pool.nodes}
        streams = self._streams(place, len(shown))
        return View(title, parent, shown + outside, streams, len(shown), of)

    def _neighbours(self, place: dict[int, int]) -> set[int]:
        """The nodes one step up or down."""
        near = {target for node in place for target, _ in self.below[node]}
        return near | {source for node in place for source in self.above[node]}

    def _springs(self, place: dict[int, int]) -> list[Pool]:
        """The leaves above, alone or gathered by where they flow to."""
        ids = sorted(
            {source for node in place for source in self.above[node] if self.nodes[source].kind == "leaf"}
        )
        leaves = [self.nodes[number] for number in ids]
        if len(leaves) <= SPRINGS:
            return [_single(leaf) for leaf in leaves]
        gathered: dict[object, list[MapNode]] = defaultdict(list)
        for leaf in leaves:
            targets = frozenset(place[target] for target, _ in self.below[leaf.id] if target in place)
            gathered[targets, leaf.norm is None].append(leaf)
        return [_spring(members) for members in gathered.values()]

    def _streams(self, place: dict[int, int], inside: int) -> list[Stream]:
        """One stream for all edges between two pools; none between two neighbours outside."""
        found: dict[tuple[int, int], list[float | None]] = defaultdict(list)
        for node, source in place.items():
            for target, norm in self.below[node]:
                here = place.get(target, source)
                if here != source and (source < inside or here < inside):
                    found[source, here].append(norm)
        return [Stream(*ends, together(iter(norms))) for ends, norms in found.items()]


def _spring(leaves: list[MapNode]) -> Pool:
    """Leaves gathered in one pool."""
    if len(leaves) == 1:
        return _single(leaves[0])
    prefix = shared_prefix([leaf.label for leaf in leaves])
    label = f"{prefix}*" if prefix else shortened(", ".join(leaf.label for leaf in leaves), 26)
    return Pool("leaf", label, leaves, module=prefix.rstrip("."))


def site_of(pool: Pool) -> Site | None:
    """The statement of a pool, where it has one."""
    sites = {node.site for node in pool.nodes if node.site}
    return sites.pop() if len(sites) == 1 else None
