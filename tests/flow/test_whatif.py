"""The ledger of alternatives, and the bytes that a graph keeps."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import upriver as up
from upriver.autograd.kept import saved_bytes
from upriver.autograd.sever import sever
from upriver.flow.whatif import what_if

# -- what a graph keeps --------------------------------------------------------------------------------------


def leaf(*shape: int) -> Any:
    return up.full(shape, 0.5, requires_grad=True)


def test_a_buffer_counts_once_and_leaves_do_not_count() -> None:
    x = leaf(100)
    y = x.exp()
    assert saved_bytes(x) == 0 and saved_bytes(up.ones(3)) == 0
    assert saved_bytes(y) == 400
    assert saved_bytes(y * y) == 400  # exp and mul keep the same values
    assert saved_bytes(x * x) == 0  # of leaves only
    assert saved_bytes(y.sin(), y.cos()) == 400
    assert saved_bytes(x * up.ones(100)) == 400  # a constant is kept by the graph


def test_a_small_view_counts_with_all_that_it_keeps() -> None:
    big = up.ones(1000, 1000)
    assert saved_bytes(leaf(1) * big[:1, :1]) == 4_000_000


def test_what_was_freed_or_cut_does_not_count() -> None:
    y = leaf(100).exp()
    loss = (y * 2.0).sin().sum()
    before = saved_bytes(loss)
    sever(y)
    assert 0 < saved_bytes(loss) < before
    loss.backward()
    assert saved_bytes(loss) == 0


class Keeps(up.autograd.Function):
    """Keeps one tensor as it should and one as an attribute."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = x * 2
        ctx.save_for_backward(y)
        ctx.aside = y * 3
        return y

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        return grad * 2


def test_custom_functions_indices_hooks_and_several_outputs_count() -> None:
    x = leaf(100)
    assert saved_bytes(Keeps.apply(x)) == 800
    assert saved_bytes(x[up.arange(50)]) == 400  # the index, of eight bytes an entry
    with up.autograd.graph.save_on_cpu():
        assert saved_bytes(x * x) == 800  # copies now, one for each operand
    pairs = leaf(10, 10).exp()
    assert saved_bytes(up.cat([pairs.sin(), pairs.cos()])) == 400


def test_only_tensors_have_bytes() -> None:
    with pytest.raises(TypeError, match="but got float"):
        saved_bytes(1.0)  # type: ignore[arg-type]


def layers(depth: int) -> Callable[[Any], Any]:
    """A network whose last value depends on all its layers."""
    weights = [leaf(64, 64) for _ in range(depth)]

    def run(x: Any) -> Any:
        for w in weights:
            x = (x @ w * 0.05).tanh().softmax(-1)
        return x.logsumexp(-1).sum()

    return run


def test_the_count_is_what_dies_with_the_graph() -> None:
    run, x = layers(6), up.ones(512, 64)
    run(x)
    gc.collect()
    tracemalloc.start()
    try:
        loss = run(x)
        counted = saved_bytes(loss) - x.nbytes
        before = tracemalloc.get_traced_memory()[0]
        del loss
        freed = before - tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert counted <= freed < counted + 50_000


# -- the ledger ----------------------------------------------------------------------------------------------


class Trained:
    """An encoder, a head, a batch, and how often the program has run."""

    def __init__(self) -> None:
        up.manual_seed(0)
        self.encoder = up.nn.Sequential(
            up.nn.Linear(16, 32), up.nn.Tanh(), up.nn.Linear(32, 16), up.nn.Tanh()
        )
        self.head = up.nn.Linear(16, 1)
        self.x = up.randn(64, 16)
        self.runs = 0
        self.losses: list[float] = []

    def __call__(self, site: Any) -> Any:
        self.runs += 1
        loss = self.head(site(self.encoder, self.x)).pow(2).mean()
        self.losses.append(loss.item())
        return loss


