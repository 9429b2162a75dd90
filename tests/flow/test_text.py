"""The report in a terminal: complete, the worst first, inside its width, and the same without rich."""

from __future__ import annotations

import io
import unicodedata

import pytest

from tests.flow import reports
from upriver.flow import text
from upriver.flow.model import AliasFamily, AliasMember, LeafFlow, Report, Site
from upriver.flow.text import render, show
from upriver.flow.words import ALL_WELL, LeafGroup, fold_leaves

SAMPLES = {
    "broken": reports.broken,
    "healthy": reports.healthy,
    "transformer": lambda: reports.transformer(3, cut_after=1),
    "hostile": reports.hostile,
    "huge": lambda: reports.huge(500),
}


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_every_line_fits(name: str, width: int) -> None:
    for line in render(SAMPLES[name]()[0], width, notes=True).splitlines():
        assert columns(line) <= width, line


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_commands_the_terminal(name: str) -> None:
    shown = render(SAMPLES[name]()[0], notes=True)
    assert all(line.isprintable() for line in shown.split("\n"))


def test_the_worst_comes_first_and_notes_on_request() -> None:
    report, _ = reports.broken()
    shown = render(report)
    assert shown.splitlines()[3] == "2 errors, 1 warning"
    order = [
        shown.index(rule) for rule in ("cut-parameters", "unseen-write", "kept-graph", "1 note not shown")
    ]
    assert order == sorted(order) and "rounding" not in shown
    noted = render(report, notes=True)
    assert noted.index("note  rounding") > noted.index("warning  kept-graph") and "not shown" not in noted


def test_a_finding_says_where_what_why_and_how() -> None:
    shown = render(reports.broken()[0])
    for part in (
        "error  cut-parameters  examples/broken.py:17  40 times",
        '| features = h.detach()  # "saves memory"',
        "No gradient reaches the 4 parameters of encoder",
        "fix: Drop .detach() if the encoder should learn",
        "parameters made here  examples/broken.py:8  encoder = nn.Sequential(",
        "encoder.*  (4 parameters)",
        "always zero by  examples/broken.py:18",
        "history[...] keeps 40 graphs, 13.3 kB an iteration; room for 1,200,000 more",
        "cycle: w -> w.grad -> MulBackward0 -> w",
        "wrote by *=  unseen by autograd",
    ):
        assert part in shown, part


def test_when_all_is_well_it_says_so_in_one_line() -> None:
    shown = render(reports.healthy()[0])
    assert ALL_WELL in shown.splitlines() and "not shown" not in shown
    assert "reached  |g| 0.75" in shown


def test_what_is_left_out_is_counted() -> None:
    leaves = [LeafFlow(f"m{n}.w", (2,), "float32", "cut", None) for n in range(50)]
    report, _ = reports.healthy()
    report.backwards[0].leaves = leaves
    assert "… and 30 leaves more, none worse than these" in render(report)


def test_leaves_fold_by_module_and_outcome() -> None:
    groups = fold_leaves(reports.transformer(12, cut_after=8)[0].backwards[0].leaves)
    assert [(group.label, group.extent) for group in groups][2:] == [
        ("encoder.layers.*", "72 of 96 parameters"),
        ("encoder.layers.*", "24 of 96 parameters"),
        ("head.*", "2 parameters"),
    ]


def test_norms_of_a_group_are_a_range_unless_one_is_nan() -> None:
    def group(*norms: float) -> LeafGroup:
        leaves = tuple(LeafFlow("w", (1,), "float32", "reached", norm) for norm in norms)
        return LeafGroup("w", "", leaves)

    assert group(0.5, 2.0).norms == "0.5 to 2"
    assert group(1.0, float("nan")).norms == "nan"


def test_color_is_the_same_text() -> None:
    rich_text = pytest.importorskip("rich.text")
    report, _ = reports.broken()
    colored = render(report, color=True)
    assert "\x1b[" in colored
    plain = rich_text.Text.from_ansi(colored).plain
    assert [line.rstrip() for line in plain.splitlines()] == render(report).splitlines()


def test_without_rich_it_is_plain(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(text, "_has_rich", lambda: False)
    report, _ = reports.broken()
    assert render(report, color=True) == render(report)
    show(report)
    assert capsys.readouterr().out == render(report) + "\n"


def test_show_prints_to_a_console() -> None:
    rich_console = pytest.importorskip("rich.console")
    written = io.StringIO()
    report, _ = reports.broken()
    show(report, rich_console.Console(file=written, width=90))
    assert [line.rstrip() for line in written.getvalue().splitlines()] == render(report, 90).splitlines()


def test_an_empty_report_is_short() -> None:
    assert render(Report("torch", "2.13.0")).splitlines()[0] == "upriver flow report"


def test_the_same_buffers_are_told_of_once_and_the_worst_first() -> None:
    report, _ = reports.broken()
    site = report.cuts[0].site
    view = AliasMember("q", "view", (4,), 16, site, alive=False)
    calm = AliasFamily(16, [view, view])
    report.aliases = [calm, *report.aliases, calm]
    shown = render(report)
    assert shown.index("unseen by autograd") < shown.index("shared memory  16 B, 2 members, 2 times")
    assert "view  q x 2  (gone)" in shown and shown.count("q x 2") == 1


def test_a_statement_that_is_not_known_is_said_to_be_so() -> None:
    report, _ = reports.broken()
    report.memory.keepers[0].site = Site("", 0)
    assert "no known line" in render(report) and ":0" not in render(report)
