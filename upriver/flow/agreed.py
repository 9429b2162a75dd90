"""Contracts that are written in a file, and whether a flow report keeps them.

.. code-block:: toml

    [[contract]]
    loss = "train.py:31"      # the statement that runs backward, the loss's name (a glob), or "*"
    reaches = ["head.*"]      # globs over the names of leaves
    blocks = ["encoder.*"]

    [allow]
    cuts = ["train.py:14"]    # statements that cut on purpose
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ..errors import explain
from .model import Backward, Cut, LeafFlow, Report, Site

__all__ = ["Contract", "Contracts"]

KEYS = ("loss", "reaches", "blocks")
MISSES = {
    "cut": "every path to it is cut",
    "unused": "the loss was not computed from it",
    "frozen": "it does not require grad",
    "structurally-zero": "its gradient is zero whatever the values",
}


@dataclass(frozen=True)
class Contract:
    """What one loss must reach and must not: globs, see the head of this file."""

    loss: str = "*"
    reaches: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()

    def is_about(self, backward: Backward) -> bool:
        """Whether ``backward`` starts from the loss that is meant."""
        return fnmatchcase(backward.loss, self.loss) or _is_at(backward.site, self.loss)

    def faults(self, backward: Backward) -> Iterator[str]:
        """What one backward says against it."""
        for leaf in _matching(backward, self.reaches):
            if leaf.status in MISSES:
                yield f"must reach {leaf.name}, but {MISSES[leaf.status]}{_because(leaf)}"
        for leaf in _matching(backward, self.blocks):
            if leaf.status not in ("cut", "unused", "frozen"):
                yield f"must not reach {leaf.name}, but a gradient arrived ({leaf.status})"


@dataclass
class Contracts:
    """The contracts of a file, and the cuts that it allows."""

    contracts: list[Contract] = field(default_factory=list)
    cuts: list[str] = field(default_factory=list)  # "file:line"

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Contracts:
        """Read a file of contracts. Raises ValueError, naming the file, for what it does not understand.

        >>> import pathlib, tempfile
        >>> from upriver.flow.contracts import Contracts
        >>> path = pathlib.Path(tempfile.mkdtemp(), "contracts.toml")
        >>> _ = path.write_text('[[contract]]\\nreaches = ["head.*"]')
        >>> Contracts.load(path).contracts
        [Contract(loss='*', reaches=('head.*',), blocks=())]
        """
        with open(path, "rb") as file:
            try:
                given = tomllib.load(file)
            except tomllib.TOMLDecodeError as error:
                raise ValueError(f"{os.fspath(path)} is no TOML: {error}") from None
        return _Reader(os.fspath(path)).contracts(given)

    def mark(self, report: Report) -> None:
        """Note in ``report`` which of its cuts are allowed here."""
        for cut in _cuts(report):
            cut.intended = cut.intended or any(_is_at(cut.site, place) for place in self.cuts)

    def check(self, report: Report) -> list[str]:
        """What ``report`` says against the contracts: a sentence each, none if all are kept.

        A contract that is about no loss of the report, a glob that fits no leaf and an allowed cut that is
        not there are violations too: they would check nothing.
        """
        found: list[str] = []
        for contract in self.contracts:
            backwards = [each for each in report.backwards if contract.is_about(each)]
            if not backwards:
                known = ", ".join(f"`{each.loss}` ({each.site})" for each in report.backwards) or "none"
                found.append(f"no loss is called {contract.loss!r}; losses that ran backward: {known}")
            found += _unmatched(contract, backwards)
            for backward in backwards:
                name = f"`{backward.loss}` ({backward.site})"
                found += [f"{name} {fault}" for fault in contract.faults(backward)]
        return found + [
            f"[allow] cuts: nothing is cut at {place}; cuts are at {_places(report)}"
            for place in self.cuts
            if not any(_is_at(cut.site, place) for cut in _cuts(report))
        ]


class _Reader:
    """Makes contracts of what TOML says, and errors that name the file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def contracts(self, given: dict[str, Any]) -> Contracts:
        self._keys(given, ("contract", "allow"), "the file")
        tables = given.get("contract", [])
        if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            raise ValueError(f"{self.path}: a contract is a table in double brackets: [[contract]]")
        allow = given.get("allow", {})
        if not isinstance(allow, dict):
            raise ValueError(f"{self.path}: `allow` is a table in single brackets: [allow]")
        self._keys(allow, ("cuts",), "[allow]")
        cuts = list(self._strings(allow, "cuts", "[allow]"))
        for place in cuts:
            if not place.rpartition(":")[2].isdecimal():
                raise ValueError(f"{self.path}: [allow] cuts are written file:line, but found {place!r}")
        return Contracts([self._contract(each, number) for number, each in enumerate(tables, 1)], cuts)

    def _contract(self, table: dict[str, Any], number: int) -> Contract:
        where = f"contract {number}"
        self._keys(table, KEYS, where)
        loss = table.get("loss", "*")
        if not isinstance(loss, str):
            raise ValueError(f"{self.path}: {where}: `loss` is a string, but found {loss!r}")
        reaches, blocks = (self._strings(table, key, where) for key in ("reaches", "blocks"))
        if not reaches and not blocks:
            raise ValueError(f"{self.path}: {where} says nothing: it needs `reaches` or `blocks`")
        return Contract(loss, reaches, blocks)

    def _strings(self, table: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
        given = table.get(key, [])
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise ValueError(f"{self.path}: {where}: `{key}` is a list of strings, but found {given!r}")
        return tuple(given)

    def _keys(self, table: dict[str, Any], known: Iterable[str], where: str) -> None:
        unknown = [key for key in table if key not in known]
        if unknown:
            raise ValueError(
                explain(
                    f"{self.path}: {where} has an unknown key {unknown[0]!r}.",
                    f"known there: {', '.join(known)}.",
                )
            )


def _matching(backward: Backward, globs: Iterable[str]) -> list[LeafFlow]:
    return [leaf for leaf in backward.leaves if any(fnmatchcase(leaf.name, glob) for glob in globs)]


def _unmatched(contract: Contract, backwards: list[Backward]) -> list[str]:
    """Globs that fit no leaf of any backward that the contract is about."""
    if not backwards:
        return []
    leaves = list(dict.fromkeys(leaf.name for backward in backwards for leaf in backward.leaves))
    shown = ", ".join(leaves[:8]) + (", ..." if len(leaves) > 8 else "") or "none"
    return [
        f"no leaf is called {glob!r} (contract on loss {contract.loss!r}); leaves: {shown}"
        for glob in (*contract.reaches, *contract.blocks)
        if not any(fnmatchcase(name, glob) for name in leaves)
    ]


def _because(leaf: LeafFlow) -> str:
    """Where the gradient of a leaf was lost."""
    if leaf.cuts:
        return ": " + ", ".join(f"{cut.kind} at {cut.site}" for cut in leaf.cuts)
    return f": {leaf.because}" if leaf.because is not None else ""


def _cuts(report: Report) -> Iterator[Cut]:
    """All cuts of a report, those of single leaves too."""
    yield from report.cuts
    for backward in report.backwards:
        for leaf in backward.leaves:
            yield from (*leaf.cuts, *leaf.partly)


def _places(report: Report) -> str:
    return ", ".join(dict.fromkeys(str(cut.site) for cut in _cuts(report))) or "no statement"


def _is_at(site: Site, place: str) -> bool:
    """Whether ``place``, "file:line", means ``site``; the file may be given by the end of its path."""
    file, _, line = place.rpartition(":")
    known = site.file.replace(os.sep, "/")
    file = file.replace(os.sep, "/").removeprefix("./")
    return line == str(site.line) and bool(file) and (known == file or known.endswith(f"/{file}"))
