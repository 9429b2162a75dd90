"""The words and numbers that every face of the report shares: sizes, norms, plurals, folded names."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .model import AliasFamily, AliasMember, Finding, LeafFlow, Report, Severity, Site

__all__ = [
    "ALL_WELL", "SEVERITIES", "LeafGroup", "clean", "counted", "fold_families", "fold_leaves", "fold_members",
    "norm", "outcome",
    "severities", "shape", "shared_prefix", "shortened", "size", "where",
    "worst_first",
]  # fmt: skip

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
ALL_WELL = "No errors, no warnings: every gradient arrives where it should."

# a leaf's outcomes, worst first
STATUSES = ("cut", "structurally-zero", "zero", "unused", "reached", "frozen")
FEW = 8  # so many leaves are shown one by one


def clean(text: object) -> str:
    """One printable line: control characters, which could command a terminal, become escapes.

    >>> clean("a\\x1b[31m")
    'a\\\\x1b[31m'
    """
    line = str(text)
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)


def where(site: Site) -> str:
    """A place in the program, in one line.

    >>> where(Site("train.py", 7)), where(Site("", 0))
    ('train.py:7', 'no known line')
    """
    return clean(site) if site.file else "no known line"


def size(count: int) -> str:
    """Bytes for people.

    >>> size(512), size(1_250_000)
    ('512 B', '1.2 MB')
    """
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if abs(value) < 999.5:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def norm(value: float | None) -> str:
    """A gradient norm in three digits; a dash where no gradient passed.

    >>> norm(0.0123456), norm(None), norm(0.0)
    ('0.0123', '—', '0')
    """
    return "—" if value is None else f"{value:.3g}"


def shape(of: Sequence[int]) -> str:
    """A shape as it is written.

    >>> shape((64, 28)), shape(())
    ('[64, 28]', 'scalar')
    """
    return str(list(of)) if of else "scalar"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number and its noun.

    >>> counted(1, "note"), counted(1200, "operator")
    ('1 note', '1,200 operators')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def shortened(text: str, limit: int) -> str:
    """The beginning of a text that is too long.

    >>> shortened("a long line", 7)
    'a long…'
    """
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def severities(report: Report) -> Counter[Severity]:
    """How many findings there are of each severity."""
    return Counter(finding.severity for finding in report.findings)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Errors, then warnings, then notes; else in the order in which they were found."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def shared_prefix(names: Sequence[str]) -> str:
    """The module path that dotted names have in common, with its dot.

    >>> shared_prefix(["encoder.0.weight", "encoder.0.bias"])
    'encoder.0.'
    """
    paths = [name.split(".")[:-1] for name in names]
    common: list[str] = []
    for parts in zip(*paths, strict=False):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    return "".join(part + "." for part in common)


@dataclass(frozen=True, slots=True)
class LeafGroup:
    """Leaves of one module with the same outcome."""

    label: str  # "encoder.*", or the one leaf's name
    extent: str  # "24 parameters", "20 of 24 parameters"; a single leaf's shape
    leaves: tuple[LeafFlow, ...]

    @property
    def first(self) -> LeafFlow:
        """The leaf that speaks for all."""
        return self.leaves[0]

    @property
    def norms(self) -> str:
        """The norm, or from the smallest to the largest."""
        values = [leaf.grad_norm for leaf in self.leaves if leaf.grad_norm is not None]
        if not values:
            return norm(None)
        # a NaN has no place in an order: it is what there is to say
        odd = next((value for value in values if math.isnan(value)), None)
        low, high = (odd, odd) if odd is not None else (min(values), max(values))
        return norm(low) if norm(low) == norm(high) else f"{norm(low)} to {norm(high)}"


def outcome(leaf: LeafFlow) -> tuple[object, ...]:
    """What leaves must have in common to be told of together."""
    blocked = [tuple((cut.kind, cut.site) for cut in cuts) for cuts in (leaf.cuts, leaf.partly)]
    return (STATUSES.index(leaf.status), leaf.because, *blocked)


def _top(name: str) -> str:
    """The outermost module of a dotted name; "" for a name without one."""
    return name.partition(".")[0] if "." in name else ""


def fold_leaves(leaves: Sequence[LeafFlow], few: int = FEW) -> list[LeafGroup]:
    """Leaves, worst first, folded by module and outcome; where there are few, those reached stay apart."""
    ranked = sorted(leaves, key=lambda leaf: STATUSES.index(leaf.status))
    found: dict[tuple[object, ...], list[LeafFlow]] = {}
    for leaf in ranked:
        alone = len(ranked) <= few and (leaf.status == "reached" or "." not in leaf.name)
        found.setdefault((outcome(leaf), leaf.name if alone else _top(leaf.name)), []).append(leaf)
    names = [leaf.name for leaf in leaves]
    return [_group(tuple(group), names) for group in found.values()]


def _group(leaves: tuple[LeafFlow, ...], names: Sequence[str]) -> LeafGroup:
    """A group with its name; `names` are all leaves of the backward."""
    if len(leaves) == 1:
        return LeafGroup(clean(leaves[0].name), shape(leaves[0].shape), leaves)
    prefix = shared_prefix([leaf.name for leaf in leaves])
    if not prefix:
        return LeafGroup(clean(f"{leaves[0].name}, …"), counted(len(leaves), "leaf", "leaves"), leaves)
    total = sum(name.startswith(prefix) for name in names)
    part = "" if total == len(leaves) else f"{len(leaves):,} of "
    return LeafGroup(clean(prefix) + "*", part + counted(total, "parameter"), leaves)


def fold_families(families: Iterable[AliasFamily]) -> list[tuple[AliasFamily, int]]:
    """Families that tell the same as one, with how many there are; those with something amiss first."""
    found: dict[tuple[object, ...], list[AliasFamily]] = {}
    for family in families:
        members = tuple((member.kind, member.name, member.site) for member in family.members)
        happened = tuple((access.what, access.how, access.site, access.seen) for access in family.accesses)
        key = (family.bytes, family.pinned_by, members, happened)
        found.setdefault(key, []).append(family)
    folded = [(same[0], len(same)) for same in found.values()]
    return sorted(folded, key=lambda pair: not _amiss(pair[0]))


def _amiss(family: AliasFamily) -> bool:
    """Whether a family has a write that nobody saw, or is kept by a small view."""
    return bool(family.pinned_by) or not all(access.seen for access in family.accesses)


def fold_members(family: AliasFamily) -> list[tuple[AliasMember, int]]:
    """Members of one name, kind and line as one, with how many there are."""
    found: dict[tuple[object, ...], list[AliasMember]] = {}
    for member in family.members:
        found.setdefault((member.kind, member.name, member.site, member.alive), []).append(member)
    return [(same[0], len(same)) for same in found.values()]
