"""A checkpoint's network, run by ONNX Runtime on one thread; torch is not needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnchat.checkpoint import Checkpoint, Config, Memory
from rnnchat.errors import ModelError
from rnnchat.model import Array
from rnnchat.places import find_model
from rnnchat.vocabulary import DOCUMENT

# The context-free twin of a checkpoint: the same data, a network that sees one token.
TWIN = "-feedforward"


@dataclass(frozen=True, eq=False)
class RecurrentState:
    """The network after some tokens; a few kilobytes.

    Attributes:
        parts: (layers, H) each: hidden, and for the lstm cell; none for the feed-forward network.
        features: (F,) what the output layer reads.
    """

    parts: tuple[Array, ...]
    features: Array


class RecurrentModel:
    """A LanguageModel that steps a checkpoint's int8 graphs.

    Raises:
        ModelError: the graphs do not run as the config says.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.config: Config = checkpoint.config
        self.vocabulary = checkpoint.vocabulary
        self._names = {"lstm": ("hidden", "cell"), "gru": ("hidden",), "rnn": ("hidden",), "feedforward": ()}[
            self.config.cell
        ]
        self._step = open_session(checkpoint.step_graph, self.config.name)
        self._output = open_session(checkpoint.output_graph, self.config.name)
        zeros = np.zeros((self.config.layers, self.config.hidden), np.float32)
        empty = RecurrentState(tuple(zeros for _ in self._names), np.zeros(self.config.features, np.float32))
        try:
            self._start = self.step([empty], [DOCUMENT])[0]
            probe = self.log_probs(self._start)
        except Exception as error:  # ONNX Runtime raises its own kinds; all mean that graphs and config disagree
            raise ModelError(f"the graphs of {self.config.name} do not run ({error!s:.80}); train it again") from None
        if probe.shape != (self.config.vocabulary,) or not np.isfinite(probe).all():
            raise ModelError(f"{self.config.name} computes no probabilities; train it again")

    @classmethod
    def load(cls, name_or_path: str | Path, memory: Memory = "full") -> RecurrentModel:
        """Load the checkpoint that serves `memory`: for "none" the context-free twin beside it.

        Raises:
            ModelError: there is no such checkpoint, or it is damaged.
        """
        return cls(load_checkpoint(name_or_path, memory))

    def start(self) -> RecurrentState:
        """Return the state after <document>."""
        return self._start

    def step(self, states: Sequence[RecurrentState], tokens: Sequence[int]) -> list[RecurrentState]:
        """Return the states after one token each; one run of step.onnx."""
        feeds: dict[str, Any] = {"token": np.array(tokens, np.int64)}
        for place, name in enumerate(self._names):
            feeds[name] = _batch([state.parts[place] for state in states])
        *parts, features = self._step.run(None, feeds)
        return [RecurrentState(tuple(part[row] for part in parts), features[row]) for row in range(len(states))]

    def log_probs(self, state: RecurrentState) -> Array:
        """Return (V,) natural log-probabilities of the next token."""
        row: Array = self.batch_log_probs([state])[0]
        return row

    def batch_log_probs(self, states: Sequence[RecurrentState]) -> Array:
        """Return (B, V) natural log-probabilities; one run of output.onnx."""
        logits = self._output.run(None, {"features": _batch([state.features for state in states])})[0]
        logits -= logits.max(axis=1, keepdims=True)
        log_probs: Array = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return log_probs


def load_checkpoint(name_or_path: str | Path, memory: Memory) -> Checkpoint:
    """Load the checkpoint that serves `memory`: for "none" the context-free twin beside it.

    Raises:
        ModelError: there is no such checkpoint, or it is damaged.
    """
    checkpoint = Checkpoint.load(find_model(name_or_path))
    if memory in checkpoint.config.memories:
        return checkpoint
    if memory == "none":
        return Checkpoint.load(find_twin(name_or_path))
    serves = " or ".join(checkpoint.config.memories)
    raise ModelError(f"{checkpoint.config.name} has no memory to use; say --memory {serves}")


def _batch(rows: Sequence[Array]) -> Array:
    """Return rows as one array; np.stack, but cheap where there is one row, as at most keys."""
    return rows[0][None] if len(rows) == 1 else np.stack(rows)


def find_twin(name_or_path: str | Path) -> Path:
    """Return the folder of a checkpoint's context-free twin.

    Raises:
        ModelError: it was never trained; the command that trains it is given.
    """
    folder = find_model(name_or_path)
    twin = folder.name + TWIN
    beside = folder.parent / twin
    if beside.is_dir():
        return beside
    raise ModelError(
        f"{folder.name} has no context-free twin for memory none; "
        f"make one: rnnchat train YOUR_TEXT --cell feedforward --name {twin}"
    )


def open_session(graph: bytes, name: str) -> Any:
    """Return an ONNX Runtime session on one thread of the processor.

    Raises:
        ModelError: ONNX Runtime refuses the graph.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised, and said in a sentence of ours
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"the graphs of {name} cannot be run ({error!s:.80}); train it again") from None
