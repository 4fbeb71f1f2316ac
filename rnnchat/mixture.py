"""Several language models as one: the network, and counts that know by heart what it only knows in general.

    p(token) = sum over sources of weight * p_source(token)

The weights depend on the context: a gate looks at how sure the network is and how much each source of counts has to
go by. Its few numbers are tuned on held-out text (tune.py) and travel in the checkpoint.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rnnchat.checkpoint import Checkpoint
from rnnchat.config import Config, Memory
from rnnchat.counts import LIVE_CONTEXT, LiveCounts, StoredCounts
from rnnchat.errors import ModelError
from rnnchat.model import Array, LanguageModel
from rnnchat.ngram import Evidence, HistoryModel, NgramModel, Prediction
from rnnchat.recurrent import RecurrentModel, load_checkpoint
from rnnchat.tilted import Tilted
from rnnchat.vocabulary import Unit, Vocabulary

LENGTHS = 9  # contexts of 0 to 8 tokens are told apart
NEVER = -30.0  # the score of a source with nothing to go by
LEAST_WEIGHT = 1e-6  # less is nothing


class Source(Protocol):
    """A model of counts: a LanguageModel that can tell what its prediction rests on.

    Attributes:
        base: (V,) what Prediction.rest is spread over.
    """

    base: Array | None

    def start(self) -> Any:
        """Return the state at the beginning of a document."""
        ...

    def step(self, states: Sequence[Any], tokens: Sequence[int]) -> list[Any]:
        """Return the states after one token each."""
        ...

    def predict(self, state: Any) -> Prediction:
        """Return what is expected next."""
        ...


@dataclass(frozen=True)
class Gate:
    """Who is listened to, given what each has to go by.

    The network's score is `sure` times the log-probability of its favourite; a source's is `length[l]` for a longest
    known context of l tokens, plus `often` times log(1 + how often that was met), plus `spelling` within a word that
    is spelled: there a name that came before is worth more than any guess. Weights are the softmax of scores.

    Args:
        sure: for the network.
        length: source name → LENGTHS numbers.
        often, spelling: source name → number.
    """

    sure: float = 0.0
    length: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    often: Mapping[str, float] = field(default_factory=dict)
    spelling: Mapping[str, float] = field(default_factory=dict)

    def weights(
        self, favourite: float, evidence: Mapping[str, Evidence], spelling: bool = False
    ) -> npt.NDArray[np.float64]:
        """Return (1 + sources,) weights that sum to 1, the network's first.

        Args:
            favourite: the network's highest log-probability.
            spelling: whether the token before is a letter of a word that is spelled.
        """
        scores = np.array(
            [self.sure * favourite, *(self._score(name, found, spelling) for name, found in evidence.items())]
        )
        weights = np.exp(scores - scores.max())
        return np.asarray(weights / weights.sum())

    def _score(self, name: str, found: Evidence, spelling: bool) -> float:
        if not found.total or name not in self.length:
            return NEVER
        score = self.length[name][min(found.length, LENGTHS - 1)] + self.often[name] * math.log1p(found.total)
        return score + self.spelling.get(name, 0.0) * spelling

    def numbers(self) -> dict[str, float]:
        """Return the gate as named numbers, for Config.tuned."""
        named = {"gate_sure": self.sure}
        for name, lengths in self.length.items():
            named |= {f"gate_{name}_{length}": value for length, value in enumerate(lengths)}
            named[f"gate_{name}_often"] = self.often[name]
            named[f"gate_{name}_spelling"] = self.spelling.get(name, 0.0)
        return named

    @classmethod
    def of(cls, tuned: Mapping[str, float]) -> Gate:
        """Return the gate that `numbers` named; sources that it does not name are never listened to."""
        names = [
            key[len("gate_") : -len("_often")] for key in tuned if key.startswith("gate_") and key.endswith("_often")
        ]
        return cls(
            tuned.get("gate_sure", 0.0),
            {name: tuple(tuned.get(f"gate_{name}_{length}", NEVER) for length in range(LENGTHS)) for name in names},
            {name: tuned[f"gate_{name}_often"] for name in names},
            {name: tuned.get(f"gate_{name}_spelling", 0.0) for name in names},
        )


# For a checkpoint that was never tuned: about what bundled ones were tuned to, without training counts.
UNTUNED: dict[Unit, Gate] = {
    "word": Gate(
        0.0,
        {
            "history": (-7.0, -3.5, -2.5, -0.3, 0.5, 1.0, 1.5, 2.0, 2.0),
            "personal": (-6.5, -3.3, -3.0, -2.5, -0.5, 1.0, 1.5, 2.0, 2.0),
        },
        {"history": 0.5, "personal": 0.2},
        {"history": 0.0, "personal": 0.5},
    ),
    "char": Gate(
        0.0,
        {
            "history": (-9.0, -8.0, -6.5, -5.0, -3.5, -2.5, -1.5, -1.0, -0.5),
            "personal": (-9.0, -8.0, -6.5, -5.0, -3.5, -2.5, -1.5, -1.0, -0.5),
        },
        {"history": 0.3, "personal": 0.3},
    ),
}


@dataclass(frozen=True, eq=False)
class MixtureState:
    """The network's state and each source's.

    Attributes:
        spelling: whether the last token was a letter of a word that is spelled.
    """

    network: Any
    sources: tuple[Any, ...]
    spelling: bool = False


class Mixture:
    """A network and sources of counts as one LanguageModel.

    Args:
        network: any LanguageModel that gives every token some probability.
        sources: name → model of counts over the same vocabulary.
    """

    def __init__(self, network: LanguageModel[Any], sources: Mapping[str, Source], gate: Gate) -> None:
        self.network = network
        self.vocabulary = network.vocabulary
        self.sources = dict(sources)
        self.gate = gate

    def start(self) -> MixtureState:
        """Return the state at the beginning of a document."""
        return MixtureState(self.network.start(), tuple(source.start() for source in self.sources.values()))

    def step(self, states: Sequence[MixtureState], tokens: Sequence[int]) -> list[MixtureState]:
        """Return the states after one token each."""
        network = self.network.step([state.network for state in states], tokens)
        each = [
            source.step([state.sources[place] for state in states], tokens)
            for place, source in enumerate(self.sources.values())
        ]
        letter = self.vocabulary.kinds.letter
        rows = zip(network, zip(*each, strict=True), tokens, strict=True)
        return [MixtureState(own, sources, bool(letter[token])) for own, sources, token in rows]

    def log_probs(self, state: MixtureState) -> Array:
        """Return (V,) natural log-probabilities of the next token."""
        row: Array = self.batch_log_probs([state])[0]
        return row

    def batch_log_probs(self, states: Sequence[MixtureState]) -> Array:
        """Return (B, V) natural log-probabilities."""
        rows = self.network.batch_log_probs([state.network for state in states])
        for state, row in zip(states, rows, strict=True):
            self._mix(row, state)
        return rows

    def _mix(self, row: Array, state: MixtureState) -> None:
        """Turn the network's log-probabilities into the mixture's, in place."""
        found = [source.predict(own) for source, own in zip(self.sources.values(), state.sources, strict=True)]
        evidence = {name: each.evidence for name, each in zip(self.sources, found, strict=True)}
        weights = self.gate.weights(float(row.max()), evidence, state.spelling)
        np.exp(row, out=row)
        row *= np.float32(weights[0])
        for source, prediction, weight in zip(self.sources.values(), found, weights[1:], strict=True):
            if weight > LEAST_WEIGHT:
                prediction.add_to(row, float(weight), source.base)
        np.log(row, out=row)


def load_mixture(name_or_path: str | Path, memory: Memory) -> tuple[LanguageModel[Any], LiveCounts, Config]:
    """Load a checkpoint and mix its network with its counts, the text before the cursor, and what will be learned.

    The feed-forward network for memory "none" stays alone: it is there to show what a network without memory does.

    Returns:
        the model, the counts within it that may grow while it is in use, and the checkpoint's config.

    Raises:
        ModelError: there is no such checkpoint, or it is damaged.
    """
    checkpoint = load_checkpoint(name_or_path, memory)
    network = RecurrentModel(checkpoint)
    personal = empty_counts(network.vocabulary)
    model = network if memory == "none" else mix(network, checkpoint, personal)
    return model, personal, checkpoint.config


def empty_counts(vocabulary: Vocabulary) -> LiveCounts:
    """Return counts to learn a person's text with, of contexts as long as tokens of this unit ask for."""
    return LiveCounts(LIVE_CONTEXT[vocabulary.unit], vocabulary.kinds.letter)


def mix(network: LanguageModel[Any], checkpoint: Checkpoint, personal: LiveCounts) -> Mixture:
    """Return `network` mixed with the checkpoint's counts, if it has any, the history and `personal`.

    Raises:
        ModelError: the counts are damaged.
    """
    vocabulary = network.vocabulary
    sources: dict[str, Source] = {}
    if checkpoint.counts is not None:
        try:
            stored = StoredCounts(checkpoint.counts, len(vocabulary))
        except (ValueError, KeyError) as error:
            name = checkpoint.config.name
            raise ModelError(f"the counts of {name} are damaged ({error}); train it again or import it anew") from error
        sources["counts"] = NgramModel(vocabulary, stored, stored.unigram)
        network = Tilted(network, personal, stored.unigram)
    sources["history"] = HistoryModel(vocabulary)
    sources["personal"] = NgramModel(vocabulary, personal, None)
    tuned = Gate.of(checkpoint.config.tuned)
    return Mixture(network, sources, tuned if tuned.often else UNTUNED[vocabulary.unit])
