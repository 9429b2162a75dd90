"""Anomaly mode: where in the forward did the operation stand whose gradient is NaN."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..errors import PACKAGE, explain
from .modes import Observer, state
from .node import Node

__all__ = ["detect_anomaly", "is_anomaly_check_nan_enabled", "is_anomaly_enabled", "set_detect_anomaly"]

KEY = "traceback_"


class _Anomaly(Observer):
    """The observer: keeps the forward traceback of each node, checks what each node returns."""

    explains = True

    def __init__(self, check_nan: bool) -> None:
        self.check_nan = check_nan

    def failed(self, node: Node) -> None:
        """Show where the node was called in the forward."""
        warn_of(node)

    def made(self, node: Node, result: Any) -> None:
        """Keep the user's traceback."""
        import traceback

        frames = [
            frame
            for frame in traceback.extract_stack()
            if not frame.filename.startswith((PACKAGE, "<upriver "))
        ]
        node.metadata[KEY] = traceback.format_list(traceback.StackSummary.from_list(frames))

    def ran(self, node: Node, gradients: tuple[Any, ...]) -> None:
        """Raise if the node has made a NaN, after a warning that shows where it was called."""
        if not self.check_nan:
            return
        for index, g in enumerate(gradients):
            array = getattr(g, "_array", g)
            if array is not None and np.isnan(array).any():
                warn_of(node)
                raise RuntimeError(
                    explain(
                        f"Function '{node.name()}' returned nan values in its {index}th output.",
                        f"its forward is at {node.where}.",
                        "mend it: keep the operand away from the singular point (clamp it, or use `where` on "
                        "the operand, not the result).",
                    )
                )


def warn_of(node: Node) -> None:
    """Warn with the forward traceback of ``node``, where it was kept."""
    lines = node.metadata.get(KEY)
    if lines:
        warnings.warn(
            f"Error detected in {node.name()}. Traceback of forward call that caused the "
            f"error:\n{''.join(lines)}",
            UserWarning,
            stacklevel=2,
        )
    else:
        warnings.warn(
            f"Error detected in {node.name()}. No forward pass information available. Enable detect anomaly "
            "during forward pass for more information.",
            UserWarning,
            stacklevel=2,
        )


def _current() -> _Anomaly | None:
    return next((each for each in reversed(state.observers) if isinstance(each, _Anomaly)), None)


class set_detect_anomaly:
    """Turn anomaly detection on or off, as a function or a context manager."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.previous = state.observers
        others = tuple(each for each in state.observers if not isinstance(each, _Anomaly))
        state.observers = (*others, _Anomaly(check_nan)) if mode else others
        state.settle()

    def __enter__(self) -> None:
        """The mode was set when this object was made."""

    def __exit__(self, *error: object) -> None:
        state.observers = self.previous
        state.settle()


class detect_anomaly:
    """Keep each node's forward traceback, and stop backward at the first NaN, naming the statement to blame.

    >>> import upriver as up, warnings
    >>> x = up.zeros(1, requires_grad=True)
    >>> with warnings.catch_warnings(), up.autograd.detect_anomaly():
    ...     warnings.simplefilter("ignore")
    ...     try: (x.sqrt() * 0).sum().backward()
    ...     except RuntimeError as error: print(str(error).splitlines()[0])
    Function 'SqrtBackward0' returned nan values in its 0th output.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be "
            "enabled for debugging.",
            UserWarning,
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self.mode = set_detect_anomaly(True, self.check_nan)

    def __exit__(self, *error: object) -> None:
        self.mode.__exit__()


def is_anomaly_enabled() -> bool:
    """Whether anomaly detection is on in this thread."""
    return _current() is not None


def is_anomaly_check_nan_enabled() -> bool:
    """Whether it also looks for NaN."""
    current = _current()
    return current is not None and current.check_nan
