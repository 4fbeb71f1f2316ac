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
class Moment:
    """The conversation at one moment, to be written.

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
        topics: number and beginning of the saved conversations that were on the screen last, oldest first. A number
            alone would be another's where the file was moved away and a new one made.
        saves: whether anything is saved, or brought back.

    Attributes:
        topics: the same for what is on the screen now.
    """

    def __init__(self, topics: Iterable[tuple[int, str]], saves: bool) -> None:
        self.topics = list(topics) if saves else []
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
        if not self.topics:
            return []
        from rnnchat.sessions import Sessions, sessions_file

        file = Sessions(sessions_file(), create=False)
        try:
            self.topics = [topic for topic in self.topics if file.began(topic[0]) == topic[1]]
            found = [exchanges_of(file.turns(number)) for number, _ in self.topics]
        finally:
            file.close()
        for later in found[1:]:
            later[:1] = [replace(exchange, fresh=True) for exchange in later[:1]]
        exchanges = [exchange for topic in found for exchange in topic][-MOST_EXCHANGES:]
        self._begins, self._written = not self.topics, len(exchanges)
        return exchanges

    def write(self, said: Moment) -> None:
        """Write what is not on the disk yet; on return it is.

        Raises:
            SessionError: it cannot be written now; the next time it is tried again.
        """
        with self._lock:
            if not self._saves or said.conversation < self._conversation:
                return
            if said.conversation > self._conversation:
                self._conversation, self.topics, self._begins = said.conversation, [], True
                self._written, self._heard, self._begun = 0, -1, -1
            last = len(said.exchanges) - 1
            if self._written > last or (said.is_answering and self._heard == last):
                return
            try:
                self._write(said)
            except SessionError as error:
                raise SessionError(f"{error}; until then this conversation is not saved") from error

    def _write(self, said: Moment) -> None:
        from rnnchat.sessions import Sessions, sessions_file

        file = Sessions(sessions_file())
        try:
            for place in range(self._written, len(said.exchanges)):
                self._add(file, said, place)
        finally:
            file.close()

    def _add(self, file: Sessions, said: Moment, place: int) -> None:
        exchange = said.exchanges[place]
        if self._heard < place:
            # One that was deleted meanwhile is gone; what is said from now on is another.
            if self._begins or (exchange.fresh and self._begun < place) or not self._is_there(file):
                number = file.begin(said.model)
                self.topics.append((number, file.began(number) or ""))
                self._begins, self._begun = False, place
            file.add(self.topics[-1][0], Turn("user", exchange.message))
            self._heard = place
        if said.is_answering and place == len(said.exchanges) - 1:
            return
        if exchange.reply and self._is_there(file):
            file.add(self.topics[-1][0], Turn("bot", exchange.reply))
        self._written = place + 1

    def _is_there(self, file: Sessions) -> bool:
        number, began = self.topics[-1]
        return file.began(number) == began


def exchanges_of(turns: Iterable[Turn]) -> list[Exchange]:
    """Return messages with their replies; a message without one was given up."""
    exchanges: list[Exchange] = []
    for turn in turns:
        if turn.role == "user":
            exchanges.append(Exchange(turn.text))
        elif exchanges and not exchanges[-1].reply:
            exchanges[-1] = replace(exchanges[-1], reply=turn.text)
    return exchanges
