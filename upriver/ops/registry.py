"""The table of operators: one entry each, a forward over an array namespace and one derivative rule an input.

    @op(ELEMENTWISE, input=lambda F, g, other: g * other,
                     other=lambda F, g, input: g * input)
    def mul(xp: Namespace, input: Array, other: Array) -> Array:
        return xp.multiply(input, other)

* The forward's parameters annotated ``Array`` (or ``Array | None``) are tensors, the rest are settings. A
  parameter annotated ``Arrays`` is a sequence of tensors; a forward that returns ``Arrays`` has several
  outputs: its rules get a tuple of gradients as ``g``, and may name the tuple ``outs``.
* **A rule's parameter names are its save list**: names of inputs, ``out`` (the result), settings, or
  ``input_shape``, ``input_dtype`` (no buffer is kept for those). A rule returns the cotangent of its input.
  It may return ``g`` itself, a view of it, or a fresh array, never a saved value. It is written over a
  namespace ``F`` of the operators themselves, so it runs on plain arrays (fast) and on tensors (for double
  backward) alike.
* Rules are those of a holomorphic function, without conjugates: for complex results the engine conjugates
  what goes in and what comes out. Rules of functions that are not holomorphic say ``wirtinger=True`` and
  conjugate for themselves.
* Broadcasting and promotion of ``ELEMENTWISE`` operators are undone by the engine, not by the rules.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import Enum
from typing import Any, Protocol, overload

import numpy as np

from ..autograd.namespaces import ON_ARRAYS, ON_TENSORS, OPERATORS
from ..tensor import Tensor
from .namespace import xp
from .recorder import recorder

__all__ = ["OPERATORS", "Kind", "Operator", "op"]

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]
Rule = Callable[..., Any]


class Kind(Enum):
    """What an operator does to shapes and memory."""

    ELEMENTWISE = "elementwise"  # operands are broadcast and promoted
    VIEW = "view"  # the result looks into the input's memory
    MAYBE_VIEW = "maybe view"  # so it does where strides allow
    REDUCTION = "reduction"
    CONTRACTION = "contraction"
    GENERAL = "general"


class Operator:
    """One entry of the table; see the module's text for what its parts mean."""

    def __init__(
        self, kind: Kind, forward: Callable[..., Any], rules: dict[str, Rule], **properties: Any
    ) -> None:
        code = forward.__code__
        names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
        annotations = forward.__annotations__
        self.name: str = properties.get("name") or forward.__name__
        self.kind = kind
        self.forward = forward
        self.rules = rules
        self.parameters = names
        self.keyword_only = code.co_kwonlyargcount
        self.inputs = tuple(name for name in names if annotations.get(name, "").startswith("Array"))
        self.optional = tuple(name for name in self.inputs if "None" in annotations[name])
        self.variadic = any(annotations[name] == "Arrays" for name in self.inputs)
        self.several = annotations.get("return") == "Arrays"
        self.floating: bool = properties.get("floating", False)
        unpromoted = properties.get("unpromoted", ())
        self.promoted = tuple(name for name in self.inputs if name not in unpromoted)
        self.wirtinger: bool = properties.get("wirtinger", False)
        self.ordered: bool = properties.get("ordered", False)
        self.ufunc: str | None = properties.get("ufunc")
        self.node: str | None = properties.get("node")
        self.undifferentiated: tuple[int, ...] = properties.get("undifferentiated", ())
        self.shown: str = properties.get("shown") or self.name
        self.saves = {name: self._save_list(name, rule) for name, rule in rules.items()}
        self.saved_names = tuple(dict.fromkeys(each for names in self.saves.values() for each in names))
        self.saved_tensors = tuple(
            name for name in self.saved_names if name in self.inputs or name in ("out", "outs")
        )
        self.function: Callable[..., Any]

    @property
    def node_name(self) -> str:
        """PyTorch's name of the node."""
        return self.node or f"{camel(self.name)}Backward0"

    @functools.cached_property
    def on_arrays(self) -> Callable[..., Any]:
        """The forward on plain arrays."""
        return functools.partial(self.forward, xp)

    @property
    def differentiable(self) -> tuple[str, ...]:
        """The inputs that have a rule."""
        return tuple(self.rules)

    def _save_list(self, name: str, rule: Rule) -> tuple[str, ...]:
        names = rule.__code__.co_varnames[2 : rule.__code__.co_argcount]
        for each in (name, *names):
            if each not in self.parameters and each not in self._derived_names():
                legal = ", ".join([*self.parameters, *self._derived_names()])
                raise TypeError(
                    f"operator {self.name}: the rule for {name!r} names {each!r}, which is none of {legal}"
                )
        return names

    def _derived_names(self) -> list[str]:
        """What a rule may name beside the operator's own parameters."""
        plural = "s" if self.variadic else ""
        shapes = [f"{each}_{what}{plural}" for each in self.inputs for what in ("shape", "dtype")]
        return ["outs" if self.several else "out", *shapes]

    @property
    def saved_attributes(self) -> dict[str, property]:
        """Nodes' properties for saved values as tensors, under PyTorch's names: ``_saved_self``,
        ``_saved_result`` or a parameter's own.
        """
        shown = {"input": "self", "out": "result"}
        return {
            f"_saved_{alias}": property(functools.partial(_saved_value, name))
            for name in self.saved_names
            for alias in (name, shown.get(name, name))
        }

    def __repr__(self) -> str:
        return f"<operator {self.name}({', '.join(self.parameters)})>"


def _saved_value(name: str, node: Any) -> Any:
    return node.saved_values()[name]


def camel(name: str) -> str:
    """``log_softmax`` -> ``LogSoftmax``: how PyTorch names nodes."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


class Decorator(Protocol):
    """From a forward on arrays to the function on tensors that users call."""

    @overload
    def __call__(self, forward: Callable[..., Array], /) -> Callable[..., Tensor]: ...
    @overload
    def __call__(self, forward: Callable[..., Arrays], /) -> Callable[..., tuple[Tensor, ...]]: ...


def op(kind: Kind, /, *, floating: bool = False, wirtinger: bool = False, ufunc: str | None = None,
       node: str | None = None, shown: str | None = None, undifferentiated: tuple[int, ...] = (),
       name: str | None = None, unpromoted: tuple[str, ...] = (), ordered: bool = False,
       **rules: Rule) -> Decorator:  # fmt: skip
    """Enter a forward into the table with its rules, and return the function users call.

    ``floating``: integers become the default floating type. ``ufunc``: the NumPy ufunc that the forward is
    for floats; it is called directly, and writes in-place results. ``node``: PyTorch's name of the node where
    it is not made of the operator's. ``shown``: the name in messages. ``name``: the name in the table, where
    the forward's own is taken. ``undifferentiated``: which of several outputs have no gradient.
    ``unpromoted``: operands that are broadcast with the others but keep their type (masks). ``ordered``:
    complex operands are refused.
    """

    def enter(forward: Callable[..., Any], /) -> Any:
        operator = Operator(kind, forward, rules, floating=floating, wirtinger=wirtinger, ufunc=ufunc,
                            node=node, shown=shown, undifferentiated=undifferentiated, unpromoted=unpromoted,
                            ordered=ordered, name=name)  # fmt: skip
        if operator.name in OPERATORS:
            raise TypeError(f"operator {operator.name} is entered twice")
        OPERATORS[operator.name] = operator
        operator.function = recorder(operator)
        setattr(ON_ARRAYS, operator.name, operator.on_arrays)
        setattr(ON_TENSORS, operator.name, operator.function)
        return operator.function

    return enter
