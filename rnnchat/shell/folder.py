"""Where the daemon and the shells meet: a private folder that all of a person's shells agree on."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from rnnchat.errors import ShellError
from rnnchat.files import because, shown
from rnnchat.places import home

SOCKET, REQUESTS, LOCK = "socket", "requests", "lock"
OPEN = "others may enter it"
LONGEST_SOCKET = 103  # bytes of a socket's path: sun_path on macOS, less its final zero; Linux has four more


def run_folder() -> Path:
    """Return the folder of socket and lock, made if it is missing: mode 0700, ours, with a short path.

    The choice depends on nothing that differs between a desktop, ssh, cron and tmux: the person's runtime folder,
    named by XDG_RUNTIME_DIR or where systemd has it, else the folder of the person's models.

    Raises:
        ShellError: no folder can be used; the reason for each is given.
    """
    refused = []
    for folder in _choices():
        if len(os.fsencode(folder / SOCKET)) + 8 > LONGEST_SOCKET:
            refused.append(f"{shown(folder)} is too long a path for a socket")
            continue
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            refused.append(f"{shown(folder)} cannot be made ({because(error)})")
            continue
        reason = why_not_private(folder)
        if reason is None:
            return folder
        raise unusable(folder, reason)
    raise ShellError(f"there is no folder for the socket: {'; '.join(refused)}; set RNNCHAT_HOME to a shorter path")


def unusable(folder: Path, reason: str) -> ShellError:
    """Return the error that says why a folder cannot hold the socket, and what to do."""
    advice = f"close it: chmod 700 {shown(folder)}" if reason == OPEN else "move it away or set RNNCHAT_HOME"
    return ShellError(f"{shown(folder)} cannot hold the socket ({reason}); {advice}")


def _choices() -> Iterator[Path]:
    # Who uses another home has another daemon.
    other = os.environ.get("RNNCHAT_HOME")
    name = "rnnchat" if not other else "rnnchat-" + hashlib.sha256(os.fsencode(home())).hexdigest()[:8]
    for parent in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{os.geteuid()}"):
        if os.path.isabs(parent) and why_not_private(Path(parent)) is None:
            yield Path(parent, name)
    yield home() / "run"
    yield Path(f"/tmp/{name}-{os.geteuid()}")


def why_not_private(folder: Path) -> str | None:
    """Return why `folder` is no private folder of ours; None where it is one."""
    try:
        status = os.lstat(folder)
    except OSError as error:
        return because(error)
    if not stat.S_ISDIR(status.st_mode):
        return "it is not a folder"
    if status.st_uid != os.geteuid():
        return "it belongs to another user"
    if status.st_mode & 0o077:
        return OPEN
    return None
