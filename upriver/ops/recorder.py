"""From an entry of the table to the function users call, specialised to it.

An operator's recorder is Python source made from the template below, compiled when it is first called: what
the entry says (which inputs, which rules, what each rule saves) becomes straight-line code without
dictionaries, argument walks or signature work. Until then the function is a stub whose ``__code__`` is
replaced, so every reference to it, and every method bound to it, becomes fast at once. To read what was
generated: ``print(upriver.ops.recorder.source(operator))``.

The function does, in order: check and convert operands; run the forward; if recording, make the node (edges,
saved values, the user's statement); make the result.
"""

from __future__ import annotations

import sys
import textwrap
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.modes import UNUSUAL, state
from ..autograd.namespaces import ON_ARRAYS, ON_TENSORS
from ..autograd.node import Node, accumulator, next_order
from ..autograd.saved import observe, saved_values
from ..autograd.views import DEFAULT, INFERENCE, NO_GRAD, SEVERAL, Step, refresh, view_of
from ..errors import GENERATED, OUTSIDE, user_frame
from ..storage import InferenceStorage, Storage
from ..tensor import Tensor, joint_origin, same_memory
from . import operands
from .namespace import xp
from .tangents import in_dual_level

if TYPE_CHECKING:
    from .registry import Operator

__all__ = ["recorder", "source"]

NOTHING = Storage.on(np.empty(0))  # stands in for the storage of a value that need not be saved

COMMON: dict[str, Any] = {
    "DEFAULT": DEFAULT, "F": ON_ARRAYS, "F32": np.dtype("float32"), "F64": np.dtype("float64"),
    "INFERENCE": INFERENCE, "InferenceStorage": InferenceStorage, "NOTHING": NOTHING,
    "NUMBERS": (float, int), "NO_GRAD": NO_GRAD, "OUTSIDE": OUTSIDE, "SEVERAL": SEVERAL, "Step": Step,
    "Storage": Storage, "Tensor": Tensor, "UNUSUAL": UNUSUAL, "accumulator": accumulator,
    "asarray": np.asarray, "getframe": sys._getframe, "in_dual_level": in_dual_level,
    "joint_origin": joint_origin, "ndarray": np.ndarray, "new": object.__new__, "next_order": next_order,
    "observe": observe, "operands": operands, "refresh": refresh, "same_memory": same_memory, "state": state,
    "user_frame": user_frame, "view_of": view_of, "xp": xp,
}  # fmt: skip


def recorder(operator: Operator) -> Any:
    """The function users call for ``operator``: a stub that specialises itself on its first call."""
    if operator.several or operator.variadic:
        from .several import several

        return several(operator, _defaults(operator))
    forward = operator.forward
    names = {**COMMON, "__name__": forward.__module__, "operator": operator, "specialise": _specialise}
    function = FunctionType(_stub.__code__, names, operator.name)
    function.__doc__ = forward.__doc__
    function.__module__ = forward.__module__
    function.__qualname__ = operator.name
    names["itself"] = function
    return function


def _stub(*args: Any, **kwargs: Any) -> Any:
    return specialise(operator, itself)(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821


def _specialise(operator: Operator, function: FunctionType) -> FunctionType:
    names = function.__globals__
    names["forward"] = operator.forward
    for name, rule in operator.rules.items():
        names[f"rule_{name}"] = rule
    for name, default in _defaults(operator).items():
        names[f"default_{name}"] = default
    text = source(operator)
    filename = f"{GENERATED}{operator.name}>"
    if "linecache" in sys.modules:  # whoever shows tracebacks shows these lines too
        sys.modules["linecache"].cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    made: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), names, made)
    if operator.rules:
        names["MadeNode"] = node_class(operator, made["vjp"])
    call: FunctionType = made["call"]
    function.__code__ = _renamed(call.__code__, operator.name)
    function.__defaults__ = call.__defaults__
    function.__kwdefaults__ = call.__kwdefaults__
    return function


