"""The command ``upriver``: ``upriver explain train.py`` runs a program and says where gradients stop.

What the report is made of is imported when there is a program to run: help and mistakes come at once.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from .flow.agreed import Contracts
    from .flow.model import Report

__all__ = ["main"]

BAD_USAGE = 2
INTERRUPTED = 130  # 128 + SIGINT, as a shell has it

DESCRIPTION = """\
Run a PyTorch or upriver program as `python SCRIPT ARGS...` would, and report where its gradients go, which
statements stop them, which writes change them, and what keeps memory. The program needs no change.
"""
EPILOG = """\
The options above are recognised before and after SCRIPT, under exactly these names; every other argument
after SCRIPT is the script's own, --help too. After `--` all arguments are the script's:

  upriver explain train.py --epochs 1 --html map.html
  upriver explain --json report.json train.py -- --json theirs.json

The report is printed to stderr: the script's stdout stays what it is. With `--json -` stdout is the JSON
alone, and what the script prints there goes to stderr.

exit status:
  0    the script ended well, and nothing that was asked for failed
  1    the script raised an exception; or a contract of --check is broken; or there is a finding that
       --fail-on names (with --diff: one that is not in the old report)
  2    this command was misused
  130  the script was interrupted; the report is of what had run
  Where the script itself exits with another status, that status.
"""
# names, placeholder of a value ("" for a switch), help
OPTIONS = (
    ("--html", "FILE", "write the report as one page: the map, the source with its margins, the findings"),
    ("--json", "FILE", "write the report as JSON; - for stdout"),
    ("--check", "FILE", "check the contracts of this TOML file: which losses must reach which parameters"),
    ("--diff", "FILE", "say what changed since this report (the JSON of an earlier run)"),
    ("--fail-on", "SEVERITY", "exit with 1 for findings of this severity or worse: error, warning, never"),
    ("--width", "N", "columns of the text; the terminal's, at most 100, if not given"),
    ("--notes", "", "show notes as well as errors and warnings"),
    ("--quiet", "", "print no report: only what --check, --diff and --fail-on say, and tracebacks"),
)


class _Unusable(Exception):
    """The command cannot do what it was asked to; the message says why, and what would do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with ``arguments`` (the process's own, if None) and return its exit status.

    >>> main(["--version"])
    upriver 0.1.0
    0
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["explain"]:
            own, script, rest = split(given[1:])
            options = _explain_parser().parse_args(own)
            if script is None:
                _explain_parser().error("give the script to run: upriver explain train.py")
            return _explain(script, rest, options)
        parser = _parser()
        if not given:
            parser.print_help()
            return BAD_USAGE
        parser.parse_args(given)
    except SystemExit as ended:  # argparse has printed help or what is wrong
        return ended.code if isinstance(ended.code, int) else 0
    except _Unusable as wrong:
        print(f"upriver: error: {wrong}", file=sys.stderr)
        return BAD_USAGE
    return 0


def split(arguments: Sequence[str]) -> tuple[list[str], str | None, list[str]]:
    """What is upriver's, the script, and what is the script's.

    >>> split(["--notes", "train.py", "--epochs", "1", "--json", "-"])
    (['--notes', '--json', '-'], 'train.py', ['--epochs', '1'])
    >>> split(["train.py", "--notes", "--", "--json", "x"])
    (['--notes'], 'train.py', ['--json', 'x'])
    """
    takes = {name: bool(value) for name, value, _ in OPTIONS}
    own: list[str] = []
    script: str | None = None
    rest: list[str] = []
    todo = list(arguments)
    while todo:
        word = todo.pop(0)
        name, equals, _ = word.partition("=")
        if word == "--":
            script = todo.pop(0) if script is None and todo else script
            return own, script, rest + todo
        if name in takes or (script is None and word.startswith("-")):
            own.append(word)
            if takes.get(name) and not equals and todo:
                own.append(todo.pop(0))
        elif script is None:
            script = word
        else:
            rest.append(word)
    return own, script, rest


def _parser() -> argparse.ArgumentParser:
    from . import __version__

    parser = argparse.ArgumentParser("upriver", description="Find out where gradients stop, and why.")
    parser.add_argument("--version", action="version", version=f"upriver {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    commands.add_parser(
        "explain", help="run a program and report; see upriver explain --help", add_help=False
    )
    return parser


def _explain_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "upriver explain",
        usage="upriver explain [OPTIONS] SCRIPT [ARGS...]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    kinds: dict[str, Any] = {
        "--width": {"type": _columns},
        "--fail-on": {"choices": ("error", "warning", "never"), "default": "never"},
    }
    for name, value, text in OPTIONS:
        more: dict[str, Any] = (
            {"metavar": value, **kinds.get(name, {})} if value else {"action": "store_true"}
        )
        parser.add_argument(name, help=text, **more)
    return parser


def _columns(text: str) -> int:
    width = int(text) if text.isdecimal() else 0
    if width < 40:
        raise argparse.ArgumentTypeError(f"expected a number of columns from 40 up, but got {text!r}")
    return width


# -- explain -------------------------------------------------------------------------------------------------


def _explain(script: str, arguments: list[str], options: argparse.Namespace) -> int:
    """Run, report, check; the exit status."""
    _check_script(script)
    contracts, old = _prepared(options)
    from .flow.run import explain_script

    with _stdout_for_json() if options.json == "-" else _as_it_is() as stdout:
        report, error = explain_script(script, arguments)
        _flush()
    status = _ended(error, script)
    if contracts is not None:
        contracts.mark(report)
    if not options.quiet:
        _print_report(report, options)
    _write(report, options, stdout)
    broken = _checked(report, contracts, options.check)
    news = _compared(report, old, options.diff)
    failed = _failing(report, news, options.fail_on)
    return status or int(broken or failed)


