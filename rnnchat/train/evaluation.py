"""How well a network does while it is trained: its loss on held-out text, and a little of what it writes."""

from __future__ import annotations

import math

import numpy as np
import torch

from rnnchat.train.corpus import Tokens
from rnnchat.train.losses import full_loss
from rnnchat.train.network import Network
from rnnchat.vocabulary import DOCUMENT, FIRST_BYTE, Vocabulary

STREAMS = 16  # read side by side
STEPS = 128  # read at a time
SAMPLE_CHARACTERS = 48


@torch.no_grad()
def held_out_loss(network: Network, tokens: Tokens) -> float:
    """Return nats per token over tokens (N,), read as parallel streams with carried state."""
    streams = max(1, min(STREAMS, len(tokens) // (2 * STEPS)))
    stream = (len(tokens) - 1) // streams
    total, counted, state = 0.0, 0, network.start(streams)
    for place in range(0, stream, STEPS):
        columns = [tokens[s * stream + place : s * stream + min(place + STEPS, stream) + 1] for s in range(streams)]
        rows = torch.as_tensor(np.stack(columns, axis=1).astype(np.int64))
        features, state = network(rows[:-1], state)
        total += full_loss(network, features, rows[1:], state).item() * rows[1:].numel()
        counted += rows[1:].numel()
    return total / max(1, counted)


@torch.no_grad()
def written(network: Network, vocabulary: Vocabulary) -> str:
    """Return a little text as the network writes it now."""
    tokens: list[int] = []
    token, state = DOCUMENT, network.start(1)
    for _ in range(SAMPLE_CHARACTERS if vocabulary.unit == "char" else SAMPLE_CHARACTERS // 4):
        features, state = network(torch.tensor([[token]]), state)
        logits = network.log_probs(features, state)[0, 0]
        logits[FIRST_BYTE : FIRST_BYTE + 256] = -math.inf
        token = int(torch.multinomial(torch.softmax(logits / 0.8, -1), 1))
        if token == DOCUMENT and tokens:
            break
        tokens.append(token)
    return vocabulary.decode(tokens)
