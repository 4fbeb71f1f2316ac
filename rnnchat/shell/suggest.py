"""The suggestions for one line: gather candidates, rank them, keep what passes the gate and is likely enough."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnchat.hygiene import is_presentable
from rnnchat.shell.counts import Counts, Entry
from rnnchat.shell.existence import complete_command, complete_path
from rnnchat.shell.gate import Gate
from rnnchat.shell.known import Known, load_known
from rnnchat.shell.lines import MOST as MOST_LINES
from rnnchat.shell.lines import (
    Candidate,
    Place,
    Successors,
    gather_lines,
    hand_features,
    line_features,
    make_candidates,
)
from rnnchat.shell.lines import none_features as no_line
from rnnchat.shell.network import LEAST_SURE, SessionReader
from rnnchat.shell.nextword import NextWords
from rnnchat.shell.ranking import Array, Ghost, Scorer, Weights, ghosts, word_ends
from rnnchat.shell.words import split_words

SCORED = 16  # candidates scored by the network, too
LONGEST_PREFIX = 400
GOING_ON = 40  # longer lines that are counted to tell whether a line is over
AHEAD = 0.5  # seconds that may be thought ahead, where nothing else waits
BUDGET = 0.0007  # seconds for the network to read and search, and after that as much to score what it knows by now
UNLIKELY = 0.02  # below this a next word is not even offered to who asks for one
NEXT_WORD = re.compile(r" *[^ ]+")


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
        known: counts of commands that a person needs not have run; the bundled ones where None.
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
        known: Known | None = None,
    ) -> None:
        self.counts = counts
        self.weights = weights
        self.reader = SessionReader(model) if model is not None else None
        self.threshold = threshold
        self.empty_threshold = empty_threshold
        self.budget = budget
        self.gate = Gate(counts)
        self._sessions: dict[str, list[str]] = {}
        self.known = known if known is not None else load_known()

    def learn(self, entry: Entry) -> None:
        """Count a command that was run; the next suggestion knows it."""
        self.counts.add(entry)
        self.gate.forgotten.discard(entry.command)  # who runs it again wants it back
        session = self._sessions.setdefault(entry.session, [])
        session.append(entry.command)
        del session[:-16]

    def suggest(self, request: Request) -> list[Suggestion]:
        """Return the best lines for `request`, at most `request.count`; none where nothing is likely enough."""
        prefix = request.prefix
        if len(prefix) > LONGEST_PREFIX or (prefix and not is_presentable(prefix)):
            return []
        place = Place(request.session, request.directory, self.counts.last_commands(request.session))
        lines, words, foreign = self.rank(prefix, place)
        least = self.threshold if prefix else self.empty_threshold
        if not request.confident:
            least = 0.0
        whole = whole_lines(lines, words, prefix)
        if not prefix:  # nothing but whole commands
            order = [ghost for ghost in whole if ghost.value >= least]
        else:
            # What the person has run goes on as they ran it, whatever is usual elsewhere.
            run = {line: share for line, share in lines.items() if line not in foreign}
            best = ghosts(words, run, prefix, self.threshold, foreign)
            own = [ghost for ghost in whole if ghost.text in run]
            rest = [ghost for ghost in whole if ghost.text in foreign]
            if request.confident:
                # What is shown must be likely, and saves most keys; the others are there for who asks for another.
                best = [ghost for ghost in best if ghost.first >= least]
                order = best[:1] + own + best if best else []
            else:
                order = [ghost for ghost in own + best + rest if ghost.first >= UNLIKELY]
        shown: dict[str, Suggestion] = {}
        for ghost in order:
            if len(shown) == request.count:
                break
            if ghost.text not in shown and self.gate.may_show(ghost.text, prefix, place):
                shown[ghost.text] = Suggestion(ghost.text, ghost.first)
        return list(shown.values())

    def think_ahead(self, request: Request) -> None:
        """Let the network read on where an answer had no time for it, until all is read or it is interrupted.

        What is worked out here is known at the next key: mostly after the first, empty line of a prompt.
        """
        if self.reader is None or len(request.prefix) > LONGEST_PREFIX or not is_presentable(request.prefix):
            return
        place = Place(request.session, request.directory, self.counts.last_commands(request.session))
        until = time.monotonic() + AHEAD
        successors = Successors(self.counts, self.known, place, request.prefix)
        candidates = self.gather(request.prefix, place, successors, until)
        if not is_unknown(each.sources for each in candidates):
            return
        table = line_features(candidates, self.counts, self.known, successors)
        scores = self._scorer(request.prefix).scores(table, hand_features(candidates, self.counts, place))
        lines = [candidates[number].text for number in np.argsort(-scores)[: 2 * SCORED]]
        self.reader.log_probs(lines, request.prefix, until)

    def _scorer(self, prefix: str) -> Scorer:
        return self.weights.lines if prefix else self.weights.empty

    def rank(self, prefix: str, place: Place) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
        """Return the probabilities of lines that `prefix` may become, and of what may be inserted as its next word.

        And of lines that the person has not run how likely the network finds what follows their next word.
        """
        candidates, shares = self.rank_lines(prefix, place)
        words = self.next_words(prefix, place, candidates, shares)
        scores = word_scores(self.weights, words)
        none = self.weights.arguments if words.is_argument[:1] == [True] else self.weights.names
        scores = np.append(scores, words.none @ none.none)
        scores = np.exp(scores - scores.max())
        scores /= scores.sum()
        scores *= self._goes_on(prefix)
        lines = {each.text: float(share) for each, share in zip(candidates, shares, strict=True)}
        foreign = {
            each.text: math.exp(each.network[1]) if each.network else 0.0
            for each in candidates
            if each.text not in self.counts.facts
        }
        return lines, dict(zip(words.insertions, scores[:-1].tolist(), strict=True)), foreign

    def _goes_on(self, line: str) -> float:
        """Return how likely something follows `line`, by how often the person ran it as it is and longer ones."""
        fact = self.counts.facts.get(line)
        if fact is None:
            return 1.0
        longer = sum(self.counts.facts[each].count for each in self.counts.starting_with(line, GOING_ON))
        return (longer + 0.5) / (longer + fact.count + 1)

    def rank_lines(self, prefix: str, place: Place) -> tuple[list[Candidate], Array]:
        """Return lines that begin with `prefix`, the likeliest first, and their probabilities."""
        began = time.monotonic()
        successors = Successors(self.counts, self.known, place, prefix)
        candidates = self.gather(prefix, place, successors, began + self.budget)
        if not candidates:
            return [], np.zeros(0)
        scorer, none = self._scorer(prefix), no_line(self.counts, prefix, len(candidates))
        table = line_features(candidates, self.counts, self.known, successors)
        by_hand = hand_features(candidates, self.counts, place)
        if self.reader is not None and is_unknown(each.sources for each in candidates):
            best = np.argsort(-scorer.scores(table, by_hand))[:SCORED]
            until = began + 2 * self.budget
            scores = self.reader.log_probs([candidates[number].text for number in best], prefix, until)
            for number, score in zip(best.tolist(), scores, strict=True):
                candidates[number] = replace(candidates[number], network=score)
            sure = np.array([is_sure(each) for each in candidates])
            candidates, table = [each for each, keep in zip(candidates, sure, strict=True) if keep], table[sure]
            if not candidates:
                return [], np.zeros(0)
            by_hand = hand_features(candidates, self.counts, place)
        shares = scorer.shares(table, by_hand, none)
        order = np.argsort(-shares)
        return [candidates[number] for number in order], shares[order]

    def next_words(self, prefix: str, place: Place, candidates: list[Candidate], shares: Array) -> NextWords:
        """Return the words that may come next, knowing how likely each line is."""
        lines: dict[str, tuple[float, int]] = {}
        network: dict[str, float] = {}
        for order, (candidate, share) in enumerate(zip(candidates, shares, strict=True)):
            found = NEXT_WORD.match(candidate.text, len(prefix))
            if found:
                before, first = lines.get(found[0], (0.0, order))
                lines[found[0]] = before + float(share), first
                if candidate.network:
                    network[found[0]] = candidate.network[0]
        disk = [line[len(prefix) :] for line in self._from_disk(prefix, place)]
        return NextWords(self.counts, self.known, place, prefix, lines, disk, network)

    def gather(self, prefix: str, place: Place, successors: Successors, until: float) -> list[Candidate]:
        """Return lines that `prefix` may become, from all sources, each once."""
        sources = gather_lines(self.counts, successors, prefix)
        for text in self._from_disk(prefix, place):
            sources.setdefault(text, set()).add("disk")
        if self.reader is not None:
            # Without a limit of its own a long session would keep the answer back.
            is_read = self.reader.read_session(self._sessions.get(place.session, []), until)
            # Where the history has lines that begin so, the network's add nothing that could be measured.
            if prefix and is_read and is_unknown(sources.values()):
                for text in self.reader.continue_line(prefix, until):
                    text = self.gate.without_made_up(text, prefix, place.directory)
                    if len(text) > len(prefix):
                        sources.setdefault(text, set()).add("network")
        return [each for each in make_candidates(sources) if self.gate.may_offer(each.text, prefix, place)][:MOST_LINES]

    def _from_disk(self, prefix: str, place: Place) -> list[str]:
        shell = self.gate.shells.get(place.session)
        if " " not in prefix:
            return complete_command(prefix, self.gate.existence, shell)
        return complete_path(prefix, place.directory, split_words(prefix)[:1] in (["cd"], ["pushd"], ["rmdir"]))


def whole_lines(lines: Mapping[str, float], words: Mapping[str, float], prefix: str) -> list[Ghost]:
    """Return all lines, those first that both find likely: what ranks whole lines and what ranks their next word.

    On an empty line there is no word yet to judge by.
    """
    found = []
    for line, share in lines.items():
        first = words.get(line[len(prefix) : word_ends(line, len(prefix))[0]], 0.0) if prefix else 1.0
        found.append(Ghost(line, first if prefix else share, first * share))
    return sorted(found, key=lambda ghost: -ghost.value)


def is_sure(candidate: Candidate) -> bool:
    """Tell whether the network, where nothing but it proposes a line, means its next word."""
    return candidate.sources != {"network"} or candidate.network is None or candidate.network[0] >= LEAST_SURE


def is_unknown(proposing: Iterable[Collection[str]]) -> bool:
    """Tell whether the history proposes none of the lines: only there the network is asked."""
    return not any("history" in sources for sources in proposing)


def word_scores(weights: Weights, words: NextWords) -> Array:
    """Return (candidates,) scores of next words."""
    if not words.insertions:
        return np.zeros(0)
    table, by_hand = words.table, words.by_hand
    kind = np.array(words.is_argument)
    if kind.all() or not kind.any():
        return (weights.arguments if kind[0] else weights.names).scores(table, by_hand)
    return np.where(kind, weights.arguments.scores(table, by_hand), weights.names.scores(table, by_hand))
