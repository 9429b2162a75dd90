"""Who keeps an object alive, and in what circle it keeps itself alive, by the names in the program.

:func:`holders` looks backwards, with the garbage collector, from an object to the variables it can be reached
from; :func:`cycles` looks forwards, along what Python shows of a graph. Each is for writing a report: the
collector looks through the whole heap once for every step.
"""

from __future__ import annotations

import functools
import gc
import os
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import (
    AsyncGeneratorType,
    CellType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any

from .names import inside
from .sites import Sites, frame_locals, function_name

__all__ = ["Holder", "collection_name", "cycles", "holders"]

SUSPENDED = (GeneratorType, CoroutineType, AsyncGeneratorType)
TOOL = __name__.rpartition(".")[0]
FOLDER = os.path.dirname(__file__) + os.sep
BROAD = 1000  # containers looked at in one step
FAR = 20000  # objects looked at for cycles

KINDS = {list: "list", tuple: "tuple", dict: "dict", set: "set", frozenset: "set", deque: "deque"}
REGISTRIES = ("_parameters", "_buffers", "_modules")

# the steps of a path: an index that is one of many, another subscript, what is between
STEP = re.compile(r"(\[-?\d+\]|\{\.\.\.\})|(\[(?:'[^']*'|\"[^\"]*\"|[^\[\]'\"])*\])|([^\[{]+)")
# what a user writes for the attributes that hold it
WRITTEN = (
    (re.compile(r"\._(?:parameters|buffers|modules)\['([A-Za-z_]\w*)'\]"), r".\1"),
    (re.compile(r"\._modules\['(\d+)'\]"), r"[\1]"),
    (re.compile(r"\._view\.base\b"), "._base"),
    (re.compile(r"\._grad\b"), ".grad"),
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A variable that keeps an object alive."""

    path: str  # "history[3]", "self.total", "trainer.metrics['loss'][12]", "closure f.h", "graph of y"
    container_kind: str  # what holds the object itself: variable, list, dict, attribute, closure, graph ...
    scope: str  # "train() locals", "module globals", "generator batches()"


def holders(obj: Any, limit: int = 5, depth: int = 6, ignore: Iterable[Any] = ()) -> list[Holder]:
    """The variables that keep ``obj`` alive, the shortest paths and the user's own scopes first.

    ``depth`` is how many containers and objects a path may pass; those in ``ignore`` are passed by, and so is
    whatever the flow report itself holds. Found are the locals of the user's running functions, module
    globals, closures, defaults of functions, suspended generators, and frames that a traceback keeps; of
    one container only the first path. What only C++ holds (a PyTorch graph, ``.grad``) has no path.

    >>> class Loss: ...
    >>> def train(history):
    ...     return holders(history[0])
    >>> for holder in train([Loss()]):
    ...     print(holder.path, "-", holder.scope)
    history[0] - train() locals
    """
    search = _Search({id(each) for each in ignore})
    level = [_Link(obj, "", "variable")]
    search.name_locals(level)
    while level and len([h for rank, h in search.found if rank == 0]) < limit:
        level = [link for link in search.step(level) if link.cost <= depth]
        search.name_locals(level)
    ordered = sorted(search.found, key=lambda pair: pair[0])
    return list(dict.fromkeys(holder for _, holder in ordered))[:limit]


def collection_name(path: str) -> str:
    """The collection that a path leads into: what is added to where the path's last index is one of many.

    >>> [collection_name(p) for p in ("history[3]", "log[7]['loss']", "t.stats['loss'][12]", "last['loss']")]
    ['history', 'log', "t.stats['loss']", 'last']
    >>> collection_name("self.total")
    'self.total'
    """
    steps = list(STEP.finditer(path))
    end = next((i for i in range(len(steps) - 1, -1, -1) if steps[i][1]), None)
    if end is None:
        return path[: steps[-1].start()] if steps and steps[-1][2] else path
    while end and steps[end - 1][1]:
        end -= 1
    return path[: steps[end].start()]


class _Link:
    """An object on a path to the sought one, and how the path goes on from it."""

    __slots__ = ("child", "cost", "kind", "obj", "prefix", "suffix", "tail")

    def __init__(self, obj: Any, suffix: str, kind: str, child: _Link | None = None, tail: str = "") -> None:
        self.obj = obj
        self.suffix = suffix
        self.kind = kind
        self.child = child
        self.tail = tail  # what follows the first step of the suffix
        self.cost: int = child.cost + 1 if child is not None else 0
        self.prefix: str = child.prefix if child is not None else ""


class _Search:
    """One search for holders."""

    def __init__(self, skip: set[int]) -> None:
        self.sites = Sites()
        self.skip = skip
        self.found: list[tuple[int, Holder]] = []  # 0: the user's scope, 1: a library's
        self.cells: dict[int, _Link] = {}
        self.locals: dict[int, list[tuple[str, str]]] = {}  # by id of the value: variable, scope
        for innermost in sys._current_frames().values():
            frame = self.sites.user_frame(innermost)
            while frame is not None:
                if frame.f_code.co_name != "<module>":
                    scope = f"{function_name(frame.f_code)}() locals"
                    for name, value in frame_locals(frame).items():
                        if name.isidentifier():  # not a comprehension's ".0"
                            self.locals.setdefault(id(value), []).append((name, scope))
                frame = self.sites.user_frame(frame.f_back)
        del innermost, frame  # they may be this very frame: a cycle that would keep the caller's variables

    def name_locals(self, level: list[_Link]) -> None:
        """Note the running functions' variables that are on the way."""
        for link in level:
            for name, scope in self.locals.get(id(link.obj), ()):
                self.note(name, link, scope)

    def note(self, name: str, link: _Link, scope: str, rank: int = 0, kind: str = "") -> None:
        """Add a holder: a variable, and the path from it."""
        path = link.prefix + name + link.suffix
        for private, public in WRITTEN:
            path = private.sub(public, path)
        kind = kind if kind and link.kind == "variable" else link.kind
        self.found.append((rank, Holder(path, kind, scope)))

    def step(self, level: list[_Link]) -> list[_Link]:
        """The containers one step further from the sought object."""
        wanted = {id(link.obj): link for link in level}
        objects = [link.obj for link in level]
        self.skip.update(wanted, (id(objects), id(level)))
        further: list[_Link] = []
        for referrer in gc.get_referrers(*objects):
            if id(referrer) in self.skip or _is_tool(referrer):
                continue
            if not self.name(referrer, wanted):
                link = self.link(referrer, wanted)
                if link is not None:
                    further.append(link)
        self.skip.add(id(further))
        return further[:BROAD]

    def name(self, referrer: Any, wanted: dict[int, _Link]) -> bool:
        """Note the names that ``referrer`` gives, if it is where names live: a namespace or a function."""
        if isinstance(referrer, dict) and "__builtins__" in referrer:
            self.name_in(referrer, wanted, *self.module_scope(referrer))
        elif isinstance(referrer, ModuleType):
            self.name_in(vars(referrer), wanted, f"{referrer.__name__} globals", 1)
        elif isinstance(referrer, SUSPENDED):
            frame = _suspended_frame(referrer)
            if frame is not None:
                self.name_in(frame_locals(frame), wanted, f"generator {function_name(frame.f_code)}()")
        elif isinstance(referrer, FrameType):
            scope = f"{function_name(referrer.f_code)}() locals, kept by a traceback"
            self.name_in(frame_locals(referrer), wanted, scope)
        elif isinstance(referrer, FunctionType) and id(vars(referrer)) not in wanted:
            self.name_function(referrer, wanted)
        else:
            return False
        return True

    def name_in(self, space: dict[str, Any], wanted: dict[int, _Link], scope: str, rank: int = 0) -> None:
        """Note the variables of a namespace that hold what is sought."""
        for name, value in list(space.items()):
            if id(value) in wanted:
                self.note(name, wanted[id(value)], scope, rank)

    def name_function(self, function: FunctionType, wanted: dict[int, _Link]) -> None:
        """Note a function's closure variables and defaults."""
        own = function.__name__
        for variable, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
            if id(cell) in self.cells:
                scope = f"closure of {function_name(function.__code__)}()"
                self.note(f"closure {own}.{variable}", self.cells[id(cell)], scope, kind="closure")
        for attribute in ("__defaults__", "__kwdefaults__"):
            held = getattr(function, attribute)
            if held is not None and id(held) in wanted:
                scope = f"defaults of {function_name(function.__code__)}()"
                self.note(f"{own}.{attribute}", wanted[id(held)], scope)

    def module_scope(self, space: dict[str, Any]) -> tuple[str, int]:
        """What a module's namespace is called, and its rank."""
        name, file = space.get("__name__"), space.get("__file__")
        mine = not isinstance(file, str) or self.sites.is_user(file)
        return "module globals" if name in ("__main__", None) else f"{name} globals", 0 if mine else 1

    def link(self, referrer: Any, wanted: dict[int, _Link]) -> _Link | None:
        """The link of a container to what it holds; None if no name leads from it."""
        if isinstance(referrer, CellType):
            held = wanted[id(referrer.cell_contents)]
            self.cells[id(referrer)] = _Link(referrer, held.suffix, held.kind, held)
            return self.cells[id(referrer)]
        for suffix, child in _children(referrer):
            found = wanted.get(id(child))
            if found is None:
                continue
            kind = found.kind
            if found.child is None:  # it is the sought object itself
                kind = "attribute" if suffix.startswith(".") else _kind(referrer)
            link = _Link(referrer, suffix + found.suffix, kind, found, found.suffix)
            if suffix[1:] in REGISTRIES:
                _fold(link, found)
            if suffix == "._node":
                link.prefix, link.suffix, link.kind = "graph of ", "", "graph"
            return link
        return self.owner(referrer, wanted)

    def owner(self, referrer: Any, wanted: dict[int, _Link]) -> _Link | None:
        """The link of an object to the dict of its attributes."""
        for held in wanted.values():
            if held.child is None or not isinstance(held.obj, dict):
                continue
            if isinstance(referrer, type):
                owns = any(held.child.obj is each for each in vars(referrer).values())
            else:
                owns = getattr(referrer, "__dict__", None) is held.obj
            if owns:
                key = next(k for k, v in held.obj.items() if v is held.child.obj)
                kind = "attribute" if held.child.child is None else held.kind
                link = _Link(referrer, f".{key}{held.tail}", kind, held, held.tail)
                link.cost -= 1  # a user sees an object, not the dict in it
                if key in REGISTRIES:
                    _fold(link, held.child)
                return link
        return None


def _fold(module: _Link, registry: _Link) -> None:
    """Let a module and its dict of parameters or modules count as one object."""
    module.cost -= 1
    if registry.child is not None and registry.child.child is None:
        module.kind = "attribute"


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds, each with the text that leads to it."""
    if isinstance(value, (set, frozenset)):
        yield from (("{...}", each) for each in list(value))
    elif isinstance(value, MethodType):
        yield ".__self__", value.__self__
        yield ".__func__", value.__func__
    elif isinstance(value, functools.partial):
        yield from ((f".{name}", getattr(value, name)) for name in ("func", "args", "keywords"))
    else:
        yield from inside(value, None)


def _kind(container: Any) -> str:
    """What a user calls the type of a container."""
    return next((name for cls, name in KINDS.items() if isinstance(container, cls)), type(container).__name__)


def _suspended_frame(generator: Any) -> FrameType | None:
    """The frame of a generator or coroutine that waits; a running one is found on the stack."""
    for prefix in ("gi", "cr", "ag"):
        if hasattr(generator, f"{prefix}_frame"):
            frame: FrameType | None = getattr(generator, f"{prefix}_frame")
            return None if getattr(generator, f"{prefix}_running") else frame
    return None


def _is_tool(value: Any) -> bool:
    """Whether the flow report itself made a container."""
    if isinstance(value, FunctionType):
        return value.__code__.co_filename.startswith(FOLDER)
    if isinstance(value, FrameType):
        return value.f_code.co_filename.startswith(FOLDER)
    if isinstance(value, dict) and "__builtins__" in value:
        name = value.get("__name__")
        return str(name).startswith(TOOL) and vars(sys.modules.get(str(name), sys)) is value
    return type(value).__module__.startswith(TOOL)


def cycles(obj: Any, limit: int = 3, name: str = "") -> list[list[str]]:
    """The reference cycles through ``obj``, the shortest first, each as the names along it.

    ``name`` is what the program calls ``obj``; it is looked for if not given. Followed is what Python shows:
    attributes, collections, closures, ``.grad``, ``grad_fn`` and its nodes up to their leaves, hooks, and the
    attributes of a custom Function's context. Values that PyTorch's own nodes save are not shown.

    >>> import upriver as up
    >>> w = up.ones(2, requires_grad=True)
    >>> w.grad = w * w
    >>> cycles(w, name="w")
    [['w', 'w.grad', 'MulBackward0', 'w']]
    """
    found: dict[tuple[str, ...], None] = {}
    start = name or next((h.path for h in holders(obj, 1)), type(obj).__name__)
    todo: deque[tuple[Any, str, tuple[str, ...]]] = deque([(obj, start, (start,))])
    seen = {id(obj): obj}
    while todo and len(found) < limit and len(seen) < FAR:
        value, here, trail = todo.popleft()
        for label, child in _links(value):
            shown = here + label if label[:1] in (".", "[", "{") else label
            if child is obj:
                closing = (shown,) if label and shown != trail[-1] else ()
                found[_shortened((*trail, *closing, start))] = None
            elif id(child) not in seen and not isinstance(child, PLAIN):
                seen[id(child)] = child
                passed = isinstance(child, CONTAINERS) or not shown
                todo.append((child, shown, trail if passed else (*trail, shown)))
    return [list(each) for each in found][:limit]


PLAIN = (str, int, float, bytes, type(None), type, ModuleType, FrameType)
CONTAINERS = (list, tuple, dict, set, frozenset, deque)


def _links(value: Any) -> Iterator[tuple[str, Any]]:
    """What a cycle can go on to; an empty name is a step that need not be told."""
    cls = type(value)
    if hasattr(cls, "grad_fn"):
        yield from _tensor_links(value)
    elif hasattr(cls, "next_functions"):
        yield from _node_links(value)
    elif isinstance(value, FunctionType):
        for variable, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=False):
            held = gc.get_referents(cell)  # empty where the variable is not bound yet
            yield from ((f"closure {value.__name__}.{variable}", each) for each in held)
    elif cls.__module__.startswith(TOOL):
        return
    else:
        yield from _children(value)


def _tensor_links(t: Any) -> Iterator[tuple[str, Any]]:
    if t.is_leaf or t.retains_grad:  # PyTorch warns if another is asked
        yield ".grad", t.grad
    if t.grad_fn is not None:
        yield t.grad_fn.name(), t.grad_fn
    extra = getattr(t, "_extra", None)
    for owner, attributes in ((t, HOOKS), (extra, ("hooks", "post_accumulate"))):
        for attribute in attributes:
            for hook in (getattr(owner, attribute, None) or {}).values():
                yield f"hook {getattr(hook, '__name__', type(hook).__name__)}", hook
    yield from ((f".{name}", held) for name, held in vars(t).items() if name not in HOOKS)


HOOKS = ("_backward_hooks", "_post_accumulate_grad_hooks")


def _node_links(node: Any) -> Iterator[tuple[str, Any]]:
    """The nodes behind a node, a leaf, and what a custom Function keeps in its context."""
    for following, _ in node.next_functions:
        if following is not None:
            yield "" if hasattr(following, "variable") else following.name(), following
    if hasattr(node, "variable"):
        yield "", node.variable
    held = getattr(getattr(node, "context", node), "__dict__", {})
    yield from ((f".{name}", each) for name, each in held.items() if not name.startswith("_"))
    extra = getattr(node, "_extra", None)
    if extra is not None:
        for hooks in (extra.pre, extra.post, *extra.tensor_hooks.values()):
            yield from ((f"hook {getattr(h, '__name__', type(h).__name__)}", h) for h in hooks.values())


def _shortened(trail: tuple[str, ...]) -> tuple[str, ...]:
    """A trail with the middle of a long one left out."""
    return trail if len(trail) <= 8 else (*trail[:4], f"... {len(trail) - 7} more", *trail[-3:])
