"""Keeps what must survive a kill: soon after each change, and at the end; never on the screen's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rnnchat.errors import RnnchatError
from rnnchat.tui.drafts import chat_slot, describe
from rnnchat.tui.worker import Lane

if TYPE_CHECKING:
    from rnnchat.tui.app import App

SOON = 0.3  # seconds


class Keeper:
    """Writes drafts and settings to disk.

    Args:
        app: whose drafts.

    Raises:
        SaveError: no drafts can be kept.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._slot = chat_slot()
        self._due = False

    def read(self) -> dict[str, Any]:
        """Return what the last session left."""
        return self._slot.read()

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
