"""Models for the examples' tests: a tiny one made on the spot, and the real one where it has been fetched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from minilm.fetch import find_model

import upriver as up
from upriver.interop.safetensors import save_file

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "good",
    "bad",
    "film",
    "a",
    "the",
    "very",
    "dull",
    "bright",
    "##er",
    ",",
    ".",
]
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "vocab_size": len(WORDS),
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": 12,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
}


@pytest.fixture
def tiny_model(tmp_path: Path) -> Path:
    """A folder with a two-layer BERT of random weights."""
    from minilm.bert import BertConfig, BertEncoder

    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    up.manual_seed(0)
    encoder = BertEncoder(BertConfig.from_file(folder / "config.json"))
    save_file({**encoder.state_dict(), "pooler.dense.bias": up.zeros(8)}, folder / "model.safetensors")
    return folder


@pytest.fixture
def snippets_file(tmp_path: Path) -> Path:
    """Forty snippets that one word decides."""
    path = tmp_path / "snippets.tsv"
    lines = [
        f"{'2.5' if i % 2 else '-1.0'}\ta {'good' if i % 2 else 'bad'} {'very ' * (i % 5)}film"
        for i in range(40)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="session")
def real_model() -> Path:
    """The folder of all-MiniLM-L6-v2; only tests marked `model` may ask for it."""
    folder = find_model()
    assert folder, "fetch it with: python examples/minilm/fetch.py"
    return folder
