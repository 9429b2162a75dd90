"""Run the examples in the project's pages, and keep the output printed below them true.

    python tools/pages.py           run every example and write its output into the page
    python tools/pages.py --check   only say which pages are out of date

An example is a `python` block; the `text` block right after it is its output. Each runs by itself, as
`example.py`; an exception that ends it is shown as its last lines.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import re
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?", re.DOTALL)
NAME = "example.py"


def pages() -> list[Path]:
    """The README and the pages under docs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def renewed(page: str) -> str:
    """The page's text with each example's output as it is now."""

    def run_again(example: re.Match[str]) -> str:
        output = run(example["code"])
        below = "" if example["output"] is None else f"\n```text\n{output}```\n"
        return f"```python\n{example['code']}```\n{below}"

    return EXAMPLE.sub(run_again, page)


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
