"""What the programs of the corpus say about themselves, and how one for PyTorch becomes one for upriver."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"

RULES = (
    "no-history",
    "unreached-parameter",
    "left-the-graph",
    "non-differentiable",
    "built-then-dropped",
    "graph-growth",
    "alias-write",
    "stale-saved-value",
    "saved-value-modified",
    "wasted-gradient",
    "non-leaf-grad",
    "backward-twice",
    "not-in-optimizer",
    "accumulated-gradient",
    "late-requires-grad",
    "redundant-detach",
)

COMMENT = re.compile(r"#\s*expect(?P<note>-note)?:\s*(?P<rules>[\w-]+(?:\s*,\s*[\w-]+)*)\s*$")


@dataclass(frozen=True, order=True)
class Expected:
    """A finding that the report of a program must have."""

    rule: str
    file: Path
    line: int
    note: bool = False


def programs(kind: str) -> list[Path]:
    """All programs under ``corpus/faulty`` or ``corpus/clean``, without the helpers that they import."""
    return [p for p in sorted((CORPUS / kind).rglob("*.py")) if not p.name.startswith("helpers_")]


def name(program: Path) -> str:
    """The program's path below the corpus, for the name of a test."""
    return program.relative_to(CORPUS).with_suffix("").as_posix()


def sources(program: Path) -> list[Path]:
    """The program and the helpers beside it that it imports, directly or through one another."""
    found = [program]
    for file in found:
        for module in _imported(ast.parse(file.read_text(encoding="utf-8"))):
            helper = program.parent / f"{module}.py"
            if helper.exists() and helper not in found:
                found.append(helper)
    return found


def expectations(program: Path) -> list[Expected]:
    """What ``# expect: rule`` and ``# expect-note: rule`` comments ask for, helpers included."""
    return sorted(e for file in sources(program) for e in _of_file(file))


def as_upriver(source: str) -> str:
    """The same program, line for line, importing upriver in the place of torch."""
    return "\n".join(_import_upriver(line) for line in source.split("\n"))


def _of_file(file: Path) -> Iterator[Expected]:
    text = file.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        comment = COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if comment:
            for rule in comment["rules"].split(","):
                yield Expected(rule.strip(), file, token.start[0], note=bool(comment["note"]))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _import_upriver(line: str) -> str:
    line = re.sub(r"^(\s*)import torch$", r"\1import upriver as torch", line)
    line = re.sub(r"^(\s*)import torch\.([\w.]+)$", r"\1import upriver as torch, upriver.\2", line)
    line = re.sub(r"^(\s*)import torch\.([\w.]+) as", r"\1import upriver.\2 as", line)
    return re.sub(r"^(\s*)from torch(\.[\w.]+)? import", r"\1from upriver\2 import", line)
