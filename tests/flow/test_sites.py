"""The user's own statement of a frame, and what its source says."""

from __future__ import annotations

import functools
import linecache
import sys
import textwrap
import timeit
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import upriver as up
from upriver.flow import syntax
from upriver.flow.model import Site
from upriver.flow.sites import NOWHERE, Sites, frame_locals

SITES = Sites()


def where(frame: FrameType | None = None) -> Site:
    """The statement that called this."""
    return SITES.here(frame or sys._getframe(1))


def line_of(text: str) -> int:
    """The number of the line of this file that holds a text."""
    lines = linecache.getlines(__file__)
    return next(i for i, line in enumerate(lines, 1) if text in line and "line_of" not in line)


@pytest.fixture
def cell() -> Iterator[Callable[[str], str]]:
    """Registers a source text as a notebook does, and gives the name of its file."""
    made: list[str] = []

    def register(text: str) -> str:
        name = f"<ipython-input-{len(made)}>"
        lines = textwrap.dedent(text).splitlines(keepends=True)
        linecache.cache[name] = (len(text), None, lines, name)
        made.append(name)
        return name

    yield register
    for name in made:
        del linecache.cache[name]


def run(file: str, **variables: Any) -> dict[str, Any]:
    """Run a registered text."""
    space = {"__name__": "cell", **variables}
    exec(compile("".join(linecache.getlines(file)), file, "exec"), space)
    return space


# -- frames --------------------------------------------------------------------------------------------------


def test_the_line_on_which_the_call_starts() -> None:
    found = where(
        None,
    )  # the call's first line, not this one
    assert found.line == line_of("found = where(")
    assert found.function == "test_the_line_on_which_the_call_starts"
    assert found.source == "found = where(" and found.file == __file__


class Encoder:
    """Has a method and a closure."""

    def forward(self) -> list[Site]:
        """Sites of a comprehension, a closure and a lambda."""

        def inner() -> Site:
            return where()

        return [*[where() for _ in range(1)], inner(), (lambda: where())()]


def test_functions_are_named_as_the_user_wrote_them() -> None:
    assert [site.function for site in Encoder().forward()] == [
        "Encoder.forward",
        "Encoder.forward.inner",
        "Encoder.forward.<lambda>",
    ]


def test_library_frames_are_folded() -> None:
    def key(_: int) -> int:
        found.append(SITES.stack(sys._getframe(), limit=2))
        return 0

    found: list[tuple[Site, ...]] = []
    functools.reduce(lambda a, b: key(b), [1, 2])
    timeit.timeit(lambda: key(1), number=1)  # goes through the standard library's own frames
    assert [site.source for site in found[1]] == [
        "found.append(SITES.stack(sys._getframe(), limit=2))",
        "timeit.timeit(lambda: key(1), number=1)  # goes through the standard library's own frames",
    ]


def test_a_frame_of_upriver_belongs_to_its_caller() -> None:
    seen: list[Site] = []

    class Noisy(up.nn.Module):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return super().__call__(*args, **kwargs)

        def forward(self, x: Any) -> Any:
            seen.extend(SITES.stack(sys._getframe()))
            return x

    Noisy()(up.ones(1))
    assert [site.source for site in seen[:3]] == [
        "seen.extend(SITES.stack(sys._getframe()))",
        "return super().__call__(*args, **kwargs)",
        "Noisy()(up.ones(1))",
    ]


def test_the_stack_has_a_limit_and_folds_comprehensions() -> None:
    def deep(n: int) -> tuple[Site, ...]:
        return deep(n - 1) if n else SITES.stack(sys._getframe(), limit=4)

    assert len(deep(9)) == 4
    (stack,) = [SITES.stack(sys._getframe()) for _ in range(1)]
    assert [site.source for site in stack] == ["(stack,) = [SITES.stack(sys._getframe()) for _ in range(1)]"]


def test_no_user_frame(tmp_path: Path) -> None:
    sites = Sites(library=[str(Path(__file__).parent)])
    assert sites.user_frame(None) is None and sites.here(None) == NOWHERE
    assert not sites.is_user(__file__) and SITES.is_user(__file__)


def test_whose_a_file_is(tmp_path: Path) -> None:
    foreign = tmp_path / "site-packages" / "net" / "train.py"
    sites = Sites(library=[str(tmp_path / "vendored")])
    mine = ["train.py", str(tmp_path / "train.py"), "<stdin>", "<ipython-input-3-ab>", "<doctest a[0]>"]
    assert all(map(sites.is_user, mine))
    theirs = [
        str(foreign), up.__file__, linecache.__file__, str(tmp_path / "vendored" / "x.py"), "<string>",
        "<frozen runpy>", "<__array_function__ internals>", "<upriver add>",
    ]  # fmt: skip
    assert not any(map(sites.is_user, theirs))
    sites.add_script(str(foreign))
    assert sites.is_user(str(foreign)) and not sites.is_user(str(foreign.with_name("model.py")))
    sites.add_script(str(foreign.parent))
    assert sites.is_user(str(foreign.with_name("model.py")))


