"""The daemon: one per person, behind all shells; `python -m rnnchat.shell.daemon` starts it if none runs.

The main thread alone touches sockets and never waits for the model: it reads requests, drops those that a newer one
of the same session overtook, and writes answers. A second thread does the work, one request after the other.
"""

from __future__ import annotations

import fcntl
import os
import re
import selectors
import signal
import socket
import stat
import struct
import sys
import threading
import time
from collections import OrderedDict, deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from rnnchat import __version__
from rnnchat.errors import RnnchatError, ShellError
from rnnchat.files import because, shown
from rnnchat.shell.folder import LOCK, REQUESTS, SOCKET, run_folder, why_not_private
from rnnchat.shell.protocol import FIELD, MOST_BYTES, Message, ProtocolError, make_line, parse_message
from rnnchat.shell.service import Service

IDLE_EXIT = 1_800.0  # seconds without a request
DEADLINE = 0.25  # seconds after which a suggestion comes too late and is not sent
LINE_SECONDS = 5.0  # a client may take to finish its line
MOST_CLIENTS = 200
BACKLOG = 512
MOST_WAITING = 1_000  # commands that wait to be stored
CHECK_SECONDS = 15.0  # between looks at whether our socket is still ours, and whether we were upgraded
REPLY = re.compile(r"reply-\d{1,9}\Z")


class Client:
    """One connection: what came in, and when."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.data = b""
        self.since = time.monotonic()


Sender = Any  # what takes an answer's bytes


class Worker(threading.Thread):
    """Does the work. Of suggestions only a session's newest waits; everything else is done in order."""

    def __init__(self, service: Service, stop: Any) -> None:
        super().__init__(daemon=True)
        self.service = service
        self._stop_server = stop
        self._ready = threading.Condition()
        self._orders: deque[tuple[Message, Sender]] = deque()
        self._suggest: OrderedDict[str, tuple[Message, Sender, float]] = OrderedDict()

    def put(self, message: Message, send: Sender) -> None:
        """Take a request; a waiting suggestion for the same session is answered with nothing."""
        with self._ready:
            if message.operation != "suggest":
                if len(self._orders) < MOST_WAITING:
                    self._orders.append((message, send))
                else:
                    send(None)
            else:
                overtaken = self._suggest.pop(message.fields[1], None)
                if overtaken:
                    overtaken[1](None)
                self._suggest[message.fields[1]] = (message, send, time.monotonic())
            self._ready.notify()

    def run(self) -> None:
        """Work until the process ends."""
        try:
            self.service.prepare()
        except RnnchatError:
            pass  # a history that cannot be read: doctor tells; what is run from now on still counts
        while True:
            with self._ready:
                while not self._orders and not self._suggest:
                    self._ready.wait()
                if self._orders:
                    message, send = self._orders.popleft()
                    late = float("inf")
                else:
                    _, (message, send, since) = self._suggest.popitem(last=False)
                    late = since + DEADLINE
            try:
                answer = self.service.answer(message) if time.monotonic() < late else None
            except Exception as error:  # one request that breaks us must not end suggestions for good
                answer = ("error", f"something went wrong inside rnnchat ({type(error).__name__})")
                if os.environ.get("RNNCHAT_DEBUG"):
                    import traceback

                    traceback.print_exc()
            send(answer if time.monotonic() < late else None)
            if message.operation == "stop":
                self._stop_server()
            self._think_ahead()

    def _think_ahead(self) -> None:
        """Use the time until the next request."""
        for _ in self.service.think_ahead():
            if self._orders or self._suggest:
                return


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
            self._take(line, lambda answer: send_to(client.connection, answer))
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
                self._take(request, lambda answer, path=self.folder / name: send_to_pipe(path, answer))  # type: ignore[misc]

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
            self.worker.put(message, lambda answer: self._send_last(send, answer))
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
    """Return the lock that makes us the only daemon, held until the process ends; None where another has it."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


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
    with suppress(OSError):
        os.nice(5)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1) if os.environ.get("RNNCHAT_DEBUG") else (0, 1, 2):
        os.dup2(nowhere, stream)
    os.closerange(3, 256)
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold the history
    with suppress(OSError, AttributeError, TypeError):
        import ctypes

        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: nor may another process look into us


def load_model() -> Any:
    """Return the network of commands: the person's own where there is one, else the bundled; None where none runs."""
    from rnnchat.shell.learning import find_network

    try:
        from rnnchat.recurrent import RecurrentModel

        return RecurrentModel.load(find_network())
    except (RnnchatError, ImportError):
        return None  # the history alone still suggests


def main(folder: Path | None = None, idle_exit: float = IDLE_EXIT) -> None:
    """Serve until there is nothing to do; return at once where another daemon serves already."""
    folder = folder or run_folder()
    reason = why_not_private(folder)
    if reason is not None:
        raise ShellError(f"{shown(folder)} cannot hold the socket ({reason}); move it away or set RNNCHAT_HOME")
    lock = take_lock(folder)
    if lock is None:
        return
    from rnnchat.shell.history import History

    try:
        server = Server(folder, idle_exit)
    except OSError as error:
        raise ShellError(
            f"cannot listen in {shown(folder)} ({because(error)}); rnnchat shell doctor tells more"
        ) from error
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: server.stop())
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
