"""`rnnchat train`: read texts, train a network, save it as a model."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnchat.cli.options import Number
from rnnchat.cli.output import say
from rnnchat.errors import TrainingError, UsageError

if TYPE_CHECKING:
    from rnnchat.checkpoint import Checkpoint
    from rnnchat.cli.train_display import Display
    from rnnchat.train.recipe import Recipe
    from rnnchat.train.trainer import Trainer

SNAPSHOT_SECONDS = float(os.environ.get("RNNCHAT_SNAPSHOT_SECONDS", "30"))
# A text is read no further than a budget in minutes can learn from, in characters a second.
READ_PER_SECOND = 60_000


@click.command("train", help="Train a model on text files and folders.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--name", required=True, help="Name of the model that comes out.")
@click.option(
    "--unit", type=click.Choice(["char", "word"]), help="What a token is; chosen by the text's size if absent."
)
@click.option("--cell", type=click.Choice(["lstm", "gru", "rnn", "feedforward"]), default=None, help="lstm if absent.")
@click.option("--size", type=click.Choice(["small", "medium", "large"]), help="Chosen by text and budget if absent.")
@click.option("--minutes", type=Number(0.05, 10_000), help="Wall time to train for.")
@click.option("--epochs", type=Number(0.001, 100_000), help="Passes over the text.")
@click.option("--learning-rate", type=Number(1e-7, 1.0), help="The peak; chosen by the unit if absent.")
@click.option("--start-from", metavar="MODEL", help="Go on from this model's weights, on other text.")
@click.option("--resume", is_flag=True, help="Go on with a training of this name that was stopped.")
@click.option("--replace", "overwrite", is_flag=True, help="Replace a model of this name.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each event.")
def command(paths: tuple[str, ...], name: str, as_json: bool, **options: Any) -> None:
    """Train and save; see the options' help."""
    began = time.monotonic()
    from rnnchat.checkpoint import check_name
    from rnnchat.places import home, own_models

    check_name(name)
    if options["minutes"] is not None and options["epochs"] is not None:
        raise UsageError("--minutes and --epochs are two ways to say how long; give one of them")
    target = own_models() / name
    if target.exists() and not (options["overwrite"] or options["resume"]):
        raise UsageError(f"there is a model named {name} already; choose another --name, or say --replace")
    require_torch()
    from rnnchat.cli.train_display import open_display

    snapshot = home() / "training" / name
    with TrainingLock(snapshot), open_display(as_json) as display:
        trainer, notes = prepare(paths, name, options, snapshot, began)
        for note in notes:
            display.note(note)
        finished = run(trainer, snapshot, display)
        save(trainer, target, paths, display)
        if finished:
            from rnnchat.train.snapshot import forget_snapshot

            forget_snapshot(snapshot)
            display.done(name, target, trainer)
        else:
            again = " ".join(["rnnchat train", *paths, "--name", name, "--resume"])
            display.note(f"stopped; the best so far is saved as {name}, and this goes on with it: {again}")
    if not finished:
        sys.exit(130)


def require_torch() -> None:
    """Raise TrainingError with the command that installs it where torch is missing."""
    from importlib.util import find_spec

    missing = [name for name in ("torch", "onnx") if find_spec(name) is None]
    if missing:
        what = " and ".join(missing)
        raise TrainingError(
            f"training needs {what}, which running does not; install it: "
            f"{sys.executable} -m pip install 'torch>=2.6,<2.14' onnx"
        )


def prepare(
    paths: tuple[str, ...], name: str, options: dict[str, Any], snapshot: Path, began: float
) -> tuple[Trainer, list[str]]:
    """Read the texts and return a trainer at its first step, or where a stopped training was."""
    from rnnchat.train.corpus import MAX_CHARACTERS, build_corpus, gather
    from rnnchat.train.snapshot import load_recipe, resume
    from rnnchat.train.trainer import Trainer

    stopped = load_recipe(snapshot) if options["resume"] else None
    parent_name = stopped[1] if stopped else options["start_from"]
    parent = load_parent(parent_name) if parent_name else None
    minutes = stopped[0].minutes if stopped else options["minutes"]
    limit = MAX_CHARACTERS if minutes is None else min(MAX_CHARACTERS, int(60 * minutes * READ_PER_SECOND) + 1_000_000)
    seed = stopped[0].seed if stopped else options["seed"]
    documents, notes = gather(paths, seed, limit)
    characters = sum(document.characters for document in documents)
    recipe = stopped[0] if stopped else choose_recipe(characters, options, parent)
    corpus = build_corpus(documents, recipe.unit, recipe.vocabulary, seed, parent.vocabulary if parent else None)
    del documents
    notes += corpus.notes
    notes.append(describe(characters, recipe))
    trainer = Trainer(corpus, recipe, name, parent, began)
    if stopped:
        resume(trainer, snapshot)
        notes.append(f"going on after step {trainer.step:,}")
    elif options["resume"]:
        notes.append(f"no stopped training of {name} was found; this one starts from the beginning")
    return trainer, notes


