"""Run the examples in the project's pages, and keep the output printed below them true.

    python tools/pages.py           run every example and write its output into the page
    python tools/pages.py --check   only say which pages are out of date

An example is a `python` block; the `text` block right after it is its output. Each runs by itself, as
`example.py`; an exception that ends it is shown as its last lines.

A `python explain` block is run as `train.py` under the flow report's recorder, and the `text` block after it
is what the report finds: with PyTorch where it is installed, else the same program with upriver in its place.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import linecache
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from upriver.flow.model import Report

ROOT = Path(__file__).resolve().parent.parent
BLOCKS = r"\n(?P<code>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?"
EXAMPLE = re.compile("```python" + BLOCKS, re.DOTALL)
EXPLAINED = re.compile("```python explain" + BLOCKS, re.DOTALL)
NAME = "example.py"
SCRIPT = "train.py"
# other numbers each time, or with the other library
MEASURED = re.compile(r"\d+ operators\s+and\s+[\d,]+\s+bytes|\d+\.\d%")


def pages() -> list[Path]:
    """The README and the pages under docs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def renewed(page: str) -> str:
    """The page's text with each example's output as it is now."""

    def run_again(example: re.Match[str]) -> str:
        output = run(example["code"])
        below = "" if example["output"] is None else f"\n```text\n{output}```\n"
        return f"```python\n{example['code']}```\n{below}"

    def explain_again(example: re.Match[str]) -> str:
        below = ""
        if example["output"] is not None:
            output = found(explained(example["code"]))
            same = _steady(output) == _steady(example["output"])
            below = f"\n```text\n{example['output'] if same else output}```\n"
        return f"```python explain\n{example['code']}```\n{below}"

    return EXPLAINED.sub(explain_again, EXAMPLE.sub(run_again, page))


def run(code: str) -> str:
    """What the example prints, warnings and the final exception included."""
    linecache.cache[NAME] = (len(code), None, code.splitlines(keepends=True), NAME)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, kind, *_: print(f"{kind.__name__}: {message}")
        try:
            exec(compile(code, NAME, "exec"), {"__name__": "__main__", "__file__": NAME})
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
    return printed.getvalue()


def explained(code: str, library: str = "") -> Report:
    """The report of a program for PyTorch, run with ``library``: "torch" or "upriver"."""
    from upriver.flow.run import explain_script

    library = library or ("torch" if importlib.util.find_spec("torch") else "upriver")
    with _folder(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if library == "upriver":
            code = code.replace("import torch\n", "import upriver as torch\n").replace(
                "from torch ", "from upriver "
            )
        Path(SCRIPT).write_text(code, encoding="utf-8")
        linecache.checkcache(SCRIPT)
        report, _ = explain_script(SCRIPT)
    return report


def found(report: Report) -> str:
    """The report's verdict or its findings, as it prints them."""
    from dataclasses import replace

    from upriver.flow.text import render

    alone = replace(report, backwards=[], cuts=[], aliases=[], memory=type(report.memory)(), raised=None)
    lines = render(alone, notes=True).split("\n")[3:]
    return "\n".join(lines[1:] if report.findings else lines).strip("\n") + "\n"


def _steady(text: str) -> str:
    """What stays the same of an output, however its lines are broken."""
    return MEASURED.sub("", " ".join(text.split()))


@contextlib.contextmanager
def _folder() -> Iterator[None]:
    """Work in a new folder meanwhile."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def main() -> int:
    """Renew the pages, or with --check name those that need it."""
    check, stale = "--check" in sys.argv[1:], 0
    for path in pages():
        before = path.read_text(encoding="utf-8")
        after = renewed(before)
        if after == before:
            continue
        stale += 1
        print(f"{path.relative_to(ROOT)}: {'out of date' if check else 'renewed'}")
        if not check:
            path.write_text(after, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
