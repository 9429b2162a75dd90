"""Bad input to the common functions: PyTorch's class and sentence, on both libraries."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[[Any], Any]

WRONG_KIND: list[tuple[str, type[Exception], Call]] = [
    ("only one element tensors can be converted to Python scalars", ValueError,
     lambda lib: float(lib.ones(2))),
    ("only one element tensors can be converted to Python scalars", ValueError,
     lambda lib: int(lib.ones(0))),
    ("only one element tensors can be converted to Python scalars", ValueError,
     lambda lib: math.floor(lib.ones(3))),
    ("value cannot be converted to type double without overflow", RuntimeError,
     lambda lib: float(lib.tensor(1 + 2j))),
    ("value cannot be converted to type int64_t without overflow", RuntimeError,
     lambda lib: int(lib.tensor(1 + 2j))),
    ("unsupported format string passed to Tensor.__format__", TypeError, lambda lib: f"{lib.ones(2):.2f}"),
    ("mat1 and mat2 must have the same dtype, but got Double and Float", RuntimeError,
     lambda lib: lib.nn.Linear(2, 3)(lib.zeros(3, 2, dtype=lib.float64))),
    ("expected m1 and m2 to have the same dtype, but got: double != float", RuntimeError,
     lambda lib: lib.nn.Linear(2, 3, bias=False)(lib.zeros(3, 2, dtype=lib.float64))),
    ("params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
     "torch.FloatTensor", TypeError, lambda lib: lib.optim.SGD(lib.ones(2), lr=0.1)),
    ("LBFGS.step() missing 1 required positional argument: 'closure'", TypeError,
     lambda lib: lib.optim.LBFGS([lib.ones(2, requires_grad=True)]).step()),
]  # fmt: skip

FLOAT_POSITIONS: list[tuple[str, type[Exception], Call]] = [
    ("gather(): Expected dtype int32/int64 for index", RuntimeError, lambda x: x.gather(0, x)),
    ("scatter(): Expected dtype int32/int64 for index", RuntimeError, lambda x: x.scatter(0, x, 1.0)),
    ("scatter(): Expected dtype int32/int64 for index", RuntimeError, lambda x: x.scatter_add(0, x, x)),
    ("index_select(): Expected dtype int32 or int64 for index", RuntimeError, lambda x: x.index_select(0, x)),
    ("index_add_(): Expected dtype int32/int64 for index but got: Float", RuntimeError,
     lambda x: x.index_add(0, x, x)),
    ("index_copy_(): Expected a long tensor for index, but got Float", RuntimeError,
     lambda x: x.index_copy(0, x, x)),
    ("take(): Expected a long tensor for index, but got Float", RuntimeError, lambda x: x.take(x)),
]  # fmt: skip

NO_ORDER: list[tuple[str, type[Exception], Call]] = [
    ("\"lt_cpu\" not implemented for 'ComplexFloat'", NotImplementedError, lambda z: z < z),
    ("\"ge_cpu\" not implemented for 'ComplexFloat'", NotImplementedError, lambda z: z >= z),
    ("\"remainder_cpu\" not implemented for 'ComplexFloat'", NotImplementedError, lambda z: z.remainder(z)),
    ("argmax(): does not support complex input", RuntimeError, lambda z: z.argmax()),
    ("maximum not implemented for complex tensors.", RuntimeError, lambda z: z.maximum(z)),
    ("clamp is not supported for complex types", NotImplementedError, lambda z: z.clamp(0, 1)),
    ("floor is not supported for complex inputs", NotImplementedError, lambda z: z.floor()),
    ("Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.",
     NotImplementedError, lambda z: z.sign()),
    (" Sort does not support complex dtypes on CPU", RuntimeError, lambda z: z.sort()),
]  # fmt: skip


OUTSIDE: list[tuple[str, type[Exception], Call]] = [
    ("index out of range in self", IndexError, lambda lib: lib.ones(3).index_select(0, lib.tensor([9]))),
    ("index 9 is out of bounds for dimension 0 with size 3", RuntimeError,
     lambda lib: lib.ones(3, 2).index_add(0, lib.tensor([9]), lib.ones(1, 2))),
    ("index_copy_(): index 9 is out of bounds for dimension 0 with size 3", IndexError,
     lambda lib: lib.ones(3).index_copy(0, lib.tensor([9]), lib.ones(1))),
    ("out of range: tried to access index 9 on a tensor of 3 elements.", IndexError,
     lambda lib: lib.ones(3).take(lib.tensor([9]))),
    ("only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got "
     "float)", IndexError, lambda lib: lib.ones(3)[1.5]),
    ("tensors used as indices must be long, int, byte or bool tensors", IndexError,
     lambda lib: lib.ones(3)[lib.ones(1)]),
    ("The size of tensor a (2) must match the size of tensor b (5) at non-singleton dimension 1",
     RuntimeError,
     lambda lib: lib.ones(4, 5).masked_select(lib.tensor([True, False]))),
    ("The size of tensor a (2) must match the size of tensor b (5) at non-singleton dimension 1",
     RuntimeError,
     lambda lib: lib.ones(4, 5).masked_scatter(lib.tensor([True, False]), lib.ones(4, 5))),
    ("masked_select: expected BoolTensor for mask", RuntimeError,
     lambda lib: lib.ones(2).masked_select(lib.tensor([1, 0]))),
    ("tril: input tensor must have at least 2 dimensions", RuntimeError, lambda lib: lib.tril(lib.ones(2))),
    ("shape '[-1, 0]' is invalid for input of size 3", RuntimeError, lambda lib: lib.ones(3).reshape(-1, 0)),
]  # fmt: skip

NOTHING_MADE: list[tuple[str, type[Exception], Call]] = [
    ("torch.cat(): expected a non-empty list of Tensors", ValueError, lambda lib: lib.cat([])),
    ("hstack expects a non-empty TensorList", RuntimeError, lambda lib: lib.hstack([])),
    ("vstack expects a non-empty TensorList", RuntimeError, lambda lib: lib.vstack([])),
    ("meshgrid expects a non-empty TensorList", RuntimeError, lambda lib: lib.meshgrid()),
    ("full(): argument 'fill_value' (position 2) must be Number, not str", TypeError,
     lambda lib: lib.full((2,), "a")),
    ("number of steps must be non-negative", RuntimeError, lambda lib: lib.linspace(0, 1, -1)),
    ("n must be greater or equal to 0, got -2", RuntimeError, lambda lib: lib.eye(-2)),
    ("Trying to create tensor with negative dimension -1: [-1]", RuntimeError, lambda lib: lib.randperm(-1)),
    ("normal expects std >= 0.0, but found std -1", RuntimeError, lambda lib: lib.normal(0.0, -1.0, (2,))),
    ("arange(): argument '", TypeError, lambda lib: lib.arange("a")),
    ("expected sequence of length 1 at dim 1 (got 2)", ValueError, lambda lib: lib.tensor([[1], [2, 3]])),
    ("expected sequence of length 1 at dim 2 (got 2)", ValueError, lambda lib: lib.tensor([[[1], [2, 3]]])),
    ("not a sequence", TypeError, lambda lib: lib.tensor([[1, 2], 3])),
    ("linear(): argument 'input' (position 1) must be Tensor, not list", TypeError,
     lambda lib: lib.nn.Linear(2, 2)([1.0, 2.0])),
    ("\"bitwise_and_cpu\" not implemented for 'Float'", NotImplementedError,
     lambda lib: lib.ones(2) & lib.ones(2)),
    ("\"lshift_cpu\" not implemented for 'Float'", NotImplementedError, lambda lib: lib.ones(2) << 1),
]  # fmt: skip

LOSSES_AND_PADDING: list[tuple[str, type[Exception], Call]] = [
    ("Expected input batch_size (3) to match target batch_size (2).", ValueError,
     lambda lib: lib.nn.functional.cross_entropy(lib.ones(3, 4), lib.tensor([0, 1]))),
    ("expected target dtype to be Long or Byte, but got Float", RuntimeError,
     lambda lib: lib.nn.functional.cross_entropy(lib.ones(3, 4), lib.ones(3))),
    ("Padding length must be divisible by 2", RuntimeError,
     lambda lib: lib.nn.functional.pad(lib.ones(3, 4), (1,))),
    ("Padding length should be less than or equal to two times the input dimension but got padding length 6 "
     "and input of dimension 2", RuntimeError,
     lambda lib: lib.nn.functional.pad(lib.ones(3, 4), (1,) * 6)),
    ("The size of tensor a (4) must match the size of tensor b (5) at non-singleton dimension 1",
     RuntimeError, lambda lib: lib.cosine_similarity(lib.ones(3, 4), lib.ones(5))),
]  # fmt: skip

ODD_SIZES: list[Call] = [
    lambda lib: lib.zeros("a"),
    lambda lib: lib.zeros(2.5),
    lambda lib: lib.ones(4).view(2.0, 2),
    lambda lib: lib.ones(4).sum("a"),
    lambda lib: lib.ones(4).tile("a"),
]


def check(sentence: str, error: type[Exception], call: Call, given: Any) -> None:
    """The call raises exactly this class, PyTorch's sentence first."""
    with pytest.raises(error) as raised:
        call(given)
    assert type(raised.value) is error
    assert str(raised.value).startswith(sentence), str(raised.value)