def _check_script(script: str) -> None:
    """Refuse, before anything runs, what cannot be run as Python."""
    if os.path.isdir(script):
        raise _Unusable(f"{script} is a folder: give the Python file in it that you would run")
    if not os.path.exists(script):
        near = f" (the working folder is {os.getcwd()})" if not os.path.isabs(script) else ""
        raise _Unusable(f"there is no file {script}{near}: give the path of the script to run")
    with open(script, "rb") as file:
        source = file.read()
    try:
        compile(source, script, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        import traceback

        shown = "".join(traceback.format_exception_only(error)).rstrip()
        raise _Unusable(f"{script} is not a Python program that {_python()} can read.\n{shown}") from None


def _prepared(options: argparse.Namespace) -> tuple[Contracts | None, Report | None]:
    """Contracts and the old report, read before the program runs: a mistake in them need not wait for it."""
    if options.html and importlib.util.find_spec("jinja2") is None:
        raise _Unusable("--html needs jinja2: pip install 'upriver[tools]'")
    for name in ("html", "json"):
        folder = os.path.dirname(getattr(options, name) or "")
        if folder and not os.path.isdir(folder):
            raise _Unusable(f"--{name}: there is no folder {folder}: make it first")
    contracts = old = None
    try:
        if options.check:
            from .flow.agreed import Contracts

            contracts = Contracts.load(options.check)
        if options.diff:
            from .flow.json import load

            with open(options.diff, encoding="utf-8") as file:
                old = load(file.read())
    except OSError as error:
        raise _Unusable(f"cannot read {error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise _Unusable(f"--{'check' if contracts is None and options.check else 'diff'}: {error}") from None
    return contracts, old


@contextmanager
def _as_it_is() -> Iterator[TextIO]:
    yield sys.stdout


@contextmanager
def _stdout_for_json() -> Iterator[TextIO]:
    """Keep stdout for the JSON: what is printed meanwhile, by the program or its children, goes to stderr."""
    _flush()
    before, descriptor = sys.stdout, -1
    with suppress(OSError, ValueError):  # stdout is no file of the system: in a notebook, say
        descriptor = os.dup(1)
        os.dup2(sys.stderr.fileno(), 1)
    sys.stdout = sys.stderr
    try:
        yield before
    finally:
        _flush()
        sys.stdout = before
        if descriptor >= 0:
            os.dup2(descriptor, 1)
            os.close(descriptor)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


def _ended(error: BaseException | None, script: str) -> int:
    """Show how the script failed, if it did; its exit status."""
    if error is None:
        return 0
    if isinstance(error, KeyboardInterrupt):
        _say("interrupted: the report is of what had run.\n")
        return INTERRUPTED
    if isinstance(error, SystemExit):
        if not isinstance(error.code, int):
            _say(error.code)  # as Python does
        return error.code if isinstance(error.code, int) else 1
    from .flow.shown import traceback_of

    _say(traceback_of(error))
    if isinstance(error, ModuleNotFoundError) and error.name:
        top = error.name.partition(".")[0]
        _say(
            f"{script} needs {top}, which {_python()} does not have: {sys.executable} -m pip install {top}\n"
        )
    return 1


def _python() -> str:
    return f"Python {sys.version_info.major}.{sys.version_info.minor} at {sys.executable}"


def _say(what: object) -> None:
    print(what, file=sys.stderr)


# -- what was asked for --------------------------------------------------------------------------------------


def _print_report(report: Report, options: argparse.Namespace) -> None:
    from .flow.text import render

    color = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    _say(render(report, options.width or _width(), options.notes, color))


def _width() -> int:
    try:
        return max(40, min(100, os.get_terminal_size(sys.stderr.fileno()).columns))
    except (OSError, ValueError):
        return 100


def _write(report: Report, options: argparse.Namespace, stdout: TextIO) -> None:
    """Write the files that were asked for."""
    if options.html:
        from .flow.html import page

        _save(options.html, page(report))
    if options.json:
        from .flow.json import dumps

        if options.json == "-":
            stdout.write(dumps(report) + "\n")
            stdout.flush()
        else:
            _save(options.json, dumps(report) + "\n")


def _save(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise _Unusable(f"cannot write {path}: {error.strerror}") from None


def _checked(report: Report, contracts: Contracts | None, path: str) -> bool:
    """Whether a contract is broken; each is told."""
    if contracts is None:
        return False
    found = contracts.check(report)
    _section(f"{path}: {'contracts broken' if found else 'all contracts are kept'}", found)
    return bool(found)


def _compared(report: Report, old: Report | None, path: str) -> list[str] | None:
    """What changed since the old report, told; None where there is none."""
    if old is None:
        return None
    from .flow.changes import diff

    changed = diff(old, report)
    _section(f"since {path}: {'' if changed else 'nothing '}changed", changed)
    return changed


def _section(title: str, lines: Sequence[str]) -> None:
    from .flow.words import clean

    _say("\n".join(["", title, *(f"  {clean(line)}" for line in lines)]))


def _failing(report: Report, news: list[str] | None, severity: str) -> bool:
    """Whether there are findings, with an old report new ones, that the command was told to fail on."""
    worse = {"error": ("error",), "warning": ("error", "warning"), "never": ()}[severity]
    if news is not None:
        return any(line.startswith(f"new {each} ") for line in news for each in worse)
    return any(finding.severity in worse for finding in report.findings)
