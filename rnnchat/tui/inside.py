"""What goes on inside the network while a text is read: surprise, hidden state, candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnchat.complete import Suggestion
from rnnchat.model import LanguageModel, surprise
from rnnchat.text import clean_text
from rnnchat.tui.events import Inside
from rnnchat.vocabulary import FIRST_BYTE

MOST_CHARACTERS = 600  # of the text are read for the view; fewer than it can show are never kept


class Reader:
    """Reads a text as it grows, token by token, and keeps the states on the way: a key costs a step or two."""

    def __init__(self, model: LanguageModel[Any]) -> None:
        self.model = model
        self._tokens: list[int] = []
        self._states: list[Any] = [model.start()]
        self._nats: list[float] = []
        self._hidden: tuple[float, ...] = ()
        self._moved = 0.0

    def look(self, text: str, candidates: Sequence[Suggestion]) -> Inside:
        """Return what is inside after `text`, of which the end is read."""
        text = _end_of(clean_text(text))
        self._read(self.model.vocabulary.encode(text))
        state = self._states[-1]
        before, self._hidden = self._hidden, hidden_units(state)
        if before != self._hidden and len(before) == len(self._hidden):
            self._moved = sum(abs(new - old) for new, old in zip(self._hidden, before, strict=True)) / len(before)
        return Inside(
            candidates=tuple(candidates),
            open_word=open_word(text),
            text=text,
            nats=_spread(self.model, self._tokens, self._nats),
            hidden=self._hidden,
            moved=self._moved,
            start=not self._tokens,
        )

    def _read(self, tokens: list[int]) -> None:
        """Go on from where `tokens` and what was read before part."""
        shared = 0
        while shared < min(len(tokens), len(self._tokens)) and tokens[shared] == self._tokens[shared]:
            shared += 1
        del self._states[shared + 1 :], self._nats[shared:]
        for token in tokens[shared:]:
            nats, state = surprise(self.model, self._states[-1], [token])
            self._states.append(state)
            self._nats.append(float(nats[0]))
        self._tokens = tokens


def open_word(text: str) -> str:
    """Return what is typed of the word at the end of a text."""
    return "" if text[-1:].isspace() else text.split()[-1] if text else ""


def hidden_units(state: Any) -> tuple[float, ...]:
    """Return the hidden units of a model's state, layer after layer; () where it has none.

    A state that is made of others, as a mixture's is, shows the first network among them.
    """
    parts = getattr(state, "parts", None)
    if parts:
        return tuple(parts[0].ravel().tolist())
    for name in ("recurrent", "network", "states"):
        inner = getattr(state, name, None)
        for one in inner if isinstance(inner, tuple | list) else [inner]:
            if one is not None and (units := hidden_units(one)):
                return units
    return ()


def _end_of(text: str) -> str:
    """Return the end of `text`; the cut moves in leaps, so that what was read stays of use."""
    if len(text) <= MOST_CHARACTERS:
        return text
    leap = MOST_CHARACTERS // 2
    cut = (len(text) - leap) // leap * leap
    return text[cut:]


def _spread(model: LanguageModel[Any], tokens: list[int], values: Sequence[float]) -> tuple[float, ...]:
    """Spread the value of each token evenly over its characters; a character of several tokens has their sum."""
    spread: list[float] = []
    waiting, started = 0.0, False
    for token, value in zip(tokens, values, strict=True):
        length = len(model.vocabulary.token_text(token))
        if length == 0:  # a byte of a character that the vocabulary does not hold; a first byte begins another one
            if started and (token - FIRST_BYTE) & 0xC0 != 0x80:
                spread.append(waiting)
                waiting = 0.0
            waiting, started = waiting + value, True
            continue
        if started:
            spread.append(waiting)
            waiting, started = 0.0, False
        spread.extend([value / length] * length)
    return (*spread, waiting) if started else tuple(spread)
