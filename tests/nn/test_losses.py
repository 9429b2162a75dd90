"""Losses by hand-computed values, and their misuse. The assertions hold for PyTorch too."""

from __future__ import annotations

import math
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("name", "args", "options", "expected"),
    [
        ("mse_loss", ([1.0, 2.0], [0.0, 0.0]), {}, 2.5),
        ("l1_loss", ([1.0, 2.0], [0.0, 0.0]), {"reduction": "sum"}, 3.0),
        ("smooth_l1_loss", ([0.5, 3.0], [0.0, 0.0]), {"reduction": "sum"}, 2.625),
        ("huber_loss", ([0.5, 3.0], [0.0, 0.0]), {"reduction": "sum", "delta": 2.0}, 4.125),
        ("binary_cross_entropy", ([0.25], [1.0]), {}, math.log(4)),
        ("binary_cross_entropy", ([0.0], [1.0]), {}, 100.0),
        ("binary_cross_entropy_with_logits", ([0.0, -500.0], [1.0, 1.0]), {}, (math.log(2) + 500) / 2),
        ("soft_margin_loss", ([0.0], [-1.0]), {}, math.log(2)),
        ("poisson_nll_loss", ([0.0], [2.0]), {}, 1.0),
        ("hinge_embedding_loss", ([0.25, 0.25], [1.0, -1.0]), {}, 0.5),
        ("margin_ranking_loss", ([1.0], [3.0], [1.0]), {"margin": 0.5}, 2.5),
        ("gaussian_nll_loss", ([1.0], [3.0], [1.0]), {}, 2.0),
        ("cross_entropy", ([[0.0, 0.0, math.log(2)]], [2]), {}, math.log(2)),
        ("cross_entropy", ([[0.0, 0.0]], [0]), {"label_smoothing": 0.5}, math.log(2)),
        ("cross_entropy", ([[0.0, 0.0], [9.0, 0.0]], [0, 1]), {"ignore_index": 1}, math.log(2)),
        ("nll_loss", ([[-1.0, -2.0], [-3.0, -4.0]], [0, 1]), {}, 2.5),
        ("triplet_margin_loss", ([[0.0]], [[0.0]], [[0.5]]), {"eps": 0.0}, 0.5),
        ("cosine_embedding_loss", ([[1.0, 0.0]], [[1.0, 0.0]], [-1.0]), {"margin": 0.25}, 0.75),
        ("multi_margin_loss", ([[0.5, 0.0]], [0]), {}, 0.25),
    ],
)
def test_values(lib: Any, name: str, args: Any, options: Any, expected: float) -> None:
    loss = getattr(lib.nn.functional, name)(*map(lib.tensor, args), **options)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_kl_divergence(lib: Any) -> None:
    p, q = lib.tensor([[0.5, 0.5]]), lib.tensor([[1.0, 0.0]])
    loss = lib.nn.KLDivLoss(reduction="batchmean")
    assert loss(p.log(), q).item() == pytest.approx(math.log(2), rel=1e-5)
    with pytest.warns(UserWarning, match=r"reduction: 'mean' divides the total loss by both"):
        lib.nn.functional.kl_div(p.log(), q)


def test_class_weights_weight_the_mean(lib: Any) -> None:
    scores, target = lib.tensor([[0.0, 0.0], [0.0, math.log(3)]]), lib.tensor([0, 0])
    weight = lib.tensor([3.0, 1.0])
    assert lib.nn.CrossEntropyLoss(weight)(scores, target).item() == pytest.approx(math.log(8) / 2, rel=1e-5)
    mixed = lib.nn.CrossEntropyLoss(weight)(scores, lib.tensor([0, 1])).item()
    assert mixed == pytest.approx((3 * math.log(2) + math.log(4 / 3)) / 4, rel=1e-5)


def test_gradient_of_saturated_probabilities_is_finite(lib: Any) -> None:
    p = lib.tensor([0.0, 1.0], requires_grad=True)
    lib.nn.functional.binary_cross_entropy(p, lib.tensor([0.0, 1.0])).backward()
    assert p.grad.tolist() == [0.0, 0.0]


