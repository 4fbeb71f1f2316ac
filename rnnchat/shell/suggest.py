"""The suggestions for one line: gather candidates, rank them, keep what exists, is safe and is likely enough."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnchat.hygiene import is_presentable
from rnnchat.redact import holds_secret
from rnnchat.shell.counts import Counts, Entry, split_words
from rnnchat.shell.danger import is_destructive
from rnnchat.shell.existence import FILE_NAME, Existence, Shell, complete_command, complete_path, is_there
from rnnchat.shell.network import SessionReader
from rnnchat.shell.ranking import (
    Candidate,
    Ghost,
    Place,
    Weights,
    divide_words,
    features,
    ghosts,
    none_features,
    probabilities,
    word_ends,
)

FROM_HISTORY = 40  # candidates looked at first
SCORED = 16  # of them, by the network, too
LONGEST = 256  # characters of a suggestion
LONGEST_PREFIX = 400
WORD_LINES = 5
WORDS_AHEAD = 12
LEAST_SHARE = 0.2  # less likely continuations by words are not followed
AHEAD = 0.5  # seconds that may be thought ahead, where nothing else waits
PATIENCE = 0.03  # seconds for the network where the history proposes nothing
BUDGET = 0.004  # seconds for the network, after which the counts alone answer


@dataclass(frozen=True)
class Request:
    """A line being typed.

    Attributes:
        prefix: the line up to the cursor, which is at its end.
        session: which shell.
        directory: where it is.
        count: how many suggestions are wanted.
        confident: stay silent where nothing is likely enough.
    """

    prefix: str
    session: str = ""
    directory: str = ""
    count: int = 1
    confident: bool = True


@dataclass(frozen=True)
class Suggestion:
    """A line to offer.

    Attributes:
        line: as it would be after accepting; it begins with what was typed.
        probability: that its first new word is right.
    """

    line: str
    probability: float


class Suggester:
    """Suggests lines to all shells of one person.

    Args:
        counts: the person's history.
        weights: of the ranking.
        model: a language model of commands; None where there is none to use.
        threshold: the least probability that is shown; on an empty line `empty_threshold` holds.
    """

    def __init__(
        self,
        counts: Counts,
        weights: Weights,
        model: Any = None,
        threshold: float = 0.15,
        empty_threshold: float = 0.2,
        budget: float = BUDGET,
    ) -> None:
        self.counts = counts
        self.weights = weights
        self.reader = SessionReader(model) if model is not None else None
        self.threshold = threshold
        self.empty_threshold = empty_threshold
        self.budget = budget
        self.existence = Existence()
        self.shells: dict[str, Shell] = {}
        self.forgotten: set[str] = set()
        self._sessions: dict[str, list[str]] = {}

    def learn(self, entry: Entry) -> None:
        """Count a command that was run; the next suggestion knows it."""
        self.counts.add(entry)
        self.forgotten.discard(entry.command)  # who runs it again wants it back
        session = self._sessions.setdefault(entry.session, [])
        session.append(entry.command)
        del session[:-16]

    def suggest(self, request: Request) -> list[Suggestion]:
        """Return the best lines for `request`, at most `request.count`; none where nothing is likely enough."""
        prefix = request.prefix
        if len(prefix) > LONGEST_PREFIX or (prefix and not is_presentable(prefix)):
            return []
        place = Place(request.session, request.directory, self.counts.last_commands(request.session))
        candidates, shares = self.rank(prefix, place)
        kept = [number for number, each in enumerate(candidates) if self._may_offer(each, request)]
        least = (self.threshold if prefix else self.empty_threshold) if request.confident else 0.0
        shown: list[Ghost] = []
        # While typing, what saves most keys comes first; on an empty line and on a key, whole commands do.
        if prefix and request.confident:
            best = ghosts([candidates[n].text for n in kept], shares[kept], prefix)
            shown += [ghost for ghost in best if ghost.first >= least and self._may_show(ghost.text, prefix)][:1]
        whole = (Ghost(candidates[n].text, float(shares[n]), float(shares[n]), 0.0) for n in kept)
        shown += [ghost for ghost in whole if ghost.first >= least and self._may_show(ghost.text, prefix)]
        lines = {ghost.text: ghost.first for ghost in reversed(shown)}
        return [Suggestion(text, lines[text]) for text in reversed(lines)][: request.count]

    def think_ahead(self, request: Request) -> None:
        """Let the network read on where an answer had no time for it, until all is read or it is interrupted.

        What is worked out here is known at the next key: mostly after the first, empty line of a prompt.
        """
        if self.reader is None or len(request.prefix) > LONGEST_PREFIX or not is_presentable(request.prefix):
            return
        place = Place(request.session, request.directory, self.counts.last_commands(request.session))
        until = time.monotonic() + AHEAD
        candidates = self.gather(request.prefix, place, until)
        table = features(candidates, self.counts, place, request.prefix) @ self.weights.candidate
        lines = [candidates[number].text for number in np.argsort(-table)[: 2 * SCORED]]
        self.reader.log_probs(lines, request.prefix, until)

    def rank(self, prefix: str, place: Place) -> tuple[list[Candidate], Any]:
        """Return candidates for a line that begins with `prefix`, the likeliest first, and their probabilities."""
        until = time.monotonic() + self.budget
        candidates = self.gather(prefix, place, until)
        if not candidates:
            return [], np.zeros(0)
        none = none_features(self.counts, prefix)
        table = features(candidates, self.counts, place, prefix)
        if self.reader is not None:
            order = np.argsort(-(table @ self.weights.candidate))[:SCORED]
            candidates = [candidates[number] for number in order]
            known = any("history" in each.sources for each in candidates)
            until = max(until, time.monotonic() + (self.budget / 2 if known else PATIENCE))
            scores = self.reader.log_probs([each.text for each in candidates], prefix, until)
            candidates = [replace(each, network=score) for each, score in zip(candidates, scores, strict=True)]
            table = features(candidates, self.counts, place, prefix)
        shares = probabilities(self.weights, table, none)
        order = np.argsort(-shares)
        return [candidates[number] for number in order], shares[order]

    def gather(self, prefix: str, place: Place, until: float) -> list[Candidate]:
        """Return lines that `prefix` may become, from all sources, each once."""
        sources: dict[str, set[str]] = {}
        for text in self._from_history(prefix, place):
            sources.setdefault(text, set()).add("history")
        for text in self._from_words(prefix):
            sources.setdefault(text, set()).add("words")
        for text in self._from_disk(prefix, place):
            sources.setdefault(text, set()).add("disk")
        if self.reader is not None:
            self.reader.read_session(self._sessions.get(place.session, []))
            if prefix:
                # Where the history knows nothing the network is worth a wait; nobody waits but the ghost.
                now = time.monotonic()
                limit = (now + until) / 2 if sources else now + PATIENCE
                for text in self.reader.continue_line(prefix, limit):
                    text = self._without_made_up(text, prefix, place.directory)
                    if len(text) > len(prefix):
                        sources.setdefault(text, set()).add("network")
        # What words alone propose is a beginning as often as a line: where a longer line goes on from it, that counts.
        begun = {text[:end] for text in sources for end in word_ends(text, len(prefix))[:-1]}
        return [
            Candidate(text, frozenset(proposing))
            for text, proposing in sources.items()
            if text not in begun or "history" in proposing
        ]

    def _without_made_up(self, line: str, prefix: str, directory: str) -> str:
        """Return a line of the network up to the first file name that is neither on disk nor in the history."""
        before = len(prefix)
        for end in word_ends(line, len(prefix)) if directory else []:
            word = line[:end].split()[-1]
            if FILE_NAME.fullmatch(word) and word not in self.counts.words.last and not is_there(word, directory):
                return line[:before].rstrip() if before > len(prefix) else prefix
            before = end
        return line

    def _from_history(self, prefix: str, place: Place) -> Iterable[str]:
        last = place.before[-1] if place.before else ""
        pair: Mapping[str, int] = (
            self.counts.after_two.get((place.before[-2], last), {}) if len(place.before) > 1 else {}
        )
        for followers in (pair, self.counts.after.get(last, {})):
            for text in followers:
                if text.startswith(prefix) and text != prefix and "\n" not in text:
                    yield text
        yield from self.counts.starting_with(prefix, FROM_HISTORY)

    def _from_words(self, prefix: str) -> Iterator[str]:
        """Yield lines that the counts of words make of `prefix`."""
        before, beginning = divide_words(prefix)
        if not before and not beginning:
            return
        shares = self.counts.words.shares(before, beginning)
        for word in sorted(shares, key=lambda word: -shares[word])[:WORD_LINES]:
            if not word:
                continue
            line, share = [*before, word], 1.0
            text = prefix + word[len(beginning) :]
            yield text
            while len(line) < WORDS_AHEAD and (following := self.counts.words.shares(line, "")):
                best = max(following, key=lambda word: following[word])
                share *= following[best]
                if not best or share < LEAST_SHARE:
                    break
                line.append(best)
                text += " " + best
            if len(line) > len(before) + 1:
                yield text

    def _from_disk(self, prefix: str, place: Place) -> list[str]:
        shell = self.shells.get(place.session)
        if " " not in prefix:
            return complete_command(prefix, self.existence, shell)
        return complete_path(prefix, place.directory, split_words(prefix)[:1] in (["cd"], ["pushd"], ["rmdir"]))

    def _may_offer(self, candidate: Candidate, request: Request) -> bool:
        """Tell whether a candidate could work, and is no harm."""
        text = candidate.text
        fact = self.counts.facts.get(text)
        if len(text) > LONGEST or "\n" in text or text in self.forgotten:
            return False
        if fact is not None and fact.missing:
            return False
        if is_destructive(text) and (fact is None or not request.prefix.strip()):
            return False
        shell = self.shells.get(request.session)
        return self.existence.may_run(text, request.directory, shell)

    def _may_show(self, text: str, prefix: str) -> bool:
        """Tell whether a beginning of a candidate may reach the terminal."""
        if not is_presentable(text[len(prefix) :]) or holds_secret(text):
            return False
        return not is_destructive(text) or text in self.counts.facts
