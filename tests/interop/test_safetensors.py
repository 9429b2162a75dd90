"""Weights on disk: what goes in comes out, and a file is replaced as a whole or not at all."""

from __future__ import annotations

import builtins
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import upriver as up
from upriver.interop.safetensors import load_file, load_into, save_file

INTEGERS = ["uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"]
KINDS = ["bool", *INTEGERS, "float16", "float32", "float64", "complex64"]


@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, kind: str) -> None:
    shapes = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
    values = data.draw(arrays.arrays(np.dtype(kind), shapes))
    path = tmp_path_factory.mktemp("round") / "x.safetensors"
    save_file({"x": up.from_numpy(values)}, path)
    back = load_file(path)["x"]
    assert (back.dtype.name, tuple(back.shape)) == (kind, values.shape)
    assert back.numpy().tobytes() == values.tobytes()


def test_metadata_and_names(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"a": up.ones(1), "b.weight": up.zeros(2)}, path, metadata={"epoch": "3"})
    with safetensors.safe_open(path, framework="numpy") as file:
        assert file.metadata() == {"epoch": "3"}
    assert list(load_file(path)) == ["a", "b.weight"]
    assert list(load_file(path, names=["b.weight"])) == ["b.weight"]
    with pytest.raises(KeyError, match=r"has no tensor 'b.wieght' among its 2; did you mean 'b.weight'\?"):
        load_file(path, names=["b.wieght"])


