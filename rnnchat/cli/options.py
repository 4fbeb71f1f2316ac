"""What several commands do before their own work: settings under the options given, and reading standard input."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import click

from rnnchat.cli.output import say
from rnnchat.settings import Settings, load_settings


class Number(click.FloatRange):
    """A number within a range; click's own type lets "nan" through, which compares with no limit."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number that was typed; refuse nan."""
        number = super().convert(value, param, ctx)
        if number != number:
            self.fail(f"{value!r} is no number", param, ctx)
        return number


def chosen_settings(**options: Any) -> Settings:
    """Return the settings, with every option that was given in their place; say what is wrong with the file."""
    settings = load_settings()
    for warning in settings.warnings:
        say(f"rnnchat: {warning}")
    return replace(settings, **{name: value for name, value in options.items() if value is not None})


def read_standard_input(most: int) -> str:
    """Return the last `most` characters of standard input; without its final line end, which a shell adds."""
    data = b""
    while sys.stdin and (chunk := sys.stdin.buffer.read(1 << 20)):
        data = (data + chunk)[-4 * most :]
    text = data.decode("utf-8", "replace")[-most:]
    return text.removesuffix("\n").removesuffix("\r")