@pytest.mark.filterwarnings("ignore:Converting a tensor")
def test_each_alternative_is_measured() -> None:
    program = Trained()
    ledger = what_if(program, repeats=2)
    keep, detach, quiet, clone = (ledger[name] for name in ("keep", "detach", "no_grad", "clone"))
    encoder = {f"program.encoder.{n}.{kind}" for n in (0, 2) for kind in ("weight", "bias")}
    assert set(detach.lost) == set(quiet.lost) == encoder
    assert keep.lost == clone.lost == ()
    assert keep.kept_bytes > detach.kept_bytes == quiet.kept_bytes > 0
    assert clone.kept_bytes >= keep.kept_bytes and clone.copied_bytes == 64 * 16 * 4
    assert keep.copied_bytes == detach.copied_bytes == quiet.copied_bytes == 0
    assert clone.nodes == keep.nodes + 1 > detach.nodes
    assert all(each.recomputed == 0 for each in (keep, detach, quiet, clone))
    assert all(each.forward_seconds > 0 and each.backward_seconds > 0 for each in ledger.alternatives)
    assert len(set(program.losses)) == 1


def test_a_checkpoint_keeps_less_and_runs_again() -> None:
    ledger = what_if(Trained())
    keep, checkpoint = ledger["keep"], ledger["checkpoint"]
    assert checkpoint.kept_bytes < keep.kept_bytes
    assert checkpoint.recomputed > 0 and checkpoint.lost == ()


def test_the_table_can_be_read() -> None:
    encoder, head, x = up.nn.Linear(8, 8), up.nn.Linear(8, 1), up.ones(4, 8)
    lines = str(what_if(lambda site: head(site(encoder, x)).sum())).splitlines()
    assert lines[0].split("  ")[-1] == "loses the gradient of"
    assert [line.split()[0] for line in lines[1:5]] == ["keep", "detach", "no_grad", "clone"]
    assert lines[5].startswith("checkpoint") and len(lines) == 6
    assert lines[1].endswith("nothing") and lines[2].endswith("encoder.weight, encoder.bias")
    assert "128 B" in lines[4]


def test_a_site_may_be_given_a_value() -> None:
    w = leaf(10)
    ledger = what_if(lambda site: (site(w.exp()) * w).sum())
    assert list(ledger.left_out) == ["no_grad", "checkpoint"]
    assert ledger["detach"].lost == ()  # another path leads to w
    with pytest.raises(KeyError, match="how the value is made"):
        ledger["no_grad"]
    with pytest.raises(KeyError, match="there are keep, detach, clone"):
        ledger["float"]


def test_collections_and_several_sites() -> None:
    w = leaf(10)

    def program(site: Any) -> Any:
        first, second = site(lambda: (w * 2, [w * 3, 4.0]))
        return (first + site(second[0]) * second[1]).sum()

    ledger = what_if(program)
    assert ledger["clone"].copied_bytes == 3 * 40
    assert ledger["detach"].lost == ("w",) and ledger["detach"].backward_seconds == 0


def test_nothing_is_left_behind() -> None:
    up.manual_seed(3)
    expected = up.rand(4)
    up.manual_seed(3)
    w = leaf(4)
    w.grad = up.full((4,), 9.0)
    given = w.grad
    drawn: list[Any] = []

    def program(site: Any) -> Any:
        drawn.append(tuple(up.rand(4).tolist()))
        return (site(w * 2) * up.rand(4)).sum()

    what_if(program)
    assert w.grad is given and given.tolist() == [9.0] * 4
    np.testing.assert_array_equal(up.rand(4).numpy(), expected.numpy())
    assert len(set(drawn)) == 1


def test_leaves_made_anew_are_not_called_lost() -> None:
    w = leaf(4)
    ledger = what_if(lambda site: (site(leaf(4) * 2) * w).sum())
    assert ledger["detach"].lost == ()


@pytest.mark.parametrize(
    ("function", "error", "said"),
    [
        (lambda site: leaf(3).sum(), RuntimeError, "did not call its site"),
        (lambda site: site(leaf(3)).sum().item(), TypeError, "but returned float"),
        (lambda site: site(leaf(3)), RuntimeError, r"one element .* one of shape \[3\]"),
        (lambda site: site(up.ones(3)).sum(), RuntimeError, "one without history"),
        (lambda site: site(3).sum(), TypeError, "but got int"),
        (lambda site: site(leaf(3), 1).sum(), TypeError, "a value and inputs"),
        (3, TypeError, "but got int"),
    ],
)
@pytest.mark.filterwarnings("ignore:Converting a tensor")
def test_a_program_that_cannot_be_compared(function: Any, error: Any, said: str) -> None:
    with pytest.raises(error, match=said):
        what_if(function)


def test_repeats_must_be_positive() -> None:
    with pytest.raises(ValueError, match="at least 1, but is 0"):
        what_if(lambda site: site(leaf(3)).sum(), repeats=0)
