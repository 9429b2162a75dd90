"""Where the benchmarks ran: processor, cores, versions; and how much of it others used meanwhile."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from pathlib import Path

_STAT = Path("/proc/stat")


def describe() -> str:
    """Processor model, cores that this process may use, operating system and Python, as one line."""
    return f"{processor()}, {cores()} cores, {platform.system()}, Python {platform.python_version()}"


def cores() -> int:
    """How many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def processor() -> str:
    """The processor's model name, or the architecture where no model is told."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def version(distribution: str) -> str | None:
    """The installed version of a distribution; None if it is not installed."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def busy_seconds() -> float:
    """Core-seconds the whole machine has worked since it started (0 where the system does not tell)."""
    if sys.platform != "linux":
        return 0.0
    user, nice, system, _idle, _iowait, irq, softirq, steal, *_ = map(
        int, _STAT.read_text().splitlines()[0].split()[1:]
    )
    ticks: int = user + nice + system + irq + softirq + steal
    return ticks / os.sysconf("SC_CLK_TCK")
