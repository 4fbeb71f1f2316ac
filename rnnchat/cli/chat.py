"""`rnnchat chat`: a conversation a line at a time, at a terminal or in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from rnnchat.cli.options import Number, chosen_settings
from rnnchat.cli.output import emit, say
from rnnchat.cli.saving import Saver, open_saver

if TYPE_CHECKING:
    from rnnchat.chat import Voice
    from rnnchat.settings import Settings

GREETING = """Say something; Ctrl-D ends the conversation.
Try: Knock, knock!
"""


@click.command("chat", help="Talk with a model, a line at a time; works in a pipe.")
@click.option("--model", help="Name or folder of a model.")
@click.option("--memory", type=click.Choice(["full", "message", "none"]), help="What the model may remember.")
@click.option(
    "--compare", is_flag=False, flag_value="message", type=click.Choice(["message", "none"]),
    help="Beside each reply the one without memory: of the message alone (default), or of the context-free twin.",
)  # fmt: skip
@click.option("--continue", "resume", is_flag=True, help="Go on with the conversation of last time.")
@click.option(
    "--session", type=click.IntRange(1, 2**62), metavar="N", help="Go on with this one of `rnnchat sessions list`."
)
@click.option("--no-save", is_flag=True, help="Save nothing of this conversation.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--temperature", type=Number(0, 5), help="0 is always the likeliest reply.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a turn.")
def command(
    model: str | None, memory: str | None, compare: str | None, resume: bool, session: int | None, no_save: bool,
    seed: int, temperature: float | None, as_json: bool,
) -> None:  # fmt: skip
    """Read messages, print replies."""
    settings = chosen_settings(chat_model=model, memory=memory, temperature=temperature)
    voices = load_voices(settings, compare, seed)
    with open_saver(settings, resume, session, no_save) as saver:
        if saver.earlier:
            for voice in voices:
                voice.conversation.hear(saver.earlier)
            say(f"Going on after {len(saver.earlier)} turns.")
        for turn, message in enumerate(read_messages(), 1):
            saver.keep("user", message)
            if as_json:
                emit_replies(voices, turn, message, settings, saver)
            else:
                print_replies(voices, message, saver)


def load_voices(settings: Settings, compare: str | None, seed: int) -> list[Voice]:
    """Return the voice that answers, and beside it the one it is compared with."""
    from rnnchat.chat import Conversation, Voice
    from rnnchat.errors import UsageError

    if compare == settings.memory:
        raise UsageError(
            f"--compare {compare} beside --memory {compare} would be the same twice; leave one of them out"
        )
    kinds: list[Any] = [settings.memory, compare] if compare else [settings.memory]
    return [
        Voice(kind, Conversation.load(
            settings.chat_model, kind, seed=seed, temperature=settings.temperature, top_p=settings.top_p
        ))
        for kind in kinds
    ]  # fmt: skip


def emit_replies(voices: list[Voice], turn: int, message: str, settings: Settings, saver: Saver) -> None:
    """Print one JSON object for each voice's reply; the first voice's is kept."""
    for place, voice in enumerate(voices):
        began = time.perf_counter()
        reply = voice.conversation.reply(message)
        milliseconds = 1000 * (time.perf_counter() - began)
        if place == 0:
            saver.keep("bot", reply)
        emit(
            {
                "turn": turn,
                "user": message,
                "reply": reply,
                "model": settings.chat_model,
                "memory": voice.conversation.memory,
                "milliseconds": milliseconds,
            }
        )


def print_replies(voices: list[Voice], message: str, saver: Saver) -> None:
    """Print each voice's reply, under its label where there are two; the first voice's is kept before it is shown.

    Ctrl-C at a terminal stops it and the conversation goes on.
    """
    width = max(len(voice.name) for voice in voices)
    for place, voice in enumerate(voices):
        if len(voices) > 1:
            click.echo(f"{voice.name:{width}}  ", nl=False)
            sys.stdout.flush()
        reply = None
        try:
            # Whole: among its drafts the reply was chosen before its first letter could be shown.
            reply = voice.conversation.reply(message)
        except KeyboardInterrupt:
            if not sys.stdin.isatty():
                raise
        if place == 0 and reply is not None:
            saver.keep("bot", reply)
        shown = reply or ""
        click.echo(shown.replace("\n", "\n" + " " * (width + 2)) if len(voices) > 1 else shown)
        sys.stdout.flush()


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
            if not sys.stdout.isatty():
                click.echo("> ", nl=False, err=True)  # what goes to a file are the replies
            message = input("> " if sys.stdout.isatty() else "")
        except EOFError:
            say("")
            return
        except KeyboardInterrupt:
            say("")
            raise
        if message.strip():
            yield message