def _renamed(code: CodeType, name: str) -> CodeType:
    return code.replace(co_name=name, co_qualname=name)


def node_class(operator: Operator, vjp: Any, outputs: int = 1) -> type[Node]:
    """The Node subclass of ``operator``, named as PyTorch names it."""
    members = {
        **operator.saved_attributes,
        "__slots__": (), "operator": operator, "vjp": vjp, "vjp_recorded": vjp_recorded,
        "saved_values": saved_values, "outputs": outputs, "__module__": "upriver.autograd.node",
    }  # fmt: skip
    return type(operator.node_name, (Node,), members)


def vjp_recorded(node: Any, gradient: Any, keep: bool) -> tuple[Any, ...]:
    """The rules of a node's operator on tensors, so that the gradients have a history of their own."""
    operator = node.operator
    values = node.saved_values()
    if not keep and operator.saved_tensors:
        node.saved = None
    return tuple(
        None if edge is None else rule(ON_TENSORS, gradient, *[values[each] for each in operator.saves[name]])
        for edge, (name, rule) in zip(node.edges, operator.rules.items(), strict=True)
    )


def _defaults(operator: Operator) -> dict[str, Any]:
    forward = operator.forward
    names = forward.__code__.co_varnames[: forward.__code__.co_argcount]
    given = forward.__defaults__ or ()
    return {
        **dict(zip(names[len(names) - len(given) :], given, strict=True)),
        **(forward.__kwdefaults__ or {}),
    }


# -- the template --------------------------------------------------------------------------------------------


def source(operator: Operator) -> str:
    """The specialised source: ``call`` (forward and recording) and ``vjp`` (backward on plain arrays)."""
    parts = [_signature(operator), _operands(operator), _forward(operator)]
    if operator.rules:
        parts.append(_record(operator))
    parts += [_result(operator), _vjp(operator) if operator.rules else ""]
    return "".join(parts)


def _signature(operator: Operator) -> str:
    defaults = _defaults(operator)
    positional = operator.parameters[: len(operator.parameters) - operator.keyword_only]
    keyword = operator.parameters[len(positional) :]
    shown = [f"{name}=default_{name}" if name in defaults else name for name in positional]
    shown += ["*", *(f"{name}=default_{name}" if name in defaults else name for name in keyword)]
    if not _is_view(operator):
        shown.append("out=None")
    if shown[-1] == "*":
        shown.pop()
    return f"def call({', '.join(shown)}):\n"


def _is_view(operator: Operator) -> bool:
    return operator.kind.name in ("VIEW", "MAYBE_VIEW")


def _promotes(operator: Operator) -> bool:
    return operator.kind.name == "ELEMENTWISE" and (len(operator.inputs) > 1 or operator.floating)


def _operands(operator: Operator) -> str:
    inputs = operator.inputs
    if _promotes(operator) and not operator.optional:
        return _promoted_operands(operator)
    lines = []
    for name in inputs:
        convert = f"{name} = operands.tensor({name}, operator, {name!r})"
        if name in operator.optional:
            lines.append(f"    if {name} is None: a_{name} = None\n    else:\n")
            lines.append(
                f"        if not isinstance({name}, Tensor): {convert}\n        a_{name} = {name}._array\n"
            )
        else:
            lines.append(f"    if not isinstance({name}, Tensor): {convert}\n    a_{name} = {name}._array\n")
    return "".join(lines) + "    _plain = True\n" + _order_check(operator)


def _order_check(operator: Operator) -> str:
    if not operator.ordered:
        return ""
    arrays = ", ".join(f"a_{name}" for name in operator.inputs)
    first = f"a_{operator.inputs[0]}.dtype"
    return f"    if {first} is not F32 and {first} is not F64: operands.check_order(operator, ({arrays},))\n"


