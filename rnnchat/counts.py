"""How often what followed what: in the training text (`StoredCounts`), and in what a person writes (`LiveCounts`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rnnchat.vocabulary import DOCUMENT, Unit

MOST_LEARNED = 400_000  # tokens that LiveCounts remembers; the oldest are forgotten for new ones
LIVE_CONTEXT: dict[Unit, int] = {"char": 8, "word": 4}  # tokens of the longest contexts
SPELLED_CONTEXT = 8  # the same within a word that is spelled, where a token is but a letter
LIVE_DISCOUNT = 0.5

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Followers:
    """What came after one context.

    Attributes:
        tokens: (F,) ids, each once.
        counts: (F,) how often each came.
        total: how often anything came; more than the sum of `counts` where rare followers are not kept.
    """

    tokens: npt.NDArray[np.integer]
    counts: Array
    total: float


class Counts(Protocol):
    """A source of counts.

    Attributes:
        shortest, longest: tokens of the contexts that are counted.
    """

    shortest: int
    longest: int

    def followers(self, context: Sequence[int]) -> Followers | None:
        """Return what came after `context`, oldest token first; None where it never came."""
        ...

    def discount(self, length: int) -> float:
        """Return what is taken from each count after contexts of `length` tokens and given to shorter ones."""
        ...


class StoredCounts:
    """The runs of a training text, as arrays that a checkpoint can hold.

    Level n has an entry for each run of n tokens that was kept, sorted; the followers of a run stand side by side in
    the level below it::

        counts_1 (V,)    children_1 (V,)       how often each token came, and how many entries of level 2 begin with it
        tokens_2, counts_2, children_2         the runs of two: last token, how often, entries of level 3 ...
        tokens_N, counts_N                     the longest runs
        discounts (N - 1,)                     of the followers of contexts of 1 .. N - 1 tokens

    Args:
        arrays: as above; counts above 65,535 are kept as that, but for level 1.
        size: of the vocabulary (V).

    Raises:
        ValueError: they do not fit together.
    """

    shortest = 1

    def __init__(self, arrays: Mapping[str, npt.NDArray[np.generic]], size: int) -> None:
        self.longest = len(arrays["discounts"])
        self._levels = [_Level.of(arrays, n) for n in range(1, self.longest + 2)]
        for above, below in zip(self._levels, self._levels[1:], strict=False):
            if above.first is None or int(above.first[-1]) != len(below.counts):
                raise ValueError("their levels do not fit together")
        if len(self._levels[0].counts) != size or any((level.tokens >= size).any() for level in self._levels[1:]):
            raise ValueError("they are those of another vocabulary")
        discounts = np.asarray(arrays["discounts"], np.float64)
        if not ((discounts >= 0) & (discounts < 1)).all():
            raise ValueError("their discounts are not between 0 and 1")
        self._discounts = [0.0, *discounts.tolist()]

    @property
    def unigram(self) -> Array:
        """(V,) the probability of each token by itself, half a count for those never met."""
        counts = self._levels[0].counts.astype(np.float32) + np.float32(0.5)
        shares: Array = counts / counts.sum()
        return shares

    def followers(self, context: Sequence[int]) -> Followers | None:
        """Return what came after `context`."""
        if not 1 <= len(context) <= self.longest:
            return None
        entry = context[0]
        for level, token in zip(self._levels[1:], context[1:], strict=False):
            low, high = self._children(level, entry)
            entry = low + int(np.searchsorted(level.tokens[low:high], token))
            if entry >= high or level.tokens[entry] != token:
                return None
        level, below = self._levels[len(context) - 1], self._levels[len(context)]
        low, high = self._children(below, entry)
        if low == high:
            return None
        counts = below.counts[low:high].astype(np.float32)
        return Followers(below.tokens[low:high], counts, max(float(level.counts[entry]), float(counts.sum())))

    def discount(self, length: int) -> float:
        """Return the absolute discount (Ney, Essen and Kneser 1994) estimated for that length."""
        return float(self._discounts[length])

    def _children(self, below: _Level, entry: int) -> tuple[int, int]:
        first = self._levels[below.number - 2].first
        assert first is not None
        return int(first[entry]), int(first[entry + 1])


@dataclass(frozen=True)
class _Level:
    number: int
    tokens: npt.NDArray[np.integer]
    counts: npt.NDArray[np.integer]
    first: npt.NDArray[np.int64] | None  # (entries + 1,) where the children of each entry begin; None at the last level

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[np.generic]], number: int) -> _Level:
        counts = np.asarray(arrays[f"counts_{number}"])
        tokens = np.asarray(arrays[f"tokens_{number}"]) if number > 1 else np.arange(len(counts), dtype=np.uint32)
        first = None
        if f"children_{number}" in arrays:
            children = np.asarray(arrays[f"children_{number}"])
            if len(children) != len(counts):
                raise ValueError("their levels do not fit together")
            first = np.concatenate([[0], np.cumsum(children, dtype=np.int64)])
        if len(tokens) != len(counts):
            raise ValueError("their levels do not fit together")
        return cls(number, tokens, counts, first)


class LiveCounts:
    """Counts that grow with every text learned, and can be emptied again.

    Args:
        usual: tokens of the longest contexts.
        letter: (V,) the tokens that words are spelled with; contexts of them alone may have SPELLED_CONTEXT.

    Attributes:
        changes: how often something was learned or forgotten.
    """

    shortest = 0

    def __init__(self, usual: int = LIVE_CONTEXT["word"], letter: npt.NDArray[np.bool_] | None = None) -> None:
        self.usual = usual
        self.letter = letter
        self.longest = usual if letter is None else max(usual, SPELLED_CONTEXT)
        self.changes = 0
        self.forget()

    def forget(self) -> None:
        """Return to knowing nothing."""
        self.changes += 1
        self._followers: dict[tuple[int, ...], dict[int, int]] = {}
        self._texts: list[list[int]] = []
        self._size = 0

    def __len__(self) -> int:
        """The number of tokens learned."""
        return self._size

    def learn(self, tokens: Sequence[int]) -> None:
        """Count the runs in one text; the oldest texts are forgotten where the memory is full."""
        self.changes += 1
        text = list(tokens)[-MOST_LEARNED:]
        self._count(text, 1)
        self._texts.append(text)
        self._size += len(text)
        while self._size > MOST_LEARNED and len(self._texts) > 1:
            oldest = self._texts.pop(0)
            self._size -= len(oldest)
            self._count(oldest, -1)

    def _count(self, text: Sequence[int], change: int) -> None:
        padded = [DOCUMENT, *text]
        for place in range(1, len(padded)):
            token = padded[place]
            for length in range(min(place, self.longest) + 1):
                if length > self.usual and not (self.letter is not None and self.letter[padded[place - length]]):
                    break
                context = tuple(padded[place - length : place])
                known = self._followers.setdefault(context, {})
                known[token] = known.get(token, 0) + change
                if not known[token]:
                    del known[token]
                    if not known:
                        del self._followers[context]

    def followers(self, context: Sequence[int]) -> Followers | None:
        """Return what came after `context` in the learned texts; the empty context is any place."""
        known = self._followers.get(tuple(context))
        if not known:
            return None
        counts = np.fromiter(known.values(), np.float32, len(known))
        return Followers(np.fromiter(known, np.int64, len(known)), counts, float(counts.sum()))

    def discount(self, length: int) -> float:
        """Return the same discount for all lengths: there is too little text to estimate one."""
        return LIVE_DISCOUNT if length else 0.0
