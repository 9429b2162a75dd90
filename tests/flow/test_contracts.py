"""Contracts: live ones on tensors of both libraries, and written ones on reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from upriver.autograd.sever import sever
from upriver.flow import pytest_plugin
from upriver.flow.contracts import ContractError, Contracts, Matrix, diff, expect, matrix
from upriver.flow.model import Backward, Cut, Finding, LeafFlow, Memory, Report, Site

expect_flow = pytest_plugin.expect_flow  # as the entry point gives it where upriver is installed


class Model:
    """An encoder and a head in two networks, and a batch."""

    def __init__(self, lib: Any) -> None:
        self.encoder, self.head = lib.nn.Linear(3, 4), lib.nn.Linear(4, 1)
        self.x = lib.ones(2, 3)


# -- the graph -----------------------------------------------------------------------------------------------


def test_a_kept_contract_says_nothing(lib: Any) -> None:
    encoder, head = lib.nn.Linear(3, 4), lib.nn.Linear(4, 1)
    h = encoder(lib.ones(2, 3))
    loss = head(h.detach()).sum()
    expect(loss, reaches=[head], blocks=[encoder])
    expect(head(h).sum(), reaches=[encoder, head.weight, h])
    expect(loss, reaches="head.*", blocks=["encoder.weight", "encoder.bias"])
    expect(loss, reaches=head.parameters(), blocks=h)


def test_a_leaf_that_is_not_reached_is_named(lib: Any) -> None:
    encoder, head = lib.nn.Linear(3, 4), lib.nn.Linear(4, 1)
    loss = head(encoder(lib.ones(2, 3)).detach()).sum()
    with pytest.raises(ContractError) as error:
        expect(loss, reaches=[encoder, head])
    assert "`loss` does not keep its contract." in str(error.value)
    assert "must reach encoder.weight, encoder.bias: no path of the graph" in str(error.value)
    assert "head" not in str(error.value)


def test_a_leaf_that_must_not_be_reached_is_named_with_the_way(lib: Any) -> None:
    model = Model(lib)
    h = model.encoder(model.x)
    critic_loss = model.head(h).sum()
    with pytest.raises(ContractError, match=r"(?s)`critic_loss`.*must not reach model.encoder.weight, mod"):
        expect(critic_loss, blocks=model.encoder)
    with pytest.raises(ContractError, match=r"must not reach h, but does"):
        expect(critic_loss, blocks=h)


def test_a_frozen_leaf_is_called_frozen(lib: Any) -> None:
    frozen = lib.nn.Linear(3, 4)
    frozen.weight.requires_grad_(False)
    loss = frozen(lib.ones(2, 3)).sum()
    expect(loss, reaches=frozen.bias, blocks=frozen.weight)
    with pytest.raises(ContractError, match=r"must reach frozen.weight: requires_grad is False"):
        expect(loss, reaches=frozen)


def test_a_loss_may_be_a_leaf_or_without_history(lib: Any) -> None:
    w = lib.ones((), requires_grad=True)
    expect(w, reaches=w)
    expect(w.detach(), blocks=w)
    with pytest.raises(ContractError, match="must reach w"):
        expect(w.detach(), reaches=w)


def test_several_losses_are_checked_each(lib: Any) -> None:
    a, b = lib.ones(2, requires_grad=True), lib.ones(2, requires_grad=True)
    expect([a.sum(), (a * b).sum()], reaches=a)
    with pytest.raises(ContractError, match="`second` does not keep"):
        expect({"first": (a * b).sum(), "second": a.sum()}, reaches=b)


def test_only_one_output_of_a_node_is_reached(lib: Any) -> None:
    w = lib.ones(4, requires_grad=True)
    first, second = (w * 2).split(2)
    expect(first.sum(), reaches=first, blocks=second)


def test_a_network_within_one_is_found_by_both_its_names(lib: Any) -> None:
    net = lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.Linear(4, 1))
    loss = net(lib.ones(2, 3)).sum()
    expect(loss, reaches=["0.*", "net.1.*"])
    with pytest.raises(ContractError, match=r"must not reach 0\.weight"):
        expect(loss, blocks="net.0.weight")


@pytest.mark.parametrize(
    ("reaches", "blocks", "error", "said"),
    [
        ((), (), ValueError, "says nothing"),
        ("nobody.*", (), ValueError, r"(?s)no parameter is called 'nobody.\*'.*weight"),
        (3.0, (), TypeError, "but got float"),
        ([None], (), TypeError, "but got NoneType"),
    ],
)
def test_a_contract_that_checks_nothing_is_refused(
    lib: Any, reaches: Any, blocks: Any, error: Any, said: str
) -> None:
    net = lib.nn.Linear(3, 1)
    with pytest.raises(error, match=said):
        expect(net(lib.ones(2, 3)).sum(), reaches, blocks)


def test_contradictions_and_wrong_losses_are_refused(lib: Any) -> None:
    net = lib.nn.Linear(3, 1)
    loss = net(lib.ones(2, 3)).sum()
    with pytest.raises(ValueError, match=r"net.weight, net.bias stands in"):
        expect(loss, reaches=net, blocks=net)
    with pytest.raises(ValueError, match="has no parameters"):
        expect(loss, reaches=lib.nn.ReLU())
    with pytest.raises(TypeError, match="takes a tensor"):
        expect(loss.item(), reaches=net)
    with pytest.raises(ValueError, match="is empty"):
        expect([], reaches=net)


def test_upriver_names_the_cuts(up: Any) -> None:
    encoder, head = up.nn.Linear(3, 4), up.nn.Linear(4, 1)
    h = encoder(up.ones(2, 3)).detach()
    loss = head(h).sum()
    with pytest.raises(
        ContractError, match=r"(?s)`h` has no history: detach\(\) of .* at .*test_contracts\.py:\d+"
    ):
        expect(loss, reaches=encoder)
    with pytest.raises(ContractError, match=r"cut: argmax\(\) \(not differentiable\) of .*test_contracts"):
        expect(encoder(up.ones(2, 3)).argmax(1), reaches=encoder)


def test_a_severed_graph_is_seen(up: Any) -> None:
    w = up.ones(4, requires_grad=True)
    t = w * 2
    loss, (a, b) = t.sum(), (w * 3).split(2)
    parts = a.sum(), b.sum()
    sever(t)
    sever(a)
    expect(parts[0], blocks=w)
    expect(parts[1], reaches=w)
    with pytest.raises(ContractError, match=r"(?s)must reach w.*cut: sever\(\) at .*test_contracts\.py"):
        expect(loss, reaches=w)


# -- the gradients -------------------------------------------------------------------------------------------


def test_a_block_in_which_the_gradients_arrive(lib: Any) -> None:
    encoder, head = lib.nn.Linear(3, 4), lib.nn.Linear(4, 1)
    h = encoder(lib.ones(2, 3))
    loss, other = head(h.detach()).sum(), head(h).sum()
    with expect(loss, reaches=head, blocks=encoder):
        loss.backward()
        other.backward()  # not that loss: it may reach the encoder
    assert encoder.weight.grad is not None


def test_a_block_without_backward_has_checked_nothing(lib: Any) -> None:
    net = lib.nn.Linear(3, 1)
    loss, other = (net(lib.ones(2, 3)).sum() for _ in range(2))
    with (
        pytest.raises(ContractError, match="no backward of it ran inside the block"),
        expect(loss, reaches=net),
    ):
        other.backward()


def test_a_gradient_that_does_not_arrive(lib: Any) -> None:
    class Forgetful(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> None:
            return None

    w, v = lib.ones(2, requires_grad=True), lib.ones(2, requires_grad=True)
    loss = (Forgetful.apply(w) * v).sum()
    with expect(loss, reaches=v, blocks=()):
        loss.backward(retain_graph=True)
    with (
        pytest.raises(ContractError, match=r"`loss` did not keep .*\n  must reach w: no gradient arrived"),
        expect(loss, reaches=[v, w]),
    ):
        loss.backward()


def test_the_error_of_the_block_is_not_hidden(lib: Any) -> None:
    net = lib.nn.Linear(3, 1)
    loss = net(lib.ones(2, 3)).sum()
    with pytest.raises(KeyError), expect(loss, reaches=net):
        raise KeyError


def test_no_hook_stays(up: Any) -> None:
    w = up.ones(2, requires_grad=True)
    loss = w.sum()
    with expect(loss, reaches=w):
        loss.backward(retain_graph=True)
    assert not w._extra.hooks and not any(loss.grad_fn.extra().tensor_hooks.values())


def test_the_fixture(lib: Any, expect_flow: Any) -> None:
    w = lib.ones(2, requires_grad=True)
    with pytest.raises(AssertionError, match="must reach w: no path"):
        expect_flow(w.detach().sum(), reaches=w)


# -- the matrix ----------------------------------------------------------------------------------------------


def test_the_matrix_of_a_gan(lib: Any) -> None:
    generator, critic = lib.nn.Linear(2, 3), lib.nn.Linear(3, 1)
    fake = generator(lib.ones(4, 2))
    losses = {"critic": critic(fake.detach()).mean(), "generator": critic(fake).mean()}
    found = matrix(losses, {"G": generator, "C": "critic.*", "G bias": [generator.bias]})
    assert found.cells["critic"] == {"G": (0, 2), "C": (2, 2), "G bias": (0, 1)}
    assert found.cells["generator"] == {"G": (2, 2), "C": (2, 2), "G bias": (1, 1)}
    assert found == Matrix.from_dict(json.loads(json.dumps(found.to_dict())))
    assert str(found).splitlines() == [
        "           G    C    G bias",
        "critic     0/2  2/2  0/1",
        "generator  2/2  2/2  1/1",
    ]
    with pytest.raises(ValueError, match="group 'D'"):
        matrix(losses, {"D": "nobody"})


# -- written contracts ---------------------------------------------------------------------------------------


def leaf(name: str, status: Any, *cuts: Cut) -> LeafFlow:
    return LeafFlow(name, (2, 2), "float32", status, 1.0 if status == "reached" else None, list(cuts))


def a_report(encoder: str = "cut", line: int = 14) -> Report:
    """One loss, reached from a head and, in some reports, from an encoder."""
    cut = Cut(
        "detach", Site("src/train.py", line, source="h = encoder(x).detach()"), "h", leaves=["encoder.w"]
    )
    cuts = [cut] if encoder == "cut" else []
    leaves = [leaf("head.w", "reached"), leaf("encoder.w", encoder, *cuts)]
    return Report(
        "torch", "2.13", backwards=[Backward(Site("src/train.py", line + 17), 3, "loss", leaves)], cuts=cuts
    )


def written(tmp_path: Path, text: str) -> Contracts:
    path = tmp_path / "contracts.toml"
    path.write_text(text)
    return Contracts.load(path)


KEPT = """
[[contract]]
loss = "train.py:31"
reaches = ["head.*"]
blocks = ["encoder.*"]

