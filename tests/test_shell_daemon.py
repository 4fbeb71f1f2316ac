"""The daemon, reached as shells reach it: through its socket, by other processes."""

from __future__ import annotations

import os
import random
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from shells import Daemon, close_daemon
from test_redact import planted

from rnnchat.errors import ShellError
from rnnchat.shell.ask import ask
from rnnchat.shell.client import start_daemon, stop_daemon, try_ask
from rnnchat.shell.endpoints import lock_holder
from rnnchat.shell.folder import LOCK, SOCKET, run_folder
from rnnchat.shell.history import History
from rnnchat.shell.protocol import FIELD, MOST_BYTES, ProtocolError, make_request, parse_message


@pytest.fixture
def daemon(shell_home: Path) -> Iterator[Daemon]:
    yield Daemon()
    close_daemon()


def send(folder: Path, data: bytes, seconds: float = 2.0) -> bytes:
    """Send bytes as they are; return what comes back until the end."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(str(folder / SOCKET))
        try:
            connection.sendall(data)
            answer = b""
            while part := connection.recv(65_536):
                answer += part
        except (ConnectionError, TimeoutError):
            return b""
        return answer


def test_it_learns_from_one_session_and_offers_to_another(daemon: Daemon) -> None:
    daemon.run("make install prefix=/opt", session="one")
    assert daemon.suggest("mak", session="two")[0] == "make install prefix=/opt"


def test_socket_history_and_folders_are_private(daemon: Daemon, own_home: Path) -> None:
    daemon.run("ls -la")
    assert stat.S_IMODE((daemon.folder / SOCKET).lstat().st_mode) == 0o600
    assert stat.S_IMODE(daemon.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((own_home / "shell").stat().st_mode) == 0o700
    assert stat.S_IMODE((own_home / "shell" / "history.jsonl").stat().st_mode) == 0o600


def test_two_started_at_once_are_one(shell_home: Path) -> None:
    threads = [threading.Thread(target=start_daemon) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pids = {ask(str(run_folder()), 2.0, "ping")[2] for _ in range(5)}
    assert len(pids) == 1
    close_daemon()


def test_a_killed_one_leaves_nothing_that_stops_the_next(daemon: Daemon) -> None:
    daemon.run("echo kept")
    os.kill(daemon.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while try_ask("ping", seconds=0.5) is not None:
        assert time.monotonic() < deadline
    assert (daemon.folder / SOCKET).exists()
    assert int(start_daemon()) != daemon.pid
    assert daemon.suggest("echo k")[0] == "echo kept"


def test_it_ends_when_nobody_asks(shell_home: Path) -> None:
    folder = run_folder()
    command = [sys.executable, "-m", "rnnchat.shell.daemon", str(folder), "--idle-exit", "0.2"]
    process = subprocess.Popen(command)
    assert process.wait(timeout=40) == 0
    assert not (folder / SOCKET).exists()


def test_stop_removes_the_socket_and_keeps_the_history(daemon: Daemon) -> None:
    daemon.run("echo kept")
    assert stop_daemon()
    assert not stop_daemon()
    assert not (daemon.folder / SOCKET).exists()
    assert [entry.command for entry in History().read()] == ["echo kept"]


def test_a_folder_that_others_may_enter_is_refused(shell_home: Path) -> None:
    folder = run_folder()
    folder.chmod(0o755)
    with pytest.raises(ShellError, match="others may enter"):
        run_folder()
    command = [sys.executable, "-m", "rnnchat.shell.daemon", str(folder)]
    assert subprocess.run(command, timeout=20, capture_output=True).returncode == 1
    assert not (folder / SOCKET).exists()


def test_an_upgrade_ends_the_old_one(daemon: Daemon, tmp_path: Path) -> None:
    """A daemon whose program has another version than the one installed now answers, and goes."""
    close_daemon()
    package = tmp_path / "rnnchat"
    source = Path(__file__).parents[1] / "rnnchat"
    package.mkdir()
    for entry in source.iterdir():
        if entry.name not in ("__init__.py", "__pycache__", "shell"):
            (package / entry.name).symlink_to(entry)
    subprocess.run(["cp", "-r", source / "shell", package / "shell"], check=True)
    text = (source / "__init__.py").read_text()
    (package / "__init__.py").write_text(text)
    command = [sys.executable, "-m", "rnnchat.shell.daemon", str(daemon.folder)]
    process = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    deadline = time.monotonic() + 20
    while lock_holder(daemon.folder) != process.pid or try_ask("ping") is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (package / "__init__.py").write_text(text.replace('__version__ = "', '__version__ = "9.'))
    assert daemon.ask("hello", "one", "9", "/bin", "")[0] == "ok"
    assert process.wait(timeout=10) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"\0\n",
        b"\xff\xfe\n",
        b"hello\n",
        b"1\n",
        b"2\x1fping\n",
        b"1\x1funknown\n",
        b"1\x1fsuggest\n",
        b"1\x1fsuggest\x1f1\x1fs\x1f/\x1fmany\x1f1\x1fx\n",
        b"1\x1frun\x1fs\x1f-1\x1f/\x1f0\x1fls\n",
        b"1\x1frun\x1fs\x1f1\x1f/\x1f" + b"9" * 30 + b"\x1fls\n",
        b'{"v":1}\n',
        b"[" * 10_000 + b"\n",
        b"x" * (MOST_BYTES + 1),
        b"1\x1fsuggest\x1f1\x1fs\x1f/\x1f1\x1f1\x1f" + b"a\x00b\n",
    ],
)
def test_garbage_gets_an_error_and_the_daemon_goes_on(daemon: Daemon, data: bytes) -> None:
    assert send(daemon.folder, data).startswith(b"error\x1f")
    assert daemon.ask("ping")[0] == "ok"


def test_bad_clients_by_the_hundred_do_no_harm(daemon: Daemon) -> None:
    chance = random.Random(0)
    silent = [socket.socket(socket.AF_UNIX) for _ in range(60)]
    for each in silent:
        each.connect(str(daemon.folder / SOCKET))
        each.send(b"1\x1fsug")
    for _ in range(200):
        data = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 400)))
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(daemon.folder / SOCKET))
            connection.send(data)
    assert daemon.ask("ping")[0] == "ok"
    daemon.run("echo fine")
    assert daemon.suggest("echo")[0] == "echo fine"
    for each in silent:
        each.close()
    fds = Path(f"/proc/{daemon.pid}/fd")
    if fds.exists():
        deadline = time.monotonic() + 10
        while len(list(fds.iterdir())) > 30:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_killed_at_random_nothing_confirmed_is_lost(shell_home: Path) -> None:
    chance = random.Random(0)
    folder, confirmed = str(run_folder()), []
    number = 0
    for _ in range(4):
        pid = int(start_daemon())
        threading.Timer(chance.uniform(0.05, 0.4), os.kill, (pid, signal.SIGKILL)).start()
        try:
            while True:
                number += 1
                command = f"echo number-{number}"
                if ask(folder, 1.0, "run", "one", str(number), "/", "0", command)[:1] == ["ok"]:
                    confirmed.append(command)
        except OSError:
            continue
    start_daemon()
    stored = [entry.command for entry in History().read()]
    assert len(confirmed) > 20
    assert [command for command in stored if command in set(confirmed)] == confirmed
    close_daemon()


def test_sent_twice_is_stored_once(daemon: Daemon) -> None:
    for _ in range(3):
        assert daemon.ask("run", "one", "1", "/", "0", "echo once") == ["ok", "1"]
    stop_daemon()
    start_daemon()
    assert daemon.ask("run", "one", "1", "/", "0", "echo once") == ["ok", "1"]
    assert [entry.command for entry in History().read()] == ["echo once"]


def test_planted_secrets_are_found_nowhere(daemon: Daemon, own_home: Path) -> None:
    secrets = list(planted())
    assert len(secrets) == 200
    for number, (_, _, command) in enumerate(secrets, 1):
        assert daemon.ask("run", "one", str(number), "/", "0", command)[0] == "ok"
        assert daemon.ask("run", "two", str(number), "/", "0", f"echo fine-{number}", command)[0] == "ok"
    offered = [
        line for prefix in ("", "e", "c", "curl ", "export ", "echo ") for line in daemon.suggest(prefix, count=10)
    ]
    for _, secret, command in secrets:
        offered += daemon.suggest(command[: command.find(secret)], count=10)
    close_daemon()
    files = [path for path in own_home.rglob("*") if path.is_file()]
    assert files
    stored = b"".join(path.read_bytes() for path in files)
    assert [secret for _, secret, _ in secrets if secret.encode() in stored] == []
    assert [secret for _, secret, _ in secrets if any(secret in line for line in offered)] == []


def test_what_is_forgotten_is_in_no_file_and_in_no_suggestion(daemon: Daemon, own_home: Path) -> None:
    daemon.run("echo unforgettable words", "ls", "echo unforgettable words")
    assert daemon.ask("forget", "echo unforgettable words") == ["ok", "2"]
    assert not [line for line in daemon.suggest("echo un", count=10) if "unforgettable" in line]
    for path in own_home.rglob("*"):
        assert not path.is_file() or b"unforgettable" not in path.read_bytes()


def test_an_unreadable_history_still_lets_the_daemon_serve(shell_home: Path, own_home: Path) -> None:
    (own_home / "shell" / "history.jsonl").mkdir(parents=True)
    daemon = Daemon()
    assert daemon.ask("ping")[0] == "ok"
    assert any(daemon.suggest("ls -") for _ in range(50))  # the network is as good as ever
    assert daemon.ask("run", "one", "1", "/", "0", "ls")[0] == "error"
    close_daemon()


def test_a_damaged_history_loses_only_the_damaged_lines(shell_home: Path, own_home: Path) -> None:
    path = own_home / "shell" / "history.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(
        b'{"command":"echo first"}\n\xff\xfe\n{"command":7}\n[]\n{"command":"echo second"}\n{"command":"cut o'
    )
    daemon = Daemon()
    daemon.run("echo third")
    assert {"echo first", "echo second", "echo third"} <= set(daemon.suggest("echo "))
    assert [entry.command for entry in History().read()] == ["echo first", "echo second", "echo third"]
    close_daemon()


def test_the_same_folder_whatever_the_environment(
    shell_home: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = run_folder()
    assert chosen.parent == shell_home
    for value in ("", "relative", "/nowhere/at/all", str(own_home)):
        monkeypatch.setenv("XDG_RUNTIME_DIR", value)
        monkeypatch.setenv("TMPDIR", str(own_home))
        other = run_folder()
        assert other != chosen
        assert len(str(other / SOCKET)) < 104
        assert stat.S_IMODE(other.stat().st_mode) == 0o700


def test_the_daemon_loads_neither_torch_nor_click_nor_rich(daemon: Daemon) -> None:
    code = "import sys, rnnchat.shell.daemon as d; d.load_model(); print(sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "'onnxruntime'" in modules
    assert not [name for name in ("torch", "click", "rich", "prompt_toolkit") if f"'{name}'" in modules]


@pytest.mark.parametrize("text", ["ls", "a\nb", "tab\tand space ", "ünïcode → 漢字"])
def test_a_request_comes_through_whole(text: str) -> None:
    line = make_request("forget", text)
    assert line.count(b"\n") == 1
    message = parse_message(line.rstrip(b"\n"))
    assert (message.operation, message.fields) == ("forget", (text,))


def test_fields_are_counted() -> None:
    with pytest.raises(ProtocolError, match="no such request"):
        parse_message(FIELD.join(("1", "hello", "one")).encode())


def test_only_one_holds_the_lock(daemon: Daemon) -> None:
    command = [sys.executable, "-m", "rnnchat.shell.daemon", str(daemon.folder)]
    assert subprocess.run(command, timeout=20).returncode == 0
    assert (daemon.folder / LOCK).exists()
    assert int(daemon.ask("ping")[2]) == daemon.pid
