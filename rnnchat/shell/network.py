"""What the network thinks of command lines: how likely one is after the session so far, and which come to its mind."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnchat.hygiene import is_presentable
from rnnchat.model import LanguageModel, read
from rnnchat.shell.ranking import word_ends
from rnnchat.vocabulary import FIRST_TOKEN

CONTEXT_COMMANDS = 8  # of the session are read before the line
CONTEXT_CHARACTERS = 400
LONGEST = 80  # characters that a line is followed for
BEAM = 4
BATCH = 8  # lines scored side by side
KEPT_LINES = 2_000
KEPT_SESSIONS = 32
LEAST_SURE = math.log(0.005)  # a next word that it finds less likely is none of its suggestions
STRIDE = 8  # tokens read between two looks at the clock


class SessionReader:
    """A language model that has read the last commands of one session, and scores and continues the next line.

    Args:
        model: any language model of the char unit that was trained on commands, one a line.
    """

    def __init__(self, model: LanguageModel[Any]) -> None:
        self.model = model
        vocabulary = model.vocabulary
        self._newline = vocabulary.encode("\n")[0]
        self._writable = np.array(
            [token for token in range(FIRST_TOKEN, len(vocabulary)) if is_presentable(vocabulary.token_text(token))]
        )
        # Asked between steps: whether to break off, because something more urgent waits.
        self.interrupted: Callable[[], bool] = lambda: False
        self._context: tuple[str, ...] = ()
        self._start: Any = model.start()
        self._unread: list[int] = []  # tokens of the session that are still to be read
        self._kept: OrderedDict[tuple[str, ...], Any] = OrderedDict()  # what was read → the state after it
        self._sums: dict[str, npt.NDArray[np.float64]] = {}
        self._typed: dict[str, Any] = {}
        self._found: dict[str, list[str]] = {}

    def read_session(self, commands: Sequence[str], until: float = math.inf) -> bool:
        """Read the session so far, oldest command first; does nothing where it has been read.

        Of a session that goes on only the new command is read: the state knows the others.

        Args:
            until: the time.monotonic() after which reading is left for the next time.

        Returns:
            Whether all is read; before that the network says nothing.
        """
        context = tuple(commands[-CONTEXT_COMMANDS:])
        if context != self._context:
            self._context = context
            self._start, text = self._longest_read(context)
            self._unread = self.model.vocabulary.encode(text[-CONTEXT_CHARACTERS:])
            self._sums.clear()
            self._typed.clear()
            self._found.clear()
        while self._unread and not self._is_over(until):
            self._start = read(self.model, self._start, self._unread[:STRIDE])
            del self._unread[:STRIDE]
            if not self._unread:
                self._keep(context)
        return not self._unread

    def _longest_read(self, context: tuple[str, ...]) -> tuple[Any, str]:
        """Return the state after all but the last command of `context` where it is known, and what is still to read."""
        for known in reversed(self._kept):
            if context and known[-len(context) + 1 :] == context[:-1] and len(known) >= len(context) - 1 > 0:
                return self._kept[known], context[-1] + "\n"
            if known == context:
                return self._kept[known], ""
        return self.model.start(), "".join(command + "\n" for command in context)

    def _keep(self, context: tuple[str, ...]) -> None:
        self._kept[context] = self._start
        if len(self._kept) > KEPT_SESSIONS:
            self._kept.popitem(last=False)

    def _is_over(self, until: float) -> bool:
        return time.monotonic() >= until or self.interrupted()

    def log_probs(self, lines: Sequence[str], prefix: str, until: float) -> list[tuple[float, float] | None]:
        """Return log-probabilities of each line given that it begins with `prefix`: of its next word, and of the rest.

        Args:
            lines: whole commands.
            until: the time.monotonic() after which no more are computed; None stands for those.
        """
        if self._unread:
            return [None] * len(lines)
        if len(self._sums) > KEPT_LINES:
            self._sums.clear()
        missing = [line for line in lines if line not in self._sums]
        for begin in range(0, len(missing), BATCH):
            self._add_up(missing[begin : begin + BATCH], until)
        return [self._given(line, prefix) if line in self._sums else None for line in lines]

    def _given(self, line: str, prefix: str) -> tuple[float, float]:
        sums, encode = self._sums[line], self.model.vocabulary.encode
        typed = min(len(encode(prefix)), len(sums) - 1)
        # The sign after the word belongs to it: only with that is the word over.
        word_end = min(len(encode(line[: word_ends(line, len(prefix))[0]])) + 1, len(sums) - 1)
        return float(sums[word_end] - sums[typed]), float(sums[-1] - sums[word_end])

    def _add_up(self, lines: list[str], until: float) -> None:
        """Keep for each line the running sums of its tokens' log-probabilities, the line's end included."""
        rows = [[*self.model.vocabulary.encode(line[:LONGEST]), self._newline] for line in lines]
        order = sorted(range(len(rows)), key=lambda place: -len(rows[place]))
        states = [self._start] * len(rows)
        sums = [np.zeros(len(row) + 1) for row in rows]
        for step in range(len(rows[order[0]])):
            if self._is_over(until):
                return
            active = [place for place in order if step < len(rows[place])]
            # All lines begin in the same state: one row serves all of them.
            table = self.model.batch_log_probs(states[: len(active)] if step else states[:1])
            for row, place in enumerate(active):
                sums[place][step + 1] = sums[place][step] + table[row if step else 0][rows[place][step]]
            states = self.model.step(states[: len(active)], [rows[place][step] for place in active])
        self._sums.update(zip(lines, sums, strict=True))

    def continue_line(self, prefix: str, until: float) -> list[str]:
        """Return up to BEAM whole lines that begin with `prefix`, the likeliest first; fewer if time runs out."""
        known = self._found.get(prefix)
        if known is not None:
            return known
        if self._unread:
            return []
        found = list(dict.fromkeys(self._search(prefix, until) + self._found_before(prefix)))[:BEAM]
        if not self._is_over(until):  # what was broken off may be better next time
            self._found[prefix] = found
        return found

    def _found_before(self, prefix: str) -> list[str]:
        """Return what was found for a shorter beginning, at an earlier key, and still goes on from `prefix`."""
        for length in range(len(prefix) - 1, 0, -1):
            found = self._found.get(prefix[:length])
            if found is not None:
                return [line for line in found if line.startswith(prefix) and line != prefix]
        return []

    def _search(self, prefix: str, until: float) -> list[str]:
        """Beam search by characters; a line is over at its newline."""
        state = self._after(prefix, until)
        if state is None:
            return []
        beam: list[tuple[float, str, Any]] = [(0.0, prefix, state)]
        done: list[tuple[float, str]] = []
        for _ in range(LONGEST):
            if self._is_over(until):
                # What is unfinished may still tell the next words.
                done += [(score - 2.0, text.rsplit(" ", 1)[0]) for score, text, _ in beam]
                break
            table = self.model.batch_log_probs([state for _, _, state in beam])
            done += [
                (score + float(row[self._newline]), text) for (score, text, _), row in zip(beam, table, strict=True)
            ]
            done = sorted(done, reverse=True)[: 2 * BEAM]
            beam = self._grow(beam, table)
            if len(done) > BEAM and beam[0][0] < done[BEAM - 1][0]:
                break
        # Of one word the score tells how sure it is; garbage is what came to mind first where there was no time.
        sure = [text for score, text in sorted(done, reverse=True) if score >= LEAST_SURE or " " in text[len(prefix) :]]
        fitting = (line for line in sure if len(line) > len(prefix) and line == line.rstrip())
        return list(dict.fromkeys(fitting))[:BEAM]

    def _grow(self, beam: list[tuple[float, str, Any]], table: Any) -> list[tuple[float, str, Any]]:
        choices = []
        for place, (score, _, _) in enumerate(beam):
            row = table[place][self._writable]
            best = np.argpartition(-row, BEAM)[:BEAM] if len(row) > BEAM else np.arange(len(row))
            choices += [(score + float(row[b]), place, int(self._writable[b])) for b in best]
        choices = sorted(choices, reverse=True)[:BEAM]
        states = self.model.step([beam[place][2] for _, place, _ in choices], [token for _, _, token in choices])
        text_of = self.model.vocabulary.token_text
        return [
            (score, beam[place][1] + text_of(token), state)
            for (score, place, token), state in zip(choices, states, strict=True)
        ]

    def _after(self, prefix: str, until: float) -> Any:
        """Return the state after the session and `prefix`; None if time runs out.

        The longest known beginning is gone on from; what was read is kept, so that the next try gets further.
        """
        for length in range(len(prefix), -1, -1):
            state = self._start if length == 0 else self._typed.get(prefix[:length])
            if state is not None:
                break
        while length < len(prefix):
            if self._is_over(until):
                return None
            end = min(length + STRIDE, len(prefix))
            state = read(self.model, state, self.model.vocabulary.encode(prefix[length:end]))
            length = end
            self._typed[prefix[:length]] = state
        return state
