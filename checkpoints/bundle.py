"""Put a trained model among the bundled ones: weights in half precision, its card written by hand.

    python checkpoints/bundle.py NAME CARD.md TRAINED_FOLDER [TRAINED_FOLDER ...]

Of several models, where each went on from the one before, the mean of the weights is taken: what the last one learned
without all that it forgot for it (Wortsman 2022, "Robust fine-tuning of zero-shot models").
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from rnnchat.checkpoint import Checkpoint
from rnnchat.text import read_documents
from rnnchat.train.corpus import encode_documents
from rnnchat.train.export import export_checkpoint
from rnnchat.train.network import Network

CORPORA = Path(__file__).parents[1] / "corpora"


def bundle(name: str, card: Path, trained: list[Path]) -> Path:
    """Return the folder beside this file that now holds the model."""
    checkpoints = [Checkpoint.load(folder, with_weights=True) for folder in trained]
    first = checkpoints[0]
    network = Network(replace(first.config, name=name))
    weights = [each.weights or {} for each in checkpoints]
    means = {key: np.mean([np.asarray(each[key], np.float32) for each in weights], axis=0) for key in weights[0]}
    network.load_state_dict({key: torch.from_numpy(value) for key, value in means.items()}, strict=False)
    tokens = encode_documents(list(read_documents([CORPORA / "messages", CORPORA / "shell"])), first.vocabulary)
    made = export_checkpoint(network, first.vocabulary, tokens[:20_000], card.read_text())
    half = {key: value.astype(np.float16) for key, value in (made.weights or {}).items()}
    return replace(made, weights=half).save(Path(__file__).parent / name)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    print(bundle(sys.argv[1], Path(sys.argv[2]), [Path(folder) for folder in sys.argv[3:]]))
