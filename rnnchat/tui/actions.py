"""Everything a key can do: one table, from which the bindings, the help page and the status line are made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

GROUPS = ("Suggestions", "Views", "Chat", "Write", "Everywhere")


@dataclass(frozen=True)
class Action:
    """One thing a key can do.

    Args:
        name: as the settings file calls it.
        keys: each like "f3", "alt-f", "ctrl-right".
        group: where the help page lists it.
        help: what it does, for the help page.
    """

    name: str
    keys: tuple[str, ...]
    group: str
    help: str


ACTIONS = (
    Action("accept", ("right", "end", "ctrl-e", "ctrl-f", "tab"), "Suggestions", "accept the whole suggestion"),
    Action("accept-word", ("alt-f", "ctrl-right"), "Suggestions", "accept its first word"),
    Action("accept-character", ("alt-right",), "Suggestions", "accept its first character"),
    Action("next-suggestion", ("ctrl-down", "alt-]"), "Suggestions", "show the next alternative"),
    Action("previous-suggestion", ("ctrl-up",), "Suggestions", "show the previous alternative"),
    Action("dismiss", ("escape", "ctrl-g"), "Suggestions", "dismiss it until you type on"),
    Action("ghost", ("f2",), "Suggestions", "suggestions off and on"),
    Action("help", ("f1",), "Views", "this page"),
    Action("compare", ("f3",), "Views", "the same answer with and without memory"),
    Action("compare-with", ("f9",), "Views", "compare with another voice"),
    Action("inside", ("f4",), "Views", "look inside the network"),
    Action("page", ("f5",), "Views", "change between Chat and Write"),
    Action("palette", ("f6", "alt-x"), "Views", "give a command, such as /model"),
    Action("send", ("enter",), "Chat", "send the message"),
    Action("newline", ("alt-enter", "ctrl-j"), "Chat", "begin a new line"),
    Action("scroll-up", ("pageup",), "Chat", "look back"),
    Action("scroll-down", ("pagedown",), "Chat", "look forward"),
    Action("search-history", ("ctrl-r",), "Chat", "search earlier messages; Up and Down step through them"),
    Action("save", ("f8", "ctrl-s"), "Write", "save the file"),
    Action("find", ("f7",), "Write", "find; Enter stays there, Esc goes back"),
    Action("find-next", ("alt-n",), "Write", "find the next place"),
    Action("undo", ("ctrl-_",), "Write", "undo (in most terminals Ctrl-/ sends it, too)"),
    Action("redo", ("alt-_",), "Write", "redo"),
    Action("stop", ("ctrl-c",), "Everywhere", "stop the reply, else clear the message, else leave"),
    Action("leave", ("ctrl-d",), "Everywhere", "leave, drafts are kept; within a text, delete a character"),
    Action("suspend", ("ctrl-z",), "Everywhere", "back to the shell for a while; fg returns"),
    Action("redraw", ("ctrl-l",), "Everywhere", "draw the screen anew"),
)
NAMES = {action.name: action for action in ACTIONS}

PLAIN_KEYS = {
    "enter": "enter", "tab": "tab", "escape": "escape", "space": "space", "backspace": "backspace",
    "delete": "delete", "insert": "insert", "up": "up", "down": "down", "left": "left", "right": "right",
    "home": "home", "end": "end", "pageup": "pageup", "pagedown": "pagedown",
    **{f"f{number}": f"f{number}" for number in range(1, 25)},
}  # fmt: skip
WITH_CONTROL = {"left", "right", "up", "down", "home", "end", "delete", "pageup", "pagedown"}
SIGNS = {"right": "→", "left": "←", "up": "↑", "down": "↓", "escape": "Esc", "pageup": "PageUp", "pagedown": "PageDown"}


def parse_key(text: str) -> tuple[str, ...]:
    """Return a key in prompt_toolkit's words.

    Raises:
        ValueError: there is no such key, or no terminal can tell it from another.
    """
    key = text.strip().lower()
    if key.startswith("alt-") and len(key) > 4:
        rest = parse_key(key[4:])
        # Alt-[ is how terminals begin the codes of arrows and function keys.
        if len(rest) == 1 and rest != ("[",):
            return ("escape", *rest)
    elif key.startswith("ctrl-"):
        rest_of = key[5:]
        if re.fullmatch(r"[a-z_\\^\]]", rest_of) or rest_of in WITH_CONTROL:
            return ("tab",) if rest_of == "i" else ("enter",) if rest_of == "m" else (f"c-{rest_of}",)
    elif key == "shift-tab":
        return ("s-tab",)
    elif key in PLAIN_KEYS:
        return (PLAIN_KEYS[key],)
    elif len(key) == 1 and key.isprintable():
        return (key,)
    raise ValueError(text)


def key_name(key: str) -> str:
    """Return a key as people write it: "ctrl-right" as "Ctrl-→"."""
    parts = key.split("-") if not key.endswith("-") else [key]
    return "-".join(SIGNS.get(part, part.capitalize() if len(part) > 1 or len(parts) > 1 else part) for part in parts)


def remapped(table: Mapping[str, tuple[object, str]]) -> tuple[tuple[Action, ...], list[str]]:
    """Return the actions with the keys that [keys] of the settings file gives them, and what is wrong in it.

    Args:
        table: action name → a key, a list of keys, or "" or [] for none; and where that stands.
    """
    warnings: list[str] = []
    actions = dict(NAMES)
    for name, (value, where) in table.items():
        if name not in NAMES:
            near = get_close_matches(name, NAMES, n=1, cutoff=0.5)
            advice = f"did you mean {near[0]}?" if near else "F1 lists what keys can do"
            warnings.append(f"{where}: nothing is called {name!a:.60}; {advice}")
            continue
        keys = _keys_in(value)
        if keys is None:
            warnings.append(f'{where}: {name} must be keys like "f3", "alt-f", "ctrl-right", not {value!a:.60}')
            continue
        actions[name] = replace(NAMES[name], keys=keys)
    return tuple(actions.values()), [*warnings, *_clashes(actions.values())]


def with_enter_for_newline(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """Return the actions with Enter for a new line, and what made one for sending."""
    swap = {"enter": "alt-enter", "alt-enter": "enter"}

    def swapped(action: Action) -> Action:
        if action.name not in ("send", "newline"):
            return action
        return replace(action, keys=tuple(swap.get(key, key) for key in action.keys))

    return tuple(map(swapped, actions))


def _keys_in(value: object) -> tuple[str, ...] | None:
    """Return the keys that a value of the settings file stands for; None where it makes no sense."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(key, str) for key in given):
        return None
    keys = tuple(key.strip().lower() for key in given if key.strip())
    try:
        for key in keys:
            if key.isprintable() and len(key) == 1:
                return None  # it could not be typed any more
            parse_key(key)
    except ValueError:
        return None
    return keys


def _clashes(actions: Iterable[Action]) -> list[str]:
    """Say which keys were given to two actions that are there at the same time."""
    found: dict[tuple[str, ...], Action] = {}
    clashes = []
    for action in actions:
        for key in action.keys:
            first = found.setdefault(parse_key(key), action)
            apart = {first.group, action.group} == {"Chat", "Write"}
            if first is not action and not apart:
                clashes.append(f"{key_name(key)} is given to both {first.name} and {action.name}; the later one has it")
    return clashes
