"""Takes the pictures of the app that the README shows: python -m docs.pictures [folder].

The real app runs on a screen of its own, with keys typed into it; what stands on that screen becomes an SVG.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from benchmarks.app_screen import AppScreen

Scene = Callable[[AppScreen], Awaitable[None]]
DARK = TerminalTheme((16, 22, 28), (208, 216, 224), [(0, 0, 0)] * 8, [(255, 255, 255)] * 8)
LETTER = """Dear Anna,

thank you for your letter. I was very happy to hear that you are well, and that the new house is
"""


async def first(screen: AppScreen) -> None:
    """The first start, with a suggestion to try."""
    await screen.settled()


async def chat(screen: AppScreen) -> None:
    """A conversation, and a suggestion while typing."""
    for message in ("Knock, knock!", "Boo."):
        await say(screen, message)
    await type_slowly(screen, "That was a g")


async def compare(screen: AppScreen) -> None:
    """The same conversation with and without memory."""
    screen.press("f3")
    for message in ("Knock, knock!", "Boo."):
        await say(screen, message)
    await type_slowly(screen, "I want to order a large pizza with")


async def inside(screen: AppScreen) -> None:
    """Inside the network: a name that no training text has is copied from where it was told."""
    screen.press("f4")
    for message in ("My name is Zorblat.", "What is my name?"):
        await type_slowly(screen, message)
        screen.press("enter")
        await screen.settled()


async def write(screen: AppScreen) -> None:
    """A page to write on."""
    screen.press("f5")
    await screen.until(lambda: screen.app.page == "write")
    await screen.paste(LETTER.rstrip("\n"))
    await screen.settled()
    await type_slowly(screen, " ready. See you to")


async def keys(screen: AppScreen) -> None:
    """Every key and command."""
    screen.press("f1")
    await screen.settled()


SCENES: dict[str, Scene] = {
    "first": first, "chat": chat, "compare": compare, "inside": inside, "write": write, "keys": keys,
}  # fmt: skip


async def type_slowly(screen: AppScreen, text: str) -> None:
    """Type key by key, so that the network is seen to follow."""
    for character in text:
        screen.type(character)
        await screen.settled()


async def say(screen: AppScreen, message: str) -> None:
    """Send a message and wait for the reply."""
    screen.type(message)
    await screen.settled()
    screen.press("enter")
    await screen.settled()


def picture(screen: AppScreen, title: str) -> str:
    """Return what stands on the screen as an SVG."""
    size, buffer = screen.size, screen.terminal.screen.buffer
    cursor = screen.terminal.screen.cursor
    console = Console(
        record=True, width=size.columns, file=StringIO(), force_terminal=True, color_system="truecolor",
        legacy_windows=False,
    )  # fmt: skip
    for row in range(size.rows):
        line = Text(no_wrap=True, overflow="crop")
        for column in range(size.columns):
            cell = buffer[row][column]
            reverse = cell.reverse or (row, column) == (cursor.y, cursor.x)
            style = Style(
                color=_colour(cell.fg), bgcolor=_colour(cell.bg), bold=cell.bold, italic=cell.italics,
                underline=cell.underscore, reverse=reverse,
            )  # fmt: skip
            line.append(cell.data, style)
        console.print(line, end="\n" if row < size.rows - 1 else "")
    svg = console.export_svg(title=title, theme=DARK, unique_id="rnnchat")
    # rich would have the reader's browser fetch a font; the picture is to need nothing but itself.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S).replace("Fira Code, monospace", "monospace")


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    return f"#{name}" if len(name) == 6 and all(c in "0123456789abcdefABCDEF" for c in name) else name


async def take(scene: Scene, columns: int = 80, rows: int = 24) -> str:
    """Play a scene on a fresh screen, in a home of its own; return its picture."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["RNNCHAT_HOME"] = home
        async with AppScreen(columns, rows) as screen:
            await scene(screen)
            return picture(screen, "rnnchat")


def main() -> None:
    """Take all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    columns, rows = (int(number) for number in sys.argv[2:4]) if len(sys.argv) > 3 else (80, 24)
    for name, scene in SCENES.items():
        (folder / f"{name}.svg").write_text(asyncio.run(take(scene, columns, rows)), "utf-8")


if __name__ == "__main__":
    main()
