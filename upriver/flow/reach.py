"""What the gradient of a tensor can reach: a walk over its graph, the same for upriver and for PyTorch.

Tensors, nodes and modules are known by their attributes (``grad_fn``, ``next_functions``,
``named_parameters``): PyTorch is never imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from types import FrameType
from typing import Any

from ..errors import explain
from .names import Names, is_module
from .sites import frame_locals

__all__ = ["Named", "Reach", "Scope", "is_tensor"]

Named = tuple[str, Any]  # a tensor and its name


def is_tensor(value: Any) -> bool:
    """Whether ``value`` is a tensor of a library that records graphs as PyTorch does."""
    kind = type(value)
    return hasattr(kind, "grad_fn") and hasattr(kind, "requires_grad")


class Reach:
    """The tensors that a gradient of ``loss`` reaches, leaves and others."""

    def __init__(self, loss: Any) -> None:
        self.loss = loss
        self.nodes: dict[int, Any] = {}  # by id, which holds while they are kept here
        self.leaves: dict[int, int] = {}  # id of a leaf -> id of the node that adds to its grad
        self._places: set[tuple[int, int]] = set()  # a node and the number of its output
        self._before: dict[int, int] = {}  # the node from which the walk came to a node first
        if loss.grad_fn is not None:
            self._walk(loss.grad_fn, loss.output_nr)

    def _walk(self, root: Any, number: int) -> None:
        stack = [(root, number)]
        while stack:
            node, number = stack.pop()
            if (id(node), number) in self._places:
                continue
            self._places.add((id(node), number))
            part = type(node).__name__ == "SeveredInPart"  # whose outputs go on each for itself
            if id(node) in self.nodes and not part:
                continue
            self.nodes[id(node)] = node
            if type(node).__name__ == "AccumulateGrad":
                self.leaves[id(node.variable)] = id(node)
            onward = list(node.next_functions)
            for following, output in onward[number : number + 1] if part else onward:
                if following is not None:
                    self._before.setdefault(id(following), id(node))
                    stack.append((following, output))

    def has(self, t: Any) -> bool:
        """Whether a gradient reaches ``t``."""
        if t is self.loss:
            return bool(t.requires_grad)
        if t.grad_fn is None:
            return id(t) in self.leaves and bool(t.requires_grad)
        return (id(t.grad_fn), t.output_nr) in self._places

    def path(self, t: Any) -> list[Any]:
        """Nodes from the loss to ``t``, which it reaches: one path of perhaps several."""
        place = self.leaves.get(id(t)) if t.grad_fn is None else id(t.grad_fn)
        found = []
        while place is not None:
            found.append(self.nodes[place])
            place = self._before.get(place) if place != id(self.loss.grad_fn) else None
        return found[::-1]

    def ends(self) -> list[Any]:
        """Nodes at which the graph was cut after it was built."""
        return [node for node in self.nodes.values() if type(node).__name__.startswith("Severed")]


class Scope:
    """The names that the user's running code has for tensors and modules, as a report writes them."""

    def __init__(self, frame: FrameType) -> None:
        self._frame = frame
        self._names = Names()
        self._modules = self._names.find_modules(frame)
        for variable, module in self._modules:
            self._names.learn_module(variable, module)

    def name(self, t: Any, otherwise: str = "") -> str:
        """What the program calls ``t``."""
        shown = otherwise or f"a tensor of shape {list(t.shape)}"
        return self._names.of(t, self._frame) or shown

    def tensors(self) -> Iterator[Named]:
        """Tensors under variables of the calling function and its file."""
        for space in (frame_locals(self._frame), self._frame.f_globals):
            yield from ((name, value) for name, value in list(space.items()) if is_tensor(value))

    def resolve(self, given: Any, where: str) -> list[Named]:
        """The named tensors that ``given`` stands for: a tensor, a module, a glob over parameter names, or an
        iterable of them. Raises TypeError for anything else, ValueError where that is nothing.
        """
        return list({id(t): (name, t) for name, t in self._found(given, where)}.values())

    def _found(self, given: Any, where: str) -> Iterator[Named]:
        if is_tensor(given):
            yield self.name(given), given
        elif is_module(given):
            yield from self._of_module(given, where)
        elif isinstance(given, str):
            yield from self._of_glob(given, where)
        elif isinstance(given, Iterable):
            for each in given.values() if isinstance(given, Mapping) else given:
                yield from self._found(each, where)
        else:
            raise TypeError(
                f"{where} takes tensors, modules, globs over parameter names and lists of them, but got "
                f"{type(given).__name__}"
            )

    def _of_module(self, module: Any, where: str) -> Iterator[Named]:
        kind = type(module).__name__
        parameters = list(module.named_parameters())
        if not parameters:
            raise ValueError(f"{where}: this {kind} has no parameters, so nothing would be checked")
        yield from ((self.name(t, f"{kind}.{name}"), t) for name, t in parameters)

    def _of_glob(self, glob: str, where: str) -> Iterator[Named]:
        """Parameters whose name fits, with or without that of the variable that holds the module."""
        known = {
            self.name(t): (f"{variable}.{name}", t)
            for variable, module in self._modules
            for name, t in module.named_parameters()
        }
        found = [
            (name, t)
            for name, (long, t) in known.items()
            if fnmatchcase(name, glob) or fnmatchcase(long, glob)
        ]
        if not found:
            raise ValueError(
                explain(
                    f"{where}: no parameter is called {glob!r}.",
                    f"parameters of the modules seen from here: {', '.join(list(known)[:8]) or 'none'}.",
                    "mend it: correct the glob, or give the module or its tensors themselves.",
                )
            )
        yield from found
