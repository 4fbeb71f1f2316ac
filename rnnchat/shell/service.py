"""What the daemon does for one request: suggest, learn a command, forget one. No sockets here."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any

from rnnchat import __version__
from rnnchat.errors import RnnchatError
from rnnchat.heap import give_back
from rnnchat.shell.counts import Counts, Entry
from rnnchat.shell.existence import Shell
from rnnchat.shell.history import History, may_keep
from rnnchat.shell.protocol import Message, ProtocolError, number_of
from rnnchat.shell.ranking import load_weights
from rnnchat.shell.suggest import Request, Suggester

MOST_SHELLS = 64  # sessions whose $PATH and aliases are remembered
MOST_SUGGESTIONS = 10

Answer = tuple[str, ...]


class Service:
    """Answers requests from one person's history.

    Args:
        history: where commands are kept.
        model: a language model of commands; None where there is none.
    """

    def __init__(self, history: History, model: Any = None) -> None:
        # Whether something waits that is more urgent than what the network is reading.
        self.is_urgent: Callable[[], bool] = lambda: False
        self.history = history
        self.began = time.time()
        self.model = model
        self.suggestions = self.offered = 0
        self.last: Request | None = None
        self._numbers: dict[str, int] = {}  # session → the number of its last stored command
        self.suggester = Suggester(Counts(), load_weights(), model)

    def prepare(self) -> None:
        """Read the history; before that only the network suggests.

        Raises:
            ShellError: the history cannot be read; what is run from now on counts all the same.
        """
        # The first call of a network is its slowest; a person should not wait for it.
        request = Request("l")
        self.suggester.suggest(request)
        self.suggester.think_ahead(request)
        self._read()

    def _read(self) -> None:
        """Count the whole history anew."""
        shells, forgotten = self.suggester.gate.shells, self.suggester.gate.forgotten
        # The old counts go first: both would need twice the memory.
        self.suggester = Suggester(Counts(), load_weights(), self.model)
        self.suggester.gate.shells, self.suggester.gate.forgotten = shells, forgotten
        if self.suggester.reader is not None:
            self.suggester.reader.interrupted = self.is_urgent
        total, entries = self.history.stream()
        self.suggester.counts.add_all(map(self._noted, entries), total)
        give_back()

    def _noted(self, entry: Entry) -> Entry:
        """Remember which of its session's commands an entry is, and return it."""
        if entry.number > self._numbers.get(entry.session, 0):
            self._numbers[entry.session] = entry.number
        return entry

    def think_ahead(self) -> None:
        """Go on with the last line that was asked about, until something else waits."""
        request, self.last = self.last, None
        if request is not None:
            self.suggester.think_ahead(request)

    def answer(self, message: Message) -> Answer:
        """Return the fields of the answer; what goes wrong becomes an answer, too."""
        try:
            answer: Answer = getattr(self, f"_{message.operation}")(*message.fields)
            return answer
        except ProtocolError as error:
            return "error", str(error)
        except RnnchatError as error:
            return "error", str(error)

    def _suggest(
        self, number: str, session: str, directory: str, count: str, confident: str, prefix: str, *_: str
    ) -> Answer:
        self.suggestions += 1
        # Only the line with the cursor is completed; those before it stay as they are.
        before, line_end, line = prefix.rpartition("\n")
        if before and before.endswith("\\"):
            return (number,)
        wanted = number_of(count, 1, MOST_SUGGESTIONS)
        request = Request(line, session, directory, wanted, confident == "1")
        self.last = request
        lines = [before + line_end + each.line for each in self.suggester.suggest(request)]
        self.offered += bool(lines)
        return number, *lines

    def _run(self, session: str, number: str, directory: str, status: str, command: str, *ignored: str) -> Answer:
        place = number_of(number, 1, 1 << 40)
        if place <= self._numbers.get(session, 0):
            return "ok", number
        self._numbers[session] = place
        command = command.rstrip()
        if may_keep(command):
            not_taken = tuple(text for text in ignored[:4] if may_keep(text) and text != command)
            entry = Entry(command, int(time.time()), directory, number_of(status, 0, 1023), session, place, not_taken)
            self.history.append([entry])
            self.suggester.learn(entry)
        return "ok", number

    def _hello(self, session: str, version: str, path: str, names: str, *_: str) -> Answer:
        shells = self.suggester.gate.shells
        shells.pop(session, None)
        shells[session] = Shell(
            tuple(folder for folder in path.split(":") if os.path.isabs(folder)), frozenset(names.split())
        )
        while len(shells) > MOST_SHELLS:
            del shells[next(iter(shells))]
        return "ok", __version__

    def _forget(self, command: str, *_: str) -> Answer:
        """Take a command out of the file, the counts and the ranking."""
        mark_for_retraining(self.history)
        times = self.history.forget(command)
        self.suggester.gate.forgotten.add(command)
        self._read()
        return "ok", str(times)

    def _stop(self, *_: str) -> Answer:
        return ("ok",)  # the worker ends the server once this is sent

    def _status(self, *_: str) -> Answer:
        facts = {
            "version": __version__,
            "pid": os.getpid(),
            "since": int(self.began),
            "commands": self.suggester.counts.entries,
            "different": len(self.suggester.counts.facts),
            "requests": self.suggestions,
            "answered": self.offered,
            "network": self.model is not None,
            "megabytes": resident_megabytes(),
        }
        return "ok", json.dumps(facts)

    def _reload(self, *_: str) -> Answer:
        self._read()
        return "ok", str(self.suggester.counts.entries)


def mark_for_retraining(history: History) -> None:
    """Note that the weights may still know what was forgotten; `rnnchat shell learn` reads the note."""
    from rnnchat.files import write_file
    from rnnchat.shell.learning import RETRAIN, TRAINING, clear_training, own_network

    if own_network() is not None or history.path.with_name(TRAINING).exists():
        write_file(history.path.with_name(RETRAIN), b"")
        clear_training()  # a training that was broken off is not gone on with: its text may hold what is forgotten


def resident_megabytes() -> float:
    """Return how much memory this process occupies now."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        import resource
        import sys

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / 1e6 if sys.platform == "darwin" else most / 1e3
