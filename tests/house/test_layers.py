"""Imports point down: errors < storage < tensor < autograd < ops < nn, optim < ... < cli."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, files, relative, tree

LAYERS = {
    "errors": 0,
    "dtypes": 1,
    "storage": 1,
    "tensor": 2,
    "autograd": 3,
    "kernels": 0,
    "ops": 4,
    "linalg": 5,
    "random": 5,
    "special": 5,
    "nn": 6,
    "optim": 6,
    "utils": 7,
    "compiler": 7,
    "flow": 8,
    "interop": 9,
    "as_torch": 10,
    "cli": 10,
    "__init__": 11,
    "__main__": 11,
}


def room(path: Path) -> str:
    """The folder or file of the package that a file belongs to."""
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def at_import(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that run when the file is imported: not those in functions or under TYPE_CHECKING."""
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from at_import(node.orelse)
        elif isinstance(node, (ast.If, ast.Try, ast.With, ast.ClassDef)):
            for inner in ("body", "orelse", "finalbody"):
                yield from at_import(getattr(node, inner, []))


def absolute(path: Path, node: ast.ImportFrom) -> str:
    """The module an import names, relative or not."""
    if not node.level:
        return node.module or ""
    package = ("upriver", *path.relative_to(PACKAGE).parts[:-1])
    return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])


def imported_rooms(path: Path) -> Iterator[tuple[int, str]]:
    """Line and room of every import from the package."""
    for node in at_import(tree(path).body):
        names = [absolute(path, node)] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "upriver" and len(parts) > 1:
                yield node.lineno, parts[1]
            elif parts[0] == "upriver":
                yield from ((node.lineno, alias.name) for alias in node.names)


@pytest.mark.parametrize("path", files(), ids=relative)
def test_imports_point_down(path: Path) -> None:
    here = room(path)
    assert here in LAYERS, f"{here} has no place in the order of layers"
    wrong = [
        f"{relative(path)}:{line} imports {there}"
        for line, there in imported_rooms(path)
        if LAYERS.get(there, 99) > LAYERS[here] or (LAYERS.get(there) == LAYERS[here] == 6 and there != here)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", files(), ids=relative)
def test_no_star_imports(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            assert all(alias.name != "*" for alias in node.names), f"{relative(path)}:{node.lineno} imports *"
