"""What can be undone, kept as differences: thousands of steps of a long text take little memory."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document

MOST_UNDO = 1_000_000  # characters of differences kept to go back to
STEP = 64  # characters that a step counts for beside its text
LONGEST_WORD = 40  # characters that are undone at once


@dataclass(frozen=True)
class _Change:
    """How to get from a text to the one below it: what to put between its first and its last characters."""

    first: int
    last: int
    between: str
    cursor: int


class Texts:
    """Texts with their cursors, the newest on top; the oldest are forgotten when they become too much."""

    def __init__(self) -> None:
        self.top: tuple[str, int] | None = None
        self._below: deque[_Change] = deque()
        self._size = 0

    def __len__(self) -> int:
        return len(self._below) + (self.top is not None)

    def push(self, text: str, cursor: int) -> None:
        """Put a text on top."""
        if self.top is not None:
            below, below_cursor = self.top
            shorter = min(len(text), len(below))
            first = _shared(text, below, shorter, at_end=False)
            last = _shared(text, below, shorter - first, at_end=True)
            self._below.append(_Change(first, last, below[first : len(below) - last], below_cursor))
            self._size += len(self._below[-1].between) + STEP
            while self._size > MOST_UNDO:
                self._size -= len(self._below.popleft().between) + STEP
        self.top = (text, cursor)

    def pop(self) -> tuple[str, int]:
        """Take the text on top away and return it.

        Raises:
            IndexError: there is none.
        """
        if self.top is None:
            raise IndexError("nothing is left to undo")
        found, self.top = self.top, None
        if self._below:
            text, change = found[0], self._below.pop()
            self._size -= len(change.between) + STEP
            self.top = (text[: change.first] + change.between + text[len(text) - change.last :], change.cursor)
        return found


class Page(Buffer):
    """A Buffer that undoes typing word by word; what was undone can be redone until something else is written."""

    def reset(self, document: Document | None = None, append_to_history: bool = False) -> None:
        """Begin with another text, in which nothing can be undone yet."""
        super().reset(document, append_to_history)
        self._past, self._future = Texts(), Texts()
        self._stepping = False

    def save_to_undo_stack(self, clear_redo_stack: bool = True) -> None:
        """Remember the text as it is, unless the word that was being typed is only longer now."""
        top = self._past.top
        if top is not None and top[0] == self.text:
            self._past.top = (top[0], self.cursor_position)
        elif top is None or not clear_redo_stack or not self._goes_on_with_word(*top):
            self._past.push(self.text, self.cursor_position)

    def undo(self) -> None:
        """Go back to the text before the last word or change."""
        while len(self._past):
            text, cursor = self._past.pop()
            if text != self.text:
                self._future.push(self.text, self.cursor_position)
                self._step_to(text, cursor)
                return

    def redo(self) -> None:
        """Go forward to what was undone last."""
        if len(self._future):
            self.save_to_undo_stack(clear_redo_stack=False)
            self._step_to(*self._future.pop())

    def _step_to(self, text: str, cursor: int) -> None:
        self._stepping = True
        try:
            self.document = Document(text, cursor)
        finally:
            self._stepping = False

    def _text_changed(self) -> None:
        if not self._stepping:
            self._future = Texts()
        super()._text_changed()

    def _goes_on_with_word(self, text: str, cursor: int) -> bool:
        """Tell whether what was typed since `text`, right at its `cursor`, is a part of one word."""
        typed = len(self.text) - len(text)
        if not 0 < typed <= LONGEST_WORD or self.cursor_position != cursor + typed:
            return False
        return not any(map(str.isspace, self.text[cursor : cursor + typed]))


def _shared(one: str, other: str, most: int, at_end: bool) -> int:
    """Return how many characters two texts have in common at their beginnings or ends, `most` at most."""
    low, high = 0, most
    while low < high:  # low characters agree, more than high do not
        middle = (low + high + 1) // 2
        ours = slice(len(one) - middle, len(one) - low) if at_end else slice(low, middle)
        theirs = slice(len(other) - middle, len(other) - low) if at_end else slice(low, middle)
        if one[ours] == other[theirs]:
            low = middle
        else:
            high = middle - 1
    return low
