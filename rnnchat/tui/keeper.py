"""Keeps what must survive a kill: soon after each change, and at the end; never on the screen's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prompt_toolkit.document import Document

from rnnchat.errors import RnnchatError
from rnnchat.tui.drafts import chat_slot, describe, text_of
from rnnchat.tui.worker import Lane

if TYPE_CHECKING:
    from rnnchat.tui.app import App, PageName

SOON = 0.3  # seconds


class Keeper:
    """Writes drafts and settings to disk, and brings drafts back.

    Args:
        app: whose drafts.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._slot = chat_slot()
        self._due = False

    def read(self) -> dict[str, Any]:
        """Return what the last session left."""
        return self._slot.read()

    @property
    def fault(self) -> str:
        """Why nothing can be kept; "" where all is well."""
        return self._slot.fault

    def restore(self, kept: dict[str, Any], draft: str, page: PageName | None, file: str | Path | None) -> None:
        """Go on where the last session ended; what was asked for now goes before.

        Args:
            kept: what the last session left.
            draft, page, file: as of App.

        Raises:
            TextError: the file cannot be edited.
        """
        app, old = self._app, text_of(kept, "draft")
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
            self._app.desk.later(SOON, self._keep)

    def keep_now(self) -> None:
        """Keep everything before leaving; a full disk is no reason to stay."""
        with suppress(RnnchatError):
            self._slot.write(self._kept())
        self._app.write.close()

    def close(self) -> None:
        """Let another app have the conversation."""
        self._slot.close()

    def set(self, name: str, value: str) -> None:
        """Write a setting to the settings file."""

        def job() -> Iterator[None]:
            from rnnchat.settings import set_setting

            set_setting(name, value)
            return iter(())

        self._submit(Lane.SETTING, job)

    def _keep(self) -> None:
        self._due = False
        app, kept = self._app, self._kept()
        self._submit(Lane.DRAFT, lambda: _writing(lambda: self._slot.write(kept)))
        page_slot = app.write.slot
        if page_slot is not None:
            page = app.write.kept()
            self._submit(Lane.PAGE_DRAFT, lambda: _writing(lambda: page_slot.write(page)))

    def _kept(self) -> dict[str, Any]:
        app = self._app
        return {
            "page": app.page,
            "file": str(app.write.file.path) if app.write.file else "",
            "draft": app.chat.buffer.text,
            "exchanges": describe(app.chat.exchanges),
        }

    def _submit(self, lane: Lane, job: Callable[[], Iterator[None]]) -> None:
        self._app.desk.disk.submit(lane, job, lambda event: None, self._told)

    def _told(self, error: Exception | None) -> None:
        if error is not None:
            self._app.desk.tell(str(error), fault=True)


def _writing(write: Callable[[], None]) -> Iterator[None]:
    write()
    yield None
