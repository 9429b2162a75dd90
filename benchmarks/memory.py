"""Memory of the running process, as the operating system counts it: no allocator hooks, nothing slowed down.

Linux only (``/proc``); elsewhere the figures are NaN and the table shows a dash.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR_REFS = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"  # proc(5): writing 5 sets the peak (VmHWM) back to the present size


def resident() -> float:
    """Bytes of physical memory this process holds now."""
    return _status_bytes("VmRSS")


def peak() -> float:
    """The largest ``resident()`` since the process began, or since the last ``extra_peak``."""
    return _status_bytes("VmHWM")


def extra_peak(step: Callable[[], object], over: float) -> float:
    """Run ``step`` once and return by how many bytes the process grew, at its largest, beyond ``over`` bytes.

    ``over`` is what the process held before it ever ran the step, so that buffers which a library keeps for
    reuse count as the library's.
    """
    if sys.platform != "linux":
        step()
        return math.nan
    _CLEAR_REFS.write_text(_RESET_PEAK)
    step()
    return max(0.0, peak() - over)


def _status_bytes(field: str) -> float:
    if sys.platform != "linux":
        return math.nan
    for line in _STATUS.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return float(value.split()[0]) * 1024
    raise RuntimeError(f"{_STATUS} has no line {field!r}: is /proc the Linux one?")