def _promoted_operands(operator: Operator) -> str:
    inputs = operator.inputs
    tensors = ", ".join(inputs)
    arrays = ", ".join(f"a_{name}" for name in inputs)
    promote = f"({tensors},), ({arrays},), _plain = operands.promoted(({tensors},), operator); _d = None"
    lines = [f"    if {' and '.join(f'isinstance({name}, Tensor)' for name in inputs)}:\n"]
    lines += [f"        a_{name} = {name}._array\n" for name in inputs]
    lines.append(f"        _d = a_{operator.promoted[0]}.dtype\n")
    same = "".join(f" and a_{name}.dtype is _d" for name in operator.promoted[1:])
    floating = "(_d is F32 or _d is F64)" if operator.floating else "True"
    shapes = " == ".join(f"a_{name}.shape" for name in inputs) if len(inputs) > 1 else "True"
    lines.append(f"        if {floating}{same}: _plain = {shapes}\n        else: {promote}\n")
    if len(inputs) == 2 and operator.promoted == inputs:
        first, second = inputs
        lines += _number_operand(first, second, promote) + _number_operand(second, first, promote)
    lines.append(f"    else: {promote}\n")
    return "".join(lines) + _order_check(operator)


def _number_operand(tensor: str, number: str, promote: str) -> list[str]:
    """Lines for the case that one operand is a Python number: it becomes a constant, made once and kept."""
    return [
        f"    elif {number}.__class__ in NUMBERS and isinstance({tensor}, Tensor):\n",
        f"        a_{tensor} = {tensor}._array; _d = a_{tensor}.dtype\n",
        "        _numbers = operands.F32_NUMBERS if _d is F32 else operands.F64_NUMBERS if _d is F64 "
        "else operands.NO_NUMBERS\n",
        f"        _number = _numbers.get({number})\n",
        f"        if _number is None: {promote}\n",
        f"        else: {number} = _number; a_{number} = _number._array; _plain = True\n",
    ]


def _forward(operator: Operator) -> str:
    passed = [
        (f"{name}=" if index >= len(operator.parameters) - operator.keyword_only else "")
        + (f"a_{name}" if name in operator.inputs else name)
        for index, name in enumerate(operator.parameters)
    ]
    arrays = "".join(f"a_{name}, " for name in operator.inputs)
    run = f"forward(xp, {', '.join(passed)})"
    if operator.ufunc and _promotes(operator):
        run = f"xp.{operator.ufunc}({arrays.rstrip(', ')}) if _d is F32 or _d is F64 else {run}"
    lines = [
        f"    try: _array = {run}\n"
        "    except (ValueError, TypeError) as _error: raise operands.explained(_error, operator, "
        f"({arrays})) from None\n"
    ]
    if not _is_view(operator):
        tensors = ", ".join(operator.inputs)
        lines.insert(0, f"    if out is not None: operands.check_out(operator, out, ({tensors},))\n")
        lines.append("    if out is not None: return operands.write_out(out, _array)\n")
    lines.append("    if _array.__class__ is not ndarray: _array = asarray(_array)\n")
    return "".join(lines)


def _needing(operator: Operator, names: Any) -> str:
    return " or ".join(
        f"({name} is not None and {name}._requires_grad)"
        if name in operator.optional
        else f"{name}._requires_grad"
        for name in names
    )


def _record(operator: Operator) -> str:
    wanted = list(operator.rules)
    lines = []
    for name in operator.inputs:
        present = f"{name} is not None and " if name in operator.optional else ""
        lines.append(f"    if {present}{name}._view is not None: refresh({name})\n")
    lines.append("    _level = state.level if UNUSUAL else 1\n    _node = None\n")
    lines.append(f"    if _level > 0 and ({_needing(operator, wanted)}):\n")
    special = "_special = _d is not F32 and _d is not F64"
    body = [f"_d = _array.dtype; {special}"]
    if operator.ufunc and _promotes(operator):  # a ufunc of plain floats gives plain floats
        body = [special, f"if _special: {body[0]}"]
    body.append("if not _special or _d.kind in 'fc':")
    body += [f"    {line}" for line in _make_node(operator)]
    return "".join(lines) + "".join(f"        {line}\n" for line in body)


