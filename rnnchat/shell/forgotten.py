"""What a person had us forget, so that reading their shell's own history file again does not bring it back.

The commands themselves must not stand anywhere any more: what is kept are salted digests. A command that is run again
is learned again, for then it is wanted.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from rnnchat.errors import ShellError
from rnnchat.files import because, shown, write_file

SALT_BYTES = 16
DIGEST_BYTES = 16
MOST = 10_000  # of the newest are kept


class Forgotten:
    """A set of commands of which only digests are known.

    Args:
        path: the file: a salt, and then one digest after the other; there is none before something is forgotten.

    Raises:
        ShellError: the file is there and cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            data = path.read_bytes()[: SALT_BYTES + 2 * MOST * DIGEST_BYTES] if path.exists() else b""
        except OSError as error:
            raise ShellError(f"cannot read {shown(path)} ({because(error)}); check its permissions") from error
        self._salt = data[:SALT_BYTES] if len(data) >= SALT_BYTES else os.urandom(SALT_BYTES)
        places = range(SALT_BYTES, len(data) - DIGEST_BYTES + 1, DIGEST_BYTES)
        self._digests = dict.fromkeys(data[place : place + DIGEST_BYTES] for place in places)

    def holds(self, command: str) -> bool:
        """Tell whether `command` was forgotten."""
        return bool(self._digests) and self._digest(command) in self._digests

    def add(self, command: str) -> None:
        """Remember that `command` is to be forgotten.

        Raises:
            SaveError: the disk said no.
        """
        self._digests[self._digest(command)] = None
        newest = list(self._digests)[-MOST:]
        write_file(self.path, self._salt + b"".join(newest))

    def _digest(self, command: str) -> bytes:
        data = command.encode("utf-8", "replace")
        return hashlib.blake2b(data, digest_size=DIGEST_BYTES, key=self._salt).digest()
