"""The programs of the corpus under upriver: the engine's recorder finds what they say of themselves."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import upriver as up
from tests.flow.expectations import as_upriver, expectations, name, programs, sources
from upriver.flow.model import Report
from upriver.flow.run import explain_script

# Where the findings are not yet those that are asked for, on either framework.
OPEN = (
    "faulty/no-history/accuracy_as_loss",
    "faulty/no-history/lambda_array",
    "faulty/no-history/library_loss",
    "faulty/no-history/summed_items",
)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Programs switch gradients off, and import helpers."""
    known = set(sys.modules)
    yield
    up.set_grad_enabled(True)
    for module in set(sys.modules) - known:
        if module.startswith("helpers_"):
            del sys.modules[module]


def explained(program: Path, folder: Path) -> Report:
    """The report of the program, turned into one for upriver."""
    for source in sources(program):
        (folder / source.name).write_text(as_upriver(source.read_text(encoding="utf-8")), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report, error = explain_script(str(folder / program.name))
    assert not isinstance(error, (AttributeError, ImportError, NotImplementedError)), error
    return report


def cases() -> Iterator[object]:
    """All programs; those that are open must go on failing, or be struck from the list."""
    for program in (*programs("faulty"), *programs("clean")):
        marks = [pytest.mark.xfail(strict=True, reason="open")] if name(program) in OPEN else []
        yield pytest.param(program, id=name(program), marks=marks)


@pytest.mark.parametrize("program", list(cases()))
def test_the_findings_are_those_asked_for(program: Path, tmp_path: Path) -> None:
    report = explained(program, tmp_path)
    assert report.framework == "upriver"
    found = {(f.rule, Path(f.site.file).name, f.site.line) for f in report.findings}
    alarms = {(f.rule, Path(f.site.file).name, f.site.line) for f in report.findings if f.severity != "note"}
    asked = {(e.rule, e.file.name, e.line): e.note for e in expectations(program)}
    # what a drop costs, and with it whether it is worth a warning, depends on the machine
    notes = {each for each, note in asked.items() if note or each[0] == "built-then-dropped"}
    assert set(asked) <= found
    assert set(asked) - notes <= alarms
    assert {each for each in alarms - set(asked) if each[0] != "built-then-dropped"} == set()
