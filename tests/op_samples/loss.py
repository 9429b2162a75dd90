"""Loss functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.op_samples.row import Const, Draw, Row, S

REDUCTIONS = ("mean", "sum", "none")


def loss(name: str, left: Any = Draw.away, right: Any = Draw.unit, **more: Any) -> Row:
    """Prediction and target of one shape, in the three reductions."""
    return Row(
        f"nn.functional.{name}",
        lambda d: [S(left(d, 2, 3), right(d, 2, 3), reduction=how) for how in REDUCTIONS],
        **more,
    )


def classes(d: Draw) -> list[Any]:
    """Class indices: reductions, weights, an ignored class, more dimensions."""
    target = np.array([1, 0, 2, 1])
    return [
        *(S(d.real(4, 3), target, reduction=how) for how in REDUCTIONS),
        S(d.real(4, 3), target, weight=Const(d.positive(3))),
        S(d.real(4, 3), np.array([1, -100, 2, -100])),
        S(d.real(4, 3), target, ignore_index=1),
        S(d.real(2, 3, 2), np.array([[0, 1], [2, 1]])),
        S(d.real(3), np.array(1)),
    ]


def softened(d: Draw) -> list[Any]:
    """Label smoothing and class probabilities."""
    return [
        S(d.real(4, 3), np.array([1, 0, 2, 1]), label_smoothing=0.1),
        S(d.real(2, 3), d.probability(2, 3)),
        S(d.real(2, 3), np.array([0, 2]), label_smoothing=0.2, weight=Const(d.positive(3)), reduction="sum"),
    ]


ROWS = [
    loss("mse_loss"),
    loss(
        "l1_loss",
        lambda d, *s: d.distinct(*s),
        lambda d, *s: d.distinct(*s) * 0 + 0.25,
        specials=lambda d: [S(np.zeros(2, d.dtype), np.zeros(2, d.dtype))],
    ),
    loss("smooth_l1_loss", specials=lambda d: [S(np.array([0.0, 1.0, 2.0], d.dtype), np.zeros(3, d.dtype))]),
    loss("huber_loss", specials=lambda d: [S(np.array([0.0, 1.0, 2.0], d.dtype), np.zeros(3, d.dtype))]),
    loss(
        "binary_cross_entropy",
        Draw.probability,
        lambda d, *s: Const(d.probability(*s)),
        loose=1000,
        specials=lambda d: [S(np.array([0.0, 1.0, 0.0], d.dtype), Const(np.array([0.0, 1.0, 1.0], d.dtype)))],
    ),
    Row(
        "nn.functional.binary_cross_entropy",
        lambda d: [S(d.probability(2, 3), d.probability(2, 3))],  # targets have a gradient too
        loose=1000,
    ),
    loss(
        "binary_cross_entropy_with_logits",
        Draw.real,
        Draw.probability,
        specials=lambda d: [S(np.array([-800.0, 800.0], d.dtype), np.array([0.0, 0.0], d.dtype))],
    ),
    Row(
        "nn.functional.binary_cross_entropy_with_logits",
        lambda d: [
            S(
                d.real(2, 3),
                Const(d.probability(2, 3)),
                weight=Const(d.positive(3)),
                pos_weight=Const(d.positive(3)),
            )
        ],
    ),
    Row("nn.functional.nll_loss", classes),
    Row("nn.functional.cross_entropy", classes),
    Row("nn.functional.cross_entropy", softened),
    loss("kl_div", Draw.real, Draw.probability),
    Row(
        "nn.functional.kl_div",
        lambda d: [S(d.real(2, 3), d.real(2, 3), reduction="batchmean", log_target=True)],
    ),
    loss("poisson_nll_loss", Draw.real, Draw.positive),
    loss("soft_margin_loss", Draw.real, lambda d, *s: Const(np.sign(d.away(*s)))),
    loss("hinge_embedding_loss", Draw.away, lambda d, *s: Const(np.sign(d.away(*s)))),
    Row(
        "nn.functional.margin_ranking_loss",
        lambda d: [S(d.distinct(4), d.distinct(4) + 0.23, Const(np.array([1.0, -1.0, 1.0, -1.0], d.dtype)))],
    ),
    Row(
        "nn.functional.cosine_embedding_loss",
        lambda d: [S(d.away(2, 3), d.away(2, 3), Const(np.array([1.0, -1.0], d.dtype)))],
    ),
    Row("nn.functional.triplet_margin_loss", lambda d: [S(d.real(2, 3), d.real(2, 3), d.real(2, 3))]),
    Row("nn.functional.gaussian_nll_loss", lambda d: [S(d.real(2, 3), d.real(2, 3), d.positive(2, 3))]),
]
