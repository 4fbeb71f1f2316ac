"""Give a trained model more hidden units: the wider network says the same, until it is trained on.

    python checkpoints/widen.py TRAINED_FOLDER HIDDEN NAME

What comes out is among one's own models, to go on from: rnnchat train TEXTS --name OTHER --start-from NAME. The new units
read all there is, but nothing reads them yet (Chen 2016, "Net2Net", which copies units instead).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[1]))

from rnnchat.checkpoint import Checkpoint
from rnnchat.config import GATES
from rnnchat.places import own_models
from rnnchat.text import read_documents
from rnnchat.train.corpus import encode_documents
from rnnchat.train.export import export_checkpoint
from rnnchat.train.network import Network
from rnnchat.train.trainer import weights_of

CORPORA = Path(__file__).parents[1] / "corpora"


def widened(weights: dict[str, Tensor], network: Network) -> dict[str, Tensor]:
    """Return the weights of `network`, untrained and with more hidden units, that makes it say what `weights` say.

    Args:
        weights: of a network that is like it in all but its hidden units.
    """
    gates = GATES[network.config.cell]
    wide = {}
    for name, new in network.state_dict().items():
        old = weights[name]
        if name.startswith("recurrent."):
            old, value = old.unflatten(0, (gates, -1)), new.clone().unflatten(0, (gates, -1))
            units = old.shape[1]
            if value.ndim > 2 and old.shape[2] < value.shape[2]:
                value[:, :units, old.shape[2] :] = 0.0  # the old units do not hear the new ones
                value[:, :units, : old.shape[2]] = old
            else:
                value[:, :units] = old
            wide[name] = value.flatten(0, 1)
        elif old.shape == new.shape:
            wide[name] = old
        else:  # reads the hidden units, and after them what stays as it is
            more = new.shape[1] - old.shape[1]
            hidden = network.config.hidden - more
            wide[name] = torch.cat([old[:, :hidden], torch.zeros(len(old), more), old[:, hidden:]], 1)
    return wide


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    narrow = Checkpoint.load(Path(sys.argv[1]), with_weights=True)
    torch.manual_seed(0)
    network = Network(replace(narrow.config, hidden=int(sys.argv[2]), name=sys.argv[3], parent=narrow.config.name))
    network.load_state_dict(widened(weights_of(narrow), network))
    tokens = encode_documents(list(read_documents([CORPORA / "messages"])), narrow.vocabulary)
    made = export_checkpoint(network, narrow.vocabulary, tokens[:20_000], narrow.card)
    print(made.save(own_models() / sys.argv[3]))
