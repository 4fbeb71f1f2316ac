"""Glimpses: looks at what was said before the pointer is set (Vinyals 2016, "Order matters", section 4.1.1).

One look can ask for "what comes next in what I am reading out". It cannot ask for "the next thing that was not taken
back": that takes a look at what is being read out, one at what was taken back, and only then a place to point at. So
COUNT heads look first, each in its own way, and see what stands there, how alike it is, and how long ago it was said.
The network thinks about what they found (the attentional hidden state of Luong 2015), and what it thinks changes where
it points, whether a copy goes on where it is, whether it points at all, and what it says by itself.

From the start the first goes along with what is being repeated, and the second looks for what was just spoken of.
How long ago something was said is told as sines and cosines, so that a linear map can ask for what stands a little
later than what was found (Vaswani 2017). What was said less than LOOK_AHEAD tokens ago is not looked at: its keys are
not complete yet, and the hidden state remembers it well.

Shapes: T time steps, B streams, S tokens remembered, F features, K width of a key, P numbers of a place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnchat.config import ECHOING, FOLLOWING, GLIMPSED, LOOK_AHEAD, PLACE, THOUGHT, Config
from rnnchat.config import GLIMPSES as COUNT
from rnnchat.train.attention import NOWHERE, later, place_table

NOTHING = 16  # places of zeros: one would do, but products of odd sizes are slow


@dataclass(frozen=True)
class Thought:
    """What T tokens think of what they found.

    Attributes:
        query: (B, T, K + P) what to ask the keys of the glimpses for, and the places, as seen from each of the T.
        hidden: (B, T, THOUGHT) the thought itself; thought_to_logits makes of it what the network says by itself.
        gate: (B, T, 1) what is added to the gate.
        following: (B, T, 1) how much more, or less, the pointer goes on where it is.
        echo: (B, T, 1) how much more, or less, it looks where what comes was said in the turn before.
    """

    query: Tensor
    hidden: Tensor
    gate: Tensor
    following: Tensor
    echo: Tensor


class Glimpses(nn.Module):
    """The heads, and what is made of what they find. Untrained they look, but change nothing."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.width, found = config.attention, COUNT * (config.attention + PLACE + 1)
        self.before = nn.Linear(config.hidden, self.width, bias=False)
        self.ahead = nn.Linear(config.hidden, self.width, bias=False)
        self.query = nn.Linear(config.features, COUNT * self.width, bias=False)
        self.fading = nn.Parameter(torch.full((COUNT,), math.log(0.01)))
        self.think = nn.Linear(config.features + COUNT**2 + found, THOUGHT)
        self.found_to_query = nn.Linear(found, self.width + PLACE, bias=False)
        self.thought_to_query = nn.Linear(THOUGHT, self.width + PLACE, bias=False)
        self.thought_to_logits = nn.Linear(THOUGHT, config.vocabulary, bias=False)
        self.thought_to_gate = nn.Linear(THOUGHT, 1, bias=False)
        self.thought_to_following = nn.Linear(THOUGHT, 1, bias=False)
        self.thought_to_echo = nn.Linear(THOUGHT, 1, bias=False)
        ways = (self.thought_to_gate, self.thought_to_following, self.thought_to_echo)
        for late in (self.found_to_query, self.thought_to_query, self.thought_to_logits, *ways):
            nn.init.zeros_(late.weight)
        # At first the first two go by runs and echoes alone.
        nn.init.zeros_(self.query.weight[: 2 * self.width])

    def forward(self, features: Tensor, settled: Tensor, own: Tensor, run: Tensor, echo: Tensor) -> Thought:
        """Look, and think about it.

        Args:
            features: (T, B, F).
            settled: (B, S, K) keys; only those of GLIMPSED to LOOK_AHEAD tokens ago are looked at.
            own: (B, T, S) what belongs to the same document and was said up to there.
            run: (B, T, S) see attention.runs.
            echo: (B, T, S) see attention.echoes.
        """
        steps = len(features)
        settled = settled[:, -steps - GLIMPSED :]
        own, run, echo = (part[..., -steps - GLIMPSED :] for part in (own, run, echo))
        streams, slots, _ = settled.shape
        places = torch.arange(slots)
        now = places[-steps:, None]  # (T, 1)
        table = place_table(slots).expand(streams, -1, -1)  # (B, S, P)
        # Behind all that was said stand zeros: what is found where there is nothing to look at.
        ages = now - places
        hidden = nn.functional.pad(~own | (ages < LOOK_AHEAD) | (ages >= GLIMPSED), (0, NOTHING))
        values = nn.functional.pad(torch.cat([settled, table], -1), (0, 0, 0, NOTHING))
        bias = torch.zeros(hidden.shape).masked_fill_(hidden, NOWHERE)
        bias[..., -NOTHING:] = NOWHERE / 10
        echo = nn.functional.pad(echo, (0, NOTHING))
        # The first goes along with what is being repeated, the second looks for what was just spoken of.
        drawn = (bias + FOLLOWING * nn.functional.pad(run, (0, NOTHING)), bias + ECHOING * echo)
        # Scores fade by their age; as two more numbers of query and key, now and the place, that costs nothing.
        time = torch.zeros(slots + NOTHING, 2)
        time[:slots, 0], time[slots:, 1] = places, 1.0
        keys = torch.cat([values[..., : self.width], time.expand(streams, -1, -1)], -1).transpose(1, 2)
        found = []
        queries = self.query(features).transpose(0, 1) / math.sqrt(self.width)  # (B, T, COUNT * K)
        for head, query in enumerate(queries.chunk(COUNT, -1)):
            fading = self.fading[head].exp() * torch.cat([torch.ones(steps, 1), now], -1)
            asked = torch.cat([query, fading.expand(streams, -1, -1)], -1)
            looks = torch.softmax(torch.baddbmm(drawn[head] if head < len(drawn) else bias, asked, keys), -1)
            read = looks @ values
            place = later(read[..., self.width :], -now)
            found.append(torch.cat([read[..., : self.width], place, (looks * echo).sum(-1, keepdim=True)], -1))
        everything = torch.stack(found, 2)  # (B, T, COUNT, K + P + 1)
        content = everything[..., : self.width]
        alike = (content @ content.transpose(2, 3)).flatten(2) / self.width  # (B, T, COUNT * COUNT)
        everything = everything.flatten(2)
        thought = torch.tanh(self.think(torch.cat([features.transpose(0, 1), alike, everything], -1)))
        query = self.found_to_query(everything) + self.thought_to_query(thought)
        gate, following, echo = (
            way(thought) for way in (self.thought_to_gate, self.thought_to_following, self.thought_to_echo)
        )
        return Thought(query, thought, gate, following, echo)
