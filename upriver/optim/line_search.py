"""How far to go along a direction: a step length that satisfies the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Point", "strong_wolfe"]

DECREASE = 1e-4  # the loss must fall by this part of what the slope at the start promises
FLATTER = 0.9  # the slope must shrink to this part of the slope at the start
EDGE = 0.1  # trials nearer to the end of the bracket than this part of it make too little progress


@dataclass(slots=True)
class Point:
    """A place along the direction: how far, the loss, its gradient, and the slope along the direction."""

    at: float
    value: float
    grad: np.ndarray[Any, Any]
    slope: Any = 0.0


def strong_wolfe(
    trial: Callable[[float], Point],
    here: Point,
    direction: np.ndarray[Any, Any],
    length: float,
    tolerance: float,
    limit: int,
) -> tuple[Point, int]:
    """Search along ``direction`` from ``here``, first at ``length``; returns a point and the count of trials.

    The search ends when both conditions hold, when the bracket moves no element by ``tolerance``, or after
    ``limit`` trials, then with the best point known.
    """
    used = 0

    def look(at: float) -> Point:
        nonlocal used
        used += 1
        point = trial(at)
        point.slope = point.grad.dot(direction)
        return point

    start = Point(0.0, here.value, here.grad, here.grad.dot(direction))
    low, high, found = _bracket(look, start, length, limit)
    reach = float(np.abs(direction).max(initial=0.0))
    rounds, slow = used - 1, False
    while not found and rounds < limit and abs(high.at - low.at) * reach >= tolerance:
        at, slow = _away_from_edges(cubic_minimum(low, high), low, high, slow)
        new = look(at)
        rounds += 1
        if _too_high(new, start) or new.value >= low.value:
            high = new
            if high.value < low.value:
                low, high = high, low
        else:
            found = _is_flat(new, start)
            if not found and new.slope * (high.at - low.at) >= 0:
                high = low
            low = new
    return low, used


def _bracket(
    look: Callable[[float], Point], start: Point, length: float, limit: int
) -> tuple[Point, Point, bool]:
    """Widen the step until an acceptable one lies between two points, the lower and the higher."""
    before, new = start, look(length)
    for rounds in range(limit):
        if _too_high(new, start) or (rounds > 1 and new.value >= before.value):
            return *_by_value(before, new), False
        if _is_flat(new, start):
            return new, new, True
        if new.slope >= 0:
            return *_by_value(before, new), False
        bounds = new.at + 0.01 * (new.at - before.at), new.at * 10
        before, new = new, look(cubic_minimum(before, new, bounds))
    return *_by_value(start, new), False


def _by_value(a: Point, b: Point) -> tuple[Point, Point]:
    return (a, b) if a.value <= b.value else (b, a)


def _too_high(point: Point, start: Point) -> bool:
    return bool(point.value > start.value + DECREASE * point.at * start.slope)


def _is_flat(point: Point, start: Point) -> bool:
    return bool(abs(point.slope) <= -FLATTER * start.slope)


def _away_from_edges(at: float, low: Point, high: Point, slow: bool) -> tuple[float, bool]:
    """One trial near an end of the bracket is allowed; a second, or one on the end, is moved inwards."""
    left, right = sorted((low.at, high.at))
    margin = EDGE * (right - left)
    if min(right - at, at - left) >= margin:
        return at, False
    if not slow and left < at < right:
        return at, True
    return (right - margin if abs(at - right) < abs(at - left) else left + margin), False


def cubic_minimum(a: Point, b: Point, bounds: tuple[float, float] | None = None) -> float:
    """Where the cubic through two points with their slopes is least, within ``bounds`` or between them."""
    left, right = (a, b) if a.at <= b.at else (b, a)
    smallest, largest = (left.at, right.at) if bounds is None else bounds
    if left.at == right.at:
        return smallest
    middle = left.slope + right.slope - 3 * (left.value - right.value) / (left.at - right.at)
    square = middle**2 - left.slope * right.slope
    if not square >= 0:
        return (smallest + largest) / 2
    root = math.sqrt(square)
    bend = right.slope - left.slope + 2 * root
    if bend == 0:
        return (smallest + largest) / 2
    least = right.at - (right.at - left.at) * (right.slope + root - middle) / bend
    return float(min(max(least, smallest), largest))
