"""Train the bundled `chat`, with exercises made on the spot.

    python -m corpora.prepare_chat PUBLIC_TEXTS build/chat 0
    python checkpoints/train_chat.py build/chat EXERCISES PARENT_FOLDER OUT --minutes 20 --device cuda

As `rnnchat train build/chat --start-from PARENT` does, but at another rate, the exercises once and all other texts
COPIES times; measured on small talk that nothing learns from (benchmarks/conversations) and on exercises; and the best
weights are saved as the checkpoint OUT whenever the held-out loss was taken: what is left of a machine that is gone.
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
from corpora.prepare import blocks
from corpora.prepare_chat import WORDS
from rnnchat.checkpoint import Checkpoint
from rnnchat.text import read_documents
from rnnchat.train.corpus import Corpus, Tokens, build_corpus, encode_documents
from rnnchat.train.device import computing_on
from rnnchat.train.export import export_checkpoint
from rnnchat.train.network import Network
from rnnchat.train.recipe import recipe_for
from rnnchat.train.trainer import EVALUATION_TOKENS, Trainer

AT_ONCE = 5_000  # exercises that one process makes


def encoded(checkpoint: Path, texts: Path, job: tuple[str, int]) -> tuple[Tokens, Tokens]:
    """Return what is learned from and what is held out of one file or one lot of exercises.

    Args:
        job: a file and 0, or "" and the seed of a lot.
    """
    path, seed = job
    if not path:
        words, answered = tuple((texts / WORDS).read_text().split()), list(blocks(texts / "chitchat.txt"))
        made = dialogues(AT_ONCE, seed, "train", words, answered)
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("\n\n".join("\n".join(each) for each in made) + "\n")
            file.flush()
            documents = list(read_documents([file.name]))
    else:
        documents = list(read_documents([path]))
    vocabulary = Checkpoint.load(checkpoint).vocabulary
    corpus = build_corpus(documents, "char", len(vocabulary), 0, vocabulary)
    return corpus.train, corpus.held_out


def gathered(checkpoint: Path, texts: Path, exercises: int, copies: int, seed: int) -> Corpus:
    """Return the texts, `copies` times, and so many exercises as one corpus."""
    vocabulary = Checkpoint.load(checkpoint).vocabulary
    files = [(str(file), 0) for file in sorted(texts.glob("*.txt"))]
    lots = [("", 1_000 * seed + lot) for lot in range(-(-exercises // AT_ONCE))]
    with multiprocessing.get_context("spawn").Pool() as pool:
        found = pool.map(partial(encoded, checkpoint, texts), [*lots, *files], 1)
    exercises_found, texts_found = found[: len(lots)], found[len(lots) :]
    # Many of our texts come in several copies: what is held out of them is learned all the same.
    train = [part[0] for part in exercises_found] + copies * [np.concatenate(parts) for parts in texts_found]
    talks = encode_documents(list(read_documents([UNTAUGHT])), vocabulary)
    room = max(0, EVALUATION_TOKENS - len(talks)) // max(1, len(lots))
    held_out = np.concatenate([talks, *(part[1][:room] for part in exercises_found)])
    return Corpus(vocabulary, np.concatenate(train), held_out, sum(map(len, train)), len(held_out))


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
    parser.add_argument("parent", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began = time.monotonic()
    parent = Checkpoint.load(options.parent, with_weights=True)
    corpus = gathered(options.parent, options.texts, options.exercises, options.copies, options.seed)
    print(
        f"{len(corpus.train):,} tokens, {len(corpus.held_out):,} held out", round(time.monotonic() - began), flush=True
    )
    made = parent.config
    recipe = replace(
        recipe_for(len(corpus.train), unit="char", minutes=options.minutes, seed=options.seed, pointer=True),
        layers=made.layers, hidden=made.hidden, embedding=made.embedding, vocabulary=made.vocabulary,
        attention=made.attention, batch=options.rows, learning_rate=options.learning_rate, dropout=options.dropout,
    )  # fmt: skip
    with computing_on(options.device):
        trainer = Trainer(corpus, recipe, made.name, parent, began)
        print(f"{trainer.batches.per_epoch:,} steps of {options.rows} rows are one pass", flush=True)
        for progress in trainer.steps():
            if progress.held_out is not None or progress.step % 200 == 1:
                place = f"step {progress.step:,}, {progress.epoch:.3f} passes, {progress.seconds:.0f} s"
                print(f"{place}: train {progress.train:.4f}, held out {progress.held_out}", flush=True)
            if progress.held_out is not None:
                keep(trainer, options.out)


if __name__ == "__main__":
    main()
