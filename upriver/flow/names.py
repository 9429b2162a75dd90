"""The names that users know their tensors by, found without keeping anything alive."""

from __future__ import annotations

import re
import sys
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from types import FrameType, MemberDescriptorType, ModuleType
from typing import Any

from .sites import Sites, frame_locals

__all__ = ["Names", "inside", "is_module"]

WIDTH = 2000  # entries of one collection that are looked at
# IPython's history, what Python puts into every module, and names that cannot be written in a program.
UNTOLD = re.compile(r"_+\d*$|__\w+__$|_i+\d*$|_dh$|_oh$|_ih$|In$|Out$|exit$|quit$|get_ipython$|\W")
OWNERS = ("self", "cls")


def is_module(value: object) -> bool:
    """Whether a value is a neural network module: an object, not a class, that has ``named_parameters()``."""
    return callable(getattr(type(value), "named_parameters", None))


def inside(value: object, width: int | None = WIDTH) -> Iterator[tuple[str, Any]]:
    """What a collection or an object holds, each with what a user appends to the name to reach it.

    Lists, tuples, deques, dicts (of each the first ``width``), and the attributes of any other object, slots
    too. Sets have no such names.

    >>> list(inside({"loss": 1, 3: 2})), list(inside([5]))
    ([("['loss']", 1), ('[3]', 2)], [('[0]', 5)])
    >>> from types import SimpleNamespace
    >>> list(inside(SimpleNamespace(total=0)))
    [('.total', 0)]
    """
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        yield from ((f".{field}", each) for field, each in zip(value._fields, value, strict=False))
    elif isinstance(value, (list, tuple, deque)):
        yield from ((f"[{i}]", each) for i, each in enumerate(islice(value, width)))
    elif isinstance(value, dict):
        yield from ((f"[{_key(key)}]", each) for key, each in list(islice(value.items(), width)))
    if not isinstance(value, (type, ModuleType)):
        yield from _attributes(value)


def _attributes(value: object) -> Iterator[tuple[str, Any]]:
    """Attributes from ``__dict__`` and ``__slots__``, without running any property."""
    held = getattr(value, "__dict__", None)
    if isinstance(held, dict):
        yield from ((f".{name}", each) for name, each in list(held.items()))
    for cls in type(value).__mro__[:-1]:
        if "__slots__" in cls.__dict__:
            for name, slot in cls.__dict__.items():
                if isinstance(slot, MemberDescriptorType):
                    try:
                        yield f".{name}", slot.__get__(value)
                    except AttributeError:  # not set
                        continue


def _key(key: object) -> str:
    """A dict's key as it is written in the program, shortened if it is long."""
    parts = key if isinstance(key, tuple) else (key,)
    plain = all(isinstance(part, (str, int, float, bytes, type(None))) for part in parts)
    text = repr(key) if plain else type(key).__name__  # an unknown repr may compute
    return text if len(text) <= 40 else text[:37] + "..."


class _Root:
    """A module that is part of no other, by the variable that holds it."""

    __slots__ = ("flat", "name", "ref", "trained")

    def __init__(self, name: str, module: Any) -> None:
        self.name = name
        self.ref = weakref.ref(module)
        self.flat = True  # it has no modules inside
        self.trained = False  # it has parameters

    def renew(self, module: Any) -> None:
        """Look again at what the module is made of."""
        self.flat = len(list(islice(module.modules(), 2))) < 2
        self.trained = next(iter(module.parameters()), None) is not None


