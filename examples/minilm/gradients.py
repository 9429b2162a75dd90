"""Where a backward arrived: per group of parameters, and which statement kept it from the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass

import upriver as up
from upriver import Tensor, nn

from .bert import BertEncoder


@dataclass(frozen=True)
class Reach:
    """One group of parameters after a backward."""

    group: str
    norm: float | None  # of its gradient; None where none arrived
    frozen: bool  # nothing in the group asks for a gradient


def reached(encoder: BertEncoder, head: nn.Linear) -> list[Reach]:
    """The embeddings, each layer and the head, from the texts up: what is in their `.grad` now."""
    groups: list[tuple[str, nn.Module]] = [("embeddings", encoder.embeddings)]
    groups += [(f"layer {i}", layer) for i, layer in enumerate(encoder.encoder.layer)]
    return [reach(name, module) for name, module in [*groups, ("head", head)]]


def reach(name: str, module: nn.Module) -> Reach:
    """One group's line of the report."""
    parameters = list(module.parameters())
    norms = [p.grad.norm().item() for p in parameters if p.grad is not None]
    return Reach(name, math.hypot(*norms) if norms else None, not any(p.requires_grad for p in parameters))


def cut_statements(tensor: Tensor) -> list[str]:
    """The statements that cut `tensor` off from what it was computed from, one a line of the source."""
    return [
        str(cut) for cut in {(cut.filename, cut.lineno): cut for cut in up.autograd.cuts(tensor)}.values()
    ]
