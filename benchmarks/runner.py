"""Run a workload's programs side by side: one child process each, in turn, round after round.

Rounds alternate (A B C, A B C, ...), so that a machine which slows down slows everyone. Every child's values
are compared with the reference's (PyTorch's, or the first library's that runs) before it may measure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.workload import Values, Workload

ROOT = Path(__file__).resolve().parent.parent
_THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


UPRIVER = "upriver"
LABELS = {
    UPRIVER: "upriver",
    "torch": "PyTorch",
    "autograd": "autograd",
    "mygrad": "MyGrad",
    "numpy": "NumPy",
}
"""What each library is called in the table; its module and its distribution have the same name."""


@dataclass(frozen=True)
class Contender:
    """A library in one configuration: with ``threads`` threads, or as many as it takes by itself (None)."""

    library: str
    threads: int | None

    @property
    def name(self) -> str:
        """The label and the thread count."""
        return f"{LABELS[self.library]}, {'1 thread' if self.threads == 1 else 'its own threads'}"

    def environment(self) -> dict[str, str]:
        """This process's environment, with the thread count set or left to the library."""
        environment = {key: value for key, value in os.environ.items() if key not in _THREAD_SETTINGS}
        if self.threads is not None:
            environment |= dict.fromkeys(_THREAD_SETTINGS, str(self.threads))
        return environment


class ProgramFailed(Exception):
    """A program raised, or its values differ from the reference: it has no time worth comparing."""


@dataclass
class Race:
    """What the rounds of one workload gave: each contender's figures, round by round, or its failure."""

    workload: Workload
    figures: dict[Contender, list[dict[str, float]]] = field(default_factory=dict)
    failures: dict[Contender, str] = field(default_factory=dict)


def race(
    workload: Workload, libraries: Sequence[str], rounds: int, seconds: float, say: Callable[[str], object]
) -> Race:
    """Run the rounds of one workload; ``say`` is told what runs now."""
    result = Race(workload)
    reference: Values | None = None
    entered = contenders(workload, libraries)
    for number in range(1, rounds + 1):
        for contender in entered:
            if contender in result.failures:
                continue
            say(f"{workload.name}: round {number} of {rounds}, {contender.name}")
            try:
                with child(workload, contender, seconds) as program:
                    if reference is None:
                        reference = program.values
                    refuse_wrong(program.values, reference, workload.tolerance)
                    result.figures.setdefault(contender, []).append(program.measure())
            except ProgramFailed as failure:
                result.failures[contender] = str(failure)
                result.figures.pop(contender, None)
    return result


def contenders(workload: Workload, libraries: Sequence[str]) -> list[Contender]:
    """The libraries that have a program, in each thread configuration; PyTorch, the reference, is first."""
    threads = (1, None) if workload.threaded else (None,)
    entered = sorted(
        (name for name in libraries if name in workload.programs), key=lambda name: name != "torch"
    )
    return [Contender(library, count) for library in entered for count in threads]


@dataclass(frozen=True)
class RunningChild:
    """A child that has computed its values and waits for leave to measure."""

    process: subprocess.Popen[str]
    values: Values
    complaints: Path

    def measure(self) -> dict[str, float]:
        """Let it measure and return its figures."""
        assert self.process.stdin is not None
        self.process.stdin.write("measure\n")
        self.process.stdin.flush()
        return receive(self.process, self.complaints)


@contextmanager
def child(workload: Workload, contender: Contender, seconds: float) -> Iterator[RunningChild]:
    """A child process running the contender's program; gone, and its files with it, when the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        values, complaints = Path(folder, "values.npz"), Path(folder, "stderr.txt")
        arguments = (contender.library, workload.name, str(values), str(seconds))
        with complaints.open("w") as errors:
            process = subprocess.Popen(
                (sys.executable, "-m", "benchmarks.child", *arguments),
                cwd=ROOT,
                env=contender.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        try:
            receive(process, complaints)
            with np.load(values) as arrays:
                yield RunningChild(process, dict(arrays), complaints)
        finally:
            process.terminate()
            process.communicate()


def receive(process: subprocess.Popen[str], complaints: Path) -> dict[str, float]:
    """The child's next message; ProgramFailed with the end of its error output if it died instead."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait()
        last_words = complaints.read_text().strip().splitlines() or ["no message"]
        raise ProgramFailed(f"exit status {process.returncode}: {last_words[-1]}")
    message: dict[str, float] = json.loads(line)
    return message


def refuse_wrong(values: Values, reference: Values, tolerance: float) -> None:
    """Raise ProgramFailed unless each array agrees with the reference's, relative to its magnitude."""
    if values.keys() != reference.keys():
        raise ProgramFailed(f"computed {sorted(values)}, and the reference {sorted(reference)}")
    for name, expected in reference.items():
        value = values[name]
        if value.shape != expected.shape:
            raise ProgramFailed(
                f"refused: {name} has shape {value.shape}, and the reference's {expected.shape}"
            )
        scale = float(np.abs(expected).max(initial=0.0)) or 1.0
        error = float(np.abs(value.astype(np.float64) - expected).max(initial=0.0)) / scale
        if not error <= tolerance:  # also true of NaN
            raise ProgramFailed(
                f"refused: {name} is off by {error:.1e} of its scale; {tolerance:.0e} is allowed"
            )
