"""The encoder with its pretrained weights."""

from __future__ import annotations

from pathlib import Path

from upriver.interop.safetensors import load_file

from .bert import BertConfig, BertEncoder

UNUSED = "pooler."  # the checkpoint's own pooling of [CLS]; these embeddings are a mean over the tokens


def load_encoder(folder: Path) -> BertEncoder:
    """The encoder of a checkpoint's folder, in eval mode. Every key and shape must fit."""
    encoder = BertEncoder(BertConfig.from_file(folder / "config.json"))
    tensors = load_file(folder / "model.safetensors")
    encoder.load_state_dict({key: tensor for key, tensor in tensors.items() if not key.startswith(UNUSED)})
    encoder.eval()
    return encoder
