"""Slash commands: one table, from which the completion menu and the help page are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from rnnchat.errors import UsageError
from rnnchat.tui.cells import clip, shown


@dataclass(frozen=True)
class Command:
    """One slash command.

    Args:
        name: without the slash.
        argument: what may follow, for the help page; "" for nothing.
        help: what it does.
    """

    name: str
    argument: str
    help: str


COMMANDS = (
    Command("model", "NAME", "use another model"),
    Command("memory", "full|message|none", "what the model may remember"),
    Command("compare", "[MEMORY or MODEL]", "compare with another voice; again ends it"),
    Command("inside", "", "look inside the network; again ends it"),
    Command("ghost", "on|off", "suggestions on or off"),
    Command("try", "1|2|3", "show what memory does: a joke, an order, a name"),
    Command("chat", "", "go to the Chat page"),
    Command("write", "[FILE]", "go to the Write page; open a file there"),
    Command("save", "[FILE]", "save the text of the Write page"),
    Command("revert", "", "go back to the file as it is on disk"),
    Command("export", "FILE", "write the conversation to a .txt, .md or .json file"),
    Command("clear", "", "begin a new conversation"),
    Command("theme", "auto|dark|light|contrast|none", "choose the colours"),
    Command("help", "", "list all keys and commands"),
    Command("quit", "", "leave"),
)
NAMES = {command.name: command for command in COMMANDS}


def parse_command(text: str) -> tuple[str, str]:
    """Return name and argument of a line such as "/model everyday".

    Raises:
        UsageError: there is no such command; the message says which is near.
    """
    name, _, argument = text.strip().removeprefix("/").partition(" ")
    if name in NAMES:
        return name, argument.strip()
    near = get_close_matches(name, NAMES, n=1, cutoff=0.5)
    raise UsageError(f"no command /{name:.40}" + (f", did you mean /{near[0]}?" if near else "; F1 lists them"))


class SlashCompleter(Completer):
    """Offers the names of commands, and what may follow them.

    Args:
        choices: command name → what may follow it now.
        everywhere: whether every text is a command, as in the palette, or only one that begins with a slash.
    """

    def __init__(self, choices: Mapping[str, Callable[[], Iterable[str]]], everywhere: bool = False) -> None:
        self._choices, self._everywhere = choices, everywhere

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield what may be meant by the text up to the cursor."""
        text = document.text_before_cursor
        if "\n" in document.text or not (self._everywhere or text.startswith("/")):
            return
        name, space, argument = text.removeprefix("/").partition(" ")
        if space:
            for choice in self._choices.get(name, list)():
                if choice.startswith(argument) and choice != argument:
                    yield Completion(choice, -len(argument), display=shown(choice))
            return
        room = get_app().output.get_size().columns - 14  # beside the names
        for command in COMMANDS:
            if command.name.startswith(name) and command.name != name:
                ending = " " if command.argument else ""
                meta = clip(command.help, room) if room >= 10 else ""
                yield Completion(command.name + ending, -len(name), display=f"/{command.name}", display_meta=meta)
