"""What a person's history says: which commands, how often, how lately, after what, where, and how they ended.

Everything is kept as counts in memory and grows by one entry at a time, so that a command counts from the next prompt
on. Looking something up costs the same after a hundred commands and after a million.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnnchat.shell.words import LOOKED_AT, Table, WordCounts, count_at_most, name_of, template_of

LEARNED = 30_000  # of the newest entries, contexts are counted when a history is read: enough to know a person by
INDEXED = 2  # characters of a command that the index of recent ones is kept by
RARE = 64  # as many old commands as this are all taken; more are left to the index of recent ones
NOT_FOUND = 127  # the exit status of a command that does not exist


@dataclass(frozen=True, slots=True)
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
        self.directories: set[str] = set()  # where anything was run
        self.after: dict[str, Table] = {}  # command → what was run next
        self.after_two: dict[tuple[str, str], Table] = {}
        self.templates: dict[str, Table] = {}  # command's name → templates of what was run next; "*" has all
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

    def add_all(self, entries: Iterable[Entry], total: int) -> None:
        """Count many entries, about `total` of them; of very old ones only how often and when they were run."""
        for number, entry in enumerate(entries):
            self._count(entry)
            if number >= total - LEARNED:
                self._learn(entry)
        self._sorted = sorted(command for command in self.facts if "\n" not in command)

    def _count(self, entry: Entry) -> None:
        self.entries += 1
        fact = self.facts.get(entry.command)
        if fact is None:
            fact = self.facts[entry.command] = Fact()
        fact.add(entry, self.entries)
        if entry.directory:
            self.directories.add(entry.directory)
        for text in entry.ignored:
            if text in self.facts:
                self.facts[text].ignored += 1

    def _learn(self, entry: Entry) -> None:
        """Count what follows what."""
        before = self._last.setdefault(entry.session, deque(maxlen=2))
        self._follow(entry.command, before)
        if "\n" not in entry.command:
            self._touch(entry.command)
            self.words.add(entry.command, self.entries, [name_of(command) for command in before])
        before.append(entry.command)

    def _follow(self, command: str, before: deque[str]) -> None:
        if before:
            count_at_most(self.after.setdefault(before[-1], {}), command)
        if len(before) == 2:
            count_at_most(self.after_two.setdefault((before[0], before[1]), {}), command)
        if before and "\n" not in command:
            template = template_of(command, before[-1])
            for name in (name_of(before[-1]), "*"):
                count_at_most(self.templates.setdefault(name, {}), template)

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
