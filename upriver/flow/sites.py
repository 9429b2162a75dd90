"""From a running frame to the user's own statement.

:meth:`Sites.here` runs once a recorded operation, so what it finds is remembered by code object and
instruction: on the usual path it costs one dictionary look-up a frame.
"""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import linecache
import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from types import CodeType, FrameType
from typing import Any

from . import syntax
from .model import Site

__all__ = ["NOWHERE", "Sites", "frame_locals", "function_name", "library_folders"]

NOWHERE = Site("", 0)  # where no frame is the user's

MARK = re.compile(r"#.*\bupriver:\s*cut\b")
# Python runs these in frames of their own, but a user sees one statement.
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
# Code that libraries write and run. What a user types is the user's: <stdin>, <ipython-input-3> and so on.
GENERATED = (
    "<frozen ", "<upriver ", "<__array_function__", "<attrs generated", "<decorator-gen", "<eval_with_key>",
    "<torch", "<template>",
)  # fmt: skip
FRAMEWORKS = ("upriver", "torch", "numpy")
FOLDED: dict[int, Site] = {}  # stands for "a library's code"; stays empty


def library_folders() -> tuple[str, ...]:
    """Where libraries live: the standard library, every site-packages, PyTorch, NumPy and upriver itself.

    Returns folders that end in a separator. Nothing is imported to find them.
    """
    folders = {os.path.dirname(os.__file__), *site.getsitepackages(), site.getusersitepackages()}
    folders.update(
        sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")
    )
    for name in FRAMEWORKS:
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError):  # ValueError: a module put into sys.modules by hand
            continue
        if spec is not None:
            folders.update(spec.submodule_search_locations or ())
    return tuple(sorted(os.path.abspath(folder) + os.sep for folder in folders))


