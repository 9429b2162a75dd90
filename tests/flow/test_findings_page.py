"""docs/findings.md: each rule has a section, its wrong program has that finding alone, its right one none."""

from __future__ import annotations

import re

import pytest

from tests.flow.expectations import RULES
from tests.flow.recorders import LIBRARIES
from tools.pages import EXPLAINED, ROOT, explained

PAGE = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
SECTIONS = {section.partition("\n")[0]: section for section in PAGE.split("\n## ")[1:]}


def programs(rule: str) -> list[str]:
    return [block["code"] for block in EXPLAINED.finditer(SECTIONS[rule])]


def test_every_rule_has_a_section_and_a_pair_of_programs() -> None:
    assert sorted(SECTIONS) == sorted(RULES)
    assert all(len(programs(rule)) == 2 for rule in RULES)
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) == set(RULES)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("rule", RULES)
def test_the_wrong_program_has_this_finding_and_no_other(rule: str, library: str) -> None:
    found = {finding.rule for finding in explained(programs(rule)[0], library).findings}
    assert found == {rule}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("rule", RULES)
def test_the_right_program_has_none(rule: str, library: str) -> None:
    report = explained(programs(rule)[1], library)
    assert report.findings == []
    assert report.raised is None
