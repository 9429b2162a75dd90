"""The popular explanation, run: what examples/detach.py prints is what happens."""

from __future__ import annotations

import contextlib
import io
import re

import detach
import pytest


@pytest.fixture(scope="module")
def sections() -> dict[int, str]:
    """What each of the numbered examples printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        detach.main()
    parts = re.split(r"^(\d)\. ", printed.getvalue(), flags=re.MULTILINE)[1:]
    return {int(number): text for number, text in zip(parts[::2], parts[1::2], strict=True)}


@pytest.mark.parametrize("number", [1, 3])
def test_backward_is_refused_and_the_cut_is_named(sections: dict[int, str], number: int) -> None:
    assert "RuntimeError: element 0 of tensors does not require grad and does not have" in sections[number]
    assert re.search(r"detach\.py.*\.detach\(\)", sections[number], flags=re.DOTALL)
    assert "x.grad: None" in sections[number]


def test_detached_memory_is_shared_and_the_write_is_noticed(sections: dict[int, str]) -> None:
    assert "x: [10.0, 2.0, 3.0]; same memory: True; x._version: 1" in sections[2]
    assert "clone(): [10.0, 2.0, 3.0]" in sections[2]
    assert "RuntimeError: one of the variables needed for gradient computation has been" in sections[2]


def test_detach_frees_the_graph_but_not_the_storage(sections: dict[int, str]) -> None:
    rows = re.findall(r"^  (.*?)  +([\d.]+)$", sections[4], flags=re.MULTILINE)
    kept = {label: float(size) for label, size in rows}
    assert kept["the losses"] > 90 > 1 > kept["the losses detached"]
    assert kept["its first two elements, detached"] == 4.0
    assert kept["its first two elements, detached and cloned"] == 0.0
    assert "4,000,000 bytes" in sections[4]
