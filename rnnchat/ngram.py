"""Language models that count instead of being trained: what followed the last tokens before comes again.

They stand beside the network in a Mixture, and are the honest baseline that it has to beat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rnnchat.counts import Counts, Followers
from rnnchat.model import Array
from rnnchat.vocabulary import DOCUMENT, Vocabulary

HISTORY = 512  # tokens before the cursor whose repetition is looked for
HISTORY_CONTEXT = 8  # tokens that must agree, at most

Tokens = npt.NDArray[np.int32]


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
