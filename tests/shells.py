"""Real shells in a real terminal: a tmux server of its own for each, 80 columns by 12 lines."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rnnchat.shell.ask import ask
from rnnchat.shell.client import start_daemon, stop_daemon, try_ask
from rnnchat.shell.folder import run_folder

OPEN: list[Terminal] = []
PATIENCE = 20.0  # seconds until a screen must look as it should


class Daemon:
    """A running daemon of this test's home, and what a test asks it."""

    def __init__(self) -> None:
        self.pid = int(start_daemon())
        self.folder = run_folder()
        self._number = 0

    def run(self, *commands: str, session: str = "before", status: int = 0, directory: str = "/") -> None:
        """Let a shell of another session have run commands."""
        for command in commands:
            self._number += 1
            answer = self.ask("run", session, str(self._number), directory, str(status), command)
            assert answer[0] == "ok", answer

    def ask(self, *fields: str) -> list[str]:
        return ask(str(self.folder), 5.0, *fields)

    def suggest(self, prefix: str, session: str = "before", directory: str = "/", count: int = 5) -> list[str]:
        """Return what is offered, sure or not."""
        number, *lines = self.ask("suggest", "1", session, directory, str(count), "0", prefix)
        assert number == "1"
        return lines


def close_daemon() -> None:
    """End the daemon, and the terminals that a failed test left open."""
    while OPEN:
        OPEN.pop().close()
    if try_ask("ping") is not None:
        stop_daemon()


class Terminal:
    """A shell in tmux.

    Args:
        command: the shell and its options.
        folder: what is its home and where it starts; its rc files must stand there.
    """

    def __init__(self, command: str, folder: Path, size: tuple[int, int] = (80, 12)) -> None:
        self.socket = f"rnnchat-{uuid.uuid4().hex[:12]}"
        environment = {**os.environ, "HOME": str(folder), "ZDOTDIR": str(folder), "ENV": "", "TERM": "xterm-256color"}
        environment.pop("TMUX", None)
        width, height = size
        start = ["new-session", "-d", "-x", str(width), "-y", str(height), "-c", str(folder), command]
        self._tmux(*start, environment=environment)
        OPEN.append(self)

    def _tmux(self, *arguments: str, environment: dict[str, str] | None = None) -> str:
        tmux = ["tmux", "-L", self.socket, "-f", "/dev/null", *arguments]
        return subprocess.run(tmux, check=True, capture_output=True, text=True, timeout=20, env=environment).stdout

    def type(self, text: str) -> None:
        """Type text as it is."""
        self._tmux("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names, such as Enter, C-c, Right."""
        self._tmux("send-keys", *keys)

    def paste(self, text: str) -> None:
        """Paste as a terminal does, in brackets where the program asked for them."""
        self._tmux("set-buffer", "--", text)
        self._tmux("paste-buffer", "-p", "-r")

    def screen(self, colours: bool = False) -> list[str]:
        """Return the lines that are not empty."""
        text = self._tmux("capture-pane", "-p", *(["-e"] if colours else []))
        return [line.rstrip() for line in text.splitlines() if line.strip()]

    def last(self) -> str:
        """Return the last line that is not empty."""
        return (self.screen() or [""])[-1]

    def wait(self, right: Callable[[list[str]], bool]) -> list[str]:
        """Return the screen as soon as it is right."""
        until = time.monotonic() + PATIENCE
        while not right(screen := self.screen()):
            assert time.monotonic() < until, "the screen is\n" + "\n".join(screen)
            time.sleep(0.03)
        return screen

    def wait_for(self, line: str) -> None:
        """Wait until the last line is `line`."""
        self.wait(lambda screen: (screen or [""])[-1] == line)

    def wait_for_any(self, line: str) -> None:
        """Wait until some line is `line`."""
        self.wait(lambda screen: line in screen)

    def ask(self, key: str, line: str) -> None:
        """Press a key that asks the daemon until the last line is `line`: once more where it was too busy to answer."""
        before = self.last()
        until = time.monotonic() + PATIENCE
        while self.last() != line:
            assert time.monotonic() < until, "the screen is\n" + "\n".join(self.screen())
            if self.last() == before:
                self.press(key)
            moment = time.monotonic() + 2.0  # a shell asks nothing for a second after a failure
            while self.last() == before and time.monotonic() < moment:
                time.sleep(0.03)

    def run(self, command: str) -> None:
        """Clear the line, run a command, and wait until the prompt is back."""
        mark = uuid.uuid4().hex[:8]
        self.press("C-u")
        self.type(f" {command}; echo {mark[:4]}''{mark[4:]}")
        self.press("Enter")
        self.wait(lambda screen: any(line == mark for line in screen))

    def cursor(self) -> tuple[int, int]:
        """Return column and row."""
        column, row = self._tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split()
        return int(column), int(row)

    def pid(self) -> int:
        """Return the number of the shell's process."""
        return int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def close(self) -> None:
        """End the shell; does nothing where that was done."""
        if self in OPEN:
            OPEN.remove(self)
        subprocess.run(["tmux", "-L", self.socket, "kill-server"], check=False, capture_output=True, timeout=20)


def has(*programs: str) -> bool:
    """Tell whether all programs are installed."""
    return all(shutil.which(program) for program in programs)


@contextmanager
def processes_started_by(pid: int) -> Iterator[list[str]]:
    """Watch a process; at the end the list holds its system calls that make new ones."""
    calls = "trace=clone,clone3,fork,vfork"
    watcher = subprocess.Popen(
        ["strace", "-q", "-e", calls, "-e", "signal=none", "-p", str(pid)], stderr=subprocess.PIPE, text=True
    )
    started: list[str] = []
    time.sleep(0.3)
    if watcher.poll() is not None:
        pytest.skip("strace may not look into other processes here")
    yield started
    watcher.terminate()
    assert watcher.stderr is not None
    started += [line for line in watcher.stderr.read().splitlines() if line.startswith(("clone", "fork", "vfork"))]
    watcher.wait()
