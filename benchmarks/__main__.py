"""The command: ``python -m benchmarks [LETTERS ...] [--rounds N] [--quick] [--peers NAMES] [--write]``."""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import sys
from collections.abc import Sequence

from benchmarks import machine, table
from benchmarks.compare import foreign_load, lines
from benchmarks.runner import LABELS, ROOT, UPRIVER, Race, race
from benchmarks.workloads import WORKLOADS

README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results.json"
BEGIN, END = "<!-- benchmarks:begin -->", "<!-- benchmarks:end -->"
ROUNDS, SECONDS = 3, 1.0
QUICK_ROUNDS, QUICK_SECONDS = 1, 0.2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and write if asked; 1 if any program failed or computed something else than the others."""
    options = parse(arguments)
    chosen = [workload for workload in WORKLOADS if not options.letters or workload.letter in options.letters]
    libraries = installed((UPRIVER, *options.peers))
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    seconds = QUICK_SECONDS if options.quick else SECONDS
    races = []
    for workload in chosen:
        races.append(race(workload, libraries, rounds, seconds, say=progress))
        progress("")
        print(table.as_text(lines(races[-1:])), end="\n\n", flush=True)
    words = caption(races, libraries, rounds)
    print(table.as_text(lines(races)), words, sep="\n\n")
    failed = list(table.failures(races))
    print(*(f"FAILED {failure}" for failure in failed), sep="\n")
    if options.write:
        write(races, words)
    return 1 if failed else 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options; argparse exits with a message where they make no sense."""
    letters = list(dict.fromkeys(workload.letter for workload in WORKLOADS))
    peers = [library for library in LABELS if library != UPRIVER]
    parser = argparse.ArgumentParser("python -m benchmarks", description="Time upriver beside its peers.")
    parser.add_argument(
        "letters", nargs="*", metavar="LETTER", help=f"workloads to run: {' '.join(letters)} (default: all)"
    )
    parser.add_argument("--rounds", type=int, help=f"rounds a workload (default {ROUNDS})")
    parser.add_argument("--quick", action="store_true", help="one short round: a look, not a measurement")
    parser.add_argument(
        "--peers", type=lambda text: text.split(","), default=peers, help=f"default {','.join(peers)}"
    )
    parser.add_argument("--write", action="store_true", help=f"write {README.name} and {RESULTS.name}")
    options = parser.parse_args(arguments)
    if unknown := set(options.letters) - set(letters):
        parser.error(f"no workload {', '.join(sorted(unknown))}: the letters are {' '.join(letters)}")
    if unknown := set(options.peers) - set(peers):
        parser.error(f"no peer {', '.join(sorted(unknown))}: the peers are {', '.join(peers)}")
    if options.rounds is not None and options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: at least 1 is needed")
    if options.write and options.letters:
        parser.error("--write takes the whole table from one run: give no letters")
    return options


def installed(libraries: Sequence[str]) -> list[str]:
    """Those that can be imported; the others are named on the error stream."""
    present = [library for library in libraries if importlib.util.find_spec(library)]
    for library in libraries:
        if library not in present:
            print(f"{LABELS[library]} is not installed and left out: pip install {library}", file=sys.stderr)
    return present


def progress(message: str) -> None:
    """Say what runs now, on one line of the terminal; nothing where the error stream is no terminal."""
    if sys.stderr.isatty():
        print(f"\r\x1b[2K{message}", end="", file=sys.stderr, flush=True)


def caption(races: Sequence[Race], libraries: Sequence[str], rounds: int) -> str:
    """Machine, versions, date, and what the figures are."""
    versions = (f"{LABELS[name]} {machine.version(name) or 'from the source tree'}" for name in libraries)
    return (
        f"{machine.describe()}; {', '.join(versions)}; {datetime.date.today().isoformat()}. "
        f"Medians of {rounds} alternating rounds, the extremes in brackets; each library in the better of "
        f"one and all threads. Ratios below 1: upriver is ahead. "
        f"Other processes kept {foreign_load(races):.1f} cores busy."
    )


def write(races: Sequence[Race], words: str) -> None:
    """Replace the table between the README's markers, and the results file."""
    readme = README.read_text(encoding="utf-8")
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{README.name} needs the lines {BEGIN} and {END}: the table goes between them")
    body = f"{BEGIN}\n{table.as_markdown(lines(races))}\n\n{words}\n{END}"
    README.write_text(before + body + after, encoding="utf-8")
    RESULTS.write_text(json.dumps({"run": words, "workloads": table.as_records(races)}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
