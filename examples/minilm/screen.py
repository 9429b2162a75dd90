"""What the example shows: progress while it works, then its tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from .training import Outcome

PLAIN_EVERY = 5.0  # seconds between two lines of progress where there is no terminal to draw a bar in


class Screen:
    """Bars and tables in a terminal; lines of text in a file or a pipe."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)

    def say(self, text: str) -> None:
        """One line, never wrapped: paths stay whole."""
        self.console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def watch(self) -> Iterator[Callable[[str, int], Callable[[int], None]]]:
        """Yields `start(label, total)`, which returns the function to call with each further amount done."""
        if not self.console.is_terminal:
            yield self._plain
            return
        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console, transient=True) as bars:

            def start(label: str, total: int) -> Callable[[int], None]:
                task = bars.add_task(label, total=total)
                return lambda amount: bars.advance(task, amount)

            yield start

    def _plain(self, label: str, total: int) -> Callable[[int], None]:
        done, spoke = 0, time.monotonic()

        def advance(amount: int) -> None:
            nonlocal done, spoke
            done += amount
            if done == total or time.monotonic() - spoke > PLAIN_EVERY:
                spoke = time.monotonic()
                self.say(f"  {label}: {done} of {total} texts")

        return advance

    def results(self, outcomes: Sequence[Outcome], held_out: int) -> None:
        """The table of results, a row a mode."""
        table = Table(title=f"Results on {held_out} held-out snippets", title_justify="left")
        table.add_column("mode")
        for name in ("learns", "trained on", "accuracy", "loss", "seconds", "peak MB"):
            table.add_column(name, justify="right")
        for one in outcomes:
            peak = "-" if one.peak_bytes is None else f"{one.peak_bytes / 1e6:,.0f}"
            figures = (f"{one.accuracy:.1%}", f"{one.loss:.4f}", f"{one.seconds:.1f}", peak)
            table.add_row(one.plan.name, f"{one.parameters:,}", f"{one.texts} x {one.plan.epochs}", *figures)
        self.console.print(table)

    def gradients(self, outcomes: Sequence[Outcome]) -> None:
        """Where each mode's last backward arrived, and the statements that kept it from the rest."""
        table = Table(title="Where the gradients went (norms after the last step)", title_justify="left")
        table.add_column("parameters")
        for one in outcomes:
            table.add_column(one.plan.name, justify="right")
        for row in zip(*(one.reached for one in outcomes), strict=True):
            cells = [
                f"{reach.norm:.3e}" if reach.norm is not None else "frozen" if reach.frozen else "not reached"
                for reach in row
            ]
            table.add_row(row[0].group, *cells)
        self.console.print(table)
        for one in outcomes:
            for cut in one.cuts:
                self.say(f"{one.plan.name}: {cut}")
        if any(reach.frozen for one in outcomes for reach in one.reached):
            self.say("frozen: requires_grad is False, so nothing was cut and no gradient was asked for")
