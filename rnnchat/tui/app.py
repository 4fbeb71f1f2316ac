"""The full-screen app: two pages over one desk, and what each key asks of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import emacs_mode, vi_insert_mode
from prompt_toolkit.styles import DynamicStyle

from rnnchat.errors import RnnchatError
from rnnchat.settings import Settings
from rnnchat.tui.actions import remapped, with_enter_for_newline
from rnnchat.tui.chat_page import ChatPage
from rnnchat.tui.commands import SlashCompleter
from rnnchat.tui.desk import Desk, Panel, model_names, voices_to_compare
from rnnchat.tui.events import VoiceName
from rnnchat.tui.ghost import Ghost
from rnnchat.tui.keeper import Keeper
from rnnchat.tui.keys import bind_keys
from rnnchat.tui.orders import Orders
from rnnchat.tui.screen import Screen
from rnnchat.tui.theme import choose_theme
from rnnchat.tui.write_page import WritePage

if TYPE_CHECKING:
    from rnnchat.tui.voice import Voices

PageName = Literal["chat", "write"]
TWICE = 2.0  # seconds within which a key counts as pressed twice


class App:
    """Everything on the screen.

    Args:
        settings: what the person prefers.
        plain: no boxes, no bars, no colour.
        draft: text that was piped in, to stand in the message box or on the Write page.
        page: the page to begin with; the one of the last session, if None.
        file: to open on the Write page.
        make_voices: see Desk.

    Raises:
        TextError: the file cannot be edited.
    """

    def __init__(
        self,
        settings: Settings,
        plain: bool = False,
        draft: str = "",
        page: PageName | None = None,
        file: str | Path | None = None,
        make_voices: Callable[[Settings], Voices] | None = None,
    ) -> None:
        actions, faults = remapped(settings.keys)
        if settings.enter == "newline":
            actions = with_enter_for_newline(actions)
        self.desk = desk = Desk(settings, choose_theme(settings.theme, plain), actions, make_voices)
        self.orders = Orders(self)
        self.keeper = Keeper(self)
        self.chat = ChatPage(desk, SlashCompleter(self.orders.choices), self.keeper.conversation())
        self.write = WritePage(desk)
        self.palette = Buffer(
            name="palette",
            multiline=False,
            completer=SlashCompleter(self.orders.choices, everywhere=True),
            complete_while_typing=True,
        )
        self.help_open, self.help_scroll = False, 0
        self.page: PageName = "chat"
        self._accepting = False
        self._pressed = 0.0
        self._before: Document | None = None
        self.keeper.restore(draft, page, file)
        for ghost in (self.chat.ghost, self.write.ghost):
            ghost.enabled = settings.suggestions == "on"
            ghost.is_welcome = emacs_mode | vi_insert_mode
        self.screen = Screen(self)
        self.application: Application[int] = Application(
            layout=self.screen.layout,
            key_bindings=bind_keys(self),
            style=DynamicStyle(lambda: desk.theme.style),
            include_default_pygments_style=False,
            color_depth=lambda: desk.theme.depth,
            full_screen=True,
            mouse_support=settings.mouse == "on",
            editing_mode=EditingMode.VI if settings.editing == "vi" else EditingMode.EMACS,
            enable_page_navigation_bindings=self.screen.is_writing,
        )
        # A single Esc is waited for no longer than it takes a terminal to send what may follow it.
        self.application.ttimeoutlen = self.application.timeoutlen = 0.05
        desk.refresh = self.application.invalidate
        desk.keep_draft, desk.keep_said = self.keeper.keep_later, self.keeper.keep
        desk.keep_reply = self.keeper.for_reply
        desk.on_question, desk.on_context = self.screen.focus_question, self.look
        self._listen()
        if wrong := [*settings.warnings, *faults, *self.keeper.faults]:
            desk.tell("\n".join(wrong), fault=True)

    @property
    def ghost(self) -> Ghost:
        """The suggestions of the open page."""
        return self.chat.ghost if self.page == "chat" else self.write.ghost

    @property
    def buffer(self) -> Buffer:
        """The text of the open page."""
        return self.chat.buffer if self.page == "chat" else self.write.buffer

    def begin(self) -> None:
        """Begin, once there is a loop: load the model after the first frame, and suggest."""
        self.application.after_render += self._warm
        self.follow()

    def _warm(self, _: object) -> None:
        self.application.after_render -= self._warm
        self.desk.warm()

    def follow(self) -> None:
        """Take note that the text or the cursor of the open page changed."""
        document, before = self.buffer.document, self._before
        if document is before:
            return
        self._before = document
        self._count(before, document)
        self.ghost.follow(document)
        self.look()
        self.desk.keep_draft()

    def look(self) -> None:
        """Have the open panel show what is at the cursor now."""
        if self.page == "chat":
            document = self.chat.buffer.document
            self.desk.look(self.chat.context(document), self.chat.other_context(document), self.chat.talk(document))
        else:
            text = self.write.context(self.write.buffer.document)
            self.desk.look(text, text)

    def accept(self, part: Callable[[Document], str]) -> None:
        """Insert a part of the suggestion: what `part` returns, which is never more than what is seen."""
        text = part(self.buffer.document)
        if not text:
            return
        tally = self.desk.tally
        tally.accepted, tally.keys = tally.accepted + len(text), tally.keys + 1
        self._accepting = True
        try:
            self.buffer.insert_text(text)
        finally:
            self._accepting = False

    def switch_ghost(self, enabled: bool) -> None:
        """Turn suggestions off or on, for good."""
        self.chat.ghost.switch(enabled)
        self.write.ghost.switch(enabled)
        self.keeper.set("suggestions", "on" if enabled else "off")
        self.desk.tell(f"suggestions are {'on' if enabled else 'off'}")

    def show_panel(self, panel: Panel) -> None:
        """Open a panel, or close it."""
        self.desk.open_panel(panel)
        self.look()

    def compare_with_next(self) -> None:
        """Compare with the next voice there is."""
        desk = self.desk
        names = voices_to_compare(desk.voice, model_names())
        place = names.index(desk.other) if desk.other in names else -1
        self.compare_with(names[(place + 1) % len(names)])

    def compare_with(self, name: VoiceName) -> None:
        """Compare with a voice."""
        self.desk.other = name
        if self.desk.panel == "compare":
            self.desk.open_panel("compare")
        self.show_panel("compare")

    def speak_with(self, name: VoiceName) -> None:
        """Use another voice from now on."""
        self.desk.speak_with(name)
        self.forget()
        self.desk.tell(f"now {name}")

    def forget(self) -> None:
        """Drop what was suggested and shown, because it was for another voice."""
        self.chat.ghost.forget()
        self.write.ghost.forget()
        self.look()

    def go_to(self, page: PageName) -> None:
        """Show a page."""
        self.page = page
        self.help_open = False
        self.desk.looked = None
        if page == "write" and self.write.slot is None:
            self.open_file(None)
        self.screen.focus_page()
        self._before = None
        self.ghost.forget()
        self.follow()

    def open_file(self, name: str | None) -> bool:
        """Open a file on the Write page; tell whether that went well."""
        try:
            self.write.open(name)
        except RnnchatError as error:
            self.desk.tell(str(error), fault=True)
            return False
        return True

    def send(self) -> None:
        """Send the message, or do what it commands."""
        text = self.chat.buffer.text
        if text.startswith("/") and not text.startswith("//"):
            self.chat.buffer.reset(append_to_history=True)
            self.follow()
            self.orders.obey(text)
            return
        if not text.strip():
            return
        if self.chat.is_answering:
            self.desk.tell("one moment: the reply is still coming; Ctrl-C stops it")
            return
        self.chat.buffer.reset(append_to_history=True)
        self.chat.say(text.removeprefix("/") if text.startswith("//") else text)
        self.follow()

    def stop(self) -> None:
        """Stop the reply, else clear the message, else leave."""
        if self.page == "chat" and self.chat.is_answering:
            self.chat.stop()
        elif self.page == "chat" and self.chat.buffer.text:
            self.chat.buffer.document = Document("")
        elif self.page == "chat" or time.monotonic() - self._pressed < TWICE:
            self.leave()
        else:
            self._pressed = time.monotonic()
            self.buffer.exit_selection()
            self.desk.tell("Ctrl-C again leaves")

    def leave_or_delete(self) -> None:
        """Delete the character under the cursor; where there is none, leave."""
        if self.buffer.document.text_after_cursor:
            self.buffer.delete()
        else:
            self.leave()

    def save(self) -> None:
        """Save the text of the Write page; ask for a name where it has none."""
        if self.write.file is None:
            self.screen.open_palette("save ")
        else:
            self.write.save()

    def find_next(self) -> None:
        """Go to the next place of what was searched last."""
        self.write.buffer.apply_search(self.screen.text.search_state, include_current_position=False)

    def answer(self, key: str) -> None:
        """Answer the question; "" is no. Any other key is not an answer."""
        question = self.desk.question
        if question is None or (key and key not in question.answers):
            return
        self.desk.question = None
        self.screen.focus_page()
        if key:
            question.answers[key]()

    def leave(self) -> None:
        """Leave; unsaved text in a file is asked about."""
        write = self.write
        if write.file is not None and write.is_modified:
            self.desk.ask(
                f"{write.name} is not saved; s: save and leave, l: leave (it is kept as a draft), Esc: stay",
                {"s": lambda: self.exit() if write.save() else None, "l": self.exit},
            )
        else:
            self.exit()

    def exit(self, code: int = 0) -> None:
        """End the app."""
        if self.application.is_running and self.application.future and not self.application.future.done():
            self.application.exit(result=code)

    def _listen(self) -> None:
        for buffer in (self.chat.buffer, self.write.buffer):
            buffer.on_text_changed += lambda _: self.follow()
            buffer.on_cursor_position_changed += lambda _: self.follow()

    def _count(self, before: Document | None, document: Document) -> None:
        if before is not None and not self._accepting and len(document.text) == len(before.text) + 1:
            self.desk.tally.typed += 1
