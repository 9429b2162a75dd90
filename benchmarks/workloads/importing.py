"""(k): how long an import takes beyond starting Python, and how much disk the package takes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

from benchmarks.workload import Goal, Program, Quantity, Workload

RUNS = 7


def with_interpreter(lib: ModuleType) -> Program:
    """Any library: the interpreter started with and without the import, in turn; medians subtracted."""

    def probe() -> dict[str, float]:
        bare, importing = [], []
        seconds_to_run(f"import {lib.__name__}")  # leaves the compiled files that installing a package leaves
        for _ in range(RUNS):
            bare.append(seconds_to_run("pass"))
            importing.append(seconds_to_run(f"import {lib.__name__}"))
        return {"import": statistics.median(importing) - statistics.median(bare), "size": float(size(lib))}

    return Program(values=dict, probe=probe)


def seconds_to_run(statement: str) -> float:
    """Seconds from starting an interpreter until it has run the statement and gone."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run((sys.executable, "-c", statement), check=True, env=environment)
    return time.perf_counter() - start


def size(lib: ModuleType) -> int:
    """Bytes of the package's files and the shared libraries bundled beside them, compiled caches left out."""
    package = Path(lib.__path__[0])
    folders = (package, package.with_name(f"{package.name}.libs"))
    files = (file for folder in folders for file in folder.rglob("*") if "__pycache__" not in file.parts)
    return sum(file.stat().st_size for file in files if file.is_file())


LIBRARIES = ("upriver", "torch", "autograd", "mygrad", "numpy")
WORKLOADS = (
    Workload(
        "k",
        "import",
        dict.fromkeys(LIBRARIES, with_interpreter),
        (
            Quantity("import", "time", goals=(Goal(1.5, "numpy"),)),
            Quantity("size", "installed size", "bytes", (Goal(2e6),)),
        ),
        threaded=False,
    ),
)
