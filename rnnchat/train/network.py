"""The networks, in torch: one signature for the LSTM, the GRU, the plain recurrent cell and the feed-forward baseline.

Shapes: T time steps, B streams of text side by side, V tokens, E embedding, H hidden units, F features.
"""

from __future__ import annotations

import itertools
import math
from typing import cast

import torch
from torch import Tensor, nn

from rnnchat.checkpoint import Config

# (hidden,) for gru and rnn, (hidden, cell) for lstm, each (layers, B, H); () for the feed-forward network.
NetworkState = tuple[Tensor, ...]


class Network(nn.Module):
    """Embedding, recurrent or feed-forward layers, and an output layer over the vocabulary.

    Args:
        config: sizes and cell.
        unigram: (V,) log-probabilities that the untrained network starts from; uniform where absent.
        dropout: how much of the embedding, and of what each layer passes on, is dropped while training. The mask
            is the same for all time steps of a stream (variational dropout, Gal and Ghahramani 2016).
    """

    def __init__(self, config: Config, unigram: Tensor | None = None, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.dropout = dropout
        self.embedding = nn.Embedding(config.vocabulary, config.embedding)
        sizes = [config.embedding] + [config.hidden] * config.layers
        if config.cell == "feedforward":
            self.feedforward = nn.ModuleList(nn.Linear(i, o) for i, o in itertools.pairwise(sizes))
        else:
            kinds: dict[str, type[nn.LSTM] | type[nn.GRU] | type[nn.RNN]] = {
                "lstm": nn.LSTM,
                "gru": nn.GRU,
                "rnn": nn.RNN,
            }
            self.recurrent = kinds[config.cell](config.embedding, config.hidden, config.layers)
        self.output = nn.Linear(config.features, config.vocabulary)
        if config.tied:
            self.projection = nn.Linear(config.hidden, config.embedding)
            self.output.weight = self.embedding.weight
        self._initialise(unigram)

    def _initialise(self, unigram: Tensor | None) -> None:
        nn.init.normal_(self.embedding.weight, std=1.0 / math.sqrt(self.config.embedding))
        if self.config.cell != "feedforward":
            for name, parameter in self.recurrent.named_parameters():
                if name.startswith("weight_hh"):
                    for gate in torch.split(parameter.data, self.config.hidden):
                        nn.init.orthogonal_(gate)
                elif name.startswith("weight_ih"):
                    bound = 1.0 / math.sqrt(parameter.shape[1])
                    nn.init.uniform_(parameter, -bound, bound)
                else:
                    nn.init.zeros_(parameter)
                    if self.config.cell == "lstm" and name.startswith("bias_ih"):
                        # +1 on the forget gate: remember by default (Jozefowicz 2015).
                        parameter.data[self.config.hidden : 2 * self.config.hidden] = 1.0
        if self.config.tied:
            nn.init.normal_(self.projection.weight, std=0.5 / math.sqrt(self.config.hidden))
            nn.init.zeros_(self.projection.bias)
        else:
            nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)
        if unigram is not None:
            self.output.bias.data.copy_(unigram)

    def start(self, streams: int) -> NetworkState:
        """Return the state before any token: zeros for each of `streams` streams."""
        parts = {"lstm": 2, "gru": 1, "rnn": 1, "feedforward": 0}[self.config.cell]
        shape = (self.config.layers, streams, self.config.hidden)
        return tuple(torch.zeros(shape) for _ in range(parts))

    def forward(self, tokens: Tensor, state: NetworkState) -> tuple[Tensor, NetworkState]:
        """Read tokens (T, B) and return features (T, B, F) and the state after them."""
        values = self._drop(self.embedding(tokens))
        if self.config.cell == "feedforward":
            for layer in self.feedforward:
                values = self._drop(torch.tanh(layer(values)))
        else:
            values, state = self._recur(values, state)
            values = self._drop(values)
        return (self.projection(values) if self.config.tied else values), state

    def _recur(self, values: Tensor, state: NetworkState) -> tuple[Tensor, NetworkState]:
        if self.config.cell == "lstm":
            values, (hidden, cell) = self.recurrent(values, (state[0], state[1]))
            return values, (hidden, cell)
        values, hidden = self.recurrent(values, state[0])
        return values, (hidden,)

    def logits(self, features: Tensor) -> Tensor:
        """Return the unnormalised log-probabilities (..., V) of the token after features (..., F)."""
        return cast(Tensor, self.output(features))

    def _drop(self, values: Tensor) -> Tensor:
        if not self.training or self.dropout == 0.0:
            return values
        keep = torch.empty(1, *values.shape[1:], dtype=values.dtype).bernoulli_(1.0 - self.dropout)
        return values * keep.div_(1.0 - self.dropout)


def full_loss(network: Network, features: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy in nats of targets (T, B) given features (T, B, F)."""
    logits = network.logits(features).float().flatten(0, 1)
    return nn.functional.cross_entropy(logits, targets.flatten())


def sampled_loss(network: Network, features: Tensor, targets: Tensor, head: int, sample: int) -> Tensor:
    """Return an estimate of `full_loss` that computes few of the V logits.

    The softmax's denominator is a sum over the vocabulary. The `head` most frequent tokens and the batch's own
    targets are summed exactly; of the others a uniform sample stands for all, each weighted by how many it stands
    for (Horvitz and Thompson 1952), so the denominator is unbiased.
    """
    size = network.config.vocabulary
    certain = torch.zeros(size, dtype=torch.bool)
    certain[:head] = True
    certain[targets] = True
    rest = (~certain).nonzero().squeeze(1)
    if len(rest) <= sample:
        return full_loss(network, features, targets)
    drawn = rest[torch.randint(len(rest), (sample,))]
    counted = certain.nonzero().squeeze(1)
    columns = torch.cat([counted, drawn])
    place = torch.zeros(size, dtype=torch.long)
    place[counted] = torch.arange(len(counted))
    logits = nn.functional.linear(features, network.output.weight[columns], network.output.bias[columns]).float()
    weight = torch.cat([torch.zeros(len(counted)), torch.full((sample,), math.log(len(rest) / sample))])
    return nn.functional.cross_entropy((logits + weight).flatten(0, 1), place[targets].flatten())
