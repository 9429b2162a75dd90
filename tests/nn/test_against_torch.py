"""Every layer and loss beside PyTorch's: words, state dict, values, first and second derivatives."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import upriver as up
from tests.nn import functional_cases, layer_cases, loss_cases
from tests.nn.layer_cases import Case
from tests.oracle import to_numpy, torch

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore::UserWarning")]

CASES = [
    *layer_cases.activations(), *layer_cases.linear(), *layer_cases.norms(), *layer_cases.convolutions(),
    *layer_cases.pooling(), *layer_cases.padding(), *layer_cases.tables(), *layer_cases.recurrent(),
    *layer_cases.cells(), *layer_cases.attention(), *layer_cases.transformers(), *loss_cases.losses(),
    *functional_cases.functions(),
]  # fmt: skip


@pytest.fixture(autouse=True)
def plain_attention() -> Iterator[None]:
    """PyTorch's fused attention has no second derivative; its plain one has."""
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        yield


@pytest.mark.parametrize("case", CASES, ids=[f"{i} {case.name}" for i, case in enumerate(CASES)])
def test_as_torch(case: Case) -> None:
    theirs, ours = case.build(torch.nn), case.build(up.nn)
    if isinstance(theirs, torch.nn.Module):
        theirs.double()
        ours.double()
        assert repr(ours) == repr(theirs)
        state = theirs.state_dict()
        assert list(ours.state_dict()) == list(state)
        ours.load_state_dict({name: up.tensor(to_numpy(value)) for name, value in state.items()})
    its, mine = observe(torch, theirs, case), observe(up, ours, case)
    assert list(mine) == list(its)
    for name, value in its.items():
        assert_close(mine[name], value, f"{case.name}: {name}", case.tolerance)


def observe(library: Any, function: Any, case: Case) -> dict[str, Any]:
    """What a call gives: outputs, gradients, second derivatives in a fixed direction, buffers afterwards."""
    leaves = [library.tensor(x, requires_grad=x.dtype.kind == "f") for x in case.inputs]
    keywords = {k: library.tensor(v) if isinstance(v, np.ndarray) else v for k, v in case.keywords.items()}
    outputs = flatten(case.call(function, *leaves, **keywords))
    seen: dict[str, Any] = {f"output {i}": value for i, value in enumerate(outputs)}
    named = {f"input {i}": leaf for i, leaf in enumerate(leaves) if leaf.requires_grad}
    buffers = {}
    if hasattr(function, "state_dict"):
        named |= dict(function.named_parameters())
        buffers = {f"after: {name}": value for name, value in function.state_dict().items()}
    gradients = derivatives(library, outputs, named, create_graph=case.second)
    seen |= {f"gradient of {name}": value for name, value in gradients.items()}
    if case.second:
        second = derivatives(library, list(gradients.values()), named, create_graph=False)
        seen |= {f"second derivative by {name}": value for name, value in second.items()}
    return {**seen, **buffers}


def derivatives(
    library: Any, outputs: list[Any], inputs: dict[str, Any], create_graph: bool
) -> dict[str, Any]:
    """The gradient of a fixed random combination of ``outputs``; zeros stand for no gradient."""
    random = np.random.default_rng(99)
    total: Any = None
    for output in outputs:
        weight = library.tensor(np.asarray(random.standard_normal(tuple(output.shape))))
        if output.requires_grad:
            term = (output * weight).sum()
            total = term if total is None else total + term
    if total is None:
        return {name: library.zeros_like(leaf) for name, leaf in inputs.items()}
    found = library.autograd.grad(total, list(inputs.values()), create_graph=create_graph, allow_unused=True)
    return {
        name: library.zeros_like(leaf) if gradient is None else gradient
        for (name, leaf), gradient in zip(inputs.items(), found, strict=True)
    }


def flatten(result: Any) -> list[Any]:
    """The tensors of a nested result, without None."""
    if isinstance(result, (tuple, list)):
        return list(itertools.chain.from_iterable(map(flatten, result)))
    return [] if result is None else [result]


def assert_close(ours: Any, theirs: Any, what: str, tolerance: float) -> None:
    a, b = to_numpy(ours), to_numpy(theirs)
    assert a.dtype == b.dtype, f"{what}: {a.dtype} instead of {b.dtype}"
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=what)
