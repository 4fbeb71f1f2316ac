"""Reading the history files of zsh, bash and fish; nothing is ever written to them.

zsh     plain lines, or ": 1700000000:0;command"; bytes above 0x83 are "metafied", a line end is backslash-newline
bash    plain lines, with "#1700000000" before each where HISTTIMEFORMAT is set
fish    "- cmd: command" and "  when: 1700000000", line ends and backslashes escaped
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rnnchat.errors import TextError
from rnnchat.files import because, shown
from rnnchat.shell.counts import Entry
from rnnchat.shell.history import may_keep

Form = Literal["zsh", "bash", "fish"]

MOST_BYTES = 256 << 20  # of a file; of a longer one the end is read
# Bytes of texts: those of programs and pictures are every tenth another one.
TEXT = bytes({*range(32, 127), *range(128, 256), *b"\t\n\r\x1b"})
ZSH_LINE = re.compile(r": (\d{1,12}):\d{1,9};(.*)\Z", re.DOTALL)
BASH_TIME = re.compile(r"#(\d{9,12})\Z")
FISH_COMMAND, FISH_TIME = "- cmd: ", re.compile(r"  when: (\d{1,12})\Z")


@dataclass(frozen=True)
class Imported:
    """What a file held.

    Attributes:
        entries: the oldest first.
        dropped: lines that were left out: secrets, hidden ones, damaged ones.
        cut: the file was too long, and only its end was read.
    """

    entries: list[Entry]
    dropped: int
    cut: bool


def usual_files() -> list[Path]:
    """Return the history files of this person's shells that are there."""
    home = Path(os.path.expanduser("~"))
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    zsh = Path(os.environ.get("ZDOTDIR") or home)
    candidates = [zsh / ".zsh_history", zsh / ".zhistory", home / ".zsh_history", home / ".histfile"]
    candidates += [home / ".bash_history", data / "fish" / "fish_history"]
    if os.environ.get("HISTFILE"):
        candidates.insert(0, Path(os.environ["HISTFILE"]))
    return [path for path in dict.fromkeys(candidates) if path.is_file()]


def import_history(path: Path) -> Imported:
    """Return the commands of a history file of any of the three shells.

    Raises:
        TextError: the file is missing, unreadable, no file, or no history at all.
    """
    data, cut = _read(path)
    if len(data.translate(None, TEXT)) > len(data) // 50 + 8:
        raise TextError(f"{shown(path)} is no history but binary; name the history file of a shell")
    form = detect_form(path, data)
    pairs = {"zsh": _zsh, "bash": _bash, "fish": _fish}[form](data)
    entries: list[Entry] = []
    dropped = 0
    kept: dict[str, bool] = {}  # most commands come more than once: each is looked through once
    session = f"{form} history"
    for command, time in pairs:
        command = command.rstrip()
        if not command:
            continue
        if command not in kept:
            kept[command] = may_keep(command) and "\ufffd" not in command
        if kept[command]:
            entries.append(Entry(command, time, session=session))
        else:
            dropped += 1
    return Imported(entries, dropped, cut)


def detect_form(path: Path, data: bytes) -> Form:
    """Tell which shell wrote a history file, from its name and its first lines."""
    head = data[: 1 << 16].splitlines()
    if "fish" in path.name or any(line.startswith(b"- cmd: ") for line in head[:3]):
        return "fish"
    if "bash" in path.name or any(re.match(rb"#\d{9,12}\Z", line) for line in head):
        return "bash"
    if "zsh" in path.name or "zhist" in path.name or any(re.match(rb": \d+:\d+;", line) for line in head):
        return "zsh"
    return "bash"


def _read(path: Path) -> tuple[bytes, bool]:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise TextError(f"{shown(path)} is not a regular file; name the history file of a shell")
            begin = max(0, status.st_size - MOST_BYTES)
            os.lseek(file, begin, os.SEEK_SET)
            # A shell may be appending: what comes after this size is left for the next time.
            data = os.read(file, status.st_size - begin)
            while len(data) < status.st_size - begin and (part := os.read(file, 1 << 26)):
                data += part
            return data, begin > 0
        finally:
            os.close(file)
    except (OSError, ValueError) as error:
        raise TextError(f"{shown(path)} cannot be read ({because(error)}); name the history file of a shell") from None


def _lines(data: bytes) -> Iterator[str]:
    for line in data.split(b"\n"):
        if b"\0" not in line:
            yield line.decode("utf-8", "replace").rstrip("\r")


def unmetafy(data: bytes) -> bytes:
    """Undo zsh's escape of bytes that mean something to itself: 0x83, then the byte with bit 5 turned."""
    if b"\x83" not in data:
        return data
    plain = bytearray()
    escaped = False
    for byte in data:
        if escaped:
            plain.append(byte ^ 0x20)
            escaped = False
        elif byte == 0x83:
            escaped = True
        else:
            plain.append(byte)
    return bytes(plain)


def _zsh(data: bytes) -> Iterator[tuple[str, int]]:
    pending: list[str] = []
    for line in _lines(unmetafy(data)):
        # An odd number of backslashes at the end continues the command on the next line.
        if (len(line) - len(line.rstrip("\\"))) % 2:
            pending.append(line[:-1])
            continue
        text = "\n".join([*pending, line])
        pending = []
        match = ZSH_LINE.match(text)
        yield (match[2], int(match[1])) if match else (text, 0)


def _bash(data: bytes) -> Iterator[tuple[str, int]]:
    timed = bool(re.search(rb"^#\d{9,12}$", data[: 1 << 16], re.MULTILINE))
    time = 0
    block: list[str] = []
    for line in _lines(data):
        match = BASH_TIME.match(line)
        if match:
            if block:
                yield "\n".join(block), time
            time, block = int(match[1]), []
        elif timed:
            block.append(line)  # with times, the lines up to the next time are one command
        else:
            yield line, 0
    if block:
        yield "\n".join(block).rstrip("\n"), time


def _fish(data: bytes) -> Iterator[tuple[str, int]]:
    command: str | None = None
    for line in _lines(data):
        match = FISH_TIME.match(line)
        if line.startswith(FISH_COMMAND):
            if command is not None:
                yield command, 0
            command = _fish_unescape(line[len(FISH_COMMAND) :])
        elif match and command is not None:
            yield command, int(match[1])
            command = None
    if command is not None:
        yield command, 0


def _fish_unescape(text: str) -> str:
    """Undo fish's escape of line ends and backslashes; another backslash is a part of the command."""
    return re.sub(r"\\([n\\])", lambda match: "\n" if match[1] == "n" else "\\", text)


def merge(known: Iterable[Entry], imported: Iterable[Entry]) -> list[Entry]:
    """Return what is known and what was imported, in order of time, without what was imported before."""
    known = list(known)
    from_files = {(entry.session, entry.command, entry.time) for entry in known if entry.session.endswith(" history")}
    seen_here = {(entry.command, entry.time) for entry in known if not entry.session.endswith(" history")}
    fresh = []
    for entry in imported:
        if (entry.session, entry.command, entry.time) in from_files:
            continue
        # What a plugin saw itself stands in the shell's file, too, give or take the second.
        if any((entry.command, entry.time + delta) in seen_here for delta in (-1, 0, 1)) and entry.time:
            continue
        fresh.append(entry)
    old = [entry for entry in fresh if not entry.time]
    return old + sorted([*known, *(entry for entry in fresh if entry.time)], key=lambda entry: entry.time)
