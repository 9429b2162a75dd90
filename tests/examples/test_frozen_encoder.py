"""The main job from its command line, on a tiny encoder that needs no download."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import frozen_encoder
import numpy as np
import pytest
from minilm import training
from minilm.bert import BertConfig
from minilm.lines import read_lines
from minilm.snippets import SAMPLE, read_snippets, split
from minilm.tokens import batches


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["frozen_encoder.py", *map(str, arguments)])
    return frozen_encoder.main()


@pytest.fixture
def train(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny_model: Path, snippets_file: Path
):
    """Run a training mode on the tiny model; its exit status and what it printed."""

    def command(*arguments: object) -> tuple[int, str]:
        status = run(monkeypatch, "--model", tiny_model, "--data", snippets_file, "--batch", 8, *arguments)
        return status, capsys.readouterr().out

    return command


def gradients(output: str) -> dict[str, list[str]]:
    """The rows of the gradient table: {group: [cell of each mode]}."""
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in output.splitlines() if "│" in line]
    return {row[0]: row[1:] for row in rows if re.match(r"embeddings|layer|head", row[0])}


def test_detach_reaches_the_head_alone_and_names_the_statement(train) -> None:
    status, output = train("--cut", "detach", "--epochs", 2)
    reached = gradients(output)
    assert status == 0
    assert [group for group, (cell,) in reached.items() if cell == "not reached"] == [
        "embeddings",
        "layer 0",
        "layer 1",
    ]
    assert float(reached["head"][0]) > 0
    source = Path(training.__file__).read_text().splitlines()
    line = next(number for number, text in enumerate(source, 1) if ".detach()" in text)
    assert re.search(rf"training\.py.*\b{line}\b", output)


def test_the_last_layer_learns_and_the_rest_is_frozen(train) -> None:
    status, output = train("--cut", "none", "--train", "last", "--epochs", 1)
    reached = gradients(output)
    assert status == 0
    assert [group for group, (cell,) in reached.items() if cell == "frozen"] == ["embeddings", "layer 0"]
    assert all(float(reached[group][0]) > 0 for group in ("layer 1", "head"))


def test_without_a_cut_everything_is_reached(train) -> None:
    status, output = train("--cut", "none", "--epochs", 1)
    assert status == 0
    assert all(float(cell) > 0 for (cell,) in gradients(output).values())


def test_the_whole_story_shows_three_modes(train) -> None:
    status, output = train("--epochs", 1, "--limit", 20)
    assert status == 0
    assert [len(cells) for cells in gradients(output).values()] == [3, 3, 3, 3]
    assert "Results on 4 held-out snippets" in output


def test_a_head_on_detached_features_learns_the_deciding_word(train) -> None:
    _, output = train("--cut", "detach", "--epochs", 200)
    assert "100.0%" in output


def test_embed_writes_unit_vectors_in_the_order_of_the_lines(
    monkeypatch: pytest.MonkeyPatch, tiny_model: Path, tmp_path: Path
) -> None:
    texts = ["good film", "", "the Ünïcode 映画 \u2028 film", "very " * 500, "good film"]
    (tmp_path / "lines.txt").write_bytes("\r\n".join(texts).encode())
    saved = {}
    for size in (1, 3):
        out = tmp_path / f"{size}.npy"
        assert (
            run(
                monkeypatch,
                "--model",
                tiny_model,
                "--embed",
                tmp_path / "lines.txt",
                "--out",
                out,
                "--batch",
                size,
            )
            == 0
        )
        saved[size] = np.load(out)
    assert saved[1].shape == (5, 8) and saved[1].dtype == np.float32
    assert np.allclose(np.linalg.norm(saved[1], axis=1), 1, atol=1e-6)
    assert np.allclose(saved[1][0], saved[1][4], atol=1e-6) and not np.allclose(
        saved[1][0], saved[1][1], atol=1e-2
    )
    assert np.allclose(saved[1], saved[3], atol=1e-5)
    assert sorted(path.name for path in tmp_path.glob("*.npy*")) == ["1.npy", "3.npy"]


def test_embed_takes_an_empty_file(monkeypatch: pytest.MonkeyPatch, tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("")
    assert (
        run(monkeypatch, "--model", tiny_model, "--embed", tmp_path / "none.txt", "--out", tmp_path / "x.npy")
        == 0
    )
    assert np.load(tmp_path / "x.npy").shape == (0, 8)


def test_lines_end_at_newlines_only(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_bytes("a\u2028b\n\nc\x0bd\r\n".encode())
    assert read_lines(tmp_path / "lines.txt") == ["a\u2028b", "", "c\x0bd"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--train", "last"], "--cut none"),
        (["--cut", "detach", "--train", "all"], "--cut none"),
        (["--embed", "x.txt"], "--out"),
        (["--embed", "x.txt", "--out", "x.npy", "--cut", "none"], "leave --cut out"),
        (["--epochs", "0"], "at least 1, got '0'"),
        (["--batch", "many"], "at least 1, got 'many'"),
        (["--limit", "5"], "needs at least 10 snippets"),
    ],
)
def test_a_wrong_command_line_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, *arguments)
    assert stop.value.code == 2
    assert complaint in capsys.readouterr().err


def test_bad_input_ends_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny_model: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.tsv"
    bad.write_text("1.0\tfine\nno rating here\n")
    few = tmp_path / "few.tsv"
    few.write_text("1.0\tfine\n")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9\n")
    (tmp_path / "empty").mkdir()
    cases = [
        (["--model", tiny_model, "--data", bad], "line 2: expected a rating, a tab and a text"),
        (["--model", tiny_model, "--data", tmp_path / "none.tsv"], "none.tsv"),
        (["--model", tmp_path / "nowhere"], "nowhere is not a folder"),
        (
            ["--model", tmp_path / "empty"],
            "no config.json, no model.safetensors, no tokenizer.json or vocab.txt",
        ),
        (
            ["--model", tiny_model, "--embed", tmp_path / "latin.txt", "--out", "x.npy"],
            "not UTF-8 text: byte 3 is 0xe9",
        ),
    ]
    for arguments, complaint in cases:
        assert run(monkeypatch, *arguments) == 1
        message = capsys.readouterr().err
        assert message.startswith("frozen_encoder.py: ") and complaint in message


def test_a_config_of_another_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
    with pytest.raises(ValueError, match="model_type is 'gpt2'; this encoder needs 'bert'"):
        BertConfig.from_file(tmp_path / "config.json")
    (tmp_path / "config.json").write_text('{"model_type": "bert", "hidden_act": "gelu"}')
    with pytest.raises(ValueError, match="no entry for vocab_size, hidden_size"):
        BertConfig.from_file(tmp_path / "config.json")


def test_batches_hold_every_text_once_and_little_padding() -> None:
    tokens = [[2] * (1 + i % 7) for i in range(23)]
    parts = list(batches(tokens, 4))
    assert sorted(row for part in parts for row in part.rows) == list(range(23))
    assert sum(part.mask.numel() - int(part.mask.sum()) for part in parts) <= 6


def test_the_sample_is_whole_and_the_split_is_stable() -> None:
    snippets = read_snippets(SAMPLE)
    assert (len(snippets), sum(snippets.labels)) == (2000, 973)
    training_part, held_out = split(snippets, 100, seed=1)
    assert (len(training_part), len(held_out)) == (80, 20)
    assert not set(training_part.texts) & set(held_out.texts)
    assert split(snippets, 100, seed=1) == (training_part, held_out)
