"""`rnnchat train`: read texts, train a network, save it as a model."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnchat.cli.options import Number
from rnnchat.cli.train_guards import StopRequest, TrainingLock, check_agrees, refuse_to_overwrite, require_torch
from rnnchat.errors import SaveError, TrainingError, UsageError

if TYPE_CHECKING:
    from rnnchat.checkpoint import Checkpoint
    from rnnchat.cli.train_display import Display
    from rnnchat.text import Document
    from rnnchat.train.recipe import Recipe
    from rnnchat.train.trainer import Trainer

SNAPSHOT_SECONDS = float(os.environ.get("RNNCHAT_SNAPSHOT_SECONDS", "30"))
INTERRUPTED = 130
WHOLE = 0.97  # of the text lies in documents that a row of the pointer's training holds whole, if it can
# A text is read no further than a budget in minutes can learn from, in characters a second.
READ_PER_SECOND = 60_000
# Of the held-out text, for the mixture and for the probabilities: a few seconds' worth.
TUNING_CHARACTERS, TYPED_CHARACTERS = 6_000, 600


@click.command("train", help="Train a model on text files and folders.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--name", required=True, help="Name of the model that comes out.")
@click.option(
    "--unit", type=click.Choice(["char", "word"]), help="What a token is; chosen by the text's size if absent."
)
@click.option("--cell", type=click.Choice(["lstm", "gru", "rnn", "feedforward"]), default=None, help="lstm if absent.")
@click.option("--pointer", is_flag=True, help="For dialogues: learns to repeat what was said, names never seen too.")
@click.option("--size", type=click.Choice(["small", "medium", "large"]), help="Chosen by text and budget if absent.")
@click.option("--minutes", type=Number(0.05, 10_000), help="Wall time to train for.")
@click.option("--epochs", type=Number(0.001, 100_000), help="Passes over the text.")
@click.option("--learning-rate", type=Number(1e-7, 1.0), help="The peak; chosen by the unit if absent.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="What computes; a graphics card if torch finds one.")
@click.option("--start-from", metavar="MODEL", help="Go on from this model's weights, on other text.")
@click.option("--resume", is_flag=True, help="Go on with a training of this name that was stopped.")
@click.option("--replace", "overwrite", is_flag=True, help="Replace a model of this name.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="0 if absent.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each event.")
def command(paths: tuple[str, ...], name: str, as_json: bool, **options: Any) -> None:
    """Train and save; see the options' help."""
    began = time.monotonic()
    from rnnchat.config import check_name
    from rnnchat.places import home, own_models

    check_name(name)
    if options["minutes"] is not None and options["epochs"] is not None:
        raise UsageError("--minutes and --epochs are two ways to say how long; give one of them")
    target, snapshot = own_models() / name, home() / "training" / name
    with TrainingLock(snapshot):
        refuse_to_overwrite(target, snapshot, options)
        require_torch()
        from rnnchat.cli.train_display import open_display
        from rnnchat.train.device import computing_on
        from rnnchat.train.snapshot import forget_snapshot

        with computing_on(options["device"]), open_display(as_json) as display:
            trainer, notes = prepare(paths, name, options, snapshot, began)
            if not options["resume"]:
                forget_snapshot(snapshot)
            for note in notes:
                display.note(note)
            code = run(trainer, snapshot, display)
            save(trainer, target, paths, snapshot)
            if code == INTERRUPTED:
                display.note(f"stopped; the best so far is saved as {name}{how_to_go_on(paths, options, snapshot)}")
            else:
                forget_snapshot(snapshot)
                display.done(name, target, trainer)
    if code:
        sys.exit(code)


def prepare(
    paths: tuple[str, ...], name: str, options: dict[str, Any], snapshot: Path, began: float
) -> tuple[Trainer, list[str]]:
    """Read the texts and return a trainer at its first step, or where a stopped training was."""
    from rnnchat.train.corpus import MAX_CHARACTERS, build_corpus, gather
    from rnnchat.train.device import on_graphics_card
    from rnnchat.train.recipe import CARD
    from rnnchat.train.snapshot import load_recipe, resume
    from rnnchat.train.trainer import Trainer

    stopped = load_recipe(snapshot) if options["resume"] else None
    if stopped:
        check_agrees(stopped[0], options)
    parent_name = options["start_from"] or (stopped[1] if stopped else None)
    parent = load_parent(parent_name) if parent_name else None
    if stopped and stopped[1] != (parent.config.name if parent else None):
        raise UsageError(f"the stopped training started from {stopped[1] or 'no model'}; leave --start-from out")
    minutes = stopped[0].minutes if stopped else options["minutes"]
    speed = READ_PER_SECOND * (CARD if on_graphics_card() else 1)
    limit = MAX_CHARACTERS if minutes is None else min(MAX_CHARACTERS, int(60 * minutes * speed) + 1_000_000)
    seed = stopped[0].seed if stopped else options["seed"] or 0
    documents, notes = gather(paths, seed, limit)
    characters = sum(document.characters for document in documents)
    recipe = stopped[0] if stopped else choose_recipe(characters, options, parent, documents)
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


