"""What graphs keep alive for nothing: recorded and dropped, or carried from iteration to iteration."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from . import syntax
from .framework import Framework
from .holders import collection_name, holders
from .model import Growth, Site
from .tracker import Made, Tracker

__all__ = ["Drops", "Grown", "peak_memory"]

WATCHED = 6  # graphs of one detach that are walked: the 1st, 2nd, 4th, 8th ...
FRONTIER = 32  # nodes of one graph that are listened to
LONG = 3  # boundaries in a row at which something has grown


class Drop:
    """A detach whose graph was dropped without having been used."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.count = 0  # how often the statement ran
        self.tokens: list[_Token] = []  # of the graphs that were walked
        self.nodes = 0
        self.nbytes = 0
        self.share = 0.0  # of the run's time or memory, whichever is more


class _Token:
    """Knows whether a backward has passed through one graph."""

    __slots__ = ("run",)

    def __init__(self) -> None:
        self.run = False


class Drops:
    """Watches the graphs behind ``detach()``."""

    def __init__(self, framework: Framework) -> None:
        self.framework = framework
        self.by_site: dict[Site, Drop] = {}

    def detached(self, t: Any, site: Site) -> None:
        """``t``, which has a history, was detached at ``site``."""
        drop = self.by_site.get(site)
        if drop is None:
            drop = self.by_site[site] = Drop(site)
        drop.count += 1
        if len(drop.tokens) >= WATCHED or drop.count & (drop.count - 1):
            return
        token, nodes, nbytes = _Token(), 0, 0
        storages: set[int] = set()
        stack, known = [t.grad_fn], set()
        while stack:
            node = stack.pop()
            if node in known:
                continue
            known.add(node)
            following = [n for n, _ in node.next_functions if n is not None]
            if not following:
                continue
            nodes += 1
            nbytes += self._bytes(node, storages, token)
            if len(known) <= FRONTIER or all(hasattr(n, "variable") for n in following):
                node.register_prehook(_marks(token))
            stack.extend(following)
        drop.nodes, drop.nbytes = max(drop.nodes, nodes), max(drop.nbytes, nbytes)
        drop.tokens.append(token)

    def _bytes(self, node: Any, storages: set[int], token: _Token) -> int:
        total = 0
        try:
            for _, each in self.framework.saved(node):
                key, nbytes = self.framework.storage(each)
                if key not in storages and not (each.requires_grad and each.grad_fn is None):
                    storages.add(key)
                    total += nbytes
        except RuntimeError as error:  # written since: its own finding says so; or freed, by a backward
            token.run = token.run or "second time" in str(error)
        return total

    def found(self, seconds: float, node_seconds: float) -> list[Drop]:
        """The statements all of whose graphs were dropped unused."""
        result = []
        memory = peak_memory()
        for drop in self.by_site.values():
            if drop.tokens and not any(token.run for token in drop.tokens):
                spent = drop.count * drop.nodes * node_seconds / seconds if seconds else 0.0
                drop.share = max(spent, drop.nbytes / memory if memory else 0.0)
                result.append(drop)
        return result


def _marks(token: _Token) -> Callable[[Any], None]:
    def passed(_: Any) -> None:
        token.run = True

    return passed


def peak_memory() -> int:
    """The most memory this process has held, in bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


class Grown:
    """Watches for names that keep the graphs of past iterations."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self._last: dict[int, int] = {}
        self._rising: Counter[int] = Counter()
        self._found: dict[Site, Growth] = {}

    def boundary(self, last: bool = False) -> None:
        """An iteration has ended: what has grown since the last one?

        ``last``: the program has ended, and what has died with it had grown all the same.
        """
        for key, made in self.tracker.made.items():
            before, now = self._last.get(key, 0), made.alive
            if now > before > 0:
                self._rising[key] += 1
                if self._rising[key] >= LONG and made.site not in self._found and self._old(made):
                    self._note(made)
            elif now < before and not last:
                self._rising[key] = 0
                self._found.pop(made.site, None)
            if made.site in self._found and self._found[made.site].holder:
                self._found[made.site].graphs = max(self._found[made.site].graphs, now)
            self._last[key] = now

    def _old(self, made: Made) -> list[Any]:
        """What a statement has made iterations ago and is still alive."""
        before = self.tracker.epoch - LONG
        return [t for reference, epoch in made.first if epoch <= before and (t := reference()) is not None]

    def name(self) -> None:
        """The program has ended: find the names of what has grown that had none while it ran."""
        for made in self.tracker.made.values():
            growth = self._found.get(made.site)
            if growth is not None and not growth.holder:
                self._note(made)

    def _note(self, made: Made) -> None:
        """Find who holds the tensors that a statement has made, and where they were added to it."""
        site = made.site
        path = None
        for t in self._old(made):
            held = holders(t, limit=3) if path is None else []
            path = path or next((h.path for h in held if h.container_kind not in ("variable", "graph")), None)
        if path is None:
            self._found[site] = Growth("", site, 0, 0)
            return
        name = collection_name(path)
        self._found[site] = Growth(name, self._adding(site, name), made.alive, 0)

    def _adding(self, site: Site, name: str) -> Site:
        """The statement that adds to ``name``; else the one that makes it, as a comprehension does."""
        sites = self.tracker.sites
        for file in dict.fromkeys((site.file, *sites.files())):
            lines = syntax.accumulating_statement(file, name)
            if lines:
                nearest = min(lines, key=lambda line: (line < site.line, abs(line - site.line)))
                return sites.line(file, nearest)
            line = syntax.assigning_statement(file, name)
            if line is not None:
                return sites.line(file, line)
        return site

    def found(self) -> list[Growth]:
        """The growths at the end."""
        result: dict[Site, Growth] = {}
        for site, (span, times) in self.tracker.crossings.items():
            if span >= LONG and times >= LONG:
                name = syntax.assigned_name(site.file, site.line) or "this value"
                result[site] = Growth(name, site, span, 0)
        chained = {each for each in self.tracker.crossings if each in result}
        for site, growth in self._found.items():
            if site not in chained and growth.graphs > LONG:
                result.setdefault(growth.site, growth)
        return list(result.values())


def node_seconds(record: Callable[[], Any], bare: Callable[[], Any]) -> float:
    """What recording one operator costs: the difference, measured."""

    def best(run: Callable[[], Any]) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            for _ in range(200):
                run()
            times.append((time.perf_counter() - start) / 200)
        return min(times)

    return max(best(record) - best(bare), 0.0)