@pytest.mark.parametrize(("sentence", "error", "call"), WRONG_KIND)
def test_values_of_the_wrong_kind(lib: Any, sentence: str, error: type[Exception], call: Call) -> None:
    check(sentence, error, call, lib)


@pytest.mark.parametrize(("sentence", "error", "call"), FLOAT_POSITIONS)
def test_positions_are_whole_numbers(lib: Any, sentence: str, error: type[Exception], call: Call) -> None:
    check(sentence, error, call, lib.ones(2))


@pytest.mark.parametrize(("sentence", "error", "call"), NO_ORDER)
def test_complex_numbers_have_no_order(lib: Any, sentence: str, error: type[Exception], call: Call) -> None:
    check(sentence, error, call, lib.tensor([1j, 2.0]))


@pytest.mark.parametrize(("sentence", "error", "call"), OUTSIDE)
def test_positions_outside(lib: Any, sentence: str, error: type[Exception], call: Call) -> None:
    check(sentence, error, call, lib)


@pytest.mark.parametrize(("sentence", "error", "call"), NOTHING_MADE)
def test_nothing_to_make(lib: Any, sentence: str, error: type[Exception], call: Call) -> None:
    check(sentence, error, call, lib)


@pytest.mark.parametrize(("sentence", "error", "call"), LOSSES_AND_PADDING)
def test_losses_and_padding(lib: Any, sentence: str, error: type[Exception], call: Call) -> None:
    check(sentence, error, call, lib)


@pytest.mark.parametrize("call", ODD_SIZES)
def test_sizes_are_whole_numbers(lib: Any, call: Call) -> None:
    with pytest.raises(TypeError):
        call(lib)


def test_a_single_number_formats_as_one(lib: Any) -> None:
    x = lib.tensor(2.5, requires_grad=True)
    assert f"{x} {x:.2f} {lib.tensor(3)} {lib.ones(2)}" == "2.5 2.50 3 tensor([1., 1.])"
