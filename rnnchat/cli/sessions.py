"""rnnchat sessions: the conversations saved on this machine."""

from __future__ import annotations

import bisect
import itertools
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from rnnchat.cli.output import emit, print_block, print_table, print_text, say

if TYPE_CHECKING:
    from rnnchat.sessions import Session, Sessions
    from rnnchat.text import Turn

NUMBER = click.IntRange(1, 2**62)
WIDTH = 60


@contextmanager
def opened() -> Iterator[Sessions]:
    """Yield the file of conversations; none is made where it is missing."""
    from rnnchat.sessions import Sessions, sessions_file

    file = Sessions(sessions_file(), create=False)
    try:
        yield file
    finally:
        file.close()


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Saved conversations: list, show, search, export, delete. Alone, it lists them.

    `rnnchat chat --continue` goes on with the last one; `rnnchat config set sessions off` saves no more.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_sessions)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_sessions(as_json: bool = False) -> None:
    """List the saved conversations, the one of last time first."""
    with opened() as file:
        found = file.list()
    if as_json:
        for session in found:
            emit(vars(session))
    elif found:
        rows = [(str(s.id), s.began, s.model, str(s.turns), _short(s.first)) for s in found]
        print_table(("number", "began", "model", "turns", "first words"), rows)
    else:
        say("No conversation is saved yet; `rnnchat chat` begins one.")


@command.command("show")
@click.argument("number", type=NUMBER)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a turn.")
def show(number: int, as_json: bool) -> None:
    """Print one conversation."""
    with opened() as file:
        turns = file.turns(number)
    for turn in turns:
        if as_json:
            emit({"session": number, "role": turn.role, "text": turn.text})
        else:
            print_block(f"{'> ' if turn.role == 'user' else ''}{turn.text}")


@command.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a turn.")
def search(words: tuple[str, ...], as_json: bool) -> None:
    """Find turns that hold the given words as they stand, whatever their case; the newest first."""
    from rnnchat.errors import UsageError
    from rnnchat.sessions import MOST_FOUND

    wanted = " ".join(words).strip()
    if not wanted:
        raise UsageError("say what to search for")
    with opened() as file:
        found = file.search(wanted)
    for session, turn in found:
        if as_json:
            emit({"session": session, "role": turn.role, "text": turn.text})
        else:
            print_text(f"{session}  {'> ' if turn.role == 'user' else ''}{_around(turn.text, wanted)}")
    if not found:
        say("Nothing was found.")
    elif len(found) == MOST_FOUND:
        say(f"These are the newest {MOST_FOUND}; search for more words to find fewer.")


@command.command("export")
@click.argument("number", type=NUMBER)
@click.option("--format", "form", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True)
def export(number: int, form: str) -> None:
    """Print one conversation as a Markdown or a JSON document, to be sent to a file with >."""
    with opened() as file:
        turns = file.turns(number)
        session = next((each for each in file.list() if each.id == number), None)
    if form == "json":
        about = vars(session) if session else {"id": number}
        emit({**about, "turns": [{"role": turn.role, "text": turn.text} for turn in turns]})
    else:
        print_block(_markdown(number, session, turns))


@command.command("delete")
@click.argument("numbers", type=NUMBER, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Delete every conversation.")
def delete(numbers: tuple[int, ...], everything: bool) -> None:
    """Delete conversations, by number or all; their words are overwritten in the file."""
    from rnnchat.errors import UsageError

    if bool(numbers) == everything:
        raise UsageError("say which conversations to delete: their numbers, or --all")
    with opened() as file:
        for number in [session.id for session in file.list()] if everything else numbers:
            file.delete(number)
            say(f"Deleted conversation {number}.")


def _markdown(number: int, session: Session | None, turns: list[Turn]) -> str:
    """Return a conversation as Markdown: what was said is quoted, so that nothing in it is taken for markup."""
    lines = [f"# Conversation {number}", ""]
    if session:
        lines += [f"{session.began}, with {session.model}", ""]
    for turn in turns:
        lines += ["**You**" if turn.role == "user" else "**rnnchat**", ""]
        lines += [f"    {line}" for line in turn.text.splitlines() or [""]]
        lines.append("")
    return "\n".join(lines).rstrip()


def _around(text: str, words: str) -> str:
    """Return the part of a long text in which `words` stand, in whatever case."""
    from rnnchat.sessions import folded

    text = unicodedata.normalize("NFC", text)
    # A letter may become two in another case, so places in the folded text are others.
    ends = list(itertools.accumulate(len(folded(letter)) for letter in text))
    place = bisect.bisect_right(ends, max(0, folded(text).find(folded(words))))
    first, last = max(0, place - WIDTH), place + len(words) + WIDTH
    return ("…" if first else "") + text[first:last] + ("…" if last < len(text) else "")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
