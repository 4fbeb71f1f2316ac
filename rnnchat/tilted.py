"""A language model that leans towards the words a person uses.

    p(w | context)  is made proportional to  p_model(w | context) * (p_person(w) / p_training(w)) ** LEAN

("Fast marginal adaptation", Kneser, Peters and Klakow 1997.) The context still decides; a word that this person uses
ten times as often as the training text becomes likelier wherever it fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

import numpy as np

from rnnchat.counts import LiveCounts
from rnnchat.model import Array, LanguageModel, State

LEAN = 0.5
TRUST = 10_000.0  # tokens of the person's text at which it weighs as much as the training text


class Tilted(Generic[State]):
    """Wraps a LanguageModel; the same as the model itself until something is learned.

    Args:
        personal: what the person wrote; may grow while this is in use.
        unigram: (V,) the probability of each token in the training text.
    """

    def __init__(self, model: LanguageModel[State], personal: LiveCounts, unigram: Array) -> None:
        self.model = model
        self.vocabulary = model.vocabulary
        self.personal = personal
        self.unigram = unigram
        self._tilt: tuple[int, Array] = (-1, unigram)  # for what was learned at that many changes

    def start(self) -> State:
        """Return the state at the beginning of a document."""
        return self.model.start()

    def step(self, states: Sequence[State], tokens: Sequence[int]) -> list[State]:
        """Return the states after one token each."""
        return self.model.step(states, tokens)

    def log_probs(self, state: State) -> Array:
        """Return (V,) natural log-probabilities of the next token."""
        row: Array = self.batch_log_probs([state])[0]
        return row

    def batch_log_probs(self, states: Sequence[State]) -> Array:
        """Return (B, V) natural log-probabilities."""
        rows = self.model.batch_log_probs(states)
        if not len(self.personal):
            return rows
        rows = rows + self.tilt()
        rows -= np.log(np.exp(rows).sum(axis=1, keepdims=True))
        return rows

    def tilt(self) -> Array:
        """Return (V,) what is added to the logarithms."""
        if self._tilt[0] != self.personal.changes:
            found = self.personal.followers(())
            counts = np.zeros(len(self.unigram), np.float32)
            if found is not None:
                counts[found.tokens] = found.counts
            person = (counts + TRUST * self.unigram) / (counts.sum() + TRUST)
            self._tilt = (self.personal.changes, (LEAN * np.log(person / self.unigram)).astype(np.float32))
        return self._tilt[1]
