"""What a person prefers: one table of settings, a TOML file, and the environment.

The environment goes before the file, the file before the default; `Settings.origin` tells which one it was. A damaged
file or a wrong value never stops completion: the default is used, and `Settings.warnings` tells why.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from rnnchat.errors import SaveError, SettingsError
from rnnchat.files import because, shown, write_file
from rnnchat.places import find_model, settings_file

Memory = Literal["full", "message", "none"]
Value = str | int | float
MOST_BYTES = 1 << 16


@dataclass(frozen=True)
class Setting:
    """One line of the table; `default` also tells the type."""

    name: str
    default: Value
    help: str
    low: float = 0
    high: float = 0
    choices: tuple[str, ...] = ()

    @property
    def wants(self) -> str:
        """What a value must be, in words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if isinstance(self.default, str):
            return "a name"
        kind = "a whole number" if isinstance(self.default, int) else "a number"
        return f"{kind} from {self.low:g} to {self.high:g}"


TABLE = {
    setting.name: setting
    for setting in (
        Setting("model", "everyday", "the model that completes and writes where none is named"),
        Setting("memory", "full", "what the model remembers", choices=("full", "message", "none")),
        Setting("chat_model", "chat", "the model that talks where none is named"),
        Setting("suggestions", "on", "whether anything is suggested as you type", choices=("on", "off")),
        Setting("threshold", 0.32, "below this probability completion as you type stays silent", 0, 1),
        Setting("words", 4, "the longest suggestion, in words", 1, 12),
        Setting("offensive", "hide", "offensive words that you did not write yourself", choices=("hide", "show")),
        Setting("temperature", 0.4, "how freely replies are chosen; 0 always takes the likeliest", 0, 2),
        Setting("tab", "on", "whether Tab, too, accepts what the app suggests", choices=("on", "off")),
        Setting("theme", "auto", "the app's colours", choices=("auto", "dark", "light", "contrast", "none")),
        Setting("editing", "emacs", "whose keys the app's editors follow", choices=("emacs", "vi")),
        Setting("mouse", "off", "whether the app takes the mouse from the terminal", choices=("on", "off")),
        Setting("enter", "send", "what Enter does to a message; Alt-Enter does the other", choices=("send", "newline")),
        Setting("sessions", "on", "whether conversations are saved on this machine", choices=("on", "off")),
        Setting("top_p", 0.9, "replies are chosen among the likeliest tokens of this total probability", 0.05, 1),
    )
}


@dataclass(frozen=True)
class Settings:
    """All settings.

    Args:
        origin: setting name → "default", the settings file's path, or the environment variable's name.
        warnings: what was wrong in the file or the environment; the default stands in for it.
        keys: the table [keys] of the file: what the app is asked to do → keys, and where that stands.
    """

    model: str
    chat_model: str
    memory: Memory
    suggestions: Literal["on", "off"]
    threshold: float
    words: int
    offensive: Literal["hide", "show"]
    temperature: float
    sessions: Literal["on", "off"]
    top_p: float
    tab: str
    theme: str
    editing: str
    mouse: str
    enter: str
    origin: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    keys: Mapping[str, tuple[object, str]] = field(default_factory=dict)

    def talker(self, model: str) -> str:
        """Return which model answers where `model` completes: `chat_model` beside the usual one, any other itself."""
        return self.chat_model if model == self.model else model


def load_settings() -> Settings:
    """Return what holds now; raises nothing on account of what a file or the environment says."""
    values: dict[str, Any] = {name: setting.default for name, setting in TABLE.items()}
    origin = dict.fromkeys(TABLE, "default")
    warnings: list[str] = []
    path = settings_file()
    found, text = _read(path, warnings)
    keys = _keys_of(found, path, text, warnings)
    for name, value in found.items():
        where = f"{path}{_line_of(name, text)}"
        try:
            values[name] = check_value(name, value)
            origin[name] = str(path)
        except SettingsError as error:
            warnings.append(f"{where}: {error}")
    for name in TABLE:
        variable = f"RNNCHAT_{name.upper()}"
        if variable in os.environ:
            try:
                values[name] = parse_value(name, os.environ[variable])
                origin[name] = variable
            except SettingsError as error:
                warnings.append(f"{variable}: {error}")
    return Settings(**values, origin=origin, warnings=tuple(warnings), keys=keys)


