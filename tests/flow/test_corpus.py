"""The recorders find what the programs of the corpus say of themselves: on PyTorch, and on upriver."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import upriver as up
from tests.flow.expectations import as_upriver, expectations, name, programs, sources
from tests.oracle import torch
from upriver.flow.model import Report
from upriver.flow.run import explain_script

PROGRAMS = [pytest.param(program, id=name(program)) for program in (*programs("faulty"), *programs("clean"))]


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Programs switch gradients off, and import helpers."""
    known = set(sys.modules)
    yield
    up.set_grad_enabled(True)
    if torch is not None:
        torch.set_grad_enabled(True)
    for module in set(sys.modules) - known:
        if module.startswith("helpers_"):
            del sys.modules[module]


def explained(program: Path, folder: Path, framework: str) -> Report:
    """The report of the program, turned into one for upriver where that is asked for."""
    for source in sources(program):
        text = source.read_text(encoding="utf-8")
        (folder / source.name).write_text(
            as_upriver(text) if framework == "upriver" else text, encoding="utf-8"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report, error = explain_script(str(folder / program.name))
    assert not isinstance(error, (ImportError, NotImplementedError)), error
    assert report.framework == framework
    return report


def check(program: Path, report: Report) -> None:
    """Exactly the findings that are asked for, at their lines."""
    found = {(f.rule, Path(f.site.file).name, f.site.line) for f in report.findings}
    alarms = {(f.rule, Path(f.site.file).name, f.site.line) for f in report.findings if f.severity != "note"}
    asked = {(e.rule, e.file.name, e.line): e.note for e in expectations(program)}
    # what a drop costs, and with it whether it is worth a warning, depends on the machine
    notes = {each for each, note in asked.items() if note or each[0] == "built-then-dropped"}
    assert set(asked) <= found
    assert set(asked) - notes <= alarms
    assert {each for each in alarms - set(asked) if each[0] != "built-then-dropped"} == set()


@pytest.mark.parametrize("program", PROGRAMS)
def test_under_upriver(program: Path, tmp_path: Path) -> None:
    check(program, explained(program, tmp_path, "upriver"))


@pytest.mark.oracle
@pytest.mark.parametrize("program", PROGRAMS)
def test_under_torch(program: Path, tmp_path: Path) -> None:
    check(program, explained(program, tmp_path, "torch"))
