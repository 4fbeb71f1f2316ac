"""What keeps a training from doing harm: the lock, the wish to stop, and no writing over what is there."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnchat.cli.output import say
from rnnchat.errors import SaveError, TrainingError, UsageError

if TYPE_CHECKING:
    from rnnchat.train.recipe import Recipe


def require_torch() -> None:
    """Raise TrainingError with the command that installs it where torch is missing or cannot be loaded."""
    from importlib import import_module
    from importlib.util import find_spec

    install = f"{sys.executable} -m pip install 'torch>=2.6,<2.14' onnx"
    missing = [name for name in ("torch", "onnx") if find_spec(name) is None]
    if missing:
        what = " and ".join(missing)
        raise TrainingError(f"training needs {what}, which running does not; install it: {install}")
    # Threads that wait must not spin for long: where other work shares the cores, that slows both a hundredfold.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    try:
        import_module("rnnchat.train.trainer")
        import_module("rnnchat.train.export")
    except (ImportError, OSError) as error:
        raise TrainingError(f"torch or onnx cannot be loaded ({error!s:.200}); install it anew: {install}") from error


def refuse_to_overwrite(target: Path, snapshot: Path, options: dict[str, Any]) -> None:
    """Raise UsageError where a training would take the place of a model or of a stopped training without a word."""
    from rnnchat.files import recover_folder

    recover_folder(snapshot)
    stopped = os.path.exists(snapshot / "config.json")
    there = os.path.lexists(target)
    if options["overwrite"] or (options["resume"] and (stopped or not there)):
        return
    name = target.name
    if options["resume"]:
        raise UsageError(f"no stopped training of {name} is there, but the model is; say --replace to train it anew")
    if stopped:
        raise UsageError(f"a training of {name} was stopped; go on with it by --resume, or begin anew by --replace")
    if there:
        raise UsageError(f"there is a model named {name} already; choose another --name, or say --replace")


def check_agrees(recipe: Recipe, options: dict[str, Any]) -> None:
    """Raise UsageError where an option says something else than the stopped training that is to be resumed."""
    for option in ("unit", "cell", "size", "minutes", "epochs", "learning_rate", "seed"):
        value = None if option == "epochs" and recipe.minutes is not None else getattr(recipe, option)
        if options[option] not in (None, value):
            flag = f"--{option.replace('_', '-')}"
            had = f"no {flag}" if value is None else f"{flag} {value}"
            raise UsageError(f"the stopped training has {had}; leave that option out to resume it")


class StopRequest:
    """Turns the first Ctrl-C or SIGTERM into a wish to stop after this step; the second stops at once."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> StopRequest:
        import signal

        self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *error: object) -> None:
        import signal

        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        say("stopping after this step; once more stops at once")


class TrainingLock:
    """Holds the lock of one training, so that two do not write the same files.

    Raises:
        TrainingError: another process holds it.
    """

    def __init__(self, snapshot: Path) -> None:
        self.path = snapshot.with_name(snapshot.name + ".lock")

    def __enter__(self) -> None:
        import fcntl

        from rnnchat.files import because, shown

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.file = self.path.open("a")
        except OSError as error:
            advice = "mend that, or set RNNCHAT_HOME to another folder"
            raise SaveError(f"{shown(self.path.parent)} cannot be written ({because(error)}); {advice}") from None
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.file.close()
            raise TrainingError(
                f"another rnnchat is training {self.path.stem} now; wait for it or choose another --name"
            ) from None

    def __exit__(self, *error: object) -> None:
        self.file.close()
