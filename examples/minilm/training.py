"""Training a sentiment head on the encoder, with the graph cut where the user says.

`cut="detach"`: the features are detached and computed once; only the head learns.
`cut="none"`: gradients run on into the encoder, into its last layer or all of it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import upriver as up
from upriver import Tensor, nn

from .bert import BertEncoder, mean_pool
from .gradients import Reach, cut_statements, reached
from .memory import PeakMemory
from .tokens import Batch, batches

HEAD_RATE = {"detach": 5e-3, "none": 1e-3}  # the optimiser's step for the head, by cut
ENCODER_RATE = 5e-5  # pretrained weights move little
Advance = Callable[[int], None]  # told how many texts were done just now


@dataclass(frozen=True)
class Plan:
    """One way to train: what is cut ("detach" or "none"), what learns ("head", "last" or "all"), how long."""

    cut: str
    train: str
    epochs: int
    batch: int
    seed: int

    @property
    def name(self) -> str:
        """As the tables call it."""
        return "detach" if self.cut == "detach" else f"train {self.train}"


@dataclass(frozen=True)
class Examples:
    """Tokenised snippets and their labels, int64 (N,)."""

    tokens: list[list[int]]
    labels: Tensor


@dataclass(frozen=True)
class Outcome:
    """What one plan came to. Accuracy and loss are those of the held-out texts."""

    plan: Plan
    parameters: int
    texts: int
    accuracy: float
    loss: float
    seconds: float
    peak_bytes: int | None
    reached: list[Reach]
    cuts: list[str]


def features(encoder: BertEncoder, batch: Batch) -> Tensor:
    """The mean token vector of each text of the batch, (B, D)."""
    return mean_pool(encoder(batch.ids, batch.mask), batch.mask)


def detached_features(
    encoder: BertEncoder, tokens: Sequence[list[int]], size: int, advance: Advance
) -> Tensor:
    """The features of all texts, (N, D), cut off from the encoder: each batch's graph goes with the batch."""
    pieces, rows = [], []
    for batch in batches(tokens, size):
        pieces.append(features(encoder, batch).detach())
        rows += batch.rows
        advance(len(batch.rows))
    places = sorted(range(len(rows)), key=rows.__getitem__)  # from batch order back to the texts' order
    return up.cat(pieces)[places]


def steps(
    plan: Plan, encoder: BertEncoder, examples: Examples, advance: Advance
) -> Iterator[tuple[Tensor, Tensor]]:
    """The (features, labels) of every training step of the plan."""
    shuffle = random.Random(plan.seed)
    if plan.cut == "detach":
        table = detached_features(encoder, examples.tokens, plan.batch, advance)
        for _ in range(plan.epochs):
            order = shuffle.sample(range(len(table)), len(table))
            for start in range(0, len(order), plan.batch):
                rows = order[start : start + plan.batch]
                yield table[rows], examples.labels[rows]
        return
    for _ in range(plan.epochs):
        for batch in batches(examples.tokens, plan.batch, shuffle):
            yield features(encoder, batch), examples.labels[batch.rows]
            advance(len(batch.rows))


def learning_parameters(plan: Plan, encoder: BertEncoder) -> list[nn.Parameter]:
    """The encoder's parameters that learn; with `train="last"` the layers below are frozen here."""
    if plan.train == "last":
        encoder.requires_grad_(False)
        encoder.encoder.layer[-1].requires_grad_(True)
    return [] if plan.train == "head" else [p for p in encoder.parameters() if p.requires_grad]


def train(
    plan: Plan,
    encoder: BertEncoder,
    head: nn.Linear,
    examples: Examples,
    held_out: Examples,
    watch: Callable[[str, int], Advance],
) -> Outcome:
    """Train as planned; say how good the result is and where the last step's gradients went."""
    memory, started = PeakMemory(), time.perf_counter()
    groups: list[dict[str, Any]] = [{"params": list(head.parameters()), "lr": HEAD_RATE[plan.cut]}]
    if learning := learning_parameters(plan, encoder):
        groups.append({"params": learning, "lr": ENCODER_RATE})
    optimizer = up.optim.AdamW(groups, weight_decay=0.01)
    encoder.train(plan.cut == "none")  # features that are kept must not hold one draw of dropout
    count = len(examples.tokens)
    advance = watch(plan.name, count if plan.cut == "detach" else count * plan.epochs)
    for x, labels in steps(plan, encoder, examples, advance):
        optimizer.zero_grad()
        nn.functional.cross_entropy(head(x), labels).backward()
        optimizer.step()
    seconds = time.perf_counter() - started
    accuracy, loss = evaluate(encoder, head, held_out, watch("held out", len(held_out.tokens)))
    return Outcome(
        plan=plan,
        parameters=sum(p.numel() for group in groups for p in group["params"]),
        texts=count,
        accuracy=accuracy,
        loss=loss,
        seconds=seconds,
        peak_bytes=memory.peak(),
        reached=reached(encoder, head),
        cuts=cut_statements(x),
    )


@up.no_grad()
def evaluate(
    encoder: BertEncoder, head: nn.Linear, examples: Examples, advance: Advance, size: int = 64
) -> tuple[float, float]:
    """Accuracy and mean loss over the examples; leaves the encoder in eval mode."""
    encoder.eval()
    right, loss = 0, 0.0
    for batch in batches(examples.tokens, size):
        logits, labels = head(features(encoder, batch)), examples.labels[batch.rows]
        right += (logits.argmax(1) == labels).sum().item()
        loss += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        advance(len(batch.rows))
    return right / len(examples.tokens), loss / len(examples.tokens)
