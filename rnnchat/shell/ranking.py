"""From candidates to probabilities, and from those to what is worth showing.

Two questions are asked about a line being typed: which whole line it will be, and which word comes next. Each candidate
has some thirty features; a tiny network (one hidden layer) gives it a score, and a softmax over all candidates and
"none of these" makes probabilities of the scores. benchmarks/shell_fit.py fits both on public sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


FOLLOWED = 0.7  # of the words that are taken are followed by another one, whose blank comes with it


@dataclass(frozen=True)
class Scorer:
    """Scores candidates by their features x: x·linear + tanh(x·inner + bias)·outer + y·by_hand + offset.

    Attributes:
        linear: (features,).
        inner: (features, hidden).
        bias: (hidden,).
        outer: (hidden,).
        none: (none features,), the score of "none of these".
        by_hand: (hand features,), for what the public sessions do not tell: directories, how commands ended, files.
        offset: (1,).
    """

    linear: Array
    inner: Array
    bias: Array
    outer: Array
    none: Array
    by_hand: Array
    offset: Array

    def scores(self, table: Array, by_hand: Array) -> Array:
        """Return (candidates,) scores of (candidates, features) and (candidates, hand features)."""
        hidden = np.tanh(table @ self.inner + self.bias) @ self.outer
        scores: Array = table @ self.linear + hidden + by_hand @ self.by_hand + self.offset
        return scores

    def shares(self, table: Array, by_hand: Array, none: Array) -> Array:
        """Return (candidates,) probabilities; what is missing from 1 is that of none of them."""
        scores = np.append(self.scores(table, by_hand), none @ self.none)
        scores = np.exp(scores - scores.max())
        shares: Array = scores[:-1] / scores.sum()
        return shares


@dataclass(frozen=True)
class Weights:
    """What ranks whole lines, on an empty line and on a begun one, and next words: commands' names and arguments."""

    empty: Scorer
    lines: Scorer
    names: Scorer
    arguments: Scorer


@dataclass(frozen=True)
class Ghost:
    """A line to show.

    Attributes:
        text: the line as it would be after accepting.
        first: the probability that its next word is right.
        value: keys it saves on average.
    """

    text: str
    first: float
    value: float


def ghosts(
    words: Mapping[str, float],
    lines: Mapping[str, float],
    prefix: str,
    least: float = 0.0,
    foreign: Mapping[str, float] | None = None,
) -> list[Ghost]:
    """Return for each next word the line worth showing, the most valuable first.

    Taking all of it is one key, and so is taking its first word where only that is right: so a word loses nothing by
    being shown with what mostly follows it.

    Args:
        words: whole words that may come next, each with what of it is not typed yet, after `prefix` → probability.
        lines: whole lines that the person has run → probability.
        least: what follows the first word is not shown where it is less likely, given that word.
        foreign: other lines → probability of what follows their next word, given that word; they count where none of
            the person's own begins so.
    """
    mass: dict[str, float] = {}
    by_word: dict[str, list[str]] = {}
    for line, share in lines.items():
        ends = word_ends(line, len(prefix))
        by_word.setdefault(line[len(prefix) : ends[0]], []).append(line)
        for end in ends:
            mass[line[:end]] = mass.get(line[:end], 0.0) + share
    others: dict[str, tuple[float, str]] = {}
    for line, right in (foreign or {}).items():
        word = line[len(prefix) : word_ends(line, len(prefix))[0]]
        if right >= least and word not in by_word:
            others[word] = max(others.get(word, (0.0, "")), (right * (len(line) - len(prefix + word)), line))
    found = []
    for word, share in words.items():
        first = prefix + word
        text, value = first, share * (len(word) - 1 + FOLLOWED)
        total = mass.get(first, 0.0)
        best = 0.0
        for line in by_word.get(word, ()):
            for end in word_ends(line, len(first)):
                right = mass[line[:end]] / total if total else 0.0
                more = share * right * (end - len(first))
                if right >= least and (more > best or (more == best and end > len(text))):
                    text, best = line[:end], more
        if word in others:
            best, text = share * others[word][0], others[word][1]
        found.append(Ghost(text, share, value + best))
    return sorted(found, key=lambda ghost: (-ghost.value, -len(ghost.text), ghost.text))


def word_ends(text: str, begin: int) -> list[int]:
    """Return the places after `begin` where a word of `text` ends."""
    return [
        place
        for place in range(begin + 1, len(text) + 1)
        if text[place - 1] != " " and (place == len(text) or text[place] == " ")
    ]


@cache
def load_weights() -> Weights:
    """Return the fitted weights, which stand beside this file."""
    import json
    from pathlib import Path

    values = json.loads(Path(__file__).with_name("weights.json").read_text())
    return weights_from(values)


def weights_from(values: Mapping[str, Mapping[str, object]]) -> Weights:
    """Return weights as weights.json holds them."""
    return Weights(
        **{
            name: Scorer(**{part: np.array(numbers, np.float64) for part, numbers in values[name].items()})
            for name in ("empty", "lines", "names", "arguments")
        }
    )
