"""The suggestion at the cursor of one text: when it stays, when it comes back, and what may be accepted.

Two rules carry everything. What is suggested belongs to one document (text and cursor), so that nothing stale is ever
shown. And what may be accepted is what the screen last painted for exactly this document, so that nothing is inserted
that was not seen.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from prompt_toolkit.document import Document

from rnnchat.tui.cells import clip, graphemes

REMEMBERED = 256  # texts whose suggestions come back after a typo or a backspace


class Ghost:
    """What is suggested in one text, and what of it is seen.

    Args:
        context: what the model reads for a document: the text up to its cursor, and what belongs before that.
        request: asks for suggestions for a context; the answer comes to `offer`.
        withdraw: says that no answer is wanted any more.

    Attributes:
        enabled: whether suggestions are shown at all.
        is_welcome: whether the editor is in a mode in which text is typed.
        marks: put around what is shown where style alone cannot tell it from what was typed, else empty.
    """

    def __init__(
        self, context: Callable[[Document], str], request: Callable[[str], None], withdraw: Callable[[], None]
    ) -> None:
        self.enabled = True
        self.is_welcome: Callable[[], bool] = lambda: True
        self.marks = ("", "")
        self._context, self._request, self._withdraw = context, request, withdraw
        self._document: Document | None = None
        self._text = ""
        self._choices: list[str] = []
        self._spare: list[str] = []  # too unsure to be shown unasked
        self._chosen = 0
        self._dismissed = False
        self._painted: tuple[Document, str] | None = None
        self._seen: OrderedDict[tuple[int, int], list[str]] = OrderedDict()

    def follow(self, document: Document) -> None:
        """Take note that the text or the cursor changed."""
        before, self._document = self._document, document
        if before is not None and before.text == document.text and before.cursor_position == document.cursor_position:
            return
        if before is None or len(document.text) > len(before.text):
            self._dismissed = False  # dismissed until the next insertion
        self._painted = None
        self._spare = []
        if not self.enabled or not may_stand_in(document):
            self._choices, self._text = [], ""
            self._withdraw()
            return
        text = self._context(document)
        self._choices = self._kept(text) or self._seen.get(_key(text), [])
        self._chosen = 0
        self._text = text
        self._request(text)

    def offer(self, text: str, suggestions: Sequence[str]) -> bool:
        """Take suggestions for `text`, the best first; tell whether they are of use."""
        if self._document is None or text != self._text or not may_stand_in(self._document):
            return False
        found = list(dict.fromkeys(suggestion for suggestion in suggestions if suggestion.strip()))
        if self._choices:  # who types or looks at a suggestion keeps it; it may only grow
            current = self._choices[self._chosen]
            found = [choice for choice in found if choice != current]
            if self._chosen == 0 and found and found[0].startswith(current):
                current = found.pop(0)
            found.insert(0, current)
        self._choices, self._chosen = found, 0
        return True

    def paint(self, document: Document, columns: int) -> str:
        """Return what to show behind the cursor of `document`, with its marks; called whenever it is painted."""
        visible = ""
        wanted = self._choices and self.enabled and not self._dismissed and self.is_welcome()
        if wanted and document == self._document:
            room = columns - len("".join(self.marks))
            visible = clip(self._choices[self._chosen], room) if room > 0 else ""
        self._painted = (document, visible)
        if not visible.strip():
            return ""
        self._remember()
        return self.marks[0] + visible + self.marks[1]

    def visible(self, document: Document) -> str:
        """Return what may be accepted: what was painted last, if it was painted for this very document."""
        if self._painted is None or self._dismissed or self._painted[0] != document or not self.is_welcome():
            return ""
        return self._painted[1]

    def first_word(self, document: Document) -> str:
        """Return what accepting a word inserts: what is visible, up to the end of its first word."""
        visible = self.visible(document)
        start = len(visible) - len(visible.lstrip(" "))
        end = visible.find(" ", start)
        return visible if end < 0 else visible[:end]

    def first_character(self, document: Document) -> str:
        """Return what accepting a character inserts."""
        return next(graphemes(self.visible(document)), "")

    def cycle(self, step: int) -> None:
        """Show the next (1) or the previous (-1) alternative."""
        if not self._choices:
            self._choices, self._chosen = self._spare, 0
        elif not self._dismissed:
            self._chosen = (self._chosen + step) % len(self._choices)
        self._dismissed = False
        self._painted = None

    def consider(self, text: str, suggestions: Sequence[str]) -> None:
        """Take further suggestions for `text`, to be cycled through; what is shown stays."""
        if self._document is None or text != self._text or not may_stand_in(self._document):
            return
        self._spare = [suggestion for suggestion in suggestions if suggestion.strip()]
        if self._choices:
            self._choices = list(dict.fromkeys([*self._choices, *self._spare]))

    def dismiss(self) -> None:
        """Hide it until something is inserted."""
        self._dismissed = True
        self._painted = None

    def switch(self, enabled: bool) -> None:
        """Turn suggestions on or off."""
        self.enabled = enabled
        self.forget()

    def forget(self) -> None:
        """Drop every suggestion, because the model or what it has read is another now; ask again."""
        document, self._document = self._document, None
        self._choices, self._painted = [], None
        self._seen.clear()
        if document is not None:
            self.follow(document)

    def _kept(self, text: str) -> list[str]:
        """Return what is left of the suggestions once `text` has been typed; [] if the one shown does not fit."""
        typed = text[len(self._text) :]
        if not self._choices or not text.startswith(self._text):
            return []
        if not self._choices[self._chosen].startswith(typed):
            return []
        order = self._choices[self._chosen :] + self._choices[: self._chosen]
        left = [choice[len(typed) :] for choice in order if choice.startswith(typed)]
        return [choice for choice in left if choice.strip()] if left[0].strip() else []

    def _remember(self) -> None:
        key = _key(self._text)
        self._seen[key] = self._choices[self._chosen :] + self._choices[: self._chosen]
        self._seen.move_to_end(key)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)


def may_stand_in(document: Document) -> bool:
    """Tell whether a suggestion may stand at the cursor: at the end of its line, and nothing is selected."""
    return document.selection is None and document.current_char in ("", "\n")


def _key(text: str) -> tuple[int, int]:
    # Not the text itself: two hundred copies of a long page would be kept alive.
    return len(text), hash(text)
