"""What goes on inside the network while a text is read: surprise, hidden state, candidates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rnnchat.complete import Suggestion
from rnnchat.model import LanguageModel, surprise
from rnnchat.text import clean_text
from rnnchat.tui.events import Inside
from rnnchat.vocabulary import FIRST_BYTE

MOST_CHARACTERS = 600  # of the text are read for the view; fewer than it can show are never kept
CLOSE, SPARSE = 32, 32  # of the newest tokens all states are kept, of those before one in so many
STEPS = 16  # tokens read between two looks for something more urgent


class Reader:
    """Reads a text as it grows, token by token: a key costs a step or two, and a correction a few."""

    def __init__(self, model: LanguageModel[Any]) -> None:
        self.model = model
        self._tokens: list[int] = []
        self._nats: list[float] = []
        self._states: dict[int, Any] = {0: model.start()}  # tokens read → the state there: near the end all, before few
        self._hidden: tuple[float, ...] = ()
        self._moved: float | None = None

    def look(self, text: str, candidates: Sequence[Suggestion]) -> Iterator[Inside | None]:
        """Read the end of `text`, a few tokens at a time, and yield what is inside after it."""
        text = _end_of(clean_text(text))
        yield from self._read(self.model.vocabulary.encode(text))
        before, self._hidden = self._hidden, hidden_units(self._states[len(self._tokens)])
        if before != self._hidden and len(before) == len(self._hidden):
            self._moved = sum(abs(new - old) for new, old in zip(self._hidden, before, strict=True)) / len(before)
        yield Inside(
            candidates=tuple(candidates),
            open_word=open_word(text),
            text=text,
            nats=_spread(self.model, self._tokens, self._nats),
            hidden=self._hidden,
            moved=self._moved,
            start=not self._tokens,
        )

    def _read(self, tokens: list[int]) -> Iterator[None]:
        """Go on from the last state that is kept where `tokens` and what was read before still agree."""
        shared = 0
        while shared < min(len(tokens), len(self._tokens)) and tokens[shared] == self._tokens[shared]:
            shared += 1
        place = max(kept for kept in self._states if kept <= shared)
        self._states = {kept: state for kept, state in self._states.items() if kept <= place}
        del self._tokens[place:], self._nats[place:]
        for token in tokens[place:]:
            nats, self._states[place + 1] = surprise(self.model, self._states[place], [token])
            self._nats.append(float(nats[0]))
            self._tokens.append(token)
            place += 1
            if (place - CLOSE) % SPARSE:
                self._states.pop(place - CLOSE, None)
            if place % STEPS == 0:
                yield None


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
