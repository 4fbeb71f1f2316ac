"""Words that may come next, and the features that they are ranked by."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from rnnchat.shell.counts import Counts
from rnnchat.shell.known import Known
from rnnchat.shell.lines import Place
from rnnchat.shell.ranking import Array
from rnnchat.shell.words import (
    ANYWHERE,
    Context,
    Table,
    argument_contexts,
    contexts_of,
    divide_word,
    divide_words,
    part_of,
    pieces_of,
    split_words,
)

FEATURES = (
    "context 1", "newest of context 1", "context 2", "newest of context 2", "context 3", "newest of context 3",
    "context 4", "newest of context 4", "known in context 1", "known in context 2", "known in context 4",
    "known anywhere", "begins a line", "lines", "of the lines", "first of the lines", "age", "unseen",
    "of the last command",
    "at the same place", "last of the last command", "in this line", "option", "length", "word before is over",
    "a part joined on", "age of the part", "typed of it",
)  # fmt: skip
BY_HAND = ("from disk", "network", "network is sure")
NONE = ("one", "typed", "typed much", "little history", "not the first", "lines")
FROM_TABLE, FROM_KNOWN, LATELY, PIECES_LATELY = 10, 6, 8, 8
RANKED = 100  # of a table's words, the newest, have a rank
Lines = Mapping[str, tuple[float, int]]


@dataclass(frozen=True)
class Hypothesis:
    """How the end of what was typed is read.

    Attributes:
        before: the whole words before the next one.
        beginning: what is typed of the next one.
        over: whether the last word was whole though no blank follows it yet.
    """

    before: list[str]
    beginning: str
    over: bool

    def insertion(self, word: str) -> str:
        """Return what accepting `word` would insert."""
        return " " + word if self.over else word[len(self.beginning) :]


class NextWords:
    """Candidates for the next word, by what accepting each would insert.

    Args:
        lines: insertion → the probability that the line goes on so by the whole lines, and the rank of the best one.
        disk: insertions that complete a command or path on disk.
        network: insertion → log-probability by the network.
    """

    def __init__(
        self, counts: Counts, known: Known, place: Place, prefix: str, lines: Lines,
        disk: Sequence[str] = (), network: Mapping[str, float] | None = None,
    ) -> None:  # fmt: skip
        self.counts, self.known, self.place = counts, known, place
        self.lines, self.disk, self.network = lines, frozenset(disk), network or {}
        self.mass = sum(share for share, _ in lines.values())
        self.last = split_words(place.before[-1]) if place.before else []
        self.insertions: list[str] = []
        self.is_argument: list[bool] = []
        self._rows: list[tuple[float, ...]] = []
        before, beginning = divide_words(prefix)
        self._add(Hypothesis(before, beginning, False))
        if beginning and self._is_word(before, beginning):
            self._add(Hypothesis([*before, beginning], "", True))
        self.none = np.array(
            [
                1.0,
                float(bool(beginning)),
                math.log1p(len(beginning)),
                -math.log1p(counts.entries),
                float(bool(before)),
                float(bool(lines)),
            ]
        )

    @property
    def table(self) -> Array:
        """(candidates, len(FEATURES))."""
        return np.array(self._rows).reshape(-1, len(FEATURES))

    @property
    def by_hand(self) -> Array:
        """(candidates, len(BY_HAND))."""
        rows = [
            (
                float(insertion in self.disk),
                self.network.get(insertion, 0.0),
                math.exp(self.network[insertion]) if insertion in self.network else 0.0,
            )
            for insertion in self.insertions
        ]
        return np.array(rows).reshape(-1, len(BY_HAND))

    def _is_word(self, before: list[str], beginning: str) -> bool:
        """Tell whether what is typed of a word may be all of it."""
        if any(insertion[0] == " " for insertion in self.lines):
            return True
        part = part_of(before)
        contexts: list[Context] = argument_contexts(part) if part else [("s",)]
        return any(
            beginning in self.counts.words.seen.get(context, ()) or beginning in self.known.words(context)[1]
            for context in contexts
        )

    def _add(self, reading: Hypothesis) -> None:
        """Gather the words of one reading and their features."""
        contexts = contexts_of(reading.before, self.place.names)
        is_argument, place, beginning = bool(part_of(reading.before)), len(reading.before), reading.beginning
        own = [begun(self.counts.words.seen.get(context, {}), beginning) for context in contexts]
        bundled_contexts = [*contexts[:2], contexts[3] if is_argument else ("s",), ANYWHERE if is_argument else ("x",)]
        bundled = [self.known.beginning_with(context, beginning) for context in bundled_contexts]
        words, joined = self._gather(reading, own, [table for _, table in bundled])
        totals = [sum(table.values()) for table in own]
        ranks = [{word: rank for rank, word in enumerate(islice(reversed(table), RANKED))} for table in own]
        pieces = self.counts.words.pieces
        entries, seen = self.counts.entries, self.counts.words.last
        for word in words:
            insertion = reading.insertion(word)
            row: list[float] = []
            for table, rank, total in zip(own, ranks, totals, strict=True):
                row.append(math.log(0.03 + table.get(word, 0) / (total + 0.5)))
                row.append(1 / (1 + rank[word]) if word in rank else 0.0)
            row += [math.log(0.003 + table.get(word, 0) / (total + 2)) for total, table in bundled]
            share, order = self.lines.get(insertion, (0.0, -1))
            age = seen.get(word)
            row += (
                float(order >= 0),
                math.log(0.002 + share),
                math.log(0.02 + share / (self.mass + 1e-9)),
                1 / (1 + order) if order >= 0 else 0.0,
                -math.log1p(entries - age) if age is not None else -6.0,
                float(age is None),
                float(word in self.last[1:]),
                float(place < len(self.last) and self.last[place] == word),
                float(bool(self.last) and self.last[-1] == word),
                float(word in reading.before[1:]),
                float(word[0] == "-"),
                math.log1p(len(word)),
                float(reading.over),
                float(word in joined),
                -math.log1p(entries - pieces[joined[word]]) if word in joined else -6.0,
                len(beginning) / len(word),
            )
            self.insertions.append(insertion)
            self.is_argument.append(is_argument)
            self._rows.append(tuple(row))

    def _gather(
        self, reading: Hypothesis, own: Sequence[Table], bundled: Sequence[Table]
    ) -> tuple[list[str], dict[str, str]]:
        """Return the words that may come next, and which of them join a part seen before to what is typed."""
        beginning = reading.beginning
        found: dict[str, None] = {}
        joined: dict[str, str] = {}
        for table in own:
            found.update(dict.fromkeys(islice(reversed(table), FROM_TABLE)))
        for table in bundled:
            found.update(dict.fromkeys(islice(table, FROM_KNOWN)))
        if part_of(reading.before) or divide_word(beginning)[0]:
            recent = self.counts.words
            found.update(dict.fromkeys(recent.lately(beginning, LATELY)))
            words = (*self.last[1:], *reading.before[1:])
            pieces = (piece for word in words for piece in (word, *pieces_of(word)))
            found.update(dict.fromkeys(piece for piece in pieces if piece.startswith(beginning) and piece != beginning))
            head, tail = divide_word(beginning)
            for piece in recent.pieces_lately(tail, PIECES_LATELY):
                if head + piece not in found:
                    joined[head + piece] = piece
            found.update(dict.fromkeys(joined))
        for insertion in (*self.lines, *self.disk):
            if reading.over == (insertion[0] == " "):
                found[insertion[1:] if reading.over else beginning + insertion] = None
        return list(found), joined


def begun(table: Table, beginning: str) -> Table:
    """Return the words of a table that go on from `beginning`."""
    if not beginning:
        return table
    return {word: count for word, count in table.items() if word.startswith(beginning) and word != beginning}
