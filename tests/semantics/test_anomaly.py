"""Anomaly mode: where the operator that failed in backward was called."""

from __future__ import annotations

import warnings
from typing import Any

import pytest


def failing(lib: Any) -> Any:
    """0 * sqrt'(0) is NaN."""
    x = lib.zeros(1, requires_grad=True)
    return (x * 0 + x.sqrt() * 0).sum()


def test_nan_in_backward_is_an_error(lib: Any, observe: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            observe.raises(RuntimeError, "Function 'SqrtBackward0' returned nan values in its 0th output."),
            lib.autograd.detect_anomaly(),
        ):
            failing(lib).backward()


def test_check_nan_can_be_turned_off(lib: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with lib.autograd.detect_anomaly(check_nan=False):
            failing(lib).backward()
    failing(lib).backward()


def test_the_forward_line_is_shown(lib: Any) -> None:
    with (
        pytest.warns(UserWarning) as caught,
        pytest.raises(RuntimeError) as raised,
        lib.autograd.detect_anomaly(),
    ):
        failing(lib).backward()
    text = str(raised.value) + "".join(str(w.message) for w in caught)
    assert "x.sqrt()" in text or "test_anomaly.py" in text


def test_an_in_place_error_in_anomaly_mode(lib: Any, observe: Any) -> None:
    x = lib.ones(2, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with lib.autograd.set_detect_anomaly(True):
            y = x.exp()
            y.add_(1)
            with observe.raises(
                RuntimeError, "one of the variables needed for gradient computation has been modified by"
            ):
                y.sum().backward()


def test_an_in_place_error_shows_the_forward_and_says_so(lib: Any) -> None:
    x = lib.ones(2, requires_grad=True)
    with (
        pytest.warns(UserWarning) as caught,
        pytest.raises(RuntimeError) as raised,
        lib.autograd.detect_anomaly(),
    ):
        y = x.exp()
        y.add_(1)
        y.sum().backward()
    assert "Hint: the backtrace further above shows the operation that failed" in str(raised.value)
    shown = [str(each.message) for each in caught if "Error detected in ExpBackward0" in str(each.message)]
    assert len(shown) == 1 and "y = x.exp()" in shown[0]


def test_the_mode_is_a_switch_a_context_and_readable(lib: Any) -> None:
    assert not lib.is_anomaly_enabled()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with lib.autograd.detect_anomaly():
            assert lib.is_anomaly_enabled()
    assert not lib.is_anomaly_enabled()
    lib.autograd.set_detect_anomaly(True)
    assert lib.is_anomaly_enabled()
    lib.autograd.set_detect_anomaly(False)
    assert not lib.is_anomaly_enabled()
