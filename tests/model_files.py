"""Where the MiniLM files are, if they have been fetched."""

from __future__ import annotations

import os
from pathlib import Path

PLACES = (
    os.environ.get("UPRIVER_MINILM", ""),
    str(Path.home() / ".cache" / "upriver" / "all-MiniLM-L6-v2"),
)


def model_folder() -> Path | None:
    """The first folder that holds the weights, the configuration and the tokenizer."""
    needed = ("config.json", "tokenizer.json", "model.safetensors")
    for place in filter(None, PLACES):
        if all((Path(place) / name).is_file() for name in needed):
            return Path(place)
    return None
