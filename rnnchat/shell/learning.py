"""The network of commands: which one speaks, and the text that a person's own is trained on.

`python -m rnnchat.shell.learning COMMAND...` runs a training in the background and clears up after it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rnnchat.errors import RnnchatError
from rnnchat.places import bundled_folder, own_models
from rnnchat.shell.counts import Entry

BUNDLED, OWN = "shell", "shell-own"
RETRAIN = "retrain"  # the file that says that something was forgotten since the last training
TRAINING = "training"  # the folder of the text that is trained on
SESSION_GAP = 3_600  # seconds without a command that end a session
LEAST_OFTEN = 2  # a command is learned by the weights from the second time on: single lines are not memorised


def own_network() -> Path | None:
    """Return the folder of the network that was trained on the person's history, if there is one."""
    folder = own_models() / OWN
    return folder if (folder / "config.json").exists() else None


def runs(folder: Path) -> bool:
    """Tell whether the network in `folder` can be loaded."""
    try:
        from rnnchat.recurrent import RecurrentModel

        RecurrentModel.load(folder)
    except (RnnchatError, ImportError):
        return False
    return True


def networks() -> list[Path]:
    """Return the folders of the networks to use: the first that is not damaged."""
    found = [own] if (own := own_network()) else []
    with suppress(RnnchatError):  # an installation without its checkpoints
        found.append(bundled_folder("checkpoints") / BUNDLED)
    return found


def write_text(entries: Sequence[Entry], folder: Path) -> Path:
    """Write the text that a person's network is trained on: their sessions, and ours so that those are not forgotten.

    Commands that were run once only, that failed, or that hold a secret by today's rules are left out.

    Returns:
        The folder, mode 0700.

    Raises:
        SaveError: the disk said no.
    """
    from collections import Counter

    from rnnchat.files import write_file
    from rnnchat.redact import holds_secret

    often = Counter(entry.command for entry in entries)
    secret = {command for command in often if holds_secret(command)}
    blocks: list[str] = []
    session: list[str] = []
    before: Entry | None = None
    for entry in entries:
        if before and (entry.session != before.session or entry.time - before.time > SESSION_GAP):
            blocks.append("\n".join(session))
            session = []
        before = entry
        fit = often[entry.command] >= LEAST_OFTEN and not entry.status and "\n" not in entry.command
        if fit and entry.command not in secret:
            session.append(entry.command)
    blocks.append("\n".join(session))
    own = "\n\n".join(block for block in blocks if block) + "\n"
    ours = (bundled_folder("corpora") / "shell" / "sessions.blocks").read_bytes()
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)
    write_file(folder / "own.blocks", own.encode())
    write_file(folder / "bundled.blocks", ours)
    return folder


def clear_training() -> None:
    """Remove the text of a training that is done; one that was broken off needs it to go on."""
    from rnnchat.shell.history import shell_folder

    with suppress(FileNotFoundError):
        shutil.rmtree(shell_folder() / TRAINING)


def run_training(command: Sequence[str]) -> int:
    """Run a training to its end; return its exit code."""
    from rnnchat.shell.client import try_ask
    from rnnchat.shell.history import shell_folder

    began = time.time()
    code = subprocess.run(command, check=False).returncode
    if code == 0:
        clear_training()
        with suppress(FileNotFoundError):
            if (shell_folder() / RETRAIN).stat().st_mtime < began:  # not for what was forgotten in the meantime
                (shell_folder() / RETRAIN).unlink()
        try_ask("stop")  # the next prompt starts a daemon with the new network
    return code


if __name__ == "__main__":
    sys.exit(run_training(sys.argv[1:]))
