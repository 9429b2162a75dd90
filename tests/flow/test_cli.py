"""The command: options on both sides of the script, its output and its failures left what they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flow.expectations import as_upriver
from tests.flow.recorders import CUT, CUTTING_LINE, HEALTHY, LIBRARIES
from tests.house.source import ROOT
from upriver.cli import main, split

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


class Place:
    """A folder with a program, for one library."""

    def __init__(self, folder: Path, library: str) -> None:
        self.folder = folder
        self.library = library

    def write(self, program: str, name: str = "train.py") -> None:
        program = as_upriver(program) if self.library == "upriver" else program
        (self.folder / name).write_text(program, encoding="utf-8")

    def explain(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "upriver", "explain", *words]
        return subprocess.run(command, cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True)


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    return Place(tmp_path, request.param)


both = pytest.mark.parametrize("place", LIBRARIES, indirect=True)


@pytest.mark.parametrize(
    ("given", "own", "rest"),
    [
        ("train.py", "", ""),
        ("--notes train.py --epochs 1", "--notes", "--epochs 1"),
        ("train.py --epochs 1 --html map.html -v", "--html map.html", "--epochs 1 -v"),
        ("train.py --json=- --help", "--json=-", "--help"),
        ("train.py --not --js x --widths", "", "--not --js x --widths"),
        ("--quiet -- train.py --quiet", "--quiet", "--quiet"),
        ("train.py --quiet -- --json - --", "--quiet", "--json - --"),
    ],
)
def test_own_options_are_told_from_the_scripts(given: str, own: str, rest: str) -> None:
    assert split(given.split()) == (own.split(), "train.py", rest.split())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["explain"], "give the script to run"),
        (["explain", "none.py"], "there is no file none.py"),
        (["explain", "."], "is a folder"),
        (["explain", "notes.txt"], "is not a Python program"),
        (["explain", "--epochs", "1", "train.py"], "unrecognized arguments: --epochs"),
        (["explain", "train.py", "--width", "3"], "from 40 up"),
        (["explain", "train.py", "--fail-on", "notes"], "invalid choice: 'notes'"),
        (["explain", "train.py", "--html"], "expected one argument"),
        (["explain", "train.py", "--json", "no/r.json"], "there is no folder no"),
        (["explain", "train.py", "--check", "no.toml"], "cannot read no.toml"),
        (["explain", "train.py", "--check", "notes.txt"], "--check: notes.txt is no TOML"),
        (["explain", "train.py", "--diff", "notes.txt"], "--diff: "),
        (["explode"], "invalid choice: 'explode'"),
    ],
)
def test_misuse_is_told_before_anything_runs(
    words: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text("open('ran', 'w')")
    Path("notes.txt").write_text("buy milk")
    assert main(words) == 2
    assert says in capsys.readouterr().err
    assert not Path("ran").exists()


def test_help_and_version_import_nothing_of_the_report(tmp_path: Path) -> None:
    code = (
        "import sys; from upriver.cli import main; codes = [main(w) for w in (['--help'], ['--version'], "
        "['explain', '--help'], [])]; print(codes, [m for m in sys.modules if m.startswith(('upriver.flow', "
        "'upriver.nn', 'upriver.optim', 'torch', 'rich', 'jinja2'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[0, 0, 0, 2] []"
    assert "--fail-on SEVERITY" in done.stdout and "upriver 0." in done.stdout


@both
def test_the_report_is_on_stderr_and_the_output_is_the_scripts_own(place: Place) -> None:
    place.write(CUT)
    done = place.explain("train.py")
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert f"warning  unreached-parameter  train.py:{CUTTING_LINE}" in done.stderr
    assert max(map(len, done.stderr.splitlines())) <= 100


@both
def test_arguments_names_and_files_are_as_python_has_them(place: Place) -> None:
    place.write("VALUE = 3\n", "helper.py")
    place.write(
        "import sys, helper\n"
        "import torch\n"
        "(2 * torch.ones(3, requires_grad=True)).sum().backward()\n"
        "print(sys.argv, __name__, __file__, helper.VALUE, sys.modules['__main__'].sys is sys)\n"
    )
    done = place.explain("train.py", "--lr", "0.1", "--quiet", "--", "--json", "x")
    assert done.stdout == "['train.py', '--lr', '0.1', '--json', 'x'] __main__ train.py 3 True\n"
    assert (done.returncode, done.stderr) == (0, "")


@both
def test_json_on_stdout_is_alone_there(place: Place) -> None:
    place.write(CUT + "import os\nos.system('echo from a child')\n")
    done = place.explain("train.py", "--json", "-", "--quiet")
    assert json.loads(done.stdout)["findings"][0]["rule"] == "unreached-parameter"
    assert "trained\n" in done.stderr and "from a child\n" in done.stderr


@both
def test_files_are_written(place: Place) -> None:
    pytest.importorskip("jinja2")
    place.write(CUT)
    done = place.explain("--html", "map.html", "train.py", "--json=report.json", "--width", "60")
    assert done.returncode == 0, done.stderr
    assert (place.folder / "map.html").read_text(encoding="utf-8").startswith("<!")
    assert json.loads((place.folder / "report.json").read_text(encoding="utf-8"))["script"] == "train.py"
    assert max(map(len, done.stderr.splitlines())) <= 60


@both
def test_a_failure_keeps_its_traceback_and_the_report(place: Place) -> None:
    place.write(CUT.replace("loss = head(h)", "loss = h"))
    done = place.explain("train.py")
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith('train.py", line 11, in <module>')
    assert "does not require grad" in done.stderr
    assert "upriver/" not in done.stderr.partition("upriver flow report")[0]
    assert f"error  no-history  train.py:{CUTTING_LINE}" in done.stderr


@both
def test_causes_of_a_failure_are_shown_too(place: Place) -> None:
    place.write(
        "import torch\ntry:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('no a') from e\n"
    )
    told = place.explain("train.py", "--quiet").stderr
    order = [told.index(part) for part in ("KeyError: 'a'", "was the direct cause", "ValueError: no a")]
    assert order == sorted(order)


@both
@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("sys.exit()", 0),
        ("sys.exit(0)", 0),
        ("sys.exit(3)", 3),
        ("sys.exit('no data')", 1),
        ("raise KeyboardInterrupt", 130),
    ],
)
def test_how_the_script_ends_is_how_the_command_ends(place: Place, ending: str, status: int) -> None:
    place.write(f"import sys\n{CUT}{ending}\n")
    done = place.explain("train.py")
    assert done.returncode == status
    assert "unreached-parameter" in done.stderr and "Traceback" not in done.stderr
    assert ("no data" in done.stderr) == ("no data" in ending)


@both
def test_a_missing_library_says_what_to_install(place: Place) -> None:
    place.write("import torch\nimport surely_not_installed\n")
    done = place.explain("train.py", "--quiet")
    assert done.returncode == 1
    assert "-m pip install surely_not_installed" in done.stderr


@both
@pytest.mark.parametrize(
    ("severity", "program", "status"),
    [("never", CUT, 0), ("error", CUT, 0), ("warning", CUT, 1), ("warning", HEALTHY, 0)],
)
def test_findings_fail_the_command_where_asked(
    place: Place, severity: str, program: str, status: int
) -> None:
    place.write(program)
    assert place.explain("train.py", "--fail-on", severity, "--quiet").returncode == status


@both
def test_contracts(place: Place) -> None:
    place.write(CUT)
    contract = '[[contract]]\nreaches = ["head.*"]\nblocks = ["encoder.*"]\n'
    (place.folder / "kept.toml").write_text(contract)
    (place.folder / "broken.toml").write_text(
        contract.replace("blocks", "reaches").replace("reaches", "blocks", 1)
    )
    kept, broken = (place.explain("train.py", "--quiet", "--check", f) for f in ("kept.toml", "broken.toml"))
    assert (kept.returncode, kept.stderr) == (0, "\nkept.toml: all contracts are kept\n")
    assert broken.returncode == 1
    assert (
        f"must reach encoder.weight, but every path to it is cut: detach at train.py:{CUTTING_LINE}"
        in broken.stderr
    )


@both
def test_only_new_findings_fail_beside_an_old_report(place: Place) -> None:
    place.write(HEALTHY)
    place.explain("train.py", "--json", "healthy.json")
    place.write("\n" + CUT)
    place.explain("train.py", "--json", "cut.json")
    words = ("train.py", "--quiet", "--fail-on", "warning", "--diff")
    new, known = place.explain(*words, "healthy.json"), place.explain(*words, "cut.json")
    assert new.returncode == 1 and "new warning unreached-parameter at train.py:9" in new.stderr
    assert (known.returncode, known.stderr) == (0, "\nsince cut.json: nothing changed\n")
