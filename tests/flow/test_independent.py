"""Programs whose author knew the specification of the findings, and not the code.

`# expect: rule` is wanted on its line, or on a line with `# or: rule`; `# also: rule` is allowed beside it,
because it is true as well; `# expect-note: rule` is wanted as a note.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import upriver as up
from tests.flow.expectations import as_upriver
from tests.oracle import torch
from upriver.flow.model import Report
from upriver.flow.run import explain_script

FOLDER = Path(__file__).parent / "corpus" / "independent"
EVERY = sorted(
    p for p in FOLDER.rglob("*.py")
    if not p.name.startswith("helper_") and (p.name == "train.py" or p.parent.parent == FOLDER)
)  # fmt: skip
MARK = re.compile(r"(expect-note|expect|also|or): ([a-z]+(?:-[a-z]+)+)")


def label(program: Path) -> str:
    """The name of a program: its path in the folder."""
    return str(program.relative_to(FOLDER).with_suffix(""))


# Programs that need something that upriver does not have yet, each with what.
LATER = dict(
    line.split(": ") for line in (FOLDER / "not_upriver.txt").read_text(encoding="utf-8").splitlines()
)
RUNS, LACKS = ([p for p in EVERY if (label(p) in LATER) is later] for later in (False, True))

# Missed: constants that come back into a loss which reaches the same parameters by another way.
MISSED = ("scripts_faulty/gumbel_no_straight_through", "scripts_faulty/triplet_tolist/train")

Place = tuple[str, str, int]


@pytest.fixture(autouse=True)
def as_before(tmp_path: Path) -> Iterator[None]:
    """Programs switch gradients off, set the default type, and import helpers."""
    known = set(sys.modules)
    yield
    for library in (up, torch):
        if library is not None:
            library.set_grad_enabled(True)
            library.set_default_dtype(library.float32)
    for module in set(sys.modules) - known:
        if str(getattr(sys.modules[module], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[module]


def files(program: Path) -> list[Path]:
    """The program and its helpers: all of its folder, or what it imports by name."""
    if program.name == "train.py":
        return sorted(program.parent.rglob("*.py"))
    helpers = re.findall(r"(?:from|import) (helper_\w+)", program.read_text(encoding="utf-8"))
    return [program, *(program.with_name(f"{name}.py") for name in dict.fromkeys(helpers))]


def marks(program: Path) -> dict[str, set[Place]]:
    """By kind of mark, the places that carry one."""
    found: dict[str, set[Place]] = {"expect": set(), "expect-note": set(), "also": set(), "or": set()}
    for file in files(program):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for kind, rule in MARK.findall(line.partition("  # ")[2]):
                found[kind].add((rule, file.name, number))
    return found


def explained(program: Path, folder: Path, framework: str) -> tuple[Report, BaseException | None]:
    """The report of a copy of the program, with the framework's names, and what the program raised."""
    for file in files(program):
        text, copy = file.read_text(encoding="utf-8"), folder / file.relative_to(program.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(as_upriver(text) if framework == "upriver" else text, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return explain_script(str(folder / program.name))


def lacks(error: BaseException | None) -> bool:
    """Whether a program stopped at something that the framework does not have."""
    return isinstance(error, (ImportError, NotImplementedError)) or (
        isinstance(error, AttributeError) and "upriver" in str(error)
    )


def check(program: Path, folder: Path, framework: str) -> None:
    report, error = explained(program, folder, framework)
    assert not lacks(error), error
    found = [((f.rule, Path(f.site.file).name, f.site.line), f.severity) for f in report.findings]
    alarms = {place for place, severity in found if severity != "note"}
    notes = {place for place, severity in found if severity == "note"}
    wanted = marks(program)
    elsewhere = {rule for rule, *_ in wanted["or"] & (alarms | notes)}
    assert {place for place in wanted["expect"] - alarms - notes if place[0] not in elsewhere} == set()
    assert wanted["expect-note"] <= alarms | notes
    assert alarms - set().union(*wanted.values()) == set()


def cases(programs: list[Path]) -> list[Any]:
    """The programs as parameters; a missed one that is found must be struck from the list."""
    missed = pytest.mark.xfail(strict=True, reason="missed")
    return [pytest.param(p, id=label(p), marks=[missed] if label(p) in MISSED else []) for p in programs]


@pytest.mark.oracle
@pytest.mark.parametrize("program", cases(EVERY))
def test_under_torch(program: Path, tmp_path: Path) -> None:
    check(program, tmp_path, "torch")


@pytest.mark.parametrize("program", cases(RUNS))
def test_under_upriver(program: Path, tmp_path: Path) -> None:
    check(program, tmp_path, "upriver")


@pytest.mark.parametrize("program", LACKS, ids=label)
def test_what_upriver_lacks_is_still_missing(program: Path, tmp_path: Path) -> None:
    assert lacks(explained(program, tmp_path, "upriver")[1])
