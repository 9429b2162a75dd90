"""One program in a process of its own: ``python -m benchmarks.child LIBRARY WORKLOAD VALUES.npz SECONDS``.

Two libraries in one process would share, and spoil, each other's thread pools and allocators, so a child
imports one library only. It computes the values that must agree, saves them, says so on its output, and
waits: the parent answers ``measure`` if they agree. Each message is a line of JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from typing import TextIO

import numpy as np

from benchmarks import machine, memory
from benchmarks.workload import Program
from benchmarks.workloads import by_name

FEWEST_SAMPLES = 3
SHORTEST_SAMPLE = (
    5e-3  # seconds; a shorter step is repeated within one sample, so that the clock's grain vanishes
)
WARM_UP = 0.1  # seconds


def main(library: str, workload: str, values_file: str, seconds: str) -> None:
    """Build the program, hand over its values, and measure when told to."""
    parent = take_output()
    program = by_name(workload).programs[library](importlib.import_module(library))
    held = memory.resident()
    np.savez(values_file, allow_pickle=False, **program.values())
    send(parent, {"values": "saved"})
    if sys.stdin.readline().strip() == "measure":
        send(parent, measure(program, held, float(seconds)))


def take_output() -> TextIO:
    """Keep the standard output for messages: whatever a library prints goes to the error stream instead."""
    messages = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return messages


def send(parent: TextIO, message: Mapping[str, float | str]) -> None:
    """Write one message."""
    print(json.dumps(message), file=parent, flush=True)


def measure(program: Program, held: float, seconds: float) -> dict[str, float]:
    """All figures of the program by key, and ``others``: how many cores other processes kept busy."""
    figures: dict[str, float] = {}
    wall, own, busy = time.perf_counter(), time.process_time(), machine.busy_seconds()
    if program.step is not None:
        figures["extra memory"] = memory.extra_peak(program.step, over=held)
        figures["time"] = statistics.median(sample(program.step, seconds)) / program.per_step
    if program.probe is not None:
        figures |= program.probe()
    wall, own, busy = time.perf_counter() - wall, time.process_time() - own, machine.busy_seconds() - busy
    return figures | {"others": max(0.0, busy - own) / wall, "peak memory": memory.peak()}


def sample(step: Callable[[], object], seconds: float) -> list[float]:
    """Warm up, then time the step for about ``seconds``: the time of one step, in each sample."""
    shortest = timed(step, 1)
    warm = time.perf_counter() + WARM_UP
    while time.perf_counter() < warm:
        shortest = min(shortest, timed(step, 1))
    repeats = max(1, round(SHORTEST_SAMPLE / shortest))
    samples: list[float] = []
    end = time.perf_counter() + seconds
    while len(samples) < FEWEST_SAMPLES or time.perf_counter() < end:
        samples.append(timed(step, repeats))
    return samples


def timed(step: Callable[[], object], repeats: int) -> float:
    """Seconds of one step, averaged over ``repeats`` in a row. The garbage collector stays on."""
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    return (time.perf_counter() - start) / repeats


if __name__ == "__main__":
    main(*sys.argv[1:])
