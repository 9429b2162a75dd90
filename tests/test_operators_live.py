"""The operator table against PyTorch itself: fresh samples, and the second order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.op_samples import ROWS, Row, keyed
from tests.op_samples.run import outcome, second_order
from tests.oracle import difference, torch

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
DIFFERENTIABLE = [pytest.param(row, id=key) for key, row in keyed(ROWS) if row.differentiable]


def differences(ours: dict[str, Any], theirs: dict[str, Any], loose: float) -> list[str]:
    """What differs, a line each."""
    problems = [f"{k}: only in one" for k in ours.keys() ^ theirs.keys()]
    for name in sorted(ours.keys() & theirs.keys()):
        wrong = difference(ours[name], theirs[name], loose)
        problems += [f"{name}: {wrong}"] if wrong else []
    return problems


@pytest.mark.parametrize("row", [pytest.param(row, id=key) for key, row in keyed(ROWS)])
def test_fresh_samples(up: Any, row: Row) -> None:
    for seed in (1, 2):
        for label, sample in row.each(seed=seed):
            wrong = differences(outcome(up, row, sample), outcome(torch, row, sample), row.loose * 10)
            assert not wrong, f"seed {seed}, sample {label}: " + "; ".join(wrong)


@pytest.mark.parametrize("row", DIFFERENTIABLE)
def test_second_order(up: Any, row: Row) -> None:
    for label, sample in row.each():
        if row.twice:
            ours, theirs = settled(second_order(up, row, sample)), settled(second_order(torch, row, sample))
            assert not (wrong := differences(ours, theirs, row.loose * 10)), f"{label}: " + "; ".join(wrong)


def settled(results: dict[str, Any]) -> dict[str, Any]:
    """Without the gradients that are zero, so that "no path" and "zero" are one."""
    return {k: v for k, v in results.items() if v is not None and v.any()}