[[contract]]
loss = "lo*"
reaches = ["*.w"]
"""


def test_a_report_is_checked(tmp_path: Path) -> None:
    contracts = written(tmp_path, KEPT)
    assert contracts.check(a_report()) == [
        "`loss` (src/train.py:31) must reach encoder.w, but every path to it is cut: "
        "detach at src/train.py:14"
    ]
    assert contracts.check(a_report("reached")) == [
        "`loss` (src/train.py:31) must not reach encoder.w, but a gradient arrived (reached)"
    ]


@pytest.mark.parametrize(
    ("status", "reaches", "blocks"),
    [
        ("reached", True, False),
        ("zero", True, False),
        ("structurally-zero", False, False),
        ("cut", False, True),
        ("unused", False, True),
        ("frozen", False, True),
    ],
)
def test_what_each_status_keeps(tmp_path: Path, status: str, reaches: bool, blocks: bool) -> None:
    report = a_report(status)
    assert (not written(tmp_path, '[[contract]]\nreaches = ["enc*"]').check(report)) is reaches
    assert (not written(tmp_path, '[[contract]]\nblocks = ["enc*"]').check(report)) is blocks


def test_contracts_that_check_nothing_are_violations(tmp_path: Path) -> None:
    text = '[[contract]]\nloss = "train.py:32"\nreaches = ["a"]\n[[contract]]\nblocks = ["hat.*"]\n'
    assert written(tmp_path, text + '[allow]\ncuts = ["train.py:15"]').check(a_report()) == [
        "no loss is called 'train.py:32'; losses that ran backward: `loss` (src/train.py:31)",
        "no leaf is called 'hat.*' (contract on loss '*'); leaves: head.w, encoder.w",
        "[allow] cuts: nothing is cut at train.py:15; cuts are at src/train.py:14",
    ]


def test_allowed_cuts_are_marked(tmp_path: Path) -> None:
    report = a_report()
    contracts = written(tmp_path, '[allow]\ncuts = ["./train.py:14"]')
    assert contracts.check(report) == []
    assert not report.cuts[0].intended
    contracts.mark(report)
    assert report.cuts[0].intended and report.backwards[0].leaves[1].cuts[0].intended
    other = a_report(line=15)
    contracts.mark(other)
    assert not other.cuts[0].intended


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[[contract]]\nreach = ["a"]',
            r"contract 1 has an unknown key 'reach'.\n  known there: loss, reaches",
        ),
        ("[[contracts]]\n", "the file has an unknown key 'contracts'"),
        ('[allow]\ncut = ["a:1"]', r"\[allow\] has an unknown key 'cut'"),
        ('[allow]\ncuts = ["train.py"]', "written file:line"),
        ('[[contract]]\nreaches = "head"', "`reaches` is a list of strings"),
        ('[[contract]]\nloss = 3\nreaches = ["a"]', "`loss` is a string"),
        ('[[contract]]\nloss = "a"', "says nothing"),
        ('[contract]\nloss = "a"', "double brackets"),
        ("allow = 3", "single brackets"),
        ("[[contract]", "is no TOML"),
    ],
)
def test_a_file_that_is_not_understood(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=rf"contracts\.toml.*{said}"):
        written(tmp_path, text)


# -- what changed --------------------------------------------------------------------------------------------


def test_nothing_changed_when_lines_only_move() -> None:
    assert diff(a_report(), a_report(line=20)) == []


def test_leaves_and_cuts_that_changed() -> None:
    assert diff(a_report("reached"), a_report()) == [
        "leaf encoder.w was reached, is cut by detach at src/train.py:14 in `loss` (src/train.py:31)",
        "new cut: detach at src/train.py:14 `h = encoder(x).detach()`, which blocks encoder.w",
    ]
    assert diff(a_report(), a_report("reached")) == [
        "leaf encoder.w was cut, is reached in `loss` (src/train.py:31)",
        "cut gone: detach at src/train.py:14 `h = encoder(x).detach()`",
    ]


def test_losses_leaves_findings_and_memory_that_changed() -> None:
    old, new = a_report(), a_report()
    old.findings = [Finding("a", "error", Site("t.py", 1, source="x = 1"), "m", "f", tensors=["w"])]
    new.findings = [
        Finding("a", "error", Site("t.py", 9, source="x = 1"), "other words", "f", tensors=["w"]),
        Finding("b", "warning", Site("t.py", 2), "grows", "f"),
    ]
    new.backwards.append(Backward(Site("t.py", 3), 1, "loss", []))
    new.backwards[0].leaves.pop(0)
    old.memory, new.memory = Memory(1_000), Memory(1_200)
    assert diff(old, new) == [
        "leaf head.w is gone in `loss` (src/train.py:31); it was reached",
        "new loss `loss` (t.py:3)",
        "new warning b at t.py:2: grows",
        "graphs keep 1,200 bytes at their peak, before 1,000 (+20%)",
    ]
    assert diff(new, old)[-2:] == [
        "fixed warning b at t.py:2: grows",
        "graphs keep 1,000 bytes at their peak, before 1,200 (-17%)",
    ]
    new.memory = Memory(1_050)
    assert not any("bytes" in line for line in diff(old, new))
