"""Layers by hand-computed values and by what must hold of them. The assertions hold for PyTorch too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest


def draw(lib: Any, *shape: int, seed: int = 0, grad: bool = False) -> Any:
    return lib.tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=grad)


def close(a: Any, b: Any, tolerance: float = 1e-9) -> bool:
    return bool(np.allclose(np.asarray(a.tolist()), np.asarray(b.tolist()), rtol=tolerance, atol=tolerance))


def values_of(result: Any) -> list[float]:
    return [round(v, 4) for v in result.tolist()]


@pytest.mark.parametrize(
    ("kind", "args", "expected"),
    [
        ("ReLU", (), [0.0, 0.0, 2.0]),
        ("LeakyReLU", (0.1,), [-0.1, 0.0, 2.0]),
        ("ELU", (), [round(math.exp(-1) - 1, 4), 0.0, 2.0]),
        ("SiLU", (), [-0.2689, 0.0, 1.7616]),
        ("GELU", (), [-0.1587, 0.0, 1.9545]),
        ("Hardtanh", (), [-1.0, 0.0, 1.0]),
        ("Hardswish", (), [-0.3333, 0.0, 1.6667]),
        ("Softplus", (), [0.3133, 0.6931, 2.1269]),
        ("Softsign", (), [-0.5, 0.0, 0.6667]),
        ("Softshrink", (), [-0.5, 0.0, 1.5]),
        ("Hardshrink", (1.5,), [0.0, 0.0, 2.0]),
        ("Threshold", (0.5, 9.0), [9.0, 9.0, 2.0]),
        ("Softmax", (0,), [0.042, 0.1142, 0.8438]),
    ],
)
def test_activations(lib: Any, kind: str, args: Any, expected: list[float]) -> None:
    assert values_of(getattr(lib.nn, kind)(*args)(lib.tensor([-1.0, 0.0, 2.0]))) == expected


def test_in_place_activation_overwrites_and_differentiates(lib: Any) -> None:
    x = lib.tensor([-1.0, 3.0], requires_grad=True)
    y = x * 2
    z = lib.nn.SiLU(inplace=True)(y)
    assert z is y
    z.sum().backward()
    sigmoid = [1 / (1 + math.exp(-v)) for v in (-2.0, 6.0)]
    expected = [2 * s * (1 + v * (1 - s)) for s, v in zip(sigmoid, (-2.0, 6.0), strict=True)]
    assert values_of(x.grad) == [round(v, 4) for v in expected]
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        lib.nn.ReLU(inplace=True)(x)


def test_linear_and_bilinear(lib: Any) -> None:
    layer = lib.nn.Linear(2, 1)
    layer.load_state_dict({"weight": lib.tensor([[1.0, 2.0]]), "bias": lib.tensor([0.5])})
    assert layer(lib.tensor([3.0, 4.0])).tolist() == [11.5]
    both = lib.nn.Bilinear(2, 2, 1, bias=False)
    both.load_state_dict({"weight": lib.tensor([[[1.0, 2.0], [3.0, 4.0]]])})
    assert both(lib.tensor([1.0, 0.0]), lib.tensor([0.0, 1.0])).tolist() == [2.0]
    with pytest.raises(RuntimeError):
        layer(lib.ones(3))


def test_norms_give_mean_0_and_variance_1(lib: Any) -> None:
    x = draw(lib, 6, 4, 5) * 3 + 7
    for norm, dims in [
        (lib.nn.LayerNorm(5), (2,)), (lib.nn.LayerNorm((4, 5)), (1, 2)), (lib.nn.BatchNorm1d(4), (0, 2)),
        (lib.nn.InstanceNorm1d(4), (2,)), (lib.nn.GroupNorm(1, 4), (1, 2)),
    ]:  # fmt: skip
        y = norm.double()(x).detach()
        assert float(y.mean(dims).abs().max()) < 1e-6
        assert abs(float(y.var(dims, correction=0).max()) - 1) < 1e-3


def test_batch_norm_keeps_running_statistics(lib: Any) -> None:
    norm = lib.nn.BatchNorm1d(1, momentum=0.5)
    norm(lib.tensor([[1.0], [3.0]]))
    assert norm.running_mean.tolist() == [1.0]
    assert values_of(norm.running_var) == [1.5]  # half of 1, half of the unbiased variance 2
    assert int(norm.num_batches_tracked) == 1
    norm.eval()
    assert values_of(norm(lib.tensor([[1.0]]))[0].detach()) == [0.0]
    assert int(norm.num_batches_tracked) == 1
    with pytest.raises(ValueError, match="Expected more than 1 value per channel when training"):
        norm.train()(lib.tensor([[1.0]]))


def test_batch_norm_loads_state_without_a_count(lib: Any) -> None:
    norm = lib.nn.BatchNorm1d(2)
    state = dict(norm.state_dict())
    del state["num_batches_tracked"]
    assert repr(norm.load_state_dict(state)) == "<All keys matched successfully>"


def test_dropout_keeps_the_mean(lib: Any) -> None:
    lib.manual_seed(0)
    x = lib.ones(20000)
    y = lib.nn.Dropout(0.25)(x)
    kept = y != 0
    assert abs(float(kept.to(lib.float32).mean()) - 0.75) < 0.02
    assert abs(float(y.max()) - 4 / 3) < 1e-6
    assert lib.nn.Dropout(0.25).eval()(x) is x
    assert float(lib.nn.Dropout(1.0)(x).sum()) == 0
    with pytest.raises(ValueError, match="dropout probability has to be between 0 and 1, but got 2"):
        lib.nn.Dropout(2)


def test_dropout_gradient_is_its_mask(lib: Any) -> None:
    x = lib.ones(50, requires_grad=True)
    y = lib.nn.functional.dropout(x, 0.5)
    y.sum().backward()
    assert x.grad.tolist() == y.tolist()


def test_channel_dropout_drops_whole_channels(lib: Any) -> None:
    lib.manual_seed(1)
    for kind, shape in (("Dropout1d", (4, 8, 3)), ("Dropout2d", (4, 8, 3, 3))):
        y = getattr(lib.nn, kind)(0.5)(lib.ones(*shape)).reshape(32, -1)
        assert bool((y == y[:, :1]).all()) and 0 < float((y[:, 0] == 0).sum()) < 32


def test_alpha_dropout_keeps_mean_and_variance(lib: Any) -> None:
    lib.manual_seed(2)
    y = lib.nn.AlphaDropout(0.3)(lib.randn(40000))
    assert abs(float(y.mean())) < 0.05 and abs(float(y.std()) - 1) < 0.05


def test_embedding(lib: Any) -> None:
    table = lib.nn.Embedding(5, 2, padding_idx=1)
    assert table.weight[1].tolist() == [0.0, 0.0]
    table(lib.tensor([1, 2, 2])).sum().backward()
    assert table.weight.grad.tolist() == [[0.0, 0.0], [0.0, 0.0], [2.0, 2.0], [0.0, 0.0], [0.0, 0.0]]
    frozen = lib.nn.Embedding.from_pretrained(lib.eye(3))
    assert not frozen.weight.requires_grad and frozen(lib.tensor([2])).tolist() == [[0.0, 0.0, 1.0]]
    with pytest.raises(IndexError):
        table(lib.tensor([5]))


def test_embedding_shortens_rows(lib: Any) -> None:
    table = lib.nn.Embedding.from_pretrained(lib.tensor([[3.0, 4.0], [0.3, 0.4]]), max_norm=1.0)
    assert values_of(table(lib.tensor([0]))[0]) == [0.6, 0.8]
    assert values_of(table.weight[0]) == [0.6, 0.8] and values_of(table.weight[1]) == [0.3, 0.4]


def test_embedding_scales_gradient_by_frequency(lib: Any) -> None:
    table = lib.nn.Embedding(3, 1, scale_grad_by_freq=True)
    (table(lib.tensor([0, 0, 1])) * lib.tensor([[1.0], [3.0], [5.0]])).sum().backward()
    assert table.weight.grad.tolist() == [[2.0], [5.0], [0.0]]


def test_embedding_bag(lib: Any) -> None:
    weight = lib.tensor([[1.0], [2.0], [10.0]])
    for mode, expected in (("sum", [[3.0], [0.0], [10.0]]), ("mean", [[1.5], [0.0], [10.0]])):
        bag = lib.nn.EmbeddingBag.from_pretrained(weight, mode=mode)
        assert bag(lib.tensor([0, 1, 2]), lib.tensor([0, 2, 2])).tolist() == expected


def test_convolution_by_hand(lib: Any) -> None:
    F = lib.nn.functional
    x, kernel = lib.tensor([[[1.0, 2.0, 4.0]]]), lib.tensor([[[1.0, -1.0]]])
    assert F.conv1d(x, kernel).tolist() == [[[-1.0, -2.0]]]
    assert F.conv1d(x, kernel, padding="same").tolist() == [[[-1.0, -2.0, 4.0]]]
    assert F.conv_transpose1d(x, kernel).tolist() == [[[1.0, 1.0, 2.0, -4.0]]]
    with pytest.raises(RuntimeError, match="padding='same' is not supported for strided convolutions"):
        F.conv1d(x, kernel, padding="same", stride=2)


def test_transposed_convolution_is_the_adjoint(lib: Any) -> None:
    F = lib.nn.functional
    x, y, kernel = draw(lib, 1, 2, 7, 6), draw(lib, 1, 3, 3, 3, seed=1), draw(lib, 3, 2, 3, 2, seed=2)
    left = (F.conv2d(x, kernel, stride=2) * y).sum()
    right = (x * F.conv_transpose2d(y, kernel, stride=2)).sum()
    assert close(left, right)


def test_pooling_by_hand(lib: Any) -> None:
    nn = lib.nn
    x = lib.tensor([[1.0, 4.0, 2.0, 3.0, 5.0]])
    values, places = nn.MaxPool1d(2, return_indices=True)(x)
    assert values.tolist() == [[4.0, 3.0]] and places.tolist() == [[1, 3]]
    assert nn.AvgPool1d(2, ceil_mode=True)(x).tolist() == [[2.5, 2.5, 5.0]]
    assert nn.AdaptiveAvgPool1d(2)(x).tolist() == [
        [lib.tensor([1.0, 4.0, 2.0]).mean().item(), lib.tensor([2.0, 3.0, 5.0]).mean().item()]
    ]
    values, places = nn.AdaptiveMaxPool1d(2, return_indices=True)(x)
    assert values.tolist() == [[4.0, 5.0]] and places.tolist() == [[1, 4]]


def test_max_pool_gradient_goes_to_the_first_of_equals(lib: Any) -> None:
    x = lib.ones(1, 1, 2, 2, requires_grad=True)
    lib.nn.functional.max_pool2d(x, 2).sum().backward()
    assert x.grad.flatten().tolist() == [1.0, 0.0, 0.0, 0.0]


def test_padding_by_hand(lib: Any) -> None:
    x = lib.tensor([[1.0, 2.0, 3.0]])
    for kind, expected in [
        ("ZeroPad1d", [0.0, 1.0, 2.0, 3.0, 0.0]), ("ReflectionPad1d", [2.0, 1.0, 2.0, 3.0, 2.0]),
        ("ReplicationPad1d", [1.0, 1.0, 2.0, 3.0, 3.0]), ("CircularPad1d", [3.0, 1.0, 2.0, 3.0, 1.0]),
    ]:  # fmt: skip
        assert getattr(lib.nn, kind)(1)(x)[0].tolist() == expected


def test_pixel_shuffle_is_undone(lib: Any) -> None:
    x = draw(lib, 2, 8, 3, 5)
    assert close(lib.nn.PixelUnshuffle(2)(lib.nn.PixelShuffle(2)(x)), x)


def test_half_precision_keeps_its_type(lib: Any) -> None:
    layer = lib.nn.Linear(3, 2).half()
    assert layer(lib.ones(1, 3, dtype=lib.float16)).dtype == lib.float16


MISUSE = [
    (lambda nn: nn.Conv1d(3, 4, 2, groups=2), ValueError, "in_channels must be divisible by groups"),
    (lambda nn: nn.Conv1d(2, 3, 2, groups=2), ValueError, "out_channels must be divisible by groups"),
    (lambda nn: nn.Conv1d(2, 3, 2, padding="all"), ValueError, "Invalid padding string 'all'"),
    (lambda nn: nn.GroupNorm(2, 3), ValueError, r"num_channels \(3\) must be divisible by num_groups \(2\)"),
    (
        lambda nn: nn.Embedding(3, 4, padding_idx=5),
        AssertionError,
        "Padding_idx must be within num_embeddings",
    ),
    (lambda nn: nn.Hardtanh(1, 1), AssertionError, r"max_val \(1\) must be greater than min_val \(1\)"),
    (lambda nn: nn.MultiheadAttention(4, 3), AssertionError, "embed_dim must be divisible by num_heads"),
    (lambda nn: nn.LSTM(2, 3, proj_size=3), ValueError, "proj_size has to be smaller than hidden_size"),
    (lambda nn: nn.GRU(2, 3, proj_size=2), ValueError, "proj_size argument is only supported for LSTM"),
    (lambda nn: nn.RNN(2, 3, nonlinearity="x"), ValueError, "Unknown nonlinearity 'x'"),
    (
        lambda nn: nn.TransformerEncoderLayer(4, 2, activation="x"),
        RuntimeError,
        "activation should be relu/gelu, not x",
    ),
]


@pytest.mark.parametrize(("build", "kind", "sentence"), MISUSE, ids=[m[2] for m in MISUSE])
def test_wrong_sizes_are_refused(lib: Any, build: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(kind, match=f"^{sentence}"):
        build(lib.nn)
