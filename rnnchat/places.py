"""Where things are: what comes with the program, and what a person made.

One resolver for the wheel (data inside the package), an editable install and a checkout (data beside it).
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from rnnchat.errors import ModelError

PACKAGE = Path(__file__).parent


def bundled_folder(kind: str) -> Path:
    """Return the folder of the bundled "checkpoints" or "corpora".

    Raises:
        ModelError: the installation lacks it.
    """
    for folder in (PACKAGE / "_data" / kind, PACKAGE.parent / kind):
        if folder.is_dir():
            return folder
    raise ModelError(f"the installation lacks its {kind}; install rnnchat again")


def home() -> Path:
    """Return the folder for everything the person makes: RNNCHAT_HOME, else the platform's data folder."""
    chosen = os.environ.get("RNNCHAT_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("rnnchat", appauthor=False)


def own_models() -> Path:
    """Return the folder of the person's own checkpoints; it may not exist yet."""
    return home() / "models"


def settings_file() -> Path:
    """Return the settings file; it may not exist yet."""
    chosen = os.environ.get("RNNCHAT_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute() / "config.toml"
    from platformdirs import user_config_path

    return user_config_path("rnnchat", appauthor=False) / "config.toml"


def model_folders() -> dict[str, Path]:
    """Return every known model's folder by name; the person's own go before bundled ones of the same name."""
    found: dict[str, Path] = {}
    for parent in (bundled_folder("checkpoints"), own_models()):
        if parent.is_dir():
            names = sorted(entry for entry in parent.iterdir() if (entry / "config.json").exists())
            found.update((entry.name, entry) for entry in names if not entry.name.startswith("."))
    return found


def find_model(name_or_path: str | Path) -> Path:
    """Return the folder of a model, given by its name or as a path.

    Raises:
        ModelError: there is none; the nearest name is given.
    """
    text = str(name_or_path)
    if os.sep in text or text.startswith("."):
        path = Path(text).expanduser()
        if not path.exists():
            raise ModelError(f"no model at {text}; rnnchat models lists those that are there")
        return path
    folders = model_folders()
    if text in folders:
        return folders[text]
    near = difflib.get_close_matches(text, folders, n=1, cutoff=0.5)
    advice = f"did you mean {near[0]}?" if near else "rnnchat models lists those that are there"
    raise ModelError(f"no model named {text!a:.80}; {advice}")
