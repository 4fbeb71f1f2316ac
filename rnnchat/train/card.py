"""The card that a checkpoint carries: what it learned from, how, and how well."""

from __future__ import annotations

from collections.abc import Sequence

from rnnchat.config import Config
from rnnchat.train.trainer import Trainer

CARD = """# {name}

A {unit}-level {cell}, {layers} x {hidden} units, embedding {embedding}, vocabulary {vocabulary:,}.

## Learned from
{paths}: {characters:,} characters, {held_out:,} more held out.

## How
{recipe}

Trained for {step:,} steps in {minutes:.1f} minutes{parent}.

## How well
{best:.4f} nats per character on the held-out text.
"""


def write_card(config: Config, trainer: Trainer, paths: Sequence[str]) -> str:
    """Return the text of CARD.md for what a trainer has made."""
    return CARD.format(
        name=config.name, unit=config.unit, cell=config.cell, layers=config.layers, hidden=config.hidden,
        embedding=config.embedding, vocabulary=config.vocabulary,
        paths=", ".join(f"`{path}`" for path in paths),
        characters=trainer.corpus.train_characters, held_out=trainer.corpus.held_out_characters,
        recipe=f"`{trainer.recipe}`", step=trainer.step, minutes=trainer.seconds / 60,
        parent=f", starting from {config.parent}" if config.parent else "", best=trainer.best,
    )  # fmt: skip
