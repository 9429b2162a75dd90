"""Convolutions, pooling and resampling."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.op_samples.row import Draw, Refusal, Row, S


def functional(
    name: str, *calls: tuple[tuple[int, ...], dict[str, Any]], domain: Any = Draw.distinct, **more: Any
) -> Row:
    """A row of `nn.functional` whose samples are a shape and options."""
    return Row(
        f"nn.functional.{name}",
        lambda d: [S(domain(d, *shape), **options) for shape, options in calls],
        **more,
    )


ROWS = [
    Row(
        "nn.functional.conv1d",
        lambda d: [
            S(d.real(2, 2, 6), d.real(3, 2, 3)),
            S(d.real(1, 2, 6), d.real(3, 2, 3), d.real(3), stride=2, padding=1),
            S(d.real(1, 4, 6), d.real(4, 2, 2), groups=2, dilation=2),
            S(d.real(1, 2, 5), d.real(3, 2, 3), padding="same"),
            S(d.real(2, 6), d.real(3, 2, 3)),
        ],
        loose=10,
    ),
    Row(
        "nn.functional.conv2d",
        lambda d: [
            S(d.real(2, 2, 4, 4), d.real(3, 2, 3, 3)),
            S(d.real(1, 2, 5, 4), d.real(2, 2, 3, 2), d.real(2), stride=(2, 1), padding=(1, 0)),
            S(d.real(1, 2, 4, 4), d.real(2, 1, 2, 2), groups=2),
            S(d.real(1, 1, 5, 5), d.real(1, 1, 2, 2), dilation=2),
            S(d.real(1, 2, 3, 3), d.real(2, 2, 1, 1)),
            S(d.real(1, 1, 4, 4), d.real(2, 1, 3, 3), padding="same"),
        ],
        loose=10,
        refusals=(
            Refusal(
                S(np.zeros((1, 3, 4, 4)), np.zeros((2, 2, 3, 3))),
                RuntimeError,
                (
                    "Given groups=1, weight of size [2, 2, 3, 3], expected input[1, 3, 4, 4] "
                    "to have 2 channels, but got 3 channels instead"
                ),
            ),
        ),
    ),
    Row(
        "nn.functional.conv_transpose2d",
        lambda d: [
            S(d.real(1, 2, 3, 3), d.real(2, 3, 2, 2)),
            S(d.real(1, 2, 3, 3), d.real(2, 1, 3, 3), d.real(1), stride=2, padding=1, output_padding=1),
        ],
        loose=10,
    ),
    Row(
        "nn.functional.conv_transpose1d", lambda d: [S(d.real(1, 2, 3), d.real(2, 3, 2), stride=2)], loose=10
    ),
    functional(
        "max_pool1d",
        ((1, 2, 6), {"kernel_size": 2}),
        ((1, 2, 7), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ),
    functional(
        "max_pool2d",
        ((1, 2, 4, 4), {"kernel_size": 2}),
        ((1, 1, 5, 5), {"kernel_size": 3, "stride": 2, "padding": 1}),
        ((1, 1, 5, 4), {"kernel_size": (2, 1)}),
        ((1, 1, 5, 5), {"kernel_size": 2, "ceil_mode": True}),
        specials=lambda d: [S(np.ones((1, 1, 2, 4), d.dtype), kernel_size=2)],
    ),
    functional(
        "avg_pool1d",
        ((1, 2, 6), {"kernel_size": 2}),
        ((1, 2, 6), {"kernel_size": 3, "stride": 1, "padding": 1}),
    ),
    functional(
        "avg_pool2d",
        ((1, 2, 4, 4), {"kernel_size": 2}),
        ((1, 1, 5, 5), {"kernel_size": 3, "stride": 2, "padding": 1}),
        ((1, 1, 5, 5), {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}),
    ),
    functional("adaptive_avg_pool1d", ((1, 2, 6), {"output_size": 3}), ((1, 2, 5), {"output_size": 3})),
    functional(
        "adaptive_avg_pool2d", ((1, 2, 4, 4), {"output_size": 1}), ((1, 1, 5, 4), {"output_size": (3, 2)})
    ),
    functional("adaptive_max_pool2d", ((1, 2, 4, 4), {"output_size": 2})),
    functional(
        "unfold",
        ((1, 2, 4, 4), {"kernel_size": 2}),
        ((1, 1, 4, 4), {"kernel_size": 3, "padding": 1, "stride": 2}),
    ),
    Row("nn.functional.fold", lambda d: [S(d.real(1, 4, 9), output_size=(4, 4), kernel_size=2)]),
    functional("interpolate", ((1, 2, 3, 3), {"scale_factor": 2, "mode": "nearest"})),
]