def _make_node(operator: Operator) -> list[str]:
    wanted = list(operator.rules)
    lines = []
    for name in wanted:
        present = f"{name} is not None and " if name in operator.optional else ""
        lines.append(
            f"e_{name} = ({name}._node or accumulator({name})) if {present}{name}._requires_grad else None"
        )
    lines += _save(operator)
    lines.append("_node = MadeNode()")
    lines.append(f"_node.edges = ({', '.join(f'e_{name}' for name in wanted)},)")
    numbered = " or ".join(
        f"({name} is not None and {name}._number)" if name in operator.optional else f"{name}._number"
        for name in wanted
    )
    zero = ", ".join(f"0 if e_{name} is None else {name}._number" for name in wanted)
    lines.append(f"_node.numbers = ({zero},) if {numbered} else None")
    entries = "".join(
        f"{name if name != 'out' else '_array'}_saved, {_storage(name)}, v_{name}, "
        if name in operator.saved_tensors else f"{_setting(operator, name)}, "
        for name in operator.saved_names
    ).replace("_array_saved", "_array")  # fmt: skip
    lines.append(f"_node.saved = ({entries})")
    lines.append("_node.order = next_order()")
    lines.append("_frame = getframe(1); _code = _frame.f_code")
    lines.append("if _code.co_filename not in OUTSIDE: _frame = user_frame(_frame); _code = _frame.f_code")
    lines.append("_node.code = _code; _node.instruction = _frame.f_lasti; _node._extra = None")
    tensors = ", ".join(wanted)
    lines.append(
        "if _plain and not _special: _node.restore = None; _node.plain = True\n"
        "            else:\n"
        f"                _node.restore = operands.restoration(operator, ({tensors},), _array)\n"
        "                _node.plain = _node.restore is None"
    )
    return lines


def _storage(name: str) -> str:
    return f"s_{name}"


def _setting(operator: Operator, name: str) -> str:
    if name in operator.parameters:
        return name
    owner, _, what = name.rpartition("_")
    return (
        f"None if a_{owner} is None else a_{owner}.{what}"
        if owner in operator.optional
        else f"a_{owner}.{what}"
    )


def _save(operator: Operator) -> list[str]:
    """Lines that fetch array, storage and version of each saved tensor whose rule will run."""
    lines = []
    for name in operator.saved_tensors:
        if name == "out":
            lines.append("s_out = _storage = Storage(); v_out = 0")
            continue
        users = [each for each, saves in operator.saves.items() if name in saves]
        fetch = f"{name}_saved = a_{name}; s_{name} = {name}._storage; v_{name} = s_{name}.version"
        skip = f"{name}_saved = None; s_{name} = NOTHING; v_{name} = 0"
        conditions = (
            []
            if len(users) == len(operator.rules)
            else [" or ".join(f"e_{each} is not None" for each in users)]
        )
        if name in operator.optional:
            conditions.append(f"{name} is not None")
        if conditions:
            lines.append(f"if {' and '.join(f'({each})' for each in conditions)}: {fetch}")
            lines.append(f"else: {skip}")
        else:
            lines.append(fetch)
    return lines


def _result(operator: Operator) -> str:
    made = "    _result = new(Tensor)\n    _result._array = _array\n" + _memory(operator)
    made += (
        "    _result._grad = None; _result._extra = None; _result._accumulator = None; _result._number = 0\n"
    )
    unrecorded = _unrecorded(operator)
    if not operator.rules:
        return (
            f"{made}    _result._node = None; _result._requires_grad = False\n"
            "    _level = state.level if UNUSUAL else 1\n"
            f"{unrecorded}    return _result\n"
        )
    return (
        f"{made}    if _node is not None:\n"
        "        _result._node = _node; _result._requires_grad = True; _result._origin = None\n"
        "        if _level == 2: observe(_node, _result)\n        return _result\n"
        f"    _result._node = None; _result._requires_grad = False\n{unrecorded}    return _result\n"
    )


