"""What the worker does for the screen: generators that yield an event after each small step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from rnnchat.heap import give_back
from rnnchat.text import Turn
from rnnchat.tui.events import Alternatives, Inside, Looked, NextWords, Piece, Suggested, VoiceName
from rnnchat.tui.inside import open_word
from rnnchat.tui.voice import Voices
from rnnchat.tui.worker import Withdrawn

Speakers = Sequence[tuple[VoiceName, Sequence[Turn]]]

ALTERNATIVES = 6
MOST_LEARNED = 4_000  # characters of a message: counting a long paste would take seconds
FRAME = 1 / 30  # seconds between two events of a reply: more often than the eye would only cost


def suggest(voices: Voices, name: VoiceName, text: str) -> Iterator[Suggested | Alternatives | None]:
    """Yield what to show after `text`, and then the alternatives to it."""
    completer = voices.get(name).completer
    yield None
    began = time.perf_counter()
    found = completer.complete(text, 1)
    milliseconds = 1000 * (time.perf_counter() - began)
    yield Suggested(text, tuple(suggestion.text for suggestion in found), milliseconds)
    others = completer.complete(text, ALTERNATIVES, confident=False)
    yield Alternatives(text, tuple(suggestion.text for suggestion in others))
    give_back(now=False)


def answer(
    voices: Voices, speakers: Speakers, message: str, keep: Callable[[str], None] = lambda reply: None
) -> Iterator[Piece | None]:
    """Yield the replies of all speakers to `message` as they are drawn, in turns.

    Args:
        speakers: each voice, and what it takes to have been said so far.
        keep: called with the first one's reply before its end is handed on, so that no reply shown whole can be lost.
    """
    # What was written once is suggested the next time.
    voices.get(speakers[0][0]).completer.learn(message[-MOST_LEARNED:])
    yield None
    try:
        yield from _speak(voices, speakers, message, keep)
    except Withdrawn:
        for name, _ in speakers:
            voices.get(name).interrupt()
        raise
    yield None
    give_back()


def _speak(voices: Voices, speakers: Speakers, message: str, keep: Callable[[str], None]) -> Iterator[Piece | None]:
    streams, reply = {}, ""
    for side, (name, turns) in enumerate(speakers):
        streams[side] = voices.get(name).conversation(turns).stream(message)
        yield None
    written = dict.fromkeys(streams, "")
    last = time.perf_counter()
    while streams:
        for side in list(streams):
            piece = next(streams[side], None)
            if piece is None:
                del streams[side]
            else:
                written[side] += piece
                reply += piece if side == 0 else ""
        yield None
        if not streams:
            keep(reply)
        if not streams or time.perf_counter() - last > FRAME:
            for side, text in written.items():
                if text:
                    yield Piece(side, text)
                    written[side] = ""
            last = time.perf_counter()


def next_words(voices: Voices, sides: Sequence[tuple[VoiceName, str]], count: int) -> Iterator[NextWords | None]:
    """Yield the next words under each voice, each after a text of its own."""
    for side, (name, text) in enumerate(sides):
        completer = voices.get(name).completer
        yield None
        yield NextWords(side, open_word(text), tuple(completer.complete(text, count, confident=False)))


def look_inside(
    voices: Voices, name: VoiceName, text: str, count: int, talk: tuple[Sequence[Turn], str] | None
) -> Iterator[Inside | Looked | None]:
    """Yield what is inside the network after it has read `text`, or the message at its end where it reads no more.

    Then what the attention head of the network that answers looks at, where it has one.

    Args:
        talk: what was said, and what is being written; None where nobody answers: then `text` is looked at.
    """
    voice = voices.get(name)
    yield None
    candidates = voice.completer.complete(text, count, confident=False)
    yield None
    if name.memory == "message":
        text = text[text.rfind("\n") + 1 :]
    yield from voice.reader.look(text, candidates)
    watcher = voice.watcher(answers=talk is not None)
    if watcher is not None:
        yield from watcher.watch_text(text) if talk is None else watcher.watch(*talk)


def warm(voices: Voices, name: VoiceName) -> Iterator[None]:
    """Load a voice, and let it think once, so that the first key finds it awake."""
    completer = voices.get(name).completer
    yield None
    completer.complete("", 1)
    yield None
    give_back()
