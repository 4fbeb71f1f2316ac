"""Give a trained model more hidden units: the wider network says the same, until it is trained on.

    python checkpoints/widen.py TRAINED_FOLDER HIDDEN NAME

What comes out is among one's own models, to go on from: rnnchat train TEXTS --name OTHER --start-from NAME. The new
units read all there is, but nothing reads them yet (Chen 2016, "Net2Net", which copies units instead).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from rnnchat.checkpoint import Checkpoint
from rnnchat.places import own_models
from rnnchat.text import read_documents
from rnnchat.train.corpus import encode_documents
from rnnchat.train.export import export_checkpoint
from rnnchat.train.network import Network
from rnnchat.train.trainer import weights_of
from rnnchat.train.widen import widened

CORPORA = Path(__file__).parents[1] / "corpora"

if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    narrow = Checkpoint.load(Path(sys.argv[1]), with_weights=True)
    torch.manual_seed(0)
    network = Network(replace(narrow.config, hidden=int(sys.argv[2]), name=sys.argv[3], parent=narrow.config.name))
    if narrow.config.cell == "feedforward" or network.config.hidden <= narrow.config.hidden:
        sys.exit("it must be a recurrent network, and get more units than it has")
    target = own_models() / network.config.name
    if target.exists():
        sys.exit(f"there is a model named {target.name} already")
    network.load_state_dict(widened(weights_of(narrow), network), strict=False)
    tokens = encode_documents(list(read_documents([CORPORA / "messages"])), narrow.vocabulary)
    made = export_checkpoint(network, narrow.vocabulary, tokens[:20_000], narrow.card)
    print(replace(made, counts=narrow.counts).save(target))