def test_scripts_given_late_change_what_was_remembered(cell: Any, tmp_path: Path) -> None:
    file = tmp_path / "site-packages" / "x.py"
    file.parent.mkdir()
    file.write_text("def call(f):\n    return f(__import__('sys')._getframe())\n")
    space: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), space)
    sites = Sites()
    assert space["call"](sites.here).file == __file__
    sites.add_script(str(file))
    assert space["call"](sites.here) == Site(str(file), 2, "call", "return f(__import__('sys')._getframe())")


def test_cells_of_a_notebook(cell: Any) -> None:
    file = cell("""\
        import sys
        found = here(
            sys._getframe()
        )
    """)
    assert run(file, here=SITES.here)["found"] == Site(file, 2, "<module>", "found = here(")


def test_generated_code_belongs_to_its_caller() -> None:
    from dataclasses import dataclass, field

    @dataclass
    class Made:
        at: Site = field(default_factory=lambda: SITES.stack(sys._getframe(), limit=2)[1])

    made = Made()
    assert made.at.source == "made = Made()"


def test_source_that_cannot_be_read() -> None:
    space: dict[str, Any] = {}
    code = "\n\ndef call(f):\n    return f(__import__('sys')._getframe())"
    exec(compile(code, "gone.py", "exec"), space)
    assert space["call"](SITES.here) == Site("gone.py", 4, "call", "")


def test_the_site_of_an_upriver_node() -> None:
    text = "y = up.ones(2, requires_grad=True) * 3"
    y = up.ones(2, requires_grad=True) * 3
    found = SITES.at(y.grad_fn.code, y.grad_fn.instruction)
    assert found == Site(__file__, line_of("    " + text), "test_the_site_of_an_upriver_node", text)


def test_known_statements_are_found_fast() -> None:
    frame = sys._getframe()
    SITES.here(frame)
    best = min(timeit.repeat(lambda: SITES.here(frame), number=10_000, repeat=5)) / 10_000
    assert best < 5e-6  # usually 0.15 us; the margin is for a busy machine


def test_marks(cell: Any) -> None:
    file = cell("""\
        y = x.detach()  # upriver: cut
        z = f(
            x.detach(),  # target network; upriver: cut
        )
        with no_grad():  # upriver: cut
            w = x
        v = x.detach()  # upriver: cutting
    """)
    assert [SITES.marked(Site(file, line)) for line in range(1, 8)] == [1, 1, 1, 1, 1, 0, 0]


# -- variables -----------------------------------------------------------------------------------------------


def test_looking_at_a_frame_keeps_nothing_alive() -> None:
    import weakref

    value = Encoder()
    alive = weakref.ref(value)
    assert frame_locals(sys._getframe())["value"] is value
    del value
    assert alive() is None


def test_looking_leaves_the_programs_own_locals_alone() -> None:
    x = 1
    mine = locals()
    assert frame_locals(sys._getframe())["x"] == x
    assert mine["x"] == 1


# -- source --------------------------------------------------------------------------------------------------

SWITCHES = """\
    import torch
    from torch import no_grad as quiet
    @torch.no_grad()
    def evaluate(x):
        y = x
        with torch.enable_grad():
            z = x
        return y
    class Net:
        @staticmethod
        @torch.inference_mode(mode=True)
        def forward(x):
            def inner():
                return x
            return inner()
    def train(x):
        with open("log") as f, quiet():
            if x:
                y = (
                    x
                )
        with torch.set_grad_enabled(True):
            z = x
        with torch.set_grad_enabled(x > 0):
            w = x
        with torch.inference_mode(False):
            v = x
        torch.set_grad_enabled(False)
        for _ in x:
            u = x
    def one(x): return x
"""


