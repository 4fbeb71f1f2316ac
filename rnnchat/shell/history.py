"""The history on disk: a file of one JSON object a line, appended to by the daemon alone, mode 0600.

Secrets never reach it. A line that a crash cut short is passed over. It holds the newest MOST_ENTRIES commands.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from rnnchat.errors import SaveError, ShellError
from rnnchat.files import because, shown, write_file
from rnnchat.places import home
from rnnchat.redact import holds_secret
from rnnchat.shell.counts import Entry
from rnnchat.shell.forgotten import Forgotten

MOST_ENTRIES = 500_000
LONGEST_COMMAND = 4_096
MOST_BYTES = 1 << 28


def shell_folder() -> Path:
    """Return the folder of everything that the shell plugin keeps; it may not exist yet."""
    return home() / "shell"


def may_keep(command: str) -> bool:
    """Tell whether a command may be stored and learned: it holds no secret, no control character, and is not hidden.

    A leading blank is how a person says that a command is nobody's business.
    """
    if not command.strip() or command[0].isspace() or len(command) > LONGEST_COMMAND:
        return False
    if any((character < " " and character not in "\n\t") or "\x7f" <= character <= "\x9f" for character in command):
        return False
    if any("\ud800" <= character <= "\udfff" for character in command):
        return False
    return not holds_secret(command)


class History:
    """The file of commands.

    Args:
        path: the file; it and its folder are made when the first command is appended.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or shell_folder() / "history.jsonl"

    @property
    def forgotten(self) -> Forgotten:
        """What is not to be imported again, as it stands on disk now.

        Raises:
            ShellError: the file cannot be read.
        """
        return Forgotten(self.path.with_name("forgotten"))

    def read(self) -> list[Entry]:
        """Return all commands, the oldest first.

        Raises:
            ShellError: the file is there and cannot be read.
        """
        return list(self.stream()[1])

    def stream(self) -> tuple[int, Iterator[Entry]]:
        """Return about how many commands there are, and one after the other, the oldest first.

        Who needs each for a moment only holds no long list of them, which leaves holes in memory for good.

        Raises:
            ShellError: the file is there and cannot be read; also while it is gone through.
        """
        try:
            if not self.path.exists():
                return 0, iter(())
            if not self.path.is_file() or self.path.stat().st_size > MOST_BYTES:
                raise ShellError(f"{shown(self.path)} is no history of ours; move it away")
            with self.path.open("rb") as file:
                lines = sum(1 for _ in file)
        except OSError as error:
            raise self._unreadable(error) from error
        return min(lines, MOST_ENTRIES), self._entries(max(0, lines - MOST_ENTRIES))

    def _entries(self, skipped: int) -> Iterator[Entry]:
        try:
            with self.path.open("rb") as file:
                yield from _entries(islice(file, skipped, None))
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> ShellError:
        return ShellError(f"cannot read {shown(self.path)} ({because(error)}); check its permissions")

    def append(self, entries: Iterable[Entry]) -> None:
        """Add commands to the end; they must have passed may_keep.

        Raises:
            SaveError: the disk said no.
        """
        data = b"".join(map(_line, entries))
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
            file = os.open(self.path, flags, 0o600)
            try:
                os.fchmod(file, 0o600)
                size = os.fstat(file).st_size
                # After a crash the last line may lack its end: what we add must not become part of it.
                if size and os.pread(file, 1, size - 1) != b"\n":
                    data = b"\n" + data
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(file, rest) :]
            finally:
                os.close(file)
        except OSError as error:
            raise SaveError(f"cannot save {shown(self.path)} ({because(error)}); mend that and try again") from error

    def replace(self, entries: Iterable[Entry]) -> None:
        """Write a history that holds exactly `entries`; a crash leaves the old one or the new one.

        Raises:
            SaveError: the disk said no; the old file is untouched.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            folder = shown(self.path.parent)
            raise SaveError(f"cannot make the folder {folder} ({because(error)}); mend that first") from error
        lines = deque(map(_line, entries), maxlen=MOST_ENTRIES)
        write_file(self.path, b"".join(lines))

    def forget(self, command: str) -> int:
        """Take a command out, also where it was a suggestion that was not taken; return how often it was run.

        Raises:
            ShellError: the file cannot be read.
            SaveError: the disk said no; the old file is untouched.
        """
        needle = json.dumps(command).encode()
        times, kept, changed = 0, bytearray(), False
        try:
            with self.path.open("rb") as file:
                for line in file:
                    entry = _entry(line) if needle in line else None
                    changed = changed or entry is not None
                    if entry is None:
                        kept += line
                    elif entry.command == command:
                        times += 1
                    else:
                        kept += _line(replace(entry, ignored=tuple(text for text in entry.ignored if text != command)))
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise self._unreadable(error) from error
        if changed:
            self.forgotten.add(command)
            write_file(self.path, bytes(kept))
        return times


def _line(entry: Entry) -> bytes:
    values = {
        "command": entry.command,
        "time": entry.time,
        "directory": entry.directory,
        "status": entry.status,
        "session": entry.session,
        "number": entry.number,
        "ignored": list(entry.ignored),
    }
    # What says nothing is left out: a file of 200,000 imported commands is half as large.
    kept = {
        key: value
        for key, value in values.items()
        if value not in ("", None, [], 0) or (key == "status" and value == 0)
    }
    return json.dumps(kept, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _entries(lines: Iterable[bytes]) -> Iterator[Entry]:
    for line in lines:
        entry = _entry(line)
        if entry is not None:
            yield entry


def _entry(line: bytes) -> Entry | None:
    """Return the entry that a line of the file holds; None where it holds none."""
    try:
        values = json.loads(line)
        command = values["command"]
        status = values.get("status")
        ignored = tuple(text for text in values.get("ignored", ()) if isinstance(text, str))
        if not isinstance(command, str) or not command or not isinstance(status, int | None):
            return None
        return Entry(
            command,
            int(values.get("time", 0)),
            str(values.get("directory", "")),
            status,
            str(values.get("session", "")),
            int(values.get("number", 0)),
            ignored,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
