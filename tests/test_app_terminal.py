"""The app in real terminals: it starts, it is left, and the terminal is as it was, whatever happened."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest
from conftest import Rnnchat

# Real terminals and processes on a machine that others use, too: what was late once may be in time.
pytestmark = pytest.mark.flaky(reruns=3)

RNNCHAT = [sys.executable, "-m", "rnnchat"]
PATIENCE = 20.0
RESTORED = ("\x1b[?1049l", "\x1b[?2004l", "\x1b[?25h")  # alternate screen and bracketed paste off, cursor on


class Terminal:
    """A process on a pseudo-terminal, and its screen."""

    def __init__(self, command: list[str], columns: int = 80, rows: int = 24, cwd: Path | None = None) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        self.child = pexpect.spawn(
            command[0], command[1:], dimensions=(rows, columns), encoding="utf-8", env=environment, cwd=cwd, timeout=0
        )
        self.before = termios.tcgetattr(self.child.child_fd)
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self.sent = ""

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def read(self) -> None:
        """Take in what has come."""
        try:
            data = self.child.read_nonblocking(65536, 0.02)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.sent += data
        self._stream.feed(data)

    def until(self, seen: Callable[[], object], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not seen():
            self.read()
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what}\n{self.text}\n{self.sent[-300:]!r}")

    def shows(self, text: str) -> None:
        self.until(lambda: text in self.text, repr(text))

    def ends(self) -> int:
        """Wait for the end; return the exit code, and be sure that the terminal is as it was."""
        self.until(lambda: not self.child.isalive(), "the end")
        for _ in range(3):
            self.read()
        after = self.sent.rfind("\x1b[?1049h")
        assert all(sequence in self.sent[after:] for sequence in RESTORED), repr(self.sent[after:][-400:])
        return int(self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    terminals: list[Terminal] = []

    def start(*arguments: str, **options: int) -> Terminal:
        terminals.append(Terminal([*RNNCHAT, *arguments], cwd=tmp_path, **options))
        return terminals[-1]

    yield start
    for terminal in terminals:
        if terminal.child.isalive():
            terminal.child.kill(signal.SIGKILL)
            terminal.child.wait()
        terminal.child.close(force=False)


def test_it_starts_suggests_and_is_left(started: Callable[..., Terminal]) -> None:
    terminal = started()
    terminal.shows("nothing you")
    terminal.child.send("I want to order pizza with")
    terminal.shows("pizza with mushrooms")
    terminal.child.send("\x1b[C\r")
    terminal.until(lambda: "› I want to order pizza with mushrooms" in terminal.text, "the message")
    terminal.child.setwinsize(12, 40)
    terminal.screen.resize(12, 40)
    terminal.child.send("Knock, k")
    terminal.shows("nock!")
    terminal.child.send("\x04")
    assert terminal.ends() == 0
    assert terminal.child.child_fd


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_and_the_draft_is_kept(
    number: signal.Signals, code: int, started: Callable[..., Terminal]
) -> None:
    terminal = started()
    terminal.shows("nothing you")
    terminal.child.send("half a thou")
    terminal.shows("half a thou")
    terminal.child.kill(number)
    assert terminal.ends() == code
    again = started()
    again.shows("half a thou")


def test_a_kill_costs_less_than_a_second_of_typing(started: Callable[..., Terminal]) -> None:
    terminal = started()
    terminal.shows("nothing you")
    terminal.child.send("half a thou")
    terminal.shows("half a thou")
    time.sleep(0.8)
    terminal.child.kill(signal.SIGKILL)
    terminal.until(lambda: not terminal.child.isalive(), "the end")
    again = started()
    again.shows("half a thou")


def test_a_kill_costs_nothing_that_was_said(started: Callable[..., Terminal]) -> None:
    terminal = started()
    terminal.shows("nothing you")
    terminal.child.send("Knock, knock!\r")
    terminal.shows("\n  Who's there?")
    terminal.child.kill(signal.SIGKILL)
    terminal.until(lambda: not terminal.child.isalive(), "the end")
    again = started()
    again.shows("\n  Who's there?")
    again.child.send("Boo.\r")
    again.shows("\n  Boo who?")


def test_a_mistake_of_ours_gives_the_terminal_back(tmp_path: Path) -> None:
    broken = """if True:
        from rnnchat.__main__ import main
        import rnnchat.tui.screen as screen
        draw = screen.draw_title
        def fail(pages, *others):
            if pages[1][1]:
                raise RuntimeError("a mistake")
            return draw(pages, *others)
        screen.draw_title = fail
        main([])
    """
    terminal = Terminal([sys.executable, "-c", broken], cwd=tmp_path)
    terminal.shows("nothing you")
    terminal.child.send("\x1b[15~")  # F5, the other page
    assert terminal.ends() == 1
    assert "something went wrong inside rnnchat (RuntimeError: a mistake)" in terminal.sent.replace("\r\n", " ")
    assert "Press ENTER" not in terminal.sent
    assert "Traceback" not in terminal.sent


def test_suspended_and_resumed(tmp_path: Path) -> None:
    terminal = Terminal(["/bin/bash", "--norc", "-i"], cwd=tmp_path)
    terminal.until(lambda: terminal.sent, "a prompt")
    terminal.child.send(" ".join(RNNCHAT) + "\n")
    terminal.shows("nothing you")
    terminal.child.send("see")
    terminal.shows("› see")
    terminal.child.send("\x1a")
    terminal.until(lambda: "Stopped" in terminal.sent, "the shell")
    assert RESTORED[0] in terminal.sent
    terminal.child.send("echo back-$((6*7))\n")
    terminal.until(lambda: "back-42" in terminal.sent, "the shell to work")
    terminal.child.send("fg\n")
    terminal.shows("› see")
    terminal.child.send(" it")
    terminal.shows("› see it")
    terminal.child.send("\x04")
    terminal.child.send("exit\n")
    terminal.ends()


def test_what_is_piped_in_stands_in_the_box(tmp_path: Path) -> None:
    command = f"echo 'I want to order pizza with' | {' '.join(RNNCHAT)}"
    terminal = Terminal(["/bin/bash", "--norc", "-c", command], cwd=tmp_path)
    terminal.shows("› I want to order pizza with mushrooms")
    terminal.child.send("\x1b[F!")
    terminal.shows("!")
    terminal.child.send("\x04")
    assert terminal.ends() == 0


def test_write_opens_a_file(started: Callable[..., Terminal], tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("one\ntwo\n")
    terminal = started("write", "notes.md")
    terminal.shows("notes.md")
    terminal.child.send("zero ")
    terminal.shows("zero one")
    terminal.child.send("\x13")
    terminal.shows("saved notes.md")
    terminal.child.send("\x03\x03")
    assert terminal.ends() == 0
    assert (tmp_path / "notes.md").read_text() == "zero one\ntwo\n"


def test_a_file_that_cannot_be_opened_is_one_sentence(rnnchat: Rnnchat, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"a\x00b")
    for name, reason in (
        ("binary", "is not text but binary"),
        (".", "is a folder"),
        ("no/where", "there is no folder"),
    ):
        terminal = Terminal([*RNNCHAT, "write", name], columns=200, cwd=tmp_path)
        terminal.until(lambda terminal=terminal: not terminal.child.isalive(), "the end")  # type: ignore[misc]
        terminal.read()
        assert terminal.child.exitstatus == 1
        assert reason in terminal.sent and "\x1b" not in terminal.sent


def test_without_a_terminal_the_conversation_is_by_lines(rnnchat: Rnnchat) -> None:
    done = rnnchat(stdin="Knock, knock!\nBoo.\n")
    assert (done.returncode, done.stdout) == (0, "Who's there?\nBoo who?\n")
    refused = rnnchat("write", "notes.md")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "needs a terminal" in refused.stderr


def test_a_dumb_terminal_has_lines_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal(RNNCHAT, cwd=tmp_path)
    terminal.until(lambda: "> " in terminal.sent, "a prompt")
    assert "\x1b[?1049h" not in terminal.sent
    terminal.child.send("\x04")
    terminal.until(lambda: not terminal.child.isalive(), "the end")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_tmux(tmp_path: Path) -> None:
    def tmux(*arguments: str) -> str:
        command = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout

    def shows(text: str) -> str:
        end = time.monotonic() + PATIENCE
        while text not in (screen := tmux("capture-pane", "-p", "-e")):
            assert time.monotonic() < end, screen
            time.sleep(0.02)
        return screen

    start = f"cd {tmp_path} && {' '.join(RNNCHAT)}; echo left with $?; sleep 60"
    tmux("new-session", "-d", "-x", "80", "-y", "20", start)
    try:
        shows("nothing you")
        tmux("send-keys", "-l", "I want to order pizza with")
        assert "\x1b[3m" in shows("mushrooms and").split("pizza with")[1][:8], "the suggestion is italic"
        tmux("send-keys", "Tab", "Enter")
        shows("with mushrooms and")
        tmux("send-keys", "F3", "F4", "F1")
        shows("Try this")
        tmux("resize-window", "-x", "40", "-y", "12")
        tmux("send-keys", "Escape")
        shows("hidden state")
        tmux("send-keys", "C-d")
        shows("left with 0")
    finally:
        tmux("kill-server")
