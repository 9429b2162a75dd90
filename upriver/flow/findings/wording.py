"""How findings speak: of kinds of cuts, of leaves, of repairs."""

from __future__ import annotations

from ..recorder import Recorder
from ..syntax import OFF
from ..values import CutRecord, Leaf

__all__ = ["EXITS", "leaves_in", "listed", "repair", "rule_of", "says"]

PHRASE = {
    "detach": "detach() cuts here", "detach_": "detach_() cuts here", "data": ".data cuts here",
    "no_grad": "nothing is recorded under no_grad", "inference_mode": "nothing is recorded in inference mode",
    "item": "the value becomes a Python number", "tolist": "the values become Python numbers",
    "numpy": "the value becomes a NumPy array", "tensor": "a new tensor is made of the value",
    "parameter": "Parameter() makes a new leaf of a computed tensor",
    "custom-backward": "the Function's backward returns None",
    "non-differentiable": "has no derivative", "late-requires-grad": "it was used before it required grad",
    "requires-grad-off": "requires_grad is switched off",
}  # fmt: skip
REPAIR = {
    "detach": "Drop the detach(), or mark it `# upriver: cut` if the cut is meant.",
    "detach_": "Drop the detach_(), or mark it `# upriver: cut` if the cut is meant.",
    "data": "Use the tensor itself; for a copy outside the graph that is meant, detach() says so.",
    "no_grad": "Compute it outside the no_grad block, or leave these parameters out of the optimiser.",
    "inference_mode": "Move the computation out of inference_mode.",
    "item": "Stay with tensors to the loss; use item() only for what is printed.",
    "tolist": "Stay with tensors to the loss: torch.stack() joins tensors.",
    "numpy": "Compute with tensor functions instead of NumPy's.",
    "tensor": "Use the tensors themselves, or torch.stack() to join them: tensor(...) copies and cuts.",
    "parameter": "Make the Parameter once, from data, and compute from it.",
    "custom-backward": "Return the gradient of each input that wants one from backward().",
    "non-differentiable": "Use a differentiable stand-in: softmax for argmax, sigmoid for a comparison.",
}  # fmt: skip
EXITS = ("item", "tolist", "numpy", "tensor")


def rule_of(kind: str) -> str:
    """The rule that a cut of this kind breaks where it leaves a parameter without gradient."""
    if kind in EXITS:
        return "left-the-graph"
    return "non-differentiable" if kind == "non-differentiable" else "unreached-parameter"


def listed(names: list[str], most: int = 4) -> str:
    """Names in a row, with a count in place of those beyond ``most``."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def leaves_in(recorder: Recorder, mask: int) -> list[Leaf]:
    """The leaves whose bits are in ``mask``."""
    return [leaf for leaf in recorder.tracker.leaves if leaf.mask & mask]


def says(cut: CutRecord) -> str:
    """What a cutting statement does, as a clause."""
    if cut.kind == "non-differentiable":
        return f"{cut.operator}() has no derivative"
    return "sample() draws under no_grad" if _drawn(cut) else PHRASE.get(cut.kind, cut.kind)


def repair(cut: CutRecord) -> str:
    """How to mend it."""
    if _drawn(cut):
        return "Draw with rsample(), which has a derivative, or put log_prob() of the draw into the loss."
    return REPAIR.get(cut.kind, REPAIR["detach"])


def _drawn(cut: CutRecord) -> bool:
    """Whether it is a distribution that has switched gradients off, and nothing of the user's."""
    source = cut.site.source
    return cut.kind == "no_grad" and ".sample(" in source and not any(word in source for word in OFF)
