"""The report as JSON: whole, valid, documented, and refused by name where it is not what it should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flow import reports
from upriver.flow.json import dumps, load, to_dict
from upriver.flow.model import Cut, Report

SAMPLES = {
    "broken": reports.broken,
    "healthy": reports.healthy,
    "transformer": lambda: reports.transformer(3, cut_after=1),
    "hostile": reports.hostile,
    "huge": lambda: reports.huge(500),
}
DOCUMENT = Path(__file__).parents[2] / "docs" / "report.md"


def keys(data: Any) -> set[str]:
    """Every key at every depth."""
    if isinstance(data, dict):
        return set(data).union(*(keys(value) for value in data.values()))
    return set().union(*(keys(value) for value in data)) if isinstance(data, list) else set()


def refuse_constant(name: str) -> float:
    raise AssertionError(f"{name} is not JSON")


@pytest.mark.parametrize("name", SAMPLES)
def test_there_and_back(name: str) -> None:
    report, _ = SAMPLES[name]()
    text = dumps(report)
    json.loads(text, parse_constant=refuse_constant)
    again = load(text)
    assert dumps(again) == text
    assert repr(again) == repr(report)  # by text, as NaN is unlike itself
    assert repr(load(to_dict(report))) == repr(report)


def test_the_shape_that_is_promised() -> None:
    data = to_dict(reports.broken()[0])
    assert data["schema"] == 1 and data["framework"] == "upriver"
    backward = data["backwards"][0]
    assert (backward["file"], backward["line"], backward["count"]) == ("examples/broken.py", 28, 40)
    leaf = backward["leaves"][0]
    assert leaf["name"] == "encoder.0.weight" and leaf["shape"] == [64, 28]
    assert leaf["status"] == "cut" and leaf["grad_norm"] is None
    [cut] = leaf["cuts"]
    assert (cut["kind"], cut["file"], cut["line"]) == ("detach", "examples/broken.py", 17)
    assert data["cuts"][cut["cut"]]["leaves"][0] == "encoder.0.weight"
    wanted = {"rule", "severity", "file", "line", "message", "fix"}
    assert all(wanted <= set(finding) for finding in data["findings"])
    assert {"kind", "file", "line", "source"} <= set(data["cuts"][0])


def test_leaves_share_the_cuts_of_the_report() -> None:
    again = load(dumps(reports.broken()[0]))
    assert again.backwards[0].leaves[0].cuts[0] is again.cuts[0]


def test_a_cut_of_a_leaf_alone_is_written_out() -> None:
    report, _ = reports.broken()
    report.cuts = []
    again = load(dumps(report))
    assert isinstance(again.backwards[0].leaves[0].cuts[0], Cut) and repr(again) == repr(report)


def test_numbers_that_json_cannot_write_are_strings() -> None:
    norms = [node["norm"] for node in to_dict(reports.hostile()[0])["backwards"][0]["river"]["nodes"]]
    assert norms == ["nan", None, "inf", "-inf"]


def test_every_key_is_documented() -> None:
    page = DOCUMENT.read_text()
    data = to_dict(reports.broken()[0])
    data["raised"] = to_dict(reports.hostile()[0])["raised"]
    missing = [key for key in sorted(keys(data)) if f"`{key}`" not in page]
    assert not missing, missing


def edited(*path: Any, value: Any = None) -> dict[str, Any]:
    """The broken report with one field replaced, or removed."""
    data: Any = to_dict(reports.broken()[0])
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return dict(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, 'a JSON object with "schema"'),
        (edited("schema", value=2), "schema 2 found, schema 1 expected"),
        (edited("findings", 0, "rule"), r'report.findings\[0\] has no "rule"'),
        (edited("findings", 0, "severity", value="fatal"), "should be one of error, warning, note"),
        (edited("findings", 0, "line", value="7"), "should be of type int, and is '7'"),
        (edited("backwards", value={}), "backwards should be a list"),
        (edited("backwards", 0, "leaves", 0, "shape", value="8"), r"leaves\[0\].shape should be a list"),
        (edited("backwards", 0, "leaves", 0, "cuts", 0, "cut", value=9), "a place in the 3 cuts"),
        (edited("backwards", 0, "river", "nodes", 0, "norm", value="wide"), "should be a number"),
    ],
)
def test_what_is_wrong_is_refused_by_name(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(data)


def test_keys_of_later_writers_are_left_alone() -> None:
    assert load({**to_dict(Report("torch", "2.13.0")), "new": 1}) == Report("torch", "2.13.0")
