"""Layers to compare: how each is built, on which inputs, and how it is called.

A builder gets the library's ``nn`` and returns a module or a function. Inputs are arrays from a fixed seed;
floating ones get gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Case:
    """One comparison."""

    name: str
    build: Callable[[Any], Any]
    inputs: tuple[Array, ...]
    call: Callable[..., Any] = field(default=lambda layer, *inputs, **keywords: layer(*inputs, **keywords))
    second: bool = True  # whether PyTorch has the second derivative
    tolerance: float = 1e-9
    keywords: dict[str, Any] = field(default_factory=dict)  # arrays here become tensors without gradient


class Draw:
    """Arrays from one seed."""

    def __init__(self, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)

    def normal(self, *shape: int) -> Array:
        return np.asarray(self.random.standard_normal(shape))

    def positive(self, *shape: int) -> Array:
        return np.abs(self.normal(*shape)) + 0.1

    def unit(self, *shape: int) -> Array:
        return np.asarray(self.random.random(shape) * 0.9 + 0.05)

    def integers(self, below: int, *shape: int) -> Array:
        return np.asarray(self.random.integers(0, below, shape))

    def signs(self, *shape: int) -> Array:
        return np.where(self.random.random(shape) < 0.5, -1.0, 1.0)


def layer(kind: str, *args: Any, **options: Any) -> Callable[[Any], Any]:
    """A builder of ``nn.kind(*args, **options)``."""
    return lambda nn: getattr(nn, kind)(*args, **options)


def named(kind: str, args: Any = (), options: Any = None, suffix: str = "") -> str:
    """A readable test name."""
    words = [str(a) for a in args] + [f"{k}={v}" for k, v in (options or {}).items()]
    return f"{kind}({', '.join(words)}){suffix}"


POINTS = np.array([-1e3, -50.0, -6.0, -3.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 3.0, 6.0, 50.0, 1e3])
POINTWISE = [
    "CELU", "ELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU",
    "LogSigmoid", "Mish",
    "PReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid", "Softplus", "Softshrink", "Softsign", "Tanh",
    "Tanhshrink",
]  # fmt: skip
IN_PLACE = [
    "CELU", "ELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "Mish", "ReLU", "ReLU6", "SELU",
    "SiLU",
]  # fmt: skip


def activations() -> Iterator[Case]:
    """Pointwise functions, inside and at their kinks, and the softmax family."""
    draw = Draw(1)
    for kind in POINTWISE:
        # PyTorch's hardsigmoid computes 1 / 6 in single precision, and has no second derivative.
        bent = kind != "Hardsigmoid"
        loose = 1e-9 if bent else 1e-7
        yield Case(kind, layer(kind), (3 * draw.normal(3, 4),), second=bent, tolerance=loose)
        # At kinks the second derivative is a matter of convention.
        yield Case(f"{kind} at points", layer(kind), (POINTS,), second=False, tolerance=loose)
    for kind in IN_PLACE:
        bent = kind != "Hardsigmoid"
        yield Case(
            f"{kind} in place",
            layer(kind, inplace=True),
            (draw.normal(3, 4),),
            lambda f, x: f(x * 2),
            second=bent,
            tolerance=1e-9 if bent else 1e-7,
        )
    for kind, args in [("ELU", (0.5,)), ("CELU", (0.5,)), ("GELU", ("tanh",)), ("Softplus", (2.0, 3.0))]:
        yield Case(named(kind, args), layer(kind, *args), (3 * draw.normal(3, 4),))
    yield Case("Threshold(0.1, 2)", layer("Threshold", 0.1, 2.0), (draw.normal(3, 4),))
    yield Case("RReLU eval", lambda nn: nn.RReLU().eval(), (draw.normal(3, 4),))
    for shape in [(2, 3), (2, 3, 4)]:
        yield Case(f"PReLU(3) {shape}", layer("PReLU", 3), (draw.normal(*shape),))
    for kind, dim in product(["Softmax", "LogSoftmax", "Softmin"], [0, 1, -1]):
        yield Case(named(kind, (dim,)), layer(kind, dim), (draw.normal(3, 4),))
    yield Case("Softmax2d", layer("Softmax2d"), (draw.normal(2, 3, 2, 2),))


def linear() -> Iterator[Case]:
    """Linear maps and shapes."""
    draw = Draw(2)
    for shape, bias in product([(3,), (2, 3), (2, 5, 3)], [True, False]):
        yield Case(f"Linear {shape} bias={bias}", layer("Linear", 3, 4, bias), (draw.normal(*shape),))
    yield Case("Bilinear", layer("Bilinear", 3, 4, 5), (draw.normal(2, 2, 3), draw.normal(2, 2, 4)))
    yield Case("Flatten", layer("Flatten"), (draw.normal(2, 3, 4),))
    yield Case("Unflatten", layer("Unflatten", 1, (3, -1)), (draw.normal(2, 12),))
    yield Case("CosineSimilarity", layer("CosineSimilarity"), (draw.normal(3, 4), draw.normal(3, 4)))
    for p in (1.0, 2.0, 3.0):
        yield Case(
            f"PairwiseDistance({p})", layer("PairwiseDistance", p), (draw.normal(3, 4), draw.normal(3, 4))
        )


def norms() -> Iterator[Case]:
    """Normalisation, in training and outside it."""
    draw = Draw(3)
    for kind, shape, affine in product(["LayerNorm", "RMSNorm"], [(4,), (3, 4)], [True, False]):
        options: dict[str, Any] = {"elementwise_affine": affine}
        yield Case(named(kind, (shape,), options), layer(kind, shape, **options), (draw.normal(2, 3, 4),))
    for groups, shape in product([1, 2], [(2, 4), (2, 4, 3), (2, 4, 3, 2)]):
        yield Case(f"GroupNorm({groups}) {shape}", layer("GroupNorm", groups, 4), (draw.normal(*shape),))
    shapes = [
        ("BatchNorm1d", (4, 3)), ("BatchNorm1d", (4, 3, 5)), ("BatchNorm2d", (2, 3, 4, 5)),
        ("BatchNorm3d", (2, 3, 2, 2, 2)), ("InstanceNorm1d", (2, 3, 5)), ("InstanceNorm1d", (3, 5)),
        ("InstanceNorm2d", (2, 3, 4, 5)),
    ]  # fmt: skip
    variants: list[dict[str, Any]] = [{}, {"affine": False}, {"affine": True}, {"track_running_stats": True}]
    batch: list[dict[str, Any]] = [{"momentum": None}, {"track_running_stats": False}, {"bias": False}]
    for kind, shape in shapes:
        for options, training in product(variants + (batch if kind[0] == "B" else []), [True, False]):
            yield Case(
                named(kind, (shape, "train" if training else "eval"), options),
                layer(kind, 3, **options),
                (draw.normal(*shape),),
                _after_a_batch(training),
            )
    for size in (1, 2, 3):
        yield Case(
            f"LocalResponseNorm({size})", layer("LocalResponseNorm", size, 0.5), (draw.normal(2, 5, 3),)
        )


def _after_a_batch(training: bool) -> Callable[..., Any]:
    def call(norm: Any, x: Any) -> Any:
        norm.train()
        norm(x)
        norm.train(training)
        return norm(x * 2), norm(x * 3)

    return call


def convolutions() -> Iterator[Case]:
    """Convolutions, pooling and padding."""
    draw = Draw(4)
    options: Any
    for options in [
        {}, {"stride": 2, "padding": 1}, {"dilation": 2, "padding": 2, "groups": 2}, {"padding": "same"},
        {"padding": "valid"}, {"padding": 1, "padding_mode": "reflect"}, {"bias": False},
        {"padding": 2, "padding_mode": "circular"}, {"padding": "same", "padding_mode": "replicate"},
    ]:  # fmt: skip
        for size in (2, 3):
            yield Case(
                named("Conv1d", (size,), options),
                layer("Conv1d", 2, 4, size, **options),
                (draw.normal(2, 2, 9),),
            )
            kernel = (size, 3)
            yield Case(
                named("Conv2d", kernel, options),
                layer("Conv2d", 2, 4, kernel, **options),
                (draw.normal(2, 2, 7, 6),),
            )
    yield Case("Conv1d unbatched", layer("Conv1d", 2, 4, 3), (draw.normal(2, 9),))
    yield Case("Conv2d unbatched", layer("Conv2d", 2, 4, 3), (draw.normal(2, 6, 7),))
    for options in [
        {},
        {"stride": 2, "padding": 1, "output_padding": 1},
        {"dilation": 2, "groups": 2},
        {"stride": 3},
    ]:
        for kind, shape in (("ConvTranspose1d", (2, 2, 5)), ("ConvTranspose2d", (2, 2, 5, 4))):
            yield Case(named(kind, (), options), layer(kind, 2, 4, 3, **options), (draw.normal(*shape),))
    yield Case(
        "ConvTranspose1d output_size",
        layer("ConvTranspose1d", 2, 4, 3, stride=2),
        (draw.normal(2, 2, 5),),
        lambda f, x: f(x, output_size=[12]),
    )


def pooling() -> Iterator[Case]:
    """Windows reduced to their maximum or mean."""
    draw = Draw(12)
    options: Any
    for options in [{}, {"stride": 1}, {"padding": 1, "ceil_mode": True}, {"stride": 2, "padding": 1}]:
        for kind, shape in (
            ("MaxPool1d", (2, 2, 8)),
            ("MaxPool2d", (2, 2, 8, 7)),
            ("AvgPool1d", (2, 2, 8)),
            ("AvgPool2d", (2, 8, 7)),
        ):
            yield Case(named(kind, (shape,), options), layer(kind, 3, **options), (draw.normal(*shape),))
    yield Case("MaxPool2d dilated", layer("MaxPool2d", 2, dilation=2), (draw.normal(2, 2, 8, 7),))
    yield Case(
        "AvgPool2d uncounted",
        layer("AvgPool2d", 3, padding=1, count_include_pad=False),
        (draw.normal(2, 2, 8, 7),),
    )
    yield Case("AvgPool2d divisor", layer("AvgPool2d", 2, divisor_override=3), (draw.normal(2, 8, 7),))
    for size in (1, 2, 3, 5, 8):
        yield Case(f"AdaptiveAvgPool1d({size})", layer("AdaptiveAvgPool1d", size), (draw.normal(2, 2, 8),))
        yield Case(
            f"AdaptiveMaxPool1d({size})", layer("AdaptiveMaxPool1d", size, True), (draw.normal(2, 2, 8),)
        )
    for both in [1, 3, (3, 5), (2, None)]:
        yield Case(f"AdaptiveAvgPool2d({both})", layer("AdaptiveAvgPool2d", both), (draw.normal(2, 2, 7, 8),))
        yield Case(
            f"AdaptiveMaxPool2d({both})", layer("AdaptiveMaxPool2d", both, True), (draw.normal(2, 2, 7, 8),)
        )


def padding() -> Iterator[Case]:
    """Padding, and channels traded for pixels."""
    draw = Draw(13)
    for kind, dims in product(["Zero", "Reflection", "Replication", "Circular"], [1, 2]):
        for sides in (1, (2, 1) * dims):
            yield Case(
                named(f"{kind}Pad{dims}d", (sides,)),
                layer(f"{kind}Pad{dims}d", sides),
                (draw.normal(2, 2, *[4] * dims),),
            )
    yield Case("ConstantPad2d", layer("ConstantPad2d", 1, 3.0), (draw.normal(2, 2, 3, 3),))
    yield Case("Unfold", layer("Unfold", (2, 3), padding=1), (draw.normal(2, 3, 4, 5),))
    yield Case("Fold", layer("Fold", (4, 5), 2, stride=(1, 1)), (draw.normal(2, 12, 12),))
    yield Case("Upsample", layer("Upsample", scale_factor=(2, 1.5)), (draw.normal(1, 2, 3, 4),))
    yield Case("Upsample(size)", layer("Upsample", 5, mode="linear"), (draw.normal(1, 2, 3),))
    yield Case("UpsamplingNearest2d", layer("UpsamplingNearest2d", 5), (draw.normal(1, 2, 3, 3),))
    yield Case("UpsamplingBilinear2d", layer("UpsamplingBilinear2d", (4, 5)), (draw.normal(1, 2, 3, 3),))
    yield Case("PixelShuffle", layer("PixelShuffle", 2), (draw.normal(2, 8, 3, 2),))
    yield Case("PixelUnshuffle", layer("PixelUnshuffle", 2), (draw.normal(2, 2, 4, 6),))


def tables() -> Iterator[Case]:
    """Embeddings."""
    draw = Draw(5)
    index = draw.integers(6, 3, 4)
    options: Any
    for options in [
        {},
        {"padding_idx": 1},
        {"padding_idx": -1},
        {"scale_grad_by_freq": True},
        {"max_norm": 1.0},
    ]:
        yield Case(named("Embedding", (), options), layer("Embedding", 6, 3, **options), (index,))
        # PyTorch's bag divides by wrong counts with scale_grad_by_freq.
        for mode in ("sum", "mean", "max") if "scale_grad_by_freq" not in options else ():
            build = layer("EmbeddingBag", 6, 3, mode=mode, **options)
            yield Case(named("EmbeddingBag", (mode,), options), build, (index,), second=False)
            cut = (index.reshape(-1), np.array([0, 3, 3, 7]))
            yield Case(named("EmbeddingBag", (mode, "offsets"), options), build, cut, second=False)
    yield Case(
        "EmbeddingBag weighted",
        layer("EmbeddingBag", 6, 3, mode="sum"),
        (index, draw.normal(3, 4)),
        lambda bag, i, w: bag(i, per_sample_weights=w),
        second=False,
    )


def recurrent() -> Iterator[Case]:
    """Recurrent layers and cells: batched, unbatched, with a given state."""
    draw = Draw(6)
    shared: list[dict[str, Any]] = [
        {}, {"num_layers": 2}, {"bias": False, "batch_first": True}, {"bidirectional": True, "num_layers": 2},
    ]  # fmt: skip
    own: dict[str, list[dict[str, Any]]] = {
        "RNN": [{"nonlinearity": "relu"}],
        "GRU": [],
        "LSTM": [{"proj_size": 2, "bidirectional": True, "num_layers": 2}],
    }
    for kind, more in own.items():
        for options in shared + more:
            build = layer(kind, 3, 4, **options)
            yield Case(named(kind, (), options), build, (draw.normal(5, 2, 3),))
            yield Case(named(kind, ("unbatched",), options), build, (draw.normal(5, 3),))
            count = options.get("num_layers", 1) * (1 + options.get("bidirectional", False))
            batch = 5 if options.get("batch_first") else 2
            hidden = draw.normal(count, batch, options.get("proj_size", 4))
            cell = draw.normal(count, batch, 4)
            x = draw.normal(5, 2, 3)
            if kind == "LSTM":
                yield Case(
                    named(kind, ("state",), options),
                    build,
                    (x, hidden, cell),
                    lambda f, x, h, c: f(x, (h, c)),
                )
            else:
                yield Case(named(kind, ("state",), options), build, (x, hidden))


def cells() -> Iterator[Case]:
    """One step of the recurrent layers."""
    draw = Draw(14)
    for kind, bias, batch_shape in product(["RNNCell", "LSTMCell", "GRUCell"], [True, False], [(2,), ()]):
        build = layer(kind, 3, 4, bias)
        x, hidden, cell = (draw.normal(*batch_shape, size) for size in (3, 4, 4))
        yield Case(named(kind, (bias, batch_shape)), build, (x,))
        if kind == "LSTMCell":
            yield Case(
                named(kind, (bias, batch_shape, "state")),
                build,
                (x, hidden, cell),
                lambda f, x, h, c: f(x, (h, c)),
            )
        else:
            yield Case(named(kind, (bias, batch_shape, "state")), build, (x, hidden))


def attention_masks(draw: Draw, length: int, source: int) -> list[dict[str, Any]]:
    """Every kind of mask, for batches of two and four heads in all."""

    def blocked(*shape: int) -> Array:
        mask = draw.random.random(shape) < 0.3
        mask[..., 0] = False
        return mask

    return [
        {},
        {"attn_mask": blocked(length, source)},
        {"key_padding_mask": blocked(2, source)},
        {"attn_mask": blocked(4, length, source), "key_padding_mask": blocked(2, source)},
        {"attn_mask": draw.normal(length, source), "key_padding_mask": draw.normal(2, source)},
        {"attn_mask": draw.normal(length, source), "is_causal": True},
        {"attn_mask": blocked(length, source), "need_weights": False},
        {"key_padding_mask": blocked(2, source), "average_attn_weights": False},
    ]


def attention() -> Iterator[Case]:
    """Attention with every kind of mask."""
    draw, length, source = Draw(7), 5, 6
    masks = attention_masks(draw, length, source)
    options: Any
    for options in [
        {}, {"bias": False}, {"batch_first": True}, {"kdim": 3, "vdim": 5},
        {"add_bias_kv": True, "add_zero_attn": True},
    ]:  # fmt: skip
        widths = (4, options.get("kdim", 4), options.get("vdim", 4))
        for mask in masks:
            shapes = [(n, 2, w) for n, w in zip((length, source, source), widths, strict=True)]
            if options.get("batch_first"):
                shapes = [(b, n, w) for n, b, w in shapes]
            yield Case(
                named("MultiheadAttention", tuple(mask), options),
                layer("MultiheadAttention", 4, 2, **options),
                tuple(draw.normal(*shape) for shape in shapes),
                keywords=mask,
            )
        if widths == (4, 4, 4):
            yield Case(
                named("MultiheadAttention", ("self",), options),
                layer("MultiheadAttention", 4, 2, **options),
                (draw.normal(3, 2, 4),),
                lambda f, x: f(x, x, x),
            )
    yield Case("MultiheadAttention unbatched", layer("MultiheadAttention", 4, 2), tuple(draw.normal(3, 5, 4)))


def transformers() -> Iterator[Case]:
    """The transformer and its layers."""
    draw = Draw(15)
    options: Any
    for options in [{}, {"batch_first": True, "norm_first": True, "activation": "gelu"}, {"bias": False}]:
        sizes = (4, 2, 8, 0.0)
        x, y = draw.normal(5, 2, 4), draw.normal(5, 2, 4)
        for kind, inputs in (("TransformerEncoderLayer", (x,)), ("TransformerDecoderLayer", (x, y))):
            yield Case(named(kind, (), options), layer(kind, *sizes, **options), inputs)
        yield Case(
            named("Transformer", (), options), layer("Transformer", 4, 2, 1, 1, 8, 0.0, **options), (x, y)
        )
