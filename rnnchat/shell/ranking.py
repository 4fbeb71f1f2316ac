"""From candidates to a suggestion: how likely each is, and what is worth showing.

Each candidate has a handful of features; their weighted sum, through a softmax that also holds "none of these", is
the probability that it is the very line being typed (a conditional logit, McFadden 1974). The weights were fitted by
benchmarks/fit_shell.py on the train part of public sessions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rnnchat.shell.counts import Counts, Fact, split_words

FEATURES = (
    "from history",
    "from words",
    "from disk",
    "from network",
    "count",
    "recency",
    "after",
    "after two",
    "was just run",
    "directory",
    "elsewhere",
    "failed",
    "ignored",
    "next word",
    "next word recency",
    "next word unseen",
    "network, next word",
    "network, rest",
    "network, not in history",
    "network, rest, not in history",
    "network is sure",
    "words ahead",
)
NONE_FEATURES = ("one", "typed", "typed much", "little history")


@dataclass(frozen=True)
class Candidate:
    """A whole line that may be what is being typed.

    Attributes:
        text: the line, longer than what was typed.
        sources: which of "history", "words", "disk" and "network" propose it.
        network: log-probabilities by the network: of the next word, and of what comes after it; None where there was
            no time.
    """

    text: str
    sources: frozenset[str]
    network: tuple[float, float] | None = None


@dataclass(frozen=True)
class Place:
    """Where a line is being typed: after what, in which directory."""

    session: str
    directory: str
    before: tuple[str, ...]  # the session's last commands, the newest last


@dataclass(frozen=True)
class Weights:
    """What each feature counts."""

    candidate: npt.NDArray[np.float64]
    none: npt.NDArray[np.float64]


NO_FACT = Fact()
LEAST_SHARE = 1e-3
LEAST_NETWORK = -20.0
NO_NETWORK = (-8.0, -8.0)


def features(candidates: Sequence[Candidate], counts: Counts, place: Place, prefix: str) -> npt.NDArray[np.float64]:
    """Return (candidates, len(FEATURES)) numbers."""
    last = place.before[-1] if place.before else ""
    after: Mapping[str, int] = counts.after.get(last, {})
    after_two: Mapping[str, int] = counts.after_two.get((place.before[-2], last), {}) if len(place.before) > 1 else {}
    followed, followed_two = sum(after.values()), sum(after_two.values())
    before, beginning = divide_words(prefix)
    shares = counts.words.shares(before, beginning)
    rows = []
    for candidate in candidates:
        text, sources = candidate.text, candidate.sources
        fact = counts.facts.get(text, NO_FACT)
        known = fact.count > 0
        directories = fact.directories or {}
        here = directories.get(place.directory, 0)
        ended = fact.succeeded + fact.failed
        word, *rest = text[len(prefix) - len(beginning) :].split() or [""]
        seen = counts.words.last.get(word) if before else counts.entries
        near, far = (max(score, LEAST_NETWORK) for score in candidate.network or NO_NETWORK)
        rows.append(
            (
                float(known),
                float("words" in sources),
                float("disk" in sources),
                float("network" in sources),
                math.log1p(fact.count),
                -math.log1p(counts.entries - fact.last) if known else 0.0,
                math.log1p(20 * after.get(text, 0) / (followed + 2)),
                math.log1p(20 * after_two.get(text, 0) / (followed_two + 1)),
                float(text == last),
                math.log1p(here),
                float(bool(place.directory and directories and not here)),
                fact.failed / (ended + 1) + fact.last_failed,
                math.log1p(fact.ignored),
                math.log(max(shares.get(word, 0.0), LEAST_SHARE)),
                -math.log1p(counts.entries - seen) if seen is not None else 0.0,
                float(seen is None),
                near,
                far,
                near * (not known),
                far * (not known),
                math.exp(near) if candidate.network else 0.0,
                float(len(rest)),
            )
        )
    return np.array(rows).reshape(len(rows), len(FEATURES))


def divide_words(prefix: str) -> tuple[list[str], str]:
    """Return the whole words of `prefix`, and what has been typed of the next one."""
    words = split_words(prefix)
    if not words or prefix[-1].isspace():
        return words, ""
    return words[:-1], words[-1]


def none_features(counts: Counts, prefix: str) -> npt.NDArray[np.float64]:
    """Return (len(NONE_FEATURES),) numbers that tell how likely none of the candidates is right."""
    return np.array([1.0, float(bool(prefix)), math.log1p(len(prefix)), -math.log1p(counts.entries)])


def probabilities(
    weights: Weights, table: npt.NDArray[np.float64], none: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return (candidates,) probabilities; what is missing from 1 is that of none of them."""
    scores = np.append(table @ weights.candidate, none @ weights.none)
    scores = np.exp(scores - scores.max())
    shares: npt.NDArray[np.float64] = scores[:-1] / scores.sum()
    return shares


@dataclass(frozen=True)
class Ghost:
    """A beginning of candidates, up to the end of a word.

    Attributes:
        text: the line as it would be after accepting.
        probability: that the whole text is right.
        first: that its first word is.
        value: keys it saves on average.
    """

    text: str
    probability: float
    first: float
    value: float


def ghosts(texts: Sequence[str], shares: npt.NDArray[np.float64], prefix: str) -> list[Ghost]:
    """Return what could be shown: every beginning of a candidate that ends with a word, the most valuable first.

    Taking all of it is one key, and so is taking its first word where only that is right.
    """
    mass: dict[str, float] = {}
    firsts: dict[str, str] = {}
    for text, share in zip(texts, shares, strict=True):
        ends = word_ends(text, len(prefix))
        for end in ends:
            mass[text[:end]] = mass.get(text[:end], 0.0) + float(share)
            firsts[text[:end]] = text[: ends[0]]
    found = []
    for text, share in mass.items():
        first = firsts[text]
        value = share * (len(text) - len(prefix) - 1) + (mass[first] - share) * (len(first) - len(prefix) - 1)
        found.append(Ghost(text, share, mass[first], value))
    return sorted(found, key=lambda ghost: (-ghost.value, -len(ghost.text)))


def word_ends(text: str, begin: int) -> list[int]:
    """Return the places after `begin` where a word of `text` ends."""
    return [
        place
        for place in range(begin + 1, len(text) + 1)
        if text[place - 1] != " " and (place == len(text) or text[place] == " ")
    ]


def load_weights() -> Weights:
    """Return the fitted weights, which stand beside this file."""
    import json
    from pathlib import Path

    values = json.loads(Path(__file__).with_name("weights.json").read_text())
    return Weights(
        np.array([values["candidate"][name] for name in FEATURES]),
        np.array([values["none"][name] for name in NONE_FEATURES]),
    )
