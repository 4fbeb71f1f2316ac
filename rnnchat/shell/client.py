"""The command line's side of the daemon: is it there, start it, ask it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

from rnnchat.errors import ShellError
from rnnchat.shell.ask import ask
from rnnchat.shell.endpoints import lock_holder
from rnnchat.shell.folder import run_folder

START_SECONDS = 20.0  # on a machine that is at its limit; who cannot start says so at once
END_SECONDS = 3.0


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
        ShellError: it cannot start, for the reason that it gives; or it does not answer.
    """
    folder, process, began = run_folder(), None, time.monotonic()
    while time.monotonic() < began + START_SECONDS:
        answer = try_ask("ping", seconds=1.0)
        if answer is not None:
            return answer[1]
        if process is None and lock_holder(folder) is None:
            # It lets go of our pipe as soon as it listens.
            nowhere, pipe = subprocess.DEVNULL, subprocess.PIPE
            process = subprocess.Popen(
                start_command(folder), stdin=nowhere, stdout=nowhere, stderr=pipe, start_new_session=True
            )
        elif process is None and time.monotonic() > began + END_SECONDS:
            break  # one is there, and neither just starting nor just ending
        elif process is not None and process.poll():
            raise ShellError(_last_words(process) or no_answer(folder))
        time.sleep(0.05)
    raise ShellError(no_answer(folder))


def _last_words(process: subprocess.Popen[bytes]) -> str:
    """Return the sentence that a daemon that could not start has left."""
    assert process.stderr is not None
    sentence = process.stderr.read().decode(errors="replace").strip().rpartition("\n")[2]
    return sentence.removeprefix("rnnchat: ") if sentence.startswith("rnnchat: ") else ""


def no_answer(folder: Path) -> str:
    """Return the sentence for a daemon that gave no answer."""
    holder = lock_holder(folder)
    if holder is None:
        return "the daemon does not answer; rnnchat shell doctor looks for the reason"
    return f"the daemon, process {holder}, hangs and does not answer; end it: rnnchat shell stop"


def stop_daemon() -> Literal["", "asked", "killed"]:
    """End the daemon and wait until it is gone; return how: it was asked, or killed because it hung; "" for none.

    Raises:
        ShellError: it cannot be ended.
    """
    folder = run_folder()
    asked = try_ask("stop") is not None
    if _is_gone(folder, END_SECONDS if asked else 0.0):
        return "asked" if asked else ""
    for number in (signal.SIGTERM, signal.SIGKILL):
        holder = lock_holder(folder)
        with suppress(ProcessLookupError):
            if holder is not None:
                os.kill(holder, number)
        if _is_gone(folder, 1.0):
            return "killed"
    raise ShellError(f"the daemon, process {lock_holder(folder)}, cannot be ended; end it by hand")


def _is_gone(folder: Path, seconds: float) -> bool:
    """Wait until no daemon has the lock; tell whether that came to be."""
    deadline = time.monotonic() + seconds
    while lock_holder(folder) is not None:
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True
