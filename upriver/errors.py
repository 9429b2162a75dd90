"""What went wrong, where in the user's code, why, and how to mend it.

Every message begins with PyTorch's own sentence, because programs match on it, and goes on with what PyTorch
does not say: the file and line that caused it and the repair.
"""

from __future__ import annotations

import os
import sys
from types import CodeType, FrameType

__all__ = ["AnomalyError", "CheckpointError", "GradcheckError", "Where", "explain", "here", "user_frame"]

PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
GENERATED = "<upriver "


# Source files known not to be, and to be, upriver's own: remembered, because it is asked once an operation.
OUTSIDE: set[str] = set()
INSIDE: set[str] = set()


def user_frame(frame: FrameType) -> FrameType:
    """The nearest frame at or above ``frame`` that is not upriver's own (the outermost one, if all are)."""
    while True:
        filename = frame.f_code.co_filename
        if filename in OUTSIDE:
            return frame
        if filename not in INSIDE:
            inside = filename.startswith((PACKAGE, GENERATED))
            (INSIDE if inside else OUTSIDE).add(filename)
            continue
        if frame.f_back is None:
            return frame
        frame = frame.f_back


class Where:
    """A place in the user's program: a code object and an instruction; turned into a line only when asked.

    It keeps no frame, hence none of the user's variables, alive.
    """

    __slots__ = ("code", "instruction")

    def __init__(self, code: CodeType, instruction: int) -> None:
        self.code = code
        self.instruction = instruction

    @property
    def filename(self) -> str:
        """The file the statement is in."""
        return self.code.co_filename

    @property
    def lineno(self) -> int:
        """The statement's line, counted from 1."""
        for start, end, line in self.code.co_lines():
            if start <= self.instruction < end and line is not None:
                return line
        return self.code.co_firstlineno

    @property
    def source(self) -> str:
        """The text of that line without its indentation; empty where the source cannot be read."""
        import linecache  # it brings the tokenizer with it: only when a message is written

        return linecache.getline(self.filename, self.lineno).strip()

    def __str__(self) -> str:
        place = f"{os.path.relpath(self.filename) if _near(self.filename) else self.filename}:{self.lineno}"
        return f"{place} `{self.source}`" if self.source else place

    def __repr__(self) -> str:
        return f"Where({self.filename}:{self.lineno})"


def _near(filename: str) -> bool:
    """Whether a path reads better relative to the working folder: it lies below it."""
    return filename.startswith(os.getcwd() + os.sep)


def here() -> Where:
    """The user's statement that is being run: the nearest frame above that is not upriver's own."""
    frame = user_frame(sys._getframe(1))
    return Where(frame.f_code, frame.f_lasti)


def explain(sentence: str, *lines: str | None) -> str:
    """PyTorch's sentence, then one indented line for each further fact: where, why, how to mend."""
    return "\n".join([sentence, *(f"  {line}" for line in lines if line)])


class AnomalyError(RuntimeError):
    """A backward rule returned NaN while anomaly detection was on; the message names the forward
    statement.
    """


class CheckpointError(RuntimeError):
    """A checkpointed function, run again for backward, did not do what it did at first."""


class GradcheckError(RuntimeError):
    """:func:`upriver.autograd.gradcheck` found a derivative that differs from the finite difference."""
