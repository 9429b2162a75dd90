"""A pretrained language encoder, cut where you say.

    frozen_encoder.py                            the whole story: detach, then the last layer, then all of it
    frozen_encoder.py --cut detach               features detached and computed once, a head on top
    frozen_encoder.py --cut none --train last    the encoder's last layer learns too
    frozen_encoder.py --cut none --train all     everything learns
    frozen_encoder.py --embed FILE --out X.npy   sentence embeddings of a text file's lines

The encoder is all-MiniLM-L6-v2 (22.6 million parameters), from --model FOLDER or fetched on first use.
It needs the extras `hub` and `tools`: pip install 'upriver[hub,tools]'.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from minilm.embedding import embed, save_array
from minilm.fetch import ModelNotFound, check_folder, fetch_model
from minilm.lines import read_lines
from minilm.pretrained import load_encoder
from minilm.screen import Screen
from minilm.snippets import FEWEST, SAMPLE, Snippets, read_snippets, split
from minilm.tokens import encode, load_tokenizer
from minilm.training import Examples, Plan, train

import upriver as up
from upriver import nn


@dataclass(frozen=True)
class Stage:
    """A mode and what it does when nobody says how much: passes over the data, and texts to train on."""

    cut: str
    train: str
    epochs: int
    texts: int | None


# What the command runs without --cut: fine-tuning sees fewer texts, to end within minutes on two cores.
STORY = (Stage("detach", "head", 40, None), Stage("none", "last", 1, None), Stage("none", "all", 1, 800))


def positive(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    value = int(text) if text.strip().isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return value


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line, checked."""
    summary, _, usage = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=usage, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--cut", choices=("detach", "none"), help="cut the graph behind the features, or nowhere"
    )
    parser.add_argument(
        "--train", choices=("last", "all"), help="with --cut none: what of the encoder learns"
    )
    parser.add_argument("--data", type=Path, default=SAMPLE, metavar="FILE", help="rating<TAB>text lines")
    parser.add_argument("--limit", type=positive, metavar="N", help="use N of the snippets")
    parser.add_argument("--epochs", type=positive, metavar="N", help="passes over the training texts")
    parser.add_argument("--batch", type=positive, default=32, metavar="N", help="texts a step (32)")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the split, the order and dropout (0)"
    )
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="with config.json, tokenizer.json, model.safetensors"
    )
    parser.add_argument(
        "--embed", type=Path, metavar="FILE", help="embed this file's lines instead of training"
    )
    parser.add_argument("--out", type=Path, metavar="X.npy", help="with --embed: where the embeddings go")
    chosen = parser.parse_args(argv)
    if (chosen.embed is None) != (chosen.out is None):
        parser.error("--embed FILE and --out X.npy go together")
    if chosen.embed and chosen.cut:
        parser.error("--embed trains nothing: leave --cut out")
    if chosen.train and chosen.cut != "none":
        parser.error("--train chooses what learns with --cut none; behind --cut detach only the head does")
    if chosen.limit is not None and chosen.limit < FEWEST:
        parser.error(
            f"--limit {chosen.limit}: training and holding some out needs at least {FEWEST} snippets"
        )
    return chosen


def stages(options: argparse.Namespace) -> list[Stage]:
    """The modes that the command line asks for."""
    if options.cut is None:
        return list(STORY)
    wanted = "head" if options.cut == "detach" else options.train or "all"
    epochs = {stage.train: stage.epochs for stage in STORY}[wanted]
    return [Stage(options.cut, wanted, epochs, None)]


def run_embedding(options: argparse.Namespace, folder: Path, screen: Screen) -> None:
    """--embed FILE --out X.npy."""
    texts = read_lines(options.embed)
    encoder, tokenizer = load_encoder(folder), load_tokenizer(folder)
    with screen.watch() as watch:
        array = embed(encoder, tokenizer, texts, options.batch, watch("embedding", len(texts)))
    save_array(options.out, array)
    screen.say(f"{options.out}: {array.shape[0]} embeddings of {array.shape[1]} numbers, float32, length 1")


def run_training(options: argparse.Namespace, folder: Path, screen: Screen) -> None:
    """Every stage takes the pretrained encoder anew, and the head that the first stage ended with."""
    tokenizer = load_tokenizer(folder)
    training, testing = split(read_snippets(options.data), options.limit, options.seed)

    def tokenised(snippets: Snippets) -> Examples:
        return Examples(encode(tokenizer, snippets.texts), up.tensor(snippets.labels))

    held_out, outcomes, head_state = tokenised(testing), [], None
    for stage in stages(options):
        up.manual_seed(options.seed)
        encoder = load_encoder(folder)
        head = nn.Linear(encoder.config.hidden_size, 2)
        if head_state:
            head.load_state_dict(head_state)
        plan = Plan(stage.cut, stage.train, options.epochs or stage.epochs, options.batch, options.seed)
        examples = tokenised(training.first(stage.texts or len(training)))
        with screen.watch() as watch:
            outcomes.append(train(plan, encoder, head, examples, held_out, watch))
        head_state = head_state or head.state_dict()
    screen.results(outcomes, len(testing))
    screen.gradients(outcomes)


def main() -> int:
    """Run the command; a mistake in what it was given ends it with one line that says so."""
    options, screen = arguments(), Screen()
    try:
        folder = check_folder(options.model) if options.model else fetch_model()
        (run_embedding if options.embed else run_training)(options, folder, screen)
    except (ModelNotFound, OSError, ValueError) as error:
        print(f"frozen_encoder.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
