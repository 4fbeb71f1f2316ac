"""Put a trained model among the bundled ones: weights in half precision, its card written by hand.

    python checkpoints/bundle.py NAME CARD.md TRAINED_FOLDER [TRAINED_FOLDER ...] [--count TEXTS] [--tune] [--talks]

Of several models, where each went on from the one before, the mean of the weights is taken: what the last one learned
without all that it forgot for it (Wortsman 2022, "Robust fine-tuning of zero-shot models").

--count TEXTS    also bundle the counts of that folder, which the model was trained on
--talks          leave counts and gate out: a conversation asks the network alone
--tune           fit gate and calibration on the first part of the public `.dev` texts (benchmarks/texts.py)
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.texts import TEXTS, tuning_lines
from rnnchat.checkpoint import Checkpoint
from rnnchat.text import read_documents
from rnnchat.train.corpus import build_corpus, encode_documents, gather
from rnnchat.train.counts import LONGEST, MOST_TOKENS, count_runs
from rnnchat.train.export import export_checkpoint
from rnnchat.train.network import Network
from rnnchat.tune import Author, tune

CORPORA = Path(__file__).parents[1] / "corpora"
EARLIER_LINES, TUNING_LINES, TYPED_CHARACTERS = 1_000, 80, 2_500  # of each kind of text


def mean(name: str, card: Path, trained: list[Path]) -> Checkpoint:
    """Return the model whose weights are the mean of those of `trained`."""
    checkpoints = [Checkpoint.load(folder, with_weights=True) for folder in trained]
    first = checkpoints[0]
    network = Network(replace(first.config, name=name))
    weights = [each.weights or {} for each in checkpoints]
    means = {key: np.mean([np.asarray(each[key], np.float32) for each in weights], axis=0) for key in weights[0]}
    network.load_state_dict({key: torch.from_numpy(value) for key, value in means.items()}, strict=False)
    tokens = encode_documents(list(read_documents([CORPORA / "messages", CORPORA / "shell"])), first.vocabulary)
    made = export_checkpoint(network, first.vocabulary, tokens[:20_000], card.read_text())
    half = {key: value.astype(np.float16) for key, value in (made.weights or {}).items()}
    return replace(made, weights=half, counts=checkpoints[-1].counts)


def count(checkpoint: Checkpoint, texts: str) -> Checkpoint:
    """Return the model with the counts of what `rnnchat train` would learn from `texts`."""
    unit, size = checkpoint.config.unit, checkpoint.config.vocabulary
    corpus = build_corpus(gather([texts], 0)[0], unit, size, 0, checkpoint.vocabulary)
    return replace(checkpoint, counts=count_runs(corpus.train[: MOST_TOKENS[unit]], size, LONGEST[unit]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("card", type=Path)
    parser.add_argument("trained", type=Path, nargs="+")
    parser.add_argument("--count", metavar="TEXTS")
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--talks", action="store_true")
    options = parser.parse_args()
    checkpoint = mean(options.name, options.card, options.trained)
    if options.talks:
        tuned = {"dialogue": checkpoint.config.tuned["dialogue"]}
        checkpoint = replace(checkpoint, counts=None, config=replace(checkpoint.config, tuned=tuned))
    if options.count:
        checkpoint = count(checkpoint, options.count)
    if options.tune:
        parts = [tuning_lines(kind, EARLIER_LINES + TUNING_LINES) for kind in TEXTS]
        cuts = [len(lines) - min(TUNING_LINES, len(lines) // 2) for lines in parts]
        authors = [Author(lines[:cut], lines[cut:]) for lines, cut in zip(parts, cuts, strict=True)]
        checkpoint = tune(checkpoint, authors, TYPED_CHARACTERS)
    print(checkpoint.save(Path(__file__).parent / options.name))
