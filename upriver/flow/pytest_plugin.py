"""Contracts in pytest: the fixture ``expect_flow``, there wherever upriver is installed beside pytest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["expect_flow"]


@pytest.fixture
def expect_flow() -> Callable[..., Any]:
    """:func:`upriver.flow.contracts.expect`: ``expect_flow(loss, reaches=[head], blocks=[encoder])``."""
    from .contracts import expect

    return expect
