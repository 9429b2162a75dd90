"""Movie-review snippets: reading the file, labels, and what is trained on and what is held out."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from .lines import read_lines

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "movie_snippets.tsv"
FEWEST = 10
HELD_OUT = 0.2  # the share of the snippets that no mode trains on


@dataclass(frozen=True)
class Snippets:
    """Texts and their labels: 1 where the rating is above 0, else 0."""

    texts: list[str]
    labels: list[int]

    def __len__(self) -> int:
        return len(self.texts)

    def first(self, count: int) -> Snippets:
        """The first `count` of them."""
        return Snippets(self.texts[:count], self.labels[:count])


def read_snippets(path: Path) -> Snippets:
    """Read a file of `rating<TAB>text` lines; ValueError names the line that is not one."""
    texts, labels = [], []
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        rating, tab, text = line.partition("\t")
        try:
            label = int(float(rating) > 0)
        except ValueError:
            label = -1
        if not tab or label < 0:
            raise ValueError(f"{path}, line {number}: expected a rating, a tab and a text, got {line[:60]!r}")
        texts.append(text.strip())
        labels.append(label)
    return Snippets(texts, labels)


def split(snippets: Snippets, limit: int | None, seed: int) -> tuple[Snippets, Snippets]:
    """Shuffle, keep `limit` of them, and return (to train on, held out). ValueError for fewer than 10."""
    if len(snippets) < FEWEST:
        raise ValueError(f"{len(snippets)} snippets; training and holding some out needs at least {FEWEST}")
    order = list(range(len(snippets)))
    random.Random(seed).shuffle(order)
    order = order[:limit]
    kept = Snippets([snippets.texts[i] for i in order], [snippets.labels[i] for i in order])
    held_out = max(1, round(len(kept) * HELD_OUT))
    return (
        Snippets(kept.texts[held_out:], kept.labels[held_out:]),
        Snippets(kept.texts[:held_out], kept.labels[:held_out]),
    )
