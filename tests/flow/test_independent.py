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

import pytest

import upriver as up
from tests.flow.expectations import as_upriver
from tests.oracle import torch
from upriver.flow.run import explain_script

FOLDER = Path(__file__).parent / "corpus" / "independent"
EVERY = [p for p in sorted(FOLDER.glob("*/*.py")) if not p.name.startswith("helper_")]
MARK = re.compile(r"(expect-note|expect|also|or): ([a-z]+(?:-[a-z]+)+)")

# What upriver does not have yet, and the programs that need it.
MISSING = {
    "distributions": ("a2c", "actor_critic", "normalising_flow", "ppo", "reinforce_baseline", "sac_like",
                      "btd_gae_values", "gg_replay_buffer", "svm_step_between"),
    "utils.data": ("cnn_batchnorm_eval", "grad_accumulation", "numpy_pipeline", "ag_no_zero",
                   "rd_input_batch"),
    "func": ("maml",), "save": ("save_load",), "relu_": ("inplace_ok",), "swa_utils": ("swa",),
    "parametrizations": ("parametrizations",), "sparse gradients": ("mixed_optimizers",),
}  # fmt: skip
LATER = {program for programs in MISSING.values() for program in programs}
RUNS, LACKS = ([p for p in EVERY if (p.stem in LATER) is later] for later in (False, True))

Place = tuple[str, str, int]


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Programs switch gradients off, and import helpers."""
    known = set(sys.modules)
    yield
    up.set_grad_enabled(True)
    if torch is not None:
        torch.set_grad_enabled(True)
    for module in set(sys.modules) - known:
        if module.startswith("helper_"):
            del sys.modules[module]


def files(program: Path) -> list[Path]:
    """The program and the helper that it imports."""
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


def check(program: Path, folder: Path, framework: str) -> None:
    for file in files(program):
        text = file.read_text(encoding="utf-8")
        (folder / file.name).write_text(
            as_upriver(text) if framework == "upriver" else text, encoding="utf-8"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report, error = explain_script(str(folder / program.name))
    missing = isinstance(error, AttributeError) and "upriver" in str(error)
    assert not missing and not isinstance(error, (ImportError, NotImplementedError)), error
    alarms = {(f.rule, Path(f.site.file).name, f.site.line) for f in report.findings if f.severity != "note"}
    notes = {(f.rule, Path(f.site.file).name, f.site.line) for f in report.findings if f.severity == "note"}
    wanted = marks(program)
    elsewhere = {rule for rule, *_ in wanted["or"] & (alarms | notes)}
    assert {place for place in wanted["expect"] - alarms - notes if place[0] not in elsewhere} == set()
    assert wanted["expect-note"] <= alarms | notes
    assert alarms - set().union(*wanted.values()) == set()


def label(program: Path) -> str:
    return f"{program.parent.name}/{program.stem}"


@pytest.mark.oracle
@pytest.mark.parametrize("program", EVERY, ids=label)
def test_under_torch(program: Path, tmp_path: Path) -> None:
    check(program, tmp_path, "torch")


@pytest.mark.parametrize("program", RUNS, ids=label)
def test_under_upriver(program: Path, tmp_path: Path) -> None:
    check(program, tmp_path, "upriver")


@pytest.mark.parametrize("program", LACKS, ids=label)
def test_what_upriver_lacks_is_still_missing(program: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        check(program, tmp_path, "upriver")
