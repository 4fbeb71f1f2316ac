"""Conversations kept on disk: one SQLite file in the person's data folder, readable by them alone.

Every turn is a transaction of its own, on the disk before it is shown in full, so that a killed process loses nothing.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rnnchat.errors import SessionError
from rnnchat.files import because, shown
from rnnchat.places import home
from rnnchat.text import Role, Turn

VERSION = 1
PATIENCE = 1.0  # seconds to wait for another process that is writing
MOST_FOUND = 50

SCHEMA = """
CREATE TABLE session (id INTEGER PRIMARY KEY AUTOINCREMENT, began TEXT NOT NULL, model TEXT NOT NULL);
CREATE TABLE turn (
    session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    place INTEGER NOT NULL, role TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (session, place)
) WITHOUT ROWID;
"""


def sessions_file() -> Path:
    """Return the file of saved conversations; it may not exist yet."""
    return home() / "sessions.sqlite"


@dataclass(frozen=True)
class Session:
    """A saved conversation: its number, when it began (ISO 8601, UTC), the model, how many turns, the first words."""

    id: int
    began: str
    model: str
    turns: int
    first: str


class Sessions:
    """The file of saved conversations.

    Args:
        path: the file; made, with mode 0600, where it is missing and `create` is true.
        create: False leaves a missing file missing, and nothing is saved.

    Raises:
        SessionError: it cannot be used: locked, damaged, read-only, or of a newer version. So does every method.
    """

    def __init__(self, path: Path, create: bool = True) -> None:
        self.path = path
        with self._told("open"):
            if create:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            place = path if path.exists() or create else ":memory:"
            self._database = sqlite3.connect(place, timeout=PATIENCE, isolation_level=None)
            self._prepare()

    def _prepare(self) -> None:
        # EXTRA also syncs the folder when the journal is deleted: what was committed stays, power cut or not.
        self._database.executescript("PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA foreign_keys=ON;")
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise SessionError(
                f"{shown(self.path)} was written by a newer rnnchat (version {version}, this one knows {VERSION}); "
                "update rnnchat, or move the file away"
            )
        if version == 0:
            with self._writing():
                if self._database.execute("PRAGMA user_version").fetchone() == (0,):
                    for statement in SCHEMA.split(";"):
                        self._database.execute(statement)
                    self._database.execute(f"PRAGMA user_version={VERSION}")

    def begin(self, model: str) -> int:
        """Begin a conversation with a model; return its number."""
        began = datetime.now(UTC).isoformat(timespec="seconds")
        with self._told("write"), self._writing():
            made = self._database.execute("INSERT INTO session (began, model) VALUES (?, ?)", (began, model))
            return int(made.lastrowid or 0)

    def add(self, session: int, turn: Turn) -> None:
        """Add a turn to a conversation; on return it is on the disk."""
        text = turn.text.encode("utf-8", "replace").decode()
        place = "SELECT ?1, COALESCE(MAX(place), 0) + 1, ?2, ?3 FROM turn WHERE session = ?1"
        with self._told("write"), self._writing():
            self._database.execute(f"INSERT INTO turn {place}", (session, turn.role, text))

    def turns(self, session: int) -> list[Turn]:
        """Return the turns of a conversation, oldest first.

        Raises:
            SessionError: also where there is no conversation of that number.
        """
        with self._told("read"):
            if self._database.execute("SELECT 1 FROM session WHERE id = ?", (session,)).fetchone() is None:
                raise SessionError(f"there is no conversation {session}; `rnnchat sessions list` shows those you have")
            query = "SELECT role, text FROM turn WHERE session = ? ORDER BY place"
            return [Turn(_role(role), str(text)) for role, text in self._database.execute(query, (session,))]

    def list(self) -> list[Session]:
        """Return all conversations in which something was said, newest first."""
        query = """
            SELECT id, began, model, COUNT(*), (SELECT text FROM turn AS first WHERE first.session = id AND place = 1)
            FROM session JOIN turn ON turn.session = id GROUP BY id ORDER BY id DESC
        """
        with self._told("read"):
            return [Session(*row) for row in self._database.execute(query)]

    def latest(self) -> int | None:
        """Return the number of the conversation in which something was said last; None where there is none."""
        with self._told("read"):
            (latest,) = self._database.execute("SELECT MAX(session) FROM turn").fetchone()
            return None if latest is None else int(latest)

    def search(self, words: str) -> Sequence[tuple[int, Turn]]:
        """Return the newest turns that hold `words`, whatever their case, with their conversations' numbers."""
        found = "SELECT session, role, text FROM turn WHERE INSTR(LOWER(text), LOWER(?))"
        query = f"{found} ORDER BY session DESC, place LIMIT ?"
        with self._told("read"):
            rows = self._database.execute(query, (words, MOST_FOUND))
            return [(int(session), Turn(_role(role), str(text))) for session, role, text in rows]

    def delete(self, session: int) -> None:
        """Delete a conversation, and its words from the file.

        Raises:
            SessionError: also where there is no conversation of that number.
        """
        self.turns(session)
        with self._told("write"):
            self._database.execute("PRAGMA secure_delete=ON")
            with self._writing():
                self._database.execute("DELETE FROM session WHERE id = ?", (session,))

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    @contextmanager
    def _told(self, verb: str) -> Iterator[None]:
        """Turn whatever the disk or SQLite says into one sentence."""
        try:
            yield
        except sqlite3.Error as error:
            raise SessionError(f"cannot {verb} {shown(self.path)} ({_reason(error)})") from error
        except OSError as error:
            raise SessionError(f"cannot {verb} {shown(self.path)} ({because(error)}); mend that first") from error


def _role(role: object) -> Role:
    return "bot" if role == "bot" else "user"


def _reason(error: sqlite3.Error) -> str:
    text = str(error)
    if "locked" in text or "busy" in text:
        return "another program holds it; close that one"
    if "readonly" in text:
        return "it is read-only; change its permissions"
    if "malformed" in text or "not a database" in text or "no such table" in text or "no such column" in text:
        return "it is damaged or another program's; move it away, and a new one is made"
    if "full" in text:
        return "the disk is full; free some space"
    return f"{text:.100}; mend that, or move the file away"
