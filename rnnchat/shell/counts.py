"""What a person's history says: which commands, how often, how lately, after what, where, and how they ended.

Everything is kept as counts in memory and grows by one entry at a time, so that a command counts from the next prompt
on. Looking something up costs the same after a hundred commands and after a million.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LEARNED = 30_000  # of the newest entries, contexts are counted when a history is read: enough to know a person by
INDEXED = 2  # characters of a command that the index of recent ones is kept by
LOOKED_AT = 2_000  # recent commands, or words, looked through for a longer beginning
LATELY = 5  # arguments offered wherever they stood
RARE = 64  # as many old commands as this are all taken; more are left to the index of recent ones
FOLLOWERS = 64  # different next commands, or next words, kept for each context
NOT_FOUND = 127  # the exit status of a command that does not exist
WORD = re.compile(r"\s*\S+")


@dataclass(frozen=True)
class Entry:
    """One command that was run.

    Attributes:
        command: the line as typed, without surrounding blanks; several lines stay several.
        time: seconds since 1970; 0 where unknown.
        directory: where it ran; "" where unknown.
        status: how it ended; None where unknown, as in an imported history.
        session: which shell; "" where unknown.
        number: which of the session's commands, from 1; 0 where unknown.
        ignored: suggestions that were shown before it and not taken.
    """

    command: str
    time: int = 0
    directory: str = ""
    status: int | None = None
    session: str = ""
    number: int = 0
    ignored: tuple[str, ...] = ()


@dataclass(slots=True)
class Fact:
    """What is known of one command; there may be hundreds of thousands."""

    count: int = 0
    last: int = 0  # the number of the entry that it was run by last
    time: int = 0
    succeeded: int = 0
    failed: int = 0
    last_failed: bool = False
    missing: bool = False  # the shell did not find it when it was run last
    ignored: int = 0
    directories: dict[str, int] | None = None

    def add(self, entry: Entry, number: int) -> None:
        """Count one run, which is entry number `number`."""
        self.count += 1
        self.last, self.time = number, max(self.time, entry.time)
        if entry.directory:
            self.directories = self.directories or {}
            self.directories[entry.directory] = self.directories.get(entry.directory, 0) + 1
        if entry.status is not None:
            self.succeeded += entry.status == 0
            self.failed += entry.status != 0
            self.last_failed = entry.status != 0
            self.missing = entry.status == NOT_FOUND


class Counts:
    """Counts over entries, in the order in which they came."""

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.entries = 0
        self.after: defaultdict[str, Counter[str]] = defaultdict(Counter)  # command → what was run next
        self.after_two: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.words = WordCounts()
        self._recent: defaultdict[str, dict[str, None]] = defaultdict(dict)  # beginning → commands, oldest first
        self._sorted: list[str] = []
        self._last: dict[str, deque[str]] = {}  # session → its last two commands

    def add(self, entry: Entry) -> None:
        """Count one more entry."""
        if entry.command not in self.facts and "\n" not in entry.command:
            insort(self._sorted, entry.command)
        self._count(entry)
        self._learn(entry)

    def add_all(self, entries: list[Entry]) -> None:
        """Count many entries; of very old ones only how often and when they were run."""
        one_line = (entry.command for entry in entries if "\n" not in entry.command)
        self._sorted = sorted({*self._sorted, *one_line})
        for number, entry in enumerate(entries):
            self._count(entry)
            if number >= len(entries) - LEARNED:
                self._learn(entry)

    def _count(self, entry: Entry) -> None:
        self.entries += 1
        fact = self.facts.get(entry.command)
        if fact is None:
            fact = self.facts[entry.command] = Fact()
        fact.add(entry, self.entries)
        for text in entry.ignored:
            if text in self.facts:
                self.facts[text].ignored += 1

    def _learn(self, entry: Entry) -> None:
        """Count what follows what."""
        self._follow(entry)
        if "\n" not in entry.command:
            self._touch(entry.command)
            self.words.add(entry.command, self.entries)

    def _follow(self, entry: Entry) -> None:
        before = self._last.setdefault(entry.session, deque(maxlen=2))
        if before:
            count_at_most(self.after[before[-1]], entry.command)
        if len(before) == 2:
            count_at_most(self.after_two[before[0], before[1]], entry.command)
        before.append(entry.command)

    def _touch(self, command: str) -> None:
        for length in range(min(INDEXED, len(command)) + 1):
            recent = self._recent[command[:length]]
            recent.pop(command, None)
            recent[command] = None

    def starting_with(self, prefix: str, most: int) -> Iterator[str]:
        """Yield up to about `most` one-line commands longer than `prefix`: recent ones first, then rare old ones."""
        found = 0
        for looked, command in enumerate(reversed(self._recent.get(prefix[:INDEXED], {}))):
            if found == most or looked == LOOKED_AT:
                break
            if command.startswith(prefix) and command != prefix:
                found += 1
                yield command
        if found < most:
            low = bisect_left(self._sorted, prefix)
            high = bisect_left(self._sorted, prefix + "\U0010ffff", low)
            if high - low <= RARE:
                yield from (command for command in self._sorted[low:high] if command != prefix)

    def last_commands(self, session: str) -> tuple[str, ...]:
        """Return the last commands of a session, at most two, the newest last."""
        return tuple(self._last.get(session, ()))


class WordCounts:
    """Which word follows which within commands, and when each was seen last.

    Three contexts are counted for each word: the two words before it, the one before it, and the command's name with
    how far the word is behind it.
    """

    def __init__(self) -> None:
        self.seen: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        self.last: dict[str, int] = {}  # argument → the number of the entry that it stood in last, oldest first

    def add(self, command: str, number: int) -> None:
        """Count the words of one command."""
        words = split_words(command)
        for place, word in enumerate([*words, ""]):
            for context in contexts_of(words[:place]):
                count_at_most(self.seen[context], word)
            if word and place:
                self.last.pop(word, None)
                self.last[word] = number

    def shares(self, words: list[str], beginning: str) -> dict[str, float]:
        """Return words that may follow `words` and go on from `beginning`, with weights that add up to at most 1.

        The shares of the contexts are interpolated by how often each was seen (Witten & Bell 1991); what they leave
        goes to the arguments seen last, wherever they stood. "" is the end of the command.
        """
        weights: defaultdict[str, float] = defaultdict(float)
        left = 1.0
        for context in contexts_of(words):
            counts: Mapping[str, int] = self.seen.get(context, {})
            fitting = [item for item in counts.items() if item[0].startswith(beginning) and item[0] != beginning]
            if not beginning and "" in counts:
                fitting.append(("", counts[""]))
            total = sum(count for _, count in fitting)
            if not total:
                continue
            trust = left * total / (total + len(fitting))
            for word, count in fitting:
                weights[word] += trust * count / total
            left -= trust
        if words:
            for rank, word in enumerate(self._lately(beginning)):
                weights[word] += left * 0.5 ** (rank + 1)
        return weights

    def _lately(self, beginning: str) -> Iterator[str]:
        """Yield the arguments seen last that go on from `beginning`."""
        found = 0
        for looked, word in enumerate(reversed(self.last)):
            if found == LATELY or looked == LOOKED_AT:
                return
            if word.startswith(beginning) and word != beginning:
                found += 1
                yield word


def split_words(command: str) -> list[str]:
    """Return the words of a command, each as it is typed."""
    return command.split()


def contexts_of(words: list[str]) -> list[tuple[str, ...]]:
    """Return the contexts that the word after `words` is counted in, the most telling first."""
    if not words:
        return [()]
    pair = ("2", *words[-2:]) if len(words) > 1 else ("2", "", words[-1])
    return [pair, ("1", words[-1]), ("0", words[0], str(min(len(words), 3)))]


def count_at_most(counts: Counter[str], key: str, most: int = FOLLOWERS) -> None:
    """Count `key`; where there are too many different ones, the oldest of the rarest goes."""
    counts[key] += 1
    if len(counts) > most:
        del counts[min(counts, key=lambda other: (counts[other], other == key))]
