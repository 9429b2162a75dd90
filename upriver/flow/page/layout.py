"""Lay a map out in layers: springs above, the mouth below, few crossings, straight streams.

The steps are Sugiyama's: break cycles, assign layers, order each layer by the middle of its neighbours, and
then place each layer by least squares: nothing overlaps, and everything is as near as it can be to what it
flows from and to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Layout", "place"]

BETWEEN = 26.0  # from side to side
BELOW = 36.0  # from layer to layer
BEND = 14.0  # the room of a stream that passes a layer

Point = tuple[float, float]


@dataclass(slots=True)
class Layout:
    """Where things are: the middle of each box, and the points that each stream passes."""

    centers: list[Point]
    routes: list[list[Point]]
    width: float
    height: float


class _Graph:
    """Boxes, and the bends of streams that pass layers, as points in layers."""

    def __init__(self, sizes: Sequence[Point], edges: Sequence[tuple[int, int]], light: set[int]) -> None:
        self.sizes = list(sizes)
        self.real = len(sizes)
        self.light = light
        self.edges = [(b, a) if back else (a, b) for (a, b), back in _acyclic(len(sizes), edges)]
        self.turned = [ends != given for ends, given in zip(self.edges, edges, strict=True)]
        self.layer = _layers(len(sizes), self.edges)
        self.chains = [self._chain(a, b) for a, b in self.edges]
        self.up: list[list[int]] = [[] for _ in self.sizes]
        self.down: list[list[int]] = [[] for _ in self.sizes]
        for chain in self.chains:
            for a, b in pairwise(chain):
                self.down[a].append(b)
                self.up[b].append(a)
        self.rows: list[list[int]] = [[] for _ in range(max(self.layer, default=-1) + 1)]
        for point, row in enumerate(self.layer):
            self.rows[row].append(point)

    def _chain(self, a: int, b: int) -> list[int]:
        """The points of a stream: its ends, and one in each layer between."""
        chain = [a]
        for row in range(self.layer[a] + 1, self.layer[b]):
            chain.append(len(self.sizes))
            self.sizes.append((BEND, 0.0))
            self.layer.append(row)
        return [*chain, b]

    def weight(self, a: int, b: int) -> float:
        """How much the stream between two points wants to be straight."""
        if a in self.light or b in self.light:
            return 0.3
        bends = (a >= self.real) + (b >= self.real)
        return (3.0, 1.0, 4.0)[bends]


def _acyclic(count: int, edges: Sequence[tuple[int, int]]) -> list[tuple[tuple[int, int], bool]]:
    """Each edge, and whether it closes a cycle and has to be turned round."""
    down: list[list[int]] = [[] for _ in range(count)]
    for a, b in edges:
        down[a].append(b)
    # 0: not seen, 1: on the path, 2: done
    state, back = [0] * count, set()
    for root in range(count):
        path = [(root, iter(down[root]))] if not state[root] else []
        state[root] = state[root] or 1
        while path:
            here, following = path[-1]
            step = next(following, None)
            if step is None:
                state[here] = 2
                path.pop()
            elif state[step] == 1:
                back.add((here, step))
            elif not state[step]:
                state[step] = 1
                path.append((step, iter(down[step])))
    return [(edge, edge in back) for edge in edges]


def _layers(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The longest way from a source; sources themselves stand just above what they feed."""
    down: dict[int, list[int]] = defaultdict(list)
    waiting = [0] * count
    for a, b in edges:
        down[a].append(b)
        waiting[b] += 1
    sources = [point for point in range(count) if not waiting[point]]
    layer, ready = [0] * count, list(sources)
    while ready:
        here = ready.pop()
        for below in down[here]:
            layer[below] = max(layer[below], layer[here] + 1)
            waiting[below] -= 1
            if not waiting[below]:
                ready.append(below)
    for source in sources:
        if down[source]:
            layer[source] = min(layer[below] for below in down[source]) - 1
    return layer


