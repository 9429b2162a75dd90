"""Write ``upriver/tensor.pyi``: the types of Tensor with every method that is bound to it at import.

    python tools/stub.py           write the stub
    python tools/stub.py --check   only say whether it is out of date

A signature is that of the function behind the method. An operator's is that of its forward, where ``Array``
stands for a tensor; an in-place method's is that of its sibling. What ``upriver/tensor.py`` itself defines is
copied without bodies.
"""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import textwrap
import types
import typing
from collections.abc import Callable, Iterator
from inspect import Parameter
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from upriver.ops import methods  # noqa: E402 - found by the line above
from upriver.ops.registry import OPERATORS, Kind  # noqa: E402
from upriver.tensor import Tensor  # noqa: E402

SOURCE = ROOT / "upriver" / "tensor.py"
STUB = SOURCE.with_suffix(".pyi")

SLOTS = {
    "_accumulator": "Any",
    "_array": "Array",
    "_extra": "TensorExtra | None",
    "_grad": "Tensor | None",
    "_node": "Node | None",
    "_number": "_int",
    "_origin": "tuple[Cut, ...] | None",
    "_requires_grad": "_bool",
    "_storage": "Storage",
    "_view": "Any",
}
STARS: dict[Any, str] = {Parameter.VAR_POSITIONAL: "*", Parameter.VAR_KEYWORD: "**"}
UNSHOWN = {"__dict__", "__doc__", "__module__", "__slots__", "__weakref__"}
UNARY = {"__abs__", "__getitem__", "__invert__", "__neg__", "__pos__", "__setitem__"}
IN_PLACE = {f"{name}_": name for name in (*methods.IN_PLACE, *methods.RESHAPING)}
OPERATOR_OF = {id(operator.function): operator for operator in OPERATORS.values()}
MEMBERS = {name: value for name, value in sorted(vars(Tensor).items()) if name not in UNSHOWN}

HEAD = '"""The types of :mod:`upriver.tensor`, written by ``python tools/stub.py``: not to be edited."""'
QUOTES, BODY = '"""', "\n        "
IMPORTS = {
    "builtins": {"bool as _bool", "int as _int"},
    "typing": {"Any", "Self", "TypeAlias", "overload"},
    ".autograd.hooks": {"TensorExtra"},
    ".autograd.node": {"Node"},
}
ALIASES = "_Operand: TypeAlias = Tensor | complex | np.generic | np.ndarray[Any, Any]"


