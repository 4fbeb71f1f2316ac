"""The app's conversation in the file of saved conversations, where `rnnchat sessions` and `rnnchat chat` find it.

Each topic is a conversation of its own there: what the model reads nothing of must not be read when it goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnnchat.errors import SessionError
from rnnchat.text import Turn
from rnnchat.tui.transcript import Exchange

if TYPE_CHECKING:
    from rnnchat.sessions import Sessions

MOST_EXCHANGES = 20_000  # that are shown again


@dataclass(frozen=True)
class Said:
    """What was said so far, to be written.

    Args:
        conversation: a number that grows with every new conversation in this app.
        model: who answers.
        is_answering: the last reply is still on its way.
    """

    conversation: int
    exchanges: Sequence[Exchange]
    model: str
    is_answering: bool


class Record:
    """What of the conversation is on the disk; for any thread.

    Args:
        numbers: the saved conversations that were on the screen last, oldest first.
        saves: whether anything is saved, or brought back.

    Attributes:
        numbers: the same for what is on the screen now.
    """

    def __init__(self, numbers: Iterable[int], saves: bool) -> None:
        self.numbers = list(numbers) if saves else []
        self._saves = saves
        self._lock = threading.Lock()
        self._conversation = 0
        self._begins = True  # the next exchange begins a conversation of its own
        self._written = 0  # exchanges, whole
        self._heard = self._begun = -1  # the exchange whose message was written last; that began the last topic

    def restore(self) -> list[Exchange]:
        """Return what was on the screen last; what was deleted meanwhile is gone.

        Raises:
            SessionError: it cannot be read.
        """
        if not self.numbers:
            return []
        from rnnchat.sessions import Sessions, sessions_file

        file = Sessions(sessions_file(), create=False)
        try:
            self.numbers = [number for number in self.numbers if file.holds(number)]
            topics = [exchanges_of(file.turns(number)) for number in self.numbers]
        finally:
            file.close()
        for topic in topics[1:]:
            topic[:1] = [replace(exchange, fresh=True) for exchange in topic[:1]]
        exchanges = [exchange for topic in topics for exchange in topic][-MOST_EXCHANGES:]
        self._begins, self._written = not self.numbers, len(exchanges)
        return exchanges

    def write(self, said: Said) -> None:
        """Write what is not on the disk yet; on return it is.

        Raises:
            SessionError: it cannot be written now; the next time it is tried again.
        """
        with self._lock:
            if not self._saves or said.conversation < self._conversation:
                return
            if said.conversation > self._conversation:
                self._conversation, self.numbers, self._begins = said.conversation, [], True
                self._written, self._heard, self._begun = 0, -1, -1
            last = len(said.exchanges) - 1
            if self._written > last or (said.is_answering and self._heard == last):
                return
            try:
                self._write(said)
            except SessionError as error:
                raise SessionError(f"{error}; until then this conversation is not saved") from error

    def _write(self, said: Said) -> None:
        from rnnchat.sessions import Sessions, sessions_file

        file = Sessions(sessions_file())
        try:
            for place in range(self._written, len(said.exchanges)):
                self._add(file, said, place)
        finally:
            file.close()

    def _add(self, file: Sessions, said: Said, place: int) -> None:
        exchange = said.exchanges[place]
        if self._heard < place:
            # One that was deleted meanwhile is gone; what is said from now on is another.
            if self._begins or (exchange.fresh and self._begun < place) or not file.holds(self.numbers[-1]):
                self.numbers.append(file.begin(said.model))
                self._begins, self._begun = False, place
            file.add(self.numbers[-1], Turn("user", exchange.message))
            self._heard = place
        if said.is_answering and place == len(said.exchanges) - 1:
            return
        if exchange.reply and file.holds(self.numbers[-1]):
            file.add(self.numbers[-1], Turn("bot", exchange.reply))
        self._written = place + 1


def exchanges_of(turns: Iterable[Turn]) -> list[Exchange]:
    """Return messages with their replies; a message without one was given up."""
    exchanges: list[Exchange] = []
    for turn in turns:
        if turn.role == "user":
            exchanges.append(Exchange(turn.text))
        elif exchanges and not exchanges[-1].reply:
            exchanges[-1] = replace(exchanges[-1], reply=turn.text)
    return exchanges
