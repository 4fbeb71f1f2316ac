"""What looking back is made of: keys and their scores, runs, and how long ago something was said.

Shapes: T time steps, B streams, S tokens remembered, N numbers of a key, P numbers of a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from rnnchat.config import ECHO, ECHOED, ECHOES, GLIMPSED, LOOK_AHEAD, LOOK_BEHIND, place_rates, sinusoids
from rnnchat.train.device import default_device
from rnnchat.vocabulary import TURN_MARKS

TABLE = 2_048  # places: so many at a time
NOWHERE = -1e9  # the score of what may not be looked at


@dataclass(frozen=True)
class Keys:
    """The keys of S tokens, as each of the last T knows them.

    A key is what was known before its token, and what was known LOOK_AHEAD tokens later. The newest are not settled:
    for them stands what is known now, which differs from one of the T to the next. They are few, so all are treated as
    if they were settled, and then those few are put right.

    Attributes:
        settled: (B, S, N) where a token is among the newest of all, what was known before it.
        later: (B, S, N) what of that was known LOOK_AHEAD tokens later.
        now: (B, T, N) what is known now.
        newest: from here on tokens are not settled for one of the T at least.
        unsettled: (T, S - newest) whether a token is not settled.
    """

    settled: Tensor
    later: Tensor
    now: Tensor
    newest: int
    unsettled: Tensor

    @classmethod
    def of(cls, keys: Tensor, steps: int) -> Keys:
        """Divide keys (B, S, 2N) in halves, for the last `steps` tokens."""
        before, ahead = keys.chunk(2, -1)
        slots = keys.shape[1]
        later = nn.functional.pad(ahead[:, LOOK_AHEAD:], (0, 0, 0, min(LOOK_AHEAD, slots)))
        newest = max(0, slots - steps - LOOK_AHEAD)
        ages = torch.arange(slots - steps, slots)[:, None] - torch.arange(newest, slots)
        return cls(before + later, later, ahead[:, -steps:], newest, ages < LOOK_AHEAD)

    def scores(self, bias: Tensor, query: Tensor, place: Tensor, fading: Tensor) -> Tensor:
        """Return how well each key answers (B, T, S), beside `bias`.

        Args:
            query: (B, T, N).
            place: (B, T, P) what to ask place_table for.
            fading: (1,) how much a score loses with every token.
        """
        streams, slots, _ = self.settled.shape
        # How old a key is, less what is the same for all: the place by itself. So it is one more number of the keys.
        known = torch.cat([place_table(slots), torch.arange(slots)[:, None]], -1).expand(streams, -1, -1)
        asked = torch.cat([query, place, fading.expand(*query.shape[:2], 1)], -1)
        scores = torch.baddbmm(bias, asked, torch.cat([self.settled, known], -1).transpose(1, 2))
        right = (query * self.now).sum(-1, keepdim=True) - query @ self.later[:, self.newest :].transpose(1, 2)
        return torch.cat([scores[..., : self.newest], scores[..., self.newest :] + right * self.unsettled], -1)

    def read(self, looks: Tensor) -> Tensor:
        """Return the mean of the keys (B, T, N), weighted by looks (B, T, S)."""
        new = looks[..., self.newest :] * self.unsettled
        right = new.sum(-1, keepdim=True) * self.now - new @ self.later[:, self.newest :]
        return looks @ self.settled + right


def runs(tokens: Tensor, steps: int) -> Tensor:
    """Return (B, T, S): how much of what stands before each of tokens (B, S) was read last at each of the last T.

    0 to 1, which is LOOK_BEHIND tokens: after "Bob. Bo" the first b has a run of 2 tokens, for "Bo" stands before it.
    """
    small = tokens.to(torch.int16)
    read = nn.functional.pad(small, (LOOK_BEHIND, 0), value=-1)
    before = nn.functional.pad(small[:, :-1], (LOOK_BEHIND + 1, 0), value=-2)
    slots = tokens.shape[1]
    same = torch.ones(len(tokens), steps, slots, dtype=torch.bool)
    length = torch.zeros(same.shape, dtype=torch.uint8)
    for back in range(LOOK_BEHIND):
        end = read.shape[1] - back
        same &= read[:, end - steps : end, None] == before[:, None, end - slots : end]
        length += same
    return length / LOOK_BEHIND


def echoes(tokens: Tensor, steps: int) -> Tensor:
    """Return (B, T, S): how much of what comes at each of tokens (B, S) was said in the turn before that of the last T.

    0 to 1, which is ECHOES runs of ECHO tokens that begin among the next ECHOED. Only for what was said before that
    turn: after "U: no tea", it tells that "a tea" comes in what was listed earlier. Nothing is an echo that is
    GLIMPSED tokens old.
    """
    slots = tokens.shape[1]
    near = tokens[:, -steps - GLIMPSED :]
    marks = torch.stack([near == mark for mark in TURN_MARKS]).any(0)
    turn = marks.cumsum(1)
    width = near.shape[1]
    padded = nn.functional.pad(near, (0, ECHO))
    gram = sum((padded[:, n : n + width] << (16 * n) for n in range(ECHO)), torch.zeros_like(near))
    ends = nn.functional.pad(turn, (0, ECHO), value=-1)[:, ECHO - 1 : ECHO - 1 + width]
    whole = (ends == turn) & ~marks
    same = (gram[:, :, None] == gram[:, None, :]) & whole[:, :, None] & whole[:, None, :]
    # To ask how many turns there are would be to wait for a graphics card; there are no more than tokens.
    turns = int(turn.max()) + 1 if turn.device.type == "cpu" else width + 1
    of_turn = nn.functional.one_hot(turn, turns).float()  # (B, S, turns)
    heard = (same.float() @ of_turn).clamp(max=1.0) * (turn[..., None] < torch.arange(of_turn.shape[-1]))
    sums = nn.functional.pad(heard.cumsum(1), (0, 0, 1, ECHOED), mode="constant")
    sums[:, -ECHOED:] = sums[:, -ECHOED - 1 : -ECHOED]
    coming = ((sums[:, ECHOED:] - sums[:, :-ECHOED]) / ECHOES).clamp(max=1.0)[:, :width]
    before = (turn[:, -steps:] - 1).clamp(min=0)  # (B, T) the turn before
    echo = coming.transpose(1, 2).gather(1, before[..., None].expand(-1, -1, width))
    places = torch.arange(width)
    echo = echo * ((turn[:, None, :] < before[..., None]) & (places[-steps:, None] - places < GLIMPSED))
    return nn.functional.pad(echo, (slots - width, 0))


def place_table(slots: int) -> Tensor:
    """Return (S, P) sines and cosines of the places 0 to S - 1."""
    return _tables(-(-slots // TABLE) * TABLE, default_device())[0][:slots]


def later(place: Tensor, tokens: Tensor) -> Tensor:
    """Return what place_table would say of places (B, T, P) that are so many tokens (T, 1) later."""
    sines, cosines = place.chunk(2, -1)
    angles = tokens * _tables(0, default_device())[1]  # (T, P/2)
    sin, cos = angles.sin(), angles.cos()
    return torch.cat([sines * cos + cosines * sin, cosines * cos - sines * sin], -1)


@cache  # never let go: what a graphics card has recorded reads them where they lie
def _tables(slots: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return place_table(slots) and place_rates(), brought to the device once."""
    return torch.as_tensor(sinusoids(np.arange(slots)), device=device), torch.as_tensor(place_rates(), device=device)
