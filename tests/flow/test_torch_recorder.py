"""The PyTorch recorder: it hears everything, keeps nothing, changes nothing, and is gone when it stops."""

from __future__ import annotations

import gc
import statistics
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import torch
from upriver.flow.build import build
from upriver.flow.run import explain_script
from upriver.flow.sites import Sites

pytestmark = pytest.mark.oracle


@pytest.fixture
def recorder() -> Iterator[Any]:
    from upriver.flow.torch import TorchRecorder

    made = TorchRecorder(torch, Sites())
    made.start()
    yield made
    made.stop()


def network() -> tuple[Any, Any, Callable[[], Any]]:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    optimizer = torch.optim.Adam(model.parameters())
    x, y = torch.randn(6, 8), torch.randint(0, 2, (6,))

    def step() -> Any:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, step


def test_everything_is_put_back() -> None:
    from upriver.flow.torch import TorchRecorder

    def wrapped() -> list[Any]:
        return [
            torch.nn.Module.__call__, torch.from_numpy, torch.autograd.backward,
            vars(torch.autograd.Function)["apply"], vars(torch.nn.Parameter)["__new__"],
            torch.optim.Optimizer.add_param_group,
        ]  # fmt: skip

    before = wrapped()
    made = TorchRecorder(torch, Sites())
    made.start()
    assert all(a is not b for a, b in zip(before, wrapped(), strict=True))
    made.stop()
    assert all(a is b for a, b in zip(before, wrapped(), strict=True))
    calls = made.tracker.operators
    torch.ones(2) + 1
    assert made.tracker.operators == calls


def test_tensors_and_graphs_die_as_they_would_without(recorder: Any) -> None:
    gc.disable()
    try:
        x = torch.ones(3, requires_grad=True)
        y = (x * 2).exp()
        z = y.detach()
        references = [weakref.ref(t) for t in (y, z)]
        storage = weakref.ref(y.untyped_storage())
        y.sum().backward()
        del y, z
        assert [reference() for reference in references] == [None, None] and storage() is None
    finally:
        gc.enable()


def test_what_is_remembered_does_not_grow_with_the_program(recorder: Any) -> None:
    _, _, step = network()

    def remembered() -> tuple[int, ...]:
        tracker = recorder.tracker
        return (len(tracker.values), len(tracker.storages()), len(tracker.leaves), len(tracker.cuts))

    for _ in range(20):
        step()
    early = remembered()
    for _ in range(100):
        step()
    assert all(late <= before + 2 for late, before in zip(remembered(), early, strict=True))


def test_results_are_those_without_a_recorder() -> None:
    from upriver.flow.torch import TorchRecorder

    _, _, step = network()
    bare = [step().item() for _ in range(5)]
    made = TorchRecorder(torch, Sites())
    made.start()
    _, _, step = network()
    recorded = [step().item() for _ in range(5)]
    made.stop()
    assert recorded == bare


def test_numbers_and_arrays_are_as_good_as_plain_ones(recorder: Any) -> None:
    import json
    import pickle

    import numpy as np

    x = torch.tensor([1.5, 2.5], requires_grad=True)
    number, array, several = (x * 1).sum().item(), (x * 2).detach().numpy(), (x * 3).tolist()
    assert isinstance(number, float) and number == 4.0 and f"{number:.1f}" == "4.0"
    assert json.loads(json.dumps({"number": number, "several": several})) == {
        "number": 4.0,
        "several": [4.5, 7.5],
    }
    assert type(pickle.loads(pickle.dumps(number))) is float
    assert type(pickle.loads(pickle.dumps(array))) is np.ndarray
    assert float(np.mean(array)) == 4.0 and array.tolist() == [3.0, 5.0] and np.asarray(array).sum() == 8.0
    array[0] = 9.0
    assert array[0] == 9.0 and (array + 1)[1] == 6.0 and round(number / 3, 2) == 1.33


def test_a_script_that_raises_is_reported_all_the_same(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text(
        "import torch\nx = torch.ones(2, requires_grad=True)\n(x * x).sum().backward()\n1 / 0\n"
    )
    report, error = explain_script(str(script))
    assert isinstance(error, ZeroDivisionError)
    assert (
        report.raised is not None
        and report.raised.site.line == 4
        and report.raised.type == "ZeroDivisionError"
    )
    assert [leaf.status for leaf in report.backwards[0].leaves] == ["reached"]


def test_what_a_distribution_draws_is_not_blamed_on_a_block_of_the_user(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "import torch\n"
        "encoder, decoder = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)\n"
        "optimizer = torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=0.1)\n"
        "z = torch.distributions.Normal(encoder(torch.ones(1, 2)), 1.0).sample()\n"
        "decoder(z).sum().backward()\n"
        "optimizer.step()\n",
        encoding="utf-8",
    )
    (finding,) = (f for f in explain_script(str(script))[0].findings if f.severity != "note")
    assert (finding.rule, finding.site.line) == ("unreached-parameter", 4)
    assert "sample() draws under no_grad" in finding.message and "rsample()" in finding.fix


def test_zero_is_told_from_none_and_from_what_must_be_zero(recorder: Any) -> None:
    a, b, c, d = (torch.full((3,), 0.4, requires_grad=True) for _ in range(4))
    loss = (torch.round(a * 3) + torch.relu(-b.abs() - 1) + c * 0).sum()
    loss.backward()
    assert d.grad is None
    recorder.stop()
    flows = {leaf.name: leaf.status for leaf in build(recorder).backwards[0].leaves}
    assert sorted(flows.values()) == ["structurally-zero", "structurally-zero", "zero"]


def test_the_cost_of_recording() -> None:
    """About three times the bare run of a small network is the aim; the bound leaves room for noise."""
    from upriver.flow.torch import TorchRecorder

    _, _, step = network()

    def median() -> float:
        times = []
        for _ in range(200):
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    median()
    bare = median()
    made = TorchRecorder(torch, Sites())
    made.start()
    recorded = median()
    made.stop()
    assert recorded < 6 * bare
