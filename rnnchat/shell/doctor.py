"""Looks for what is wrong with the shell plugin, and says how to mend it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rnnchat import __version__
from rnnchat.errors import RnnchatError
from rnnchat.files import shown
from rnnchat.shell.client import try_ask
from rnnchat.shell.folder import SOCKET, run_folder
from rnnchat.shell.history import History, shell_folder
from rnnchat.shell.learning import RETRAIN, find_network

RC_FILES = (".zshrc", ".bashrc", ".config/fish/config.fish")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, in a sentence, and what to do where it is not fine."""

    fine: bool
    what: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Look at everything that the plugin rests on, in the order in which it breaks."""
    try:
        folder = run_folder()
    except RnnchatError as error:
        yield Finding(False, str(error))
        return
    yield Finding(True, f"the folder of the socket is private: {shown(folder)}")
    yield from _daemon(folder)
    yield from _network()
    yield from _history()
    yield from _rc_files()
    if (shell_folder() / RETRAIN).exists():
        yield Finding(
            False,
            "the network was trained before something was forgotten, and may still know it",
            "train it anew: rnnchat shell learn",
        )


def _daemon(folder: Path) -> Iterator[Finding]:
    try:
        answer = try_ask("status")
    except RnnchatError as error:
        yield Finding(False, f"the daemon refuses to answer ({error})", "stop it: rnnchat shell stop")
        return
    if answer is None:
        if (folder / SOCKET).exists() and not _connects(folder / SOCKET):
            yield Finding(True, "no daemon runs; one that was killed left its socket, which the next one replaces")
        elif (folder / SOCKET).exists():
            yield Finding(False, "a daemon is there and does not answer", "kill it: pkill -f rnnchat.shell.daemon")
        else:
            yield Finding(True, "no daemon runs; the next prompt of a shell with the plugin starts it")
        return
    facts = json.loads(answer[0])
    yield Finding(True, f"the daemon answers: process {facts['pid']}, {facts['megabytes']:.0f} MB")
    yield Finding(
        facts["version"] == __version__,
        f"the daemon has version {facts['version']}, the program {__version__}",
        "" if facts["version"] == __version__ else "it ends by itself soon; or at once: rnnchat shell stop",
    )


def _connects(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            connection.connect(str(path))
    except OSError:
        return False
    return True


def _network() -> Iterator[Finding]:
    folder = find_network()
    try:
        from rnnchat.recurrent import RecurrentModel

        RecurrentModel.load(folder)
        yield Finding(True, f"the network runs: {shown(folder)}")
    except (RnnchatError, ImportError) as error:
        yield Finding(
            False, f"no network, so the history alone suggests ({error})", "train it anew: rnnchat shell learn"
        )


def _history() -> Iterator[Finding]:
    history = History()
    try:
        entries = history.read()
    except RnnchatError as error:
        yield Finding(False, str(error))
        return
    advice = "" if entries else "what your shells remember can be read: rnnchat shell learn"
    yield Finding(True, f"the history holds {len(entries):,} commands", advice)
    if history.path.exists() and os.stat(history.path).st_mode & 0o077:
        yield Finding(False, f"others may read {shown(history.path)}", f"close it: chmod 600 {shown(history.path)}")


def _rc_files() -> Iterator[Finding]:
    home = Path(os.path.expanduser("~"))
    named = []
    for name in RC_FILES:
        try:
            text = (home / name).read_text(errors="replace")
        except OSError:
            continue
        if "rnnchat shell init" in text or f"{shell_folder().name}/init." in text:
            named.append(f"~/{name}")
    if named:
        yield Finding(True, f"the plugin is loaded by {', '.join(named)}")
    else:
        line = 'eval "$(rnnchat shell init zsh)"'
        yield Finding(False, "no rc file loads the plugin", f"put this at the end of ~/.zshrc: {line}")
