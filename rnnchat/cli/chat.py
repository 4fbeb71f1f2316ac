"""`rnnchat chat`: a conversation a line at a time, at a terminal or in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from rnnchat.cli.options import Number, chosen_settings
from rnnchat.cli.output import emit, say

if TYPE_CHECKING:
    from rnnchat.chat import Conversation
    from rnnchat.settings import Settings

GREETING = """Say something; an empty line or Ctrl-D ends the conversation.
Try: Knock, knock!
"""


@click.command("chat", help="Talk with a model, a line at a time; works in a pipe.")
@click.option("--model", help="Name or folder of a model.")
@click.option("--memory", type=click.Choice(["full", "message", "none"]), help="What the model may remember.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--temperature", type=Number(0, 5), help="0 is always the likeliest reply.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a turn.")
def command(model: str | None, memory: str | None, seed: int, temperature: float | None, as_json: bool) -> None:
    """Read messages, print replies as they are drawn."""
    from rnnchat.chat import Conversation

    settings = chosen_settings(model=model, memory=memory, temperature=temperature)
    conversation = Conversation.load(
        settings.model, settings.memory, seed=seed, temperature=settings.temperature, top_p=settings.top_p
    )
    for turn, message in enumerate(read_messages(), 1):
        began = time.perf_counter()
        if as_json:
            reply = conversation.reply(message)
            milliseconds = 1000 * (time.perf_counter() - began)
            emit(describe_turn(turn, message, reply, settings, milliseconds))
        else:
            print_reply(conversation, message)


def describe_turn(turn: int, message: str, reply: str, settings: Settings, milliseconds: float) -> dict[str, object]:
    """Return one turn in the form of `chat --json`."""
    return {
        "turn": turn,
        "user": message,
        "reply": reply,
        "model": settings.model,
        "memory": settings.memory,
        "milliseconds": milliseconds,
    }


def print_reply(conversation: Conversation, message: str) -> None:
    """Print the reply piece by piece; Ctrl-C at a terminal stops it and the conversation goes on."""
    try:
        for piece in conversation.stream(message):
            click.echo(piece, nl=False)
            sys.stdout.flush()
    except KeyboardInterrupt:
        if not sys.stdin.isatty():
            raise
    click.echo()


def read_messages() -> Iterator[str]:
    """Yield what the person says: lines of standard input, with a prompt where it is a terminal."""
    if sys.stdin is None:
        return
    if not sys.stdin.isatty():
        for line in sys.stdin.buffer:
            message = line.decode("utf-8", "replace").rstrip("\r\n")
            if message.strip():
                yield message
        return
    import readline  # noqa: F401, gives the prompt line editing and history

    say(GREETING.rstrip())
    while True:
        try:
            message = input("> ")
        except EOFError:
            click.echo()
            return
        if not message.strip():
            return
        yield message