def test_everything_ignored_is_nan_with_zero_gradient(lib: Any) -> None:
    scores = lib.zeros(2, 3, requires_grad=True)
    loss = lib.nn.functional.cross_entropy(scores, lib.tensor([-100, -100]))
    assert math.isnan(loss.item())


ones = (3,)
MISUSE: list[tuple[str, Any, dict[str, Any], type[Exception], str]] = [
    ("mse_loss", (ones, ones), {"reduction": "foo"}, ValueError, "foo is not a valid value for reduction"),
    (
        "mse_loss",
        (ones, ones, None, None, "mean", (1,)),
        {},
        ValueError,
        "Weights and input must have the same size.",
    ),
    (
        "smooth_l1_loss",
        (ones, ones),
        {"beta": -1.0},
        RuntimeError,
        "smooth_l1_loss does not support negative values",
    ),
    (
        "huber_loss",
        (ones, ones),
        {"delta": 0.0},
        RuntimeError,
        "huber_loss does not support non-positive values",
    ),
    (
        "binary_cross_entropy",
        (ones, (2,)),
        {},
        ValueError,
        "Using a target size (torch.Size([2])) that is different",
    ),
    (
        "binary_cross_entropy_with_logits",
        (ones, (2,)),
        {},
        ValueError,
        "Target size (torch.Size([2])) must be the same",
    ),
    (
        "cross_entropy",
        ((2, 3), (2, 3)),
        {"label_smoothing": 2},
        RuntimeError,
        "label_smoothing must be between 0.0 and",
    ),
    (
        "cross_entropy",
        ((2, 3), (2, 3)),
        {"ignore_index": 1},
        RuntimeError,
        "ignore_index is not supported for floating",
    ),
    ("gaussian_nll_loss", (ones, ones, (2,)), {}, ValueError, "var is of incorrect size"),
    (
        "triplet_margin_loss",
        ((1, 3),) * 3,
        {"margin": -1},
        ValueError,
        "margin must be greater than 0, got -1",
    ),
    (
        "triplet_margin_loss",
        ((1, 3), (1, 3), ones),
        {},
        RuntimeError,
        "The anchor, positive, and negative tensors are",
    ),
    (
        "margin_ranking_loss",
        (ones, ones, (3, 1)),
        {},
        RuntimeError,
        "margin_ranking_loss : All input tensors should",
    ),
    (
        "cosine_embedding_loss",
        (ones, ones, ones),
        {},
        RuntimeError,
        "1D target tensor expects 2D input tensors, but",
    ),
]


@pytest.mark.parametrize(
    ("name", "shapes", "options", "kind", "sentence"), MISUSE, ids=[m[4] for m in MISUSE]
)
def test_misuse(lib: Any, name: str, shapes: Any, options: Any, kind: Any, sentence: str) -> None:
    args = [lib.ones(*shape) if isinstance(shape, tuple) else shape for shape in shapes]
    with pytest.raises(kind) as caught:
        getattr(lib.nn.functional, name)(*args, **options)
    assert str(caught.value).startswith(sentence)


def test_targets_out_of_range(lib: Any) -> None:
    scores = lib.zeros(2, 3)
    with pytest.raises(IndexError, match=r"^Target 5 is out of bounds\."):
        lib.nn.functional.cross_entropy(scores, lib.tensor([1, 5]))
    with pytest.raises(RuntimeError, match=r"^all elements of input should be between 0 and 1"):
        lib.nn.functional.binary_cross_entropy(lib.tensor([2.0]), lib.tensor([1.0]))
    with pytest.raises(ValueError, match=r"^only p == 1 and p == 2 supported"):
        lib.nn.MultiMarginLoss(p=3)


def test_broadcasting_targets_warn(lib: Any) -> None:
    with pytest.warns(UserWarning, match=r"This will likely lead to incorrect results due to broadcasting"):
        lib.nn.functional.mse_loss(lib.ones(3), lib.ones(1))
    with pytest.warns(UserWarning, match=r"please use reduction='sum' instead"):
        lib.nn.functional.mse_loss(lib.ones(3), lib.ones(3), size_average=False)
