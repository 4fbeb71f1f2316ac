"""rnnchat config: settings, and where each one comes from."""

from __future__ import annotations

import click

from rnnchat.cli.output import emit, print_table, print_text, say


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Settings: list, get, set, path. Alone, it lists them."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_settings)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_settings(as_json: bool = False) -> None:
    """List every setting with its value and where it comes from."""
    from rnnchat.settings import TABLE, load_settings

    settings = load_settings()
    for warning in settings.warnings:
        say(f"rnnchat: {warning}")
    rows = []
    for name, setting in TABLE.items():
        value = getattr(settings, name)
        if as_json:
            emit({"name": name, "value": value, "origin": settings.origin[name], "help": setting.help})
        rows.append((name, str(value), settings.origin[name], f"{setting.help} ({setting.wants})"))
    if not as_json:
        print_table(("name", "value", "origin", "what"), rows)


@command.command("get")
@click.argument("name")
def get_setting(name: str) -> None:
    """Print the value of one setting."""
    from rnnchat.settings import find_setting, load_settings

    find_setting(name)
    settings = load_settings()
    for warning in settings.warnings:
        say(f"rnnchat: {warning}")
    print_text(str(getattr(settings, name)))


@command.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("value")
def write_setting(name: str, value: str) -> None:
    """Write one setting to the settings file."""
    import os

    from rnnchat.settings import set_setting

    path = set_setting(name, value)
    say(f"{name} = {value} in {path}")
    variable = f"RNNCHAT_{name.upper()}"
    if variable in os.environ:
        say(f"but {variable}={os.environ[variable]} goes before it; unset that to use the file")


@command.command("path")
def print_path() -> None:
    """Print the path of the settings file; it may not exist yet."""
    from rnnchat.places import settings_file

    print_text(str(settings_file()))
