"""What must survive a kill beside the conversation (record.py): the unsent message, and text that is not saved yet.

One small file per app and one per edited text, written whole or not at all.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from rnnchat.files import because, shown, write_file
from rnnchat.places import home

MOST_BYTES = 64 << 20
MOST_AT_ONCE = 20  # apps running side by side, each with a draft of its own


class Slot:
    """A draft file that belongs to this process as long as it lives.

    Where no file can be had, nothing is kept, and `fault` says why: that is no reason not to write.

    Args:
        stem: the name of the file without its number and ending. A second process gets the next number.
    """

    def __init__(self, stem: str) -> None:
        folder = home() / "drafts"
        self.fault = ""
        self._path: Path | None = None
        self._lock = -1
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path, self._lock = _first_free(folder, stem)
        except (OSError, ValueError) as error:
            self.fault = f"cannot keep drafts in {shown(folder)} ({because(error)}); mend that, or save often"

    def read(self) -> dict[str, Any]:
        """Return what was kept; {} where there is nothing, or nothing that can be used."""
        if self._path is None:
            return {}
        try:
            if self._path.stat().st_size > MOST_BYTES:
                return {}
            kept = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def write(self, kept: dict[str, Any]) -> None:
        """Keep it, durably.

        Raises:
            SaveError: the disk said no; what was kept before still is.
        """
        if self._path is not None:
            # Half a surrogate pair, which a terminal may send, is no UTF-8; escaped it is kept.
            write_file(self._path, json.dumps(kept).encode())

    def drop(self) -> None:
        """Delete what was kept."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink()

    def close(self) -> None:
        """Let another process have the slot."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def chat_slot() -> Slot:
    """Return the slot of the Chat page."""
    return Slot("chat")


def text_slot(path: Path | None) -> Slot:
    """Return the slot of the unsaved text of a file; of a text without a name, if `path` is None."""
    if path is None:
        return Slot("untitled")
    return Slot("text-" + hashlib.sha256(os.fsencode(path)).hexdigest()[:24])


def topics_of(kept: dict[str, Any]) -> list[tuple[int, str]]:
    """Return number and beginning of the saved conversations in what was kept; what makes no sense is left out."""
    found = kept.get("topics")
    topics = []
    for item in found if isinstance(found, list) else []:
        if isinstance(item, list) and len(item) == 2 and type(item[0]) is int and isinstance(item[1], str):
            topics += [(item[0], item[1])] if 0 < item[0] < 2**62 else []
    return topics


def text_of(kept: dict[str, Any], name: str) -> str:
    """Return a text that was kept, "" where there is none."""
    value = kept.get(name)
    return value if isinstance(value, str) else ""


def _first_free(folder: Path, stem: str) -> tuple[Path, int]:
    for number in range(1, MOST_AT_ONCE + 1):
        path = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return path, lock
    raise OSError(None, "too many are in use")
