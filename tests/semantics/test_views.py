"""Views: sharing, rebased history, and what may not be written to."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x.view(6),
        lambda x: x.reshape(3, 2),
        lambda x: x[0],
        lambda x: x[:, 1:],
        lambda x: x[..., None],
        lambda x: x.t(),
        lambda x: x.T,
        lambda x: x.transpose(0, 1),
        lambda x: x.permute(1, 0),
        lambda x: x.unsqueeze(0),
        lambda x: x.squeeze(),
        lambda x: x.flatten(),
        lambda x: x.select(1, 0),
        lambda x: x.narrow(1, 0, 2),
        lambda x: x.diagonal(),
        lambda x: x.movedim(0, 1),
        lambda x: x.expand(2, 3),
        lambda x: x.unfold(1, 2, 1),
        lambda x: x.view_as(x),
        lambda x: x.unbind(0)[0],
        lambda x: x.split(2, 1)[0],
        lambda x: x.chunk(2)[1],
        lambda x: x.view(2, 3)[0][1:],
        lambda x: x.as_strided((2, 2), (1, 1)),
    ],
)
def test_views_share_memory_and_version(lib: Any, observe: Any, make: Any) -> None:
    x = lib.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    view = make(x)
    assert view._is_view() and view._base is x
    assert view.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    x.mul_(2)
    assert view._version == x._version == 1
    observe(view=view)


@pytest.mark.parametrize(
    "make",
    [lambda x: x + 0, lambda x: x.clone(), lambda x: x[[0, 1]], lambda x: x[x > 0], lambda x: x.T.reshape(6)],
)
def test_copies_do_not(lib: Any, observe: Any, make: Any) -> None:
    x = lib.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    copy = make(x)
    x.zero_()
    assert not copy._is_view() and copy._base is None and copy._version == 0 and copy.sum().item() == 21.0


def test_the_base_is_always_the_root(lib: Any) -> None:
    x = lib.zeros(4)
    v = x.view(2, 2)
    w = v[0]
    assert w._base is x and v._base is x and not x._is_view()


def test_contiguous_and_reshape_return_what_is_already_right(lib: Any) -> None:
    x = lib.zeros(2, 3)
    assert x.contiguous() is x
    assert x.T.contiguous()._base is None
    assert x.is_contiguous() and not x.T.is_contiguous()


def test_contiguous_lays_the_elements_in_row_major_order(lib: Any) -> None:
    x = lib.zeros(2, 3, 4).permute(2, 0, 1)
    rows = x.contiguous()
    assert rows.is_contiguous() and rows.stride() == (6, 3, 1)
    assert rows[1:3].view(-1).shape == (12,)
    assert x.clone().stride() == x.stride()


def test_strides_and_offset(lib: Any) -> None:
    x = lib.zeros(2, 3)
    assert x.stride() == (3, 1) and x.T.stride() == (1, 3) and x[1:, 1:].storage_offset() == 4
    assert x.expand(4, 2, 3).stride() == (0, 3, 1) and x.stride(0) == 3


def test_view_of_incompatible_strides(lib: Any, observe: Any) -> None:
    x = lib.zeros(2, 3).t()
    with observe.raises(RuntimeError, "view size is not compatible with input tensor's size and stride"):
        x.view(6)
    with observe.raises(RuntimeError, "shape '[4]' is invalid for input of size 6"):
        x.view(4)


def test_in_place_on_a_view_rebases_the_base(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    y[:2].mul_(3)
    assert y.grad_fn.name().endswith("CopySlices")
    y.sum().backward()
    assert x.grad.tolist() == [6.0, 6.0, 2.0]
    observe(x=x, y=y)


def test_the_view_written_to_is_followed_too(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    view = y[1:]
    view.mul_(view.clone())
    assert view.grad_fn is not None and view.tolist() == [16.0, 36.0]
    (view.sum() + y.sum()).backward()
    assert x.grad.tolist() == [2.0, 32.0, 48.0]
    observe(x=x, y=y)


def test_in_place_on_the_base_reaches_its_views(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    view = y[1:]
    old = view.grad_fn
    y.mul_(5)
    assert view.grad_fn is not old
    view.sum().backward()
    assert x.grad.tolist() == [0.0, 10.0, 10.0]
    observe(x=x, y=y)


def test_in_place_on_a_sibling_view(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = x * 1
    left, middle, square = y[:3], y[1:], y.view(2, 2)
    left.mul_(2)
    square[1].add_(middle[0])
    (middle.sum() + square.sum() + left.prod()).backward()
    observe(x=x, y=y, left=left.clone(), middle=middle.clone(), square=square.clone())


def test_in_place_with_a_grad_tensor_on_a_view_of_a_plain_base(lib: Any, observe: Any) -> None:
    base = lib.zeros(2, 3)
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    row = base[0]
    row.add_(x)
    assert base.requires_grad and not base.is_leaf and row.requires_grad
    (base * base).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]
    observe(x=x, base=base)


def test_chain_of_views_written_at_the_end(lib: Any, observe: Any) -> None:
    x = lib.arange(12.0).requires_grad_()
    y = x * 1
    y.view(3, 4).t()[1:3].mul_(lib.tensor([1.0, 2.0, 3.0]))
    (y * y).sum().backward()
    observe(x=x, y=y)


def test_a_value_saved_before_a_write_through_a_view(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    z = y * y
    y[0].zero_()
    with observe.raises(
        RuntimeError, "one of the variables needed for gradient computation has been modified by"
    ):
        z.sum().backward()


@pytest.mark.parametrize("name", ["unbind", "split", "chunk"])
def test_views_from_many_outputs_refuse_writes(lib: Any, observe: Any, name: str) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    piece = {"unbind": lambda: y.unbind(), "split": lambda: y.split(1), "chunk": lambda: y.chunk(3)}[name]()[
        0
    ]
    words = f"Output 0 of {'Unbind' if name == 'unbind' else 'Split'}"
    with (
        observe.raises(RuntimeError, words)
        if name != "chunk"
        else pytest.raises(RuntimeError, match="Output 0 of Split")
    ):
        piece.mul_(2)
    assert y.tolist() == [2.0, 4.0, 6.0] and y._version == 0


def test_views_from_many_outputs_follow_a_write_to_the_base(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    a, b = x.split(2)
    (a * b).sum().backward()
    assert x.grad.tolist() == [3.0, 4.0, 1.0, 2.0]
    observe(x=x)


def test_a_slice_of_a_plain_tensor_may_be_written(lib: Any) -> None:
    x = lib.zeros(4)
    a, b = x.split(2)
    a.add_(1)
    assert x.tolist() == [1.0, 1.0, 0.0, 0.0] and b._version == 1


def test_a_no_grad_view_may_not_be_written_in_grad_mode(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    with lib.no_grad():
        view = y[:1]
    assert view._version == y._version and view.grad_fn is None
    with observe.raises(
        RuntimeError,
        "A view was created in no_grad mode and is being modified inplace with grad mode enabled.",
    ):
        view.mul_(2)
    assert y.tolist() == [2.0, 4.0] and y._version == 0
    with lib.no_grad():
        view.mul_(2)
    assert y.tolist() == [4.0, 4.0] and y._version == 1


def test_views_of_views_in_no_grad_writes(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    with lib.no_grad():
        y[:2].add_(100)
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0] and y.tolist() == [102.0, 104.0, 6.0]
    observe(x=x, y=y)


def test_duplicate_index_assignment(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    v = lib.tensor([10.0, 20.0], requires_grad=True)
    y = x * 1
    y[lib.tensor([1, 1])] = v
    y.sum().backward()
    assert y.tolist() == [1.0, 20.0, 3.0] and x.grad.tolist() == [1.0, 0.0, 1.0]
    observe(x=x, y=y)


def test_masked_assignment_zeroes_the_gradient(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, -2.0, 3.0], requires_grad=True)
    y = x * 1
    y[y < 0] = 0.0
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 0.0, 1.0]
    observe(x=x, y=y)


def test_transposed_and_overlapping_copies(lib: Any, observe: Any) -> None:
    x = lib.arange(4.0)
    x[1:].copy_(x[:-1].clone())
    assert x.tolist() == [0.0, 0.0, 1.0, 2.0]
    m = lib.tensor([[1.0, 2.0], [3.0, 4.0]])
    m.copy_(m.t().clone())
    assert m.tolist() == [[1.0, 3.0], [2.0, 4.0]]


def test_second_order_through_a_rebased_view(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], dtype=lib.float64, requires_grad=True)
    y = x * x
    y[1:].mul_(y[:2].clone())
    (g,) = lib.autograd.grad((y * y).sum(), x, create_graph=True)
    (h,) = lib.autograd.grad(g.sum(), x)
    observe.gradients(g=g, h=h)