@pytest.mark.parametrize(
    ("line", "switch"),
    [
        (5, 3), (6, 3), (7, None), (8, 3),  # a decorator, and what hides it
        (14, None), (15, 11),  # a nested function is called later
        (17, None), (18, 17), (19, 17), (20, 17), (23, None), (25, 24), (27, None),
        (30, 28), (31, None), (3, None), (1, None), (99, None),
    ],
)  # fmt: skip
def test_what_switches_gradients_off(cell: Any, line: int, switch: int | None) -> None:
    file = cell(SWITCHES)
    found = syntax.enclosing_no_grad(file, line, "f")
    assert (found.line if found else None) == switch
    if found:
        assert found.function == "f" and found.source == linecache.getline(file, found.line).strip()


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("loss = f(x)", "loss"),
        ("self.h = f(x)", "self.h"),
        ("stats['loss'] = f(x)", "stats['loss']"),
        ("h, c = f(x)", "h"),
        ("(a, b), c = f(x)", "a"),
        ("[*first, last] = f(x)", "first"),
        ("a = b = f(x)", "a"),
        ("total += f(x)", "total"),
        ("y: int = f(x)", "y"),
        ("y: int", None),
        ("if (n := f(x)): pass", "n"),
        ("print(n := f(x))", "n"),
        ("for i in f(x): pass", None),
        ("with f(x) as y: pass", None),
        ("return f(x)", None),
        ("f(x)", None),
        ("if f(x): y = 1", "y"),
    ],
)
def test_assigned_name(cell: Any, statement: str, name: str | None) -> None:
    assert syntax.assigned_name(cell(f"def g():\n    {statement}\n"), 2) == name


def test_assigned_name_of_a_statement_over_lines(cell: Any) -> None:
    file = cell("loss = (\n    a\n    + b\n)\n")
    assert [syntax.assigned_name(file, line) for line in (1, 2, 3, 4, 5)] == ["loss"] * 4 + [None]


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("history", "history.append(loss)"),
        ("history", "history.extend([loss])"),
        ("history", "if x: history.appendleft(loss)"),
        ("history", "seen = history.add(loss)"),
        ("history", "history += [loss]"),
        ("history", "history = history + [loss]"),
        ("history", "history = [*history, loss]"),
        ("total", "total = loss * 2 + total"),
        ("total", "total = torch.cat([total, loss])"),
        ("total", "total = total.add(loss)"),
        ("total", "total.add_(loss)"),
        ("self.losses", "self.losses.append(loss)"),
        ("trainer.losses", "self.losses.append(loss)"),
        ("closure step.losses", "losses.append(loss)"),
        ("stats['loss']", "stats['loss'].append(loss)"),
        ('stats["loss"]', "stats['loss'] += loss"),
        ("stats['loss']", "stats[name].append(loss)"),
        ("stats", "stats[step] = loss"),
        ("stats", "stats.update(loss=loss)"),
        ("stats", "stats.setdefault('loss', []).append(loss)"),
        ("stats['loss']", "stats.setdefault('loss', []).append(loss)"),
    ],
)
def test_what_adds_to_a_name(cell: Any, name: str, statement: str) -> None:
    file = cell(f"def g():\n    history = total = []\n    {statement}\n    print(history, total, stats)\n")
    assert syntax.accumulating_statement(file, name) == [3]


def test_what_does_not_add(cell: Any) -> None:
    file = cell(
        "history = []\nother.append(history)\nhistory.clear()\nx = history[0] + 1\nother += history\n"
    )
    assert syntax.accumulating_statement(file, "history") == []
    assert syntax.accumulating_statement(file, "no name") == []


def test_statement_lines(cell: Any) -> None:
    file = cell("""\
        @wraps(
            f
        )
        def g(
            x,
        ):
            # above
            if (
                x
            ):
                return 1
            elif x: y = '''
                text'''
        match x:
            case 1:
                y = 2
    """)
    lines = [syntax.statement_lines(file, line) for line in range(1, 17)]
    assert lines[0] == lines[2] == range(1, 4) and lines[3] == lines[5] == range(4, 7)
    assert lines[6] == range(7, 8) and lines[7] == lines[9] == range(8, 11) and lines[10] == range(11, 12)
    assert lines[11] == lines[12] == range(12, 14) and lines[13] == range(14, 15)
    assert lines[14] == range(15, 16) and lines[15] == range(16, 17)


@pytest.mark.parametrize("text", ["def (:\n", "x = '\0'\n", ""])
def test_source_that_does_not_parse(cell: Any, text: str) -> None:
    file = cell(text)
    assert syntax.enclosing_no_grad(file, 1) is None and syntax.assigned_name(file, 1) is None
    assert syntax.accumulating_statement(file, "x") == [] and syntax.statement_lines(file, 1) == range(1, 2)
    assert syntax.assigned_name("no such file.py", 1) is None


def test_a_changed_file_is_read_again(cell: Any) -> None:
    file = cell("a = 1\n")
    assert syntax.assigned_name(file, 1) == "a"
    linecache.cache[file] = (0, None, ["b = 1\n"], file)
    assert syntax.assigned_name(file, 1) == "b"
