"""Where everything is on the screen; small terminals lose what matters least."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition, is_searching
from prompt_toolkit.layout import (
    AnyContainer,
    BufferControl,
    ConditionalContainer,
    Dimension,
    Float,
    FloatContainer,
    HSplit,
    Layout,
    VSplit,
    Window,
)
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.search import SearchDirection, start_search
from prompt_toolkit.widgets import SearchToolbar

from rnnchat.tui.actions import key_name
from rnnchat.tui.cells import Line, fit, wrap_spans
from rnnchat.tui.display import Presentation
from rnnchat.tui.drawn import Drawn
from rnnchat.tui.help import help_lines
from rnnchat.tui.panels import draw_compare, draw_inside, is_beside
from rnnchat.tui.status import draw_rule, draw_status, draw_title

if TYPE_CHECKING:
    from rnnchat.tui.app import App

LOW = 9  # rows from which there is room for a title and a rule
# What the status line tells, the most important first.
CHAT_KEYS = {"help": "help", "compare": "compare", "inside": "inside", "page": "write", "palette": "command"}
WRITE_KEYS = {
    "help": "help", "save": "save", "page": "chat", "inside": "inside", "compare": "compare", "find": "find",
    "palette": "command",
}  # fmt: skip
TITLE_WITH_PLACE = 36  # columns beside the name, from which the cursor's line and column are told, too
MOST_MESSAGE_ROWS = 8
MOST_INSIDE_ROWS, MOST_COMPARE_ROWS, MOST_BESIDE_ROWS = 17, 19, 10
# Said beforehand, so that prompt_toolkit need not lay out the text to find out how much room it would like.
ALL_ROWS = Dimension(min=1, preferred=1_000)


class Screen:
    """The layout.

    Args:
        app: what is shown.

    Attributes:
        layout: for prompt_toolkit.
        is_writing, is_helping, is_asking, is_commanding: what has the keys.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._search = SearchToolbar(text_if_not_searching="", forward_search_prompt="Find: ",
                                     backward_search_prompt="Earlier: ")  # fmt: skip
        self.message = self._editor(app.chat.buffer, Presentation(app.chat.ghost))
        self.text = self._editor(app.write.buffer, Presentation(app.write.ghost))
        self._palette = BufferControl(app.palette, input_processors=[Presentation()])
        self._help = Drawn(self._draw_help, self.scroll_help, focusable=True)
        self._question = Drawn(self._draw_question, focusable=True)
        self.is_helping = Condition(lambda: get_app().layout.current_control is self._help)
        self.is_asking = Condition(lambda: get_app().layout.current_control is self._question)
        self.is_commanding = Condition(lambda: get_app().layout.current_control is self._palette)
        self.is_chatting = Condition(lambda: get_app().layout.current_control is self.message)
        self.is_writing = Condition(lambda: get_app().layout.current_control is self.text)
        self.layout = Layout(self._root(), focused_element=self.message if app.page == "chat" else self.text)
        self.mark_ghosts()

    def focus_page(self) -> None:
        """Give the keys to the text of the open page."""
        app = self._app
        app.help_open = False
        self.layout.focus(self.message if app.page == "chat" else self.text)

    def open_help(self) -> None:
        """Show the help page."""
        self._app.help_open, self._app.help_scroll = True, 0
        self.layout.focus(self._help)

    def open_palette(self, text: str = "") -> None:
        """Show the line for a command."""
        self.focus_page()
        self.layout.focus(self._palette)
        self._app.palette.reset()
        self._app.palette.insert_text(text)
        if not text:
            self._app.palette.start_completion()

    def focus_question(self) -> None:
        """Give the keys to the question."""
        self.layout.focus(self._question)

    def start_search(self) -> None:
        """Give the keys to the search line; the menu of commands, were it open, would take them."""
        if self._app.page == "chat":
            start_search(self.message, SearchDirection.BACKWARD)
        else:
            start_search(self.text, SearchDirection.FORWARD)

    def mark_ghosts(self) -> None:
        """Let suggestions be told from what was typed under the theme there is now."""
        for ghost in (self._app.chat.ghost, self._app.write.ghost):
            ghost.marks = self._app.desk.theme.ghost_marks

    def scroll_help(self, rows: int) -> None:
        """Scroll the help page up (positive) or down."""
        self._app.help_scroll = max(0, self._app.help_scroll - rows)

    def page_rows(self) -> int:
        """Return how many rows PageUp and PageDown go."""
        return max(1, get_app().output.get_size().rows // 2)

    def _editor(self, buffer: Buffer, presentation: Presentation) -> BufferControl:
        return BufferControl(
            buffer,
            input_processors=[presentation],
            search_buffer_control=self._search.control,
            preview_search=True,
            focus_on_click=True,
        )

    def _root(self) -> FloatContainer:
        app = self._app
        rows = Condition(lambda: get_app().output.get_size().rows >= LOW)
        chat = Condition(lambda: app.page == "chat")
        panel = Condition(lambda: app.desk.panel != "none" and not app.help_open)
        body = HSplit(
            [
                ConditionalContainer(Window(Drawn(self._draw_title), height=1), rows),
                self._main(),
                ConditionalContainer(Window(Drawn(self._draw_panel), height=self._panel_rows), panel),
                ConditionalContainer(Window(Drawn(self._draw_rule), height=1), rows),
                ConditionalContainer(self._message_box(), chat),
                ConditionalContainer(self._search, is_searching),
                ConditionalContainer(
                    VSplit([Window(width=1, char="/", style="class:key"), Window(self._palette, height=1)]),
                    self.is_commanding,
                ),
                ConditionalContainer(
                    Window(self._question, height=self._status_rows), Condition(lambda: app.desk.question is not None)
                ),
                ConditionalContainer(
                    Window(Drawn(self._draw_status), height=self._status_rows),
                    Condition(lambda: app.desk.question is None),
                ),
            ]
        )
        menu = Float(CompletionsMenu(max_height=8, scroll_offset=1), xcursor=True, ycursor=True)
        return FloatContainer(body, [menu])

    def _main(self) -> AnyContainer:
        app = self._app
        helping = Condition(lambda: app.help_open)
        writing = Condition(lambda: app.page == "write")
        return HSplit(
            [
                ConditionalContainer(Window(self._help), helping),
                ConditionalContainer(Window(self.text, wrap_lines=True, height=ALL_ROWS), ~helping & writing),
                ConditionalContainer(Window(Drawn(app.chat.draw, app.chat.scroll)), ~helping & ~writing),
            ],
            height=Dimension(weight=1),
        )

    def _message_box(self) -> VSplit:
        def height() -> Dimension:
            rows = get_app().output.get_size().rows
            return Dimension(min=1, max=max(1, min(MOST_MESSAGE_ROWS, rows // 3)))

        prompt = "Message: " if self._app.desk.theme.plain else "› "
        text = Window(self.message, wrap_lines=True, height=height, dont_extend_height=True)
        return VSplit([Window(Drawn(lambda columns, rows: [[("class:you", prompt)]]), width=len(prompt)), text])

    def _panel_rows(self) -> int:
        rows, columns = get_app().output.get_size()
        if self._app.desk.panel == "inside":
            share, most = 0.5, MOST_INSIDE_ROWS
        else:
            share, most = 0.4, MOST_BESIDE_ROWS if is_beside(columns, self._app.desk.theme) else MOST_COMPARE_ROWS
        wanted = round(rows * share) if rows >= LOW else rows - 3
        return max(1, min(most, wanted))

    def _draw_title(self, columns: int, rows: int) -> list[Line]:
        app = self._app
        right = ""
        if app.page == "write":
            document = app.write.buffer.document
            place = f"{document.cursor_position_row + 1}:{document.cursor_position_col + 1}"
            right = app.write.name + (", not saved" if app.write.is_modified and app.write.file else "")
            right = f"{right}  {place}" if columns >= TITLE_WITH_PLACE + len(right) else right
        pages = [("Chat", app.page == "chat"), ("Write", app.page == "write")]
        return [draw_title(pages, right, columns, app.desk.theme.plain)]

    def _draw_panel(self, columns: int, rows: int) -> list[Line]:
        desk = self._app.desk
        lines = [draw_rule(self._panel_title(), columns, desk.theme.plain)] if rows >= 4 else []
        room = rows - len(lines)
        if desk.panel == "compare":
            names = (str(desk.voice), str(desk.other))
            return lines + draw_compare(desk.sides, names, columns, room, desk.theme)
        return lines + draw_inside(desk.inside, desk.looked, columns, room, desk.theme)

    def _panel_title(self) -> str:
        desk = self._app.desk
        if desk.panel == "compare":
            keys = next(action.keys for action in desk.actions if action.name == "compare-with")
            return "the next word of each" + (f"; {key_name(keys[0])}: another" if keys else "")
        if desk.looked is None or desk.looked.model == desk.voice.model:
            return f"inside {desk.voice.model}"
        return f"inside {desk.voice.model}; {desk.looked.model} answers"

    def _draw_rule(self, columns: int, rows: int) -> list[Line]:
        app = self._app
        below = app.chat.transcript.scroll if app.page == "chat" else 0
        text = f" {below} rows below, PageDown " if below else ""
        return [draw_rule(text.strip(), columns, app.desk.theme.plain, "class:notice")]

    def _told(self, columns: int) -> list[Line]:
        """Return what is asked or told at the moment, wrapped; [] if nothing is."""
        desk = self._app.desk
        if desk.question is not None:
            return wrap_spans([("class:notice", desk.question.text)], columns)
        if desk.notice is not None and time.monotonic() < desk.notice.until:
            return wrap_spans([("class:fault" if desk.notice.fault else "class:notice", desk.notice.text)], columns)
        return []

    def _status_rows(self) -> int:
        size = get_app().output.get_size()
        return max(1, min(len(self._told(size.columns)), size.rows // 3))

    def _draw_status(self, columns: int, rows: int) -> list[Line]:
        app, desk = self._app, self._app.desk
        if told := self._told(columns):
            return told[:rows]
        keys = []
        for name, does in (CHAT_KEYS if app.page == "chat" else WRITE_KEYS).items():
            action = next(action for action in desk.actions if action.name == name)
            if action.keys:
                keys.append((key_name(action.keys[0]), does))
        return [draw_status(desk.voice, desk.tally, desk.milliseconds, keys, columns)]

    def _draw_question(self, columns: int, rows: int) -> list[Line]:
        return self._told(columns)[:rows]

    def _draw_help(self, columns: int, rows: int) -> list[Line]:
        app = self._app
        lines = help_lines(app.desk.actions, max(1, columns - 2))
        app.help_scroll = max(0, min(app.help_scroll, len(lines) - rows))
        seen = lines[app.help_scroll : app.help_scroll + rows]
        if len(lines) > app.help_scroll + rows:
            more: Line = [("class:quiet", fit([("", " ↓ more, ↑↓ PageUp PageDown; Esc closes")], columns)[0][1])]
            seen[-1] = more
        return [line if line and line[0][0] == "class:quiet" else [("", " "), *line] for line in seen]
