"""What commands print: data to stdout, narration to stderr, nothing that can move a cursor."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

Command = TypeVar("Command", bound=Callable[..., Any])


def say(text: str) -> None:
    """Tell the person something, on stderr."""
    from rnnchat.hygiene import clean

    click.echo(clean(text, "block"), err=True)


def emit(obj: Mapping[str, object]) -> None:
    """Print one JSON object as a line of stdout, at once, so that a pipe sees it."""
    click.echo(json.dumps(_portable(obj), ensure_ascii=True, allow_nan=False))


def _portable(value: object) -> object:
    """Return `value` without what strict readers of JSON refuse: NaN, infinities and half surrogates."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {str(key): _portable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(inner) for inner in value]
    return value


def print_text(text: str) -> None:
    """Print one line of text to stdout, cleaned."""
    from rnnchat.hygiene import clean

    click.echo(clean(text, "line"))


def print_block(text: str) -> None:
    """Print text of several lines to stdout, cleaned."""
    from rnnchat.hygiene import clean

    click.echo(clean(text, "block"))


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print aligned columns to stdout, cleaned; the same in a terminal and in a pipe."""
    from rnnchat.hygiene import clean

    cells = [[clean(cell, "line") for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def console(stderr: bool = False) -> Console:
    """Return a rich console that shows text as it is: no markup, no highlighting.

    rich itself honours NO_COLOR and FORCE_COLOR; --plain also forbids every escape sequence.

    Args:
        stderr: write there, where progress and narration belong.
    """
    from rich.console import Console

    if is_plain():
        return Console(stderr=stderr, markup=False, highlight=False, emoji=False, no_color=True, force_terminal=False)
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False)


def shows_progress() -> bool:
    """Tell whether moving bars are welcome: stderr is a terminal and --plain is not given."""
    return sys.stderr.isatty() and not is_plain()


def is_plain() -> bool:
    """Tell whether --plain was given: no colour, no bars, no boxes."""
    context = click.get_current_context(silent=True)
    return context is not None and bool((context.find_root().obj or {}).get("plain"))


def _keep_plain(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        ctx.find_root().ensure_object(dict)["plain"] = True


def plain_option(command: Command) -> Command:
    """Give a command the flag --plain."""
    option = click.option(
        "--plain", is_flag=True, expose_value=False, callback=_keep_plain, help="No colour, no bars, no boxes."
    )
    return option(command)


def add_plain(command: click.Command) -> None:
    """Let `rnnchat NAME --plain` mean the same as `rnnchat --plain NAME`, for every command below, too."""
    if not any(param.name == "plain" for param in command.params):
        plain_option(command)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            add_plain(inner)