def _memory(operator: Operator) -> str:
    """Lines that give the result its storage: a new one, or that of the tensor it looks into."""
    condition = "if _node is None: " if "out" in operator.saved_names else ""
    fresh = (
        f"    {condition}_storage = Storage()\n"
        "    _storage.array = _array; _storage.version = 0; _storage.writers = (); _storage.watch = None\n"
        "    _result._storage = _storage; _result._view = None\n"
    )
    if not _is_view(operator):
        return fresh
    first = operator.inputs[0]
    settings = ", ".join(f"{name!r}: {name}" for name in operator.parameters if name not in operator.inputs)
    view = (
        f"    _result._storage = {first}._storage\n    if state.inference: _result._view = None\n"
        "    else:\n        _frame = getframe(1)\n"
        "        if _frame.f_code.co_filename not in OUTSIDE: _frame = user_frame(_frame)\n"
        f"        _result._view = view_of({first}, Step(operator, {{{settings}}}, a_{first}.shape), "
        "DEFAULT if state.grad else NO_GRAD, _frame)\n"
    )
    if operator.kind.name == "VIEW":
        return view
    view, fresh = textwrap.indent(view, "    "), textwrap.indent(fresh, "    ")
    return f"    if same_memory(_array, a_{first}):\n{view}    else:\n{fresh}"


def _unrecorded(operator: Operator) -> str:
    tensors = ", ".join(operator.inputs)
    present = [f"({name} is not None and " if name in operator.optional else "(" for name in operator.inputs]
    cut = " or ".join(
        f"{guard}({name}._origin is not None or {name}._requires_grad))"
        for guard, name in zip(present, operator.inputs, strict=True)
    )
    known = ", ".join(f"{name}" for name in operator.inputs)
    origin = (
        f"joint_origin({operator.shown!r}, ({known},), state.recording) if {cut} else None"
        if tensors
        else "None"
    )
    lines = f"    _result._origin = {origin}\n"
    if not operator.rules:
        return f"{lines}    if _level == -1: operands.mark_inference(_result)\n"
    settings = ", ".join(f"{name!r}: {name}" for name in operator.parameters if name not in operator.inputs)
    given = f"({known}{',' if tensors else ''}), {{{settings}}}"
    return (
        f"{lines}    if _level < 0:\n        if _level == -1: operands.mark_inference(_result)\n"
        f"        else: return in_dual_level(itself, operator, _result, {given})\n"
    )


def _vjp(operator: Operator) -> str:
    tensors = operator.saved_tensors
    lines = ["def vjp(_node, _gradient, _keep):"]
    if operator.saved_names:
        lines.append("    _saved = _node.saved")
        lines.append("    if _saved.__class__ is not tuple: _saved = _node.unpack()")
        unpacked = "".join(
            f"{name}, s_{name}, v_{name}, " if name in tensors else f"{name}, "
            for name in operator.saved_names
        )
        lines.append(
            f"    {unpacked.rstrip(', ')}{',' if len(operator.saved_names) == 1 and not tensors else ''} = "
            "_saved"
        )
        for name in tensors:
            lines.append(
                f"    if s_{name}.version != v_{name}: _node.stale({name!r}, {name}, s_{name}, v_{name})"
            )
        if tensors:
            lines.append("    if not _keep: _node.saved = None")
    calls = [
        f"rule_{name}(F, _gradient{''.join(f', {each}' for each in operator.saves[name])})"
        for name in operator.rules
    ]
    if len(calls) == 1:
        lines.append(f"    return ({calls[0]},)")
    else:
        names = ", ".join(f"e_{name}" for name in operator.rules)
        lines.append(f"    {names} = _node.edges")
        chosen = ", ".join(
            f"{call} if e_{name} is not None else None"
            for name, call in zip(operator.rules, calls, strict=True)
        )
        lines.append(f"    return ({chosen})")
    return "\n".join(lines) + "\n"
