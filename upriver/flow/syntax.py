"""Questions to the user's source text: what encloses a line, what it assigns, what adds to a collection.

Files are parsed once for each content. Where there is no source, or it does not parse, the answer is None or
empty.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator

from .model import Site

__all__ = [
    "accumulating_statement",
    "assigned_name",
    "assigning_statement",
    "carried_name",
    "enclosing_no_grad",
    "statement_lines",
]

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Function | ast.ClassDef

OFF = ("no_grad", "inference_mode", "set_grad_enabled")
SWITCHES = (*OFF, "enable_grad")
ADDERS = frozenset({
    "append", "appendleft", "extend", "extendleft", "insert", "add", "add_", "update", "setdefault", "push",
    "put", "put_nowait",
})  # fmt: skip
JOINERS = frozenset({"cat", "concat", "concatenate", "stack", "hstack", "vstack", "add"})


def enclosing_no_grad(file: str, line: int, function: str = "") -> Site | None:
    """The statement that switches gradients off around a line, or None; the innermost if there are several.

    It is a ``with`` of ``no_grad``, ``inference_mode`` or ``set_grad_enabled``, by any import name; one
    of them as decorator of the function that the line is in; or an earlier plain call
    ``set_grad_enabled(False)`` in the blocks around the line. An ``enable_grad`` further in hides what is
    further out. ``function`` is the name of the function that runs, as a Site has it.

    The search ends at that function: what stands around a ``def`` is not in force when it is called. To go
    on, ask the same about the calling statement.

    >>> import linecache
    >>> text = ["with torch.no_grad():\\n", "    y = f(x)\\n"]
    >>> linecache.cache["<cell>"] = (0, None, text, "<cell>")
    >>> enclosing_no_grad("<cell>", 2)
    Site(file='<cell>', line=1, function='', source='with torch.no_grad():')
    """
    source = _read(file)
    if source is None:
        return None
    path = source.path(line)
    for depth in range(len(path) - 1, -1, -1):
        node, outer = path[depth], path[depth - 1] if depth else source.tree
        runs = isinstance(node, Function) and source.is_in_body(node, line, function)
        found = source.switch_around(node, line) if runs or not isinstance(node, Function) else None
        if found is None and not runs:
            found = source.switch_before(node, outer)
        if found is not None:
            where, off = found
            return Site(file, where, function, source.text(where)) if off else None
        if runs:
            return None
    return None


def assigned_name(file: str, line: int) -> str | None:
    """What the statement on a line assigns: "loss", "self.h", "stats['loss']"; of a tuple its first name.

    The target of a ``for`` or a ``with`` is not an assignment; that of ``:=`` is.

    >>> import linecache
    >>> linecache.cache["<cell>"] = (0, None, ["self.h, c = cell(x)\\n"], "<cell>")
    >>> assigned_name("<cell>", 1)
    'self.h'
    """
    source = _read(file)
    for statement in reversed(source.statements.get(line, ())) if source is not None else ():
        target = _target(statement)
        while isinstance(target, (ast.Tuple, ast.List, ast.Starred)):
            elements = [target.value] if isinstance(target, ast.Starred) else target.elts
            target = elements[0] if elements else None
        if target is not None:
            return ast.unparse(target)
    return None


def carried_name(file: str, line: int) -> str | None:
    """As `assigned_name`, but of a tuple the first name that the statement reads as well.

    >>> import linecache
    >>> linecache.cache["<cell>"] = (0, None, ["out, h = cell(x, h)\\n"], "<cell>")
    >>> carried_name("<cell>", 1)
    'h'
    """
    source = _read(file)
    for statement in reversed(source.statements.get(line, ())) if source is not None else ():
        target, value = _target(statement), getattr(statement, "value", None)
        if isinstance(target, ast.Tuple) and value is not None:
            read = {ast.unparse(each) for each in ast.walk(value) if isinstance(each, ast.expr)}
            names = [name for name in map(ast.unparse, target.elts) if name in read]
            return names[0] if names else assigned_name(file, line)
    return assigned_name(file, line)


def assigning_statement(file: str, name: str) -> int | None:
    """The line of the last statement that assigns a comprehension, or a list, to ``name``."""
    source = _read(file)
    made = (ast.ListComp, ast.DictComp, ast.SetComp, ast.List, ast.Call)
    lines = [
        s.lineno
        for s in (source.every if source is not None else ())
        if isinstance(s, ast.Assign) and isinstance(s.value, made) and name in map(ast.unparse, s.targets)
    ]
    return lines[-1] if lines else None


def read_after(file: str, line: int, name: str) -> bool:
    """Whether a variable is read further down in the function, or the module, that a line is in."""
    return any(node.lineno > line for node in _reads(file, line, name))


def returned(file: str, line: int, name: str) -> bool:
    """Whether the function that a line is in returns the variable ``name``, by itself or among others."""
    source = _read(file)
    around = source.path(line) if source is not None else ()
    scope = next((node for node in reversed(around) if isinstance(node, Function)), None)
    if scope is None:
        return False
    values = [node.value for node in ast.walk(scope) if isinstance(node, ast.Return)]
    return any(
        isinstance(v, ast.Name) and v.id == name for value in values if value for v in _parts_of(value)
    )


def is_bare_call(file: str, line: int) -> bool:
    """Whether the statement on a line is a call whose result is dropped."""
    source = _read(file)
    covering = source.statements.get(line, []) if source is not None else []
    return len(covering) > 0 and isinstance(covering[-1], ast.Expr)


def times_read(file: str, line: int, name: str) -> int:
    """How often the statement on a line reads a variable."""
    lines = statement_lines(file, line)
    return sum(node.lineno in lines for node in _reads(file, line, name))


def _parts_of(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]


def _reads(file: str, line: int, name: str) -> list[ast.Name]:
    source = _read(file)
    if source is None:
        return []
    around = source.path(line)
    scope = next((node for node in reversed(around) if isinstance(node, Function)), source.tree)
    return [
        node
        for node in ast.walk(scope)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]


def statement_lines(file: str, line: int) -> range:
    """The lines of the innermost statement that covers ``line``; of a compound statement those of its header.

    A decorator counts as a statement of its own. The line alone where the source is not known.

    >>> import linecache
    >>> linecache.cache["<cell>"] = (0, None, ["y = f(\\n", "    x\\n", ")\\n"], "<cell>")
    >>> statement_lines("<cell>", 2)
    range(1, 4)
    """
    source = _read(file)
    covering = source.statements.get(line) if source is not None else None
    if source is None or not covering:
        return range(line, line + 1)
    return next(r for r in source.ranges(covering[-1]) if line in r)


def accumulating_statement(file: str, name: str) -> list[int]:
    """The lines of the statements that add to what is called ``name``, in order.

    ``name`` is a path: "history", "self.losses", "stats['loss']". Found are ``name.append(...)`` and its like
    (``extend``, ``add``, ``appendleft``, ``update``, ``insert`` ...), ``name += ...``, ``name = name + ...``,
    ``name = cat([name, ...])``, ``name[...] = ...`` and ``name.setdefault(...).append(...)``.

    A path through a variable, "trainer.losses", is also looked for as "self.losses", which is how its own
    methods call it; and if nothing adds to one entry by its name, lines that add to any entry are found.

    >>> import linecache
    >>> text = ["history = []\\n", "for x in xs:\\n", "    history.append(f(x))\\n"]
    >>> linecache.cache["<cell>"] = (0, None, text, "<cell>")
    >>> accumulating_statement("<cell>", "history")
    [3]
    """
    source = _read(file)
    if name.startswith("closure "):  # of "closure step.history" the variable
        name = name.partition(".")[2]
    try:
        wanted = ast.unparse(ast.parse(name, mode="eval").body)
    except SyntaxError:
        return []
    if source is None:
        return []
    root, dot, rest = wanted.partition(".")
    names = {wanted, "self." + rest} if dot and root.isidentifier() else {wanted}
    lines = {s.lineno for s in source.every if names & set(_added_to(s))}
    if not lines and "[" in wanted:
        return accumulating_statement(file, wanted[: wanted.rindex("[")])
    return sorted(lines)


class _Source:
    """One file's text and tree, with its statements by line."""

    def __init__(self, lines: list[str], tree: ast.Module) -> None:
        self.lines = lines
        self.tree = tree
        self.every = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
        self.every.sort(key=lambda s: (s.lineno, s.col_offset))
        self.statements: dict[int, list[ast.stmt]] = {}  # by line, outer before inner
        for statement in self.every:
            for covered in self.ranges(statement):
                for line in covered:
                    self.statements.setdefault(line, []).append(statement)
        self.switches = {name: name for name in SWITCHES}
        for imported in self.every:
            if isinstance(imported, ast.ImportFrom):
                self.switches |= {a.asname: a.name for a in imported.names if a.asname and a.name in SWITCHES}

    def text(self, line: int) -> str:
        """A line without its indentation."""
        return self.lines[line - 1].strip()

    def ranges(self, statement: ast.stmt) -> list[range]:
        """The lines of a statement: its decorators', then its own without the block it opens."""
        end = statement.end_lineno or statement.lineno
        inner = _block(statement)
        if inner and inner > statement.lineno:
            end = inner - 1
            while end > statement.lineno and self.text(end)[:1] in ("", "#"):
                end -= 1  # a comment above the block belongs to the block
        elif inner:
            end = statement.lineno
        decorators = [range(d.lineno, (d.end_lineno or d.lineno) + 1) for d in _decorators(statement)]
        return [*decorators, range(statement.lineno, end + 1)]

    def path(self, line: int) -> list[ast.stmt]:
        """The statements whose extent, blocks included, holds a line, from the outermost in."""
        return [s for s in self.every if _start(s) <= line <= (s.end_lineno or s.lineno)]

    def is_in_body(self, function: Function, line: int, name: str) -> bool:
        """Whether code on a line runs inside a function, not where the function is defined."""
        first = _start(function.body[0])
        if first == function.lineno:  # on one line: the frame's name decides
            return line == first and name.rpartition(".")[2] in (function.name, "")
        return line >= first

    def switch_around(self, node: ast.stmt, line: int) -> tuple[int, bool] | None:
        """Line and sense of the switch that a ``with`` or a decorator puts around a line of its body."""
        if isinstance(node, (ast.With, ast.AsyncWith)):
            expressions = [item.context_expr for item in node.items]
        elif isinstance(node, Function):
            expressions = node.decorator_list
        else:
            return None
        if line < _start(node.body[0]):
            return None
        for expression in reversed(expressions):
            off = self.sense(expression)
            if off is not None:
                return expression.lineno if isinstance(node, Function) else node.lineno, off
        return None

    def switch_before(self, node: ast.stmt, outer: ast.AST) -> tuple[int, bool] | None:
        """The last plain ``set_grad_enabled(...)`` before a statement in the block that holds it."""
        for block in ("body", "orelse", "finalbody"):
            siblings = getattr(outer, block, [])
            if node not in siblings:
                continue
            for earlier in reversed(siblings[: siblings.index(node)]):
                if isinstance(earlier, ast.Expr) and isinstance(earlier.value, ast.Call):
                    called = _last_name(earlier.value.func)
                    off = self.sense(earlier.value)
                    if off is not None and self.switches[called] == "set_grad_enabled":
                        return earlier.lineno, off
        return None

    def sense(self, expression: ast.expr) -> bool | None:
        """Whether an expression makes something that switches gradients off (True) or on; None if neither."""
        for node in ast.walk(expression):
            name = self.switches.get(_last_name(node))
            if name is None:
                continue
            calls = [c for c in ast.walk(expression) if isinstance(c, ast.Call) and c.func is node]
            values = [*calls[0].args, *(k.value for k in calls[0].keywords)] if calls else []
            given = values[0].value if values and isinstance(values[0], ast.Constant) else None
            if name == "inference_mode" and given is False:
                return None  # as if it were not there
            return name != "enable_grad" and not (name == "set_grad_enabled" and given is True)
        return None


