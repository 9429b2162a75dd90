"""What the panel beside the map says of a pool, as short lists that the page's script shows."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ..model import Cut, LeafFlow, MapNode, Site
from ..words import clean, counted, norm, shape, shortened, size
from .fold import Pool, site_of

__all__ = ["Details"]

ROWS = 12  # of one list


class Details:
    """Describes pools. `anchors` are the lines that the page's listing shows."""

    def __init__(self, leaves: list[LeafFlow], cuts: list[Cut], anchors: dict[tuple[str, int], str]) -> None:
        self.leaves = {leaf.name: leaf for leaf in leaves}
        self.cuts = {(cut.site, cut.kind): cut for cut in cuts}
        self.anchors = anchors

    def of(self, pool: Pool, inside: int | None) -> dict[str, Any]:
        """A pool: its title, kind, facts (name, value), lines and saves; `inside` is a fold's view."""
        site = site_of(pool)
        told: dict[str, Any] = {"kind": _kind(pool), "title": clean(shortened(pool.label, 200))}
        told["facts"] = self._facts(pool)
        if site:
            told["lines"] = [self._line(site)]
        elif len(pool.nodes) > 1:
            told |= self._many(pool)
        saves = [save for node in pool.nodes for save in node.saves] if len(pool.nodes) == 1 or site else []
        if saves:
            rows = sorted(saves, key=lambda save: -save[1])[:ROWS]
            told["saves"] = [[clean(value), size(kept), clean(rule)] for value, kept, rule in rows]
        if inside is not None:
            told["inside"] = inside
        return told

    def _line(self, site: Site, what: str = "") -> list[str]:
        """A statement: its place, its text, where the listing has it, and what of it."""
        anchor = self.anchors.get((site.file, site.line), "")
        return [clean(site) if site.file else "", clean(shortened(site.source, 160)), anchor, what]

    def _facts(self, pool: Pool) -> list[list[str]]:
        """Names and values."""
        node = pool.nodes[0]
        single = len(pool.nodes) == 1
        facts = [["module", clean(pool.module)]] if pool.module and pool.module != pool.label else []
        if pool.kind == "cut":
            facts += self._cut(node)
        else:
            facts.append(["gradient norm", norm(pool.norm) if not pool.dry else "none arrives"])
        if pool.kind == "leaf" and single:
            facts += self._leaf(node)
        if single and pool.kind != "cut" and (node.shape or pool.kind == "leaf"):
            facts.append(["shape", shape(node.shape)])
        if pool.bytes:
            facts.append(["keeps for backward", size(pool.bytes)])
        if pool.operators > 1 and pool.kind != "leaf":
            facts.append(["calls", f"{pool.operators:,}"])
        return facts

    def _leaf(self, node: MapNode) -> list[list[str]]:
        """What became of a leaf's gradient."""
        leaf = self.leaves.get(node.label)
        if leaf is None:
            return []
        cuts = [
            ["cut by", f"{clean(cut.operator or cut.kind)}  {clean(cut.site)}"] for cut in leaf.cuts[:ROWS]
        ]
        partly = [["other paths cut by", clean(cut.site)] for cut in leaf.partly[:ROWS]]
        return [["outcome", leaf.status.replace("-", " ")], ["type", clean(leaf.dtype)], *cuts, *partly]

    def _cut(self, node: MapNode) -> list[list[str]]:
        """What a dam holds back."""
        cut = self.cuts.get((node.site or Site("", 0), node.label))
        if cut is None:
            return [["gradient", "stops here"]]
        names = ", ".join(cut.leaves[:ROWS]) + (
            f" and {len(cut.leaves) - ROWS:,} more" if cut.leaves[ROWS:] else ""
        )
        stops = [["stops", clean(names)]] if names else []
        meant = [["intended", "yes"]] if cut.intended else []
        return [["cuts off", clean(shortened(cut.what, 200))], *stops, *meant, ["times", f"{cut.count:,}"]]

    def _many(self, pool: Pool) -> dict[str, Any]:
        """What a fold holds: leaves with their norms, or the lines that keep the most."""
        if pool.kind == "leaf":
            rows = [
                [clean(leaf.label), shape(leaf.shape), norm(leaf.norm)] for leaf in pool.nodes[: 2 * ROWS]
            ]
            return {"leaves": rows, "more": max(len(pool.nodes) - 2 * ROWS, 0)}
        kept: dict[Site, list[int]] = defaultdict(lambda: [0, 0])
        for node in pool.nodes:
            if node.site:
                kept[node.site][0] += node.bytes
                kept[node.site][1] += node.count
        ranked = sorted(kept.items(), key=lambda item: -item[1][0])
        lines = [
            self._line(site, size(total) if total else counted(calls, "call"))
            for site, (total, calls) in ranked[:ROWS]
        ]
        return {"lines": lines, "more": max(len(ranked) - ROWS, 0)}


def _kind(pool: Pool) -> str:
    """What a pool is, in words."""
    if pool.kind == "leaf":
        return "leaf" if len(pool.nodes) == 1 else counted(len(pool.nodes), "leaf", "leaves")
    if pool.kind == "fold":
        return "module" if pool.module and pool.label == pool.module else "folded"
    return pool.kind
