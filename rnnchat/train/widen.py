"""More hidden units for a trained network, that change nothing until it is trained on."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnchat.config import GATES
from rnnchat.train.network import Network


def widened(weights: dict[str, Tensor], network: Network) -> dict[str, Tensor]:
    """Return the weights of `network`, untrained and with more hidden units, that makes it say what `weights` say.

    Args:
        weights: of a network that is like it in all but its hidden units.
    """
    gates = GATES[network.config.cell]
    wide = {}
    for name, new in network.named_parameters():  # what is tied once, as in a checkpoint
        old = weights[name]
        if name.startswith("recurrent."):
            old = old.view(gates, len(old) // gates, *old.shape[1:])
            value = new.detach().clone().view(gates, len(new) // gates, *new.shape[1:])
            units = old.shape[1]
            if value.ndim > 2 and old.shape[2] < value.shape[2]:
                value[:, :units] = 0.0  # the old units do not hear the new ones
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
