"""The state of a Tensor: flags, grad, conversion to numbers and arrays."""

from __future__ import annotations

import copy
import math
import pickle
import warnings
from typing import Any

import numpy as np
import pytest


def test_requires_grad_is_for_floating_types(lib: Any, observe: Any) -> None:
    with observe.raises(
        RuntimeError, "Only Tensors of floating point and complex dtype can require gradients"
    ):
        lib.tensor([1, 2], requires_grad=True)
    with observe.raises(RuntimeError, "only Tensors of floating point dtype can require gradients"):
        lib.tensor([1, 2]).requires_grad_()
    with observe.raises(
        RuntimeError, "only Tensors of floating point and complex dtype can require gradients"
    ):
        lib.tensor([1, 2]).requires_grad = True
    assert lib.tensor([1j]).requires_grad_().requires_grad


def test_requires_grad_changes_on_leaves_only(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    y = x * 2
    words = (
        "you can only change requires_grad flags of leaf variables. If you want to use a "
        "computed variable in a subgraph"
    )
    with observe.raises(RuntimeError, words):
        y.requires_grad = False
    y.requires_grad_(True)
    x.requires_grad = False
    assert not x.requires_grad and y.requires_grad


def test_flipping_the_flag_after_the_forward_drops_the_gradient(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = (x * 3).sum()
    x.requires_grad_(False)
    y.backward()
    assert x.grad is None


def test_is_leaf(lib: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    assert (
        x.is_leaf
        and lib.zeros(1).is_leaf
        and not (x * 2).is_leaf
        and x.detach().is_leaf
        and (lib.zeros(1) * 2).is_leaf
    )


def test_grad_fn_and_the_graph(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0], requires_grad=True)
    y = x * 2
    z = y + x
    assert x.grad_fn is None
    assert z.grad_fn.name().startswith("Add") and y.grad_fn.name().startswith("Mul")
    (left, left_nr), (right, _) = z.grad_fn.next_functions
    assert left.name() == y.grad_fn.name() and left_nr == 0
    assert "AccumulateGrad" in right.name() and right.variable is x
    constant = (y * lib.ones(1)).grad_fn.next_functions
    assert constant[1][0] is None or len(constant) == 1
    observe(z=z)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("AddBackward0", lambda x: x + 1),
        ("SubBackward0", lambda x: x - 1),
        ("MulBackward0", lambda x: x * 2),
        ("DivBackward0", lambda x: x / 2),
        ("NegBackward0", lambda x: -x),
        ("PowBackward0", lambda x: x**2),
        ("ExpBackward0", lambda x: x.exp()),
        ("LogBackward0", lambda x: x.log()),
        ("SigmoidBackward0", lambda x: x.sigmoid()),
        ("TanhBackward0", lambda x: x.tanh()),
        ("ReluBackward0", lambda x: x.relu()),
        ("SumBackward0", lambda x: x.sum()),
        ("MeanBackward0", lambda x: x.mean()),
        ("CloneBackward0", lambda x: x.clone()),
        ("ViewBackward0", lambda x: x.view(1, 2)),
        ("SelectBackward0", lambda x: x[0]),
        ("SliceBackward0", lambda x: x[1:]),
        ("UnbindBackward0", lambda x: x.unbind()[0]),
        ("ExpandBackward0", lambda x: x.expand(2, 2)),
        ("IndexBackward0", lambda x: x[[0, 1]]),
        ("MaxBackward0", lambda x: x.max(0).values),
        ("MaxBackward1", lambda x: x.max()),
    ],
)
def test_names_of_nodes(lib: Any, name: str, make: Any) -> None:
    assert make(lib.tensor([1.0, 2.0], requires_grad=True)).grad_fn.name() == name


