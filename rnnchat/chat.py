"""Turns in, a reply out: the network reads what was said and goes on as the other side."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnchat.config import Memory
from rnnchat.drafts import Style, choose
from rnnchat.hygiene import clean
from rnnchat.model import LanguageModel, read
from rnnchat.text import Turn, clean_text
from rnnchat.vocabulary import BOT, DOCUMENT, REPLACEMENT, USER

MESSAGE_CHARACTERS = 4_000  # of a longer message the end is read: the network remembers less than that
REPLY_TOKENS = {"char": 300, "word": 80}
MOST_RECALLED = 8_000  # characters of an earlier conversation that are read again: the network remembers less
TEMPERATURE = 0.4
TOP_P = 0.9


class Conversation:
    """A conversation with a model; its memory is the model's own state.

    Args:
        model: any language model trained on dialogues.
        memory: "full" keeps the state from turn to turn, "message" wipes it before each message; a model for
            "none" forgets by itself.
        seed: the same seed, messages and settings give the same replies.
        temperature, top_p: see decode.sample.
        roles: whether the model was trained on dialogues; without, turns are lines to it.

    Attributes:
        turns: what was said so far, by both sides.
    """

    def __init__(
        self,
        model: LanguageModel[Any],
        memory: Memory = "full",
        *,
        seed: int = 0,
        temperature: float = TEMPERATURE,
        top_p: float = TOP_P,
        roles: bool = True,
    ) -> None:
        self.model = model
        self.memory: Memory = memory
        self.seed, self.temperature, self.top_p = seed, temperature, top_p
        self.turns: list[Turn] = []
        self._state = model.start()
        # A model that has read no dialogues knows no roles; there a turn is a line.
        line = model.vocabulary.encode("\n")
        self._opening = [USER] if roles else line
        self._answer = [BOT] if roles else line
        self._stop = (USER, BOT, DOCUMENT) if roles else (*line, DOCUMENT)

    @classmethod
    def load(
        cls,
        name_or_path: str | Path,
        memory: Memory = "full",
        *,
        seed: int = 0,
        temperature: float = TEMPERATURE,
        top_p: float = TOP_P,
    ) -> Conversation:
        """Load a checkpoint by name or folder.

        Raises:
            ModelError: there is no such checkpoint, or it is damaged.
        """
        from rnnchat.recurrent import RecurrentModel

        model = RecurrentModel.load(name_or_path, memory)
        roles = model.config.tuned.get("dialogue", 1.0) > 0
        return cls(model, memory, seed=seed, temperature=temperature, top_p=top_p, roles=roles)

    def hear(self, turns: Iterable[Turn]) -> None:
        """Remember turns of an earlier conversation, as if they had been said in this one.

        All become turns; only the last MOST_RECALLED characters are read.
        """
        heard = [Turn(turn.role, clean_text(turn.text).strip()) for turn in turns]
        self.turns += heard
        if self.memory == "message":
            return  # it would forget all of it before the next message
        for turn in recalled(heard):
            opening = self._answer if turn.role == "bot" else self._opening
            text = turn.text[-MESSAGE_CHARACTERS:]
            self._state = read(self.model, self._state, [*opening, *self.model.vocabulary.encode(text)])

    def reply(self, message: str) -> str:
        """Return the reply to `message`; both become turns."""
        for _ in self.stream(message):
            pass
        return self.turns[-1].text

    def stream(self, message: str) -> Generator[str, None, None]:
        """Yield the reply to `message` word by word; joined they are the reply. It is chosen among drafts (drafts.py).

        It is a turn, whole, once its first word comes: before that it is not chosen.
        """
        message = clean_text(message).strip()
        vocabulary = self.model.vocabulary
        # Each turn draws from a source of its own, so that a turn never depends on how long others were.
        random = np.random.default_rng([self.seed, len(self.turns)])
        said = {turn.text for turn in self.turns if turn.role == "bot"}
        self.turns += [Turn("user", message), Turn("bot", "")]
        state = self._state if self.memory != "message" else self.model.start()
        heard = vocabulary.encode(message[-MESSAGE_CHARACTERS:])
        self._state = read(self.model, state, [*self._opening, *heard, *self._answer])
        style = Style(self.temperature, self.top_p, self._stop, REPLY_TOKENS[vocabulary.unit])
        draft = choose(self.model, self._state, self._plain(), random, style, said)
        self._state = draft.states[-1] if draft.states else self._state
        text = clean(vocabulary.decode(draft.tokens).replace(REPLACEMENT, ""), "block").strip()
        self.turns[-1] = Turn("bot", text)
        yield from re.findall(r"\s*\S+", text)

    def _plain(self) -> Any:
        """Return the state of a conversation in which nothing was said, where a reply would begin."""
        return read(self.model, self.model.start(), [*self._opening, *self._answer])


def recalled(turns: Sequence[Turn]) -> list[Turn]:
    """Return the last turns that together are short enough to be read again, beginning with the person's."""
    characters, first = 0, len(turns)
    while first > 0 and characters + _read(turns[first - 1]) <= MOST_RECALLED:
        first -= 1
        characters += _read(turns[first])
    while first < len(turns) and turns[first].role != "user":
        first += 1
    return list(turns[first:])


def _read(turn: Turn) -> int:
    """Return how many characters of a turn are read."""
    return min(len(turn.text), MESSAGE_CHARACTERS)


@dataclass(frozen=True)
class Voice:
    """One side of a comparison: a conversation under a label."""

    name: str
    conversation: Conversation
