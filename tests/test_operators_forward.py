"""Every operator in forward mode: what it does to tangents is the transpose of what it does to cotangents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.op_samples import Row
from tests.op_samples.run import Call, cotangent
from tests.oracle import to_numpy
from tests.test_operators import DIFFERENTIABLE, checked

each_differentiable = pytest.mark.parametrize(("family", "key", "row"), DIFFERENTIABLE)
pytestmark = pytest.mark.filterwarnings("ignore")


def results_of(call: Call, leaves: Any) -> list[Any]:
    """The operator's results for other tensors in place of the call's leaves, as a flat list."""
    taken = iter(leaves)
    args = [call._substitute(a, taken) for a in call.args]
    kwargs = {k: call._substitute(v, taken) for k, v in call.kwargs.items()}
    result = call.row.apply(call.lib, *args, **kwargs)
    return list(result) if isinstance(result, (tuple, list)) else [result]


def inner(a: Any, b: Any) -> float:
    """The real inner product of two tensors."""
    return float((to_numpy(a).conj() * to_numpy(b)).real.sum())


def pulled(up: Any, call: Call) -> tuple[list[Any], list[Any]]:
    """A cotangent for each result that has a history (else None), and what backward makes of them."""
    outputs = results_of(call, call.leaves)
    weights = [
        cotangent(up, o, str(n)) if getattr(o, "requires_grad", False) else None
        for n, o in enumerate(outputs)
    ]
    pairs = [(o, w) for o, w in zip(outputs, weights, strict=True) if w is not None]
    if not pairs:
        return weights, []
    grads = up.autograd.grad(
        [o for o, _ in pairs], call.leaves, [w for _, w in pairs], materialize_grads=True
    )
    return weights, list(grads)


@each_differentiable
@pytest.mark.parametrize("history", [False, True], ids=["plain", "recorded"])
def test_tangents_are_adjoint_to_cotangents(up: Any, family: str, key: str, row: Row, history: bool) -> None:
    forward_ad = up.autograd.forward_ad
    for label, sample in checked(row):
        call = Call(up, row, sample)
        weights, grads = pulled(up, call)
        if not grads:
            continue
        directions = [cotangent(up, leaf, f"t{n}") for n, leaf in enumerate(call.leaves)]
        with forward_ad.dual_level(), up.set_grad_enabled(history):
            leaves = [forward_ad.make_dual(x, t) for x, t in zip(call.leaves, directions, strict=True)]
            unpacked = [forward_ad.unpack_dual(o) for o in results_of(call, leaves) if hasattr(o, "_version")]
        total = 0.0
        for (primal, tangent), weight in zip(unpacked, weights, strict=True):
            assert (tangent is None) == (weight is None), f"{label}: {tangent} beside {weight}"
            if tangent is not None:
                assert tangent.shape == primal.shape and tangent.dtype == primal.dtype, label
                total += inner(weight, tangent)
        expected = sum(inner(g, t) for g, t in zip(grads, directions, strict=True))
        assert np.isclose(total, expected, rtol=1e-8, atol=1e-10), f"{label}: {total} instead of {expected}"


def seconds(up: Any, call: Call) -> tuple[list[Any], list[Any]]:
    """The Hessian of the weighed results along a direction: the tangent of the gradient, and the gradient of
    the tangent.
    """
    forward_ad = up.autograd.forward_ad
    directions = [cotangent(up, leaf, f"t{n}") for n, leaf in enumerate(call.leaves)]
    with forward_ad.dual_level():
        duals = [forward_ad.make_dual(x, t) for x, t in zip(call.leaves, directions, strict=True)]
        outputs = [o for o in results_of(call, duals) if getattr(o, "requires_grad", False)]
        weights = [cotangent(up, o, str(n)) for n, o in enumerate(outputs)]
        pushed = [(forward_ad.unpack_dual(o).tangent, w) for o, w in zip(outputs, weights, strict=True)]
        grads = up.autograd.grad(outputs, call.leaves, weights, retain_graph=True, materialize_grads=True)
        over_reverse = [forward_ad.unpack_dual(g).tangent for g in grads]
    pairs = [(t, w) for t, w in pushed if t.requires_grad]
    if not pairs:
        return over_reverse, [None] * len(grads)
    over_forward = up.autograd.grad(
        [t for t, _ in pairs], call.leaves, [w for _, w in pairs], allow_unused=True
    )
    return over_reverse, list(over_forward)


@each_differentiable
def test_the_tangent_of_a_gradient_is_the_gradient_of_a_tangent(
    up: Any, family: str, key: str, row: Row
) -> None:
    for label, sample in checked(row) if row.twice else ():
        call = Call(up, row, sample)
        if not pulled(up, call)[1]:
            continue
        for leaf, *found in zip(call.leaves, *seconds(up, call), strict=True):
            a, b = (np.zeros(leaf.shape) if each is None else to_numpy(each) for each in found)
            assert np.allclose(a, b, rtol=1e-7, atol=1e-9), f"{label}: {a} is not {b}"
