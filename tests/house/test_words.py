"""The examples in docstrings and in the README run and print what they say."""

from __future__ import annotations

import doctest
import importlib
import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.house.source import ROOT, files, relative


def module_name(path: Path) -> str:
    """The dotted name of a file of the package."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", [p for p in files() if p.name != "__main__.py"], ids=relative)
def test_doctests(path: Path) -> None:
    if ">>>" not in path.read_text():
        return
    module = importlib.import_module(module_name(path))
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    printed = io.StringIO()
    with redirect_stdout(printed):
        result = doctest.testmod(module, optionflags=options)
    assert result.failed == 0, printed.getvalue()[:3000]


def blocks(path: Path, language: str = "python") -> list[str]:
    """The fenced blocks of a Markdown file in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE)


def test_the_readmes_first_example_runs() -> None:
    examples = blocks(ROOT / "README.md")
    assert examples, "the README has no Python example"
    for example in examples:
        exec(compile(example, "README.md", "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=relative)
def test_the_examples_of_the_docs_run(page: Path) -> None:
    namespace: dict[str, object] = {"__name__": "__main__"}
    for example in blocks(page):
        if ">>>" in example:
            runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
            test = doctest.DocTestParser().get_doctest(example, namespace, page.name, str(page), 0)
            printed = io.StringIO()
            runner.run(test, out=printed.write, clear_globs=False)
            assert runner.failures == 0, printed.getvalue()
        else:
            exec(compile(example, str(page), "exec"), namespace)