class Sites:
    """Names the user's statements: whatever is not below a library's folder is the user's.

    ``library`` are more folders to count as libraries; ``scripts`` are files, or folders, that are the user's
    wherever they lie.

    >>> import sys
    >>> sites = Sites()
    >>> sites.here(sys._getframe())
    Site(file='<doctest ...>', line=1, function='<module>', source='sites.here(sys._getframe())')
    """

    def __init__(self, library: Iterable[str] = (), scripts: Iterable[str] = ()) -> None:
        more = (os.path.abspath(folder).rstrip(os.sep) + os.sep for folder in library)
        self._library = (*library_folders(), *more)
        self._scripts: set[str] = set()
        # By id of the code, because hashing a code object hashes its constants each time; `_codes` keeps the
        # ids from being given to others.
        self._tables: dict[int, dict[int, Site]] = {}
        self._codes: list[CodeType] = []
        for path in scripts:
            self.add_script(path)

    def add_script(self, path: str) -> None:
        """Count a file, or all files of a folder, as the user's even if it lies among libraries."""
        self._scripts.add(os.path.abspath(path))
        self._tables.clear()
        self._codes.clear()

    def is_user(self, file: str) -> bool:
        """Whether a file, named as frames name it, is the user's own.

        >>> import os
        >>> Sites().is_user(os.__file__), Sites().is_user("/home/me/train.py")
        (False, True)
        """
        if file.startswith("<"):
            # dataclasses and namedtuples run generated code under the name that `python -c` gives the user's
            return not file.startswith(GENERATED) and (file != "<string>" or sys.argv[:1] == ["-c"])
        path = os.path.abspath(file)
        if path in self._scripts or any(path.startswith(folder + os.sep) for folder in self._scripts):
            return True
        return not path.startswith(self._library) and not re.search(r"[\\/](site|dist)-packages[\\/]", path)

    def user_frame(self, frame: FrameType | None) -> FrameType | None:
        """The nearest frame at or above ``frame`` that runs the user's code; None if there is none."""
        while frame is not None:
            code = frame.f_code
            table = self._tables.get(id(code))
            if table is None:
                table = self._learn(code)
            if table is not FOLDED:
                return frame
            frame = frame.f_back
        return None

    def here(self, frame: FrameType | None) -> Site:
        """The user's statement that ``frame`` is running, or is called from; ``NOWHERE`` if there is none.

        The line is the one on which the running expression starts.
        """
        while frame is not None:
            code = frame.f_code
            table = self._tables.get(id(code))
            if table is None:
                table = self._learn(code)
            if table is not FOLDED:
                found = table.get(frame.f_lasti)
                return found if found is not None else self._site(frame)
            frame = frame.f_back
        return NOWHERE

    def at(self, code: CodeType, instruction: int) -> Site:
        """The statement of an instruction of ``code``: of an upriver node's ``code`` and ``instruction``.

        >>> import upriver as up
        >>> y = up.ones(2, requires_grad=True) * 3
        >>> Sites().at(y.grad_fn.code, y.grad_fn.instruction).source
        'y = up.ones(2, requires_grad=True) * 3'
        """
        table = self._tables.get(id(code))
        if table is None:
            table = self._learn(code)
        found = table.get(instruction)
        if found is None:
            line = _line(code, instruction)
            source = linecache.getline(code.co_filename, line).strip()
            found = Site(code.co_filename, line, function_name(code), source)
            if table is not FOLDED:
                table[instruction] = found
        return found

    def files(self) -> list[str]:
        """The user's files: those seen running, then those of imported modules."""
        seen = [code.co_filename for code in self._codes if self._tables[id(code)] is not FOLDED]
        modules = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        seen += [file for file in modules if file is not None and self.is_user(file)]
        return list(dict.fromkeys(seen))

    def line(self, file: str, line: int, function: str = "") -> Site:
        """The statement on a line of a file."""
        return Site(file, line, function, linecache.getline(file, line).strip())

    def stack(self, frame: FrameType | None, limit: int = 8) -> tuple[Site, ...]:
        """The user's statements that are running, innermost first, ``limit`` at most."""
        return tuple(itertools.islice(self._running(frame), limit))

    def marked(self, where: Site) -> bool:
        """Whether the statement carries the comment ``# upriver: cut``, on any of its lines."""
        lines = syntax.statement_lines(where.file, where.line)
        return any(MARK.search(linecache.getline(where.file, line)) for line in lines)

    def _running(self, frame: FrameType | None) -> Iterator[Site]:
        last, comprehension = None, False
        while (frame := self.user_frame(frame)) is not None:
            found = self.here(frame)
            if not (comprehension and found == last):
                yield found
            last, comprehension = found, frame.f_code.co_name in COMPREHENSIONS
            frame = frame.f_back

    def _site(self, frame: FrameType) -> Site:
        # the globals name the loader, for source that is in no file
        linecache.getlines(frame.f_code.co_filename, frame.f_globals)
        return self.at(frame.f_code, frame.f_lasti)

    def _learn(self, code: CodeType) -> dict[int, Site]:
        table: dict[int, Site] = {} if self.is_user(code.co_filename) else FOLDED
        self._codes.append(code)
        self._tables[id(code)] = table
        return table


def frame_locals(frame: FrameType) -> dict[str, Any]:
    """A running frame's variables by name, with those of the functions around it that it uses.

    Until 3.13, Python remembers in the frame what was asked, and with it every value, for as long as the
    function runs; that is undone here, so that looking keeps nothing of the user's alive.

    >>> def f(x):
    ...     return frame_locals(sys._getframe())
    >>> f(3)
    {'x': 3}
    """
    found = frame.f_locals
    code = frame.f_code
    if not code.co_flags & inspect.CO_OPTIMIZED:
        return found  # a module's or a class's own namespace
    variables = dict(found)
    # 3: the frame's, ours, getrefcount's. One more is the program's own `locals()`. A debugger writes back.
    if sys.version_info < (3, 13) and sys.getrefcount(found) <= 3 and sys.gettrace() is None:
        for name in (*code.co_varnames, *code.co_cellvars, *code.co_freevars):
            found.pop(name, None)
    return variables


def function_name(code: CodeType) -> str:
    """The function's name with those around it: "Encoder.forward"; "<module>" at the top level.

    >>> class Encoder:
    ...     def forward(self): ...
    >>> function_name(Encoder.forward.__code__)
    'Encoder.forward'
    """
    parts = [part for part in code.co_qualname.split(".") if part not in ("<locals>", *COMPREHENSIONS)]
    return ".".join(parts) or "<module>"


def _line(code: CodeType, instruction: int) -> int:
    """The line on which the instruction's expression starts; the code's own first line if it has none."""
    position = next(itertools.islice(code.co_positions(), max(instruction, 0) // 2, None), (None,))
    return position[0] or code.co_firstlineno
