"""From one long row of tokens to batches, each a function of its number alone: what is resumed goes on as it was.

Streams     the row cut into B equal lengths, read side by side, T tokens at a time; the state is carried over
WholeDocuments    rows of T tokens that hold as many whole documents as fit, B rows side by side; nothing is carried

A network that repeats what was said learns from whole documents: what a key is asked for is learned only where
question and key stand in one batch.
"""

from __future__ import annotations

import bisect
import math
import random
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rnnchat.train.corpus import Tokens
from rnnchat.train.recipe import Recipe
from rnnchat.vocabulary import DOCUMENT, TURN_MARKS, USER

Weights = npt.NDArray[np.float32]
Part = tuple[int, int]  # where it begins and ends in the row of all tokens

OPEN_ROWS = 64  # are filled at a time: a document goes into the fullest that has room


@dataclass(frozen=True)
class Batch:
    """What one step learns from.

    Attributes:
        tokens: (T + 1, B) ids; each but the first is the target of the one before.
        weights: (T, B) how much each target counts; all the same where None.
        fresh: whether the streams begin here, so that no state is carried over from the batch before.
    """

    tokens: Tokens
    weights: Weights | None
    fresh: bool


class Batches(Protocol):
    """All batches of a training."""

    per_epoch: int

    def at(self, index: int) -> Batch:
        """Return batch number `index` of the whole training."""
        ...


class Streams:
    """Tokens (N,) as `batch` parallel streams, read `length` steps at a time."""

    def __init__(self, tokens: Tokens, batch: int, length: int, seed: int) -> None:
        self.tokens, self.batch, self.length, self.seed = tokens, batch, length, seed
        self.per_epoch = max(1, (len(tokens) - 1 - length) // (batch * length))

    def at(self, index: int) -> Batch:
        """Return batch number `index`. Every epoch begins at another offset, so that the cuts fall elsewhere."""
        epoch, place = divmod(index, self.per_epoch)
        size, length = len(self.tokens), self.length
        offset = random.Random(self.seed * 1_000_003 + epoch).randrange(length) if size > 2 * length + 2 else 0
        starts = offset + self.per_epoch * length * np.arange(self.batch) + place * length
        rows = (starts + np.arange(length + 1)[:, None]) % size
        return Batch(self.tokens[rows], None, place == 0)


class WholeDocuments:
    """Tokens (N,) as rows of whole documents, `batch` rows of `length` tokens side by side.

    A document that is longer than a row is cut, between two turns where it can be, and each part is led by a <document>
    as if it were one; but that the document is over is learned only where it is. In every epoch other documents share
    a row. Where no more fits in, <document> stands and counts for nothing.

    Args:
        weights: (N,) how much each token counts as a target.
    """

    def __init__(self, tokens: Tokens, weights: Weights, batch: int, length: int, seed: int) -> None:
        self.tokens, self.weights, self.batch, self.length, self.seed = tokens, weights, batch, length, seed
        self.parts = cut(tokens, length)
        self.epoch, self.rows = 0, self.packed(0)
        self.per_epoch = math.ceil(len(self.rows) / batch)

    def at(self, index: int) -> Batch:
        """Return batch number `index`; where an epoch's rows do not fill its last one, the first rows come again."""
        epoch, place = divmod(index, self.per_epoch)
        if epoch != self.epoch:
            self.epoch, self.rows = epoch, self.packed(epoch)
        tokens = np.full((self.length + 1, self.batch), DOCUMENT, self.tokens.dtype)
        weights = np.zeros((self.length + 1, self.batch), np.float32)
        for column in range(self.batch):
            place_in_row = 0
            for begin, end in self.rows[(place * self.batch + column) % len(self.rows)]:
                first = place_in_row + 1  # behind its <document>, which stands there already
                place_in_row = first + end - begin
                tokens[first:place_in_row, column] = self.tokens[begin:end]
                weights[first:place_in_row, column] = self.weights[begin:end]
                weights[place_in_row, column] = float(end == len(self.tokens) or self.tokens[end] == DOCUMENT)
        return Batch(tokens, weights[1:], True)

    def packed(self, epoch: int) -> list[list[Part]]:
        """Return the rows of one epoch, each the parts that stand in it."""
        shuffled = list(self.parts)
        random.Random(self.seed * 1_000_003 + epoch).shuffle(shuffled)
        rows: list[list[Part]] = []
        room: list[tuple[int, int]] = []  # what is left in each row that is being filled, and which row it is
        for begin, end in shuffled:
            size = 1 + end - begin
            place = bisect.bisect_left(room, (size, -1))
            if place < len(room):
                left, row = room.pop(place)
                rows[row].append((begin, end))
            else:
                left, row = self.length, len(rows)
                rows.append([(begin, end)])
                if len(room) == OPEN_ROWS:
                    room.pop(0)
            bisect.insort(room, (left - size, row))
        random.Random(self.seed * 1_000_003 + epoch).shuffle(rows)
        return rows


def cut(tokens: Tokens, length: int) -> list[Part]:
    """Return the text of each document in `tokens`, without its <document>, in parts that fit into rows of `length`."""
    begins = np.flatnonzero(tokens == DOCUMENT)
    marks = np.flatnonzero(np.isin(tokens, TURN_MARKS))
    found: list[Part] = []
    for begin, end in zip((begins + 1).tolist(), [*begins[1:].tolist(), len(tokens)], strict=True):
        while end - begin >= length:
            last = int(marks[np.searchsorted(marks, begin + length - 1, "right") - 1])
            found.append((begin, last if last > begin else begin + length - 1))
            begin = found[-1][1]
        if begin < end:
            found.append((begin, end))
    return found


def batches_of(tokens: Tokens, recipe: Recipe) -> Batches:
    """Return the batches that a network of this recipe learns from."""
    if not recipe.attention:
        return Streams(tokens, recipe.batch, recipe.length, recipe.seed)
    weights = turn_weights(tokens, recipe.user_weight)
    return WholeDocuments(tokens, weights, recipe.batch, recipe.length, recipe.seed)


def turn_weights(tokens: Tokens, user: float) -> Weights:
    """Return how much each token counts as a target: `user` for what the user says, 1 for all else.

    What a person says next is mostly chance, above all a made-up name; what the chatbot says is to be learned.
    """
    places = np.arange(len(tokens))
    begins = np.where(np.isin(tokens, TURN_MARKS), places, 0)
    speaker = tokens[np.maximum.accumulate(begins)]
    # The sign that begins the other's turn ends one's own: the chatbot must learn when to stop.
    speaker = np.where(begins == places, np.roll(speaker, 1), speaker)
    return np.where(speaker == USER, user, 1.0).astype(np.float32)
