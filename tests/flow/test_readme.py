"""The README's report is the one that its program gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from upriver.flow.run import explain_script
from upriver.flow.text import render

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.oracle
def test_the_readme_shows_what_the_report_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "examples" / "explain")
    report, error = explain_script("train.py")
    assert error is None
    shown = (
        (ROOT / "README.md")
        .read_text(encoding="utf-8")
        .split("--html map.html\n```\n\n```text\n")[1]
        .split("```")[0]
    )
    assert shown in render(report)
