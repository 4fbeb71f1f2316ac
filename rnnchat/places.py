"""Where things are: what comes with the program, and what a person made.

One resolver for the wheel (data inside the package), an editable install and a checkout (data beside it).
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from rnnchat.errors import ModelError
from rnnchat.files import because, shown

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
        return _expanded(chosen).absolute()
    from platformdirs import user_data_path

    return user_data_path("rnnchat", appauthor=False)


def own_models() -> Path:
    """Return the folder of the person's own checkpoints; it may not exist yet."""
    return home() / "models"


def settings_file() -> Path:
    """Return the settings file; it may not exist yet."""
    chosen = os.environ.get("RNNCHAT_HOME")
    if chosen:
        return _expanded(chosen).absolute() / "config.toml"
    from platformdirs import user_config_path

    return user_config_path("rnnchat", appauthor=False) / "config.toml"


def model_folders() -> dict[str, Path]:
    """Return every known model's folder by name; the person's own go before bundled ones of the same name.

    Raises:
        ModelError: a folder of models is there and cannot be looked into.
    """
    found: dict[str, Path] = {}
    for parent in (bundled_folder("checkpoints"), own_models()):
        try:
            names = sorted(name for name in os.listdir(parent) if not name.startswith("."))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            advice = "mend that, or set RNNCHAT_HOME to another folder"
            raise ModelError(f"cannot look for models in {shown(parent)} ({because(error)}); {advice}") from error
        found.update((name, parent / name) for name in names if os.path.exists(parent / name / "config.json"))
    return found


def find_model(name_or_path: str | Path) -> Path:
    """Return the folder of a model, given by its name or as a path.

    Raises:
        ModelError: there is none; the nearest name is given.
    """
    text = str(name_or_path)
    if os.sep in text or text.startswith("."):
        path = _expanded(text)
        if not os.path.exists(path):
            raise ModelError(f"no model at {shown(text)}; rnnchat models lists those that are there")
        return path
    folders = model_folders()
    if text in folders:
        return folders[text]
    near = difflib.get_close_matches(text, folders, n=1, cutoff=0.5)
    advice = f"did you mean {near[0]}?" if near else "rnnchat models lists those that are there"
    raise ModelError(f"no model named {text!a:.80}; {advice}")


def _expanded(text: str) -> Path:
    """Return a path with ~ as the home folder; ~nobody stays as it is, where Path.expanduser would raise."""
    return Path(os.path.expanduser(text))
