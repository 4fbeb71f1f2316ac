"""The Write page: one text, in a file or not yet, with suggestions at its cursor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from prompt_toolkit.document import Document

from rnnchat.errors import RnnchatError
from rnnchat.tui.desk import Desk, latest
from rnnchat.tui.ghost import Ghost
from rnnchat.tui.slots import Slot, text_of, text_slot
from rnnchat.tui.textfile import TextFile, has_changed, open_file, save_file
from rnnchat.tui.undo import Page
from rnnchat.tui.worker import Lane


class WritePage:
    """The text that is being written.

    Args:
        desk: what both pages share.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.buffer = Page(name="page", multiline=True)
        self.ghost = Ghost(self.context, lambda text: desk.suggest(self.ghost, text), self._withdraw)
        self.file: TextFile | None = None
        self._saved = ""
        self._slot: Slot | None = None

    def context(self, document: Document) -> str:
        """Return what completion reads: the text up to the cursor, of a long one the end."""
        return latest(document.text_before_cursor)

    @property
    def is_modified(self) -> bool:
        """Whether there is something that no file holds."""
        return self.buffer.text != self._saved

    @property
    def name(self) -> str:
        """What the title line calls the text."""
        return self.file.path.name if self.file else "untitled"

    def open(self, name: str | Path | None) -> None:
        """Open a file, or the text without a name; what was not saved of it comes back.

        Raises:
            TextError: the file cannot be edited; the text that was open stays.
        """
        file, text = (None, "") if name is None else open_file(name)
        slot = text_slot(file.path if file else None)
        self.close()
        self.file, self._saved, self._slot = file, text, slot
        kept = slot.read()
        draft, cursor = kept.get("text"), kept.get("cursor")
        if isinstance(draft, str) and draft != text:
            # The draft goes on from the file as it was then; that it is another now is asked about when saving.
            if self.file is not None and text_of(kept, "digest"):
                self.file = replace(self.file, digest=text_of(kept, "digest"))
            self._show(draft, cursor)
            if self.file is not None:
                self._desk.tell("what was not saved is back; F8 saves it, /revert takes the file as it is")
            return
        self._show(text, 0 if cursor is None else cursor)
        if self.file is not None:
            self._desk.tell(self.file.notes or (f"{self.name} is new" if not self.file.digest else f"{self.name}"))

    def save(self, name: str | None = None, overwrite: bool = False) -> bool:
        """Save; tell whether that was done. What went wrong is told, what is in doubt is asked.

        Args:
            name: another file, from now on.
            overwrite: do not ask about a file that is there, or has changed.
        """
        desk = self._desk
        try:
            file = self.file if name is None else _like(self.file, open_file(name)[0])
            if file is None:
                return False
            other = name is not None and (self.file is None or file.path != self.file.path)
            if not overwrite and (file.digest != "" if other else has_changed(file)):
                what = "is there already" if other else "was changed by another program"
                answers = {"o": lambda: self._save_anyway(name)}
                if not other:
                    answers["r"] = self.revert
                more = "" if other else ", r: take the file as it is"
                desk.ask(f"{file.path.name} {what}; o: overwrite{more}, Esc: neither", answers)
                return False
            text = self.buffer.text
            file = save_file(file, text)
        except RnnchatError as error:
            self.keep()
            desk.tell(f"{error}; the text is kept as a draft", fault=True)
            return False
        if other:
            self._rename_slot(file)
        self.file, self._saved = file, text
        self.keep()
        desk.tell(f"saved {file.path.name}")
        return True

    def revert(self) -> None:
        """Take the file as it is on disk; undo brings the text back."""
        if self.file is None:
            self._desk.tell("this text is in no file yet")
            return
        try:
            file, text = open_file(self.file.path)
        except RnnchatError as error:
            self._desk.tell(str(error), fault=True)
            return
        self.buffer.save_to_undo_stack()
        self.file, self._saved = file, text
        self.buffer.document = Document(text, min(self.buffer.cursor_position, len(text)))
        self.keep()
        self._desk.tell(f"{self.name} is as it is on disk; undo brings your text back")

    def kept(self) -> dict[str, Any]:
        """Return what must survive a kill."""
        kept: dict[str, Any] = {"cursor": self.buffer.cursor_position}
        if self.is_modified:
            kept |= {"text": self.buffer.text, "digest": self.file.digest if self.file else ""}
        return kept

    @property
    def slot(self) -> Slot | None:
        """Where the draft is kept; None before a text was opened."""
        return self._slot

    def keep(self) -> None:
        """Keep the draft now."""
        if self._slot is not None:
            try:
                self._slot.write(self.kept())
            except RnnchatError as error:
                self._desk.tell(str(error), fault=True)

    def close(self) -> None:
        """Keep the draft, and let go of the text."""
        if self._slot is not None:
            self.keep()
            self._slot.close()
            self._slot = None

    def _save_anyway(self, name: str | None) -> None:
        self.save(name, overwrite=True)

    def _rename_slot(self, file: TextFile) -> None:
        """Keep drafts under the new name from now on."""
        slot = text_slot(file.path)
        if self._slot is not None:
            self._slot.drop()
            self._slot.close()
        self._slot = slot

    def _withdraw(self) -> None:
        self._desk.worker.cancel(Lane.GHOST)

    def _show(self, text: str, cursor: object) -> None:
        place = cursor if isinstance(cursor, int) and 0 <= cursor <= len(text) else 0
        self.buffer.reset(Document(text, place))


def _like(old: TextFile | None, new: TextFile) -> TextFile:
    """Return a new file that is written as the old one was: its line ends and its encoding."""
    if old is None:
        return new
    return replace(new, line_end=old.line_end, encoding=old.encoding, mark=old.mark)
