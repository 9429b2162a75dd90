"""Peak memory of this process over a stretch of work."""

from __future__ import annotations

import sys
from pathlib import Path


class PeakMemory:
    """Watches from its creation on: `peak()` is the most resident memory since, in bytes.

    Linux can set its high-water mark back, so there the figure is for the stretch alone; elsewhere on Unix
    it is the process's peak so far, and where the system tells nothing it is None.
    """

    def __init__(self) -> None:
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            return  # the mark stays where it was: the peak is then the process's, not the stretch's

    def peak(self) -> int | None:
        """Bytes, or None where the system does not say."""
        try:
            for line in Path("/proc/self/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        except OSError:
            pass
        if sys.platform == "win32":
            return None
        import resource  # not on Windows

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
