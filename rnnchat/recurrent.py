"""A checkpoint's network, run by ONNX Runtime on one thread; torch is not needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnchat.checkpoint import Checkpoint
from rnnchat.config import STATES, Config, Memory
from rnnchat.errors import ModelError
from rnnchat.model import Array
from rnnchat.places import find_model
from rnnchat.said import Said
from rnnchat.vocabulary import DOCUMENT

# The context-free twin of a checkpoint: the same data, a network that sees one token.
TWIN = "-feedforward"

SHORT = 256  # tokens: with more than that a row is run apart from those with less
NEVER = 1e12  # the age of an empty place: its score is very low


@dataclass(frozen=True, eq=False)
class RecurrentState:
    """The network after some tokens: a few kilobytes, and what was said, which the states of one line of talk share.

    Attributes:
        parts: (layers, H) each: hidden, and for the lstm cell; none for the feed-forward network.
        features: (F,) what the output layer reads.
        said: the tokens read so far, to point at; None for a network without attention.
    """

    parts: tuple[Array, ...]
    features: Array
    said: Said | None = None


class RecurrentModel:
    """A LanguageModel that steps a checkpoint's int8 graphs.

    Raises:
        ModelError: the graphs do not run as the config says.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.config: Config = checkpoint.config
        self.vocabulary = checkpoint.vocabulary
        self._names = STATES[self.config.cell]
        self._step = open_session(checkpoint.step_graph, self.config.name)
        self._output = open_session(checkpoint.output_graph, self.config.name)
        self._looks_at = [each.name for each in self._output.get_inputs() if each.name != "features"]
        zeros = np.zeros((self.config.layers, self.config.hidden), np.float32)
        # Keys for the pointer and for the glimpses.
        said = Said(2 * self.config.attention) if self.config.attention else None
        empty = RecurrentState(tuple(zeros for _ in self._names), np.zeros(self.config.features, np.float32), said)
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
        results = self._step.run(None, feeds)
        parts, features = results[: len(self._names)], results[len(self._names)]
        said: list[Said | None] = [None] * len(states)
        if self.config.attention:
            rows = zip(states, results[-1], tokens, strict=True)
            said = [None if state.said is None else state.said.then(key, token) for state, key, token in rows]
        return [
            RecurrentState(tuple(part[row] for part in parts), features[row], said[row]) for row in range(len(states))
        ]

    def log_probs(self, state: RecurrentState) -> Array:
        """Return (V,) natural log-probabilities of the next token."""
        row: Array = self.batch_log_probs([state])[0]
        return row

    def batch_log_probs(self, states: Sequence[RecurrentState]) -> Array:
        """Return (B, V) natural log-probabilities; one run of output.onnx, or two where little and much was said."""
        long = [state.said is not None and len(state.said) > SHORT for state in states]
        if not any(long) or all(long):
            return self._log_probs(states)
        rows = np.empty((len(states), self.config.vocabulary), np.float32)
        for wanted in (True, False):  # all rows of a run cost as much as the longest
            places = [place for place, is_long in enumerate(long) if is_long is wanted]
            rows[places] = self._log_probs([states[place] for place in places])
        return rows

    def _log_probs(self, states: Sequence[RecurrentState]) -> Array:
        feeds = {"features": _batch([state.features for state in states])}
        if self.config.attention:
            memory = _memory([state.said for state in states if state.said is not None])
            feeds |= {name: memory[name] for name in self._looks_at}
        logits = self._output.run(None, feeds)[0]
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


def _memory(said: Sequence[Said]) -> dict[str, Any]:
    """Return what output.onnx looks back at: rows of equal length, very old where one is empty."""
    if len(said) == 1:
        only = said[0]
        age = _ages(len(only))[None]
        memory = {"keys": only.keys[None], "said": only.tokens[None]}
        return memory | {"age": age, "run": only.runs[None], "echo": only.echo[None]}
    slots = max(map(len, said))
    keys = np.zeros((len(said), slots, said[0].width), np.float32)
    tokens = np.zeros((len(said), slots), np.int64)
    age = np.full((len(said), slots), NEVER, np.float32)
    run, echo = np.zeros((len(said), slots), np.float32), np.zeros((len(said), slots), np.float32)
    for row, each in enumerate(said):
        keys[row, : len(each)], tokens[row, : len(each)] = each.keys, each.tokens
        age[row, : len(each)], run[row, : len(each)] = _ages(len(each)), each.runs
        echo[row, : len(each)] = each.echo
    return {"keys": keys, "said": tokens, "age": age, "run": run, "echo": echo}


def _ages(count: int) -> Array:
    """Return how many tokens ago each of `count` tokens was read, oldest first."""
    return np.arange(count - 1, -1, -1, dtype=np.float32)


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
