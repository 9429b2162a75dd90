"""The thread pool: every piece once, errors, nesting, forks."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
import warnings

import numpy as np
import pytest

from upriver.kernels import blocks, special, threads


@pytest.fixture(autouse=True)
def three_threads():
    before = threads.get_num_threads()
    threads.set_num_threads(3)
    yield
    threads.set_num_threads(before)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 1000])
def test_every_piece_runs_once(count):
    seen: list[int] = []
    threads.run(seen.append, count)
    assert sorted(seen) == list(range(count))


def test_pieces_run_on_other_threads():
    names = set()

    def piece(index):
        names.add(threading.current_thread().name)
        time.sleep(0.01)

    threads.run(piece, 12)
    assert len(names) > 1


def test_ranges_cover_the_total():
    for total, grain in [(0, 5), (3, 5), (10, 5), (1001, 5), (17, 1)]:
        seen = np.zeros(total, int)

        def task(start, stop, seen=seen):
            seen[start:stop] += 1

        threads.run_ranges(task, total, grain)
        assert (seen == 1).all()


def test_an_error_reaches_the_caller_after_the_rest_has_run():
    seen = []

    def piece(index):
        if index == 3:
            raise KeyError("three")
        seen.append(index)

    with pytest.raises(KeyError, match="three"):
        threads.run(piece, 10)
    assert sorted(seen) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    threads.run(seen.append, 3)


def test_nested_and_concurrent_regions():
    totals = []

    def outer(index):
        inner: list[int] = []
        threads.run(inner.append, 20)
        totals.append(sum(inner))

    callers = [threading.Thread(target=threads.run, args=(outer, 10)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=30)
    assert totals == [190] * 40


def test_workers_do_not_warn():
    x = np.full(blocks.THREAD_MINIMUM_BYTES // 2, -1e4, np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(special.expit(x), 0)


def _in_the_child(queue):
    x = np.linspace(-3, 3, blocks.THREAD_MINIMUM_BYTES // 2)
    queue.put(float(special.expit(x).sum()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_starts_its_own_threads():
    threads.run(lambda index: None, 8)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking while threads exist: what is tested
        child = context.Process(target=_in_the_child, args=(queue,))
        child.start()
    assert queue.get(timeout=30) == pytest.approx(blocks.THREAD_MINIMUM_BYTES / 4)
    child.join(timeout=30)


@pytest.mark.parametrize(
    ("wrong", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_set_num_threads_refuses(wrong, error):
    with pytest.raises(error, match="set_num_threads expects"):
        threads.set_num_threads(wrong)
