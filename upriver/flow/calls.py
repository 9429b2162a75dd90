"""Which of upriver's functions a recorder listens to, and under which names: PyTorch's own.

Functions of one name in several places (``upriver.relu``, ``Tensor.relu``) are often one object; each object
is listed once. What only asks about a tensor (shape, type, version) is not listed.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

from ..autograd import differentiate, modes, variable
from ..autograd.events import Heard
from ..autograd.function import Function
from ..ops import recurrent
from ..tensor import Tensor

__all__ = ["calls"]

MODULES = ("upriver.nn.functional", "upriver", "upriver.linalg", "upriver.special")
OPERATORS = ("upriver.ops.", "upriver.nn.functional.")  # the modules whose functions compute
NO_OPERATORS = ("upriver.ops.generator", "upriver.ops.printing")
ASKING = frozenset("""
    __iter__ __contains__ __reduce_ex__ __hash__ is_tensor is_nonzero is_complex is_floating_point is_signed
    is_same_size is_conj is_neg is_inference numel result_type broadcast_shapes ndimension cuda share_memory_
""".split())  # fmt: skip # noqa: SIM905 - a table of words
METHODS = ("requires_grad_", "detach_", "detach")  # those that are not in OPERATORS' modules
VIEWS = ("T", "mT", "H", "mH", "real", "imag")  # properties that compute
PROPERTIES = ("data", "grad")
NAMES = {
    "getitem": "__getitem__",
    "expit": "sigmoid",
    "log_sigmoid": "logsigmoid",
    "__eq__": "eq",
    "__ne__": "ne",
}
UNNAMED = ("operator", "to_number", "setitem", "getitem")  # functions whose own name says nothing


def calls() -> list[Heard]:
    """Every function to listen to, each once."""
    found: dict[Any, Heard] = {}
    for each in (*_transparent(), *_properties(), *_methods(), *_modes(), *_of_modules()):
        found.setdefault(each.function, each)
    return list(found.values())


def _of_modules() -> Iterator[Heard]:
    for module in map(importlib.import_module, MODULES):
        yield from _operators(vars(module))
    yield from _operators({name: getattr(recurrent, name) for name in recurrent.__all__})


def _methods() -> Iterator[Heard]:
    own: dict[str, Any] = dict(vars(Tensor))
    yield from (Heard(own[name], name) for name in METHODS)
    plain = {name: value for name, value in own.items() if not name.startswith("__")}
    yield from _operators(plain)  # first, because __add__ is add under another name
    yield from _operators(own)


def _operators(names: dict[str, Any]) -> Iterator[Heard]:
    for name, value in names.items():
        if (
            isinstance(value, FunctionType)
            and name not in ASKING
            and value.__module__.startswith(OPERATORS)
            and value.__module__ not in NO_OPERATORS
        ):
            yield Heard(value, NAMES.get(name) or _known_as(name, value, names))


def _known_as(name: str, function: FunctionType, names: dict[str, Any]) -> str:
    """The name that PyTorch uses for what is called ``name`` here: of several, the function's own."""
    own = function.__name__
    special = name.startswith("__") and not own.startswith("_") and own not in UNNAMED
    return own if special or names.get(own) is function else name


def _properties() -> Iterator[Heard]:
    own: dict[str, Any] = dict(vars(Tensor))
    for name in PROPERTIES:
        yield Heard(own[name].fget, f"get {name}")
        yield Heard(own[name].fset, f"set {name}")
    yield Heard(own["grad"].fdel, "set grad")
    yield Heard(own["requires_grad"].fset, "set requires_grad")
    for name in VIEWS:
        if isinstance(own[name].fget, FunctionType):
            yield Heard(own[name].fget, name)


def _modes() -> Iterator[Heard]:
    switches: Any = (modes._GradMode, modes.set_grad_enabled)
    for kind in switches:
        for name in ("__init__", "__enter__", "__exit__", "__call__"):
            if name in vars(kind):
                yield Heard(vars(kind)[name], "set_grad_enabled")


def _transparent() -> Iterator[Heard]:
    nn, optim = _module("nn"), _module("optim.optimizer")
    yield Heard(nn.Module.__call__, "Module.__call__", True)
    yield Heard(nn.Parameter.__init__, "Parameter")
    yield Heard(optim.Optimizer.add_param_group, "add_param_group")
    yield Heard(optim.run_step, "step", True)
    yield Heard(vars(Tensor)["backward"], "backward", True)
    yield Heard(differentiate.backward, "backward", True)
    yield Heard(differentiate.grad, "grad", True)
    yield Heard(variable.written, "written")
    yield Heard(vars(Function)["apply"].__func__, "apply")


def _module(name: str) -> ModuleType | Any:
    return importlib.import_module(f"upriver.{name}")
