"""A small self-scheduling thread pool: the caller works too and never waits for a thread that has not begun.

NumPy's loops and BLAS release the interpreter lock, so pieces of one array operation run side by side. Every
piece is claimed by whoever comes first. A worker that the system did not schedule in time finds nothing left
to claim, so a busy neighbour slows a region down to the speed of one thread and no further.
"""

from __future__ import annotations

import os
from _thread import (
    allocate_lock,
)  # threading.Lock, without the cost of importing threading before it is needed
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from queue import SimpleQueue

Piece = Callable[[int], object]


def _available_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Region:
    """One parallel call: indices to claim, and a lock that the last finished piece opens."""

    __slots__ = ("count_lock", "error", "finished", "indices", "pending", "piece")

    def __init__(self, piece: Piece, count: int) -> None:
        self.piece = piece
        self.indices = deque(range(count))
        self.pending = count
        self.count_lock = allocate_lock()
        self.finished = allocate_lock()
        self.finished.acquire()
        self.error: BaseException | None = None

    def work(self) -> None:
        """Claim and run pieces until none is left."""
        while True:
            try:
                index = self.indices.popleft()
            except IndexError:
                return
            try:
                self.piece(index)
            except BaseException as error:  # handed to the caller, whose call this is
                self.error = error
            with self.count_lock:
                self.pending -= 1
                last = self.pending == 0
            if last:
                self.finished.release()


class _Pool:
    """Threads that wait for regions; they live as long as the process."""

    def __init__(self) -> None:
        self.regions: SimpleQueue[_Region]  # made with the first thread
        self.size = 0
        self.lock = allocate_lock()

    def grow(self, size: int) -> None:
        import threading
        from queue import SimpleQueue

        with self.lock:
            if not self.size:
                self.regions = SimpleQueue()
            while self.size < size:
                threading.Thread(target=self._serve, name=f"upriver-{self.size}", daemon=True).start()
                self.size += 1

    def _serve(self) -> None:
        np.seterr(all="ignore")  # the error state belongs to a thread; kernels never warn
        while True:
            self.regions.get().work()


_pool = _Pool()
_num_threads = _available_cores()


def get_num_threads() -> int:
    """Return how many threads, the caller included, share one operation.

    >>> get_num_threads() >= 1
    True
    """
    return _num_threads


def set_num_threads(n: int) -> None:
    """Let at most `n` threads, the caller included, share one operation; 1 switches the pool off.

    >>> before = get_num_threads()
    >>> set_num_threads(1); get_num_threads()
    1
    >>> set_num_threads(before)
    """
    global _num_threads
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f"set_num_threads expects an int, but got {type(n).__name__}")
    if n < 1:
        raise ValueError(f"set_num_threads expects a positive integer, but got {n}")
    _num_threads = n


def run(piece: Piece, count: int) -> None:
    """Call `piece(0)` to `piece(count - 1)`, in any order, on the caller and the pool, and wait for all.

    An exception of a piece is raised here after the other pieces have run.

    >>> seen = []
    >>> run(seen.append, 3); sorted(seen)
    [0, 1, 2]
    """
    helpers = min(_num_threads, count) - 1
    if helpers <= 0:
        for index in range(count):
            piece(index)
        return
    if _pool.size < helpers:
        _pool.grow(helpers)
    region = _Region(piece, count)
    for _ in range(helpers):
        _pool.regions.put(region)
    region.work()
    region.finished.acquire()
    if region.error is not None:
        raise region.error


def run_ranges(task: Callable[[int, int], object], total: int, grain: int) -> None:
    """Call `task(start, stop)` over ranges that cover `range(total)`, each at least `grain` long.

    A total under two grains is one call, made here. Otherwise there are up to four ranges a thread, so that
    a late worker costs little.
    """
    pieces = min(total // grain, 4 * _num_threads) if _num_threads > 1 else 1
    if pieces < 2:
        task(0, total)
        return
    run(lambda index: task(total * index // pieces, total * (index + 1) // pieces), pieces)


def _forget_pool() -> None:
    """Threads do not survive a fork: the child starts its own when it needs them."""
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
