"""Recurrent layers and attention by what must hold of them. The assertions hold for PyTorch too."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.nn.test_layers import close, draw


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_layer_is_its_cell_in_a_loop(lib: Any, kind: str) -> None:
    layer, cell = getattr(lib.nn, kind)(3, 4).double(), getattr(lib.nn, f"{kind}Cell")(3, 4).double()
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in layer.state_dict().items()})
    x = draw(lib, 5, 2, 3)
    output, last = layer(x)
    state = None
    for step, expected in zip(x, output, strict=True):
        state = cell(step, state)
        assert close(state[0] if kind == "LSTM" else state, expected)
    assert close((last[0] if kind == "LSTM" else last)[0], output[-1])


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_layouts_agree(lib: Any, kind: str) -> None:
    layer = getattr(lib.nn, kind)(3, 4, num_layers=2, bidirectional=True).double()
    x = draw(lib, 5, 2, 3)
    output, _ = layer(x)
    turned = getattr(lib.nn, kind)(3, 4, num_layers=2, bidirectional=True, batch_first=True).double()
    turned.load_state_dict(layer.state_dict())
    assert close(turned(x.transpose(0, 1))[0].transpose(0, 1), output)
    assert close(layer(x[:, 0])[0], output[:, 0])


def test_the_reverse_direction_reads_backwards(lib: Any) -> None:
    both, one = lib.nn.GRU(3, 4, bidirectional=True).double(), lib.nn.GRU(3, 4).double()
    suffix = "_reverse"
    one.load_state_dict(
        {k.removesuffix(suffix): v for k, v in both.state_dict().items() if k.endswith(suffix)}
    )
    x = draw(lib, 5, 2, 3)
    assert close(both(x)[0][..., 4:], one(x.flip(0))[0].flip(0))


def test_a_detached_state_cuts_the_past(lib: Any) -> None:
    layer = lib.nn.LSTM(2, 3)
    x = lib.ones(4, 1, 2, requires_grad=True)
    _, state = layer(x[:2])
    layer(x[2:], tuple(s.detach() for s in state))[0].sum().backward()
    assert float(x.grad[:2].abs().sum()) == 0 and float(x.grad[2:].abs().sum()) > 0


@pytest.mark.parametrize(
    ("build", "inputs", "kind", "sentence"),
    [
        ("LSTM", [(2,)], ValueError, "LSTM: Expected input to be 2D or 3D, got 1D instead"),
        ("GRU", [(2, 2, 3)], RuntimeError, "input.size(-1) must be equal to input_size. Expected 2, got 3"),
        ("GRU", [(2, 2, 2), (1, 3, 3)], RuntimeError, "Expected hidden size (1, 2, 3), got [1, 3, 3]"),
        (
            "GRU",
            [(2, 2), (1, 2, 3)],
            RuntimeError,
            "For unbatched 2-D input, hx should also be 2-D but got 3-D tensor",
        ),
        ("GRU", [(0, 2, 2)], RuntimeError, "Expected sequence length to be larger than 0 in RNN"),
        ("RNNCell", [(2, 3)], RuntimeError, "input has inconsistent input_size: got 3 expected 2"),
        ("RNNCell", [(2, 2), (3, 3)], RuntimeError, "Input batch size 2 doesn't match hidden0 batch size 3"),
    ],
)
def test_shapes_that_do_not_fit(lib: Any, build: str, inputs: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(kind) as caught:
        getattr(lib.nn, build)(2, 3)(*(lib.ones(*shape) for shape in inputs))
    assert str(caught.value).startswith(sentence)


def test_another_dtype_is_refused(lib: Any) -> None:
    with pytest.raises(ValueError, match=r"^RNN input dtype \(torch.float64\) does not match weight dtype"):
        lib.nn.LSTM(2, 3)(lib.ones(1, 1, 2, dtype=lib.float64))


def test_attention_by_hand(lib: Any) -> None:
    F = lib.nn.functional
    q, k, v = (
        lib.tensor([[1.0, 0.0]]),
        lib.tensor([[0.0, 0.0], [math.sqrt(2) * math.log(3), 0.0]]),
        lib.eye(2),
    )
    assert close(F.scaled_dot_product_attention(q, k, v), lib.tensor([[0.25, 0.75]]), 1e-6)


def test_a_masked_position_has_no_influence(lib: Any) -> None:
    layer = lib.nn.MultiheadAttention(4, 2, batch_first=True).double()
    q, kv = draw(lib, 2, 3, 4), draw(lib, 2, 5, 4, seed=1, grad=True)
    hidden = lib.tensor([[False, False, True, False, True]] * 2)
    output, weights = layer(q, kv, kv, key_padding_mask=hidden)
    assert float(weights[..., 2].detach().abs().max()) == 0
    assert close(weights.sum(-1), lib.ones(2, 3, dtype=lib.float64))
    output.sum().backward()
    assert float(kv.grad[:, [2, 4]].abs().max()) == 0 < float(kv.grad[:, 0].abs().max())
    assert close(layer(q, kv, kv, key_padding_mask=hidden, need_weights=False)[0], output)


def test_a_causal_encoder_does_not_look_ahead(lib: Any) -> None:
    layer = lib.nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True).double()
    x = draw(lib, 1, 5, 4, grad=True)
    mask = lib.nn.Transformer.generate_square_subsequent_mask(5, dtype=lib.float64)
    layer(x, src_mask=mask, is_causal=True)[:, 2].sum().backward()
    assert float(x.grad[:, 3:].abs().max()) == 0


def test_a_query_that_may_look_nowhere(lib: Any) -> None:
    F = lib.nn.functional
    q, kv = draw(lib, 2, 3, grad=True), draw(lib, 4, 3, seed=1)
    looks = lib.tensor([[True] * 4, [False] * 4])
    output = F.scaled_dot_product_attention(q[None], kv[None], kv[None], looks)[0]
    assert output[1].tolist() == [0.0, 0.0, 0.0]
    output.sum().backward()
    assert q.grad[1].tolist() == [0.0, 0.0, 0.0]


def test_heads_are_averaged_on_request(lib: Any) -> None:
    layer = lib.nn.MultiheadAttention(4, 2).double()
    x = draw(lib, 3, 2, 4)
    each, mean = layer(x, x, x, average_attn_weights=False)[1], layer(x, x, x)[1]
    assert each.shape == (2, 2, 3, 3) and close(each.mean(1), mean)


def test_a_transformer_reads_and_writes(lib: Any) -> None:
    model = lib.nn.Transformer(4, 2, 1, 1, 8, dropout=0.0, batch_first=True)
    assert model(lib.ones(2, 5, 4), lib.ones(2, 3, 4)).shape == (2, 3, 4)
    with pytest.raises(RuntimeError, match="the batch number of src and tgt must be equal"):
        model(lib.ones(2, 5, 4), lib.ones(1, 3, 4))


def test_the_state_of_a_cell_may_be_detached_in_place(lib: Any) -> None:
    cell = lib.nn.LSTMCell(2, 3)
    state = cell(lib.ones(4, 2), cell(lib.ones(4, 2)))
    for each in state:
        assert not each._is_view() and each.grad_fn is not None
        each.detach_()
        assert each.grad_fn is None


def test_a_written_weight_is_not_taken_for_an_operand_beside_it(lib: Any) -> None:
    rnn = lib.nn.LSTM(3, 5)
    loss = rnn(lib.ones(4, 2, 3))[0].sum()
    with lib.no_grad():
        rnn.weight_hh_l0.add_(1)
    with pytest.raises(RuntimeError, match=r"\[torch.FloatTensor \[20, 5\]\] is at version"):
        loss.backward()
