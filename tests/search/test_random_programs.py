"""Random graphs with views, writes, cuts and modes: upriver and PyTorch agree on everything visible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.oracle import to_numpy, torch
from tests.search.program import Program, observations, programs, start, take


def assert_agree(up: Any, program: Program) -> None:
    """Every observation, in order."""
    ours, theirs = observations(up, program), observations(torch, program)
    for (what, a), (named, b) in zip(ours, theirs, strict=True):
        assert what == named, f"{what} instead of {named}\n{program}"
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
            assert np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True), f"{what}: {a} not {b}\n{program}"
        else:
            assert type(a) is type(b) and (isinstance(a, np.ndarray) or a == b), (
                f"{what}: {a} not {b}\n{program}"
            )


@pytest.mark.oracle
@given(program=programs())
@settings(max_examples=600)
def test_random_programs(up: Any, program: Program) -> None:
    assert_agree(up, program)


@pytest.mark.oracle
@given(program=programs(length=8, groups=("view", "write", "unary")))
@settings(max_examples=600)
def test_random_views_and_writes(up: Any, program: Program) -> None:
    assert_agree(up, program)


@pytest.mark.oracle
@given(program=programs(length=25, groups=("unary", "binary", "view")))
@settings(max_examples=150)
def test_random_deep_graphs(up: Any, program: Program) -> None:
    assert_agree(up, program)


@given(program=programs(length=10, groups=("unary", "binary", "view")))
@settings(max_examples=60)
def test_random_graphs_against_finite_differences(up: Any, program: Program) -> None:
    """In one random direction, as far as the program is smooth: no oracle needed."""
    smooth = [step for step in program.steps if step[0][0] not in ROUGH and not step[1]]

    def run(shift: float) -> Any:
        tensors = start(up)
        leaves = tensors[:2]
        tensors[:2] = [leaf + shift * direction for leaf in leaves]
        for step, off in smooth:
            take(up, tensors, step, off)
        return leaves, (tensors[-1] * tensors[-1]).sum()

    direction = up.tensor(np.random.RandomState(0).uniform(-1, 1, (3, 3)))
    leaves, loss = run(0.0)
    grads = up.autograd.grad(loss, leaves, allow_unused=True) if loss.requires_grad else ()
    analytic = sum(float((to_numpy(g) * to_numpy(direction)).sum()) for g in grads if g is not None)
    numeric = float((run(1e-6)[1] - run(-1e-6)[1]).item()) / 2e-6
    assert analytic == pytest.approx(numeric, rel=1e-4, abs=1e-6)


ROUGH = {"unary.floor", "unary.relu", "unary.max", "unary.sort", "binary.maximum", "view.no_grad"}
