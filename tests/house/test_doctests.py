"""The examples in docstrings run and print what they say."""

from __future__ import annotations

import doctest
import importlib
import io
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