def test_strided_and_required_tensors(tmp_path: Path) -> None:
    """Transposed, reversed or sliced memory is written in row-major order; a tensor may require grad."""
    x = up.arange(6.0).reshape(2, 3)
    save_file({"t": x.t()}, tmp_path / "t")
    save_file({"column": x[:, 1].detach().requires_grad_()}, tmp_path / "c")
    assert load_file(tmp_path / "t")["t"].tolist() == [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
    assert load_file(tmp_path / "c")["column"].tolist() == [1.0, 4.0]
    assert not load_file(tmp_path / "c")["column"].requires_grad


def test_loaded_tensors_can_be_written(tmp_path: Path) -> None:
    save_file({"x": up.zeros(2)}, tmp_path / "x")
    x = load_file(tmp_path / "x")["x"]
    x.add_(1)
    assert x.tolist() == [1.0, 1.0]
    assert load_file(tmp_path / "x")["x"].tolist() == [0.0, 0.0]


def test_shared_memory_is_refused(tmp_path: Path) -> None:
    x = up.zeros(4)
    for shared in ({"a": x, "b": x}, {"a": x, "b": x[1:3]}, {"a": x[::2], "b": x[1::2], "c": x[2:3]}):
        with pytest.raises(RuntimeError, match="Some tensors share memory"):
            save_file(shared, tmp_path / "x")
    save_file({"a": x[:2], "b": x[2:], "c": up.zeros(0)}, tmp_path / "halves")
    save_file({"a": x[::2], "b": x[1::2]}, tmp_path / "combs")
    assert not (tmp_path / "x").exists()


REFUSED: list[tuple[Any, Any, str]] = [
    ([up.zeros(1)], None, "expected a dictionary from names to Tensors, but got list"),
    ({"x": np.zeros(1)}, None, "the entry 'x' is a ndarray"),
    ({3: up.zeros(1)}, None, "the entry 3 is a Tensor"),
    (
        {"x": up.zeros(1, dtype=up.complex128)},
        None,
        "'x' has the dtype complex128, which the safetensors format lacks",
    ),
    ({"x": up.zeros(1)}, {"epoch": 3}, "metadata maps str to str, but got 'epoch': 3"),
]


@pytest.mark.parametrize(
    ("tensors", "metadata", "message"), REFUSED, ids=[message for *_, message in REFUSED]
)
def test_refused(tmp_path: Path, tensors: Any, metadata: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        save_file(tensors, tmp_path / "x", metadata)
    assert not list(tmp_path.iterdir())


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_file(tmp_path / "missing")
    (tmp_path / "text").write_text("not weights")
    with pytest.raises(ValueError, match="is not a safetensors file"):
        load_file(tmp_path / "text")


def by_hand(path: Path, kind: str, values: bytes) -> None:
    """A file with one tensor of two elements, of a type that NumPy lacks."""
    header = json.dumps({"x": {"dtype": kind, "shape": [2], "data_offsets": [0, len(values)]}}).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(len(header).to_bytes(8, "little") + header + values)


def test_bfloat16_is_widened(tmp_path: Path) -> None:
    by_hand(tmp_path / "b", "BF16", np.array([1.5, -3.0], np.float32).view(np.uint16)[1::2].tobytes())
    x = load_file(tmp_path / "b")["x"]
    assert (x.dtype, x.tolist()) == (up.float32, [1.5, -3.0])


def test_small_floats_are_refused(tmp_path: Path) -> None:
    by_hand(tmp_path / "f8", "F8_E4M3", b"\x01\x02")
    with pytest.raises(TypeError, match=r"'x' in .* has the type F8_E4M3, for which NumPy has no equal"):
        load_file(tmp_path / "f8")


def test_into_a_module(tmp_path: Path) -> None:
    path = tmp_path / "model"
    first, second = up.nn.Linear(3, 2), up.nn.Linear(3, 2)
    save_file({f"head.{name}": value for name, value in first.state_dict().items()}, path)
    load_into(second, path, prefix="head.")
    assert second.weight.tolist() == first.weight.tolist()
    assert second.weight.requires_grad
    with pytest.raises(RuntimeError, match="weight"):
        load_into(second, path)
    save_file({"weight": up.ones(2, 3)}, path)
    with pytest.raises(RuntimeError, match="bias"):
        load_into(second, path)
    assert load_into(second, path, strict=False).missing_keys == ["bias"]
    assert second.weight.tolist() == up.ones(2, 3).tolist()


# -- all or nothing ------------------------------------------------------------------------------------------

SAVE_AGAIN = """
import signal, sys
import upriver as up
from upriver.interop.safetensors import save_file

{before}
print("ready", flush=True)
{save}
"""


def child(save: str, path: Path, before: str = "") -> subprocess.Popen[str]:
    """A process that has imported everything and is about to run ``save``."""
    program = SAVE_AGAIN.format(before=before, save=save)
    root = Path(up.__file__).resolve().parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("delay", [0.0, 0.005, 0.02, 0.05])
def test_a_killed_save_leaves_the_old_file_or_the_new_one(tmp_path: Path, delay: float) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"x": up.zeros(3)}, path)
    endless = "n = 1.0\nwhile True:\n    save_file({'x': up.full((2_000_000,), n)}, sys.argv[1])\n    n += 1"
    process = child(endless, path)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    x = load_file(path)["x"].numpy()
    assert x.size in (3, 2_000_000)
    assert (x == x[0]).all()


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_killed_between_writing_and_replacing(tmp_path: Path) -> None:
    """The moment that matters, made certain: the new file is written, the old one not yet replaced."""
    path = tmp_path / "x.safetensors"
    save_file({"x": up.zeros(3)}, path)
    stuck = "import os, time\nos.fsync = lambda file: time.sleep(60)"
    process = child("save_file({'x': up.ones(5)}, sys.argv[1])", path, before=stuck)
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob("*.tmp")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert load_file(path)["x"].tolist() == [0.0, 0.0, 0.0]
    save_file({"x": up.ones(1)}, path)
    assert load_file(path)["x"].tolist() == [1.0]


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX")
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """A limit on the size of files fails in the middle of the write, as a full disk does."""
    path = tmp_path / "x.safetensors"
    save_file({"x": up.zeros(3)}, path)
    limited = (
        "import resource\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    )
    process = child("save_file({'x': up.ones(1_000_000)}, sys.argv[1])", path, before=limited)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "File too large" in error
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert load_file(path)["x"].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_an_error_removes_the_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"x": up.zeros(3)}, path)

    def fail(*args: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError, match="no space left"):
        save_file({"x": up.ones(1)}, path)
    monkeypatch.undo()
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert load_file(path)["x"].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.skipif(os.name != "posix", reason="permissions and links as POSIX has them")
def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    path, link = tmp_path / "x.safetensors", tmp_path / "latest"
    save_file({"x": up.zeros(3)}, path)
    path.chmod(0o640)
    link.symlink_to(path)
    save_file({"x": up.ones(1)}, link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert load_file(path)["x"].tolist() == [1.0]


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "safetensors":
            raise ImportError(name)
        return genuine(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'upriver\[hub\]'"):
        save_file({}, tmp_path / "x")
    with pytest.raises(ImportError, match=r"pip install 'upriver\[hub\]'"):
        load_file(tmp_path / "x")


@pytest.mark.oracle
def test_files_are_those_of_pytorch(tmp_path: Path) -> None:
    from safetensors.torch import load_file as its_load
    from safetensors.torch import save_file as its_save

    from tests.oracle import assert_same, torch

    values = {
        "w": np.arange(6, dtype=np.float32).reshape(2, 3),
        "n": np.array(3),
        "h": np.ones(2, np.float16),
    }
    save_file({name: up.from_numpy(value) for name, value in values.items()}, tmp_path / "ours")
    its_save({name: torch.from_numpy(value) for name, value in values.items()}, tmp_path / "theirs")
    its_save({"b": torch.tensor([1.5, -3.0], dtype=torch.bfloat16)}, tmp_path / "bfloat16")
    for name, tensor in its_load(tmp_path / "ours").items():
        assert_same(load_file(tmp_path / "theirs")[name], tensor)
    assert load_file(tmp_path / "bfloat16")["b"].tolist() == [1.5, -3.0]