def choose_recipe(
    characters: int, options: dict[str, Any], parent: Checkpoint | None, documents: Sequence[Document]
) -> Recipe:
    """Return the recipe for the text, the options and the checkpoint to start from.

    Raises:
        UsageError: an option contradicts that checkpoint.
    """
    from rnnchat.train.device import on_graphics_card
    from rnnchat.train.recipe import FINE_TUNING_RATE, recipe_for

    if options["pointer"] and options["cell"] == "feedforward":
        raise UsageError("--pointer needs a memory to point into; leave it out with --cell feedforward")
    if parent is not None:
        for option, value in (("unit", parent.config.unit), ("cell", parent.config.cell)):
            if options[option] not in (None, value):
                raise UsageError(f"{parent.config.name} has --{option} {value}; leave that option out to start from it")
        if options["pointer"]:
            raise UsageError(f"--pointer is decided by {parent.config.name} when starting from it; leave that out")
        if options["size"]:
            raise UsageError(f"--size is that of {parent.config.name} when starting from it; leave that option out")
        options = {**options, "unit": parent.config.unit, "cell": parent.config.cell}
        options["pointer"] = parent.config.attention > 0
    recipe = recipe_for(
        characters,
        unit=options["unit"],
        cell=options["cell"] or "lstm",
        size=options["size"],
        minutes=options["minutes"],
        epochs=options["epochs"],
        seed=options["seed"] or 0,
        pointer=options["pointer"],
        long_document=long_document(documents),
        graphics_card=on_graphics_card(),
    )
    if parent is not None:
        made = parent.config
        recipe = replace(
            recipe, layers=made.layers, hidden=made.hidden, embedding=made.embedding, vocabulary=made.vocabulary,
            tied=made.tied, attention=made.attention, learning_rate=recipe.learning_rate * FINE_TUNING_RATE,
        )  # fmt: skip
    if options["learning_rate"]:
        recipe = replace(recipe, learning_rate=options["learning_rate"])
    return recipe


def long_document(documents: Sequence[Document]) -> int:
    """Return a length in characters that the documents which hold WHOLE of the text do not exceed."""
    lengths = sorted(len(document.turns) + document.characters for document in documents)
    total, passed = sum(lengths), 0
    for length in lengths:
        passed += length
        if passed >= WHOLE * total:
            return length
    return 0


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


def run(trainer: Trainer, snapshot: Path, display: Display) -> int:
    """Train; return the exit code: 0 at the end, 1 where it broke off, 130 where the person stopped it.

    In each case the best weights are kept.
    """
    from rnnchat.train.snapshot import save_snapshot

    saved, told = time.monotonic(), ""
    with StopRequest() as stop:
        try:
            for progress in trainer.steps():
                display.progress(progress)
                if stop.asked or time.monotonic() - saved > SNAPSHOT_SECONDS:
                    try:
                        save_snapshot(trainer, snapshot)
                    except SaveError as error:  # what is learned is worth more than a way to go on with it
                        if str(error) != told:
                            display.note(f"{error}; the training goes on meanwhile")
                        told = str(error)
                    saved = time.monotonic()
                if stop.asked:
                    return INTERRUPTED
        except TrainingError as error:
            if not trainer.has_best:
                raise
            display.note(str(error))
            return 1
    return 0


def save(trainer: Trainer, target: Path, paths: tuple[str, ...], snapshot: Path) -> None:
    """Save the best weights as a model.

    Raises:
        SaveError: the disk said no; if it can be, what was learned is kept in the snapshot.
    """
    from rnnchat.train.card import write_card
    from rnnchat.train.snapshot import save_snapshot

    checkpoint = trainer.checkpoint()
    checkpoint = replace(checkpoint, card=write_card(checkpoint.config, trainer, paths))
    try:
        checkpoint.save(target)
        tuned(checkpoint, trainer).save(target)
    except SaveError as error:
        with suppress(SaveError):
            save_snapshot(trainer, snapshot)
        if (snapshot / "config.json").exists():
            raise SaveError(f"{error} with --resume, which goes on from what is kept of the training") from error
        raise


def tuned(checkpoint: Checkpoint, trainer: Trainer) -> Checkpoint:
    """Return the trained checkpoint with its mixture and its probabilities fitted to the held-out text."""
    from rnnchat.train.corpus import decode_documents
    from rnnchat.tune import Author, texts_of, tune

    corpus = trainer.corpus
    texts = texts_of(decode_documents(corpus.held_out, corpus.vocabulary), TUNING_CHARACTERS)
    half = len(texts) // 2
    return tune(checkpoint, [Author(texts[:half], texts[half:])], TYPED_CHARACTERS)


def how_to_go_on(paths: tuple[str, ...], options: dict[str, Any], snapshot: Path) -> str:
    """Return the end of the sentence that tells how a stopped training goes on; "" where it cannot."""
    if not (snapshot / "config.json").exists():
        return ""
    parent = ["--start-from", options["start_from"]] if options["start_from"] else []
    device = ["--device", options["device"]] if options["device"] else []
    again = shlex.join(["rnnchat", "train", *paths, "--name", snapshot.name, "--resume", *parent, *device])
    return f", and this goes on with it: {again}"