_sources: dict[str, tuple[list[str], _Source | None]] = {}


def _read(file: str) -> _Source | None:
    """The parsed file; None if it cannot be had or does not parse."""
    lines = linecache.getlines(file)
    known = _sources.get(file)
    if known is None or (known[0] is not lines and known[0] != lines):
        try:
            parsed = _Source(lines, ast.parse("".join(lines))) if lines else None
        except (SyntaxError, ValueError, RecursionError):
            parsed = None
        known = _sources[file] = (lines, parsed)
    return known[1]


def _decorators(node: ast.stmt) -> list[ast.expr]:
    return node.decorator_list if isinstance(node, Scope) else []


def _start(node: ast.stmt) -> int:
    """The first line of a statement, with its decorators."""
    return min([node.lineno, *(d.lineno for d in _decorators(node))])


def _block(node: ast.stmt) -> int | None:
    """The first line of the block that a statement opens."""
    if isinstance(node, ast.Match):
        return node.cases[0].pattern.lineno
    body = getattr(node, "body", None)
    return _start(body[0]) if body else None


def _last_name(node: ast.AST) -> str:
    """``no_grad`` of ``torch.no_grad`` or ``no_grad``; empty for other expressions."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _header(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement, without those of the blocks that it opens."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop(0)
        yield node
        inner = ast.iter_child_nodes(node)
        todo += [n for n in inner if not isinstance(n, (ast.stmt, ast.ExceptHandler, ast.match_case))]


def _target(statement: ast.stmt) -> ast.expr | None:
    """What a statement assigns to."""
    match statement:
        case ast.Assign(targets=[first, *_]):
            return first
        case ast.AnnAssign(value=ast.expr()) | ast.AugAssign():
            return statement.target
    return next((n.target for n in _header(statement) if isinstance(n, ast.NamedExpr)), None)


def _added_to(statement: ast.stmt) -> Iterator[str]:
    """The paths that a statement adds to: of ``d['k'].append(x)`` both ``d['k']`` and ``d``."""
    for node in _header(statement):
        match node:
            case ast.Call(func=ast.Attribute(value=receiver, attr=method)) if method in ADDERS:
                yield from _containers(receiver)
            case ast.AugAssign(target=changed):
                yield from _containers(changed)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Subscript):
                        yield from _containers(target.value)
                    if ast.unparse(target) in _operands(value):
                        yield from _containers(target)


def _containers(node: ast.expr) -> Iterator[str]:
    """A path and, as long as it ends in an entry, the path of the collection that the entry is in."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="setdefault"), args=[key, *_]):
            yield f"{ast.unparse(owner)}[{ast.unparse(key)}]"
            yield from _containers(owner)
        case ast.Subscript(value=owner):
            yield ast.unparse(node)
            yield from _containers(owner)
        case _:
            yield ast.unparse(node)


def _operands(value: ast.expr) -> set[str]:
    """The terms of a sum, a display or a joining call: of ``cat([total, loss])`` total and loss."""
    match value:
        case ast.BinOp(left=left, right=right):
            return _operands(left) | _operands(right)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return set().union(*map(_operands, elements))
        case ast.Starred(value=inner):
            return _operands(inner)
        case ast.Call(func=function, args=arguments) if _last_name(function) in JOINERS:
            return set().union(*map(_operands, arguments), _operands_of_receiver(function))
    return {ast.unparse(value)}


def _operands_of_receiver(function: ast.expr) -> set[str]:
    """``total`` of the method call ``total.add(loss)``."""
    return _operands(function.value) if isinstance(function, ast.Attribute) else set()
