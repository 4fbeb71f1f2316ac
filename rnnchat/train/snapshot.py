"""Where a training stands, on disk, so that it can go on after a kill at any moment.

With the same text, recipe and seed a resumed training takes the very same steps as one that was never stopped: the
data order and the chance of every step are functions of its number, and all else that a step reads is saved here.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rnnchat.errors import TrainingError
from rnnchat.files import read_limited, recover_folder, remove_folder, replace_folder
from rnnchat.train.recipe import Recipe
from rnnchat.train.trainer import Trainer

FORMAT = 1
NUMBERS = ("step", "evaluations", "best", "worse", "running", "half_precision")
LIMIT = 4 << 30


def save_snapshot(trainer: Trainer, folder: Path) -> None:
    """Write all that the next step depends on.

    Raises:
        SaveError: the disk said no; the snapshot before is untouched.
    """
    from safetensors.torch import save

    about = {
        "format": FORMAT,
        "recipe": asdict(trainer.recipe),
        "fingerprint": trainer.corpus.fingerprint,
        "parent": trainer.config.parent,
        "seconds": trainer.seconds,
        **{name: getattr(trainer, name) for name in NUMBERS},
    }
    text = json.dumps(about, indent=1)
    tensors = {name: value.detach().contiguous() for name, value in _tensors(trainer).items()}
    replace_folder(folder, {"state.safetensors": save(tensors), "config.json": text.encode()})


def load_recipe(folder: Path) -> tuple[Recipe, str | None] | None:
    """Return the recipe of a stopped training and its parent's name; None where none was stopped.

    Raises:
        TrainingError: the snapshot is damaged.
    """
    about = _about(folder)
    return None if about is None else (Recipe(**about["recipe"]), about["parent"])


def resume(trainer: Trainer, folder: Path) -> None:
    """Put a new trainer where the stopped one was.

    Raises:
        TrainingError: the snapshot is damaged, or the text is not the one that was trained on.
    """
    from safetensors.torch import load

    about = _about(folder)
    if about is None:
        return
    if about["fingerprint"] != trainer.corpus.fingerprint:
        raise TrainingError("the text has changed since that training stopped; train anew without --resume")
    try:
        tensors = load(read_limited(folder / "state.safetensors", LIMIT))
        for parameter in trainer.parameters:
            # The optimiser makes its state at the first step; here it must be there before.
            trainer.optimizer.state[parameter] = {
                name: torch.zeros((), dtype=torch.float32) if name == "step" else torch.zeros_like(parameter)
                for name in ("step", "exp_avg", "exp_avg_sq")
            }
        with torch.no_grad():
            for name, value in _tensors(trainer).items():
                value.copy_(tensors[name])
        for name in NUMBERS:
            setattr(trainer, name, about[name])
        trainer.earlier_seconds = float(about["seconds"])
    except (KeyError, ValueError, RuntimeError, TypeError) as error:
        raise _damaged(folder) from error


def forget_snapshot(folder: Path) -> None:
    """Delete a snapshot that is no longer needed, if there is one."""
    if folder.exists():
        remove_folder(folder)


def _tensors(trainer: Trainer) -> dict[str, Tensor]:
    """Every tensor that the next step reads, under a name."""
    found: dict[str, Tensor] = {f"state.{place}": part for place, part in enumerate(trainer.state)}
    for place, parameter in enumerate(trainer.parameters):
        found[f"weight.{place}"] = parameter
        found[f"average.{place}"] = trainer.average[place]
        found[f"best.{place}"] = trainer.best_weights[place]
        for name, value in trainer.optimizer.state.get(parameter, {}).items():
            found[f"{name}.{place}"] = value
    return found


def _about(folder: Path) -> dict[str, Any] | None:
    recover_folder(folder)
    if not (folder / "config.json").exists():
        return None
    try:
        about: dict[str, Any] = json.loads(read_limited(folder / "config.json", 1 << 20))
        if about["format"] != FORMAT:
            raise ValueError(about["format"])
        Recipe(**about["recipe"])
        return about
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(folder) from error


def _damaged(folder: Path) -> TrainingError:
    return TrainingError(f"the stopped training in {folder} is damaged; train anew without --resume")
