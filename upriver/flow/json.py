"""The report as JSON, and back. docs/report.md says what each field means.

One object for one dataclass of :mod:`upriver.flow.model`, field by field, with three conventions:

* a statement that is always known (``site``) gives its ``file``, ``line``, ``function`` and ``source`` to the
  object that has it; one that may be missing is an object of its own, or null;
* a number that JSON cannot write is one of the strings "nan", "inf" and "-inf";
* a leaf's cuts are named briefly, with their place in the report's list of ``cuts``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .model import Backward, Cut, LeafFlow, Report, Site

__all__ = ["SCHEMA", "dumps", "load", "to_dict"]

SCHEMA = 1

# the fields that are tuples in Python and objects in JSON
NAMED = {"related": ("what", "site"), "saves": ("value", "bytes", "rule")}


def to_dict(report: Report) -> dict[str, Any]:
    """The report as what `json.dumps` takes, without NaN or infinity.

    >>> to_dict(Report("upriver", "0.1.0"))["schema"]
    1
    """
    places = {id(cut): place for place, cut in enumerate(report.cuts)}
    return {"schema": SCHEMA, **_fields(report, places)}


def dumps(report: Report) -> str:
    """The report as JSON text that every reader accepts."""
    return json.dumps(to_dict(report), allow_nan=False, indent=1)


def load(source: str | Mapping[str, Any]) -> Report:
    """A report from its JSON. ValueError where it is of another schema, or a field is missing or wrong."""
    data = json.loads(source) if isinstance(source, str) else source
    if not isinstance(data, Mapping) or "schema" not in data:
        raise ValueError('not a flow report: expected a JSON object with "schema"')
    if data["schema"] != SCHEMA:
        raise ValueError(
            f"flow report of schema {data['schema']!r} found, schema {SCHEMA} expected\n"
            "  mend it: read it with the upriver that wrote it, or record it again with this one."
        )
    bare = {key: value for key, value in data.items() if key != "backwards"}
    report: Report = _read(Report, bare, "report")
    backwards = data.get("backwards", [])
    _expect(isinstance(backwards, list), "backwards", "a list", backwards)
    for place, backward in enumerate(backwards):
        report.backwards.append(_backward(backward, report.cuts, f"backwards[{place}]"))
    return report


def _fields(item: Any, places: Mapping[int, int]) -> dict[str, Any]:
    """One dataclass as an object."""
    found: dict[str, Any] = {}
    for field in fields(item):
        value = getattr(item, field.name)
        if field.name == "site" and isinstance(value, Site) and not _optional_site(type(item)):
            found |= _fields(value, places)
        elif isinstance(item, LeafFlow) and field.name in ("cuts", "partly"):
            found[field.name] = [_brief(cut, places) for cut in value]
        elif field.name in NAMED:
            found[field.name] = [_named(NAMED[field.name], entry, places) for entry in value]
        else:
            found[field.name] = _value(value, places)
    return found


def _value(value: Any, places: Mapping[int, int]) -> Any:
    """Any value as JSON knows it."""
    if is_dataclass(value):
        return _fields(value, places)
    if isinstance(value, (list, tuple)):
        return [_value(entry, places) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _named(names: tuple[str, ...], entry: tuple[Any, ...], places: Mapping[int, int]) -> dict[str, Any]:
    """A tuple as an object; a statement in it gives its fields."""
    found: dict[str, Any] = {}
    for name, value in zip(names, entry, strict=True):
        found |= _fields(value, places) if isinstance(value, Site) else {name: value}
    return found


def _brief(cut: Cut, places: Mapping[int, int]) -> dict[str, Any]:
    """A leaf's cut: whole where the report's list has it not, else in short and by its place there."""
    if id(cut) not in places:
        return _fields(cut, places)
    site = cut.site
    line = {"file": site.file, "line": site.line, "source": site.source}
    return {"cut": places[id(cut)], "kind": cut.kind, **line}


@cache
def _hints(of: Any) -> dict[str, Any]:
    return get_type_hints(of)


def _optional_site(of: type) -> bool:
    """Whether the dataclass may lack its statement."""
    return _hints(of).get("site") is not Site


def _expect(holds: bool, where: str, what: str, found: object) -> None:
    """Refuse, by name, what a report cannot hold."""
    if not holds:
        raise ValueError(f"flow report: {where} should be {what}, and is {found!r:.80}")


def _read(of: Any, data: Any, where: str) -> Any:
    """A dataclass from its object."""
    _expect(isinstance(data, Mapping), where, "an object", data)
    values: dict[str, Any] = {}
    for field in fields(of):
        hint = _hints(of)[field.name]
        if field.name == "site" and hint is Site:
            values["site"] = _read(Site, data, where)
        elif field.name in data:
            convert = _entries if field.name in NAMED else _parse
            values[field.name] = convert(hint, data[field.name], f"{where}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f'flow report: {where} has no "{field.name}"')
    return of(**values)


def _entries(hint: Any, data: Any, where: str) -> list[tuple[Any, ...]]:
    """A list of tuples from objects."""
    _expect(isinstance(data, list), where, "a list", data)
    names = NAMED[where.rpartition(".")[2]]
    kinds = get_args(get_args(hint)[0])
    return [
        tuple(
            _read(Site, entry, where) if kind is Site else _parse(kind, entry.get(name), f"{where}.{name}")
            for name, kind in zip(names, kinds, strict=True)
        )
        for entry in data
    ]


def _parse(hint: Any, data: Any, where: str) -> Any:
    """A value of the type that the field has."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):  # here always with None
        return None if data is None else _parse(arguments[0], data, where)
    if origin in (list, tuple):
        _expect(isinstance(data, list), where, "a list", data)
        return origin(_parse(arguments[0], entry, f"{where}[{n}]") for n, entry in enumerate(data))
    if origin is Literal:
        _expect(data in arguments, where, "one of " + ", ".join(arguments), data)
        return data
    if is_dataclass(hint):
        return _read(hint, data, where)
    if hint is float:
        number = isinstance(data, (int, float)) or data in ("nan", "inf", "-inf")
        _expect(number and not isinstance(data, bool), where, "a number", data)
        return float(data)
    _expect(type(data) is hint, where, f"of type {hint.__name__}", data)
    return data


def _backward(data: Any, cuts: list[Cut], where: str) -> Backward:
    """A backward whose leaves share the report's cuts."""
    _expect(isinstance(data, Mapping), where, "an object", data)
    leaves = data.get("leaves", [])
    _expect(isinstance(leaves, list), f"{where}.leaves", "a list", leaves)
    backward: Backward = _read(Backward, {**data, "leaves": []}, where)
    for place, leaf in enumerate(leaves):
        here = f"{where}.leaves[{place}]"
        _expect(isinstance(leaf, Mapping), here, "an object", leaf)
        read: LeafFlow = _read(LeafFlow, {**leaf, "cuts": [], "partly": []}, here)
        for name in ("cuts", "partly"):
            getattr(read, name).extend(_cut(cut, cuts, f"{here}.{name}") for cut in leaf.get(name, []))
        backward.leaves.append(read)
    return backward


def _cut(data: Any, cuts: list[Cut], where: str) -> Cut:
    """A leaf's cut: by its place in the report's list, or written out."""
    _expect(isinstance(data, Mapping), where, "an object", data)
    place = data.get("cut")
    if place is None:
        whole: Cut = _read(Cut, data, where)
        return whole
    known = type(place) is int and 0 <= place < len(cuts)
    _expect(known, f"{where}.cut", f"a place in the {len(cuts)} cuts", place)
    found: Cut = cuts[place]
    return found
