"""What a workload is: the same computation written for several libraries, and what is measured of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Values = dict[str, npt.NDArray[Any]]
"""Results and gradients by name: what is compared with the other libraries' before anything is timed."""

Unit = Literal["time", "bytes", "time per node", "bytes per node", "texts per second"]
"""How a figure is printed. It is kept in seconds (or seconds per node, per text) or bytes: less is better."""


@dataclass(frozen=True)
class Program:
    """A workload in one library, inputs built and ready to run.

    ``values`` computes, from fixed inputs, what must agree between libraries. ``step`` is timed, and the
    memory it takes is metered. A program that is no repeated step gives a ``probe`` instead, which measures
    by itself: it is called once in each child process and returns its figures by key.
    """

    values: Callable[[], Values]
    step: Callable[[], object] | None = None
    probe: Callable[[], dict[str, float]] | None = None
    per_step: int = 1
    """How many items one step works through: the time shown is the time of one item."""


@dataclass(frozen=True)
class Goal:
    """A bound: on the ratio to ``of`` (a library, or the ``"best"`` peer), or on upriver's own figure."""

    at_most: float
    of: str | None = None


@dataclass(frozen=True)
class Quantity:
    """One line of the table: a figure that the programs of a workload yield, under its key."""

    key: str = "time"
    label: str = "time"
    unit: Unit = "time"
    goals: tuple[Goal, ...] = ()


@dataclass(frozen=True)
class Workload:
    """One computation, its program in each library that can express it, and its lines of the table.

    A library's program is built by calling ``programs[name]`` with the imported module, in a process where
    that library is the only one imported. ``tolerance`` bounds the largest difference from the reference,
    relative to the largest magnitude, of each array in ``Program.values``.
    """

    letter: str
    title: str
    programs: Mapping[str, Callable[[ModuleType], Program]]
    quantities: tuple[Quantity, ...] = (Quantity(),)
    tolerance: float = 1e-4
    threaded: bool = True
    """Whether it is run both on one thread and on as many as a library takes, and the better one counts."""

    @property
    def name(self) -> str:
        """Letter and title, which together are unique."""
        return f"({self.letter}) {self.title}"


def as_values(**arrays: object) -> Values:
    """Gather results under their names: arrays or anything that ``numpy.asarray`` takes."""
    return {name: np.asarray(array) for name, array in arrays.items()}
