"""The model's states along one text, kept between calls, so that typing costs little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from rnnchat.model import LanguageModel, State, read
from rnnchat.vocabulary import pieces

CONTEXT = 8_000  # characters of a text never seen before that are read; what is typed after that adds to them
KEPT_STATES = 384


@dataclass(frozen=True)
class _Kept(Generic[State]):
    """A place in the text and the model's state there."""

    offset: int
    state: State


class Trail(Generic[State]):
    """The model's states along one text, kept between calls.

    A key costs the steps of what it settles, a backspace none, an edit goes on from the last place before it whose
    state is kept. The newest places are kept closely, older ones ever more sparsely.
    """

    def __init__(self, model: LanguageModel[State]) -> None:
        self.model = model
        self._text = ""
        self._kept: list[_Kept[State]] = [_Kept(0, model.start())]

    def follow(self, text: str) -> tuple[State, str]:
        """Return the state after what is settled of `text`, and the open piece after it (Vocabulary.divide)."""
        shared = shared_length(self._text, text)
        while self._kept and (self._kept[-1].offset > shared or not self._is_place(text, self._kept[-1].offset)):
            self._kept.pop()
        if not self._kept:  # what was kept was of a long text, read from its last stretch only
            self._kept.append(_Kept(0, self.model.start()))
        offset = self._kept[-1].offset
        if len(text) - offset > CONTEXT:
            # A text that comes all at once is read from its last stretch only: the network remembers less than that.
            offset = self._begin_near(text, len(text) - CONTEXT)
            self._kept = [_Kept(offset, self.model.start())]
        self._text = text
        _settled, open_piece = self.model.vocabulary.divide(text[offset:])
        state = self._kept[-1].state
        written = text[offset : len(text) - len(open_piece)]
        for piece in pieces(written) if self.model.vocabulary.unit == "word" else written:
            state = read(self.model, state, self.model.vocabulary.encode(piece))
            offset += len(piece)
            if self._is_place(text, offset):
                self._kept.append(_Kept(offset, state))
        self._thin()
        return state, open_piece

    def _is_place(self, text: str, offset: int) -> bool:
        """Tell whether a piece ends at `offset` whatever is typed after it: then its state may be kept."""
        if self.model.vocabulary.unit == "char" or offset == 0:
            return True
        return offset < len(text) and text[offset] in " \n"

    @staticmethod
    def _begin_near(text: str, offset: int) -> int:
        """Return the next beginning of a word at or after `offset`, within reason."""
        place = text.find(" ", offset, offset + 64)
        return offset if place < 0 else place

    def _thin(self) -> None:
        if len(self._kept) > KEPT_STATES:
            half = KEPT_STATES // 2
            older, newer = self._kept[:-half], self._kept[-half:]
            stride = -(-2 * len(older) // half)  # so that a quarter of KEPT_STATES is left of them, however many came
            self._kept = older[::stride] + newer


def shared_length(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    if other.startswith(one):
        return len(one)
    if one.startswith(other):
        return len(other)
    low, high = 0, min(len(one), len(other))
    while low < high:  # the texts agree up to low, and differ before or at high
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
