"""The operator table, row by row, against PyTorch's recorded results and against itself."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from types import CodeType
from typing import Any

import numpy as np
import pytest

from tests.op_samples import FAMILIES, ROWS, Row, keyed
from tests.op_samples.run import Call, exercise, outcome, record_row
from tests.oracle import assert_same, difference, to_numpy
from tests.promotion import promotion_table
from tests.recording import load_arrays, load_facts

NAMED = [
    pytest.param(family, key, row, id=key) for family, rows in FAMILIES.items() for key, row in keyed(rows)
]
DIFFERENTIABLE = [param for param in NAMED if param.values[2].differentiable]
REFUSED = [param for param in NAMED if param.values[2].refusals]

each_row = pytest.mark.parametrize(("family", "key", "row"), NAMED)
each_differentiable = pytest.mark.parametrize(("family", "key", "row"), DIFFERENTIABLE)
pytestmark = pytest.mark.filterwarnings("ignore")


@contextmanager
def fused_cross_entropy() -> Iterator[None]:
    """Samples are small, where cross entropy is two plain operators: have it take the way of large ones."""
    from upriver.ops import loss

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loss, "SMALL", 0)
        yield


def test_the_fused_cross_entropy_gives_the_same() -> None:
    import upriver as up

    scores = np.random.default_rng(0).standard_normal((5, 4))
    target = up.tensor([1, 0, -100, 3, 2])
    found = []
    for way in (nullcontext, fused_cross_entropy):
        with way():
            x = up.tensor(scores, requires_grad=True)
            value = up.nn.functional.cross_entropy(x, target)
            (first,) = up.autograd.grad(value, x, create_graph=True)
            (second,) = up.autograd.grad((first * first).sum(), x)
            found.append((value.detach(), first.detach(), second))
    for plain, fused in zip(*found, strict=True):
        np.testing.assert_allclose(fused.numpy(), plain.numpy(), rtol=1e-12, atol=1e-14)


def run_rows(up: Any, rows: list[Row]) -> None:
    """Every sample, forward and backward; their own tests report what fails."""
    for row in rows:
        for _, sample in [*row.each(), *row.each_special()]:
            with suppress(RuntimeError, TypeError, AttributeError, IndexError):
                outcome(up, row, sample)
                exercise(up, row, sample)


def test_every_operator_and_every_rule_is_exercised_by_a_row() -> None:
    """Run the table under a profiler and see which entries of the registry were called."""
    import upriver as up
    from upriver.ops.registry import OPERATORS

    called: set[CodeType] = set()
    specialised: set[str] = (
        set()
    )  # recorders of entries whose forward is a plain ufunc, which they call directly

    def note(frame: Any, event: str, _: Any) -> None:
        if event == "call":
            called.add(frame.f_code)
            if frame.f_code.co_filename.startswith("<upriver "):
                specialised.add(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        run_rows(up, ROWS)
        with fused_cross_entropy():
            run_rows(up, [row for row in ROWS if row.name == "nn.functional.cross_entropy"])
    finally:
        sys.setprofile(None)
    missing = [
        name
        for name, operator in OPERATORS.items()
        if operator.forward.__code__ not in called and not (operator.ufunc and name in specialised)
    ]
    unused = [
        f"{name} by {input_name}"
        for name, operator in OPERATORS.items()
        for input_name, derivative in operator.rules.items()
        if derivative.__code__ not in called
    ]
    assert not missing, f"operators that no row in tests/op_samples runs: {', '.join(sorted(missing))}"
    assert not unused, f"derivative rules that no row in tests/op_samples runs: {', '.join(sorted(unused))}"


@each_row
def test_results_and_gradients_are_pytorchs(up: Any, family: str, key: str, row: Row) -> None:
    recorded = load_arrays(family)
    found = record_row(up, row)
    prefix = f"{key}/"
    expected = {k.removeprefix(prefix) for k in recorded if k.startswith(prefix)}
    problems = [
        f"{k}: {'missing' if k in expected else 'not in PyTorch'}" for k in sorted(expected ^ set(found))
    ]
    for name in sorted(expected & set(found)):
        wrong = difference(found[name], recorded[prefix + name], row.loose)
        problems += [f"{name}: {wrong}"] if wrong else []
    assert not problems, "\n" + "\n".join(problems[:12])


def checked(row: Row) -> list[tuple[str, Any]]:
    """The samples finite differences are taken of: float64, and complex where supported."""
    samples = list(row.each()) if "float64" in row.dtypes else []
    return samples + (list(row.each("complex128"))[:2] if "complex128" in row.dtypes else [])


@each_differentiable
def test_gradcheck(up: Any, family: str, key: str, row: Row) -> None:
    for label, sample in checked(row):
        call = Call(up, row, sample)
        if call.leaves and all(leaf.numel() for leaf in call.leaves) and call.differentiable(*call.leaves):
            assert up.autograd.gradcheck(call.differentiable, tuple(call.leaves)), label


@each_differentiable
def test_gradgradcheck(up: Any, family: str, key: str, row: Row) -> None:
    if not row.twice:
        return
    for label, sample in checked(row):
        call = Call(up, row, sample)
        sizes = [leaf.numel() for leaf in call.leaves]
        if all(sizes) and sum(sizes) <= 16 and followed_twice(up, call):
            assert up.autograd.gradgradcheck(call.differentiable, tuple(call.leaves)), label


def followed_twice(up: Any, call: Call) -> bool:
    """Whether the gradient itself depends on something."""
    outputs = call.differentiable(*call.leaves)
    if not outputs:
        return False
    weights = [up.ones_like(o).requires_grad_() for o in outputs]
    grads = up.autograd.grad(outputs, call.leaves, weights, create_graph=True, allow_unused=True)
    return all(g is not None and g.requires_grad for g in grads)


@each_differentiable
def test_gradients_are_the_same_with_create_graph(up: Any, family: str, key: str, row: Row) -> None:
    for label, sample in row.each():
        plain, graphed = outcome(up, row, sample), outcome(up, row, sample, create_graph=True)
        for name in plain:
            assert_same(graphed[name], plain[name], f"{label} {name}", row.loose)


@each_row
def test_strided_inputs_give_the_same_result(up: Any, family: str, key: str, row: Row) -> None:
    for label, sample in row.each() if row.any_layout else ():
        plain, strided = outcome(up, row, sample), outcome(up, row, sample, strided=True)
        for name in plain:
            assert_same(strided[name], plain[name], f"{label} {name}", row.loose)


@each_row
def test_graph_state_of_results(up: Any, family: str, key: str, row: Row) -> None:
    for label, sample in row.each():
        call = Call(up, row, sample)
        first = call.outputs()[0]
        followed = bool(call.leaves) and to_numpy(first).dtype.kind in "fc"
        assert getattr(first, "requires_grad", False) == followed, label
        if not any(first is leaf for leaf in call.leaves):
            assert (getattr(first, "grad_fn", None) is not None) == followed, label
        with up.no_grad():
            assert all(getattr(o, "grad_fn", None) is None for o in call.outputs()), label


@each_row
def test_inputs_are_left_alone(up: Any, family: str, key: str, row: Row) -> None:
    for label, sample in row.each():
        call = Call(up, row, sample, grad=False)
        tensors = [a for a in call.args if hasattr(a, "_version")]
        before = [(to_numpy(t), t._version) for t in tensors]
        call.outputs()
        for tensor, (value, version) in zip(tensors, before, strict=True):
            assert tensor._version == version and np.array_equal(to_numpy(tensor), value, equal_nan=True), (
                label
            )


@each_row
def test_the_method_is_the_function(up: Any, family: str, key: str, row: Row) -> None:
    name = row.name
    for label, sample in row.each():
        first = sample.args[0] if sample.args else None
        if row.call or "." in name or not isinstance(first, np.ndarray) or name in NO_METHOD:
            return
        call = Call(up, row, sample, grad=False)
        method = getattr(call.args[0], name)(*call.args[1:], **call.kwargs)
        results = list(method) if isinstance(method, (tuple, list)) else [method]
        for ours, function in zip(results, call.outputs(), strict=True):
            assert_same(ours, function, label)


# Functions whose method is missing or means something else.
NO_METHOD = frozenset(
    {"real", "imag", "complex", "polar", "where", "searchsorted", "cdist", "kron", "tensordot", "meshgrid"}
    | {"block_diag", "cartesian_prod", "combinations", "isin", "unravel_index"}
    | {
        "trapezoid",
        "cumulative_trapezoid",
        "atleast_1d",
        "atleast_2d",
        "atleast_3d",
        "zeros_like",
        "ones_like",
    }
    | {"view_as_complex", "view_as_real", "var_mean", "std_mean", "broadcast_tensors"}
)


@pytest.mark.parametrize(("family", "key", "row"), REFUSED)
def test_wrong_calls_are_refused_in_pytorchs_words(up: Any, family: str, key: str, row: Row) -> None:
    for refusal in row.refusals:
        call = Call(up, row, refusal.sample)
        with pytest.raises(refusal.error) as raised:
            call.outputs()
        assert str(raised.value).startswith(refusal.starts), str(raised.value)


def test_promotion_is_pytorchs(up: Any) -> None:
    """Where PyTorch answers (complex32, which few have, counts as a refusal), the dtype is the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, expected = promotion_table(up), load_facts("promotion")
    wrong = [
        f"{key}: {mine} instead of {theirs}"
        for key in expected
        for mine, theirs in zip(found[key].split(), expected[key].split(), strict=True)
        if mine != theirs and theirs != "refused"
    ]
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:20])
