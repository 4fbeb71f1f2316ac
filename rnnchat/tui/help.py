"""The help page, made from the tables of keys and commands, so that it cannot be wrong."""

from __future__ import annotations

from collections.abc import Sequence

from rnnchat.tui.actions import GROUPS, Action, key_name
from rnnchat.tui.cells import Line, fit, wrap_spans
from rnnchat.tui.commands import COMMANDS

TRY = (
    ("1", "a knock-knock joke, with memory and without: only one of them knows who is there"),
    ("2", "an order: what comes next after “I want to order pizza with”, with memory and without"),
    ("3", "a name never seen before, told and asked for: the view inside shows where the reply copies it from"),
)
ABOUT = (
    "rnnchat is a small recurrent network on this machine. It finishes what you write and talks with you; nothing you "
    "type leaves the machine."
)


def help_lines(actions: Sequence[Action], columns: int) -> list[Line]:
    """Return the whole page, for `columns` columns."""
    lines = [*wrap_spans([("", ABOUT)], columns), [], [("class:heading", "Try this")]]
    for key, text in TRY:
        lines += _entry(key, text, 6, columns)
    for group in GROUPS:
        lines += [[], [("class:heading", group)]]
        for action in actions:
            if action.group == group:
                keys = "  ".join(key_name(key) for key in action.keys) or "no key"
                lines += _entry(keys, action.help, _key_columns(columns), columns)
    lines += [[], [("class:heading", "Commands, in a message or after F6")]]
    for command in COMMANDS:
        lines += _entry(f"/{command.name} {command.argument}".rstrip(), command.help, _key_columns(columns), columns)
    return lines


def _key_columns(columns: int) -> int:
    return 34 if columns >= 76 else columns  # below it the text stands under its key


def _entry(key: str, text: str, room: int, columns: int) -> list[Line]:
    """Return a key and what it does: beside each other where both fit, else below each other."""
    label = fit([("class:key", f"  {key}")], columns)
    if room >= columns or len(key) + 4 > room:
        return [label, *([("", "    "), *line] for line in wrap_spans([("", text)], columns - 4))]
    rows = wrap_spans([("", text)], columns - room)
    first: Line = [*label, ("", " " * (room - len(key) - 2)), *rows[0]]
    return [first, *([("", " " * room), *row] for row in rows[1:])]
