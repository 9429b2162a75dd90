"""Functional forms that have no layer of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.nn.layer_cases import Case, Draw
from tests.nn.loss_cases import case


def functions() -> Iterator[Case]:
    """Attention without projections, vectors of length 1, one-hot vectors."""
    draw = Draw(11)
    inputs = (draw.normal(2, 2, 5, 4), draw.normal(2, 2, 6, 4), draw.normal(2, 2, 6, 3))
    looks = draw.random.random((5, 6)) < 0.5
    looks[:, 0] = True
    nowhere = looks.copy()
    nowhere[1] = False
    options: Any
    for options in [
        {}, {"is_causal": True}, {"scale": 0.3}, {"attn_mask": looks}, {"attn_mask": nowhere},
        {"attn_mask": draw.normal(5, 6)}, {"attn_mask": np.where(nowhere, 0.5, -np.inf)},
    ]:  # fmt: skip
        yield case("scaled_dot_product_attention", inputs, options)
    shared = (draw.normal(2, 4, 5, 4), draw.normal(2, 2, 6, 4), draw.normal(2, 2, 6, 4))
    yield case("scaled_dot_product_attention", shared, {"enable_gqa": True})
    for p in (0.5, 1.0, 2.0, 3.0):
        yield case("normalize", (draw.normal(3, 4),), {"p": p})
    yield case("one_hot", (draw.integers(6, 3, 4),), {"num_classes": 7})
    yield case("dropout", (draw.normal(3, 4),), {"training": False})
    yield case("alpha_dropout", (draw.normal(3, 4),), {})
