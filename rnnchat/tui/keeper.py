"""Keeps what must survive a kill: what was said at once, what is typed soon; never on the screen's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prompt_toolkit.document import Document

from rnnchat.errors import RnnchatError, SessionError
from rnnchat.tui.record import Moment, Record
from rnnchat.tui.slots import chat_slot, text_of, topics_of
from rnnchat.tui.transcript import Exchange
from rnnchat.tui.worker import Lane

if TYPE_CHECKING:
    from rnnchat.tui.app import App, PageName

SOON = 0.3  # seconds


class Keeper:
    """Writes the conversation, drafts and settings to disk, and brings them back.

    Args:
        app: whose drafts.

    Attributes:
        faults: why something could not be brought back, or cannot be kept.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._slot = chat_slot()
        self._due = False
        self._fault = ""  # what was told last of what could not be kept
        self.faults = [self._slot.fault] if self._slot.fault else []
        self._read = self._slot.read()
        self._record = Record(topics_of(self._read), app.desk.settings.sessions == "on")

    def conversation(self) -> list[Exchange]:
        """Return what was said in the last session."""
        try:
            return self._record.restore()
        except SessionError as error:
            self.faults.append(str(error))
            return []

    def restore(self, draft: str, page: PageName | None, file: str | Path | None) -> None:
        """Go on where the last session ended; what was asked for now goes before.

        Args:
            draft, page, file: as of App.

        Raises:
            TextError: the file cannot be edited.
        """
        app, kept, old = self._app, self._read, text_of(self._read, "draft")
        if file is not None or page == "write":
            app.page = "write"
            app.write.open(file)
            if draft:
                app.write.buffer.insert_text(draft)
        elif page is None and kept.get("page") == "write" and not draft:
            app.page = "write" if app.open_file(text_of(kept, "file") or None) else "chat"
        if draft and app.page == "chat":
            if old:
                app.chat.buffer.history.append_string(old)  # Up brings it back
            old = draft
        app.chat.buffer.document = Document(old)

    def keep_later(self) -> None:
        """Keep everything in a moment, so that fast typing costs one write."""
        if not self._due:
            self._due = True
            self._app.desk.later(SOON, self.keep)

    def keep_last(self) -> None:
        """Keep everything before leaving; a full disk is no reason to stay."""
        with suppress(RnnchatError):
            self._write(replace(self._said(), is_answering=False), self._kept())  # no more of a reply will come
        self._app.write.close()

    def close(self) -> None:
        """Let another app have the conversation."""
        self._slot.close()

    def for_reply(self) -> Callable[[str], None]:
        """Return what puts the reply to the last message on the disk, on whatever thread that is wanted."""
        said = self._said()

        def keep(reply: str) -> None:
            exchange = replace(said.exchanges[-1], reply=reply)
            with suppress(SessionError):  # `keep` tries it again, and tells
                self._record.write(replace(said, exchanges=(*said.exchanges[:-1], exchange), is_answering=False))

        return keep

    def set(self, name: str, value: str) -> None:
        """Write a setting to the settings file."""

        def job() -> Iterator[None]:
            from rnnchat.settings import set_setting

            set_setting(name, value)
            return iter(())

        self._submit(Lane.SETTING, job)

    def keep(self) -> None:
        """Keep everything now."""
        self._due = False
        app, said, kept = self._app, self._said(), self._kept()
        self._submit(Lane.DRAFT, lambda: _writing(lambda: self._write(said, kept)), self._told_once)
        page_slot = app.write.slot
        if page_slot is not None:
            page = app.write.kept()
            self._submit(Lane.PAGE_DRAFT, lambda: _writing(lambda: page_slot.write(page)))

    def _write(self, said: Moment, kept: dict[str, Any]) -> None:
        try:
            self._record.write(said)
        finally:
            self._slot.write({**kept, "topics": self._record.topics})

    def _said(self) -> Moment:
        chat, desk = self._app.chat, self._app.desk
        model = desk.settings.talker(desk.voice.model)
        return Moment(chat.conversation, tuple(chat.exchanges), model, chat.is_answering)

    def _kept(self) -> dict[str, Any]:
        app = self._app
        return {
            "page": app.page,
            "file": str(app.write.file.path) if app.write.file else "",
            "draft": app.chat.buffer.text,
        }

    def _submit(
        self, lane: Lane, job: Callable[[], Iterator[None]], told: Callable[[Exception | None], None] | None = None
    ) -> None:
        self._app.desk.disk.submit(lane, job, lambda event: None, told or self._told)

    def _told_once(self, error: Exception | None) -> None:
        """Tell what every key would tell again."""
        if str(error or "") != self._fault:
            self._told(error)
        self._fault = str(error or "")

    def _told(self, error: Exception | None) -> None:
        if error is not None:
            self._app.desk.tell(str(error), fault=True)


def _writing(write: Callable[[], None]) -> Iterator[None]:
    write()
    yield None
