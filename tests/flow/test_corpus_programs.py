"""The programs of the corpus do what they claim: under PyTorch faults happen, and clean ones have none."""

from __future__ import annotations

import gc
import re
from pathlib import Path
from typing import Any

import pytest

from tests.flow.expectations import RULES, Expected, as_upriver, expectations, name, programs, sources
from tests.flow.playing import Played, Watch, play, watching
from tests.oracle import torch

FAULTY, CLEAN = programs("faulty"), programs("clean")

RAISES = {
    "no-history": "element 0 of tensors does not require grad and does not have a grad_fn",
    "backward-twice": "Trying to backward through the graph a second time",
    "saved-value-modified": "one of the variables needed for gradient computation has been modified by",
}
MAY_RAISE = {
    "late-requires-grad": RAISES["no-history"],
    "non-leaf-grad": "can't optimize a non-leaf Tensor|unsupported operand type",
}
# What the blamed line must show, where nothing more can be seen from outside.
LINES = {
    "left-the-graph": r"\.(item|numpy|tolist)\(|tensor\(|float\(|math\.",
    "non-differentiable": r"arg(max|min)|topk|>|\bge\(|\.(long|int)\(",
    "late-requires-grad": r"requires_grad",
    "graph-growth": r"=|append",
    "accumulated-gradient": r"step\(|grad",
}

# Programs that need a name upriver does not have, and the name.
NOT_UPRIVER: dict[str, str] = {}
# upriver notices writes that PyTorch lets pass, and then raises.
NOTICED = RAISES["saved-value-modified"]


def rule_of(program: Path) -> str:
    return program.parent.name


def line_of(expected: Expected) -> str:
    """The source of the blamed line."""
    return expected.file.read_text(encoding="utf-8").splitlines()[expected.line - 1].strip()


def clone_aliases(source: str) -> str:
    """The repaired program: what was an alias is a copy."""
    return source.replace(".detach()", ".detach().clone()")


def graph_nodes() -> int:
    """How many nodes of graphs are alive."""
    gc.collect()
    found: set[Any] = set()
    queue = [o.grad_fn for o in gc.get_objects() if issubclass(type(o), torch.Tensor)]
    while queue:
        node = queue.pop()
        if node is not None and node not in found:
            found.add(node)
            queue += [following for following, _ in node.next_functions]
    return len(found)


@pytest.mark.parametrize("program", FAULTY, ids=name)
def test_a_faulty_program_says_which_line_is_to_blame(program: Path) -> None:
    expected = expectations(program)
    assert rule_of(program) in {e.rule for e in expected}
    assert {e.rule for e in expected} <= set(RULES)
    assert {e.rule for e in expected if e.note} <= {"redundant-detach", "wasted-gradient"}
    for e in expected:
        assert line_of(e)[0] not in "])}#"  # a statement begins here
        assert re.search(LINES.get(e.rule, ""), line_of(e))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_six_programs_or_more(rule: str) -> None:
    assert len([p for p in FAULTY if rule_of(p) == rule]) >= 6


def test_a_clean_program_blames_nothing() -> None:
    assert len(CLEAN) >= 30
    assert not [e for program in CLEAN for e in expectations(program)]


@pytest.mark.parametrize("program", FAULTY + CLEAN, ids=name)
def test_a_program_is_a_stranger_s(program: Path) -> None:
    assert not any("upriver" in file.read_text(encoding="utf-8") for file in sources(program))


def check_error(rule: str, played: Played) -> None:
    """The error that the rule calls for, or none."""
    if rule in RAISES:
        assert RAISES[rule] in str(played.error)
        assert "backward(" in played.text
    elif played.error is not None:
        assert rule in MAY_RAISE and re.search(MAY_RAISE[rule], str(played.error)), played.error


def check_place(rule: str, program: Path, played: Played, watch: Watch) -> None:
    """What can be said of the blamed lines."""
    places = {(e.file.name, e.line) for e in expectations(program) if e.rule == rule}
    if rule == "backward-twice":
        assert played.place in places
    if rule in ("redundant-detach", "built-then-dropped"):
        found = [watch.detached[place] for place in places if place in watch.detached]
        assert all(cut == {rule == "built-then-dropped"} for cut in found)
        assert len(found) == sum(".detach()" in line_of(e) for e in expectations(program) if e.rule == rule)


def check_parameters(rule: str, played: Played, watch: Watch) -> None:
    """What became of the parameters."""
    if rule == "unreached-parameter":
        assert watch.unreached()
    if rule == "wasted-gradient":
        assert watch.wasted
    if rule == "not-in-optimizer":
        assert watch.unowned()
    if rule == "accumulated-gradient":
        assert watch.twice or not watch.optimizers
    if rule == "non-leaf-grad":
        assert played.error or any("not a leaf Tensor" in w for w in played.warned)


@pytest.mark.oracle
@pytest.mark.parametrize("program", FAULTY, ids=name)
def test_the_fault_happens(program: Path) -> None:
    rule = rule_of(program)
    alive = graph_nodes() if rule == "graph-growth" else 0
    with watching(saved=rule in ("stale-saved-value", "alias-write")) as watch:
        played = play(program)
    check_error(rule, played)
    check_place(rule, program, played, watch)
    check_parameters(rule, played, watch)
    assert bool(watch.changed) == (rule == "stale-saved-value")
    if rule == "graph-growth":
        assert graph_nodes() - alive >= 20


@pytest.mark.oracle
@pytest.mark.parametrize("program", [p for p in FAULTY if rule_of(p) == "alias-write"], ids=name)
def test_a_copy_would_have_given_other_results(program: Path, tmp_path: Path) -> None:
    assert play(program).output != play(program, clone_aliases, tmp_path).output


@pytest.mark.oracle
@pytest.mark.parametrize("program", CLEAN, ids=name)
def test_a_clean_program_has_no_fault(program: Path) -> None:
    with watching(saved=True) as watch:
        played = play(program)
    assert played.error is None
    assert not played.warned
    assert not watch.changed
    assert not watch.unreached()
    assert not watch.twice
    assert not (watch.optimizers and watch.unowned())


@pytest.mark.parametrize("program", FAULTY + CLEAN, ids=name)
def test_it_runs_on_upriver(program: Path, tmp_path: Path) -> None:
    rule, played = rule_of(program), play(program, as_upriver, tmp_path)
    if name(program) in NOT_UPRIVER:
        assert isinstance(played.error, (AttributeError, ImportError))
        assert NOT_UPRIVER[name(program)] in str(played.error)
    elif rule == "stale-saved-value":
        assert played.error is None or NOTICED in str(played.error)
    else:
        check_error(rule, played)
