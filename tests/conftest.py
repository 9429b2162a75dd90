"""Markers, the `lib` and `up` fixtures, and the count of what this run left out."""

from __future__ import annotations

import importlib
from collections import Counter
from typing import Any

import pytest
from hypothesis import settings
from minilm.fetch import find_model

from tests.flow.browser import find_browser
from tests.oracle import torch
from tests.semantics.observer import Observer

settings.register_profile("suite", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("search", max_examples=3000, deadline=None)
settings.load_profile("suite")

NEEDS = {
    "oracle": ("live PyTorch", "pip install torch==2.13.0"),
    "model": ("the MiniLM files", "python examples/minilm/fetch.py"),
    "browser": ("Chromium", "apt-get install chromium"),
}
LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--subject", default="upriver", choices=("upriver", "torch"), help="the library under test"
    )
    parser.addoption("--record", action="store_true", help="record PyTorch's observations (see tests.record)")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = Counter()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run, and remember how many of each kind."""
    absent = {"oracle": torch is None, "model": find_model() is None, "browser": find_browser() is None}
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        need = next((n for n in NEEDS if absent[n] and item.get_closest_marker(n)), None)
        (left if need else kept).append(item)
        if need:
            config.stash[LEFT_OUT][need] += 1
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was left out and how to run it."""
    for need, count in config.stash[LEFT_OUT].items():
        what, how = NEEDS[need]
        terminalreporter.write_line(f"{count} {need} tests left out: they need {what}. To run them: {how}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `lib` runs on upriver and, to prove its assertions, on PyTorch."""
    if "lib" in metafunc.fixturenames:
        libraries = ["upriver", pytest.param("torch", marks=pytest.mark.oracle)]
        metafunc.parametrize("lib", libraries, indirect=True)


@pytest.fixture
def lib(request: pytest.FixtureRequest) -> Any:
    """The library a semantic test runs on."""
    return importlib.import_module(request.param)


@pytest.fixture(scope="session")
def up(request: pytest.FixtureRequest) -> Any:
    """The library under test: upriver, or PyTorch itself with `--subject torch` (a test of the tests)."""
    return importlib.import_module(request.config.getoption("--subject"))


@pytest.fixture
def observe(request: pytest.FixtureRequest) -> Any:
    """Compare what is observed with what PyTorch showed when this test was recorded."""
    library = request.node.callspec.params["lib"]
    name = f"{request.module.__name__.rpartition('.')[2]}::{request.node.name.replace(library, '').strip()}"
    return Observer(name, library, recording=request.config.getoption("--record"))
