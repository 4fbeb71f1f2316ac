"""The daemon: one per person, behind all shells; `python -m rnnchat.shell.daemon` starts it if none runs.

The main thread alone touches sockets and never waits for the model: it reads requests, drops those that a newer one
of the same session overtook, and writes answers. A second thread does the work, one request after the other.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from rnnchat import __version__
from rnnchat.errors import RnnchatError, ShellError
from rnnchat.files import because, shown
from rnnchat.shell.endpoints import REPLY, is_same_user, listen, open_pipe, send_to, send_to_pipe, take_lock
from rnnchat.shell.folder import REQUESTS, SOCKET, run_folder, unusable, why_not_private
from rnnchat.shell.protocol import FIELD, MOST_BYTES, ProtocolError, parse_message
from rnnchat.shell.service import Service
from rnnchat.shell.worker import Sender, Worker

IDLE_EXIT = 1_800.0  # seconds without a request
LINE_SECONDS = 5.0  # a client may take to finish its line
MOST_CLIENTS = 200
SWITCH_SECONDS = 0.0002
CHECK_SECONDS = 15.0  # between looks at whether our socket is still ours, and whether we were upgraded


class Client:
    """One connection: what came in, and when."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.data = b""
        self.since = time.monotonic()


class Server:
    """Sockets and pipes in a private folder.

    Args:
        folder: as run_folder returns it.
        worker: what answers.
    """

    def __init__(self, folder: Path, idle_exit: float = IDLE_EXIT) -> None:
        self.folder = folder
        self.idle_exit = idle_exit
        self.selector = selectors.DefaultSelector()
        self.clients: dict[int, Client] = {}
        self.running = True
        self.last_request = time.monotonic()
        self._wake_in, self._wake_out = os.pipe()
        os.set_blocking(self._wake_in, False)
        self._listener = listen(folder)
        self._pipe = open_pipe(folder)
        self._pipe_data = b""
        self._identity = os.lstat(folder / SOCKET)
        self.selector.register(self._wake_in, selectors.EVENT_READ)
        self.selector.register(self._listener, selectors.EVENT_READ)
        self.selector.register(self._pipe, selectors.EVENT_READ)
        self.worker: Worker | None = None

    def stop(self) -> None:
        """End the loop, from any thread or a signal."""
        self.running = False
        with suppress(OSError):
            os.write(self._wake_out, b"x")

    def serve(self, worker: Worker) -> None:
        """Take requests until told to stop, nobody asks for a long time, or the socket is no longer ours."""
        self.worker = worker
        checked = time.monotonic()
        while self.running:
            # Asleep as long as nothing happens: an idle daemon takes no processor time worth naming.
            for key, _ in self.selector.select(LINE_SECONDS if self.clients else min(CHECK_SECONDS, self.idle_exit)):
                if key.fd == self._wake_in:
                    os.read(self._wake_in, 64)
                elif key.fd == self._pipe:
                    self._read_pipe()
                elif key.fileobj is self._listener:
                    self._accept()
                else:
                    self._read_client(self.clients[key.fd])
            now = time.monotonic()
            self._drop_slow(now)
            if now - self.last_request > self.idle_exit:
                break
            if now - checked > CHECK_SECONDS:
                checked = now
                if not self._is_ours() or installed_version() != __version__:
                    break

    def close(self) -> None:
        """Remove what we made, where it is still ours."""
        if self._is_ours():
            with suppress(OSError):
                os.unlink(self.folder / SOCKET)
            with suppress(OSError):
                os.unlink(self.folder / REQUESTS)
        for client in list(self.clients.values()):
            self._drop(client)
        self._listener.close()

    def _is_ours(self) -> bool:
        try:
            return os.path.samestat(os.lstat(self.folder / SOCKET), self._identity)
        except OSError:
            return False

    def _accept(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            if not is_same_user(connection) or len(self.clients) >= MOST_CLIENTS:
                connection.close()
                return
            self.clients[connection.fileno()] = Client(connection)
            self.selector.register(connection, selectors.EVENT_READ)

    def _read_client(self, client: Client) -> None:
        try:
            data = client.connection.recv(MOST_BYTES + 1)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        client.data += data
        line, end, _ = client.data.partition(b"\n")
        if end or len(client.data) > MOST_BYTES:
            self._release(client)
            self._take(line, partial(send_to, client.connection))
        elif not data:
            self._drop(client)

    def _read_pipe(self) -> None:
        """Read requests of shells that have no sockets; the first field names the pipe that the answer goes to."""
        with suppress(BlockingIOError):
            self._pipe_data += os.read(self._pipe, 1 << 16)
        *lines, rest = self._pipe_data.split(b"\n")
        self._pipe_data = rest[-MOST_BYTES:] if len(rest) <= MOST_BYTES else b""
        for line in lines:
            reply, _, request = line.partition(FIELD.encode())
            name = reply.decode("ascii", "replace")
            if REPLY.match(name):
                self._take(request, partial(send_to_pipe, self.folder / name))

    def _take(self, line: bytes, send: Sender) -> None:
        self.last_request = time.monotonic()
        try:
            message = parse_message(line)
        except ProtocolError as error:
            send(("error", str(error)))
            return
        if message.operation == "ping":  # at once, whatever the worker is at: it asks only whether we live
            send(("ok", __version__, str(os.getpid())))
            return
        assert self.worker is not None
        if message.operation == "hello" and installed_version() != __version__:
            self.worker.put(message, partial(self._send_last, send))
        else:
            self.worker.put(message, send)

    def _send_last(self, send: Sender, answer: tuple[str, ...] | None) -> None:
        """Answer and end: we were upgraded, and the next request starts the new version."""
        send(answer)
        self.stop()

    def _release(self, client: Client) -> None:
        """Listen no more to a client, but keep its connection for the answer."""
        self.selector.unregister(client.connection)
        del self.clients[client.connection.fileno()]

    def _drop(self, client: Client) -> None:
        self._release(client)
        client.connection.close()

    def _drop_slow(self, now: float) -> None:
        for client in [each for each in self.clients.values() if now - each.since > LINE_SECONDS]:
            self._drop(client)


def installed_version() -> str:
    """Return the version that is installed now, which an upgrade may have changed under us."""
    try:
        text = (Path(__file__).parents[1] / "__init__.py").read_text()
    except OSError:
        return ""
    found = re.search(r'^__version__ = "([^"]*)"', text, re.MULTILINE)
    return found[1] if found else ""


def become_private() -> None:
    """Leave the terminal, the folder and the open files of the shell that started us."""
    os.umask(0o077)
    with suppress(OSError):
        os.setsid()
    os.chdir("/")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nowhere, stream)
    os.closerange(3, 256)
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold the history
    with suppress(OSError, AttributeError, TypeError):
        import ctypes

        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: nor may another process look into us


