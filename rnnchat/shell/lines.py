"""Whole lines that may be what is being typed, and the features that they are ranked by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from rnnchat.shell.counts import Counts, Fact
from rnnchat.shell.known import Known
from rnnchat.shell.ranking import Array
from rnnchat.shell.words import Table, fill_all, name_of, split_words

FEATURES = (
    "from history", "count", "age", "fresh", "just run", "run before that", "share of all", "once", "after",
    "after two", "template after the name", "template", "known template after the name", "known template",
    "name after the name", "known name after the name", "known name", "name is known to the person", "same name",
    "words", "length", "one word", "new to a long history", "place among the newest",
    "newest after", "newest after two", "newest template after the name", "only one after", "followed often",
    "run lately",
)  # fmt: skip
BY_HAND = (
    "from disk", "directory", "elsewhere", "failed", "ignored", "network", "network, next word", "network, rest",
    "network is sure",
)  # fmt: skip
NONE = ("one", "typed", "typed much", "little history", "an argument", "few candidates")
NEWEST = 24  # lines of the history that begin as typed
TEMPLATES = 24  # templates looked at in each table, the newest or most seen first
MOST = 40
NO_FACT = Fact()
NEVER = 1e6
LEAST_NETWORK = -20.0
NO_NETWORK = (-4.0, -6.0)  # about what is usual: no time is no sign


@dataclass(frozen=True)
class Place:
    """Where a line is being typed: after what, in which directory."""

    session: str
    directory: str
    before: tuple[str, ...]  # the session's last commands, the newest last

    @property
    def names(self) -> list[str]:
        """The names of the last commands."""
        return [name_of(command) for command in self.before]


@dataclass(frozen=True)
class Candidate:
    """A whole line that may be what is being typed.

    Attributes:
        text: the line, longer than what was typed.
        sources: which of "history", "templates", "disk" and "network" propose it.
        network: log-probabilities by the network: of the next word, and of what comes after it; None where there was
            no time.
    """

    text: str
    sources: frozenset[str]
    network: tuple[float, float] | None = None


class Successors:
    """What tends to be run after the last commands, by several tables: asked once for each line."""

    def __init__(self, counts: Counts, known: Known, place: Place, prefix: str) -> None:
        self.last = place.before[-1] if place.before else ""
        self.name = name_of(self.last) if self.last else "^"
        self.after: Table = counts.after.get(self.last, {})
        self.after_two: Table = counts.after_two.get((place.before[-2], self.last), {}) if len(place.before) > 1 else {}
        own = [counts.templates.get(name, {}) for name in (self.name, "*")]
        bundled = [known.templates(name) for name in (self.name, "*")]
        newest = [dict(islice(reversed(table.items()), TEMPLATES)) for table in own]
        most = [dict(islice(table.items(), TEMPLATES)) for _, table in bundled]
        self.templates = [fill_all(table, self.last, prefix) for table in (*newest, *most)]
        self.totals = [sum(table.values()) for table in own] + [total for total, _ in bundled]


def gather_lines(counts: Counts, successors: Successors, prefix: str) -> dict[str, set[str]]:
    """Return lines that go on from `prefix` with which of "history" and "templates" propose them."""
    found: dict[str, set[str]] = {}
    for text in counts.starting_with(prefix, NEWEST):
        found.setdefault(text, set()).add("history")
    for table in (successors.after_two, successors.after):
        for text in table:
            if text.startswith(prefix) and text != prefix and "\n" not in text:
                found.setdefault(text, set()).add("history")
    again = f"sudo {successors.last}"
    if prefix.startswith("sudo ") and again.startswith(prefix) and again != prefix:
        found.setdefault(again, set()).add("templates")
    for lines in successors.templates:
        for text in lines:
            if len(found) < 2 * MOST:
                found.setdefault(text, set()).add("templates")
    return found


def line_features(candidates: Sequence[Candidate], counts: Counts, known: Known, successors: Successors) -> Array:
    """Return (candidates, len(FEATURES)) numbers."""
    after, after_two, name = successors.after, successors.after_two, successors.name
    followed, followed_two = sum(after.values()), sum(after_two.values())
    names: Mapping[str, int] = counts.words.seen.get(("a", name), {})
    named = sum(names.values())
    all_names: Mapping[str, int] = counts.words.seen.get(("s",), {})
    after_name, first = known.words(("a", name)), known.words(("s",))
    entries = counts.entries
    newest_after = [nearness(each) for each in (reversed(after), reversed(after_two), successors.templates[0])]
    rows = []
    for order, candidate in enumerate(candidates):
        text = candidate.text
        fact = counts.facts.get(text, NO_FACT)
        words = split_words(text)
        age = entries - fact.last if fact.count else NEVER
        shares = [lines.get(text, 0) for lines in successors.templates]
        rows.append(
            (
                float(fact.count > 0),
                math.log1p(fact.count),
                -math.log1p(age) if fact.count else 0.0,
                1 / (1 + age),
                float(text == successors.last),
                float(age == 2),
                math.log(0.01 + fact.count / (entries + 1)),
                float(fact.count == 1),
                math.log(0.02 + after.get(text, 0) / (followed + 1)),
                math.log(0.02 + after_two.get(text, 0) / (followed_two + 0.5)),
                math.log(0.01 + shares[0] / (successors.totals[0] + 1)),
                math.log(0.01 + shares[1] / (successors.totals[1] + 1)),
                math.log(0.003 + shares[2] / (successors.totals[2] + 3)),
                math.log(0.003 + shares[3] / (successors.totals[3] + 3)),
                math.log(0.03 + names.get(words[0], 0) / (named + 1)),
                math.log(0.01 + after_name[1].get(words[0], 0) / (after_name[0] + 2)),
                math.log(0.001 + first[1].get(words[0], 0) / (first[0] + 1)),
                float(words[0] in all_names),
                float(words[0] == name),
                math.log1p(len(words)),
                math.log1p(len(text)),
                float(len(words) == 1),
                0.0 if fact.count else math.log1p(entries),
                1 / (1 + order),
                newest_after[0].get(text, 0.0),
                newest_after[1].get(text, 0.0),
                newest_after[2].get(text, 0.0),
                float(len(after) == 1 and text in after),
                math.log1p(after.get(text, 0)),
                math.exp(-age / 8),
            )
        )
    return np.array(rows).reshape(-1, len(FEATURES))


def nearness(newest_first: Iterable[str]) -> dict[str, float]:
    """Return 1 for the first line, a half for the second, and so on."""
    return {text: 1 / (1 + place) for place, text in enumerate(islice(newest_first, TEMPLATES))}


def hand_features(candidates: Sequence[Candidate], counts: Counts, place: Place) -> Array:
    """Return (candidates, len(BY_HAND)) numbers."""
    rows = [_by_hand(each, counts, place) for each in candidates]
    return np.array(rows).reshape(-1, len(BY_HAND))


def _by_hand(candidate: Candidate, counts: Counts, place: Place) -> tuple[float, ...]:
    fact = counts.facts.get(candidate.text, NO_FACT)
    directories = fact.directories or {}
    here = directories.get(place.directory, 0)
    ended = fact.succeeded + fact.failed
    near, far = (max(score, LEAST_NETWORK) for score in candidate.network or NO_NETWORK)
    return (
        float("disk" in candidate.sources),
        math.log1p(here),
        float(place.directory in counts.directories and bool(directories) and not here),
        fact.failed / (ended + 1) + fact.last_failed,
        math.log1p(fact.ignored),
        float("network" in candidate.sources),
        near,
        far,
        math.exp(near) if candidate.network else 0.0,
    )


def none_features(counts: Counts, prefix: str, candidates: int) -> Array:
    """Return (len(NONE),) numbers that tell how likely none of the candidates is right."""
    return np.array(
        [
            1.0,
            float(bool(prefix)),
            math.log1p(len(prefix)),
            -math.log1p(counts.entries),
            float(" " in prefix),
            1 / (1 + candidates),
        ]
    )


def make_candidates(sources: Mapping[str, Iterable[str]]) -> list[Candidate]:
    """Return candidates of lines and what proposes them."""
    return [Candidate(text, frozenset(proposing)) for text, proposing in sources.items()]
