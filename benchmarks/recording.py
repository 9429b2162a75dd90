"""What recording costs: training steps of three networks, bare and under the flow report's recorder.

    python -m benchmarks.recording

Each framework runs in a process of its own. Bare and recorded blocks of steps alternate, and the ratio is
that of their medians.
"""

from __future__ import annotations

import importlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

ROUNDS = 7
FRAMEWORKS = ("torch", "upriver")
Step = Callable[[], Any]


def mlp(lib: ModuleType, inputs: int, hidden: int, batch: int) -> Step:
    """An MLP of three layers with Adam and cross entropy."""
    nn = lib.nn
    net = nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 10)
    )
    return training(lib, net, lib.optim.Adam(net.parameters()), inputs, batch)


def training(lib: ModuleType, net: Any, optimizer: Any, inputs: int, batch: int) -> Step:
    """One step of classification."""
    x, y = lib.randn(batch, inputs), lib.randint(0, 10, (batch,))

    def step() -> Any:
        optimizer.zero_grad()
        loss = lib.nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()

    return step


def encoder(lib: ModuleType) -> Step:
    """A transformer encoder layer with SGD."""
    net = lib.nn.TransformerEncoderLayer(64, 4, 128, batch_first=True, dropout=0.0)
    optimizer = lib.optim.SGD(net.parameters(), lr=0.1)
    x = lib.randn(8, 32, 64)

    def step() -> Any:
        optimizer.zero_grad()
        net(x).pow(2).mean().backward()
        optimizer.step()

    return step


PROGRAMS: dict[str, tuple[int, Callable[[ModuleType], Step]]] = {
    "MLP 8-16-16-10, batch 6": (100, lambda lib: mlp(lib, 8, 16, 6)),
    "MLP 784-256-256-10, batch 128": (15, lambda lib: mlp(lib, 784, 256, 128)),
    "encoder layer 8 x 32 x 64": (20, encoder),
}


def median(step: Step, repeats: int) -> float:
    """Seconds of one step."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def compare(step: Step, repeats: int) -> tuple[float, float]:
    """The median seconds of a step, bare and recorded."""
    from upriver.flow.listening import Listening
    from upriver.flow.sites import Sites

    bare, recorded = [], []
    median(step, repeats)
    for _ in range(ROUNDS):
        bare.append(median(step, repeats))
        listening = Listening(Sites())
        listening.start()
        median(step, max(repeats // 5, 3))  # the first passes of a statement are looked into
        recorded.append(median(step, repeats))
        listening.stop()
    return statistics.median(bare), statistics.median(recorded)


def child(framework: str) -> None:
    """Measure one framework and print its rows."""
    lib = importlib.import_module(framework)
    if framework == "torch":
        lib.set_num_threads(1)
    for name, (repeats, make) in PROGRAMS.items():
        bare, recorded = compare(make(lib), repeats)
        print(f"{framework:8}  {name:30}  {bare * 1e6:7.0f} us  {recorded / bare:5.2f}")


def main() -> None:
    """All frameworks that are installed, one after the other."""
    print(f"{'':8}  {'step':30}  {'bare':>10}  recorded / bare", flush=True)
    for framework in FRAMEWORKS:
        subprocess.run([sys.executable, "-m", "benchmarks.recording", framework], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(sys.argv[1])
    else:
        main()
