"""Embeddings of a file's lines, as a NumPy array on disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

import upriver as up
from upriver import nn

from .bert import BertEncoder, mean_pool
from .tokens import batches, encode


@up.no_grad()
def embed(
    encoder: BertEncoder,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    size: int,
    advance: Callable[[int], None],
) -> NDArray[np.float32]:
    """One vector of length 1 a text, in the order of the texts: float32 (N, D)."""
    result = np.empty((len(texts), encoder.config.hidden_size), dtype=np.float32)
    for batch in batches(encode(tokenizer, texts), size):
        pooled = mean_pool(encoder(batch.ids, batch.mask), batch.mask)
        result[batch.rows] = nn.functional.normalize(pooled, dim=1).numpy()
        advance(len(batch.rows))
    return result


def save_array(path: Path, array: NDArray[np.float32]) -> None:
    """Write a .npy file in one step: whoever reads `path` finds the old file or the new one, never a part."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, array)
        os.replace(scratch, path)
    except BaseException:
        os.unlink(scratch)
        raise
