"""The report from inside a program: record, explain, why, alias_report, keepers."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import upriver as up
from tests.flow.recorders import LIBRARIES
from tests.house.source import ROOT
from upriver.flow.model import Report

recorded = pytest.mark.parametrize("library", LIBRARIES)
either = pytest.mark.parametrize("library", ["upriver", pytest.param("torch", marks=pytest.mark.oracle)])


def statuses(report: Report) -> dict[str, str]:
    return {leaf.name: leaf.status for leaf in report.backwards[0].leaves}


def cut_encoder(library: Any) -> tuple[Any, Any, Any]:
    encoder, head = library.nn.Linear(2, 2), library.nn.Linear(2, 1)
    return encoder, head, lambda: head(encoder(library.ones(4, 2)).detach()).sum()


def test_none_of_it_is_imported_before_it_is_used() -> None:
    code = (
        "import sys, upriver as up; names = ['explain', 'record', 'expect', 'matrix', 'sever', 'what_if', "
        "'alias_report', 'keepers', 'flow']; assert set(names) <= set(dir(up)); "
        "before = 'upriver.flow' in sys.modules; [getattr(up, name) for name in names]; "
        "print(before, 'upriver.nn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


# -- record --------------------------------------------------------------------------------------------------


@recorded
def test_a_block_is_recorded(library: str) -> None:
    encoder, head, forward = cut_encoder(importlib.import_module(library))
    with up.record() as rec:
        loss = forward()
        loss.backward()
    report = rec.report()
    assert report.framework == library
    assert statuses(report) == dict.fromkeys(("encoder.weight", "encoder.bias"), "cut") | dict.fromkeys(
        ("head.weight", "head.bias"), "reached"
    )
    assert encoder.weight.grad is None and head.weight.grad is not None
    assert rec.report() is report


@recorded
def test_a_report_in_the_middle_is_of_what_ran_so_far(library: str) -> None:
    _, _, forward = cut_encoder(importlib.import_module(library))
    with up.record() as rec:
        forward().backward()
        so_far = rec.report()
        forward().backward()
    assert (len(so_far.backwards), len(rec.report().backwards)) == (1, 2)


@recorded
def test_nothing_is_heard_after_the_block(library: str) -> None:
    _, _, forward = cut_encoder(importlib.import_module(library))
    with up.record() as rec:
        forward()
    heard = rec.report().operators
    forward().backward()
    assert rec.report().operators == heard > 0


@recorded
def test_an_error_goes_on_and_is_explained(library: str) -> None:
    module = importlib.import_module(library)
    rec = up.record()
    with pytest.raises(RuntimeError, match="does not require grad"), rec:
        (module.ones(2, requires_grad=True) * 2).detach().sum().backward()
    report = rec.report()
    assert report.raised is not None and report.raised.explained == "no-history"


@recorded
def test_a_recording_in_a_recording_joins_it(library: str) -> None:
    _, _, forward = cut_encoder(importlib.import_module(library))
    with up.record() as outer:
        forward().backward()
        with up.record() as inner:
            forward().backward()
        forward().backward()
    assert len(inner.report().backwards) == 2
    assert len(outer.report().backwards) == 3


def test_a_recording_is_made_once() -> None:
    with pytest.raises(RuntimeError, match="nothing is recorded yet"):
        up.record().report()


# -- explain -------------------------------------------------------------------------------------------------


@recorded
def test_explain_runs_a_function(library: str) -> None:
    encoder, head, forward = cut_encoder(importlib.import_module(library))
    report = up.explain(forward)
    assert [finding.rule for finding in report.findings if finding.severity != "note"] == [
        "unreached-parameter"
    ]
    assert report.findings[0].tensors == ["encoder.weight", "encoder.bias"]
    assert head.weight.grad is None and encoder.weight.grad is None
    assert report.backwards[0].site.source == "report = up.explain(forward)"


@recorded
def test_explain_hands_arguments_on_and_reports_what_is_raised(library: str) -> None:
    module = importlib.import_module(library)

    def step(x: Any, scale: float) -> None:
        raise ValueError(f"{x.tolist()} {scale}")

    raised = up.explain(step, module.ones(1), scale=2.0).raised
    assert raised is not None and (raised.type, raised.message) == ("ValueError", "[1.0] 2.0")


@recorded
def test_explain_lets_a_function_run_its_own_backward(library: str) -> None:
    module = importlib.import_module(library)
    w = module.ones(2, requires_grad=True)

    def step() -> Any:
        loss = (w * 2).sum()
        loss.backward()
        return loss

    report = up.explain(step)
    assert [backward.site.source for backward in report.backwards] == ["loss.backward()"]
    assert w.grad.tolist() == [2.0, 2.0]


@either
def test_explain_looks_at_a_loss(library: str) -> None:
    _, _, forward = cut_encoder(importlib.import_module(library))
    encoder, head = (
        up.nn.Linear(1, 1),
        up.nn.Linear(1, 1),
    )  # others of the same names, not in sight of forward
    del encoder, head
    loss = forward()
    report = up.explain(loss)
    assert report.backwards[0].loss == "loss" and report.backwards[0].count == 0
    assert set(statuses(report).values()) == {"reached"}
    assert [finding.rule for finding in report.findings] == ["not-recorded"]


def test_explain_names_the_cuts_that_tensors_remember() -> None:
    encoder, head = up.nn.Linear(2, 2), up.nn.Linear(2, 1)
    h = encoder(up.ones(4, 2)).detach()
    loss = head(h).sum()
    report = up.explain(loss)
    assert statuses(report)["encoder.weight"] == "cut"
    assert [(cut.kind, cut.site.source) for cut in report.cuts] == [
        ("detach", "h = encoder(up.ones(4, 2)).detach()")
    ]
    gone = up.explain((h * 2).sum())
    assert (gone.findings[0].rule, gone.findings[0].site.source) == ("no-history", report.cuts[0].site.source)


@pytest.mark.oracle
def test_explain_of_a_torch_loss_says_what_it_cannot_know() -> None:
    import torch

    encoder, head = torch.nn.Linear(2, 2), torch.nn.Linear(2, 1)
    loss = head(encoder(torch.ones(4, 2)).detach()).sum()
    report = up.explain(loss)
    assert statuses(report)["encoder.weight"] == "unused"
    assert "no path leads there" in str(report) and "up.record()" in report.findings[0].fix


def test_explain_refuses_what_is_neither() -> None:
    with pytest.raises(TypeError, match="a loss or a function, but got int"):
        up.explain(3)


# -- the report ----------------------------------------------------------------------------------------------


def test_a_report_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    w = up.ones(2, requires_grad=True)
    report = up.explain((w * 2).sum())
    assert "w  [2]" in str(report) and json.loads(report.to_json())["schema"] == 1
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with monkeypatch.context() as without:
        without.setattr("upriver.flow.html._environment", _no_jinja)
        assert report._repr_html_().startswith("<pre>upriver flow report")


def _no_jinja() -> Any:
    raise ImportError


def test_why_knows_names_ends_of_names_and_tensors() -> None:
    encoder, head = up.nn.Linear(2, 2), up.nn.Linear(2, 1)
    report = up.explain(head(encoder(up.ones(1, 2)).detach()).sum())
    told = report.why("encoder.weight")
    assert told == report.why(encoder.weight) != report.why(head.weight)
    assert told.startswith("encoder.weight: no gradient arrived.\n")
    assert report.why("head.bias").startswith("head.bias: a gradient arrived.\n")
    with pytest.raises(ValueError, match=r"no leaf called 'encoder.wait'\.\n  alike: encoder.weight"):
        report.why("encoder.wait")


# -- memory --------------------------------------------------------------------------------------------------


@either
def test_alias_report_finds_tensors_and_arrays(library: str) -> None:
    module = importlib.import_module(library)
    base = module.zeros(6, requires_grad=True)
    cut = base.detach()
    half = cut[:3]
    array = cut.numpy()
    other = module.zeros(6)
    family = up.alias_report(base)
    assert {(each.name, each.kind) for each in family.members} == {
        ("base", "tensor"), ("cut", "detach"), ("half", "view"), ("array", "ndarray")
    }  # fmt: skip
    assert family.bytes == array.nbytes and "shared memory  24 B, 4 members" in str(family)
    assert [each.name for each in up.alias_report(other).members] == ["other"]
    assert half.shape == (3,)


def test_alias_report_tells_who_wrote() -> None:
    base = up.zeros(6, requires_grad=True)
    base.detach().add_(1)
    base.data.mul_(2)
    array = base.detach().numpy()
    _ = base * base  # saves it, and looks at the bytes
    array += 1
    _ = base * base
    writes = [(each.how, each.seen) for each in up.alias_report(base).accesses]
    assert ("add_", True) in writes and ("mul_", False) in writes and ("numpy", False) in writes


@either
def test_a_small_view_that_keeps_a_large_buffer(library: str) -> None:
    module = importlib.import_module(library)
    corner = module.zeros(1000)[:2]
    family = up.alias_report(corner)
    assert family.pinned_by in ("corner", "")  # a view may keep its base
    assert family.bytes == 4000


@either
def test_keepers_names_holders_and_bytes(library: str) -> None:
    module = importlib.import_module(library)
    x = module.ones(1000, requires_grad=True)
    history = [x.exp().sum()]
    kept = up.keepers(history[0])
    assert kept.bytes == 4000 and kept.nodes == 2
    assert kept.holders[0].path == "history[0]"
    assert "4.0 kB  exp: " in str(kept)


def test_keepers_shows_cycles() -> None:
    w = up.ones(2, requires_grad=True)
    w.grad = w * w
    assert ["w", "w.grad", "MulBackward0", "w"] in up.keepers(w).cycles


@pytest.mark.parametrize("function", ["keepers", "alias_report"])
def test_questions_on_memory_are_of_tensors(function: str) -> None:
    with pytest.raises(TypeError, match="takes a tensor, but got ndarray"):
        getattr(up, function)(np.ones(2))
