"""What upriver says after PyTorch's sentence: where, why, and what to do. And what it does not let pass."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import upriver as up


def message(call: Callable[[], Any], error: type[BaseException] = RuntimeError) -> str:
    """The text of the error a call raises."""
    with pytest.raises(error) as raised:
        call()
    return str(raised.value)


def names_line(text: str, function: Callable[..., Any], marker: str) -> bool:
    """Whether the text names this file and the line of `function` that carries the marker comment."""
    lines, first = inspect.getsourcelines(function)
    number = next(first + n for n, line in enumerate(lines) if f"# {marker}" in line)
    return f"test_messages.py:{number}" in text or f'test_messages.py", line {number}' in text


CUTS: dict[str, Callable[[Any], Any]] = {
    "detach": lambda x: (x * 2).detach(),  # detach
    "data": lambda x: (x * 2).data,  # data
    "argmax": lambda x: (x * 2).argmax(),  # argmax
    "long": lambda x: (x * 2).long(),  # long
    "compare": lambda x: x > 1,  # compare
}


@pytest.mark.parametrize("kind", sorted(CUTS))
@pytest.mark.parametrize("after", [0, 1, 5])
def test_backward_names_the_statement_that_cut(kind: str, after: int) -> None:
    x = up.tensor([1.0, 2.0], requires_grad=True)
    y = CUTS[kind](x)
    for _ in range(after):
        y = y * 1.0 + 0.5
    text = message(lambda: (y * 1.0).sum().backward())
    assert text.startswith("element 0 of tensors does not require grad and does not have a grad_fn")
    source = inspect.getsource(inspect.getmodule(message)).splitlines()  # type: ignore[arg-type]
    number = next(n for n, line in enumerate(source, 1) if line.endswith(f"# {kind}"))
    assert f"test_messages.py:{number}" in text or f'test_messages.py", line {number}' in text, text


def cut_in_no_grad(x: Any) -> Any:
    with up.no_grad():
        y = x * 2  # cut
    z = y + 1
    return z * 3


def test_backward_names_the_no_grad_statement() -> None:
    text = message(cut_in_no_grad(up.ones(1, requires_grad=True)).backward)
    assert names_line(text, cut_in_no_grad, "cut") and "no_grad" in text, text


def test_backward_names_the_cut_among_plain_tensors() -> None:
    x = up.ones(2, requires_grad=True)

    def program() -> Any:
        a = x.detach()  # cut
        b = up.ones(2)
        return (b * a + b).sum()

    assert names_line(message(program().backward), program, "cut")


def test_backward_without_any_cut_says_so() -> None:
    text = message(up.ones(1).backward)
    assert "requires_grad" in text and "test_messages.py" not in text.split("does not have a grad_fn")[0]


def overwritten() -> Any:
    x = up.tensor([1.0, 2.0], requires_grad=True)
    hidden = x.exp()  # saved
    alias = hidden.detach()
    alias.add_(1)  # written
    return hidden.sum()


def test_a_version_error_names_saver_writer_and_alias() -> None:
    text = message(overwritten().backward)
    assert text.startswith(
        "one of the variables needed for gradient computation has been modified by an inplace operation"
    )
    assert names_line(text, overwritten, "written"), text
    assert names_line(text, overwritten, "saved") and "exp" in text.lower(), text
    assert "detach" in text and "add_" in text, text


def written_by_setitem() -> Any:
    x = up.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    z = y * y
    y.view(2, 1)[0] = 5.0  # written
    return z.sum()


def test_a_version_error_names_a_setitem_through_a_view() -> None:
    text = message(written_by_setitem().backward)
    assert names_line(text, written_by_setitem, "written") and "mul" in text.lower(), text


def test_a_version_error_changes_no_gradient() -> None:
    x = up.tensor([1.0, 2.0], requires_grad=True)
    x.grad = up.ones(2)
    y = x * 1
    z = y * y
    y.zero_()
    message((x.sum() + z.sum()).backward)
    assert x.grad.tolist() in ([1.0, 1.0], [2.0, 2.0])


def test_refusals_say_what_to_do() -> None:
    x = up.tensor([1.0, 2.0], requires_grad=True)
    cases = [
        (lambda: x.add_(1), "no_grad"),
        (lambda: x.__setitem__(0, 1.0), "no_grad"),
        (lambda: (x * 2).backward(), "gradient"),
        (lambda: x.numpy(), "detach()"),
        (lambda: (x * x).split(1)[0].add_(1), "out-of-place"),
    ]
    for call, advice in cases:
        assert advice in message(call)


WRITES: dict[str, Callable[[Any], Any]] = {
    "detached array": lambda y: y.detach().numpy(),
    "forced array": lambda y: np.asarray(y.detach()),
}


@pytest.mark.parametrize("way", sorted(WRITES))
def test_35_a_write_through_numpy_is_never_silently_wrong(way: str) -> None:
    x = up.tensor([3.0, 4.0], requires_grad=True)
    y = x * 1
    z = (y * y).sum()
    array = WRITES[way](y)
    try:
        array[0] = 100.0
    except ValueError as refused:
        assert "read-only" in str(refused)
        z.backward()
        assert x.grad.tolist() == [6.0, 8.0]
    else:
        message(z.backward)


def test_35_a_write_to_the_source_of_from_numpy_is_never_silently_wrong() -> None:
    source = np.array([3.0, 4.0])
    x = up.from_numpy(source).requires_grad_()
    z = (x * x).sum()
    source[0] = 100.0
    text = message(z.backward)
    assert "NumPy" in text or "numpy" in text
