"""Voices made of a few sentences, for tests of the app that need to know what is suggested and said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rnnchat.complete import Suggestion
from rnnchat.settings import Settings
from rnnchat.text import Turn
from rnnchat.tui.events import Inside, VoiceName

SENTENCES = ("see you tomorrow morning at the station", "I want to order pizza with mushrooms and olives")


class ScriptedVoice:
    """Goes on with SENTENCES, and answers every message with what its memory is.

    Args:
        gate: awaited before each answer, if given, so that a test decides when the model is done.
    """

    def __init__(self, name: VoiceName, gate: threading.Event | None = None) -> None:
        self.name, self._gate = name, gate
        self.completer = self.reader = self
        self.turns: list[Turn] = []
        self.asked: list[str] = []

    def complete(self, text: str, count: int = 1, confident: bool = True) -> list[Suggestion]:
        if self._gate is not None:
            self._gate.wait(20)
        self.asked.append(text)
        line = text[text.rfind("\n") + 1 :]
        found = [sentence[len(line) :] for sentence in SENTENCES if line.strip() and sentence.startswith(line)]
        others = [] if confident else [" indeed", " perhaps"]
        return [Suggestion(text, 0.5) for text in found + others][:count]

    def learn(self, text: str) -> None:
        self.learned = [*getattr(self, "learned", []), text]

    def watcher(self, answers: bool) -> None:
        return None

    def conversation(self, turns: Sequence[Turn]) -> ScriptedVoice:
        self.turns = list(turns)
        return self

    def stream(self, message: str) -> Iterator[str]:
        for piece in (f"you said {message},", f" with memory {self.name.memory}", f" after {len(self.turns)} turns"):
            if self._gate is not None:
                self._gate.wait(20)
            yield piece

    def look(self, text: str, candidates: Sequence[Suggestion]) -> Iterator[Inside]:
        hidden = tuple(((ord(character) % 19) - 9) / 9 for character in (text * 40)[-40:])
        nats = tuple(float(place % 5) for place in range(len(text)))
        yield Inside(tuple(candidates), "", text, nats, hidden, 0.25, not text)


class ScriptedVoices:
    """Voices of one script; `failing` makes every answer an error."""

    def __init__(self, gate: threading.Event | None = None, failing: bool = False) -> None:
        self._gate, self._failing = gate, failing
        self.voices: dict[VoiceName, ScriptedVoice] = {}

    def get(self, name: VoiceName) -> ScriptedVoice:
        if self._failing:
            raise RuntimeError("the graph broke")
        return self.voices.setdefault(name, ScriptedVoice(name, self._gate))


def scripted(gate: threading.Event | None = None, failing: bool = False) -> Callable[[Settings], Any]:
    """Return what the app takes to make its voices."""
    return lambda settings: ScriptedVoices(gate, failing)
