"""What `rnnchat chat` keeps of a conversation; when keeping fails, it says so once and the talk goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rnnchat.cli.output import say
from rnnchat.errors import SessionError, UsageError

if TYPE_CHECKING:
    from rnnchat.sessions import Sessions
    from rnnchat.settings import Settings
    from rnnchat.text import Role, Turn


@dataclass
class Saver:
    """Writes turns to the file of conversations, or nothing where there is none.

    Args:
        file: the open file; None saves nothing.
        model: the name that a new conversation is saved under.
        session: the number of the conversation; None until the first turn.
        earlier: the turns of the conversation that goes on.
    """

    file: Sessions | None
    model: str
    session: int | None = None
    earlier: list[Turn] = field(default_factory=list)

    def keep(self, role: Role, text: str) -> None:
        """Save a turn; on return it is on the disk."""
        from rnnchat.text import Turn

        if self.file is None:
            return
        try:
            if self.session is None:
                self.session = self.file.begin(self.model)
            self.file.add(self.session, Turn(role, text))
        except SessionError as error:
            say(f"rnnchat: {error}; from here on this conversation is not saved")
            self.file.close()
            self.file = None


@contextmanager
def open_saver(settings: Settings, resume: bool, session: int | None, no_save: bool) -> Iterator[Saver]:
    """Yield a saver, with the earlier turns where a conversation goes on.

    Raises:
        UsageError: options that contradict each other.
        SessionError: a conversation that was asked for cannot be read.
    """
    if resume and session is not None:
        raise UsageError("--continue and --session are two ways to say which conversation; give one of them")
    wanted = resume or session is not None
    saves = settings.sessions == "on" and not no_save
    if not (wanted or saves):
        yield Saver(None, settings.chat_model)
        return
    from rnnchat.sessions import Sessions, sessions_file

    try:
        file = Sessions(sessions_file(), create=saves)
    except SessionError as error:
        if wanted:
            raise
        say(f"rnnchat: {error}; this conversation is not saved")
        yield Saver(None, settings.chat_model)
        return
    try:
        if resume:
            session = file.latest()
            if session is None:
                say("There is no earlier conversation; this is a new one.")
        earlier = [] if session is None else file.turns(session)
        yield Saver(file if saves else None, settings.chat_model, session, earlier)
    finally:
        file.close()
