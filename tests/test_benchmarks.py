"""The benchmarks' own arithmetic: what is refused, how rounds become ratios, when a goal is met."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.compare import line, met
from benchmarks.runner import UPRIVER, Contender, ProgramFailed, Race, contenders, refuse_wrong
from benchmarks.table import as_markdown, as_text
from benchmarks.workload import Goal, Program, Quantity, Workload
from benchmarks.workloads import WORKLOADS, by_name

QUANTITY = Quantity(goals=(Goal(0.5, "torch"), Goal(0.8, "best"), Goal(3e-3)))


def program(lib: object) -> Program:
    return Program(values=dict)


WORKLOAD = Workload(
    "z", "nothing", dict.fromkeys((UPRIVER, "torch", "autograd", "numpy"), program), (QUANTITY,)
)


def race(**times: list[float]) -> Race:
    rounds = {Contender(library, None): [{"time": time} for time in each] for library, each in times.items()}
    return Race(WORKLOAD, rounds)


def test_right_values_may_be_timed() -> None:
    refuse_wrong({"g": np.array([1.0, 2.0])}, {"g": np.array([1.0, 2.00001])}, 1e-4)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"g": np.array([1.0, 2.1])}, "off by"),
        ({"g": np.array([1.0, np.nan])}, "off by nan"),
        ({"g": np.array([1.0])}, "shape"),
        ({}, "computed"),
    ],
)
def test_wrong_values_are_refused(values: dict[str, np.ndarray], reason: str) -> None:
    with pytest.raises(ProgramFailed, match=reason):
        refuse_wrong(values, {"g": np.array([1.0, 2.0])}, 1e-4)


def test_ratios_are_of_medians_between_the_extremes_of_the_rounds() -> None:
    ratio = line(race(upriver=[1e-3, 2e-3, 3e-3], torch=[4e-3, 4e-3, 4e-3]), QUANTITY).peers["torch"].ratio
    assert ratio is not None
    assert (ratio.median, ratio.low, ratio.high) == (0.5, 0.25, 0.75)


def test_a_library_is_shown_in_its_better_configuration() -> None:
    slow = race(upriver=[1.0], torch=[2.0])
    slow.figures[Contender("torch", 1)] = [{"time": 0.5}]
    assert line(slow, QUANTITY).peers["torch"].figure.median == 0.5


def test_goals() -> None:
    fast = line(race(upriver=[2e-3], torch=[4e-3], autograd=[2.4e-3], numpy=[1e-3]), QUANTITY)
    assert [met(goal, fast) for goal in QUANTITY.goals] == [True, False, True]
    unknown = line(race(torch=[4e-3]), QUANTITY)
    assert [met(goal, unknown) for goal in QUANTITY.goals] == [None, None, None]


def test_the_table_shows_figures_ratios_and_verdicts() -> None:
    text = as_text([line(race(upriver=[2e-3, 2.4e-3, 2.2e-3], torch=[4e-3, 4e-3, 4e-3]), QUANTITY)])
    assert "2.20 (2.00 to 2.40) ms" in text
    assert "0.55 (0.50 to 0.60) of 4.00 ms" in text
    assert "at most 0.5 of PyTorch: missed" in text
    assert "autograd" not in text.splitlines()[0]


def test_markdown_has_one_row_for_each_line_under_the_head() -> None:
    rows = as_markdown([line(race(upriver=[1.0], torch=[2.0]), QUANTITY)]).splitlines()
    assert len(rows) == 3
    assert len({row.count("|") for row in rows}) == 1


def test_the_reference_runs_first_in_each_thread_configuration() -> None:
    names = [(each.library, each.threads) for each in contenders(WORKLOAD, (UPRIVER, "torch", "mygrad"))]
    assert names == [("torch", 1), ("torch", None), (UPRIVER, 1), (UPRIVER, None)]


def test_every_workload_has_its_own_name_and_a_program_for_upriver() -> None:
    assert len({workload.name for workload in WORKLOADS}) == len(WORKLOADS)
    assert {workload.letter for workload in WORKLOADS} == set("abcdefghijk")
    for workload in WORKLOADS:
        assert UPRIVER in workload.programs
        assert by_name(workload.name) is workload
