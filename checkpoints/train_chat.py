"""Train the bundled `chat`, with exercises made on the spot.

    python -m corpora.prepare_chat PUBLIC_TEXTS build/chat 0
    python checkpoints/train_chat.py build/chat EXERCISES OUT --start-from FOLDER --minutes 20 --device cuda
    python checkpoints/train_chat.py build/chat EXERCISES OUT --unit word --minutes 120

As `rnnchat train build/chat` does, but of any sizes, at another rate, the exercises once and all other texts COPIES
times; measured on small talk that nothing learns from (benchmarks/conversations) and on exercises; and the best weights
are saved as the checkpoint OUT whenever the held-out loss was taken: what is left of a machine that is gone.
checkpoints/bundle.py goes on from there.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.talks import UNTAUGHT
from corpora.exercises.generate import dialogues
from corpora.prepare_chat import WORDS
from rnnchat.checkpoint import Checkpoint
from rnnchat.text import Document, read_documents
from rnnchat.train.corpus import Corpus, build_corpus, count_vocabulary, encode_documents
from rnnchat.train.device import computing_on
from rnnchat.train.export import export_checkpoint
from rnnchat.train.network import Network
from rnnchat.train.recipe import LONGEST_ROW, recipe_for
from rnnchat.train.trainer import EVALUATION_TOKENS, Trainer
from rnnchat.vocabulary import Unit, Vocabulary

Job = tuple[str, int]  # a file and 0, or "" and the seed of a lot of exercises

AT_ONCE = 5_000  # exercises that one process makes


def read(texts: Path, job: Job) -> list[Document]:
    """Return the dialogues of one file or one lot of exercises."""
    path, seed = job
    if path:
        return list(read_documents([path]))
    made = dialogues(AT_ONCE, seed, "train", tuple((texts / WORDS).read_text().split()))
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n\n".join("\n".join(each) for each in made) + "\n")
        file.flush()
        return list(read_documents([file.name]))


def encoded(vocabulary: Vocabulary, texts: Path, job: Job) -> Corpus:
    """Return what is learned from and what is held out of one file or one lot of exercises."""
    return build_corpus(read(texts, job), vocabulary.unit, len(vocabulary), 0, vocabulary)


def counted(texts: Path, unit: Unit, size: int) -> Vocabulary:
    """Return the vocabulary of the texts and a lot of exercises."""
    files = [(str(file), 0) for file in sorted(texts.glob("*.txt"))]
    return count_vocabulary((document for job in [("", 0), *files] for document in read(texts, job)), unit, size)


def gathered(vocabulary: Vocabulary, texts: Path, exercises: int, copies: int, seed: int) -> Corpus:
    """Return the texts, `copies` times, and so many exercises as one corpus."""
    files = [(str(file), 0) for file in sorted(texts.glob("*.txt"))]
    lots = [("", 1_000 * seed + lot) for lot in range(-(-exercises // AT_ONCE))]
    with multiprocessing.get_context("spawn").Pool() as pool:
        found = pool.map(partial(encoded, vocabulary, texts), [*lots, *files], 1)
    exercises_found, texts_found = found[: len(lots)], found[len(lots) :]
    # Many of our texts come in several copies: what is held out of them is learned all the same.
    train = [part.train for part in exercises_found]
    train += copies * [each for part in texts_found for each in (part.train, part.held_out)]
    talks = encode_documents(list(read_documents([UNTAUGHT])), vocabulary)
    room = max(0, EVALUATION_TOKENS - len(talks)) // max(1, len(lots))
    held_out = np.concatenate([talks, *(part.held_out[:room] for part in exercises_found)])
    characters = sum(part.train_characters for part in exercises_found)
    characters += copies * sum(part.train_characters + part.held_out_characters for part in texts_found)
    per_token = characters / sum(map(len, train))
    return Corpus(vocabulary, np.concatenate(train), held_out, characters, round(per_token * len(held_out)))


def keep(trainer: Trainer, folder: Path) -> None:
    """Save the best weights so far as a checkpoint."""
    network = Network(trainer.config)
    names = [name for name, _ in network.named_parameters()]
    network.load_state_dict(dict(zip(names, trainer.best_weights, strict=True)), strict=False)
    export_checkpoint(network, trainer.corpus.vocabulary, trainer.corpus.held_out, "").save(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("exercises", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start-from", type=Path, help="go on from this checkpoint, whose sizes it keeps")
    parser.add_argument("--unit", choices=["char", "word"], default="char")
    parser.add_argument("--vocabulary", type=int, default=4_096)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--length", type=int, default=LONGEST_ROW, help="tokens in a row")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began = time.monotonic()
    parent = Checkpoint.load(options.start_from, with_weights=True) if options.start_from else None
    vocabulary = parent.vocabulary if parent else counted(options.texts, options.unit, options.vocabulary)
    corpus = gathered(vocabulary, options.texts, options.exercises, options.copies, options.seed)
    print(
        f"{len(corpus.train):,} tokens, {len(corpus.held_out):,} held out", round(time.monotonic() - began), flush=True
    )
    recipe = recipe_for(
        corpus.train_characters,
        unit=vocabulary.unit,
        size="medium",
        minutes=options.minutes,
        seed=options.seed,
        pointer=True,
    )
    recipe = replace(
        recipe, hidden=options.hidden, vocabulary=len(vocabulary), batch=options.rows, length=options.length,
        learning_rate=options.learning_rate, dropout=options.dropout,
    )  # fmt: skip
    if parent:
        made = parent.config
        recipe = replace(
            recipe, layers=made.layers, hidden=made.hidden, embedding=made.embedding, attention=made.attention
        )
    with computing_on(options.device):
        trainer = Trainer(corpus, recipe, options.out.name, parent, began)
        print(f"{trainer.batches.per_epoch:,} steps of {options.rows} rows are one pass", flush=True)
        for progress in trainer.steps():
            if progress.held_out is not None or progress.step % 200 == 1:
                place = f"step {progress.step:,}, {progress.epoch:.3f} passes, {progress.seconds:.0f} s"
                print(f"{place}: train {progress.train:.4f}, held out {progress.held_out}", flush=True)
            if progress.held_out is not None:
                keep(trainer, options.out)


if __name__ == "__main__":
    main()
