"""Random creation: seeds, shapes, dtypes, distributions (the streams themselves are each library's own)."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_seed_repeats_the_stream(lib: Any) -> None:
    lib.manual_seed(3)
    first = [lib.rand(2).tolist(), lib.randn(2).tolist(), lib.randint(0, 9, (5,)).tolist()]
    lib.manual_seed(3)
    assert first == [lib.rand(2).tolist(), lib.randn(2).tolist(), lib.randint(0, 9, (5,)).tolist()]
    lib.manual_seed(4)
    assert first[0] != lib.rand(2).tolist()


def test_a_generator_of_ones_own(lib: Any) -> None:
    a, b = (lib.Generator().manual_seed(7) for _ in range(2))
    lib.manual_seed(0)
    before = lib.rand(1).item()
    assert lib.randn(3, generator=a).tolist() == lib.randn(3, generator=b).tolist()
    lib.manual_seed(0)
    lib.randn(3, generator=a)
    assert lib.rand(1).item() == before


@pytest.mark.parametrize(
    ("make", "low", "high", "mean"),
    [
        (lambda lib: lib.rand(20_000), 0.0, 1.0, 0.5),
        (lambda lib: lib.randn(20_000), -7.0, 7.0, 0.0),
        (lambda lib: lib.randint(3, 9, (20_000,)).double(), 3, 8, 5.5),
        (lambda lib: lib.bernoulli(lib.full((20_000,), 0.3)), 0, 1, 0.3),
        (lambda lib: lib.normal(2.0, 0.5, (20_000,)), -2, 6, 2.0),
        (lambda lib: lib.zeros(20_000).uniform_(-1, 3), -1, 3, 1.0),
        (lambda lib: lib.zeros(20_000).normal_(1, 2), -11, 13, 1.0),
        (lambda lib: lib.zeros(20_000).bernoulli_(0.25), 0, 1, 0.25),
        (lambda lib: lib.zeros(20_000).exponential_(2.0), 0, 20, 0.5),
        (lambda lib: lib.randperm(20_000).double(), 0, 19_999, 9_999.5),
        (lambda lib: lib.rand_like(lib.zeros(20_000)), 0, 1, 0.5),
        (lambda lib: lib.randn_like(lib.zeros(20_000)), -7, 7, 0.0),
    ],
)
def test_ranges_and_means(lib: Any, make: Any, low: float, high: float, mean: float) -> None:
    lib.manual_seed(0)
    values = make(lib)
    assert low <= values.min().item() and values.max().item() <= high
    assert values.mean().item() == pytest.approx(mean, abs=0.06)


def test_shapes_and_dtypes(lib: Any) -> None:
    assert lib.rand(2, 3).dtype == lib.float32 and lib.rand((2, 3)).shape == (2, 3)
    assert lib.randn(2, dtype=lib.float64).dtype == lib.float64 and lib.randint(5, (2,)).dtype == lib.int64
    assert lib.rand(1, requires_grad=True).requires_grad and sorted(lib.randperm(4).tolist()) == [0, 1, 2, 3]


def test_multinomial(lib: Any) -> None:
    lib.manual_seed(0)
    drawn = lib.multinomial(lib.tensor([0.0, 1.0, 3.0]), 4_000, replacement=True)
    assert 0 not in drawn.tolist() and 0.7 < (drawn == 2).double().mean().item() < 0.8
    assert sorted(lib.multinomial(lib.ones(5), 5).tolist()) == [0, 1, 2, 3, 4]


def test_dropout(lib: Any) -> None:
    lib.manual_seed(0)
    x = lib.ones(10_000, requires_grad=True)
    y = lib.nn.functional.dropout(x, 0.25)
    assert y.unique().tolist() == pytest.approx([0.0, 4 / 3])
    assert y.mean().item() == pytest.approx(1, abs=0.05)
    y.sum().backward()
    assert lib.equal(x.grad, y.detach())
    assert lib.equal(lib.nn.functional.dropout(x, 0.25, training=False), x)
