"""What followed what: counts of token runs, and the language model that they make.

Three sources of counts have one form: those of the training text (`StoredCounts`, a checkpoint's counts.safetensors),
those that grow while a person writes (`LiveCounts`), and those of the text before the cursor (`HistoryModel`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rnnchat.model import Array
from rnnchat.vocabulary import DOCUMENT, Vocabulary

MOST_LEARNED = 400_000  # tokens that LiveCounts remembers; the oldest are forgotten for new ones
HISTORY = 512  # tokens before the cursor whose repetition is looked for
HISTORY_CONTEXT = 3  # tokens that must agree, at most
LIVE_CONTEXT = 4
LIVE_DISCOUNT = 0.5

Tokens = npt.NDArray[np.int32]


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


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much an n-gram model had to go by.

    Attributes:
        length: tokens of the longest context that was met before.
        total: how often it was met.
    """

    length: int
    total: float


NO_EVIDENCE = Evidence(0, 0.0)


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
    """Counts that grow with every text learned, and can be emptied again."""

    shortest = 0

    def __init__(self, longest: int = LIVE_CONTEXT) -> None:
        self.longest = longest
        self.forget()

    def forget(self) -> None:
        """Return to knowing nothing."""
        self._followers: dict[tuple[int, ...], dict[int, int]] = {}
        self._texts: list[list[int]] = []
        self._size = 0

    def __len__(self) -> int:
        """The number of tokens learned."""
        return self._size

    def learn(self, tokens: Sequence[int]) -> None:
        """Count the runs in one text; the oldest texts are forgotten where the memory is full."""
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


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model of counts expects, as few numbers: p(w) = rest * base(w) + the sum of `shares` where `tokens` is w.

    Attributes:
        tokens, shares: (N,) each; a token may stand there more than once.
        rest: the probability that is left for tokens that never came after the contexts.
    """

    tokens: npt.NDArray[np.integer]
    shares: Array
    rest: float
    evidence: Evidence

    def add_to(self, row: Array, weight: float, base: Array | None) -> None:
        """Add `weight` times the probabilities to (V,) `row`."""
        if base is not None:
            row += np.float32(weight * self.rest) * base
        np.add.at(row, self.tokens, np.float32(weight) * self.shares)

    def probability(self, token: int, base: Array | None) -> float:
        """Return the probability of one token."""
        rest = self.rest * float(base[token]) if base is not None else 0.0
        return rest + float(self.shares[self.tokens == token].sum())


NOTHING = Prediction(np.zeros(0, np.int64), np.zeros(0, np.float32), 1.0, NO_EVIDENCE)


def interpolate(levels: Sequence[tuple[int, Followers, float]]) -> Prediction:
    """Return what contexts of growing length expect together, by interpolated absolute discounting.

        p(w | context) = max(count - D, 0) / total + (what that leaves) * p(w | context without its oldest token)

    (Ney, Essen and Kneser 1994.)

    Args:
        levels: length of a context, what came after it, and D; shortest first.
    """
    if not levels:
        return NOTHING
    shares: list[Array] = []
    rest = 1.0
    for _, found, discount in reversed(levels):
        share = np.maximum(found.counts - np.float32(discount), 0) / np.float32(found.total)
        shares.append(share * np.float32(rest))
        rest *= max(0.0, 1.0 - float(share.sum()))
    tokens = np.concatenate([found.tokens for _, found, _ in reversed(levels)])
    length, longest, _ = levels[-1]
    return Prediction(tokens, np.concatenate(shares), rest, Evidence(length, longest.total))


class NgramModel:
    """A LanguageModel of counts; its state is the last tokens.

    Args:
        base: (V,) probabilities below the shortest context; None where the counts know that themselves.
    """

    def __init__(self, vocabulary: Vocabulary, counts: Counts, base: Array | None) -> None:
        self.vocabulary = vocabulary
        self.counts = counts
        self.base = base

    def start(self) -> tuple[int, ...]:
        """Return the state after <document>."""
        return (DOCUMENT,)

    def step(self, states: Sequence[tuple[int, ...]], tokens: Sequence[int]) -> list[tuple[int, ...]]:
        """Return each state with its token added."""
        longest = self.counts.longest
        return [(*state, token)[-longest:] for state, token in zip(states, tokens, strict=True)]

    def predict(self, state: tuple[int, ...]) -> Prediction:
        """Return what is expected next."""
        levels: list[tuple[int, Followers, float]] = []
        for length in range(self.counts.shortest, min(self.counts.longest, len(state)) + 1):
            found = self.counts.followers(state[len(state) - length :])
            if found is None:
                break
            levels.append((length, found, self.counts.discount(length)))
        return interpolate(levels)

    def log_probs(self, state: tuple[int, ...]) -> Array:
        """Return (V,) natural log-probabilities of the next token."""
        return dense(self.predict(state), self.base, len(self.vocabulary))

    def batch_log_probs(self, states: Sequence[tuple[int, ...]]) -> Array:
        """Return (B, V): `log_probs` of each of `states`."""
        return np.stack([self.log_probs(state) for state in states])


class HistoryModel:
    """A LanguageModel that expects what followed the same tokens earlier in this very text; its state is the text.

    The n-gram form of a cache (Kuhn and De Mori 1990): names, dishes and turns of phrase come again.
    """

    base: Array | None = None

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def start(self) -> Tokens:
        """Return the state after <document>: an empty history."""
        return np.zeros(0, np.int32)

    def step(self, states: Sequence[Tokens], tokens: Sequence[int]) -> list[Tokens]:
        """Return each state with its token added."""
        return [np.append(state[-HISTORY:], np.int32(token)) for state, token in zip(states, tokens, strict=True)]

    def predict(self, state: Tokens) -> Prediction:
        """Return what is expected next; nothing at the beginning of a text."""
        if not len(state):
            return NOTHING
        places = [np.arange(len(state))]  # of the tokens that follow contexts of 0, 1, ... tokens
        for length in range(1, HISTORY_CONTEXT + 1):
            possible = places[-1][places[-1] >= length]
            places.append(possible[state[possible - length] == state[-length]])
            if not len(places[-1]):
                places.pop()
                break
        shares: list[Array] = []
        rest = 1.0
        for length, found in reversed(list(enumerate(places))):
            # Once seen is believed half, twice two thirds (Laplace's rule); the shortest context gets what is left.
            share = rest * (len(found) / (len(found) + 1) if length else 1.0)
            shares.append(np.full(len(found), share / len(found), np.float32))
            rest -= share
        evidence = Evidence(len(places) - 1, float(len(places[-1])))
        return Prediction(state[np.concatenate(places[::-1])], np.concatenate(shares), rest, evidence)

    def log_probs(self, state: Tokens) -> Array:
        """Return (V,) natural log-probabilities of the next token."""
        return dense(self.predict(state), None, len(self.vocabulary))

    def batch_log_probs(self, states: Sequence[Tokens]) -> Array:
        """Return (B, V): `log_probs` of each of `states`."""
        return np.stack([self.log_probs(state) for state in states])


def dense(prediction: Prediction, base: Array | None, size: int) -> Array:
    """Return (size,) natural log-probabilities; of what is thought impossible, minus infinity."""
    row = np.zeros(size, np.float32)
    prediction.add_to(row, 1.0, base)
    with np.errstate(divide="ignore"):
        logarithms: Array = np.log(row)
    return logarithms
