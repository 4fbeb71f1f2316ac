"""The networks, in torch: one signature for the LSTM, the GRU, the plain recurrent cell and the feed-forward baseline.

A recurrent network may also have one attention head with a pointer. Every token read gets a key; the features ask
for one, and the answer is the token beside it, so that what was said can be said again, letter by letter, though no
weight has ever seen it (Vinyals 2015, "Pointer networks"; See 2017 for the gate). A key is the sum of what led to the
token and of what was known LOOK_AHEAD tokens later, or is known now: so the network can tell a word from its
beginning, and pass over the item that was taken off an order. Scores fade a little with every token, so that of two
equal answers the newer one is given (Press 2022, "Train short, test long"), and rise with every token before the one
looked at that equals the one just said: a copy once begun goes on where it is. The gate also sees the token pointed at:
a name is over where a full stop or the other's turn would come next. And what is looked at is read (Bahdanau 2015):
the keys, weighted, go to the output layer, which so knows what kind of thing it is about to say, and to the gate.
Before it points it glances around (glimpses.py).

Shapes: T time steps, B streams of text side by side, V tokens, E embedding, H hidden units, F features, K width of a
key, S tokens remembered: those carried from the text before, and then the T read now.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from rnnchat.config import REMEMBERED, STATES, Config
from rnnchat.train.attention import NOWHERE, Keys, echoes, later, runs
from rnnchat.train.glimpses import Glimpses
from rnnchat.vocabulary import DOCUMENT

# (hidden,) for gru and rnn, (hidden, cell) for lstm, each (layers, B, H); () for the feed-forward network.
# With attention also the halves of keys (S, B, 4K) and their tokens (S, B, 1), as floats; an empty one is 0, which is
# <document>.
NetworkState = tuple[Tensor, ...]

STRETCH = 256  # tokens that look back side by side
CARRIED = REMEMBERED  # tokens at most from the text before; training carries none, the held-out loss does


@dataclass(frozen=True)
class Looks:
    """What attention finds from each of T tokens.

    Attributes:
        weights: (B, T, S) how much each token is looked at; sums to 1.
        tokens: (B, S) those tokens.
        gate: (B, T, 1) before its sigmoid; high where the network speaks for itself.
        read: (T, B, K + THOUGHT) the keys there, weighted, and what is thought of the glimpses.
        own: (B, T, S) which tokens belong to the same document and were said by then.
    """

    weights: Tensor
    tokens: Tensor
    gate: Tensor
    read: Tensor
    own: Tensor


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
        if config.attention:
            self.before = nn.Linear(config.hidden, config.attention, bias=False)
            self.ahead = nn.Linear(config.hidden, config.attention, bias=False)
            self.query = nn.Linear(config.features, config.attention, bias=False)
            self.fading = nn.Parameter(torch.tensor([math.log(0.01)]))
            self.following = nn.Parameter(torch.tensor([2.0]))
            self.gate = nn.Linear(config.features, 1)
            self.stop = nn.Embedding(config.vocabulary, 1)
            self.read = nn.Linear(config.attention, config.vocabulary, bias=False)
            self.read_gate = nn.Linear(config.attention, 1, bias=False)
            self.glimpses = Glimpses(config)
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
        if self.config.attention:
            nn.init.constant_(self.gate.bias, 2.0)  # at first it speaks for itself
            for late in (self.stop, self.read, self.read_gate):
                nn.init.zeros_(late.weight)
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
        shape = (self.config.layers, streams, self.config.hidden)
        state = tuple(torch.zeros(shape) for _ in STATES[self.config.cell])
        if not self.config.attention:
            return state
        return (*state, torch.zeros(0, streams, 4 * self.config.attention), torch.zeros(0, streams, 1))

    def forward(self, tokens: Tensor, state: NetworkState) -> tuple[Tensor, NetworkState]:
        """Read tokens (T, B) and return features (T, B, F) and the state after them."""
        values = self._drop(self.embedding(tokens))
        if self.config.cell == "feedforward":
            for layer in self.feedforward:
                values = self._drop(torch.tanh(layer(values)))
        else:
            before = state
            values, state = self._recur(values, state)
            if self.config.attention:
                state = (*state, *self._remember(tokens, values, before))
            values = self._drop(values)
        return (self.projection(values) if self.config.tied else values), state

    def _recur(self, values: Tensor, state: NetworkState) -> tuple[Tensor, NetworkState]:
        if self.config.cell == "lstm":
            values, (hidden, cell) = self.recurrent(values, (state[0], state[1]))
            return values, (hidden, cell)
        values, hidden = self.recurrent(values, state[0])
        return values, (hidden,)

    def _remember(self, tokens: Tensor, values: Tensor, before: NetworkState) -> tuple[Tensor, Tensor]:
        """Return the halves of keys (S, B, 4K) and tokens (S, B, 1): the last of those before, and those read now."""
        earlier = torch.cat([before[0][-1:].to(values.dtype), values[:-1]])
        halves = [self.before(earlier), self.glimpses.before(earlier), self.ahead(values), self.glimpses.ahead(values)]
        keys = torch.cat(halves, -1)
        old_keys, old_tokens = before[-2][-CARRIED:], before[-1][-CARRIED:]
        # What all streams have done with, because another document has begun, is looked at no more.
        places = torch.arange(len(old_tokens))[:, None]
        begins = int(torch.where(old_tokens[..., 0] == DOCUMENT, places, 0).amax(0).min()) if len(places) else 0
        old_keys, old_tokens = old_keys[begins:], old_tokens[begins:]
        return torch.cat([old_keys, keys.float()]), torch.cat([old_tokens, tokens[..., None].float()])

    def stretches(self, steps: int) -> Iterator[tuple[int, int]]:
        """Yield the beginnings and ends of stretches of `steps` tokens, to look back from one after the other.

        The first need not look past all the later tokens, and what they compute fits into a processor's cache.
        """
        length = STRETCH if self.config.attention else max(1, steps)
        for begin in range(0, steps, length):
            yield begin, min(begin + length, steps)

    def as_of(self, state: NetworkState, tokens: int) -> NetworkState:
        """Return the state of so many tokens ago, as far as look_back needs it: what was remembered by then."""
        if not self.config.attention:
            return state
        slots = len(state[-1]) - tokens
        return (*state[:-2], state[-2][:slots], state[-1][:slots])

    def look_back(self, features: Tensor, state: NetworkState) -> Looks:
        """Look from each of features (T, B, F) at the tokens of its own document up to there.

        Args:
            state: the one after the features.
        """
        with torch.autocast(features.device.type, enabled=False):  # many small sums: half gains nothing
            return self._look_back(features.float(), state)

    def _look_back(self, features: Tensor, state: NetworkState) -> Looks:
        steps, width = len(features), self.config.attention
        tokens = state[-1][..., 0].transpose(0, 1)
        keys = Keys.of(state[-2].transpose(0, 1), steps)
        places = torch.arange(tokens.shape[1])
        ages = places[-steps:, None] - places  # (T, S)
        run, document = runs(tokens, steps), (tokens == DOCUMENT).cumsum(1)  # (B, S) which document a token belongs to
        own = (document[:, -steps:, None] == document[:, None, :]) & (ages >= 0)
        echo = echoes(tokens.long(), steps)
        thought = self.glimpses(features, keys.settled[..., width:], own, run, echo)
        content, place = thought.query[..., :width], later(thought.query[..., width:], places[-steps:, None])
        query = torch.cat([self.query(features).transpose(0, 1) / math.sqrt(width), content], -1)
        bias = torch.zeros(own.shape).masked_fill_(~own, NOWHERE)
        bias = torch.addcmul(bias, run, self.following + thought.following)
        bias = torch.addcmul(bias, echo, thought.echo)
        looks = torch.softmax(keys.scores(bias, query, place, self.fading.exp()), -1)
        read = keys.read(looks)[..., :width]
        gate = self.gate(features).transpose(0, 1) + looks @ self.stop(tokens.long())
        gate = gate + self.read_gate(read) + thought.gate
        found = torch.cat([read, thought.hidden], -1).transpose(0, 1)
        return Looks(looks, tokens.long(), gate, found, own)

    def log_probs(self, features: Tensor, state: NetworkState) -> Tensor:
        """Return the log-probabilities (T, B, V) of the token after each of features (T, B, F)."""
        if not self.config.attention:
            return torch.log_softmax(self.logits(features).float(), -1)
        looks = self.look_back(features, state)
        own = torch.log_softmax(self.logits(features, looks).float(), -1)
        said = nn.functional.one_hot(looks.tokens, self.config.vocabulary).float()
        again, gate = (looks.weights @ said).transpose(0, 1), torch.sigmoid(looks.gate).transpose(0, 1)
        return torch.log(gate * own.exp() + (1 - gate) * again + 1e-9)

    def logits(self, features: Tensor, looks: Looks | None = None) -> Tensor:
        """Return the unnormalised log-probabilities (..., V) of the token after features (..., F), of which is all that
        a network says by itself, what it reads where it looks included.
        """
        if looks is None:
            return cast(Tensor, self.output(features))
        # One product: three, and their sum, would go over the (T, B, V) five times.
        weights = [self.output.weight, self.read.weight, self.glimpses.thought_to_logits.weight]
        known = torch.cat([features.float(), looks.read], -1)
        return nn.functional.linear(known, torch.cat(weights, -1), self.output.bias)

    def _drop(self, values: Tensor) -> Tensor:
        if not self.training or self.dropout == 0.0:
            return values
        keep = torch.empty(1, *values.shape[1:], dtype=values.dtype).bernoulli_(1.0 - self.dropout)
        return values * keep.div_(1.0 - self.dropout)
