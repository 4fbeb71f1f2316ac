"""`rnnchat write [FILE]`, and `rnnchat` alone: the full-screen app."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rnnchat.tui.app import PageName

MOST_CHARACTERS = 1_000_000  # of text that is piped in


@click.command("write", help="Write in FILE, or in a text without a name, with suggestions as you type.")
@click.argument("file", required=False)
@click.option("--model", help="Name or folder of a model.")
@click.option("--memory", type=click.Choice(["full", "message", "none"]), help="What the model may remember.")
def command(file: str | None, model: str | None, memory: str | None) -> None:
    """Open the Write page."""
    from rnnchat.errors import UsageError

    if not can_show():
        raise UsageError("rnnchat write needs a terminal; rnnchat complete works in a pipe")
    open_app(page="write", file=file, model=model, memory=memory)


def can_show() -> bool:
    """Tell whether there is a terminal for the app: to draw on, and to read keys from."""
    if os.environ.get("TERM", "dumb") in ("dumb", "") or not sys.stdout.isatty():
        return False
    return sys.stdin.isatty() or _has_tty()


def open_app(page: PageName | None = None, file: str | None = None, **options: Any) -> None:
    """Show the app until it is left. What is piped in is the text to begin with.

    Raises:
        TextError: the file cannot be edited.
    """
    from rnnchat.cli.output import is_plain
    from rnnchat.settings import load_settings

    draft = "" if sys.stdin.isatty() else _piped()
    settings = load_settings()  # what is wrong in it is told on the screen
    settings = replace(settings, **{name: value for name, value in options.items() if value is not None})
    from rnnchat.tui.app import App
    from rnnchat.tui.run import run

    plain = is_plain()
    code = run(lambda: App(settings, plain, draft, page, file), from_tty=not sys.stdin.isatty())
    click.get_current_context().exit(code)


def _piped() -> str:
    from rnnchat.cli.options import read_standard_input

    return read_standard_input(MOST_CHARACTERS)


def _has_tty() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
