"""Accumulation at indices against np.add.at, and the checksum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.definitions import layouts
from upriver.kernels.checksum import checksum
from upriver.kernels.scatter import add_at, index_add, scatter_add_axis

RANDOM = np.random.default_rng(0)
INDICES = [
    ((5, 3), (np.array([0, 1, 1, -1]),)),
    ((5, 3), (np.array([[0, 1], [1, -1]]),)),
    ((5, 3, 2), (np.array([0, 1, 1]), np.array([2, -3, -3]))),
    ((5, 3), (np.array([[0], [1]]), np.array([2, 0, 0]))),
    ((5, 3), (np.array([0, 0, 1]), 2)),
    ((5, 3), (2,)),
    ((5, 3), (np.array([0, 0]), slice(1, 3))),
    ((5, 3), (RANDOM.random((5, 3)) < 0.5,)),
    ((5, 3), (Ellipsis, np.array([0, 0]))),
    ((5,), (np.array([], int),)),
    ((5, 0), (np.array([1, 1]),)),
    ((), ()),
    ((300, 64), (RANDOM.integers(0, 300, 900),)),
    ((50, 40), (RANDOM.integers(0, 50, 3000), RANDOM.integers(-40, 40, 3000))),
]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, np.complex64])
@pytest.mark.parametrize(("shape", "index"), INDICES)
def test_add_at(shape, index, dtype):
    start = np.asarray(RANDOM.standard_normal(shape) * 3).astype(dtype)
    values = np.asarray(RANDOM.standard_normal(start[index].shape) * 3).astype(dtype)
    expected = start.copy()
    np.add.at(expected, index, values)
    for target in layouts(start):
        target = target.copy() if target is start else target
        add_at(target, index, values)
        tolerance = 0.05 if dtype == np.float16 else 1e-4
        np.testing.assert_allclose(target, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("count", [2, 3000])
def test_add_at_outside(count):
    target = np.zeros((3, 2))
    with pytest.raises(IndexError, match=r"index 3 is out of bounds for (dimension|axis) 0 with size 3"):
        add_at(target, (np.full(count, 3),), np.ones((count, 2)))
    assert not target.any()


@given(st.lists(st.integers(1, 6), min_size=1, max_size=3), st.data())
@settings(max_examples=60, deadline=None)
def test_along_an_axis(shape, data):
    axis = data.draw(st.integers(0, len(shape) - 1))
    count = data.draw(st.sampled_from([0, 1, 7, 2000]))
    generator = np.random.default_rng(data.draw(st.integers(0, 99)))
    values = generator.standard_normal([*shape[:axis], count, *shape[axis + 1 :]])
    start = generator.standard_normal(shape)
    index = generator.integers(-shape[axis], shape[axis], count)
    expected, target = start.copy(), start.copy()
    np.add.at(expected, (*[slice(None)] * axis, index), values)
    index_add(target, axis, index, values)
    np.testing.assert_allclose(target, expected)
    places = generator.integers(0, shape[axis], values.shape)
    expected = start.copy()
    for place in np.ndindex(values.shape):
        expected[(*place[:axis], places[place], *place[axis + 1 :])] += values[place]
    larger = np.pad(values, [(0, 1)] * values.ndim, constant_values=99)
    for target in layouts(start):
        target = target.copy(order="K") if target is start else target
        scatter_add_axis(target, axis, places, larger)
        np.testing.assert_allclose(target, expected)


def test_zero_dimensions():
    target = np.array(1.0)
    scatter_add_axis(target, 0, np.array(0), np.array(2.5))
    assert target == 3.5


@pytest.mark.parametrize("count", [3, 100, 5000, 70001])
@pytest.mark.parametrize("dtype", [np.bool_, np.int8, np.float32, np.float64, np.complex128])
def test_checksum_sees_changes(count, dtype):
    array = (RANDOM.standard_normal(count) * 9).astype(dtype)
    before = checksum(array)
    assert checksum(array.copy()) == before
    data = array.view(np.uint8)
    for _ in range(100):
        place, bit = RANDOM.integers(data.size), 1 << RANDOM.integers(8)
        data[place] ^= np.uint8(bit)
        assert checksum(array) != before
        data[place] ^= np.uint8(bit)
        i, j = RANDOM.integers(count, size=2)
        if array[i].tobytes() != array[j].tobytes():
            array[[i, j]] = array[[j, i]]
            assert checksum(array) != before
            array[[i, j]] = array[[j, i]]
    assert checksum(array) == before


def test_checksum_of_signs_blocks_and_layouts():
    array = RANDOM.standard_normal(100_000)
    before = checksum(array)
    for _ in range(200):
        i, j = RANDOM.choice(array.size, 2, replace=False)
        array[[i, j]] *= -1
        assert checksum(array) != before
        array[[i, j]] *= -1
    blocks = array[: 3 << 15].reshape(3, -1)
    assert checksum(blocks[[1, 0, 2]]) != checksum(blocks)
    assert checksum(np.zeros(70_000)) != checksum(np.zeros(70_001))
    assert isinstance(checksum(np.zeros((3, 0))), int)
    square = array[:90_000].reshape(300, 300)
    for layout in (square, square.T, square[::2, 1:], np.broadcast_to(square[0], (300, 300))):
        assert checksum(layout) == checksum(layout)
        assert checksum(layout) != checksum(layout + 1)
