"""A river made ready to be folded: numbered downstream, without the nodes that belong to another's call.

PyTorch's graph has nodes that no line of the program called: within `linear` there are an AddmmBackward0 and
a TBackward0. They have no statement, and are taken into the call that they flow to.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from ..model import MapEdge, MapNode, River

__all__ = ["tidied"]


def tidied(river: River) -> River:
    """The same water with fewer nodes, whose ids are their places downstream."""
    nodes = {node.id: node for node in river.nodes}
    edges = [edge for edge in river.edges if edge.source in nodes and edge.target in nodes]
    owner = _owners(nodes, edges)
    order = _downstream(nodes, edges)
    number = {place: n for n, place in enumerate(place for place in order if owner[place] == place)}
    kept = {place: replace(nodes[place], id=n, saves=list(nodes[place].saves)) for place, n in number.items()}
    for place, node in nodes.items():
        if owner[place] != place:
            whole = kept[owner[place]]
            whole.bytes += node.bytes
            whole.saves += node.saves
    joined = [
        MapEdge(number[owner[edge.source]], number[owner[edge.target]], edge.norm)
        for edge in edges
        if owner[edge.source] != owner[edge.target]
    ]
    return River(list(kept.values()), joined)


def _owners(nodes: dict[int, MapNode], edges: list[MapEdge]) -> dict[int, int]:
    """For each node, the one that it is drawn with: itself, or the call that it is a part of."""
    below: dict[int, int] = {}
    for edge in edges:
        below.setdefault(edge.source, edge.target)
    owner: dict[int, int] = {}
    for start in nodes:
        path, here = [], start
        while here not in owner and here not in path and _nameless(nodes[here]) and here in below:
            path.append(here)
            here = below[here]
        found = owner.get(here, here)
        # a part flows to its call; it is not carried over a dam or into the sea
        whole = found if nodes[found].kind == "operator" and not _nameless(nodes[found]) else None
        owner |= {place: place if whole is None else whole for place in path}
        owner.setdefault(here, here)
    return owner


def _nameless(node: MapNode) -> bool:
    """Whether no line of the program is known to have called it."""
    return node.kind == "operator" and not node.module and (node.site is None or not node.site.line)


def _downstream(nodes: dict[int, MapNode], edges: list[MapEdge]) -> list[int]:
    """The nodes in an order in which water runs, what flows together close together."""
    above: dict[int, list[int]] = defaultdict(list)
    for edge in edges:
        above[edge.target].append(edge.source)
    ends = {edge.source for edge in edges}
    order: list[int] = []
    seen: set[int] = set()
    # from the mouths; what lies on a cycle that reaches none comes last
    for root in [*(place for place in nodes if place not in ends), *nodes]:
        path = [] if root in seen else [(root, iter(above[root]))]
        seen.add(root)
        while path:
            here, sources = path[-1]
            source = next((place for place in sources if place not in seen), None)
            if source is None:
                order.append(here)
                path.pop()
            else:
                seen.add(source)
                path.append((source, iter(above[source])))
    return order
