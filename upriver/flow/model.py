"""What a flow report says, as plain data: the recorders fill it, text, JSON and HTML show it.

Nothing here holds a tensor, an array or a frame. Every place in the user's program is a :class:`Site`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "Access", "AliasFamily", "AliasMember", "Backward", "Cut", "Cycle", "Finding", "Growth", "Keeper",
    "LeafFlow", "MapEdge", "MapNode", "Memory", "RaisedError", "Report", "River", "Severity", "Site",
    "Status",
]  # fmt: skip

Severity = Literal["error", "warning", "note"]

# What became of one leaf's gradient in one backward:
# reached            a gradient arrived, and it is not zero
# zero               one arrived, and every element happens to be zero
# structurally-zero  one arrived that must be zero: round, floor, a dead ReLU, where on the other side
# cut                the loss was computed from it, but every path is blocked by the statements in `cuts`
# unused             the loss was not computed from it
# frozen             it does not require grad
Status = Literal["reached", "zero", "structurally-zero", "cut", "unused", "frozen"]


@dataclass(frozen=True, slots=True)
class Site:
    """One statement of the user's program."""

    file: str  # as the script's own frames give it
    line: int  # counted from 1; 0 where no statement is known
    function: str = ""  # "<module>" at the top level
    source: str = ""  # the line's text, stripped

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(slots=True)
class Cut:
    """A statement that no gradient passes.

    ``kind`` is one of: detach, detach_, no_grad, inference_mode, data, item, numpy, tolist, tensor
    (re-wrapped by a factory), parameter (Parameter of a non-leaf), non-differentiable, custom-backward
    (returned None), sever.
    """

    kind: str
    site: Site
    what: str  # of which value: its name, type and shape
    operator: str = ""  # what the user called: "argmax", "detach", "float"
    count: int = 1  # how often it ran
    leaves: list[str] = field(default_factory=list)  # whose gradients it blocks in some backward
    intended: bool = False  # marked `# upriver: cut`, or allowed by a contract


@dataclass(slots=True)
class LeafFlow:
    """One leaf in one backward statement, over all the times that it ran."""

    name: str  # "encoder.layers.0.weight", or the variable's name
    shape: tuple[int, ...]
    dtype: str
    status: Status
    grad_norm: float | None  # of the last contribution; None where none arrived
    cuts: list[Cut] = field(default_factory=list)  # for "cut": all blocking statements on any path
    because: Site | None = None  # for "structurally-zero": the operator that makes it so
    created: Site | None = None
    partly: list[Cut] = field(default_factory=list)  # for "reached": statements that block other paths


@dataclass(slots=True)
class MapNode:
    """One pool of the river map: a leaf, an operator (the calls of one line and module), a cut, a loss."""

    id: int
    kind: Literal["leaf", "operator", "cut", "loss"]
    label: str  # leaf name, operator name, kind of cut
    module: str = ""  # "encoder.layers.0": the path that folds it
    site: Site | None = None
    norm: float | None = None  # of the gradient that passes, None where none does
    bytes: int = 0  # that it keeps alive for backward
    count: int = 1  # how many operators it stands for
    shape: tuple[int, ...] = ()
    saves: list[tuple[str, int, str]] = field(default_factory=list)  # (value, bytes, the rule that needs it)


@dataclass(slots=True)
class MapEdge:
    """A branch of the river, downstream: from a leaf towards the loss."""

    source: int
    target: int
    norm: float | None = None


@dataclass(slots=True)
class River:
    """The graph of one backward as a map."""

    nodes: list[MapNode] = field(default_factory=list)
    edges: list[MapEdge] = field(default_factory=list)


@dataclass(slots=True)
class Backward:
    """One statement that runs backward (or ``autograd.grad``), over all the times that it ran."""

    site: Site
    count: int
    loss: str  # the name of what it starts from
    leaves: list[LeafFlow]
    nodes: int = 0  # operators in the graph at its largest
    saved_bytes: int = 0  # that the graph kept alive, at its largest
    error: str = ""  # the first line of what it raised
    river: River = field(default_factory=River)


@dataclass(slots=True)
class Access:
    """Something that happened to shared memory: made, wrote or saved."""

    what: Literal["made", "wrote", "saved"]
    how: str  # the operator or route: "detach", ".data", "numpy()", "add_"
    site: Site
    seen: bool = True  # whether autograd's version counter saw it (writes)


@dataclass(slots=True)
class AliasMember:
    """One tensor or ndarray of a family."""

    name: str
    kind: str  # "tensor", "view", "detach", ".data", "ndarray", "numpy source"
    shape: tuple[int, ...]
    bytes: int  # that it shows
    site: Site | None = None  # where it was made
    alive: bool = True


@dataclass(slots=True)
class AliasFamily:
    """Tensors and arrays that share one buffer."""

    bytes: int  # of the whole buffer
    members: list[AliasMember]
    accesses: list[Access] = field(default_factory=list)
    pinned_by: str = ""  # the name of a small view that alone keeps a big buffer alive


@dataclass(slots=True)
class Keeper:
    """Bytes that a graph keeps alive, by the statement and the rule that needs them."""

    site: Site
    operator: str
    value: str  # which operand or result
    rule: str  # whose gradient needs it
    bytes: int
    count: int = 1


@dataclass(slots=True)
class Growth:
    """A name that keeps the graphs of past iterations alive."""

    holder: str  # the Python path: "history[...]", "self.total"
    site: Site  # the statement that accumulates
    graphs: int  # how many are alive at the end
    bytes_per_iteration: int
    iterations_left: int | None = None  # until memory runs out at this rate


@dataclass(slots=True)
class Cycle:
    """A reference cycle through the graph, by name."""

    path: list[str]  # "w -> w.grad -> MulBackward0 -> w"
    site: Site | None = None


@dataclass(slots=True)
class Memory:
    """What graphs kept alive."""

    peak_saved_bytes: int = 0
    peak_site: Site | None = None  # the backward at which it was so
    keepers: list[Keeper] = field(default_factory=list)  # largest first
    growth: list[Growth] = field(default_factory=list)
    cycles: list[Cycle] = field(default_factory=list)


@dataclass(slots=True)
class Finding:
    """Something wrong (error), probably wrong (warning) or worth knowing (note), with the line to blame."""

    rule: str
    severity: Severity
    site: Site
    message: str  # one sentence: the cause
    fix: str  # one sentence: the repair
    related: list[tuple[str, Site]] = field(default_factory=list)  # ("made here", site)
    tensors: list[str] = field(default_factory=list)  # names of what it is about
    count: int = 1


@dataclass(slots=True)
class RaisedError:
    """The exception that ended the script."""

    type: str
    message: str
    site: Site
    explained: str = ""  # the rule of the finding that explains it


@dataclass(slots=True)
class Report:
    """All that a recording says; see the sections of docs/report.md."""

    framework: Literal["upriver", "torch"]
    version: str  # of the framework
    script: str = ""
    arguments: list[str] = field(default_factory=list)
    seconds: float = 0.0
    operators: int = 0  # how many calls were recorded
    steps: int = 0  # of optimisers
    backwards: list[Backward] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    aliases: list[AliasFamily] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    findings: list[Finding] = field(default_factory=list)
    raised: RaisedError | None = None
