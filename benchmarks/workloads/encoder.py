"""(j): the forward pass of the example's text encoder (all-MiniLM-L6-v2), in texts per second.

The example is run as it stands. It says ``import upriver``; for PyTorch's turn that name is given to PyTorch,
and the name of upriver's safetensors reader to the one for PyTorch.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.workload import Program, Quantity, Workload, as_values

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TEXTS, BATCH = 64, 32
TOKENS = range(24, 41)  # texts of about 32 tokens


def with_example(lib: ModuleType) -> Program:
    """upriver and PyTorch: embed 64 movie-review snippets; the model is downloaded on first use."""
    if lib.__name__ != "upriver":
        call_it_upriver(lib)
    sys.path.insert(0, str(EXAMPLES))
    embedding, fetch, pretrained, snippets, tokens = (
        importlib.import_module(f"minilm.{part}")
        for part in ("embedding", "fetch", "pretrained", "snippets", "tokens")
    )
    folder = fetch.fetch_model()
    encoder = pretrained.load_encoder(folder)
    tokenizer = tokens.load_tokenizer(folder)
    every = snippets.read_snippets(snippets.SAMPLE).texts
    lengths = map(len, tokens.encode(tokenizer, every))
    texts = [text for text, length in zip(every, lengths, strict=True) if length in TOKENS][:TEXTS]

    def step() -> Any:
        return embedding.embed(encoder, tokenizer, texts, BATCH, advance=lambda count: None)

    return Program(lambda: as_values(embeddings=step()), step, per_step=TEXTS)


def call_it_upriver(lib: ModuleType) -> None:
    """Let ``import upriver`` mean another library."""
    sys.modules["upriver"] = lib
    sys.modules["upriver.interop"] = ModuleType("upriver.interop")
    sys.modules["upriver.interop.safetensors"] = importlib.import_module(f"safetensors.{lib.__name__}")


WORKLOADS = (
    Workload(
        "j",
        "text encoder all-MiniLM-L6-v2, forward",
        {"upriver": with_example, "torch": with_example},
        (Quantity(label="texts per second", unit="texts per second"),),
    ),
)