def choose_recipe(characters: int, options: dict[str, Any], parent: Checkpoint | None) -> Recipe:
    """Return the recipe for the text, the options and the checkpoint to start from.

    Raises:
        UsageError: an option contradicts that checkpoint.
    """
    from rnnchat.train.recipe import FINE_TUNING_RATE, recipe_for

    if parent is not None:
        for option, value in (("unit", parent.config.unit), ("cell", parent.config.cell)):
            if options[option] not in (None, value):
                raise UsageError(f"{parent.config.name} has --{option} {value}; leave that option out to start from it")
        if options["size"]:
            raise UsageError(f"--size is that of {parent.config.name} when starting from it; leave that option out")
        options = {**options, "unit": parent.config.unit, "cell": parent.config.cell}
    recipe = recipe_for(
        characters,
        unit=options["unit"],
        cell=options["cell"] or "lstm",
        size=options["size"],
        minutes=options["minutes"],
        epochs=options["epochs"],
        seed=options["seed"],
    )
    if parent is not None:
        made = parent.config
        recipe = replace(
            recipe, layers=made.layers, hidden=made.hidden, embedding=made.embedding, vocabulary=made.vocabulary,
            tied=made.tied, learning_rate=recipe.learning_rate * FINE_TUNING_RATE,
        )  # fmt: skip
    if options["learning_rate"]:
        recipe = replace(recipe, learning_rate=options["learning_rate"])
    return recipe


def load_parent(name: str) -> Checkpoint:
    """Load the checkpoint to start from, with weights."""
    from rnnchat.checkpoint import Checkpoint
    from rnnchat.places import find_model

    return Checkpoint.load(find_model(name), with_weights=True)


def describe(characters: int, recipe: Recipe) -> str:
    """Say in one sentence what is about to happen."""
    long = f"{recipe.minutes:g} minutes" if recipe.minutes else f"{recipe.epochs:g} passes"
    return (
        f"{characters:,} characters; a {recipe.size} {recipe.unit} {recipe.cell}, "
        f"{recipe.layers} x {recipe.hidden} units, for {long}"
    )


def run(trainer: Trainer, snapshot: Path, display: Display) -> bool:
    """Train to the end and return True; False where the person stopped it. Either way the best weights are kept."""
    from rnnchat.train.snapshot import save_snapshot

    saved = time.monotonic()
    with StopRequest() as stop:
        try:
            for progress in trainer.steps():
                display.progress(progress)
                if time.monotonic() - saved > SNAPSHOT_SECONDS:
                    save_snapshot(trainer, snapshot)
                    saved = time.monotonic()
                if stop.asked:
                    save_snapshot(trainer, snapshot)
                    return False
        except TrainingError as error:
            if not trainer.has_best:
                raise
            display.note(str(error))
    return True


def save(trainer: Trainer, target: Path, paths: tuple[str, ...], display: Display) -> None:
    """Save the best weights as a model."""
    from rnnchat.train.card import write_card

    checkpoint = trainer.checkpoint()
    checkpoint = replace(checkpoint, card=write_card(checkpoint.config, trainer, paths))
    checkpoint.save(target)


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

        from rnnchat.errors import SaveError

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.file = self.path.open("a")
        except OSError as error:
            raise SaveError(f"{self.path.parent} cannot be written ({error.strerror}); set RNNCHAT_HOME") from None
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.file.close()
            raise TrainingError(
                f"another rnnchat is training {self.path.stem} now; wait for it or choose another --name"
            ) from None

    def __exit__(self, *error: object) -> None:
        self.file.close()
