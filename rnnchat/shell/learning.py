"""Which network speaks for commands: the person's own where one was trained, else the bundled one."""

from __future__ import annotations

from pathlib import Path

from rnnchat.places import bundled_folder, own_models

BUNDLED, OWN = "shell", "shell-own"
RETRAIN = "retrain"  # the file that says that something was forgotten since the last training


def own_network() -> Path | None:
    """Return the folder of the network that was trained on the person's history, if there is one."""
    folder = own_models() / OWN
    return folder if (folder / "config.json").exists() else None


def find_network() -> Path:
    """Return the folder of the network to use."""
    return own_network() or bundled_folder("checkpoints") / BUNDLED
