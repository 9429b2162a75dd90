"""Activations, the softmax family, normalisations, embedding and attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.op_samples.row import Const, Draw, Refusal, Row, S
from tests.op_samples.unary import unary


def activation(
    name: str, domain: Any = Draw.away, at: tuple[float, ...] = (-1.0, 0.0, 1.0, 90.0, -90.0), **more: Any
) -> Row:
    """A function of `nn.functional`, with its kinks."""
    return unary(f"nn.functional.{name}", domain, at, **more)


def settings(name: str, *options: dict[str, Any]) -> Row:
    """The same, with other than default settings."""
    return Row(f"nn.functional.{name}", lambda d: [S(d.away(2, 3), **option) for option in options])


def softmaxes(d: Draw) -> list[Any]:
    """Each dimension, and 0-d."""
    return [
        S(d.real(2, 3), dim=0),
        S(d.real(2, 3), dim=-1),
        S(d.real(2, 2, 3), dim=1),
        S(d.real(), dim=0),
        S(d.real(0, 3), dim=1),
    ]


def extremes(d: Draw) -> list[Any]:
    """Large numbers and minus infinity."""
    return [
        S(np.array([800.0, 0.0, -800.0], d.dtype), dim=0),
        S(np.array([0.0, -np.inf, 1.0], d.dtype), dim=0),
    ]


def attention(d: Draw) -> list[Any]:
    """Plain, masked with booleans, with numbers, causal."""
    q, k, v = d.real(1, 2, 3, 4), d.real(1, 2, 5, 4), d.real(1, 2, 5, 3)
    mask = np.array([[True, True, False, True, False]] * 3)
    return [
        S(q, k, v),
        S(q, k, v, attn_mask=mask),
        S(q, k, v, attn_mask=Const(d.real(3, 5))),
        S(q, k, v, is_causal=True),
        S(q, k, v, scale=0.3),
    ]


def batch_norm(lib: Any, x: Any, weight: Any = None, bias: Any = None, training: bool = True) -> Any:
    """With running statistics of its own, returned too."""
    mean, var = lib.zeros(x.shape[1], dtype=x.dtype), lib.ones(x.shape[1], dtype=x.dtype)
    out = lib.nn.functional.batch_norm(x, mean, var, weight, bias, training=training)
    return out, mean, var


ROWS = [
    unary("relu", Draw.away, (-1.0, -0.0, 0.0, 1.0)),
    activation("relu"),
    activation("relu6", at=(0.0, 6.0)),
    activation("leaky_relu"),
    activation("elu"),
    activation("selu"),
    activation("celu"),
    activation("gelu"),
    activation("silu"),
    activation("mish"),
    activation("softplus", at=(-90.0, 0.0, 20.0, 21.0, 90.0)),
    activation("softsign"),
    activation("tanhshrink"),
    activation("logsigmoid"),
    activation("hardtanh"),
    activation("hardswish", lambda d, *s: d.away(*s) * 2 + 0.1, at=(-3.0, 0.0, 3.0)),
    activation(
        "hardsigmoid", lambda d, *s: d.away(*s) * 2 + 0.1, at=(-3.0, 0.0, 3.0), twice=False, loose=1000
    ),
    activation("softshrink", at=(-0.5, 0.0, 0.5)),
    activation("hardshrink", at=(-0.5, 0.0, 0.5)),
    activation("sigmoid", at=(0.0,)),
    activation("tanh", at=(0.0,)),
    settings("gelu", {"approximate": "tanh"}),
    settings("leaky_relu", {"negative_slope": 0.3}),
    settings("elu", {"alpha": 0.5}),
    settings("softplus", {"beta": 2.0, "threshold": 1.0}),
    settings("hardtanh", {"min_val": -2.0, "max_val": 0.7}),
    settings("threshold", {"threshold": 0.2, "value": 5.0}),
    Row("nn.functional.prelu", lambda d: [S(d.away(2, 3), d.real(1)), S(d.away(2, 3, 2), d.real(3))]),
    Row("nn.functional.glu", lambda d: [S(d.real(2, 4)), S(d.real(4, 3), dim=0)]),
    Row("softmax", softmaxes, specials=extremes),
    Row("log_softmax", softmaxes, specials=extremes),
    Row("nn.functional.softmax", softmaxes),
    Row("nn.functional.log_softmax", softmaxes),
    Row("nn.functional.softmin", lambda d: [S(d.real(2, 3), dim=1)]),
    Row(
        "nn.functional.normalize",
        lambda d: [S(d.away(2, 3)), S(d.away(2, 3), p=1.0, dim=0)],
        specials=lambda d: [S(np.zeros((1, 3), d.dtype))],
    ),
    Row(
        "nn.functional.layer_norm",
        lambda d: [
            S(d.real(2, 4), (4,)),
            S(d.real(2, 3, 4), (3, 4), d.real(3, 4), d.real(3, 4)),
            S(d.real(2, 4), (4,), d.real(4), eps=1e-3),
        ],
        loose=10,
        refusals=(
            Refusal(
                S(np.zeros((2, 4)), (3,)),
                RuntimeError,
                "Given normalized_shape=[3], expected input with shape [*, 3], but got input of size[2, 4]",
            ),
        ),
    ),
    Row(
        "nn.functional.rms_norm",
        lambda d: [S(d.away(2, 4), (4,)), S(d.away(2, 4), (4,), d.real(4), eps=1e-5)],
    ),
    Row(
        "nn.functional.group_norm",
        lambda d: [S(d.real(2, 4, 3), 2), S(d.real(2, 4, 3), 2, d.real(4), d.real(4))],
        loose=10,
    ),
    Row("nn.functional.instance_norm", lambda d: [S(d.real(2, 3, 4))], loose=10),
    Row(
        "nn.functional.batch_norm",
        lambda d: [
            S(d.real(5, 3)),
            S(d.real(2, 3, 4), d.real(3), d.real(3)),
            S(d.real(5, 3), d.real(3), d.real(3), training=False),
        ],
        call=batch_norm,
        loose=10,
    ),
    Row(
        "nn.functional.embedding",
        lambda d: [S(d.index(5, 3), d.real(5, 2)), S(np.array(2), d.real(5, 2))],
        specials=lambda d: [S(np.array([0, 1, 1]), d.real(5, 2), padding_idx=1)],
        refusals=(Refusal(S(np.array([5]), np.zeros((5, 2))), IndexError, "index out of range in self"),),
    ),
    Row("nn.functional.scaled_dot_product_attention", attention, loose=10),
    Row(
        "nn.functional.cosine_similarity",
        lambda d: [
            S(d.away(2, 3), d.away(2, 3)),
            S(d.away(2, 3), d.away(2, 3), dim=0),
            S(d.away(2, 3), d.away(3)),
            S(d.away(2, 3), Const(d.away(2, 1))),
        ],
    ),
    Row(
        "nn.functional.pairwise_distance",
        lambda d: [S(d.real(2, 3), d.real(2, 3)), S(d.real(2, 3), d.real(2, 3), p=1.0)],
    ),
]
