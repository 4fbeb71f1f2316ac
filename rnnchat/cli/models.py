"""rnnchat models: what is there, and what to do with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnchat.cli.output import emit, print_block, print_table, say

if TYPE_CHECKING:
    from rnnchat.checkpoint import Checkpoint

CONFIG_BYTES = 1 << 16
COLUMNS = ("unit", "cell", "layers", "hidden", "vocabulary", "memories", "parent")


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List, show, remove, export, import; choose the default. Alone, it lists them."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_models)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_models(as_json: bool = False) -> None:
    """List every model; * marks the default."""
    from rnnchat.places import model_folders
    from rnnchat.settings import load_settings

    default = load_settings().model
    found = [_facts(name, folder, name == default) for name, folder in model_folders().items()]
    if as_json:
        for facts in found:
            emit(facts)
        return
    if not found:
        say("there are no models; rnnchat train makes one")
    rows = []
    for facts in found:
        size = "?" if facts["layers"] is None else f"{facts['layers']} x {facts['hidden']}"
        memories = ", ".join(facts["memories"] or ["damaged"])
        megabytes = f"{facts['bytes'] / 1e6:.1f} MB"
        mark = "*" if facts["default"] else ""
        columns = (facts["unit"], facts["cell"], size, megabytes, memories, facts["parent"], facts["where"])
        rows.append((f"{facts['name']}{mark}", *(str(column or "-") for column in columns)))
    print_table(("name", "unit", "cell", "size", "on disk", "memories", "parent", "where"), rows)


@command.command("show")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show_model(name: str, as_json: bool) -> None:
    """Check a model and print its card and sizes."""
    from dataclasses import asdict

    from rnnchat.checkpoint import Checkpoint
    from rnnchat.places import find_model

    folder = find_model(name)
    checkpoint = Checkpoint.load(folder)
    values: dict[str, Any] = asdict(checkpoint.config)
    if as_json:
        emit({**values, "path": str(folder), "bytes": _size(folder), "card": checkpoint.card})
        return
    print_block(checkpoint.card.rstrip())
    tuned = values.pop("tuned")
    values = {**values, "memories": ", ".join(values["memories"]), "folder": folder, **tuned}
    click.echo()
    print_table(("what", "value"), [(key, "-" if value is None else str(value)) for key, value in values.items()])


@command.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove_model(name: str, yes: bool) -> None:
    """Delete one of your own models."""
    from rnnchat.errors import ModelError, UsageError
    from rnnchat.files import remove_folder
    from rnnchat.places import find_model, own_models

    folder = find_model(name)
    if folder.parent != own_models():
        raise ModelError(f"{name} is not one of your own models, so it stays; rnnchat models shows whose each one is")
    if folder.is_symlink():
        raise ModelError(f"{folder} is a link; delete the link itself")
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"removing {name} needs a yes; give --yes where nobody can be asked")
        if not click.confirm(f"Delete {name} ({_size(folder) / 1e6:.1f} MB)?", err=True):
            say(f"{name} stays")
            return
    remove_folder(folder)
    say(f"removed {name}")


@command.command("export")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
def export_model(name: str, folder: Path) -> None:
    """Check a model and copy it into FOLDER, which must not exist yet."""
    from rnnchat.checkpoint import Checkpoint
    from rnnchat.errors import SaveError
    from rnnchat.places import find_model

    if os.path.lexists(folder) and (not os.path.isdir(folder) or os.listdir(folder)):
        raise SaveError(f"{folder} already exists; name a new folder")
    checkpoint = Checkpoint.load(find_model(name), with_weights=True)
    say(f"exported {name} to {checkpoint.save(folder.absolute())}")


@command.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", help="What to call it here; its own name where absent.")
def import_model(folder: Path, name: str | None) -> None:
    """Check the model in FOLDER and copy it among your own."""
    from dataclasses import replace

    from rnnchat.checkpoint import Checkpoint
    from rnnchat.config import check_name
    from rnnchat.errors import SaveError
    from rnnchat.places import own_models

    if name is not None:
        check_name(name)
    checkpoint: Checkpoint = Checkpoint.load(folder, with_weights=True)
    name = name or checkpoint.config.name
    target = own_models() / name
    if os.path.lexists(target):
        raise SaveError(f"you already have a model {name}; give another --name, or rnnchat models remove {name}")
    replace(checkpoint, config=replace(checkpoint.config, name=name)).save(target)
    say(f"imported {name}; rnnchat models show {name} tells what it was trained on")


@command.command("default")
@click.argument("name", required=False)
def choose_default(name: str | None) -> None:
    """Make a model the one that is used where none is named; without NAME print which it is."""
    from rnnchat.settings import load_settings, set_setting

    if name is None:
        click.echo(load_settings().model)
        return
    say(f"{name} is the default now (in {set_setting('model', name)})")


def _facts(name: str, folder: Path, default: bool) -> dict[str, Any]:
    """Return what a list tells of a model, without checking all of it: that is what show does."""
    import json

    from rnnchat.errors import ModelError
    from rnnchat.files import read_limited
    from rnnchat.places import own_models

    where = "own" if folder.parent == own_models() else "bundled"
    try:
        config = json.loads(read_limited(folder / "config.json", CONFIG_BYTES))
        values = {key: config.get(key) for key in COLUMNS}
        if not isinstance(values["memories"], list) or not all(type(kind) is str for kind in values["memories"]):
            raise ValueError("no memories")
    except (ModelError, ValueError, AttributeError, RecursionError):
        values = dict.fromkeys(COLUMNS)
    return {"name": name, **values, "bytes": _size(folder), "where": where, "default": default, "path": str(folder)}


def _size(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.iterdir() if file.is_file())
