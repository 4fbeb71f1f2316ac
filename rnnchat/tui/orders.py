"""What the slash commands do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from prompt_toolkit.document import Document

from rnnchat.errors import RnnchatError, UsageError
from rnnchat.files import write_file
from rnnchat.places import find_model
from rnnchat.settings import Memory
from rnnchat.tui.commands import parse_command
from rnnchat.tui.desk import model_names
from rnnchat.tui.events import VoiceName
from rnnchat.tui.theme import NAMES, choose_theme
from rnnchat.tui.transcript import Exchange

if TYPE_CHECKING:
    from rnnchat.tui.app import App

TWIN = "-feedforward"  # ends the names of the networks for memory none, which /memory none chooses
MEMORIES: tuple[Memory, ...] = get_args(Memory)


class Orders:
    """Obeys slash commands.

    Args:
        app: what they are about.

    Attributes:
        choices: command name → what may follow it now, for the completion menu.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self.choices: dict[str, Callable[[], Iterable[str]]] = {
            "model": lambda: [name for name in model_names() if not name.endswith(TWIN)],
            "memory": lambda: MEMORIES,
            "compare": lambda: [*MEMORIES, *model_names()],
            "ghost": lambda: ("on", "off"),
            "theme": lambda: NAMES,
            "try": lambda: ("1", "2", "3"),
        }
        self._does: dict[str, Callable[[str], None]] = {
            "model": self._model,
            "memory": self._memory,
            "compare": self._compare,
            "inside": lambda _: app.show_panel("inside"),
            "ghost": self._ghost,
            "try": self._try,
            "chat": lambda _: app.go_to("chat"),
            "write": self._write,
            "save": self._save,
            "revert": self._revert,
            "export": self._export,
            "clear": self._clear,
            "theme": self._theme,
            "help": lambda _: app.screen.open_help(),
            "quit": lambda _: app.leave(),
        }

    def obey(self, line: str) -> None:
        """Do what a line such as "/memory none" says; what is wrong with it is told."""
        try:
            name, argument = parse_command(line)
            self._does[name](argument)
        except RnnchatError as error:
            self._app.desk.tell(str(error), fault=True)

    def _model(self, argument: str) -> None:
        if not argument:
            raise UsageError(f"say which: {', '.join(model_names())}")
        find_model(argument)
        self._app.speak_with(VoiceName(argument, self._app.desk.voice.memory))

    def _memory(self, argument: str) -> None:
        self._app.speak_with(VoiceName(self._app.desk.voice.model, _memory_named(argument)))

    def _compare(self, argument: str) -> None:
        app = self._app
        voice = app.desk.voice
        if not argument:
            app.show_panel("compare")
            return
        if argument in MEMORIES:
            name = VoiceName(voice.model, _memory_named(argument))
        else:
            find_model(argument)
            name = VoiceName(argument, "none" if argument.endswith("-feedforward") else "full")
        if name == voice:
            raise UsageError(f"{name} is the voice itself; compare it with another")
        app.compare_with(name)

    def _ghost(self, argument: str) -> None:
        on = {"on": True, "off": False, "": not self._app.ghost.enabled}.get(argument)
        if on is None:
            raise UsageError("say /ghost on or /ghost off")
        self._app.switch_ghost(on)

    def _try(self, argument: str) -> None:
        if argument not in ("1", "2", "3"):
            raise UsageError("say /try 1 for a joke, /try 2 for an order or /try 3 for a name")
        app, model = self._app, self._app.desk.voice.model
        app.go_to("chat")
        app.chat.begin_topic()
        if argument == "1":
            app.compare_with(VoiceName(model, "message"))
            app.chat.say_all(["Knock, knock!", "Boo."])
        elif argument == "3":
            if app.desk.panel != "inside":
                app.show_panel("inside")
            app.chat.say_all(["My name is Zorblat.", "What is my name?"])
        else:
            app.compare_with(VoiceName(model, "none"))
            app.chat.buffer.document = Document("I want to order pizza with")

    def _write(self, argument: str) -> None:
        app = self._app
        if not argument or app.open_file(argument):
            app.go_to("write")

    def _save(self, argument: str) -> None:
        app = self._app
        if app.page == "chat":
            raise UsageError("/save is for the Write page; /export FILE saves the conversation")
        if not argument and app.write.file is None:
            raise UsageError("this text has no name yet; say /save FILE")
        app.write.save(argument or None)

    def _revert(self, argument: str) -> None:
        if self._app.page == "chat":
            raise UsageError("/revert is for the Write page")
        self._app.write.revert()

    def _export(self, argument: str) -> None:
        app = self._app
        if not app.chat.exchanges:
            raise UsageError("there is no conversation to export yet")
        if not argument:
            raise UsageError("say where to: /export talk.txt, talk.md or talk.json")
        path = Path(argument).expanduser()
        data = exported(app.chat.exchanges, path.suffix).encode("utf-8", "replace")

        def write() -> None:
            try:
                write_file(path, data)
            except RnnchatError as error:
                app.desk.tell(str(error), fault=True)
            else:
                app.desk.tell(f"wrote {path.name}")

        if path.exists():
            app.desk.ask(f"{path.name} is there already; o: overwrite, Esc: leave it", {"o": write})
        else:
            write()

    def _clear(self, argument: str) -> None:
        app = self._app
        if app.page == "write":
            raise UsageError("/clear begins a new conversation, on the Chat page")
        app.chat.clear()
        app.look()

    def _theme(self, argument: str) -> None:
        if argument not in NAMES:
            raise UsageError(f"the themes are {', '.join(NAMES)}")
        app = self._app
        app.desk.theme = choose_theme(argument, app.desk.theme.plain)
        app.screen.mark_ghosts()
        app.keeper.set("theme", argument)


def exported(exchanges: list[Exchange], suffix: str) -> str:
    """Return a conversation as JSON, Markdown or plain text, by the suffix of a file."""
    if suffix == ".json":
        turns = [{"user": e.message, "reply": e.reply, "other": e.other} for e in exchanges]
        return json.dumps(turns, ensure_ascii=False, indent=1) + "\n"
    person, machine = ("**You:** ", "**rnnchat:** ") if suffix == ".md" else ("You: ", "rnnchat: ")
    return "\n\n".join(f"{person}{e.message}\n\n{machine}{e.reply}" for e in exchanges) + "\n"


def _memory_named(argument: str) -> Memory:
    for memory in MEMORIES:
        if memory == argument:
            return memory
    raise UsageError(f"memory is one of {', '.join(MEMORIES)}")
