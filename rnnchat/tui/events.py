"""What the worker tells the screen: plain data, so that the screen need not import what computes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnchat.settings import Memory

if TYPE_CHECKING:
    from rnnchat.complete import Suggestion


@dataclass(frozen=True)
class VoiceName:
    """Which voice: a model by name or folder, and what it may remember."""

    model: str
    memory: Memory

    def __str__(self) -> str:
        return f"{self.model} · memory {self.memory}"


@dataclass(frozen=True)
class Suggested:
    """The suggestions for a text that are sure enough to be shown, and how long they took."""

    text: str
    suggestions: tuple[str, ...]
    milliseconds: float


@dataclass(frozen=True)
class Alternatives:
    """What else might come next, less sure."""

    text: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """A piece of the reply of one side: 0 the voice itself, 1 the one it is compared with."""

    side: int
    text: str


@dataclass(frozen=True)
class NextWords:
    """The next words after a text under one voice.

    Args:
        side: 0 the voice itself, 1 the one it is compared with.
        open_word: what was typed of the word under the cursor, which the suggestions go on from.
    """

    side: int
    open_word: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True)
class Inside:
    """What the Inside page shows of one text.

    Args:
        candidates: the next words.
        open_word: what was typed of the word under the cursor, which the candidates go on from.
        text: the end of what was read.
        nats: for each character of `text`, its share of the surprise of its token.
        hidden: the values of the hidden units, each from -1 to 1; none for a network that keeps no state.
        moved: how far the units moved on average at the last change of the text; None before the first.
        start: whether the state is the one a text begins with.
    """

    candidates: tuple[Suggestion, ...]
    open_word: str
    text: str
    nats: tuple[float, ...]
    hidden: tuple[float, ...]
    moved: float | None
    start: bool


@dataclass(frozen=True)
class Looked:
    """What an attention head looks at.

    Args:
        model: whose head.
        text: what was read; a sign stands where a turn begins.
        weights: for each character of `text`, how much it is looked at.
        copies: how much of what is said next is what the head points at; the rest the network says by itself.
        reply: the weights are those of a whole reply, added up, and not of what comes next.
    """

    model: str
    text: str
    weights: tuple[float, ...]
    copies: float
    reply: bool
