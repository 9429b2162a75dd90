"""From texts to token ids, in batches of about equal length so that little is spent on padding."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import BertWordPieceTokenizer, Tokenizer

import upriver as up
from upriver import Tensor


@dataclass(frozen=True)
class Batch:
    """Some of the texts: where they stand in the list, their ids and mask (both int64, (B, T))."""

    rows: list[int]
    ids: Tensor
    mask: Tensor


def load_tokenizer(folder: Path) -> Tokenizer:
    """The folder's tokenizer, cutting texts at the model's limit and adding no padding."""
    if (folder / "tokenizer.json").is_file():
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    else:
        tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True)
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens(folder))
    return tokenizer


def max_tokens(folder: Path) -> int:
    """How many tokens of a text the model reads: what it was trained with, else what its positions allow."""
    for name, key in (
        ("sentence_bert_config.json", "max_seq_length"),
        ("config.json", "max_position_embeddings"),
    ):
        path = folder / name
        if path.is_file():
            return int(json.loads(path.read_text(encoding="utf-8"))[key])
    raise FileNotFoundError(f"{folder} has no config.json")


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Each text's token ids; an empty text is its two marks, [CLS] and [SEP]."""
    return [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]


def batches(tokens: Sequence[list[int]], size: int, shuffle: random.Random | None = None) -> Iterator[Batch]:
    """Batches of `size` texts sorted by length, each padded to its own longest.

    With `shuffle`, texts of one length change places and the batches come in random order.
    """
    order = list(range(len(tokens)))
    if shuffle:
        shuffle.shuffle(order)
    order.sort(key=lambda row: len(tokens[row]))
    groups = [order[start : start + size] for start in range(0, len(order), size)]
    if shuffle:
        shuffle.shuffle(groups)
    for rows in groups:
        yield Batch(rows, *padded([tokens[row] for row in rows]))


def padded(tokens: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    """Ids and mask of one batch, as wide as its longest text."""
    ids = np.zeros((len(tokens), max(map(len, tokens))), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, one in enumerate(tokens):
        ids[row, : len(one)] = one
        mask[row, : len(one)] = 1
    return up.tensor(ids), up.tensor(mask)
