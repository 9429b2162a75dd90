"""Matrix products with the shapes of `numpy.matmul`: stacks are folded into one product or shared among
threads.

`numpy.matmul` multiplies a stack slice by slice. One product of all rows is faster where the right side is a
single matrix. Where it is not, slices are kept too small for BLAS to start threads of its own (a fork and a
join for every slice, which a busy core turns into a timeslice each) and the stack is shared among ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from . import threads
from .blocks import Array

SERIAL_PRODUCT = 1 << 18  # m*n*k up to which OpenBLAS stays on the calling thread
FEWEST_ROWS = 16  # splitting a slice further than this costs BLAS its speed
THREADED_PRODUCT = 1 << 22  # multiplications in a stack from which sharing it pays


_product: Callable[[Array, Array], Array] = np.matmul


def matmul(a: Array, b: Array) -> Array:
    """Return the matrix product of two arrays, in all the shapes that `numpy.matmul` takes.

    float16 is multiplied in float32.
    """
    if a.ndim <= 2 and b.ndim <= 2 and a.dtype != np.float16:
        return _product(a, b)
    if a.dtype == np.float16 and b.dtype == np.float16:
        return matmul(a.astype(np.float32), b.astype(np.float32)).astype(np.float16)
    if a.ndim <= 1 or b.ndim == 0 or a.size == 0 or b.size == 0:
        return _product(a, b)
    if b.ndim <= 2:
        product = _product(a.reshape(-1, a.shape[-1]), b)
        return product.reshape(*a.shape[:-1], *b.shape[1:])
    return _matmul_stack(a, b)


def _matmul_stack(a: Array, b: Array) -> Array:
    """Multiply where `b` is a stack; `a` may be a stack or one matrix."""
    rows, inner, columns = a.shape[-2], a.shape[-1], b.shape[-1]
    if inner != b.shape[-2] or a.dtype != b.dtype or a.dtype.kind not in "fc":
        return _product(a, b)  # nothing that BLAS multiplies, or NumPy's own error
    parts = _row_parts(rows, inner * columns)
    if parts == 0:
        return _product(a, b)
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    work = math.prod(batch) * rows * inner * columns
    if parts > 1:
        a, b = a.reshape(*a.shape[:-2], parts, rows // parts, inner), b[..., None, :, :]
    out_shape = (*batch, parts, rows // parts, columns) if parts > 1 else (*batch, rows, columns)
    if work < THREADED_PRODUCT or batch[0] == 1 or threads.get_num_threads() == 1:
        out = _product(a, b)
    else:
        out = _matmul_threaded(a, b, out_shape)
    return out.reshape(*batch, rows, columns)


def _row_parts(rows: int, products_per_row: int) -> int:
    """Return into how many equal parts to cut a slice's rows so that BLAS stays serial, 0 where that does
    not pay.
    """
    fewest = -(-rows * products_per_row // SERIAL_PRODUCT)
    for parts in range(max(1, fewest), rows // FEWEST_ROWS + 1):
        if rows % parts == 0:
            return parts
    return 1 if fewest <= 1 else 0


def _matmul_threaded(a: Array, b: Array, out_shape: tuple[int, ...]) -> Array:
    """Share the first axis of the stack among the threads."""
    out = np.empty(out_shape, a.dtype)
    total = out_shape[0]
    pieces = min(total, 4 * threads.get_num_threads())

    def shared(array: Array, start: int, stop: int) -> Array:
        whole = array.ndim < out.ndim or array.shape[0] == 1
        return array if whole else array[start:stop]

    def piece(index: int) -> None:
        start, stop = total * index // pieces, total * (index + 1) // pieces
        np.matmul(shared(a, start, stop), shared(b, start, stop), out=out[start:stop])

    threads.run(piece, pieces)
    return out


def matmul_weight_gradient(x: Array, g: Array) -> Array:
    """Return the sum over all leading axes of x^T g: (..., D) and (..., E) give (D, E), as one 2-D product.

    This is the gradient of `w` in `matmul(x, w)`, `g` being that of the result.
    """
    rows = math.prod(x.shape[:-1])
    return matmul(x.reshape(rows, x.shape[-1]).T, g.reshape(rows, g.shape[-1]))
