"""Losses to compare: every option, every reduction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

from tests.nn.layer_cases import Array, Case, Draw, named

REDUCTIONS = ["none", "mean", "sum"]
Options = dict[str, Any]


def function(name: str) -> Callable[[Any], Any]:
    """A builder of ``nn.functional.name``."""
    return lambda nn: getattr(nn.functional, name)


def case(name: str, inputs: tuple[Array, ...], options: Options, **more: Any) -> Case:
    """The functional form on ``inputs`` with ``options``, of which arrays get no gradient."""
    words = {k: "given" if isinstance(v, np.ndarray) else v for k, v in options.items()}
    shapes = tuple(i.shape for i in inputs)
    return Case(named(name, shapes, words), function(name), inputs, keywords=options, **more)


def regression(reduction: str) -> Iterator[Case]:
    """Losses between numbers."""
    draw = Draw(8)
    x, y, weight = 2 * draw.normal(3, 4), draw.normal(3, 4), draw.positive(3, 4)
    variants: dict[str, list[Options]] = {
        "mse_loss": [{}, {"weight": weight}],
        "l1_loss": [{}, {"weight": weight}],
        "huber_loss": [{}, {"delta": 0.3}, {"weight": weight}],
        "smooth_l1_loss": [{}, {"beta": 0.0}, {"beta": 0.3}],
    }
    for name, several in variants.items():
        for options in several:
            yield case(name, (x, y), {"reduction": reduction, **options})
    for log_input, full in product([True, False], [True, False]):
        options = {"reduction": reduction, "log_input": log_input, "full": full}
        yield case("poisson_nll_loss", (draw.positive(3, 4), 3 * draw.positive(3, 4)), options)
    for shape, full in product([(3, 4), (3, 1), (3,)], [True, False]):
        options = {"reduction": reduction, "full": full}
        yield case("gaussian_nll_loss", (x, y, draw.positive(*shape)), options)
    p, q = (np.exp(a) / np.exp(a).sum(1, keepdims=True) for a in (x, y))
    yield case("kl_div", (np.log(p), q), {"reduction": reduction})
    yield case("kl_div", (np.log(p), np.log(q)), {"reduction": reduction, "log_target": True})
    q[0, 0] = 0
    yield case("kl_div", (np.log(p),), {"reduction": reduction, "target": q})


def classification(reduction: str) -> Iterator[Case]:
    """Losses of classes and of probabilities."""
    draw = Draw(9)
    for shape in [(4,), (3, 4), (3, 4, 2), (3, 4, 2, 2)]:
        scores = draw.normal(*shape)
        target = draw.integers(4, *shape[:1], *shape[2:]) if len(shape) > 1 else draw.integers(4)
        for weight, ignored in product([None, draw.positive(4)], [-100, int(target.flat[0])]):
            given = {"target": target, "weight": weight, "reduction": reduction, "ignore_index": ignored}
            yield case("nll_loss", (scores,), given)
            for smoothing in (0.0, 0.2):
                yield case("cross_entropy", (scores,), {**given, "label_smoothing": smoothing})
        for weight, smoothing in product([None, draw.positive(4)], [0.0, 0.2]):
            options = {"weight": weight, "reduction": reduction, "label_smoothing": smoothing}
            yield case("cross_entropy", (scores, draw.positive(*shape)), options)
    yield from _binary(reduction, draw)
    for p, weight in product([1, 2], [None, draw.positive(4)]):
        options = {
            "target": np.array([0, 3, 2]),
            "p": p,
            "weight": weight,
            "reduction": reduction,
            "margin": 0.8,
        }
        yield case("multi_margin_loss", (draw.normal(3, 4),), options, second=False)


def _binary(reduction: str, draw: Draw) -> Iterator[Case]:
    probability, target = draw.unit(3, 4), draw.unit(3, 4)
    for weight in (None, draw.positive(3, 4)):
        given = {"weight": weight, "reduction": reduction}
        yield case("binary_cross_entropy", (probability, target), given)
        for pos_weight in (None, draw.positive(4)):
            inputs = (20 * draw.normal(3, 4), target)
            yield case("binary_cross_entropy_with_logits", inputs, {**given, "pos_weight": pos_weight})
    certain = probability.copy()
    certain[0, :2] = [0.0, 1.0]
    for right in (certain.round(), 1 - certain.round()):
        options = {"target": right, "reduction": reduction}
        yield case("binary_cross_entropy", (certain,), options, second=False, tolerance=1e-7)
    signs = draw.signs(3, 4)
    yield case("soft_margin_loss", (draw.normal(3, 4),), {"target": signs, "reduction": reduction})
    options = {"target": target, "weight": probability, "reduction": reduction}
    yield case("multilabel_soft_margin_loss", (draw.normal(3, 4),), options)


def ranking(reduction: str) -> Iterator[Case]:
    """Losses of pairs and triples."""
    draw = Draw(10)
    a, b, c = draw.normal(3, 4), draw.normal(3, 4), draw.normal(3, 4)
    given: Options = {"reduction": reduction}
    yield case("cosine_embedding_loss", (a, b), {"target": draw.signs(3), "margin": 0.1, **given})
    yield case("cosine_embedding_loss", (a[0], b[0]), {"target": np.array(-1.0), **given})
    yield case("hinge_embedding_loss", (a,), {"target": draw.signs(3, 4), "margin": 0.7, **given})
    yield case("margin_ranking_loss", (a, b), {"target": draw.signs(3, 4), "margin": 0.3, **given})
    for swap, p in product([True, False], [1.0, 2.0, 3.0]):
        yield case("triplet_margin_loss", (a, b, c), {"swap": swap, "p": p, **given})
    yield case("triplet_margin_with_distance_loss", (a, b, c), given)


def losses() -> Iterator[Case]:
    """All of them."""
    for reduction in REDUCTIONS:
        yield from regression(reduction)
        yield from classification(reduction)
        yield from ranking(reduction)
