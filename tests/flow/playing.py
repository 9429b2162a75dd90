"""Run a program of the corpus in this process, and watch from outside what PyTorch does in it."""

from __future__ import annotations

import contextlib
import io
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.flow.expectations import sources
from tests.oracle import torch


@dataclass
class Played:
    """What a program left behind."""

    names: dict[str, Any]  # its globals: they keep alive what it keeps alive
    error: Exception | None = None
    place: tuple[str, int] = ("", 0)  # file name and line of the program where the error came up
    text: str = ""  # of that line
    output: str = ""
    warned: list[str] = field(default_factory=list)


def play(program: Path, change: Callable[[str], str] = str, folder: Path | None = None) -> Played:
    """Run the program; in a folder, if one is given, where its text and its helpers' are changed first."""
    if folder is not None:
        for file in sources(program):
            (folder / file.name).write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
        program = folder / program.name
    played = Played({"__name__": "__main__", "__file__": str(program)})
    code = compile(program.read_text(encoding="utf-8"), str(program), "exec", dont_inherit=True)
    with _beside(program.parent), _heard(played):
        try:
            exec(code, played.names)
        except Exception as error:
            played.error = error
            frames = traceback.extract_tb(error.__traceback__)
            last = [f for f in frames if Path(f.filename).parent == program.parent][-1]
            played.place, played.text = (Path(last.filename).name, last.lineno or 0), last.line or ""
    return played


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[None]:
    """The folder on the path for imports, and its modules forgotten afterwards."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for key, module in list(sys.modules.items()):
            if Path(getattr(module, "__file__", None) or "/").parent == folder:
                del sys.modules[key]


@contextlib.contextmanager
def _heard(played: Played) -> Iterator[None]:
    """Output and warnings taken down, grad mode as it was."""
    printed = io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(printed))
        caught = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        for library in (torch, sys.modules.get("upriver")):
            if library is not None:
                stack.enter_context(library.enable_grad())
        yield
    played.output = printed.getvalue()
    played.warned = [str(w.message) for w in caught]


class Watch:
    """What becomes of gradients, parameters and saved values; PyTorch only."""

    def __init__(self) -> None:
        self.optimizers: list[Any] = []
        self.modules: dict[int, Any] = {}  # that ran
        self.followed: dict[int, Any] = {}  # parameters of either
        self.buffers: set[int] = set()  # where their data is: layers update what they saved there
        self.reached: set[int] = set()  # parameters that ever had a gradient
        self.fresh: set[int] = set()  # have a contribution that no step has used
        self.stepped: set[int] = set()  # have one that a step has used
        self.wasted: set[int] = set()  # zeroed while fresh
        self.twice: set[int] = set()  # stepped by a contribution that a step had used before
        self.changed = 0  # saved values that were others when backward took them
        self.detached: dict[tuple[str, int], set[bool]] = {}  # where: whether there was something to cut

    def parameters(self) -> list[Any]:
        """All that optimisers were given."""
        return [p for o in self.optimizers for group in o.param_groups for p in group["params"]]

    def unreached(self) -> list[Any]:
        """Of these, what requires a gradient and never had one."""
        return [p for p in self.parameters() if p.requires_grad and not self._has(p)]

    def unowned(self) -> list[Any]:
        """Parameters of modules that ran, with a gradient, in no optimiser."""
        owned = {id(p) for p in self.parameters()}
        ran = {id(p): p for m in self.modules.values() for p in m.parameters()}
        return [p for key, p in ran.items() if key not in owned and p.grad is not None]

    def _has(self, p: Any) -> bool:
        return p.grad is not None or id(p) in self.reached

    def _created(self, optimizer: Any) -> None:
        self.optimizers.append(optimizer)
        optimizer.register_step_pre_hook(self._steps)
        for group in optimizer.param_groups:
            for p in group["params"]:
                self._follow(p)

    def _runs(self, module: Any, _: Any) -> None:
        self.modules[id(module)] = module
        for p in module.parameters(recurse=False):
            self._follow(p)
        self.buffers |= {b.data_ptr() for b in module.buffers(recurse=False)}

    def _follow(self, p: Any) -> None:
        if id(p) not in self.followed and p.is_leaf and p.requires_grad:
            self.followed[id(p)] = p
            p.register_hook(lambda _: self._comes(p))
            p.register_post_accumulate_grad_hook(self._came)

    def _comes(self, p: Any) -> None:
        if p.grad is None or not p.grad.any():
            self.stepped.discard(id(p))

    def _came(self, p: Any) -> None:
        if p.grad is not None:
            self.reached.add(id(p))
            self.fresh.add(id(p))

    def _steps(self, optimizer: Any, *_: Any) -> None:
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                self.reached.add(id(p))
                if id(p) in self.stepped and id(p) in self.fresh:
                    self.twice.add(id(p))
                self.stepped.add(id(p))
                self.fresh.discard(id(p))

    def _zeroes(self, parameters: list[Any]) -> None:
        self.wasted |= {id(p) for p in parameters if p.grad is not None and id(p) in self.fresh}
        self.fresh -= {id(p) for p in parameters}

    def _take(self, packed: tuple[Any, Any]) -> Any:
        value, copy = packed
        same = torch.equal(value.nan_to_num(), copy.nan_to_num())
        self.changed += not same and value.data_ptr() not in self.buffers
        return value


@contextlib.contextmanager
def watching(saved: bool = False) -> Iterator[Watch]:
    """A Watch over what runs inside; ``saved`` looks at saved values too (and hides version errors)."""
    watch = Watch()
    originals = torch.optim.Optimizer.__init__, torch.Tensor.detach
    zero_optimizer, zero_module = torch.optim.Optimizer.zero_grad, torch.nn.Module.zero_grad

    def create(optimizer: Any, *args: Any, **kwargs: Any) -> None:
        originals[0](optimizer, *args, **kwargs)
        watch._created(optimizer)

    def zero(optimizer: Any, *args: Any, **kwargs: Any) -> None:
        watch._zeroes([p for group in optimizer.param_groups for p in group["params"]])
        zero_optimizer(optimizer, *args, **kwargs)

    def zero_of(module: Any, *args: Any, **kwargs: Any) -> None:
        watch._zeroes(list(module.parameters()))
        zero_module(module, *args, **kwargs)

    def detach(tensor: Any) -> Any:
        frame = sys._getframe(1)
        place = Path(frame.f_code.co_filename).name, frame.f_lineno
        watch.detached.setdefault(place, set()).add(tensor.requires_grad)
        return originals[1](tensor)

    ran = torch.nn.modules.module.register_module_forward_pre_hook(watch._runs)
    hooks = torch.autograd.graph.saved_tensors_hooks(lambda t: (t, t.detach().clone()), watch._take)
    torch.optim.Optimizer.__init__, torch.Tensor.detach = create, detach
    torch.optim.Optimizer.zero_grad, torch.nn.Module.zero_grad = zero, zero_of
    try:
        with hooks if saved else contextlib.nullcontext():
            yield watch
    finally:
        torch.optim.Optimizer.__init__, torch.Tensor.detach = originals
        torch.optim.Optimizer.zero_grad, torch.nn.Module.zero_grad = zero_optimizer, zero_module
        ran.remove()
