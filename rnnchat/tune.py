"""The few numbers that the network's training does not find, fitted on held-out text: gate and calibration."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnchat.checkpoint import Checkpoint
from rnnchat.complete import Calibration, Completer, log_odds, typed_of
from rnnchat.counts import LiveCounts
from rnnchat.mixture import LENGTHS, NEVER, UNTUNED, Gate, Mixture, empty_counts, mix
from rnnchat.model import LanguageModel
from rnnchat.quality import first_word, fits, one_key
from rnnchat.recurrent import RecurrentModel

Floats = npt.NDArray[np.float64]

ROUNDS = 300
RATE = 0.05
PRIOR = 2.0  # how strongly numbers that few tokens speak for are held to those of the untuned gate
CHARACTERS_BEFORE = 1_000  # of what belongs before a text
MOST_OF_A_LINE = 300


# A text to type and what stands before it.
Text = tuple[str, str]


@dataclass(frozen=True)
class Author:
    """Texts that a person may have written one after the other, none of them trained on.

    Attributes:
        earlier: are learned, to see what that is worth for the later ones.
        later: what is fitted to.
    """

    earlier: Sequence[Text]
    later: Sequence[Text]


def tune(checkpoint: Checkpoint, authors: Sequence[Author], typed_characters: int) -> Checkpoint:
    """Return the checkpoint with gate and calibration fitted.

    Args:
        typed_characters: of each author's later texts about this many are typed to calibrate probabilities.
    """
    model: LanguageModel[Any] = RecurrentModel(checkpoint)
    tuned = dict(checkpoint.config.tuned)
    if "none" not in checkpoint.config.memories:
        personal = empty_counts(checkpoint.vocabulary)
        mixture = mix(model, checkpoint, personal)
        seen: list[Seen] = []
        for author in authors:
            seen.append(listen(mixture, author.later))
            for text, _ in author.earlier:
                personal.learn(mixture.vocabulary.encode(text))
            seen.append(listen(mixture, author.later, personal))
            personal.forget()
        gate = fit_gate(list(mixture.sources), join(seen), UNTUNED[checkpoint.config.unit])
        tuned |= gate.numbers()
        model = Mixture(mixture.network, mixture.sources, gate)
    calibration = Calibration()
    for _ in range(2):  # what a person accepts, and so what is asked next, depends on what is believed to be right
        completer = Completer(model, calibration=calibration)
        claims = [claim for author in authors for claim in claims_of(completer, author.later, typed_characters)]
        calibration = fit_calibration(claims).after(calibration)
    return replace(checkpoint, config=replace(checkpoint.config, tuned=tuned | calibration.numbers()))


def texts_of(documents: Iterable[Sequence[str]], characters: int) -> list[Text]:
    """Return the lines of documents (of turns), each after the lines before it, about `characters` altogether."""
    texts: list[Text] = []
    for turns in documents:
        before = ""
        for line in (line for turn in turns for line in turn.splitlines() if line.strip()):
            if characters <= 0:
                return texts
            text = line.strip()[:MOST_OF_A_LINE]
            texts.append((text, before))
            before += text + "\n"
            characters -= len(text)
    return texts


@dataclass(frozen=True)
class Claim:
    """What was claimed of a suggestion and whether it was right, and what was typed of its word (typed_of)."""

    probability: float
    right: bool
    space: bool
    letters: int


def claims_of(completer: Completer, texts: Iterable[Text], most: int) -> Iterator[Claim]:
    """Type texts, about `most` characters, accepting what is right and sure, and yield what was claimed at each key."""
    typed = 0
    for text, before in texts:
        if typed >= most:
            return
        typed += len(text)
        place = 0
        before = before[-CHARACTERS_BEFORE:]
        while place < len(text):
            suggestions = completer.complete(before + text[:place], 1, confident=False)
            for suggestion in suggestions:
                right = fits(first_word(suggestion.text), text[place:])
                yield Claim(suggestion.probability, right, *typed_of(before + text[:place]))
            sure = [suggestion for suggestion in suggestions if suggestion.probability >= completer.threshold]
            place += one_key(sure, text[place:])


def fit_calibration(claims: Sequence[Claim]) -> Calibration:
    """Return the line that fits the claims best: logistic regression, by Newton's method.

    Where there are few claims, and so little to go by, probabilities stay nearly as they are.
    """
    rows = [[log_odds(math.log(max(c.probability, 1e-12))), 1.0, c.space, c.letters] for c in claims]
    inputs = np.array(rows, np.float64).reshape(len(rows), 4)
    right = np.array([claim.right for claim in claims], np.float64)
    prior = np.array([1.0, 0.0, 0.0, 0.0])
    line = prior.copy()
    for _ in range(20):
        expected = 1 / (1 + np.exp(-inputs @ line))
        gradient = inputs.T @ (right - expected) - (line - prior)
        curvature = inputs.T @ (inputs * (expected * (1 - expected))[:, None]) + np.eye(4)
        line = line + np.linalg.solve(curvature, gradient)
    return Calibration(*map(float, line))


@dataclass(frozen=True)
class Seen:
    """What each source said of the tokens of some text.

    Attributes:
        favourite: (T,) the network's highest log-probability.
        probability: (T, 1 + S) of the token that came, by network and sources.
        length: (T, S) tokens of each source's longest known context.
        total: (T, S) how often that was met; 0 for no evidence.
        spelling: (T,) 1 within a word that is spelled.
    """

    favourite: Floats
    probability: Floats
    length: npt.NDArray[np.int64]
    total: Floats
    spelling: Floats


def listen(mixture: Mixture, texts: Iterable[tuple[str, str]], personal: LiveCounts | None = None) -> Seen:
    """Read texts, each after what belongs before it, and return what every source expected.

    Args:
        texts: text and what stands before it.
        personal: learns each text after it was read; None learns nothing.
    """
    rows: list[list[float]] = []
    sources = list(mixture.sources.values())
    for text, before in texts:
        read = mixture.vocabulary.encode(before[-CHARACTERS_BEFORE:])
        tokens = mixture.vocabulary.encode(text)
        state = mixture.start()
        for place, token in enumerate([*read, *tokens]):
            if place >= len(read):
                network = mixture.network.log_probs(state.network)
                row = [state.spelling, float(network.max()), float(np.exp(network[token]))]
                for source, own in zip(sources, state.sources, strict=True):
                    found = source.predict(own)
                    row += [found.probability(token, source.base), found.evidence.length, found.evidence.total]
                rows.append(row)
            state = mixture.step([state], [token])[0]
        if personal is not None:
            personal.learn(tokens)
    table = np.array(rows, np.float64).reshape(len(rows), 3 + 3 * len(sources))
    probability = table[:, [2, *range(3, table.shape[1], 3)]]
    return Seen(table[:, 1], probability, table[:, 4::3].astype(np.int64), table[:, 5::3], table[:, 0])


def join(parts: Sequence[Seen]) -> Seen:
    """Return several as one."""
    return Seen(
        np.concatenate([part.favourite for part in parts]),
        np.concatenate([part.probability for part in parts]),
        np.concatenate([part.length for part in parts]),
        np.concatenate([part.total for part in parts]),
        np.concatenate([part.spelling for part in parts]),
    )


def fit_gate(names: Sequence[str], seen: Seen, untuned: Gate) -> Gate:
    """Return the gate under which the text seen is most likely, by gradient ascent (Adam) from the untuned one.

    Args:
        names: of the sources, in the mixture's order.
    """
    inputs = [_inputs(seen, s) for s in range(len(names))]  # (T, LENGTHS + 2) each
    heard = seen.total > 0
    start = np.array([_numbers(untuned, name) for name in names])  # (S, LENGTHS + 2)
    numbers, sure = start.copy(), untuned.sure
    first = second = np.zeros(start.size + 1)  # Adam's running means of the gradient and of its square
    for step in range(1, ROUNDS + 1):
        each = [np.where(heard[:, s], inputs[s] @ numbers[s], NEVER) for s in range(len(names))]
        scores = np.stack([sure * seen.favourite, *each], axis=1)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        joint = weights * seen.probability
        # The gradient of log sum(w p) by a score: how much of what came the source explains, less its weight.
        gap = joint / np.maximum(joint.sum(axis=1, keepdims=True), 1e-300) - weights
        gradient = np.array([inputs[s].T @ (gap[:, s + 1] * heard[:, s]) for s in range(len(names))])
        gradient -= PRIOR * (numbers - start)
        whole = np.append(gradient.ravel(), gap[:, 0] @ seen.favourite) / max(1, len(seen.favourite))
        first, second = 0.9 * first + 0.1 * whole, 0.99 * second + 0.01 * whole**2
        change = RATE * first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        numbers += change[:-1].reshape(numbers.shape)
        sure += float(change[-1])
    return Gate(
        sure,
        {name: tuple(map(float, numbers[s, :LENGTHS])) for s, name in enumerate(names)},
        {name: float(numbers[s, LENGTHS]) for s, name in enumerate(names)},
        {name: float(numbers[s, LENGTHS + 1]) for s, name in enumerate(names)},
    )


def _inputs(seen: Seen, source: int) -> Floats:
    """Return what a source's score is linear in, (T, LENGTHS + 2): which length, log(1 + total), spelling."""
    length = np.minimum(seen.length[:, source], LENGTHS - 1)
    which = np.eye(LENGTHS)[length]
    return np.column_stack([which, np.log1p(seen.total[:, source]), seen.spelling])


def _numbers(gate: Gate, name: str) -> list[float]:
    lengths = gate.length.get(name, (-1.0,) * LENGTHS)
    return [*lengths, gate.often.get(name, 0.0), gate.spelling.get(name, 0.0)]
