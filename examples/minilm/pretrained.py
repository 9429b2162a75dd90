"""The encoder with its pretrained weights."""

from __future__ import annotations

from pathlib import Path

from safetensors.numpy import load_file

import upriver as up

from .bert import BertConfig, BertEncoder

UNUSED = "pooler."  # the checkpoint's own pooling of [CLS]; these embeddings are a mean over the tokens


def load_encoder(folder: Path) -> BertEncoder:
    """The encoder of a checkpoint's folder, in eval mode. Every key and shape must fit."""
    encoder = BertEncoder(BertConfig.from_file(folder / "config.json"))
    arrays = load_file(folder / "model.safetensors")
    state = {key: up.from_numpy(array) for key, array in arrays.items() if not key.startswith(UNUSED)}
    encoder.load_state_dict(state)
    return encoder.eval()