class Types:
    """Types as the stub writes them, and the imports they need."""

    def __init__(self) -> None:
        self.imports = {module: set(names) for module, names in IMPORTS.items()}
        for node in ast.parse(SOURCE.read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.module != "__future__":
                module = "." * node.level + (node.module or "")
                self.imports.setdefault(module, set()).update(map(ast.unparse, node.names))

    def shown(self, kind: Any) -> str:
        """A type, as evaluated from an annotation."""
        if kind is None or kind is type(None):
            return "None"
        if kind is Ellipsis:
            return "..."
        if kind is Any or kind is Parameter.empty:
            return "Any"
        if isinstance(kind, list):
            return f"[{', '.join(map(self.shown, kind))}]"
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin is types.UnionType or origin is typing.Union:
            parts = dict.fromkeys(map(self.shown, sorted(arguments, key=lambda each: each is type(None))))
            return " | ".join(parts)
        if origin is np.ndarray:
            return "Array"
        return (
            f"{self.named(origin)}[{', '.join(map(self.shown, arguments))}]" if origin else self.named(kind)
        )

    def named(self, kind: type) -> str:
        """A class, with an underscore before its name where a member of Tensor has taken that."""
        name, module = kind.__name__, kind.__module__
        alias = f"_{name}" if name in MEMBERS else name
        if module != "upriver.tensor" and (module, alias) != ("builtins", name):
            module = module.removeprefix("upriver") if module.startswith("upriver.") else module
            self.imports.setdefault(module, set()).add(name if alias == name else f"{name} as {alias}")
        return alias

    def import_lines(self) -> str:
        """The imports."""
        lines = [
            f"from {module} import {', '.join(sorted(names))}"
            for module, names in sorted(self.imports.items())
        ]
        return "\n".join(["import numpy as np", *lines])


# -- signatures ----------------------------------------------------------------------------------------------


def evaluated(annotation: Any, function: Callable[..., Any]) -> Any:
    """What an annotation says, in the file of its function."""
    names = vars(sys.modules[function.__module__])
    return eval(annotation, dict(names)) if isinstance(annotation, str) else annotation


def of_operator(operator: Any) -> inspect.Signature:
    """The signature of the function users call for an operator."""
    signature = inspect.signature(operator.forward)
    instead = {"Array": Tensor, "Array | None": Tensor | None, "Arrays": tuple[Tensor, ...]}
    parameters = []
    for each in list(signature.parameters.values())[1:]:
        kind = instead.get(each.annotation) or evaluated(each.annotation, operator.forward)
        if operator.kind is Kind.ELEMENTWISE and each.name in operator.inputs[1:]:
            kind = "_Operand"
        parameters.append(each.replace(annotation=kind))
    if operator.kind not in (Kind.VIEW, Kind.MAYBE_VIEW) and not operator.several and not operator.variadic:
        parameters.append(Parameter("out", Parameter.KEYWORD_ONLY, default=None, annotation=Tensor | None))
    return inspect.Signature(parameters, return_annotation=instead[signature.return_annotation])


def of_function(function: Callable[..., Any]) -> inspect.Signature:
    """A function's signature with its annotations evaluated."""
    signature = inspect.signature(function)
    parameters = [
        each.replace(annotation=evaluated(each.annotation, function))
        for each in signature.parameters.values()
    ]
    return inspect.Signature(parameters, return_annotation=evaluated(signature.return_annotation, function))


def of_method(name: str, function: Callable[..., Any]) -> inspect.Signature:
    """The signature of a method without ``self``."""
    if name in methods.OPERATORS_OF_PYTHON and name not in UNARY:
        kind = object if name in ("__eq__", "__ne__") else "_Operand"
        other = Parameter("other", Parameter.POSITIONAL_OR_KEYWORD, annotation=kind)
        return inspect.Signature([other], return_annotation="Self" if name.startswith("__i") else Tensor)
    sibling = MEMBERS[IN_PLACE[name]] if name in IN_PLACE else function
    operator = OPERATOR_OF.get(id(sibling))
    signature = of_operator(operator) if operator is not None else of_function(sibling)
    parameters = list(signature.parameters.values())[1:]
    if name.endswith("_"):
        parameters = [each for each in parameters if each.name != "out"]
    result = signature.return_annotation
    in_place = name.endswith("_") and not name.endswith("__") and result is Tensor
    return inspect.Signature(parameters, return_annotation="Self" if in_place else result)


def written(signature: inspect.Signature, kinds: Types) -> str:
    """A signature as text, with ``self`` before its parameters."""

    def text(kind: Any) -> str:
        return kind if isinstance(kind, str) else kinds.shown(kind)

    parts, starred = ["self"], False
    for each in signature.parameters.values():
        if each.kind is Parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
        starred = starred or each.kind in (Parameter.KEYWORD_ONLY, Parameter.VAR_POSITIONAL)
        stars = STARS.get(each.kind, "")
        default = "" if each.default is Parameter.empty else f" = {plain(each.default)}"
        parts.append(f"{stars}{each.name}: {text(each.annotation)}{default}")
    return f"({', '.join(parts)}) -> {text(signature.return_annotation)}"


def plain(default: Any) -> str:
    """A default that the stub can write; dots for others."""
    simple = isinstance(default, (bool, int, str, float, tuple, type(None))) and "inf" not in repr(default)
    return repr(default) if simple else "..."


# -- the text ------------------------------------------------------------------------------------------------


def body(documented: Any) -> str:
    """The first paragraph of a docstring, or dots."""
    paragraph = inspect.cleandoc(documented.__doc__ or "").partition("\n\n")[0]
    if not paragraph:
        return " ..."
    lines = textwrap.wrap(paragraph, 110 - len(BODY) - 2 * len(QUOTES))
    if len(lines) > 1:
        lines.append("")
    return f"{BODY}{QUOTES}{BODY.join(lines)}{QUOTES}"


def member(name: str, value: Any, kinds: Types) -> str:
    """One member of Tensor."""
    if name in SLOTS:
        return f"    {name}: {SLOTS[name]}"
    if isinstance(value, property):
        return accessor(name, value, kinds)
    if not inspect.isfunction(value):
        return f"    {name}: {kinds.shown(type(value))}"
    forms = typing.get_overloads(value)
    if forms:
        signatures = [written(of_method(name, form), kinds) for form in forms]
        return "\n".join(f"    @overload\n    def {name}{signature}: ..." for signature in signatures)
    text = f"    def {name}{written(of_method(name, value), kinds)}:"
    if name.startswith("__"):
        return f"{text} ...{'  # type: ignore[override]' if name in ('__eq__', '__ne__') else ''}"
    return text + body(value)


def accessor(name: str, value: property, kinds: Types) -> str:
    """A property, with its setter and deleter."""
    assert value.fget is not None
    kind = written(of_method(name, value.fget), kinds).rpartition(" -> ")[2]
    text = f"    @property\n    def {name}(self) -> {kind}:{body(value)}"
    if value.fset is not None:
        text += f"\n    @{name}.setter\n    def {name}(self, value: {kind}) -> None: ..."
    if value.fdel is not None:
        text += f"\n    @{name}.deleter\n    def {name}(self) -> None: ..."
    return text


def others() -> Iterator[str]:
    """What tensor.py defines besides Tensor, without bodies."""
    for node in ast.parse(SOURCE.read_text()).body:
        if isinstance(node, ast.ClassDef) and node.name != "Tensor":
            yield outline(node)
        elif isinstance(node, ast.FunctionDef):
            hollow(node)
            yield ast.unparse(node)
        elif isinstance(node, ast.Assign):
            yield ast.unparse(node)
        elif isinstance(node, ast.AnnAssign):
            yield f"{ast.unparse(node.target)}: {ast.unparse(node.annotation)}"


def outline(node: ast.ClassDef) -> str:
    """A class without bodies; an attribute set from the parameter of its name has that parameter's type."""
    lines: list[ast.stmt] = []
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
            kinds = {each.arg: each.annotation for each in inner.args.args if each.annotation}
            attributes = [each.attr for each in ast.walk(inner) if isinstance(each, ast.Attribute)]
            for name in dict.fromkeys(each for each in attributes if each in kinds):
                lines += ast.parse(f"{name}: {ast.unparse(kinds[name])}").body
        hollow(inner)
        if "__slots__" not in ast.unparse(inner):
            lines.append(inner)
    node.body = lines
    return ast.unparse(node)


def hollow(node: ast.stmt) -> None:
    """Leave of a function its signature and docstring."""
    if isinstance(node, ast.FunctionDef):
        node.body = node.body[:1] if ast.get_docstring(node) else [ast.Expr(ast.Constant(...))]


def stub() -> str:
    """The stub, before it is formatted."""
    kinds = Types()
    members = "\n".join(member(name, value, kinds) for name, value in MEMBERS.items())
    tensor = f"class Tensor:\n    {body(Tensor).strip()}\n\n{members}"
    return "\n\n".join([HEAD, kinds.import_lines(), *others(), tensor, ALIASES]) + "\n"


def formatted(text: str) -> str:
    """The text as ruff writes it."""
    command = [sys.executable, "-m", "ruff"]
    name = ["--stdin-filename", str(STUB), "-"]
    for step in (["check", "--fix", "-q", "--select", "I,F"], ["format", "-q"]):
        done = subprocess.run([*command, *step, *name], input=text, capture_output=True, text=True, cwd=ROOT)
        if not done.stdout:
            sys.exit(done.stderr)
        text = done.stdout
    return text


def outdated() -> bool:
    """Whether the stub says something else than the functions do, however it is laid out."""
    held = STUB.read_text() if STUB.exists() else ""
    return statements(held) != statements(stub())


def statements(text: str) -> list[str]:
    """What a stub says, without its imports, which ruff sorts."""
    body = ast.parse(text).body
    return [ast.dump(each) for each in body if not isinstance(each, (ast.Import, ast.ImportFrom))]


def main() -> None:
    """Write the stub, or check it."""
    if "--check" not in sys.argv[1:]:
        STUB.write_text(formatted(stub()))
    elif outdated():
        sys.exit("upriver/tensor.pyi is out of date: run python tools/stub.py")


if __name__ == "__main__":
    main()
