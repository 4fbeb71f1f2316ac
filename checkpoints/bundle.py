"""Put a trained model among the bundled ones: weights in half precision, its card written by hand.

python checkpoints/bundle.py TRAINED_FOLDER NAME CARD.md
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from rnnchat.checkpoint import Checkpoint


def bundle(trained: Path, name: str, card: Path) -> Path:
    """Return the folder beside this file that now holds the model."""
    checkpoint = Checkpoint.load(trained, with_weights=True)
    assert checkpoint.weights is not None
    half = {key: value.astype(np.float16) for key, value in checkpoint.weights.items()}
    config = replace(checkpoint.config, name=name)
    made = replace(checkpoint, config=config, weights=half, card=card.read_text())
    return made.save(Path(__file__).parent / name)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    print(bundle(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
