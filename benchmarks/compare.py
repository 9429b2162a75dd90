"""From the races' figures to comparisons: medians over the rounds, ratios to the peers, goals met."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.runner import UPRIVER, Race
from benchmarks.workload import Goal, Quantity

FLOOR = "numpy"  # computes no gradients: a floor to look at, not a peer to beat


@dataclass(frozen=True)
class Spread:
    """The median of several figures, and the smallest and largest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """The spread of one or more figures."""
        return cls(statistics.median(figures), min(figures), max(figures))


@dataclass(frozen=True)
class Peer:
    """A peer's figure, and upriver's as a multiple of it (None where upriver has none)."""

    figure: Spread
    ratio: Spread | None


@dataclass(frozen=True)
class Line:
    """One quantity of one workload: upriver's figure (None where its program failed) and each peer's."""

    workload: str
    quantity: Quantity
    own: Spread | None
    peers: dict[str, Peer]


def lines(races: Iterable[Race]) -> list[Line]:
    """One line for each quantity of each workload."""
    return [line(race, quantity) for race in races for quantity in race.workload.quantities]


def line(race: Race, quantity: Quantity) -> Line:
    """Each library's figure in whichever thread configuration serves it best."""
    best: dict[str, list[float]] = {}
    for contender, rounds in race.figures.items():
        figures = [figures[quantity.key] for figures in rounds]
        known = best.setdefault(contender.library, figures)
        best[contender.library] = min(known, figures, key=statistics.median)
    own = best.pop(UPRIVER, None)
    return Line(
        race.workload.name,
        quantity,
        Spread.of(own) if own else None,
        {
            library: Peer(Spread.of(theirs), ratio(own, theirs) if own else None)
            for library, theirs in best.items()
        },
    )


def ratio(own: Sequence[float], theirs: Sequence[float]) -> Spread:
    """The ratio of the medians, between the smallest and largest of the rounds' ratios."""
    by_round = [divide(mine, other) for mine, other in zip(own, theirs, strict=False)]
    return Spread(divide(statistics.median(own), statistics.median(theirs)), min(by_round), max(by_round))


def divide(a: float, b: float) -> float:
    """a / b, or NaN where b is nothing."""
    return a / b if b else math.nan


def met(goal: Goal, line: Line) -> bool | None:
    """Whether the line meets the goal; None where a figure for it is missing."""
    if line.own is None:
        return None
    if goal.of is None:
        return line.own.median <= goal.at_most
    ratios = {library: peer.ratio.median for library, peer in line.peers.items() if peer.ratio}
    if goal.of == "best":
        ratios.pop(FLOOR, None)
        worst = max(ratios.values(), default=None)  # the fastest peer is the one with the largest ratio
    else:
        worst = ratios.get(goal.of)
    return None if worst is None else worst <= goal.at_most


def foreign_load(races: Iterable[Race]) -> float:
    """How many cores processes that are not ours kept busy, in the median child."""
    shares = [figures["others"] for race in races for rounds in race.figures.values() for figures in rounds]
    return statistics.median(shares) if shares else math.nan
