"""Conversations kept on disk: one SQLite file in the person's data folder, readable by them alone.

Every turn is a transaction of its own, on the disk before it is shown in full, so that a killed process loses nothing.
"""

from __future__ import annotations

import os
import sqlite3
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rnnchat.errors import SessionError
from rnnchat.files import because, shown
from rnnchat.places import home
from rnnchat.text import Role, Turn

VERSION = 2
PATIENCE = 1.0  # seconds to wait for another process that is writing
MOST_FOUND = 50

SCHEMA = """
CREATE TABLE session (id INTEGER PRIMARY KEY AUTOINCREMENT, began TEXT NOT NULL, model TEXT NOT NULL);
CREATE TABLE turn (
    session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    place INTEGER NOT NULL, role TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (session, place)
) WITHOUT ROWID;
"""
# `said` counts turns over all conversations: that of last time has the highest.
SAID = "ALTER TABLE session ADD COLUMN said INTEGER NOT NULL DEFAULT 0; UPDATE session SET said = id;"
CHANGES = {1: SCHEMA, 2: SAID}  # what each version added to the one before it


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
                with suppress(PermissionError):  # somebody else's, whom we are allowed to write to
                    path.chmod(0o600)
            place = path if path.exists() or create else ":memory:"
            self._database = sqlite3.connect(place, timeout=PATIENCE, isolation_level=None)
            # One damaged letter must not hide a whole conversation.
            self._database.text_factory = lambda data: data.decode("utf-8", "replace")
            self._database.create_function("folded", 1, folded, deterministic=True)
            self._prepare()

    def _prepare(self) -> None:
        # EXTRA also syncs the folder when the journal is deleted: what was committed stays, power cut or not.
        self._database.executescript(
            "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
        )
        if self._version() > VERSION:
            raise SessionError(
                f"{shown(self.path)} was written by a newer rnnchat (version {self._version()}, this one knows "
                f"{VERSION}); update rnnchat, or move the file away"
            )
        if self._version() < VERSION:
            with self._writing():  # in it the version is asked again: another process may have been faster
                for version in range(self._version() + 1, VERSION + 1):
                    for statement in CHANGES[version].split(";"):
                        self._database.execute(statement)
                    self._database.execute(f"PRAGMA user_version={version}")

    def _version(self) -> int:
        return int(self._database.execute("PRAGMA user_version").fetchone()[0])

    def begin(self, model: str) -> int:
        """Begin a conversation with a model; return its number."""
        began = datetime.now(UTC).isoformat(timespec="seconds")
        with self._told("write"), self._writing():
            made = self._database.execute("INSERT INTO session (began, model) VALUES (?, ?)", (began, model))
            return int(made.lastrowid or 0)

    def add(self, session: int, turn: Turn) -> None:
        """Add a turn to a conversation; on return it is on the disk.

        Raises:
            SessionError: also where that conversation was deleted.
        """
        text = turn.text.encode("utf-8", "replace").decode()
        place = "SELECT ?1, COALESCE(MAX(place), 0) + 1, ?2, ?3 FROM turn WHERE session = ?1"
        latest = "UPDATE session SET said = (SELECT MAX(said) + 1 FROM session) WHERE id = ?"
        with self._told("write"), self._writing():
            if self._database.execute(latest, (session,)).rowcount == 0:
                raise SessionError(f"conversation {session} was deleted meanwhile")
            self._database.execute(f"INSERT INTO turn {place}", (session, turn.role, text))

    def began(self, session: int) -> str | None:
        """Return when a conversation began; None where there is none of that number."""
        with self._told("read"):
            found = self._database.execute("SELECT began FROM session WHERE id = ?", (session,)).fetchone()
            return None if found is None else str(found[0])

    def turns(self, session: int) -> list[Turn]:
        """Return the turns of a conversation, oldest first.

        Raises:
            SessionError: also where there is no conversation of that number.
        """
        with self._told("read"):
            self._must_hold(session)
            query = "SELECT role, text FROM turn WHERE session = ? ORDER BY place"
            return [Turn(_role(role), str(text)) for role, text in self._database.execute(query, (session,))]

    def list(self) -> list[Session]:
        """Return all conversations in which something was said, the one of last time first."""
        first = "SELECT text FROM turn AS first WHERE first.session = id ORDER BY place LIMIT 1"
        query = f"""
            SELECT id, began, model, COUNT(*), COALESCE(({first}), '')
            FROM session JOIN turn ON turn.session = id GROUP BY id ORDER BY said DESC, id DESC
        """
        with self._told("read"):
            return [Session(*row) for row in self._database.execute(query)]

    def latest(self) -> int | None:
        """Return the number of the conversation in which something was said last; None where there is none."""
        with self._told("read"):
            said = "SELECT id FROM session WHERE id IN (SELECT session FROM turn) ORDER BY said DESC, id DESC LIMIT 1"
            latest = self._database.execute(said).fetchone()
            return None if latest is None else int(latest[0])

    def search(self, words: str) -> Sequence[tuple[int, Turn]]:
        """Return the newest MOST_FOUND turns that hold `words`, in any case, with their conversations' numbers."""
        words = folded(words.encode("utf-8", "replace").decode())
        found = "SELECT session, role, text FROM turn JOIN session ON id = session WHERE INSTR(folded(text), ?)"
        query = f"{found} ORDER BY said DESC, id DESC, place DESC LIMIT ?"
        with self._told("read"):
            rows = self._database.execute(query, (words, MOST_FOUND))
            return [(int(session), Turn(_role(role), str(text))) for session, role, text in rows]

    def delete(self, session: int) -> None:
        """Delete a conversation, and its words from the file.

        Raises:
            SessionError: also where there is no conversation of that number.
        """
        self._must_hold(session)
        with self._told("write"), self._writing():
            self._database.execute("DELETE FROM session WHERE id = ?", (session,))

    def close(self) -> None:
        """Close the file; nothing else can be called after it."""
        self._database.close()

    def _must_hold(self, session: int) -> None:
        if self.began(session) is None:
            raise SessionError(f"there is no conversation {session}; `rnnchat sessions list` shows those you have")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:  # a full disk has ended it already; a reader in the way has not
                self._database.execute("ROLLBACK")
            raise

    @contextmanager
    def _told(self, verb: str) -> Iterator[None]:
        """Turn whatever the disk or SQLite says into one sentence."""
        try:
            yield
        except (sqlite3.Error, UnicodeError) as error:
            raise SessionError(f"cannot {verb} {shown(self.path)} ({_reason(error)})") from error
        except OSError as error:
            raise SessionError(f"cannot {verb} {shown(self.path)} ({because(error)}); mend that first") from error


def _role(role: object) -> Role:
    return "bot" if role == "bot" else "user"


def folded(text: str) -> str:
    """Return a text such that it is the same for all ways of writing it: case, and accents in one sign or two."""
    return unicodedata.normalize("NFC", text).casefold()


def _reason(error: sqlite3.Error | UnicodeError) -> str:
    text = str(error)
    if "locked" in text or "busy" in text:
        return "another program holds it; close that one"
    if "readonly" in text:
        return "it is read-only; change its permissions"
    damage = ("malformed", "not a database", "no such table", "no such column", "already exists", "duplicate column")
    if isinstance(error, UnicodeError) or any(sign in text for sign in damage):
        return "it is damaged or another program's; move it away, and a new one is made"
    if "full" in text:
        return "the disk is full; free some space"
    return f"{text:.100}; mend that, or move the file away"
