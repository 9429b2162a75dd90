"""The repair test: take away exactly the statements that a report names, and the gradient is the right one.

Random programs are written as scripts, with random cuts among their operations. For each leaf that the report
calls cut, the named statements are mended; the gradient must then be that of finite differences. Mending all
but one of them must not be enough: the set is minimal.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import torch
from upriver.flow.model import LeafFlow, Report
from upriver.flow.run import explain_script

LEAVES = ("a", "b", "c", "d")
UNARY = ("torch.tanh({0})", "torch.sin({0})", "({0} * 0.5)", "torch.exp({0} * 0.3)", "{0}[[2, 0, 1]]", "-{0}")
BINARY = ("({0} + {1})", "({0} * {1})", "({0} - {1} * 0.7)", "torch.atan2({0}, {1} + 3)")
# how a value is cut, and the same line mended
CUTS = {
    "detach": ("{name} = ({value}).detach()", "{name} = {value}"),
    "data": ("{name} = ({value}).data", "{name} = {value}"),
    "no_grad": ("with torch.no_grad():\n    {name} = {value}", "if True:\n    {name} = {value}"),
    "tensor": ("{name} = torch.tensor({value})", "{name} = {value}"),
    "numpy": ("{name} = torch.from_numpy(({value}).detach().numpy().copy())", "{name} = {value}"),
    "tolist": ("{name} = torch.tensor(({value}).tolist(), dtype=torch.float64)", "{name} = {value}"),
}


@dataclass
class Line:
    """One statement, as it stands and mended."""

    text: str
    mended: str

    def at(self, mend: bool) -> str:
        return self.mended if mend else self.text


@dataclass
class Program:
    """A random program: its statements, and the line each starts at."""

    lines: list[Line] = field(default_factory=list)

    def source(
        self, mended: frozenset[int] = frozenset(), values: dict[str, list[float]] | None = None
    ) -> str:
        """The text, with the statements that start at the lines ``mended`` put right."""
        made = ["import torch", "import warnings", "warnings.simplefilter('ignore')"]
        for name in LEAVES:
            given = (values or START)[name]
            made.append(f"{name} = torch.tensor({given!r}, dtype=torch.float64, requires_grad=True)")
        for line in self.lines:
            made += line.at(len(made) + 1 in mended).split("\n")
        return "\n".join([*made, "if loss.requires_grad:", "    loss.backward()", ""])


START = {
    "a": [0.3, -0.5, 0.8], "b": [1.1, 0.2, -0.4], "c": [-0.9, 0.7, 0.5], "d": [0.6, -0.1, -1.2],
}  # fmt: skip


def write(seed: int) -> Program:
    """A random program of about a dozen operations, some of them cut."""
    rng = random.Random(seed)
    program, names = Program(), list(LEAVES)
    for number in range(rng.randint(5, 12)):
        operands = [rng.choice(names[-5:] if rng.random() < 0.6 else names) for _ in range(2)]
        value = rng.choice(BINARY if rng.random() < 0.6 else UNARY).format(*operands)
        name = f"v{number}"
        if rng.random() < 0.3:
            text, mended = (each.format(name=name, value=value) for each in rng.choice(list(CUTS.values())))
        else:
            text = mended = f"{name} = {value}"
        program.lines.append(Line(text, mended))
        names.append(name)
    used = " + ".join(f"({name} * {name}).sum()" for name in dict.fromkeys((names[-1], rng.choice(names))))
    program.lines.append(Line(f"loss = {used}", f"loss = {used}"))
    return program


def run(source: str) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(source, space)
    return space


def slopes(program: Program, leaf: str) -> list[float]:
    """The derivative by central differences."""
    found, step = [], 1e-6
    for index in range(3):
        ends = []
        for sign in (step, -step):
            values = {name: list(given) for name, given in START.items()}
            values[leaf][index] += sign
            source = program.source(values=values).replace("    loss.backward()", "    pass")
            ends.append(float(run(source)["loss"].detach()))
        found.append((ends[0] - ends[1]) / (2 * step))
    return found


def gradient(program: Program, leaf: str, mended: frozenset[int]) -> list[float]:
    grad = run(program.source(mended))[leaf].grad
    return [0.0, 0.0, 0.0] if grad is None else grad.tolist()


def explained(program: Program, path: Path) -> Report:
    path.write_text(program.source(), encoding="utf-8")
    report, error = explain_script(str(path))
    assert error is None
    return report


def blocking(flow: LeafFlow) -> frozenset[int]:
    return frozenset(cut.site.line for cut in (*flow.cuts, *flow.partly))


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(60))
def test_mending_the_named_statements_restores_the_gradient(seed: int, tmp_path: Path) -> None:
    program = write(seed)
    torch.manual_seed(0)
    report = explained(program, tmp_path / "program.py")
    for backward in report.backwards:
        for flow in backward.leaves:
            wanted = slopes(program, flow.name)
            named = blocking(flow)
            assert gradient(program, flow.name, named) == pytest.approx(wanted, abs=1e-6), (flow, named)
            if flow.status == "cut":
                assert named, flow
            for one in named:
                rest = gradient(program, flow.name, named - {one})
                assert rest != pytest.approx(wanted, abs=1e-7) or max(map(abs, wanted)) < 1e-7, (flow, one)


def test_the_programs_cut_something() -> None:
    texts = ["\n".join(line.text for line in write(seed).lines) for seed in range(60)]
    assert sum(any(mark in text for mark in ("detach", "data", "no_grad", "tolist")) for text in texts) > 40
