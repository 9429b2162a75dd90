"""The comparisons as text for a terminal, as Markdown for the README, and as records for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from benchmarks.compare import Line, Peer, Spread, line, met
from benchmarks.runner import LABELS, UPRIVER, Race
from benchmarks.workload import Unit

PEERS = [library for library in LABELS if library != UPRIVER]
HEAD = ("workload", LABELS[UPRIVER], *(f"of {LABELS[library]}" for library in PEERS), "goal")
SCALES: dict[Unit, tuple[tuple[float, str], ...]] = {
    "time": ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")),
    "time per node": ((1e-6, "us"),),
    "bytes": ((1e6, "MB"), (1e3, "kB"), (1.0, "B")),
    "bytes per node": ((1.0, "B"),),
}
VERDICTS = {True: "met", False: "missed", None: "unknown"}


def as_text(table: Sequence[Line]) -> str:
    """For a terminal: columns aligned."""
    rows = filled_columns(table)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    aligned = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(row.rstrip() for row in aligned)


def as_markdown(table: Sequence[Line]) -> str:
    """For the README."""
    head, *rows = filled_columns(table)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))


def filled_columns(table: Sequence[Line]) -> list[tuple[str, ...]]:
    """The head and the cells of every line, without the columns in which no line has an entry."""
    rows = [cells(line) for line in table]
    filled = [index for index in range(len(HEAD)) if any(row[index] for row in rows)]
    return [tuple(row[index] for index in filled) for row in (HEAD, *rows)]


def cells(line: Line) -> tuple[str, ...]:
    """The line as text, one entry for each word of ``HEAD``."""
    unit = line.quantity.unit
    own = show(line.own, unit) if line.own else "failed"
    peers = (compared(line.peers.get(library), unit) for library in PEERS)
    return (f"{line.workload}: {line.quantity.label}", own, *peers, verdicts(line))


def compared(peer: Peer | None, unit: Unit) -> str:
    """'0.42 (0.40 to 0.45) of 550 us': upriver's multiple, then the peer's own figure."""
    if peer is None:
        return ""
    theirs = peer.figure.median
    multiple = digits(peer.ratio) if peer.ratio else "-"
    return f"{multiple} of {show(Spread(theirs, theirs, theirs), unit)}"


def verdicts(line: Line) -> str:
    """Each goal of the line and whether it is met."""
    parts = []
    for goal in line.quantity.goals:
        if goal.of is None:
            bound = show(Spread.of([goal.at_most]), line.quantity.unit)
        else:
            bound = f"{goal.at_most:g} of {LABELS.get(goal.of, 'the best peer')}"
        parts.append(f"at most {bound}: {VERDICTS[met(goal, line)]}")
    return "; ".join(parts)


def show(figure: Spread, unit: Unit) -> str:
    """'550 (520 to 580) us': in a unit that suits the median."""
    if unit == "texts per second":
        return f"{digits(Spread(1 / figure.median, 1 / figure.high, 1 / figure.low))}/s"
    scales = SCALES[unit]
    size, name = next(((size, name) for size, name in scales if figure.median >= size), scales[-1])
    return f"{digits(Spread(figure.median / size, figure.low / size, figure.high / size))} {name}"


def digits(spread: Spread) -> str:
    """The median to three digits, and the extremes beside it where they look different; a dash for NaN."""
    if math.isnan(spread.median):
        return "-"
    size = math.floor(math.log10(spread.median)) if spread.median > 0 else 0
    decimals = min(2, max(0, 2 - size))
    median, low, high = (f"{figure:.{decimals}f}" for figure in (spread.median, spread.low, spread.high))
    return median if low == high else f"{median} ({low} to {high})"


def failures(races: Iterable[Race]) -> Iterator[str]:
    """What has no time because it failed or was refused, and why."""
    for race in races:
        for contender, reason in race.failures.items():
            yield f"{race.workload.name}, {contender.name}: {reason}"


def as_records(races: Iterable[Race]) -> list[dict[str, Any]]:
    """Every figure of every round: seconds and bytes."""
    return [
        {
            "workload": race.workload.name,
            "rounds": {contender.name: rounds for contender, rounds in race.figures.items()},
            "failures": {contender.name: reason for contender, reason in race.failures.items()},
            "goals": list(goal_records(race)),
        }
        for race in races
    ]


def goal_records(race: Race) -> Iterator[dict[str, Any]]:
    """Each goal of a workload and whether it is met."""
    for quantity in race.workload.quantities:
        for goal in quantity.goals:
            verdict = met(goal, line(race, quantity))
            yield {"quantity": quantity.label, "at_most": goal.at_most, "of": goal.of, "met": verdict}
