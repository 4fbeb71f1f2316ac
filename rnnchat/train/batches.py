"""From one long row of tokens to batches, each a function of its number alone: what is resumed goes on as it was.

Streams     the row cut into B equal lengths, read side by side, T tokens at a time; the state is carried over
WholeDocuments    rows of T tokens that hold as many whole documents as fit, B rows side by side; nothing is carried

A network that repeats what was said learns from whole documents: what a key is asked for is learned only where
question and key stand in one batch.
"""

from __future__ import annotations

import bisect
import random
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rnnchat.train.corpus import Tokens
from rnnchat.vocabulary import DOCUMENT, TURN_MARKS

Weights = npt.NDArray[np.float32]

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

    A document that is longer than a row is cut between two turns. In every epoch other documents share a row. Where
    no more fits in, <document> stands and counts for nothing.

    Args:
        weights: (N,) how much each token counts as a target.
    """

    def __init__(self, tokens: Tokens, weights: Weights, batch: int, length: int, seed: int) -> None:
        self.tokens, self.weights, self.batch, self.length, self.seed = tokens, weights, batch, length, seed
        self.parts = parts(tokens, length)
        self.epoch, self.rows = 0, self.packed(0)
        self.per_epoch = max(1, len(self.rows) // batch)

    def at(self, index: int) -> Batch:
        """Return batch number `index`; an epoch that packs better than the first one begins again at its first rows."""
        epoch, place = divmod(index, self.per_epoch)
        if epoch != self.epoch:
            self.epoch, self.rows = epoch, self.packed(epoch)
        tokens = np.full((self.length + 1, self.batch), DOCUMENT, self.tokens.dtype)
        weights = np.zeros((self.length + 1, self.batch), np.float32)
        for column in range(self.batch):
            end = 0
            for begin, after in self.rows[(place * self.batch + column) % len(self.rows)]:
                tokens[end : end + after - begin, column] = self.tokens[begin:after]
                weights[end : end + after - begin, column] = self.weights[begin:after]
                end += after - begin
            weights[end, column] = 1.0  # that the document is over
        return Batch(tokens, weights[1:], True)

    def packed(self, epoch: int) -> list[list[tuple[int, int]]]:
        """Return the rows of one epoch, each the parts that stand in it."""
        shuffled = list(self.parts)
        random.Random(self.seed * 1_000_003 + epoch).shuffle(shuffled)
        rows: list[list[tuple[int, int]]] = []
        room: list[tuple[int, int]] = []  # what is left in each row that is being filled, and which row it is
        for begin, end in shuffled:
            place = bisect.bisect_left(room, (end - begin, -1))
            if place < len(room):
                left, row = room.pop(place)
                rows[row].append((begin, end))
            else:
                left, row = self.length, len(rows)
                rows.append([(begin, end)])
                if len(room) == OPEN_ROWS:
                    room.pop(0)
            bisect.insort(room, (left - (end - begin), row))
        random.Random(self.seed * 1_000_003 + epoch).shuffle(rows)
        return rows


def parts(tokens: Tokens, longest: int) -> list[tuple[int, int]]:
    """Return where each document of `tokens` begins and ends; longer ones in parts, cut between turns if possible."""
    begins = np.flatnonzero(tokens == DOCUMENT)
    marks = np.flatnonzero(np.isin(tokens, TURN_MARKS))
    found = []
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(tokens)], strict=True):
        while end - begin > longest:
            last = int(marks[np.searchsorted(marks, begin + longest, "right") - 1])
            cut = last if last > begin + 1 else begin + longest
            found.append((begin, cut))
            begin = cut
        found.append((begin, end))
    return found
