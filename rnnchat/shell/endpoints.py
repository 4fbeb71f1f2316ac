"""The ends of the wires: the listening socket, the pipe of shells without sockets, the lock, and sending answers."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import stat
import struct
import time
from contextlib import suppress
from pathlib import Path

from rnnchat.shell.folder import LOCK, REQUESTS, SOCKET
from rnnchat.shell.protocol import make_line

BACKLOG = 512
LOCK_TRIES = 5
REPLY = re.compile(r"reply-\d{1,9}\Z")  # the pipe of a shell, by the number of its process


def send_to(connection: socket.socket, answer: tuple[str, ...] | None) -> None:
    """Send an answer, if there is one, and close; a client that went away is no fault."""
    with suppress(OSError):
        if answer is not None:
            connection.send(make_line(*answer))
    connection.close()


def send_to_pipe(path: Path, answer: tuple[str, ...] | None) -> None:
    """Write an answer to a pipe that somebody reads; nothing happens where nobody does."""
    with suppress(OSError):
        file = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if stat.S_ISFIFO(os.fstat(file).st_mode) and answer is not None:
                os.write(file, make_line(*answer))
        finally:
            os.close(file)


def is_same_user(connection: socket.socket) -> bool:
    """Tell whether the other end of a connection is a process of ours."""
    if hasattr(socket, "SO_PEERCRED"):
        _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return bool(user == os.geteuid())
    return True  # the folder, which nobody else may enter, holds instead


def listen(folder: Path) -> socket.socket:
    """Return a listening socket at its place in `folder`; whoever connects meets it ready.

    The caller holds the lock, so what stands there is of a daemon that is gone.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        new = folder / f"{SOCKET}.new"
        with suppress(FileNotFoundError):
            os.unlink(new)
        listener.bind(str(new))
        listener.listen(BACKLOG)
        listener.setblocking(False)
        os.rename(new, folder / SOCKET)
    finally:
        os.umask(before)
    return listener


def open_pipe(folder: Path) -> int:
    """Return the pipe that shells without sockets write to; open for writing, too, so that it never ends."""
    path = folder / REQUESTS
    with suppress(FileNotFoundError):
        os.unlink(path)
    os.mkfifo(path, 0o600)
    for other in folder.iterdir():  # pipes of shells that are gone
        if REPLY.match(other.name) and not process_lives(int(other.name.split("-")[1])):
            with suppress(OSError):
                other.unlink()
    return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)


def process_lives(pid: int) -> bool:
    """Tell whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def take_lock(folder: Path) -> int | None:
    """Return the lock that makes us the only daemon, held until the process ends; None where another has it.

    Raises:
        OSError: the file cannot be opened or written.
    """
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    for _ in range(LOCK_TRIES):  # who only asks for the holder has it for a moment
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
            return lock
        time.sleep(0.01)
    os.close(lock)
    return None


def lock_holder(folder: Path) -> int | None:
    """Return the process that is the daemon of `folder`, whether it answers or hangs; None where there is none."""
    try:
        lock = os.open(folder / LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(lock, 16, 0)
        return int(text) if text.isdigit() else None
    finally:
        os.close(lock)
    return None
