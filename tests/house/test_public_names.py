"""Every public name has a docstring and full annotations."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.source import files, relative, tree

Function = ast.FunctionDef | ast.AsyncFunctionDef


def public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """Public classes, functions and methods, with their dotted names."""
    for node in body:
        if isinstance(
            node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        ) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{node.name}.")


def is_overload(node: ast.AST) -> bool:
    """Signatures alone, and setters, speak through their main definition."""
    names = [ast.unparse(d) for d in getattr(node, "decorator_list", [])]
    return any(n.endswith(("overload", ".setter", ".deleter")) for n in names)


@pytest.mark.parametrize("path", files(), ids=relative)
def test_docstrings(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{relative(path)} does not say what it is"
    bare = [
        f"{name} (line {node.lineno})"
        for name, node in public(tree(path).body)
        if not ast.get_docstring(node) and not is_overload(node)
    ]
    assert not bare, f"{relative(path)} without a docstring: " + ", ".join(bare)


@pytest.mark.parametrize("path", files(), ids=relative)
def test_annotations(path: Path) -> None:
    bare = []
    for name, node in public(tree(path).body):
        if isinstance(node, ast.ClassDef):
            continue
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        arguments = [a for a in arguments if a.arg not in ("self", "cls", "mcs")]
        if node.returns is None or any(a.annotation is None for a in arguments):
            bare.append(f"{name} (line {node.lineno})")
    assert not bare, f"{relative(path)} not fully annotated: " + ", ".join(bare)


def namespaces() -> list[Any]:
    """The modules a user writes names of."""
    import upriver as up

    return [
        up,
        up.autograd,
        up.nn,
        up.nn.functional,
        up.nn.init,
        up.optim,
        up.linalg,
        up.autograd.functional,
        up.autograd.forward_ad,
        up.utils.checkpoint,
    ]


def test_the_public_surface_is_documented() -> None:
    bare = []
    for module in namespaces():
        for name in (n for n in dir(module) if not n.startswith("_")):
            value = getattr(module, name)
            ours = getattr(value, "__module__", "").startswith("upriver")
            if ours and (inspect.isfunction(value) or inspect.isclass(value)) and not inspect.getdoc(value):
                bare.append(f"{module.__name__}.{name}")
    assert not bare, f"without a docstring: {', '.join(bare)}"


def test_methods_are_documented() -> None:
    from upriver import Tensor

    names = [n for n in dir(Tensor) if not n.startswith("_")]
    bare = [n for n in names if not inspect.getdoc(inspect.getattr_static(Tensor, n))]
    assert not bare, f"Tensor methods without a docstring: {', '.join(bare)}"
