"""A BERT encoder, module by module, under the names that its checkpoints use.

Every attribute is called what the checkpoint calls it (`encoder.layer.0.attention.self.query.weight`),
so that `load_state_dict` needs no table of renames and a gradient report reads like the paper.

Shapes: B texts, T tokens, D = hidden_size, H = num_attention_heads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

import upriver as up
from upriver import Tensor, nn


@dataclass(frozen=True)
class BertConfig:
    """The entries of a checkpoint's `config.json` that shape the encoder."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float

    @classmethod
    def from_file(cls, path: Path) -> BertConfig:
        """Read `config.json`; ValueError where an entry is missing or the model is not a BERT with GELU."""
        entries = json.loads(path.read_text(encoding="utf-8"))
        for key, expected in (("model_type", "bert"), ("hidden_act", "gelu")):
            if entries.get(key) != expected:
                raise ValueError(f"{path}: {key} is {entries.get(key)!r}; this encoder needs {expected!r}")
        missing = [field.name for field in fields(cls) if field.name not in entries]
        if missing:
            raise ValueError(f"{path}: no entry for {', '.join(missing)}")
        return cls(**{field.name: entries[field.name] for field in fields(cls)})


class Embeddings(nn.Module):
    """Word + position + token type, normalised: ids (B, T) -> (B, T, D)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.word_embeddings = nn.Embedding(config.vocab_size, width, padding_idx=0)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, width)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, width)
        self.LayerNorm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.register_buffer("position_ids", up.arange(config.max_position_embeddings).unsqueeze(0))

    def forward(self, ids: Tensor) -> Tensor:
        """One text an input row, so every token is of type 0."""
        positions = self.position_embeddings(self.position_ids[:, : ids.shape[1]])
        types = self.token_type_embeddings(up.zeros_like(ids))
        return self.dropout(self.LayerNorm(self.word_embeddings(ids) + positions + types))


class SelfAttention(nn.Module):
    """Each of H heads mixes the tokens by softmax(q k^T / sqrt(D / H)): (B, T, D) -> (B, T, D)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.heads = config.num_attention_heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.dropout = config.attention_probs_dropout_prob

    def forward(self, hidden: Tensor, visible: Tensor) -> Tensor:
        """`visible` (B, 1, 1, T), bool: the tokens that may be looked at."""
        batch, length, width = hidden.shape
        query, key, value = (
            projection(hidden).view(batch, length, self.heads, width // self.heads).transpose(1, 2)
            for projection in (self.query, self.key, self.value)
        )
        dropout = self.dropout if self.training else 0.0
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, visible, dropout)
        return mixed.transpose(1, 2).reshape(batch, length, width)


class Residual(nn.Module):
    """`LayerNorm(input + dropout(dense(hidden)))`: how both halves of a layer end."""

    def __init__(self, config: BertConfig, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, hidden: Tensor, residual: Tensor) -> Tensor:
        return self.LayerNorm(self.dropout(self.dense(hidden)) + residual)


class Attention(nn.Module):
    """Self-attention and its residual connection."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.self = SelfAttention(config)
        self.output = Residual(config, config.hidden_size)

    def forward(self, hidden: Tensor, visible: Tensor) -> Tensor:
        return self.output(self.self(hidden, visible), hidden)


class Intermediate(nn.Module):
    """The widening half of the feed-forward part: (B, T, D) -> (B, T, intermediate_size)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.intermediate_size)

    def forward(self, hidden: Tensor) -> Tensor:
        return nn.functional.gelu(self.dense(hidden))


class Layer(nn.Module):
    """One transformer layer: attention, then feed-forward."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.attention = Attention(config)
        self.intermediate = Intermediate(config)
        self.output = Residual(config, config.intermediate_size)

    def forward(self, hidden: Tensor, visible: Tensor) -> Tensor:
        attended = self.attention(hidden, visible)
        return self.output(self.intermediate(attended), attended)


class LayerStack(nn.Module):
    """The layers, one after the other."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.layer = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))

    def forward(self, hidden: Tensor, visible: Tensor) -> Tensor:
        for layer in self.layer:
            hidden = layer(hidden, visible)
        return hidden


class BertEncoder(nn.Module):
    """Token ids and mask (B, T) -> one vector a token (B, T, D)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.encoder = LayerStack(config)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """`mask` (B, T), int64: 1 for a token, 0 for padding."""
        return self.encoder(self.embeddings(ids), mask[:, None, None, :].bool())


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """The mean of each text's token vectors, padding left out: (B, T, D) -> (B, D)."""
    weights = mask.to(hidden.dtype).unsqueeze(-1)
    return (hidden * weights).sum(1) / weights.sum(1)
