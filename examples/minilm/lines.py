"""The lines of a text file."""

from __future__ import annotations

from pathlib import Path


def read_lines(path: Path) -> list[str]:
    """The file's lines, empty ones too; ValueError where it is not UTF-8 text."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}"
        ) from error
    # Only \n (or \r\n) ends a line: str.splitlines would also break at characters such as U+2028 inside one.
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines[:-1] if lines[-1] == "" else lines
