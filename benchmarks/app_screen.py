"""The real app in this process: keys come through a pipe, and what it draws is read off a terminal's screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pyte
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

from rnnchat.settings import Settings, load_settings
from rnnchat.tui.app import App
from rnnchat.tui.run import show
from rnnchat.tui.worker import Lane

PATIENCE = 20.0  # seconds; far more than anything takes, for a machine that is busy

LANES = (Lane.GHOST, Lane.REPLY, Lane.PANEL, Lane.WARM)

KEYS = {
    "right": "\x1b[C", "left": "\x1b[D", "up": "\x1b[A", "down": "\x1b[B", "end": "\x1b[F", "home": "\x1b[H",
    "escape": "\x1b", "enter": "\r", "tab": "\t", "backspace": "\x7f", "delete": "\x1b[3~", "alt-f": "\x1bf",
    "alt-enter": "\x1b\r", "alt-right": "\x1b[1;3C", "ctrl-right": "\x1b[1;5C", "ctrl-up": "\x1b[1;5A",
    "ctrl-down": "\x1b[1;5B", "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "alt-n": "\x1bn",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~",
    "f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~",
    **{f"ctrl-{letter}": chr(ord(letter) - 96) for letter in "abcdefghjklnopqrstuvwxyz"}, "ctrl-_": "\x1f",
}  # fmt: skip


class _Screen:
    """A file that a terminal's screen reads; it also notes what was left switched on."""

    encoding = "utf-8"

    def __init__(self, columns: int, rows: int) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self.bytes = 0

    def write(self, data: str) -> None:
        self.bytes += len(data)
        self._stream.feed(data)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1


class AppScreen:
    """Starts the app on a screen of its own; `async with` ends it.

    Args:
        columns, rows: of the terminal.
        settings: what the person prefers.
        options: of App.
    """

    def __init__(
        self, columns: int = 80, rows: int = 24, settings: Settings | None = None,
        depth: ColorDepth = ColorDepth.DEPTH_24_BIT, **options: Any,
    ) -> None:  # fmt: skip
        self.size = Size(rows=rows, columns=columns)
        self._settings, self._depth, self._options = settings, depth, options
        self._stack = ExitStack()

    async def __aenter__(self) -> AppScreen:
        self._input = self._stack.enter_context(create_pipe_input())
        self.terminal = _Screen(self.size.columns, self.size.rows)
        output = Vt100_Output(
            self.terminal,  # type: ignore[arg-type]
            get_size=lambda: self.size,
            term="xterm-256color",
            enable_cpr=False,
            default_color_depth=self._depth,
        )
        self._stack.enter_context(create_app_session(input=self._input, output=output))
        self.app = App(self._settings or load_settings(), **self._options)
        self.task = asyncio.create_task(show(self.app))
        await self.until(lambda: self.app.application.render_counter > 0)
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if not self.task.done():
                self.app.exit()
            result = asyncio.wait_for(self.task, PATIENCE)
            if error is None:
                await result
            else:
                await asyncio.gather(result, return_exceptions=True)
        finally:
            self.app.keeper.keep_last()
            self.app.keeper.close()
            self.app.desk.worker.stop(5)
            self.app.desk.disk.stop(5)
            self._stack.close()

    def type(self, text: str) -> None:
        """Send characters, as they come from a keyboard."""
        self._input.send_text(text)

    def press(self, *keys: str) -> None:
        """Send keys by their names."""
        for key in keys:
            self._input.send_text(KEYS[key])

    async def paste(self, text: str) -> None:
        """Send a bracketed paste."""
        # From another thread: a pipe takes no more than the app has read.
        await asyncio.to_thread(self._input.send_text, f"\x1b[200~{text}\x1b[201~")

    async def until(self, seen: Callable[[], object], what: str = "") -> None:
        """Wait until something is so; show the screen if it never is."""
        end = time.monotonic() + PATIENCE
        while not seen():
            if hasattr(self, "task") and self.task.done() and self.task.exception():
                raise AssertionError("the app failed") from self.task.exception()
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain {what}\n" + "\n".join(self.lines))
            await asyncio.sleep(0.002)

    async def shows(self, text: str) -> None:
        """Wait until `text` is on the screen."""
        await self.until(lambda: text in self.text, f"for {text!r}")

    async def settled(self) -> None:
        """Wait until the model has nothing left to do and everything is painted."""
        desk, application = self.app.desk, self.app.application

        def is_settled() -> bool:
            return not any(desk.worker.is_busy(lane) for lane in LANES) and not application.invalidated

        await self.until(is_settled, "for the model")
        await asyncio.sleep(0.03)
        await self.until(is_settled, "for the model")

    async def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal."""
        self.size = Size(rows=rows, columns=columns)
        self.terminal.screen.resize(rows, columns)
        self.app.application._on_resize()
        await self.settled()

    @property
    def lines(self) -> list[str]:
        """What is on the screen."""
        return [line.rstrip() for line in self.terminal.screen.display]

    @property
    def text(self) -> str:
        """What is on the screen, as one text."""
        return "\n".join(self.lines)

    @property
    def ghost(self) -> str:
        """What of the screen is drawn as a suggestion: italic, or between its marks."""
        buffer = self.terminal.screen.buffer
        rows = (
            "".join(buffer[row][column].data for column in range(self.size.columns) if buffer[row][column].italics)
            for row in range(self.size.rows)
        )
        return "".join(rows)

    @property
    def draft(self) -> str:
        """The text of the open page."""
        return self.app.buffer.text
