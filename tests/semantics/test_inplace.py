"""In-place operators: version counters, what was saved, and what is refused before anything changes."""

from __future__ import annotations

from typing import Any

import pytest

MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace operation"
LEAF = "a leaf Variable that requires grad is being used in an in-place operation."
LEAF_VIEW = "a view of a leaf Variable that requires grad is being used in an in-place operation."


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("add_", (1.0,)),
        ("sub_", (1.0,)),
        ("mul_", (2.0,)),
        ("div_", (2.0,)),
        ("pow_", (2.0,)),
        ("neg_", ()),
        ("exp_", ()),
        ("sqrt_", ()),
        ("sigmoid_", ()),
        ("tanh_", ()),
        ("relu_", ()),
        ("abs_", ()),
        ("clamp_", (1.2, 2.5)),
        ("zero_", ()),
        ("fill_", (3.0,)),
        ("t_", ()),
        ("unsqueeze_", (0,)),
        ("squeeze_", ()),
        ("reciprocal_", ()),
        ("floor_", ()),
        ("round_", ()),
        ("log_", ()),
        ("square_", ()),
        ("sin_", ()),
        ("cos_", ()),
    ],
)
def test_each_in_place_method(lib: Any, observe: Any, method: str, args: tuple[Any, ...]) -> None:
    x = lib.tensor([[1.0, 2.0], [3.0, 1.5]], dtype=lib.float64, requires_grad=True)
    y = x * 1
    result = getattr(y, method)(*args)
    assert result is y
    (y * lib.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=lib.float64)).sum().backward()
    observe(x=x, y=y)


@pytest.mark.parametrize("method", ["add_", "sub_", "mul_", "div_", "copy_", "pow_"])
def test_in_place_with_a_tensor(lib: Any, observe: Any, method: str) -> None:
    x = lib.tensor([[1.0, 2.0], [3.0, 1.5]], requires_grad=True)
    other = lib.tensor([2.0, 3.0], requires_grad=True)
    y = x * 1
    getattr(y, method)(other)
    y.sum().backward()
    observe(x=x, other=other, y=y)


