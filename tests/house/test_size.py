"""A file under 400 lines of code, a function's body under 40: what a screen holds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.source import ROOT, code_lines, docstring_lines, files, functions, relative, tree

# Programs that the report is tried on are written as their authors write.
OTHERS = ROOT / "tests" / "flow" / "corpus" / "independent"
ALL = [
    path
    for folder in ("upriver", "tests", "examples", "benchmarks")
    for path in files(ROOT / folder)
    if OTHERS not in path.parents
]


@pytest.mark.parametrize("path", ALL, ids=relative)
def test_a_file_is_under_400_lines_of_code(path: Path) -> None:
    lines = code_lines(path)
    if path.name == "__init__.py":  # the public surface is a list: an import is an entry, not code
        imports = (n for n in ast.walk(tree(path)) if isinstance(n, (ast.Import, ast.ImportFrom)))
        lines -= {line for n in imports for line in range(n.lineno, (n.end_lineno or 0) + 1)}
    assert len(lines) < 400


@pytest.mark.parametrize("path", ALL, ids=relative)
def test_a_function_is_under_40_lines_of_code(path: Path) -> None:
    long = []
    for function in functions(path):
        body = range(function.body[0].lineno, (function.end_lineno or 0) + 1)
        count = len((code_lines(path) & set(body)) - docstring_lines(function))
        if count >= 40:
            long.append(f"{function.name}, line {function.lineno}: {count} lines")
    assert not long, f"{relative(path)}: " + "; ".join(long)
