"""The command line's side of the daemon: is it there, start it, ask it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from rnnchat.errors import ShellError
from rnnchat.shell.ask import ask
from rnnchat.shell.folder import run_folder

START_SECONDS = 10.0


def start_command(folder: Path) -> list[str]:
    """Return the command that starts the daemon; it returns at once where one runs."""
    # -P: a folder that the shell happens to stand in must not lend us its modules.
    return [sys.executable, "-P", "-m", "rnnchat.shell.daemon", str(folder)]


def try_ask(*fields: str, seconds: float = 2.0) -> list[str] | None:
    """Return the daemon's answer without the leading "ok"; None where no daemon answers.

    Raises:
        ShellError: the daemon says that it cannot; no folder can be used.
    """
    try:
        answer = ask(str(run_folder()), seconds, *fields)
    except (OSError, ValueError):
        return None
    if answer[:1] == ["error"]:
        raise ShellError(answer[1] if len(answer) > 1 else "the daemon refused; rnnchat shell stop, then try again")
    return answer[1:] if answer else None


def start_daemon() -> str:
    """Start the daemon unless it answers already; return its process's number.

    Raises:
        ShellError: it does not answer within START_SECONDS.
    """
    answer = try_ask("ping")
    if answer is None:
        nowhere = subprocess.DEVNULL
        command = start_command(run_folder())
        subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while answer is None and time.monotonic() < deadline:
        time.sleep(0.05)
        answer = try_ask("ping")
    if answer is None:
        raise ShellError("the daemon does not answer; rnnchat shell doctor looks for the reason")
    return answer[1]


def stop_daemon() -> bool:
    """Ask the daemon to end and wait for it; return whether one was there."""
    if try_ask("stop") is None:
        return False
    deadline = time.monotonic() + START_SECONDS
    while try_ask("ping", seconds=0.5) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    return True
