"""The Chat page: what was said, and the message that is being written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import InMemoryHistory

from rnnchat.text import Turn, clean_text
from rnnchat.tui.cells import Line, wrap_spans
from rnnchat.tui.commands import SlashCompleter
from rnnchat.tui.desk import Desk, latest
from rnnchat.tui.events import Piece
from rnnchat.tui.ghost import Ghost
from rnnchat.tui.transcript import Exchange, Transcript, topic, turns_of
from rnnchat.tui.worker import Lane

if TYPE_CHECKING:
    from rnnchat.tui.voice import Voices

MOST_WATCHED = 100  # exchanges; the attention head looks back at less
EXAMPLES = ("Knock, knock!", "I want to order pizza with", "How are you today?")
GREETING = (
    "Hello. I am a small recurrent network, and I live on this machine: nothing you type leaves it.",
    "",
    "What stands in the box below is a suggestion. → or Tab takes it, Alt-F takes a word, and typing on is fine, too: "
    "there will be another. Enter sends.",
    "",
    "Then try F3, the same answer with and without memory; F4, the inside of the network; F5, a page to write on. "
    "F1 lists everything, and has three things to try at a key.",
)
SHORT_GREETING = ("Hello. Take the suggestion below with → or Tab, or type on; Enter sends. F1 shows what to try.",)
PLAIN_GREETING = tuple(line.replace("→ or Tab", "Right arrow or Tab") for line in GREETING)


class ChatPage:
    """The conversation.

    Args:
        desk: what both pages share.
        completer: for slash commands.
        exchanges: what was said in an earlier session.

    Attributes:
        conversation: a number that grows with every new conversation.
    """

    def __init__(self, desk: Desk, completer: SlashCompleter, exchanges: list[Exchange]) -> None:
        self._desk = desk
        self.exchanges, self.conversation = exchanges, 0
        self.transcript = Transcript(desk.theme.plain)
        self.ghost = Ghost(self.context, self._request, lambda: desk.worker.cancel(Lane.GHOST))
        is_command = Condition(lambda: self.buffer.text.startswith("/"))
        self.buffer = Buffer(
            name="message",
            multiline=True,
            completer=completer,
            complete_while_typing=is_command,
            history=InMemoryHistory([exchange.message for exchange in exchanges]),
        )
        self._next: list[str] = []
        self._fresh = False  # the next message begins a new topic
        self._read: dict[int, tuple[Exchange, str]] = {}  # side → the last exchange, and what completion reads of all

    def context(self, document: Document) -> str:
        """Return what completion reads: what was said, and the message up to the cursor."""
        return latest(self._said(0) + document.text_before_cursor)

    def other_context(self, document: Document) -> str:
        """Return the same as the voice it is compared with knows it."""
        return latest(self._said(1) + document.text_before_cursor)

    def talk(self, document: Document) -> tuple[list[Turn], str]:
        """Return the last of what was said, and the message up to the cursor; a command is no part of it."""
        turns = turns_of(self._topic()[-MOST_WATCHED:])
        if turns and not turns[-1].text:
            turns.pop()  # its reply is still to come
        draft = document.text_before_cursor
        return turns, "" if draft.startswith("/") else draft

    @property
    def is_answering(self) -> bool:
        """Whether a reply is on its way."""
        return self._desk.worker.is_busy(Lane.REPLY)

    def say(self, message: str) -> None:
        """Send a message; the reply streams in."""
        desk, message = self._desk, clean_text(message).strip()  # as the model hears it
        comparing = desk.panel == "compare"
        said = self._topic()
        speakers = [(desk.voice, turns_of(said))]
        if comparing:
            speakers.append((desk.other, turns_of(said, 1)))
        self.exchanges.append(Exchange(message, "", "" if comparing else None, self._fresh))
        self._fresh = False
        self.transcript.scroll = 0
        keep = desk.keep_reply()

        def job(voices: Voices) -> Iterator[Any]:
            from rnnchat.tui.jobs import answer

            return answer(voices, speakers, message, keep)

        desk.run(Lane.REPLY, job, self._hear, self._end)
        desk.keep_said()
        desk.refresh()

    def say_all(self, messages: list[str]) -> None:
        """Send several messages, each when the one before is answered."""
        first, *self._next = messages
        self.say(first)

    def stop(self) -> None:
        """Stop the reply; what came of it stays."""
        if self.is_answering:
            self._desk.worker.cancel(Lane.REPLY)
            self._next = []
            self._desk.tell("stopped")
            self._end(None)

    def begin_topic(self) -> None:
        """Let the model read nothing of what was said so far; it stays on the screen."""
        self.stop()
        self._fresh = bool(self.exchanges)
        self.ghost.forget()

    def clear(self) -> None:
        """Begin a new conversation."""
        self._desk.worker.cancel(Lane.REPLY)
        self._next = []
        self.exchanges.clear()
        self.conversation += 1
        self.transcript.clear()
        self._fresh = False
        self.ghost.forget()
        self._desk.keep_said()

    def scroll(self, rows: int) -> None:
        """Look back (positive) or forward."""
        self.transcript.scroll = max(0, self.transcript.scroll + rows)

    def draw(self, columns: int, rows: int) -> list[Line]:
        """Return what was said; on a fresh page, what to try."""
        if self.exchanges:
            return self.transcript.draw(self.exchanges, columns, rows)
        greeting = PLAIN_GREETING if self._desk.theme.plain else GREETING
        lines = [row for text in greeting for row in wrap_spans([("class:bot", text)], max(1, columns - 2))]
        if len(lines) > rows and not self._desk.theme.plain:
            lines = [row for text in SHORT_GREETING for row in wrap_spans([("class:bot", text)], max(1, columns - 2))]
        return [[("", " "), *line] for line in lines[:rows]]

    def _topic(self) -> Sequence[Exchange]:
        return [] if self._fresh else topic(self.exchanges)

    def _said(self, side: int) -> str:
        """Return what was said in this topic, a line for each turn."""
        said = self._topic()
        if not said:
            return ""
        known = self._read.get(side)
        if known is None or known[0] is not said[-1]:
            self._read[side] = (said[-1], "".join(turn.text + "\n" for turn in turns_of(said, side)))
        return self._read[side][1]

    def _request(self, text: str) -> None:
        if self.buffer.text.startswith("/"):
            self._desk.worker.cancel(Lane.GHOST)
        elif not self.exchanges and not self.buffer.text:
            self.ghost.offer(text, EXAMPLES)  # a fresh page suggests what to try, before any model is loaded
        else:
            self._desk.suggest(self.ghost, text)

    def _hear(self, piece: Piece) -> None:
        self.exchanges[-1] = self.exchanges[-1].add(piece.side, piece.text)
        self._desk.refresh()

    def _end(self, error: Exception | None) -> None:
        self._desk.tell_failure(error)
        self.ghost.forget()
        self._desk.on_context()
        self._desk.keep_said()
        self._desk.refresh()
        if self._next and error is None:
            first, *self._next = self._next
            self.say(first)
