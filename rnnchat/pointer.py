"""What an attention head looks at: computed beside the graphs, for those who want to see it.

output.onnx mixes what the head points at into the probabilities and keeps the weights to itself. Here they are computed
again from the few tensors of the head, so that looking inside asks nothing of a graph and costs nothing elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnchat.checkpoint import Checkpoint
from rnnchat.config import ECHOING, FOLLOWING, GLIMPSED, GLIMPSES, LOOK_AHEAD, Config, Memory, sinusoids
from rnnchat.errors import ModelError
from rnnchat.model import Array
from rnnchat.places import find_model
from rnnchat.recurrent import RecurrentState
from rnnchat.said import Said
from rnnchat.weights import Weights


@dataclass(frozen=True)
class Looks:
    """Where the head looks after some tokens.

    Attributes:
        weights: (S,) how much it looks at each token remembered, oldest first; they sum to 1.
        copies: how much of the next token's probability is what it points at; the rest the network says by itself.
    """

    weights: Array
    copies: float


class Glimpses:
    """The looks before the pointer is set, as Glimpses in the torch wing defines them.

    Args:
        weights: those that begin with "glimpses.".
    """

    def __init__(self, config: Config, weights: Weights) -> None:
        self.width = config.attention
        each = {name.removeprefix("glimpses."): array.astype(np.float32) for name, array in weights.items()}
        self._queries = each["query.weight"].reshape(GLIMPSES, self.width, -1) / np.float32(np.sqrt(self.width))
        self._fading = np.exp(each["fading"])
        self._think, self._think_bias = each["think.weight"], each["think.bias"]
        self._found_to_query, self._thought_to_query = each["found_to_query.weight"], each["thought_to_query.weight"]
        ways = ("gate", "following", "echo")
        self._ways = np.concatenate([each[f"thought_to_{way}.weight"] for way in ways])  # (3, THOUGHT)

    def look(self, state: RecurrentState, said: Said, ages: Array) -> tuple[Array, Array]:
        """Return what to ask keys and places for (K + P,), and what is added to gate, following and echo (3,).

        Args:
            ages: (S,) how many tokens ago each was said.
        """
        near = (ages >= LOOK_AHEAD) & (ages < GLIMPSED)
        keys, ages, echo = said.keys[near, self.width :], ages[near], said.echo[near]
        values = np.concatenate([keys, sinusoids(-ages), echo[:, None]], 1)
        drawn = (FOLLOWING * said.runs[near], ECHOING * echo, 0.0)
        found = []
        for head, query in enumerate(self._queries):
            scores = keys @ (query @ state.features) - self._fading[head] * ages + drawn[head]
            powers = np.exp(scores - scores.max(initial=-np.inf))
            found.append(powers @ values / max(1.0, powers.sum()))  # less than 1 is the sum of none at all
        everything, content = np.concatenate(found), np.array(found)[:, : self.width]
        alike = (content @ content.T / self.width).ravel()
        thought = np.tanh(self._think @ np.concatenate([state.features, alike, everything]) + self._think_bias)
        query = self._found_to_query @ everything + self._thought_to_query @ thought
        return query, self._ways @ thought


class Pointer:
    """The attention head of a checkpoint, as Network.look_back in the torch wing defines it.

    Args:
        weights: of the checkpoint, all or those of the head.
    """

    def __init__(self, config: Config, weights: Weights) -> None:
        self._width = config.attention
        self._query = weights["query.weight"].astype(np.float32)  # (K, F)
        self._fading = np.exp(weights["fading"].astype(np.float32))
        self._following = weights["following"].astype(np.float32)
        self._gate = weights["gate.weight"][0].astype(np.float32)  # (F,)
        self._gate_bias = float(weights["gate.bias"][0])
        self._stop = weights["stop.weight"][:, 0].astype(np.float32)  # (V,)
        self._read_gate = weights["read_gate.weight"][0].astype(np.float32)  # (K,)
        self._glimpses = Glimpses(config, {name: weights[name] for name in weights if name.startswith("glimpses.")})

    @classmethod
    def load(cls, name_or_path: str | Path, memory: Memory = "full") -> Pointer | None:
        """Load the head of a checkpoint; None where it has none.

        Raises:
            ModelError: there is no such checkpoint, or it is damaged.
        """
        if memory == "none":
            return None  # a feed-forward network remembers nothing to look at
        checkpoint = Checkpoint.load(find_model(name_or_path), with_weights=True)
        if not checkpoint.config.attention:
            return None
        if checkpoint.weights is None:
            raise ModelError(f"{checkpoint.config.name} came without its weights; import it anew")
        return cls(checkpoint.config, checkpoint.weights)

    def look(self, state: RecurrentState) -> Looks:
        """Return where the head looks before it says what comes after `state`."""
        said, width = state.said, self._width
        if said is None or not len(said):
            return Looks(np.zeros(0, np.float32), 0.0)
        keys, ages = said.keys, np.arange(len(said) - 1, -1, -1, dtype=np.float32)
        query, following = self._query @ state.features, float(self._following[0])
        wish = float(self._gate @ state.features) + self._gate_bias
        asked, (more_gate, more_following, echoing) = self._glimpses.look(state, said, ages)
        following, wish = following + more_following, wish + more_gate
        scores: npt.NDArray[np.floating[Any]] = -self._fading * ages + echoing * said.echo + following * said.runs
        scores = scores + np.concatenate([keys[:, width:], sinusoids(-ages)], 1) @ asked
        scores = scores + keys[:, :width] @ query / np.float32(np.sqrt(width))
        powers = np.exp(scores - scores.max())
        weights = np.asarray(powers / powers.sum(), np.float32)
        wish += float(weights @ self._stop[said.tokens] + weights @ keys[:, :width] @ self._read_gate)
        return Looks(weights, float(1.0 / (1.0 + np.exp(np.clip(wish, -30.0, 30.0)))))
