"""Record PyTorch's results: `python -m tests.record` (needs torch==2.13.0) rewrites tests/recorded."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pytest

from tests.oracle import torch
from tests.promotion import promotion_table
from tests.recording import FOLDER, save_arrays, save_facts

SEMANTICS = Path(__file__).parent / "semantics"


def record_operators() -> None:
    """Outputs and gradients of every sample, a file a family."""
    from tests.op_samples import FAMILIES, keyed
    from tests.op_samples.run import record_row

    for family, rows in FAMILIES.items():
        results = {f"{key}/{k}": v for key, row in keyed(rows) for k, v in record_row(torch, row).items()}
        path = save_arrays(family, results)
        print(f"{path.name}: {len(results)} arrays, {path.stat().st_size:,} bytes")


def record_semantics() -> int:
    """Run the semantic tests on PyTorch alone, and keep what they observe."""
    code = pytest.main([str(SEMANTICS), "--record", "-q", "-k", "torch", "-p", "no:cacheprovider"])
    observer = sys.modules["tests.semantics.observer"]
    path = save_facts("semantics", observer.RECORDED)
    print(f"{path.name}: {len(observer.RECORDED)} facts, {path.stat().st_size:,} bytes")
    return int(code)


def main() -> int:
    """Record everything; the exit status is that of the semantic tests."""
    if torch is None:
        print("Recording needs PyTorch: pip install torch==2.13.0", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        record_operators()
        save_facts("promotion", promotion_table(torch))
    return record_semantics()


if __name__ == "__main__":
    raise SystemExit(main())
