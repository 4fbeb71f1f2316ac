"""The script that a shell evaluates: a few lines that say where things are, and the plugin beside this file."""

from __future__ import annotations

import os
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path

from rnnchat import __version__
from rnnchat.errors import SaveError
from rnnchat.files import because, shown, write_file
from rnnchat.shell.client import start_command
from rnnchat.shell.folder import run_folder
from rnnchat.shell.history import shell_folder

PLUGINS = Path(__file__).parent / "plugins"
ASK = Path(__file__).with_name("ask.py")


def plugin_file(shell: str) -> Path:
    """Return the plugin for "zsh", "bash" or "fish"."""
    return PLUGINS / f"rnnchat.{shell}"


def make_script(shell: str) -> str:
    """Return what the rc file of `shell` is to evaluate.

    Raises:
        ShellError: there is no folder for the socket.
    """
    folder = run_folder()
    plugin, start = plugin_file(shell), start_command(folder)
    home = os.environ.get("RNNCHAT_HOME")
    if home:  # the daemon that this shell starts must find the same home
        start = ["env", f"RNNCHAT_HOME={os.path.abspath(os.path.expanduser(home))}", *start]
    if shell == "fish":
        # -I and -S: nothing but the interpreter itself is loaded, so that a key costs some twenty milliseconds.
        values = {
            "folder": [str(folder)],
            "start": start,
            "version": [__version__],
            "ask": [start_command(folder)[0], "-I", "-S", str(ASK)],
        }
        lines = [f"set -g _rnnchat_{name} {' '.join(map(fish_quote, words))}" for name, words in values.items()]
        return "\n".join([*lines, f"source {fish_quote(str(plugin))}", ""])
    words = " ".join(map(shlex.quote, start))
    return (
        f"_rnnchat_folder={shlex.quote(str(folder))}\n"
        f"_rnnchat_version={shlex.quote(__version__)}\n"
        f"_rnnchat_start=({words})\n"
        f"[ -r {shlex.quote(str(plugin))} ] && . {shlex.quote(str(plugin))}\n"
    )


def fish_quote(text: str) -> str:
    """Return `text` as one word of fish."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def script_file(shell: str) -> Path:
    """Return where write_script puts the script."""
    return shell_folder() / f"init.{shell}"


def write_script(shell: str) -> Path:
    """Write the script to a file that an rc file can read without starting Python; return the file.

    Raises:
        SaveError: the disk said no.
    """
    path, plugin = script_file(shell), plugin_file(shell)
    text = make_script(shell)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(f"cannot make the folder {shown(path.parent)} ({because(error)}); mend that first") from error
    if shell == "zsh":
        # zsh reads what it has compiled in half the time. After an upgrade the plugin itself is newer, and is read.
        copy = path.with_name(plugin.name)
        write_file(copy, plugin.read_bytes())
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                ["zsh", "-fc", "zcompile -- $1", "zsh", str(copy)], check=True, capture_output=True, timeout=10
            )
        text = text[: text.rindex("[ -r")] + (
            f"if [[ {shlex.quote(str(copy))} -nt {shlex.quote(str(plugin))} ]]; then . {shlex.quote(str(copy))}\n"
            f"elif [[ -r {shlex.quote(str(plugin))} ]]; then . {shlex.quote(str(plugin))}; fi\n"
        )
    write_file(path, text.encode())
    return path
