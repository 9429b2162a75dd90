"""``upriver/tensor.pyi`` says what the functions behind Tensor's methods say."""

from __future__ import annotations

from tools import stub


def test_the_stub_is_up_to_date() -> None:
    assert not stub.outdated(), "run python tools/stub.py"