def leave_stderr() -> None:
    """Leave where errors were told to whoever started us; nobody reads them from now on."""
    if not os.environ.get("RNNCHAT_DEBUG"):
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 2)
        os.close(nowhere)


def load_model() -> Any:
    """Return the network of commands: the person's own where one runs, else the bundled; None where neither does."""
    from rnnchat.shell.learning import networks

    for folder in networks():
        try:
            from rnnchat.recurrent import RecurrentModel

            return RecurrentModel.load(folder)
        except (RnnchatError, ImportError):
            pass  # of a damaged one doctor tells
    return None  # the history alone still suggests


def main(folder: Path | None = None, idle_exit: float = IDLE_EXIT) -> None:
    """Serve until there is nothing to do; return at once where another daemon serves already."""
    folder = folder or run_folder()
    reason = why_not_private(folder)
    if reason is not None:
        raise unusable(folder, reason)
    try:
        lock = take_lock(folder)
        if lock is None:
            return
        server = Server(folder, idle_exit)
    except OSError as error:
        what = Path(error.filename2 or error.filename or folder)
        raise ShellError(f"cannot use {shown(what)} ({because(error)}); move it away") from error
    leave_stderr()
    from rnnchat.shell.history import History

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: server.stop())
    # While the worker thinks ahead, a request must not wait the usual 5 ms until its thread is given a turn.
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        worker = Worker(Service(History(), load_model()), server.stop)
        worker.start()
        server.serve(worker)
    finally:
        server.close()


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--idle-exit", type=float, default=IDLE_EXIT)
    options = parser.parse_args()
    become_private()
    try:
        main(options.folder, options.idle_exit)
    except RnnchatError as error:
        sys.stderr.write(f"rnnchat: {error}\n")
        sys.exit(error.exit_code)