def set_setting(name: str, value: str) -> Path:
    """Write one setting to the file, whose comments stay; return the file.

    Raises:
        SettingsError: no such setting, a wrong value, or the file is damaged.
        ModelError: `value` is to be the default model, and there is none of that name.
        SaveError: the disk said no.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    checked = parse_value(name, value)
    if name in ("model", "chat_model"):
        find_model(value)
    path = Path(os.path.realpath(settings_file()))  # a linked settings file stays linked
    try:
        document = tomlkit.parse(path.read_bytes()) if path.exists() else tomlkit.document()
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise SettingsError(f"{path} is no TOML ({error}); mend or delete it") from error
    except OSError as error:
        raise SettingsError(f"cannot read {shown(path)} ({because(error)}); check its permissions") from error
    document[name] = checked
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(f"cannot make the folder {shown(path.parent)} ({because(error)}); mend that first") from error
    write_file(path, tomlkit.dumps(document).encode())
    return path


def find_setting(name: str) -> Setting:
    """Return a line of the table.

    Raises:
        SettingsError: no such setting; the nearest name is given.
    """
    if name in TABLE:
        return TABLE[name]
    from difflib import get_close_matches

    near = get_close_matches(name, TABLE, n=1, cutoff=0.5)
    advice = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(TABLE)}"
    raise SettingsError(f"no setting {name!a:.80}; {advice}")


def parse_value(name: str, text: str) -> Value:
    """Return the value that `text`, from the command line or the environment, stands for.

    Raises:
        SettingsError: no such setting, or a wrong value.
    """
    setting = find_setting(name)
    try:
        return check_value(name, type(setting.default)(text.strip()))
    except (ValueError, SettingsError):
        raise _wrong(setting, text) from None


def check_value(name: str, value: object) -> Value:
    """Return `value` if the setting may have it; a whole number serves where a number is wanted.

    Raises:
        SettingsError: no such setting, or a wrong value.
    """
    setting = find_setting(name)
    if isinstance(setting.default, str):
        if isinstance(value, str) and value and value.isprintable() and value in (setting.choices or (value,)):
            return value
        raise _wrong(setting, value)
    number: Any = value
    is_number = type(value) is int or (isinstance(setting.default, float) and isinstance(value, float))
    if is_number and setting.low <= number <= setting.high:
        return type(setting.default)(number)
    raise _wrong(setting, value)


def _wrong(setting: Setting, value: object) -> SettingsError:
    return SettingsError(f"{setting.name} must be {setting.wants}, not {value!a:.80}; the default is {setting.default}")


def _read(path: Path, warnings: list[str]) -> tuple[dict[str, Any], str]:
    """Return the file's table and its text; empty ones where there is no file, or where it cannot be used."""
    import tomllib

    try:
        if not path.is_file():  # a pipe of that name must not be waited for
            return {}, ""
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES} bytes")
        text = data.decode()
        return tomllib.loads(text), text
    except (OSError, ValueError, RecursionError) as error:
        reason = because(error) if isinstance(error, OSError) else str(error)
        warnings.append(f"{shown(path)} cannot be used ({reason}); mend or delete it, the defaults hold until then")
        return {}, ""


def _keys_of(found: dict[str, Any], path: Path, text: str, warnings: list[str]) -> dict[str, tuple[object, str]]:
    """Take the table [keys] out of what was found; the app knows what its entries mean."""
    keys = found.pop("keys", {})
    if not isinstance(keys, dict):
        warnings.append(f"{path}{_line_of('keys', text)}: keys must be a table, [keys]; the default keys hold")
        return {}
    return {name: (value, f"{path}{_line_of(name, text)}") for name, value in keys.items()}


def _line_of(name: str, text: str) -> str:
    """Return ", line N" for the line that sets `name`, if it is found."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip(" \t[\"'").startswith(name):
            return f", line {number}"
    return ""
