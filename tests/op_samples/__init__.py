"""The operator table: one row an operator, a file a family. No registered operator goes without a row."""

from __future__ import annotations

from collections import Counter

from tests.op_samples import (
    activation,
    binary,
    convolution,
    create,
    index,
    linalg,
    loss,
    order,
    recurrent,
    reduce,
    shape,
    statistics,
    unary,
)
from tests.op_samples.row import Const, Draw, Refusal, Row, Sample

FAMILIES = {
    "unary": unary.ROWS,
    "binary": binary.ROWS,
    "reduce": reduce.ROWS,
    "order": order.ROWS,
    "shape": shape.ROWS,
    "index": index.ROWS,
    "linalg": linalg.ROWS,
    "activation": activation.ROWS,
    "convolution": convolution.ROWS,
    "recurrent": recurrent.ROWS,
    "loss": loss.ROWS,
    "create": create.ROWS,
    "statistics": statistics.ROWS,
}
ROWS: list[Row] = [row for rows in FAMILIES.values() for row in rows]

__all__ = ["FAMILIES", "ROWS", "Const", "Draw", "Refusal", "Row", "Sample", "keyed"]


def keyed(rows: list[Row]) -> list[tuple[str, Row]]:
    """Rows under unique names: a name's second row is called name#2."""
    seen: Counter[str] = Counter()
    pairs = []
    for row in rows:
        seen[row.name] += 1
        pairs.append((row.name if seen[row.name] == 1 else f"{row.name}#{seen[row.name]}", row))
    return pairs
