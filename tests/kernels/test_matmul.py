"""Matrix products: every shape of numpy.matmul, folded, split and threaded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.definitions import layouts
from upriver.kernels import threads
from upriver.kernels.matmul import matmul, matmul_weight_gradient

TOLERANCE = {np.float16: 1e-2, np.float32: 1e-3, np.float64: 1e-10, np.complex64: 1e-3, np.int64: 0}
PAIRS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (6, 3, 4)),
    ((0, 2, 3), (3, 4)),
    ((5, 2, 0), (0, 4)),
    ((5, 2, 0), (5, 0, 4)),
    ((40, 64, 64), (40, 64, 64)),
    ((4, 6, 128, 32), (4, 6, 32, 128)),
    ((64, 64), (40, 64, 64)),
    ((1, 12, 128, 64), (4, 1, 64, 128)),
    ((12, 128, 64), (2, 12, 64, 128)),
    ((3, 97, 300), (3, 300, 99)),
]


def random(shape, dtype, seed=0):
    return (np.random.default_rng(seed).standard_normal(shape) * 3).astype(dtype)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_matches_numpy(left, right, dtype):
    a, b = random(left, dtype), random(right, dtype, 1)
    wide = np.float64 if dtype == np.float16 else dtype
    expected = np.matmul(a.astype(wide), b.astype(wide)).astype(dtype)
    for layout in layouts(a):
        result = matmul(layout, b)
        assert np.shape(result) == expected.shape
        assert result.dtype == dtype
        np.testing.assert_allclose(result, expected, rtol=TOLERANCE[dtype], atol=10 * TOLERANCE[dtype])


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_broadcast_batches(data):
    batch = data.draw(st.lists(st.integers(0, 3), max_size=3))
    m, k, n = (data.draw(st.integers(0, 40)) for _ in range(3))

    def side():
        kept = [1 if data.draw(st.booleans()) else size for size in batch]
        return kept[data.draw(st.integers(0, len(kept))) :]

    a, b = random((*side(), m, k), np.float64), random((*side(), k, n), np.float64, 1)
    np.testing.assert_allclose(matmul(a, b), np.matmul(a, b), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_any_number_of_threads(count):
    before = threads.get_num_threads()
    a, b = random((50, 64, 64), np.float32), random((50, 64, 64), np.float32, 1)
    try:
        threads.set_num_threads(count)
        np.testing.assert_allclose(matmul(a, b), np.matmul(a, b), rtol=1e-4, atol=1e-3)
    finally:
        threads.set_num_threads(before)


@pytest.mark.parametrize(
    ("left", "right"), [((2, 3), (4, 5)), ((5, 2, 3), (5, 4, 3)), ((2, 2, 3), (3, 3, 4)), ((), (3,))]
)
def test_shapes_that_do_not_fit_are_numpys_error(left, right):
    with pytest.raises(ValueError, match=r"matmul|cannot be broadcast"):
        matmul(np.ones(left), np.ones(right))


def test_weight_gradient():
    x, g = random((4, 5, 6), np.float64), random((4, 5, 7), np.float64, 1)
    np.testing.assert_allclose(matmul_weight_gradient(x, g), np.einsum("btd,bte->de", x, g))
    assert matmul_weight_gradient(x[:0], g[:0]).shape == (6, 7)
