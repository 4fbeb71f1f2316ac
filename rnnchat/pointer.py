"""What an attention head looks at: computed beside the graphs, for those who want to see it.

output.onnx mixes what the head points at into the probabilities and keeps the weights to itself. Here they are computed
again from the few tensors of the head, so that looking inside asks nothing of a graph and costs nothing elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnchat.checkpoint import Checkpoint, Config, Memory
from rnnchat.errors import ModelError
from rnnchat.model import Array
from rnnchat.places import find_model
from rnnchat.recurrent import RecurrentState
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


class Pointer:
    """The attention head of a checkpoint, as Network.look_back in the torch wing defines it.

    Args:
        weights: of the checkpoint, all or those of the head.
    """

    def __init__(self, config: Config, weights: Weights) -> None:
        self._query = weights["query.weight"].astype(np.float32) / np.float32(np.sqrt(config.attention))  # (K, F)
        self._fading = np.exp(weights["fading"].astype(np.float32))
        self._following = weights["following"].astype(np.float32)
        self._gate = weights["gate.weight"][0].astype(np.float32)  # (F,)
        self._gate_bias = float(weights["gate.bias"][0])
        self._stop = weights["stop.weight"][:, 0].astype(np.float32)  # (V,)
        self._read_gate = weights["read_gate.weight"][0].astype(np.float32)  # (K,)

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
        said = state.said
        if said is None or not len(said):
            return Looks(np.zeros(0, np.float32), 0.0)
        ages = np.arange(len(said) - 1, -1, -1, dtype=np.float32)
        keys = said.keys
        scores = keys @ (self._query @ state.features) - self._fading * ages + self._following * said.runs
        weights: Array = np.exp(scores - scores.max())
        weights /= weights.sum()
        looked_at = weights @ self._stop[said.tokens] + weights @ keys @ self._read_gate
        wish = self._gate @ state.features + self._gate_bias + looked_at
        return Looks(weights, float(1.0 / (1.0 + np.exp(np.clip(wish, -30.0, 30.0)))))
