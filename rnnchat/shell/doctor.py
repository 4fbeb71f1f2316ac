"""Looks for what is wrong with the shell plugin, and says how to mend it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rnnchat import __version__
from rnnchat.errors import RnnchatError
from rnnchat.files import because, shown
from rnnchat.shell.client import try_ask
from rnnchat.shell.endpoints import lock_holder
from rnnchat.shell.folder import LOCK, REQUESTS, SOCKET, run_folder
from rnnchat.shell.history import History, shell_folder
from rnnchat.shell.learning import RETRAIN, networks

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
        yield from _no_answer(folder)
        return
    facts = json.loads(answer[0])
    yield Finding(True, f"the daemon answers: process {facts['pid']}, {facts['megabytes']:.0f} MB")
    yield Finding(
        facts["version"] == __version__,
        f"the daemon has version {facts['version']}, the program {__version__}",
        "" if facts["version"] == __version__ else "it ends by itself soon; or at once: rnnchat shell stop",
    )


def _no_answer(folder: Path) -> Iterator[Finding]:
    holder = lock_holder(folder)
    in_the_way = [folder / name for name in (SOCKET, REQUESTS) if (folder / name).is_dir()]
    if (folder / LOCK).is_symlink() or ((folder / LOCK).exists() and not (folder / LOCK).is_file()):
        in_the_way.append(folder / LOCK)
    if holder is not None:
        yield Finding(False, f"the daemon, process {holder}, hangs and does not answer", "end it: rnnchat shell stop")
    elif in_the_way:
        yield Finding(
            False, f"no daemon can start: {shown(in_the_way[0])} is in its way", f"move it away: {shown(in_the_way[0])}"
        )
    elif (folder / SOCKET).exists():
        yield Finding(True, "no daemon runs; one that was killed left its socket, which the next one replaces")
    else:
        yield Finding(True, "no daemon runs; the next prompt of a shell with the plugin starts it")


def _network() -> Iterator[Finding]:
    for folder in networks():
        try:
            from rnnchat.recurrent import RecurrentModel

            RecurrentModel.load(folder)
            yield Finding(True, f"the network runs: {shown(folder)}")
            return
        except (RnnchatError, ImportError) as error:
            yield Finding(False, f"a network cannot be used: {error}", "train one anew: rnnchat shell learn")
    yield Finding(False, "no network runs, so the history alone suggests", "install rnnchat anew")


def _history() -> Iterator[Finding]:
    history = History()
    try:
        entries = history.read()
    except RnnchatError as error:
        yield Finding(False, str(error))
        return
    if not entries and history.path.exists() and history.path.stat().st_size:
        yield Finding(False, f"{shown(history.path)} holds nothing that can be read", "move it away")
        return
    if reason := _why_not_writable(shell_folder()):
        yield Finding(
            False, f"nothing can be saved in {shown(shell_folder())} ({reason})", "mend that: what you run is not kept"
        )
    advice = "" if entries else "what your shells remember can be read: rnnchat shell learn"
    yield Finding(True, f"the history holds {len(entries):,} commands", advice)
    if history.path.exists() and os.stat(history.path).st_mode & 0o077:
        yield Finding(False, f"others may read {shown(history.path)}", f"close it: chmod 600 {shown(history.path)}")


def _why_not_writable(folder: Path) -> str | None:
    """Return why no file can be written in `folder`; None where one can. It is made if it is missing."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(1 << 16))  # a full disk has no room for this
            file.flush()
    except OSError as error:
        return because(error)
    return None


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
