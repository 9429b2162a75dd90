"""Record a part of a program, from inside it: ``with record() as rec: ...`` and ``explain(step)``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from ..errors import user_frame
from .build import build
from .exits import ON_WRITE
from .listening import Listening
from .live import of_graph
from .model import Report
from .reach import Reach, is_tensor
from .recorder import Recorder
from .sites import Sites
from .why import why

__all__ = ["Session", "explain", "record"]


class Session:
    """What :func:`record` returns: listens inside its ``with`` block, and reports."""

    def __init__(self) -> None:
        self._listening: Listening | None = None  # started, and to be stopped, here
        self._heard: list[Recorder] = []
        self._report: Report | None = None

    def __enter__(self) -> Session:
        if self._heard:
            raise RuntimeError("this recording has been made: call record() again for another")
        self._heard = running()
        if not self._heard:  # inside another recording this joins it
            self._listening = Listening(Sites())
            self._heard = self._listening.recorders
            self._listening.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end(error, sys._getframe(1))

    def _end(self, error: BaseException | None, frame: FrameType) -> None:
        if self._listening is None:
            with _not_listening(self._heard):
                self._report = build(self._busiest(), error)
            return
        for recorder in self._heard:
            with _not_listening([recorder]):
                recorder.finish(frame)
        self._listening.stop()
        self._report = build(self._busiest(), error)

    def _busiest(self) -> Recorder:
        return max(self._heard, key=lambda recorder: recorder.tracker.operators)

    def report(self) -> Report:
        """The report of the block; inside it, of what has run so far.

        Raises RuntimeError if the recording has not begun.
        """
        if self._report is not None:
            return self._report
        if not self._heard:
            raise RuntimeError("nothing is recorded yet: enter the recording first, `with record() as rec:`")
        with _not_listening(self._heard):
            return build(self._busiest())

    def why(self, what: Any) -> str:
        """What became of the gradient of ``what``, a tensor or a name: see :meth:`Report.why`."""
        leaves = self._busiest().tracker.leaves if self._heard else []
        report = self.report()
        name = next((leaf.name for leaf in leaves if leaf.ref() is what), what)
        return why(report, name, user_frame(sys._getframe(1)))


def running() -> list[Recorder]:
    """The recorders that are listening now."""
    owners = (getattr(listener, "__self__", None) for listener in ON_WRITE)
    return [owner for owner in owners if isinstance(owner, Recorder)]


@contextmanager
def _not_listening(recorders: list[Recorder]) -> Iterator[None]:
    before = [recorder.inside for recorder in recorders]
    for recorder in recorders:
        recorder.inside = True
    try:
        yield
    finally:
        for recorder, inside in zip(recorders, before, strict=True):
            recorder.inside = inside


def record() -> Session:
    """Record what runs in a ``with`` block, in upriver or in PyTorch, whichever does more there.

    :meth:`Session.report` is the report, also when the block has raised. Tensors made before the block
    are leaves or constants to it: let it include the forward as well as the backward. One thread is heard,
    the one that enters the block. Inside another recording, that of ``upriver explain`` too, it joins that
    one: the report is then of all that one has heard.

    >>> import upriver as up
    >>> encoder, head = up.nn.Linear(2, 2), up.nn.Linear(2, 1)
    >>> with up.record() as rec:
    ...     h = encoder(up.ones(1, 2)).detach()
    ...     head(h).sum().backward()
    >>> print(rec.why(encoder.weight))
    encoder.weight: no gradient arrived.
      in `loss` at <doctest ...>:3 `head(h).sum().backward()`: every path is cut
        by detach at <doctest ...>:2 `h = encoder(up.ones(1, 2)).detach()`
      fix: ...
    """
    return Session()


def explain(what: Any, *args: Any, **kwargs: Any) -> Report:
    """Say where the gradients of a loss go, or of what a function computes.

    ``what``: a loss, a tensor of upriver or of PyTorch, whose graph is looked at as it is now; nothing is
    run. Told are the leaves that it reaches, and the parameters that the calling code can see and that it
    does not reach. The statements that cut are known only as far as tensors that are alive remember them,
    which PyTorch's do not. Or a function: it is called with ``args`` and ``kwargs`` under :func:`record`, and
    all is known. If it returns a loss, of one element, without having run a backward, that is done for it,
    without adding to anybody's ``grad``. What it raises becomes the report's ``raised``.

    Raises TypeError for anything else.

    >>> import upriver as up
    >>> w, unused = up.ones(2, requires_grad=True), up.ones(2, requires_grad=True)
    >>> report = up.explain((w * 3).sum())
    >>> {leaf.name: leaf.status for leaf in report.backwards[0].leaves}
    {'w': 'reached', 'unused': 'unused'}
    """
    frame = user_frame(sys._getframe(1))
    if is_tensor(what):
        return of_graph(what, frame)
    if not callable(what):
        raise TypeError(
            f"explain() takes a loss or a function, but got {type(what).__name__}; "
            "call it as explain(loss) or explain(step, batch)"
        )
    recording = Session().__enter__()
    error: BaseException | None = None
    before = _passes(recording)
    try:
        result = what(*args, **kwargs)
        if _passes(recording) == before and is_tensor(result) and result.numel() == 1:
            _differentiate(result)
    except Exception as raised:
        error = raised
    except BaseException as raised:
        recording._end(raised, frame)
        raise
    recording._end(error, frame)
    return recording.report()


def _passes(recording: Session) -> int:
    """How many backward passes have been heard."""
    return sum(s.count for recorder in recording._heard for s in recorder.statements.values())


def _differentiate(loss: Any) -> None:
    """Run backward without adding to anybody's grad. A loss without history raises, as its backward would."""
    leaves = [node.variable for node in Reach(loss).nodes.values() if hasattr(node, "variable")]
    if leaves:
        library = sys.modules[type(loss).__module__.partition(".")[0]]
        library.autograd.grad(loss, leaves, retain_graph=True, allow_unused=True)
    elif not loss.requires_grad:
        loss.backward()