def place(sizes: Sequence[Point], edges: Sequence[tuple[int, int]], light: set[int]) -> Layout:
    """Boxes of (width, height) and edges between them, as a layout; `light` boxes give way to the others."""
    graph = _Graph(sizes, edges, light)
    _order(graph)
    x = _across(graph)
    y, height = _down(graph)
    left = min((x[p] - graph.sizes[p][0] / 2 for p in range(len(x))), default=0.0)
    right = max((x[p] + graph.sizes[p][0] / 2 for p in range(len(x))), default=0.0)
    points = [(x[p] - left, y[p]) for p in range(len(x))]
    routes = []
    for chain, turned in zip(graph.chains, graph.turned, strict=True):
        route = [points[p] for p in chain]
        routes.append(route[::-1] if turned else route)
    return Layout(points[: graph.real], routes, right - left, height)


def _order(graph: _Graph) -> None:
    """Sort the layers, down and up in turn, by the middle of the neighbours: springs to both sides."""
    rank: dict[int, float] = {}
    for row in graph.rows:
        rank |= {point: place for place, point in enumerate(row)}
    for sweep in range(8):
        downwards = sweep % 2 == 0
        for row in graph.rows if downwards else reversed(graph.rows):
            near = graph.up if downwards else graph.down
            wanted = {p: sum(rank[q] for q in near[p]) / len(near[p]) if near[p] else rank[p] for p in row}
            if not downwards:
                _spread(graph, row, wanted)
            row.sort(key=wanted.__getitem__)
            rank |= {point: place for place, point in enumerate(row)}


def _spread(graph: _Graph, row: list[int], wanted: dict[int, float]) -> None:
    """Springs of one pool left and right of what else flows into it; single ones from either side in turn."""
    turn: dict[int, int] = defaultdict(int)
    for point in row:
        if point in graph.light and graph.down[point]:
            below = graph.down[point][0]
            number = turn[below] + 1 + graph.layer[below] % 2
            turn[below] += 1
            wanted[point] += 0.01 * number * (-1) ** number


def _across(graph: _Graph) -> list[float]:
    """The x of each point."""
    x = [0.0] * len(graph.sizes)
    for row in graph.rows:
        for point, value in zip(row, _apart(graph, row, [0.0] * len(row)), strict=True):
            x[point] = value
    for sweep in range(12):
        for row in graph.rows if sweep % 2 == 0 else reversed(graph.rows):
            wanted = [_middle(graph, point, x) for point in row]
            for point, value in zip(row, _apart(graph, row, wanted), strict=True):
                x[point] = value
    return x


def _middle(graph: _Graph, point: int, x: list[float]) -> float:
    """Where a point would be, were it alone in its layer."""
    total = weights = 0.0
    for other in (*graph.up[point], *graph.down[point]):
        weight = graph.weight(point, other)
        total += weight * x[other]
        weights += weight
    return total / weights if weights else x[point]


def _apart(graph: _Graph, row: Sequence[int], wanted: Sequence[float]) -> list[float]:
    """Nearest to what is wanted, in order and without overlap: pool adjacent violators."""
    blocks: list[list[float]] = []  # [weight, weighted sum, how many]
    offsets, offset = [], 0.0
    for n, point in enumerate(row):
        if n:
            offset += (graph.sizes[row[n - 1]][0] + graph.sizes[point][0]) / 2 + BETWEEN
        offsets.append(offset)
        weight = 0.05 if point in graph.light else 1.0
        blocks.append([weight, weight * (wanted[n] - offset), 1])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][0] >= blocks[-1][1] / blocks[-1][0]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    means = [total / weight for weight, total, many in blocks for _ in range(int(many))]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _down(graph: _Graph) -> tuple[list[float], float]:
    """The y of each point, and the height of all layers."""
    y, top = [0.0] * len(graph.sizes), 0.0
    for row in graph.rows:
        tall = max(graph.sizes[point][1] for point in row)
        for point in row:
            y[point] = top + tall / 2
        top += tall + BELOW
    return y, max(top - BELOW, 0.0)
