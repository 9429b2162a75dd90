"""nn.utils: clipping, one vector for all parameters, padding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import upriver as up

utils = up.nn.utils


def with_grads(*rows: list[float], dtype: Any = None) -> list[Any]:
    made = []
    for row in rows:
        w = up.zeros(len(row), dtype=dtype, requires_grad=True)
        w.grad = up.tensor(row, dtype=dtype)
        made.append(w)
    return made


def test_clipping_by_norm() -> None:
    params = [*with_grads([3.0], [4.0]), up.zeros(2, requires_grad=True)]
    versions = [w.grad._version for w in params[:2]]
    assert utils.clip_grad_norm_(params, 1.0).item() == 5.0
    assert [round(w.grad.item(), 5) for w in params[:2]] == [0.6, 0.8]
    assert [w.grad._version for w in params[:2]] == [version + 1 for version in versions]
    assert params[2].grad is None
    assert utils.clip_grad_norm_(params, 2.0).item() == pytest.approx(1.0)
    assert [round(w.grad.item(), 5) for w in params[:2]] == [0.6, 0.8]


def test_a_generator_is_read_once() -> None:
    params = with_grads([3.0], [4.0])
    assert utils.clip_grad_norm_((w for w in params), 1.0).item() == 5.0
    with pytest.warns(UserWarning, match="`parameters` is an empty generator"):
        assert utils.clip_grad_norm_(iter([]), 1.0).item() == 0.0


@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_nonfinite_norms_are_refused_before_anything_changes(bad: float) -> None:
    params = with_grads([3.0], [bad])
    with pytest.raises(
        RuntimeError, match=r"The total norm of order 2.0 for gradients from `parameters` is non-finite"
    ):
        utils.clip_grad_norm_(params, 1.0, error_if_nonfinite=True)
    assert params[0].grad.item() == 3.0


@given(
    rows=st.lists(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=4), min_size=1, max_size=3),
    limit=st.floats(1e-2, 1e2),
    order=st.sampled_from([1.0, 2.0, 3.0, math.inf]),
)
def test_the_norm_is_bounded_and_the_direction_kept(
    rows: list[list[float]], limit: float, order: float
) -> None:
    params = with_grads(*rows, dtype=up.float64)
    flat = np.concatenate(rows)
    total = utils.clip_grad_norm_(params, limit, order).item()
    after = np.concatenate([w.grad.tolist() for w in params])
    assert total == pytest.approx(np.linalg.norm(flat, order), rel=1e-9)
    assert np.linalg.norm(after, order) <= limit * (1 + 1e-9)
    assert np.allclose(after * total, flat * np.linalg.norm(after, order), rtol=1e-6, atol=1e-6)


def test_float16_norms_do_not_overflow() -> None:
    (w,) = with_grads([300.0, 400.0], dtype=up.float16)
    assert utils.get_total_norm([w.grad]).item() == 500.0


def test_clipping_by_value() -> None:
    (w,) = with_grads([-3.0, 0.5, 2.0])
    utils.clip_grad_value_(w, 1.0)
    assert w.grad.tolist() == [-1.0, 0.5, 1.0]


def test_parameters_to_vector_and_back() -> None:
    a, b = up.tensor([[1.0, 2.0]], requires_grad=True), up.tensor(3.0, requires_grad=True)
    vector = utils.parameters_to_vector([a, b])
    (vector * up.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert (a.grad.tolist(), b.grad.item()) == ([[1.0, 2.0]], 3.0)
    utils.vector_to_parameters(up.tensor([7.0, 8.0, 9.0]), [a, b])
    assert (a.tolist(), b.item(), a.requires_grad, a.is_leaf) == ([[7.0, 8.0]], 9.0, True, True)
    with pytest.raises(TypeError, match=r"expected torch.Tensor, but got: list"):
        utils.vector_to_parameters([1.0], [a])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="vec has 2 elements, but the parameters have 3"):
        utils.vector_to_parameters(up.zeros(2), [a, b])


def test_padding_and_back() -> None:
    rows = [up.ones(2, 2), up.ones(4, 2), up.ones(0, 2)]
    lengths = [2, 4, 0]
    for first in (False, True):
        padded = utils.rnn.pad_sequence(rows, batch_first=first, padding_value=9.0)
        assert padded.shape == ((3, 4, 2) if first else (4, 3, 2))
        back = utils.rnn.unpad_sequence(padded, up.tensor(lengths), batch_first=first)
        assert [tuple(row.shape) for row in back] == [(2, 2), (4, 2), (0, 2)]
        assert all((row == 1).all() for row in back)


def test_padding_on_the_left_lets_gradients_through() -> None:
    a, b = up.tensor([1.0, 2.0], requires_grad=True), up.tensor([3.0], requires_grad=True)
    padded = utils.rnn.pad_sequence([a, b], batch_first=True, padding_value=-1.0, padding_side="left")
    assert padded.tolist() == [[1.0, 2.0], [-1.0, 3.0]]
    (padded * up.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([1.0, 2.0], [4.0])
    with pytest.raises(ValueError, match="padding_side should be either 'left' or 'right'"):
        utils.rnn.pad_sequence([a], padding_side="up")  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="expected a non-empty list"):
        utils.rnn.pad_sequence([])
