"""The README and the pages under docs: examples print what the page says, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.pages import ROOT, pages, renewed

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_example_prints_what_the_page_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert renewed(text) == text, "run: python tools/pages.py"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("heading", ["Run it", "Test it"])
def test_the_readme_gives_one_shell_line(heading: str) -> None:
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)
    assert len(blocks) == 1
    assert len(blocks[0].splitlines()) == 1


def test_the_readme_opens_with_ten_lines_that_run() -> None:
    code = re.search(r"```python\n(.*?)```\n\n```text", README, flags=re.DOTALL)
    assert code and len(code[1].splitlines()) == 10