class Names:
    """Gives tensors and modules the names that a user would write.

    **The rule for parameters.** The path alone, as in ``state_dict()`` ("encoder.layers.0.weight"), while the
    program has one network. The network's variable before it ("generator.fc.weight") as soon as networks
    under different variables have parameters, and for a network that has no modules inside, because "weight"
    alone says nothing ("lin.weight"). A network is a module that is part of no other; a shared parameter has
    its first name. A name depends on what is known when it is asked for: ask when a report is written.

    What is no parameter or buffer has the name of a variable that holds it.

    >>> import sys
    >>> import upriver as up
    >>> names, net = Names(), up.nn.Sequential(up.nn.Linear(2, 1))
    >>> names.learn_module("net", net)
    >>> names.of(net[0].weight)
    '0.weight'
    >>> x = [up.ones(2)]
    >>> names.of(x[0], sys._getframe())
    'x[0]'
    """

    def __init__(self, sites: Sites | None = None) -> None:
        self._sites = sites or Sites()
        self._roots: dict[int, _Root] = {}
        self._paths: dict[int, tuple[weakref.ref[Any], _Root, str]] = {}  # by id of parameter, buffer, module

    def learn_module(self, name: str, module: Any) -> None:
        """Remember the names of all that ``module``, held by the variable ``name``, is made of.

        A module that is part of one learned before adds nothing; one that contains others replaces them. To
        learn again what has changed, call it again.
        """
        self._forget_dead()
        root = self._roots.get(id(module))
        if root is None:
            if id(module) in self._paths:
                return
            for part in module.modules():
                self._roots.pop(id(part), None)
            root = self._roots[id(module)] = _Root(name, module)
        root.renew(module)
        live = list(self._roots.values())
        self._paths = {k: known for k, known in self._paths.items() if known[1] in live and known[1] != root}
        for path, value in _parts(module):
            if id(value) not in self._paths:  # the first name of what is shared stays
                self._paths[id(value)] = (weakref.ref(value), root, path)

    def find_modules(self, frame: FrameType | None) -> list[tuple[str, Any]]:
        """The networks that the user's running code can name: (variable, module), part of no other.

        Looked through are globals and locals of the user's frames, the outermost first, so that ``model`` is
        found before the ``self`` of its own ``forward``; then, one level down, the attributes of the user's
        objects, lists, tuples and dicts. Modules without any parameter or buffer are left out.
        """
        found: dict[int, tuple[str, Any]] = {}
        spaces = list(self._namespaces(frame))[::-1]
        candidates = [(name, value) for space in spaces for name, value in _told(space)]
        ordered = [
            *(pair for pair in candidates if pair[0] not in OWNERS),
            *(pair for name, value in candidates for pair in self._one_down(name, value)),
            *(pair for pair in candidates if pair[0] in OWNERS),
        ]
        for name, value in ordered:
            if is_module(value):
                found.setdefault(id(value), (name, value))
        parts: set[int] = set()
        for _, module in found.values():
            parts.update(id(part) for part in islice(module.modules(), 1, None))
        return [(n, m) for key, (n, m) in found.items() if key not in parts and _has_parts(m)]

    def of(self, t: Any, frame: FrameType | None = None) -> str | None:
        """The name of a tensor or an array; None if it has none that can be seen from ``frame``.

        In this order: its path as a parameter or buffer, a variable that holds it in the user's frames
        (innermost locals first, then globals), and one level down an attribute "self.x", an element "xs[2]",
        an entry "d['k']".
        """
        path = self._path(t)
        if path is not None:
            return path
        spaces = [_told(space) for space in self._namespaces(frame)]
        for variables in spaces:
            for name, value in variables:
                if value is t:
                    return name
        for variables in spaces:
            for name, value in variables:
                for path, held in self._one_down(name, value):
                    if held is t:
                        return path
        return None

    def of_module(self, module: Any) -> str | None:
        """The path of a module by the same rule, "encoder.layers.0"; "" for the only network itself."""
        return self._path(module)

    def _path(self, value: Any) -> str | None:
        known = self._paths.get(id(value))
        if known is None or known[0]() is not value:
            return None
        _, root, path = known
        trained = {r.name for r in self._roots.values() if r.trained and r.ref() is not None}
        if (root.flat or trained - {root.name}) and root.name:
            return f"{root.name}.{path}" if path else root.name
        return path

    def _forget_dead(self) -> None:
        self._roots = {key: root for key, root in self._roots.items() if root.ref() is not None}
        self._paths = {key: known for key, known in self._paths.items() if known[0]() is not None}

    def _namespaces(self, frame: FrameType | None) -> Iterator[dict[str, Any]]:
        """The locals of the user's frames, innermost first, then their globals."""
        outer: dict[int, dict[str, Any]] = {}
        while (frame := self._sites.user_frame(frame)) is not None:
            space = frame.f_globals
            outer.setdefault(id(space), space)
            if frame.f_code.co_name != "<module>":
                yield frame_locals(frame)
            frame = frame.f_back
        yield from outer.values()

    def _one_down(self, name: str, value: Any) -> Iterable[tuple[str, Any]]:
        """What a user's own object or a plain collection holds; not what a library's object does."""
        if isinstance(value, (list, tuple, deque, dict)) or name in OWNERS or self._is_users(type(value)):
            return ((name + suffix, held) for suffix, held in inside(value))
        return ()

    def _is_users(self, cls: type) -> bool:
        source = getattr(sys.modules.get(cls.__module__), "__file__", None)
        return cls.__module__ == "__main__" or (source is not None and self._sites.is_user(source))


def _parts(module: Any) -> Iterator[tuple[str, Any]]:
    yield from module.named_parameters()
    if hasattr(module, "named_buffers"):
        yield from module.named_buffers()
    yield from module.named_modules()


def _has_parts(module: Any) -> bool:
    return any(True for _ in module.parameters()) or any(True for _ in getattr(module, "buffers", tuple)())


def _told(space: dict[str, Any]) -> list[tuple[str, Any]]:
    """The variables of a namespace without Python's and IPython's own."""
    return [(name, value) for name, value in list(space.items()) if not UNTOLD.match(name)]
