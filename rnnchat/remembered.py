"""A language model that remembers what it computed last: the same answers, sooner.

Typing asks for nearly the same thing at every key: the words after a place in the text, with one letter more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

import numpy as np

from rnnchat.model import Array, LanguageModel, State

ROWS = 64  # of V numbers each: 4 MB for 16,384 words
STEPS = 256  # states of some eight kilobytes each

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[State]):
    """Wraps a LanguageModel whose states are hashable.

    Args:
        model: what computes.
        rows, steps: how many probabilities and states are remembered; the ones not asked for the longest go first.
    """

    def __init__(self, model: LanguageModel[State], rows: int = ROWS, steps: int = STEPS) -> None:
        self.model = model
        self.vocabulary = model.vocabulary
        self._rows: _Recent[State, Array] = _Recent(rows)
        self._steps: _Recent[tuple[State, int], State] = _Recent(steps)

    def forget(self) -> None:
        """Compute everything anew from here on, because the model has changed."""
        self._rows.clear()
        self._steps.clear()

    def start(self) -> State:
        """Return the state at the beginning of a document."""
        return self.model.start()

    def step(self, states: Sequence[State], tokens: Sequence[int]) -> list[State]:
        """Return the states after one token each."""
        return self._steps.get(
            list(zip(states, tokens, strict=True)),
            lambda missing: self.model.step([state for state, _ in missing], [token for _, token in missing]),
        )

    def log_probs(self, state: State) -> Array:
        """Return (V,) natural log-probabilities of the next token; not to be written to."""
        return self._recall([state])[0]

    def batch_log_probs(self, states: Sequence[State]) -> Array:
        """Return (B, V): `log_probs` of each of `states`."""
        return np.stack(self._recall(states))

    def _recall(self, states: Sequence[State]) -> list[Array]:
        return self._rows.get(list(states), lambda missing: list(self.model.batch_log_probs(missing)))


class _Recent(Generic[Key, Value]):
    """The values of the keys asked for last."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def clear(self) -> None:
        """Return to knowing nothing."""
        self._values.clear()

    def get(self, keys: list[Key], compute: Callable[[list[Key]], list[Value]]) -> list[Value]:
        """Return the value of each key; those that are missing are computed together."""
        if len(keys) == 1 and keys[0] in self._values:
            self._values.move_to_end(keys[0])
            return [self._values[keys[0]]]
        known = {key: self._values[key] for key in keys if key in self._values}
        missing = [key for key in dict.fromkeys(keys) if key not in known]
        if missing:
            known.update(zip(missing, compute(missing), strict=True))
        for key, value in known.items():
            self._values[key] = value
            self._values.move_to_end(key)
        while len(self._values) > self.most:
            self._values.popitem(last=False)
        return [known[key] for key in keys]
