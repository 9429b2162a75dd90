"""Walk arrays in blocks that stay in cache, so that a chain of NumPy passes costs arithmetic and not memory
traffic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import threads

Array = np.ndarray[Any, Any]

# Measured with GELU (19 passes of 0.06 ns an element): below 128 KiB a block the calls themselves show, above
# 512 KiB the second-level cache overflows. Threads hand the interpreter lock to each other between passes,
# which pays only where a pass takes several microseconds: larger blocks, and none under 2 MiB.
BLOCK_BYTES = 1 << 18
THREAD_BLOCK_BYTES = 1 << 19
THREAD_MINIMUM_BYTES = 1 << 21


def compute_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type to compute in: float16 is a storage type and computes in float32."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def walk(task: Callable[[int, int], object], total: int, row_bytes: int) -> None:
    """Call `task(start, stop)` over cache-sized blocks of `total` rows of `row_bytes` each.

    Large totals are shared with the thread pool, in larger blocks.
    """
    threaded = total * row_bytes >= THREAD_MINIMUM_BYTES and threads.get_num_threads() > 1
    rows = max(1, (THREAD_BLOCK_BYTES if threaded else BLOCK_BYTES) // max(1, row_bytes))
    if threaded:
        blocks = -(-total // rows)
        threads.run(lambda index: task(index * rows, min(total, index * rows + rows)), blocks)
        return
    for start in range(0, total, rows):
        task(start, min(total, start + rows))


def elementwise(kernel: Callable[..., object], *inputs: Array, compute: Any = None) -> Array:
    """Return `kernel` over the elements of same-shaped inputs, block by block, in the dtype of the first.

    `kernel(*blocks, out)` fills `out`. With `compute`, or for float16, blocks are cast to that type on the
    way in and the result is cast back.
    """
    first = inputs[0]
    dtype = first.dtype
    compute = compute_dtype(dtype) if compute is None else np.dtype(compute)
    if compute == dtype and first.nbytes <= BLOCK_BYTES:
        out = np.empty(first.shape, dtype)
        if first.ndim:
            kernel(*inputs, out)
        else:  # NumPy turns results of 0-d arrays into scalars, which kernels cannot write to
            kernel(*(array.reshape(1) for array in inputs), out.reshape(1))
        return out
    flat = [array.reshape(-1) for array in inputs]
    out = np.empty(first.size, dtype)

    def task(start: int, stop: int) -> None:
        blocks = [array[start:stop].astype(compute, copy=False) for array in flat]
        if compute == dtype:
            kernel(*blocks, out[start:stop])
        else:
            buffer = np.empty(stop - start, compute)
            kernel(*blocks, buffer)
            out[start:stop] = buffer

    walk(task, first.size, compute.itemsize)
    return out.reshape(first.shape)
