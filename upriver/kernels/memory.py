"""Keeping freed memory for the next result.

A result of several megabytes comes fresh from the operating system, which hands it out page by page at the
first touch. glibc can be told to keep freed blocks instead. It is a setting of the whole process, made when
upriver is imported; `UPRIVER_KEEP_MEMORY` is the number of bytes to keep (0: none).
"""

from __future__ import annotations

import ctypes
import os
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # from glibc's malloc.h
LARGEST_KEPT = 32 * 1024 * 1024  # glibc's own limit for the second
KEPT_IN_ALL = 256 * 1024 * 1024


def keep_freed_memory(limit: int = KEPT_IN_ALL) -> bool:
    """Let the process keep up to `limit` bytes of freed memory; return whether this C library can (glibc
    can).
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT) and mallopt(M_TRIM_THRESHOLD, limit))


keep_freed_memory(int(os.environ.get("UPRIVER_KEEP_MEMORY", KEPT_IN_ALL)))
