"""`import upriver` brings NumPy and the standard library, and takes hardly longer than NumPy."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.house.source import ROOT

CHILD = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def child(code: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=CHILD, capture_output=True, text=True, check=True).stdout


def test_only_numpy_and_the_standard_library() -> None:
    code = "import sys, numpy; before = set(sys.modules); import upriver; print(*(set(sys.modules) - before))"
    tops = {name.partition(".")[0] for name in child(code).split()}
    assert tops <= {"upriver", "numpy"} | set(sys.stdlib_module_names), tops


def test_import_is_light(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alternating processes, medians; compiled as when installed. Loose, as a busy machine is noisy."""
    monkeypatch.delitem(CHILD, "PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setitem(CHILD, "PYTHONPYCACHEPREFIX", str(tmp_path))

    def seconds(module: str) -> float:
        begin = time.perf_counter()
        child(f"import {module}")
        return time.perf_counter() - begin

    seconds("upriver"), seconds("numpy"), seconds("sys")
    rounds = [(seconds("upriver"), seconds("numpy"), seconds("sys")) for _ in range(7)]
    ours, numpys, bare = (statistics.median(column) for column in zip(*rounds, strict=True))
    assert ours - bare < 2.0 * (numpys - bare), f"{ours - bare:.3f} s beside NumPy's {numpys - bare:.3f} s"