def test_masked_scattered_and_indexed_in_place(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    v = lib.tensor([10.0, 20.0], requires_grad=True)
    index = lib.tensor([0, 2])
    for n, write in enumerate(
        (
            lambda y: y.masked_fill_(lib.tensor([True, False, True]), 5.0),
            lambda y: y.index_add_(0, index, v),
            lambda y: y.index_copy_(0, index, v),
            lambda y: y.index_fill_(0, index, 3.0),
            lambda y: y.scatter_(0, index, v),
            lambda y: y.scatter_add_(0, index, v),
            lambda y: y.index_put_((index,), v),
        )
    ):
        x.grad = v.grad = None
        y = x * 2
        assert write(y) is y
        (y * y).sum().backward()
        observe(**{f"x{n}": x, f"v{n}": v, f"y{n}": y})


def test_augmented_assignment_is_in_place(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    alias = y
    y += 1
    y *= 2
    y -= 1
    y /= 2
    y **= 2
    assert alias is y and y._version == 5
    y.sum().backward()
    observe(x=x, y=y)


def test_in_place_on_a_leaf_is_refused_before_it_happens(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    for write in (lambda: x.add_(1), lambda: x.zero_(), lambda: x.copy_(lib.zeros(2)), lambda: x.exp_()):
        with observe.raises(RuntimeError, LEAF):
            write()
    assert x.tolist() == [1.0, 2.0] and x._version == 0


def test_in_place_on_a_view_of_a_leaf_is_refused_before_it_happens(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    with observe.raises(RuntimeError, LEAF_VIEW):
        x[0] = 5.0
    with observe.raises(RuntimeError, LEAF_VIEW):
        x[:1].mul_(2)
    with observe.raises(RuntimeError, LEAF_VIEW):
        x.view(2, 1).zero_()
    assert x.tolist() == [1.0, 2.0] and x._version == 0


def test_leaf_in_place_is_allowed_and_counted_in_no_grad(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    with lib.no_grad():
        x.add_(1)
        x[0] = 7.0
    assert x.tolist() == [7.0, 3.0] and x._version == 2 and x.is_leaf and x.requires_grad
    observe(x=x)


def test_saved_input_overwritten(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    z = y * y
    y.add_(1)
    with observe.raises(RuntimeError, MODIFIED):
        z.sum().backward()


def test_saved_output_overwritten(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = lib.exp(x)
    y.add_(1)
    with observe.raises(RuntimeError, MODIFIED):
        y.sum().backward()


def test_the_sentence_names_type_shape_and_versions(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = lib.exp(x)
    y.add_(1)
    with observe.raises(RuntimeError, f"{MODIFIED}: [torch.FloatTensor [3]], which is output 0 of Exp"):
        y.sum().backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="is at version 1; expected version 0 instead"):
        y.sum().backward()


def test_only_what_the_formula_needs_is_saved(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x + 1
    z = y + 2
    y.mul_(10)
    z.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
    observe(x=x, y=y, z=z)


def test_a_constant_factor_does_not_save_the_tensor(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    z = y * 3
    y.zero_()
    z.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
    observe(x=x, y=y)


def test_what_needs_no_gradient_is_not_saved(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    constant = lib.tensor([3.0, 4.0])
    z = y * constant
    y.zero_()
    z.sum().backward()
    assert x.grad.tolist() == [3.0, 4.0]
    z = x * constant
    constant.zero_()
    with observe.raises(RuntimeError, MODIFIED):
        z.sum().backward()


def test_a_step_between_two_backwards(lib: Any, observe: Any) -> None:
    w = lib.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    x = lib.tensor([[1.0, 1.0]], requires_grad=True)
    first, second = (x @ w).sum(), (x @ w).pow(2).sum()
    first.backward()
    with lib.no_grad():
        w.sub_(0.1)
    with observe.raises(RuntimeError, MODIFIED):
        second.backward()


def test_out_refuses_gradients(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    out = lib.zeros(2)
    words = (
        "add(): functions with out=... arguments don't support automatic differentiation, "
        "but one of the arguments requires grad."
    )
    with observe.raises(RuntimeError, words):
        lib.add(x, 1, out=out)
    assert out.tolist() == [0.0, 0.0]
    with lib.no_grad():
        assert lib.add(x, 1, out=out) is out
    assert out.tolist() == [2.0, 3.0]


def test_resize_refuses_gradients(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    with observe.raises(RuntimeError, "cannot resize variables that require grad"):
        x.resize_(3)


def test_in_place_on_expanded_memory_is_refused(lib: Any, observe: Any) -> None:
    x = lib.zeros(1, 2)
    expanded = x.expand(3, 2)
    words = (
        "unsupported operation: more than one element of the written-to tensor refers to a "
        "single memory location."
    )
    with observe.raises(RuntimeError, words):
        expanded.add_(1)
    assert x.tolist() == [[0.0, 0.0]] and x._version == 0


def test_in_place_cannot_change_dtype_or_shape(lib: Any, observe: Any) -> None:
    x = lib.tensor([1, 2])
    with observe.raises(RuntimeError, "result type Float can't be cast to the desired output type"):
        x.add_(1.5)
    with observe.raises(RuntimeError, "output with shape [2] doesn't match the broadcast shape [3, 2]"):
        x.add_(lib.ones(3, 2, dtype=lib.int64))
    assert x.tolist() == [1, 2] and x._version == 0
    y = lib.tensor([1.0])
    y.add_(lib.tensor([1.0], dtype=lib.float64))
    assert y.dtype == lib.float32 and y.tolist() == [2.0]


def test_a_failed_write_changes_nothing(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    node = y.grad_fn
    with pytest.raises((RuntimeError, IndexError)):
        y[5] = 1.0
    with pytest.raises(RuntimeError):
        y.copy_(lib.zeros(3))
    assert y._version == 0 and y.tolist() == [2.0, 4.0] and y.grad_fn.name() == node.name()
    y.sum().backward()
    observe(x=x, y=y)


def test_setitem_of_a_grad_tensor_into_a_plain_one(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    plain = lib.zeros(3)
    plain[1:] = x
    assert not plain.is_leaf and plain.grad_fn.name().endswith("CopySlices")
    (plain * plain).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]
    observe(x=x, plain=plain)


def test_an_accumulator_joins_the_graph(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    total = lib.zeros(())
    for n in range(3):
        total += (x * n).sum()
    assert not total.is_leaf
    total.backward()
    assert x.grad.tolist() == [3.0, 3.0]
    observe(total=total, x=x)


def test_an_in_place_operator_on_an_integer_tensor(lib: Any, observe: Any) -> None:
    n = lib.tensor([1, 2, 3])
    n += 1
    n[0] = 7
    assert n.tolist() == [7, 3, 4] and n._version == 2
    observe(n=n)


@pytest.mark.parametrize(
    ("shape", "wrap"), [((3, 3), False), ((2, 4), False), ((7, 2), True), ((2, 2, 2), False)]
)
def test_fill_diagonal(lib: Any, observe: Any, shape: tuple[int, ...], wrap: bool) -> None:
    x = lib.ones(*shape, requires_grad=True)
    y = x * 2
    y.fill_diagonal_(5.0, wrap)
    y.sum().backward()
    observe.gradients(y=y.detach(), x=x.grad)


def test_fill_diagonal_refusals(lib: Any, observe: Any) -> None:
    with observe.raises(RuntimeError, "dimensions must larger than 1"):
        lib.ones(3).fill_diagonal_(1.0)
    with observe.raises(RuntimeError, "all dimensions of input must be of equal length"):
        lib.ones(3, 2, 3).fill_diagonal_(1.0)
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad is being used in an in-place"):
        lib.ones(2, 2, requires_grad=True).fill_diagonal_(1.0)


def test_the_newer_siblings_write_in_place(lib: Any, observe: Any) -> None:
    x = lib.tensor([[3.0, 4.0], [0.3, 0.4]], requires_grad=True)
    y = x * 1
    y.renorm_(2, 0, 1.0).put_(lib.tensor([3]), lib.tensor([7.0])).addr_(lib.ones(2), lib.ones(2))
    y.as_strided_((3,), (1,))
    y.sum().backward()
    observe(y=y, x=x)
