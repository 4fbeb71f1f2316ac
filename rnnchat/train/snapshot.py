"""Where a training stands, on disk, so that it can go on after a kill at any moment.

With the same text, recipe and seed a resumed training takes the very same steps as one that was never stopped, on the
processor; a graphics card adds up in any order. The data order and the chance of every step are functions of its
number, and all else that a step reads is saved here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rnnchat.errors import ModelError, TrainingError
from rnnchat.files import read_limited, recover_folder, remove_folder, replace_folder, shown
from rnnchat.train.device import default_device, on_graphics_card
from rnnchat.train.recipe import Recipe
from rnnchat.train.trainer import Trainer

FORMAT = 3
ANEW = "train anew with --replace instead of --resume"
NUMBERS = ("step", "evaluations", "best", "worse", "running", "half_precision")
LIMIT = 4 << 30


def save_snapshot(trainer: Trainer, folder: Path) -> None:
    """Write all that the next step depends on.

    Raises:
        SaveError: the disk said no; the snapshot before is untouched.
    """
    from safetensors.torch import save

    tensors = {name: value.detach().contiguous() for name, value in _tensors(trainer).items()}
    state = save(tensors)
    about = {
        "format": FORMAT,
        "sha256": hashlib.sha256(state).hexdigest(),
        "recipe": asdict(trainer.recipe),
        "fingerprint": trainer.corpus.fingerprint,
        "parent": trainer.config.parent,
        "seconds": trainer.seconds,
        **{name: getattr(trainer, name) for name in NUMBERS},
    }
    about["check"] = _check(about)
    replace_folder(folder, {"state.safetensors": state, "config.json": json.dumps(about, indent=1).encode()})


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
        raise TrainingError(f"the text has changed since that training stopped; {ANEW}")
    try:
        state = read_limited(folder / "state.safetensors", LIMIT)
        if hashlib.sha256(state).hexdigest() != about["sha256"]:
            raise ValueError("its sha256 is not the one in config.json")
        tensors = load(state)
        for parameter in trainer.parameters:
            # The optimiser makes its state at the first step; here it must be there before.
            trainer.optimizer.state[parameter] = {
                name: torch.zeros((), dtype=torch.float32) if name == "step" else torch.zeros_like(parameter)
                for name in ("step", "exp_avg", "exp_avg_sq")
            }
        device = default_device()
        trainer.state = tuple(tensors.pop(f"state.{place}").to(device) for place in range(len(trainer.state)))
        with torch.no_grad():
            for name, value in _tensors(trainer).items():
                if not name.startswith("state."):
                    value.copy_(tensors[name])
        for name in NUMBERS:
            setattr(trainer, name, about[name])
        trainer.half_precision = trainer.half_precision and not on_graphics_card()  # it began on a processor
        trainer.earlier_seconds = float(about["seconds"])
    except torch.OutOfMemoryError:
        raise  # what is saved is whole
    except (KeyError, ValueError, RuntimeError, TypeError, ModelError) as error:
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
            raise TrainingError(f"the stopped training in {shown(folder)} is of another version; {ANEW}")
        if about.pop("check") != _check(about):
            raise ValueError("it is not what was written")
        Recipe(**about["recipe"])
        return about
    except (ValueError, KeyError, TypeError, AttributeError, ModelError, RecursionError) as error:
        raise _damaged(folder) from error


def _check(about: dict[str, Any]) -> str:
    """Return what tells a damaged config.json from a whole one."""
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def _damaged(folder: Path) -> TrainingError:
    return TrainingError(f"the stopped training in {shown(folder)} is damaged; {ANEW}")
