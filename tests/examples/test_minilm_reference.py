"""The real encoder against numbers that PyTorch computed: embeddings, losses, gradient norms in three modes.

The reference: eight snippets, a head of given weights on the mean token vector, cross entropy, one backward
with the features detached, with only the last layer asking for gradients, and with all of the encoder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from minilm.bert import BertEncoder, mean_pool
from minilm.embedding import embed
from minilm.pretrained import load_encoder
from minilm.snippets import read_snippets
from minilm.tokens import Batch, encode, load_tokenizer, padded
from minilm.training import features

import upriver as up
from upriver import nn

pytestmark = pytest.mark.model

DATA = Path(__file__).parent / "data"
STEPS = json.loads((DATA / "minilm_reference.json").read_text())["steps"]
TOLERANCE = 1e-4  # relative
# A key's bias adds the same amount to all scores of a query, and softmax takes no notice of that: the exact
# gradient is 0, and what either library computes (1e-9) is rounding noise that no two of them share.
NOISE = 1e-7


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    with np.load(DATA / "minilm_reference.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def encoder(real_model: Path) -> BertEncoder:
    return load_encoder(real_model)


@pytest.fixture(scope="module")
def batch(arrays: dict[str, np.ndarray]) -> Batch:
    return Batch(list(range(8)), up.tensor(arrays["ids"]), up.tensor(arrays["attention_mask"]))


def test_the_tokens_are_the_reference_tokens(real_model: Path, arrays: dict[str, np.ndarray]) -> None:
    snippets = read_snippets(DATA / "reference_snippets.tsv")
    ids, mask = padded(encode(load_tokenizer(real_model), snippets.texts))
    assert np.array_equal(ids.numpy(), arrays["ids"])
    assert np.array_equal(mask.numpy(), arrays["attention_mask"])
    assert snippets.labels == arrays["labels"].tolist()


def test_embeddings(encoder: BertEncoder, batch: Batch, arrays: dict[str, np.ndarray]) -> None:
    with up.no_grad():
        pooled = mean_pool(encoder(batch.ids, batch.mask), batch.mask)
        embeddings = nn.functional.normalize(pooled, dim=1).numpy()
    assert relative_error(embeddings, arrays["embeddings"]) < TOLERANCE


def test_embeddings_do_not_depend_on_the_batch(
    encoder: BertEncoder, real_model: Path, arrays: dict[str, np.ndarray]
) -> None:
    texts = read_snippets(DATA / "reference_snippets.tsv").texts
    embeddings = embed(encoder, load_tokenizer(real_model), texts, 3, lambda amount: None)
    assert relative_error(embeddings, arrays["embeddings"]) < TOLERANCE


@pytest.mark.parametrize("mode", ["detached", "last_layer", "all"])
def test_losses_and_gradients(
    mode: str, real_model: Path, batch: Batch, arrays: dict[str, np.ndarray]
) -> None:
    encoder, expected = load_encoder(real_model), STEPS[mode]
    if mode == "last_layer":
        encoder.requires_grad_(False)
        encoder.encoder.layer[-1].requires_grad_(True)
    weight = up.tensor(arrays["head_weight"], requires_grad=True)
    bias = up.tensor(arrays["head_bias"], requires_grad=True)
    pooled = features(encoder, batch)
    pooled = pooled.detach() if mode == "detached" else pooled
    loss = nn.functional.cross_entropy(
        nn.functional.linear(pooled, weight, bias), up.tensor(arrays["labels"])
    )
    loss.backward()

    assert loss.item() == pytest.approx(expected["loss"], rel=TOLERANCE)
    assert weight.grad.norm().item() == pytest.approx(expected["head_weight_grad_norm"], rel=TOLERANCE)
    assert bias.grad.tolist() == pytest.approx(expected["head_bias_grad"], rel=TOLERANCE)
    norms = {name: p.grad.norm().item() for name, p in encoder.named_parameters() if p.grad is not None}
    assert norms.keys() == expected["grad_norms"].keys()
    for name, norm in norms.items():
        if name.endswith("attention.self.key.bias"):
            assert norm < NOISE and expected["grad_norms"][name] < NOISE, name
        else:
            assert norm == pytest.approx(expected["grad_norms"][name], rel=TOLERANCE), name


def relative_error(actual: Any, expected: Any) -> float:
    """Largest distance between two rows of unit length."""
    return float(np.linalg.norm(actual - expected, axis=1).max())
