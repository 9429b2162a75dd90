"""From a recording to findings: which rule holds, which line is to blame, why, and how to mend it.

Each rule is one function over the recording; :data:`RULES` lists them in the order of the documentation.
"""

from __future__ import annotations

from ..model import Finding
from ..recorder import Recorder
from .cuts import late, no_history, non_leaf_grad, redundant_detach, unreached, useless_terms
from .gradients import accumulated, not_in_optimizer, wasted
from .memory import dropped, growth
from .raised import Raised as Raised
from .raised import Rule
from .writes import alias_write, saved_modified, stale, twice

__all__ = ["RULES", "Raised", "findings"]

# One line, one cause: where the first holds, the others are how it shows.
OUTRANKS = {
    "stale-saved-value": ("alias-write",),
    "saved-value-modified": ("alias-write",),
    "unreached-parameter": ("built-then-dropped",),
    "no-history": ("built-then-dropped",),
    "left-the-graph": ("built-then-dropped",),
}


def findings(recorder: Recorder, raised: Raised | None) -> list[Finding]:
    """All findings, worst first."""
    found: dict[tuple[str, str, int], Finding] = {}
    for rule in RULES:
        for each in rule(recorder, raised):
            known = found.setdefault((each.rule, each.site.file, each.site.line), each)
            if known is not each:
                known.tensors += [name for name in each.tensors if name not in known.tensors]
    places = {(rule, file, line) for rule, file, line in found}
    for name, file, line in places:
        for weaker in OUTRANKS.get(name, ()):
            found.pop((weaker, file, line), None)
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(found.values(), key=lambda each: order[each.severity])


RULES: tuple[Rule, ...] = (
    no_history, late, unreached, useless_terms, alias_write, stale, saved_modified, twice, non_leaf_grad,
    growth, wasted, not_in_optimizer, accumulated, dropped, redundant_detach,
)  # fmt: skip