def test_grad_assignment(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    x.grad = lib.ones(3)
    x.grad = None
    cases: list[tuple[Any, type[BaseException], str]] = [
        (
            lib.ones(2),
            RuntimeError,
            "attempting to assign a gradient of size '[2]' to a tensor of size '[3]'. Please ensure",
        ),
        (
            lib.ones(3, dtype=lib.float64),
            RuntimeError,
            "attempting to assign a gradient with dtype 'double' to a tensor with grad_dtype 'Float'.",
        ),
        (3, TypeError, "assigned grad expected to be a Tensor or None but got grad of type int"),
        (x, RuntimeError, "can't assign Variable as its own grad"),
    ]
    for value, error, words in cases:
        with observe.raises(error, words):
            x.grad = value
    assert x.grad is None


def test_reading_grad_of_a_non_leaf_warns(lib: Any) -> None:
    y = lib.ones(1, requires_grad=True) * 2
    with pytest.warns(
        UserWarning, match="The .grad attribute of a Tensor that is not a leaf Tensor is being accessed."
    ):
        assert y.grad is None
    y.retain_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert y.grad is None


def test_deepcopy(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    x.sum().backward()
    twin = copy.deepcopy(x)
    assert (
        twin.requires_grad
        and twin.is_leaf
        and twin.grad.tolist() == [1.0, 1.0]
        and twin.data_ptr() != x.data_ptr()
    )
    with observe.raises(
        RuntimeError,
        "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol",
    ):
        copy.deepcopy(x * 2)
    a = lib.zeros(4)
    a2, b2 = copy.deepcopy((a, a[:2]))
    a2[0] = 5.0
    assert b2[0].item() == 5.0
    observe(twin=twin)


def test_pickle(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    twin = pickle.loads(pickle.dumps(x))
    assert twin.tolist() == [1.0, 2.0] and twin.requires_grad and twin.is_leaf


def test_numbers(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.5, 2.0, 3.0])
    assert (
        x[0].item() == 1.5 and float(x[0]) == 1.5 and int(x[1]) == 2 and bool(x[0]) and complex(x[0]) == 1.5
    )
    assert lib.tensor([[7]]).item() == 7 and [10, 20, 30][lib.tensor(1)] == 20
    with observe.raises(RuntimeError, "a Tensor with 3 elements cannot be converted to Scalar"):
        x.item()
    with observe.raises(RuntimeError, "Boolean value of Tensor with more than one value is ambiguous"):
        bool(x)
    with observe.raises(RuntimeError, "Boolean value of Tensor with no values is ambiguous"):
        bool(lib.zeros(0))


def test_float_of_a_tensor_in_the_graph_warns(lib: Any) -> None:
    x = lib.tensor(2.0, requires_grad=True)
    with pytest.warns(
        UserWarning,
        match="Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.",
    ):
        assert float(x * 2) == 4.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (x * 2).item() == 4.0


def test_numpy_is_refused_in_the_graph(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    words = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
    for convert in (lambda: x.numpy(), lambda: np.asarray(x), lambda: (x * 2).numpy()):
        with observe.raises(RuntimeError, words):
            convert()
    assert x.numpy(force=True).tolist() == [1.0, 2.0]
    assert x.detach().numpy().tolist() == [1.0, 2.0]


def test_numpy_shares_memory(lib: Any) -> None:
    x = lib.tensor([1.0, 2.0])
    array = x.numpy()
    x.add_(1)
    assert array.tolist() == [2.0, 3.0]
    source = np.array([1.0, 2.0])
    assert lib.tensor(source).data_ptr() != source.ctypes.data
    assert lib.from_numpy(source).data_ptr() == source.ctypes.data


def test_comparison_and_containers(lib: Any) -> None:
    x = lib.tensor([1.0, 2.0])
    assert (x == x).tolist() == [True, True] and len(x) == 2 and 2.0 in x and hash(x) == hash(x)
    assert [v.item() for v in x] == [1.0, 2.0] and {x: 1}[x] == 1
    with pytest.raises(TypeError, match="len\\(\\) of a 0-d tensor"):
        len(lib.tensor(1.0))
    with pytest.raises(TypeError, match="iteration over a 0-d tensor"):
        iter(lib.tensor(1.0))


def test_iteration_is_differentiable(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    sum(v * n for n, v in enumerate(x)).backward()
    assert x.grad.tolist() == [0.0, 1.0, 2.0]


def test_shape_properties(lib: Any) -> None:
    x = lib.zeros(2, 3, 4)
    assert x.shape == (2, 3, 4) and x.size() == (2, 3, 4) and x.size(-1) == 4 and x.dim() == x.ndim == 3
    assert (
        x.numel() == x.nelement() == 24
        and x.element_size() == 4
        and x.dtype == lib.float32
        and x.itemsize == 4
    )
    assert x.is_floating_point() and not x.is_complex() and x.shape.numel() == 24 and x.nbytes == 96


def test_repr(lib: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x) == "tensor([1., 2.], requires_grad=True)"
    assert "grad_fn=<MulBackward0>" in repr(x * 2)
    assert repr(lib.tensor([1, 2])) == "tensor([1, 2])" and repr(lib.tensor(True)) == "tensor(True)"
    assert "dtype=" in repr(lib.tensor([1.0], dtype=lib.float64))


def test_default_dtypes(lib: Any) -> None:
    assert lib.tensor([1.0]).dtype == lib.float32 and lib.tensor([1]).dtype == lib.int64
    assert lib.tensor([True]).dtype == lib.bool and lib.tensor([1j]).dtype == lib.complex64
    assert lib.arange(3).dtype == lib.int64 and lib.ones(1).dtype == lib.float32
    assert lib.tensor(np.float64(1.0)).dtype == lib.float64 and lib.tensor(np.ones(1)).dtype == lib.float64


def test_conversions_keep_the_graph(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.5, 2.5], requires_grad=True)
    for convert in (
        lambda t: t.double(),
        lambda t: t.to(lib.float64),
        lambda t: t.half().float(),
        lambda t: t.type_as(lib.ones(1, dtype=lib.float64)),
    ):
        x.grad = None
        convert(x).sum().backward()
        assert x.grad.tolist() == [1.0, 1.0] and x.grad.dtype == lib.float32
    assert x.float() is x and x.to(lib.float32) is x and x.to(lib.float32, copy=True) is not x
    assert x.long().tolist() == [1, 2] and not x.long().requires_grad


def test_hash_is_identity_and_output_nr(lib: Any) -> None:
    x = lib.arange(4.0).requires_grad_()
    a, b = x.split(2)
    assert (a.output_nr, b.output_nr) == (0, 1) and x.output_nr == 0


def test_questions_about_types_and_shapes(lib: Any) -> None:
    whole, half = lib.tensor([1, 2]), lib.tensor(0.5)
    assert str(lib.result_type(whole, 2.5)) == "torch.float32"
    assert str(lib.result_type(whole, half)) == "torch.float32"
    assert str(lib.result_type(lib.ones(1, dtype=lib.float16), half)) == "torch.float16"
    assert tuple(lib.broadcast_shapes((3, 1), (4,), 1)) == (3, 4)
    with pytest.raises(RuntimeError):
        lib.broadcast_shapes((2,), (3,))
    assert lib.is_signed(whole) and not lib.is_signed(lib.ones(1, dtype=lib.uint8))
    assert not lib.is_inference(whole) and not lib.is_conj(whole) and not lib.is_neg(whole)
    assert lib.ones(2, 3).is_same_size(lib.zeros(2, 3)) and whole.ndimension() == 1
    assert whole.resolve_conj().tolist() == whole.resolve_neg().tolist() == [1, 2]
    assert (lib.pi, lib.e, lib.inf, lib.newaxis) == (math.pi, math.e, math.inf, None) and math.isnan(lib.nan)


def test_detach_as_a_function(lib: Any, observe: Any) -> None:
    x = lib.ones(2, requires_grad=True)
    observe(detached=lib.detach(x * 2))


def test_a_tensor_on_the_memory_of_a_buffer(lib: Any, observe: Any) -> None:
    buffer = bytearray([1, 0, 2, 0, 3, 0])
    x = lib.frombuffer(buffer, dtype=lib.int16, count=2, offset=2)
    buffer[2] = 9
    observe(x=x)
    with observe.raises(ValueError, "buffer length (3 bytes) after offset (0 bytes) must be a multiple of"):
        lib.frombuffer(buffer[:3], dtype=lib.int16)


def test_distances_are_found_beside_the_operators_too(lib: Any) -> None:
    x = lib.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert lib.cosine_similarity(x, x).tolist() == pytest.approx([1.0, 1.0])
    assert lib.pixel_shuffle(x.reshape(1, 4, 1, 1), 2).shape == (1, 1, 2, 2)
