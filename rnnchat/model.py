"""What every language model can do, whatever is inside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from rnnchat.vocabulary import Vocabulary

Array = npt.NDArray[np.float32]
State = TypeVar("State")


class LanguageModel(Protocol[State]):
    """Tokens in, the probability of the next one out.

    A state is the model's memory after some tokens. It is a value: a step returns new ones and changes none, so
    states can be kept, forked and compared.
    """

    vocabulary: Vocabulary

    def start(self) -> State:
        """Return the state at the beginning of a document."""
        ...

    def step(self, states: Sequence[State], tokens: Sequence[int]) -> list[State]:
        """Return the states after each of `states` reads the token beside it; one batch."""
        ...

    def log_probs(self, state: State) -> Array:
        """Return (V,) natural log-probabilities of the token after `state`."""
        ...

    def batch_log_probs(self, states: Sequence[State]) -> Array:
        """Return (B, V): `log_probs` of each of `states`, as one batch."""
        ...


def read(model: LanguageModel[State], state: State, tokens: Iterable[int]) -> State:
    """Return the state after `state` reads `tokens` one by one."""
    for token in tokens:
        state = model.step([state], [token])[0]
    return state


def surprise(
    model: LanguageModel[State], state: State, tokens: Sequence[int], block: int = 64
) -> tuple[npt.NDArray[np.float64], State]:
    """Return how surprised the model is by each of `tokens`, (T,) in nats, and the state after them."""
    nats: list[float] = []
    for begin in range(0, len(tokens), block):
        states: list[State] = []
        for token in tokens[begin : begin + block]:
            states.append(state)
            state = model.step([state], [token])[0]
        log_probs = model.batch_log_probs(states)
        nats.extend(-log_probs[np.arange(len(states)), tokens[begin : begin + block]])
    return np.array(nats), state
