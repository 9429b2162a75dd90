"""PyTorch's results, kept in the repository: a name for each array, one compressed file a topic."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "recorded"


def save_arrays(topic: str, arrays: dict[str, np.ndarray | None]) -> Path:
    """Write `recorded/<topic>.npz`: the bytes of all arrays on end, and an index of dtypes and shapes."""
    index = {k: None if a is None else [a.dtype.str, list(a.shape)] for k, a in arrays.items()}
    data = b"".join(np.ascontiguousarray(a).tobytes() for a in arrays.values() if a is not None)
    path = FOLDER / f"{topic}.npz"
    text = np.frombuffer(json.dumps(index).encode(), np.uint8)
    np.savez_compressed(path, index=text, data=np.frombuffer(data, np.uint8))
    return path


@cache
def load_arrays(topic: str) -> dict[str, np.ndarray | None]:
    """Read what `save_arrays` wrote."""
    arrays: dict[str, np.ndarray | None] = {}
    with np.load(FOLDER / f"{topic}.npz") as packed:
        index, data, offset = json.loads(packed["index"].tobytes()), packed["data"].tobytes(), 0
    for key, entry in index.items():
        if entry is None:
            arrays[key] = None
            continue
        dtype, shape = np.dtype(entry[0]), tuple(entry[1])
        count = int(np.prod(shape, dtype=int))
        arrays[key] = np.frombuffer(data, dtype, count, offset).reshape(shape)
        offset += count * dtype.itemsize
    return arrays


def save_facts(topic: str, facts: dict[str, Any]) -> Path:
    """Write `recorded/<topic>.json`, one fact a line."""
    path = FOLDER / f"{topic}.json"
    lines = (f"{json.dumps(key)}: {json.dumps(facts[key])}" for key in sorted(facts))
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return path


@cache
def load_facts(topic: str) -> dict[str, Any]:
    """Read what `save_facts` wrote."""
    facts: dict[str, Any] = json.loads((FOLDER / f"{topic}.json").read_text())
    return facts
