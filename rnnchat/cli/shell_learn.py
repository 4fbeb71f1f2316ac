"""What `rnnchat shell learn` does: import histories, and train the network of commands on them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rnnchat.cli.output import say

FEWEST = 200  # commands that are worth training on


def import_files(files: tuple[Path, ...]) -> None:
    """Read history files into our own history and tell the daemon.

    Raises:
        TextError: a named file cannot be read.
        ShellError, SaveError: our own history cannot be read or written.
    """
    from rnnchat.errors import ShellError, TextError
    from rnnchat.shell.client import no_answer, try_ask
    from rnnchat.shell.endpoints import lock_holder
    from rnnchat.shell.folder import run_folder
    from rnnchat.shell.history import History
    from rnnchat.shell.importers import import_history, merge, usual_files

    history = History()
    known = history.read()
    paths = list(files) or usual_files()
    if not paths:
        say("there is no history of zsh, bash or fish where it usually is; name a file")
    imported, forgotten = [], history.forgotten
    for path in paths:
        try:
            found = import_history(path)
        except TextError as error:
            if files:
                raise
            say(f"rnnchat: {error}")
            continue
        entries = [entry for entry in found.entries if not forgotten.holds(entry.command)]
        imported += entries
        cut = ", the end of it," if found.cut else ""
        dropped = found.dropped + len(found.entries) - len(entries)
        say(f"{path}{cut}: {len(entries):,} commands, {dropped:,} left out (secrets, hidden, forgotten or damaged)")
    merged = merge(known, imported)
    if len(merged) > len(known):
        history.replace(merged)
    say(f"{len(merged) - len(known):,} commands are new; the history holds {len(merged):,}")
    try:
        if lock_holder(run_folder()) is not None and (
            try_ask("ping") is None or try_ask("reload", seconds=60.0) is None
        ):
            say(f"rnnchat: {no_answer(run_folder())}")
    except ShellError as error:
        say(f"rnnchat: the daemon goes on with the history it knew ({error})")


def take_training_lock() -> int | None:
    """Return a lock that the training inherits and holds to its end; None where one is under way.

    Raises:
        SaveError: the disk said no.
    """
    import fcntl

    from rnnchat.cli.train_guards import TrainingLock
    from rnnchat.errors import SaveError, TrainingError
    from rnnchat.files import because, shown
    from rnnchat.places import home
    from rnnchat.shell.history import shell_folder
    from rnnchat.shell.learning import OWN

    path = shell_folder() / "training.lock"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SaveError(f"cannot save {shown(path)} ({because(error)}); mend that and try again") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with TrainingLock(home() / "training" / OWN):  # what is left of one whose parent was killed
            return lock
    except (BlockingIOError, TrainingError):
        os.close(lock)
        return None


def train_network(minutes: float, wait: bool) -> None:
    """Fine-tune the network of commands on the history; in the background unless `wait`.

    Raises:
        TrainingError: torch is missing.
        SaveError: the text to train on cannot be written.
    """
    from rnnchat.cli.train_guards import require_torch
    from rnnchat.places import bundled_folder, home
    from rnnchat.shell.history import History, shell_folder
    from rnnchat.shell.learning import BUNDLED, OWN, RETRAIN, TRAINING, own_network, runs, write_text

    history = History()
    entries = history.read()
    if len(entries) < FEWEST:
        say(f"{len(entries)} commands are too few to train a network on, {FEWEST} would do; they count all the same")
        return
    require_torch()
    log = shell_folder() / "training.log"
    lock = take_training_lock()
    if lock is None:
        say(f"a training is under way already; {log} tells how it goes")
        return
    text, stopped = shell_folder() / TRAINING, home() / "training" / OWN
    command = [sys.executable, "-P", "-m", "rnnchat", "train", str(text), "--name", OWN, "--device", "cpu"]
    if (stopped / "config.json").exists() and text.is_dir():
        command += ["--resume"]  # the text of the training that was broken off is still there
    else:
        write_text(entries, text)
        # Weights that may still know what was forgotten are not gone on from.
        own = None if (shell_folder() / RETRAIN).exists() else own_network()
        start = str(own if own and runs(own) else bundled_folder("checkpoints") / BUNDLED)
        command += ["--start-from", start, "--minutes", f"{minutes:g}", "--replace"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    program = ["nice", "-n", "10", sys.executable, "-P", "-m", "rnnchat.shell.learning", *command]
    if wait:
        code = subprocess.run(program, env=environment, check=False, pass_fds=[lock]).returncode
        if code:
            sys.exit(code)
        say("trained; the daemon uses it from the next prompt on")
        return
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
        nowhere = subprocess.DEVNULL
        subprocess.Popen(
            program,
            stdin=nowhere,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=environment,
            pass_fds=[lock],
        )
    say(f"training for {minutes:g} minutes in the background; {log} tells how it goes")
